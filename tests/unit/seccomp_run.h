/* SPDX-License-Identifier: Apache-2.0 */
/* An interpreter of classic BPF, and short forms for linux.seccomp in tests. After cmocka.h. */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>

static uint32_t bpf_run(const struct sock_filter *v, size_t n, const struct seccomp_data *data)
{
	uint32_t a = 0, x = 0, m[16] = { 0 };
	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &v[pc];
		uint32_t operand = BPF_SRC(i->code) == BPF_X ? x : i->k;
		bool yes = false;
		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			if (BPF_MODE(i->code) == BPF_ABS)
				memcpy(&a, (const char *)data + i->k, sizeof a);
			else
				a = BPF_MODE(i->code) == BPF_MEM ? m[i->k] : i->k;
			continue;
		case BPF_LDX:
			x = BPF_MODE(i->code) == BPF_MEM ? m[i->k] : i->k;
			continue;
		case BPF_ST:
			m[i->k] = a;
			continue;
		case BPF_ALU:
			assert_int_equal(BPF_OP(i->code), BPF_AND);
			a &= operand;
			continue;
		case BPF_RET:
			return i->k;
		case BPF_JMP:
			break;
		default:
			fail_msg("unknown instruction %#x", i->code);
		}
		switch (BPF_OP(i->code)) {
		case BPF_JA:
			pc += i->k;
			continue;
		case BPF_JEQ:
			yes = a == operand;
			break;
		case BPF_JGT:
			yes = a > operand;
			break;
		case BPF_JGE:
			yes = a >= operand;
			break;
		case BPF_JSET:
			yes = (a & operand) != 0;
			break;
		default:
			fail_msg("unknown jump %#x", i->code);
		}
		pc += yes ? i->jt : i->jf;
	}
	fail_msg("ran off the end");
	return 0;
}

#define SET(value)                                                                                 \
	{                                                                                          \
		true, value                                                                        \
	}
#define NAMES(...)                                                                                 \
	{                                                                                          \
		.n = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),                     \
		.v = (const char *[])                                                              \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define RULES(...)                                                                                 \
	{                                                                                          \
		.n = sizeof((struct oci_syscall_rule[]){ __VA_ARGS__ }) /                          \
		     sizeof(struct oci_syscall_rule),                                              \
		.v = (struct oci_syscall_rule[])                                                   \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
#define INTS(...)                                                                                  \
	{                                                                                          \
		.n = sizeof((int[]){ __VA_ARGS__ }) / sizeof(int), .v = (int[])                    \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
