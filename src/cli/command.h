/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"
#include "ops/ops.h"

/*
 * One command = one file (cmd_<name>.c) = one row in commands.c. `run` turns options and arguments
 * into the call of one op_*; it decides nothing else.
 */
struct invocation {
	const struct global_options *global;
	void *options; /* of the command's own type, zeroed and filled by its table */
	struct string_list arguments;
	struct arena *arena;
};

struct command {
	const char *name;
	const char *alias;     /* NULL: none */
	const char *summary;   /* one line */
	const char *arguments; /* for --help: "ID [SIGNAL]" */
	const char *details;   /* more lines for --help, or NULL */
	/* What --help ends with: clients ask by it whether this host can do it. Or NULL. */
	int (*check_help)(struct arena *arena, struct error *e);
	size_t min_arguments, max_arguments;
	struct option_table table;
	size_t options_size;
	bool needs_no_identity; /* it answers the same to everybody */
	int failure_status;	/* of what goes wrong before it runs; 0: 1 */
	int error_status;	/* of a wrong command line; 0: 1, as everywhere */
	/* 0: exit with *ret_status. Negative: exit with *ret_status if set there, else 1. */
	int (*run)(struct invocation *in, int *ret_status, struct error *e);
};

#define OPTION_ROWS(array)                                                                         \
	.rows = (array), .n = sizeof(array) / sizeof((array)[0]), .outer = &global_table
#define ANY_NUMBER ((size_t)-1)

extern const struct option_table global_table;

/* Ends with NULL. */
extern const struct command *const commands[];
const struct command *command_find(const char *name);

extern const struct command cmd_create, cmd_start, cmd_run, cmd_exec, cmd_kill, cmd_delete,
	cmd_state, cmd_list, cmd_ps, cmd_events, cmd_stats, cmd_pause, cmd_resume, cmd_update,
	cmd_spec, cmd_features, cmd_plan, cmd_mounts, cmd_doctor, cmd_inspect, cmd_checkpoint,
	cmd_restore;

/* Options of the command line before the command. */
struct global_arguments {
	struct global_options global;
	bool systemd_cgroup, version;
	int cgroup_manager; /* enum cgroup_manager, or -1: not given */
	enum log_level level;
	const char *trace; /* file; NULL: none */
};

/* Complete and run a command line; returns the exit status. */
int cli_main(int argc, char **argv);

void help_print_global(void);
void help_print_command(const struct command *command);
void version_print(void);
