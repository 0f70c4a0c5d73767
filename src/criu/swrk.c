/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A criu process: started, spoken with, ended. Runs as HOST. What it says is another program's: it
 * may lie, be cut, or never come.
 */
#include "criu/swrk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/fd_pass.h"
#include "base/io.h"
#include "base/log.h"
#include "base/program.h"
#include "criu/enter.h"
#include "criu/request.h"
#include "sys/process.h"

enum {
	MESSAGE_MAX = 64 * 1024,
	LOG_MAX = 64 * 1024 * 1024,
	SAID_MAX = 64 * 1024,
	END_MILLISECONDS = 5000
};

/* Clients may start us without PATH, and criu runs programs of its own: iptables, nft, ip. */
#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *search_path(void)
{
	const char *path = getenv("PATH");
	return path && *path ? path : USUAL_PATH;
}

bool criu_is_installed(struct arena *arena)
{
	return program_find(arena, search_path(), "criu") != NULL;
}

/* Above all numbers that criu is to have, so that none is written over before its turn. */
static int move_up(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 64);
}

static int take_number(int fd, int number)
{
	return fd >= 0 && dup2(fd, number) < 0 ? -errno : 0;
}

static int place_descriptors(const struct criu_start *s, int socket, int said)
{
	int pass[16];
	int images = move_up(s->images_fd), work = move_up(s->work_fd);
	if (s->n_pass > ARRAY_SIZE(pass))
		return -E2BIG;
	for (size_t i = 0; i < s->n_pass; i++)
		pass[i] = move_up(s->pass[i]);
	socket = move_up(socket);
	said = move_up(said);
	int r = socket < 0 || said < 0 ? -EBADF : take_number(socket, CRIU_SOCKET_FD);
	if (r == 0)
		r = take_number(images, CRIU_IMAGES_FD);
	if (r == 0)
		r = take_number(work, CRIU_WORK_FD);
	for (size_t i = 0; r == 0 && i < s->n_pass; i++)
		r = take_number(pass[i], CRIU_FIRST_FD + (int)i);
	/* standard input stays: a shell job's terminal is looked for there */
	if (r == 0)
		r = take_number(said, STDOUT_FILENO);
	return r == 0 ? take_number(said, STDERR_FILENO) : r;
}

/*
 * CRIU looks for the directories of a request among the descriptors of whoever has made the socket.
 * That is made here, so that those are its own: of its mount namespace, in which it mounts on them.
 */
static int make_socket(int report, struct error *e)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(e, errno, "socketpair");
	AUTO_CLOSE int theirs = pair[1];
	ssize_t n = fd_send(report, "", 1, pair[0]);
	close(pair[0]);
	return n < 0 ? error_errno(e, (int)-n, "sendmsg") : TAKE_FD(theirs);
}

static int become_criu(const struct criu_start *asked, int report, int said, struct error *e)
{
	static char *const argv[] = { (char *)"criu", (char *)"swrk", (char *)"3", NULL };
	struct criu_start own = *asked, *s = &own;
	int socket = make_socket(report, e);
	if (socket < 0)
		return socket;
	if (s->root_fd >= 0) {
		int r = criu_enter_root(s, e);
		if (r < 0)
			return r;
	}
	if (s->keyring) {
		int r = sys_join_session_keyring(s->keyring);
		/* no keyrings in this kernel, or refused: as at create there is none then */
		if (r < 0 && r != -ENOSYS && r != -EPERM && r != -EACCES)
			return error_errno(e, -r, "a session keyring for the container");
	}
	int r = sys_mark_from(3);
	if (r == 0)
		r = place_descriptors(s, socket, said);
	if (r < 0)
		return error_errno(e, -r, "descriptors for criu");
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setenv("PATH", search_path(), 1);
	execvp(argv[0], argv);
	if (errno == ENOENT)
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"criu is not installed, which saves and restores processes; as root: "
			"apt-get install criu");
	return error_errno(e, errno, "execute criu");
}

