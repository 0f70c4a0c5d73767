/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "libocispec/error.h"

/* The value of an option, as Go writes durations: 5s, 1m30s, 100ms, 1.5h. At least a millisecond.
 */
int duration_option(const char *value, uint64_t *ret_ms, struct error *e);
