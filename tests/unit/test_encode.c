/* SPDX-License-Identifier: Apache-2.0 */
/* Structs into documents, and that nothing gets lost on the way there and back. */
#include "spec_data.h"

#include <errno.h>

#include "libocispec/document.h"
#include "libocispec/features.h"
#include "libocispec/names.h"
#include "libocispec/runtime/mount_options.h"

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

/* The documents of these files have every property, in the order of the rows and with two spaces:
 * what is written must be what was read, byte for byte. */
static void test_config_there_and_back(void **state)
{
	size_t len, written_len;
	struct oci_config *config;
	char *text = read_data("full.json", &len), *written;
	assert_int_equal(oci_config_decode(text, len, "f", &arena, &config, NULL), 0);
	assert_int_equal(oci_config_encode(config, true, &arena, &written, &written_len, NULL), 0);
	assert_string_equal(written, text);
	assert_int_equal(written_len, len);
	free(text);
}

static void test_features_there_and_back(void **state)
{
	size_t len, written_len;
	struct oci_features *features;
	char *text = read_data("full-features.json", &len), *written;
	assert_int_equal(oci_features_decode(text, len, "f", &arena, &features, NULL), 0);
	assert_int_equal(
		oci_features_encode(features, true, &arena, &written, &written_len, NULL), 0);
	assert_string_equal(written, text);
	free(text);
}

/* Each good document, read, written, read and written, is the same text the second time. */
static void test_good_documents_there_and_back(void **state)
{
	size_t len, n;
	char *text = read_data("good-configs.txt", &len), *rest = text, *document;
	const char *title;
	while (next_case(&rest, &title, &document, &len)) {
		struct oci_config *config;
		char *first, *second;
		assert_int_equal(oci_config_decode(document, len, "f", &arena, &config, NULL), 0);
		assert_int_equal(oci_config_encode(config, false, &arena, &first, &n, NULL), 0);
		assert_int_equal(oci_config_decode(first, n, "f", &arena, &config, NULL), 0);
		assert_int_equal(oci_config_encode(config, false, &arena, &second, &n, NULL), 0);
		assert_string_equal(first, second);
	}
	free(text);
}

static void check_config(const char *text, const char *expected)
{
	struct oci_config *config;
	char *written;
	size_t n;
	assert_int_equal(oci_config_decode(text, strlen(text), "f", &arena, &config, NULL), 0);
	assert_int_equal(oci_config_encode(config, false, &arena, &written, &n, NULL), 0);
	assert_string_equal(written, expected);
}

