/* SPDX-License-Identifier: Apache-2.0 */
/* Filters are compiled, then run by a small interpreter of classic BPF on made-up system calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "seccomp_run.h"
#include "security/seccomp_compile.h"
#include "skip.h"

static struct arena arena;
static const struct seccomp_facts all_flags = { .flags = ~0u };
static struct seccomp_program program;
static struct error error;

static int compile(const struct oci_seccomp *config)
{
	memset(&program, 0, sizeof program);
	memset(&error, 0, sizeof error);
	return seccomp_compile(&arena, config, &all_flags, &program, &error);
}

#if defined(__x86_64__)
enum { NATIVE_ARCH = (int)AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { NATIVE_ARCH = (int)AUDIT_ARCH_AARCH64 };
#elif defined(__riscv)
enum { NATIVE_ARCH = (int)AUDIT_ARCH_RISCV64 };
#else
#error "the AUDIT_ARCH of this machine is missing here"
#endif

static uint32_t call(long number, uint64_t a0, uint64_t a1)
{
	struct seccomp_data data = {
		.nr = (int)number, .arch = (uint32_t)NATIVE_ARCH, .args = { a0, a1 }
	};
	return bpf_run(program.filter, program.n, &data);
}

static void every_action(void **state)
{
	static const struct {
		enum oci_seccomp_action action;
		uint32_t wanted;
	} rows[] = {
		{ OCI_ACT_KILL, SECCOMP_RET_KILL_THREAD },
		{ OCI_ACT_KILL_PROCESS, SECCOMP_RET_KILL_PROCESS },
		{ OCI_ACT_KILL_THREAD, SECCOMP_RET_KILL_THREAD },
		{ OCI_ACT_TRAP, SECCOMP_RET_TRAP },
		{ OCI_ACT_ERRNO, SECCOMP_RET_ERRNO | EPERM },
		{ OCI_ACT_TRACE, SECCOMP_RET_TRACE | EPERM },
		{ OCI_ACT_LOG, SECCOMP_RET_LOG },
		{ OCI_ACT_NOTIFY, SECCOMP_RET_USER_NOTIF },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct oci_seccomp c = { .default_action = OCI_ACT_ALLOW,
			.syscalls = RULES({ .names = NAMES("getpid", "no_such_call"),
				.action = rows[i].action }) };
		assert_int_equal(compile(&c), 0);
		assert_int_equal(call(SYS_getpid, 0, 0), rows[i].wanted);
		assert_int_equal(call(SYS_getppid, 0, 0), SECCOMP_RET_ALLOW);
		assert_int_equal(program.needs_listener, rows[i].action == OCI_ACT_NOTIFY);
		assert_int_equal(program.flags,
			program.needs_listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
	}
}

static void errno_values(void **state)
{
	struct oci_seccomp c = { .default_action = OCI_ACT_ERRNO,
		.default_errno_ret = SET(ENOSYS),
		.syscalls = RULES({ .names = NAMES("getpid"), .action = OCI_ACT_ALLOW },
			{ .names = NAMES("getppid"),
				.action = OCI_ACT_ERRNO,
				.errno_ret = SET(EACCES) },
			/* the same as the default */
			{ .names = NAMES("gettid"),
				.action = OCI_ACT_ERRNO,
				.errno_ret = SET(ENOSYS) }) };
	assert_int_equal(compile(&c), 0);
	assert_int_equal(call(SYS_getpid, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(call(SYS_getppid, 0, 0), SECCOMP_RET_ERRNO | EACCES);
	assert_int_equal(call(SYS_gettid, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(call(SYS_getuid, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	c.syscalls.v[1].errno_ret.v = 5000;
	assert_int_equal(compile(&c), -EINVAL);
	assert_string_equal(error.path, "linux.seccomp.syscalls[1].errnoRet");
	c.syscalls.v[1].errno_ret.set = false;
	c.syscalls.v[0].errno_ret = (struct opt_u32)SET(1);
	assert_int_equal(compile(&c), -EINVAL);
	assert_string_equal(error.path, "linux.seccomp.syscalls[0].errnoRet");
}

static void every_operator(void **state)
{
	static const uint64_t big = 0x500000005;
	static const struct {
		enum oci_seccomp_operator op;
		uint64_t value, value_two, argument;
		bool matches;
	} rows[] = {
		{ OCI_CMP_EQ, big, 0, big, true },
		{ OCI_CMP_EQ, big, 0, 5, false },
		{ OCI_CMP_NE, big, 0, 5, true },
		{ OCI_CMP_NE, big, 0, big, false },
		{ OCI_CMP_LT, big, 0, big - 1, true },
		{ OCI_CMP_LT, big, 0, big, false },
		{ OCI_CMP_LE, big, 0, big, true },
		{ OCI_CMP_LE, big, 0, big + 1, false },
		{ OCI_CMP_GE, big, 0, big, true },
		{ OCI_CMP_GE, big, 0, 6, false },
		{ OCI_CMP_GT, big, 0, big + 1, true },
		{ OCI_CMP_GT, big, 0, big, false },
		{ OCI_CMP_MASKED_EQ, 0xf0000000f0, 0x10, 0xf0f0f0f1f, true },
		{ OCI_CMP_MASKED_EQ, 0xf0, 0x10, 0x2f, false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct oci_seccomp_arg arg = { .index = 1,
			.value = rows[i].value,
			.value_two = SET(rows[i].value_two),
			.op = rows[i].op };
		struct oci_seccomp c = { .default_action = OCI_ACT_ALLOW,
			.syscalls = RULES({ .names = NAMES("kill"),
				.action = OCI_ACT_TRAP,
				.args = { 1, &arg } }) };
		if (rows[i].op == OCI_CMP_MASKED_EQ && rows[i].matches)
			arg.value_two.v = rows[i].argument & rows[i].value;
		assert_int_equal(compile(&c), 0);
		uint32_t wanted = rows[i].matches ? SECCOMP_RET_TRAP : SECCOMP_RET_ALLOW;
		if (call(SYS_kill, 0, rows[i].argument) != wanted)
			fail_msg("row %zu", i);
	}
}

static void conditions_are_and_but_on_one_argument_or(void **state)
{
	struct oci_seccomp_arg both[] = { { .index = 0, .value = 1, .op = OCI_CMP_EQ },
		{ .index = 1, .value = 2, .op = OCI_CMP_EQ } };
	struct oci_seccomp c = { .default_action = OCI_ACT_ERRNO,
		.syscalls = RULES(
			{ .names = NAMES("kill"), .action = OCI_ACT_ALLOW, .args = { 2, both } }) };
	assert_int_equal(compile(&c), 0);
	assert_int_equal(call(SYS_kill, 1, 2), SECCOMP_RET_ALLOW);
	assert_int_equal(call(SYS_kill, 1, 3), SECCOMP_RET_ERRNO | EPERM);
	both[1].index = 0;
	assert_int_equal(compile(&c), 0);
	assert_int_equal(call(SYS_kill, 1, 9), SECCOMP_RET_ALLOW);
	assert_int_equal(call(SYS_kill, 2, 9), SECCOMP_RET_ALLOW);
	assert_int_equal(call(SYS_kill, 3, 9), SECCOMP_RET_ERRNO | EPERM);
	both[1].index = 6;
	assert_int_equal(compile(&c), -EINVAL);
	assert_string_equal(error.path, "linux.seccomp.syscalls[0].args[1].index");
}

static void newer_calls_do_not_exist(void **state)
{
	struct oci_seccomp c = { .default_action = OCI_ACT_ERRNO,
		.syscalls = RULES(
			{ .names = NAMES("getpid", "pidfd_open"), .action = OCI_ACT_ALLOW }) };
	assert_int_equal(compile(&c), 0);
	assert_int_equal(call(SYS_pidfd_open, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(call(SYS_kill, 0, 0), SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(call(SYS_clone3, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(call(9999, 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	c.default_action = OCI_ACT_ALLOW;
	c.syscalls.v[0].action = OCI_ACT_ERRNO;
	assert_int_equal(compile(&c), 0);
	assert_int_equal(call(9999, 0, 0), SECCOMP_RET_ALLOW);
}

/* i386, x86_64 and x32 at once; without x32 its numbers are nobody's */
static void newer_calls_of_several_architectures(void **state)
{
	static const struct {
		uint32_t arch, number;
		uint32_t wanted, without_x32;
	} rows[] = {
		{ AUDIT_ARCH_I386, 377, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
		{ AUDIT_ARCH_I386, 376, SECCOMP_RET_TRAP, SECCOMP_RET_TRAP },
		{ AUDIT_ARCH_I386, 378, SECCOMP_RET_ERRNO | ENOSYS, SECCOMP_RET_ERRNO | ENOSYS },
		{ AUDIT_ARCH_X86_64, 326, SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
		{ AUDIT_ARCH_X86_64, 325, SECCOMP_RET_TRAP, SECCOMP_RET_TRAP },
		{ AUDIT_ARCH_X86_64, 327, SECCOMP_RET_ERRNO | ENOSYS, SECCOMP_RET_ERRNO | ENOSYS },
		{ AUDIT_ARCH_X86_64, 0x40000000 + 326, SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_THREAD },
		{ AUDIT_ARCH_X86_64, 0x40000000 + 327, SECCOMP_RET_ERRNO | ENOSYS,
			SECCOMP_RET_KILL_THREAD },
		{ AUDIT_ARCH_X86_64, 0xfffffffe, SECCOMP_RET_ERRNO | ENOSYS,
			SECCOMP_RET_KILL_THREAD },
		{ AUDIT_ARCH_X86_64, 0xffffffff, SECCOMP_RET_ERRNO | ENOSYS, SECCOMP_RET_TRAP },
		{ AUDIT_ARCH_AARCH64, 1, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_THREAD },
	};
	struct oci_seccomp c = { .default_action = OCI_ACT_TRAP,
		.architectures = INTS(OCI_ARCH_X86, OCI_ARCH_X86_64, OCI_ARCH_X32),
		.syscalls = RULES({ .names = NAMES("copy_file_range"), .action = OCI_ACT_ALLOW }) };
	if ((uint32_t)NATIVE_ARCH != AUDIT_ARCH_X86_64)
		SKIP_BECAUSE("x86-64 only");
	for (size_t n = 3; n >= 2; n--) {
		c.architectures.n = n;
		assert_int_equal(compile(&c), 0);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			struct seccomp_data d = { .nr = (int)rows[i].number, .arch = rows[i].arch };
			if (bpf_run(program.filter, program.n, &d) !=
				(n == 3 ? rows[i].wanted : rows[i].without_x32))
				fail_msg("%zu architectures, row %zu", n, i);
		}
	}
}

static void architectures_are_added(void **state)
{
	struct oci_seccomp c = { .default_action = OCI_ACT_ERRNO,
		.architectures = INTS(OCI_ARCH_X86_64, OCI_ARCH_X86, OCI_ARCH_X32),
		.syscalls =
			RULES({ .names = NAMES("getpid", "socket"), .action = OCI_ACT_ALLOW }) };
	if ((uint32_t)NATIVE_ARCH != AUDIT_ARCH_X86_64)
		SKIP_BECAUSE("x86-64 only");
	assert_int_equal(compile(&c), 0);
	struct seccomp_data i386_getpid = { .nr = 20, .arch = AUDIT_ARCH_I386 };
	struct seccomp_data x32_getpid = { .nr = 0x40000000 + 39, .arch = AUDIT_ARCH_X86_64 };
	struct seccomp_data arm_getpid = { .nr = 20, .arch = AUDIT_ARCH_ARM };
	assert_int_equal(call(SYS_getpid, 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(bpf_run(program.filter, program.n, &i386_getpid), SECCOMP_RET_ALLOW);
	assert_int_equal(bpf_run(program.filter, program.n, &x32_getpid), SECCOMP_RET_ALLOW);
	assert_int_equal(bpf_run(program.filter, program.n, &arm_getpid), SECCOMP_RET_KILL_THREAD);
	c.architectures.v[1] = OCI_ARCH_S390X; /* other byte order */
	assert_int_equal(compile(&c), -EOPNOTSUPP);
	assert_string_equal(error.path, "linux.seccomp.architectures[1]");
}

static void flags_are_the_kernels(void **state)
{
	struct seccomp_facts old = { .flags = SECCOMP_FILTER_FLAG_TSYNC };
	struct oci_seccomp c = { .default_action = OCI_ACT_ALLOW,
		.flags = INTS(OCI_SECCOMP_TSYNC, OCI_SECCOMP_LOG, OCI_SECCOMP_SPEC_ALLOW,
			OCI_SECCOMP_WAIT_KILLABLE_RECV),
		.syscalls = RULES({ .names = NAMES("mkdir"), .action = OCI_ACT_NOTIFY }) };
	assert_int_equal(compile(&c), 0);
	assert_int_equal(program.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
						SECCOMP_FILTER_FLAG_NEW_LISTENER |
						SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	c.syscalls.v[0].action = OCI_ACT_LOG;
	assert_int_equal(compile(&c), 0);
	assert_int_equal(program.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW |
						SECCOMP_FILTER_FLAG_TSYNC);
	assert_int_equal(seccomp_compile(&arena, &c, &old, &program, &error), -EOPNOTSUPP);
	assert_string_equal(error.path, "linux.seccomp.flags[1]");
	c.flags.n = 1;
	assert_int_equal(seccomp_compile(&arena, &c, &old, &program, &error), 0);
	c.syscalls.v[0].action = OCI_ACT_NOTIFY;
	assert_int_equal(seccomp_compile(&arena, &c, &old, &program, &error), -EOPNOTSUPP);
}

static void notify_leaves_the_hand_over_alone(void **state)
{
	struct oci_seccomp c = { .default_action = OCI_ACT_ALLOW,
		.syscalls = RULES({ .names = NAMES("read", "write"), .action = OCI_ACT_NOTIFY }) };
	assert_int_equal(compile(&c), -EINVAL);
	assert_string_equal(error.path, "linux.seccomp.syscalls[0]");
	c.default_action = OCI_ACT_NOTIFY;
	assert_int_equal(compile(&c), -EINVAL);
	assert_string_equal(error.path, "linux.seccomp.defaultAction");
}

static void contradicting_rules_are_refused(void **state)
{
	struct oci_seccomp_arg arg = { .index = 0, .value = 5, .op = OCI_CMP_EQ };
	struct oci_seccomp c = {
		.default_action = OCI_ACT_ERRNO,
		.syscalls = RULES(
			{ .names = NAMES("fchmod"), .action = OCI_ACT_ALLOW, .args = { 1, &arg } },
			{ .names = NAMES("fchmod"), .action = OCI_ACT_TRAP, .args = { 1, &arg } })
	};
	assert_true(compile(&c) < 0);
	assert_string_equal(error.path, "linux.seccomp.syscalls[1]");
}

static void the_strictest_of_several_decides(void **state)
{
	struct oci_seccomp_arg args[] = { { .index = 0, .value = 5, .op = OCI_CMP_GE },
		{ .index = 1, .value = 7, .op = OCI_CMP_EQ } };
	struct oci_seccomp c = { .default_action = OCI_ACT_ERRNO,
		.syscalls = RULES(
			{ .names = NAMES("fchmod"), .action = OCI_ACT_ALLOW, .args = { 1, args } },
			{ .names = NAMES("fchmod"),
				.action = OCI_ACT_TRAP,
				.args = { 1, args + 1 } }) };
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(compile(&c), 0);
		assert_int_equal(call(SYS_fchmod, 5, 7), SECCOMP_RET_TRAP);
		assert_int_equal(call(SYS_fchmod, 4, 7), SECCOMP_RET_TRAP);
		assert_int_equal(call(SYS_fchmod, 5, 6), SECCOMP_RET_ALLOW);
		assert_int_equal(call(SYS_fchmod, 4, 6), SECCOMP_RET_ERRNO | EPERM);
		struct oci_syscall_rule first = c.syscalls.v[0];
		c.syscalls.v[0] = c.syscalls.v[1];
		c.syscalls.v[1] = first;
	}
	/* a rule without conditions decides for all */
	c.syscalls.v[1].args.n = 0;
	assert_int_equal(compile(&c), 0);
	assert_int_equal(call(SYS_fchmod, 5, 7),
		c.syscalls.v[1].action == OCI_ACT_TRAP ? SECCOMP_RET_TRAP : SECCOMP_RET_ALLOW);
}

/* The kernel itself: takes the program with the probed flags, and does what it says. */
static void the_kernel_takes_it(void **state)
{
	pid_t pid = fork();
	if (pid == 0) {
		struct seccomp_facts facts;
		seccomp_probe(&facts);
		if (!(facts.flags & SECCOMP_FILTER_FLAG_LOG))
			_exit(77);
		struct oci_seccomp c = { .default_action = OCI_ACT_ALLOW,
			.flags = INTS(OCI_SECCOMP_LOG),
			.syscalls = RULES({ .names = NAMES("getppid"),
				.action = OCI_ACT_ERRNO,
				.errno_ret = SET(EXDEV) }) };
		if (seccomp_compile(&arena, &c, &facts, &program, &error) < 0)
			_exit(1);
		struct sock_fprog p = { (unsigned short)program.n, program.filter };
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
			syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, program.flags, &p) < 0)
			_exit(2);
		_exit(syscall(SYS_getppid) == -1 && errno == EXDEV ? 0 : 3);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		SKIP_BECAUSE("this system does not let a process load a filter");
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action),
		cmocka_unit_test(errno_values),
		cmocka_unit_test(every_operator),
		cmocka_unit_test(conditions_are_and_but_on_one_argument_or),
		cmocka_unit_test(newer_calls_do_not_exist),
		cmocka_unit_test(newer_calls_of_several_architectures),
		cmocka_unit_test(architectures_are_added),
		cmocka_unit_test(flags_are_the_kernels),
		cmocka_unit_test(notify_leaves_the_hand_over_alone),
		cmocka_unit_test(contradicting_rules_are_refused),
		cmocka_unit_test(the_strictest_of_several_decides),
		cmocka_unit_test(the_kernel_takes_it),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
