/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU's messages: bytes against the format's own examples, requests as text, answers cut anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "criu/request.h"
#include "libocispec/document.h"

static const struct criu_options no_options;

static void encoded(const struct criu_request *r, const uint8_t *expected, size_t n)
{
	struct arena arena;
	size_t len;
	arena_init(&arena);
	uint8_t *data = criu_encode(&arena, r, &len);
	assert_non_null(data);
	assert_int_equal(len, n);
	assert_memory_equal(data, expected, n);
	arena_free(&arena);
}

#define ENCODED(message, ...)                                                                      \
	do {                                                                                       \
		const uint8_t bytes[] = { __VA_ARGS__ };                                           \
		encoded(message, bytes, sizeof bytes);                                             \
	} while (0)

static void test_encode(void **state)
{
	const struct criu_request ask = { .type = CRIU_VERSION };
	ENCODED(&ask, 0x08, 10);
	struct criu_request answer = { .type = CRIU_NOTIFY, .notify_success = { true, false } };
	ENCODED(&answer, 0x08, 6, 0x18, 0);
	const struct criu_request features = { .type = CRIU_FEATURE_CHECK, .ask_lazy_pages = true };
	ENCODED(&features, 0x08, 9, 0x2a, 2, 0x10, 1);
	struct criu_options o = no_options;
	struct criu_request request = { .options = &o };
	o.pid = (struct opt_i32){ true, 300 }; /* two bytes: ac 02 */
	o.tcp_established = true;
	o.log_file = "l";
	request.type = CRIU_DUMP;
	ENCODED(&request, 0x08, 1, 0x12, 8, 0x10, 0xac, 0x02, 0x28, 1, 0x52, 1, 'l');
	o = no_options;
	o.pid = (struct opt_i32){ true, -1 }; /* ten bytes */
	request.type = CRIU_DUMP;
	ENCODED(&request, 0x08, 1, 0x12, 11, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0x01);
	struct string_pair pair = { "a", "bc" };
	struct criu_inherited fd = { "p", 7 };
	o = no_options;
	o.ext_mnt = (struct string_map){ 1, &pair };
	o.inherit_fd.n = 1;
	o.inherit_fd.v = &fd;
	request.type = CRIU_RESTORE;
	ENCODED(&request, 0x08, 2, 0x12, 18, 0xba, 0x01, 7, 0x0a, 1, 'a', 0x12, 2, 'b', 'c', 0xda,
		0x01, 5, 0x0a, 1, 'p', 0x10, 7);
}

/* A notification, the answer of a restore, a failure, a version; fields nobody knows between. */
static const uint8_t notify[] = { 0x08, 6, 0x10, 1, 0x2a, 9, 0x0a, 4, 'a', 'b', 'c', 'd', 0x10,
	0x85, 0x02 };
static const uint8_t unknown[] = { 0x08, 2, 0x10, 1, 0xf8, 0x07, 9, 0xfd, 0x07, 1, 2, 3, 4, 0xf9,
	0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 0x07, 2, 'x', 'y', 0x22, 3, 0x08, 0xac, 0x02 };
static const uint8_t failure[] = { 0x08, 1, 0x10, 0, 0x38, 22, 0x4a, 3, 'w', 'h', 'y' };
static const uint8_t version[] = { 0x08, 10, 0x10, 1, 0x52, 6, 0x08, 3, 0x10, 17, 0x20, 1 };

static void test_decode(void **state)
{
	struct criu_response a;
	assert_int_equal(criu_decode(notify, sizeof notify, &a), 0);
	assert_int_equal(a.type, CRIU_NOTIFY);
	assert_true(a.success);
	assert_string_equal(a.script, "abcd");
	assert_int_equal(a.pid, 261);
	assert_int_equal(criu_decode(unknown, sizeof unknown, &a), 0);
	assert_int_equal(a.pid, 300);
	assert_string_equal(a.script, "");
	assert_int_equal(criu_decode(failure, sizeof failure, &a), 0);
	assert_false(a.success);
	assert_int_equal(a.error, 22);
	assert_string_equal(a.message, "why");
	assert_int_equal(criu_decode(version, sizeof version, &a), 0);
	assert_int_equal(a.major * 10000 + a.minor * 100 + a.sublevel, 31701);
}

/* Cut anywhere, and each bit turned: nothing is read that is not there (asan), a failure leaves the
 * answer as it was, and a text is terminated. */
