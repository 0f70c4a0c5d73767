/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of config.json's root, mounts and hooks. spec: config.md. Data only. */
#include "libocispec/runtime/config.h"

#include "libocispec/runtime/tables.h"

#define SELF struct oci_root
static const struct field oci_root_fields[] = {
	ROW_STRING("path", path, REQUIRED),
	ROW_BOOL("readonly", readonly, OPTIONAL),
};
OBJECT(oci_root);
#undef SELF

#define SELF struct oci_mount
static const struct field oci_mount_fields[] = {
	ROW_STRING("destination", destination, REQUIRED),
	ROW_STRING("type", type, EMPTY_IS_ABSENT),
	ROW_STRING("source", source, EMPTY_IS_ABSENT),
	ROW_STRING_LIST("options", options, OPTIONAL),
	ROW_ARRAY("uidMappings", uid_mappings, oci_id_mapping, OPTIONAL),
	ROW_ARRAY("gidMappings", gid_mappings, oci_id_mapping, OPTIONAL),
};
OBJECT(oci_mount);
#undef SELF

#define SELF struct oci_hook
static const struct field oci_hook_fields[] = {
	ROW_STRING("path", path, REQUIRED),
	ROW_STRING_LIST("args", args, OPTIONAL),
	ROW_STRING_LIST("env", env, OPTIONAL),
	ROW_OPT_I64("timeout", timeout, OPTIONAL),
};
OBJECT(oci_hook);
#undef SELF

#define SELF struct oci_hooks
static const struct field oci_hooks_fields[] = {
	ROW_ARRAY("prestart", prestart, oci_hook, OPTIONAL),
	ROW_ARRAY("createRuntime", create_runtime, oci_hook, OPTIONAL),
	ROW_ARRAY("createContainer", create_container, oci_hook, OPTIONAL),
	ROW_ARRAY("startContainer", start_container, oci_hook, OPTIONAL),
	ROW_ARRAY("poststart", poststart, oci_hook, OPTIONAL),
	ROW_ARRAY("poststop", poststop, oci_hook, OPTIONAL),
};
OBJECT(oci_hooks);
#undef SELF

/* spec: config.md#platform-specific-configuration: solaris, windows, vm, zos and freebsd have no
 * row, so they are skipped like any property of a platform that this runtime is not for. */
#define SELF struct oci_config
static const struct field oci_config_fields[] = {
	ROW_STRING("ociVersion", oci_version, REQUIRED),
	ROW_OBJECT("process", process, oci_process, OPTIONAL),
	ROW_OBJECT("root", root, oci_root, OPTIONAL),
	ROW_STRING("hostname", hostname, EMPTY_IS_ABSENT),
	ROW_STRING("domainname", domainname, EMPTY_IS_ABSENT),
	ROW_ARRAY("mounts", mounts, oci_mount, OPTIONAL),
	ROW_OBJECT("hooks", hooks, oci_hooks, OPTIONAL),
	ROW_STRING_MAP("annotations", annotations, OPTIONAL),
	ROW_OBJECT("linux", linux_, oci_linux, OPTIONAL),
};
OBJECT(oci_config);
#undef SELF

/* For `mounts add`: of a whole config.json, or of less, its mounts. */
#define SELF struct oci_config
static const struct field oci_mounts_fields[] = {
	ROW_ARRAY("mounts", mounts, oci_mount, REQUIRED),
};
#undef SELF
const struct object_type oci_mounts_object = {
	.name = "oci_mounts",
	.size = sizeof(struct oci_config),
	.fields = oci_mounts_fields,
	.n_fields = sizeof oci_mounts_fields / sizeof oci_mounts_fields[0],
};
