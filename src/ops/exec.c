/* SPDX-License-Identifier: Apache-2.0 */
/* exec: one more process in a running container. Runs as HOST. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/io.h"
#include "host/probe.h"
#include "libocispec/document.h"
#include "libocispec/locate.h"
#include "ops/enter.h"
#include "ops/explain.h"
#include "ops/foreground.h"
#include "ops/memory_kills.h"
#include "ops/prepare.h"
#include "ops/session.h"
#include "plan/annotations.h"
#include "plan/namespace_types.h"
#include "sys/process.h"

enum { PROCESS_MAX = 16 << 20 };

struct execution {
	struct session s;
	struct oci_config *config;
	struct oci_process *process;
	const char *document;	   /* name of the document that errors speak of */
	char *text, *process_text; /* that document; of --process */
	size_t len, process_len;
	struct host_facts facts;
	struct cgroup_host cgroup_host;
	struct choices choices;
	struct decision decision;
	struct plan plan;
	struct host_context host;
	struct actor_context ctx;
};

static void execution_close(struct execution *x)
{
	session_close(&x->s);
}

static int add_strings(struct arena *arena, struct string_list *to, const struct string_list *more)
{
	const char **v = ARENA_ARRAY(arena, to->n + more->n + 1, const char *);
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < to->n; i++)
		v[i] = to->v[i];
	for (size_t i = 0; i < more->n; i++)
		v[to->n + i] = more->v[i];
	*to = (struct string_list){ to->n + more->n, v };
	return 0;
}

/* The container's own process, with what the command line changes. */
static int process_from_options(struct execution *x, const struct exec_options *o, struct error *e)
{
	struct oci_process *p = ARENA_NEW(&x->s.arena, struct oci_process);
	if (!p)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (x->config->process)
		*p = *x->config->process;
	else
		p->cwd = "/";
	p->args = o->args;
	p->terminal = o->tty;
	p->oom_score_adj.set = false;
	if (o->cwd)
		p->cwd = o->cwd;
	if (o->no_new_privs)
		p->no_new_privileges = true;
	if (o->apparmor)
		p->apparmor_profile = o->apparmor;
	if (o->process_label)
		p->selinux_label = o->process_label;
	if (o->additional_gids.n)
		p->user.additional_gids = o->additional_gids;
	if (o->caps) {
		struct oci_capabilities *c = ARENA_NEW(&x->s.arena, struct oci_capabilities);
		if (!c)
			return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
		if (p->capabilities)
			*c = *p->capabilities;
		/* not the inheritable set: CVE-2022-29162 */
		c->inheritable |= has_defence(DEFENCE_INHERITABLE) ? 0 : o->caps;
		c->bounding |= o->caps;
		c->permitted |= o->caps;
		c->effective |= o->caps;
		/* where the config has made them inheritable, a user other than root gets them too
		 */
		c->ambient |= o->caps & c->inheritable;
		p->capabilities = c;
	}
	x->process = p;
	int r = add_strings(&x->s.arena, &p->env, &o->env);
	if (r < 0)
		return error_errno(e, -r, "environment");
	if (o->user.set)
		p->user.uid = o->user.uid;
	if (o->user.gid_set)
		p->user.gid = o->user.gid;
	return 0;
}

static int read_process(struct execution *x, const char *file, struct error *e)
{
	int r = io_read_document(file, PROCESS_MAX, &x->s.arena, &x->process_text, &x->process_len);
	return r < 0 ? error_errno(e, -r, "%s", file) : 0;
}

static int load_process(struct execution *x, const struct exec_options *o, struct error *e)
{
	int r = state_load_config(&x->s.entry, &x->s.arena, &x->text, &x->len, e);
	if (r == 0)
		r = oci_config_decode(x->text, x->len, "config.json", &x->s.arena, &x->config, e);
	if (r < 0)
		return r;
	x->document = "config.json";
	if (!o->process)
		return process_from_options(x, o, e);
	x->document = o->process;
	x->text = x->process_text;
	x->len = x->process_len;
	r = oci_process_decode(x->text, x->len, o->process, &x->s.arena, &x->process, e);
	if (r == 0 && o->tty)
		x->process->terminal = true;
	return r;
}

/* Without --cgroup: where the container's own processes are. Its cgroup may not have any. */
static int fill_sub_cgroups(struct execution *x, const struct exec_options *o)
{
	const char *name =
		annotation_value(&x->s.container.annotations, ANNOTATION_DELEGATE_CGROUP);
	x->choices.exec_cgroups = o->cgroups;
	if (o->cgroups.n || !name)
		return 0;
	const char **v = ARENA_NEW(&x->s.arena, const char *);
	if (!v)
		return -ENOMEM;
	*v = name;
	x->choices.default_cgroups = (struct string_list){ 1, v };
	return 0;
}

