/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See the header. PURE. The program is written from its end to its front, so that each jump knows
 * where it goes: classic BPF jumps forward only, and a conditional one 255 instructions at most.
 */
#include "security/seccomp_filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

enum {
	REACH = 254, /* one below the limit: the other branch may need an instruction in between */
	RETURNS = 16
};

/* Positions count from the front of `v`; what is written lies at [head, size). */
struct program {
	struct sock_filter v[BPF_MAXINSNS];
	size_t head;
	bool is_full;
	size_t n_returns;
	struct {
		uint32_t action;
		size_t at;
	} returns[RETURNS];
};

static size_t put(struct program *p, struct sock_filter instruction)
{
	if (p->head == 0)
		p->is_full = true;
	else
		p->v[--p->head] = instruction;
	return p->head;
}

#define STATEMENT(code, k) ((struct sock_filter)BPF_STMT(code, k))

static bool is_near(const struct program *p, size_t label)
{
	return label - p->head <= REACH;
}

static size_t put_return(struct program *p, uint32_t action)
{
	size_t i = 0;
	while (i < p->n_returns && p->returns[i].action != action)
		i++;
	if (i < p->n_returns && is_near(p, p->returns[i].at))
		return p->returns[i].at;
	size_t at = put(p, STATEMENT(BPF_RET | BPF_K, action));
	if (i < RETURNS) {
		p->returns[i].action = action;
		p->returns[i].at = at;
		p->n_returns += i == p->n_returns;
	}
	return at;
}

/* A place within reach from which `label` is reached. */
static size_t near(struct program *p, size_t label)
{
	if (is_near(p, label))
		return label;
	const struct sock_filter *target = &p->v[label];
	if (target->code == (BPF_RET | BPF_K))
		return put_return(p, target->k);
	return put(p, STATEMENT(BPF_JMP | BPF_JA, (uint32_t)(label - p->head)));
}

static size_t put_test(struct program *p, uint16_t op, uint32_t k, size_t yes, size_t no)
{
	yes = near(p, yes);
	no = near(p, no);
	return put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | op | BPF_K, k,
			      (uint8_t)(yes - p->head), (uint8_t)(no - p->head)));
}

