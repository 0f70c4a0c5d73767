/* SPDX-License-Identifier: Apache-2.0 */
/* Strict numbers. Pure. */
#include "base/parse_num.h"

#include <stddef.h>
#include <string.h>

/* Consume digits; false when there are none or they overflow. */
static bool digits(const char **s, uint64_t *ret)
{
	const char *p = *s;
	uint64_t v = 0;
	while (*p >= '0' && *p <= '9')
		if (__builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(*p++ - '0'), &v))
			return false;
	if (p == *s)
		return false;
	*s = p;
	*ret = v;
	return true;
}

bool parse_u64(const char *s, uint64_t *ret)
{
	uint64_t v;
	if (!digits(&s, &v) || *s)
		return false;
	*ret = v;
	return true;
}

bool parse_u32(const char *s, uint32_t *ret)
{
	uint64_t v;
	if (!parse_u64(s, &v) || v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

bool parse_i64(const char *s, int64_t *ret)
{
	bool negative = *s == '-';
	uint64_t v;
	if (!parse_u64(s + negative, &v) || v > (uint64_t)INT64_MAX + negative)
		return false;
	*ret = negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool parse_bytes(const char *s, int64_t *ret)
{
	static const char suffixes[] = "kmgt";
	uint64_t v;
	if (!digits(&s, &v))
		return false;
	const char *suffix = *s ? strchr(suffixes, *s | 0x20) : NULL;
	if (suffix) {
		unsigned shift = 10 * (unsigned)(suffix - suffixes + 1);
		if (v > (uint64_t)INT64_MAX >> shift)
			return false;
		v <<= shift;
		s++;
	}
	if (*s == 'b' || *s == 'B')
		s++;
	if (*s || v > INT64_MAX)
		return false;
	*ret = (int64_t)v;
	return true;
}