static int decide(struct execution *x, const struct exec_options *o, struct error *e)
{
	x->choices = (struct choices){
		.verb = VERB_EXEC,
		.id = o->id,
		.bundle = x->s.container.bundle,
		.rootfs = x->s.container.rootfs,
		.console_socket = absolute_path(&x->s.arena, o->console_socket),
		.pid_file = absolute_path(&x->s.arena, o->pid_file),
		.pidfd_socket = absolute_path(&x->s.arena, o->pidfd_socket),
		.preserve_fds = o->preserve_fds,
		.detach = o->detach,
		.emulate_ids = x->s.container.emulated.n > 0,
	};
	x->facts.cgroup = &x->cgroup_host;
	int r = enter_namespaces(&x->s, &x->choices.join_namespaces, e);
	if (r == 0)
		r = policies_choose(
			x->s.container.degrade, &x->config->annotations, &x->choices.policies, e);
	if (r == 0)
		r = host_probe_limits(&x->s.arena, x->process, &x->facts, e);
	if (r < 0)
		return r;
	prepare_lsm(x->process, NULL, &x->config->annotations, &x->facts);
	x->facts.setgroups_denied = host_setgroups_denied((pid_t)x->s.container.pid);
	struct decision *d = &x->decision;
	*d = (struct decision){
		.config = x->config,
		.process = x->process,
		.host = &x->facts,
		.choices = &x->choices,
		.arena = &x->s.arena,
		.plan = &x->plan,
		.location = &x->s.container.cgroup,
		.resctrl_group = x->s.container.resctrl,
	};
	r = fill_sub_cgroups(x, o);
	if (r < 0)
		return error_errno(e, -r, "exec");
	r = derive(d, e);
	if (r == 0)
		r = prepare_seccomp(d, e);
	if (r == 0)
		r = prepare_emulation(d, e);
	if (r == 0)
		r = sequence_decide(&exec_sequence, d, e);
	return r;
}

static int prepare(const struct global_options *g, const struct exec_options *o,
	struct execution *x, struct error *e)
{
	int r = protect_runtime(g, e);
	if (r == 0 && o->process)
		r = read_process(x, o->process, e);
	if (r == 0)
		r = close_inherited(o->preserve_fds, e);
	if (r == 0)
		r = session_open(g, o->id, STATE_READ, &x->s, e);
	if (r == 0)
		r = enter_check(&x->s, "exec", o->ignore_paused, e);
	if (r == 0)
		r = load_process(x, o, e);
	if (r == 0 && !x->process->args.n)
		r = error_field(
			e, o->process ? "args" : "process.args", "exec needs a command to execute");
	if (r == 0 && !o->console_socket)
		r = foreground_console_size(&x->s.arena, x->process, e);
	if (r == 0)
		r = host_probe(&x->facts, e);
	return r == 0 ? decide(x, o, e) : r;
}

static int walk(struct execution *x, struct error *e)
{
	x->host = (struct host_context){
		.arena = &x->s.arena,
		.choices = &x->choices,
		.entry = ENTRY_NONE,
		.container = &x->s.container,
		.notify_fd = -1,
		.relay_fd = -1,
	};
	int r = actor_context_init(&x->ctx, &x->plan, &x->host, e);
	if (r < 0)
		return r;
	x->ctx.look = look_for_memory_kill;
	x->host.kills_before = memory_kills_so_far(&x->s.container);
	r = enter_walk(&exec_sequence, &x->ctx, e);
	if (r < 0)
		explain_failure(&exec_sequence, &x->ctx, &x->decision, e);
	if (r == 0 && x->host.outside_cgroup)
		log_debug("exec: the container's cgroup is not ours to enter: the process stays in "
			  "that of this command");
	return r;
}

int op_exec(const struct global_options *g, const struct exec_options *o, int *ret_status,
	struct error *e)
{
	__attribute__((cleanup(execution_close))) struct execution x = { .s = SESSION_NONE };
	AUTO_CLOSE int signals = -1;
	*ret_status =
		255; /* exec failed before there was a process; runc's code, which CRI-O knows */
	int r = prepare(g, o, &x, e);
	if (r == 0) {
		warn_degraded(NULL, &x.plan);
		debug_plan(&exec_sequence, &x.plan);
	}
	if (r == 0 && !o->detach)
		signals = r = foreground_hold_signals(e);
	if (r >= 0)
		r = walk(&x, e);
	if (r < 0) {
		if (!o->process) /* from the command line: no document to point at */
			e->path[0] = '\0';
		else if (!e->line && x.text)
			error_locate(e, x.document, x.text, x.len);
		return r;
	}
	if (o->detach) {
		*ret_status = 0;
		return 0;
	}
	const struct foreground f = { .pid = x.ctx.init_pid,
		.relay_fd = x.host.relay_fd,
		.signal_fd = signals,
		.notify_fd = -1 };
	return foreground_wait(&f, ret_status, e);
}
