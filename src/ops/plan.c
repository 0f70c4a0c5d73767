/* SPDX-License-Identifier: Apache-2.0 */
/* plan: what a bundle would do on this host. Runs nothing. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "libocispec/json_writer.h"
#include "ops/prepare.h"

static int print_text(struct preparation *p, struct error *e)
{
	for (size_t i = 0; i < p->plan.n_steps; i++) {
		const char *text = sequence_step_text(&p->arena, &create_sequence, &p->plan, i);
		if (!text)
			return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
		puts(text);
	}
	for (size_t i = 0; i < p->container.degraded.n; i++)
		printf("degraded: %s\n", p->container.degraded.v[i]);
	for (size_t i = 0; i < p->container.emulated.n; i++)
		printf("emulated: %s\n", p->container.emulated.v[i]);
	printf("policy:");
	for (int i = 0; i < PART_COUNT; i++)
		printf("%s %s=%s", i ? "," : "", part_name((enum part)i),
			policy_name(policy_of(&p->decision, (enum part)i)));
	putchar('\n');
	return 0;
}

static void write_sentences(struct json_writer *w, const char *name, const struct string_list *l)
{
	json_write_string(w, name);
	json_begin_array(w);
	for (size_t i = 0; i < l->n; i++)
		json_write_string(w, l->v[i]);
	json_end_array(w);
}

static int print_json(struct preparation *p, struct error *e)
{
	struct json_writer *w = json_writer_new(&p->arena, true);
	char *text;
	if (!w)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	json_begin_object(w);
	json_write_string(w, "steps");
	json_begin_array(w);
	for (size_t i = 0; i < p->plan.n_steps; i++) {
		const struct step *s = &p->plan.steps[i];
		const struct row *row = &create_sequence.rows[s->row];
		json_begin_object(w);
		json_write_string(w, "actor");
		json_write_string(w, row_actor_names[row->who]);
		json_write_string(w, "row");
		json_write_string(w, row->name);
		json_write_string(w, "summary");
		json_write_string(w, s->summary);
		if (s->json_path) {
			json_write_string(w, "path");
			json_write_string(w, s->json_path);
		}
		if (s->detail) {
			json_write_string(w, "detail");
			json_write_string(w, s->detail);
		}
		json_end_object(w);
	}
	json_end_array(w);
	write_sentences(w, "degraded", &p->container.degraded);
	write_sentences(w, "emulated", &p->container.emulated);
	json_write_string(w, "policy");
	json_begin_object(w);
	for (int i = 0; i < PART_COUNT; i++) {
		json_write_string(w, part_name((enum part)i));
		json_write_string(w, policy_name(policy_of(&p->decision, (enum part)i)));
	}
	json_end_object(w);
	json_end_object(w);
	int r = json_writer_finish(w, &text, NULL);
	if (r < 0)
		return error_errno(e, -r, "write the plan");
	fputs(text, stdout);
	return 0;
}

int op_plan(const struct global_options *g, const struct plan_options *o, struct error *e)
{
	AUTO_PREPARATION struct preparation p = { 0 };
	struct create_options create = o->create;
	if (!create.id)
		create.id = "plan";
	int r = prepare_create(g, &create, VERB_CREATE, &p, e);
	if (r < 0)
		return r;
	return o->json ? print_json(&p, e) : print_text(&p, e);
}