static void test_absent_stays_absent(void **state)
{
	check_config("{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\",\"readonly\":false},"
		     "\"hostname\":null,\"mounts\":[],\"linux\":{\"sysctl\":{}}}",
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{}}");
	/* 0 and false of optionals are values */
	check_config("{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{\"resources\":"
		     "{\"memory\":{\"swap\":0,\"useHierarchy\":false},\"pids\":{\"limit\":0}}}}",
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{\"resources\":"
		"{\"memory\":{\"swap\":0,\"useHierarchy\":false},\"pids\":{\"limit\":0}}}}");
	/* a process always has a user */
	check_config("{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},"
		     "\"process\":{\"cwd\":\"/\",\"args\":[\"\\u0001\\n/\\\"\"]}}",
		"{\"ociVersion\":\"1.3.0\",\"process\":{\"user\":{\"uid\":0,\"gid\":0},"
		"\"args\":[\"\\u0001\\n/\\\"\"],\"cwd\":\"/\"},\"root\":{\"path\":\"r\"}}");
}

static const struct oci_state stopped = {
	.oci_version = "1.3.0",
	.id = "web1",
	.status = OCI_STATUS_STOPPED,
	.bundle = "/b",
	.rootfs = "/b/rootfs",
	.created = "2026-08-01T10:00:00.000000001Z",
	.owner = "",
};

static void test_state(void **state)
{
	char *text;
	size_t n;
	assert_int_equal(oci_state_encode(&stopped, true, &arena, &text, &n, NULL), 0);
	assert_string_equal(text, "{\n"
				  "  \"ociVersion\": \"1.3.0\",\n"
				  "  \"id\": \"web1\",\n"
				  "  \"pid\": 0,\n"
				  "  \"status\": \"stopped\",\n"
				  "  \"bundle\": \"/b\",\n"
				  "  \"rootfs\": \"/b/rootfs\",\n"
				  "  \"created\": \"2026-08-01T10:00:00.000000001Z\",\n"
				  "  \"owner\": \"\"\n"
				  "}\n");
}

static void test_state_of_hooks(void **state)
{
	char *text;
	size_t n;
	struct oci_state running = stopped;
	struct string_pair annotation = { "a", "b" };
	running.status = OCI_STATUS_CREATING;
	running.pid = 42;
	running.annotations = (struct string_map){ 1, &annotation };
	assert_int_equal(oci_hook_state_encode(&running, &arena, &text, &n, NULL), 0);
	assert_string_equal(text,
		"{\"ociVersion\":\"1.3.0\",\"id\":\"web1\",\"status\":\"creating\",\"pid\":42,"
		"\"bundle\":\"/b\",\"annotations\":{\"a\":\"b\"}}");
	assert_int_equal(oci_hook_state_encode(&stopped, &arena, &text, &n, NULL), 0);
	assert_string_equal(text, "{\"ociVersion\":\"1.3.0\",\"id\":\"web1\",\"status\":"
				  "\"stopped\",\"bundle\":\"/b\"}");
}

static void test_state_of_seccomp_agents(void **state)
{
	char *text;
	size_t n;
	const char *fds[] = { "seccompFd" };
	const struct oci_process_state s = {
		.oci_version = "1.3.0",
		.fds = { 1, fds },
		.pid = 42,
		.metadata = "opaque",
		.state = stopped,
	};
	assert_int_equal(oci_process_state_encode(&s, &arena, &text, &n, NULL), 0);
	assert_string_equal(text,
		"{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],\"pid\":42,\"metadata\":"
		"\"opaque\",\"state\":{\"ociVersion\":\"1.3.0\",\"id\":\"web1\",\"status\":"
		"\"stopped\",\"bundle\":\"/b\"}}");
}

static void test_what_cannot_be_written(void **state)
{
	char *text = NULL;
	size_t n;
	struct error e = { 0 };
	struct oci_state s = stopped;
	s.owner = "caf\xe9";
	assert_int_equal(oci_state_encode(&s, false, &arena, &text, &n, &e), -EILSEQ);
	s = stopped;
	s.status = OCI_STATUS_COUNT;
	assert_int_equal(oci_state_encode(&s, false, &arena, &text, &n, &e), -EINVAL);
	assert_string_equal(e.text, "5 is not a valid status");
	assert_null(text);
}

static bool lists(const struct string_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], name) == 0)
			return true;
	return false;
}

static void test_known_features(void **state)
{
	struct oci_features *f;
	char *text;
	size_t n;
	assert_int_equal(oci_features_known(&arena, &f, NULL), 0);
	assert_string_equal(f->oci_version_min, "1.0.0");
	assert_string_equal(f->oci_version_max, "1.3.0");
	assert_int_equal(f->hooks.n, 6);
	assert_true(lists(&f->hooks, "createContainer"));
	assert_true(lists(&f->mount_options, "rro"));
	assert_true(lists(&f->mount_options, "ridmap"));
	assert_int_equal(f->linux_->namespaces.n, 8);
	assert_int_equal(f->linux_->capabilities.n, 41);
	assert_int_equal(f->linux_->seccomp->actions.n, 9);
	assert_int_equal(f->linux_->seccomp->operators.n, 7);
	assert_int_equal(f->linux_->seccomp->archs.n, 23);
	assert_int_equal(f->linux_->seccomp->known_flags.n, 4);
	assert_int_equal(f->linux_->memory_policy->modes.n, 7);
	assert_int_equal(f->linux_->memory_policy->flags.n, 3);
	/* what the features document lists, decoding must take */
	assert_int_equal(oci_features_encode(f, false, &arena, &text, &n, NULL), 0);
	assert_int_equal(oci_features_decode(text, n, "features", &arena, &f, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_config_there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_features_there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_good_documents_there_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absent_stays_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state_of_hooks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state_of_seccomp_agents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_written, setup, teardown),
		cmocka_unit_test_setup_teardown(test_known_features, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