static size_t put_load(struct program *p, size_t offset)
{
	return put(p, STATEMENT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static size_t put_load_half(struct program *p, uint32_t arg, bool is_high)
{
	bool is_second = is_high == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	return put_load(p, offsetof(struct seccomp_data, args[arg]) + (is_second ? 4 : 0));
}

static uint32_t high(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

static uint32_t low(uint64_t v)
{
	return (uint32_t)v;
}

static size_t put_masked(
	struct program *p, const struct seccomp_condition *c, bool is_high, size_t yes, size_t no)
{
	uint32_t mask = is_high ? high(c->value) : low(c->value);
	uint32_t rest = is_high ? high(c->value_two) : low(c->value_two);
	if (mask == 0)
		return yes;
	put_test(p, BPF_JEQ, rest & mask, yes, no);
	put(p, STATEMENT(BPF_ALU | BPF_AND | BPF_K, mask));
	return put_load_half(p, c->arg, is_high);
}

static size_t put_equal(struct program *p, const struct seccomp_condition *c, size_t yes, size_t no)
{
	put_test(p, BPF_JEQ, low(c->value), yes, no);
	size_t both = put_load_half(p, c->arg, false);
	if (c->is_low)
		return both;
	put_test(p, BPF_JEQ, high(c->value), both, no);
	return put_load_half(p, c->arg, true);
}

/* op: BPF_JGT or BPF_JGE */
static size_t put_greater(
	struct program *p, const struct seccomp_condition *c, uint16_t op, size_t yes, size_t no)
{
	put_test(p, op, low(c->value), yes, no);
	size_t both = put_load_half(p, c->arg, false);
	if (c->is_low)
		return both;
	size_t not_above = put_test(p, BPF_JEQ, high(c->value), both, no);
	put_test(p, BPF_JGT, high(c->value), yes, not_above);
	return put_load_half(p, c->arg, true);
}

static size_t put_condition(
	struct program *p, const struct seccomp_condition *c, size_t yes, size_t no)
{
	switch (c->op) {
	case OCI_CMP_EQ:
		return put_equal(p, c, yes, no);
	case OCI_CMP_NE:
		return put_equal(p, c, no, yes);
	case OCI_CMP_GT:
		return put_greater(p, c, BPF_JGT, yes, no);
	case OCI_CMP_LE:
		return put_greater(p, c, BPF_JGT, no, yes);
	case OCI_CMP_GE:
		return put_greater(p, c, BPF_JGE, yes, no);
	case OCI_CMP_LT:
		return put_greater(p, c, BPF_JGE, no, yes);
	case OCI_CMP_MASKED_EQ:
		yes = put_masked(p, c, false, yes, no);
		return c->is_low ? yes : put_masked(p, c, true, yes, no);
	case OCI_CMP_COUNT:
		break;
	}
	return no;
}

/* Numbers that are treated alike: from `first` to the next span's. */
struct span {
	uint32_t first;
	uint32_t action;	    /* without rules, or where none of them holds */
	struct seccomp_rule *rules; /* n_rules > 0: with conditions, the strictest first */
	size_t n_rules;
};

static size_t put_rules(struct program *p, const struct span *s)
{
	size_t next = put_return(p, s->action);
	for (size_t i = s->n_rules; i-- > 0;) {
		const struct seccomp_rule *rule = &s->rules[i];
		size_t yes = put_return(p, rule->action);
		for (size_t k = rule->n; k-- > 0;)
			yes = put_condition(p, &rule->conditions[k], yes, next);
		next = yes;
	}
	return next;
}

static bool is_alike(const struct span *a, const struct span *b)
{
	return a->n_rules == 0 && b->n_rules == 0 && a->action == b->action;
}

/* The number is in the accumulator. */
static size_t put_search(struct program *p, const struct span *v, size_t n)
{
	if (n == 1)
		return v->n_rules ? put_rules(p, v) : put_return(p, v->action);
	if (n == 3 && is_alike(&v[0], &v[2]) && v[2].first == v[1].first + 1) {
		size_t one = put_search(p, &v[1], 1);
		return put_test(p, BPF_JEQ, v[1].first, one, put_return(p, v[0].action));
	}
	size_t middle = n / 2;
	size_t upper = put_search(p, &v[middle], n - middle);
	size_t lower = put_search(p, v, middle);
	return put_test(p, BPF_JGE, v[middle].first, upper, lower);
}

struct key {
	uint32_t number, index;
};

/* One pass of a radix sort: equal ones stay in their order. */
static void sort_by_byte(struct key *to, const struct key *from, size_t n, int shift)
{
	size_t at[257] = { 0 };
	for (size_t i = 0; i < n; i++)
		at[(from[i].number >> shift & 0xff) + 1]++;
	for (size_t byte = 1; byte < 256; byte++)
		at[byte] += at[byte - 1];
	for (size_t i = 0; i < n; i++)
		to[at[from[i].number >> shift & 0xff]++] = from[i];
}

/* By number, else in the config's order. qsort(3) took half of all that makes a filter. */
static struct seccomp_rule *sort_rules(struct arena *arena, const struct seccomp_section *s)
{
	struct key *keys = ARENA_ARRAY(arena, s->n_rules + 1, struct key);
	struct key *other = ARENA_ARRAY(arena, s->n_rules + 1, struct key);
	struct seccomp_rule *v = ARENA_ARRAY(arena, s->n_rules + 1, struct seccomp_rule);
	if (!keys || !other || !v)
		return NULL;
	for (size_t i = 0; i < s->n_rules; i++)
		keys[i] = (struct key){ s->rules[i].number, (uint32_t)i };
	for (int shift = 0; shift < 32; shift += 16) {
		sort_by_byte(other, keys, s->n_rules, shift);
		sort_by_byte(keys, other, s->n_rules, shift + 8);
	}
	for (size_t i = 0; i < s->n_rules; i++)
		v[i] = s->rules[keys[i].index];
	return v;
}

/* linux/seccomp.h: the actions are ordered as signed numbers, the strictest is the least */
static int by_strictness(const void *a, const void *b)
{
	const struct seccomp_rule *l = a, *r = b;
	int32_t x = (int32_t)(l->action & SECCOMP_RET_ACTION_FULL);
	int32_t y = (int32_t)(r->action & SECCOMP_RET_ACTION_FULL);
	if (x != y)
		return x < y ? -1 : 1;
	return (l->source > r->source) - (l->source < r->source);
}

static bool has_same_conditions(const struct seccomp_rule *a, const struct seccomp_rule *b)
{
	bool is_same = a->n == b->n;
	for (size_t i = 0; is_same && i < a->n; i++) {
		const struct seccomp_condition *x = &a->conditions[i], *y = &b->conditions[i];
		is_same = x->arg == y->arg && x->op == y->op && x->value == y->value &&
			  x->value_two == y->value_two;
	}
	return is_same;
}

/* The n rules of one number. */
static int make_span(
	struct seccomp_rule *rules, size_t n, uint32_t base, struct span *ret, size_t *source)
{
	*ret = (struct span){ .first = rules->number, .action = base };
	for (size_t i = 0; i < n; i++) {
		if (rules[i].n == 0) {
			ret->action = rules[i].action;
			return 0;
		}
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (rules[k].action != rules[i].action &&
				has_same_conditions(&rules[k], &rules[i])) {
				*source = rules[i].source;
				return -EEXIST;
			}
		}
	}
	qsort(rules, n, sizeof *rules, by_strictness);
	ret->rules = rules;
	ret->n_rules = n;
	return 0;
}

/* Behind the last one; where both are alike they become one. */
static void append(struct span *v, size_t *n, const struct span *s)
{
	if (*n > 0 && v[*n - 1].first == s->first)
		--*n; /* nothing was left of a base's beginning */
	if (*n == 0 || !is_alike(&v[*n - 1], s))
		v[(*n)++] = *s;
}

/* rules: of s, sorted */
static int make_spans(const struct seccomp_section *s, struct seccomp_rule *rules, struct span *v,
	size_t *n, size_t *source)
{
	size_t rule = 0;
	*n = 0;
	for (size_t i = 0; i < s->n_bases; i++) {
		const struct seccomp_base *base = &s->bases[i];
		bool is_last = i + 1 == s->n_bases;
		append(v, n, &(struct span){ .first = base->first, .action = base->action });
		while (rule < s->n_rules &&
			(is_last || rules[rule].number < s->bases[i + 1].first)) {
			struct seccomp_rule *first = &rules[rule];
			size_t count = 1;
			while (rule + count < s->n_rules && first[count].number == first->number)
				count++;
			struct span one;
			int r = make_span(first, count, base->action, &one, source);
			if (r < 0)
				return r;
			append(v, n, &one);
			if (first->number != UINT32_MAX)
				append(v, n,
					&(struct span){ .first = first->number + 1,
						.action = base->action });
			rule += count;
		}
	}
	return 0;
}

static int put_section(struct arena *arena, struct program *p, const struct seccomp_section *s,
	size_t otherwise, size_t *ret, size_t *source)
{
	size_t n;
	struct span *v = ARENA_ARRAY(arena, SECCOMP_BASES + 2 * s->n_rules, struct span);
	struct seccomp_rule *rules = sort_rules(arena, s);
	if (!v || !rules)
		return -ENOMEM;
	int r = make_spans(s, rules, v, &n, source);
	if (r < 0)
		return r;
	size_t search = put_search(p, v, n);
	if (search != p->head)
		put(p, STATEMENT(BPF_JMP | BPF_JA, (uint32_t)(search - p->head)));
	size_t inside = put_load(p, offsetof(struct seccomp_data, nr));
	*ret = put_test(p, BPF_JEQ, s->audit_arch, inside, otherwise);
	return 0;
}

int seccomp_generate(struct arena *arena, const struct seccomp_section *sections, size_t n,
	uint32_t unknown_arch, struct sock_filter **ret, size_t *n_ret, size_t *source)
{
	struct program *p = ARENA_NEW(arena, struct program);
	if (!p)
		return -ENOMEM;
	p->head = BPF_MAXINSNS;
	size_t next = put_return(p, unknown_arch);
	for (size_t i = n; i-- > 0;) {
		int r = put_section(arena, p, &sections[i], next, &next, source);
		if (r < 0)
			return r;
	}
	put_load(p, offsetof(struct seccomp_data, arch));
	if (p->is_full)
		return -E2BIG;
	*ret = &p->v[p->head];
	*n_ret = BPF_MAXINSNS - p->head;
	return 0;
}
