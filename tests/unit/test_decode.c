/* SPDX-License-Identifier: Apache-2.0 */
/* Documents into structs: what is read, what is refused with which line, and what is not. */
#include "spec_data.h"

#include <errno.h>
#include <sys/resource.h>

#include "libocispec/document.h"
#include "libocispec/json_reader.h"
#include "libocispec/names.h"
#include "libocispec/runtime/tables.h"
#include "libocispec/utf8.h"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return 0;
}

static int decode(const char *text, size_t len, struct oci_config **ret, struct error *e)
{
	char *exact = exactly(text, len);
	int err = oci_config_decode(exact, len, "config.json", &arena, ret, e);
	free(exact);
	return err;
}

static struct oci_config *decode_full(void)
{
	size_t len;
	struct error e = { 0 };
	struct oci_config *config = NULL;
	char *text = read_data("full.json", &len);
	int err = decode(text, len, &config, &e);
	free(text);
	if (err < 0)
		assert_error(&e, "");
	return config;
}

static void test_full_process(void **state)
{
	const struct oci_process *p = decode_full()->process;
	assert_true(p->terminal);
	assert_int_equal(p->console_size->height, 40);
	assert_int_equal(p->console_size->width, 132);
	assert_int_equal(p->user.uid, 1000);
	assert_true(p->user.umask.set);
	assert_int_equal(p->user.umask.v, 18);
	assert_int_equal(p->user.additional_gids.n, 2);
	assert_int_equal(p->user.additional_gids.v[1], 4294967294);
	assert_int_equal(p->args.n, 4);
	assert_string_equal(p->args.v[3], "");
	assert_null(p->args.v[4]);
	assert_string_equal(p->env.v[2], "UTF8=gr\u00fc\u00df \u2713 \U0001f680");
	assert_string_equal(p->env.v[3], "QUOTED=\"a\\b\"\tc");
	assert_int_equal(p->capabilities->bounding, 1ull << 0 | 1ull << 5 | 1ull << 40);
	assert_int_equal(p->capabilities->ambient, 1ull << 10);
	assert_int_equal(p->capabilities->unknown.n, 0);
	assert_int_equal(p->rlimits.v[0].type, RLIMIT_NOFILE);
	assert_int_equal(p->rlimits.v[0].soft, 1024);
	assert_true(p->rlimits.v[0].hard == UINT64_MAX);
	assert_int_equal(p->oom_score_adj.v, -500);
	assert_int_equal(p->scheduler->policy, OCI_SCHED_DEADLINE);
	assert_int_equal(p->scheduler->nice.v, -5);
	assert_int_equal(p->scheduler->flags.n, 2);
	assert_int_equal(p->scheduler->flags.v[1], 0x40);
	assert_int_equal(p->io_priority->class, OCI_IOPRIO_BE);
	assert_int_equal(p->io_priority->priority.v, 7);
	assert_string_equal(p->exec_cpu_affinity->final, "2,3");
}

static void test_full_linux(void **state)
{
	const struct oci_linux *l = decode_full()->linux_;
	assert_int_equal(l->uid_mappings.n, 2);
	assert_int_equal(l->uid_mappings.v[1].host_id, 100000);
	assert_int_equal(l->namespaces.n, 8);
	assert_int_equal(l->namespaces.v[1].type, OCI_NS_NETWORK);
	assert_string_equal(l->namespaces.v[1].path, "/run/netns/blue");
	assert_null(l->namespaces.v[0].path);
	assert_int_equal(l->devices.v[0].type, 'c');
	assert_true(l->devices.v[0].uid.set);
	assert_false(l->devices.v[1].major.set);
	assert_string_equal(l->net_devices.v[0].host_name, "eth0");
	assert_string_equal(l->net_devices.v[0].name, "lan%d");
	assert_null(l->net_devices.v[1].name);
	assert_string_equal(l->sysctl.v[1].key, "net/ipv4/conf/eth0.100/forwarding");
	assert_int_equal(l->rootfs_propagation, OCI_PROPAGATION_SLAVE);
	assert_true(l->intel_rdt->has_schemata);
	assert_int_equal(l->intel_rdt->schemata.n, 0);
	assert_int_equal(l->memory_policy->mode, OCI_MPOL_INTERLEAVE);
	assert_int_equal(l->memory_policy->flags.v[0], 1 << 15);
	assert_int_equal(l->personality->domain, OCI_PER_LINUX32);
	assert_int_equal(l->time_offsets->boottime->secs, -5);
	assert_true(l->time_offsets->monotonic->secs == INT64_MAX);
	assert_int_equal(l->seccomp->default_action, OCI_ACT_ERRNO);
	assert_int_equal(l->seccomp->architectures.v[1], OCI_ARCH_RISCV64);
	assert_true(l->seccomp->syscalls.v[1].args.v[0].value == UINT64_MAX);
	assert_true(l->seccomp->syscalls.v[1].args.v[0].value_two.set);
	assert_false(l->seccomp->syscalls.v[1].args.v[1].value_two.set);
	assert_int_equal(l->seccomp->syscalls.v[1].args.v[1].op, OCI_CMP_NE);
}

