/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a container, and the hooks that HOST runs outside of create. */
#include "ops/destroy.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "ops/prepare.h"
#include "ops/processes.h"
#include "plan/annotations.h"
#include "steps/hook.h"

/* Of the annotations: what was asked for at create. */
static int open_output(
	const struct container *c, enum annotation which, int *ret_fd, struct error *e)
{
	const char *path = annotation_value(&c->annotations, which);
	*ret_fd = path ? hook_output_open(path) : -1;
	return path && *ret_fd < 0
		       ? error_errno(e, -*ret_fd, "append the hooks' output to %s", path)
		       : 0;
}

static int run_one(const struct oci_hook *hook, const char *kind, size_t i, const char *head,
	const char *tail, pid_t pid, struct hook_output output, struct error *e)
{
	char text[HOOK_TEXT_SIZE];
	struct hook_result r = hook_run(hook, NULL, output, head, pid, tail);
	if (r.end == HOOK_OK)
		return 0;
	return error_set(e, ERROR_SYSTEM, r.end == HOOK_NOT_STARTED ? r.number : ECANCELED,
		"error running %s hook #%zu: %s: %s", kind, i, hook->path,
		hook_result_text(&r, text));
}

int run_poststart_hooks(struct arena *arena, const struct oci_config *config,
	const struct container *c, struct error *e)
{
	if (!config->hooks || !config->hooks->poststart.n)
		return 0;
	const char *head, *tail;
	AUTO_CLOSE int out = -1;
	AUTO_CLOSE int err = -1;
	int r = open_output(c, ANNOTATION_HOOKS_STDOUT, &out, e);
	if (r == 0)
		r = open_output(c, ANNOTATION_HOOKS_STDERR, &err, e);
	if (r == 0)
		r = prepare_hook_state(arena, c, OCI_STATUS_RUNNING, &head, &tail, e);
	for (size_t i = 0; r == 0 && i < config->hooks->poststart.n; i++)
		r = run_one(&config->hooks->poststart.v[i], "poststart", i, head, tail,
			(pid_t)c->pid, (struct hook_output){ out, err }, e);
	return r;
}

/* spec: runtime.md#lifecycle, step 13: a failing one is a warning, the rest still run */
void run_poststop_hooks(const struct oci_config *config, const struct container *c)
{
	if (!config || !config->hooks || !config->hooks->poststop.n)
		return;
	struct arena arena;
	struct error e;
	const char *head, *tail;
	AUTO_CLOSE int out = -1;
	AUTO_CLOSE int err = -1;
	/* what they do matters more than what they say */
	if (open_output(c, ANNOTATION_HOOKS_STDOUT, &out, &e) < 0)
		log_warning(&e);
	if (open_output(c, ANNOTATION_HOOKS_STDERR, &err, &e) < 0)
		log_warning(&e);
	arena_init(&arena);
	if (prepare_hook_state(&arena, c, OCI_STATUS_STOPPED, &head, &tail, &e) < 0)
		log_warning(&e);
	else
		for (size_t i = 0; i < config->hooks->poststop.n; i++)
			if (run_one(&config->hooks->poststop.v[i], "poststop", i, head, tail, 0,
				    (struct hook_output){ out, err }, &e) < 0)
				log_warning(&e);
	arena_free(&arena);
}

int container_destroy(struct state_entry *entry, const struct container *c,
	const struct oci_config *config, struct error *e)
{
	int r = processes_kill_and_wait(c, e);
	if (r == 0)
		r = cgroup_destroy(&c->cgroup, e);
	if (r == 0 && c->resctrl)
		r = resctrl_destroy(c->resctrl, e);
	if (r == 0)
		r = shared_root_detach(c, e);
	if (r == 0)
		r = state_entry_remove(entry, e);
	if (r == 0)
		run_poststop_hooks(config, c);
	return r;
}
