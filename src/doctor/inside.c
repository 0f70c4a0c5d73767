/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes that a container's init would do: namespaces, mounts, a filter. Each runs in a child that
 * takes the namespaces one after the other, has its own mounts from the first one on, and ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "config.h"
#include "doctor/doctor.h"
#include "sys/mount_api.h"
#include "sys/process.h"

void probe_namespace(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	int err = sys_unshare((int)p->flag);
	probe_result_of(r, "unshare", err);
	if (err < 0)
		return;
	d->inside |= p->flag;
	/* nothing of what comes now may reach the host */
	if (p->flag == CLONE_NEWNS && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		probe_result_of(r, "mount", -errno);
}

/* Its first process is a child: PLACE_PID. */
void probe_pid_namespace(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	int err = sys_unshare((int)p->flag);
	probe_result_of(r, "unshare", err);
	if (err == 0)
		d->inside |= p->flag;
}

struct parameter {
	const char *key, *value;
};

/* A detached mount; a descriptor or a negative errno. */
static int detached(const char *type, const struct parameter *parameters, const char **ret_call)
{
	*ret_call = "fsopen";
	AUTO_CLOSE int fs = sys_fsopen(type);
	int r = fs;
	for (; r >= 0 && parameters && parameters->key; parameters++) {
		*ret_call = "fsconfig";
		r = sys_fsconfig_string(fs, parameters->key, parameters->value);
	}
	if (r >= 0) {
		*ret_call = "fsconfig";
		r = sys_fsconfig_create(fs);
	}
	if (r < 0)
		return r;
	*ret_call = "fsmount";
	return sys_fsmount(fs, 0);
}

static bool has_mounts(const struct doctor *d, struct probe_result *r)
{
	if (!(d->inside & CLONE_NEWNS))
		probe_skipped(r, "no mount namespace");
	return d->inside & CLONE_NEWNS;
}

void probe_mount(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	static const struct parameter of_devpts[] = { { "ptmxmode", "0666" }, { NULL, NULL } };
	const char *call;
	if (!has_mounts(d, r))
		return;
	AUTO_CLOSE int fd =
		detached(p->fs_type, strcmp(p->fs_type, "devpts") == 0 ? of_devpts : NULL, &call);
	probe_result_of(r, call, fd);
}

void probe_bind(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	if (!has_mounts(d, r))
		return;
	AUTO_CLOSE int fd = sys_open_tree_clone(AT_FDCWD, "/", true, true);
	int err = fd < 0 ? fd : sys_mount_setattr(fd, true, MOUNT_ATTR_RDONLY, 0, 0);
	probe_result_of(r, fd < 0 ? "open_tree" : "mount_setattr", err);
}

/* An overlay wants paths, and an upper directory on a file system of its own kind. */
static int make_workspace(struct doctor *d, const char **ret_call)
{
	static const char *const places[] = { "/tmp", "/mnt", "/var", "/srv", "/usr" };
	AUTO_CLOSE int fd = detached("tmpfs", NULL, ret_call);
	int r = fd < 0 ? fd : -ENOENT;
	for (size_t i = 0; r == -ENOENT && i < ARRAY_SIZE(places); i++) {
		AUTO_CLOSE int target = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		*ret_call = "move_mount";
		if (target < 0)
			continue;
		r = sys_move_mount(fd, target);
		snprintf(d->workspace, sizeof d->workspace, "%s", places[i]);
	}
	return r;
}

void probe_overlay(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	char paths[3][32];
	static const char *const names[] = { "lower", "upper", "work" };
	const char *call;
	if (!has_mounts(d, r))
		return;
	int err = make_workspace(d, &call);
	for (size_t i = 0; err == 0 && i < ARRAY_SIZE(names); i++) {
		snprintf(paths[i], sizeof paths[i], "%s/%s", d->workspace, names[i]);
		call = "mkdir";
		err = mkdir(paths[i], 0755) < 0 ? -errno : 0;
	}
	if (err < 0) {
		probe_result_of(r, call, err);
		return;
	}
	const struct parameter options[] = { { "lowerdir", paths[0] }, { "upperdir", paths[1] },
		{ "workdir", paths[2] }, { NULL, NULL } };
	AUTO_CLOSE int fd = detached("overlay", options, &call);
	probe_result_of(r, call, fd);
}

/* It takes rights over the file system: tried on the one where programs lie. */
void probe_idmapped(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	char path[64];
	int gate;
	if (d->is_rootless || !d->is_privileged) {
		probe_skipped(r, "only root has rights over file systems");
		return;
	}
	pid_t pid = spawn_in_user_namespace(&gate);
	if (pid < 0) {
		probe_skipped(r, "no user namespace");
		return;
	}
	int err = write_map(pid, "uid_map", "0 100000 65536");
	if (err == 0)
		err = write_map(pid, "gid_map", "0 100000 65536");
	snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
	AUTO_CLOSE int userns = err == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	close(gate);
	sys_wait_child(pid, NULL);
	AUTO_CLOSE int tree = sys_open_tree_clone(AT_FDCWD, "/", false, true);
	if (err == 0 && userns < 0)
		err = -errno;
	if (err == 0)
		err = tree < 0 ? tree : sys_mount_idmap(tree, false, userns);
	probe_result_of(r, "mount_setattr", err);
}

static const struct sock_filter allow_all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };

void probe_filter(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	if (!WITH_SECCOMP) {
		probe_lacks(r, "this build has none (-Dseccomp)", NULL);
		return;
	}
	sys_prctl(PR_SET_NO_NEW_PRIVS, 1);
	probe_result_of(r, "seccomp", sys_seccomp_filter(allow_all, 1, 0));
}

/* One process can have one listener above it: EBUSY where an outer container's agent has it. */
void probe_listener(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	int fd = sys_seccomp_filter(allow_all, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	if (fd == -EBUSY)
		probe_lacks(r, "an outer container's seccomp agent listens already", NULL);
	else
		probe_result_of(r, "seccomp", fd);
	if (fd >= 0)
		close(fd);
}
