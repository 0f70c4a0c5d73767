/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walker with sequences made up here: every actor fails, or is killed, at every step. Forks are
 * real, the acts only record. An alarm ends a walk that hangs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "sequence/sequence.h"
#include "steps/host/host.h"
#include "sys/process.h"

enum { MAX_STEPS = 40, MAX_RECORDS = 128 };

/* Shared with the children. */
static struct record {
	unsigned n_done, n_undone;
	struct {
		enum actor who;
		unsigned step;
	} done[MAX_RECORDS];
	unsigned undone[MAX_RECORDS];
	pid_t init;
} * rec;

/* What goes wrong: at this step, as soon as its actor comes there. */
enum trouble { NO_TROUBLE, FAIL, FAIL_WITH_TEXT, DIE };
static struct {
	enum trouble kind;
	unsigned step;
} trouble;

/* Who comes late to everything: what a meeting does must not depend on who is first.
 * ACTOR_COUNT: nobody. */
static int slow_actor;

static struct step steps[MAX_STEPS];
static unsigned n_steps;
static const struct sequence *seq;

static int record(struct actor_context *ctx)
{
	if ((int)ctx->me == slow_actor)
		usleep(1000);
	unsigned at = __atomic_fetch_add(&rec->n_done, 1, __ATOMIC_SEQ_CST);
	rec->done[at].who = ctx->me;
	rec->done[at].step = (unsigned)ctx->at;
	if (ctx->at != trouble.step)
		return 0;
	switch (trouble.kind) {
	case NO_TROUBLE:
		return 0;
	case FAIL:
		return act_failed(ctx, "frobnicate", -EXDEV);
	case FAIL_WITH_TEXT:
		return act_message(ctx, ERROR_CONFIG, ENOTTY, "told by the act", NULL);
	case DIE:
		kill(getpid(), SIGKILL);
		pause();
	}
	return 0;
}

static int act_record(struct actor_context *ctx, const struct step *step)
{
	return record(ctx);
}

static void undo_record(struct actor_context *ctx, const struct step *step)
{
	rec->undone[rec->n_undone++] = (unsigned)(step - steps);
}

/* Fork as act_host_spawn does. */
static int act_fork(struct actor_context *ctx, const struct step *step)
{
	int pair[2], r = record(ctx);
	if (r < 0)
		return r;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pair[0]);
		ctx->me = ACTOR_INIT;
		ctx->channel = ctx->report_fd = pair[1];
		alarm(10);
		return 0;
	}
	close(pair[1]);
	ctx->channel = pair[0];
	ctx->init_pid = rec->init = pid;
	ctx->host->init_is_child = true;
	return 0;
}

static void undo_fork(struct actor_context *ctx, const struct step *step)
{
	undo_record(ctx, step);
	undo_spawn(ctx, step);
}

/* The two forks of a plan with a stager are the real ones: without namespaces they need no rights.
 */
static int act_fork_stager(struct actor_context *ctx, const struct step *step)
{
	int r = record(ctx);
	return r < 0 ? r : act_spawn_stager(ctx, step);
}

static void undo_fork_stager(struct actor_context *ctx, const struct step *step)
{
	undo_record(ctx, step);
	undo_spawn_stager(ctx, step);
}

static int act_fork_from_stager(struct actor_context *ctx, const struct step *step)
{
	int r = record(ctx);
	return r < 0 ? r : act_stager_spawn(ctx, step);
}

static int act_learn(struct actor_context *ctx, const struct step *step)
{
	int r = record(ctx);
	if (r == 0)
		r = act_receive_init(ctx, step);
	if (r == 0)
		rec->init = ctx->init_pid;
	return r;
}

/* As execve does: the channel ends with the process image. */
static int act_end(struct actor_context *ctx, const struct step *step)
{
	int r = record(ctx);
	if (r < 0)
		return r;
	_exit(0);
}

static int act_see_end(struct actor_context *ctx, const struct step *step)
{
	int r = record(ctx);
	return r < 0 ? r : act_await_exec(ctx, step);
}

static int decide_one(struct decision *d, struct error *e)
{
	return 0;
}

/* The kernel's worst moment: init is there, and nobody has told HOST its pid. */
static int act_die_after_fork(struct actor_context *ctx, const struct step *step)
{
	pid_t pid = sys_spawn(&(struct spawn){ .flags = CLONE_PARENT, .cgroup_fd = -1 });
	if (pid == 0) {
		ctx->me = ACTOR_INIT;
		return 0;
	}
	rec->init = pid;
	kill(getpid(), SIGKILL);
	return -EINTR;
}

