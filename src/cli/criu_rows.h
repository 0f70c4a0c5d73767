/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "ops/ops.h"

/* The options that checkpoint and restore share, of a struct criu_common_options at `base`. */
#define CRIU_FIELD(base, member) ((base) + offsetof(struct criu_common_options, member))

/* clang-format off */
#define CRIU_ROWS(base) \
	{ "image-path", 0, "DIR", OPTION_TEXT, CRIU_FIELD(base, image_path), \
		"directory of the image (default: checkpoint in the working directory)" }, \
	{ "work-path", 0, "DIR", OPTION_TEXT, CRIU_FIELD(base, work_path), \
		"directory of CRIU's log and sockets (default: that of the image)" }, \
	{ "tcp-established", 0, NULL, OPTION_FLAG, CRIU_FIELD(base, tcp_established), \
		"allow open TCP connections, and keep them" }, \
	{ "ext-unix-sk", 0, NULL, OPTION_FLAG, CRIU_FIELD(base, ext_unix_sk), \
		"allow unix sockets that lead out of the container" }, \
	{ "shell-job", 0, NULL, OPTION_FLAG, CRIU_FIELD(base, shell_job), \
		"allow a terminal or session that is the caller's" }, \
	{ "file-locks", 0, NULL, OPTION_FLAG, CRIU_FIELD(base, file_locks), \
		"allow file locks, which nobody outside of the container may hold" }, \
	{ "manage-cgroups-mode", 0, "MODE", OPTION_CHOICE, CRIU_FIELD(base, manage_cgroups), \
		"cgroups in the container: soft (default), full, strict or ignore", \
		criu_manage_cgroups_names }, \
	{ "empty-ns", 0, "network", OPTION_LIST, CRIU_FIELD(base, empty_ns), \
		"leave the namespace's interfaces to others, as is always done" }, \
	{ "auto-dedup", 0, NULL, OPTION_FLAG, CRIU_FIELD(base, auto_dedup), \
		"free pages of parent images that newer ones replace" }, \
	{ "lazy-pages", 0, NULL, OPTION_FLAG, CRIU_FIELD(base, lazy_pages), \
		"transfer memory when it is used; needs criu lazy-pages beside it" }
/* clang-format on */
