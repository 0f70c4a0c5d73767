/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process: who it is, what it may, where it stands, what it executes.
 * PURE. spec: config.md#process
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include <linux/capability.h>

#include "libocispec/runtime/tables.h"
#include "plan/annotations.h"
#include "plan/decide.h"

static bool owns_userns(const struct decision *d)
{
	return d->ns.mode[OCI_NS_USER] != NS_KEEP;
}

int decide_keyring(struct decision *d, struct error *e)
{
	if (!d->choices->no_new_keyring) {
		struct step *s = plan_add(d, NULL, "make a session keyring");
		if (s)
			s->u.text.value = plan_path(d, "_ses.%s", d->choices->id);
	}
	return plan_status(d, e);
}

/* CAP_SYS_RESOURCE counts in the initial user namespace alone. */
static bool can_raise(const struct decision *d)
{
	return d->host->initial_userns && host_can(d->host, CAP_SYS_RESOURCE);
}

int decide_oom_score(struct decision *d, struct error *e)
{
	if (!d->process || !d->process->oom_score_adj.set)
		return 0;
	int64_t value = d->process->oom_score_adj.v;
	enum policy policy = policy_of(d, PART_OOM_SCORE);
	if (policy == POLICY_SKIP) {
		plan_degraded(d, "process.oomScoreAdj is left out");
		return plan_status(d, e);
	}
	if (policy == POLICY_PREFER && value < d->host->oom_score_adj && !can_raise(d)) {
		plan_degraded(d,
			"process.oomScoreAdj is %d instead of %lld: lower values are not ours",
			d->host->oom_score_adj, (long long)value);
		value = d->host->oom_score_adj;
	}
	struct step *s =
		plan_add(d, "process.oomScoreAdj", "set oom_score_adj to %lld", (long long)value);
	if (s)
		s->u.number = value;
	return plan_status(d, e);
}

/* Raising a hard limit takes CAP_SYS_RESOURCE in the initial user namespace: init has lost it where
 * it has a user namespace of its own, HOST may have it. */
static bool host_sets_rlimits(const struct decision *d)
{
	return owns_userns(d) && host_can(d->host, CAP_SYS_RESOURCE);
}

static const char *limit_text(struct decision *d, uint64_t value)
{
	return value == UINT64_MAX ? "unlimited" : plan_path(d, "%llu", (unsigned long long)value);
}

/* A hard limit above our own: setrlimit(2) would say EPERM, and not what could be had. */
static int fit_rlimit(struct decision *d, size_t i, struct oci_rlimit *l, struct error *e)
{
	uint64_t most = d->host->hard_limits ? d->host->hard_limits[l->type] : UINT64_MAX;
	const char *name = names_of(&oci_rlimit_names, l->type);
	if (can_raise(d) || l->hard <= most)
		return 0;
	if (policy_of(d, PART_RLIMITS) == POLICY_REQUIRE)
		return error_field(e, plan_path(d, "process.rlimits[%zu]", i),
			"set %s to %s, at most %s: operation not permitted: the hard limit here is "
			"%s, and more takes CAP_SYS_RESOURCE; ask for at most %s, or give "
			"--degrade=rlimits to make do with it",
			name, limit_text(d, l->soft), limit_text(d, l->hard), limit_text(d, most),
			limit_text(d, most));
	plan_degraded(d,
		"process.rlimits[%zu]: %s is at most %s instead of %s, as for this process", i,
		name, limit_text(d, most), limit_text(d, l->hard));
	l->hard = most;
	l->soft = l->soft < most ? l->soft : most;
	return 0;
}

static int add_rlimits(struct decision *d, struct error *e)
{
	for (size_t i = 0; d->process && i < d->process->rlimits.n; i++) {
		struct oci_rlimit l = d->process->rlimits.v[i];
		int r = fit_rlimit(d, i, &l, e);
		if (r < 0)
			return r;
		struct step *s = plan_add(d, plan_path(d, "process.rlimits[%zu]", i),
			"set %s to %s, at most %s", names_of(&oci_rlimit_names, l.type),
			limit_text(d, l.soft), limit_text(d, l.hard));
		if (!s)
			break;
		s->u.rlimit.resource = l.type;
		s->u.rlimit.soft = l.soft;
		s->u.rlimit.hard = l.hard;
	}
	return plan_status(d, e);
}

