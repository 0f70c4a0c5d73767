/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/error.h"

/* The annotation org.oci-rt.landlock: libocispec/runtime/landlock.h. PURE. */
int landlock_check_annotation(const char *path, const char *value, struct error *e);
