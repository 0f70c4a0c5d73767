/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our filters against libseccomp's: the same profiles, both programs run on every system call
 * number of every architecture that can be filtered together, and on arguments about the edges of
 * what the profile names. And against the profile itself, read rule by rule, which decides where
 * libseccomp is wrong: 2.5.4 is for a few calls in a thousand that have several conditions, and
 * for most that have several rules with conditions, which are for the second comparison alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "seccomp_run.h"
#include "security/seccomp_compile.h"
#include "security/seccomp_names.h"

enum { NUMBERS = 560, PROFILES = 40, RULES = 24, VALUES = 24, ARGUMENTS = 40, MAX_NAMES = 700 };
static const uint32_t x32_bit = 0x40000000;

static struct arena arena;
static const char *all_names[MAX_NAMES];
static bool is_used[MAX_NAMES];
static size_t n_names;

/* A repeatable sequence: what fails once fails again. */
static uint32_t seed;
static uint32_t any(uint32_t n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 8) % n;
}

static const uint32_t actions[OCI_ACT_COUNT] = {
	[OCI_ACT_KILL] = SCMP_ACT_KILL_THREAD,
	[OCI_ACT_KILL_PROCESS] = SCMP_ACT_KILL_PROCESS,
	[OCI_ACT_KILL_THREAD] = SCMP_ACT_KILL_THREAD,
	[OCI_ACT_TRAP] = SCMP_ACT_TRAP,
	[OCI_ACT_ERRNO] = SCMP_ACT_ERRNO(EPERM),
	[OCI_ACT_TRACE] = SCMP_ACT_TRACE(EPERM),
	[OCI_ACT_ALLOW] = SCMP_ACT_ALLOW,
	[OCI_ACT_LOG] = SCMP_ACT_LOG,
	[OCI_ACT_NOTIFY] = SCMP_ACT_NOTIFY,
};
static const enum scmp_compare operators[OCI_CMP_COUNT] = {
	[OCI_CMP_NE] = SCMP_CMP_NE,
	[OCI_CMP_LT] = SCMP_CMP_LT,
	[OCI_CMP_LE] = SCMP_CMP_LE,
	[OCI_CMP_EQ] = SCMP_CMP_EQ,
	[OCI_CMP_GE] = SCMP_CMP_GE,
	[OCI_CMP_GT] = SCMP_CMP_GT,
	[OCI_CMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

static void add_to_reference(scmp_filter_ctx context, const struct oci_syscall_rule *rule)
{
	struct scmp_arg_cmp v[6];
	for (size_t i = 0; i < rule->args.n; i++)
		v[i] = (struct scmp_arg_cmp){ rule->args.v[i].index, operators[rule->args.v[i].op],
			rule->args.v[i].value, rule->args.v[i].value_two.v };
	for (size_t i = 0; i < rule->names.n; i++) {
		int number = seccomp_syscall_resolve_name(rule->names.v[i]);
		if (number != __NR_SCMP_ERROR)
			assert_int_equal(seccomp_rule_add_array(context, actions[rule->action],
						 number, (unsigned)rule->args.n, v),
				0);
	}
}

static struct sock_filter *reference(const struct oci_seccomp *config, size_t *n)
{
	scmp_filter_ctx context = seccomp_init(actions[config->default_action]);
	assert_non_null(context);
	for (size_t i = 0; i < config->architectures.n; i++) {
		struct seccomp_arch arch;
		assert_true(seccomp_arch_find(
			(enum oci_seccomp_arch)config->architectures.v[i], &arch));
		int r = seccomp_arch_add(context, arch.token);
		assert_true(r == 0 || r == -EEXIST);
	}
	for (size_t i = 0; i < config->syscalls.n; i++)
		if (actions[config->syscalls.v[i].action] != actions[config->default_action])
			add_to_reference(context, &config->syscalls.v[i]);
	AUTO_CLOSE int fd = memfd_create("reference", MFD_CLOEXEC);
	assert_int_equal(seccomp_export_bpf(context, fd), 0);
	seccomp_release(context);
	off_t size = lseek(fd, 0, SEEK_END);
	struct sock_filter *v = ARENA_ARRAY(&arena, (size_t)size / sizeof *v, struct sock_filter);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(fd_read_all(fd, v, (size_t)size), size);
	*n = (size_t)size / sizeof *v;
	return v;
}

struct comparison {
	const struct oci_seccomp *config;
	bool is_by_rules; /* else against libseccomp */
	const struct sock_filter *theirs;
	size_t n_theirs;
	struct seccomp_program ours;
	uint64_t values[VALUES];
	size_t n_values;
	size_t n_compared, n_theirs_wrong;
};

static bool is_listed(const struct oci_seccomp *config, enum oci_seccomp_arch which)
{
	for (size_t i = 0; i < config->architectures.n; i++)
		if (config->architectures.v[i] == (int)which)
			return true;
	return false;
}

static bool is_kill(uint32_t action)
{
	return action == SECCOMP_RET_KILL_THREAD || action == SECCOMP_RET_KILL_PROCESS;
}

static bool holds(const struct oci_seccomp_arg *a, uint64_t v)
{
	switch (a->op) {
	case OCI_CMP_NE:
		return v != a->value;
	case OCI_CMP_LT:
		return v < a->value;
	case OCI_CMP_LE:
		return v <= a->value;
	case OCI_CMP_EQ:
		return v == a->value;
	case OCI_CMP_GE:
		return v >= a->value;
	case OCI_CMP_GT:
		return v > a->value;
	case OCI_CMP_MASKED_EQ:
		return (v & a->value) == a->value_two.v;
	case OCI_CMP_COUNT:
		break;
	}
	fail_msg("operator %d", a->op);
	return false;
}

static struct seccomp_call call_of(const struct seccomp_arch *arch, const char *name)
{
	return seccomp_call_of(arch, seccomp_name_find(name));
}

static bool is_stricter(uint32_t a, uint32_t b)
{
	return (int32_t)(a & SECCOMP_RET_ACTION_FULL) < (int32_t)(b & SECCOMP_RET_ACTION_FULL);
}

/* Calls behind a multiplexer aside. */
static uint32_t by_rules(
	const struct comparison *c, const struct seccomp_arch *arch, const struct seccomp_data *d)
{
	uint32_t found = actions[c->config->default_action];
	bool is_default = true;
	for (size_t i = 0; i < c->config->syscalls.n; i++) {
		const struct oci_syscall_rule *rule = &c->config->syscalls.v[i];
		bool is_match = false;
		for (size_t k = 0; k < rule->names.n; k++) {
			is_match |= call_of(arch, rule->names.v[k]).number == d->nr;
		}
		if (!is_match || actions[rule->action] == actions[c->config->default_action])
			continue;
		if (rule->args.n == 0)
			return actions[rule->action];
		for (size_t k = 0; k < rule->args.n; k++) {
			uint64_t v = d->args[rule->args.v[k].index];
			is_match &= holds(&rule->args.v[k], arch->is_32bit ? (uint32_t)v : v);
		}
		if (is_match && (is_default || is_stricter(actions[rule->action], found))) {
			found = actions[rule->action];
			is_default = false;
		}
	}
	return found;
}

static void compare(struct comparison *c, const struct seccomp_arch *arch,
	const struct seccomp_data *d, uint32_t enosys_from)
{
	uint32_t ours = bpf_run(c->ours.filter, c->ours.n, d);
	uint32_t wanted = (uint32_t)SECCOMP_RET_ERRNO | ENOSYS;
	if ((uint32_t)d->nr < enosys_from)
		wanted = c->is_by_rules ? by_rules(c, arch, d) : bpf_run(c->theirs, c->n_theirs, d);
	c->n_compared++;
	/* architectures that aren't listed: libseccomp kills now the thread, now the process */
	if (ours == wanted || (is_kill(ours) && is_kill(wanted) && !seccomp_arch_is_native(arch) &&
				      !is_listed(c->config, arch->which)))
		return;
	if (!c->is_by_rules && ours == by_rules(c, arch, d))
		c->n_theirs_wrong++;
	else
		fail_msg("arch %#x, call %#x, arguments %#llx %#llx %#llx: %#x, not %#x, "
			 "seed %u",
			d->arch, (unsigned)d->nr, d->args[0], d->args[1], d->args[2], ours, wanted,
			seed);
}

static uint64_t an_argument(const struct comparison *c)
{
	uint64_t v = c->values[any((uint32_t)c->n_values)];
	switch (any(6)) {
	case 0:
		return v + 1;
	case 1:
		return v - 1;
	case 2:
		return v ^ 1ull << any(64);
	case 3:
		return (uint64_t)any(UINT32_MAX) << 32 | any(UINT32_MAX);
	default:
		return v;
	}
}

static void compare_number(struct comparison *c, const struct seccomp_arch *arch, uint32_t number,
	uint32_t enosys_from)
{
	struct seccomp_data d = { .nr = (int)number, .arch = arch->audit_arch };
	compare(c, arch, &d, enosys_from);
	for (int i = 0; i < ARGUMENTS; i++) {
		for (int k = 0; k < 6; k++)
			d.args[k] = arch->is_32bit && arch->which != OCI_ARCH_X32
					    ? (uint32_t)an_argument(c)
					    : an_argument(c);
		compare(c, arch, &d, enosys_from);
	}
}

static bool is_permissive(const struct oci_seccomp *config)
{
	return config->default_action == OCI_ACT_ALLOW || config->default_action == OCI_ACT_LOG ||
	       config->default_action == OCI_ACT_TRACE;
}

/* The first number that is newer than all that the profile names. */
static uint32_t enosys_from(const struct oci_seccomp *config, const struct seccomp_arch *arch)
{
	int highest = -1;
	for (size_t i = 0; i < config->syscalls.n; i++) {
		for (size_t k = 0; k < config->syscalls.v[i].names.n; k++) {
			struct seccomp_call call = call_of(arch, config->syscalls.v[i].names.v[k]);
			highest = call.number > highest ? call.number : highest;
		}
	}
	return highest < 0 || is_permissive(config) ? UINT32_MAX : (uint32_t)highest + 1;
}

static void compare_all(struct comparison *c)
{
	struct seccomp_facts facts = { .flags = ~0u };
	struct error e = { 0 };
	if (seccomp_compile(&arena, c->config, &facts, &c->ours, &e) < 0) {
		if (c->is_by_rules && strstr(e.text, "contradicts"))
			return;
		fail_msg("%s: %s", e.path, e.text);
	}
	if (!c->is_by_rules)
		c->theirs = reference(c->config, &c->n_theirs);
	for (int a = 0; a < OCI_ARCH_COUNT; a++) {
		struct seccomp_arch arch;
		if (!seccomp_arch_find((enum oci_seccomp_arch)a, &arch))
			continue;
		bool is_multiplexing = arch.socketcall >= 0 || arch.ipc >= 0;
		bool is_known = seccomp_arch_is_native(&arch) || is_listed(c->config, arch.which);
		if (c->is_by_rules && (!is_known || is_multiplexing))
			continue;
		uint32_t base = arch.which == OCI_ARCH_X32 ? x32_bit : 0;
		uint32_t from = is_known ? enosys_from(c->config, &arch) : UINT32_MAX;
		for (uint32_t number = 0; number < NUMBERS; number++)
			compare_number(c, &arch, base + number, from);
		/* ARM's own, x86_64's end, the last ones */
		static const uint32_t others[] = { 0xf0001, 0xf0005, 0x3fffffff, 0x7fffffff };
		for (size_t i = 0; i < ARRAY_SIZE(others) && arch.which != OCI_ARCH_X32; i++)
			if (others[i] < x32_bit || arch.which != OCI_ARCH_X86_64)
				compare_number(c, &arch, others[i], from);
		if (!c->is_by_rules && arch.which == OCI_ARCH_X86_64 &&
			!is_listed(c->config, OCI_ARCH_X32)) {
			compare_number(c, &arch, UINT32_MAX - 1, UINT32_MAX);
			struct seccomp_data none = { .nr = -1, .arch = arch.audit_arch };
			assert_int_equal(bpf_run(c->ours.filter, c->ours.n, &none),
				bpf_run(c->theirs, c->n_theirs, &none));
		}
	}
}

/* libseccomp takes a rule by this machine's number, which isn't always that of one name alone. */
static bool is_told_apart(const char *name)
{
	char *back = seccomp_syscall_resolve_num_arch(
		SCMP_ARCH_NATIVE, seccomp_syscall_resolve_name(name));
	bool is_same = back && strcmp(back, name) == 0;
	free(back);
	return is_same;
}

/* Every name that libseccomp knows on any architecture of this byte order. */
static void collect_names(void)
{
	for (int a = 0; a < OCI_ARCH_COUNT; a++) {
		struct seccomp_arch arch;
		if (!seccomp_arch_find((enum oci_seccomp_arch)a, &arch) || arch.is_32bit)
			continue;
		for (int number = 0; number < NUMBERS && n_names < MAX_NAMES; number++) {
			char *name = seccomp_syscall_resolve_num_arch(arch.token, number);
			/* the multiplexers overlap with what is behind them */
			bool is_new = name && strcmp(name, "socketcall") != 0 &&
				      strcmp(name, "ipc") != 0 && is_told_apart(name);
			for (size_t i = 0; is_new && i < n_names; i++)
				is_new = strcmp(all_names[i], name) != 0;
			if (is_new)
				all_names[n_names++] = arena_strdup(&arena, name);
			free(name);
		}
	}
	assert_true(n_names > 300);
}

/* Values above 32 bits only where all architectures have 64: on others libseccomp cuts off some of
 * them and not others, and an argument can never be so large. */
static uint64_t a_value(bool is_wide)
{
	return is_wide && any(3) == 0 ? (uint64_t)any(9) << 32 | any(9) : any(40);
}

/* A name that is still to be had: libseccomp is asked about one rule for each call. */
static const char *a_name(struct comparison *c)
{
	for (;;) {
		size_t i = any((uint32_t)n_names);
		if (is_used[i] && !c->is_by_rules)
			continue;
		is_used[i] = true;
		return all_names[i];
	}
}

static void a_rule(struct comparison *c, struct oci_syscall_rule *rule, bool is_wide)
{
	static const enum oci_seccomp_action v[] = { OCI_ACT_ALLOW, OCI_ACT_ERRNO, OCI_ACT_TRAP,
		OCI_ACT_LOG, OCI_ACT_KILL_PROCESS, OCI_ACT_TRACE };
	const char **names = ARENA_ARRAY(&arena, 6, const char *);
	struct oci_seccomp_arg *args = ARENA_ARRAY(&arena, 3, struct oci_seccomp_arg);
	rule->action = v[any(ARRAY_SIZE(v))];
	rule->names.v = names;
	rule->names.n = 1 + any(6);
	for (size_t i = 0; i < rule->names.n; i++)
		names[i] = a_name(c);
	rule->args.v = args;
	rule->args.n = any(4);
	for (size_t i = 0; i < rule->args.n; i++) {
		args[i] = (struct oci_seccomp_arg){ .index = (uint32_t)i * 2 + any(2),
			.op = (enum oci_seccomp_operator)any(OCI_CMP_COUNT),
			.value = a_value(is_wide) };
		if (args[i].op == OCI_CMP_MASKED_EQ)
			args[i].value_two = (struct opt_u64){ true,
				args[i].value & ((uint64_t)any(9) << 32 | any(64)) };
		if (c->n_values < VALUES)
			c->values[c->n_values++] = args[i].value;
	}
}

static void random_profiles(bool is_by_rules)
{
	static const enum oci_seccomp_action defaults[] = { OCI_ACT_ERRNO, OCI_ACT_ALLOW,
		OCI_ACT_KILL_PROCESS, OCI_ACT_KILL, OCI_ACT_LOG };
	size_t compared = 0, theirs_wrong = 0;
	for (uint32_t i = 0; i < PROFILES; i++) {
		struct oci_syscall_rule rules[RULES] = { 0 };
		struct comparison c = { .n_values = 1, .is_by_rules = is_by_rules };
		int archs[OCI_ARCH_COUNT];
		bool is_wide = i % 2;
		seed = i;
		memset(is_used, 0, sizeof is_used);
		struct oci_seccomp config = { .default_action = defaults[i % ARRAY_SIZE(defaults)],
			.architectures = { 0, archs },
			.syscalls = { 1 + any(RULES - 1), rules } };
		for (int a = 0; a < OCI_ARCH_COUNT; a++) {
			struct seccomp_arch arch;
			if (any(3) == 0 && seccomp_arch_find((enum oci_seccomp_arch)a, &arch) &&
				!(is_wide && arch.is_32bit))
				archs[config.architectures.n++] = a;
		}
		for (size_t k = 0; k < config.syscalls.n; k++)
			a_rule(&c, &rules[k], is_wide);
		c.config = &config;
		compare_all(&c);
		compared += c.n_compared;
		theirs_wrong += c.n_theirs_wrong;
	}
	print_message("%zu calls compared, libseccomp wrong in %zu\n", compared, theirs_wrong);
	assert_true(theirs_wrong * 100 < compared);
	assert_true(compared > 1000000);
}

static void random_profiles_as_libseccomp(void **state)
{
	random_profiles(false);
}

static void random_profiles_as_written(void **state)
{
	random_profiles(true);
}

/* What engines give their containers: most calls are allowed, a few under conditions. */
static void a_profile_like_the_engines(void **state)
{
	static const char *const refused[] = { "mount", "umount2", "reboot", "kexec_load", "bpf",
		"ptrace", "add_key", "keyctl", "init_module", "clone", "clone3", "personality",
		"socket", "setns", "unshare" };
	static const char *allowed[MAX_NAMES + 2];
	size_t n = 0;
	for (size_t i = 0; i < n_names; i++) {
		bool is_refused = false;
		for (size_t k = 0; k < ARRAY_SIZE(refused); k++)
			is_refused |= strcmp(refused[k], all_names[i]) == 0;
		if (!is_refused)
			allowed[n++] = all_names[i];
	}
	allowed[n++] = "socketcall";
	allowed[n++] = "ipc";
	struct oci_seccomp_arg personality[] = { { .index = 0, .value = 8, .op = OCI_CMP_EQ },
		{ .index = 0, .value = 0xffffffff, .op = OCI_CMP_EQ } };
	struct oci_seccomp_arg clone[] = {
		{ .index = 0, .value = 2114060288, .value_two = SET(0), .op = OCI_CMP_MASKED_EQ }
	};
	struct oci_seccomp_arg audit[] = { { .index = 0, .value = 16, .op = OCI_CMP_EQ },
		{ .index = 2, .value = 9, .op = OCI_CMP_EQ } };
	struct oci_seccomp_arg not_audit[] = { { .index = 2, .value = 9, .op = OCI_CMP_NE },
		{ .index = 0, .value = 16, .op = OCI_CMP_NE } };
	struct oci_syscall_rule rules[] = {
		{ .names = { n, allowed }, .action = OCI_ACT_ALLOW },
		{ .names = NAMES("personality"),
			.action = OCI_ACT_ALLOW,
			.args = { 1, personality } },
		{ .names = NAMES("personality"),
			.action = OCI_ACT_ALLOW,
			.args = { 1, personality + 1 } },
		{ .names = NAMES("clone"), .action = OCI_ACT_ALLOW, .args = { 1, clone } },
		{ .names = NAMES("clone3", "setns"),
			.action = OCI_ACT_ERRNO,
			.errno_ret = SET(EPERM) },
		{ .names = NAMES("socket"), .action = OCI_ACT_TRAP, .args = { 2, audit } },
		{ .names = NAMES("socket"), .action = OCI_ACT_ALLOW, .args = { 1, not_audit } },
		{ .names = NAMES("socket"), .action = OCI_ACT_ALLOW, .args = { 1, not_audit + 1 } }
	};
	struct oci_seccomp config = { .default_action = OCI_ACT_ERRNO,
		.architectures = INTS(OCI_ARCH_X86_64, OCI_ARCH_X86, OCI_ARCH_X32),
		.syscalls = { ARRAY_SIZE(rules), rules } };
	struct seccomp_arch arch;
	if (!seccomp_arch_find(OCI_ARCH_X86_64, &arch))
		config.architectures.n = 0;
	struct comparison c = { .config = &config,
		.n_values = 7,
		.values = { 0, 8, 9, 16, 0xffffffff, 2114060288, 0x10000 } };
	compare_all(&c);
	print_message("%zu instructions, libseccomp's list has %zu; %zu calls compared\n", c.ours.n,
		c.n_theirs, c.n_compared);
}

static int setup(void **state)
{
	arena_init(&arena);
	collect_names();
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
		cmocka_unit_test(random_profiles_as_libseccomp),
		cmocka_unit_test(random_profiles_as_written),
		cmocka_unit_test(a_profile_like_the_engines),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
