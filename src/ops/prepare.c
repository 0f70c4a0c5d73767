/* SPDX-License-Identifier: Apache-2.0 */
/* From options and a bundle to a plan. Runs as HOST; changes nothing. */
#include "ops/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/io.h"
#include "base/log.h"
#include "base/path.h"
#include "base/trace.h"
#include "cause/cause.h"
#include "cause/look.h"
#include "host/lsm.h"
#include "host/probe.h"
#include "host/subid.h"
#include "libocispec/document.h"
#include "libocispec/locate.h"
#include "ops/foreground.h"
#include "ops/session.h"
#include "plan/annotations.h"
#include "plan/emulation.h"
#include "security/id_emulation.h"
#include "security/seccomp_compile.h"
#include "sys/process.h"

enum { CONFIG_MAX = 16 << 20 };

void preparation_free(struct preparation *p)
{
	arena_free(&p->arena);
}

const char *absolute_path(struct arena *arena, const char *path)
{
	char cwd[PATH_MAX];
	if (!path || path[0] == '/')
		return path;
	return getcwd(cwd, sizeof cwd) ? arena_path(arena, cwd, path) : NULL;
}

static int load_config(const struct create_options *o, struct preparation *p, struct error *e)
{
	AUTO_TRACE("read the config");
	char resolved[PATH_MAX];
	const char *bundle = o->bundle ? o->bundle : ".";
	if (!realpath(bundle, resolved))
		return error_errno(e, errno, "bundle %s", bundle);
	p->bundle = arena_strdup(&p->arena, resolved);
	/* the name alone: the bundle's path, which the user has just said, would fill the line */
	p->config_name = o->config ? o->config : "config.json";
	const char *path =
		o->config ? o->config : arena_printf(&p->arena, "%s/config.json", bundle);
	if (!p->bundle || !p->config_name || !path)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	int r = io_read_document(path, CONFIG_MAX, &p->arena, &p->config_text, &p->config_len);
	if (r < 0)
		return error_errno(e, -r, "%s", path);
	return oci_config_decode(
		p->config_text, p->config_len, p->config_name, &p->arena, &p->config, e);
}

static int check_config(const struct preparation *p, enum verb verb, struct error *e)
{
	if (!p->config->root)
		return error_field(e, "root", "required: it names the container's root filesystem");
	/* spec: config.md#linux-process: optional until start, which run is, too */
	if (verb == VERB_RUN && !p->config->process)
		return error_field(e, "process", "required to run a container");
	return 0;
}

/* Some callers write destinations as the host sees them, below the root's path; runc has always
 * taken them so, and nobody means a path of the host inside the container. */
static void strip_rootfs(struct preparation *p)
{
	for (size_t i = 0; i < p->config->mounts.n; i++) {
		struct oci_mount *m = &p->config->mounts.v[i];
		const char *rest = path_rest(m->destination, p->choices.rootfs);
		if (rest && *rest)
			m->destination = rest;
	}
}

static int fill_choices(const struct global_options *g, const struct create_options *o,
	enum verb verb, struct preparation *p, struct error *e)
{
	const char *root = p->config->root->path;
	p->choices = (struct choices){
		.verb = verb,
		.id = o->id,
		.bundle = p->bundle,
		.rootfs = arena_path(&p->arena, p->bundle, root),
		.console_socket = absolute_path(&p->arena, o->console_socket),
		.pid_file = absolute_path(&p->arena, o->pid_file),
		.pidfd_socket = absolute_path(&p->arena, o->pidfd_socket),
		.preserve_fds = o->preserve_fds,
		.no_pivot = o->no_pivot,
		.no_new_keyring = o->no_new_keyring,
		.detach = o->detach,
	};
	if (arena_failed(&p->arena))
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	strip_rootfs(p);
	p->choices.emulate_ids = emulation_is_asked(o->emulate_ids, &p->config->annotations);
	p->degrade = o->degrade;
	int r = policies_choose(o->degrade, &p->config->annotations, &p->choices.policies, e);
	return r < 0 ? r
		     : idmap_mode_choose(o->idmap, &p->config->annotations, &p->choices.idmap, e);
}

