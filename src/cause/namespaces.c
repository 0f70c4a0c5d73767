/* SPDX-License-Identifier: Apache-2.0 */
/* Why namespaces are refused. PURE. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "cause/cause.h"
#include "plan/namespace_types.h"

/* Their names below /proc/sys/user. */
const char *const cause_sysctl_names[OCI_NS_COUNT] = {
	[OCI_NS_PID] = "pid",
	[OCI_NS_NETWORK] = "net",
	[OCI_NS_MOUNT] = "mnt",
	[OCI_NS_IPC] = "ipc",
	[OCI_NS_UTS] = "uts",
	[OCI_NS_USER] = "user",
	[OCI_NS_CGROUP] = "cgroup",
	[OCI_NS_TIME] = "time",
};

/* ENOSPC: namespaces(7), the limits of this user namespace and of each above it */
static struct cause used_up(struct arena *a, const struct process_facts *p, uint64_t flags)
{
	for (int t = 0; t < OCI_NS_COUNT; t++) {
		if (!(flags & (uint64_t)namespace_types[t].flag) || !p->max[t].set || p->max[t].v)
			continue;
		return (struct cause){ arena_printf(a, "user.max_%s_namespaces is 0",
					       cause_sysctl_names[t]),
			arena_printf(a, "as root: sysctl -w user.max_%s_namespaces=15000",
				cause_sysctl_names[t]) };
	}
	/* what is counted further out, and how deep this is, the kernel does not show */
	return (struct cause){
		"as many namespaces are in use as user.max_*_namespaces of this or an outer user "
		"namespace lets, or they are nested 32 deep",
		"on the host, as root: sysctl -w user.max_user_namespaces=65535"
	};
}

static struct cause by_filter(struct arena *a, const char *call)
{
	return (struct cause){ arena_printf(
				       a, "a seccomp filter over this process refuses %s", call),
		"allow clone, clone3, unshare, setns and mount in the outer container's profile "
		"(--security-opt seccomp=unconfined does)" };
}

static bool apparmor_restricts(const struct process_facts *p)
{
	return p->apparmor_restricts.set && p->apparmor_restricts.v && !p->has_sys_admin &&
	       p->apparmor && strncmp(p->apparmor, "unconfined", 10) == 0;
}

static const struct cause by_apparmor = {
	"AppArmor takes the rights of user namespaces from programs without a profile "
	"(kernel.apparmor_restrict_unprivileged_userns is 1)",
	"as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or load a profile with "
	"`userns,` for this program",
};

/* "NAME (enforce)": the profile's name; NULL where none is enforced */
static const char *confinement(struct arena *a, const struct process_facts *p)
{
	const char *mode = p->apparmor ? strstr(p->apparmor, " (enforce)") : NULL;
	return mode ? arena_printf(a, "%.*s", (int)(mode - p->apparmor), p->apparmor) : NULL;
}

#define EDIT_PROFILE                                                                               \
	"in the file that `grep -lr '%s' /etc/apparmor.d` names; load it with apparmor_parser -r"

/* create_user_ns() has EPERM for what it refuses; EACCES is a security module's. */
static struct cause by_security_module(struct arena *a, const struct process_facts *p)
{
	const char *profile = confinement(a, p);
	if (!profile)
		return (struct cause){ "a security module of the kernel has refused it",
			"journalctl -k tells which rule of which one" };
	return (struct cause){
		arena_printf(a,
			"the AppArmor profile \"%s\" over this process has no rule `userns,`",
			profile),
		arena_printf(a, "as root: add it " EDIT_PROFILE, profile)
	};
}

struct cause cause_of_detached_file(struct arena *a, const struct process_facts *p, int err)
{
	const char *profile = err == EACCES ? confinement(a, p) : NULL;
	if (!profile)
		return (struct cause){ 0 };
	return (struct cause){ arena_printf(a,
				       "the AppArmor profile \"%s\" over this process knows no "
				       "file outside of the file system tree",
				       profile),
		arena_printf(a, "as root: add flags=(attach_disconnected) to it, " EDIT_PROFILE,
			profile) };
}

struct cause cause_in_user_namespace(struct arena *a, const struct process_facts *p, int err)
{
	bool is_refusal = err == EPERM || err == EACCES;
	return is_refusal && apparmor_restricts(p) ? by_apparmor : (struct cause){ 0 };
}

#define BY_PIVOT_ROOT "by pivot_root, as bwrap and systemd-nspawn do"

/* pivot_root(2): the root has to be a mount point, and not the kernel's first */
struct cause cause_of_root(const struct process_facts *p, int err)
{
	if (err != EINVAL)
		return (struct cause){ 0 };
	if (p->is_chrooted)
		return (struct cause){ "this process is in a chroot that is no mount point",
			"mount --rbind its directory on itself before, or enter "
			"it " BY_PIVOT_ROOT };
	if (p->is_initramfs)
		return (struct cause){ "the root is the initramfs, which stays where it is",
			"use --no-pivot (DOCKER_RAMDISK=true for dockerd)" };
	return (struct cause){ 0 };
}

/* In the kernel's order: create_user_ns() asks for the root, then for the ids. */
static struct cause forbidden(struct arena *a, const struct process_facts *p, uint64_t flags)
{
	if (p->seccomp && p->newuser_errno != EINVAL && (flags & CLONE_NEWUSER))
		return by_filter(a, "clone with CLONE_NEWUSER");
	if (p->seccomp && p->clone3_errno != EINVAL && p->clone3_errno != ENOSYS)
		return by_filter(a, "clone3");
	if (p->seccomp && p->unshare_errno != EINVAL)
		return by_filter(a, "unshare with CLONE_NEWUSER");
	if (!(flags & CLONE_NEWUSER))
		return (struct cause){ 0 };
	if (p->unprivileged_clone.set && !p->unprivileged_clone.v && !p->has_sys_admin)
		return (struct cause){ "kernel.unprivileged_userns_clone is 0",
			"as root: sysctl -w kernel.unprivileged_userns_clone=1" };
	if (p->is_chrooted)
		return (struct cause){
			"this process is in a chroot, where the kernel makes no user namespaces",
			"enter that root " BY_PIVOT_ROOT
		};
	if (!p->ids_are_mapped)
		return (struct cause){ arena_printf(a,
					       "uid %u or gid %u has no number in the user "
					       "namespace that this process is in",
					       p->euid, p->egid),
			"map it there, or become a user that is mapped" };
	return cause_in_user_namespace(a, p, EPERM);
}

static struct cause missing(struct arena *a, const struct process_facts *p, uint64_t flags)
{
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if ((flags & (uint64_t)namespace_types[t].flag) && !p->kernel_has[t])
			return (struct cause){ arena_printf(a, "this kernel has no %s namespaces",
						       namespace_types[t].name),
				arena_printf(a, "leave `%s` out of linux.namespaces",
					namespace_types[t].name) };
	return (struct cause){ 0 };
}

struct cause cause_of_namespaces(
	struct arena *a, const struct process_facts *p, uint64_t flags, int err)
{
	switch (err) {
	case ENOSPC:
	case EUSERS: /* the same before Linux 4.9 */
		return used_up(a, p, flags);
	case EPERM:
		return forbidden(a, p, flags);
	case EACCES: {
		struct cause c = forbidden(a, p, flags);
		return c.what || !(flags & CLONE_NEWUSER) ? c : by_security_module(a, p);
	}
	case EINVAL:
		return missing(a, p, flags);
	case ENOSYS:
		return p->seccomp && p->newuser_errno == ENOSYS ? by_filter(a, "clone")
								: missing(a, p, flags);
	}
	return (struct cause){ 0 };
}
