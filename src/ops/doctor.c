/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor: what this machine lets containers have, what they do without, and what mends it. Runs as
 * HOST; needs no state directory and leaves nothing.
 */
#include "doctor/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "config.h"
#include "libocispec/json_writer.h"
#include "ops/prepare.h"
#include "plan/namespace_types.h"

static const struct {
	const char *name;
	enum audience audience;
} clients[] = {
	{ "podman", FOR_PODMAN },
	{ "docker", FOR_DOCKER },
	{ "containerd", FOR_CONTAINERD },
};

/* What is asked: for everybody, for a client, or for a bundle. */
struct question {
	const char *name; /* NULL: for everybody */
	unsigned audience;
	const struct preparation *bundle; /* NULL: none, or its config is refused */
	const char *refusal;		  /* the line that it is refused with */
};

static bool is(const struct probe *p, const char *name)
{
	return strcmp(p->name, name) == 0;
}

static bool mounts(const struct preparation *b, const char *fs_type)
{
	for (size_t i = 0; i < b->plan.n_steps; i++) {
		const struct step *s = &b->plan.steps[i];
		if (create_sequence.rows[s->row].act == act_mount && s->u.mount.fs_type &&
			strcmp(s->u.mount.fs_type, fs_type) == 0)
			return true;
	}
	return false;
}

/* By its plan: what it has steps for. */
static bool bundle_needs(const struct preparation *b, const struct probe *p)
{
	const struct decision *d = &b->decision;
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (p->flag == (uint64_t)namespace_types[t].flag)
			return d->ns.mode[t] == NS_NEW;
	if (strcmp(p->group, "mounts") == 0 && p->fs_type)
		return mounts(b, p->fs_type);
	if (is(p, "ranges"))
		return d->id_map && d->id_map->by_helper;
	if (is(p, "own id"))
		return d->id_map && !d->id_map->by_helper;
	if (is(p, "seccomp"))
		return d->filter;
	if (is(p, "own cgroup"))
		return b->cgroup.dirs.n > 0;
	if (is(p, "mapped ids"))
		return d->n_mount_id_maps > 0;
	return p->audience & FOR_RUN;
}

static bool needs(const struct question *q, const struct doctor *d, const struct probe *p)
{
	if (q->bundle)
		return bundle_needs(q->bundle, p);
	/* root has its ids, and maps any; clients of users make do without cgroups of their own */
	if (d->is_privileged && (is(p, "user") || is(p, "own id")))
		return false;
	if (d->is_rootless && (strcmp(p->group, "cgroups") == 0 || is(p, "overlay")))
		return false;
	return p->audience & q->audience;
}

static bool fails(const struct question *q, const struct doctor *d, size_t i)
{
	return d->results[i].mark == PROBE_LACKS && needs(q, d, &probes[i]);
}

static bool works(const struct question *q, const struct doctor *d)
{
	for (size_t i = 0; i < n_probes; i++)
		if (fails(q, d, i))
			return false;
	return !q->refusal;
}

enum { COLUMNS = 80, INDENT = 6 };

/* Words, broken at the end of the line. A word that is longer than it stays whole: it is copied. */
static void print_wrapped(const char *prefix, const char *text)
{
	size_t column = INDENT + strlen(prefix);
	printf("%*s%s", INDENT, "", prefix);
	while (*text) {
		size_t n = strcspn(text, " ");
		if (column + n > COLUMNS && column > INDENT + 2) {
			printf("\n%*s", INDENT + 2, "");
			column = INDENT + 2;
		}
		printf("%.*s", (int)n, text);
		text += n;
		column += n;
		if (*text == ' ') {
			text++;
			column++;
			/* the blank before a break is not printed */
			if (column + strcspn(text, " ") <= COLUMNS)
				putchar(' ');
		}
	}
	putchar('\n');
}

struct style {
	const char *good, *bad, *weak, *end;
};

static struct style choose_style(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool has = isatty(STDOUT_FILENO) && !(no_color && *no_color) && term &&
		   strcmp(term, "dumb") != 0;
	return has ? (struct style){ "\033[32m", "\033[1;31m", "\033[33m", "\033[0m" }
		   : (struct style){ "", "", "", "" };
}

static void print_row(
	const struct question *q, const struct doctor *d, size_t i, const struct style *s)
{
	const struct probe *p = &probes[i];
	const struct probe_result *r = &d->results[i];
	bool is_bad = fails(q, d, i);
	const char *mark = r->mark == PROBE_WORKS     ? "ok"
			   : r->mark == PROBE_SKIPPED ? "  "
			   : is_bad		      ? "NO"
						      : "--";
	const char *tried = r->mark == PROBE_SKIPPED ? "not tried: " : "";
	printf("  %s%s%s  %-*s%s%s\n",
		r->mark == PROBE_WORKS ? s->good
		: is_bad	       ? s->bad
				       : s->weak,
		mark, s->end, r->detail[0] ? 16 : 0, p->name, tried, r->detail);
	if (r->mark != PROBE_LACKS)
		return;
	print_wrapped("", r->what);
	if (p->without)
		print_wrapped("so: ", p->without);
	if (r->remedy[0])
		print_wrapped("do: ", r->remedy);
}

