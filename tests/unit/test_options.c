/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines -> option structs, or the sentence of the error. The ops are replaced here by ones
 * that keep what they get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/command.h"

static struct create_options created;
static struct exec_options executed;
static struct kill_options killed;
static struct update_options updated;
static struct oci_resources resources;
static struct oci_memory memory;
static struct oci_cpu cpu;
static struct oci_pids pids;
static struct ps_options listed;
static struct plan_options planned;
static struct events_options followed;

int op_create(const struct global_options *g, const struct create_options *o, struct error *e)
{
	created = *o;
	return 0;
}
int op_run(const struct global_options *g, const struct create_options *o, int *ret_status,
	struct error *e)
{
	created = *o;
	*ret_status = 7;
	return 0;
}
int op_exec(const struct global_options *g, const struct exec_options *o, int *ret_status,
	struct error *e)
{
	executed = *o;
	return 0;
}
int op_kill(const struct global_options *g, const struct kill_options *o, struct error *e)
{
	killed = *o;
	return 0;
}
int op_ps(const struct global_options *g, const struct ps_options *o, struct error *e)
{
	listed = *o;
	return 0;
}
int op_events(const struct global_options *g, const struct events_options *o, struct error *e)
{
	followed = *o;
	return 0;
}
int op_plan(const struct global_options *g, const struct plan_options *o, struct error *e)
{
	planned = *o;
	return 0;
}
int op_update(const struct global_options *g, const struct update_options *o, struct error *e)
{
	updated = *o;
	resources = o->resources ? *o->resources : (struct oci_resources){ 0 };
	if (resources.memory)
		memory = *resources.memory;
	if (resources.cpu)
		cpu = *resources.cpu;
	if (resources.pids)
		pids = *resources.pids;
	return 0;
}

int op_delete(const struct global_options *g, const struct delete_options *o, struct error *e)
{
	return o->force ? 0 : 1;
}
int op_list(const struct global_options *g, const struct list_options *o, struct error *e)
{
	return o->json + 2 * o->quiet;
}
int op_spec(const struct global_options *g, const struct spec_options *o, struct error *e)
{
	return o->rootless;
}

static struct arena arena;
static struct error error;

enum { MAX_WORDS = 16 };

/* Parse the words with the command's table and run it, as cli.c does. */
static int run_words(const struct command *c, const char *const *words)
{
	static const struct global_options global;
	char *argv[MAX_WORDS];
	int argc = 0, status = 0;
	for (; words[argc]; argc++)
		argv[argc] = (char *)words[argc];
	struct invocation in = { .global = &global, .arena = &arena };
	bool help = false;
	in.options = arena_alloc(&arena, c->options_size);
	error = (struct error){ 0 };
	int r = options_parse(
		&c->table, argc, argv, in.options, &arena, &in.arguments, &help, &error);
	if (r == 0 && help)
		return 100;
	return r < 0 ? r : c->run(&in, &status, &error) + status;
}

#define RUN(command, ...) run_words(&(command), (const char *const[]){ __VA_ARGS__, NULL })

static void assert_error(const char *text)
{
	assert_string_equal(error.text, text);
	assert_int_equal(error.kind, ERROR_USAGE);
}

static void test_forms_of_values(void **state)
{
	assert_int_equal(RUN(cmd_create, "--bundle", "/b", "c1"), 0);
	assert_string_equal(created.bundle, "/b");
	assert_string_equal(created.id, "c1");
	assert_int_equal(RUN(cmd_create, "--bundle=/b=c", "c1"), 0);
	assert_string_equal(created.bundle, "/b=c");
	assert_int_equal(RUN(cmd_create, "-bundle", "/b", "c1"), 0);
	assert_string_equal(created.bundle, "/b");
	assert_int_equal(RUN(cmd_create, "-bundle=/x", "c1"), 0);
	assert_string_equal(created.bundle, "/x");
	assert_int_equal(RUN(cmd_create, "-b", "/b", "c1"), 0);
	assert_string_equal(created.bundle, "/b");
	assert_int_equal(RUN(cmd_create, "-b/b", "c1"), 0);
	assert_string_equal(created.bundle, "/b");
	assert_int_equal(RUN(cmd_create, "-b=/b", "c1"), 0);
	assert_string_equal(created.bundle, "/b");
	assert_int_equal(RUN(cmd_create, "c1", "--pid-file", "-"), 0);
	assert_string_equal(created.pid_file, "-");
	/* containerd's go-runc */
	assert_int_equal(RUN(cmd_create, "--pidfd-socket", "/q", "c1"), 0);
	assert_string_equal(created.pidfd_socket, "/q");
	assert_int_equal(RUN(cmd_create, "--", "-b"), 0);
	assert_string_equal(created.id, "-b");
	assert_null(created.bundle);
	assert_int_equal(RUN(cmd_create, "-"), 0);
	assert_string_equal(created.id, "-");
}

