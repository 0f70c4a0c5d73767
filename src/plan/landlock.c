/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock over the container's process, by annotation: as much of it as this kernel knows, and
 * what it doesn't is said. PURE. man: landlock(7)
 */
#include <errno.h>
#include <string.h>

#include "libocispec/runtime/landlock.h"
#include "plan/annotations.h"
#include "plan/decide.h"

#define WHERE "annotations.org.oci-rt.landlock"

/* From which version of Landlock on there is what. */
static const struct {
	int version;
	const char *linux_version;
	uint64_t fs, net, scoped;
	const char *otherwise;
} versions[] = {
	{ 1, "5.13", 0x1fff, 0, 0, NULL },
	{ 2, "5.19", 1 << 13, 0, 0, "it is refused everywhere" },
	{ 3, "6.2", 1 << 14, 0, 0, "it is not restricted" },
	{ 4, "6.7", 0, 0x3, 0, "it is not restricted" },
	{ 5, "6.10", 1 << 15, 0, 0, "it is not restricted" },
	{ 6, "6.12", 0, 0, 0x3, "it is not restricted" },
};

static const char *names_in(struct decision *d, const struct names *names, uint64_t bits)
{
	const char *text = "";
	for (size_t i = 0; text && i < names->n; i++)
		if (bits >> names->v[i].value & 1)
			text = arena_printf(
				d->arena, "%s%s%s", text, *text ? ", " : "", names->v[i].name);
	return text ? text : "";
}

static int tell_lack(struct decision *d, const struct oci_landlock *l, const char *lack,
	const char *instead, struct error *e)
{
	if (l->disable_best_effort)
		return error_field(e, WHERE, "%s", lack);
	plan_degraded(d, WHERE ": %s: %s", lack, instead);
	return 0;
}

/* What this kernel has of it; what it hasn't is an error, or said, as the annotation wants it. */
static int fit(
	struct decision *d, const struct oci_landlock *l, struct landlock_step *to, struct error *e)
{
	const struct oci_landlock_ruleset *set = &l->ruleset;
	int r = 0;
	to->version = d->host->landlock;
	if (!to->version)
		return tell_lack(d, l,
			"this kernel has no Landlock (CONFIG_SECURITY_LANDLOCK, and landlock in "
			"lsm= of its "
			"command line)",
			"nothing is restricted", e);
	for (size_t i = 0; r == 0 && i < sizeof versions / sizeof versions[0]; i++) {
		uint64_t fs = set->handled_access_fs & versions[i].fs,
			 net = set->handled_access_net & versions[i].net,
			 scoped = set->scoped & versions[i].scoped;
		if (to->version >= versions[i].version) {
			to->fs |= fs;
			to->net |= net;
			to->scoped |= scoped;
		} else if (fs | net | scoped) {
			/* each version has brought rights of one kind */
			r = tell_lack(d, l,
				plan_path(d,
					"%s%s%s takes Landlock %d, of Linux %s, and this kernel "
					"has %d",
					names_in(d, &oci_landlock_fs_names, fs),
					names_in(d, &oci_landlock_net_names, net),
					names_in(d, &oci_landlock_scope_names, scoped),
					versions[i].version, versions[i].linux_version,
					to->version),
				versions[i].otherwise, e);
		}
	}
	return r;
}

static int add_rules(struct decision *d, const struct oci_landlock *l, struct landlock_step *to)
{
	size_t n = 0;
	for (size_t i = 0; i < l->rules.path_beneath.n; i++)
		n += l->rules.path_beneath.v[i].paths.n;
	for (size_t i = 0; i < l->rules.net_port.n; i++)
		n += l->rules.net_port.v[i].ports.n;
	struct landlock_rule *rules = ARENA_ARRAY(d->arena, n ? n : 1, struct landlock_rule);
	if (!rules)
		return -1;
	to->rules = rules;
	for (size_t i = 0; i < l->rules.path_beneath.n; i++) {
		const struct oci_landlock_path_beneath *p = &l->rules.path_beneath.v[i];
		for (size_t k = 0; (p->allowed_access & to->fs) && k < p->paths.n; k++)
			rules[to->n_rules++] = (struct landlock_rule){ p->allowed_access & to->fs,
				p->paths.v[k], 0 };
	}
	for (size_t i = 0; i < l->rules.net_port.n; i++) {
		const struct oci_landlock_net_port *p = &l->rules.net_port.v[i];
		for (size_t k = 0; (p->allowed_access & to->net) && k < p->ports.n; k++)
			rules[to->n_rules++] = (struct landlock_rule){ p->allowed_access & to->net,
				NULL, (uint16_t)p->ports.v[k] };
	}
	return 0;
}

/* Before capabilities are decided, which have to leave the right to it. */
int derive_landlock(struct decision *d, struct error *e)
{
	const char *value = annotation_value(&d->config->annotations, ANNOTATION_LANDLOCK);
	const struct oci_landlock *l;
	int r = value ? oci_landlock_decode(value, WHERE, d->arena, &l, e) : 0;
	if (r < 0 || !value || !d->process)
		return r;
	struct landlock_step *step = ARENA_NEW(d->arena, struct landlock_step);
	if (step)
		r = fit(d, l, step, e);
	if (r < 0)
		return r;
	if (!step || add_rules(d, l, step) < 0)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (step->fs | step->net | step->scoped)
		d->landlock = step;
	return 0;
}

static const char *rules_text(struct decision *d)
{
	const char *text = "";
	for (size_t i = 0; text && i < d->landlock->n_rules; i++) {
		const struct landlock_rule *rule = &d->landlock->rules[i];
		text = rule->path ? arena_printf(d->arena, "%s%s: %s\n", text, rule->path,
					    names_in(d, &oci_landlock_fs_names, rule->allowed))
				  : arena_printf(d->arena, "%sport %u: %s\n", text, rule->port,
					    names_in(d, &oci_landlock_net_names, rule->allowed));
	}
	return text;
}

/* Late, for it holds over init as well: nothing but filters and execve comes behind. */
int decide_landlock(struct decision *d, struct error *e)
{
	if (!d->landlock)
		return 0;
	struct step *s = plan_add(d, WHERE,
		"restrict by Landlock: %d rights on files, %d on the network, %d scopes; %zu rules",
		__builtin_popcountll(d->landlock->fs), __builtin_popcountll(d->landlock->net),
		__builtin_popcountll(d->landlock->scoped), d->landlock->n_rules);
	if (s) {
		s->u.landlock = d->landlock;
		s->detail = rules_text(d);
	}
	return plan_status(d, e);
}
