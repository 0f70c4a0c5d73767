/* SPDX-License-Identifier: Apache-2.0 */
/* The container's groups in the resource control filesystem. Runs as HOST. */
#include "resctrl/resctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/mountinfo.h"

enum { MOUNTINFO_MAX = 64 << 20, SCHEMATA_MAX = 1 << 20, STATUS_SIZE = 160 };

static int find_mount(struct arena *arena, const char **ret, struct error *e)
{
	static const char usual[] = "/sys/fs/resctrl";
	struct statfs fs;
	char *text;
	if (statfs(usual, &fs) == 0 && fs.f_type == RDTGROUP_SUPER_MAGIC) {
		*ret = usual;
		return 0;
	}
	*ret = NULL;
	int r = io_read_file(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, arena, &text, NULL);
	if (r < 0)
		return error_errno(e, -r, "read /proc/self/mountinfo");
	struct span rest = { text, strlen(text) }, line;
	struct mountinfo_line m;
	while (span_next(&rest, '\n', &line))
		if (mountinfo_parse(line, &m) && span_is(m.type, "resctrl")) {
			*ret = mountinfo_unescape(arena, m.point);
			return *ret ? 0 : error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
		}
	return 0;
}

int resctrl_look(struct arena *arena, const char *mount, const char *name, struct resctrl_host *ret,
	struct error *e)
{
	char *text;
	const char *group = arena_printf(arena, "%s/%s", mount, name);
	const char *schemata = arena_printf(arena, "%s/%s/schemata", mount, name);
	if (!group || !schemata)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	*ret = (struct resctrl_host){ .mount = mount, .exists = access(group, F_OK) == 0 };
	int r = io_read_file(AT_FDCWD, schemata, SCHEMATA_MAX, arena, &text, NULL);
	if (r == 0)
		ret->schemata = text;
	return r == 0 || r == -ENOENT || r == -ENOTDIR ? 0
						       : error_errno(e, -r, "read %s", schemata);
}

int resctrl_probe(struct arena *arena, const char *name, struct resctrl_host *ret, struct error *e)
{
	const char *mount;
	*ret = (struct resctrl_host){ 0 };
	int r = find_mount(arena, &mount, e);
	return r < 0 || !mount ? r : resctrl_look(arena, mount, name, ret, e);
}

/* The kernel's reason for the last refusal: one file for all groups, "ok" where there is none. A
 * group is the root of the filesystem or one level below it. */
static void read_status(const char *group, char status[static STATUS_SIZE])
{
	static const char *const places[] = { "info/last_cmd_status", "../info/last_cmd_status" };
	AUTO_CLOSE int dir = open(group, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ssize_t n = -1;
	for (size_t i = 0; i < ARRAY_SIZE(places) && n < 0; i++) {
		AUTO_CLOSE int fd = openat(dir, places[i], O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : fd_read_all(fd, status, STATUS_SIZE - 1);
	}
	status[n < 0 ? 0 : n] = '\0';
	status[strcspn(status, "\n")] = '\0';
}

/* `group` exists: the one that was written to, or the root where one could not be made. */
static int failed(int number, const char *group, const char *what, struct error *e)
{
	char status[STATUS_SIZE];
	read_status(group, status);
	bool said = *status && strcmp(status, "ok") != 0;
	return error_errno(e, number, "%s in %s%s%s%s", what, group,
		said ? " (the kernel says: " : "", said ? status : "", said ? ")" : "");
}

static int write_in(const char *group, const char *name, const char *text, struct error *e)
{
	AUTO_CLOSE int dir = open(group, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_errno(e, errno, "open %s", group);
	int r = io_write_control(dir, name, text);
	return r < 0 ? failed(-r, group, name, e) : 0;
}

int resctrl_update(const struct resctrl_group *group, const char *schemata, struct error *e)
{
	return write_in(group->path, "schemata", schemata, e);
}

static int fill(const struct resctrl_plan *plan, struct error *e)
{
	int r = plan->schemata ? resctrl_update(&plan->group, plan->schemata, e) : 0;
	if (r == 0 && plan->group.monitor && mkdir(plan->group.monitor, 0755) < 0)
		r = failed(errno, plan->group.path, "make a monitoring group", e);
	return r;
}

int resctrl_create(const struct resctrl_plan *plan, struct error *e)
{
	if (plan->make && mkdir(plan->group.path, 0755) < 0)
		return failed(errno, plan->mount, plan->group.path, e);
	int r = fill(plan, e);
	if (r < 0 && plan->make)
		rmdir(plan->group.path);
	return r;
}

int resctrl_attach(const struct resctrl_group *group, pid_t pid, struct error *e)
{
	char digits[DIGITS_SIZE];
	format_u64(digits, (unsigned long long)pid);
	int r = write_in(group->path, "tasks", digits, e);
	if (r == 0 && group->monitor)
		r = write_in(group->monitor, "tasks", digits, e);
	return r;
}

static int remove_group(const char *path, struct error *e)
{
	return rmdir(path) < 0 && errno != ENOENT ? error_errno(e, errno, "remove %s", path) : 0;
}

int resctrl_destroy(const struct resctrl_group *group, struct error *e)
{
	int r = group->monitor ? remove_group(group->monitor, e) : 0;
	return r == 0 && group->created ? remove_group(group->path, e) : r;
}

void resctrl_undo(const struct resctrl_plan *plan)
{
	if (plan->group.monitor)
		rmdir(plan->group.monitor);
	if (plan->make)
		rmdir(plan->group.path);
}