static void test_full_resources(void **state)
{
	const struct oci_resources *r = decode_full()->linux_->resources;
	assert_int_equal(r->devices.n, 3);
	assert_int_equal(r->devices.v[0].access, 0);
	assert_int_equal(r->devices.v[1].access, OCI_ACCESS_READ | OCI_ACCESS_WRITE);
	assert_int_equal(r->devices.v[2].type, OCI_DEVICE_BLOCK);
	assert_int_equal(r->devices.v[2].minor.v, -1);
	assert_true(r->memory->swap.v == INT64_MAX);
	assert_true(r->memory->disable_oom_killer.set);
	assert_false(r->memory->disable_oom_killer.v);
	assert_true(r->cpu->burst.set);
	assert_int_equal(r->cpu->burst.v, 0);
	assert_true(r->pids->has_limit);
	assert_int_equal(r->pids->limit, 0);
	assert_int_equal(r->block_io->leaf_weight.v, 65535);
	assert_false(r->block_io->weight_device.v[1].weight.set);
	assert_true(r->block_io->throttle_write_bps.v[0].rate.v == UINT64_MAX);
	assert_string_equal(r->rdma.v[1].device, "rxe3");
	assert_false(r->rdma.v[1].hca_handles.set);
	assert_string_equal(r->unified.v[1].value, "8:0 rbps=1\n8:16 wbps=2");
}

static void test_absent_is_null(void **state)
{
	static const char text[] = "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},"
				   "\"linux\":{\"resources\":{\"pids\":{}}},"
				   "\"hostname\":\"\",\"mounts\":[]}";
	struct oci_config *config;
	assert_int_equal(decode(text, sizeof text - 1, &config, NULL), 0);
	assert_null(config->process);
	assert_null(config->hooks);
	assert_null(config->hostname);
	assert_int_equal(config->mounts.n, 0);
	assert_null(config->linux_->resources->pids);
	assert_null(config->linux_->seccomp);
	assert_int_equal(config->linux_->rootfs_propagation, OCI_PROPAGATION_UNSET);
}

