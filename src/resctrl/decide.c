/* SPDX-License-Identifier: Apache-2.0 */
/* What a config's intelRdt means on this host. PURE. spec: config-linux.md#intelrdt */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mountinfo.h"
#include "resctrl/resctrl.h"

const char *resctrl_name(const struct oci_intel_rdt *config, const char *id)
{
	if (!config->clos_id)
		return id;
	return strcmp(config->clos_id, "/") == 0 ? "" : config->clos_id;
}

static struct span trim(struct span s)
{
	while (s.n && (*s.s == ' ' || *s.s == '\t')) {
		s.s++;
		s.n--;
	}
	while (s.n && (s.s[s.n - 1] == ' ' || s.s[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool same(struct span a, struct span b)
{
	return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

/* Bit masks are hexadecimal, bandwidths decimal: in either, leading zeros alone make no difference.
 */
static struct span number(struct span s)
{
	s = trim(s);
	while (s.n > 1 && *s.s == '0') {
		s.s++;
		s.n--;
	}
	return s;
}

/* Without the locale of strcasecmp(3). */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_number(struct span a, struct span b)
{
	a = number(a);
	b = number(b);
	for (size_t i = 0; i < a.n && i < b.n; i++)
		if (lower(a.s[i]) != lower(b.s[i]))
			return false;
	return a.n == b.n;
}

/* "0=7f0;1=1f": is this domain among them, with this value? */
static bool has_domain(struct span list, struct span domain, struct span value)
{
	struct span item, name;
	while (span_next(&list, ';', &item))
		if (span_next(&item, '=', &name) && same_number(name, domain))
			return same_number(item, value);
	return false;
}

static bool has_all(struct span present, struct span wanted)
{
	struct span item, domain;
	while (span_next(&wanted, ';', &item))
		if (!span_next(&item, '=', &domain) || !has_domain(present, domain, item))
			return false;
	return true;
}

bool resctrl_schemata_has(const char *text, const char *wanted_line)
{
	struct span wanted = { wanted_line, strlen(wanted_line) }, resource;
	struct span rest = { text, strlen(text) }, line, name;
	if (!span_next(&wanted, ':', &resource))
		return false;
	while (span_next(&rest, '\n', &line))
		if (span_next(&line, ':', &name) && same(trim(name), trim(resource)))
			return has_all(line, wanted);
	return false;
}

struct line {
	const char *path, *text;
};

/* In the order that the specification demands. Returns how many there are. */
static size_t collect(struct arena *arena, const struct oci_intel_rdt *c, struct line *to)
{
	size_t n = 0;
	if (c->l3_cache_schema)
		to[n++] = (struct line){ "linux.intelRdt.l3CacheSchema", c->l3_cache_schema };
	if (c->mem_bw_schema)
		to[n++] = (struct line){ "linux.intelRdt.memBwSchema", c->mem_bw_schema };
	for (size_t i = 0; i < c->schemata.n; i++)
		to[n++] = (struct line){ arena_printf(arena, "linux.intelRdt.schemata[%zu]", i),
			c->schemata.v[i] };
	return n;
}

static int check_existing(const struct resctrl_host *host, const struct line *lines, size_t n,
	const char *path, struct error *e)
{
	if (!host->schemata)
		return error_field(
			e, "linux.intelRdt.closID", "%s is not a class of service", path);
	for (size_t i = 0; i < n; i++)
		if (!resctrl_schemata_has(host->schemata, lines[i].text))
			return error_field(e, lines[i].path,
				"%s exists with other values than %.100s; only a class of service "
				"that the runtime makes is given values",
				path, lines[i].text);
	return 0;
}

static const char *join(struct arena *arena, const struct line *lines, size_t n)
{
	const char *text = n ? "" : NULL;
	for (size_t i = 0; text && i < n; i++)
		text = arena_printf(arena, "%s%s\n", text, lines[i].text);
	return text;
}

int resctrl_decide(struct arena *arena, const struct oci_intel_rdt *config, const char *id,
	const struct resctrl_host *host, struct resctrl_plan *ret, struct error *e)
{
	if (!host->mount)
		return error_unsupported(e, "linux.intelRdt",
			"no resctrl filesystem is mounted; where the CPU has the feature: mount -t "
			"resctrl resctrl /sys/fs/resctrl");
	const char *name = resctrl_name(config, id);
	struct line *lines = ARENA_ARRAY(arena, config->schemata.n + 2, struct line);
	const char *path = arena_printf(arena, "%s%s%s", host->mount, *name ? "/" : "", name);
	if (!lines || !path)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	size_t n = collect(arena, config, lines);
	int r = 0;
	if (host->exists && config->clos_id)
		r = check_existing(host, lines, n, path, e);
	else if (!host->exists && config->clos_id && n == 0)
		r = error_field(e, "linux.intelRdt.closID",
			"there is no class of service %s, and the config has no schemata to make "
			"it with",
			path);
	if (r < 0)
		return r;
	*ret = (struct resctrl_plan){
		.mount = host->mount,
		.group.path = path,
		.make = !host->exists,
		/* named by the config it may serve other containers: it stays */
		.group.created = !host->exists && !config->clos_id,
		.schemata = host->exists && config->clos_id ? NULL : join(arena, lines, n),
	};
	if (config->enable_monitoring)
		ret->group.monitor = arena_printf(arena, "%s/mon_groups/%s", path, id);
	return arena_failed(arena) ? error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory") : 0;
}