int decide_host_rlimits(struct decision *d, struct error *e)
{
	return host_sets_rlimits(d) ? add_rlimits(d, e) : 0;
}

int decide_init_rlimits(struct decision *d, struct error *e)
{
	return host_sets_rlimits(d) ? 0 : add_rlimits(d, e);
}

int decide_terminal(struct decision *d, struct error *e)
{
	const char *socket = d->choices->console_socket;
	if (!d->process || !d->process->terminal) {
		if (socket)
			return error_field(
				e, "process.terminal", "--console-socket needs it to be true");
		return 0;
	}
	bool detached = d->choices->verb == VERB_CREATE || d->choices->detach;
	if (detached && !socket)
		return error_field(e, "process.terminal",
			"a detached container with a terminal needs --console-socket");
	struct step *s = plan_add(d, "process.terminal", "open a terminal%s%s",
		socket ? ", its master goes to " : "", socket ? socket : "");
	if (s) {
		s->u.terminal.socket_path = socket;
		s->u.terminal.mount_console = !enters_container(d) && has_root_mount(d);
		s->u.terminal.uid = d->process->user.uid;
		if (d->process->console_size) {
			s->u.terminal.height = d->process->console_size->height;
			s->u.terminal.width = d->process->console_size->width;
		}
	}
	return plan_status(d, e);
}

int decide_console_socket(struct decision *d, struct error *e)
{
	if (d->process && d->process->terminal) {
		const char *path = d->choices->console_socket;
		struct step *s = plan_add(d, "process.terminal", "connect to %s",
			path ? path : "the terminal's relay");
		if (s)
			s->u.terminal.socket_path = path;
	}
	return plan_status(d, e);
}

int decide_working_directory(struct decision *d, struct error *e)
{
	if (d->process && !enters_container(d) && has_root_mount(d)) {
		struct step *s = plan_add(
			d, "process.cwd", "make the directory %s where missing", d->process->cwd);
		if (s)
			s->u.text.path = d->process->cwd;
	}
	return plan_status(d, e);
}

int decide_enter_working_directory(struct decision *d, struct error *e)
{
	if (d->process) {
		struct step *s = plan_add(d, "process.cwd", "enter %s", d->process->cwd);
		if (s)
			s->u.text.path = d->process->cwd;
	}
	return plan_status(d, e);
}

int decide_umask(struct decision *d, struct error *e)
{
	/* spec 1.3 leaves the default open; 0022 is what all runtimes give */
	if (d->process) {
		uint32_t mask = d->process->user.umask.set ? d->process->user.umask.v : 0022;
		struct step *s =
			plan_add(d, d->process->user.umask.set ? "process.user.umask" : NULL,
				"set the umask %04o", mask);
		if (s)
			s->u.number = mask;
	}
	return plan_status(d, e);
}

static uint64_t all_caps(const struct decision *d)
{
	return d->host->last_cap >= 63 ? ~UINT64_C(0)
				       : (UINT64_C(1) << (d->host->last_cap + 1)) - 1;
}

static const struct oci_capabilities *wanted_caps(const struct decision *d)
{
	static const struct oci_capabilities none;
	return d->process->capabilities ? d->process->capabilities : &none;
}

/* spec: config.md#linux-process: what cannot be granted is not an error, it is told */
static uint64_t grantable(const struct decision *d)
{
	return (owns_userns(d) ? ~UINT64_C(0) : d->host->caps) & all_caps(d);
}

int decide_bounding_set(struct decision *d, struct error *e)
{
	if (!d->process)
		return 0;
	uint64_t drop = all_caps(d) & ~wanted_caps(d)->bounding;
	struct step *s = plan_add(d, "process.capabilities.bounding",
		"drop %d capabilities from the bounding set", __builtin_popcountll(drop));
	if (s)
		s->u.caps.bounding_drop = drop;
	return plan_status(d, e);
}

