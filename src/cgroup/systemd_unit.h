/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libocispec/arena.h"
#include "libocispec/values.h"

/*
 * DECIDE: the unit of systemd's that holds a container, and what is said about it on the bus. Pure.
 */

/* As in D-Bus signatures. */
enum systemd_type {
	SYSTEMD_BOOL = 'b',
	SYSTEMD_I32 = 'i',
	SYSTEMD_U32 = 'u',
	SYSTEMD_I64 = 'x',
	SYSTEMD_U64 = 't',
	SYSTEMD_DOUBLE = 'd', /* only in texts, as seconds: no property has it */
	SYSTEMD_STRING = 's',
	SYSTEMD_STRINGS = 'a', /* as */
	SYSTEMD_BYTES = 'y',   /* ay */
};

struct systemd_value {
	enum systemd_type type;
	union {
		bool b;
		int64_t i;  /* I32, I64 */
		uint64_t u; /* U32, U64 */
		double d;
		const char *s;
		struct string_list strings;
		struct {
			size_t n;
			const uint8_t *v;
		} bytes;
	} u;
};

struct systemd_property {
	const char *name;
	struct systemd_value value;
	const char *json_path; /* where it comes from, NULL: every container has it */
};
struct systemd_properties {
	size_t n, size;
	struct systemd_property *v;
};

/* What the manager of the units says of itself. */
struct systemd_facts {
	const char *control_group; /* of the manager: "" or "/user.slice/..."; NULL: not asked */
	unsigned version;
};

struct systemd_unit {
	const char *name;     /* "libpod-ID.scope" */
	const char *slice;    /* its parent: "system.slice" */
	const char *path;     /* its cgroup as systemd names it: "/system.slice/libpod-ID.scope" */
	const char *subgroup; /* a cgroup in it where the process goes; NULL: none */
	bool is_slice;
	bool is_user; /* of the user's manager */
	const char *description;
	/* without the pid, which is not known yet */
	struct systemd_properties properties;
};

struct cgroup_request;
struct cgroup_plan;

/* Names and path of the unit: everything but description and properties. */
int systemd_unit_place(struct arena *arena, const struct cgroup_request *request,
	const struct systemd_facts *facts, struct systemd_unit *ret, struct error *e);
/* All properties. Needs: the plan's writes, from which those of limits are made. */
int systemd_unit_describe(struct arena *arena, const struct cgroup_request *request,
	const struct systemd_facts *facts, const struct cgroup_plan *plan,
	struct systemd_unit *unit, struct error *e);

/* "a-b.slice" -> "/a.slice/a-b.slice", "-.slice" -> "". NULL: not the name of a slice, or no
 * memory. */
const char *systemd_expand_slice(struct arena *arena, const char *slice);
/* Characters that no unit's name has become \xNN, as systemd-escape(1) has it. */
const char *systemd_escape_name(struct arena *arena, const char *name);
/* "unix:path=..." with what has a meaning in D-Bus addresses as %NN. */
const char *systemd_bus_address(struct arena *arena, const char *socket);

/* One with the same name is replaced. 0 or -ENOMEM. */
int systemd_add(struct arena *arena, struct systemd_properties *list, const char *json_path,
	const char *name, struct systemd_value value);
/* What systemd is to know of the limits, so that it doesn't set others when it applies its own. The
 * files are written besides: systemd's values are rounded, and there are more files than
 * properties. */
int systemd_add_limits(struct arena *arena, const struct cgroup_plan *plan, unsigned version,
	struct systemd_properties *list);
/* org.systemd.property.* */
int systemd_add_annotations(struct arena *arena, const struct string_map *annotations,
	struct systemd_properties *list, struct error *e);

/* GVariant text (docs.gtk.org/glib/gvariant-text-format.html), of the types above. On failure
 * *ret_why says why. */
int gvariant_parse(
	struct arena *arena, const char *text, struct systemd_value *ret, const char **ret_why);
/* The same back, for plans. */
const char *gvariant_text(struct arena *arena, const struct systemd_value *value);
