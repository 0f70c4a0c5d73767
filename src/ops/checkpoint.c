/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci-rt checkpoint: CRIU saves the processes of a container. HOST only, holding its lock.
 * What it saves belongs to whoever may read the image directory: memory, keys and all.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/log.h"
#include "criu/look.h"
#include "criu/swrk.h"
#include "libocispec/document.h"
#include "ops/criu.h"
#include "ops/destroy.h"
#include "ops/session.h"

struct checkpoint {
	struct session s;
	const struct checkpoint_options *o;
	struct oci_config *config;
	struct criu_facts facts;
	int images_fd, work_fd, status_fd;
	struct criu_process criu;
};

static void checkpoint_close(struct checkpoint *c)
{
	criu_end(&c->criu);
	auto_close_(&c->images_fd);
	auto_close_(&c->work_fd);
	session_close(&c->s);
}

static int check_status(const struct session *s, struct error *e)
{
	switch (s->status) {
	case OCI_STATUS_RUNNING:
	case OCI_STATUS_PAUSED: /* containerd pauses a container before it saves it */
		return 0;
	case OCI_STATUS_STOPPED:
		return error_set(e, ERROR_STATE, ESRCH, "container not running");
	case OCI_STATUS_CREATED:
	case OCI_STATUS_CREATING:
	case OCI_STATUS_COUNT:
		break;
	}
	return error_set(e, ERROR_STATE, EBUSY,
		"cannot save container '%s' in the state %s: its process has not been started",
		s->entry.id, container_status_name(s->status));
}

static int load_config(struct checkpoint *c, struct error *e)
{
	char *text;
	size_t len;
	int r = state_load_config(&c->s.entry, &c->s.arena, &text, &len, e);
	if (r == 0)
		r = oci_config_decode(text, len, "config.json", &c->s.arena, &c->config, e);
	return r < 0 ? r : criu_check_config(c->config, e);
}

static int check_status_fd(struct checkpoint *c, struct error *e)
{
	if (!c->o->status_fd.set)
		return 0;
	int64_t fd = c->o->status_fd.v;
	int flags = fd >= 0 && fd <= INT32_MAX ? fcntl((int)fd, F_GETFL) : -1;
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return error_set(e, ERROR_USAGE, EBADF, "option '--status-fd': %lld is not %s",
			(long long)fd, flags < 0 ? "open" : "open for writing");
	c->status_fd = (int)fd;
	return 0;
}

static const char *freezer_of(const struct cgroup_location *l)
{
	for (size_t i = 0; i < l->v1.n; i++) {
		const char *equals = strchr(l->v1.v[i], '=');
		if (equals && strncmp(l->v1.v[i], "freezer=", 8) == 0)
			return equals + 1;
	}
	return l->unified;
}

static int look(struct checkpoint *c, struct error *e)
{
	c->facts = (struct criu_facts){
		.has_work_dir = c->work_fd >= 0,
		.config_file = criu_config_file(&c->config->annotations),
		.rootfs = c->s.container.rootfs,
		.freezer = cgroup_exists(&c->s.container.cgroup)
				   ? freezer_of(&c->s.container.cgroup)
				   : NULL,
	};
	return criu_look(&c->s.arena, (pid_t)c->s.container.pid, c->config, &c->facts, e);
}

/* For restore: which of its descriptors the saved process is to get. Podman and the peers know this
 * file. */
static int write_descriptors(const struct checkpoint *c, struct error *e)
{
	char text[2 * CRIU_STDIO * (PATH_MAX + 8)], name[PATH_MAX];
	size_t n = 0;
	for (int i = 0; i < 2 * CRIU_STDIO; i++) {
		const char *file = c->facts.files[i];
		log_escape(name, sizeof name, file ? file : "");
		n += (size_t)snprintf(text + n, sizeof text - n, "%s\"%s\"", i ? "," : "[", name);
	}
	n += (size_t)snprintf(text + n, sizeof text - n, "]");
	int r = io_replace_file(c->images_fd, CRIU_DESCRIPTORS, text, n, 0600);
	return r < 0 ? error_errno(e, -r, "write %s", CRIU_DESCRIPTORS) : 0;
}

/* Who transfers the pages now may begin. */
static void tell_ready(struct checkpoint *c)
{
	ssize_t ignored = c->status_fd >= 0 ? write(c->status_fd, "", 1) : 0;
	(void)ignored;
	auto_close_(&c->status_fd);
	c->status_fd = -1;
}

