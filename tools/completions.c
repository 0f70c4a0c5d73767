/* SPDX-License-Identifier: Apache-2.0 */
/* Completions for bash, zsh and fish. Runs while building. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "interface.h"

/* Within single quotes of a shell. */
static void put_quoted(const char *s)
{
	for (; *s; s++)
		if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
}

static void put_names(const struct option_row *row)
{
	for (size_t i = 0; row->names[i]; i++)
		printf("%s%s", i ? " " : "", row->names[i]);
}

static void put_command_names(void)
{
	for (size_t i = 0; commands[i]; i++) {
		printf("%s%s", i ? " " : "", commands[i]->name);
		if (commands[i]->alias)
			printf(" %s", commands[i]->alias);
	}
}

static void put_pattern(const struct command *c)
{
	printf("%s", c->name);
	if (c->alias)
		printf("|%s", c->alias);
}

/* bash */

/* Patterns of a case for the options with values of this kind: true if there are any. */
static bool bash_options_with(const struct option_table *t, enum value_kind kind)
{
	bool any = false;
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row *row = &t->rows[i];
		if (value_kind(row) != kind)
			continue;
		printf("%s--%s", any ? "|" : "\t\t", row->name);
		if (row->letter)
			printf("|-%c", row->letter);
		any = true;
	}
	return any;
}

static void bash_values(const struct option_table *t)
{
	static const struct {
		enum value_kind kind;
		const char *action;
	} actions[] = { { VALUE_FILE, "_oci_rt_values=(-f)" },
		{ VALUE_DIRECTORY, "_oci_rt_values=(-d)" },
		{ VALUE_OTHER, "_oci_rt_values=(-W '')" } };
	printf("\t\tcase \"$prev\" in\n");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (bash_options_with(t, actions[i].kind))
			printf(") %s ;;\n", actions[i].action);
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row *row = &t->rows[i];
		if (value_kind(row) != VALUE_NAMES)
			continue;
		printf("\t\t--%s", row->name);
		if (row->letter)
			printf("|-%c", row->letter);
		printf(") _oci_rt_values=(-W '");
		put_names(row);
		puts("') ;;");
	}
	printf("\t\tesac\n\t\t_oci_rt_options='--help");
	for (size_t i = 0; i < t->n; i++)
		printf(" --%s", t->rows[i].name);
	puts("'");
}

static void bash_id_positions(const struct command *c)
{
	for (size_t n = 0; n < 3; n++)
		if (takes_id(c, n) && c != &cmd_create && c != &cmd_run)
			printf("\t\t_oci_rt_id=%zu\n", n);
}

void print_bash(void)
{
	puts("# bash completion for oci-rt, generated from its tables of options\n\n"
	     "_oci_rt_tables() {\n"
	     "\tlocal command=\"$1\" prev=\"$2\"\n"
	     "\t_oci_rt_values=() _oci_rt_options='' _oci_rt_id=-1\n"
	     "\tcase \"$command\" in\n\t'')");
	bash_values(&global_table);
	puts("\t\t;;");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t");
		put_pattern(commands[i]);
		puts(")");
		bash_values(&commands[i]->table);
		bash_id_positions(commands[i]);
		puts("\t\t;;");
	}
	puts("\tesac\n}\n\n"
	     "_oci_rt() {\n"
	     "\tlocal cur=\"${COMP_WORDS[COMP_CWORD]}\" command='' word i n=0 root=()\n"
	     "\tlocal _oci_rt_values _oci_rt_options _oci_rt_id\n"
	     "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	     "\t\tword=\"${COMP_WORDS[i]}\"\n"
	     "\t\tcase \"$word\" in\n"
	     "\t\t--root) root=(--root \"${COMP_WORDS[i + 1]}\") ;;&\n"
	     "\t\t-*)\n"
	     "\t\t\t_oci_rt_tables \"$command\" \"$word\"\n"
	     "\t\t\t[ \"${#_oci_rt_values[@]}\" -eq 0 ] || i=$((i + 1))\n"
	     "\t\t\t;;\n"
	     "\t\t*) if [ -z \"$command\" ]; then command=\"$word\"; else n=$((n + 1)); fi ;;\n"
	     "\t\tesac\n"
	     "\tdone\n"
	     "\t_oci_rt_tables \"$command\" \"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
	     "\tif [ \"${#_oci_rt_values[@]}\" -gt 0 ]; then\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen \"${_oci_rt_values[@]}\" -- \"$cur\")\n"
	     "\telif [[ \"$cur\" == -* ]]; then\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -W \"$_oci_rt_options\" -- \"$cur\")\n"
	     "\telif [ -z \"$command\" ]; then");
	printf("\t\tmapfile -t COMPREPLY < <(compgen -W '");
	put_command_names();
	puts("' -- \"$cur\")\n"
	     "\telif [ \"$n\" -eq \"$_oci_rt_id\" ]; then\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -W \\\n"
	     "\t\t\t\"$(\"${COMP_WORDS[0]}\" \"${root[@]}\" list -q 2>/dev/null)\" -- \"$cur\")\n"
	     "\telse\n"
	     "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	     "\tfi\n"
	     "}\n\n"
	     "complete -F _oci_rt oci-rt");
}

