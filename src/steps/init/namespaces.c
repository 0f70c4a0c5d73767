/* SPDX-License-Identifier: Apache-2.0 */
/* Entering and naming namespaces. Runs as STAGER or INIT: no allocation, no stdio. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "plan/namespace_types.h"
#include "steps/actor.h"
#include "sys/process.h"

/* Needs: nothing. After: /proc/self and ptrace are closed to the namespaces that come next.
 * Mustn't: come before HOST has written the id maps of this process. CVE-2016-9962. */
int act_undumpable(struct actor_context *ctx, const struct step *step)
{
	int r = has_defence(DEFENCE_UNDUMPABLE) ? sys_prctl(PR_SET_DUMPABLE, 0) : 0;
	return r < 0 ? act_failed(ctx, "prctl(PR_SET_DUMPABLE)", r) : 0;
}

/* setns(2) refuses the user namespace that one is in already, and any that the user namespace which
 * was joined before has no rights over: to stay where one is takes none. */
static bool is_own_namespace(struct actor_context *ctx, int fd, int flag)
{
	char path[24] = "self/ns/";
	struct stat theirs, own;
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (namespace_types[t].flag == flag)
			memcpy(path + 8, namespace_types[t].file,
				strlen(namespace_types[t].file) + 1);
	return fstat(fd, &theirs) == 0 && fstatat(ctx->slots[SLOT_PROC], path, &own, 0) == 0 &&
	       theirs.st_ino == own.st_ino && theirs.st_dev == own.st_dev;
}

int act_join_namespace(struct actor_context *ctx, const struct step *step)
{
	int fd = ctx->slots[step->u.ns.slot];
	if (is_own_namespace(ctx, fd, step->u.ns.flag))
		return 0;
	int r = sys_setns(fd, step->u.ns.flag);
	if (r < 0)
		return act_failed(ctx, "setns", r);
	/* the ids of the old namespace mean nothing here; files could not be made with them */
	if (step->u.ns.flag == CLONE_NEWUSER)
		sys_set_ids(0, 0);
	return 0;
}

/* All namespaces of a running container in one call; the kernel enters the user namespace first.
 * setns(2) with a pidfd, Linux 5.8. */
int act_join_container(struct actor_context *ctx, const struct step *step)
{
	int r = sys_setns(ctx->slots[SLOT_JOIN], step->u.ns.flag);
	return r < 0 ? act_failed(ctx, "setns", r) : 0;
}

/* A container without a mount namespace of its own is only chrooted: exec has to be too. */
int act_enter_container_root(struct actor_context *ctx, const struct step *step)
{
	if (fchdir(ctx->slots[SLOT_ROOTFS]) < 0)
		return act_failed(ctx, "fchdir", -errno);
	if (chroot(".") < 0)
		return act_failed(ctx, "chroot", -errno);
	return 0;
}

/* Needs: to stand in the container's cgroup, which becomes the namespace's root. */
int act_cgroup_namespace(struct actor_context *ctx, const struct step *step)
{
	int r = sys_unshare(step->u.ns.flag);
	return r < 0 ? act_failed(ctx, "unshare", r) : 0;
}

int act_hostname(struct actor_context *ctx, const struct step *step)
{
	const char *name = step->u.text.value;
	return sethostname(name, strlen(name)) < 0 ? act_failed(ctx, "sethostname", -errno) : 0;
}

int act_domainname(struct actor_context *ctx, const struct step *step)
{
	const char *name = step->u.text.value;
	return setdomainname(name, strlen(name)) < 0 ? act_failed(ctx, "setdomainname", -errno) : 0;
}

int act_loopback(struct actor_context *ctx, const struct step *step)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* a kernel without IPv4, or a profile that refuses sockets: the container has no network
	 * then */
	if (fd < 0 && (errno == EAFNOSUPPORT || errno == EPERM || errno == EACCES))
		return 0;
	if (fd < 0)
		return act_failed(ctx, "socket", -errno);
	return ioctl(fd, SIOCSIFFLAGS, &lo) < 0 ? act_failed(ctx, "ioctl(SIOCSIFFLAGS)", -errno)
						: 0;
}