/* Its end of the socket, then the report's end, which execve causes; or what has failed. */
static int hear_of_start(int report, int *ret_socket, struct error *e)
{
	struct error theirs;
	AUTO_CLOSE int socket = -1;
	for (;;) {
		int fd;
		ssize_t n = fd_receive(report, &theirs, sizeof theirs, 0, &fd);
		if (n < 0)
			return error_errno(e, (int)-n, "hear criu's process");
		if (n == 1 && fd >= 0 && socket < 0) {
			socket = fd;
			continue;
		}
		if (n > 0 && fd >= 0)
			close(fd);
		if (n == 0 && socket >= 0) {
			*ret_socket = TAKE_FD(socket);
			return 0;
		}
		if (n != sizeof theirs)
			break;
		*e = theirs;
		return e->err ? -e->err : -EIO;
	}
	return error_set(e, ERROR_SYSTEM, EPIPE, "criu's process died before it was criu");
}

int criu_start(const struct criu_start *s, struct criu_process *ret, struct error *e)
{
	int pair[2], socket = -1;
	AUTO_CLOSE int said = sys_memfd("criu");
	if (said < 0)
		return error_errno(e, -said, "memfd_create");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(e, errno, "socketpair");
	AUTO_CLOSE int hear = pair[0];
	pid_t pid = sys_spawn(&(struct spawn){ .cgroup_fd = -1 });
	if (pid == 0) {
		struct error failure = { 0 };
		/* criu's numbers are written over what has them now */
		int report = move_up(pair[1]);
		close(hear);
		become_criu(s, report, said, &failure);
		ssize_t n = send(report, &failure, sizeof failure, MSG_NOSIGNAL);
		_exit(n < 0 ? 2 : 1);
	}
	close(pair[1]);
	if (pid < 0)
		return error_errno(e, -pid, "clone3");
	int r = hear_of_start(hear, &socket, e);
	if (r < 0) {
		sys_wait_child(pid, NULL);
		return r;
	}
	*ret = (struct criu_process){ pid, socket, TAKE_FD(said) };
	return 0;
}

int criu_send(struct arena *arena, const struct criu_process *p, const struct criu_request *request,
	struct error *e)
{
	size_t n;
	const uint8_t *data = criu_encode(arena, request, &n);
	if (!data)
		return error_set(e, ERROR_SYSTEM, ENOMEM, "out of memory");
	if (send(p->socket, data, n, MSG_NOSIGNAL) != (ssize_t)n)
		return error_errno(e, errno, "ask criu");
	return 0;
}

int criu_receive(
	const struct criu_process *p, struct criu_response *ret, int *ret_fd, struct error *e)
{
	uint8_t data[MESSAGE_MAX];
	int fd;
	ssize_t n = fd_receive(p->socket, data, sizeof data, 0, &fd);
	AUTO_CLOSE int came = n > 0 ? fd : -1;
	if (n < 0)
		return error_errno(e, (int)-n, "hear criu");
	if (n == 0)
		return error_set(e, ERROR_SYSTEM, EPIPE, "criu ended without an answer");
	if (criu_decode(data, (size_t)n, ret) < 0)
		return error_set(e, ERROR_SYSTEM, EBADMSG, "criu's answer is not one of its own");
	if (ret_fd)
		*ret_fd = TAKE_FD(came);
	return 0;
}

int criu_answer(const struct criu_process *p, bool success, struct error *e)
{
	struct arena arena;
	arena_init(&arena);
	const struct criu_request request = {
		.type = CRIU_NOTIFY,
		.notify_success = { true, success },
	};
	int r = criu_send(&arena, p, &request, e);
	arena_free(&arena);
	return r;
}

/* It has answered and closes, or is told by the socket's end that nobody listens any more. */
void criu_end(struct criu_process *p)
{
	int status;
	if (p->pid > 0) {
		shutdown(p->socket, SHUT_RDWR);
		/* it has said all; it does not end where a process that it traces cannot */
		AUTO_CLOSE int pidfd = sys_pidfd_open(p->pid);
		struct pollfd end = { .fd = pidfd, .events = POLLIN };
		if (pidfd >= 0 && poll(&end, 1, END_MILLISECONDS) == 0)
			kill(p->pid, SIGKILL);
		sys_wait_child(p->pid, &status);
	}
	if (p->socket >= 0)
		close(p->socket);
	if (p->said_fd >= 0)
		close(p->said_fd);
	*p = (struct criu_process)CRIU_PROCESS_NONE;
}

