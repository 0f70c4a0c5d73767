/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded facts in, the words behind an error out. Hosts that cannot be made here are among them:
 * Ubuntu's AppArmor, Debian's old switch, kernels without a kind of namespace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "cause/cause.h"

static struct arena arena;

/* What clients take for the cause of a failure: docs/ROOTLESS.md, "Messages". */
static const char *const matched[] = { "permission denied", "operation not permitted",
	"executable file not found", "no such file or directory", "open executable",
	"process already finished", "container not running", "no such process", "does not exist",
	"invalid process", "is a directory", "not a directory" };

static void assert_says(struct cause c, const char *expected)
{
	char text[700] = "";
	if (c.what)
		snprintf(text, sizeof text, "%s%s%s", c.what, c.remedy ? "; " : "",
			c.remedy ? c.remedy : "");
	assert_string_equal(text, expected);
	for (size_t i = 0; i < ARRAY_SIZE(matched); i++)
		assert_null(strcasestr(text, matched[i]));
	/* behind a sentence of 200 characters it still has to fit into an error's text */
	assert_true(strlen(text) < 500);
}

static struct process_facts user(void)
{
	struct process_facts p = {
		.euid = 1000,
		.egid = 1000,
		.initial_userns = true,
		.newuser_errno = EINVAL,
		.clone3_errno = EINVAL,
		.unshare_errno = EINVAL,
		.ids_are_mapped = true,
	};
	for (int t = 0; t < OCI_NS_COUNT; t++) {
		p.kernel_has[t] = true;
		p.max[t] = (struct opt_i64){ true, 15000 };
	}
	return p;
}

static const uint64_t all = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC;

static void test_namespaces(void **state)
{
	struct process_facts p = user();
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), "");
	p.unprivileged_clone = (struct opt_i64){ true, 0 };
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM),
		"kernel.unprivileged_userns_clone is 0; as root: sysctl -w "
		"kernel.unprivileged_userns_clone=1");
	/* it is for users without the right alone, and for user namespaces */
	p.has_sys_admin = true;
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), "");
	p.has_sys_admin = false;
	assert_says(cause_of_namespaces(&arena, &p, CLONE_NEWNS, EPERM), "");
	p = user();
	p.max[OCI_NS_MOUNT].v = 0;
	assert_says(cause_of_namespaces(&arena, &p, all, ENOSPC),
		"user.max_mnt_namespaces is 0; as root: sysctl -w user.max_mnt_namespaces=15000");
	p = user();
	p.kernel_has[OCI_NS_IPC] = false;
	assert_says(cause_of_namespaces(&arena, &p, all, EINVAL),
		"this kernel has no ipc namespaces; leave `ipc` out of linux.namespaces");
	assert_says(cause_of_namespaces(&arena, &p, CLONE_NEWNS, EINVAL), "");
	p = user();
	p.ids_are_mapped = false;
	p.euid = 65534;
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM),
		"uid 65534 or gid 1000 has no number in the user namespace that this process is "
		"in; map it there, or become a user that is mapped");
	p = user();
	p.is_chrooted = true;
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM),
		"this process is in a chroot, where the kernel makes no user namespaces; enter "
		"that "
		"root by pivot_root, as bwrap and systemd-nspawn do");
	/* an errno that has no cause to be seen */
	assert_says(cause_of_namespaces(&arena, &p, all, ENOMEM), "");
}

static void test_root(void **state)
{
	struct process_facts p = user();
	assert_says(cause_of_root(&p, EINVAL), "");
	p.is_initramfs = true;
	assert_says(cause_of_root(&p, EINVAL),
		"the root is the initramfs, which stays where it is; use --no-pivot "
		"(DOCKER_RAMDISK=true for dockerd)");
	assert_says(cause_of_root(&p, EPERM), "");
	p.is_initramfs = false;
	p.is_chrooted = true;
	assert_says(cause_of_root(&p, EINVAL),
		"this process is in a chroot that is no mount point; mount --rbind its directory "
		"on itself before, or enter it by pivot_root, as bwrap and systemd-nspawn do");
}