static bool filter_needs_admin(const struct decision *d)
{
	return (d->filter || d->emulation || d->landlock) && !d->process->no_new_privileges;
}

/* The set-up's own last rights. They end with execve(2), which computes the new permitted set from
 * the inheritable, bounding and ambient ones alone. */
static uint64_t caps_until_exec(const struct decision *d)
{
	return (filter_needs_admin(d) ? UINT64_C(1) << CAP_SYS_ADMIN : 0) |
	       (scheduler_comes_twice(d) || scheduler_waits_for_listener(d)
			       ? UINT64_C(1) << CAP_SYS_NICE
			       : 0);
}

static const char *until_exec_text(const struct decision *d, uint64_t extra)
{
	bool filters = d->filter || d->emulation;
	bool admin = extra >> CAP_SYS_ADMIN & 1, nice = extra >> CAP_SYS_NICE & 1;
	return admin && nice
		       ? "; until execve CAP_SYS_ADMIN, to load the filter, and CAP_SYS_NICE, "
			 "to set the policy"
	       : admin ? filters ? "; CAP_SYS_ADMIN until execve, to load the filter"
				 : "; CAP_SYS_ADMIN until execve, to restrict itself"
	       : nice  ? "; CAP_SYS_NICE until execve, to set the policy"
		       : "";
}

/* spec: config.md#linux-process: "Any value which cannot be mapped to a relevant kernel interface,
 * or cannot be granted otherwise MUST be logged as a warning" */
static void tell_refused_caps(struct decision *d, uint64_t refused)
{
	const struct string_list *unknown = &wanted_caps(d)->unknown;
	for (unsigned i = 0; i < 64; i++)
		if (refused >> i & 1)
			plan_warning(d, "capability %s cannot be granted: %s",
				names_of(&oci_capability_names, (int)i),
				i > d->host->last_cap ? "this kernel does not have it"
						      : "the runtime does not hold it");
	for (size_t i = 0; i < unknown->n; i++) {
		size_t first = 0; /* most stand in several of the sets */
		while (strcmp(unknown->v[first], unknown->v[i]) != 0)
			first++;
		if (first == i)
			plan_warning(
				d, "capability %s cannot be granted: it is unknown", unknown->v[i]);
	}
}

static void tell_refused_ambient(struct decision *d, uint64_t refused)
{
	for (unsigned i = 0; i < 64; i++)
		if (refused >> i & 1)
			plan_warning(d,
				"can't raise ambient capability %s: it is not both permitted and "
				"inheritable",
				names_of(&oci_capability_names, (int)i));
}

int decide_capabilities(struct decision *d, struct error *e)
{
	if (!d->process)
		return 0;
	const struct oci_capabilities *c = wanted_caps(d);
	uint64_t grant = grantable(d);
	tell_refused_caps(d, (c->bounding | c->permitted | c->effective | c->inheritable) & ~grant);
	uint64_t permitted = c->permitted & grant, inheritable = c->inheritable & grant;
	uint64_t effective = c->effective & permitted;
	/* capabilities(7): ambient is at most what is permitted and inheritable */
	uint64_t ambient = c->ambient & permitted & inheritable;
	tell_refused_ambient(d, c->ambient & grant & ~ambient);
	uint64_t until_exec = caps_until_exec(d);
	struct step *s = plan_add(d, "process.capabilities",
		"keep capabilities: permitted %016llx, effective %016llx, inheritable %016llx, "
		"ambient %016llx%s",
		(unsigned long long)permitted, (unsigned long long)effective,
		(unsigned long long)inheritable, (unsigned long long)ambient,
		until_exec_text(d, until_exec & ~permitted));
	if (s) {
		s->u.caps.permitted = permitted | until_exec;
		s->u.caps.effective = effective | until_exec;
		s->u.caps.inheritable = inheritable;
		s->u.caps.ambient = ambient;
	}
	return plan_status(d, e);
}

