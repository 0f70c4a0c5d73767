/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are, and what others are called. HOST only. */
#include "base/identity.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* PROC_USER_INIT_INO of the kernel's linux/proc_ns.h, 0xEFFFFFFD, since 3.8. Read from the link:
 * its target has no place in the file system tree, which is why AppArmor may refuse to stat it. */
bool is_initial_user_namespace(void)
{
	static const char initial[] = "user:[4026531837]";
	char text[sizeof initial];
	ssize_t n = readlink("/proc/self/ns/user", text, sizeof text);
	return n == sizeof initial - 1 && memcmp(text, initial, sizeof initial - 1) == 0;
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
