/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "error.h"
#include "runtime/config.h"
#include "runtime/state.h"

/*
 * The documents of the runtime specification.
 *
 * Decoding checks the types by the tables and then what the specification demands beyond them
 * (validate.h). `file` is how the user named the document. On success *ret is in the arena and the
 * text is not needed any more; on failure *ret is untouched and *e has the file, line, column and
 * JSON path.
 */

/* config.json */
int oci_config_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_config **ret, struct error *e);
/* `mounts add`: an object that has config.json's `mounts`; nothing else of *ret is filled. */
int oci_mounts_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_config **ret, struct error *e);
/* `exec --process`: a process object */
int oci_process_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_process **ret, struct error *e);
/* `update --resources`: an object like linux.resources */
int oci_resources_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_resources **ret, struct error *e);
int oci_state_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_state **ret, struct error *e);

/* The way back, NUL-terminated. What is absent stays absent; names of unknown capabilities are not
 * written. -EILSEQ: a string is not UTF-8. */
int oci_config_encode(const struct oci_config *config, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e);
int oci_process_encode(const struct oci_process *process, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e);
int oci_resources_encode(const struct oci_resources *resources, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e);
/* For `state` and `list`: with rootfs, created and owner, and with pid 0 where there is none. */
int oci_state_encode(const struct oci_state *state, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e);
/* For the standard input of hooks: only what the specification names. */
int oci_hook_state_encode(const struct oci_state *state, struct arena *arena, char **ret_text,
	size_t *ret_len, struct error *e);
/* For a seccomp agent. */
int oci_process_state_encode(const struct oci_process_state *state, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e);
