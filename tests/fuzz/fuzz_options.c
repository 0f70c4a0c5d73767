/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of command lines: the first byte is the command, each line after it an argument. */
#include "fuzz.h"

#include "cli/command.h"

enum { ARGUMENTS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct error e = { 0 };
	struct string_list rest = { 0 };
	char *argv[ARGUMENTS + 1] = { 0 };
	int argc = 0, n = 0;
	bool help = false;
	if (size < 1)
		return 0;
	while (commands[n])
		n++;
	const struct command *c = commands[data[0] % n];
	char *text = text_of(data + 1, size - 1), *at = text;
	while (at && argc < ARGUMENTS)
		argv[argc++] = strsep(&at, "\n");
	arena_init(&arena);
	void *options = arena_alloc(&arena, c->options_size);
	require(options != NULL);
	if (options_parse(&c->table, argc, argv, options, &arena, &rest, &help, &e) < 0)
		require(e.text[0]);
	else
		require(rest.n <= (size_t)argc);
	if (c == &cmd_exec && !e.text[0]) {
		const struct exec_options *o = options;
		/* (uid_t)-1 leaves the id as it is: root's */
		require(!o->user.set || o->user.uid != UINT32_MAX);
		require(!o->user.gid_set || o->user.gid != UINT32_MAX);
	}
	arena_free(&arena);
	free(text);
	return 0;
}