static const char *timestamp(struct arena *arena)
{
	struct timespec now;
	struct tm tm;
	char seconds[32];
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &tm);
	return arena_printf(arena, "%s.%09ldZ", seconds, now.tv_nsec);
}

static int decide_cgroup_plan(
	const struct global_options *g, struct preparation *p, struct error *e)
{
	AUTO_TRACE("look at the cgroups");
	const struct oci_linux *l = p->config->linux_;
	struct cgroup_request request = {
		.id = p->choices.id,
		.cgroups_path = l ? l->cgroups_path : NULL,
		.resources = l ? l->resources : NULL,
		.manager = g->cgroup_manager,
		.bundle = p->bundle,
		.subgroup = annotation_value(&p->config->annotations, ANNOTATION_SYSTEMD_SUBGROUP),
		.annotations = &p->config->annotations,
		.is_rootless = is_rootless(g),
		.is_required = p->choices.policies.v[PART_CGROUP] == POLICY_REQUIRE,
		.is_skipped = p->choices.policies.v[PART_CGROUP] == POLICY_SKIP,
	};
	int r = cgroup_probe(&p->arena, &request, &p->cgroup_host, e);
	if (r == 0)
		r = cgroup_decide(&p->arena, &request, &p->cgroup_host, &p->cgroup, e);
	return r;
}

static int probe_resctrl(struct preparation *p, struct error *e)
{
	const struct oci_linux *l = p->config->linux_;
	if (!l || !l->intel_rdt)
		return 0;
	p->facts.resctrl = &p->resctrl_host;
	return resctrl_probe(
		&p->arena, resctrl_name(l->intel_rdt, p->choices.id), &p->resctrl_host, e);
}

/* Files of every user, only where the container's ids are not the config's. */
static int probe_subids(struct preparation *p, struct error *e)
{
	const struct choices *c = &p->choices;
	if (!idmap_needs_ranges(p->config, &p->facts, c->idmap, c->emulate_ids))
		return 0;
	p->facts.subids = &p->subids;
	return host_probe_subids(&p->arena, &p->subids, e);
}

static void fill_container(struct preparation *p)
{
	const struct oci_config *c = p->config;
	p->container = (struct container){
		.id = p->choices.id,
		.bundle = p->bundle,
		.rootfs = p->choices.rootfs,
		.created = timestamp(&p->arena),
		.owner_uid = p->facts.euid,
		.cgroup = p->cgroup.location,
		.annotations = c->annotations,
		.degrade = p->degrade,
	};
}

/* What is known only once everything has been decided. */
static void complete_container(struct preparation *p)
{
	if (p->decision.resctrl)
		p->container.resctrl = &p->decision.resctrl->group;
	if (p->decision.emulation)
		p->container.emulated = emulation_sentences;
	p->container.own_pid_namespace = p->decision.ns.mode[OCI_NS_PID] == NS_NEW;
	/* the cgroup's and the plan's sentences, in one list */
	const struct string_list *lists[] = { &p->cgroup.degraded, &p->plan.degraded,
		&p->plan.warnings };
	size_t n = 0;
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		n += lists[k]->n;
	const char **v = ARENA_ARRAY(&p->arena, n + 1, const char *);
	if (!v || n == 0)
		return;
	n = 0;
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; i < lists[k]->n; i++)
			v[n++] = lists[k]->v[i];
	p->container.degraded = (struct string_list){ n, v };
}

int prepare_hook_state(struct arena *arena, const struct container *c, enum oci_status status,
	const char **ret_head, const char **ret_tail, struct error *e)
{
	static const char key[] = "\"pid\":";
	struct oci_state state = {
		.oci_version = OCI_SPEC_VERSION,
		.id = c->id,
		.status = status,
		/* 1 stands for the digits that are not known yet */
		.pid = status == OCI_STATUS_STOPPED ? 0 : 1,
		.bundle = c->bundle,
		.annotations = c->annotations,
	};
	char *text;
	int r = oci_hook_state_encode(&state, arena, &text, NULL, e);
	if (r < 0)
		return r;
	if (state.pid == 0) {
		*ret_head = text;
		*ret_tail = "";
		return 0;
	}
	/* the first one: neither version nor id can contain it */
	char *at = strstr(text, key);
	if (!at)
		return error_set(e, ERROR_SYSTEM, EINVAL, "state document without a pid");
	at += strlen(key);
	at += strspn(at, " ");
	*ret_head = arena_strndup(arena, text, (size_t)(at - text));
	*ret_tail = arena_strdup(arena, at + 1);
	return *ret_head && *ret_tail ? 0 : error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
}

