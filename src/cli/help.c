/* SPDX-License-Identifier: Apache-2.0 */
/* --help and --version, generated from the tables of commands and options. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "cli/command.h"
#include "config.h"
#include "libocispec/runtime/state.h"

enum { INDENT = 3, GAP = 2 };

static int spell(char *buffer, size_t size, char letter, const char *name, const char *argument)
{
	char short_form[8] = "    ";
	if (letter)
		snprintf(short_form, sizeof short_form, "-%c, ", letter);
	return snprintf(buffer, size, "%s--%s%s%s", short_form, name, argument ? " " : "",
		argument ? argument : "");
}

static int column_width(const struct option_table *t)
{
	char spelled[96];
	int width = spell(spelled, sizeof spelled, 'h', "help", NULL);
	for (size_t i = 0; i < t->n; i++) {
		int n = spell(spelled, sizeof spelled, t->rows[i].letter, t->rows[i].name,
			t->rows[i].argument);
		if (n > width)
			width = n;
	}
	return width;
}

static void print_options(const struct option_table *t)
{
	char spelled[96];
	int width = column_width(t);
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row *row = &t->rows[i];
		spell(spelled, sizeof spelled, row->letter, row->name, row->argument);
		printf("%*s%-*s%s\n", INDENT, "", width + GAP, spelled, row->help);
	}
	spell(spelled, sizeof spelled, 'h', "help", NULL);
	printf("%*s%-*s%s\n", INDENT, "", width + GAP, spelled, "show this text");
}

void help_print_global(void)
{
	puts("NAME:\n   oci-rt - OCI container runtime\n\n"
	     "USAGE:\n   oci-rt [GLOBAL OPTION...] COMMAND [OPTION...] [ARGUMENT...]\n\n"
	     "COMMANDS:");
	for (size_t i = 0; commands[i]; i++) {
		char names[64];
		snprintf(names, sizeof names, "%s%s%s", commands[i]->name,
			commands[i]->alias ? ", " : "",
			commands[i]->alias ? commands[i]->alias : "");
		printf("%*s%-16s%s\n", INDENT, "", names, commands[i]->summary);
	}
	puts("\nGLOBAL OPTIONS:");
	print_options(&global_table);
}

void help_print_command(const struct command *c)
{
	printf("NAME:\n   oci-rt %s - %s\n\nUSAGE:\n   oci-rt %s%s%s%s\n", c->name, c->summary,
		c->name, c->table.n ? " [OPTION...]" : "", c->arguments[0] ? " " : "",
		c->arguments);
	if (c->details)
		printf("\n%s", c->details);
	puts("\nOPTIONS:");
	print_options(&c->table);
}

void version_print(void)
{
	static const struct {
		bool built;
		const char *name;
	} parts[] = {
		{ WITH_SECCOMP, "SECCOMP" },
	};
	puts("oci-rt version " OCI_RT_VERSION "\nspec: " OCI_SPEC_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		printf("%s%c%s", i ? " " : "", parts[i].built ? '+' : '-', parts[i].name);
	putchar('\n');
	fputs(DEFENCE_NOTICE, stdout);
}
