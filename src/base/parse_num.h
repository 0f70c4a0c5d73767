/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The one parser of numbers. Strict: decimal digits only, an optional '-' where the type is signed,
 * no space, no '+', no empty string, no overflow. CVE-2026-30892 was a lax one.
 * On false *ret is untouched.
 */
bool parse_u32(const char *s, uint32_t *ret);
bool parse_u64(const char *s, uint64_t *ret);
bool parse_i64(const char *s, int64_t *ret);
/* Bytes with an optional suffix k, m, g, t (1024-based, either case, optional b). */
bool parse_bytes(const char *s, int64_t *ret);
