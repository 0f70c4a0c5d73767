/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "hooks.h"
#include "linux.h"
#include "mount.h"
#include "process.h"

/* spec: config.md#root */
struct oci_root {
	const char *path; /* required */
	bool readonly;
};

/* spec: config.md. Pointers are NULL and lists are empty where the document has no such property.
 */
struct oci_config {
	const char *oci_version; /* required */
	const char *hostname, *domainname;
	struct oci_root *root;
	struct oci_process *process;
	struct {
		size_t n;
		struct oci_mount *v;
	} mounts;
	struct oci_hooks *hooks;
	struct oci_linux *linux_; /* `linux` is a predefined macro in gnu11 */
	struct string_map annotations;
};
