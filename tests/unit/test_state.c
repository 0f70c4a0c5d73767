/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory: ids, what is saved comes back, damage is told from absence, two commands at
 * once. In a directory of its own below /tmp. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "state/state_json.h"
#include "state/store.h"

static char base[] = "/tmp/oci-rt-state-XXXXXX";
static char root_path[64];
static struct arena arena;
static struct error error;

static const char *const strings[] = { "/sys/fs/cgroup/a", "/sys/fs/cgroup/a/b" };
static const struct container sample = {
	.id = "c1",
	.bundle = "/bundle",
	.rootfs = "/bundle/\xc3\xa9\"rootfs",
	.created = "2026-01-02T03:04:05.000000006Z",
	.owner_uid = 4294967294U,
	.pid = 4194304,
	.start_time = UINT64_MAX,
	.own_pid_namespace = true,
	.cgroup = { .manager = CGROUP_MANAGER_DISABLED,
		.created = { 2, (const char **)strings },
		.unified = "/sys/fs/cgroup/a/b",
		.v1 = { 1, (const char **)strings },
		.systemd_scope = "x.scope",
		.systemd_description = "container x",
		.systemd_user = true },
	.annotations = { 2, (struct string_pair[]){ { "a", "" }, { "b.c/d", "line\nline" } } },
	.degraded = { 1, (const char **)strings },
};
static const char config[] = "{ \"ociVersion\": \"1.3.0\" }\n";

static int make(const struct state_root *root, const char *id, struct state_entry *entry)
{
	struct container c = sample;
	c.id = id;
	return state_entry_create(root, &c, config, sizeof config - 1, entry, &error);
}

static void test_ids(void **state)
{
	static const char *const good[] = { "a", "-", "+", "_", "0", "a.b", "A-b_c+d.e", "a.." };
	static const char *const bad[] = { "", ".", "..", ".a", "a/b", "../a", "a b", "a\n",
		"\xc3\xa9", "a:b", "a@b", "~a" };
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(state_id_check(good[i], &error), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(state_id_check(bad[i], &error), -EINVAL);
	char id[STATE_ID_MAX + 2];
	memset(id, 'x', sizeof id);
	id[STATE_ID_MAX] = '\0';
	assert_int_equal(state_id_check(id, &error), 0);
	id[STATE_ID_MAX] = 'x';
	id[STATE_ID_MAX + 1] = '\0';
	assert_int_equal(state_id_check(id, &error), -EINVAL);
	assert_string_equal(error.text, "invalid container ID: it has 255 bytes, more than 254");
}

static void assert_same_strings(const struct string_list *a, const struct string_list *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(a->v[i], b->v[i]);
}

static void assert_is_sample(const struct container *c)
{
	assert_string_equal(c->bundle, sample.bundle);
	assert_string_equal(c->rootfs, sample.rootfs);
	assert_string_equal(c->created, sample.created);
	assert_int_equal(c->owner_uid, sample.owner_uid);
	assert_true(c->pid == sample.pid);
	assert_true(c->start_time == sample.start_time);
	assert_true(c->own_pid_namespace);
	assert_int_equal(c->cgroup.manager, sample.cgroup.manager);
	assert_same_strings(&c->cgroup.created, &sample.cgroup.created);
	assert_string_equal(c->cgroup.unified, sample.cgroup.unified);
	assert_same_strings(&c->cgroup.v1, &sample.cgroup.v1);
	assert_string_equal(c->cgroup.systemd_scope, sample.cgroup.systemd_scope);
	assert_string_equal(c->cgroup.systemd_description, sample.cgroup.systemd_description);
	assert_true(c->cgroup.systemd_user);
	assert_int_equal(c->annotations.n, 2);
	assert_string_equal(c->annotations.v[0].value, "");
	assert_string_equal(c->annotations.v[1].key, "b.c/d");
	assert_string_equal(c->annotations.v[1].value, "line\nline");
	assert_same_strings(&c->degraded, &sample.degraded);
}

static void test_save_and_load(void **state)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	AUTO_ENTRY struct state_entry entry = ENTRY_NONE, reader = ENTRY_NONE;
	struct container c;
	char *text;
	size_t len;
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	assert_int_equal(make(&root, "c1", &entry), 0);
	/* readable while it is locked */
	assert_int_equal(state_entry_open(&root, "c1", STATE_READ, &reader, &error), 0);
	assert_int_equal(state_load(&reader, &arena, &c, &error), 0);
	assert_string_equal(c.id, "c1");
	assert_is_sample(&c);
	assert_int_equal(state_load_config(&reader, &arena, &text, &len, &error), 0);
	assert_string_equal(text, config);
	assert_int_equal(len, sizeof config - 1);
	c.pid = 5;
	assert_int_equal(state_save(&entry, &c, &error), 0);
	assert_int_equal(state_load(&reader, &arena, &c, &error), 0);
	assert_int_equal(c.pid, 5);
	assert_int_equal(state_entry_remove(&entry, &error), 0);
	assert_int_equal(state_load(&reader, &arena, &c, &error), -ENOENT);
	assert_string_equal(error.text, "container does not exist");
	struct state_entry gone = ENTRY_NONE;
	assert_int_equal(state_entry_open(&root, "c1", STATE_LOCK, &gone, &error), -ENOENT);
	assert_string_equal(error.text, "container does not exist");
}

