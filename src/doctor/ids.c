/* SPDX-License-Identifier: Apache-2.0 */
/* User namespaces and their id maps: written from outside, as HOST does it. Runs in the command
 * itself; the namespace belongs to a child that waits. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "cause/look.h"
#include "doctor/doctor.h"
#include "sys/process.h"

pid_t spawn_in_user_namespace(int *ret_gate)
{
	int gate[2];
	char byte;
	if (pipe2(gate, O_CLOEXEC) < 0)
		return -errno;
	pid_t pid = sys_spawn(&(struct spawn){ .flags = CLONE_NEWUSER, .cgroup_fd = -1 });
	if (pid == 0) {
		sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(gate[1]);
		_exit(read(gate[0], &byte, 1) != 0);
	}
	close(gate[0]);
	if (pid < 0)
		close(gate[1]);
	else
		*ret_gate = gate[1];
	return pid;
}

int write_map(pid_t pid, const char *name, const char *text)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return io_write_control(AT_FDCWD, path, text);
}

void probe_user_namespace(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	probe_result_of(r, "clone3", d->ids_pid);
}

/* Of another child than that which ranges are tried on: a map is written once. */
void probe_own_id(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	char line[32];
	int gate;
	if (d->is_privileged) {
		probe_skipped(r, "root may map ranges");
		return;
	}
	pid_t pid = spawn_in_user_namespace(&gate);
	if (pid < 0) {
		probe_skipped(r, "no user namespace");
		return;
	}
	const char *call = "setgroups";
	int err = write_map(pid, "setgroups", "deny");
	snprintf(line, sizeof line, "0 %u 1", d->process.egid);
	if (err == 0)
		err = write_map(pid, call = "gid_map", line);
	snprintf(line, sizeof line, "0 %u 1", d->process.euid);
	if (err == 0)
		err = write_map(pid, call = "uid_map", line);
	close(gate);
	sys_wait_child(pid, NULL);
	probe_result_of(r, call, err);
}

/* Ends within a second. 0, or what it has ended with. */
static int run_helper(const char *program, char *const *argv)
{
	int status = 0, pidfd = -1;
	pid_t pid = sys_spawn(&(struct spawn){ .cgroup_fd = -1, .ret_pidfd = &pidfd });
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		for (int fd = 0; fd < 3 && null >= 0; fd++)
			dup2(null, fd);
		execv(program, argv);
		_exit(127);
	}
	if (pid < 0)
		return 127;
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	if (poll(&end, 1, 1000) == 0)
		kill(pid, SIGKILL);
	close(pidfd);
	sys_wait_child(pid, &status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void by_helpers(struct doctor *d, struct probe_result *r)
{
	uint64_t n = UINT64_MAX;
	for (int groups = 1; groups >= 0; groups--) {
		struct helper_facts h;
		struct subid_file_facts ids;
		char pid[16], own[16], first[16], count[24];
		const char *name = groups ? "newgidmap" : "newuidmap";
		look_at_helper(d->arena, name, &h);
		look_at_subids(d->arena, groups, &ids);
		snprintf(pid, sizeof pid, "%d", d->ids_pid);
		snprintf(own, sizeof own, "%u", groups ? d->process.egid : d->process.euid);
		snprintf(first, sizeof first, "%u", ids.first);
		/* one of them tells that any would do */
		snprintf(count, sizeof count, "1");
		char *const argv[] = { (char *)name, pid, (char[]){ "0" }, own, (char[]){ "1" },
			(char[]){ "1" }, first, count, NULL };
		n = ids.n_ids < n ? ids.n_ids : n;
		if (!h.path || !ids.n_ranges || run_helper(h.path, argv) != 0) {
			probe_result_of(r, name, -EPERM);
			return;
		}
	}
	probe_works(r, "%llu, by newuidmap", (unsigned long long)n);
}

void probe_ranges(struct doctor *d, const struct probe *p, struct probe_result *r)
{
	if (d->ids_pid <= 0) {
		probe_skipped(r, "no user namespace");
		return;
	}
	if (!d->is_privileged) {
		by_helpers(d, r);
		return;
	}
	const char *call = "uid_map";
	/* in an outer user namespace there may be fewer */
	const char *line = d->is_rootless ? "0 0 1" : "0 100000 65536";
	int err = write_map(d->ids_pid, call, line);
	if (err == 0)
		err = write_map(d->ids_pid, call = "gid_map", line);
	probe_result_of(r, call, err);
}
