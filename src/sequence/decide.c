/* SPDX-License-Identifier: Apache-2.0 */
/* From facts and documents to a plan, and the plan as text. Runs as HOST. PURE. */
#include <string.h>

#include "libocispec/text.h"
#include "sequence/sequence.h"

int sequence_decide(const struct sequence *seq, struct decision *d, struct error *e)
{
	for (size_t i = 0; i < seq->n_rows; i++) {
		d->row = (unsigned)i;
		int r = seq->rows[i].decide(d, e);
		if (r < 0)
			return r;
	}
	return plan_status(d, e);
}

const char *const row_actor_names[ROW_ACTOR_COUNT] = {
	[ROW_HOST] = "host",
	[ROW_STAGER] = "stager",
	[ROW_INIT] = "init",
	[ROW_INIT_WAITS] = "init waits",
	[ROW_HOST_WAITS] = "host waits",
};

/* The column in which the summary starts. */
enum { INDENT = 40 };

const char *sequence_step_text(
	struct arena *arena, const struct sequence *seq, const struct plan *plan, size_t i)
{
	const struct step *s = &plan->steps[i];
	const struct row *row = &seq->rows[s->row];
	const char *text = text_one_line(arena_printf(arena, "%3zu  %-10s  %-21s  %s%s%s%s", i + 1,
		row_actor_names[row->who], row->name, s->summary, s->json_path ? "  [" : "",
		s->json_path ? s->json_path : "", s->json_path ? "]" : ""));
	for (const char *line = s->detail; line && *line && text;) {
		size_t n = strcspn(line, "\n");
		const char *clean = text_one_line(arena_strndup(arena, line, n));
		text = clean ? arena_printf(arena, "%s\n%*s- %s", text, INDENT, "", clean) : NULL;
		line += n + (line[n] == '\n');
	}
	return text;
}
