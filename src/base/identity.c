/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are, and what others are called. HOST only. */
#include "base/identity.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* PROC_USER_INIT_INO of the kernel's linux/proc_ns.h, 0xEFFFFFFD, since 3.8. Read from the link:
 * its target has no place in the file system tree, which is why AppArmor may refuse to stat it. */
static const char INITIAL_USER_NAMESPACE[] = "user:[4026531837]";

/* Asked once: what is decided here as root's and there as a user's would be neither. */
static enum { UNKNOWN, INITIAL, OTHER } user_namespace;

int identity_probe(struct error *e)
{
	char text[32];
	if (user_namespace != UNKNOWN)
		return 0;
	ssize_t n = readlink("/proc/self/ns/user", text, sizeof text - 1);
	if (n < 0)
		return access("/proc/self", F_OK) < 0
			       ? error_set(e, ERROR_SYSTEM, ENOENT,
					 "no procfs is mounted on /proc; mount -t proc proc /proc")
			       : error_errno(e, errno,
					 "look at the user namespace, /proc/self/ns/user");
	text[n] = '\0';
	user_namespace = strcmp(text, INITIAL_USER_NAMESPACE) == 0 ? INITIAL : OTHER;
	return 0;
}

bool is_initial_user_namespace(void)
{
	struct error ignored;
	return identity_probe(&ignored) == 0 && user_namespace == INITIAL;
}

bool is_real_root(void)
{
	return geteuid() == 0 && is_initial_user_namespace();
}

const char *user_name(uid_t uid, char buffer[static USER_NAME_SIZE])
{
	if (uid == 0)
		return strcpy(buffer, "root");
	snprintf(buffer, USER_NAME_SIZE, "#%u", uid);
	FILE *f = fopen("/etc/passwd", "re");
	if (!f)
		return buffer;
	struct passwd *p;
	while ((p = fgetpwent(f)))
		if (p->pw_uid == uid) {
			snprintf(buffer, USER_NAME_SIZE, "%s", p->pw_name);
			break;
		}
	fclose(f);
	return buffer;
}
