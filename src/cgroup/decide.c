/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the container's cgroup goes, and whether it gets one. Pure.
 *
 * The rule of docs/ROOTLESS.md: without limits a container runs wherever it can, and what it lacks
 * is said; a limit that was asked for and cannot be set is an error that names the limit, the cause
 * and the remedy.
 */
#include <errno.h>
#include <string.h>

#include "base/defence.h"
#include "cgroup/limits.h"
#include "cgroup/plan.h"

struct decision {
	struct arena *arena;
	const struct cgroup_request *request;
	const struct cgroup_host *host;
	struct cgroup_plan *plan;
	struct systemd_unit *unit; /* as plan.systemd */
	struct error *e;
};

/* "//a//b/" is a/b. CVE class: ".." in a path that a client composed must not leave the subtree
 * that it was meant for, so it is refused, not resolved. spec: config-linux.md#cgroups-path: a
 * runtime may refuse values, and says so */
static int normalize(struct arena *arena, const char *path, const char **ret, struct error *e)
{
	static const char json_path[] = "linux.cgroupsPath";
	char *out = arena_strndup(arena, path, strlen(path)), *w = out;
	if (!out)
		return error_errno(e, ENOMEM, "plan the container's cgroup");
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.' && has_defence(DEFENCE_CGROUP_PATH))
			return error_field(e, json_path, "%s must not contain \"..\"", path);
		if (n > 255)
			return error_field(e, json_path, "a component of it is too long");
		if (n > 1 || (n == 1 && *p != '.')) {
			if (w > out)
				*w++ = '/';
			memmove(w, p, n);
			w += n;
		}
		p += n + (p[n] == '/');
	}
	*w = '\0';
	if (w == out)
		return error_field(e, json_path, "%s is the root of the hierarchy", path);
	*ret = out;
	return 0;
}

static size_t dirname_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash - path) : 0;
}

/* Where relative paths start: for real root the mount, as in crun, so that the same value is always
 * the same place; for others beside our own cgroup, as in runc, where no process is in the way of
 * controllers; else in it. */
static const char *base_of(
	struct arena *arena, const struct cgroup_request *request, const struct cgroup_hierarchy *h)
{
	if (!request->is_rootless)
		return "";
	if (h->can_create_beside_own)
		return arena_strndup(arena, h->own, dirname_length(h->own));
	return h->can_create_in_own ? h->own : NULL;
}

/* systemd's path, as this mount shows it: a container's may show less than all. */
static int systemd_target(struct arena *arena, const struct cgroup_request *request,
	const struct cgroup_host *host, const struct cgroup_hierarchy *h, const char **ret,
	struct error *e)
{
	struct systemd_unit unit;
	int r = systemd_unit_place(arena, request, &host->systemd, &unit, e);
	if (r < 0)
		return r;
	const char *path = unit.path;
	size_t n = strcmp(h->mount_root, "/") == 0 ? 0 : strlen(h->mount_root);
	*ret = NULL;
	if (h->is_read_only || strncmp(path, h->mount_root, n) != 0 || path[n] != '/')
		return 0;
	*ret = arena_printf(arena, "%s%s%s", path + n + 1, unit.subgroup ? "/" : "",
		unit.subgroup ? unit.subgroup : "");
	return *ret ? 0 : error_errno(e, ENOMEM, "plan the container's cgroup");
}

int cgroup_target(struct arena *arena, const struct cgroup_request *request,
	const struct cgroup_host *host, const struct cgroup_hierarchy *h, const char **ret,
	struct error *e)
{
	if (request->manager == CGROUP_MANAGER_SYSTEMD)
		return systemd_target(arena, request, host, h, ret, e);
	const char *path = request->cgroups_path, *inner = NULL;
	bool is_given = path && *path;
	int r = normalize(arena, is_given ? path : request->id, &inner, e);
	if (r < 0)
		return r;
	*ret = NULL;
	if (h->is_read_only)
		return 0;
	if (is_given && *path == '/') {
		*ret = inner;
		return 0;
	}
	const char *base = base_of(arena, request, h);
	if (base)
		*ret = arena_printf(arena, "%s%s%s", base, *base ? "/" : "", inner);
	return arena_failed(arena) ? error_errno(e, ENOMEM, "plan the container's cgroup") : 0;
}

/* Hierarchies without a controller keep processes in groups for somebody else; of those only
 * systemd's is joined, as in the peers. */
static bool is_of_interest(const struct cgroup_hierarchy *h)
{
	return h->is_v2 || h->controllers || strcmp(h->name, "name=systemd") == 0;
}

static bool is_usable(const struct cgroup_hierarchy *h)
{
	return h->target_exists || (h->levels.n && h->levels.v[h->levels.n - 1].can_create);
}

