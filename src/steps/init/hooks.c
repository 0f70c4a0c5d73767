/* SPDX-License-Identifier: Apache-2.0 */
/* createContainer and startContainer hooks. Runs as INIT: no allocation, no stdio. */
#include "steps/hook.h"

#include <errno.h>

#include "base/fd.h"
#include "steps/actor.h"

int act_init_hook(struct actor_context *ctx, const struct step *step)
{
	const struct hook_step *h = &step->u.hook;
	const struct hook_output output = { ctx->slots[SLOT_HOOK_OUT], ctx->slots[SLOT_HOOK_ERR] };
	struct hook_result r = hook_run(
		h->hook, &h->setting, output, h->state_head, (pid_t)ctx->told_pid, h->state_tail);
	if (r.end == HOOK_OK)
		return 0;
	char text[HOOK_TEXT_SIZE], digits[DIGITS_SIZE];
	format_u64(digits, h->index);
	return act_message(ctx, ERROR_SYSTEM, r.end == HOOK_NOT_STARTED ? r.number : ECANCELED,
		"error running ", h->kind, " hook #", digits, ": ", h->hook->path, ": ",
		hook_result_text(&r, text), NULL);
}
