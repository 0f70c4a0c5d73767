/* SPDX-License-Identifier: Apache-2.0 */
/* Strict UTF-8 check. Pure. yajl's own takes overlong forms and surrogates. */
#include "libocispec/utf8.h"

#include <stdint.h>
#include <string.h>

/* Length of the sequence at s, 0 if it is invalid. The table is the one of RFC 3629, section 4. */
static size_t sequence(const unsigned char *s, size_t n)
{
	static const struct {
		unsigned char first, last;	 /* of the lead byte */
		unsigned char second, second_to; /* range of the byte behind it */
		unsigned char length;
	} forms[] = {
		{ 0x00, 0x7f, 0x00, 0xff, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		size_t length = forms[i].length;
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (length > n)
			return 0;
		if (length > 1 && (s[1] < forms[i].second || s[1] > forms[i].second_to))
			return 0;
		for (size_t k = 2; k < length; k++)
			if ((s[k] & 0xc0) != 0x80)
				return 0;
		return length;
	}
	return 0;
}

size_t utf8_first_invalid(const char *s, size_t n)
{
	size_t i = 0;
	while (i < n) {
		/* documents are nearly always ASCII: eight bytes at once */
		uint64_t word;
		while (n - i >= sizeof word) {
			memcpy(&word, s + i, sizeof word);
			if (word & 0x8080808080808080u)
				break;
			i += sizeof word;
		}
		if (i == n)
			break;
		size_t length = sequence((const unsigned char *)s + i, n - i);
		if (!length)
			return i;
		i += length;
	}
	return n;
}