static int place_directories(struct decision *d)
{
	d->plan->dirs.v = ARENA_ARRAY(d->arena, d->host->n + 1, struct cgroup_dir);
	if (!d->plan->dirs.v)
		return error_errno(d->e, ENOMEM, "plan the container's cgroup");
	for (size_t i = 0; i < d->host->n; i++) {
		const struct cgroup_hierarchy *h = &d->host->v[i];
		const char *target;
		int r = cgroup_target(d->arena, d->request, d->host, h, &target, d->e);
		if (r < 0)
			return r;
		if (target && is_of_interest(h) && is_usable(h))
			d->plan->dirs.v[d->plan->dirs.n++] =
				(struct cgroup_dir){ .hierarchy = h, .path = target };
	}
	return 0;
}

static int place_systemd(struct decision *d)
{
	struct systemd_unit *unit = ARENA_NEW(d->arena, struct systemd_unit);
	if (!unit)
		return error_errno(d->e, ENOMEM, "plan the container's cgroup");
	int r = systemd_unit_place(d->arena, d->request, &d->host->systemd, unit, d->e);
	if (r == 0)
		r = place_directories(d);
	if (r == 0 && d->plan->dirs.n)
		d->plan->systemd = d->unit = unit;
	return r;
}

static int place_disabled(struct decision *d)
{
	return 0;
}

/* One more manager is one more row here and in driver.c. */
static int (*const places[CGROUP_MANAGER_COUNT])(struct decision *) = {
	[CGROUP_MANAGER_CGROUPFS] = place_directories,
	[CGROUP_MANAGER_SYSTEMD] = place_systemd,
	[CGROUP_MANAGER_DISABLED] = place_disabled,
};

struct cause {
	const char *text, *remedy;
};

static bool all_read_only(const struct cgroup_host *host)
{
	for (size_t i = 0; i < host->n; i++)
		if (!host->v[i].is_read_only)
			return false;
	return true;
}

static struct cause why_no_cgroup(const struct decision *d)
{
	const struct cgroup_host *host = d->host;
	if (d->request->is_skipped)
		return (struct cause){ "cgroups are left out (--degrade=cgroup=skip)",
			"leave that out" };
	if (d->request->manager == CGROUP_MANAGER_DISABLED)
		return (struct cause){ "cgroups are disabled (--cgroup-manager=disabled)",
			"leave that option out" };
	if (host->mode == CGROUP_MODE_NONE)
		return (struct cause){ "no cgroup filesystem is mounted here",
			"mount cgroup2 on /sys/fs/cgroup" };
	if (all_read_only(host))
		return (struct cause){ "/sys/fs/cgroup is mounted read-only",
			"let the outer container have a writable cgroup mount" };
	const char *service =
		host->mode == CGROUP_MODE_UNIFIED ? cgroup_own_service(host->v) : NULL;
	if (service && strncmp(host->v->own, "user.slice", 10) != 0)
		return (struct cause){ "this user has no delegated cgroup",
			arena_printf(d->arena,
				"as root: `systemctl edit %.*s`, [Service] Delegate=yes, and "
				"restart it",
				(int)strcspn(service, "/"), service) };
	if (host->mode == CGROUP_MODE_UNIFIED)
		return (struct cause){ "this user has no delegated cgroup",
			"run it below `systemd-run --user --scope -p Delegate=yes`, or give the "
			"user a cgroup directory of its own" };
	return (struct cause){ "cgroup v1 lets this user make no cgroup",
		"boot with systemd.unified_cgroup_hierarchy=1, or give the user cgroup "
		"directories of its own" };
}

static int go_without(struct decision *d)
{
	struct cause why = why_no_cgroup(d);
	const char *limit = cgroup_first_limit(d->request->resources);
	if (limit)
		return error_unsupported(
			d->e, limit, "it cannot be set: %s; %s", why.text, why.remedy);
	if (d->request->is_required)
		return error_unsupported(d->e, "linux.cgroupsPath",
			"a cgroup of its own is required (--degrade=cgroup=require): %s; %s",
			why.text, why.remedy);
	struct limits l = { .arena = d->arena, .plan = d->plan, .e = d->e };
	int r = limit_left_out(
		&l, limit_text(&l, "the container has no cgroup of its own: %s", why.text));
	bool has_rules = d->request->resources && d->request->resources->devices.n;
	if (r == 0 && has_rules &&
		(!d->request->is_rootless || !device_rules_are_default(d->request->resources)))
		r = limit_left_out(&l,
			"linux.resources.devices is not applied: the container has no cgroup of "
			"its own");
	return r;
}

