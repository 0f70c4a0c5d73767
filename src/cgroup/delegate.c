/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sub-cgroup that the container may manage itself. Runs in HOST, v2 only.
 * Mustn't give away a file of the container's own cgroup: the limits are there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/io.h"
#include "cgroup/act.h"
#include "cgroup/tree.h"

/* Which files go along is the kernel's to say (4.15); these are those that it always were. */
static ssize_t delegated_files(char *text, size_t size)
{
	static const char oldest[] = "cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n";
	AUTO_CLOSE int fd = open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : fd_read_all(fd, text, size - 1);
	if (n <= 0) {
		memcpy(text, oldest, sizeof oldest);
		return sizeof oldest - 1;
	}
	text[n] = '\0';
	return n;
}

static int give_away(int dir_fd, uid_t uid, gid_t gid)
{
	char files[4096];
	if (fchown(dir_fd, uid, gid) < 0)
		return -errno;
	delegated_files(files, sizeof files);
	for (char *name = files; *name;) {
		size_t n = strcspn(name, "\n");
		bool is_last = name[n] == '\0';
		name[n] = '\0';
		/* those of controllers that are not passed on are not there */
		if (*name && fchownat(dir_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 &&
			errno != ENOENT)
			return -errno;
		name += n + !is_last;
	}
	return 0;
}

/* The container's cgroup has no process any more, so it may have children with controllers. Each by
 * itself: one that cannot be passed on keeps no other back. */
static void pass_controllers_on(int dir_fd)
{
	char list[256], word[64];
	if (cgroup_read(dir_fd, "cgroup.controllers", list, sizeof list) <= 0)
		return;
	for (const char *p = list; *p;) {
		size_t n = strcspn(p, " ");
		if (n && n + 2 < sizeof word) {
			word[0] = '+';
			memcpy(word + 1, p, n);
			word[n + 1] = '\0';
			io_write_control(dir_fd, "cgroup.subtree_control", word);
		}
		p += n + (p[n] == ' ');
	}
}

int cgroup_delegate(const struct cgroup_location *location, const char *name, uid_t uid, gid_t gid,
	pid_t pid, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	AUTO_CLOSE int sub_fd = -1;
	char digits[DIGITS_SIZE];
	int r = cgroup_open_v2(location, NULL, &fd, e);
	if (r < 0)
		return r;
	if (fd < 0)
		return error_set(e, ERROR_STATE, ENODEV, "the container has no cgroup of its own");
	if (mkdirat(fd, name, 0755) < 0 && errno != EEXIST)
		return error_errno(e, errno, "make the cgroup %s/%s", location->unified, name);
	r = cgroup_open_v2(location, &(struct string_list){ 1, &name }, &sub_fd, e);
	if (r < 0)
		return r;
	format_u64(digits, (unsigned long long)pid);
	r = io_write_control(sub_fd, "cgroup.procs", digits);
	if (r < 0)
		return error_errno(
			e, -r, "put process %d in the cgroup %s/%s", pid, location->unified, name);
	/* first, so that the files of the controllers are there to be given away */
	pass_controllers_on(fd);
	if (uid != (uid_t)-1 && (r = give_away(sub_fd, uid, gid)) < 0)
		return error_errno(
			e, -r, "give the cgroup %s/%s to the container", location->unified, name);
	return 0;
}
