/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about this machine for the decisions. Runs as HOST, before anything is changed. */
#include "host/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/identity.h"
#include "base/parse_num.h"
#include "sys/process.h"

static int last_capability(unsigned *ret, struct error *e)
{
	unsigned cap = 40; /* CAP_CHECKPOINT_RESTORE, Linux 5.9: older kernels are not supported */
	int r = 0;
	while (cap + 1 < 64 && (r = sys_prctl(PR_CAPBSET_READ, cap + 1)) >= 0)
		cap++;
	/* a capability overlooked is one that nobody drops */
	if (r < 0 && r != -EINVAL)
		return error_errno(e, -r, "look for the last capability: prctl(PR_CAPBSET_READ)");
	*ret = cap;
	return 0;
}

bool host_setgroups_denied(pid_t pid)
{
	char path[48], text[8] = "";
	snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && fd_read_all(fd, text, sizeof text - 1) >= 4 && !strncmp(text, "deny", 4);
}

unsigned host_listen_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint32_t n, owner;
	if (!fds || !parse_u32(fds, &n) || n > 1024)
		return 0;
	/* conmon and Podman pass LISTEN_FDS on with a LISTEN_PID that is not ours */
	if (pid && !parse_u32(pid, &owner))
		return 0;
	return n;
}

int host_probe(struct host_facts *ret, struct error *e)
{
	struct cap_sets caps;
	unsigned last_cap = 0;
	int r = sys_capget(&caps);
	if (r < 0)
		return error_errno(e, -r, "capget");
	r = last_capability(&last_cap, e);
	if (r < 0)
		return r;
	*ret = (struct host_facts){
		.euid = geteuid(),
		.egid = getegid(),
		.caps = caps.effective,
		.last_cap = last_cap,
		.initial_userns = is_initial_user_namespace(),
		.listen_fds = host_listen_fds(),
	};
	ret->setgroups_denied = !ret->initial_userns && host_setgroups_denied(getpid());
	return 0;
}
