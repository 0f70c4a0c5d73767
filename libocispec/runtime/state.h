/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../values.h"

/* Of the specification that `state`, hooks and `features` speak. */
#define OCI_SPEC_VERSION "1.3.0"

/* spec: runtime.md#state */
enum oci_status {
	OCI_STATUS_CREATING,
	OCI_STATUS_CREATED,
	OCI_STATUS_RUNNING,
	OCI_STATUS_STOPPED,
	OCI_STATUS_PAUSED, /* not in the spec; every client knows it */
	OCI_STATUS_COUNT
};

struct oci_state {
	const char *oci_version; /* required */
	const char *id;		 /* required */
	enum oci_status status;	 /* required */
	int64_t pid;	    /* 0: no process; left out then by hooks' state, printed by `state` */
	const char *bundle; /* required, absolute */
	/* beyond the spec, printed by `state` and `list` as the peers do */
	const char *rootfs, *created, *owner;
	struct string_map annotations;
};

/* spec: config-linux.md#the-container-process-state: what a seccomp agent gets with the fds. */
struct oci_process_state {
	const char *oci_version;
	struct string_list fds; /* the name of each descriptor: "seccompFd" */
	int64_t pid;
	const char *metadata; /* linux.seccomp.listenerMetadata */
	struct oci_state state;
};
