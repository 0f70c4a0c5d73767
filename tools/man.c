/* SPDX-License-Identifier: Apache-2.0 */
/* Manual pages in man(7)'s macros. Runs while building. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "config.h"
#include "interface.h"

/* roff takes a minus for a hyphen, and a line that begins with . or ' for a request */
static void put_text(const char *s)
{
	bool starts = true;
	for (; *s; s++) {
		if (starts && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else
			putchar(*s);
		starts = *s == '\n';
	}
}

/* roff and end as they are, the text escaped; NULL: none */
static void put(const char *roff, const char *text, const char *end)
{
	fputs(roff, stdout);
	if (text)
		put_text(text);
	fputs(end, stdout);
}

static void put_upper(const char *s)
{
	for (; *s; s++)
		putchar(*s >= 'a' && *s <= 'z' ? *s - 'a' + 'A' : *s);
}

static void put_title(const char *command)
{
	fputs(".TH \"OCI\\-RT", stdout);
	if (command) {
		fputs("\\-", stdout);
		put_upper(command);
	}
	puts("\" 1 \"\" \"oci\\-rt " OCI_RT_VERSION "\" \"User Commands\"");
}

/* What the text does not say yet. */
static void put_names(const struct option_row *row)
{
	fputs("One of ", stdout);
	for (size_t i = 0; row->names[i]; i++) {
		put(i ? ", \\fB" : "\\fB", row->names[i], "\\fR");
	}
	puts(".");
}

static void put_options(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row *row = &t->rows[i];
		puts(".TP");
		if (row->letter)
			printf("\\fB\\-%c\\fR, ", row->letter);
		put("\\fB\\-\\-", row->name, "\\fR");
		if (row->argument)
			put(" \\fI", row->argument, "\\fR");
		put("\n", row->help, ".\n");
		if (row->names)
			put_names(row);
	}
	puts(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nshow a summary of this.");
}

static void put_see_also(void)
{
	puts(".SH SEE ALSO");
	puts(".BR oci\\-rt (1),");
	for (size_t i = 0; commands[i]; i++)
		put(".BR oci\\-rt\\-", commands[i]->name, commands[i + 1] ? " (1),\n" : " (1)\n");
}

static void print_program(void)
{
	put_title(NULL);
	puts(".SH NAME\noci\\-rt \\- OCI container runtime");
	puts(".SH SYNOPSIS\n.B oci\\-rt\n[\\fIGLOBAL OPTION\\fR...] \\fICOMMAND\\fR "
	     "[\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]");
	puts(".SH DESCRIPTION\nMakes a running container of an OCI bundle: a root file system and "
	     "a "
	     "\\fIconfig.json\\fR. Podman, Buildah, containerd and Docker call it; it can be "
	     "called "
	     "by hand. Long options may have one dash.");
	puts(".SH COMMANDS");
	for (size_t i = 0; commands[i]; i++) {
		put(".TP\n\\fBoci\\-rt\\-", commands[i]->name, "\\fR(1)");
		if (commands[i]->alias)
			put(", also \\fB", commands[i]->alias, "\\fR");
		put("\n", commands[i]->summary, ".\n");
	}
	puts(".SH GLOBAL OPTIONS\nThey stand before the command.");
	put_options(&global_table);
	puts(".SH EXIT STATUS\n0 on success, 1 on failure, with one line on standard error. "
	     "\\fBrun\\fR and \\fBexec\\fR exit with the status of the container's program, or 128 "
	     "and the number of the signal that ended it.");
	puts(".SH FILES\n.TP\n.I /run/oci\\-rt\nroot's containers.\n.TP\n.I "
	     "$XDG_RUNTIME_DIR/oci\\-rt\n"
	     "a user's.");
	put_see_also();
}

static void print_command(const struct command *c)
{
	put_title(c->name);
	put(".SH NAME\noci\\-rt\\-", c->name, " \\- ");
	put("", c->summary, "\n");
	put(".SH SYNOPSIS\n.B oci\\-rt ", c->name, "\n");
	if (c->table.n)
		puts("[\\fIOPTION\\fR...]");
	if (c->arguments[0])
		put("", c->arguments, "\n");
	if (c->alias)
		put(".PP\nAlso \\fBoci\\-rt ", c->alias, "\\fR.\n");
	if (c->details)
		put(".SH DESCRIPTION\n", c->details, "");
	puts(".SH OPTIONS");
	put_options(&c->table);
	put_see_also();
}

void print_man(const struct command *c)
{
	if (c)
		print_command(c);
	else
		print_program();
}