/* Counted further out than can be looked at. EUSERS: the same before Linux 4.9. */
static void test_namespaces_used_up(void **state)
{
	static const char said[] =
		"as many namespaces are in use as user.max_*_namespaces of this or an outer user "
		"namespace lets, or they are nested 32 deep; on the host, as root: sysctl -w "
		"user.max_user_namespaces=65535";
	struct process_facts p = user();
	assert_says(cause_of_namespaces(&arena, &p, all, ENOSPC), said);
	assert_says(cause_of_namespaces(&arena, &p, all, EUSERS), said);
	/* a limit of 0 on a type that is not asked for is no cause */
	p.max[OCI_NS_NETWORK] = (struct opt_i64){ true, 0 };
	assert_says(cause_of_namespaces(&arena, &p, all, ENOSPC), said);
}

static void test_namespaces_without_the_call(void **state)
{
	static const char filter[] = "a seccomp filter over this process refuses %s; allow clone, "
				     "clone3, unshare, setns "
				     "and mount in the outer container's profile (--security-opt "
				     "seccomp=unconfined does)";
	struct process_facts p = user();
	char text[400];
	/* an old kernel: no filter, but a type that it lacks */
	p.newuser_errno = ENOSYS;
	assert_says(cause_of_namespaces(&arena, &p, all, ENOSYS), "");
	p.kernel_has[OCI_NS_PID] = false;
	assert_says(cause_of_namespaces(&arena, &p, all, ENOSYS),
		"this kernel has no pid namespaces; leave `pid` out of linux.namespaces");
	p.seccomp = 1;
	snprintf(text, sizeof text, filter, "clone");
	assert_says(cause_of_namespaces(&arena, &p, all, ENOSYS), text);
	p = user();
	p.seccomp = 1;
	p.clone3_errno = EPERM;
	snprintf(text, sizeof text, filter, "clone3");
	assert_says(cause_of_namespaces(&arena, &p, CLONE_NEWNS, EPERM), text);
}

static void test_filters(void **state)
{
	static const char fix[] =
		"; allow clone, clone3, unshare, setns and mount in the outer container's profile "
		"(--security-opt seccomp=unconfined does)";
	struct process_facts p = user();
	char text[400];
	p.newuser_errno = EPERM;
	/* without a filter it is none */
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), "");
	p.seccomp = 1;
	snprintf(text, sizeof text, "%s%s",
		"a seccomp filter over this process refuses clone with CLONE_NEWUSER", fix);
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), text);
	p.newuser_errno = EINVAL;
	/* a filter that looks the other way is not the cause */
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), "");
	p.clone3_errno = ENOSYS; /* clone takes its place */
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), "");
	p.unshare_errno = EPERM;
	snprintf(text, sizeof text, "%s%s",
		"a seccomp filter over this process refuses unshare with CLONE_NEWUSER", fix);
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), text);
}

static void test_apparmor(void **state)
{
	static const char said[] =
		"AppArmor takes the rights of user namespaces from programs without a profile "
		"(kernel.apparmor_restrict_unprivileged_userns is 1); as root: sysctl -w "
		"kernel.apparmor_restrict_unprivileged_userns=0, or load a profile with `userns,` "
		"for this program";
	struct process_facts p = user();
	p.apparmor_restricts = (struct opt_i64){ true, 1 };
	assert_says(cause_in_user_namespace(&arena, &p, EPERM), ""); /* no AppArmor */
	p.apparmor = "unconfined";
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), said);
	assert_says(cause_in_user_namespace(&arena, &p, EACCES), said);
	assert_says(cause_in_user_namespace(&arena, &p, ENOENT), "");
	p.apparmor = "oci-rt (unconfined)";
	assert_says(cause_in_user_namespace(&arena, &p, EPERM), "");
	p.apparmor = "unconfined";
	p.apparmor_restricts.v = 0;
	assert_says(cause_in_user_namespace(&arena, &p, EPERM), "");
}