static void test_id_is_unique(void **state)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	AUTO_ENTRY struct state_entry entry = ENTRY_NONE, second = ENTRY_NONE;
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	assert_int_equal(make(&root, "c1", &entry), 0);
	assert_int_equal(make(&root, "c1", &second), -EEXIST);
	assert_string_equal(error.text, "container with given ID already exists");
	/* a file in its place is as good as taken */
	close(openat(root.fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(make(&root, "file", &second), -EEXIST);
	assert_int_equal(state_entry_open(&root, "file", STATE_READ, &second, &error), -ENOENT);
	assert_int_equal(unlinkat(root.fd, "file", 0), 0);
	assert_int_equal(state_entry_remove(&entry, &error), 0);
	assert_int_equal(make(&root, "c1", &second), 0);
	assert_int_equal(state_entry_remove(&second, &error), 0);
}

/* A removal at its last step: to all who read there is no such container, so a create waits. */
static void test_id_of_a_leaving_one(void **state)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	AUTO_ENTRY struct state_entry entry = ENTRY_NONE;
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	assert_int_equal(mkdirat(root.fd, "c1", 0700), 0);
	pid_t pid = fork();
	if (pid == 0) {
		usleep(100000);
		_exit(unlinkat(root.fd, "c1", AT_REMOVEDIR) < 0);
	}
	assert_int_equal(make(&root, "c1", &entry), 0);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(state_entry_remove(&entry, &error), 0);
	/* one that was killed there: it stays, for `delete` */
	assert_int_equal(mkdirat(root.fd, "c1", 0700), 0);
	assert_int_equal(make(&root, "c1", &entry), -EEXIST);
	assert_int_equal(unlinkat(root.fd, "c1", AT_REMOVEDIR), 0);
}

