/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the container's cgroup. Runs in HOST.
 * After: the directories exist, ancestors pass the controllers on.
 * Mustn't allocate, use a path twice, or make anything that is not in plan.location.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

void cgroup_dirs_close(struct cgroup_dirs *dirs)
{
	for (size_t i = 0; i < dirs->n; i++)
		close(dirs->v[i].fd);
	dirs->n = 0;
}

static int enable_bits(int fd, unsigned bits)
{
	char text[256];
	size_t n = 0;
	for (int c = 0; c < CGROUP_CONTROLLER_COUNT; c++)
		if (bits & CGROUP_BIT(c))
			n += (size_t)snprintf(text + n, sizeof text - n, "%s+%s", n ? " " : "",
				cgroup_controller_name(c, true));
	return io_write_control(fd, "cgroup.subtree_control", text);
}

struct only_us {
	pid_t self;
	bool is_self, is_other;
};

static int note_pid(void *arg, pid_t pid)
{
	struct only_us *x = arg;
	x->is_self |= pid == x->self;
	x->is_other |= pid != x->self;
	return 0;
}

/* cgroup-v2.rst, "No Internal Process Constraint": a cgroup that passes controllers on holds no
 * process. Where the one that it holds is ours (`systemd-run --scope oci-rt run`), step aside. */
static int step_aside(int fd)
{
	static const char aside[] = "oci-rt";
	struct only_us x = { .self = getpid() };
	if (cgroup_for_each_pid(fd, note_pid, &x) < 0 || !x.is_self || x.is_other)
		return -EBUSY;
	if (mkdirat(fd, aside, 0755) < 0 && errno != EEXIST)
		return -errno;
	AUTO_CLOSE int aside_fd = openat(fd, aside, DIR_FLAGS);
	return aside_fd < 0 ? -errno : io_write_control(aside_fd, "cgroup.procs", "0");
}

static int enable_failed(const struct cgroup_plan *plan, const struct cgroup_dir *dir,
	unsigned depth, enum cgroup_controller c, int err, struct error *e)
{
	const char *name = cgroup_controller_name(c, true), *end = dir->path;
	for (unsigned i = 0; i < depth; i++) {
		end += *end == '/';
		end += strcspn(end, "/");
	}
	int n = (int)(end - dir->path);
	const char *slash = n ? "/" : "", *mount = dir->hierarchy->mount;
	if (err == EBUSY)
		error_set(e, ERROR_SYSTEM, err,
			"it cannot be set: %s%s%.*s holds processes, so it cannot pass the "
			"controller %s on; move them into a cgroup below it first",
			mount, slash, n, dir->path, name);
	else
		error_errno(e, err, "pass the controller %s on in %s%s%.*s", name, mount, slash, n,
			dir->path);
	if (e && plan->required_by[c])
		snprintf(e->path, sizeof e->path, "%s", plan->required_by[c]);
	return -err;
}

static int pass_on(int fd, const struct cgroup_plan *plan, const struct cgroup_dir *dir,
	const struct cgroup_enable *x, struct error *e)
{
	if (x->extra)
		io_write_control(fd, "cgroup.subtree_control", x->extra); /* the write will tell */
	if (!(x->required | x->wanted))
		return 0;
	int r = enable_bits(fd, x->required | x->wanted);
	if (r == -EBUSY && x->required && step_aside(fd) == 0)
		r = enable_bits(fd, x->required | x->wanted);
	if (r == 0)
		return 0;
	for (int c = 0; c < CGROUP_CONTROLLER_COUNT; c++) {
		bool is_required = x->required & CGROUP_BIT(c);
		if (!((x->required | x->wanted) & CGROUP_BIT(c)))
			continue;
		r = enable_bits(fd, CGROUP_BIT(c));
		if (r < 0 && is_required)
			return enable_failed(plan, dir, x->depth, c, -r, e);
	}
	return 0;
}

