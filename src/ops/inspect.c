/* SPDX-License-Identifier: Apache-2.0 */
/* inspect --security: what a running container has against what its config asked for. Runs as HOST;
 * takes no lock, changes nothing. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "inspect/inspect.h"
#include "libocispec/document.h"
#include "ops/inspect_json.h"
#include "ops/processes.h"
#include "ops/session.h"

enum { STATUS_FINDINGS = 1, STATUS_ERROR = 2 };

static bool has_pid(const struct pid_list *l, pid_t pid)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == pid)
			return true;
	return false;
}

/* Those of the cgroup, and those of the PID namespace: one may hold what the other has lost. */
static int find_processes(
	const struct session *s, struct arena *arena, struct process_list *ret, struct error *e)
{
	struct container without_cgroup = s->container;
	struct pid_list in_cgroup = { 0 }, inside;
	bool has_cgroup = cgroup_exists(&s->container.cgroup);
	without_cgroup.cgroup = (struct cgroup_location){ .manager = CGROUP_MANAGER_DISABLED };
	int r = processes_list(&without_cgroup, arena, &inside, e);
	if (r == 0 && has_cgroup)
		r = cgroup_procs(&s->container.cgroup, arena, &in_cgroup, e);
	if (r < 0)
		return r;
	pid_t *v = ARENA_ARRAY(arena, inside.n + in_cgroup.n + 1, pid_t);
	bool *outside = ARENA_ARRAY(arena, inside.n + in_cgroup.n + 1, bool);
	if (!v || !outside)
		return error_errno(e, ENOMEM, "container's processes");
	const struct pid_list init = { 1, v }, *lists[] = { &init, &inside, &in_cgroup };
	struct pid_list all = { 0, v };
	v[0] = (pid_t)s->container.pid;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			if (!has_pid(&all, lists[i]->v[k])) {
				outside[all.n] = has_cgroup && !has_pid(&in_cgroup, lists[i]->v[k]);
				v[all.n++] = lists[i]->v[k];
			}
	*ret = (struct process_list){ all.n, v, outside };
	return 0;
}

static int look(struct session *s, struct oci_config **config, struct seen *seen, struct error *e)
{
	struct process_list list;
	char *text;
	size_t len;
	AUTO_CLOSE int pidfd = container_pidfd(&s->container);
	if (pidfd < 0)
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	int r = state_load_config(&s->entry, &s->arena, &text, &len, e);
	if (r == 0)
		r = oci_config_decode(text, len, "config.json", &s->arena, config, e);
	if (r == 0)
		r = find_processes(s, &s->arena, &list, e);
	if (r == 0)
		r = inspect_look(&s->arena, *config, &list, seen, e);
	/* what was seen after its end may be another process's */
	struct pollfd p = { pidfd, POLLIN, 0 };
	if (poll(&p, 1, 0) > 0)
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	return r;
}

int op_inspect(const struct global_options *g, const struct inspect_options *o, int *ret_status,
	struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	struct findings findings = { .arena = &s.arena };
	struct oci_config *config = NULL;
	struct seen seen;
	*ret_status = STATUS_ERROR;
	int r = session_open(g, o->id, STATE_READ, &s, e);
	if (r == 0)
		r = session_check_alive(&s, e);
	/* before start the runtime's own program is what would be seen */
	if (r == 0 && s.status == OCI_STATUS_CREATED)
		return error_set(
			e, ERROR_STATE, ESRCH, "container '%s' has not been started", o->id);
	if (r == 0)
		r = look(&s, &config, &seen, e);
	if (r < 0)
		return r;
	inspect_compare(config, &seen, &findings);
	if (findings.failed)
		return error_errno(e, ENOMEM, "compare container '%s' with its config", o->id);
	if (o->json)
		r = inspect_print_json(&s.container, config, &seen, &findings, e);
	for (size_t i = 0; !o->json && i < findings.n; i++)
		printf("%s: %s\n", findings.v[i].property, findings.v[i].text);
	if (r == 0)
		*ret_status = findings.n ? STATUS_FINDINGS : 0;
	return r;
}
