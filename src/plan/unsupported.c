/* SPDX-License-Identifier: Apache-2.0 */
/* What the config may ask for and this version does not do yet: refused by name, never ignored.
 * PURE. */
#include <stdio.h>

#include "libocispec/runtime/mount_options.h"
#include "plan/decide.h"

int refuse_unsupported(const struct decision *d, struct error *e)
{
	char path[64];
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		snprintf(path, sizeof path, "mounts[%zu]", i);
		if (d->mount_options[i].copy_symlink)
			return error_unsupported(e, path, "copy-symlink is not supported yet");
	}
	return 0;
}
