/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* The offset of the first byte that is not part of valid UTF-8 (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF); n if all of it is valid. */
size_t utf8_first_invalid(const char *s, size_t n);
