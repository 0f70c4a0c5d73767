/* SPDX-License-Identifier: Apache-2.0 */
/* Which limits are written where, which controllers they need, and the device filter. Pure. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/limits.h"
#include "cgroup/plan.h"

struct deciding {
	struct limits limits;
	const struct cgroup_request *request;
	const struct cgroup_host *host;
	unsigned required; /* of the v2 hierarchy */
	const char *extra; /* "+foo +bar" */
	unsigned v2_dir;
	bool has_v2_dir;
};

static bool has_controller(const struct cgroup_hierarchy *h, enum cgroup_controller c)
{
	return (h->controllers & CGROUP_BIT(c)) != 0;
}

/* Index of the container's directory in the hierarchy of this controller, -1: none. */
static int find_dir(const struct cgroup_plan *plan, enum cgroup_controller c)
{
	for (size_t i = 0; i < plan->dirs.n; i++)
		if (has_controller(plan->dirs.v[i].hierarchy, c))
			return (int)i;
	return -1;
}

static int missing_hierarchy(struct deciding *d, const struct limit_row *row, const char *path)
{
	bool has_v1 = false;
	for (size_t i = 0; i < d->host->n; i++) {
		const struct cgroup_hierarchy *h = &d->host->v[i];
		if (has_controller(h, row->controller))
			return error_unsupported(d->limits.e, path,
				"it cannot be set: the cgroup hierarchy of %s (%s) is not writable "
				"for us; give this user a directory in it, or boot with "
				"systemd.unified_cgroup_hierarchy=1",
				cgroup_controller_name(row->controller, h->is_v2), h->mount);
		has_v1 |= !h->is_v2;
	}
	if (!row->say_v2 && !has_v1)
		return error_unsupported(d->limits.e, path, "cgroup v2 has no controller %s",
			cgroup_controller_name(row->controller, true));
	return error_unsupported(d->limits.e, path,
		"it cannot be set: the controller %s is missing %s",
		cgroup_controller_name(row->controller, !has_v1),
		has_v1 ? "here: no hierarchy has it"
		       : "from /sys/fs/cgroup/cgroup.controllers: this kernel or the outer "
			 "container does not provide it");
}

const char *cgroup_own_service(const struct cgroup_hierarchy *h)
{
	static const char suffix[] = ".service";
	enum { SUFFIX = sizeof suffix - 1 };
	const char *found = NULL;
	for (const char *p = h->own; p && *p;) {
		size_t n = strcspn(p, "/");
		if (n > SUFFIX && memcmp(p + n - SUFFIX, suffix, SUFFIX) == 0)
			found = p;
		p += n + (p[n] == '/');
	}
	return found;
}

/* R3: name the level of the tree that does not pass the controller on, and what mends it. */
static int check_levels(struct deciding *d, const struct cgroup_hierarchy *h,
	enum cgroup_controller c, const char *json_path)
{
	for (size_t i = 0; i < h->levels.n; i++) {
		const struct cgroup_level *level = &h->levels.v[i];
		if ((level->enabled & CGROUP_BIT(c)) || level->can_enable)
			continue;
		const char *name = cgroup_controller_name(c, true);
		bool is_user_slice = strncmp(level->path, "user.slice", 10) == 0;
		const char *slash = *level->path ? "/" : "";
		if (is_user_slice)
			return error_unsupported(d->limits.e, json_path,
				"it cannot be set: the controller %s is not passed on by "
				"%s%s%s (cgroup.subtree_control); as root: `systemctl edit "
				"user@.service`, [Service] Delegate=cpu cpuset io memory pids, and "
				"log in again",
				name, h->mount, slash, level->path);
		const char *unit = cgroup_own_service(h);
		if (unit)
			return error_unsupported(d->limits.e, json_path,
				"it cannot be set: the controller %s is not passed on by %s%s%s "
				"(cgroup.subtree_control); as root: `systemctl edit %.*s`, "
				"[Service] Delegate=yes, and restart it",
				name, h->mount, slash, level->path, (int)strcspn(unit, "/"), unit);
		return error_unsupported(d->limits.e, json_path,
			"it cannot be set: the controller %s is not passed on by %s%s%s; as root: "
			"echo +%s > %s%s%s/cgroup.subtree_control",
			name, h->mount, slash, level->path, name, h->mount, slash, level->path);
	}
	return 0;
}

