/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a device filter and attaching it to a cgroup. Runs in HOST. Mustn't leave the cgroup
 * without a filter, not even between two of them. */
#include <errno.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/act.h"
#include "cgroup/cgroup.h"
#include "cgroup/tree.h"
#include "sys/bpf.h"

enum { MAX_ATTACHED = 64 }; /* BPF_CGROUP_MAX_PROGS of the kernel */

static int load(const struct device_program *program)
{
	static const char license[] = "Apache-2.0";
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uintptr_t)program->v,
		.insn_cnt = (uint32_t)program->n,
		.license = (uintptr_t)license,
	};
	return sys_bpf(BPF_PROG_LOAD, &attr, sizeof attr);
}

/* Before 5.11 programs count as locked memory, of which there is little by default. The limit is
 * put back: the container would inherit it. */
static int load_unlimited(const struct device_program *program)
{
	int fd = load(program);
	struct rlimit old, unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	if (fd != -EPERM || getrlimit(RLIMIT_MEMLOCK, &old) < 0 ||
		setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0)
		return fd;
	fd = load(program);
	setrlimit(RLIMIT_MEMLOCK, &old);
	return fd;
}

/* Ids of the programs attached to this very cgroup. */
static int query(int dir_fd, uint32_t *ids, uint32_t *ret_n)
{
	union bpf_attr attr = { .query = {
					.target_fd = (uint32_t)dir_fd,
					.attach_type = BPF_CGROUP_DEVICE,
					.prog_ids = (uintptr_t)ids,
					.prog_cnt = MAX_ATTACHED,
				} };
	int r = sys_bpf(BPF_PROG_QUERY, &attr, sizeof attr);
	*ret_n = attr.query.prog_cnt;
	return r;
}

static int open_by_id(uint32_t id)
{
	union bpf_attr attr = { .prog_id = id };
	return sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof attr);
}

static int attach(int dir_fd, int program_fd, int replaced_fd)
{
	union bpf_attr attr = {
		.target_fd = (uint32_t)dir_fd,
		.attach_bpf_fd = (uint32_t)program_fd,
		.attach_type = BPF_CGROUP_DEVICE,
		/* MULTI: the filters of ancestors hold, too */
		.attach_flags = BPF_F_ALLOW_MULTI,
	};
	if (replaced_fd >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)replaced_fd;
	}
	return sys_bpf(BPF_PROG_ATTACH, &attr, sizeof attr);
}

static int detach(int dir_fd, int program_fd)
{
	union bpf_attr attr = {
		.target_fd = (uint32_t)dir_fd,
		.attach_bpf_fd = (uint32_t)program_fd,
		.attach_type = BPF_CGROUP_DEVICE,
	};
	return sys_bpf(BPF_PROG_DETACH, &attr, sizeof attr);
}

static int replace(int dir_fd, int program_fd, const uint32_t *ids, uint32_t n)
{
	if (n == 1) {
		AUTO_CLOSE int old_fd = open_by_id(ids[0]);
		int r = old_fd < 0 ? old_fd : attach(dir_fd, program_fd, old_fd);
		if (r != -EINVAL) /* EINVAL: no BPF_F_REPLACE before 5.6 */
			return r;
	}
	/* filters only take away: with old and new at once nothing is open that should not be */
	int r = attach(dir_fd, program_fd, -1);
	for (uint32_t i = 0; r == 0 && i < n; i++) {
		AUTO_CLOSE int old_fd = open_by_id(ids[i]);
		r = old_fd < 0 ? old_fd : detach(dir_fd, old_fd);
	}
	return r;
}

static int attach_to(
	int dir_fd, const struct device_program *program, bool only_new, struct error *e)
{
	uint32_t ids[MAX_ATTACHED] = { 0 }, n = 0;
	int r = query(dir_fd, ids, &n);
	if (r < 0)
		return error_errno(e, -r, "look at the device filters of the cgroup");
	if (only_new && n > 0)
		return 0;
	AUTO_CLOSE int fd = load_unlimited(program);
	if (fd < 0)
		return error_errno(e, -fd,
			"load the device filter of linux.resources.devices (it needs CAP_BPF and "
			"CAP_NET_ADMIN, or CAP_SYS_ADMIN)");
	r = replace(dir_fd, fd, ids, n);
	return r < 0 ? error_errno(e, -r, "attach the device filter to the cgroup") : 0;
}

int cgroup_attach_device_filter(const struct cgroup_plan *plan, struct error *e)
{
	const struct cgroup_dir *dir = &plan->dirs.v[plan->device_filter_dir];
	AUTO_CLOSE int mount_fd = -1;
	AUTO_CLOSE int dir_fd = -1;
	if (!plan->device_filter.n)
		return 0;
	int r = cgroup_open(dir->hierarchy->mount, true, &mount_fd);
	if (r == 0)
		r = cgroup_open_below(mount_fd, dir->path, &dir_fd);
	if (r < 0)
		return error_errno(e, -r, "open the cgroup %s/%s for its device filter",
			dir->hierarchy->mount, dir->path);
	return attach_to(dir_fd, &plan->device_filter, plan->device_filter_only_new, e);
}