static int serve(struct checkpoint *c, struct criu_response *a, struct error *e)
{
	for (;;) {
		*a = (struct criu_response){ 0 };
		int r = criu_receive(&c->criu, a, NULL, e);
		if (r < 0 || a->type != CRIU_NOTIFY)
			return r;
		log_debug("criu: %s", a->script);
		if (strcmp(a->script, "status-ready") == 0)
			tell_ready(c);
		r = criu_answer(&c->criu, true, e);
		if (r < 0)
			return r;
	}
}

static int check_features(struct checkpoint *c, struct error *e)
{
	const struct criu_request ask = {
		.type = CRIU_FEATURE_CHECK,
		.ask_mem_track = c->o->pre_dump || c->o->parent_path,
		.ask_lazy_pages = c->o->common.lazy_pages,
	};
	struct criu_response a;
	if (!ask.ask_mem_track && !ask.ask_lazy_pages)
		return 0;
	int r = criu_ask(&c->s.arena, &ask, &a, e);
	if (r < 0)
		return r;
	if (ask.ask_mem_track && !a.mem_track)
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"this kernel does not tell criu what was written (CONFIG_MEM_SOFT_DIRTY), "
			"which --pre-dump and --parent-path need");
	if (ask.ask_lazy_pages && !a.lazy_pages)
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"this kernel has no userfaultfd for criu, which --lazy-pages needs");
	return 0;
}

static int dump(struct checkpoint *c, struct error *e)
{
	const struct criu_start start = {
		.images_fd = c->images_fd, .work_fd = c->work_fd, .root_fd = -1
	};
	struct criu_request request;
	struct criu_response a = { 0 };
	int r = criu_decide_dump(&c->s.arena, c->config, c->o, &c->facts, &request, e);
	if (r == 0)
		r = criu_start(&start, &c->criu, e);
	if (r < 0)
		return r;
	criu_debug_request(&c->s.arena, &request);
	r = criu_send(&c->s.arena, &c->criu, &request, e);
	if (r == 0)
		r = serve(c, &a, e);
	if (r < 0 || !a.success)
		r = criu_failed(&c->s.arena, &c->criu, r < 0 ? NULL : &a,
			"criu could not save the container",
			c->work_fd >= 0 ? c->work_fd : c->images_fd, CRIU_DUMP_LOG, e);
	return r;
}

static int check_parent(const struct checkpoint *c, struct error *e)
{
	struct stat st;
	if (!c->o->parent_path)
		return 0;
	if (fstatat(c->images_fd, c->o->parent_path, &st, 0) < 0)
		return error_errno(e, errno, "option '--parent-path': %s", c->o->parent_path);
	return S_ISDIR(st.st_mode)
		       ? 0
		       : error_errno(e, ENOTDIR, "option '--parent-path': %s", c->o->parent_path);
}

static int open_directories(struct checkpoint *c, struct error *e)
{
	if (c->images_fd >= 0)
		return 0;
	int r = criu_open_directories(&c->o->common, true, &c->images_fd, &c->work_fd, e);
	return r < 0 ? r : check_parent(c, e);
}

static int prepare(const struct global_options *g, struct checkpoint *c, struct error *e)
{
	const struct checkpoint_options *o = c->o;
	int r = criu_check_checkpoint(o, e);
	if (r == 0)
		r = check_status_fd(c, e);
	if (r == 0)
		r = session_open(g, o->id, STATE_LOCK, &c->s, e);
	if (r == 0)
		r = check_status(&c->s, e);
	if (r == 0)
		r = criu_check_rights("checkpoint", e);
	if (r == 0)
		r = load_config(c, e);
	/* a wrong option is told before what this machine lacks; this one is relative to the
	 * images, which have to be there for it */
	if (r == 0 && o->parent_path)
		r = open_directories(c, e);
	if (r == 0)
		r = criu_check_version(&c->s.arena, e);
	if (r == 0)
		r = check_features(c, e);
	if (r == 0)
		r = open_directories(c, e);
	return r;
}

int op_checkpoint(
	const struct global_options *g, const struct checkpoint_options *o, struct error *e)
{
	__attribute__((cleanup(checkpoint_close))) struct checkpoint c = {
		.s = SESSION_NONE,
		.o = o,
		.images_fd = -1,
		.work_fd = -1,
		.status_fd = -1,
		.criu = CRIU_PROCESS_NONE,
	};
	int r = prepare(g, &c, e);
	if (r == 0)
		r = look(&c, e);
	if (r == 0 && !o->pre_dump)
		r = write_descriptors(&c, e);
	if (r == 0)
		r = dump(&c, e);
	if (r < 0 || o->leave_running || o->pre_dump)
		return r;
	/* as both peers: it goes on where it is restored, by this id or another */
	return container_destroy(&c.s.entry, &c.s.container, c.config, e);
}
