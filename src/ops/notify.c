/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `run` as a service of type notify: the container cannot reach the service manager's socket, and
 * would not be believed there. It gets a socket of ours, and what arrives there is passed on.
 * Decides only: the config gets one more mount and one more variable.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ops/prepare.h"

static const char inside[] = "/run/notify";

static int add_mount(struct preparation *p, const char *source)
{
	struct oci_config *c = p->config;
	struct oci_mount *v = ARENA_ARRAY(&p->arena, c->mounts.n + 1, struct oci_mount);
	const char **options = ARENA_ARRAY(&p->arena, 5, const char *);
	if (!v || !options)
		return -ENOMEM;
	for (size_t i = 0; i < c->mounts.n; i++)
		v[i] = c->mounts.v[i];
	options[0] = "bind";
	options[1] = "nosuid";
	options[2] = "nodev";
	options[3] = "noexec";
	v[c->mounts.n] = (struct oci_mount){
		.destination = inside, .source = source, .type = "bind", .options = { 4, options }
	};
	c->mounts.v = v;
	c->mounts.n++;
	return 0;
}

static int add_variable(struct preparation *p)
{
	struct string_list *env = &p->config->process->env;
	const char **v = ARENA_ARRAY(&p->arena, env->n + 2, const char *);
	if (!v)
		return -ENOMEM;
	size_t n = 0;
	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], "NOTIFY_SOCKET=", 14) != 0)
			v[n++] = env->v[i];
	v[n++] = arena_printf(&p->arena, "NOTIFY_SOCKET=%s/notify.sock", inside);
	*env = (struct string_list){ n, v };
	return 0;
}

const char *notify_socket(void)
{
	const char *socket = getenv("NOTIFY_SOCKET");
	return socket && (socket[0] == '/' || socket[0] == '@') ? socket : NULL;
}

int prepare_notify(const struct global_options *g, struct preparation *p, struct error *e)
{
	char root[PATH_MAX];
	if (p->choices.verb != VERB_RUN || !notify_socket())
		return 0;
	int r = state_root_path(g->root, root);
	if (r == 0)
		r = add_mount(p, arena_printf(&p->arena, "%s/%s/notify", root, p->choices.id));
	if (r == 0)
		r = add_variable(p);
	p->choices.notify = true;
	return r < 0 ? error_errno(e, -r, "prepare the notify socket") : 0;
}
