/* SPDX-License-Identifier: Apache-2.0 */
/* Device rules: the generated program is run by a small interpreter of eBPF, and compared with a
 * direct reading of the rules for every access to a set of devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/device_filter.h"
#include "sys/bpf.h"

struct device {
	enum oci_device_type type;
	uint32_t major, minor;
};

static int kernel_access(unsigned a)
{
	return (a & OCI_ACCESS_READ ? BPF_DEVCG_ACC_READ : 0) |
	       (a & OCI_ACCESS_WRITE ? BPF_DEVCG_ACC_WRITE : 0) |
	       (a & OCI_ACCESS_MKNOD ? BPF_DEVCG_ACC_MKNOD : 0);
}

static int run(const struct device_program *p, struct device d, unsigned access)
{
	uint32_t context[3] = { (uint32_t)kernel_access(access) << 16 |
					(d.type == OCI_DEVICE_CHAR ? BPF_DEVCG_DEV_CHAR
								   : BPF_DEVCG_DEV_BLOCK),
		d.major, d.minor };
	uint64_t r[11] = { 0 };
	for (size_t pc = 0; pc < p->n; pc++) {
		const struct bpf_insn *i = &p->v[pc];
		uint64_t imm = (uint64_t)(int64_t)i->imm; /* sign-extended, as in the kernel */
		uint64_t *dst = &r[i->dst_reg];
		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			assert_int_equal(i->src_reg, BPF_REG_1);
			*dst = context[i->off / 4];
			break;
		case BPF_ALU | BPF_MOV | BPF_K:
			*dst = (uint32_t)imm;
			break;
		case BPF_ALU | BPF_MOV | BPF_X:
			*dst = (uint32_t)r[i->src_reg];
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			*dst = (uint32_t)(*dst & imm);
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			*dst = (uint32_t)*dst >> imm;
			break;
		case BPF_JMP | BPF_JNE | BPF_K:
			pc += *dst != imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_JNE | BPF_X:
			pc += *dst != r[i->src_reg] ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += *dst == imm ? (size_t)i->off : 0;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += *dst & imm ? (size_t)i->off : 0;
			break;
		case BPF_ALU | BPF_LSH | BPF_K:
			*dst = (uint32_t)(*dst << imm);
			break;
		case BPF_ALU | BPF_OR | BPF_X:
			*dst = (uint32_t)(*dst | r[i->src_reg]);
			break;
		case BPF_ALU64 | BPF_LSH | BPF_K:
			*dst <<= imm;
			break;
		case BPF_ALU64 | BPF_OR | BPF_X:
			*dst |= r[i->src_reg];
			break;
		case BPF_LD | BPF_IMM | BPF_DW:
			*dst = (uint32_t)imm | (uint64_t)(uint32_t)i[1].imm << 32;
			pc++;
			break;
		case BPF_JMP | BPF_JA:
			pc += (size_t)i->off;
			break;
		case BPF_JMP | BPF_EXIT:
			return (int)r[0];
		default:
			fail_msg("unknown instruction %#x at %zu", i->code, pc);
		}
	}
	fail_msg("ran off the end");
	return -1;
}

static bool matches(const struct oci_device_rule *r, struct device d)
{
	return (r->type == OCI_DEVICE_ALL || r->type == d.type) &&
	       (!r->major.set || r->major.v == -1 || r->major.v == d.major) &&
	       (!r->minor.set || r->minor.v == -1 || r->minor.v == d.minor);
}

/* The meaning, as device_filter.h states it. */
static bool expected(const struct device_rules *rules, struct device d, unsigned access)
{
	for (unsigned bit = 1; bit <= OCI_ACCESS_MKNOD; bit <<= 1) {
		bool allowed = false;
		for (size_t i = 0; i < rules->n; i++) {
			const struct oci_device_rule *r = &rules->v[i];
			if (matches(r, d) && (!r->access || (r->access & bit)))
				allowed = r->allow;
		}
		if ((access & bit) && !allowed)
			return false;
	}
	return true;
}

#define RULE(allow_, type_, major_, minor_, access_)                                               \
	{                                                                                          \
		.allow = (allow_), .type = OCI_DEVICE_##type_,                                     \
		.major = { (major_) != -2, major_ }, .minor = { (minor_) != -2, minor_ },          \
		.access = (access_)                                                                \
	}
enum { R = OCI_ACCESS_READ, W = OCI_ACCESS_WRITE, M = OCI_ACCESS_MKNOD, RWM = R | W | M };

static const struct device devices[] = {
	{ OCI_DEVICE_CHAR, 1, 3 },
	{ OCI_DEVICE_CHAR, 1, 5 },
	{ OCI_DEVICE_CHAR, 5, 0 },
	{ OCI_DEVICE_CHAR, 5, 1 },
	{ OCI_DEVICE_CHAR, 10, 229 },
	{ OCI_DEVICE_CHAR, 10, 200 },
	{ OCI_DEVICE_CHAR, 136, 7 },
	{ OCI_DEVICE_CHAR, 4095, 1048575 },
	{ OCI_DEVICE_BLOCK, 8, 0 },
	{ OCI_DEVICE_BLOCK, 8, 1 },
	{ OCI_DEVICE_BLOCK, 1, 3 },
	{ OCI_DEVICE_BLOCK, 253, 1048575 },
};