/* A new cpuset is empty, and takes no process until it has CPUs and memory nodes. */
static int inherit_cpuset(int parent_fd, int fd)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char text[4096];
		ssize_t n = cgroup_read(fd, files[i], text, sizeof text);
		if (n > 0)
			continue;
		n = n < 0 ? n : cgroup_read(parent_fd, files[i], text, sizeof text);
		int r = n <= 0 ? (int)n : io_write_control(fd, files[i], text);
		if (r < 0)
			return r;
	}
	return 0;
}

struct walk {
	const struct cgroup_plan *plan;
	const struct cgroup_dir *dir;
	unsigned flags;
	struct error *e;
};

/* One component: *fd becomes its child. */
static int step_down(const struct walk *w, int *fd, const char *name, bool *ret_existed)
{
	const struct cgroup_hierarchy *h = w->dir->hierarchy;
	bool may_create = w->flags & CGROUP_DIRS_MAKE;
	*ret_existed = true;
	if (may_create && mkdirat(*fd, name, 0755) == 0)
		*ret_existed = false;
	else if (may_create && errno != EEXIST)
		return -errno;
	AUTO_CLOSE int next = openat(*fd, name, DIR_FLAGS);
	if (next < 0)
		return -errno;
	int r = 0;
	if (may_create && (h->controllers & CGROUP_BIT(CGROUP_CPUSET)) && !h->is_v2)
		r = inherit_cpuset(*fd, next);
	if (r < 0 && !*ret_existed) /* else: whoever made it may not let us change it */
		return r;
	close(*fd);
	*fd = TAKE_FD(next);
	return 0;
}

