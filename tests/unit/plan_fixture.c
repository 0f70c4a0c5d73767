/* SPDX-License-Identifier: Apache-2.0 */
/* From a case to a plan, by the same pure functions as create, run and exec. */
#include "plan_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/capability.h>
#include <linux/filter.h>

#include "base/cleanup.h"
#include "cgroup/plan.h"
#include "libocispec/document.h"
#include "plan/annotations.h"
#include "plan/emulation.h"

static const struct host_facts users[USER_COUNT] = {
	[ROOT] = { .caps = (UINT64_C(1) << 41) - 1, .last_cap = 40, .initial_userns = true },
	/* root of the host in a container, without a user namespace */
	[ROOT_OF_FEW] = { .caps = UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_KILL,
		.last_cap = 40,
		.initial_userns = true },
	[USER_1000] = { .euid = 1000, .egid = 1000, .last_cap = 40, .initial_userns = true },
	/* rootless Podman calls us like this */
	[NESTED_ROOT] = { .caps = (UINT64_C(1) << 41) - 1, .last_cap = 40 },
	[NESTED_ONE_ID] = { .caps = (UINT64_C(1) << 41) - 1,
		.last_cap = 40,
		.setgroups_denied = true },
};

static void add_hierarchy(struct fixture *f, struct cgroup_host *host, const char *name,
	const char *mount, bool writable)
{
	struct cgroup_hierarchy *h = &host->v[host->n++];
	bool is_v2 = !*name;
	unsigned all =
		is_v2 ? CGROUP_BIT(CGROUP_CPU) | CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_PIDS)
		      : cgroup_controllers_parse(name, strlen(name));
	*h = (struct cgroup_hierarchy){
		.is_v2 = is_v2,
		.name = name,
		.controllers = all,
		.mount = mount,
		.mount_root = "/",
		.own = "session",
	};
	if (!writable)
		return;
	h->levels.v = ARENA_NEW(&f->arena, struct cgroup_level);
	h->levels.v[0] = (struct cgroup_level){
		.path = "", .can_create = true, .can_enable = true, .available = all, .enabled = all
	};
	h->levels.n = 1;
}

static struct cgroup_host *make_machine(struct fixture *f, enum machine machine, bool writable)
{
	static const enum cgroup_mode modes[MACHINE_COUNT] = { [V2] = CGROUP_MODE_UNIFIED,
		[V1] = CGROUP_MODE_LEGACY,
		[HYBRID] = CGROUP_MODE_HYBRID,
		[NO_CGROUPS] = CGROUP_MODE_NONE };
	struct cgroup_host *host = ARENA_NEW(&f->arena, struct cgroup_host);
	host->v = ARENA_ARRAY(&f->arena, 8, struct cgroup_hierarchy);
	host->mode = modes[machine];
	host->systemd = (struct systemd_facts){ "", 257 };
	if (machine == V2)
		add_hierarchy(f, host, "", "/sys/fs/cgroup", writable);
	if (machine == V1 || machine == HYBRID) {
		add_hierarchy(f, host, "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", writable);
		add_hierarchy(f, host, "devices", "/sys/fs/cgroup/devices", writable);
		add_hierarchy(f, host, "memory", "/sys/fs/cgroup/memory", writable);
		add_hierarchy(f, host, "name=systemd", "/sys/fs/cgroup/systemd", writable);
	}
	if (machine == HYBRID)
		add_hierarchy(f, host, "", "/sys/fs/cgroup/unified", writable);
	return host;
}

/* "pid network=/run/a" to the members of linux.namespaces */
static const char *namespaces_json(struct arena *arena, const char *words)
{
	const char *text = "";
	for (const char *p = words; *p;) {
		size_t n = strcspn(p, " "), type = strcspn(p, " =");
		text = arena_printf(
			arena, "%s%s{\"type\":\"%.*s\"", text, *text ? "," : "", (int)type, p);
		if (type < n)
			text = arena_printf(arena, "%s,\"path\":\"%.*s\"", text,
				(int)(n - type - 1), p + type + 1);
		text = arena_printf(arena, "%s}", text);
		p += n + (p[n] == ' ');
	}
	return text;
}

static const char *config_text(struct arena *arena, const struct plan_case *c)
{
	if (c->config)
		return c->config;
	const char *process = arena_printf(arena,
		"\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"],\"env\":[\"PATH=/bin\"]%s%s},",
		c->process ? "," : "", c->process ? c->process : "");
	return arena_printf(arena,
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},%s"
		"\"linux\":{\"namespaces\":[%s]%s%s}%s%s}",
		c->no_process ? "" : process, namespaces_json(arena, c->namespaces),
		c->linux_ ? "," : "", c->linux_ ? c->linux_ : "", c->top ? "," : "",
		c->top ? c->top : "");
}

/* A case whose document is refused tests something else than it says. */
static void must(int r, const struct plan_case *c, const struct error *e)
{
	char line[1024];
	if (r == 0)
		return;
	error_format(e, line, sizeof line);
	fprintf(stderr, "case %s: %s\n", c->name, line);
	abort();
}

