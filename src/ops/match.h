/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "ops/ops.h"

/* kill --regex, delete --regex: do it to every container whose id matches a POSIX extended regular
 * expression. All are tried; the first failure is told. None that matches is no error. */
typedef int match_function(
	const struct global_options *g, const char *id, const void *options, struct error *e);
int for_each_match(const struct global_options *g, const char *pattern, match_function *each,
	const void *options, struct error *e);