/* What a killed `create` left is taken over; what a living one holds is not. */
static void test_unfinished_create(void **state)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	AUTO_ENTRY struct state_entry entry = ENTRY_NONE;
	struct string_list ids;
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	assert_int_equal(mkdirat(root.fd, ".c1", 0700), 0);
	close(openat(root.fd, ".c1/config.json", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(openat(root.fd, ".c1/.state.json.77", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(state_root_list(&root, &arena, &ids, &error), 0);
	assert_int_equal(ids.n, 0);
	assert_int_equal(make(&root, "c1", &entry), 0);
	assert_int_equal(state_entry_remove(&entry, &error), 0);
	state_entry_close(&entry);
	assert_int_equal(mkdirat(root.fd, ".c1", 0700), 0);
	AUTO_CLOSE int held = openat(root.fd, ".c1", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(held, LOCK_EX), 0);
	assert_int_equal(make(&root, "c1", &entry), -EEXIST);
	assert_int_equal(unlinkat(root.fd, ".c1", AT_REMOVEDIR), 0);
}

static void test_remove_leaves_unknown_files(void **state)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	AUTO_ENTRY struct state_entry entry = ENTRY_NONE;
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	assert_int_equal(make(&root, "c1", &entry), 0);
	close(openat(entry.dir_fd, ".state.json.77", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(openat(entry.dir_fd, "notes", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(state_entry_remove(&entry, &error), -ENOTEMPTY);
	assert_string_equal(error.text, "remove state of container 'c1': directory not empty");
	assert_int_equal(unlinkat(entry.dir_fd, "notes", 0), 0);
	assert_int_equal(state_entry_remove(&entry, &error), 0);
}

/* Truncated anywhere, state.json is damaged: never a crash, never half a state, and the message
 * says how to get rid of it. */
static void test_truncated_at_every_byte(void **state)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	AUTO_ENTRY struct state_entry entry = ENTRY_NONE;
	char *text;
	size_t len;
	assert_int_equal(state_encode(&sample, &arena, &text, &len, &error), 0);
	for (size_t n = 0; n < len; n++) {
		struct container c = { .pid = 99 };
		struct arena scratch;
		arena_init(&scratch);
		error = (struct error){ 0 };
		assert_int_equal(
			state_decode(text, n, "c1/state.json", &scratch, &c, &error), -EINVAL);
		assert_string_equal(error.file, "c1/state.json");
		assert_int_equal(c.pid, 99);
		arena_free(&scratch);
	}
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	assert_int_equal(make(&root, "c1", &entry), 0);
	AUTO_CLOSE int fd = openat(entry.dir_fd, "state.json", O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_true(fd >= 0);
	struct container c;
	assert_int_equal(state_load(&entry, &arena, &c, &error), -EINVAL);
	assert_int_equal(
		strncmp(error.text, "damaged state, which `delete --force` removes: ", 47), 0);
	assert_int_equal(state_entry_remove(&entry, &error), 0);
}

/* One wrong byte: an error or a state, but no crash and no read out of bounds (sanitizers watch).
 */
static void test_every_byte_wrong(void **state)
{
	static const char wrong[] = { '\0', '"', '{', '}', '[', ',', '9', '-', '\\', '\xff' };
	char *text;
	size_t len;
	assert_int_equal(state_encode(&sample, &arena, &text, &len, &error), 0);
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < ARRAY_SIZE(wrong); k++) {
			char kept = text[i];
			struct container c;
			struct arena scratch;
			arena_init(&scratch);
			text[i] = wrong[k];
			if (state_decode(text, len, "f", &scratch, &c, &error) < 0)
				assert_int_not_equal(error.text[0], '\0');
			text[i] = kept;
			arena_free(&scratch);
		}
}

static void test_foreign_states(void **state)
{
	static const struct {
		const char *text, *path;
	} cases[] = {
		{ "{}", "" },
		{ "[]", "" },
		{ "{\"id\":\"c1\",\"init_process_pid\":5}", "" }, /* a peer's */
		{ "{\"version\":2,\"container\":{\"id\":\"c1\",\"bundle\":\"/b\",\"created\":\"x\","
		  "\"ownerUid\":0,\"pid\":1,\"startTime\":1,\"ownPidNamespace\":true,"
		  "\"cgroup\":{\"manager\":\"cgroupfs\"}}}",
			"version" },
		{ "{\"version\":1,\"container\":{\"id\":5}}", "container.id" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct container c;
		error = (struct error){ 0 };
		assert_int_equal(
			state_decode(cases[i].text, strlen(cases[i].text), "f", &arena, &c, &error),
			-EINVAL);
		if (cases[i].path[0])
			assert_string_equal(error.path, cases[i].path);
	}
}

static void test_state_of_another_id(void **state)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	AUTO_ENTRY struct state_entry entry = ENTRY_NONE, moved = ENTRY_NONE;
	struct container c;
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	assert_int_equal(make(&root, "c1", &entry), 0);
	state_entry_unlock(&entry);
	assert_int_equal(renameat(root.fd, "c1", root.fd, "c2"), 0);
	assert_int_equal(state_entry_lock(&entry, &error), -ENOENT);
	assert_int_equal(state_entry_open(&root, "c2", STATE_READ, &moved, &error), 0);
	assert_int_equal(state_load(&moved, &arena, &c, &error), -EINVAL);
	assert_string_equal(error.path, "container.id");
	state_entry_close(&entry);
	state_entry_close(&moved);
	assert_int_equal(state_entry_open(&root, "c2", STATE_LOCK, &moved, &error), 0);
	assert_int_equal(state_entry_remove(&moved, &error), 0);
}

static void test_list(void **state)
{
	AUTO_ROOT struct state_root root = ROOT_NONE;
	struct string_list ids;
	enum { N = 200 };
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	for (int i = N - 1; i >= 0; i--) {
		char id[16];
		snprintf(id, sizeof id, "c%03d", i);
		assert_int_equal(mkdirat(root.fd, id, 0700), 0);
	}
	assert_int_equal(state_root_list(&root, &arena, &ids, &error), 0);
	assert_int_equal(ids.n, N);
	for (size_t i = 0; i < N; i++) {
		char id[16];
		snprintf(id, sizeof id, "c%03zu", i);
		assert_string_equal(ids.v[i], id);
		assert_int_equal(unlinkat(root.fd, id, AT_REMOVEDIR), 0);
	}
}

static void test_root_is_checked(void **state)
{
	struct state_root root = ROOT_NONE;
	char path[96];
	snprintf(path, sizeof path, "%s/nowhere", base);
	assert_int_equal(state_root_open(path, false, &root, &error), -ENOENT);
	assert_string_equal(error.text, "container does not exist");

	snprintf(path, sizeof path, "%s/link", base);
	assert_int_equal(symlink(root_path, path), 0);
	assert_int_equal(state_root_open(path, true, &root, &error), -ENOTDIR);
	strcat(path, "//");
	assert_int_equal(state_root_open(path, true, &root, &error), -ENOTDIR);

	snprintf(path, sizeof path, "%s/open", base);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(state_root_open(path, true, &root, &error), -EACCES);
	assert_non_null(strstr(error.text, "is writable by others (mode 0777)"));

	snprintf(path, sizeof path, "%s/a/b/c/", base);
	assert_int_equal(state_root_open(path, true, &root, &error), 0);
	struct stat st;
	assert_int_equal(fstat(root.fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	state_root_close(&root);
	assert_int_equal(state_root_open("", true, &root, &error), -EINVAL);
}

static void race_child(int start_fd, int result_fd)
{
	struct state_root root = ROOT_NONE;
	char byte;
	state_root_open(root_path, true, &root, NULL);
	if (read(start_fd, &byte, 1) < 0)
		_exit(1);
	for (int round = 0; round < 200; round++) {
		struct state_entry entry = ENTRY_NONE;
		struct container c;
		int r = make(&root, "race", &entry);
		if (r == -EEXIST) {
			r = state_entry_open(&root, "race", STATE_LOCK, &entry, NULL);
			/* whoever has the lock finds it whole */
			if (r == 0 && state_load(&entry, &arena, &c, NULL) < 0)
				_exit(2);
		}
		if (r == 0 && state_entry_remove(&entry, NULL) < 0)
			_exit(3);
		if (r < 0 && r != -ENOENT)
			_exit(4);
		state_entry_close(&entry);
	}
	if (write(result_fd, "k", 1) != 1)
		_exit(5);
	_exit(0);
}

/* Processes that make and delete the same id at once: each either has it whole, or not at all. */
static void test_race(void **state)
{
	enum { PROCESSES = 4 };
	int start[2], result[2];
	pid_t pids[PROCESSES];
	assert_int_equal(pipe2(start, O_CLOEXEC), 0);
	assert_int_equal(pipe2(result, O_CLOEXEC), 0);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			race_child(start[0], result[1]);
	}
	assert_int_equal(write(start[1], "gogo", PROCESSES), PROCESSES);
	for (int i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	for (int i = 0; i < 2; i++) {
		close(start[i]);
		close(result[i]);
	}
	AUTO_ROOT struct state_root root = ROOT_NONE;
	struct string_list ids;
	assert_int_equal(state_root_open(root_path, true, &root, &error), 0);
	assert_int_equal(state_root_list(&root, &arena, &ids, &error), 0);
	assert_int_equal(ids.n, 0);
}

static int setup(void **state)
{
	arena_init(&arena);
	if (!mkdtemp(base))
		return -1;
	snprintf(root_path, sizeof root_path, "%s/root", base);
	return 0;
}

static int teardown(void **state)
{
	char command[64];
	arena_free(&arena);
	snprintf(command, sizeof command, "rm -rf %s", base);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_save_and_load),
		cmocka_unit_test(test_id_is_unique),
		cmocka_unit_test(test_id_of_a_leaving_one),
		cmocka_unit_test(test_unfinished_create),
		cmocka_unit_test(test_remove_leaves_unknown_files),
		cmocka_unit_test(test_truncated_at_every_byte),
		cmocka_unit_test(test_every_byte_wrong),
		cmocka_unit_test(test_foreign_states),
		cmocka_unit_test(test_state_of_another_id),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_root_is_checked),
		cmocka_unit_test(test_race),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
