/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter, which was compiled before, and its listener.
 * PURE. spec: config-linux.md#seccomp
 */
#include "plan/seccomp.h"

#include "plan/annotations.h"
#include "plan/decide.h"

bool seccomp_find_listener(const struct oci_config *config, struct seccomp_listener *ret)
{
	const struct oci_seccomp *s = config->linux_ ? config->linux_->seccomp : NULL;
	bool notifies = false;
	for (size_t i = 0; s && i < s->syscalls.n; i++)
		notifies |= s->syscalls.v[i].action == OCI_ACT_NOTIFY;
	if (!notifies)
		return false;
	*ret = (struct seccomp_listener){ .path = s->listener_path,
		.metadata = s->listener_metadata,
		.json_path = "linux.seccomp.listenerPath" };
	const char *receiver = annotation_value(&config->annotations, ANNOTATION_SECCOMP_RECEIVER);
	if (!ret->path && receiver) {
		ret->path = receiver;
		ret->json_path = "annotations.run.oci.seccomp.receiver";
	}
	return true;
}

/*
 * Last of all, so that the filter need allow nothing of the set-up but execve. Without no_new_privs
 * that takes CAP_SYS_ADMIN, which decide_capabilities() keeps until then: execve(2) computes the
 * new permitted set from the inheritable, bounding and ambient ones alone, so nothing of it is
 * left.
 */
int decide_seccomp(struct decision *d, struct error *e)
{
	struct seccomp_listener listener;
	if (!d->filter || !d->process)
		return 0;
	bool listens = seccomp_find_listener(d->config, &listener);
	if (listens && !listener.path)
		return error_field(e, "linux.seccomp.listenerPath",
			"required: SCMP_ACT_NOTIFY needs an agent that answers");
	if (listens && listener.path[0] != '/')
		return error_field(
			e, listener.json_path, "'%s' is not an absolute path", listener.path);
	struct step *s = plan_add(d, "linux.seccomp", "load a seccomp filter of %u instructions%s",
		d->n_filter, listens ? ", let the runtime have its listener" : "");
	if (s) {
		s->u.seccomp.filter = d->filter;
		s->u.seccomp.n = d->n_filter;
		s->u.seccomp.flags = d->filter_flags;
		s->u.seccomp.has_listener = listens;
		s->u.seccomp.scheduler = scheduler_after_listener(d);
	}
	return plan_status(d, e);
}

/* At create the filter is not loaded yet: `start` sees to the listener then. */
static bool is_handed_over(const struct decision *d, struct seccomp_listener *ret)
{
	return d->filter && d->process && d->choices->verb != VERB_CREATE &&
	       seccomp_find_listener(d->config, ret);
}

/* Before init is let go, so that an agent that is not there is told while nothing runs yet. */
int decide_connect_agent(struct decision *d, struct error *e)
{
	struct seccomp_listener listener;
	if (is_handed_over(d, &listener)) {
		struct step *s = plan_add(
			d, listener.json_path, "connect to the seccomp agent %s", listener.path);
		if (s)
			s->u.text.path = listener.path;
	}
	return plan_status(d, e);
}

int decide_send_listener(struct decision *d, struct error *e)
{
	struct seccomp_listener listener;
	if (is_handed_over(d, &listener)) {
		struct step *s = plan_add(
			d, listener.json_path, "send the filter's listener to the seccomp agent");
		if (s) {
			s->u.text.path = listener.path;
			s->u.text.value = listener.metadata;
		}
	}
	return plan_status(d, e);
}