static int require_v2(struct deciding *d, enum cgroup_controller c, const char *json_path)
{
	d->required |= CGROUP_BIT(c);
	d->limits.plan->required_by[c] = json_path;
	return check_levels(d, d->limits.plan->dirs.v[d->v2_dir].hierarchy, c, json_path);
}

static int decide_row(struct deciding *d, const struct limit_row *row)
{
	struct limits *l = &d->limits;
	const char *asked = row->asked(l->resources);
	int dir = find_dir(l->plan, row->controller);
	if (dir < 0)
		return asked ? missing_hierarchy(d, row, asked) : 0;
	bool is_v2 = l->plan->dirs.v[dir].hierarchy->is_v2;
	l->dir = (unsigned)dir;
	if (!is_v2)
		return row->say_v1(l);
	if (!row->say_v2)
		return asked ? missing_hierarchy(d, row, asked) : 0;
	int r = row->say_v2(l);
	if (r == 0 && asked)
		r = require_v2(d, row->controller, asked);
	return r;
}

/* One write for each line: control files take one setting at a time. */
static int write_lines(struct limits *l, const char *path, const struct string_pair *p)
{
	for (const char *line = p->value; *line;) {
		size_t n = strcspn(line, "\n");
		int r = n ? limit_write(l, CGROUP_WRITE_REQUIRE, path, p->key,
				    limit_text(l, "set %s", p->key), "%.*s", (int)n, line)
			  : 0;
		if (r < 0)
			return r;
		line += n + (line[n] == '\n');
	}
	return 0;
}

/* spec: a key is the name of a file in the cgroup; a controller that is not there is an error. */
static int decide_unified(struct deciding *d, const struct string_pair *p)
{
	struct limits *l = &d->limits;
	const char *path = limit_text(l, "linux.resources.unified[\"%s\"]", p->key);
	const char *dot = strchr(p->key, '.');
	if (strchr(p->key, '/') || !dot || dot == p->key || !dot[1])
		return error_field(l->e, path, "a key is a file name: CONTROLLER.PARAMETER");
	if (!d->has_v2_dir)
		return error_unsupported(l->e, path,
			"invalid configuration: there is no cgroup v2 here to set it in");
	l->dir = d->v2_dir;
	size_t n = (size_t)(dot - p->key);
	int c = cgroup_controller_find(p->key, n), r = 0;
	const struct cgroup_hierarchy *h = l->plan->dirs.v[d->v2_dir].hierarchy;
	if (c >= 0 && !has_controller(h, c))
		return error_unsupported(l->e, path,
			"the controller %s is missing from %s/cgroup.controllers",
			cgroup_controller_name(c, true), h->mount);
	if (c >= 0)
		r = require_v2(d, c, path);
	else if (n != strlen("cgroup") || strncmp(p->key, "cgroup", n) != 0)
		d->extra =
			limit_text(l, "%s%s+%.*s", d->extra, *d->extra ? " " : "", (int)n, p->key);
	return r < 0 ? r : write_lines(l, path, p);
}

/* The kernel lets nobody without CAP_BPF (or CAP_SYS_ADMIN) of the initial user namespace load a
 * filter; the nodes that such containers have are the host's, with the host's permissions. */
static int skip_devices(struct deciding *d)
{
	struct limits *l = &d->limits;
	if (device_rules_are_default(l->resources))
		return 0;
	return limit_left_out(l, "linux.resources.devices is not applied: without root no device "
				 "filter can be loaded");
}

