/* SPDX-License-Identifier: Apache-2.0 */
/* The one parser of command line options. Pure apart from the arena: no system calls, and nothing
 * here knows what an option means. */
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parse_num.h"
#include "cli/duration.h"

struct parser {
	const struct option_table *table;
	int argc, next;
	char **argv;
	void *options;
	struct arena *arena;
	bool help;
	struct error *e;
};

static const struct option_row *row_by_name(const struct option_table *t, const char *s, size_t n)
{
	for (size_t i = 0; i < t->n; i++)
		if (strncmp(t->rows[i].name, s, n) == 0 && t->rows[i].name[n] == '\0')
			return &t->rows[i];
	return NULL;
}

static const struct option_row *row_by_letter(const struct option_table *t, char letter)
{
	for (size_t i = 0; i < t->n; i++)
		if (letter && t->rows[i].letter == letter)
			return &t->rows[i];
	return NULL;
}

static bool takes_value(const struct option_row *row)
{
	return row->argument != NULL;
}

static int bad_value(struct error *e, const char *expected, const char *value)
{
	return error_set(e, ERROR_USAGE, EINVAL, "expected %s, found '%s'", expected, value);
}

static int store_list(struct parser *p, struct string_list *list, const char *value)
{
	/* argc bounds the number of values: one allocation serves them all */
	if (!list->v)
		list->v = ARENA_ARRAY(p->arena, (size_t)p->argc + 1, const char *);
	if (!list->v)
		return error_errno(p->e, ENOMEM, "command line");
	list->v[list->n++] = value;
	return 0;
}

static int store_choice(struct parser *p, const struct option_row *row, int *field, const char *v)
{
	char names[128] = "";
	for (int i = 0; row->names[i]; i++) {
		if (strcmp(row->names[i], v) == 0) {
			*field = i;
			return 0;
		}
		size_t n = strlen(names);
		snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "", row->names[i]);
	}
	return error_set(p->e, ERROR_USAGE, EINVAL, "expected one of %s, found '%s'", names, v);
}

static int store_bytes(struct parser *p, struct opt_i64 *field, const char *value)
{
	if (strcmp(value, "-1") == 0)
		field->v = -1;
	else if (!parse_bytes(value, &field->v))
		return bad_value(p->e, "a size such as 1048576, 512m or -1", value);
	field->set = true;
	return 0;
}

static int store_u16(struct parser *p, struct opt_u16 *field, const char *value)
{
	uint32_t v;
	if (!parse_u32(value, &v) || v > UINT16_MAX)
		return bad_value(p->e, "a number up to 65535", value);
	*field = (struct opt_u16){ true, (uint16_t)v };
	return 0;
}

static int store_flag(struct parser *p, bool *field, const char *value)
{
	static const struct {
		const char *text;
		bool v;
	} words[] = { { "true", true }, { "false", false }, { "1", true }, { "0", false } };
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].text, value) == 0) {
			*field = words[i].v;
			return 0;
		}
	return bad_value(p->e, "true or false", value);
}

static int store(struct parser *p, const struct option_row *row, const char *value)
{
	void *field = (char *)p->options + row->offset;
	struct opt_i64 *i64 = field;
	struct opt_u64 *u64 = field;
	switch (row->kind) {
	case OPTION_FLAG:
		return store_flag(p, field, value);
	case OPTION_TEXT:
		*(const char **)field = value;
		return 0;
	case OPTION_LIST:
		return store_list(p, field, value);
	case OPTION_U32:
		return parse_u32(value, field) ? 0 : bad_value(p->e, "a number", value);
	case OPTION_CHOICE:
		return store_choice(p, row, field, value);
	case OPTION_OPT_I64:
		i64->set = parse_i64(value, &i64->v);
		return i64->set ? 0 : bad_value(p->e, "a number", value);
	case OPTION_OPT_U64:
		u64->set = parse_u64(value, &u64->v);
		return u64->set ? 0 : bad_value(p->e, "a number from 0", value);
	case OPTION_OPT_U16:
		return store_u16(p, field, value);
	case OPTION_BYTES:
		return store_bytes(p, field, value);
	case OPTION_DURATION:
		return duration_parse(value, field)
			       ? 0
			       : bad_value(
					 p->e, "a duration of at least 1ms, as 5s or 1m30s", value);
	case OPTION_CALL:
		return row->parse(value, p->options, p->arena, p->e);
	case OPTION_KIND_COUNT:
		break;
	}
	return error_set(p->e, ERROR_USAGE, EINVAL, "option of unknown kind");
}

