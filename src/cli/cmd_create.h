/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "ops/ops.h"

#define CREATE_FIELD(base, member) ((base) + offsetof(struct create_options, member))

/*
 * The options that create, run and plan share, as rows of a table whose struct holds a struct
 * create_options at `base`.
 */
/* clang-format off */
#define CREATE_ROWS(base) \
	{ "bundle", 'b', "DIR", OPTION_TEXT, CREATE_FIELD(base, bundle), \
		"bundle directory (default: the working directory)" }, \
	{ "config", 'f', "FILE", OPTION_TEXT, CREATE_FIELD(base, config), \
		"configuration (default: config.json in the bundle)" }, \
	{ "console-socket", 0, "SOCKET", OPTION_TEXT, CREATE_FIELD(base, console_socket), \
		"unix socket that receives the terminal's master end" }, \
	{ "pid-file", 0, "FILE", OPTION_TEXT, CREATE_FIELD(base, pid_file), \
		"write the container's process id to FILE" }, \
	{ "pidfd-socket", 0, "SOCKET", OPTION_TEXT, CREATE_FIELD(base, pidfd_socket), \
		"unix socket that receives a pidfd of the container's process" }, \
	{ "idmap", 0, "MODE", OPTION_TEXT, CREATE_FIELD(base, idmap), \
		"ids, where the config maps none: auto (default), subuid, single or none" }, \
	{ "emulate-ids", 0, NULL, OPTION_FLAG, CREATE_FIELD(base, emulate_ids), \
		"with one id: chown, setuid, mknod and their like succeed and do nothing" }, \
	{ "degrade", 0, "LIST", OPTION_TEXT, CREATE_FIELD(base, degrade), \
		"may be less than asked for: cgroup, devices, oom-score, rlimits, ..." }, \
	{ "preserve-fds", 0, "N", OPTION_U32, CREATE_FIELD(base, preserve_fds), \
		"pass N descriptors from 3 on, after those of LISTEN_FDS" }, \
	{ "no-pivot", 0, NULL, OPTION_FLAG, CREATE_FIELD(base, no_pivot), \
		"change the root without pivot_root, for a root on a ramdisk" }, \
	{ "no-new-keyring", 0, NULL, OPTION_FLAG, CREATE_FIELD(base, no_new_keyring), \
		"keep the caller's session keyring" }
/* clang-format on */
