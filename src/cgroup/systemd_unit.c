/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.cgroupsPath with the systemd manager: SLICE:PREFIX:NAME, as clients write it for runc and
 * crun. Pure.
 */
#include "cgroup/systemd_unit.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/plan.h"

static const char json_path[] = "linux.cgroupsPath";
static const char slice_end[] = ".slice";

/* systemd's UNIT_NAME_MAX, without the end of the string */
enum { UNIT_NAME_LENGTH = 255 };

static int no_memory(struct error *e)
{
	return error_errno(e, ENOMEM, "plan the container's unit");
}

static bool ends_in_slice(const char *name)
{
	size_t n = strlen(name), end = sizeof slice_end - 1;
	return n >= end && strcmp(name + n - end, slice_end) == 0;
}

/* systemd.unit(5): what a name may have. "@" would make it an instance of a template. */
static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr(":-_.\\", c));
}

const char *systemd_escape_name(struct arena *arena, const char *name)
{
	static const char hex[] = "0123456789abcdef";
	char *out = arena_alloc(arena, 4 * strlen(name) + 1), *w = out;
	for (const char *p = name; out && *p; p++) {
		if (is_name_char(*p)) {
			*w++ = *p;
			continue;
		}
		*w++ = '\\';
		*w++ = 'x';
		*w++ = hex[(unsigned char)*p >> 4];
		*w++ = hex[*p & 15];
	}
	return out;
}

const char *systemd_expand_slice(struct arena *arena, const char *slice)
{
	if (!ends_in_slice(slice) || strlen(slice) > UNIT_NAME_LENGTH)
		return NULL;
	size_t n = strlen(slice) - (sizeof slice_end - 1);
	if (n == 1 && *slice == '-')
		return "";
	const char *path = "";
	for (size_t i = 0, start = 0; i <= n; i++) {
		if (i < n && slice[i] != '-') {
			if (!is_name_char(slice[i]))
				return NULL;
			continue;
		}
		/* neither -a.slice nor a--b.slice is one, and .slice has no name at all */
		if (i == start)
			return NULL;
		path = arena_printf(arena, "%s/%.*s%s", path, (int)i, slice, slice_end);
		start = i + 1;
	}
	return path;
}

const char *systemd_bus_address(struct arena *arena, const char *socket)
{
	static const char plain[] = "-_/.\\*", hex[] = "0123456789abcdef";
	static const char start[] = "unix:path=";
	char *out = arena_alloc(arena, sizeof start + 3 * strlen(socket)), *w = out;
	if (!out)
		return NULL;
	memcpy(w, start, sizeof start - 1);
	w += sizeof start - 1;
	for (const char *p = socket; *p; p++) {
		unsigned char c = (unsigned char)*p;
		bool is_alnum =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (is_alnum || strchr(plain, c)) {
			*w++ = *p;
			continue;
		}
		*w++ = '%';
		*w++ = hex[c >> 4];
		*w++ = hex[c & 15];
	}
	return out;
}

struct parts {
	const char *slice, *prefix, *name;
};

static int split(struct arena *arena, const struct cgroup_request *request, struct parts *ret,
	struct error *e)
{
	const char *path = request->cgroups_path;
	if (!path || !*path) {
		*ret = (struct parts){ "", "oci-rt", request->id };
		return 0;
	}
	const char *first = strchr(path, ':');
	const char *second = first ? strchr(first + 1, ':') : NULL;
	if (!second || strchr(second + 1, ':'))
		return error_field(e, json_path,
			"expected SLICE:PREFIX:NAME with the systemd cgroup manager, found '%s'",
			path);
	if (strchr(path, '/') || !second[1])
		return error_field(
			e, json_path, "'%s' does not name a unit: SLICE:PREFIX:NAME", path);
	ret->slice = arena_strndup(arena, path, (size_t)(first - path));
	ret->prefix = arena_strndup(arena, first + 1, (size_t)(second - first - 1));
	ret->name = second + 1;
	return ret->slice && ret->prefix ? 0 : no_memory(e);
}