int close_inherited(uint32_t preserve_fds, struct error *e)
{
	/* ours are close-on-exec, what we were started with is not */
	unsigned listen = host_listen_fds(), end = 3 + listen + preserve_fds;
	for (unsigned fd = 3; fd < end; fd++) {
		int flags = fcntl((int)fd, F_GETFD);
		if (flags >= 0 && !(flags & FD_CLOEXEC))
			continue;
		if (fd >= 3 + listen)
			return error_set(e, ERROR_USAGE, EBADF,
				"--preserve-fds: file descriptor %u is not open", fd);
		return error_set(e, ERROR_USAGE, EBADF,
			"LISTEN_FDS=%u in the environment: file descriptor %u is not open; unset "
			"it",
			listen, fd);
	}
	if (!has_defence(DEFENCE_DESCRIPTORS))
		return 0;
	/* opened one after the other, before anything else was */
	const int keep[] = { log_descriptor(), trace_descriptor() };
	int r = sys_close_all_but(end, keep, ARRAY_SIZE(keep));
	return r < 0 ? error_errno(e, -r, "close inherited descriptors") : 0;
}

static bool given(const char *text)
{
	return text && *text;
}

void prepare_lsm(const struct oci_process *p, const struct oci_linux *l,
	const struct string_map *annotations, struct host_facts *facts)
{
	host_probe_lsm(p && given(p->apparmor_profile),
		(p && given(p->selinux_label)) || (l && given(l->mount_label)),
		annotations && annotation_value(annotations, ANNOTATION_LANDLOCK), facts);
}

/* A new sysfs that is read-only may show what is read-only here. */
static bool is_read_only(const struct oci_mount *m)
{
	for (size_t i = 0; i < m->options.n; i++)
		if (strcmp(m->options.v[i], "ro") == 0)
			return true;
	return false;
}

/* Only user namespaces can be refused a new sysfs, and mountinfo can be long. */
static void probe_sysfs(struct preparation *p)
{
	const struct oci_linux *l = p->config->linux_;
	const struct oci_mount *asked = NULL;
	bool has_userns = !host_can(&p->facts, CAP_SYS_ADMIN) || !p->facts.initial_userns;
	struct mount_facts facts;
	for (size_t i = 0; l && i < l->namespaces.n; i++)
		has_userns |= l->namespaces.v[i].type == OCI_NS_USER;
	for (size_t i = 0; has_userns && i < p->config->mounts.n; i++)
		if (given(p->config->mounts.v[i].type) &&
			strcmp(p->config->mounts.v[i].type, "sysfs") == 0)
			asked = &p->config->mounts.v[i];
	if (!asked)
		return;
	look_at_mounts(&p->arena, NULL, &facts);
	p->facts.sysfs_mask = cause_mask(&p->arena, facts.mountinfo, "sysfs", is_read_only(asked));
}

int prepare_seccomp(struct decision *d, struct error *e)
{
	AUTO_TRACE("seccomp filter");
	const struct oci_seccomp *config = decision_linux(d)->seccomp;
	struct seccomp_facts facts;
	struct seccomp_program program;
	if (!config || !d->process)
		return 0;
	seccomp_probe(&facts);
	int r = seccomp_compile(d->arena, config, &facts, &program, e);
	if (r < 0)
		return r;
	d->filter = program.filter;
	d->n_filter = (unsigned short)program.n;
	d->filter_flags = program.flags;
	log_debug("seccomp filter flags: %u", program.flags);
	return 0;
}

