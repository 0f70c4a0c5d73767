/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that the kernel has to do for what a container runtime does: no JSON, no checks, no
 * words. Times of runtimes are given as ratios to it.
 *
 *   floor run ROOTFS CGROUP...         as root, what `oci-rt spec` asks for, /bin/true in it
 *   floor rootless ROOTFS SUBUID       the same as a user, ids mapped by newuidmap and newgidmap
 *   floor map ROOTFS SUBUID            what these two helpers cost by themselves
 *   floor exec PID CGROUP              /bin/true in the namespaces and the v2 cgroup of PID
 *   floor state FILE                   read a file, write it to standard output
 *
 * CGROUP: a directory to be made, entered and removed. The first, where it lies in a cgroup2 mount,
 * is entered by clone3; others by cgroup.procs, as on hybrid hosts. "-": none.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static long check(long r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
		_exit(99);
	}
	return r;
}
#define CHECK(x) check((long)(x), #x)

/* options: name and value in turns, NULL at the end; a flag has the value NULL */
static int new_mount(const char *type, const char *const *options, size_t n, unsigned attributes)
{
	int fs = (int)CHECK(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
	for (size_t i = 0; i + 1 < n; i += 2)
		CHECK(syscall(SYS_fsconfig, fs,
			options[i + 1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[i],
			options[i + 1], 0));
	CHECK(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	int mount = (int)CHECK(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes));
	close(fs);
	return mount;
}

static void put(int mount, int dir, const char *name)
{
	CHECK(syscall(SYS_move_mount, mount, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH));
	close(mount);
}

static int copy(int dir, const char *name, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dir, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

enum {
	QUIET = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV,
};
#define COUNT(v) (sizeof(v) / sizeof *(v))
#define NEW(type, attr, ...)                                                                       \
	new_mount(type, (const char *[]){ __VA_ARGS__ },                                           \
		sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), attr)

static int make_dev(int root, bool is_rootless)
{
	static const struct {
		const char *name;
		int major, minor;
	} nodes[] = { { "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 },
		{ "urandom", 1, 9 }, { "tty", 5, 0 } };
	static const char *const links[][2] = { { "/proc/self/fd", "fd" },
		{ "/proc/self/fd/0", "stdin" }, { "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" }, { "pts/ptmx", "ptmx" },
		{ "/proc/kcore", "core" } };
	put(NEW("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, "mode", "755", "size",
		    "65536k"),
		root, "dev");
	int dev = openat(root, "dev", O_PATH | O_CLOEXEC);
	mkdirat(dev, "pts", 0755);
	mkdirat(dev, "shm", 0755);
	mkdirat(dev, "mqueue", 0755);
	put(NEW("devpts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, "newinstance", NULL, "ptmxmode",
		    "0666", "mode", "0620", "gid", is_rootless ? "0" : "5"),
		dev, "pts");
	put(NEW("tmpfs", QUIET, "mode", "1777", "size", "65536k"), dev, "shm");
	put(NEW("mqueue", QUIET, NULL), dev, "mqueue");
	mode_t mask = umask(0);
	for (size_t i = 0; i < COUNT(nodes); i++) {
		if (is_rootless) {
			char path[32];
			snprintf(path, sizeof path, "/dev/%s", nodes[i].name);
			int source = (int)CHECK(copy(AT_FDCWD, path, 0));
			close(openat(dev, nodes[i].name, O_CREAT | O_CLOEXEC, 0644));
			put(source, dev, nodes[i].name);
		} else {
			CHECK(mknodat(dev, nodes[i].name, S_IFCHR | 0666,
				makedev(nodes[i].major, nodes[i].minor)));
		}
	}
	umask(mask);
	for (size_t i = 0; i < COUNT(links); i++)
		CHECK(symlinkat(links[i][0], dev, links[i][1]));
	return dev;
}

static void hide(int root, int dev)
{
	static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys",
		"proc/sysrq-trigger" };
	static const char *const masked[] = { "proc/acpi", "proc/asound", "proc/kcore", "proc/keys",
		"proc/latency_stats", "proc/timer_list", "proc/timer_stats", "proc/sched_debug",
		"sys/firmware", "proc/scsi" };
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	int empty = -1;
	for (size_t i = 0; i < COUNT(read_only); i++) {
		int tree = copy(root, read_only[i], AT_RECURSIVE);
		if (tree < 0)
			continue;
		CHECK(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
			sizeof attr));
		put(tree, root, read_only[i]);
	}
	for (size_t i = 0; i < COUNT(masked); i++) {
		struct stat st;
		if (fstatat(root, masked[i], &st, 0) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && empty < 0) {
			/* put first: Linux before 6.15 copies no mount that is nowhere */
			put(NEW("tmpfs", MOUNT_ATTR_RDONLY, "size", "0"), root, masked[i]);
			empty = openat(root, masked[i], O_PATH | O_CLOEXEC);
			continue;
		}
		int tree =
			S_ISDIR(st.st_mode) ? copy(empty, "", AT_EMPTY_PATH) : copy(dev, "null", 0);
		put((int)CHECK(tree), root, masked[i]);
	}
	CHECK(syscall(SYS_mount_setattr, root, "", AT_EMPTY_PATH, &attr, sizeof attr));
}

static void bring_up_loopback(void)
{
	int fd = (int)CHECK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	CHECK(ioctl(fd, SIOCSIFFLAGS, &request));
	close(fd);
}

static void drop_rights(void)
{
	const unsigned keep = 1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap > 31 || !(keep >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { keep, keep, 0 }, { 0, 0, 0 } };
	CHECK(syscall(SYS_capset, &header, data));
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void execute_true(void)
{
	char *argv[] = { "/bin/true", NULL }, *envp[] = { "PATH=/bin", NULL };
	execve(argv[0], argv, envp);
	CHECK(-1);
}

static void be_container(const char *rootfs, bool is_rootless)
{
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	int tree = (int)CHECK(copy(AT_FDCWD, rootfs, AT_RECURSIVE));
	put(tree, AT_FDCWD, rootfs);
	CHECK(chdir(rootfs));
	int root = open(".", O_PATH | O_CLOEXEC);
	put(NEW("proc", 0, NULL), root, "proc");
	int dev = make_dev(root, is_rootless);
	put(NEW("sysfs", QUIET | MOUNT_ATTR_RDONLY, NULL), root, "sys");
	put(NEW("cgroup2", QUIET | MOUNT_ATTR_RDONLY, NULL), root, "sys/fs/cgroup");
	hide(root, dev);
	bring_up_loopback();
	CHECK(sethostname("floor", 5));
	CHECK(syscall(SYS_pivot_root, ".", "."));
	CHECK(umount2(".", MNT_DETACH));
	CHECK(chdir("/"));
	struct rlimit limit = { 1024, 1024 };
	CHECK(setrlimit(RLIMIT_NOFILE, &limit));
	drop_rights();
	execute_true();
}

static pid_t spawn(unsigned long long flags, int cgroup)
{
	struct clone_args args = { .flags = flags | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
		.exit_signal = SIGCHLD,
		.cgroup = cgroup >= 0 ? (unsigned)cgroup : 0 };
	return (pid_t)CHECK(syscall(SYS_clone3, &args, sizeof args));
}

static int wait_for(pid_t pid)
{
	int status;
	CHECK(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static bool is_v2(int fd)
{
	struct statfs fs;
	CHECK(fstatfs(fd, &fs));
	return fs.f_type == CGROUP2_SUPER_MAGIC;
}

static void enter(int cgroup, pid_t pid)
{
	char text[16];
	int fd = (int)CHECK(openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC));
	int n = snprintf(text, sizeof text, "%d", pid);
	CHECK(write(fd, text, (size_t)n));
	close(fd);
}

enum {
	NAMESPACES = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
	MAX_CGROUPS = 32
};

static int run(const char *rootfs, char **cgroups)
{
	int fds[MAX_CGROUPS], go[2];
	size_t n = 0;
	for (; cgroups[n] && strcmp(cgroups[n], "-") != 0 && n < MAX_CGROUPS; n++) {
		CHECK(mkdir(cgroups[n], 0755));
		fds[n] = (int)CHECK(open(cgroups[n], O_DIRECTORY | O_CLOEXEC));
	}
	size_t first = n > 0 && is_v2(fds[0]);
	if (n > first)
		CHECK(pipe2(go, O_CLOEXEC));
	pid_t pid = spawn(NAMESPACES | CLONE_NEWCGROUP, first ? fds[0] : -1);
	if (pid == 0) {
		char byte;
		if (n > first)
			CHECK(read(go[0], &byte, 1));
		be_container(rootfs, false);
	}
	for (size_t i = first; i < n; i++)
		enter(fds[i], pid);
	if (n > first)
		CHECK(write(go[1], "", 1));
	int status = wait_for(pid);
	for (size_t i = 0; i < n; i++)
		CHECK(rmdir(cgroups[i]));
	return status;
}

static void map(const char *helper, pid_t pid, unsigned own, const char *first)
{
	char target[16], outside[16];
	snprintf(target, sizeof target, "%d", pid);
	snprintf(outside, sizeof outside, "%u", own);
	pid_t child = vfork();
	if (child == 0) {
		execlp(helper, helper, target, "0", outside, "1", "1", first, "65535", NULL);
		_exit(99);
	}
	if (wait_for(child) != 0)
		_exit(99);
}

static int rootless(const char *rootfs, const char *subuid, bool is_map_only)
{
	int go[2];
	CHECK(pipe2(go, O_CLOEXEC));
	pid_t pid = spawn(
		is_map_only ? CLONE_NEWUSER : CLONE_NEWUSER | NAMESPACES | CLONE_NEWCGROUP, -1);
	if (pid == 0) {
		char byte;
		CHECK(read(go[0], &byte, 1));
		if (is_map_only)
			_exit(0);
		CHECK(setresuid(0, 0, 0));
		be_container(rootfs, true);
	}
	map("newuidmap", pid, getuid(), subuid);
	map("newgidmap", pid, getgid(), subuid);
	CHECK(write(go[1], "", 1));
	return wait_for(pid);
}

static int exec(pid_t target, const char *cgroup)
{
	int pidfd = (int)CHECK(syscall(SYS_pidfd_open, target, 0));
	int fd = strcmp(cgroup, "-") ? (int)CHECK(open(cgroup, O_DIRECTORY | O_CLOEXEC)) : -1;
	CHECK(setns(pidfd, NAMESPACES));
	pid_t pid = spawn(0, fd);
	if (pid == 0) {
		drop_rights();
		execute_true();
	}
	return wait_for(pid);
}

static int state(const char *file)
{
	char text[65536];
	int fd = (int)CHECK(open(file, O_RDONLY | O_CLOEXEC));
	ssize_t n = CHECK(read(fd, text, sizeof text));
	CHECK(write(STDOUT_FILENO, text, (size_t)n));
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";
	if (!strcmp(mode, "run") && argc > 3)
		return run(argv[2], argv + 3);
	if (!strcmp(mode, "rootless") && argc > 3)
		return rootless(argv[2], argv[3], false);
	if (!strcmp(mode, "map") && argc > 3)
		return rootless(argv[2], argv[3], true);
	if (!strcmp(mode, "exec") && argc > 3)
		return exec(atoi(argv[2]), argv[3]);
	if (!strcmp(mode, "state"))
		return state(argv[2]);
	fputs("usage: floor run ROOTFS CGROUP... | rootless ROOTFS SUBUID | map ROOTFS SUBUID | "
	      "exec PID CGROUP | state FILE\n",
		stderr);
	return 2;
}