/* value NULL: it is the next argument, or there is none because the option is a flag */
static int apply(struct parser *p, const struct option_row *row, const char *spelled, int n,
	const char *value)
{
	if (!value && takes_value(row)) {
		if (p->next >= p->argc)
			return error_set(p->e, ERROR_USAGE, EINVAL,
				"option '%.*s' requires an argument", n, spelled);
		value = p->argv[p->next++];
	}
	int r = store(p, row, value ? value : "true");
	if (r < 0)
		error_prefix(p->e, "option '%.*s'", n, spelled);
	return r;
}

static const char *next_row_name(const void *context, size_t i)
{
	const struct option_table *t = context;
	return i < t->n ? t->rows[i].name : NULL;
}

static int unknown_option(struct parser *p, const char *spelled, const char *name, size_t n)
{
	const struct option_table *outer = p->table->outer;
	if (outer && row_by_name(outer, name, n))
		return error_set(p->e, ERROR_USAGE, EINVAL,
			"option '--%.*s' is global: put it before the command", (int)n, name);
	char word[64];
	snprintf(word, sizeof word, "%.*s", (int)n, name);
	const char *near = suggest(word, next_row_name, p->table);
	int shown = (int)(name + n - spelled);
	if (near)
		return error_set(p->e, ERROR_USAGE, EINVAL,
			"unknown option '%.*s'; did you mean '--%s'?", shown, spelled, near);
	return error_set(p->e, ERROR_USAGE, EINVAL, "unknown option '%.*s'", shown, spelled);
}

/* -abc: flags in a row, of which the last may take the rest, or the next argument, as its value */
static int parse_letters(struct parser *p, const char *arg)
{
	for (const char *c = arg + 1; *c; c++) {
		const struct option_row *row = row_by_letter(p->table, *c);
		if (!row && *c == 'h') {
			p->help = true;
			return 0;
		}
		if (!row)
			return unknown_option(p, arg, arg + 1, strcspn(arg + 1, "="));
		const char spelled[] = { '-', *c, '\0' };
		const char *rest = c[1] == '=' ? c + 2 : c[1] ? c + 1 : NULL;
		bool ends = c[1] == '=' || takes_value(row);
		int r = apply(p, row, spelled, 2, ends ? rest : NULL);
		if (r < 0 || ends)
			return r;
	}
	return 0;
}

static int parse_option(struct parser *p, const char *arg)
{
	bool two_dashes = arg[1] == '-';
	const char *name = arg + 1 + two_dashes;
	size_t n = strcspn(name, "=");
	const char *value = name[n] == '=' ? name + n + 1 : NULL;
	const struct option_row *row = row_by_name(p->table, name, n);
	if (row)
		return apply(p, row, arg, (int)(name + n - arg), value);
	if (n == 4 && strncmp(name, "help", 4) == 0) {
		p->help = true;
		return 0;
	}
	bool is_letters =
		!two_dashes && (row_by_letter(p->table, arg[1]) || strcmp(arg, "-h") == 0);
	return is_letters ? parse_letters(p, arg) : unknown_option(p, arg, name, n);
}

int options_parse(const struct option_table *table, int argc, char **argv, void *options,
	struct arena *arena, struct string_list *ret_arguments, bool *ret_help, struct error *e)
{
	struct parser p = { .table = table,
		.argc = argc,
		.argv = argv,
		.options = options,
		.arena = arena,
		.e = e };
	struct string_list arguments = { 0 };
	bool only_arguments = false;
	int r = 0;
	while (r == 0 && !p.help && p.next < argc) {
		const char *arg = argv[p.next++];
		if (only_arguments || arg[0] != '-' || arg[1] == '\0') {
			r = store_list(&p, &arguments, arg);
			only_arguments |= table->stop_at_argument;
		} else if (strcmp(arg, "--") == 0) {
			only_arguments = true;
		} else {
			r = parse_option(&p, arg);
		}
	}
	if (r < 0)
		return r;
	*ret_arguments = arguments;
	*ret_help = p.help;
	return 0;
}
