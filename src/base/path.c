/* SPDX-License-Identifier: Apache-2.0 */
/* PURE. Paths as text, compared by whole components. Any actor; touches no file. */
#include "base/path.h"

#include <string.h>

const char *path_rest(const char *path, const char *top)
{
	size_t n = strlen(top);
	while (n > 0 && top[n - 1] == '/')
		n--;
	if (n == 0 || strncmp(path, top, n) != 0)
		return NULL;
	return path[n] == '/' || path[n] == '\0' ? path + n : NULL;
}
