/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../values.h"
#include "namespaces.h"

/* spec: config.md#mounts */
struct oci_mount {
	const char *destination; /* required */
	const char *type, *source;
	struct string_list options; /* as written; parsed by mount_options_parse() */
	struct oci_id_mapping_list uid_mappings, gid_mappings;
};
