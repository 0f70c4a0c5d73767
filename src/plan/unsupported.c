/* SPDX-License-Identifier: Apache-2.0 */
/* What the config may ask for and this version does not do yet: refused by name, never ignored.
 * PURE. */
#include <stdio.h>

#include "libocispec/runtime/mount_options.h"
#include "plan/decide.h"

static int refuse_mounts(const struct decision *d, struct error *e)
{
	char path[64];
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		snprintf(path, sizeof path, "mounts[%zu]", i);
		if (d->mount_options[i].copy_symlink)
			return error_unsupported(e, path, "copy-symlink is not supported yet");
	}
	return 0;
}

int refuse_unsupported(const struct decision *d, struct error *e)
{
	const struct oci_linux *l = decision_linux(d);
	const struct {
		bool asked;
		const char *path;
	} fields[] = {
		{ l->intel_rdt != NULL, "linux.intelRdt" },
	};
	for (unsigned i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (fields[i].asked)
			return error_unsupported(e, fields[i].path, "not supported yet");
	return refuse_mounts(d, e);
}