static void test_flags(void **state)
{
	assert_int_equal(RUN(cmd_run, "-no-subreaper", "--detach", "c1"), 7);
	assert_true(created.no_subreaper && created.detach && !created.keep);
	assert_int_equal(RUN(cmd_run, "--keep=true", "--detach=false", "c1"), 7);
	assert_true(created.keep && !created.detach);
	assert_int_equal(RUN(cmd_exec, "-dt", "c1", "sh"), 0);
	assert_true(executed.detach && executed.tty);
	assert_int_equal(RUN(cmd_exec, "-tu5", "c1", "sh"), 0);
	assert_true(executed.tty);
	assert_true(executed.user.set && !executed.user.gid_set);
	assert_int_equal(executed.user.uid, 5);
	assert_int_equal(RUN(cmd_run, "--keep=maybe", "c1"), -22);
	assert_error("option '--keep': expected true or false, found 'maybe'");
}

static void test_errors(void **state)
{
	assert_int_equal(RUN(cmd_create, "--bundel", "/b", "c1"), -22);
	assert_error("unknown option '--bundel'; did you mean '--bundle'?");
	assert_int_equal(RUN(cmd_create, "--frobnicate=1", "c1"), -22);
	assert_error("unknown option '--frobnicate'");
	assert_int_equal(RUN(cmd_create, "-Z", "c1"), -22);
	assert_error("unknown option '-Z'");
	assert_int_equal(RUN(cmd_create, "c1", "--bundle"), -22);
	assert_error("option '--bundle' requires an argument");
	assert_int_equal(RUN(cmd_create, "c1", "-bundle"), -22);
	assert_error("option '-bundle' requires an argument");
	assert_int_equal(RUN(cmd_create, "c1", "-b"), -22);
	assert_error("option '-b' requires an argument");
	assert_int_equal(RUN(cmd_create, "--root", "/r", "c1"), -22);
	assert_error("option '--root' is global: put it before the command");
	assert_int_equal(RUN(cmd_create, "--preserve-fds", "-1", "c1"), -22);
	assert_error("option '--preserve-fds': expected a number, found '-1'");
	assert_int_equal(RUN(cmd_create, "--preserve-fds=", "c1"), -22);
	assert_error("option '--preserve-fds': expected a number, found ''");
	assert_int_equal(RUN(cmd_plan, "--format", "yaml", "c1"), -22);
	assert_error("option '--format': expected one of text, json, found 'yaml'");
}

static void test_help(void **state)
{
	assert_int_equal(RUN(cmd_create, "--help"), 100);
	assert_int_equal(RUN(cmd_create, "-h"), 100);
	assert_int_equal(RUN(cmd_create, "-help"), 100);
	assert_int_equal(RUN(cmd_exec, "-dh"), 100);
	/* of the program that is to run, not ours */
	assert_int_equal(RUN(cmd_exec, "c1", "ls", "--help"), 0);
	assert_int_equal(executed.args.n, 2);
}

static void test_exec(void **state)
{
	assert_int_equal(RUN(cmd_exec, "c1", "ls", "-l", "--", "x"), 0);
	assert_string_equal(executed.id, "c1");
	assert_int_equal(executed.args.n, 4);
	assert_string_equal(executed.args.v[1], "-l");
	assert_string_equal(executed.args.v[2], "--");
	assert_null(executed.args.v[4]);
	assert_int_equal(RUN(cmd_exec, "c1", "--", "ls"), 0);
	assert_int_equal(executed.args.n, 1);
	assert_string_equal(executed.args.v[0], "ls");
	assert_int_equal(RUN(cmd_exec, "-e", "A=1", "--env=B=2", "-g", "5", "--additional-gids",
				 "6", "--cap", "CAP_KILL", "-c", "CAP_CHOWN", "c1", "sh"),
		0);
	assert_int_equal(executed.env.n, 2);
	assert_string_equal(executed.env.v[1], "B=2");
	assert_int_equal(executed.additional_gids.n, 2);
	assert_int_equal(executed.additional_gids.v[1], 6);
	assert_int_equal(executed.caps, 1 << 5 | 1 << 0);
	assert_int_equal(
		RUN(cmd_exec, "--process", "/p", "--pid-file", "/f", "-d", "-t", "--preserve-fds",
			"2", "--console-socket", "/s", "--pidfd-socket", "/q", "c1"),
		0);
	assert_string_equal(executed.process, "/p");
	assert_string_equal(executed.pidfd_socket, "/q");
	assert_int_equal(executed.preserve_fds, 2);
}

