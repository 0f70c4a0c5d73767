/* SPDX-License-Identifier: Apache-2.0 */
/* What may be an id. Pure. */
#include <errno.h>
#include <string.h>

#include "base/defence.h"
#include "state/store.h"

int state_id_check(const char *id, struct error *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_+-.";
	size_t n = strlen(id);
	if (n == 0)
		return error_set(e, ERROR_USAGE, EINVAL, "invalid container ID: it is empty");
	if (!has_defence(DEFENCE_ID))
		return 0;
	if (n > STATE_ID_MAX)
		return error_set(e, ERROR_USAGE, EINVAL,
			"invalid container ID: it has %zu bytes, more than %d", n, STATE_ID_MAX);
	if (id[0] == '.')
		return error_set(e, ERROR_USAGE, EINVAL,
			"invalid container ID '%s': it begins with a dot", id);
	if (id[strspn(id, allowed)] != '\0')
		return error_set(e, ERROR_USAGE, EINVAL,
			"invalid container ID '%s': only letters, digits and _ + - . are allowed",
			id);
	return 0;
}