/* The verifier has its own view of dead code and of jumps. Needs privilege: else nothing is tried.
 */
static void assert_kernel_takes(const struct device_program *p)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uintptr_t)p->v,
		.insn_cnt = (uint32_t)p->n,
		.license = (uintptr_t) "Apache-2.0",
	};
	int fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof attr);
	if (fd >= 0)
		close(fd);
	else if (fd != -EPERM && fd != -ENOSYS)
		fail_msg("the kernel refuses the program: %s", strerror(-fd));
}

static void check_all(struct oci_device_rule *v, size_t n)
{
	struct arena arena;
	struct error e = { 0 };
	struct device_rules rules;
	struct device_program program;
	struct oci_resources resources = { 0 };
	resources.devices.n = n;
	resources.devices.v = v;
	arena_init(&arena);
	assert_int_equal(device_rules_complete(&arena, &resources, &rules, &e), 0);
	assert_int_equal(device_filter_compile(&arena, &rules, &program, &e), 0);
	assert_kernel_takes(&program);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		for (unsigned access = 1; access <= RWM; access++) {
			int got = run(&program, devices[i], access);
			if (got != expected(&rules, devices[i], access))
				fail_msg("device %d %u:%u access %u: got %d", devices[i].type,
					devices[i].major, devices[i].minor, access, got);
		}
	arena_free(&arena);
}

static void no_rules_deny_all_but_the_default_devices(void **state)
{
	struct arena arena;
	struct device_rules rules;
	struct device_program p;
	arena_init(&arena);
	assert_int_equal(device_rules_complete(&arena, NULL, &rules, NULL), 0);
	assert_int_equal(device_filter_compile(&arena, &rules, &p, NULL), 0);
	assert_int_equal(run(&p, (struct device){ OCI_DEVICE_CHAR, 1, 3 }, RWM), 1);
	assert_int_equal(run(&p, (struct device){ OCI_DEVICE_CHAR, 136, 0 }, R | W), 1);
	assert_int_equal(run(&p, (struct device){ OCI_DEVICE_CHAR, 5, 1 }, R), 0);
	assert_int_equal(run(&p, (struct device){ OCI_DEVICE_BLOCK, 8, 0 }, R), 0);
	assert_int_equal(run(&p, (struct device){ OCI_DEVICE_BLOCK, 8, 0 }, M), 1);
	check_all(NULL, 0);
	arena_free(&arena);
}

static void later_rules_win(void **state)
{
	struct oci_device_rule deny_then_allow[] = {
		RULE(false, ALL, -2, -2, RWM),
		RULE(true, CHAR, 10, 229, R | W),
		RULE(true, BLOCK, 8, 0, R),
	};
	struct oci_device_rule allow_then_deny[] = {
		RULE(true, ALL, -1, -1, 0),
		RULE(false, BLOCK, 8, -1, W),
		RULE(true, BLOCK, 8, 1, W),
	};
	struct oci_device_rule forgotten[] = {
		RULE(true, BLOCK, 8, 0, RWM),
		RULE(false, ALL, -2, -2, 0),
	};
	check_all(deny_then_allow, ARRAY_SIZE(deny_then_allow));
	check_all(allow_then_deny, ARRAY_SIZE(allow_then_deny));
	check_all(forgotten, ARRAY_SIZE(forgotten));
}

static void accesses_are_decided_one_by_one(void **state)
{
	struct oci_device_rule split[] = {
		RULE(true, BLOCK, 8, 0, R),
		RULE(true, BLOCK, 8, 0, W),
	};
	struct oci_device_rule hole[] = {
		RULE(true, CHAR, -2, -2, RWM),
		RULE(false, CHAR, 10, -2, W | M),
		RULE(false, ALL, 1, 3, W),
	};
	struct oci_device_rule everything[] = { RULE(true, ALL, -2, -2, RWM) };
	check_all(split, ARRAY_SIZE(split));
	check_all(hole, ARRAY_SIZE(hole));
	check_all(everything, ARRAY_SIZE(everything));
}

/* Larger numbers than dev_t holds are no device; they must not alias one. */
static void the_largest_numbers_match_and_larger_ones_nothing(void **state)
{
	struct oci_device_rule largest[] = { RULE(true, CHAR, 4095, 1048575, RWM) };
	struct oci_device_rule aliases[] = {
		RULE(true, CHAR, 0, 8 << 20, RWM),
		RULE(true, CHAR, 4096 + 10, 229, RWM),
		RULE(true, ALL, -1, 4294967295, RWM),
		RULE(true, BLOCK, 4294967295, -1, RWM),
	};
	check_all(largest, ARRAY_SIZE(largest));
	check_all(aliases, ARRAY_SIZE(aliases));
}

