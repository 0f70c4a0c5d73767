/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* For people: "4 MiB", "1.5 GiB", "17 B". Returns buffer. */
enum { SIZE_TEXT = 32 };
const char *size_text(uint64_t bytes, char buffer[static SIZE_TEXT]);
