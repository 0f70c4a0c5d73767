/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* As Go writes durations: 5s, 1m30s, 100ms, 1.5h. False: it is none, or less than a millisecond. */
bool duration_parse(const char *value, uint64_t *ret_ms);
