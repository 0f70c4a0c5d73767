/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading libsystemd and finding the manager. Runs in HOST.
 * Mustn't fall back to the system's manager for somebody who is not root: it would ask for a
 * password that nobody can type, or start units of a user as root's.
 */
#include "cgroup/systemd_connect.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/identity.h"
#include "cgroup/act.h"
#include "cgroup/systemd_unit.h"

struct systemd_library lib;

#define NAME_(f) { #f, offsetof(struct systemd_library, f) },
static const struct {
	const char *name;
	size_t offset;
} functions[] = { SYSTEMD_FUNCTIONS(NAME_) };

static int load(struct error *e)
{
	static bool is_loaded;
	static const char file[] = "libsystemd.so.0";
	if (is_loaded)
		return 0;
	void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"the systemd cgroup manager needs %s, which cannot be loaded: install "
			"libsystemd, or use --cgroup-manager=cgroupfs",
			file);
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *f = dlsym(handle, functions[i].name);
		if (!f)
			return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
				"the systemd cgroup manager needs a newer %s: it has no %s; use "
				"--cgroup-manager=cgroupfs",
				file, functions[i].name);
		/* POSIX lets a function's address come as an object's; C has no cast for it */
		memcpy((char *)&lib + functions[i].offset, &f, sizeof f);
	}
	is_loaded = true;
	return 0;
}

void systemd_disconnect(struct connection *c)
{
	/* without a flush: calls wait for their answers, and it would wait for a greeting for ever
	 */
	if (c->bus) {
		lib.sd_bus_close(c->bus);
		lib.sd_bus_unref(c->bus);
	}
	c->bus = NULL;
}

static bool is_late;

int systemd_patience_ms(enum systemd_thing thing)
{
	/* 25 s is D-Bus' own. A unit that is stopped gets TimeoutStopSec=, 90 s by default, but
	 * ours has no process left then. */
	static const int patience[] = { [SYSTEMD_ANSWER] = 25000, [SYSTEMD_JOB] = 30000 };
	return is_late ? 2000 : patience[thing];
}

static int limit_calls(const struct connection *c)
{
	return lib.sd_bus_set_method_call_timeout(
		c->bus, (uint64_t)systemd_patience_ms(SYSTEMD_ANSWER) * 1000);
}

int systemd_heard(const struct connection *c, int r)
{
	if (r == -ETIMEDOUT) {
		is_late = true;
		limit_calls(c);
	}
	return r;
}

/* sd-bus has a limit for calls, but a longer one for what comes before the first. */
static int greet(const struct connection *c)
{
	long long deadline = cgroup_clock_ms() + systemd_patience_ms(SYSTEMD_ANSWER);
	int r;
	while ((r = lib.sd_bus_is_ready(c->bus)) == 0) {
		long long left = deadline - cgroup_clock_ms();
		if (left <= 0)
			return systemd_heard(c, -ETIMEDOUT);
		r = lib.sd_bus_process(c->bus, NULL);
		if (r == 0)
			r = lib.sd_bus_wait(c->bus, (uint64_t)left * 1000);
		if (r < 0 && r != -EINTR)
			return r;
	}
	return r;
}

/* The first call shows whether the other side lets us in: the greeting alone is not answered before
 * something is asked. */
static int try_socket(const char *socket, bool is_direct, struct connection *ret)
{
	AUTO_CONNECTION struct connection c = { .is_direct = is_direct };
	struct arena arena;
	arena_init(&arena);
	const char *address = systemd_bus_address(&arena, socket);
	int r = address ? lib.sd_bus_new(&c.bus) : -ENOMEM;
	if (r >= 0)
		r = lib.sd_bus_set_address(c.bus, address);
	if (r >= 0)
		r = lib.sd_bus_set_bus_client(c.bus, !is_direct);
	if (r >= 0)
		r = limit_calls(&c);
	if (r >= 0)
		r = lib.sd_bus_start(c.bus);
	if (r >= 0)
		r = greet(&c);
	if (r >= 0)
		r = SYSTEMD_ASK(&c, sd_bus_call_method, "org.freedesktop.systemd1",
			"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
			"Subscribe", NULL, NULL, NULL);
	arena_free(&arena);
	if (r < 0)
		return r;
	*ret = c;
	c.bus = NULL;
	return 0;
}

