/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts with mapped ids: user namespaces that hold nothing but a map, and the mounts they are put
 * on. Runs as HOST: INIT in a user namespace of its own has no rights over the file systems. May
 * not attach anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "steps/host/host.h"
#include "sys/mount_api.h"
#include "sys/process.h"

static int write_maps(struct actor_context *ctx, const struct step *step, pid_t pid)
{
	const struct {
		const char *name, *text;
	} files[] = {
		{ "uid_map", step->u.mount_id_map.uid_text },
		{ "gid_map", step->u.mount_id_map.gid_text },
	};
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		char path[64];
		snprintf(path, sizeof path, "%d/%s", pid, files[i].name);
		int r = io_write_control(ctx->slots[SLOT_PROC], path, files[i].text);
		if (r < 0)
			return act_failed(ctx, files[i].name, r);
	}
	return 0;
}

static int map_and_open(struct actor_context *ctx, const struct step *step, pid_t pid)
{
	char path[64];
	int r = write_maps(ctx, step, pid);
	if (r < 0)
		return r;
	snprintf(path, sizeof path, "%d/ns/user", pid);
	int fd = openat(ctx->slots[SLOT_PROC], path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? act_failed(ctx, "open", -errno) : fd;
}

/* The namespace is born with a child that only waits for the end of a pipe, and so for ours: until
 * somebody holds a descriptor of it, a user namespace lives in a process. */
int act_mount_id_map(struct actor_context *ctx, const struct step *step)
{
	int gate[2];
	char byte;
	if (pipe2(gate, O_CLOEXEC) < 0)
		return act_failed(ctx, "pipe2", -errno);
	pid_t pid = sys_spawn(&(struct spawn){ .flags = CLONE_NEWUSER, .cgroup_fd = -1 });
	if (pid == 0) {
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) != 0);
	}
	close(gate[0]);
	int fd = pid < 0 ? act_failed(ctx, "clone3", pid) : map_and_open(ctx, step, pid);
	close(gate[1]);
	if (pid > 0)
		sys_wait_child(pid, NULL);
	if (fd < 0)
		return fd;
	ctx->slots[step->u.mount_id_map.slot] = fd;
	return 0;
}

/* Needs: INIT has put its copy under the number that was reserved. After: that copy, which is the
 * same open file, shows mapped ids. */
int act_map_source(struct actor_context *ctx, const struct step *step)
{
	const struct mount_step *m = &step->u.mount;
	AUTO_CLOSE int fd =
		sys_pidfd_getfd(ctx->slots[SLOT_INIT_PIDFD], ctx->slots[m->source_slot]);
	return fd < 0 ? act_failed(ctx, "pidfd_getfd", fd) : map_source_ids(ctx, m, fd);
}
