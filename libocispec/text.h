/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For what people and logs read line by line, whatever names and paths contain: control characters
 * of ASCII become '?'. Returns its argument, which may be NULL. */
static inline char *text_one_line(char *text)
{
	for (char *p = text; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return text;
}