static void test_security_modules(void **state)
{
	static const char profile[] =
		"the AppArmor profile \"a b\" over this process has no rule `userns,`; as root: "
		"add it "
		"in the file that `grep -lr 'a b' /etc/apparmor.d` names; load it with "
		"apparmor_parser -r";
	static const char detached[] =
		"the AppArmor profile \"a b\" over this process knows no file outside of the file "
		"system tree; as root: add flags=(attach_disconnected) to it, in the file that "
		"`grep -lr 'a b' /etc/apparmor.d` names; load it with apparmor_parser -r";
	struct process_facts p = user();
	assert_says(cause_of_namespaces(&arena, &p, all, EACCES),
		"a security module of the kernel has refused it; journalctl -k tells which rule of "
		"which one");
	assert_says(cause_of_namespaces(&arena, &p, CLONE_NEWNS, EACCES), "");
	assert_says(cause_of_detached_file(&arena, &p, EACCES), "");
	p.apparmor = "a b (complain)";
	assert_says(cause_of_detached_file(&arena, &p, EACCES), "");
	p.apparmor = "a b (enforce)";
	assert_says(cause_of_namespaces(&arena, &p, all, EACCES), profile);
	assert_says(cause_of_namespaces(&arena, &p, all, EPERM), "");
	assert_says(cause_of_detached_file(&arena, &p, EACCES), detached);
	assert_says(cause_of_detached_file(&arena, &p, EPERM), "");
}

static void test_helpers(void **state)
{
	struct helper_facts h = { .name = "newuidmap",
		.path = "/usr/bin/newuidmap",
		.is_setuid_root = true,
		.bound_has_set_id = true,
		.bound_has_sys_admin = true };
	assert_says(cause_of_helper(&arena, &h), "");
	h.bound_has_sys_admin = false;
	assert_says(cause_of_helper(&arena, &h),
		"/usr/bin/newuidmap is setuid root and remains it, for which it needs "
		"CAP_SYS_ADMIN, which is not in the bounding set; as root: chmod u-s "
		"/usr/bin/newuidmap && setcap cap_setuid+ep /usr/bin/newuidmap");
	h.becomes_caller = true;
	assert_says(cause_of_helper(&arena, &h), "");
	h.bound_has_set_id = false;
	assert_says(cause_of_helper(&arena, &h),
		"/usr/bin/newuidmap cannot get CAP_SETUID, which is not in the bounding set; let "
		"the outer container keep this capability");
	h.bound_has_set_id = true;
	h.is_setuid_root = false;
	assert_says(cause_of_helper(&arena, &h),
		"/usr/bin/newuidmap is neither setuid root nor has it file capabilities; as root: "
		"chown root /usr/bin/newuidmap && chmod u+s /usr/bin/newuidmap");
	h.has_file_caps = true; /* Fedora's */
	assert_says(cause_of_helper(&arena, &h), "");
	h.on_nosuid = true;
	h.mount = "/usr";
	assert_says(cause_of_helper(&arena, &h),
		"/usr/bin/newuidmap lies on a mount with nosuid; as root: mount -o "
		"remount,bind,suid /usr");
	h.no_new_privs = true;
	assert_says(cause_of_helper(&arena, &h),
		"no_new_privs is set here, so /usr/bin/newuidmap gets no rights; start this "
		"process without it: NoNewPrivileges=no of its service, allowPrivilegeEscalation: "
		"true of its pod");
	h.path = NULL;
	assert_says(cause_of_helper(&arena, &h),
		"newuidmap is not installed; as root: apt-get install uidmap (elsewhere "
		"shadow-utils)");
}

