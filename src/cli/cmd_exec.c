/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt exec */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/defence.h"
#include "base/parse_num.h"
#include "cli/command.h"
#include "libocispec/runtime/tables.h"

#define FIELD(member) offsetof(struct exec_options, member)

static int parse_capability(const char *value, void *options, struct arena *a, struct error *e)
{
	struct exec_options *o = options;
	int number;
	if (!names_find(&oci_capability_names, value, strlen(value), &number))
		return error_set(e, ERROR_USAGE, EINVAL, "unknown capability '%s'", value);
	o->caps |= (uint64_t)1 << number;
	return 0;
}

static int parse_gid(const char *value, void *options, struct arena *arena, struct error *e)
{
	struct exec_options *o = options;
	uint32_t gid;
	/* gid_t's -1 means "leave it" to the kernel */
	if (!parse_u32(value, &gid) || gid == UINT32_MAX)
		return error_set(e, ERROR_USAGE, EINVAL, "expected a group id, found '%s'", value);
	uint32_t *v = ARENA_ARRAY(arena, o->additional_gids.n + 1, uint32_t);
	if (!v)
		return error_errno(e, ENOMEM, "command line");
	if (o->additional_gids.n)
		memcpy(v, o->additional_gids.v, o->additional_gids.n * sizeof *v);
	v[o->additional_gids.n] = gid;
	o->additional_gids = (struct u32_list){ o->additional_gids.n + 1, v };
	return 0;
}

/* UID[:GID], numbers only: CVE-2026-30892 was a name that was taken for uid 0. */
static int parse_user(const char *value, void *options, struct arena *arena, struct error *e)
{
	struct exec_options *o = options;
	const char *colon = strchr(value, ':');
	char *uid = arena_strndup(arena, value, colon ? (size_t)(colon - value) : strlen(value));
	uint32_t n, gid = 0;
	if (!uid)
		return error_errno(e, ENOMEM, "command line");
	if (!has_defence(DEFENCE_NUMBERS)) {
		o->user.set = true;
		o->user.uid = (uint32_t)atoi(uid);
		return 0;
	}
	if (!parse_u32(uid, &n) || n == UINT32_MAX ||
		(colon && (!parse_u32(colon + 1, &gid) || gid == UINT32_MAX)))
		return error_set(e, ERROR_USAGE, EINVAL, "expected UID[:GID], found '%s'", value);
	o->user.set = true;
	o->user.uid = n;
	o->user.gid_set = colon != NULL;
	o->user.gid = gid;
	return 0;
}

static const struct option_row rows[] = {
	{ "process", 'p', "FILE", OPTION_TEXT, FIELD(process),
		"run the process that the JSON document FILE describes" },
	{ "detach", 'd', NULL, OPTION_FLAG, FIELD(detach), "return once the program runs" },
	{ "tty", 't', NULL, OPTION_FLAG, FIELD(tty), "give the program a terminal" },
	{ "user", 'u', "UID[:GID]", OPTION_CALL, FIELD(user), "run as this user", NULL,
		parse_user },
	{ "additional-gids", 'g', "GID", OPTION_CALL, FIELD(additional_gids),
		"add a supplementary group; may be repeated", NULL, parse_gid },
	{ "env", 'e', "NAME=VALUE", OPTION_LIST, FIELD(env),
		"set an environment variable; may be repeated" },
	{ "cwd", 0, "DIR", OPTION_TEXT, FIELD(cwd), "working directory in the container" },
	{ "cap", 'c', "CAP_NAME", OPTION_CALL, FIELD(caps), "add a capability; may be repeated",
		NULL, parse_capability },
	{ "no-new-privs", 0, NULL, OPTION_FLAG, FIELD(no_new_privs),
		"let no program gain privileges by execve" },
	{ "process-label", 0, "LABEL", OPTION_TEXT, FIELD(process_label), "SELinux label" },
	{ "apparmor", 0, "PROFILE", OPTION_TEXT, FIELD(apparmor), "AppArmor profile" },
	{ "preserve-fds", 0, "N", OPTION_U32, FIELD(preserve_fds),
		"pass N descriptors from 3 on, after those of LISTEN_FDS" },
	{ "console-socket", 0, "SOCKET", OPTION_TEXT, FIELD(console_socket),
		"unix socket that receives the terminal's master end" },
	{ "pid-file", 0, "FILE", OPTION_TEXT, FIELD(pid_file), "write the process id to FILE" },
	{ "pidfd-socket", 0, "SOCKET", OPTION_TEXT, FIELD(pidfd_socket),
		"unix socket that receives a pidfd of the process" },
	{ "cgroup", 0, "[CONTROLLER:]PATH", OPTION_LIST, FIELD(cgroups),
		"sub-cgroup to run in, which exists; v1: of these controllers; repeatable" },
	{ "ignore-paused", 0, NULL, OPTION_FLAG, FIELD(ignore_paused),
		"join a paused container too; the program runs when it is resumed" },
};

/* A process document says all of this itself; what it says would silently win or lose. */
static int check_process_alone(const struct exec_options *o, struct error *e)
{
	const struct {
		bool given;
		const char *what;
	} excluded[] = {
		{ o->args.n > 0, "a command" },
		{ o->user.set, "'--user'" },
		{ o->additional_gids.n > 0, "'--additional-gids'" },
		{ o->env.n > 0, "'--env'" },
		{ o->cwd != NULL, "'--cwd'" },
		{ o->caps != 0, "'--cap'" },
		{ o->no_new_privs, "'--no-new-privs'" },
		{ o->process_label != NULL, "'--process-label'" },
		{ o->apparmor != NULL, "'--apparmor'" },
	};
	for (size_t i = 0; i < sizeof excluded / sizeof excluded[0]; i++)
		if (excluded[i].given)
			return error_set(e, ERROR_USAGE, EINVAL, "option '--process' excludes %s",
				excluded[i].what);
	return 0;
}

static int run(struct invocation *in, int *ret_status, struct error *e)
{
	struct exec_options *o = in->options;
	const struct string_list *a = &in->arguments;
	/* `exec ID -- ls` is the habit of other tools; no program is named "--" */
	size_t first = a->n > 1 && strcmp(a->v[1], "--") == 0 ? 2 : 1;
	o->id = a->v[0];
	o->args = (struct string_list){ a->n - first, a->v + first };
	if (o->process) {
		int r = check_process_alone(o, e);
		if (r < 0)
			return r;
	} else if (o->args.n == 0) {
		return error_set(
			e, ERROR_USAGE, EINVAL, "exec needs a command or '--process FILE'");
	}
	return op_exec(in->global, o, ret_status, e);
}

const struct command cmd_exec = {
	.name = "exec",
	.summary = "run another program in a container",
	.arguments = "ID COMMAND [ARGUMENT...]",
	.details = "Without --detach it exits with the program's status, or 128 + the signal that\n"
		   "ended it, or 255 if the program could not be started.\n",
	.min_arguments = 1,
	.max_arguments = ANY_NUMBER,
	.table = { OPTION_ROWS(rows), .stop_at_argument = true },
	.options_size = sizeof(struct exec_options),
	.failure_status = 255,
	.run = run,
};