/* zsh: _arguments(1) of zshcompsys */

/* [ and ] end the words, : ends a field */
static void put_zsh(const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *s))
			printf("\\%c", *s);
		else
			putchar(*s);
	}
}

static void zsh_option(const struct option_row *row)
{
	const char *many = row->kind == OPTION_LIST || row->kind == OPTION_CALL ? "\\*" : "";
	if (row->letter)
		printf(" \\\n\t\t%s{-%c,--%s}'[", *many ? "\\*" : "", row->letter, row->name);
	else
		printf(" \\\n\t\t'%s--%s[", *many ? "*" : "", row->name);
	put_zsh(row->help);
	putchar(']');
	if (row->argument) {
		putchar(':');
		put_zsh(row->argument);
		putchar(':');
	}
	switch (value_kind(row)) {
	case VALUE_NAMES:
		putchar('(');
		put_names(row);
		putchar(')');
		break;
	case VALUE_FILE:
		fputs("_files", stdout);
		break;
	case VALUE_DIRECTORY:
		fputs("_directories", stdout);
		break;
	case VALUE_NONE:
	case VALUE_OTHER:
		break;
	}
	putchar('\'');
}

static void zsh_options(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		zsh_option(&t->rows[i]);
	printf(" \\\n\t\t{-h,--help}'[show the help]'");
}

void print_zsh(void)
{
	puts("#compdef oci-rt\n# generated from the tables of options\n\n"
	     "_oci_rt_ids() {\n"
	     "\tlocal -a ids root\n"
	     "\t(( ${+opt_args[--root]} )) && root=(--root \"${opt_args[--root]}\")\n"
	     "\tids=(${(f)\"$(oci-rt $root list -q 2>/dev/null)\"})\n"
	     "\tcompadd -a ids\n"
	     "}\n\n"
	     "_oci_rt_commands() {\n"
	     "\tlocal -a names=(");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t\t'%s:", commands[i]->name);
		put_zsh(commands[i]->summary);
		puts("'");
	}
	puts("\t)\n\t_describe -t commands command names\n}\n\n"
	     "_oci_rt() {\n\tlocal context state line\n\ttypeset -A opt_args");
	printf("\t_arguments -C");
	zsh_options(&global_table);
	puts(" \\\n\t\t'1:command:_oci_rt_commands' '*::argument:->arguments' && return\n"
	     "\t[[ $state = arguments ]] || return 1\n"
	     "\tcase $words[1] in");
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];
		printf("\t");
		put_pattern(c);
		printf(")\n\t\t_arguments");
		zsh_options(&c->table);
		for (size_t n = 0; n < 3; n++)
			if (takes_id(c, n) && c != &cmd_create && c != &cmd_run)
				printf(" \\\n\t\t'%zu:container:_oci_rt_ids'", n + 1);
		puts(" \\\n\t\t'*:argument:_files' ;;");
	}
	puts("\tesac\n}\n\n_oci_rt \"$@\"");
}

/* fish */

static void fish_option(const char *condition, const struct option_row *row)
{
	printf("complete -c oci-rt -n '%s' -l %s", condition, row->name);
	if (row->letter)
		printf(" -s %c", row->letter);
	switch (value_kind(row)) {
	case VALUE_NAMES:
		fputs(" -x -a '", stdout);
		put_names(row);
		putchar('\'');
		break;
	case VALUE_FILE:
		fputs(" -r -F", stdout);
		break;
	case VALUE_DIRECTORY:
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
		break;
	case VALUE_OTHER:
		fputs(" -x", stdout);
		break;
	case VALUE_NONE:
		break;
	}
	fputs(" -d '", stdout);
	put_quoted(row->help);
	puts("'");
}

void print_fish(void)
{
	char condition[96];
	puts("# fish completion for oci-rt, generated from its tables of options");
	for (size_t i = 0; i < global_table.n; i++)
		fish_option("__fish_use_subcommand", &global_table.rows[i]);
	puts("complete -c oci-rt -s h -l help -d 'show the help'");
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];
		printf("complete -c oci-rt -n __fish_use_subcommand -f -a %s -d '", c->name);
		put_quoted(c->summary);
		puts("'");
		snprintf(condition, sizeof condition, "__fish_seen_subcommand_from %s%s%s", c->name,
			c->alias ? " " : "", c->alias ? c->alias : "");
		for (size_t k = 0; k < c->table.n; k++)
			fish_option(condition, &c->table.rows[k]);
		if ((takes_id(c, 0) || takes_id(c, 1)) && c != &cmd_create && c != &cmd_run)
			printf("complete -c oci-rt -n '%s' -a '(oci-rt list -q 2>/dev/null)'\n",
				condition);
	}
}
