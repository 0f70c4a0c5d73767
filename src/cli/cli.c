/* SPDX-License-Identifier: Apache-2.0 */
/* From argv to one op: global options, log, command, its options, exit status. HOST, once. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/identity.h"
#include "base/trace.h"
#include "cli/command.h"

enum { EXIT_ERROR = 1 };

static int complete_globals(struct global_arguments *g, struct error *e)
{
	if (g->systemd_cgroup && g->cgroup_manager != -1 &&
		g->cgroup_manager != CGROUP_MANAGER_SYSTEMD)
		return error_set(e, ERROR_USAGE, EINVAL,
			"option '--systemd-cgroup' contradicts '--cgroup-manager'");
	if (g->systemd_cgroup)
		g->cgroup_manager = CGROUP_MANAGER_SYSTEMD;
	if (g->cgroup_manager == -1)
		g->cgroup_manager = CGROUP_MANAGER_CGROUPFS;
	g->global.cgroup_manager = (enum cgroup_manager)g->cgroup_manager;
	if (g->global.debug)
		g->level = LOG_LEVEL_DEBUG;
	g->global.debug = g->level == LOG_LEVEL_DEBUG;
	int r = log_open(g->global.log, g->global.log_format, g->level, e);
	return r == 0 && g->trace ? trace_open(g->trace, e) : r;
}

static const char *next_command_name(const void *context, size_t i)
{
	return commands[i] ? commands[i]->name : NULL;
}

static int unknown_command(const struct string_list *arguments, struct error *e)
{
	const char *name = arguments->v[0];
	if (arguments->n > 1 &&
		(strcmp(arguments->v[1], "-h") == 0 || strcmp(arguments->v[1], "--help") == 0))
		return error_set(e, ERROR_USAGE, EINVAL, "No help topic for '%s'", name);
	const char *near = suggest(name, next_command_name, NULL);
	if (near)
		return error_set(e, ERROR_USAGE, EINVAL, "unknown command '%s'; did you mean '%s'?",
			name, near);
	return error_set(e, ERROR_USAGE, EINVAL, "unknown command '%s'; see oci-rt --help", name);
}

static int check_arguments(
	const struct command *c, const struct string_list *arguments, struct error *e)
{
	if (arguments->n < c->min_arguments)
		return error_set(e, ERROR_USAGE, EINVAL, "missing argument; usage: oci-rt %s%s %s",
			c->name, c->table.n ? " [OPTION...]" : "", c->arguments);
	if (arguments->n > c->max_arguments)
		return error_set(e, ERROR_USAGE, EINVAL, "unexpected argument '%s' of %s",
			arguments->v[c->max_arguments], c->name);
	return 0;
}

/* A result that didn't reach its reader is a failure: a full disk, a closed pipe. */
static int flush_output(struct error *e)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_errno(e, errno, "write standard output");
	return 0;
}

static int run_command(const struct command *c, int argc, char **argv, struct invocation *in,
	int *ret_status, struct error *e)
{
	bool help = false;
	in->options = arena_alloc(in->arena, c->options_size);
	if (!in->options)
		return error_errno(e, ENOMEM, "command line");
	int r = options_parse(
		&c->table, argc, argv, in->options, in->arena, &in->arguments, &help, e);
	if (r < 0) {
		*ret_status = c->error_status;
		return r;
	}
	if (help) {
		help_print_command(c);
		r = flush_output(e);
		return r == 0 && c->check_help ? c->check_help(in->arena, e) : r;
	}
	r = check_arguments(c, &in->arguments, e);
	if (r < 0) {
		*ret_status = c->error_status;
		return r;
	}
	log_debug("%s: start", c->name);
	struct trace_span *span = trace_begin(TRACE_HOST, c->name, NULL);
	r = c->needs_no_identity ? 0 : identity_probe(e);
	if (r < 0)
		*ret_status = c->failure_status;
	else
		r = c->run(in, ret_status, e);
	trace_end(span);
	return r < 0 ? r : flush_output(e);
}

static int parse_and_run(
	int argc, char **argv, struct arena *arena, int *ret_status, struct error *e)
{
	struct global_arguments g = { .cgroup_manager = -1 };
	struct string_list arguments;
	bool help = false;
	int r = options_parse(&global_table, argc, argv, &g, arena, &arguments, &help, e);
	if (r < 0) {
		/* the caller reads the log: say it there too, if it was named before the mistake */
		if (g.global.log)
			log_open(g.global.log, g.global.log_format, g.level, NULL);
		return r;
	}
	if (help || g.version) {
		help ? help_print_global() : version_print();
		return flush_output(e);
	}
	g.global.argv = argv - 1;
	r = complete_globals(&g, e);
	if (r < 0)
		return r;
	if (arguments.n == 0)
		return error_set(e, ERROR_USAGE, EINVAL, "missing command; see oci-rt --help");
	const struct command *c = command_find(arguments.v[0]);
	if (!c)
		return unknown_command(&arguments, e);
	struct invocation in = { .global = &g.global, .arena = arena };
	int skip = argc - (int)arguments.n + 1;
	return run_command(c, argc - skip, argv + skip, &in, ret_status, e);
}

/* What a caller may leave us, and no command can do with. */
static int undo_inherited(struct error *e)
{
	/* ignored, it makes the kernel forget how our children ended: wait(2) */
	signal(SIGCHLD, SIG_DFL);
	int r = fd_fill_standard();
	return r < 0 ? error_errno(e, -r, "open /dev/null for a closed standard descriptor") : 0;
}

int cli_main(int argc, char **argv)
{
	struct arena arena;
	struct error e = { 0 };
	int status = 0;
	arena_init(&arena);
	int r = undo_inherited(&e);
	if (r == 0)
		r = parse_and_run(argc - 1, argv + 1, &arena, &status, &e);
	int closed = trace_close(r < 0 ? NULL : &e);
	r = r < 0 ? r : closed;
	if (r < 0) {
		log_error(&e);
		if (status == 0)
			status = EXIT_ERROR;
	}
	arena_free(&arena);
	return status;
}
