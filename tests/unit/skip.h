/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* After <cmocka.h>. scripts/test names a skipped case with its reason: the line before. */
#define SKIP_BECAUSE(...)                                                                          \
	do {                                                                                       \
		print_message(__VA_ARGS__);                                                        \
		print_message("\n");                                                               \
		skip();                                                                            \
	} while (0)