static void test_unknown_capabilities_are_kept(void **state)
{
	static const char text[] =
		"{\"cwd\":\"/\",\"args\":[\"a\"],\"capabilities\":{"
		"\"bounding\":[\"CAP_A\",\"CAP_KILL\",\"CAP_B\",\"CAP_C\",\"CAP_D\"],"
		"\"ambient\":[\"CAP_A\",\"cap_kill\",\"KILL\"]}}";
	static const char *const expected[] = { "CAP_A", "CAP_B", "CAP_C", "CAP_D", "CAP_A",
		"cap_kill", "KILL" };
	struct oci_process *p;
	assert_int_equal(oci_process_decode(text, sizeof text - 1, "p", &arena, &p, NULL), 0);
	assert_int_equal(p->capabilities->bounding, 1ull << 5);
	assert_int_equal(p->capabilities->ambient, 0);
	assert_int_equal(p->capabilities->unknown.n, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(p->capabilities->unknown.v[i], expected[i]);
	assert_null(p->capabilities->unknown.v[7]);
}

static void check_refused(const char *file)
{
	size_t len, document_len;
	char *text = read_data(file, &len), *rest = text, *document;
	const char *expected;
	size_t n = 0;
	for (; next_case(&rest, &expected, &document, &document_len); n++) {
		struct error e = { 0 };
		struct oci_config *config = NULL;
		assert_true(decode(document, document_len, &config, &e) < 0);
		assert_error(&e, expected);
		assert_null(config);
	}
	assert_true(n > 60);
	assert_int_equal(*rest, '\0');
	free(text);
}

static void test_bad_documents(void **state)
{
	check_refused("bad-configs.txt");
}

static void test_invalid_documents(void **state)
{
	check_refused("invalid-configs.txt");
}

static void test_good_documents(void **state)
{
	size_t len, document_len;
	char *text = read_data("good-configs.txt", &len), *rest = text, *document;
	const char *title;
	size_t n = 0;
	for (; next_case(&rest, &title, &document, &document_len); n++) {
		struct error e = { 0 };
		struct oci_config *config = NULL;
		if (decode(document, document_len, &config, &e) < 0)
			assert_error(&e, title);
		assert_non_null(config);
	}
	assert_true(n > 15);
	assert_int_equal(*rest, '\0');
	free(text);
}

static void check_bytes(const char *text, size_t len, const char *expected)
{
	struct error e = { 0 };
	struct oci_config *config;
	assert_true(decode(text, len, &config, &e) < 0);
	assert_error(&e, expected);
}

static void test_bad_bytes(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *expected;
	} cases[] = {
#define BYTES(s) s, sizeof(s) - 1
		{ BYTES("{\"a\":\"\x80\"}"), "config.json:1:7: not valid UTF-8" },
		{ BYTES("{\n\"a\":\"\xc0\xaf\"}"), "config.json:2:6: not valid UTF-8" },
		{ BYTES("{\"a\":\"\xe0\x80\xaf\"}"), "config.json:1:7: not valid UTF-8" },
		{ BYTES("{\"a\":\"\xed\xa0\x80\"}"), "config.json:1:7: not valid UTF-8" },
		{ BYTES("{\"a\":\"\xf4\x90\x80\x80\"}"), "config.json:1:7: not valid UTF-8" },
		{ BYTES("{\"abcdefghijk\":\"\xc3\"}"), "config.json:1:17: not valid UTF-8" },
		{ BYTES("{\"a\":\"\xf0\x9f\x9a"), "config.json:1:7: not valid UTF-8" },
		{ BYTES("{\"\xff\":1}"), "config.json:1:3: not valid UTF-8" },
		{ BYTES("{\"a\":\"x\0y\"}"),
			"config.json:1:6: not valid JSON: invalid character inside string" },
		{ BYTES("{\"ociVersion\":\"1.3.0\"}\0"),
			"config.json:1:23: not valid JSON: trailing garbage" },
		{ BYTES("\xef\xbb\xbf{}"),
			"config.json:1:1: not valid JSON: invalid char in json text" },
		{ BYTES(""), "config.json:1:1: not valid JSON: premature EOF" },
#undef BYTES
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_bytes(cases[i].text, cases[i].len, cases[i].expected);
}

/* Each prefix of a good document is a bad one, and is refused without a crash. */
static void test_truncated(void **state)
{
	size_t len;
	char *text = read_data("full.json", &len);
	while (len && text[len - 1] != '}')
		len--;
	for (size_t n = 0; n < len; n += n < 600 ? 1 : 37) {
		struct error e = { 0 };
		struct oci_config *config;
		assert_int_equal(decode(text, n, &config, &e), -EINVAL);
		if (utf8_first_invalid(text, n) == n)
			assert_string_equal(e.text, "not valid JSON: premature EOF");
		else
			assert_string_equal(e.text, "not valid UTF-8");
		arena_free(&arena);
	}
	free(text);
}

static void test_deep(void **state)
{
	enum { DEPTH = 100000 };
	char *text = malloc(DEPTH + 5);
	memcpy(text, "{\"x\":", 5);
	memset(text + 5, '[', DEPTH);
	check_bytes(text, DEPTH + 5,
		"config.json:1:133: x"
		"[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
		"[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]"
		"[0][0][0][0][0][0][0][0][0]["
		": nested more than 128 levels deep");
	for (int i = 0; i < DEPTH / 5; i++)
		memcpy(text + 5 * (size_t)i, "{\"x\":", 5);
	struct error e = { 0 };
	struct oci_config *config;
	assert_int_equal(decode(text, DEPTH, &config, &e), -EINVAL);
	assert_string_equal(e.text, "nested more than 128 levels deep");
	assert_int_equal(e.column, 128 * 5 + 1);
	free(text);
}

static void test_large(void **state)
{
	size_t len = JSON_MAX_SIZE + 1;
	char *text = malloc(len);
	memset(text, ' ', len);
	check_bytes(text, len, "config.json:1:1: larger than 8 MiB");
	check_bytes(text, len - 1, "config.json:1:8388609: not valid JSON: premature EOF");
	free(text);
}

/* A million keys: what is quadratic here does not end. */
static void check_many(const char *head, bool repeat_first, const char *expected)
{
	enum { N = 500000 };
	struct error e = { 0 };
	struct oci_config *config;
	char *text = malloc(100 + N * 16u), *p = text + sprintf(text, "%s", head);
	for (unsigned i = 0; i < N; i++)
		p += sprintf(p, "\"k%u\":\"\",", i);
	p += sprintf(p, "\"k%u\":\"\"}}", repeat_first ? 0u : N);
	int err = decode(text, (size_t)(p - text), &config, &e);
	free(text);
	assert_int_equal(err, expected[0] ? -EINVAL : 0);
	assert_error(&e, expected);
}

static void test_many_keys(void **state)
{
	static const char known[] = "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\n"
				    "\"annotations\":{";
	static const char unknown[] = "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\n"
				      "\"x\":{";
	check_many(known, false, "");
	check_many(known, true, "config.json:2:6388906: annotations.k0: duplicate key");
	check_many(unknown, false, "");
	check_many(unknown, true, "config.json:2:6388896: x.k0: duplicate key");
}

/* A repeated key of an object with many is seen at its end: until then both lists are read, and the
 * second must not be written past its room. */
static void test_list_twice(void **state)
{
	enum { N = 20000 };
	char *text = malloc(1000 + N * 5u), *p = text;
	p += sprintf(p, "{\"process\":{\"args\":[");
	for (int i = 0; i < N; i++)
		p += sprintf(p, "\"ab\",");
	p += sprintf(p, "\"\"],\n");
	for (int i = 0; i < 20; i++)
		p += sprintf(p, "\"k%d\":0,", i);
	p += sprintf(p, "\n\"args\":[\"x\"]}}");
	check_bytes(text, (size_t)(p - text), "config.json:3:1: process.args: duplicate key");
	free(text);
}

static void test_other_documents(void **state)
{
	struct error e = { 0 };
	struct oci_process *p = NULL;
	struct oci_resources *r = NULL;
	struct oci_state *s = NULL;

	static const char bad_process[] = "{\"cwd\":\"tmp\",\"args\":[\"a\"]}";
	assert_int_equal(
		oci_process_decode(bad_process, sizeof bad_process - 1, "p.json", &arena, &p, &e),
		-EINVAL);
	assert_error(&e, "p.json:1:8: cwd: \"tmp\" is not an absolute path");
	assert_null(p);

	static const char good[] = "{\"memory\":{\"limit\":-1},\"pids\":{}}";
	assert_int_equal(oci_resources_decode(good, sizeof good - 1, "-", &arena, &r, &e), 0);
	assert_int_equal(r->memory->limit.v, -1);
	assert_null(r->pids);
	static const char bad_resources[] = "{\"cpu\":{\"idle\":3}}";
	assert_int_equal(
		oci_resources_decode(bad_resources, sizeof bad_resources - 1, "-", &arena, &r, &e),
		-EINVAL);
	assert_error(&e, "-:1:16: cpu.idle: 3 is neither 0 nor 1");

	static const char state_text[] =
		"{\"ociVersion\":\"1.3.0\",\"id\":\"x\",\"status\":\"paused\",\"pid\":7,"
		"\"bundle\":\"/b\",\"annotations\":{\"a\":\"b\"},\"more\":[]}";
	assert_int_equal(
		oci_state_decode(state_text, sizeof state_text - 1, "s", &arena, &s, &e), 0);
	assert_int_equal(s->status, OCI_STATUS_PAUSED);
	assert_int_equal(s->pid, 7);
	assert_string_equal(s->annotations.v[0].value, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_full_process, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_linux, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_resources, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absent_is_null, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_unknown_capabilities_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_documents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_invalid_documents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_good_documents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncated, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_documents, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
