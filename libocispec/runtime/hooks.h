/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../values.h"

/* spec: config.md#posix-platform-hooks */
struct oci_hook {
	const char *path; /* required, absolute */
	struct string_list args, env;
	struct opt_i64 timeout; /* seconds, > 0 */
};

struct oci_hook_list {
	size_t n;
	struct oci_hook *v;
};

struct oci_hooks {
	struct oci_hook_list prestart, create_runtime, create_container, start_container, poststart,
		poststop;
};
