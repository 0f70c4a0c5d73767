/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The children of `doctor`: they run at the same time, write into memory that is shared, and are
 * killed when their time is over. What is not attached anywhere goes with them.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/cleanup.h"
#include "base/identity.h"
#include "cause/look.h"
#include "doctor/doctor.h"
#include "sys/process.h"

enum { TIME_LIMIT_MS = 2000 };

void probe_works(struct probe_result *r, const char *detail, ...)
{
	r->mark = PROBE_WORKS;
	if (!detail)
		return;
	va_list ap;
	va_start(ap, detail);
	vsnprintf(r->detail, sizeof r->detail, detail, ap);
	va_end(ap);
}

void probe_lacks(struct probe_result *r, const char *what, const char *remedy)
{
	r->mark = PROBE_LACKS;
	snprintf(r->what, sizeof r->what, "%s", what);
	snprintf(r->remedy, sizeof r->remedy, "%s", remedy ? remedy : "");
}

void probe_skipped(struct probe_result *r, const char *detail)
{
	r->mark = PROBE_SKIPPED;
	snprintf(r->detail, sizeof r->detail, "%s", detail);
}

void probe_result_of(struct probe_result *r, const char *call, int result)
{
	if (result >= 0) {
		r->mark = PROBE_WORKS;
		return;
	}
	r->mark = PROBE_LACKS;
	r->err = -result;
	snprintf(r->call, sizeof r->call, "%s", call);
}

static void run_place(struct doctor *d, enum place place)
{
	for (size_t i = 0; i < n_probes; i++)
		if (probes[i].place == place)
			probes[i].run(d, &probes[i], &d->results[i]);
}

static void skip_place(struct doctor *d, enum place place, const char *why)
{
	for (size_t i = 0; i < n_probes; i++)
		if (probes[i].place == place)
			probe_skipped(&d->results[i], why);
}

static _Noreturn void be_outside(struct doctor *d, enum place place)
{
	sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
	run_place(d, place);
	_exit(0);
}

/* First process of a PID namespace, if there is one. */
static void be_pid_1(struct doctor *d)
{
	pid_t pid = d->inside & CLONE_NEWPID ? sys_spawn(&(struct spawn){ .cgroup_fd = -1 }) : -1;
	if (pid == 0) {
		sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
		run_place(d, PLACE_PID);
		_exit(0);
	}
	if (pid < 0)
		skip_place(d, PLACE_PID, "no PID namespace");
	else
		sys_wait_child(pid, NULL);
}

/* As a container's init: it waits until its ids are mapped. */
static _Noreturn void be_inside(struct doctor *d, int gate, uint64_t *ret_inside)
{
	char byte;
	sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(gate, &byte, 1) != 0)
		_exit(1);
	run_place(d, PLACE_INSIDE);
	run_place(d, PLACE_FORK);
	*ret_inside = d->inside;
	be_pid_1(d);
	run_place(d, PLACE_LAST);
	_exit(0);
}

struct child {
	pid_t pid;
	int pidfd;
};

static struct child start(struct doctor *d, enum place place, uint64_t *ret_inside)
{
	struct child c = { .pidfd = -1 };
	int gate[2] = { -1, -1 };
	uint64_t flags = 0;
	if (place == PLACE_INSIDE && !d->is_privileged)
		flags = CLONE_NEWUSER;
	if (pipe2(gate, O_CLOEXEC) < 0)
		return c;
	c.pid = sys_spawn(
		&(struct spawn){ .flags = flags, .cgroup_fd = -1, .ret_pidfd = &c.pidfd });
	if (c.pid == 0) {
		close(gate[1]);
		if (place == PLACE_INSIDE)
			be_inside(d, gate[0], ret_inside);
		be_outside(d, place);
	}
	if (c.pid > 0 && flags) {
		char line[32];
		write_map(c.pid, "setgroups", "deny");
		snprintf(line, sizeof line, "0 %u 1", d->process.egid);
		write_map(c.pid, "gid_map", line);
		snprintf(line, sizeof line, "0 %u 1", d->process.euid);
		write_map(c.pid, "uid_map", line);
	}
	close(gate[0]);
	close(gate[1]);
	return c;
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void await(struct child *c, int64_t deadline)
{
	if (c->pid <= 0)
		return;
	struct pollfd end = { .fd = c->pidfd, .events = POLLIN };
	int64_t left = deadline - now_ms();
	if (c->pidfd < 0 || poll(&end, 1, left > 0 ? (int)left : 0) == 0)
		kill(c->pid, SIGKILL);
	sys_wait_child(c->pid, NULL);
	if (c->pidfd >= 0)
		close(c->pidfd);
}

/* A child that was killed at the wrong moment has left its cgroup: the names are known here. */
static void remove_cgroups(const struct doctor *d)
{
	for (size_t i = 0; i < d->cgroup.dirs.n; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", d->cgroup.dirs.v[i].hierarchy->mount,
			d->cgroup.dirs.v[i].path);
		rmdir(path);
	}
}

