/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci-rt checkpoint: CRIU saves the processes of a container. HOST only, holding its lock.
 * What it saves belongs to whoever may read the image directory: memory, keys and all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/fd_pass.h"
#include "base/identity.h"
#include "base/io.h"
#include "base/mountinfo.h"
#include "criu/swrk.h"
#include "fsroot/inroot.h"
#include "libocispec/document.h"
#include "ops/criu.h"
#include "ops/destroy.h"
#include "ops/session.h"
#include "plan/annotations.h"
#include "plan/namespace_types.h"

enum { MOUNTINFO_MAX = 16 << 20 };

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
	return r < 0 ? r : oci_config_decode(text, len, "config.json", &c->s.arena, &c->config, e);
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

/* Where the container has it now, links followed: that is how CRIU knows a mount. NULL: as it is
 * written. */
static const char *place_of(struct checkpoint *c, int root_fd, const char *path, mode_t *ret_mode)
{
	char magic[FD_PATH_SIZE], link[PATH_MAX];
	struct stat st;
	AUTO_CLOSE int fd = inroot_open(root_fd, path, INROOT_FOLLOW, INROOT_EXISTING, 0);
	*ret_mode = 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	*ret_mode = st.st_mode;
	ssize_t n = readlink(fd_path(fd, magic), link, sizeof link);
	return n > 0 && (size_t)n < sizeof link && link[0] == '/'
		       ? arena_strndup(&c->s.arena, link, (size_t)n)
		       : NULL;
}

static int look_at_mounts(struct checkpoint *c, struct error *e)
{
	const struct oci_config *config = c->config;
	const struct string_list none = { 0 };
	const struct string_list *masked = config->linux_ ? &config->linux_->masked_paths : &none;
	char path[64];
	mode_t mode;
	const char **places = ARENA_ARRAY(&c->s.arena, config->mounts.n + 1, const char *);
	const char **files = ARENA_ARRAY(&c->s.arena, masked->n + 1, const char *);
	if (!places || !files)
		return error_errno(e, ENOMEM, "checkpoint");
	snprintf(path, sizeof path, "/proc/%lld/root", (long long)c->s.container.pid);
	AUTO_CLOSE int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(e, errno, "open the container's root");
	for (size_t i = 0; i < config->mounts.n; i++)
		places[i] = place_of(c, root, config->mounts.v[i].destination, &mode);
	c->facts.places = places;
	c->facts.masked_files.v = files;
	for (size_t i = 0; i < masked->n; i++) {
		const char *place = place_of(c, root, masked->v[i], &mode);
		if (mode && !S_ISDIR(mode))
			files[c->facts.masked_files.n++] = place ? place : masked->v[i];
	}
	return 0;
}

/* A namespace that the config names by a path is not the container's, and not saved. */
static void look_at_namespaces(struct checkpoint *c)
{
	const struct oci_linux *l = c->config->linux_;
	char path[64];
	struct stat st;
	for (size_t i = 0; l && i < l->namespaces.n; i++) {
		enum oci_namespace_type t = l->namespaces.v[i].type;
		snprintf(path, sizeof path, "/proc/%lld/ns/%s", (long long)c->s.container.pid,
			namespace_types[t].file);
		if (l->namespaces.v[i].path && stat(path, &st) == 0)
			c->facts.joined[t] = st.st_ino;
	}
}

static bool has_mount(const char *mountinfo, unsigned long id)
{
	struct span text = { mountinfo, strlen(mountinfo) }, line;
	struct mountinfo_line m;
	char digits[24];
	snprintf(digits, sizeof digits, "%lu", id);
	while (span_next(&text, '\n', &line))
		if (mountinfo_parse(line, &m) && span_is(m.id, digits))
			return true;
	return false;
}

static bool mount_of_descriptor(struct checkpoint *c, int fd, unsigned long *ret)
{
	char path[64], *text;
	size_t n;
	snprintf(path, sizeof path, "/proc/%lld/fdinfo/%d", (long long)c->s.container.pid, fd);
	if (io_read_file(AT_FDCWD, path, 65536, &c->s.arena, &text, &n) < 0)
		return false;
	const char *at = strstr(text, "mnt_id:");
	return at && sscanf(at, "mnt_id: %lu", ret) == 1;
}

/* The first process's standard input and outputs. A file on a mount that the container has not, the
 * caller's log or /dev/null, cannot be opened again from inside: it is handed over, as a pipe is.
 */
static const char *name_of_descriptor(struct checkpoint *c, const char *mountinfo, int fd)
{
	char path[64], link[PATH_MAX];
	unsigned long mount;
	struct stat st;
	snprintf(path, sizeof path, "/proc/%lld/fd/%d", (long long)c->s.container.pid, fd);
	ssize_t n = readlink(path, link, sizeof link);
	if (n < 0 || (size_t)n >= sizeof link)
		return "";
	const char *name = arena_strndup(&c->s.arena, link, (size_t)n);
	bool is_plain = stat(path, &st) == 0 &&
			(S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && major(st.st_rdev) == 1));
	if (name && is_plain && mount_of_descriptor(c, fd, &mount) && !has_mount(mountinfo, mount))
		name = arena_printf(
			&c->s.arena, "file[%lx:%llx]", mount, (unsigned long long)st.st_ino);
	return name ? name : "";
}

static int look_at_stdio(struct checkpoint *c, struct error *e)
{
	char path[64], *mountinfo;
	size_t n;
	snprintf(path, sizeof path, "/proc/%lld/mountinfo", (long long)c->s.container.pid);
	int r = io_read_file(AT_FDCWD, path, MOUNTINFO_MAX, &c->s.arena, &mountinfo, &n);
	if (r < 0)
		return error_errno(e, -r, "%s", path);
	for (int fd = 0; fd < CRIU_STDIO; fd++)
		c->facts.files[fd] = name_of_descriptor(c, mountinfo, fd);
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
		.pid = (int)c->s.container.pid,
		.rootfs = c->s.container.rootfs,
		.freezer = cgroup_exists(&c->s.container.cgroup)
				   ? freezer_of(&c->s.container.cgroup)
				   : NULL,
	};
	look_at_namespaces(c);
	int r = look_at_mounts(c, e);
	return r == 0 ? look_at_stdio(c, e) : r;
}

/* For restore: which of its descriptors the saved process is to get. Podman and the peers know this
 * file. */
static int write_descriptors(const struct checkpoint *c, struct error *e)
{
	char text[CRIU_STDIO * (PATH_MAX + 8)], name[PATH_MAX];
	size_t n = 0;
	for (int i = 0; i < CRIU_STDIO; i++) {
		log_escape(name, sizeof name, c->facts.files[i]);
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
	if (r == 0)
		r = criu_check_version(&c->s.arena, e);
	if (r == 0)
		r = check_features(c, e);
	if (r == 0)
		r = criu_open_directories(
			&c->s.arena, &o->common, true, &c->images_fd, &c->work_fd, e);
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
		r = check_parent(&c, e);
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