static void test_ranges(void **state)
{
	struct subid_file_facts uids = { "/etc/subuid", "--add-subuids", "alice", 1, 65536, 100000,
		165536 };
	struct subid_file_facts gids = { "/etc/subgid", "--add-subgids", "alice", 1, 65536, 100000,
		90000 };
	assert_says(cause_of_no_range(&arena, &uids, &gids), "");
	uids.n_ranges = 0;
	assert_says(cause_of_no_range(&arena, &uids, &gids),
		"alice has no range in /etc/subuid; as root: usermod --add-subuids 165536-231071 "
		"alice");
	gids.n_ranges = 0;
	assert_says(cause_of_no_range(&arena, &uids, &gids),
		"alice has no range in /etc/subuid and /etc/subgid; as root: usermod "
		"--add-subuids 165536-231071 --add-subgids 100000-165535 alice");
	uids.n_ranges = 1;
	assert_says(cause_of_no_range(&arena, &uids, &gids),
		"alice has no range in /etc/subgid; as root: usermod --add-subgids 100000-165535 "
		"alice");
}

static void test_maps(void **state)
{
	static const char own[] = "         0       1000          1\n"
				  "         1     100000      65536\n";
	assert_says(cause_of_map(&arena, own, false, 0, 1), "");
	assert_says(cause_of_map(&arena, own, true, 1, 65536), "");
	assert_says(cause_of_map(&arena, own, true, 2, 65536),
		"the user namespace that this process is in has no gids 2 to 65537, but 0 to 0, 1 "
		"to 65536; map ids as they are called in here (/proc/self/uid_map)");
	assert_says(
		cause_of_map(&arena, "         0          0 4294967295\n", false, 0, UINT32_MAX),
		"");
	assert_says(cause_of_map(&arena, "", false, 5, 1),
		"the user namespace that this process is in has no uids 5 to 5, but none; map ids "
		"as they are called in here (/proc/self/uid_map)");
}

#define ROOT_LINE "20 1 8:1 / / rw - ext4 /dev/vda rw\n"
#define PROC	  "21 20 0:5 / /proc rw,nosuid - proc proc rw\n"

static void test_sysctls(void **state)
{
	static const char ro[] = ROOT_LINE PROC "22 21 0:5 /sys /proc/sys ro - proc proc rw\n";
	const char *path = "sys/net/ipv4/ping_group_range";
	assert_says(cause_of_sysctl(&arena, ro, path, EXDEV),
		"an outer container has mounted /proc/sys, so that nobody writes there; leave this "
		"sysctl out (containers.conf: default_sysctls = []), or run the outer container "
		"with --security-opt unmask=ALL (Podman), --security-opt systempaths=unconfined "
		"(Docker), procMount: Unmasked (Kubernetes)");
	assert_says(cause_of_sysctl(&arena, ro, path, EINVAL), "");
	assert_says(cause_of_sysctl(&arena, ROOT_LINE PROC, path, EXDEV), "");
	assert_says(cause_of_sysctl(&arena, ro, "sysother", EXDEV), "");
}

