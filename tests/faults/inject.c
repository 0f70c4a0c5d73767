/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command and makes one system call of its process tree fail, or be the moment of a signal.
 * Used by matrix.py; x86-64 alone.
 *
 *   inject record FILE COMMAND...                         every call: "ROLE NAME K WHO"
 *   inject fail ROLE NAME K ERRNO FILE COMMAND...         the K-th call NAME of ROLE fails
 *   inject signal ROLE NAME K SIGNAL FILE COMMAND...      ROLE gets the signal as it enters that
 * call
 *
 * With INJECT_ATTACH=PID that process, role "init", is traced too. Roles: "host" is the command,
 * "host.2" its second child. A process is left alone from the moment when it executes anything but
 * the command's own program (the container's process, hooks), and all are after the fault. One that
 * executes a set-uid program is left as it asks for that: traced, it would not get the rights. FILE
 * says "hit", "missed" or "hang" afterwards. Exit status: the command's; 128 and the signal; 255:
 * hang.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { N_CALLS = 512, MAX_TRACEES = 64, ROLE_SIZE = 64, HANG_SECONDS = 5 };
enum mode { RECORD, FAIL, SIGNAL };

struct tracee {
	pid_t pid;
	char role[ROLE_SIZE]; /* empty: it has stopped before its parent's fork was told */
	bool is_injected;
	unsigned children;
	unsigned counts[N_CALLS];
	unsigned long long argument;
	unsigned long loader_start, loader_end;
};

static struct {
	enum mode mode;
	const char *role;
	int call;
	unsigned k;
	int number; /* errno or signal */
	FILE *report;
	pid_t root;
	struct stat program;
	bool is_hit, is_user;
	struct tracee tracees[MAX_TRACEES];
} run;

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(254);
}

static struct tracee *find(pid_t pid)
{
	for (size_t i = 0; i < MAX_TRACEES; i++)
		if (run.tracees[i].pid == pid)
			return &run.tracees[i];
	return NULL;
}

static struct tracee *add(pid_t pid)
{
	struct tracee *t = find(0);
	if (!t)
		die("too many processes");
	*t = (struct tracee){ .pid = pid };
	return t;
}

/* Where the dynamic loader's code is: what it asks for is not the runtime's. */
static void find_loader(struct tracee *t)
{
	char path[64], line[512], mode[8], name[256];
	unsigned long from, to;
	snprintf(path, sizeof path, "/proc/%d/maps", t->pid);
	FILE *f = fopen(path, "re");
	t->loader_start = t->loader_end = 0;
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &from, &to, mode, name) == 4 &&
			strstr(name, "/ld-")) {
			t->loader_start = t->loader_start ? t->loader_start : from;
			t->loader_end = to;
		}
	if (f)
		fclose(f);
}

static bool is_in_loader(const struct tracee *t, unsigned long at)
{
	return at >= t->loader_start && at < t->loader_end;
}

/* The command's own program, or the copy of it that the runtime executes? */
static bool is_runtime(pid_t pid)
{
	char path[64], target[64];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	if (stat(path, &st) == 0 && st.st_ino == run.program.st_ino)
		return true;
	ssize_t n = readlink(path, target, sizeof target - 1);
	target[n > 0 ? n : 0] = '\0';
	return strncmp(target, "/memfd:oci-rt", 13) == 0;
}

static void go_on(struct tracee *t, int signal)
{
	/* it may have been killed */
	if (ptrace(PTRACE_SYSCALL, t->pid, 0, (long)signal) < 0 && errno != ESRCH)
		die("PTRACE_SYSCALL");
}

static void leave(struct tracee *t, int signal)
{
	ptrace(PTRACE_DETACH, t->pid, 0, (long)signal);
	t->pid = 0;
}

static void replace_call(struct tracee *t, int call)
{
	struct user_regs_struct regs;
	if (ptrace(PTRACE_GETREGS, t->pid, 0, &regs) < 0)
		return;
	if (call == SCMP_SYS(brk)) { /* never an errno: the break as it is */
		t->argument = regs.rdi;
		regs.rdi = 0;
	} else if (call != SCMP_SYS(close)) /* gives the descriptor back whatever it answers */
		regs.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, t->pid, 0, &regs);
}

static void replace_result(struct tracee *t)
{
	struct user_regs_struct regs;
	if (ptrace(PTRACE_GETREGS, t->pid, 0, &regs) < 0)
		return;
	if (run.call == SCMP_SYS(brk))
		regs.rdi = t->argument; /* the caller counts on it */
	else
		regs.rax = (unsigned long long)-run.number;
	ptrace(PTRACE_SETREGS, t->pid, 0, &regs);
}

static void record(const struct tracee *t, int call, unsigned long at)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);
	fprintf(run.report, "%s %s %u %s\n", t->role, name ? name : "unknown", t->counts[call],
		is_in_loader(t, at) ? "loader" : "runtime");
	free(name);
}

/* newuidmap and newgidmap have that bit, or rights of the file. */
static bool is_privileged(const char *path)
{
	struct stat st;
	char rights[64];
	return (stat(path, &st) == 0 && st.st_mode & S_ISUID) ||
	       getxattr(path, "security.capability", rights, sizeof rights) > 0;
}

static bool executes_privileged(const struct tracee *t, int call, unsigned long path)
{
	char text[256] = { 0 };
	struct iovec here = { text, sizeof text - 1 }, there = { (void *)path, sizeof text - 1 };
	return run.is_user && call == SCMP_SYS(execve) &&
	       process_vm_readv(t->pid, &here, 1, &there, 1, 0) > 0 && is_privileged(text);
}

