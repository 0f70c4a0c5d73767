/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a container, and the hooks that HOST runs outside of create. */
#include "ops/destroy.h"

#include <errno.h>

#include "base/log.h"
#include "ops/prepare.h"
#include "ops/processes.h"
#include "steps/hook.h"

static int run_one(const struct oci_hook *hook, const char *kind, size_t i, const char *head,
	const char *tail, pid_t pid, struct error *e)
{
	char text[HOOK_TEXT_SIZE];
	struct hook_result r = hook_run(hook, NULL, head, pid, tail);
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
	int r = prepare_hook_state(arena, c, OCI_STATUS_RUNNING, &head, &tail, e);
	for (size_t i = 0; r == 0 && i < config->hooks->poststart.n; i++)
		r = run_one(&config->hooks->poststart.v[i], "poststart", i, head, tail,
			(pid_t)c->pid, e);
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
	arena_init(&arena);
	if (prepare_hook_state(&arena, c, OCI_STATUS_STOPPED, &head, &tail, &e) < 0)
		log_warning(&e);
	else
		for (size_t i = 0; i < config->hooks->poststop.n; i++)
			if (run_one(&config->hooks->poststop.v[i], "poststop", i, head, tail, 0,
				    &e) < 0)
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
