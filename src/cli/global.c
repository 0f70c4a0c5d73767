/* SPDX-License-Identifier: Apache-2.0 */
/* Options before the command. */
#include <stddef.h>

#include "base/cleanup.h"
#include "cli/command.h"

static const char *const log_formats[] = { "text", "json", NULL };
_Static_assert(ARRAY_SIZE(log_formats) == LOG_FORMAT_COUNT + 1, "a name for each format");

static const char *const log_levels[] = { "error", "warning", "info", "debug", NULL };
_Static_assert(ARRAY_SIZE(log_levels) == LOG_LEVEL_COUNT + 1, "a name for each level");

static const char *const managers[] = { "cgroupfs", "systemd", "disabled", NULL };
_Static_assert(ARRAY_SIZE(managers) == CGROUP_MANAGER_COUNT + 1, "a name for each manager");

static const char *const rootless_modes[] = {
	[ROOTLESS_AUTO] = "auto", [ROOTLESS_YES] = "true", [ROOTLESS_NO] = "false", NULL
};

#define FIELD(member) offsetof(struct global_arguments, member)

static const struct option_row rows[] = {
	{ "root", 0, "DIR", OPTION_TEXT, FIELD(global.root),
		"directory of the containers' states, best on a tmpfs" },
	{ "log", 0, "FILE", OPTION_TEXT, FIELD(global.log),
		"append error lines to FILE as well, or to journald:NAME, syslog:NAME" },
	{ "log-format", 0, "FORMAT", OPTION_CHOICE, FIELD(global.log_format),
		"format of the log: text (default) or json", log_formats },
	{ "log-level", 0, "LEVEL", OPTION_CHOICE, FIELD(level),
		"least important line to log: error (default), warning, info or debug",
		log_levels },
	{ "debug", 0, NULL, OPTION_FLAG, FIELD(global.debug), "the same as --log-level debug" },
	{ "trace", 0, "FILE", OPTION_TEXT, FIELD(trace),
		"write the times of each phase to FILE, in Chrome's trace format" },
	{ "systemd-cgroup", 0, NULL, OPTION_FLAG, FIELD(systemd_cgroup),
		"the same as --cgroup-manager systemd" },
	{ "cgroup-manager", 0, "MANAGER", OPTION_CHOICE, FIELD(cgroup_manager),
		"who makes the container's cgroup: cgroupfs (default), systemd or disabled",
		managers },
	{ "rootless", 0, "MODE", OPTION_CHOICE, FIELD(global.rootless),
		"act as for a user who is not root: true, false or auto (default)",
		rootless_modes },
	{ "version", 'v', NULL, OPTION_FLAG, FIELD(version), "show the version and features" },
};

const struct option_table global_table = {
	.rows = rows, .n = ARRAY_SIZE(rows), .stop_at_argument = true
};