static void test_masks(void **state)
{
	static const struct {
		const char *mountinfo, *type, *mask;
		bool read_only;
	} cases[] = {
		{ ROOT_LINE PROC, "proc", NULL, false },
		/* a place that the kernel keeps for it */
		{ ROOT_LINE PROC "22 21 0:6 / /proc/sys/fs/binfmt_misc rw - autofs none rw\n",
			"proc", NULL, false },
		/* Docker's and Podman's masks */
		{ ROOT_LINE PROC "22 21 0:6 / /proc/acpi ro - tmpfs tmpfs ro\n", "proc",
			"/proc/acpi", false },
		{ ROOT_LINE PROC "22 21 0:7 /null /proc/kcore rw - tmpfs tmpfs rw\n", "proc",
			"/proc/kcore", false },
		/* one that is whole is enough, wherever it is */
		{ ROOT_LINE PROC "22 21 0:6 / /proc/acpi ro - tmpfs tmpfs ro\n"
				 "23 20 0:5 / /mnt/p\\040q rw - proc proc rw\n",
			"proc", NULL, false },
		/* and a part of one shows nothing */
		{ ROOT_LINE "22 20 0:5 /sys /proc/sys ro - proc proc rw\n", "proc", NULL, false },
		{ ROOT_LINE "21 20 0:5 / /proc ro - proc proc rw\n", "proc", "/proc", false },
		{ ROOT_LINE "21 20 0:5 / /proc ro - proc proc rw\n", "proc", NULL, true },
		{ ROOT_LINE "21 20 0:5 / /sys ro - sysfs sysfs rw\n"
			    "22 21 0:6 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n"
			    "23 22 0:6 / /sys/fs/cgroup/pids ro - cgroup cgroup ro\n",
			"sysfs", NULL, true },
		{ ROOT_LINE "21 20 0:5 / /sys ro - sysfs sysfs rw\n"
			    "22 21 0:6 / /sys/firmware ro - tmpfs tmpfs ro\n",
			"sysfs", "/sys/firmware", true },
		{ "", "sysfs", NULL, false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *mask =
			cause_mask(&arena, cases[i].mountinfo, cases[i].type, cases[i].read_only);
		if (!cases[i].mask || !mask)
			assert_ptr_equal(mask, cases[i].mask);
		else
			assert_string_equal(mask, cases[i].mask);
	}
}

static void test_mounts(void **state)
{
	const struct mount_facts m = {
		.mountinfo = ROOT_LINE PROC "22 21 0:6 / /proc/acpi ro - tmpfs tmpfs ro\n"
					    "23 20 0:9 / /srv/data rw - ext4 /dev/vdb rw\n",
		.filesystems = "nodev\tproc\nnodev\tsysfs\n\text4\nnodev\tmqueue\n",
		.euid = 1000,
	};
	struct mount_question q = {
		.type = "proc", .in_userns = true, .namespaces = all, .err = EPERM
	};
	assert_says(cause_of_mount(&arena, &m, &q),
		"the outer /proc is masked by the mount on /proc/acpi, and a new one would show "
		"what that hides; run the outer container with --security-opt unmask=ALL (Podman), "
		"--security-opt systempaths=unconfined (Docker), procMount: Unmasked "
		"(Kubernetes), or this one in the outer's PID namespace with its /proc (podman "
		"--pid=host)");
	q.in_userns = false;
	assert_says(cause_of_mount(&arena, &m, &q), "");
	q.in_userns = true;
	q.type = "cgroup2";
	assert_says(cause_of_mount(&arena, &m, &q),
		"cgroup2 shows a cgroup namespace, and this container has that of the host; add "
		"{\"type\":\"cgroup\"} to linux.namespaces, or bind the host's");
	q.type = "ext4";
	assert_says(cause_of_mount(&arena, &m, &q),
		"ext4 needs a block device, and no user namespace may mount one; mount it on the "
		"host and bind it");
	q.type = "overlay";
	assert_says(cause_of_mount(&arena, &m, &q), "");
	q.err = ENODEV;
	assert_says(cause_of_mount(&arena, &m, &q),
		"the kernel has no file system overlay loaded; as root: modprobe overlay");
	q.type = "ext4";
	assert_says(cause_of_mount(&arena, &m, &q), "");
	q = (struct mount_question){ .source = "/srv", .in_userns = true, .err = EINVAL };
	assert_says(cause_of_mount(&arena, &m, &q),
		"a user namespace cannot take it without the mount on /srv/data, which may hide "
		"something; use the option rbind");
	q.source = "/srv/data";
	assert_says(cause_of_mount(&arena, &m, &q), "");
	q = (struct mount_question){ .source = "/proc/sys", .in_userns = true, .err = EPERM };
	assert_says(cause_of_mount(&arena, &m, &q), "");
	q.cleared = "ro,nosuid";
	assert_says(cause_of_mount(&arena, &m, &q),
		"the mount on /proc has nosuid, which a user namespace may not take away; add the "
		"option nosuid");
	q.cleared = "ro";
	assert_says(cause_of_mount(&arena, &m, &q), "");
	q = (struct mount_question){ .source = "/srv", .in_userns = true, .err = EINVAL };
	q.source = "/srv";
	q.recursive = true;
	assert_says(cause_of_mount(&arena, &m, &q), "");
}

static void test_limits(void **state)
{
	struct limit_facts l = { .hard = 4096, .nr_open = 1048576, .oom_score_adj = { true, 200 } };
	assert_says(cause_of_rlimit(&arena, &l, "RLIMIT_NPROC", 4096), "");
	assert_says(cause_of_rlimit(&arena, &l, "RLIMIT_NPROC", UINT64_MAX),
		"the hard limit here is 4096, and more takes CAP_SYS_RESOURCE; ask for at most "
		"4096, or give --degrade=rlimits to make do with it");
	assert_says(cause_of_rlimit(&arena, &l, "RLIMIT_NOFILE", 2000000),
		"fs.nr_open is 1048576; ask for at most that, or as root: sysctl -w "
		"fs.nr_open=2000000");
	assert_says(cause_of_oom_score(&arena, &l, 200), "");
	assert_says(cause_of_oom_score(&arena, &l, 0),
		"it is 200 here, and less takes CAP_SYS_RESOURCE; ask for at least 200, or give "
		"--degrade=oom-score to make do with it");
	assert_says(cause_of_no_process(&arena, &l), "");
	l.full_cgroup = "/sys/fs/cgroup/job";
	l.pids_max = 20;
	assert_says(cause_of_no_process(&arena, &l),
		"the cgroup /sys/fs/cgroup/job holds as many processes as its pids.max of 20 lets; "
		"as root: echo max > /sys/fs/cgroup/job/pids.max");
	l.has_sys_resource = true;
	assert_says(cause_of_rlimit(&arena, &l, "RLIMIT_NPROC", UINT64_MAX), "");
	assert_says(cause_of_oom_score(&arena, &l, 0), "");
}

static void test_mknod(void **state)
{
	struct process_facts p = user();
	assert_says(cause_of_mknod(&arena, &p, EPERM),
		"CAP_MKNOD is not held here; run the outer container with --cap-add MKNOD, or bind "
		"the host's node");
	assert_says(cause_of_mknod(&arena, &p, EEXIST), "");
	p.has_mknod = true;
	assert_says(cause_of_mknod(&arena, &p, EPERM), "");
}

static void test_cgroup_moves(void **state)
{
	struct move_facts m = {
		.own = "/sys/fs/cgroup/user.slice/session-1.scope",
		.target = "/sys/fs/cgroup/user.slice/mine/c1",
		.common = "/sys/fs/cgroup/user.slice",
	};
	assert_says(cause_of_cgroup_move(&arena, &m, EACCES),
		"to come from /sys/fs/cgroup/user.slice/session-1.scope to "
		"/sys/fs/cgroup/user.slice/mine/c1 takes write access to cgroup.procs in "
		"/sys/fs/cgroup/user.slice, which belongs to uid 0; start it in a cgroup that is "
		"delegated to this user");
	m.has_user_systemd = true;
	assert_says(cause_of_cgroup_move(&arena, &m, EACCES),
		"to come from /sys/fs/cgroup/user.slice/session-1.scope to "
		"/sys/fs/cgroup/user.slice/mine/c1 takes write access to cgroup.procs in "
		"/sys/fs/cgroup/user.slice, which belongs to uid 0; start it by `systemd-run "
		"--user --scope -p Delegate=yes`, or give --systemd-cgroup");
	assert_says(cause_of_cgroup_move(&arena, &m, EBUSY), "");
	m.may_write_common = true;
	assert_says(cause_of_cgroup_move(&arena, &m, EACCES), "");
}

static int make_arena(void **state)
{
	arena_init(&arena);
	return 0;
}

static int free_arena(void **state)
{
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_namespaces),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_namespaces_used_up),
		cmocka_unit_test(test_namespaces_without_the_call),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_apparmor),
		cmocka_unit_test(test_security_modules),
		cmocka_unit_test(test_helpers),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_sysctls),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_masks),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_mknod),
		cmocka_unit_test(test_cgroup_moves),
	};
	return cmocka_run_group_tests(tests, make_arena, free_arena);
}
