/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzer of the generator of filters: rules made of the input, the program run on numbers and
 * arguments about what they name, and held against the rules read one by one.
 */
#include "fuzz.h"

#include <linux/audit.h>
#include <stdbool.h>

#define assert_int_equal(a, b) require((a) == (b))
#define assert_true(a)	       require(a)
#define fail_msg(...)	       abort()
#define skip()		       abort()
#include "../unit/seccomp_run.h"
#include "security/seccomp_filter.h"

enum { RULES = 24, NUMBERS = 8 };
static const uint32_t actions[] = { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 1, SECCOMP_RET_LOG,
	SECCOMP_RET_TRAP, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRACE | 3, SECCOMP_RET_USER_NOTIF };
static const uint64_t values[] = { 0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
	0x100000001, 0xffffffff00000000, UINT64_MAX };
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct input {
	const uint8_t *p, *end;
};

static unsigned any(struct input *in, size_t n)
{
	return in->p < in->end ? (unsigned)(*in->p++ % n) : 0;
}

static bool holds(const struct seccomp_condition *c, const struct seccomp_data *data)
{
	uint64_t v = data->args[c->arg];
	switch (c->op) {
	case OCI_CMP_NE:
		return v != c->value;
	case OCI_CMP_LT:
		return v < c->value;
	case OCI_CMP_LE:
		return v <= c->value;
	case OCI_CMP_EQ:
		return v == c->value;
	case OCI_CMP_GE:
		return v >= c->value;
	case OCI_CMP_GT:
		return v > c->value;
	case OCI_CMP_MASKED_EQ:
		return (v & c->value) == (c->value_two & c->value); /* as libseccomp */
	case OCI_CMP_COUNT:
		break;
	}
	abort();
}

static bool holds_all(const struct seccomp_rule *r, const struct seccomp_data *data)
{
	for (size_t i = 0; i < r->n; i++)
		if (!holds(&r->conditions[i], data))
			return false;
	return true;
}

/* seccomp_filter.h: the first without conditions decides alone; else the strictest that holds. */
static uint32_t read_rules(
	const struct seccomp_rule *rules, size_t n, uint32_t base, const struct seccomp_data *data)
{
	bool found = false;
	uint32_t best = base;
	for (size_t i = 0; i < n; i++)
		if (rules[i].number == (uint32_t)data->nr && rules[i].n == 0)
			return rules[i].action;
	for (size_t i = 0; i < n; i++) {
		const struct seccomp_rule *r = &rules[i];
		if (r->number != (uint32_t)data->nr || !holds_all(r, data))
			continue;
		int32_t new = (int32_t)(r->action & SECCOMP_RET_ACTION_FULL);
		if (!found || new < (int32_t)(best & SECCOMP_RET_ACTION_FULL))
			best = r->action;
		found = true;
	}
	return best;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	struct arena arena;
	struct seccomp_condition conditions[RULES][3];
	struct seccomp_rule rules[RULES], copy[RULES];
	struct sock_filter *filter;
	size_t n = any(&in, RULES) + 1, n_filter, source;
	arena_init(&arena);
	uint32_t base = actions[any(&in, COUNT(actions))];
	for (size_t i = 0; i < n; i++) {
		rules[i] = (struct seccomp_rule){ .number = any(&in, NUMBERS) * 3,
			.action = actions[any(&in, COUNT(actions))],
			.source = i,
			.n = any(&in, 4),
			.conditions = conditions[i] };
		for (size_t k = 0; k < rules[i].n; k++)
			conditions[i][k] = (struct seccomp_condition){ .arg = any(&in, 6),
				.op = (enum oci_seccomp_operator)any(&in, OCI_CMP_COUNT),
				.value = values[any(&in, COUNT(values))],
				.value_two = values[any(&in, COUNT(values))] };
	}
	memcpy(copy, rules, sizeof rules);
	struct seccomp_section section = { .audit_arch = AUDIT_ARCH_X86_64,
		.n_bases = 1,
		.bases = { { 0, base } },
		.n_rules = n,
		.size = n,
		.rules = rules };
	if (seccomp_generate(&arena, &section, 1, SECCOMP_RET_KILL_PROCESS, &filter, &n_filter,
		    &source) == 0) {
		require(n_filter <= BPF_MAXINSNS);
		for (int nr = 0; nr < 3 * NUMBERS; nr++)
			for (size_t v = 0; v < COUNT(values); v++) {
				struct seccomp_data d = { .nr = nr, .arch = AUDIT_ARCH_X86_64 };
				for (size_t a = 0; a < 6; a++)
					d.args[a] = values[(v + a * (v % 3)) % COUNT(values)];
				require(bpf_run(filter, n_filter, &d) ==
					read_rules(copy, n, base, &d));
			}
		struct seccomp_data other = { .nr = 0, .arch = AUDIT_ARCH_S390X };
		require(bpf_run(filter, n_filter, &other) == SECCOMP_RET_KILL_PROCESS);
	}
	arena_free(&arena);
	return 0;
}
