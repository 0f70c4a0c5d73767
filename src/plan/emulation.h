/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/error.h"
#include "libocispec/values.h"

/* Emulation of ids for containers that have one: --emulate-ids, org.oci-rt.emulate-ids. PURE. */

#define EMULATION_APT_DIRECTORY "/etc/apt/apt.conf.d"
#define EMULATION_APT_FILE	EMULATION_APT_DIRECTORY "/99oci-rt"

/* What is pretended, for `state`. */
extern const struct string_list emulation_sentences;

bool emulation_is_asked(bool option, const struct string_map *annotations);
int emulation_check_annotation(const char *path, const char *value, struct error *e);
