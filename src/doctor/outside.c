/* SPDX-License-Identifier: Apache-2.0 */
/* Probes that need no namespace. Each runs in a child of the command, in the caller's namespaces.
 * May leave nothing but what ends with the child. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/cleanup.h"
#include "base/identity.h"
#include "cgroup/systemd_bus.h"
#include "criu/swrk.h"
#include "doctor/doctor.h"
#include "sys/bpf.h"
#include "sys/landlock.h"
#include "sys/mount_api.h"
#include "sys/open.h"
#include "sys/process.h"

/* What every start writes to and reads: steps/host/open.c */
void probe_host_proc(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	struct statfs fs;
	if (statfs("/proc", &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC)
		probe_works(r, NULL);
	else
		probe_lacks(r, "/proc is not a procfs", "as root: mount -t proc proc /proc");
}

void probe_pidfd(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	AUTO_CLOSE int fd = sys_pidfd_open(getpid());
	probe_result_of(r, "pidfd_open", fd);
}

void probe_openat2(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	AUTO_CLOSE int fd =
		sys_openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
	probe_result_of(r, "openat2", fd);
}

/* Without rights the kernel says EPERM, without the calls ENOSYS. */
void probe_mount_api(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	AUTO_CLOSE int fd = sys_fsopen("tmpfs");
	int set = sys_mount_setattr(-1, false, MOUNT_ATTR_RDONLY, 0, 0);
	if (fd == -ENOSYS)
		probe_result_of(r, "fsopen", fd);
	else if (set == -ENOSYS)
		probe_works(r, "without mount_setattr, Linux 5.12");
	else
		probe_works(r, NULL);
}

void probe_keyring(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	probe_result_of(r, "keyctl", sys_join_session_keyring("_oci-rt-doctor"));
}

void probe_landlock(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	int version = sys_landlock_version();
	if (version < 0)
		probe_result_of(r, "landlock_create_ruleset", version);
	else
		probe_works(r, "version %d", version);
}

void probe_lsm(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	char enabled = 0;
	AUTO_CLOSE int fd = open(p->fs_type, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, &enabled, 1) == 1 && enabled != 'N')
		probe_works(r, NULL);
	else
		probe_lacks(r, "this kernel does not run it", NULL);
}

void probe_device_file(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	char remedy[160];
	bool is_tun = strcmp(p->fs_type, "/dev/net/tun") == 0;
	AUTO_CLOSE int fd = open(p->fs_type, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		probe_works(r, NULL);
		return;
	}
	if (errno == EACCES) {
		snprintf(remedy, sizeof remedy, "as root: chmod 0666 %s", p->fs_type);
		probe_lacks(r, "this user may not open it", remedy);
		return;
	}
	const char *what = errno == ENOENT
				   ? "it is not there"
				   : "the kernel has no driver for it, or the device is not "
				     "allowed here";
	snprintf(remedy, sizeof remedy, "as root: modprobe %s; in a container: --device %s",
		is_tun ? "tun" : "fuse", p->fs_type);
	probe_lacks(r, what, remedy);
}

/* `r0 = 1; exit`: allows all, and is attached to nothing. */
void probe_device_filter(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uintptr_t)program,
		.insn_cnt = ARRAY_SIZE(program),
		.license = (uintptr_t) "Apache-2.0",
	};
	if (d->is_rootless) {
		probe_skipped(r, "it takes root");
		return;
	}
	AUTO_CLOSE int fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof attr);
	probe_result_of(r, "bpf", fd);
}

/* By asking it: whether it knows this kernel is seen in no other way. */
void probe_criu(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	struct arena arena;
	struct error e;
	if (!criu_is_installed(d->arena)) {
		probe_lacks(r, "it is not installed", "as root: apt-get install criu");
		return;
	}
	if (!is_real_root()) {
		probe_lacks(r, "it saves and restores containers for the host's root alone", NULL);
		return;
	}
	arena_init(&arena);
	if (criu_check_version(&arena, &e) < 0 || criu_check_works(&arena, &e) < 0)
		probe_lacks(r, e.text, NULL);
	else
		probe_works(r, NULL);
	arena_free(&arena);
}

/* "cause; remedy", as errors of the cgroup decisions have it */
static void lacks_by_error(struct probe_result *r, const struct error *e)
{
	static const char prefix[] = "it cannot be set: ";
	const char *text = e->text;
	if (strncmp(text, prefix, sizeof prefix - 1) == 0)
		text += sizeof prefix - 1;
	const char *semicolon = strstr(text, "; ");
	char what[sizeof r->what];
	snprintf(what, sizeof what, "%.*s", semicolon ? (int)(semicolon - text) : 380, text);
	probe_lacks(r, what, semicolon ? semicolon + 2 : NULL);
}

