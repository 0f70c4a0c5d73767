/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are, and what others are called. HOST only. */
#include "base/identity.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* PROC_USER_INIT_INO of the kernel's linux/proc_ns.h, since 3.8 */
static const ino_t INITIAL_USER_NAMESPACE = 0xEFFFFFFDU;

/* Asked once: what is decided here as root's and there as a user's would be neither. */
static enum { UNKNOWN, INITIAL, OTHER } user_namespace;

int identity_probe(struct error *e)
{
	struct stat st;
	if (user_namespace != UNKNOWN)
		return 0;
	if (stat("/proc/self/ns/user", &st) < 0)
		return error_errno(e, errno, "look at the user namespace, /proc/self/ns/user");
	user_namespace = st.st_ino == INITIAL_USER_NAMESPACE ? INITIAL : OTHER;
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
