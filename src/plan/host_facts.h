/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cgroup_host;
struct resctrl_host;

/* Of a kernel security module, as far as this build can use it. */
enum lsm_state { LSM_OFF, LSM_ON, LSM_NOT_BUILT };

struct id_range {
	uint32_t first, count;
};
struct id_range_list {
	size_t n;
	struct id_range *v;
};

/* What is not there, and the command that mends it. `what` NULL: all is there. */
struct missing {
	const char *what, *remedy;
};

/* The ids that this user may map besides the own one, and what maps them. */
struct subid_facts {
	struct id_range_list uids, gids; /* as far as our own user namespace has them */
	struct missing ranges, helper;	 /* newuidmap and newgidmap */
};

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
	int landlock; /* version of its interface; 0: not there */
	/* likewise, of a new sysfs in a user namespace: what masks the one here; NULL: nothing */
	const char *sysfs_mask;
	const struct cgroup_host *cgroup;   /* hierarchies of this host, never NULL */
	const struct resctrl_host *resctrl; /* NULL: no config asks for it */
	unsigned listen_fds;		    /* LISTEN_FDS, when LISTEN_PID is ours */
	/* by RLIMIT_*: what this process may have at most; NULL: no config asks for it */
	const uint64_t *hard_limits;
	int oom_score_adj; /* of this process */
	/* for each of linux.devices: its place here, NULL: there is none; NULL: nobody has looked
	 */
	const char *const *device_sources;
	const struct subid_facts *subids; /* NULL: idmap_needs_ranges() says no */
};

static inline bool host_can(const struct host_facts *host, unsigned capability)
{
	return host->caps >> capability & 1;
}
