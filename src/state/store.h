/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "cgroup/cgroup.h"
#include "libocispec/arena.h"
#include "libocispec/runtime/state.h"

/*
 * What is kept of a container between two calls of the runtime, under ROOT/ID/:
 *   state.json    struct container, written aside and renamed
 *   config.json   the bytes of the bundle's config at create; later edits of the bundle have no
 * effect start.sock    a listening socket of the container's init while it waits for `start` lock
 * held (flock) by the command that changes the container
 *
 * ROOT: --root, else $XDG_RUNTIME_DIR/oci-rt (not real root and the variable is not empty), else
 * /run/oci-rt for real root and /run/user/UID/oci-rt or /tmp/oci-rt-UID for others. Directories are
 * 0700, owned by the caller, reached without following links in their last component.
 */
struct container {
	const char *id;
	const char *bundle, *rootfs; /* absolute */
	const char *created;	     /* RFC 3339 with nanoseconds, UTC */
	uint32_t owner_uid;	     /* of the process that created it */
	int64_t pid;		/* of init, in the creator's PID namespace; 0 before it exists */
	uint64_t start_time;	/* of pid, clock ticks since boot: proc_pid_stat(5), field 22 */
	bool own_pid_namespace; /* when init dies, the kernel kills the rest */
	struct cgroup_location cgroup;
	struct string_map annotations; /* config.json's */
	struct string_list degraded;   /* what was left out, one sentence each (docs/ROOTLESS.md) */
	struct string_list cleanup;    /* reserved for later undo records */
};

struct state_root;  /* an open ROOT directory */
struct state_entry; /* an open and locked ROOT/ID directory */