static int decide_devices_v1(struct limits *l, const struct device_rules *rules)
{
	struct device_lines lines;
	int r = device_rules_to_v1(l->arena, rules, &lines, l->e);
	for (size_t i = 0; r == 0 && i < lines.n; i++) {
		bool allow = lines.v[i].allow;
		r = limit_write(l, CGROUP_WRITE_REQUIRE, "linux.resources.devices",
			allow ? "devices.allow" : "devices.deny",
			limit_text(l, "%s devices", allow ? "allow" : "deny"), "%s",
			lines.v[i].text);
	}
	return r;
}

static int decide_devices(struct deciding *d)
{
	struct limits *l = &d->limits;
	struct device_rules rules;
	if (d->request->is_update && l->resources->devices.n == 0)
		return 0;
	int r = device_rules_complete(l->arena, l->resources, &rules, l->e);
	if (r < 0)
		return r;
	if (d->request->is_rootless)
		return skip_devices(d);
	int dir = find_dir(l->plan, CGROUP_DEVICES);
	if (dir >= 0) {
		l->dir = (unsigned)dir;
		return decide_devices_v1(l, &rules);
	}
	if (!d->has_v2_dir)
		return error_unsupported(l->e, "linux.resources.devices",
			"no cgroup hierarchy here can restrict devices");
	l->plan->device_filter_dir = d->v2_dir;
	l->plan->device_filter_only_new = l->resources->devices.n == 0;
	return device_filter_compile(l->arena, &rules, &l->plan->device_filter, l->e);
}

/* Every ancestor has to pass the controllers on; those that do already cost nothing. */
static int decide_enable(struct deciding *d)
{
	struct cgroup_dir *dir = &d->limits.plan->dirs.v[d->v2_dir];
	const struct cgroup_hierarchy *h = dir->hierarchy;
	size_t depths = cgroup_path_components(dir->path);
	/* all that the host has: clients ask for statistics of every container, and what runs in it
	 * may be a systemd or a kubelet, which look for cpuset and hugetlb as well */
	unsigned wanted = h->controllers & ~d->required;
	dir->enable.v = ARENA_ARRAY(d->limits.arena, depths, struct cgroup_enable);
	if (!dir->enable.v)
		return error_errno(d->limits.e, ENOMEM, "plan the container's cgroup");
	for (size_t i = 0; i < depths; i++) {
		struct cgroup_enable x = {
			.depth = (unsigned)i, .required = d->required, .wanted = wanted
		};
		bool can_enable = true;
		if (i < h->levels.n) {
			can_enable = h->levels.v[i].can_enable;
			x.required &= ~h->levels.v[i].enabled;
			x.wanted &= ~h->levels.v[i].enabled;
		}
		if (!can_enable)
			wanted &= ~x.wanted; /* nothing to pass on further down */
		else
			x.extra = *d->extra ? d->extra : NULL;
		if (can_enable && (x.required || x.wanted || x.extra))
			dir->enable.v[dir->enable.n++] = x;
	}
	return 0;
}

int cgroup_decide_limits(struct arena *arena, const struct cgroup_request *request,
	const struct cgroup_host *host, const struct cgroup_current *current,
	struct cgroup_plan *plan, struct error *e)
{
	static const struct oci_resources none;
	const struct oci_resources *resources = request->resources ? request->resources : &none;
	struct deciding d = {
		.limits = { .arena = arena,
			.resources = resources,
			.current = current,
			.plan = plan,
			.e = e },
		.request = request,
		.host = host,
		.extra = "",
	};
	for (size_t i = 0; i < plan->dirs.n; i++) {
		if (plan->dirs.v[i].hierarchy->is_v2) {
			d.v2_dir = (unsigned)i;
			d.has_v2_dir = true;
		}
	}
	int r = 0;
	for (size_t i = 0; r == 0 && i < n_limit_rows; i++)
		r = decide_row(&d, &limit_rows[i]);
	for (size_t i = 0; r == 0 && i < resources->unified.n; i++)
		r = decide_unified(&d, &resources->unified.v[i]);
	if (r == 0)
		r = decide_devices(&d);
	if (r == 0 && d.has_v2_dir)
		r = decide_enable(&d);
	return r;
}
