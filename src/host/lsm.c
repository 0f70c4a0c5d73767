/* SPDX-License-Identifier: Apache-2.0 */
/* Which security modules of the kernel are on. Runs as HOST, only for those that are asked about;
 * changes nothing. */
#include "host/lsm.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "config.h"
#include "sys/landlock.h"

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