static int check_subgroup(const char *name, struct error *e)
{
	if (strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..") || strlen(name) > 255)
		return error_field(e, "annotations.run.oci.systemd.subgroup",
			"'%s' is not the name of a cgroup", name);
	return 0;
}

int systemd_unit_place(struct arena *arena, const struct cgroup_request *request,
	const struct systemd_facts *facts, struct systemd_unit *ret, struct error *e)
{
	struct parts parts = { 0 };
	int r = split(arena, request, &parts, e);
	if (r == 0 && request->subgroup)
		r = check_subgroup(request->subgroup, e);
	if (r < 0)
		return r;
	struct systemd_unit unit = { .is_user = request->is_rootless,
		.is_slice = ends_in_slice(parts.name) };
	if (request->subgroup && *request->subgroup)
		unit.subgroup = request->subgroup;
	unit.slice = *parts.slice	    ? parts.slice
		     : request->is_rootless ? "user.slice"
					    : "system.slice";
	unit.name = unit.is_slice ? parts.name
				  : arena_printf(arena, "%s-%s.scope",
					    systemd_escape_name(arena, parts.prefix),
					    systemd_escape_name(arena, parts.name));
	const char *parent = systemd_expand_slice(arena, unit.slice);
	const char *own = unit.is_slice ? systemd_expand_slice(arena, unit.name) : NULL;
	if (arena_failed(arena))
		return no_memory(e);
	if (!parent || (unit.is_slice && (!own || !*own)))
		return error_field(e, json_path, "'%s' is not the name of a slice",
			parent ? unit.name : unit.slice);
	if (strlen(unit.name) > UNIT_NAME_LENGTH)
		return error_field(
			e, json_path, "the unit's name would be too long: %s", unit.name);
	const char *manager = facts->control_group ? facts->control_group : "";
	unit.path = own ? arena_printf(arena, "%s%s", manager, own)
			: arena_printf(arena, "%s%s/%s", manager, parent, unit.name);
	if (!unit.path)
		return no_memory(e);
	*ret = unit;
	return 0;
}

int systemd_add(struct arena *arena, struct systemd_properties *list, const char *path,
	const char *name, struct systemd_value value)
{
	struct systemd_property p = { name, value, path };
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].name, name) == 0) {
			list->v[i] = p;
			return 0;
		}
	if (list->n == list->size) {
		size_t size = list->size ? 2 * list->size : 32;
		struct systemd_property *v = ARENA_ARRAY(arena, size, struct systemd_property);
		if (!v)
			return -ENOMEM;
		if (list->n)
			memcpy(v, list->v, list->n * sizeof *v);
		list->v = v;
		list->size = size;
	}
	list->v[list->n++] = p;
	return 0;
}

/* D-Bus takes UTF-8 alone, and a path may be anything. */
static char *printable(struct arena *arena, const char *text)
{
	char *out = arena_strndup(arena, text, strlen(text));
	for (char *p = out; p && *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return out;
}

static int add_fixed(struct arena *arena, const struct cgroup_request *request,
	const struct cgroup_plan *plan, struct systemd_unit *unit)
{
	/*
	 * `delete` stops no unit with another description: the name alone may belong to a container
	 * of another --root by then. The bundle tells those of the same id apart.
	 */
	const char *description = arena_printf(arena, "oci-rt container %s of %s", request->id,
		printable(arena, request->bundle ? request->bundle : "no bundle"));
	static const char *const accounting[] = { "MemoryAccounting", "CPUAccounting",
		"TasksAccounting" };
	/* v1: without "devices". systemd would write "allow all" there whenever it is reloaded,
	 * over the rules of the config (of v2 it leaves our filter alone). */
	static const char *v1[] = { "cpu", "cpuacct", "cpuset", "memory", "blkio", "pids", NULL };
	static const struct systemd_value yes = { SYSTEMD_BOOL, { .b = true } };
	struct systemd_properties *list = &unit->properties;
	const char **slice = ARENA_ARRAY(arena, 2, const char *);
	bool is_v2 = plan->mode == CGROUP_MODE_UNIFIED;
	const char *from = request->cgroups_path && *request->cgroups_path ? json_path : NULL;
	if (!description || !slice)
		return -ENOMEM;
	*slice = unit->slice;
	int r = systemd_add(arena, list, NULL, "Description",
		(struct systemd_value){ SYSTEMD_STRING, { .s = description } });
	if (r == 0 && unit->is_slice)
		r = systemd_add(arena, list, from, "Wants",
			(struct systemd_value){ SYSTEMD_STRINGS, { .strings = { 1, slice } } });
	if (r == 0 && !unit->is_slice)
		r = systemd_add(arena, list, from, "Slice",
			(struct systemd_value){ SYSTEMD_STRING, { .s = unit->slice } });
	if (r == 0 && !unit->is_slice && is_v2)
		r = systemd_add(arena, list, NULL, "Delegate", yes);
	if (r == 0 && !unit->is_slice && !is_v2)
		r = systemd_add(arena, list, NULL, "DelegateControllers",
			(struct systemd_value){
				SYSTEMD_STRINGS, { .strings = { ARRAY_SIZE(v1) - 1, v1 } } });
	if (r == 0)
		r = systemd_add(arena, list, NULL, "DefaultDependencies",
			(struct systemd_value){ SYSTEMD_BOOL, { .b = false } });
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(accounting); i++)
		r = systemd_add(arena, list, NULL, accounting[i], yes);
	return r < 0 ? r
		     : systemd_add(arena, list, NULL, is_v2 ? "IOAccounting" : "BlockIOAccounting",
			       yes);
}

int systemd_unit_describe(struct arena *arena, const struct cgroup_request *request,
	const struct systemd_facts *facts, const struct cgroup_plan *plan,
	struct systemd_unit *unit, struct error *e)
{
	static const struct string_map none;
	int r = add_fixed(arena, request, plan, unit);
	if (r == 0)
		r = systemd_add_limits(arena, plan, facts->version, &unit->properties);
	if (r < 0)
		return no_memory(e);
	r = systemd_add_annotations(
		arena, request->annotations ? request->annotations : &none, &unit->properties, e);
	for (size_t i = 0; r == 0 && i < unit->properties.n; i++) {
		const struct systemd_property *p = &unit->properties.v[i];
		if (strcmp(p->name, "Description") == 0 && p->value.type == SYSTEMD_STRING)
			unit->description = p->value.u.s;
	}
	return r;
}
