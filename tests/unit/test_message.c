/* SPDX-License-Identifier: Apache-2.0 */
/* What an actor that ends leaves in the channel -> what the other one reads. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "steps/message.h"

static int ends[2];

static int setup(void **state)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int teardown(void **state)
{
	return close(ends[0]);
}

static void test_last_words_survive_unread_messages(void **state)
{
	struct message m = { .kind = MESSAGE_MEET }, received;
	assert_int_equal(message_send(ends[0], &m), 0);
	assert_int_equal(message_send(ends[0], &m), 0);
	assert_int_equal(message_receive(ends[1], &received), 1);
	m = (struct message){ .kind = MESSAGE_FAILED };
	error_set(&m.error, ERROR_SYSTEM, 2, "not found");
	assert_int_equal(message_send(ends[1], &m), 0);
	close(ends[1]);
	assert_int_equal(message_receive(ends[0], &received), 1);
	assert_int_equal(received.kind, MESSAGE_FAILED);
	assert_string_equal(received.error.text, "not found");
	assert_int_equal(message_receive(ends[0], &received), 0);
}

static void test_end_without_words(void **state)
{
	struct message m = { .kind = MESSAGE_MEET }, received;
	assert_int_equal(message_send(ends[0], &m), 0);
	close(ends[1]);
	/* not the end that execve causes: a message of ours was never read */
	assert_int_equal(message_receive(ends[0], &received), -ECONNRESET);
	assert_true(message_send(ends[0], &m) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_last_words_survive_unread_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end_without_words, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