/* Buildah lists the own group for every RUN: who has it, has what is asked for. */
static bool has_other_groups(const struct oci_user *u)
{
	for (size_t i = 0; i < u->additional_gids.n; i++)
		if (u->additional_gids.v[i] != u->gid)
			return true;
	return false;
}

/* crun(1): no setgroups at all, neither to set the additional groups nor to clear the list.
 * Podman's
 * --group-add keep-groups; it adds the process's own group to the list, which is no loss. */
static int keep_groups(struct decision *d, struct error *e)
{
	const struct oci_user *u = &d->process->user;
	if (has_other_groups(u))
		plan_degraded(d, "process.user.additionalGids is not applied: the annotation "
				 "run.oci.keep_original_groups keeps the caller's groups");
	struct step *s = plan_add(d, "annotations.run.oci.keep_original_groups",
		"become uid %u, gid %u with the caller's groups", u->uid, u->gid);
	if (s)
		s->u.identity = (struct identity_step){ .uid = u->uid, .gid = u->gid };
	return plan_status(d, e);
}

static int error_not_mapped(struct decision *d, const char *kind, uint32_t id, struct error *e)
{
	const char *path = plan_path(d, "process.user.%s", kind);
	if (!d->default_ids)
		return error_field(e, path, "%s %u is not in linux.%sMappings", kind, id, kind);
	return error_field(
		e, path, "%s %u is not in the container's map%s", kind, id, plan_why_one_id(d));
}

int decide_identity(struct decision *d, struct error *e)
{
	if (!d->process)
		return 0;
	const struct oci_user *u = &d->process->user;
	if (d->id_map && !id_is_mapped(&d->id_map->uids, u->uid))
		return error_not_mapped(d, "uid", u->uid, e);
	if (d->id_map && !id_is_mapped(&d->id_map->gids, u->gid))
		return error_not_mapped(d, "gid", u->gid, e);
	if (annotation_value(&d->config->annotations, ANNOTATION_KEEP_GROUPS))
		return keep_groups(d, e);
	bool denied = (d->id_map && d->id_map->deny_setgroups) || d->host->setgroups_denied;
	if (denied && has_other_groups(u))
		return error_field(e, "process.user.additionalGids",
			"groups cannot be set: the user namespace maps one id only, and setgroups "
			"is denied there (user_namespaces(7))%s",
			plan_why_one_id(d));
	size_t n_groups = denied ? 0 : u->additional_gids.n;
	struct step *s = plan_add(d, "process.user", "become uid %u, gid %u with %zu more groups",
		u->uid, u->gid, n_groups);
	if (s)
		s->u.identity = (struct identity_step){ u->uid, u->gid, !denied, n_groups,
			u->additional_gids.v };
	return plan_status(d, e);
}

/* Programs open /dev/stdout anew, which asks for the rights to the pipe or file behind it. */
int decide_stdio_owner(struct decision *d, struct error *e)
{
	if (d->process && !d->process->terminal) {
		struct step *s = plan_add(d, NULL,
			"give standard input, output and error to uid %u", d->process->user.uid);
		if (s)
			s->u.identity.uid = d->process->user.uid;
	}
	return plan_status(d, e);
}

int decide_no_new_privs(struct decision *d, struct error *e)
{
	if (d->process && d->process->no_new_privileges)
		plan_add(d, "process.noNewPrivileges", "set no_new_privs");
	return plan_status(d, e);
}

static const char *environment(const struct string_list *env, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = env->n; i-- > 0;)
		if (!strncmp(env->v[i], name, n) && env->v[i][n] == '=')
			return env->v[i] + n + 1;
	return NULL;
}

