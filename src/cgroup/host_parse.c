/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup hierarchies of a machine, from the texts of /proc/self/cgroup and
 * /proc/self/mountinfo. Pure. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "cgroup/host.h"

#include "base/cleanup.h"
#include "base/mountinfo.h"

const char *const cgroup_mode_names[CGROUP_MODE_COUNT] = {
	[CGROUP_MODE_NONE] = "none",
	[CGROUP_MODE_UNIFIED] = "unified",
	[CGROUP_MODE_LEGACY] = "legacy",
	[CGROUP_MODE_HYBRID] = "hybrid",
};

static bool has_token(struct span list, struct span token)
{
	struct span item;
	while (span_next(&list, ',', &item))
		if (item.n == token.n && memcmp(item.s, token.s, token.n) == 0)
			return true;
	return false;
}

/* Does this mount show the hierarchy of these controllers ("cpu,cpuacct", "name=x"; "": v2)? */
static bool shows(const struct mountinfo_line *m, struct span controllers)
{
	if (controllers.n == 0)
		return span_is(m->type, "cgroup2");
	if (!span_is(m->type, "cgroup"))
		return false;
	struct span wanted = controllers, one;
	while (span_next(&wanted, ',', &one))
		if (!has_token(m->super_options, one))
			return false;
	return true;
}

/* A hierarchy may be mounted more than once; clients look below /sys/fs/cgroup. */
static bool find_mount(const char *mountinfo, struct span controllers, struct mountinfo_line *ret)
{
	static const char usual[] = "/sys/fs/cgroup";
	struct span text = { mountinfo, strlen(mountinfo) }, line;
	bool found = false;
	while (span_next(&text, '\n', &line)) {
		struct mountinfo_line m = { 0 };
		if (!mountinfo_parse(line, &m) || !shows(&m, controllers))
			continue;
		bool is_usual = m.point.n >= sizeof usual - 1 &&
				memcmp(m.point.s, usual, sizeof usual - 1) == 0;
		if (!found || is_usual)
			*ret = m;
		found = true;
		if (is_usual)
			return true;
	}
	return found;
}

/* Our own cgroup as a path below the mount. In a cgroup namespace it may lie outside: "/../x". */
static const char *own_below(struct arena *arena, struct span own, const char *mount_root)
{
	size_t root_len = strcmp(mount_root, "/") == 0 ? 0 : strlen(mount_root);
	if (own.n >= 3 && memcmp(own.s, "/..", 3) == 0)
		return NULL;
	if (own.n < root_len || memcmp(own.s, mount_root, root_len) != 0)
		return NULL;
	if (own.n > root_len && own.s[root_len] != '/')
		return NULL;
	own.s += root_len;
	own.n -= root_len;
	while (own.n > 0 && *own.s == '/') {
		own.s++;
		own.n--;
	}
	return arena_strndup(arena, own.s, own.n);
}

static void fill(struct arena *arena, struct cgroup_hierarchy *h, struct span controllers,
	struct span own, const struct mountinfo_line *m)
{
	*h = (struct cgroup_hierarchy){
		.is_v2 = controllers.n == 0,
		.is_read_only = has_token(m->options, (struct span){ "ro", 2 }) ||
				has_token(m->super_options, (struct span){ "ro", 2 }),
		.name = arena_strndup(arena, controllers.s, controllers.n),
		.controllers = cgroup_controllers_parse(controllers.s, controllers.n),
		.mount = mountinfo_unescape(arena, m->point),
		.mount_root = mountinfo_unescape(arena, m->root),
	};
	if (h->mount_root)
		h->own = own_below(arena, own, h->mount_root);
}

static enum cgroup_mode mode_of(const struct cgroup_host *host)
{
	bool has_v1 = false, has_v2 = false;
	for (size_t i = 0; i < host->n; i++) {
		has_v2 |= host->v[i].is_v2;
		has_v1 |= !host->v[i].is_v2;
	}
	if (has_v1)
		return has_v2 ? CGROUP_MODE_HYBRID : CGROUP_MODE_LEGACY;
	return has_v2 ? CGROUP_MODE_UNIFIED : CGROUP_MODE_NONE;
}

int cgroup_host_parse(struct arena *arena, const char *self_cgroup, const char *mountinfo,
	struct cgroup_host *ret)
{
	struct cgroup_host host = { 0 };
	size_t max = 0;
	for (const char *p = self_cgroup; *p; p++)
		max += *p == '\n';
	host.v = ARENA_ARRAY(arena, max + 1, struct cgroup_hierarchy);
	if (!host.v)
		return -ENOMEM;
	struct span text = { self_cgroup, strlen(self_cgroup) }, line;
	while (span_next(&text, '\n', &line)) {
		/* 4:memory:/user.slice    0::/init.scope    9:name=systemd:/ */
		struct span id, controllers;
		struct mountinfo_line m = { 0 };
		if (!span_next(&line, ':', &id) || !span_next(&line, ':', &controllers) ||
			!find_mount(mountinfo, controllers, &m))
			continue;
		fill(arena, &host.v[host.n++], controllers, line, &m);
	}
	host.mode = mode_of(&host);
	if (arena_failed(arena))
		return -ENOMEM;
	*ret = host;
	return 0;
}

size_t cgroup_path_components(const char *path)
{
	size_t n = 1;
	for (const char *p = path; *p; p++)
		n += *p == '/';
	return n;
}

static const char *below(const char *path, const char *mount)
{
	size_t n = strlen(mount);
	return strncmp(path, mount, n) == 0 && path[n] == '/' && path[n + 1] ? path + n + 1 : NULL;
}

const char *cgroup_location_below(
	const struct cgroup_location *location, const struct cgroup_hierarchy *h)
{
	if (h->is_v2)
		return location->unified ? below(location->unified, h->mount) : NULL;
	for (size_t i = 0; i < location->v1.n; i++) {
		/* the name may have a "=" of its own: name=systemd=/sys/fs/... */
		const char *entry = location->v1.v[i], *path = strstr(entry, "=/");
		size_t n = strlen(h->name);
		if (path && (size_t)(path - entry) == n && memcmp(entry, h->name, n) == 0)
			return below(path + 1, h->mount);
	}
	return NULL;
}
