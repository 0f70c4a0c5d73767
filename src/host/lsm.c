/* SPDX-License-Identifier: Apache-2.0 */
/* Which security modules of the kernel are on. Runs as HOST, only for those that are asked about;
 * changes nothing. */
#include "host/lsm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "config.h"
#include "sys/landlock.h"
#include "sys/process.h"

/* securityfs may not be mounted: the module's parameter is there without it. */
static bool apparmor_enabled(void)
{
	char enabled = 'N';
	AUTO_CLOSE int fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	return fd >= 0 && fd_read_all(fd, &enabled, 1) == 1 && enabled == 'Y';
}

/* selinuxfs is mounted by whoever loads a policy. As libselinux does it, /selinux aside. */
static bool selinux_enabled(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

void host_probe_lsm(bool apparmor, bool selinux, bool landlock, struct host_facts *facts)
{
	if (apparmor)
		facts->apparmor = !WITH_APPARMOR       ? LSM_NOT_BUILT
				  : apparmor_enabled() ? LSM_ON
						       : LSM_OFF;
	if (selinux)
		facts->selinux = !WITH_SELINUX	     ? LSM_NOT_BUILT
				 : selinux_enabled() ? LSM_ON
						     : LSM_OFF;
	if (landlock) {
		int version = sys_landlock_version();
		facts->landlock = version < 0 ? 0 : version;
	}
}

/* In a child: what is written there holds for the next execve of whoever writes it. The list of
 * profiles in securityfs would not do, which may not be mounted and knows no namespaces. */
int host_apparmor_knows(const char *profile)
{
	char text[1024];
	int status = 0;
	int n = snprintf(text, sizeof text, "exec %s", profile);
	if (n < 0 || (size_t)n >= sizeof text)
		return -ENAMETOOLONG;
	pid_t pid = sys_spawn(&(struct spawn){ .cgroup_fd = -1 });
	if (pid == 0) {
		int fd = open("/proc/thread-self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC);
		if (fd < 0) /* before Linux 5.1 */
			fd = open("/proc/thread-self/attr/exec", O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			_exit(EIO);
		_exit(write(fd, text, (size_t)n) < 0 ? errno : 0);
	}
	int r = pid < 0 ? (int)pid : sys_wait_child(pid, &status);
	return r < 0 ? r : WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