static void random_rules_mean_what_they_say(void **state)
{
	srand(1);
	for (int round = 0; round < 500; round++) {
		struct oci_device_rule v[12];
		size_t n = (size_t)(rand() % 12);
		for (size_t i = 0; i < n; i++) {
			struct device d = devices[rand() % (int)ARRAY_SIZE(devices)];
			v[i] = (struct oci_device_rule){
				.allow = rand() % 2,
				.type = (enum oci_device_type)(rand() % 3),
				.major = { rand() % 3 != 0, d.major },
				.minor = { rand() % 2, d.minor },
				.access = (unsigned)(rand() % 8),
			};
		}
		check_all(v, n);
	}
}

static void bad_rules_name_their_place(void **state)
{
	struct oci_device_rule v[] = {
		RULE(true, CHAR, 1, 3, RWM),
		RULE(true, CHAR, 1, 4294967296, RWM),
	};
	struct oci_resources resources = { 0 };
	struct device_rules rules;
	struct arena arena;
	struct error e;
	resources.devices.n = 2;
	resources.devices.v = v;
	arena_init(&arena);
	assert_true(device_rules_complete(&arena, &resources, &rules, &e) < 0);
	assert_string_equal(e.path, "linux.resources.devices[1].minor");
	v[0].type = OCI_DEVICE_FIFO;
	assert_true(device_rules_complete(&arena, &resources, &rules, &e) < 0);
	assert_string_equal(e.path, "linux.resources.devices[0].type");
	arena_free(&arena);
}

static const char *v1_text(
	struct arena *arena, struct oci_device_rule *v, size_t n, struct error *e)
{
	struct oci_resources resources = { 0 };
	struct device_rules rules;
	struct device_lines lines;
	const char *text = "";
	resources.devices.n = n;
	resources.devices.v = v;
	assert_int_equal(device_rules_complete(arena, &resources, &rules, e), 0);
	rules.n = n; /* without the default ones */
	if (device_rules_to_v1(arena, &rules, &lines, e) < 0)
		return NULL;
	for (size_t i = 0; i < lines.n; i++)
		text = arena_printf(
			arena, "%s%c%s;", text, lines.v[i].allow ? '+' : '-', lines.v[i].text);
	return text;
}

static void v1_has_a_default_and_exceptions(void **state)
{
	struct arena arena;
	struct error e;
	struct oci_device_rule plain[] = {
		RULE(true, BLOCK, 9, 9, R), /* undone by the next */
		RULE(false, ALL, -2, -2, RWM),
		RULE(true, CHAR, 1, 3, RWM),
		RULE(true, CHAR, 136, -1, R | W),
	};
	struct oci_device_rule taken_back[] = {
		RULE(true, CHAR, 1, 3, RWM),
		RULE(true, CHAR, 1, 5, RWM),
		RULE(false, CHAR, 1, -1, W),
		RULE(false, ALL, 1, 5, RWM),
	};
	struct oci_device_rule allow_mode[] = {
		RULE(true, ALL, -1, -1, 0),
		RULE(false, ALL, 8, -1, M),
	};
	struct oci_device_rule hole[] = {
		RULE(true, CHAR, -2, -2, RWM),
		RULE(false, CHAR, 1, 5, RWM),
	};
	arena_init(&arena);
	assert_string_equal(v1_text(&arena, plain, 4, &e), "-a;+c 1:3 rwm;+c 136:* rw;");
	assert_string_equal(v1_text(&arena, taken_back, 4, &e), "-a;+c 1:3 rm;");
	assert_string_equal(v1_text(&arena, allow_mode, 2, &e), "+a;-c 8:* m;-b 8:* m;");
	assert_null(v1_text(&arena, hole, 2, &e));
	assert_string_equal(e.path, "linux.resources.devices[1]");
	arena_free(&arena);
}

static void default_lists_are_known(void **state)
{
	struct oci_device_rule default_list[] = {
		RULE(false, ALL, -2, -2, RWM),
		RULE(true, CHAR, -1, -1, M),
		RULE(true, CHAR, 1, 3, RWM),
		RULE(true, CHAR, 5, 1, RWM),
		RULE(true, CHAR, 136, -1, RWM),
	};
	struct oci_resources resources = { 0 };
	resources.devices.n = ARRAY_SIZE(default_list);
	resources.devices.v = default_list;
	assert_true(device_rules_are_default(NULL));
	assert_true(device_rules_are_default(&resources));
	default_list[2].minor.v = 4;
	assert_false(device_rules_are_default(&resources));
	default_list[2].minor.v = 3;
	default_list[1].access = RWM;
	assert_false(device_rules_are_default(&resources));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_rules_deny_all_but_the_default_devices),
		cmocka_unit_test(later_rules_win),
		cmocka_unit_test(accesses_are_decided_one_by_one),
		cmocka_unit_test(the_largest_numbers_match_and_larger_ones_nothing),
		cmocka_unit_test(random_rules_mean_what_they_say),
		cmocka_unit_test(bad_rules_name_their_place),
		cmocka_unit_test(v1_has_a_default_and_exceptions),
		cmocka_unit_test(default_lists_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
