/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the state and of the container process state. spec: runtime.md#state,
 * config-linux.md#the-container-process-state. Data only. */
#include "libocispec/runtime/state.h"

#include "libocispec/runtime/tables.h"

static const struct name_value oci_status_values[] = {
	{ "creating", OCI_STATUS_CREATING },
	{ "created", OCI_STATUS_CREATED },
	{ "running", OCI_STATUS_RUNNING },
	{ "stopped", OCI_STATUS_STOPPED },
	{ "paused", OCI_STATUS_PAUSED },
};
NAMES(oci_status, "status");
_Static_assert(sizeof oci_status_values / sizeof oci_status_values[0] == OCI_STATUS_COUNT,
	"one row for each status");

/* `state` prints pid 0 for a stopped container, as clients expect of every runtime. */
#define SELF struct oci_state
static const struct field oci_state_fields[] = {
	ROW_STRING("ociVersion", oci_version, REQUIRED),
	ROW_STRING("id", id, REQUIRED),
	ROW_I64("pid", pid, ALWAYS),
	ROW_ENUM("status", status, oci_status, REQUIRED),
	ROW_STRING("bundle", bundle, REQUIRED),
	ROW_STRING("rootfs", rootfs, OPTIONAL),
	ROW_STRING("created", created, OPTIONAL),
	ROW_STRING_MAP("annotations", annotations, OPTIONAL),
	ROW_STRING("owner", owner, OPTIONAL),
};
OBJECT(oci_state);
#undef SELF

/* What hooks and seccomp agents read: only what runtime.md names, and no pid where there is none.
 */
#define SELF struct oci_state
static const struct field oci_hook_state_fields[] = {
	ROW_STRING("ociVersion", oci_version, REQUIRED),
	ROW_STRING("id", id, REQUIRED),
	ROW_ENUM("status", status, oci_status, REQUIRED),
	ROW_I64("pid", pid, OPTIONAL),
	ROW_STRING("bundle", bundle, REQUIRED),
	ROW_STRING_MAP("annotations", annotations, OPTIONAL),
};
#undef SELF
const struct object_type oci_hook_state_object = {
	.name = "oci_state",
	.size = sizeof(struct oci_state),
	.fields = oci_hook_state_fields,
	.n_fields = sizeof oci_hook_state_fields / sizeof oci_hook_state_fields[0],
};

#define SELF struct oci_process_state
static const struct field oci_process_state_fields[] = {
	ROW_STRING("ociVersion", oci_version, REQUIRED),
	ROW_STRING_LIST("fds", fds, OPTIONAL),
	ROW_I64("pid", pid, REQUIRED),
	ROW_STRING("metadata", metadata, OPTIONAL),
	ROW_INLINE_AS("state", state, oci_state, oci_hook_state_object, REQUIRED),
};
OBJECT(oci_process_state);
#undef SELF
