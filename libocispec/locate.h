/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/*
 * Positions for errors that are found later than parsing. The document is read once more, so that
 * the usual way, where nothing is wrong, keeps no positions.
 */

/*
 * Line and column of the value at a JSON path ("mounts[3].source", "annotations.com.example.x"), or
 * of its nearest ancestor that is there. The empty path is the document. Where a key with a dot
 * makes a path ambiguous, the longest match is taken. -ENOMEM, -EINVAL: not a document.
 */
int oci_locate(
	const char *text, size_t len, const char *json_path, uint32_t *line, uint32_t *column);

/* Fill file, line and column of *e from its path; a line that is known already is kept. An error
 * without a path is not the document's and stays as it is. */
void error_locate(struct error *e, const char *file, const char *text, size_t len);
