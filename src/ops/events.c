/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events: what a container uses, once or again and again until it ends, and when the kernel kills
 * in it for want of memory. Runs as HOST; takes no lock, changes nothing.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cgroup/stats.h"
#include "ops/events_json.h"
#include "ops/session.h"

/* A line is complete when it is seen: clients read them as they come. */
static int print_line(const char *text, struct error *e)
{
	if (puts(text) < 0 || fflush(stdout) != 0)
		return error_errno(e, errno, "write standard output");
	return 0;
}

static int print_event(const char *id, const char *type, struct error *e)
{
	struct arena arena;
	char *text;
	arena_init(&arena);
	int r = event_encode(&arena, type, id, NULL, &text, e);
	if (r == 0)
		r = print_line(text, e);
	arena_free(&arena);
	return r;
}

static int print_stats(const struct container *c, struct error *e)
{
	struct arena arena;
	struct cgroup_stats cgroup;
	struct resctrl_stats resctrl;
	const struct container_use use = { &cgroup, c->resctrl ? &resctrl : NULL };
	char *text;
	arena_init(&arena);
	int r = cgroup_stats_read(&arena, &c->cgroup, &cgroup, e);
	if (r == 0 && c->resctrl)
		r = resctrl_stats_read(&arena, c->resctrl, &resctrl, e);
	if (r == 0)
		r = event_encode(&arena, "stats", c->id, &use, &text, e);
	if (r == 0)
		r = print_line(text, e);
	arena_free(&arena);
	return r;
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* poll(2) takes an int; an interval may be days. */
static int until(uint64_t next)
{
	uint64_t now = now_ms();
	return next <= now ? 0 : next - now > 60000 ? 60000 : (int)(next - now);
}

static int print_ooms(const struct container *c, struct oom_watch *oom, struct error *e)
{
	int r = 0;
	for (uint64_t n = cgroup_new_ooms(oom); r == 0 && n > 0; n--)
		r = print_event(c->id, "oom", e);
	return r;
}

/* The container's cgroup may go before its first process's end is seen: no error then. */
static bool has_ended(int pidfd, int timeout_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	return poll(&p, 1, timeout_ms) == 1;
}

static int follow(const struct container *c, const struct events_options *o, int pidfd,
	struct oom_watch *oom, struct error *e)
{
	uint64_t next = now_ms();
	for (;;) {
		struct pollfd p[] = {
			{ .fd = pidfd, .events = POLLIN },
			{ .fd = oom->fd, .events = oom->events },
		};
		int ready = poll(p, ARRAY_SIZE(p), until(next));
		if (ready < 0 && errno != EINTR)
			return error_errno(e, errno, "poll");
		/* also at the end: the kill may have been it */
		int r = print_ooms(c, oom, e);
		if (r < 0 || (ready > 0 && p[0].revents))
			return r;
		if (until(next) > 0)
			continue;
		next += o->interval_ms;
		r = print_stats(c, e);
		if (r == -ENODEV && has_ended(pidfd, 100))
			return 0;
		if (r < 0)
			return r;
	}
}

int op_events(const struct global_options *g, const struct events_options *o, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	int r = session_open(g, o->id, STATE_READ, &s, e);
	if (r == 0)
		r = session_check_alive(&s, e);
	if (r < 0)
		return r;
	if (o->stats)
		return print_stats(&s.container, e);
	AUTO_CLOSE int pidfd = container_pidfd(&s.container);
	if (pidfd < 0)
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	struct oom_watch oom;
	struct error why;
	/* a user may not write to cgroup.event_control of v1: the figures are there all the same */
	if (cgroup_watch_oom(&s.container.cgroup, &oom, &why) < 0)
		log_warning(&why);
	r = follow(&s.container, o, pidfd, &oom, e);
	cgroup_unwatch_oom(&oom);
	return r;
}
