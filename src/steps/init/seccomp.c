/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading the filter, and letting the runtime have its listener. Runs as INIT: no allocation, no
 * stdio.
 *
 * The listener is there only once the filter is, and then each system call that the config names
 * waits for an answer from an agent that has not got it yet: init would hang on its own filter,
 * whatever call it used to hand it over. So a second thread does it, which the filter does not
 * hold; from loading to execve init itself makes no system call at all, and waits in user space.
 * Any call may be in the config, sendmsg too.
 */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include <linux/sched.h>

#include "steps/init/init.h"
#include "steps/message.h"
#include "sys/process.h"

/* A thread on a stack that AddressSanitizer knows nothing of: it would say so on standard error. */
#define ON_ITS_OWN_STACK __attribute__((no_sanitize_address))

enum { STACK_SIZE = 32768, NOT_LOADED = -1000000 };

struct handover {
	struct actor_context *ctx;
	const struct scheduler_step *scheduler; /* NULL: init keeps what it has */
	int listener; /* NOT_LOADED, what seccomp(2) returned, a negative errno */
	bool is_done;
};

/* Only this thread can still speak: a report of init's own would wait for the agent. */
static _Noreturn ON_ITS_OWN_STACK void give_up(struct actor_context *ctx, const char *call, int r)
{
	struct message m = { .kind = MESSAGE_FAILED, .step = (uint32_t)ctx->at };
	act_message(ctx, ERROR_SYSTEM, -r, "hand the seccomp listener over: ", call, ": ",
		errno_text(-r), NULL);
	m.error = ctx->error;
	message_send(ctx->report_fd, &m);
	_exit(1);
}

/* After: the agent has the listener, and nobody in here has it. */
static ON_ITS_OWN_STACK int hand_over(void *argument)
{
	struct handover *h = argument;
	struct actor_context *ctx = h->ctx;
	struct message m = { .kind = MESSAGE_LISTENER, .step = (uint32_t)ctx->at };
	int fd;
	while ((fd = __atomic_load_n(&h->listener, __ATOMIC_ACQUIRE)) == NOT_LOADED)
		sched_yield();
	if (fd < 0)
		sys_exit_thread();
	int r = message_send_fd(ctx->report_fd, &m, fd);
	if (r < 0)
		give_up(ctx, "sendmsg", r);
	r = message_receive(ctx->report_fd, &m);
	if (r < 0)
		give_up(ctx, "recv", r);
	/* the runtime could not, says so itself, and has left */
	if (r == 0 || m.kind != MESSAGE_MEET)
		_exit(1);
	close(fd);
	r = h->scheduler ? set_scheduler(getpid(), h->scheduler) : 0;
	if (r < 0)
		give_up(ctx, "sched_setattr", r);
	__atomic_store_n(&h->is_done, true, __ATOMIC_RELEASE);
	sys_exit_thread();
}

static int load_with_listener(struct actor_context *ctx, const struct step *step)
{
	static char stack[STACK_SIZE] __attribute__((aligned(64)));
	static struct handover h;
	h = (struct handover){
		.ctx = ctx, .scheduler = step->u.seccomp.scheduler, .listener = NOT_LOADED
	};
	/* the flag may not be taken off without privileges */
	const struct scheduler_step ordinary = {
		.flags = h.scheduler ? h.scheduler->flags & SCHED_FLAG_RESET_ON_FORK : 0,
	};
	int r = h.scheduler ? set_scheduler(0, &ordinary) : 0;
	if (r < 0)
		return act_failed(ctx, "sched_setattr", r);
	r = sys_start_thread(hand_over, &h, stack, sizeof stack);
	if (r == -EAGAIN)
		return act_message(ctx, ERROR_SYSTEM, EAGAIN,
			"load the seccomp filter: its listener is handed over by a second thread, "
			"and the container's limit of processes allows none",
			NULL);
	if (r < 0)
		return act_failed(ctx, "clone", r);
	r = sys_seccomp_filter(step->u.seccomp.filter, step->u.seccomp.n, step->u.seccomp.flags);
	__atomic_store_n(&h.listener, r, __ATOMIC_RELEASE);
	if (r < 0)
		return act_failed(ctx, "seccomp", r);
	while (!__atomic_load_n(&h.is_done, __ATOMIC_ACQUIRE))
		;
	return 0;
}

/* Needs: the rights to load a filter. Mustn't: come before anything but execve. */
int act_seccomp(struct actor_context *ctx, const struct step *step)
{
	if (step->u.seccomp.has_listener)
		return load_with_listener(ctx, step);
	int r = sys_seccomp_filter(
		step->u.seccomp.filter, step->u.seccomp.n, step->u.seccomp.flags);
	return r < 0 ? act_failed(ctx, "seccomp", r) : 0;
}