/* Not in errno's words: clients would take "no such file" for the container's program. */
static const char *why(int r)
{
	switch (-r) {
	case ENOENT:
		return "there is no socket";
	case ECONNREFUSED:
		return "nobody listens there";
	case EACCES:
	case EPERM:
		return "it does not let us in";
	case ETIMEDOUT:
		return "it does not answer";
	}
	return "it does not talk to us";
}

static int connect_system(struct connection *ret, struct error *e)
{
	static const char bus[] = "/run/dbus/system_bus_socket";
	int r = try_socket(bus, false, ret);
	if (r < 0 && try_socket("/run/systemd/private", true, ret) == 0)
		return 0;
	if (r == 0)
		return 0;
	return error_set(e, ERROR_UNSUPPORTED, ENOTCONN,
		"cannot reach systemd on %s: %s; is this host run by systemd? use "
		"--cgroup-manager=cgroupfs otherwise",
		bus, why(r));
}

static int connect_user(struct connection *ret, struct error *e)
{
	char remedy[USER_NAME_SIZE + 128], name[USER_NAME_SIZE];
	snprintf(remedy, sizeof remedy,
		"`loginctl enable-linger %s` starts the user's systemd, or use "
		"--cgroup-manager=cgroupfs",
		user_name(getuid(), name));
	const char *dir = getenv("XDG_RUNTIME_DIR");
	char bus[4096], private[4096];
	if (!dir || !*dir)
		return error_set(e, ERROR_UNSUPPORTED, ENOTCONN,
			"cannot reach this user's systemd: XDG_RUNTIME_DIR is not set; log in, or "
			"set it to /run/user/UID; %s",
			remedy);
	int n = snprintf(bus, sizeof bus, "%s/bus", dir);
	int m = snprintf(private, sizeof private, "%s/systemd/private", dir);
	if (n < 0 || m < 0 || (size_t)m >= sizeof private)
		return error_set(e, ERROR_UNSUPPORTED, ENOTCONN, "XDG_RUNTIME_DIR is too long");
	int r = try_socket(bus, false, ret);
	if (r < 0 && try_socket(private, true, ret) == 0)
		return 0;
	if (r == 0)
		return 0;
	return error_set(e, ERROR_UNSUPPORTED, ENOTCONN,
		"cannot reach this user's systemd on %s: %s; %s", bus, why(r), remedy);
}

/*
 * systemd is told of init by number. From a container that has the host's bus bound into it, the
 * number would be some process of the host's, which would be put into the unit and killed with it.
 * unix(7): a peer of a PID namespace outside of ours has no number here.
 */
static int check_pid_namespace(const struct connection *c, struct error *e)
{
	struct ucred peer = { 0 };
	socklen_t size = sizeof peer;
	int fd = lib.sd_bus_get_fd(c->bus);
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid > 0)
		return 0;
	return error_set(e, ERROR_UNSUPPORTED, ENOTCONN,
		"systemd is outside of this PID namespace, so it cannot be told of processes in "
		"it; "
		"use --cgroup-manager=cgroupfs");
}

int systemd_connect(bool is_user, struct connection *ret, struct error *e)
{
	AUTO_CONNECTION struct connection c = { 0 };
	int r = load(e);
	if (r < 0)
		return r;
	r = is_user ? connect_user(&c, e) : connect_system(&c, e);
	if (r == 0)
		r = check_pid_namespace(&c, e);
	if (r < 0)
		return r;
	*ret = c;
	c.bus = NULL;
	return 0;
}
