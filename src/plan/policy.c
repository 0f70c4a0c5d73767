/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a container that may be degraded: one row each. PURE: see plan/policy.h. */
#include "plan/policy.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plan/annotations.h"
#include "plan/decide.h"

#define BIT(policy) (1u << (policy))
enum {
	ALL = BIT(POLICY_REQUIRE) | BIT(POLICY_PREFER) | BIT(POLICY_SKIP),
	NO_SKIP = BIT(POLICY_REQUIRE) | BIT(POLICY_PREFER)
};

static enum policy always_require(const struct decision *d)
{
	return POLICY_REQUIRE;
}

static enum policy always_prefer(const struct decision *d)
{
	return POLICY_PREFER;
}

/* Who wrote the map wrote the options of the mounts, too; a map of ours comes to a config that
 * could not know. */
static enum policy where_ids_are_ours(const struct decision *d)
{
	return d->default_ids ? POLICY_PREFER : POLICY_REQUIRE;
}

/* docs/ROOTLESS.md has the same table. */
static const struct {
	const char *name;
	unsigned allowed;
	enum policy (*by_default)(const struct decision *d);
} parts[] = {
	/* prefer: none of its own where none can be made; a limit is an error there all the same */
	[PART_CGROUP] = { "cgroup", ALL, always_prefer },
	/* linux.devices; prefer: without those that the host does not have */
	[PART_DEVICES] = { "devices", ALL, always_require },
	/* prefer: the lowest value that is ours */
	[PART_OOM_SCORE] = { "oom-score", ALL, always_require },
	/* prefer: the hard limit that is ours */
	[PART_RLIMITS] = { "rlimits", NO_SKIP, always_require },
	/* prefer: the host's, read-only, where a new one is not ours to mount */
	[PART_SYSFS] = { "sysfs", NO_SKIP, always_prefer },
	/* prefer: terminals of the group 0 where the group of devpts has no id */
	[PART_TTY_GROUP] = { "tty-group", NO_SKIP, where_ids_are_ours },
};
static_assert(sizeof parts / sizeof parts[0] == PART_COUNT, "one row for each part");

static const char *const policy_names[] = {
	[POLICY_DEFAULT] = "",
	[POLICY_REQUIRE] = "require",
	[POLICY_PREFER] = "prefer",
	[POLICY_SKIP] = "skip",
};

#define CONTROL "a security control is never left out"
#define LIMIT	"a limit that is asked for is never left out"
static const struct {
	const char *name, *why;
} never[] = {
	{ "apparmor", CONTROL },
	{ "capabilities", CONTROL },
	{ "device-rules", CONTROL },
	{ "masked-paths", CONTROL },
	{ "namespaces", CONTROL },
	{ "no-new-privs", CONTROL },
	{ "readonly-paths", CONTROL },
	{ "seccomp", CONTROL },
	{ "selinux", CONTROL },
	{ "user", CONTROL },
	{ "blockio", LIMIT },
	{ "cpu", LIMIT },
	{ "hugetlb", LIMIT },
	{ "io", LIMIT },
	{ "limits", LIMIT },
	{ "memory", LIMIT },
	{ "pids", LIMIT },
	{ "rdma", LIMIT },
	{ "resources", LIMIT },
};

const char *part_name(enum part part)
{
	return parts[part].name;
}

const char *policy_name(enum policy policy)
{
	return policy_names[policy];
}

enum policy policy_of(const struct decision *d, enum part part)
{
	enum policy p = d->choices->policies.v[part];
	return p == POLICY_DEFAULT ? parts[part].by_default(d) : p;
}

static bool is_word(const char *name, const char *text, size_t n)
{
	return strncmp(name, text, n) == 0 && name[n] == '\0';
}

/* Where a text is from: an option, or a JSON path. */
static int refuse(const char *path, struct error *e, const char *text)
{
	return path ? error_field(e, path, "%s", text)
		    : error_set(e, ERROR_USAGE, EINVAL, "option '--degrade': %s", text);
}

static int unknown_part(const char *path, const char *word, size_t n, struct error *e)
{
	char text[256], names[128] = "";
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		if (is_word(never[i].name, word, n)) {
			snprintf(text, sizeof text, "%s: %s", never[i].name, never[i].why);
			return refuse(path, e, text);
		}
	for (int i = 0; i < PART_COUNT; i++) {
		size_t at = strlen(names);
		snprintf(names + at, sizeof names - at, "%s%s", i ? ", " : "", parts[i].name);
	}
	snprintf(text, sizeof text, "expected %s, found '%.*s'", names, (int)n, word);
	return refuse(path, e, text);
}

/* One of the list, without its comma: a part, and perhaps "=" and a policy. */
static int parse_one(
	const char *path, const char *word, size_t n, struct policies *ret, struct error *e)
{
	const char *equals = memchr(word, '=', n);
	size_t part_n = equals ? (size_t)(equals - word) : n;
	const char *policy = equals ? equals + 1 : "prefer";
	size_t policy_n = equals ? n - part_n - 1 : strlen(policy);
	int part = 0;
	while (part < PART_COUNT && !is_word(parts[part].name, word, part_n))
		part++;
	if (part == PART_COUNT)
		return unknown_part(path, word, part_n, e);
	for (int p = POLICY_REQUIRE; p <= POLICY_SKIP; p++)
		if (is_word(policy_names[p], policy, policy_n) && (parts[part].allowed & BIT(p))) {
			ret->v[part] = (enum policy)p;
			return 0;
		}
	char text[160];
	snprintf(text, sizeof text, "expected %s=require, prefer%s, found '%.*s'", parts[part].name,
		parts[part].allowed & BIT(POLICY_SKIP) ? " or skip" : "", (int)policy_n, policy);
	return refuse(path, e, text);
}

static int parse_list(const char *path, const char *text, struct policies *ret, struct error *e)
{
	for (const char *p = text;; p++) {
		size_t n = strcspn(p, ",");
		int r = parse_one(path, p, n, ret, e);
		p += n;
		if (r < 0 || !*p)
			return r;
	}
}

int policies_check_annotation(const char *path, const char *value, struct error *e)
{
	struct policies ignored;
	return parse_list(path, value, &ignored, e);
}

int policies_choose(const char *option, const struct string_map *annotations, struct policies *ret,
	struct error *e)
{
	const char *value = annotation_value(annotations, ANNOTATION_DEGRADE);
	*ret = (struct policies){ 0 };
	int r = value ? parse_list("annotations.org.oci-rt.degrade", value, ret, e) : 0;
	return r == 0 && option ? parse_list(NULL, option, ret, e) : r;
}
