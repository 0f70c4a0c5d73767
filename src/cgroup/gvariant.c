/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GVariant's text format, as far as unit properties need it: booleans, numbers, strings and arrays
 * of strings. Pure. What is parsed here comes from config.json: a fuzz target.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/systemd_unit.h"

struct parser {
	struct arena *arena;
	const char *p;
	const char *why;
};

static int fail(struct parser *x, const char *why)
{
	if (!x->why)
		x->why = why;
	return -EINVAL;
}

static void skip_space(struct parser *x)
{
	x->p += strspn(x->p, " \t\r\n");
}

/* A word of the text: it ends where no letter or digit follows. */
static bool take_word(struct parser *x, const char *word)
{
	size_t n = strlen(word);
	if (strncmp(x->p, word, n) != 0)
		return false;
	char next = x->p[n];
	if ((next >= 'a' && next <= 'z') || (next >= '0' && next <= '9'))
		return false;
	x->p += n;
	return true;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

struct number {
	bool is_negative, is_fraction;
	uint64_t v; /* without the sign; of a fraction the whole part */
	double fraction;
};

static int parse_fraction(struct parser *x, struct number *n)
{
	double scale = 0.1;
	n->is_fraction = true;
	for (x->p++; digit_value(*x->p) < 10; x->p++, scale /= 10)
		n->fraction += digit_value(*x->p) * scale;
	return *x->p == 'e' || *x->p == 'E' ? fail(x, "exponents are not supported") : 0;
}

static int parse_number(struct parser *x, struct number *ret)
{
	struct number n = { 0 };
	int base = 10;
	n.is_negative = *x->p == '-';
	x->p += *x->p == '-' || *x->p == '+';
	if (x->p[0] == '0' && (x->p[1] == 'x' || x->p[1] == 'X')) {
		base = 16;
		x->p += 2;
	} else if (x->p[0] == '0' && digit_value(x->p[1]) < 10) {
		base = 8;
	}
	if (digit_value(*x->p) >= base)
		return fail(x, "expected a number");
	for (; digit_value(*x->p) < base; x->p++) {
		if (n.v > (UINT64_MAX - (uint64_t)digit_value(*x->p)) / (uint64_t)base)
			return fail(x, "the number is too large");
		n.v = n.v * (uint64_t)base + (uint64_t)digit_value(*x->p);
	}
	int r = *x->p == '.' && base == 10 ? parse_fraction(x, &n) : 0;
	*ret = n;
	return r;
}

static int check_range(struct parser *x, const struct number *n, uint64_t max, bool is_signed)
{
	if (n->is_fraction)
		return fail(x, "expected an integer");
	if (n->is_negative && !is_signed && n->v)
		return fail(x, "a number without a sign cannot be negative");
	if (n->v > max + (is_signed && n->is_negative))
		return fail(x, "the number is out of range");
	return 0;
}

static int number_of_type(struct parser *x, enum systemd_type type, struct systemd_value *ret)
{
	struct number n;
	int r = parse_number(x, &n);
	if (r < 0)
		return r;
	bool is_signed = type == SYSTEMD_I32 || type == SYSTEMD_I64;
	ret->type = type;
	if (type == SYSTEMD_DOUBLE) {
		double v = (double)n.v + n.fraction;
		ret->u.d = n.is_negative ? -v : v;
		return 0;
	}
	uint64_t max = type == SYSTEMD_I32   ? INT32_MAX
		       : type == SYSTEMD_U32 ? UINT32_MAX
		       : type == SYSTEMD_I64 ? INT64_MAX
					     : UINT64_MAX;
	r = check_range(x, &n, max, is_signed);
	if (r == 0 && is_signed)
		ret->u.i = (int64_t)(n.is_negative ? 0 - n.v : n.v);
	else
		ret->u.u = n.v;
	return r;
}

/* UTF-8 of \uXXXX and \UXXXXXXXX */
static int take_code(struct parser *x, unsigned digits, char **w)
{
	uint32_t c = 0;
	for (unsigned i = 0; i < digits; i++, x->p++) {
		if (digit_value(*x->p) > 15)
			return fail(x, "a bad escape in a string");
		c = c << 4 | (uint32_t)digit_value(*x->p);
	}
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return fail(x, "a bad escape in a string");
	unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	*(*w)++ = (char)(lead[more] | c >> (6 * more));
	for (unsigned i = more; i-- > 0;)
		*(*w)++ = (char)(0x80 | (c >> (6 * i) & 0x3f));
	return 0;
}

static int take_escape(struct parser *x, char **w)
{
	static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	char c = *x->p;
	if (!c)
		return fail(x, "a string without an end");
	x->p++;
	if (c == 'u' || c == 'U')
		return take_code(x, c == 'u' ? 4 : 8, w);
	const char *known = strchr(from, c);
	if (c != '\n') /* the line goes on */
		*(*w)++ = known ? to[known - from] : c;
	return 0;
}

static int parse_string(struct parser *x, const char **ret)
{
	char quote = *x->p;
	if (quote != '\'' && quote != '"')
		return fail(x, "expected a string in quotes");
	/* no escape is shorter than what it stands for */
	char *out = arena_alloc(x->arena, strlen(x->p) + 1), *w = out;
	if (!out)
		return -ENOMEM;
	for (x->p++; *x->p != quote;) {
		int r = 0;
		if (!*x->p)
			return fail(x, "a string without an end");
		if (*x->p == '\\') {
			x->p++;
			r = take_escape(x, &w);
		} else {
			*w++ = *x->p++;
		}
		if (r < 0)
			return r;
	}
	x->p++;
	*ret = out;
	return 0;
}

static int parse_strings(struct parser *x, struct systemd_value *ret)
{
	if (*x->p != '[')
		return fail(x, "expected an array of strings");
	/* two quotes and a comma each, at least */
	struct string_list list = { 0, ARENA_ARRAY(x->arena, strlen(x->p) / 2 + 1, const char *) };
	if (!list.v)
		return -ENOMEM;
	x->p++;
	skip_space(x);
	while (*x->p != ']') {
		int r = parse_string(x, &list.v[list.n]);
		if (r < 0)
			return r == -EINVAL ? fail(x, "only arrays of strings are supported") : r;
		list.n++;
		skip_space(x);
		if (*x->p == ',') {
			x->p++;
			skip_space(x);
		} else if (*x->p != ']') {
			return fail(x, "expected ',' or ']'");
		}
	}
	x->p++;
	ret->type = SYSTEMD_STRINGS;
	ret->u.strings = list;
	return 0;
}

static int parse_of_type(struct parser *x, enum systemd_type type, struct systemd_value *ret)
{
	skip_space(x);
	ret->type = type;
	switch (type) {
	case SYSTEMD_BOOL:
		ret->u.b = take_word(x, "true");
		return ret->u.b || take_word(x, "false") ? 0 : fail(x, "expected true or false");
	case SYSTEMD_STRING:
		return parse_string(x, &ret->u.s);
	case SYSTEMD_STRINGS:
		return parse_strings(x, ret);
	case SYSTEMD_I32:
	case SYSTEMD_U32:
	case SYSTEMD_I64:
	case SYSTEMD_U64:
	case SYSTEMD_DOUBLE:
		return number_of_type(x, type, ret);
	case SYSTEMD_BYTES:
		break;
	}
	return fail(x, "a type that is not supported");
}

static const struct {
	const char *word;
	enum systemd_type type;
} types[] = {
	{ "boolean", SYSTEMD_BOOL },
	{ "int32", SYSTEMD_I32 },
	{ "uint32", SYSTEMD_U32 },
	{ "int64", SYSTEMD_I64 },
	{ "uint64", SYSTEMD_U64 },
	{ "double", SYSTEMD_DOUBLE },
	{ "string", SYSTEMD_STRING },
	{ "@b", SYSTEMD_BOOL },
	{ "@i", SYSTEMD_I32 },
	{ "@u", SYSTEMD_U32 },
	{ "@x", SYSTEMD_I64 },
	{ "@t", SYSTEMD_U64 },
	{ "@d", SYSTEMD_DOUBLE },
	{ "@s", SYSTEMD_STRING },
	{ "@as", SYSTEMD_STRINGS },
};

/* Without a type: what the text looks like, an int32 where it is an integer. */
static enum systemd_type guess(const char *p)
{
	if (*p == '\'' || *p == '"')
		return SYSTEMD_STRING;
	if (*p == '[')
		return SYSTEMD_STRINGS;
	if (*p == 't' || *p == 'f')
		return SYSTEMD_BOOL;
	size_t digits = strspn(p, "+-0123456789");
	return digits && p[digits] == '.' ? SYSTEMD_DOUBLE : SYSTEMD_I32;
}

static int parse_any(struct parser *x, struct systemd_value *ret)
{
	skip_space(x);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (take_word(x, types[i].word))
			return parse_of_type(x, types[i].type, ret);
	if (!*x->p)
		return fail(x, "there is nothing");
	if ((*x->p >= 'a' && *x->p <= 'z' && *x->p != 't' && *x->p != 'f') || strchr("@(<{", *x->p))
		return fail(x, "only boolean, int32, uint32, int64, uint64, string and arrays of "
			       "strings are supported");
	if (*x->p == '[') {
		int r = parse_strings(x, ret);
		/* GVariant, too, wants to know of what an empty array is one */
		return r == 0 && !ret->u.strings.n
			       ? fail(x, "an empty array needs its type: @as []")
			       : r;
	}
	return parse_of_type(x, guess(x->p), ret);
}

int gvariant_parse(
	struct arena *arena, const char *text, struct systemd_value *ret, const char **ret_why)
{
	struct parser x = { .arena = arena, .p = text };
	struct systemd_value value = { 0 };
	int r = parse_any(&x, &value);
	if (r == 0)
		skip_space(&x);
	if (r == 0 && *x.p)
		r = fail(&x, "something follows the value");
	if (r == 0)
		*ret = value;
	else
		*ret_why = x.why ? x.why : "out of memory";
	return r;
}

static const char *quoted(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, 2 * strlen(text) + 3), *w = out;
	if (!out)
		return NULL;
	*w++ = '\'';
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			*w++ = '\\';
		*w++ = *text == '\n' ? ' ' : *text;
	}
	*w = '\'';
	return out;
}

