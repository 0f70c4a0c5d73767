/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restore: CRIU makes the processes, and we what stands around them. Its meetings are CRIU's
 * notifications, each of which waits for our answer. PURE.
 */
#include <errno.h>

#include "cgroup/plan.h"
#include "plan/decide.h"

/* The root, with a place for each mount: binds with their sources, since the place of a later one
 * may be in them. What the kernel or the image fills needs no more than a directory. */
static int add_places(struct decision *d, struct restore_step *s)
{
	size_t n = d->config->mounts.n;
	struct restore_place *v = ARENA_ARRAY(d->arena, n + 1, struct restore_place);
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct oci_mount *m = &d->config->mounts.v[i];
		const struct mount_options *o = &d->mount_options[i];
		if (o->remount || plan_is_cgroup_mount(m))
			continue;
		bool is_bind = plan_is_bind(m, o);
		v[s->n_places++] = (struct restore_place){
			.target = m->destination,
			.source = is_bind ? plan_mount_source(d, m->source) : NULL,
			.recursive = o->rbind,
		};
	}
	s->places = v;
	return 0;
}

int decide_start_criu(struct decision *d, struct error *e)
{
	/* what decide_terminal() demands, too */
	if (d->process && d->process->terminal && d->choices->detach && !d->choices->console_socket)
		return error_field(e, "process.terminal",
			"a detached container with a terminal needs --console-socket");
	struct step *s =
		plan_add(d, "root.path", "start criu with %s as the root", d->choices->rootfs);
	if (s && add_places(d, &s->u.restore) == 0)
		s->u.restore.new_keyring = !d->choices->no_new_keyring;
	return plan_status(d, e);
}

/* criu's process first, whose children the restored ones are. */
int decide_criu_cgroup(struct decision *d, struct error *e)
{
	if (!d->cgroup || !d->cgroup->dirs.n || d->cgroup->systemd)
		return 0;
	struct step *s = plan_add(d, "linux.cgroupsPath", "move criu into the container's cgroup");
	if (s)
		s->u.cgroup = d->cgroup;
	return plan_status(d, e);
}

int decide_criu_namespaces(struct decision *d, struct error *e)
{
	plan_add(d, NULL, "let criu make the namespaces");
	return plan_status(d, e);
}

/* CRIU leaves a network namespace empty, for whoever has interfaces to put in. */
int decide_criu_loopback(struct decision *d, struct error *e)
{
	if (d->ns.mode[OCI_NS_NETWORK] == NS_NEW)
		plan_add(d, NULL, "set up the loopback interface");
	return plan_status(d, e);
}

int decide_criu_processes(struct decision *d, struct error *e)
{
	plan_add(d, NULL, "let criu restore the processes");
	return plan_status(d, e);
}

int decide_criu_resume(struct decision *d, struct error *e)
{
	plan_add(d, NULL, "let the processes go on");
	return plan_status(d, e);
}
