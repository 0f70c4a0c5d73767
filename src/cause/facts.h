/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libocispec/runtime/namespaces.h"
#include "libocispec/values.h"

/* What causes are decided on. Plain data: cause/look.h fills it, tests make it up. */

struct process_facts {
	uint32_t euid, egid;
	bool initial_userns;
	bool has_sys_admin, has_mknod; /* in the caller's own user namespace */
	bool no_new_privs;
	unsigned seccomp; /* filters that hold over this process: 0 none */
	/* What the kernel says to a call that it refuses for its nonsense before it looks at
	 * rights: EINVAL. Another errno is a filter's, which looks first. */
	int newuser_errno, clone3_errno, unshare_errno;
	bool is_chrooted, is_initramfs;	   /* the root directory */
	bool ids_are_mapped;		   /* ours, in our user namespace */
	const char *apparmor;		   /* profile of this process, "unconfined"; NULL: none */
	struct opt_i64 apparmor_restricts; /* kernel.apparmor_restrict_unprivileged_userns */
	struct opt_i64 unprivileged_clone; /* kernel.unprivileged_userns_clone */
	struct opt_i64 max[OCI_NS_COUNT];  /* user.max_*_namespaces */
	bool kernel_has[OCI_NS_COUNT];	   /* /proc/self/ns/ */
};

/* newuidmap or newgidmap */
struct helper_facts {
	const char *name;
	const char *path; /* NULL: not found */
	bool is_setuid_root, has_file_caps;
	bool on_nosuid;
	const char *mount; /* that it lies on */
	bool no_new_privs; /* over this process, and so over what it runs */
	/* what it can get at most: the bounding set has CAP_SETUID or CAP_SETGID; CAP_SYS_ADMIN */
	bool bound_has_set_id, bound_has_sys_admin;
	/* It becomes its caller before it writes: the owner of the namespace, whom the kernel asks
	 * for no CAP_SYS_ADMIN. Distributions build it with and without. */
	bool becomes_caller;
};

/* /etc/subuid or /etc/subgid */
struct subid_file_facts {
	const char *file, *option; /* "--add-subuids" */
	const char *user;
	unsigned n_ranges;   /* of this user */
	uint64_t n_ids;	     /* in them */
	uint32_t first;	     /* of their first range, if there is one */
	uint32_t first_free; /* above everybody's */
};

struct mount_facts {
	const char *mountinfo;	 /* of this process */
	const char *filesystems; /* /proc/filesystems */
	const char *closed;	 /* a directory on the way to the source that we may not pass */
	uint32_t euid;
};

struct limit_facts {
	uint64_t hard;	  /* of the resource in question; UINT64_MAX: none */
	uint64_t nr_open; /* fs.nr_open, 0: unknown */
	bool has_sys_resource;
	struct opt_i64 oom_score_adj; /* of this process */
	uint64_t n_processes_max;     /* RLIMIT_NPROC, UINT64_MAX: none */
	const char *full_cgroup;      /* whose pids.max is reached; NULL: none */
	int64_t pids_max;	      /* of that one */
};

struct move_facts {
	const char *own, *target, *common; /* absolute; the last is above both */
	uint32_t common_owner;
	bool may_write_common; /* its cgroup.procs */
	bool has_user_systemd;
};
