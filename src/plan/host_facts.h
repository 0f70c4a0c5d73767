/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cgroup_host;
struct resctrl_host;

/* Of a kernel security module, as far as this build can use it. */
enum lsm_state { LSM_OFF, LSM_ON, LSM_NOT_BUILT };

/*
 * What the decisions need to know of this machine and of the calling process. Plain data: src/host
 * fills it by looking, tests make it up. Const once filled.
 */
struct host_facts {
	uint32_t euid, egid;
	uint64_t caps;	       /* effective, in the caller's own user namespace */
	unsigned last_cap;     /* the kernel's highest capability number */
	bool initial_userns;   /* "real root" is caps in the initial user namespace, not euid 0 */
	bool setgroups_denied; /* /proc/self/setgroups of the caller's user namespace */
	/* looked for only where a config asks for them */
	enum lsm_state selinux, apparmor;
	/* likewise, of a new sysfs in a user namespace: what masks the one here; NULL: nothing */
	const char *sysfs_mask;
	const struct cgroup_host *cgroup;   /* hierarchies of this host, never NULL */
	const struct resctrl_host *resctrl; /* NULL: no config asks for it */
	unsigned listen_fds;		    /* LISTEN_FDS, when LISTEN_PID is ours */
};

static inline bool host_can(const struct host_facts *host, unsigned capability)
{
	return host->caps >> capability & 1;
}
