/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/sequence.md from the tables of src/sequence and the plans of tests/unit/plan_cases.c. Prints
 * to standard output; ends with 1 when a row has no case, because then nothing tests it either.
 */
#include <stdio.h>
#include <string.h>

#include "plan_fixture.h"

static const char intro[] =
	"<!-- GENERATED from src/sequence by tests/lint/print_sequence.c: do not edit. -->\n"
	"# Sequences\n"
	"\n"
	"What happens between the first side effect and the container's `execve`, in order. Each\n"
	"table is the one that the program itself runs by: a row's position is its place in time,\n"
	"and in the protocol between the actors.\n"
	"\n"
	"- **host** is the process that the user started, **init** is what becomes the "
	"container's\n"
	"  process, **stager** stands between the two only where namespaces force a second fork.\n"
	"- All actors hold the same plan and walk it in this order; each does its own rows, and "
	"none\n"
	"  waits for another between meetings.\n"
	"- A row in bold is a **meeting**: who waits goes no further before the other has come "
	"there.\n"
	"- *When*: \"always\" is every config that has a process; \"asked\" is where the config, "
	"the\n"
	"  options or the host call for it.\n"
	"- *Undo*: a failure at this row or later runs the undo, last row first.\n"
	"\n"
	"The examples are steps of the plans in `tests/golden/plan`. `oci-rt plan` prints these "
	"rows\n"
	"for a bundle on this host.\n";

enum { MAX_ROWS = 128 };

struct row_use {
	unsigned n[2];
	char example[256], path[128];
};

struct verb_pair {
	enum verb verbs[2];
	const char *names[2];
	unsigned plans[2];
};

/* Indices say nothing here: mounts[3].source -> mounts[].source */
static void without_indices(char *to, size_t size, const char *from)
{
	size_t n = 0;
	for (; *from && n + 1 < size; from++)
		if (*from < '0' || *from > '9' || n == 0 || to[n - 1] != '[')
			to[n++] = *from;
	to[n] = '\0';
}

static void count_plan(const struct plan *plan, unsigned verb, struct row_use *uses)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct step *s = &plan->steps[i];
		struct row_use *use = &uses[s->row];
		/* once for each plan, however many steps */
		if (i == 0 || plan->steps[i - 1].row != s->row)
			use->n[verb]++;
		if (!use->example[0]) {
			snprintf(use->example, sizeof use->example, "%s", s->summary);
			without_indices(
				use->path, sizeof use->path, s->json_path ? s->json_path : "");
		}
	}
}

static void count_cases(const struct sequence *seq, struct verb_pair *pair, struct row_use *uses)
{
	for (size_t i = 0; i < n_plan_cases; i++) {
		if (fixture_sequence(&plan_cases[i]) != seq)
			continue;
		for (unsigned v = 0; v < 2; v++) {
			struct fixture f;
			struct plan_case c = plan_cases[i];
			c.choices.verb = pair->verbs[v];
			/* what only one verb takes (a terminal that the runtime relays) */
			if (fixture_decide(&f, &c) == 0 && f.has_process) {
				pair->plans[v]++;
				count_plan(&f.plan, v, uses);
			}
			fixture_free(&f);
		}
	}
}

static const char *when(const struct row_use *use, const struct verb_pair *pair)
{
	static char text[64];
	bool one_verb = pair->verbs[0] == pair->verbs[1];
	bool all = true;
	for (unsigned v = 0; v < 2; v++)
		all &= !use->n[v] || use->n[v] == pair->plans[v];
	if (one_verb || (use->n[0] && use->n[1]))
		return all ? "always" : "asked";
	snprintf(text, sizeof text, "%s%s", pair->names[use->n[0] ? 0 : 1], all ? "" : ", asked");
	return text;
}

static int print_sequence(const struct sequence *seq, struct verb_pair pair)
{
	static const char *const who[ROW_ACTOR_COUNT] = {
		[ROW_HOST] = "host",
		[ROW_STAGER] = "stager",
		[ROW_INIT] = "init",
		[ROW_INIT_WAITS] = "**init waits for host**",
		[ROW_HOST_WAITS] = "**host waits for init**",
	};
	struct row_use uses[MAX_ROWS] = { 0 };
	int untested = 0;
	if (seq->n_rows > MAX_ROWS)
		return 1;
	count_cases(seq, &pair, uses);
	printf("| # | who | row | when | for example | from | undo |\n"
	       "|--:|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < seq->n_rows; i++) {
		const struct row *row = &seq->rows[i];
		const char *bold = row->act ? "" : "**";
		if (!uses[i].example[0]) {
			fprintf(stderr, "no case of tests/unit/plan_cases.c has the row \"%s\"\n",
				row->name);
			untested++;
		}
		printf("| %zu | %s | %s%s%s | %s | %s | %s%s%s | %s |\n", i + 1, who[row->who],
			bold, row->name, bold, when(&uses[i], &pair), uses[i].example,
			uses[i].path[0] ? "`" : "", uses[i].path, uses[i].path[0] ? "`" : "",
			row->undo ? "yes" : "");
	}
	return untested;
}

int main(void)
{
	int untested = 0;
	printf("%s\n## create and run\n\n", intro);
	untested += print_sequence(&create_sequence,
		(struct verb_pair){ { VERB_CREATE, VERB_RUN }, { "create", "run" }, { 0, 0 } });
	printf("\n`start` has no table: it writes to `start.sock`, on which init waits in its row\n"
	       "\"wait for start\", and reads from there until the end of file that `execve` "
	       "causes,\n"
	       "or the error.\n\n## exec\n\n");
	untested += print_sequence(&exec_sequence,
		(struct verb_pair){ { VERB_EXEC, VERB_EXEC }, { "exec", "exec" }, { 0, 0 } });
	printf("\n## restore\n\ncriu stops at each of its notifications until the next row of its "
	       "is "
	       "come to.\n\n");
	untested += print_sequence(
		&restore_sequence, (struct verb_pair){ { VERB_RESTORE, VERB_RESTORE },
					   { "restore", "restore" }, { 0, 0 } });
	printf("\n## mounts add and mounts remove\n\n");
	untested += print_sequence(
		&mounts_sequence, (struct verb_pair){ { VERB_MOUNTS_ADD, VERB_MOUNTS_REMOVE },
					  { "add", "remove" }, { 0, 0 } });
	return untested ? 1 : 0;
}