int criu_ask(struct arena *arena, const struct criu_request *request, struct criu_response *ret,
	struct error *e)
{
	AUTO_CRIU struct criu_process p = CRIU_PROCESS_NONE;
	const struct criu_start start = { .images_fd = -1, .work_fd = -1, .root_fd = -1 };
	int r = criu_start(&start, &p, e);
	if (r == 0)
		r = criu_send(arena, &p, request, e);
	if (r == 0) {
		*ret = (struct criu_response){ 0 };
		r = criu_receive(&p, ret, NULL, e);
		if (r < 0 || !ret->success)
			r = criu_failed(arena, &p, r < 0 ? NULL : ret,
				"criu does not work on this machine", -1, NULL, e);
	}
	return r;
}

int criu_check_version(struct arena *arena, struct error *e)
{
	struct criu_response a;
	int r = criu_ask(arena, &(struct criu_request){ .type = CRIU_VERSION }, &a, e);
	if (r == 0 && a.major * 10000 + a.minor * 100 + a.sublevel < CRIU_OLDEST)
		return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP,
			"criu is version %u.%u.%u, and 3.16 is needed", a.major, a.minor,
			a.sublevel);
	return r;
}

static bool excerpt_of(struct arena *arena, int dir_fd, const char *name, char *buffer, size_t size)
{
	char *text;
	size_t n;
	if (dir_fd < 0 || io_read_file(dir_fd, name, LOG_MAX, arena, &text, &n) < 0)
		return false;
	criu_log_excerpt(text, buffer, size);
	return true;
}

static bool said_of(struct arena *arena, int said_fd, char *buffer, size_t size)
{
	char *text;
	size_t n;
	if (said_fd < 0 || lseek(said_fd, 0, SEEK_SET) < 0 ||
		io_read_fd(said_fd, SAID_MAX, arena, &text, &n) < 0)
		return false;
	criu_log_excerpt(text, buffer, size);
	if (!buffer[0])
		snprintf(buffer, size, "%.*s", (int)strcspn(text, "\n"), text);
	return buffer[0];
}

/* CRIU's request for it wants directories, and leaves a log in them; the command wants nothing. */
int criu_check_works(struct arena *arena, struct error *e)
{
	static char *const argv[] = { (char *)"criu", (char *)"check", NULL };
	char why[384] = "";
	int status = 0;
	AUTO_CLOSE int said = sys_memfd("criu");
	pid_t pid = said < 0 ? said : sys_spawn(&(struct spawn){ .cgroup_fd = -1 });
	if (pid == 0) {
		setenv("PATH", search_path(), 1);
		if (dup2(said, STDOUT_FILENO) >= 0 && dup2(said, STDERR_FILENO) >= 0)
			execvp(argv[0], argv);
		_exit(127);
	}
	int r = pid < 0 ? (int)pid : sys_wait_child(pid, &status);
	if (r < 0)
		return error_errno(e, -r, "criu check");
	if (status == 0)
		return 0;
	said_of(arena, said, why, sizeof why);
	return error_set(e, ERROR_UNSUPPORTED, EOPNOTSUPP, "criu does not work on this machine: %s",
		why[0] ? why : "criu check fails");
}

/* A response's own text may hold what a terminal takes for commands. */
static void copy_message(const char *message, char *buffer, size_t size)
{
	size_t n = 0;
	for (; message[n] && n + 1 < size; n++)
		buffer[n] = (unsigned char)message[n] < ' ' ? ' ' : message[n];
	while (n > 0 && buffer[n - 1] == ' ')
		n--;
	buffer[n] = '\0';
}

int criu_failed(struct arena *arena, const struct criu_process *p, const struct criu_response *last,
	const char *what, int log_dir_fd, const char *log_name, struct error *e)
{
	char why[384] = "", where[192] = "", dir[160], magic[FD_PATH_SIZE];
	bool in_log = excerpt_of(arena, log_dir_fd, log_name, why, sizeof why);
	if (!why[0] && !said_of(arena, p->said_fd, why, sizeof why) && last)
		copy_message(last->message, why, sizeof why);
	int err = last && last->error > 0 && last->error < 4096 ? last->error : EIO;
	if (!why[0] && last && last->error)
		snprintf(why, sizeof why, "error %d", last->error);
	ssize_t n = in_log ? readlink(fd_path(log_dir_fd, magic), dir, sizeof dir - 1) : -1;
	if (n > 0) {
		dir[n] = '\0';
		snprintf(where, sizeof where, " (%s/%s)", dir, log_name);
	}
	return error_set(e, ERROR_SYSTEM, err, "%s: %s%s", what,
		why[0] ? why : "it ended without a word", where);
}