/* clang-format off */
#define HOST(name)      { ROW_HOST,       name, decide_one, act_record, undo_record }
#define HOST_PLAIN(name){ ROW_HOST,       name, decide_one, act_record, NULL }
#define INIT(name)      { ROW_INIT,       name, decide_one, act_record, NULL }
#define STAGER(name)    { ROW_STAGER,     name, decide_one, act_record, NULL }
#define INIT_WAITS(name){ ROW_INIT_WAITS, name, decide_one, NULL, NULL }
#define HOST_WAITS(name){ ROW_HOST_WAITS, name, decide_one, NULL, NULL }

static const struct row direct_rows[] = {
	HOST("a"), HOST_PLAIN("b"), HOST("c"),
	{ ROW_HOST, "fork", decide_one, act_fork, undo_fork },
	INIT("d"), INIT("e"),
	HOST("f"),
	INIT_WAITS("ids"),
	HOST("g"), HOST_PLAIN("h"),
	INIT("i"), INIT("j"),
	HOST_WAITS("namespaces"),
	HOST("k"),
	INIT_WAITS("hooks"),
	INIT("l"), INIT("m"),
	HOST("n"),
	INIT("o"),
	HOST_WAITS("created"),
	HOST("p"),
	INIT_WAITS("released"),
	INIT("q"),
	{ ROW_INIT, "end", decide_one, act_end, NULL },
	{ ROW_HOST, "ended", decide_one, act_see_end, NULL },
};
/* `run` without hooks: HOST is through with everything long before INIT is. */
static const struct row hasty_rows[] = {
	HOST("a"),
	{ ROW_HOST, "fork", decide_one, act_fork, undo_fork },
	INIT("b"),
	INIT_WAITS("ids"),
	INIT("c"), INIT("d"),
	HOST("e"),
	INIT_WAITS("released"),
	INIT("f"),
	{ ROW_INIT, "end", decide_one, act_end, NULL },
	{ ROW_HOST, "ended", decide_one, act_see_end, NULL },
};
static const struct row stager_rows[] = {
	HOST("a"),
	{ ROW_HOST, "fork stager", decide_one, act_fork_stager, undo_fork_stager },
	STAGER("b"), STAGER("c"),
	{ ROW_STAGER, "fork init", decide_one, act_fork_from_stager, NULL },
	{ ROW_HOST, "learn", decide_one, act_learn, undo_fork },
	INIT_WAITS("known"),
	INIT("d"),
	HOST("e"),
	INIT_WAITS("ids"),
	INIT("f"),
	HOST_WAITS("created"),
	HOST("g"),
	INIT_WAITS("released"),
	INIT("h"),
	{ ROW_INIT, "end", decide_one, act_end, NULL },
	{ ROW_HOST, "ended", decide_one, act_see_end, NULL },
};
static const struct row lost_rows[] = {
	HOST("a"),
	{ ROW_HOST, "fork stager", decide_one, act_fork_stager, undo_fork_stager },
	{ ROW_STAGER, "fork init", decide_one, act_die_after_fork, NULL },
	{ ROW_HOST, "learn", decide_one, act_learn, undo_fork },
	INIT_WAITS("known"),
	{ ROW_INIT, "end", decide_one, act_end, NULL },
};
/* clang-format on */
static const struct sequence lost = { "lost", lost_rows, ARRAY_SIZE(lost_rows) };
static const struct sequence sequences[] = {
	{ "direct", direct_rows, ARRAY_SIZE(direct_rows) },
	{ "hasty", hasty_rows, ARRAY_SIZE(hasty_rows) },
	{ "stager", stager_rows, ARRAY_SIZE(stager_rows) },
};

struct walk {
	struct host_context host;
	struct actor_context ctx;
	struct plan plan;
	struct error error;
	int slots[SLOT_SOURCE];
};

