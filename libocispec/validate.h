/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "error.h"
#include "runtime/config.h"

/*
 * What the specification demands beyond types, as far as a document alone can tell: nothing is
 * asked of the host, and nothing that the specification allows is refused.
 *
 * 0, or -EINVAL (-EOPNOTSUPP: a version of the specification that this library does not know) and
 * *e with the JSON path. `prefix` stands before each path: "process." inside of config.json, ""
 * where the object is the document.
 */
int oci_config_validate(const struct oci_config *config, struct error *e);
/* Its mounts alone. */
int oci_mounts_validate(const struct oci_config *config, struct error *e);
int oci_process_validate(const struct oci_process *process, const char *prefix, struct error *e);
int oci_linux_validate(const struct oci_linux *linux_, const char *prefix, struct error *e);
int oci_resources_validate(
	const struct oci_resources *resources, const char *prefix, struct error *e);
int oci_seccomp_validate(const struct oci_seccomp *seccomp, const char *prefix, struct error *e);
