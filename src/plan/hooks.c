/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks: one step each, in the spec's order.
 * PURE. spec: config.md#posix-platform-hooks, runtime.md#lifecycle
 */
#include <linux/seccomp.h>

#include "plan/annotations.h"
#include "plan/decide.h"
#include "sys/constants.h"

static int add_hooks(
	struct decision *d, const struct oci_hook_list *hooks, const char *kind, struct error *e)
{
	for (size_t i = 0; i < hooks->n; i++) {
		struct step *s = plan_add(d, plan_path(d, "hooks.%s[%zu]", kind, i),
			"run the %s hook %s", kind, hooks->v[i].path);
		if (s)
			s->u.hook = (struct hook_step){ &hooks->v[i], kind, i, d->state_head,
				d->state_tail, { 0 } };
	}
	return plan_status(d, e);
}

int decide_prestart_hooks(struct decision *d, struct error *e)
{
	const struct oci_hooks *h = d->config->hooks;
	return h ? add_hooks(d, &h->prestart, "prestart", e) : 0;
}

int decide_create_runtime_hooks(struct decision *d, struct error *e)
{
	const struct oci_hooks *h = d->config->hooks;
	return h ? add_hooks(d, &h->create_runtime, "createRuntime", e) : 0;
}

int decide_create_container_hooks(struct decision *d, struct error *e)
{
	const struct oci_hooks *h = d->config->hooks;
	return h ? add_hooks(d, &h->create_container, "createContainer", e) : 0;
}

/* What they execute is the image's, one moment before the program: with its environment, unless
 * they name their own, and under its filter. A notification has nobody who would answer yet. */
int decide_start_container_hooks(struct decision *d, struct error *e)
{
	const struct oci_hooks *h = d->config->hooks;
	const unsigned listener_flags =
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	const struct exec_step *x = plan_exec_arguments(d);
	size_t first = d->plan->n_steps;
	int r = h ? add_hooks(d, &h->start_container, "startContainer", e) : 0;
	for (size_t i = first; i < d->plan->n_steps; i++)
		d->plan->steps[i].u.hook.setting = (struct hook_setting){
			.env = x ? x->envp : NULL,
			.filter = d->filter,
			.n_filter = d->n_filter,
			.filter_flags = d->filter_flags & ~listener_flags,
			.emulation = d->emulation,
			.n_emulation = d->n_emulation,
		};
	return r;
}

/* HOST must be done with its hooks before init leaves the runtime's file system behind. */
static bool has_host_hooks(const struct decision *d)
{
	const struct oci_hooks *h = d->config->hooks;
	return h && (h->prestart.n || h->create_runtime.n);
}

int decide_namespaces_ready(struct decision *d, struct error *e)
{
	if (has_host_hooks(d))
		plan_add(d, NULL, "wait until the namespaces are there");
	return plan_status(d, e);
}

int decide_hooks_done(struct decision *d, struct error *e)
{
	if (has_host_hooks(d))
		plan_add(d, NULL, "wait for the runtime's hooks");
	return plan_status(d, e);
}

/* Of create: those of poststart and poststop are run by commands that open the files themselves. */
int decide_hook_output(struct decision *d, struct error *e)
{
	static const struct {
		enum annotation annotation;
		int slot;
		const char *what;
	} outputs[] = {
		{ ANNOTATION_HOOKS_STDOUT, SLOT_HOOK_OUT, "output" },
		{ ANNOTATION_HOOKS_STDERR, SLOT_HOOK_ERR, "errors" },
	};
	const struct oci_hooks *h = d->config->hooks;
	if (!has_host_hooks(d) && !(h && (h->create_container.n || h->start_container.n)))
		return 0;
	for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
		const char *path = annotation_value(&d->config->annotations, outputs[i].annotation);
		struct step *s = path ? plan_add(d,
						plan_path(d, "annotations.%s",
							annotation_name(outputs[i].annotation)),
						"append the hooks' %s to %s", outputs[i].what, path)
				      : NULL;
		if (s) {
			s->u.output.slot = outputs[i].slot;
			s->u.output.path = path;
		}
	}
	return plan_status(d, e);
}
