/* SPDX-License-Identifier: Apache-2.0 */
/* What HOST opens before the fork, for later steps. Runs as HOST. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <linux/nsfs.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/fd.h"
#include "steps/host/host.h"
#include "sys/mount_api.h"
#include "sys/process.h"

/* A file system that only looks like procfs would let writes of labels, maps and sysctls go astray:
 * CVE-2019-16884. The root of a procfs has inode 1. */
int act_host_proc(struct actor_context *ctx, const struct step *step)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return act_failed(ctx, "open", -errno);
	struct statfs fs;
	struct stat st;
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return act_failed(ctx, "fstatfs", -errno);
	if ((fs.f_type != PROC_SUPER_MAGIC || st.st_ino != 1) && has_defence(DEFENCE_REAL_PROC))
		return error_set(&ctx->error, ERROR_SYSTEM, ENODEV,
			"/proc is not a procfs; mount one there");
	ctx->slots[SLOT_PROC] = TAKE_FD(fd);
	return 0;
}

int act_open_rootfs(struct actor_context *ctx, const struct step *step)
{
	int fd = openat(AT_FDCWD, step->u.text.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return act_failed(ctx, "open", -errno);
	ctx->slots[SLOT_ROOTFS] = fd;
	return 0;
}

int act_open_namespace(struct actor_context *ctx, const struct step *step)
{
	AUTO_CLOSE int fd =
		openat(AT_FDCWD, step->u.ns.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return act_failed(ctx, "open", -errno);
	int type = ioctl(fd, NS_GET_NSTYPE);
	if (type != step->u.ns.flag)
		return error_set(&ctx->error, ERROR_CONFIG, EINVAL, "%s is %s", step->u.ns.path,
			type < 0 ? "not a namespace" : "a namespace of another type");
	ctx->slots[step->u.ns.slot] = TAKE_FD(fd);
	return 0;
}

int act_open_source(struct actor_context *ctx, const struct step *step)
{
	const struct mount_step *m = &step->u.mount;
	if (m->source_in_root) {
		int reserved = openat(AT_FDCWD, m->source, O_PATH | O_DIRECTORY | O_CLOEXEC);
		ctx->slots[m->source_slot] = reserved;
		return reserved < 0 ? act_failed(ctx, "open", -errno) : 0;
	}
	AUTO_CLOSE int fd =
		sys_open_tree_clone(AT_FDCWD, m->source, m->recursive, !m->source_nofollow);
	/* root of a user namespace that has no mount namespace of its own: INIT will have one */
	if (fd == -EPERM && !m->source_from_host)
		return 0;
	if (fd == -EPERM)
		return error_set(&ctx->error, ERROR_SYSTEM, EPERM,
			"bind %s into a running container: needs CAP_SYS_ADMIN over the mounts of "
			"the host",
			m->source);
	if (fd < 0)
		return act_failed(ctx, "open_tree", fd);
	int r = sys_mount_setattr(fd, true, 0, 0, m->propagation);
	if (r < 0)
		return act_failed(ctx, "mount_setattr", r);
	r = m->id_map_slot ? map_source_ids(ctx, m, fd) : 0;
	if (r < 0)
		return r;
	ctx->slots[m->source_slot] = TAKE_FD(fd);
	return 0;
}

int connect_unix(const char *path)
{
	char dir[PATH_MAX], base[PATH_MAX], magic[FD_PATH_SIZE];
	size_t size = strlen(path) + 1;
	if (size > sizeof dir)
		return -ENAMETOOLONG;
	memcpy(dir, path, size);
	memcpy(base, path, size);
	AUTO_CLOSE int dir_fd = openat(AT_FDCWD, dirname(dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (dir_fd < 0 || fd < 0)
		return -errno;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", fd_path(dir_fd, magic),
		basename(base));
	if (n < 0 || (size_t)n >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int act_console_socket(struct actor_context *ctx, const struct step *step)
{
	if (step->u.terminal.socket_path) {
		int fd = connect_unix(step->u.terminal.socket_path);
		if (fd < 0)
			return act_failed(ctx, "connect", fd);
		ctx->slots[SLOT_CONSOLE] = fd;
		return 0;
	}
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return act_failed(ctx, "socketpair", -errno);
	ctx->host->relay_fd = pair[0];
	ctx->slots[SLOT_CONSOLE] = pair[1];
	return 0;
}

/* exec into a container without a mount namespace: its root is that of its init. */
int act_open_container_root(struct actor_context *ctx, const struct step *step)
{
	char path[64];
	snprintf(path, sizeof path, "%lld/root", (long long)ctx->host->container->pid);
	int fd = openat(ctx->slots[SLOT_PROC], path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return act_failed(ctx, "open", -errno);
	ctx->slots[SLOT_ROOTFS] = fd;
	return 0;
}
