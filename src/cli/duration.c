/* SPDX-License-Identifier: Apache-2.0 */
/* Durations on the command line. PURE. */
#include "cli/duration.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

/* Durations as Go writes them, for clients that are written in it: 5s, 1m30s, 100ms, 1.5h. */
static const struct {
	const char *name;
	uint64_t ms;
} units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60000 },
	{ "h", 3600000 },
};

/* "90.5": the number in thousandths, as far as it goes; *p is moved behind it. */
static bool scan_thousandths(const char **p, uint64_t *ret)
{
	uint64_t v = 0, part = 1000;
	const char *start = *p;
	for (; **p >= '0' && **p <= '9' && v < 1000000000; (*p)++)
		v = v * 10 + (uint64_t)(**p - '0');
	v *= 1000;
	if (*p == start)
		return false;
	if (**p == '.')
		for ((*p)++; **p >= '0' && **p <= '9'; (*p)++)
			v += (uint64_t)(**p - '0') * (part /= 10);
	*ret = v;
	return true;
}

bool duration_parse(const char *value, uint64_t *ret_ms)
{
	uint64_t total = 0;
	for (const char *p = value; *p;) {
		uint64_t thousandths;
		if (!scan_thousandths(&p, &thousandths))
			return false;
		size_t n = strspn(p, "smh"), i = 0;
		while (i < ARRAY_SIZE(units) &&
			(strlen(units[i].name) != n || memcmp(units[i].name, p, n) != 0))
			i++;
		if (i == ARRAY_SIZE(units))
			return false;
		total += thousandths * units[i].ms / 1000;
		p += n;
	}
	*ret_ms = total;
	return total > 0;
}