static void decode(struct fixture *f, const struct plan_case *c, struct oci_config **ret_config,
	struct oci_process **ret_process)
{
	const char *text = config_text(&f->arena, c);
	must(oci_config_decode(text, strlen(text), "config.json", &f->arena, ret_config, &f->error),
		c, &f->error);
	*ret_process = (*ret_config)->process;
	if (c->executed)
		must(oci_process_decode(c->executed, strlen(c->executed), "process.json", &f->arena,
			     ret_process, &f->error),
			c, &f->error);
}

static void decide_cgroup_part(struct fixture *f, const struct plan_case *c,
	const struct cgroup_host *host, const struct oci_config *config)
{
	const struct oci_linux *l = config->linux_;
	struct cgroup_request request = {
		.id = "c1",
		.cgroups_path = l ? l->cgroups_path : NULL,
		.resources = l ? l->resources : NULL,
		.is_rootless = c->user != ROOT,
		.manager = c->manager,
		.bundle = "/bundle",
		.subgroup = annotation_value(&config->annotations, ANNOTATION_SYSTEMD_SUBGROUP),
		.annotations = &config->annotations,
	};
	f->cgroup = ARENA_NEW(&f->arena, struct cgroup_plan);
	must(cgroup_decide(&f->arena, &request, host, f->cgroup, &f->error), c, &f->error);
}

const struct sequence *fixture_sequence(const struct plan_case *c)
{
	return c->choices.verb == VERB_EXEC	 ? &exec_sequence
	       : c->choices.verb == VERB_RESTORE ? &restore_sequence
	       : c->choices.verb < VERB_EXEC	 ? &create_sequence
						 : &mounts_sequence;
}

int fixture_decide(struct fixture *f, const struct plan_case *c)
{
	static const struct sock_filter allow_all[] = { BPF_STMT(
		BPF_RET | BPF_K, 0x7fff0000U /* SECCOMP_RET_ALLOW */) };
	static const struct cgroup_location nowhere;
	struct oci_config *config;
	struct oci_process *process;
	*f = (struct fixture){ 0 };
	arena_init(&f->arena);
	decode(f, c, &config, &process);
	f->has_process = process != NULL;

	struct host_facts host = users[c->user];
	host.listen_fds = c->listen_fds;
	host.apparmor = host.selinux = c->lsm;
	host.landlock = c->landlock;
	host.resctrl = &c->resctrl;
	host.subids = &c->subids;
	host.hard_limits = c->hard_limits;
	host.device_sources = c->device_sources;
	host.cgroup = make_machine(f, c->machine, c->user == ROOT);
	struct choices choices = c->choices;
	choices.id = "c1";
	choices.bundle = "/bundle";
	choices.rootfs = "/bundle/rootfs";
	choices.emulate_ids = emulation_is_asked(choices.emulate_ids, &config->annotations);
	if (annotation_value(&config->annotations, ANNOTATION_DEGRADE))
		must(policies_choose(NULL, &config->annotations, &choices.policies, &f->error), c,
			&f->error);
	if (choices.idmap == IDMAP_AUTO)
		must(idmap_mode_choose(NULL, &config->annotations, &choices.idmap, &f->error), c,
			&f->error);
	decide_cgroup_part(f, c, host.cgroup, config);

	struct decision d = {
		.config = config,
		.process = process,
		.host = &host,
		.choices = &choices,
		.cgroup = c->choices.verb >= VERB_EXEC ? NULL : f->cgroup,
		.location = c->choices.verb > VERB_EXEC ? &nowhere : &f->cgroup->location,
		.resctrl_group = c->resctrl_group,
		.arena = &f->arena,
		.plan = &f->plan,
		.state_head = "{\"pid\":",
		.state_tail = "}",
	};
	int r = derive(&d, &f->error);
	if (r < 0)
		return r;
	if (config->linux_ && config->linux_->seccomp) {
		d.filter = allow_all;
		d.n_filter = ARRAY_SIZE(allow_all);
	}
	if (choices.emulate_ids) {
		d.emulation = allow_all;
		d.n_emulation = ARRAY_SIZE(allow_all);
	}
	return sequence_decide(fixture_sequence(c), &d, &f->error);
}

const char *fixture_text(struct fixture *f, const struct plan_case *c)
{
	const struct sequence *seq = fixture_sequence(c);
	const char *text = "";
	if (f->error.kind != ERROR_NONE) {
		char line[1024];
		error_format(&f->error, line, sizeof line);
		return arena_printf(&f->arena, "%s\n", line);
	}
	for (size_t i = 0; i < f->plan.n_steps; i++)
		text = arena_printf(
			&f->arena, "%s%s\n", text, sequence_step_text(&f->arena, seq, &f->plan, i));
	for (size_t i = 0; i < f->cgroup->degraded.n; i++)
		text = arena_printf(&f->arena, "%sdegraded: %s\n", text, f->cgroup->degraded.v[i]);
	for (size_t i = 0; i < f->plan.degraded.n; i++)
		text = arena_printf(&f->arena, "%sdegraded: %s\n", text, f->plan.degraded.v[i]);
	for (size_t i = 0; i < f->plan.warnings.n; i++)
		text = arena_printf(&f->arena, "%swarning: %s\n", text, f->plan.warnings.v[i]);
	return text;
}

void fixture_free(struct fixture *f)
{
	arena_free(&f->arena);
}
