/* SPDX-License-Identifier: Apache-2.0 */
/* Annotations org.systemd.property.NAME: a unit property, its value as GVariant text. Pure. */
#include <errno.h>
#include <string.h>

#include "cgroup/plan.h"

/* runc's rule. What else would be a name is none of systemd's. */
static bool is_property_name(const char *name)
{
	size_t n = 0;
	for (; name[n]; n++) {
		char c = (char)(name[n] | 0x20);
		if (c < 'a' || c > 'z')
			return false;
	}
	return n >= 3;
}

/* What is ours to say: the process, and where the unit is. */
static bool is_reserved(const char *name)
{
	return !strcmp(name, "PIDs") || !strcmp(name, "PIDFDs") || !strcmp(name, "Slice");
}

static int seconds(const struct systemd_value *v, uint64_t *ret, const char **ret_why)
{
	enum { SECOND = 1000000 };
	bool is_unsigned = v->type == SYSTEMD_U32 || v->type == SYSTEMD_U64;
	*ret_why = "a time is a number of seconds, not negative";
	if (v->type == SYSTEMD_DOUBLE) {
		if (v->u.d < 0 || v->u.d > 1e12)
			return -EINVAL;
		*ret = (uint64_t)(v->u.d * SECOND + 0.5);
		return 0;
	}
	if (!is_unsigned && v->type != SYSTEMD_I32 && v->type != SYSTEMD_I64)
		return -EINVAL;
	if (!is_unsigned && v->u.i < 0)
		return -EINVAL;
	uint64_t n = is_unsigned ? v->u.u : (uint64_t)v->u.i;
	if (n > UINT64_MAX / SECOND)
		return -EINVAL;
	*ret = n * SECOND;
	return 0;
}

/* Unit files say TimeoutStopSec= in seconds, the bus says TimeoutStopUSec. */
static bool ends_in_sec(const char *name)
{
	size_t n = strlen(name);
	return n > 3 && strcmp(name + n - 3, "Sec") == 0 && name[n - 4] >= 'a' &&
	       name[n - 4] <= 'z';
}

static int add_one(struct arena *arena, const struct string_pair *annotation, const char *name,
	struct systemd_properties *list, struct error *e)
{
	const char *path = arena_printf(arena, "annotations.%s", annotation->key), *why;
	struct systemd_value value;
	if (!path)
		return error_errno(e, ENOMEM, "plan the container's unit");
	if (!is_property_name(name))
		return error_field(e, path, "'%s' is not the name of a property", name);
	if (is_reserved(name))
		return error_unsupported(e, path, "the runtime sets this property itself");
	int r = gvariant_parse(arena, annotation->value, &value, &why);
	if (r == 0 && ends_in_sec(name)) {
		uint64_t usec = 0;
		r = seconds(&value, &usec, &why);
		value = (struct systemd_value){ SYSTEMD_U64, { .u = usec } };
		name = arena_printf(arena, "%.*sUSec", (int)strlen(name) - 3, name);
	}
	if (r == 0 && value.type == SYSTEMD_DOUBLE) {
		r = -EINVAL;
		why = "no property is a fraction";
	}
	if (r == -EINVAL)
		return error_field(e, path,
			"'%s' is not GVariant text that a property can have: %s", annotation->value,
			why);
	if (r == 0)
		r = name ? systemd_add(arena, list, path, name, value) : -ENOMEM;
	return r < 0 ? error_errno(e, -r, "plan the container's unit") : 0;
}

int systemd_add_annotations(struct arena *arena, const struct string_map *annotations,
	struct systemd_properties *list, struct error *e)
{
	static const char prefix[] = CGROUP_SYSTEMD_PROPERTY;
	int r = 0;
	for (size_t i = 0; r == 0 && i < annotations->n; i++) {
		const struct string_pair *a = &annotations->v[i];
		if (strncmp(a->key, prefix, sizeof prefix - 1) == 0)
			r = add_one(arena, a, a->key + sizeof prefix - 1, list, e);
	}
	return r;
}
