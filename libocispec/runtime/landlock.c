/* SPDX-License-Identifier: Apache-2.0 */
/* The document of the annotation org.oci-rt.landlock. PURE. */
#include "landlock.h"

#include <errno.h>
#include <string.h>

#include "../object.h"

/* linux/landlock.h; behind each group the version of the interface, and of Linux, that brought it
 */
static const struct name_value oci_landlock_fs_values[] = {
	{ "execute", 0 }, /* 1, 5.13 */
	{ "write_file", 1 }, { "read_file", 2 }, { "read_dir", 3 }, { "remove_dir", 4 },
	{ "remove_file", 5 }, { "make_char", 6 }, { "make_dir", 7 }, { "make_reg", 8 },
	{ "make_sock", 9 }, { "make_fifo", 10 }, { "make_block", 11 }, { "make_sym", 12 },
	{ "refer", 13 },     /* 2, 5.19 */
	{ "truncate", 14 },  /* 3, 6.2 */
	{ "ioctl_dev", 15 }, /* 5, 6.10 */
};
NAMES(oci_landlock_fs, "right of Landlock on files");

static const struct name_value oci_landlock_net_values[] = {
	{ "bind_tcp", 0 }, /* 4, 6.7 */
	{ "connect_tcp", 1 },
};
NAMES(oci_landlock_net, "right of Landlock on the network");

static const struct name_value oci_landlock_scope_values[] = {
	{ "abstract_unix_socket", 0 }, /* 6, 6.12 */
	{ "signal", 1 },
};
NAMES(oci_landlock_scope, "scope of Landlock");

#define SELF struct oci_landlock_ruleset
static const struct field oci_landlock_ruleset_fields[] = {
	ROW_BITS("handledAccessFS", handled_access_fs, oci_landlock_fs, unknown, OPTIONAL),
	ROW_BITS("handledAccessNet", handled_access_net, oci_landlock_net, unknown, OPTIONAL),
	ROW_BITS("scoped", scoped, oci_landlock_scope, unknown, OPTIONAL),
};
static OBJECT_WITH(oci_landlock_ruleset, OBJECT_CLOSED);
#undef SELF

#define SELF struct oci_landlock_path_beneath
static const struct field oci_landlock_path_beneath_fields[] = {
	ROW_BITS("allowedAccess", allowed_access, oci_landlock_fs, unknown, REQUIRED),
	ROW_STRING_LIST("paths", paths, REQUIRED),
};
static OBJECT_WITH(oci_landlock_path_beneath, OBJECT_CLOSED);
#undef SELF

#define SELF struct oci_landlock_net_port
static const struct field oci_landlock_net_port_fields[] = {
	ROW_BITS("allowedAccess", allowed_access, oci_landlock_net, unknown, REQUIRED),
	ROW_U32_LIST("ports", ports, REQUIRED),
};
static OBJECT_WITH(oci_landlock_net_port, OBJECT_CLOSED);
#undef SELF

#define SELF struct oci_landlock_rules
static const struct field oci_landlock_rules_fields[] = {
	ROW_ARRAY("pathBeneath", path_beneath, oci_landlock_path_beneath, OPTIONAL),
	ROW_ARRAY("netPort", net_port, oci_landlock_net_port, OPTIONAL),
};
static OBJECT_WITH(oci_landlock_rules, OBJECT_CLOSED);
#undef SELF

#define SELF struct oci_landlock
static const struct field oci_landlock_fields[] = {
	ROW_INLINE("ruleset", ruleset, oci_landlock_ruleset, REQUIRED),
	ROW_INLINE("rules", rules, oci_landlock_rules, OPTIONAL),
	ROW_BOOL("disableBestEffort", disable_best_effort, OPTIONAL),
};
static OBJECT_WITH(oci_landlock, OBJECT_CLOSED);
#undef SELF

/* What is allowed has to be handled, and there has to be something (landlock_add_rule(2): EINVAL,
 * ENOMSG). */
static int check_rights(const char *json_path, const char *kind, size_t i, uint64_t allowed,
	uint64_t handled, const struct string_list *unknown, const struct names *names,
	struct error *e)
{
	if (unknown->n)
		return error_field(e, json_path, "rules.%s[%zu].allowedAccess: there is no %s '%s'",
			kind, i, names->what, unknown->v[0]);
	if (!allowed)
		return error_field(
			e, json_path, "rules.%s[%zu].allowedAccess: it is empty", kind, i);
	for (size_t n = 0; n < names->n; n++)
		if ((allowed & ~handled) >> names->v[n].value & 1)
			return error_field(e, json_path,
				"rules.%s[%zu].allowedAccess: '%s' is not among what ruleset "
				"handles, and is "
				"allowed everywhere",
				kind, i, names->v[n].name);
	return 0;
}

static int check_path_rule(
	const char *json_path, size_t i, const struct oci_landlock *l, struct error *e)
{
	const struct oci_landlock_path_beneath *rule = &l->rules.path_beneath.v[i];
	for (size_t p = 0; p < rule->paths.n; p++)
		if (rule->paths.v[p][0] != '/')
			return error_field(e, json_path,
				"rules.pathBeneath[%zu].paths[%zu]: '%s' is not an absolute path",
				i, p, rule->paths.v[p]);
	return check_rights(json_path, "pathBeneath", i, rule->allowed_access,
		l->ruleset.handled_access_fs, &rule->unknown, &oci_landlock_fs_names, e);
}

static int check_port_rule(
	const char *json_path, size_t i, const struct oci_landlock *l, struct error *e)
{
	const struct oci_landlock_net_port *rule = &l->rules.net_port.v[i];
	for (size_t p = 0; p < rule->ports.n; p++)
		if (rule->ports.v[p] > UINT16_MAX)
			return error_field(e, json_path,
				"rules.netPort[%zu].ports[%zu]: %u is more than 65535", i, p,
				rule->ports.v[p]);
	return check_rights(json_path, "netPort", i, rule->allowed_access,
		l->ruleset.handled_access_net, &rule->unknown, &oci_landlock_net_names, e);
}

static int check(const char *json_path, const struct oci_landlock *l, struct error *e)
{
	const struct oci_landlock_ruleset *set = &l->ruleset;
	int r = 0;
	if (set->unknown.n)
		return error_field(e, json_path, "ruleset: Landlock has no right or scope '%s'",
			set->unknown.v[0]);
	if (!(set->handled_access_fs | set->handled_access_net | set->scoped))
		return error_field(e, json_path,
			"ruleset: it handles nothing: give handledAccessFS, handledAccessNet or "
			"scoped");
	for (size_t i = 0; r == 0 && i < l->rules.path_beneath.n; i++)
		r = check_path_rule(json_path, i, l, e);
	for (size_t i = 0; r == 0 && i < l->rules.net_port.n; i++)
		r = check_port_rule(json_path, i, l, e);
	return r;
}

int oci_landlock_decode(const char *text, const char *json_path, struct arena *arena,
	const struct oci_landlock **ret, struct error *e)
{
	struct error inner = { 0 };
	int r = object_decode(
		&oci_landlock_object, text, strlen(text), json_path, arena, ret, &inner);
	if (r == -ENOMEM)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (r < 0)
		return error_field(e, json_path, "%s%scolumn %u: %s", inner.path,
			*inner.path ? ": " : "", inner.column, inner.text);
	return check(json_path, *ret, e);
}
