/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps that every container has: state, cgroup, meetings, the end of create.
 * PURE. spec: runtime.md#lifecycle
 */
#include <sched.h>

#include "cgroup/plan.h"
#include "plan/annotations.h"
#include "plan/decide.h"
#include "plan/namespace_types.h"

static int add_plain(
	struct decision *d, const char *json_path, const char *summary, struct error *e)
{
	plan_add(d, json_path, "%s", summary);
	return plan_status(d, e);
}

int decide_host_proc(struct decision *d, struct error *e)
{
	return add_plain(d, NULL, "open the host's procfs", e);
}

int decide_reserve_state(struct decision *d, struct error *e)
{
	plan_add(d, NULL, "reserve the state directory of %s", d->choices->id);
	return plan_status(d, e);
}

int decide_open_rootfs(struct decision *d, struct error *e)
{
	struct step *s = plan_add(d, "root.path", "open the rootfs %s", d->choices->rootfs);
	if (s)
		s->u.text.path = d->choices->rootfs;
	return plan_status(d, e);
}

int decide_notify_socket(struct decision *d, struct error *e)
{
	return d->choices->notify ? add_plain(d, NULL, "listen for the service's notifications", e)
				  : 0;
}

int decide_start_socket(struct decision *d, struct error *e)
{
	return d->choices->verb == VERB_CREATE ? add_plain(d, NULL, "listen for start", e) : 0;
}

int decide_prepare_init(struct decision *d, struct error *e)
{
	return add_plain(d, NULL, "tie init to the runtime, start a session", e);
}

int decide_attach_cgroup(struct decision *d, struct error *e)
{
	if (!d->cgroup_needs_attach)
		return 0;
	struct step *s = plan_add(d, "linux.cgroupsPath", "move init into its cgroups");
	if (s)
		s->u.cgroup = d->cgroup;
	return plan_status(d, e);
}

int decide_save_state(struct decision *d, struct error *e)
{
	return add_plain(d, NULL, "save the state", e);
}

/* Only where HOST has something to do to init before it may go on. Sysctls may be those of a
 * network device. */
int decide_ids_ready(struct decision *d, struct error *e)
{
	bool has_unit = d->cgroup && d->cgroup->systemd;
	return d->id_map || has_unit || d->cgroup_needs_attach || decision_linux(d)->net_devices.n
		       ? add_plain(d, NULL, "wait for ids and cgroup", e)
		       : 0;
}

/* The stager has told HOST the pid before init can say anything on the same channel. */
int decide_pid_known(struct decision *d, struct error *e)
{
	return d->ns.stager ? add_plain(d, NULL, "wait until the runtime knows init", e) : 0;
}

int decide_live_on(struct decision *d, struct error *e)
{
	return add_plain(d, NULL, "untie init from the runtime", e);
}

int decide_created(struct decision *d, struct error *e)
{
	return d->choices->verb == VERB_CREATE ? add_plain(d, NULL, "init is set up", e) : 0;
}

int decide_publish(struct decision *d, struct error *e)
{
	return d->choices->verb == VERB_CREATE ? add_plain(d, NULL, "let start in", e) : 0;
}

static void add_send_pidfd(struct decision *d, const char *json_path, const char *socket)
{
	struct step *s = plan_add(d, json_path, "send a pidfd of the process to %s", socket);
	if (s) {
		s->u.text.path = socket;
		/* the data that goes with it is runc's */
		s->u.text.value = d->choices->verb == VERB_EXEC ? "setns" : "standard";
	}
}

int decide_send_pidfd(struct decision *d, struct error *e)
{
	const char *receiver = annotation_value(&d->config->annotations, ANNOTATION_PIDFD_RECEIVER);
	if (d->choices->pidfd_socket)
		add_send_pidfd(d, NULL, d->choices->pidfd_socket);
	if (receiver && d->choices->verb != VERB_EXEC)
		add_send_pidfd(d, "annotations.run.oci.pidfd_receiver", receiver);
	return plan_status(d, e);
}

int decide_pid_file(struct decision *d, struct error *e)
{
	if (d->choices->pid_file) {
		struct step *s = plan_add(d, NULL, "write the pid to %s", d->choices->pid_file);
		if (s)
			s->u.text.path = d->choices->pid_file;
	}
	return plan_status(d, e);
}

int decide_released(struct decision *d, struct error *e)
{
	return add_plain(d, NULL, "wait until the runtime is done", e);
}

int decide_wait_start(struct decision *d, struct error *e)
{
	return d->choices->verb == VERB_CREATE ? add_plain(d, NULL, "wait for start", e) : 0;
}

/* As late as may be: not after the filter, which need allow nothing but execve. */
int decide_tell_start(struct decision *d, struct error *e)
{
	return d->choices->verb == VERB_CREATE
		       ? add_plain(d, NULL, "tell start that it executes", e)
		       : 0;
}

int decide_await_exec(struct decision *d, struct error *e)
{
	return d->choices->verb == VERB_CREATE ? 0
					       : add_plain(d, NULL, "see the process executed", e);
}

/* exec */

int decide_join_container(struct decision *d, struct error *e)
{
	int flags = 0;
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (d->ns.mode[t] == NS_JOIN)
			flags |= namespace_types[t].flag;
	if (flags) {
		struct step *s = plan_add(d, NULL, "join the namespaces of %s", d->choices->id);
		if (s)
			s->u.ns.flag = flags;
	}
	return plan_status(d, e);
}

int decide_mounts_done(struct decision *d, struct error *e)
{
	return add_plain(d, NULL, "the mounts are made", e);
}

int decide_enter_container_root(struct decision *d, struct error *e)
{
	return d->ns.mode[OCI_NS_MOUNT] == NS_KEEP
		       ? add_plain(d, NULL, "enter the container's root", e)
		       : 0;
}

int decide_exec_cgroup(struct decision *d, struct error *e)
{
	return add_plain(d, NULL, "open the container's cgroup", e);
}
