/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/arena.h"

/* The first of these directories' (as PATH has them) files of that name that we may execute. NULL:
 * there is none, or no memory. */
const char *program_find(struct arena *arena, const char *directories, const char *name);