/* Where a container without limits would have its cgroup; reads only. */
static void plan_cgroup(struct doctor *d)
{
	struct cgroup_request request = {
		.id = d->name, .manager = CGROUP_MANAGER_CGROUPFS, .is_rootless = d->is_rootless
	};
	int r = cgroup_probe(d->arena, &request, &d->cgroup_host, &d->cgroup_error);
	if (r == 0)
		r = cgroup_decide(
			d->arena, &request, &d->cgroup_host, &d->cgroup, &d->cgroup_error);
	if (r < 0 || d->cgroup.dirs.n)
		return;
	/* why there is none is told of limits: ask for one */
	struct oci_pids pids = { 100, true };
	struct oci_resources resources = { .pids = &pids };
	struct cgroup_plan plan;
	request.resources = &resources;
	cgroup_decide(d->arena, &request, &d->cgroup_host, &plan, &d->cgroup_error);
}

/* What a failed probe says: the cause that was seen, else its errno. */
static void complete(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	char text[sizeof r->what];
	if (r->mark == PROBE_UNKNOWN)
		probe_lacks(r,
			"it was not answered within two seconds, or the child that tried it died",
			NULL);
	if (r->mark != PROBE_LACKS || r->what[0])
		return;
	if (p->explain)
		p->explain(d, p, r);
	if (r->what[0])
		return;
	snprintf(text, sizeof text, "%s: %s", r->call, strerror(r->err));
	char *first = text + strlen(r->call) + 2;
	*first = (char)tolower((unsigned char)*first);
	probe_lacks(r, text, NULL);
}

static int prepare(struct doctor *d, uint64_t **ret_inside, struct error *e)
{
	size_t size = n_probes * sizeof *d->results + sizeof **ret_inside;
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return error_errno(e, errno, "doctor");
	*ret_inside = shared;
	d->results = (struct probe_result *)(*ret_inside + 1);
	look_at_process(&d->process);
	d->is_privileged = d->process.has_sys_admin;
	d->is_rootless = !is_real_root();
	d->name = arena_printf(d->arena, "oci-rt-doctor-%d", getpid());
	return d->name ? 0 : error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
}

int doctor_run(struct doctor *d, struct error *e)
{
	static const enum place places[] = { PLACE_BUS, PLACE_INSIDE, PLACE_OUTSIDE };
	struct child children[ARRAY_SIZE(places)];
	uint64_t *inside = NULL;
	int gate = -1;
	int r = prepare(d, &inside, e);
	if (r < 0)
		return r;
	plan_cgroup(d);
	int64_t deadline = now_ms() + TIME_LIMIT_MS;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		children[i] = start(d, places[i], inside);
	d->ids_pid = spawn_in_user_namespace(&gate);
	run_place(d, PLACE_MAIN);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (children[i].pid <= 0 && places[i] == PLACE_INSIDE) {
			skip_place(d, PLACE_INSIDE, "no user namespace");
			skip_place(d, PLACE_FORK, "no user namespace");
			skip_place(d, PLACE_PID, "no user namespace");
			skip_place(d, PLACE_LAST, "no user namespace");
		}
		await(&children[i], deadline);
	}
	if (d->ids_pid > 0) {
		close(gate);
		sys_wait_child(d->ids_pid, NULL);
	}
	remove_cgroups(d);
	d->inside = *inside;
	for (size_t i = 0; i < n_probes; i++)
		complete(d, &probes[i], &d->results[i]);
	return 0;
}