static void test_exec_errors(void **state)
{
	assert_int_equal(RUN(cmd_exec, "c1"), -22);
	assert_error("exec needs a command or '--process FILE'");
	assert_int_equal(RUN(cmd_exec, "-p", "/p", "c1", "ls"), -22);
	assert_error("option '--process' excludes a command");
	assert_int_equal(RUN(cmd_exec, "-p", "/p", "--cwd", "/", "c1"), -22);
	assert_error("option '--process' excludes '--cwd'");
	assert_int_equal(RUN(cmd_exec, "--cap", "CAP_NONE", "c1", "sh"), -22);
	assert_error("option '--cap': unknown capability 'CAP_NONE'");
	assert_int_equal(RUN(cmd_exec, "-g", "x", "c1", "sh"), -22);
	assert_error("option '-g': expected a group id, found 'x'");
}

static void test_exec_user(void **state)
{
	static const char *const bad[] = { "", ":", "root", "0:", ":0", "0:0:0", "-1", "+1", " 1",
		"1 ", "0x0", "4294967295", "4294967296", "1:root", "1:-1", "99999999999999999999" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[128];
		snprintf(text, sizeof text, "option '-u': expected UID[:GID], found '%s'", bad[i]);
		assert_int_equal(RUN(cmd_exec, "-u", bad[i], "c1", "sh"), -22);
		assert_error(text);
	}
	assert_int_equal(RUN(cmd_exec, "-u", "1000:4294967294", "c1", "sh"), 0);
	assert_true(executed.user.set && executed.user.gid_set);
	assert_int_equal(executed.user.uid, 1000);
	assert_int_equal(executed.user.gid, 4294967294);
}

static void test_kill(void **state)
{
	static const struct {
		const char *text;
		int signal;
	} good[] = { { "KILL", 9 }, { "SIGKILL", 9 }, { "sigkill", 9 }, { "9", 9 }, { "0", 0 },
		{ "64", 64 }, { "RTMIN", 34 }, { "SIGRTMIN+3", 37 }, { "RTMAX-1", 63 },
		{ "rtmax", 64 }, { "USR1", 10 }, { "IOT", 6 } };
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(RUN(cmd_kill, "c1", good[i].text), 0);
		assert_int_equal(killed.signal, good[i].signal);
	}
	assert_int_equal(RUN(cmd_kill, "c1"), 0);
	assert_int_equal(killed.signal, 15);
	assert_false(killed.all);
	assert_int_equal(RUN(cmd_kill, "--all", "c1", "9"), 0);
	assert_true(killed.all);
	static const char *const bad[] = { "", "SIG", "SIGFOO", "65", "9x", "RTMIN+31", "RTMAX-31",
		"RTMIN+", "99999999999" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[64];
		snprintf(text, sizeof text, "unknown signal '%s'", bad[i]);
		assert_int_equal(RUN(cmd_kill, "c1", bad[i]), -22);
		assert_error(text);
	}
}

static void test_ps(void **state)
{
	assert_int_equal(RUN(cmd_ps, "-f", "json", "c1"), 0);
	assert_true(listed.json);
	assert_int_equal(listed.ps_args.n, 0);
	assert_int_equal(RUN(cmd_ps, "--format", "table", "c1", "-o", "pid,comm"), 0);
	assert_false(listed.json);
	assert_int_equal(listed.ps_args.n, 2);
	assert_string_equal(listed.ps_args.v[0], "-o");
}

static void test_delete_list_spec(void **state)
{
	assert_int_equal(RUN(cmd_delete, "--force", "c1"), 0);
	assert_int_equal(RUN(cmd_delete, "c1", "-f"), 0);
	assert_int_equal(RUN(cmd_delete, "c1"), 1);
	assert_int_equal(RUN(cmd_list, "-q"), 2);
	assert_int_equal(RUN(cmd_list, "-f", "json"), 1);
	assert_int_equal(RUN(cmd_list, "--format=table"), 0);
	assert_int_equal(RUN(cmd_spec, "--rootless"), 1);
}

static void test_plan(void **state)
{
	assert_int_equal(RUN(cmd_plan, "-b", "/b", "--format", "json"), 0);
	assert_true(planned.json);
	assert_null(planned.create.id);
	assert_string_equal(planned.create.bundle, "/b");
}

static void test_update(void **state)
{
	assert_int_equal(RUN(cmd_update, "c1", "--memory", "512m", "--memory-swap", "-1",
				 "--pids-limit", "-1", "--cpu-quota", "-1", "--cpu-share", "200"),
		0);
	assert_int_equal(memory.limit.v, 512 << 20);
	assert_true(memory.swap.set && memory.swap.v == -1);
	assert_int_equal(pids.limit, -1);
	assert_true(cpu.quota.set && cpu.quota.v == -1);
	assert_true(cpu.shares.set && cpu.shares.v == 200);
	assert_false(cpu.period.set);
	assert_null(resources.block_io);
	assert_null(updated.resources_file);
	assert_int_equal(RUN(cmd_update, "c1", "--pids-limit", "0"), 0);
	assert_non_null(resources.pids);
	assert_null(resources.memory);
	assert_int_equal(RUN(cmd_update, "--l3-cache-schema", "L3:0=f", "c1"), 0);
	assert_null(updated.resources);
	assert_string_equal(updated.l3_cache_schema, "L3:0=f");
	assert_int_equal(RUN(cmd_update, "-r", "-", "c1"), 0);
	assert_string_equal(updated.resources_file, "-");
}