static void test_decode_damaged(void **state)
{
	static const struct {
		const uint8_t *data;
		size_t n;
	} messages[] = { { notify, sizeof notify }, { unknown, sizeof unknown },
		{ failure, sizeof failure }, { version, sizeof version } };
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		for (size_t n = 0; n < messages[i].n; n++) {
			/* of its own size, so that a read behind it is seen */
			uint8_t *cut = test_malloc(n ? n : 1);
			struct criu_response a = { .pid = 77 };
			memcpy(cut, messages[i].data, n);
			if (criu_decode(cut, n, &a) < 0)
				assert_int_equal(a.pid, 77);
			test_free(cut);
		}
		for (size_t bit = 0; bit < messages[i].n * 8; bit++) {
			uint8_t *turned = test_malloc(messages[i].n);
			struct criu_response a;
			memcpy(turned, messages[i].data, messages[i].n);
			turned[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (criu_decode(turned, messages[i].n, &a) == 0) {
				assert_non_null(memchr(a.script, 0, sizeof a.script));
				assert_non_null(memchr(a.message, 0, sizeof a.message));
			}
			test_free(turned);
		}
	}
	struct criu_response a;
	static const uint8_t endless[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff };
	static const uint8_t group[] = { 0x0b };
	static const uint8_t too_long[] = { 0x08, 1, 0x4a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0x7f, 'a' };
	assert_int_equal(criu_decode(endless, sizeof endless, &a), -EBADMSG);
	assert_int_equal(criu_decode(group, sizeof group, &a), -EBADMSG);
	assert_int_equal(criu_decode(too_long, sizeof too_long, &a), -EBADMSG);
	assert_int_equal(criu_decode(group, 0, &a), -EBADMSG);
}

static const char config_text[] =
	"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/data\",\"source\":\"/srv\",\"options\":[\"rbind\"]},"
	"{\"destination\":\"/var/run/x\",\"source\":\"/run/x\",\"options\":[\"bind\",\"ro\"]},"
	"{\"destination\":\"/data\",\"source\":\"none\",\"options\":[\"remount\",\"bind\"]}],"
	"\"linux\":{\"devices\":[{\"type\":\"c\",\"path\":\"/dev/"
	"fuse\",\"major\":10,\"minor\":229}],"
	"\"maskedPaths\":[\"/proc/kcore\"],\"namespaces\":[{\"type\":\"mount\"},"
	"{\"type\":\"network\",\"path\":\"/run/netns/a\"},{\"type\":\"uts\",\"path\":\"/proc/7/ns/"
	"uts\"}]}}";

static struct oci_config *read_config(struct arena *arena)
{
	struct oci_config *config;
	struct error e;
	assert_int_equal(
		oci_config_decode(config_text, sizeof config_text - 1, "c", arena, &config, &e), 0);
	return config;
}

static void test_dump(void **state)
{
	struct arena arena;
	struct error e;
	struct criu_request r;
	arena_init(&arena);
	const char *places[] = { "/proc", "/data", "/run/x", "/data" },
		   *masked[] = { "/proc/kcore" };
	const struct checkpoint_options o = {
		.common = { .tcp_established = true, .manage_cgroups = MANAGE_CGROUPS_IGNORE },
		.parent_path = "../p",
		.page_server = "[::1]:77",
		.leave_running = true,
		.network_lock = NETWORK_LOCK_SKIP,
	};
	const struct criu_facts facts = {
		.has_work_dir = true,
		.config_file = "/etc/criu/oci-rt.conf",
		.pid = 42,
		.rootfs = "/b/rootfs",
		.freezer = "/sys/fs/cgroup/c1",
		.places = places,
		.files = { "file[17:4]", "pipe:[9]", "/dev/pts/0" },
		.joined = { [OCI_NS_NETWORK] = 99, [OCI_NS_UTS] = 98 },
		.masked_files = { 1, masked },
	};
	assert_int_equal(criu_decide_dump(&arena, read_config(&arena), &o, &facts, &r, &e), 0);
	assert_string_equal(criu_request_text(&arena, &r),
		"type: 1\nimages_dir_fd: 4\npid: 42\nleave_running\ntcp_established\nlog_level: 4\n"
		"log_file: dump.log\nnotify_scripts\nroot: /b/rootfs\nparent_img: ../p\ntrack_mem\n"
		"work_dir_fd: 5\next_mnt: /data = /data\next_mnt: /run/x = /var/run/x\n"
		"ext_mnt: /dev/fuse = /dev/fuse\next_mnt: /proc/kcore = /dev/null\n"
		"cgroup_mode: 0\nexternal: net[99]:extRootNetNS\nexternal: file[17:4]\n"
		"empty_ns: 1073741824\nfreeze_cgroup: /sys/fs/cgroup/c1\norphan_pts_master\n"
		"config_file: /etc/criu/oci-rt.conf\nnetwork_lock: 3\npage server: ::1, 77\n");
	arena_free(&arena);
}

