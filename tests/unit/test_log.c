/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines -> the bytes that a client reads. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/parse_num.h"

static void test_escape(void **state)
{
	static const struct {
		const char *text, *escaped;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "\"\\", "\\\"\\\\" },
		{ "a\nb\tc\rd\be\ff", "a\\nb\\tc\\rd\\be\\ff" },
		{ "\x01\x1f\x7f", "\\u0001\\u001f\\u007f" },
		{ "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
			"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\xff", "\\ufffd" },
		{ "a\xc3", "a\\ufffd" },				  /* cut off */
		{ "\xc0\xaf", "\\ufffd\\ufffd" },			  /* overlong */
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },		  /* a surrogate */
		{ "\xf4\x90\x80\x80x", "\\ufffd\\ufffd\\ufffd\\ufffdx" }, /* above U+10FFFF */
		{ "\x80y", "\\ufffdy" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[64];
		size_t n = log_escape(out, sizeof out, cases[i].text);
		assert_int_equal(n, strlen(out));
		assert_string_equal(out, cases[i].escaped);
	}
}

static void test_escape_is_cut_between_characters(void **state)
{
	char out[8];
	log_escape(out, sizeof out, "abcdef\xe2\x82\xac");
	assert_string_equal(out, "abcdef");
	log_escape(out, sizeof out, "abc\xff");
	assert_string_equal(out, "abc");
	log_escape(out, 1, "abc");
	assert_string_equal(out, "");
}

static char path[] = "/tmp/oci-rt-log-XXXXXX";

static void read_back(char *text, size_t size)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, size - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_int_equal(truncate(path, 0), 0);
}

/* The sentence goes to standard error too: keep the test's own output clean. */
static void log_quietly(const struct error *e)
{
	AUTO_CLOSE int saved = dup(STDERR_FILENO);
	AUTO_CLOSE int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(null, STDERR_FILENO);
	log_error(e);
	dup2(saved, STDERR_FILENO);
}

static void test_json_line(void **state)
{
	struct error e;
	char text[1024];
	const char head[] = "{\"level\":\"error\",\"msg\":\"config.json:3:4: a.b: no \\\"x\\\"\","
			    "\"time\":\"2";
	AUTO_CLOSE int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(fd >= 0);
	assert_int_equal(log_open(path, LOG_FORMAT_JSON, LOG_LEVEL_ERROR, &e), 0);
	error_field(&e, "a.b", "no \"x\"");
	strcpy(e.file, "config.json");
	e.line = 3;
	e.column = 4;
	log_quietly(&e);
	log_warning(&e);
	log_debug("not at this level");
	read_back(text, sizeof text);
	assert_memory_equal(text, head, sizeof head - 1);
	assert_string_equal(text + strlen(text) - 4, "Z\"}\n");
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);

	assert_int_equal(log_open(path, LOG_FORMAT_TEXT, LOG_LEVEL_DEBUG, &e), 0);
	log_debug("%s \"%d\"", "pid", 3);
	read_back(text, sizeof text);
	assert_non_null(strstr(text, "Z\" level=debug msg=\"pid \\\"3\\\"\"\n"));
	unlink(path);
}

/* The longest error there can be, all of it in need of escapes, stays one whole line. */
static void test_longest_line(void **state)
{
	static char text[16 * 1024];
	struct error e = { .line = UINT32_MAX, .column = UINT32_MAX };
	memset(e.file, 0xff, sizeof e.file - 1);
	memset(e.path, 0xff, sizeof e.path - 1);
	memset(e.text, 0xff, sizeof e.text - 1);
	strcpy(path + sizeof path - 7, "XXXXXX");
	AUTO_CLOSE int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(log_open(path, LOG_FORMAT_JSON, LOG_LEVEL_ERROR, NULL), 0);
	log_quietly(&e);
	read_back(text, sizeof text);
	assert_string_equal(text + strlen(text) - 4, "Z\"}\n");
	unlink(path);
}

static void test_unopenable_file(void **state)
{
	struct error e;
	assert_int_equal(log_open("/nowhere/log", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR, &e), -2);
	assert_string_equal(e.text, "open log file '/nowhere/log': no such file or directory");
}

static void test_numbers(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "0x1", "1e3", "4294967296",
		"18446744073709551616", "a" };
	uint32_t v = 77;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_false(parse_u32(bad[i], &v));
		assert_int_equal(v, 77);
	}
	assert_true(parse_u32("4294967295", &v));
	assert_int_equal(v, UINT32_MAX);
	int64_t s;
	assert_true(parse_i64("-9223372036854775808", &s));
	assert_true(s == INT64_MIN);
	assert_false(parse_i64("-9223372036854775809", &s));
	assert_false(parse_i64("9223372036854775808", &s));
	assert_false(parse_i64("-", &s));
	static const struct {
		const char *text;
		int64_t v;
	} sizes[] = { { "0", 0 }, { "1k", 1024 }, { "2M", 2 << 20 }, { "3gb", 3LL << 30 },
		{ "1T", 1LL << 40 }, { "7b", 7 } };
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_true(parse_bytes(sizes[i].text, &s));
		assert_true(s == sizes[i].v);
	}
	static const char *const bad_sizes[] = { "", "k", "-1", "1x", "1kk", "1 k",
		"9223372036854775808", "8388608t" };
	for (size_t i = 0; i < ARRAY_SIZE(bad_sizes); i++)
		assert_false(parse_bytes(bad_sizes[i], &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_escape_is_cut_between_characters),
		cmocka_unit_test(test_json_line),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_unopenable_file),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