void probe_cgroup(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	const struct cgroup_plan *plan = &d->cgroup;
	int err = 0;
	if (d->cgroup_error.kind || plan->dirs.n == 0) {
		lacks_by_error(r, &d->cgroup_error);
		return;
	}
	for (size_t i = 0; i < plan->dirs.n && !err; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", plan->dirs.v[i].hierarchy->mount,
			plan->dirs.v[i].path);
		if (mkdir(path, 0755) < 0)
			err = errno;
		else if (rmdir(path) < 0)
			err = errno;
	}
	if (err)
		probe_result_of(r, "mkdir", -err);
	else
		probe_works(r, "cgroup %s", cgroup_mode_names[plan->mode]);
}

void probe_clone_into_cgroup(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	char path[4096] = "";
	for (size_t i = 0; i < d->cgroup.dirs.n; i++)
		if (d->cgroup.dirs.v[i].hierarchy->is_v2)
			snprintf(path, sizeof path, "%s/%s", d->cgroup.dirs.v[i].hierarchy->mount,
				d->cgroup.dirs.v[i].path);
	if (!*path) {
		probe_skipped(r, "no v2 cgroup of its own");
		return;
	}
	if (mkdir(path, 0755) < 0) {
		probe_result_of(r, "mkdir", -errno);
		return;
	}
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t pid = sys_spawn(&(struct spawn){ .cgroup_fd = fd });
	if (pid == 0)
		_exit(0);
	if (pid > 0)
		sys_wait_child(pid, NULL);
	close(fd);
	rmdir(path);
	probe_result_of(r, "clone3", pid);
}

/* Limits as configs ask for them, decided as for a container; nothing is written. */
void probe_limits(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	struct oci_memory memory = { .limit = { true, 64 << 20 } };
	struct oci_cpu cpu = { .shares = { true, 512 } }, cpuset = { .cpus = "0" };
	struct oci_pids pids = { 100, true };
	struct oci_block_io io = { .weight = { true, 100 } };
	const struct {
		const char *name;
		struct oci_resources resources;
	} limits[] = {
		{ "memory", { .memory = &memory } },
		{ "pids", { .pids = &pids } },
		{ "cpu", { .cpu = &cpu } },
		{ "cpuset", { .cpu = &cpuset } },
		{ "io", { .block_io = &io } },
	};
	char can[80] = "", cannot[80] = "";
	struct error first = { 0 };
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct cgroup_plan plan;
		struct error e = { 0 };
		struct cgroup_request request = { .id = d->name,
			.resources = &limits[i].resources,
			.manager = CGROUP_MANAGER_CGROUPFS,
			.is_rootless = d->is_rootless };
		int failed = cgroup_decide(d->arena, &request, &d->cgroup_host, &plan, &e);
		char *list = failed ? cannot : can;
		size_t n = strlen(list);
		snprintf(list + n, sizeof can - n, "%s%s", n ? " " : "", limits[i].name);
		if (failed && !first.kind)
			first = e;
	}
	if (!first.kind) {
		probe_works(r, "%s", can);
		return;
	}
	lacks_by_error(r, &first);
	if (*can)
		snprintf(r->detail, sizeof r->detail, "%s; not %s", can, cannot);
}

void probe_systemd(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	struct systemd_facts facts;
	struct error e = { 0 };
	char remedy[160], name[USER_NAME_SIZE], linger[128];
	if (access("/run/systemd/system", F_OK) < 0) {
		probe_lacks(r, "systemd does not run this machine", NULL);
		return;
	}
	if (systemd_probe(d->arena, d->is_rootless, &facts, &e) == 0) {
		probe_works(r, "%s, version %u", d->is_rootless ? "the user's" : "the system's",
			facts.version);
		return;
	}
	lacks_by_error(r, &e);
	user_name(getuid(), name);
	snprintf(linger, sizeof linger, "/var/lib/systemd/linger/%s", name);
	snprintf(remedy, sizeof remedy, "as root: loginctl enable-linger %s", name);
	if (d->is_rootless && e.err == ENOTCONN && getenv("XDG_RUNTIME_DIR") &&
		access(linger, F_OK) < 0)
		snprintf(r->remedy, sizeof r->remedy, "%s", remedy);
}
