/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci-rt restore: a container out of what `checkpoint` has saved, here or elsewhere. HOST only. The
 * bundle says what stands around the processes, the image what is in them.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "libocispec/json_reader.h"
#include "libocispec/locate.h"
#include "ops/creation.h"
#include "ops/criu.h"
#include "steps/host/restore.h"

enum { DESCRIPTORS_MAX = 65536 };

struct descriptors {
	struct arena *arena;
	struct criu_facts *facts;
	unsigned n;
};

static int handle_descriptor(void *context, struct json_reader *r, const struct json_event *event)
{
	struct descriptors *d = context;
	if (event->type == JSON_ARRAY || event->type == JSON_ARRAY_END)
		return 0;
	if (event->type != JSON_STRING)
		return json_fail(r, "expected names of descriptors");
	if (d->n < 2 * CRIU_STDIO) {
		const char *name = arena_strndup(d->arena, event->s, event->n);
		if (!name)
			return -ENOMEM;
		d->facts->saved_files[d->n++] = name;
	}
	return 0;
}

/* Who made the image need not have written it. */
static int read_descriptors(
	int dir_fd, struct arena *arena, struct criu_facts *facts, struct error *e)
{
	struct descriptors d = { arena, facts, 0 };
	char *text;
	size_t n;
	int r = io_read_file(dir_fd, CRIU_DESCRIPTORS, DESCRIPTORS_MAX, arena, &text, &n);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return error_errno(e, -r, "read %s", CRIU_DESCRIPTORS);
	return json_read(text, n, CRIU_DESCRIPTORS, arena, handle_descriptor, &d, e);
}

static int prepare_criu(struct creation *c, struct restore_run *run, struct error *e)
{
	int r = criu_check_config(c->p.config, e);
	if (r == 0)
		r = criu_check_restore(run->options, c->p.config, e);
	if (r == 0)
		r = criu_check_labels(run->options, c->p.config, e);
	if (r < 0) {
		if (!e->line)
			error_locate(e, c->p.config_name, c->p.config_text, c->p.config_len);
		return r;
	}
	run->config = c->p.config;
	run->facts.bundle = c->p.bundle;
	run->facts.has_work_dir = run->work_fd >= 0;
	run->facts.config_file = criu_config_file(&c->p.config->annotations);
	r = criu_check_version(&c->p.arena, e);
	if (r == 0)
		r = read_descriptors(run->images_fd, &c->p.arena, &run->facts, e);
	return r;
}

static void run_close(struct restore_run *run)
{
	criu_end(&run->criu);
	auto_close_(&run->images_fd);
	auto_close_(&run->work_fd);
}

int op_restore(const struct global_options *g, const struct restore_options *o, int *ret_status,
	struct error *e)
{
	const struct create_options create = {
		.id = o->id,
		.bundle = o->bundle,
		.console_socket = o->console_socket,
		.pid_file = o->pid_file,
		.detach = o->detach,
		.keep = o->keep,
		.no_subreaper = o->no_subreaper,
		.no_new_keyring = o->no_new_keyring,
	};
	AUTO_CREATION struct creation c = CREATION_NONE;
	__attribute__((cleanup(run_close))) struct restore_run run = {
		.options = o,
		.images_fd = -1,
		.work_fd = -1,
		.criu = CRIU_PROCESS_NONE,
	};
	int r = criu_check_rights("restore", e);
	/* what is open here is the caller's still: creation_prepare() closes it */
	struct criu_common_options paths = o->common;
	paths.image_path = absolute_path(
		&c.p.arena, o->common.image_path ? o->common.image_path : "checkpoint");
	paths.work_path = absolute_path(&c.p.arena, o->common.work_path);
	if (r == 0)
		r = creation_prepare(g, &create, VERB_RESTORE, &c, e);
	if (r == 0)
		r = criu_open_directories(&paths, false, &run.images_fd, &run.work_fd, e);
	if (r == 0)
		r = prepare_criu(&c, &run, e);
	c.host.restore = &run;
	return r < 0 ? r : creation_run(&c, &create, ret_status, e);
}
