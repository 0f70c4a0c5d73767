/* SPDX-License-Identifier: Apache-2.0 */
/* Processes and sockets -> the status of the container that names them. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/proc_stat.h"
#include "state/status.h"

/* Deep enough that a path to the socket is longer than sun_path. */
static char base[] = "/tmp/oci-rt-status-XXXXXX";
static char root_path[256];
static struct state_root root = ROOT_NONE;
static struct state_entry entry = ENTRY_NONE;
static struct container c;
static struct error error;

static enum oci_status status(void)
{
	enum oci_status s;
	assert_int_equal(container_status(&entry, &c, &s, &error), 0);
	return s;
}

/* A child that waits for ever. */
static pid_t spawn(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		close(entry.dir_fd);
		pause();
		_exit(0);
	}
	struct proc_stat st;
	assert_int_equal(proc_stat_read(pid, &st), 0);
	assert_int_equal(st.parent, getpid());
	c.pid = pid;
	c.start_time = st.start_time;
	return pid;
}

static void reap(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_creating(void **state)
{
	assert_int_equal(status(), OCI_STATUS_STOPPED);
	AUTO_ENTRY struct state_entry reader = ENTRY_NONE, second = ENTRY_NONE;
	enum oci_status s;
	assert_int_equal(state_entry_open(&root, "c1", STATE_READ, &reader, &error), 0);
	assert_int_equal(container_status(&reader, &c, &s, &error), 0);
	assert_int_equal(s, OCI_STATUS_CREATING);
	state_entry_unlock(&entry);
	assert_int_equal(container_status(&reader, &c, &s, &error), 0);
	assert_int_equal(s, OCI_STATUS_STOPPED);
	/* one who asks must not look like one who creates */
	assert_int_equal(state_entry_open(&root, "c1", STATE_READ, &second, &error), 0);
	assert_int_equal(flock(second.dir_fd, LOCK_SH), 0);
	assert_int_equal(container_status(&reader, &c, &s, &error), 0);
	assert_int_equal(s, OCI_STATUS_STOPPED);
	assert_int_equal(flock(second.dir_fd, LOCK_UN), 0);
	assert_int_equal(state_entry_lock(&entry, &error), 0);
}

static void test_running_and_stopped(void **state)
{
	pid_t pid = spawn();
	assert_int_equal(status(), OCI_STATUS_RUNNING);
	AUTO_CLOSE int pidfd = container_pidfd(&c);
	assert_true(pidfd >= 0);
	c.start_time++;
	assert_int_equal(status(), OCI_STATUS_STOPPED);
	assert_int_equal(container_pidfd(&c), -ESRCH);
	c.start_time--;
	kill(pid, SIGKILL);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 10000), 1);
	/* a zombie */
	assert_int_equal(status(), OCI_STATUS_STOPPED);
	assert_int_equal(container_pidfd(&c), -ESRCH);
	reap(pid);
	assert_int_equal(status(), OCI_STATUS_STOPPED);
}

static int listen_on(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/start.sock",
		entry.dir_fd);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	unlinkat(entry.dir_fd, "start.sock", 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void test_created(void **state)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };
	pid_t pid = spawn();
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = listen_on(types[i]);
		struct pollfd p = { .fd = fd, .events = POLLIN };
		/* more often than its backlog is long: nobody is woken, nothing fills up */
		for (int k = 0; k < 10; k++)
			assert_int_equal(status(), OCI_STATUS_CREATED);
		assert_int_equal(poll(&p, 1, 0), 0);
		close(fd);
		assert_int_equal(status(), OCI_STATUS_RUNNING);
	}
	reap(pid);
}

static void test_proc_stat(void **state)
{
	struct proc_stat st;
	assert_int_equal(proc_stat_read(INT32_MAX, &st), -ESRCH);
	/* a name that looks like the fields behind it */
	pid_t pid = fork();
	if (pid == 0) {
		FILE *f = fopen("/proc/self/comm", "we");
		fputs("a) Z 1 (b) 2 3", f);
		fclose(f);
		kill(getppid(), SIGCONT);
		pause();
		_exit(0);
	}
	char comm[32] = "";
	while (!strchr(comm, ')')) {
		char path[32];
		snprintf(path, sizeof path, "/proc/%d/comm", pid);
		FILE *f = fopen(path, "re");
		assert_non_null(fgets(comm, sizeof comm, f));
		fclose(f);
	}
	assert_int_equal(proc_stat_read(pid, &st), 0);
	assert_int_equal(st.parent, getpid());
	assert_true(st.start_time > 4);
	assert_true(st.state == 'S' || st.state == 'R');
	reap(pid);
}

static int setup(void **state)
{
	if (!mkdtemp(base))
		return -1;
	snprintf(root_path, sizeof root_path, "%s/%0120d", base, 0);
	c = (struct container){ .id = "c1", .bundle = "/b", .created = "x" };
	c.cgroup.manager = CGROUP_MANAGER_DISABLED;
	if (state_root_open(root_path, true, &root, &error) < 0)
		return -1;
	return state_entry_create(&root, &c, "{}", 2, &entry, &error);
}

static int teardown(void **state)
{
	char command[64];
	state_entry_close(&entry);
	state_root_close(&root);
	snprintf(command, sizeof command, "rm -rf %s", base);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_creating),
		cmocka_unit_test(test_running_and_stopped),
		cmocka_unit_test(test_created),
		cmocka_unit_test(test_proc_stat),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