/* True: t is not traced any longer. */
static bool entered(struct tracee *t, int call, unsigned long at, unsigned long first)
{
	if (call < 0 || call >= N_CALLS)
		return false;
	t->counts[call]++;
	if (run.mode == RECORD)
		record(t, call, at);
	if (run.mode == RECORD || run.is_hit || call != run.call || t->counts[call] != run.k ||
		strcmp(t->role, run.role) != 0) {
		bool is_left = executes_privileged(t, call, first);
		if (is_left)
			leave(t, 0);
		return is_left;
	}
	run.is_hit = true;
	if (run.mode == SIGNAL) {
		kill(t->pid, run.number);
		leave(t, 0);
		return true;
	}
	t->is_injected = true;
	replace_call(t, call);
	return false;
}

static void call_stop(struct tracee *t)
{
	struct __ptrace_syscall_info info;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof info, &info) < 0) {
		go_on(t, 0);
		return;
	}
	if (t->is_injected && info.op == PTRACE_SYSCALL_INFO_EXIT) {
		replace_result(t);
		leave(t, 0);
		return;
	}
	if (run.is_hit && !t->is_injected) {
		leave(t, 0);
		return;
	}
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY &&
		entered(t, (int)info.entry.nr, info.instruction_pointer,
			(unsigned long)info.entry.args[0]))
		return;
	go_on(t, 0);
}

static void forked(struct tracee *parent)
{
	unsigned long message;
	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, 0, &message) < 0)
		return;
	struct tracee *child = find((pid_t)message);
	bool waits = child != NULL;
	if (!child)
		child = add((pid_t)message);
	if (snprintf(child->role, ROLE_SIZE, "%s.%u", parent->role, ++parent->children) >=
		ROLE_SIZE)
		die("too deep a tree");
	child->loader_start = parent->loader_start;
	child->loader_end = parent->loader_end;
	if (waits)
		go_on(child, 0);
}

static void stopped(pid_t pid, int status)
{
	struct tracee *t = find(pid);
	int signal = WSTOPSIG(status), event = status >> 16;
	if (!t) {
		add(pid);
		return;
	}
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		forked(t);
		go_on(t, 0);
		return;
	case PTRACE_EVENT_EXEC:
		if (is_runtime(pid)) {
			find_loader(t);
			go_on(t, 0);
		} else {
			leave(t, 0);
		}
		return;
	case PTRACE_EVENT_STOP:
		go_on(t, 0);
		return;
	default:
		if (signal == (SIGTRAP | 0x80))
			call_stop(t);
		else if (run.is_hit && !t->is_injected)
			leave(t, signal);
		else
			go_on(t, signal);
	}
}

enum {
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC
};

static void attach_other(const char *pid_text)
{
	pid_t pid = (pid_t)strtol(pid_text, NULL, 10);
	if (ptrace(PTRACE_SEIZE, pid, 0, (long)OPTIONS) < 0)
		die("attach");
	struct tracee *t = add(pid);
	snprintf(t->role, ROLE_SIZE, "init");
	find_loader(t);
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
}

static void start(char **argv)
{
	if (stat(argv[0], &run.program) < 0)
		die(argv[0]);
	run.root = fork();
	if (run.root < 0)
		die("fork");
	if (run.root == 0) {
		raise(SIGSTOP);
		execv(argv[0], argv);
		_exit(127);
	}
	int status;
	if (waitpid(run.root, &status, WUNTRACED) < 0 ||
		ptrace(PTRACE_SEIZE, run.root, 0, (long)OPTIONS) < 0)
		die("seize");
	struct tracee *t = add(run.root);
	snprintf(t->role, ROLE_SIZE, "host");
	kill(run.root, SIGCONT);
}

static void hang(int signal_number)
{
	(void)signal_number;
	static const char text[] = "hang\n";
	if (write(fileno(run.report), text, sizeof text - 1) < 0)
		_exit(254);
	kill(run.root, SIGKILL);
	_exit(255);
}

static int wait_for_all(void)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			die("wait");
		if (WIFSTOPPED(status)) {
			stopped(pid, status);
			continue;
		}
		struct tracee *t = find(pid);
		if (t)
			t->pid = 0;
		if (pid == run.root)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

int main(int argc, char **argv)
{
	static const char usage[] = "usage: inject record FILE COMMAND... | fail|signal ROLE NAME "
				    "K NUMBER FILE COMMAND...\n";
	bool is_record = argc > 3 && strcmp(argv[1], "record") == 0;
	bool is_signal = argc > 7 && strcmp(argv[1], "signal") == 0;
	bool is_fail = argc > 7 && strcmp(argv[1], "fail") == 0;
	if (!is_record && !is_signal && !is_fail) {
		fputs(usage, stderr);
		return 254;
	}
	run.mode = is_record ? RECORD : is_signal ? SIGNAL : FAIL;
	char **command = argv + (is_record ? 3 : 7);
	if (!is_record) {
		run.role = argv[2];
		run.call = seccomp_syscall_resolve_name(argv[3]);
		run.k = (unsigned)strtoul(argv[4], NULL, 10);
		run.number = (int)strtol(argv[5], NULL, 10);
	}
	run.report = fopen(command[-1], "we");
	if (!run.report)
		die(command[-1]);
	run.is_user = geteuid() != 0;
	signal(SIGALRM, hang);
	start(command);
	const char *other = getenv("INJECT_ATTACH");
	if (other)
		attach_other(other);
	alarm(HANG_SECONDS);
	int status = wait_for_all();
	if (!is_record)
		fputs(run.is_hit ? "hit\n" : "missed\n", run.report);
	fclose(run.report);
	return status;
}