static int run(struct walk *w, enum trouble kind, unsigned at)
{
	memset(rec, 0, sizeof *rec);
	memset(w, 0, sizeof *w);
	for (n_steps = 0; n_steps < seq->n_rows; n_steps++)
		steps[n_steps] = (struct step){ .row = n_steps,
			.summary = seq->rows[n_steps].name,
			.json_path = n_steps % 2 ? "some.path" : NULL };
	trouble.kind = kind;
	trouble.step = at;
	w->plan = (struct plan){ .n_steps = n_steps, .steps = steps, .n_slots = SLOT_SOURCE };
	for (int i = 0; i < SLOT_SOURCE; i++)
		w->slots[i] = -1;
	w->host.relay_fd = w->host.entry.making_fd = -1;
	w->ctx = (struct actor_context){ .plan = &w->plan,
		.channel = -1,
		.report_fd = -1,
		.slots = w->slots,
		.host = &w->host };
	alarm(10);
	int r = sequence_walk(seq, &w->ctx, &w->error);
	alarm(0);
	if (w->ctx.channel >= 0)
		close(w->ctx.channel);
	if (w->slots[SLOT_INIT_PIDFD] >= 0)
		close(w->slots[SLOT_INIT_PIDFD]);
	return r;
}

static void no_child_is_left(void)
{
	if (waitpid(-1, NULL, WNOHANG) != -1)
		fail_msg("%s, trouble %d at %s, slow %d: a child is left", seq->name, trouble.kind,
			seq->rows[trouble.step].name, slow_actor);
	assert_int_equal(errno, ECHILD);
}

/* The HOST rows with an undo up to the one that HOST stood at, last first, and nothing else. */
static void assert_undone_from(size_t at)
{
	unsigned n = 0;
	for (size_t i = at + 1; i-- > 0;) {
		if (seq->rows[i].who != ROW_HOST || !seq->rows[i].undo)
			continue;
		assert_true(n < rec->n_undone);
		assert_int_equal(rec->undone[n++], i);
	}
	assert_int_equal(rec->n_undone, n);
}

/* HOST has not gone past the place where it must have heard of it. */
static size_t host_stood_at(void)
{
	size_t at = 0;
	for (unsigned i = 0; i < rec->n_done; i++)
		if (rec->done[i].who == ACTOR_HOST && rec->done[i].step > at)
			at = rec->done[i].step;
	return at;
}

static void assert_ends_well(pid_t pid)
{
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void for_each_sequence(void (*test)(void))
{
	for (slow_actor = 0; slow_actor <= ACTOR_COUNT; slow_actor++)
		for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
			seq = &sequences[i];
			test();
		}
}

static void check_whole_walk(void)
{
	struct walk w;
	assert_int_equal(run(&w, NO_TROUBLE, 0), 0);
	assert_ends_well(rec->init);
	no_child_is_left();
	assert_int_equal(rec->n_undone, 0);
	/* each actor did its own rows, in order, each once */
	for (int who = 0; who < ACTOR_COUNT; who++) {
		unsigned next = 0;
		for (size_t i = 0; i < seq->n_rows; i++) {
			if ((int)seq->rows[i].who != who)
				continue;
			while (next < rec->n_done && (int)rec->done[next].who != who)
				next++;
			assert_true(next < rec->n_done);
			assert_int_equal(rec->done[next++].step, i);
		}
		while (next < rec->n_done)
			assert_int_not_equal(rec->done[next++].who, who);
	}
}

static void everyone_does_their_rows(void **state)
{
	for_each_sequence(check_whole_walk);
}

/* The order of the table holds between actors at the meetings. */
static void check_meetings(void)
{
	struct walk w;
	assert_int_equal(run(&w, NO_TROUBLE, 0), 0);
	assert_ends_well(rec->init);
	for (unsigned i = 0; i < rec->n_done; i++)
		for (unsigned k = i + 1; k < rec->n_done; k++) {
			unsigned late = rec->done[i].step, early = rec->done[k].step;
			if (rec->done[i].who == rec->done[k].who || early > late)
				continue;
			/* done[i] came first in time and later in the table */
			for (unsigned m = early; m < late; m++)
				assert_false((seq->rows[m].who == ROW_INIT_WAITS &&
						     rec->done[i].who == ACTOR_INIT &&
						     rec->done[k].who == ACTOR_HOST) ||
					     (seq->rows[m].who == ROW_HOST_WAITS &&
						     rec->done[i].who == ACTOR_HOST &&
						     rec->done[k].who == ACTOR_INIT));
		}
}

static void nobody_passes_a_meeting_early(void **state)
{
	for_each_sequence(check_meetings);
}

