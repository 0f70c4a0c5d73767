/* SPDX-License-Identifier: Apache-2.0 */
/* plan: what a bundle would do on this host. Runs nothing. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "libocispec/json_writer.h"
#include "ops/prepare.h"

static const char *const actor_names[ROW_ACTOR_COUNT] = {
	[ROW_HOST] = "host",
	[ROW_STAGER] = "stager",
	[ROW_INIT] = "init",
	[ROW_INIT_WAITS] = "init waits",
	[ROW_HOST_WAITS] = "host waits",
};

static void print_text(const struct preparation *p)
{
	for (size_t i = 0; i < p->plan.n_steps; i++) {
		const struct step *s = &p->plan.steps[i];
		const struct row *row = &create_sequence.rows[s->row];
		printf("%3zu  %-10s  %s", i + 1, actor_names[row->who], s->summary);
		if (s->json_path)
			printf("  [%s]", s->json_path);
		printf("\n");
	}
	for (size_t i = 0; i < p->container.degraded.n; i++)
		printf("degraded: %s\n", p->container.degraded.v[i]);
}