static void test_restore(void **state)
{
	struct arena arena;
	struct error e;
	struct criu_request r;
	arena_init(&arena);
	const struct restore_options o = { .common = { .lazy_pages = true },
		.lsm_profile = "apparmor:p" };
	const struct criu_facts facts = {
		.root = "/run/oci-rt/c1/criu-root",
		.cgroups = "3:cpu,cpuacct:/a\n0::/b:c\n",
		.saved_files = { "pipe:[9]", "/dev/pts/0", "pipe:[9]" },
		.stdio_fds = { 6, 7, 8 },
		.namespace_fds = { [OCI_NS_NETWORK] = 9, [OCI_NS_UTS] = 10 },
	};
	assert_int_equal(criu_decide_restore(&arena, read_config(&arena), &o, &facts, &r, &e), 0);
	assert_string_equal(criu_request_text(&arena, &r),
		"type: 2\nimages_dir_fd: 4\nevasive_devices\nlog_level: 4\nlog_file: restore.log\n"
		"notify_scripts\nroot: /run/oci-rt/c1/criu-root\next_mnt: /data = /srv\n"
		"ext_mnt: /var/run/x = /run/x\next_mnt: /dev/fuse = /dev/fuse\n"
		"ext_mnt: /dev/null = /dev/null\ncg_root: cpu,cpuacct = /a\ncg_root:  = /b:c\n"
		"rst_sibling\ninherit_fd: extRootNetNS = 9\ninherit_fd: pipe:[9] = 6\n"
		"cgroup_mode: 3\nempty_ns: 1073741824\njoin_ns: uts = /proc/7/ns/uts\nlazy_pages\n"
		"orphan_pts_master\nlsm_profile: apparmor:p\n");
	arena_free(&arena);
}

static void test_refusals(void **state)
{
	struct arena arena;
	struct error e;
	struct criu_request r;
	arena_init(&arena);
	struct oci_config *config = read_config(&arena);
	const struct criu_facts facts = { 0 };
	const struct restore_options o = { 0 };
	const char *option = "idmap";
	config->mounts.v[1].options = (struct string_list){ 1, &option };
	assert_int_equal(criu_decide_restore(&arena, config, &o, &facts, &r, &e), -EOPNOTSUPP);
	assert_string_equal(e.path, "mounts[1]");
	assert_int_equal(criu_check_restore(&o, config, &e), 0);
	config->linux_->namespaces.v[0].path = "/proc/7/ns/mnt";
	assert_int_equal(criu_check_restore(&o, config, &e), -EOPNOTSUPP);
	assert_string_equal(e.path, "linux.namespaces[0].path");
	static const char *const servers[] = { "", "a", "a:", ":1", "a:0", "a:65536", "a:b" };
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
		const struct checkpoint_options c = { .page_server = servers[i] };
		assert_int_equal(criu_check_checkpoint(&c, &e), -EINVAL);
	}
	arena_free(&arena);
}

static void test_log(void **state)
{
	static const struct {
		const char *log, *excerpt;
	} cases[] = {
		{ "", "" },
		{ "(00.1) fine\n", "" },
		{ "(00.1) Error (criu/a.c:1): it is so\n", "it is so" },
		{ "Error (a.c:1): one\n(0) x\n(1) Error (b.c:2): two\n(2) Error (c.c:3): three\n",
			"one; two" },
		{ "Error (a.c:1): one\nError (criu/cr-dump.c:9): Dumping FAILED.\n", "one" },
		{ "Error (a.c:1): a\tb", "a b" },
		{ "Error (a.c:1): ", "" },
		{ "Error (a.c:1):", "" },
	};
	char buffer[20];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		criu_log_excerpt(cases[i].log, buffer, sizeof buffer);
		assert_string_equal(buffer, cases[i].excerpt);
	}
	criu_log_excerpt("Error (a.c:1): 12345678901234567890", buffer, sizeof buffer);
	assert_string_equal(buffer, "1234567890123456789");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_decode_damaged),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_restore),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