static void check_failures(void)
{
	for (unsigned i = 0; i < seq->n_rows; i++) {
		struct walk w;
		char text[64];
		if (!seq->rows[i].act)
			continue;
		assert_int_equal(run(&w, FAIL, i), -EXDEV);
		assert_int_equal(w.error.kind, ERROR_SYSTEM);
		assert_int_equal(w.error.err, EXDEV);
		snprintf(text, sizeof text, "%s: frobnicate: invalid cross-device link",
			seq->rows[i].name);
		assert_string_equal(w.error.text, text);
		assert_string_equal(w.error.path, i % 2 ? "some.path" : "");
		assert_undone_from(host_stood_at());
		if (seq->rows[i].who == ROW_HOST)
			assert_int_equal(host_stood_at(), i);
		no_child_is_left();

		assert_int_equal(run(&w, FAIL_WITH_TEXT, i), -ENOTTY);
		assert_int_equal(w.error.kind, ERROR_CONFIG);
		assert_string_equal(w.error.text, "told by the act");
		assert_string_equal(w.error.path, i % 2 ? "some.path" : "");
		no_child_is_left();
	}
}

static void a_failure_at_every_step_is_told_and_undone(void **state)
{
	for_each_sequence(check_failures);
}

static void check_deaths(void)
{
	for (unsigned i = 0; i < seq->n_rows; i++) {
		struct walk w;
		bool by_stager = seq->rows[i].who == ROW_STAGER;
		if (!seq->rows[i].act || (!by_stager && seq->rows[i].who != ROW_INIT))
			continue;
		int r = run(&w, DIE, i);
		/* after the last meeting a death cannot be told from an execve */
		bool last = true;
		for (unsigned k = i; k < seq->n_rows; k++)
			last &= seq->rows[k].act != NULL;
		if (last) {
			assert_int_equal(r, 0);
			assert_int_equal(waitpid(rec->init, NULL, 0), rec->init);
			continue;
		}
		if (r >= 0)
			fail_msg("%s: death of step %s went unnoticed", seq->name,
				seq->rows[i].name);
		assert_string_equal(
			w.error.text, by_stager ? "the stager died before it had forked init"
						: "the container's init died while it was set up");
		assert_undone_from(w.ctx.at > host_stood_at() ? w.ctx.at : host_stood_at());
		no_child_is_left();
	}
}

static void init_and_stager_may_be_killed_at_every_step(void **state)
{
	for_each_sequence(check_deaths);
}

static void a_stager_killed_between_fork_and_message_is_no_hang(void **state)
{
	struct walk w;
	seq = &lost;
	slow_actor = ACTOR_COUNT;
	assert_int_equal(run(&w, NO_TROUBLE, 0), -EPIPE);
	assert_string_equal(w.error.text, "the stager died before it had forked init");
	assert_undone_from(3);
	/* init has ended by itself, at its first meeting, before anything was undone */
	assert_true(rec->init > 0);
	no_child_is_left();
}

/* HOST in a process of its own, killed at each of its steps: nobody may be left behind. */
static void check_death_of_host(void)
{
	for (unsigned i = 0; i < seq->n_rows; i++) {
		if (seq->rows[i].who != ROW_HOST || seq->rows[i].act == act_see_end)
			continue;
		int alive[2];
		assert_int_equal(pipe(alive), 0);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct walk w;
			close(alive[0]);
			run(&w, DIE, i);
			_exit(0);
		}
		close(alive[1]);
		int status;
		char c;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		/* all of them hold the other end: it ends with the last */
		alarm(5);
		assert_int_equal(read(alive[0], &c, 1), 0);
		alarm(0);
		close(alive[0]);
		for (unsigned k = 0; k < rec->n_done; k++)
			assert_true(seq->rows[rec->done[k].step].act != act_end);
	}
}

static void init_ends_with_the_runtime(void **state)
{
	for_each_sequence(check_death_of_host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everyone_does_their_rows),
		cmocka_unit_test(nobody_passes_a_meeting_early),
		cmocka_unit_test(a_failure_at_every_step_is_told_and_undone),
		cmocka_unit_test(init_and_stager_may_be_killed_at_every_step),
		cmocka_unit_test(a_stager_killed_between_fork_and_message_is_no_hang),
		cmocka_unit_test(init_ends_with_the_runtime),
	};
	rec = mmap(NULL, sizeof *rec, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rec == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
