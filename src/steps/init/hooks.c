/* SPDX-License-Identifier: Apache-2.0 */
/* createContainer and startContainer hooks. Runs as INIT: no allocation, no stdio. */
#include "steps/hook.h"

#include <errno.h>
#include <unistd.h>

#include "base/fd.h"
#include "steps/actor.h"

int act_init_hook(struct actor_context *ctx, const struct step *step)
{
	const struct hook_step *h = &step->u.hook;
	/* spec: runtime.md#state: "it is the pid as seen by the container" */
	struct hook_result r = hook_run(h->hook, &h->setting,
		(struct hook_output){ ctx->slots[SLOT_HOOK_OUT], ctx->slots[SLOT_HOOK_ERR] },
		h->state_head, getpid(), h->state_tail);
	if (r.end == HOOK_OK)
		return 0;
	char text[HOOK_TEXT_SIZE], digits[DIGITS_SIZE];
	format_u64(digits, h->index);
	return act_message(ctx, ERROR_SYSTEM, r.end == HOOK_NOT_STARTED ? r.number : ECANCELED,
		"error running ", h->kind, " hook #", digits, ": ", h->hook->path, ": ",
		hook_result_text(&r, text), NULL);
}