static void print_verdict(const struct question *q, const struct doctor *d, const struct style *s)
{
	const char *for_whom = q->name ? q->name : "a container without limits";
	if (q->refusal) {
		printf("%s%s%s\n", s->bad, q->refusal, s->end);
		return;
	}
	if (works(q, d)) {
		printf("%sThis machine has what %s needs.%s\n", s->good, for_whom, s->end);
		return;
	}
	printf("%sThis machine lacks what %s needs:%s", s->bad, for_whom, s->end);
	for (size_t i = 0, n = 0; i < n_probes; i++)
		if (fails(q, d, i))
			printf("%s %s", n++ ? "," : "", probes[i].name);
	putchar('\n');
}

static void print_text(const struct question *q, const struct doctor *d)
{
	struct utsname u;
	struct style s = choose_style();
	uname(&u);
	printf("oci-rt %s, Linux %s, %s, uid %u\n", OCI_RT_VERSION, u.release, u.machine,
		d->process.euid);
	for (size_t i = 0; i < n_probes; i++) {
		if (i == 0 || strcmp(probes[i].group, probes[i - 1].group) != 0)
			printf("\n%s\n", probes[i].group);
		print_row(q, d, i, &s);
	}
	putchar('\n');
	print_verdict(q, d, &s);
}

static void write_member(struct json_writer *w, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	json_write_string(w, key);
	json_write_string(w, value);
}

static void write_bool(struct json_writer *w, const char *key, bool value)
{
	json_write_string(w, key);
	json_write_bool(w, value);
}

static void write_check(
	struct json_writer *w, const struct question *q, const struct doctor *d, size_t i)
{
	const struct probe_result *r = &d->results[i];
	json_begin_object(w);
	write_member(w, "group", probes[i].group);
	write_member(w, "name", probes[i].name);
	write_member(w, "works", probe_mark_names[r->mark]);
	write_bool(w, "needed", needs(q, d, &probes[i]));
	write_member(w, "detail", r->detail);
	if (r->mark == PROBE_LACKS) {
		write_member(w, "cause", r->what);
		write_member(w, "without", probes[i].without);
		write_member(w, "remedy", r->remedy);
	}
	json_end_object(w);
}

static int print_json(const struct question *q, const struct doctor *d, struct error *e)
{
	struct utsname u;
	struct json_writer *w = json_writer_new(d->arena, true);
	char *text;
	if (!w)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	uname(&u);
	json_begin_object(w);
	write_member(w, "version", OCI_RT_VERSION);
	write_member(w, "kernel", u.release);
	write_member(w, "machine", u.machine);
	json_write_string(w, "uid");
	json_write_u64(w, d->process.euid);
	write_bool(w, "rootless", d->is_rootless);
	write_member(w, "for", q->name);
	write_bool(w, "works", works(q, d));
	write_member(w, "error", q->refusal);
	json_write_string(w, "checks");
	json_begin_array(w);
	for (size_t i = 0; i < n_probes; i++)
		write_check(w, q, d, i);
	json_end_array(w);
	json_end_object(w);
	int r = json_writer_finish(w, &text, NULL);
	if (r < 0)
		return error_errno(e, -r, "write what doctor found");
	fputs(text, stdout);
	return 0;
}

/* Its own decisions, on this machine: what `run` would refuse before it does anything. */
static int ask_bundle(const struct global_options *g, const char *bundle, struct preparation *p,
	struct question *q, struct error *e)
{
	struct error refusal = { 0 };
	struct create_options o = { .id = "doctor", .bundle = bundle };
	q->name = bundle;
	q->audience = FOR_RUN;
	if (access(bundle, F_OK) < 0)
		return error_set(e, ERROR_USAGE, ENOENT,
			"--for %s: expected podman, docker, containerd or the directory of a "
			"bundle",
			bundle);
	if (prepare_create(g, &o, VERB_RUN, p, &refusal) == 0) {
		q->bundle = p;
		return 0;
	}
	char line[1200];
	error_format(&refusal, line, sizeof line);
	q->refusal = arena_strdup(&p->arena, line);
	return 0;
}

static int ask(const struct global_options *g, const struct doctor_options *o,
	struct preparation *p, struct question *q, struct error *e)
{
	*q = (struct question){ .name = o->for_whom, .audience = FOR_RUN };
	if (!o->for_whom)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
		if (strcmp(clients[i].name, o->for_whom) == 0) {
			q->audience |= clients[i].audience;
			return 0;
		}
	return ask_bundle(g, o->for_whom, p, q, e);
}

int op_doctor(const struct global_options *g, const struct doctor_options *o, int *ret_status,
	struct error *e)
{
	AUTO_PREPARATION struct preparation p = { 0 };
	struct question q;
	int r = ask(g, o, &p, &q, e);
	struct doctor d = { .arena = &p.arena };
	fflush(stdout);
	if (r == 0)
		r = doctor_run(&d, e);
	if (r == 0 && o->json)
		r = print_json(&q, &d, e);
	else if (r == 0)
		print_text(&q, &d);
	if (r == 0)
		*ret_status = works(&q, &d) ? 0 : 1;
	return r;
}
