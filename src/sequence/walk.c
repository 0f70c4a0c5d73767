/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walker. HOST enters; the rows that fork make it go on as STAGER or INIT in the child, at the
 * next step. Everything here may run as INIT: no allocation, no stdio (the text of a failure is put
 * together by act_message).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/trace.h"
#include "sequence/sequence.h"
#include "steps/message.h"
#include "sys/process.h"

static const struct row *row_of(const struct sequence *seq, const struct actor_context *ctx)
{
	return &seq->rows[ctx->plan->steps[ctx->at].row];
}

/* A step failed with errno -r and nothing more was said: its summary, the call, the errno. */
static void complete_error(struct actor_context *ctx, int r)
{
	const struct step *s = &ctx->plan->steps[ctx->at];
	if (ctx->error.kind == ERROR_NONE)
		act_message(ctx, ERROR_SYSTEM, -r, s->summary, ": ", ctx->call ? ctx->call : "",
			ctx->call ? ": " : "", errno_text(-r), NULL);
	if (!ctx->error_is_told && !ctx->error.path[0] && s->json_path) {
		size_t n = strnlen(s->json_path, sizeof ctx->error.path - 1);
		memcpy(ctx->error.path, s->json_path, n);
		ctx->error.path[n] = '\0';
	}
}

static const char runtime_died[] = "the runtime died";

static int meet_as_waiter(struct actor_context *ctx)
{
	struct message m;
	int r = message_receive(ctx->channel, &m);
	if (r == 1 && m.kind == MESSAGE_FAILED)
		return act_told(ctx, &m.error, m.step);
	if (r == 1 && m.kind == MESSAGE_MEET && m.step == ctx->at)
		return 0;
	if (r == 0 || r == -ECONNRESET)
		return ctx->me == ACTOR_HOST
			       ? act_init_died(ctx)
			       : act_message(ctx, ERROR_SYSTEM, EPIPE, runtime_died, NULL);
	return act_failed(ctx, "recv", r < 0 ? r : -EPROTO);
}

static int meet_as_other(struct actor_context *ctx)
{
	struct message m = { .kind = MESSAGE_MEET, .step = (uint32_t)ctx->at };
	int r = message_send(ctx->channel, &m);
	/* the peer is gone: what it said before it went is the cause. With any other errno it may
	 * be there, and wait for us as long as we would for it: so that it does not in any case.
	 * What it then says of us is no cause. */
	if ((r == -EPIPE || r == -ECONNRESET) && ctx->me == ACTOR_HOST) {
		shutdown(ctx->channel, SHUT_WR);
		int told = meet_as_waiter(ctx);
		if (strcmp(ctx->error.text, runtime_died) != 0)
			return told;
		ctx->error = (struct error){ 0 };
		ctx->error_is_told = false;
	}
	return r < 0 ? act_failed(ctx, "send", r) : 0;
}

static bool is_of(const struct row *row, enum actor me)
{
	switch (row->who) {
	case ROW_HOST:
		return me == ACTOR_HOST;
	case ROW_STAGER:
		return me == ACTOR_STAGER;
	case ROW_INIT:
		return me == ACTOR_INIT;
	case ROW_INIT_WAITS:
	case ROW_HOST_WAITS:
		return me != ACTOR_STAGER;
	case ROW_ACTOR_COUNT:
		break;
	}
	return false;
}

static int do_row(const struct row *row, struct actor_context *ctx)
{
	const struct step *step = &ctx->plan->steps[ctx->at];
	switch (row->who) {
	case ROW_HOST:
		return ctx->me == ACTOR_HOST ? row->act(ctx, step) : 0;
	case ROW_STAGER:
		return ctx->me == ACTOR_STAGER ? row->act(ctx, step) : 0;
	case ROW_INIT:
		return ctx->me == ACTOR_INIT ? row->act(ctx, step) : 0;
	case ROW_INIT_WAITS:
		return ctx->me == ACTOR_INIT   ? meet_as_waiter(ctx)
		       : ctx->me == ACTOR_HOST ? meet_as_other(ctx)
					       : 0;
	case ROW_HOST_WAITS:
		return ctx->me == ACTOR_HOST   ? meet_as_waiter(ctx)
		       : ctx->me == ACTOR_INIT ? meet_as_other(ctx)
					       : 0;
	case ROW_ACTOR_COUNT:
		break;
	}
	return -EINVAL;
}

static int do_row_traced(const struct row *row, struct actor_context *ctx)
{
	static const enum trace_actor actors[] = {
		[ACTOR_HOST] = TRACE_HOST, [ACTOR_STAGER] = TRACE_STAGER, [ACTOR_INIT] = TRACE_INIT
	};
	/* a row that forks begins in one actor and ends in two */
	enum actor me = ctx->me;
	bool is_mine = trace_buffer && is_of(row, me);
	struct trace_span *span =
		is_mine ? trace_begin(actors[me], row->name, ctx->plan->steps[ctx->at].summary)
			: NULL;
	int r = do_row(row, ctx);
	if (ctx->me == me)
		trace_end(span);
	return r;
}

static void undo(const struct sequence *seq, struct actor_context *ctx)
{
	for (size_t i = ctx->at + 1; i-- > 0;) {
		ctx->at = i;
		const struct row *row = row_of(seq, ctx);
		if (row->who == ROW_HOST && row->undo)
			row->undo(ctx, &ctx->plan->steps[i]);
	}
}

/* A child tells and ends. The text of its failure is HOST's to print. */
static _Noreturn void child_failed(struct actor_context *ctx)
{
	struct message m = { .kind = MESSAGE_FAILED, .step = (uint32_t)ctx->at };
	m.error = ctx->error;
	if (ctx->report_fd >= 0)
		message_send(ctx->report_fd, &m);
	_exit(1);
}

int sequence_walk(const struct sequence *seq, struct actor_context *ctx, struct error *e)
{
	for (ctx->at = 0; ctx->at < ctx->plan->n_steps; ctx->at++) {
		ctx->call = NULL;
		int r = do_row_traced(row_of(seq, ctx), ctx);
		if (r >= 0)
			continue;
		complete_error(ctx, r);
		if (!ctx->error_is_told)
			ctx->failed_at = ctx->at;
		if (ctx->me != ACTOR_HOST)
			child_failed(ctx);
		if (ctx->look)
			ctx->look(ctx);
		*e = ctx->error;
		undo(seq, ctx);
		return e->err ? -e->err : -EIO;
	}
	/* a plan without anything to execute (a config without process.args cannot be started) */
	if (ctx->me != ACTOR_HOST)
		_exit(0);
	return 0;
}
