/* SPDX-License-Identifier: Apache-2.0 */
/* The documents: tables, then validation, then the position of what was found wrong. Runs before
 * any side effect; makes no system call. */
#include "libocispec/document.h"

#include "libocispec/locate.h"
#include "libocispec/runtime/tables.h"
#include "libocispec/validate.h"

/* spec: config-linux.md#pids: limit is optional; an object without it asks for nothing. */
static void drop_empty_pids(struct oci_resources *resources)
{
	if (resources->pids && !resources->pids->has_limit)
		resources->pids = NULL;
}

int oci_config_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_config **ret, struct error *e)
{
	struct oci_config *config;
	int err = object_decode(&oci_config_object, text, len, file, arena, &config, e);
	if (err < 0)
		return err;
	if (config->linux_ && config->linux_->resources)
		drop_empty_pids(config->linux_->resources);
	err = oci_config_validate(config, e);
	if (err < 0) {
		error_locate(e, file, text, len);
		return err;
	}
	*ret = config;
	return 0;
}

int oci_mounts_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_config **ret, struct error *e)
{
	struct oci_config *config;
	int err = object_decode(&oci_mounts_object, text, len, file, arena, &config, e);
	if (err < 0)
		return err;
	err = oci_mounts_validate(config, e);
	if (err < 0) {
		error_locate(e, file, text, len);
		return err;
	}
	*ret = config;
	return 0;
}

int oci_process_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_process **ret, struct error *e)
{
	struct oci_process *process;
	int err = object_decode(&oci_process_object, text, len, file, arena, &process, e);
	if (err < 0)
		return err;
	err = oci_process_validate(process, "", e);
	if (err < 0) {
		error_locate(e, file, text, len);
		return err;
	}
	*ret = process;
	return 0;
}

int oci_resources_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_resources **ret, struct error *e)
{
	struct oci_resources *resources;
	int err = object_decode(&oci_resources_object, text, len, file, arena, &resources, e);
	if (err < 0)
		return err;
	drop_empty_pids(resources);
	err = oci_resources_validate(resources, "", e);
	if (err < 0) {
		error_locate(e, file, text, len);
		return err;
	}
	*ret = resources;
	return 0;
}

int oci_state_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_state **ret, struct error *e)
{
	return object_decode(&oci_state_object, text, len, file, arena, ret, e);
}

int oci_config_encode(const struct oci_config *config, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e)
{
	return object_encode(&oci_config_object, config, pretty, arena, ret_text, ret_len, e);
}

int oci_process_encode(const struct oci_process *process, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e)
{
	return object_encode(&oci_process_object, process, pretty, arena, ret_text, ret_len, e);
}

int oci_resources_encode(const struct oci_resources *resources, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e)
{
	return object_encode(&oci_resources_object, resources, pretty, arena, ret_text, ret_len, e);
}

int oci_state_encode(const struct oci_state *state, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e)
{
	return object_encode(&oci_state_object, state, pretty, arena, ret_text, ret_len, e);
}

int oci_hook_state_encode(const struct oci_state *state, struct arena *arena, char **ret_text,
	size_t *ret_len, struct error *e)
{
	return object_encode(&oci_hook_state_object, state, false, arena, ret_text, ret_len, e);
}

int oci_process_state_encode(const struct oci_process_state *state, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e)
{
	return object_encode(&oci_process_state_object, state, false, arena, ret_text, ret_len, e);
}