static int walk_once(const struct walk *w, int *ret_fd, bool *ret_existed)
{
	const struct cgroup_hierarchy *h = w->dir->hierarchy;
	const struct cgroup_enable *x = w->dir->enable.v, *x_end = x + w->dir->enable.n;
	AUTO_CLOSE int fd = -1;
	int r = cgroup_open(h->mount, h->is_v2, &fd);
	unsigned depth = 0;
	for (const char *p = w->dir->path; r == 0 && *p; depth++) {
		char name[256];
		size_t n = strcspn(p, "/");
		snprintf(name, sizeof name, "%.*s", (int)n, p);
		if (w->flags & CGROUP_DIRS_PASS_ON && x < x_end && x->depth == depth) {
			r = pass_on(fd, w->plan, w->dir, x++, w->e);
			if (r < 0)
				return r;
		}
		r = step_down(w, &fd, name, ret_existed);
		p += n + (p[n] == '/');
	}
	if (r < 0)
		return error_errno(w->e, -r, "make the cgroup %s/%s", h->mount, w->dir->path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* spec: config-linux.md#control-groups lets us refuse a cgroup in use, and names these two. */
static int check_fit(const struct cgroup_dir *dir, int fd, struct error *e)
{
	char state[32];
	bool is_v2 = dir->hierarchy->is_v2;
	ssize_t n = cgroup_read(fd, is_v2 ? "cgroup.freeze" : "freezer.state", state, sizeof state);
	if (n < 0 && n != -ENOENT)
		return error_errno(
			e, (int)-n, "look at the cgroup %s/%s", dir->hierarchy->mount, dir->path);
	if (n > 0 && strcmp(state, "0") != 0 && strcmp(state, "THAWED") != 0)
		return error_set(e, ERROR_STATE, EBUSY,
			"the container's cgroup unexpectedly frozen: %s/%s", dir->hierarchy->mount,
			dir->path);
	int r = cgroup_is_populated(fd, is_v2);
	if (r < 0)
		return error_errno(
			e, -r, "look at the cgroup %s/%s", dir->hierarchy->mount, dir->path);
	if (r > 0)
		return error_set(e, ERROR_STATE, EBUSY,
			"the container's cgroup is not empty: %s/%s", dir->hierarchy->mount,
			dir->path);
	return 0;
}

int cgroup_dirs_open(
	const struct cgroup_plan *plan, unsigned flags, struct cgroup_dirs *dirs, struct error *e)
{
	if (plan->dirs.n > CGROUP_MAX_DIRS)
		return error_set(e, ERROR_UNSUPPORTED, E2BIG, "%zu cgroup hierarchies are too many",
			plan->dirs.n);
	for (size_t i = 0; i < plan->dirs.n; i++) {
		struct walk w = { plan, &plan->dirs.v[i], flags, e };
		int r, tries = 10;
		/* another container's deletion may take the parent away under our feet */
		do
			r = walk_once(&w, &dirs->v[i].fd, &dirs->v[i].existed);
		while (flags & CGROUP_DIRS_MAKE && (r == -ENOENT || r == -ENODEV) && --tries > 0);
		if (r < 0)
			return r;
		dirs->n++;
		if (flags & CGROUP_DIRS_UNUSED && dirs->v[i].existed)
			r = check_fit(w.dir, dirs->v[i].fd, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Only what this call made: a directory that appeared since the plan is somebody else's. */
static void undo(const struct cgroup_plan *plan, const struct cgroup_dirs *dirs)
{
	for (size_t i = 0; i < dirs->n; i++) {
		const char *slash = strrchr(plan->dirs.v[i].path, '/');
		AUTO_CLOSE int parent_fd = openat(dirs->v[i].fd, "..", DIR_FLAGS);
		if (!dirs->v[i].existed && parent_fd >= 0)
			unlinkat(parent_fd, slash ? slash + 1 : plan->dirs.v[i].path, AT_REMOVEDIR);
	}
	cgroup_remove_parents(&plan->location);
}

static bool has_path(const struct string_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], path) == 0)
			return true;
	return false;
}

int cgroup_claim(const struct cgroup_plan *plan, struct arena *arena,
	struct cgroup_location *location, struct error *e)
{
	struct string_list *created = &location->created;
	const char **v = ARENA_ARRAY(arena, created->n + plan->dirs.n + 1, const char *);
	if (!v)
		return error_errno(e, ENOMEM, "make the container's cgroup");
	for (size_t i = 0; i < created->n; i++)
		v[i] = created->v[i];
	created->v = v;
	for (size_t i = 0; i < plan->dirs.n; i++) {
		const struct cgroup_dir *dir = &plan->dirs.v[i];
		AUTO_CLOSE int fd = -1;
		const char *path = arena_printf(arena, "%s/%s", dir->hierarchy->mount, dir->path);
		if (!path)
			return error_errno(e, ENOMEM, "make the container's cgroup");
		if (*dir->path && !has_path(created, path) && cgroup_open_dir(path, &fd) == -ENOENT)
			v[created->n++] = path;
	}
	return 0;
}

int cgroupfs_create(const struct cgroup_plan *plan, int *ret_v2_dir_fd, struct error *e)
{
	AUTO_CGROUP_DIRS struct cgroup_dirs dirs = { 0 };
	AUTO_CLOSE int v2_fd = -1;
	int r = cgroup_dirs_open(
		plan, CGROUP_DIRS_MAKE | CGROUP_DIRS_PASS_ON | CGROUP_DIRS_UNUSED, &dirs, e);
	if (r == 0)
		r = cgroup_apply(plan, &dirs, e);
	for (size_t i = 0; r == 0 && i < dirs.n; i++) {
		if (!plan->dirs.v[i].hierarchy->is_v2)
			continue;
		v2_fd = fcntl(dirs.v[i].fd, F_DUPFD_CLOEXEC, 0);
		if (v2_fd < 0)
			r = error_errno(e, errno, "keep the cgroup open");
	}
	if (r < 0)
		undo(plan, &dirs);
	else
		*ret_v2_dir_fd = TAKE_FD(v2_fd);
	return r;
}
