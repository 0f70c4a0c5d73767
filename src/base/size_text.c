/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes for people. PURE. */
#include "base/size_text.h"

#include <stddef.h>
#include <stdio.h>

#include "base/cleanup.h"

const char *size_text(uint64_t bytes, char buffer[static SIZE_TEXT])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;
	double v = (double)bytes;
	while (v >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		v /= 1024;
		unit++;
	}
	/* one decimal, unless it is a nought */
	uint64_t tenths = (uint64_t)(v * 10 + 0.5);
	if (tenths % 10)
		snprintf(buffer, SIZE_TEXT, "%llu.%llu %s", (unsigned long long)(tenths / 10),
			(unsigned long long)(tenths % 10), units[unit]);
	else
		snprintf(buffer, SIZE_TEXT, "%llu %s", (unsigned long long)(tenths / 10),
			units[unit]);
	return buffer;
}
