/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are, and what others are called. HOST only. */
#include "base/identity.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* PROC_USER_INIT_INO of the kernel's linux/proc_ns.h, since 3.8 */
static const ino_t INITIAL_USER_NAMESPACE = 0xEFFFFFFDU;

bool is_initial_user_namespace(void)
{
	struct stat st;
	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == INITIAL_USER_NAMESPACE;
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
