/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether newuidmap(1) and newgidmap(1) can do their work: what takes the rights from a set-user-ID
 * program. Runs as HOST; changes nothing and executes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/capability.h>

#include "host/subid.h"
#include "sys/process.h"

/* Where steps/host/init_setup.c will find it: PATH, then /usr/bin. */
static const char *find_program(struct arena *arena, const char *name)
{
	const char *path = getenv("PATH");
	for (const char *p = path ? path : ""; *p;) {
		size_t n = strcspn(p, ":");
		const char *file = arena_printf(arena, "%.*s/%s", (int)n, p, name);
		struct stat st;
		if (file && n && stat(file, &st) == 0 && S_ISREG(st.st_mode) &&
			access(file, X_OK) == 0)
			return file;
		p += n + (p[n] == ':');
	}
	const char *usual = arena_printf(arena, "/usr/bin/%s", name);
	return usual && access(usual, X_OK) == 0 ? usual : NULL;
}

static bool is_root_owned_setuid(const char *file)
{
	struct stat st;
	return stat(file, &st) == 0 && (st.st_mode & S_ISUID) && st.st_uid == 0;
}

static struct missing look_at(struct arena *arena, const char *name, unsigned capability)
{
	const char *file = find_program(arena, name);
	struct statvfs fs;
	if (!file)
		return (struct missing){ arena_printf(arena, "%s is not installed", name),
			"install the package uidmap (shadow-utils)" };
	if (!is_root_owned_setuid(file) && getxattr(file, "security.capability", NULL, 0) <= 0)
		return (struct missing){
			arena_printf(arena,
				"%s is neither set-user-ID root nor has it a file capability",
				file),
			arena_printf(arena, "as root `chmod u+s %s`", file)
		};
	if (statvfs(file, &fs) == 0 && (fs.f_flag & ST_NOSUID))
		return (struct missing){
			arena_printf(arena, "%s is on a file system that is mounted nosuid", file),
			"mount it without nosuid"
		};
	/* CAPBSET_READ: what a set-user-ID program gets is never more than the bounding set */
	if (sys_prctl(PR_CAPBSET_READ, capability) == 0)
		return (struct missing){
			arena_printf(arena,
				"%s cannot get CAP_SET%cID: it is not in the bounding set", name,
				capability == CAP_SETUID ? 'U' : 'G'),
			"let the outer container keep this capability"
		};
	return (struct missing){ 0 };
}

void host_probe_map_helpers(struct arena *arena, struct missing *ret)
{
	*ret = look_at(arena, "newuidmap", CAP_SETUID);
	if (!ret->what)
		*ret = look_at(arena, "newgidmap", CAP_SETGID);
	if (!ret->what && sys_prctl(PR_GET_NO_NEW_PRIVS, 0) == 1)
		*ret = (struct missing){
			"newuidmap cannot get its rights: no_new_privs is set on this process",
			"start oci-rt without it (systemd: NoNewPrivileges=no)"
		};
}
