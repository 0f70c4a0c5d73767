/* SPDX-License-Identifier: Apache-2.0 */
/* usage: interface man [COMMAND] | bash | zsh | fish | check COMMAND... ; runs while building. */
#include "interface.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

enum value_kind value_kind(const struct option_row *row)
{
	static const struct {
		const char *argument;
		enum value_kind kind;
	} known[] = { { "FILE", VALUE_FILE }, { "SOCKET", VALUE_FILE },
		{ "DIR", VALUE_DIRECTORY } };
	if (!row->argument)
		return VALUE_NONE;
	if (row->names)
		return VALUE_NAMES;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(row->argument, known[i].argument) == 0)
			return known[i].kind;
	return VALUE_OTHER;
}

bool takes_id(const struct command *c, size_t n)
{
	const char *word = c->arguments;
	for (; n > 0 && word; n--) {
		word = strchr(word, ' ');
		word = word ? word + 1 : NULL;
	}
	return word && strncmp(word, "ID", 2) == 0 && (word[2] == '\0' || word[2] == ' ');
}

static int check_table(const char *name, const struct option_table *t)
{
	int faults = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row *row = &t->rows[i];
		bool has_words = row->help && strlen(row->help) > 3;
		bool has_names = row->kind != OPTION_CHOICE || (row->names && row->names[0]);
		bool fits = (row->kind == OPTION_FLAG) == (row->argument == NULL);
		if (has_words && has_names && fits)
			continue;
		fprintf(stderr, "%s --%s: %s\n", name, row->name,
			!has_words ? "has no words" : "its kind and its argument do not agree");
		faults++;
	}
	return faults;
}

/* Every option has words, and every command a page: the build's list names the pages. */
static int check(int n, char **names)
{
	int faults = check_table("oci-rt", &global_table);
	int n_commands = 0;
	for (; commands[n_commands]; n_commands++) {
		const struct command *c = commands[n_commands];
		faults += check_table(c->name, &c->table);
		if (!c->summary || strlen(c->summary) < 4) {
			fprintf(stderr, "%s: has no words\n", c->name);
			faults++;
		}
	}
	for (int i = 0; i < n; i++)
		if (!command_find(names[i])) {
			fprintf(stderr, "%s: no such command\n", names[i]);
			faults++;
		}
	if (n != n_commands) {
		fprintf(stderr, "%d commands, but %d in src/cli/meson.build\n", n_commands, n);
		faults++;
	}
	return faults != 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };
	const char *what = argc > 1 ? argv[1] : "";
	const struct command *c = argc > 2 ? command_find(argv[2]) : NULL;
	if (strcmp(what, "check") == 0)
		return check(argc - 2, argv + 2);
	if (strcmp(what, "man") == 0 && (argc == 2 || c)) {
		print_man(c);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (strcmp(what, shells[i].name) == 0) {
			shells[i].print();
			return 0;
		}
	fprintf(stderr, "usage: interface man [COMMAND] | bash | zsh | fish | check COMMAND...\n");
	return 2;
}