static const char *strings_text(struct arena *arena, const struct string_list *list)
{
	const char *text = "[";
	for (size_t i = 0; i < list->n; i++)
		text = arena_printf(
			arena, "%s%s%s", text, i ? ", " : "", quoted(arena, list->v[i]));
	return list->n ? arena_printf(arena, "%s]", text) : "@as []";
}

static const char *bytes_text(struct arena *arena, const uint8_t *v, size_t n)
{
	const char *text = "[byte";
	for (size_t i = 0; i < n; i++)
		text = arena_printf(arena, "%s%s 0x%02x", text, i ? "," : "", v[i]);
	return n ? arena_printf(arena, "%s]", text) : "@ay []";
}

const char *gvariant_text(struct arena *arena, const struct systemd_value *v)
{
	switch (v->type) {
	case SYSTEMD_BOOL:
		return v->u.b ? "true" : "false";
	case SYSTEMD_I32:
		return arena_printf(arena, "%lld", (long long)v->u.i);
	case SYSTEMD_I64:
		return arena_printf(arena, "int64 %lld", (long long)v->u.i);
	case SYSTEMD_U32:
		return arena_printf(arena, "uint32 %llu", (unsigned long long)v->u.u);
	case SYSTEMD_U64:
		return arena_printf(arena, "uint64 %llu", (unsigned long long)v->u.u);
	case SYSTEMD_DOUBLE:
		return arena_printf(arena, "%f", v->u.d);
	case SYSTEMD_STRING:
		return quoted(arena, v->u.s);
	case SYSTEMD_STRINGS:
		return strings_text(arena, &v->u.strings);
	case SYSTEMD_BYTES:
		break;
	}
	return bytes_text(arena, v->u.bytes.v, v->u.bytes.n);
}