/* Hierarchies that have to be left out, in one sentence. */
static int say_partial(struct decision *d)
{
	struct limits l = { .arena = d->arena, .plan = d->plan, .e = d->e };
	const char *missing = "";
	size_t k = 0;
	for (size_t i = 0; i < d->host->n; i++) {
		const struct cgroup_hierarchy *h = &d->host->v[i];
		if (k < d->plan->dirs.n && d->plan->dirs.v[k].hierarchy == h) {
			k++;
			continue;
		}
		if (is_of_interest(h))
			missing = limit_text(&l, "%s%s%s", missing, *missing ? " " : "",
				h->is_v2 ? "v2" : h->name);
	}
	if (!*missing)
		return 0;
	if (d->request->is_required)
		return error_unsupported(d->e, "linux.cgroupsPath",
			"a cgroup of its own is required (--degrade=cgroup=require), and none can "
			"be "
			"made in: %s",
			missing);
	return limit_left_out(
		&l, limit_text(&l, "the container has no cgroup of its own in: %s (not writable)",
			    missing));
}

static int add(struct decision *d, struct string_list *list, size_t size, const char *text)
{
	if (!list->v)
		list->v = ARENA_ARRAY(d->arena, size + 1, const char *);
	if (!list->v || !text)
		return error_errno(d->e, ENOMEM, "plan the container's cgroup");
	list->v[list->n++] = text;
	return 0;
}

/* The depth of the first directory that is ours: what isn't there yet; the unit's own and what is
 * in it, whoever made that, but none of the slices, which systemd keeps account of. */
static size_t first_created(const struct decision *d, const struct cgroup_dir *dir)
{
	if (d->unit)
		return cgroup_path_components(dir->path) - (d->unit->subgroup != NULL);
	return dir->hierarchy->target_exists ? SIZE_MAX : dir->hierarchy->levels.n;
}

static int list_created(struct decision *d, const struct cgroup_dir *dir, size_t size)
{
	const struct cgroup_hierarchy *h = dir->hierarchy;
	size_t depth = 0, first = first_created(d, dir);
	int r = 0;
	for (const char *p = dir->path; r == 0 && *p;) {
		p += strcspn(p, "/");
		if (++depth >= first)
			r = add(d, &d->plan->location.created, size,
				arena_printf(d->arena, "%s/%.*s", h->mount, (int)(p - dir->path),
					dir->path));
		p += *p == '/';
	}
	return r;
}

static int locate(struct decision *d)
{
	struct cgroup_location *location = &d->plan->location;
	size_t size = 0;
	int r = 0;
	location->manager = d->request->manager;
	for (size_t i = 0; i < d->plan->dirs.n; i++)
		size += cgroup_path_components(d->plan->dirs.v[i].path);
	for (size_t i = 0; r == 0 && i < d->plan->dirs.n; i++) {
		const struct cgroup_dir *dir = &d->plan->dirs.v[i];
		const struct cgroup_hierarchy *h = dir->hierarchy;
		r = list_created(d, dir, size);
		if (r < 0)
			return r;
		if (h->is_v2)
			location->unified = arena_printf(d->arena, "%s/%s", h->mount, dir->path);
		else
			r = add(d, &location->v1, d->plan->dirs.n,
				arena_printf(d->arena, "%s=%s/%s", h->name, h->mount, dir->path));
	}
	return arena_failed(d->arena) ? error_errno(d->e, ENOMEM, "plan the container's cgroup")
				      : r;
}

int cgroup_decide(struct arena *arena, const struct cgroup_request *request,
	const struct cgroup_host *host, struct cgroup_plan *ret, struct error *e)
{
	static const struct cgroup_current nothing;
	struct cgroup_plan plan = { .mode = host->mode };
	struct decision d = {
		.arena = arena, .request = request, .host = host, .plan = &plan, .e = e
	};
	int r = request->is_skipped ? place_disabled(&d) : places[request->manager](&d);
	if (r == 0)
		r = locate(&d);
	if (r == 0 && plan.dirs.n == 0)
		r = go_without(&d);
	if (r == 0 && plan.dirs.n > 0)
		r = say_partial(&d);
	if (r == 0 && plan.dirs.n > 0)
		r = cgroup_decide_limits(arena, request, host, &nothing, &plan, e);
	if (r == 0 && d.unit)
		r = systemd_unit_describe(arena, request, &host->systemd, &plan, d.unit, e);
	if (r == 0 && d.unit) {
		plan.location.systemd_scope = d.unit->name;
		plan.location.systemd_description = d.unit->description;
		plan.location.systemd_user = d.unit->is_user;
	}
	if (r == 0)
		*ret = plan;
	return r;
}