int prepare_emulation(struct decision *d, struct error *e)
{
	if (!d->choices->emulate_ids || !d->process)
		return 0;
	return id_emulation_program(d->arena, &d->emulation, &d->n_emulation, e);
}

static int decide_all(struct preparation *p, struct error *e)
{
	AUTO_TRACE("decide");
	struct decision *d = &p->decision;
	*d = (struct decision){
		.config = p->config,
		.process = p->config->process,
		.host = &p->facts,
		.choices = &p->choices,
		.cgroup = &p->cgroup,
		.location = &p->cgroup.location,
		.arena = &p->arena,
		.plan = &p->plan,
	};
	int r = derive(d, e);
	bool is_new = p->choices.verb != VERB_RESTORE; /* else the filters are in the image */
	if (r == 0 && is_new)
		r = prepare_seccomp(d, e);
	if (r == 0 && is_new)
		r = prepare_emulation(d, e);
	if (r == 0)
		r = prepare_hook_state(&p->arena, &p->container, OCI_STATUS_CREATED, &d->state_head,
			&d->state_tail, e);
	if (r == 0)
		r = sequence_decide(p->sequence, d, e);
	return r;
}

int prepare_create(const struct global_options *g, const struct create_options *o, enum verb verb,
	struct preparation *p, struct error *e)
{
	p->sequence = verb == VERB_RESTORE ? &restore_sequence : &create_sequence;
	int r = state_id_check(o->id, e);
	if (r == 0)
		r = load_config(o, p, e);
	if (r < 0)
		return r;
	r = check_config(p, verb, e);
	if (r == 0)
		r = fill_choices(g, o, verb, p, e);
	if (r == 0)
		r = prepare_notify(g, p, e);
	if (r == 0 && verb == VERB_RUN && !o->console_socket)
		r = foreground_console_size(&p->arena, p->config->process, e);
	if (r == 0)
		r = host_probe(&p->facts, e);
	if (r == 0)
		r = decide_cgroup_plan(g, p, e);
	if (r == 0) {
		p->facts.cgroup = &p->cgroup_host;
		r = probe_resctrl(p, e);
	}
	if (r == 0)
		r = probe_subids(p, e);
	if (r == 0)
		r = host_probe_limits(&p->arena, p->config->process, &p->facts, e);
	if (r == 0)
		r = host_probe_devices(&p->arena, p->config->linux_, &p->facts, e);
	if (r == 0) {
		prepare_lsm(
			p->config->process, p->config->linux_, &p->config->annotations, &p->facts);
		probe_sysfs(p);
		fill_container(p);
		r = decide_all(p, e);
		complete_container(p);
	}
	if (r < 0)
		error_locate(e, p->config_name, p->config_text, p->config_len);
	return r;
}

static void warn(const struct string_list *sentences, void (*log)(const struct error *))
{
	for (size_t i = 0; i < sentences->n; i++) {
		struct error e;
		error_set(&e, ERROR_UNSUPPORTED, EOPNOTSUPP, "%s", sentences->v[i]);
		log(&e);
	}
}

void warn_degraded(const struct cgroup_plan *cgroup, const struct plan *plan)
{
	if (cgroup)
		warn(&cgroup->degraded, log_warning);
	warn(&plan->degraded, log_warning);
	warn(&plan->warnings, log_required_warning);
}

void debug_plan(const struct sequence *sequence, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct row *row = &sequence->rows[plan->steps[i].row];
		log_debug("step %zu, %s, %s: %s", i + 1, row_actor_names[row->who], row->name,
			plan->steps[i].summary);
	}
}

int actor_context_init(struct actor_context *ctx, const struct plan *plan,
	struct host_context *host, struct error *e)
{
	*ctx = (struct actor_context){
		.plan = plan,
		.me = ACTOR_HOST,
		.channel = -1,
		.report_fd = -1,
		.host = host,
	};
	ctx->slots = ARENA_ARRAY(host->arena, plan->n_slots, int);
	if (!ctx->slots)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	for (size_t i = 0; i < plan->n_slots; i++)
		ctx->slots[i] = -1;
	return 0;
}