/* execvpe(3)'s search, by the container's own PATH. */
static void candidates(struct decision *d, struct exec_step *x)
{
	static const char default_path[] =
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	if (strchr(x->name, '/') || !*x->name) {
		const char **one = ARENA_ARRAY(d->arena, 1, const char *);
		if (one)
			one[0] = x->name;
		x->candidates = one;
		x->n_candidates = 1;
		return;
	}
	const char *path = environment(&d->process->env, "PATH");
	if (!path)
		path = default_path;
	size_t n = 1;
	for (const char *p = path; *p; p++)
		n += *p == ':';
	const char **all = ARENA_ARRAY(d->arena, n, const char *);
	if (!all)
		return;
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(path, ":");
		/* an empty entry is the working directory; exec(3) */
		all[i] = len ? plan_path(d, "%.*s/%s", (int)len, path, x->name) : x->name;
		path += len + (path[len] == ':');
	}
	x->candidates = all;
	x->n_candidates = n;
}

/* getenv(3) finds the first, shells take the last: what was added last is meant, and said once. */
static bool is_last_of_its_name(const struct string_list *env, size_t i)
{
	size_t n = strcspn(env->v[i], "=");
	for (size_t j = i + 1; j < env->n; j++)
		if (strncmp(env->v[j], env->v[i], n) == 0 && (env->v[j][n] == '=' || !env->v[j][n]))
			return false;
	return true;
}

const struct exec_step *plan_exec_arguments(struct decision *d)
{
	const struct oci_process *p = d->process;
	if (d->exec || !p || !p->args.n)
		return d->exec;
	struct exec_step *x = ARENA_NEW(d->arena, struct exec_step);
	/* room for LISTEN_FDS, LISTEN_PID, HOME and the end */
	char **envp = ARENA_ARRAY(d->arena, p->env.n + 4, char *);
	if (!x || !envp)
		return NULL;
	size_t n = 0;
	for (size_t i = 0; i < p->env.n; i++)
		if (is_last_of_its_name(&p->env, i) && strcmp(p->env.v[i], "HOME=") != 0)
			envp[n++] = (char *)p->env.v[i];
	if (d->host->listen_fds && !enters_container(d)) {
		envp[n++] = (char *)plan_path(d, "LISTEN_FDS=%u", d->host->listen_fds);
		/* sd_listen_fds(3): init is 1 in its PID namespace */
		envp[n++] = (char *)plan_path(d, "LISTEN_PID=1");
	}
	x->name = p->args.v[0];
	x->argv = (char *const *)p->args.v;
	x->envp = envp;
	x->n_env = n;
	x->uid = p->user.uid;
	candidates(d, x);
	return d->exec = x;
}

static int add_exec(struct decision *d, const char *json_path, const char *summary, struct error *e)
{
	const struct exec_step *x = plan_exec_arguments(d);
	if (x) {
		struct step *s = plan_add(d, json_path, "%s %s", summary, x->name);
		if (s) {
			s->u.exec = *x;
			s->u.exec.under_landlock = d->landlock && (d->landlock->fs & 5);
		}
	}
	return plan_status(d, e);
}

/* At create already, so that a wrong command is told to who wrote it. */
int decide_find_executable(struct decision *d, struct error *e)
{
	return add_exec(d, "process.args", "find the executable", e);
}

int decide_exec(struct decision *d, struct error *e)
{
	/* the name was right, or it would not have been found: nothing in the config is to be
	 * pointed at */
	return add_exec(d, NULL, "execute", e);
}

int decide_home(struct decision *d, struct error *e)
{
	const struct exec_step *x = plan_exec_arguments(d);
	const char *home = x ? environment(&d->process->env, "HOME") : NULL;
	if (x && (!home || !*home)) {
		struct step *s = plan_add(d, NULL, "look up HOME of uid %u in /etc/passwd", x->uid);
		if (s)
			s->u.exec = *x;
	}
	return plan_status(d, e);
}

static int add_close(struct decision *d, const char *but, struct error *e)
{
	unsigned first = 3 + d->host->listen_fds + d->choices->preserve_fds;
	struct step *s = plan_add(d, NULL, "close all descriptors from %u on%s", first, but);
	if (s)
		s->u.number = first;
	return plan_status(d, e);
}

int decide_close_descriptors(struct decision *d, struct error *e)
{
	return add_close(d, ", but the runtime's sockets and the hooks' output", e);
}

int decide_close_rest(struct decision *d, struct error *e)
{
	return add_close(d, ", but the runtime's socket", e);
}
