/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "libocispec/arena.h"
#include "libocispec/values.h"

/*
 * Options of the command line as tables: one row an option, each storing into one field of the
 * command's option struct. The parser, --help and the "did you mean" all read the same rows.
 *
 * Accepted forms: `--name value`, `--name=value`, `-name value` (clients written in Go use a single
 * dash), `-n value`, `-nvalue`, `-abc` for flags, `--flag=true|false`; `--` ends options.
 */
enum option_kind {
	OPTION_FLAG,	 /* bool */
	OPTION_TEXT,	 /* const char * */
	OPTION_LIST,	 /* struct string_list, appended to */
	OPTION_U32,	 /* uint32_t */
	OPTION_CHOICE,	 /* int-sized enum; `names` in the enum's order */
	OPTION_OPT_I64,	 /* struct opt_i64 */
	OPTION_OPT_U64,	 /* struct opt_u64 */
	OPTION_OPT_U16,	 /* struct opt_u16 */
	OPTION_BYTES,	 /* struct opt_i64: 512m, -1 is no limit */
	OPTION_DURATION, /* uint64_t, milliseconds: 5s, 1m30s; at least one */
	OPTION_CALL,	 /* parse(value, options): for what the kinds above don't say */
	OPTION_KIND_COUNT
};

struct option_row {
	const char *name;
	char letter;	      /* 0: none */
	const char *argument; /* its name in --help; NULL for flags */
	enum option_kind kind;
	size_t offset; /* of the field in the option struct */
	const char *help;
	const char *const *names; /* OPTION_CHOICE: terminated by NULL */
	int (*parse)(const char *value, void *options, struct arena *arena, struct error *e);
};

struct option_table {
	const struct option_row *rows;
	size_t n;
	/* Stop at the first argument that isn't an option, so that what follows may have options of
	 * its own: `exec ID ls -l`. */
	bool stop_at_argument;
	const struct option_table *outer; /* rows that belong before the command, for the hint */
};

/*
 * Parse argv[0..argc), which holds no program or command name. What isn't an option comes back in
 * *ret_arguments. -h and --help end the parsing and set *ret_help.
 */
int options_parse(const struct option_table *table, int argc, char **argv, void *options,
	struct arena *arena, struct string_list *ret_arguments, bool *ret_help, struct error *e);

/* The candidate nearest to `word`, or NULL when none is near; next() returns NULL at the end. */
const char *suggest(
	const char *word, const char *(*next)(const void *context, size_t i), const void *context);