static void test_update_errors(void **state)
{
	assert_int_equal(RUN(cmd_update, "c1"), -22);
	assert_error("nothing to update: give --resources or a limit");
	assert_int_equal(RUN(cmd_update, "-r", "f", "--memory", "1", "c1"), -22);
	assert_error("option '--resources' excludes the options of single limits");
	assert_int_equal(RUN(cmd_update, "--memory", "-2", "c1"), -22);
	assert_error("option '--memory': expected a size such as 1048576, 512m or -1, found '-2'");
	assert_int_equal(RUN(cmd_update, "--blkio-weight", "65536", "c1"), -22);
	assert_error("option '--blkio-weight': expected a number up to 65535, found '65536'");
	assert_int_equal(RUN(cmd_update, "--kernel-memory", "1m", "c1"), -95);
	assert_string_equal(error.text,
		"option '--kernel-memory': the kernel has no separate limit of kernel memory since "
		"Linux 5.16; use --memory, which covers it");
}

static void test_global_stops_at_command(void **state)
{
	static const char *const words[] = { "--root", "/r", "-log-format", "json",
		"--rootless=false", "list", "-q", "--root" };
	char *argv[ARRAY_SIZE(words)];
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		argv[i] = (char *)words[i];
	struct global_arguments g = { .cgroup_manager = -1 };
	struct string_list arguments;
	bool help = false;
	assert_int_equal(options_parse(&global_table, ARRAY_SIZE(argv), argv, &g, &arena,
				 &arguments, &help, &error),
		0);
	assert_string_equal(g.global.root, "/r");
	assert_int_equal(g.global.log_format, LOG_FORMAT_JSON);
	assert_int_equal(g.global.rootless, ROOTLESS_NO);
	assert_int_equal(g.cgroup_manager, -1);
	assert_int_equal(arguments.n, 3);
	assert_string_equal(arguments.v[0], "list");
}

/* Rows of one table must not hide each other, and --help belongs to the parser. */
static void check_table(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row *row = &t->rows[i];
		assert_non_null(row->help);
		assert_string_not_equal(row->name, "help");
		assert_int_not_equal(row->letter, 'h');
		assert_int_equal(row->kind == OPTION_FLAG, row->argument == NULL);
		assert_int_equal(row->kind == OPTION_CALL, row->parse != NULL);
		assert_int_equal(row->kind == OPTION_CHOICE, row->names != NULL);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(row->name, t->rows[k].name);
			assert_true(!row->letter || row->letter != t->rows[k].letter);
		}
	}
}

static void test_events(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = { { "5s", 5000 }, { "100ms", 100 }, { "1m30s", 90000 }, { "1.5h", 5400000 },
		{ "0.25s", 250 }, { "1h1m1s1ms", 3661001 } };
	static const char *const bad[] = { "", "5", "s", "-1s", "0s", "1d", "1 s", "1s ", "1.s5",
		"0.0001ms", "99999999999999999999s" };
	assert_int_equal(RUN(cmd_events, "c1"), 0);
	assert_true(followed.interval_ms == 5000 && !followed.stats);
	assert_int_equal(RUN(cmd_events, "--stats", "c1"), 0);
	assert_true(followed.stats);
	assert_string_equal(followed.id, "c1");
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		/* containerd's form */
		char option[64];
		snprintf(option, sizeof option, "--interval=%s", good[i].text);
		assert_int_equal(RUN(cmd_events, option, "c1"), 0);
		assert_int_equal(followed.interval_ms, good[i].ms);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(RUN(cmd_events, "--interval", bad[i], "c1"), -22);
	assert_error("option '--interval': expected a duration of at least 1ms, as 5s or 1m30s, "
		     "found '99999999999999999999s'");
}

static void test_tables(void **state)
{
	static const struct command *const all[] = { &cmd_create, &cmd_run, &cmd_exec, &cmd_kill,
		&cmd_delete, &cmd_list, &cmd_ps, &cmd_update, &cmd_spec, &cmd_plan, &cmd_events };
	check_table(&global_table);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		check_table(&all[i]->table);
}

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms_of_values),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_exec_errors),
		cmocka_unit_test(test_exec_user),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_ps),
		cmocka_unit_test(test_delete_list_spec),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_update_errors),
		cmocka_unit_test(test_global_stops_at_command),
		cmocka_unit_test(test_tables),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
