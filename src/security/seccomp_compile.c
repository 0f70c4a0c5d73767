/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp as a BPF program: what its words mean, rule by rule; the code is made by
 * seccomp_filter.c. Runs in HOST. Mustn't load a filter or change this process.
 */
#include "security/seccomp_compile.h"

#include <assert.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "security/seccomp_filter.h"
#include "security/seccomp_names.h"

#define P "linux.seccomp."
enum { MAX_ERRNO = 4095, MAX_TRACE = 0xffff, X32_BIT = 0x40000000 };

/* max_errno 0: the action carries no errno */
static const struct {
	uint32_t action;
	uint32_t max_errno;
} actions[] = {
	[OCI_ACT_KILL] = { SECCOMP_RET_KILL_THREAD, 0 },
	[OCI_ACT_KILL_PROCESS] = { SECCOMP_RET_KILL_PROCESS, 0 },
	[OCI_ACT_KILL_THREAD] = { SECCOMP_RET_KILL_THREAD, 0 },
	[OCI_ACT_TRAP] = { SECCOMP_RET_TRAP, 0 },
	[OCI_ACT_ERRNO] = { SECCOMP_RET_ERRNO, MAX_ERRNO },
	[OCI_ACT_TRACE] = { SECCOMP_RET_TRACE, MAX_TRACE },
	[OCI_ACT_ALLOW] = { SECCOMP_RET_ALLOW, 0 },
	[OCI_ACT_LOG] = { SECCOMP_RET_LOG, 0 },
	[OCI_ACT_NOTIFY] = { SECCOMP_RET_USER_NOTIF, 0 },
};
static_assert(ARRAY_SIZE(actions) == OCI_ACT_COUNT, "one row for each action");

struct compiling {
	struct arena *arena;
	const struct oci_seccomp *config;
	const struct seccomp_facts *facts;
	uint32_t default_action;
	bool needs_listener;
	size_t n_archs, n_sections;
	struct seccomp_arch archs[OCI_ARCH_COUNT];
	int highest[OCI_ARCH_COUNT];	   /* that the profile names, of archs[i]; -1: none */
	size_t section_of[OCI_ARCH_COUNT]; /* of archs[i] */
	struct seccomp_section sections[OCI_ARCH_COUNT];
	struct error *e;
};

/* Of one rule, and of some of its conditions. */
struct conditions {
	size_t n;
	const struct seccomp_condition *wide, *narrow; /* for arguments of 64 bits, of 32 */
};

static int no_memory(struct compiling *c)
{
	return error_errno(c->e, ENOMEM, "seccomp filter");
}

/* spec: config-linux.md#seccomp: an errno for an action that has none MUST fail; default EPERM */
static int action_of(struct compiling *c, enum oci_seccomp_action action, struct opt_u32 errno_ret,
	const char *path, uint32_t *ret)
{
	uint32_t max = actions[action].max_errno;
	if (errno_ret.set && max == 0)
		return error_field(c->e, path, "this action returns no errno");
	if (errno_ret.set && errno_ret.v > max)
		return error_field(c->e, path, "expected at most %u, found %u", max, errno_ret.v);
	*ret = actions[action].action | (max ? (errno_ret.set ? errno_ret.v : EPERM) : 0);
	return 0;
}

/* One filter cannot be for both byte orders. */
bool seccomp_knows_architecture(int arch)
{
	struct seccomp_arch found;
	return seccomp_arch_find((enum oci_seccomp_arch)arch, &found);
}

/* x86_64 and x32 share a section, as the kernel shows both by the same AUDIT_ARCH. */
static void add_architecture(struct compiling *c, const struct seccomp_arch *arch)
{
	size_t section = 0;
	for (size_t i = 0; i < c->n_archs; i++)
		if (c->archs[i].which == arch->which)
			return;
	while (section < c->n_sections && c->sections[section].audit_arch != arch->audit_arch)
		section++;
	if (section == c->n_sections)
		c->sections[c->n_sections++].audit_arch = arch->audit_arch;
	c->archs[c->n_archs] = *arch;
	c->highest[c->n_archs] = -1;
	c->section_of[c->n_archs++] = section;
}

/* This machine's own is always among them, and the first. */
static int add_architectures(struct compiling *c)
{
	const struct enum_list *list = &c->config->architectures;
	struct seccomp_arch arch;
	for (int a = 0; a < OCI_ARCH_COUNT; a++)
		if (seccomp_arch_find((enum oci_seccomp_arch)a, &arch) &&
			seccomp_arch_is_native(&arch))
			add_architecture(c, &arch);
	for (size_t i = 0; i < list->n; i++) {
		if (seccomp_arch_find((enum oci_seccomp_arch)list->v[i], &arch)) {
			add_architecture(c, &arch);
			continue;
		}
		char path[64];
		snprintf(path, sizeof path, P "architectures[%zu]", i);
		return error_unsupported(c->e, path,
			arch.token
				? "%s cannot be filtered together with this machine's architecture"
				: "the libseccomp of this build did not know %s",
			arch.name);
	}
	return 0;
}

/* Where two conditions are on one argument they are alternatives, each a rule of its own: what runc
 * made of it since its beginning, and profiles rely on. */
static bool has_same_index_twice(const struct oci_syscall_rule *rule)
{
	unsigned seen = 0;
	for (size_t i = 0; i < rule->args.n; i++) {
		if (seen & (1u << rule->args.v[i].index))
			return true;
		seen |= 1u << rule->args.v[i].index;
	}
	return false;
}

/* What an architecture of 32 bits has instead of them. Its arguments have no high half, but for
 * x32's, whose does not count; a negative number is one of 32 bits there. */
static void narrow(struct seccomp_condition *v, const struct seccomp_condition *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		v[i] = from[i];
		uint64_t value = v[i].value;
		bool is_negative = (int64_t)value == (int32_t)value;
		v[i].is_low = value <= UINT32_MAX || is_negative;
	}
}

static int conditions_of(struct compiling *c, const struct oci_syscall_rule *rule, size_t which,
	struct conditions *ret)
{
	size_t n = rule->args.n;
	struct seccomp_condition *v = ARENA_ARRAY(c->arena, 2 * n + 1, struct seccomp_condition);
	if (!v)
		return no_memory(c);
	for (size_t i = 0; i < n; i++) {
		const struct oci_seccomp_arg *a = &rule->args.v[i];
		if (a->index > 5) {
			char path[80];
			snprintf(path, sizeof path, P "syscalls[%zu].args[%zu].index", which, i);
			return error_field(c->e, path, "expected 0 to 5, found %u", a->index);
		}
		v[i] = (struct seccomp_condition){
			.arg = a->index,
			.op = a->op,
			.value = a->value,
			.value_two = a->value_two.v,
		};
	}
	narrow(v + n, v, n);
	*ret = (struct conditions){ .n = n, .wide = v, .narrow = v + n };
	return 0;
}

static int append_rule(struct compiling *c, size_t arch, const struct seccomp_rule *rule)
{
	struct seccomp_section *s = &c->sections[c->section_of[arch]];
	if (s->n_rules == s->size) {
		size_t size = s->size ? 2 * s->size : 512;
		struct seccomp_rule *v = ARENA_ARRAY(c->arena, size, struct seccomp_rule);
		if (!v)
			return no_memory(c);
		if (s->n_rules)
			memcpy(v, s->rules, s->n_rules * sizeof *v);
		s->rules = v;
		s->size = size;
	}
	s->rules[s->n_rules++] = *rule;
	return 0;
}

/* The multiplexer's first argument takes the place of the call's own, which lie in memory where no
 * filter can look. As libseccomp has it, other conditions stay. */
static int add_multiplexed(
	struct compiling *c, size_t arch, int number, uint32_t call, struct seccomp_rule rule)
{
	struct seccomp_condition *v = ARENA_ARRAY(c->arena, rule.n + 1, struct seccomp_condition);
	if (!v)
		return no_memory(c);
	size_t n = 0;
	v[n++] = (struct seccomp_condition){ .op = OCI_CMP_EQ, .value = call };
	for (size_t i = 0; i < rule.n; i++)
		if (rule.conditions[i].arg != 0)
			v[n++] = rule.conditions[i];
	rule.number = (uint32_t)number;
	rule.n = n;
	rule.conditions = v;
	return append_rule(c, arch, &rule);
}

static int add_for_arch(struct compiling *c, size_t which, int name,
	const struct conditions *conditions, struct seccomp_rule rule)
{
	const struct seccomp_arch *arch = &c->archs[which];
	struct seccomp_call call = seccomp_call_of(arch, name);
	int r = 0;
	if (call.number > c->highest[which])
		c->highest[which] = call.number;
	if (rule.action == c->default_action)
		return 0; /* it says no more than the default, but that the call is known */
	rule.n = conditions->n;
	rule.conditions = arch->is_32bit ? conditions->narrow : conditions->wide;
	if (call.number >= 0) {
		rule.number = (uint32_t)call.number;
		r = append_rule(c, which, &rule);
	}
	if (r == 0 && call.multiplexer >= 0)
		r = add_multiplexed(c, which, call.multiplexer, call.which, rule);
	return r;
}

static int add_name(struct compiling *c, const char *name, const struct conditions *conditions,
	const struct seccomp_rule *rule)
{
	int r = 0, number = seccomp_name_find(name);
	for (size_t i = 0; r == 0 && number >= 0 && i < c->n_archs; i++)
		r = add_for_arch(c, i, number, conditions, *rule);
	return r;
}

static int add_rule(struct compiling *c, size_t which)
{
	const struct oci_syscall_rule *rule = &c->config->syscalls.v[which];
	struct conditions all = { 0 };
	char path[64];
	uint32_t action = 0;
	snprintf(path, sizeof path, P "syscalls[%zu].errnoRet", which);
	int r = action_of(c, rule->action, rule->errno_ret, path, &action);
	if (r == 0)
		r = conditions_of(c, rule, which, &all);
	if (r < 0)
		return r;
	bool split = has_same_index_twice(rule);
	for (size_t i = 0; r == 0 && i < rule->names.n; i++) {
		const char *name = rule->names.v[i];
		struct seccomp_rule one = { .action = action, .source = which };
		if (rule->action == OCI_ACT_NOTIFY && strcmp(name, "write") == 0) {
			snprintf(path, sizeof path, P "syscalls[%zu]", which);
			return error_field(c->e, path,
				"SCMP_ACT_NOTIFY cannot be used for the write syscall, here as in "
				"runc");
		}
		for (size_t k = 0; r == 0 && split && k < all.n; k++) {
			struct conditions some = { 1, all.wide + k, all.narrow + k };
			r = add_name(c, name, &some, &one);
		}
		if (r == 0 && !split)
			r = add_name(c, name, &all, &one);
	}
	c->needs_listener |= rule->action == OCI_ACT_NOTIFY;
	return r;
}

static const struct {
	const char *name;
	unsigned flag;
} flags[] = {
	[OCI_SECCOMP_TSYNC] = { "TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	[OCI_SECCOMP_LOG] = { "LOG", SECCOMP_FILTER_FLAG_LOG },
	[OCI_SECCOMP_SPEC_ALLOW] = { "SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	[OCI_SECCOMP_WAIT_KILLABLE_RECV] = { "WAIT_KILLABLE_RECV",
		SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};
static_assert(ARRAY_SIZE(flags) == OCI_SECCOMP_FLAG_COUNT, "one row for each flag");

static int flags_of(struct compiling *c, unsigned *ret)
{
	unsigned all = 0;
	for (size_t i = 0; i < c->config->flags.n; i++) {
		int which = c->config->flags.v[i];
		if (!(c->facts->flags & flags[which].flag)) {
			char path[64];
			snprintf(path, sizeof path, P "flags[%zu]", i);
			return error_unsupported(c->e, path,
				"this kernel does not know SECCOMP_FILTER_FLAG_%s",
				flags[which].name);
		}
		all |= flags[which].flag;
	}
	if (c->needs_listener && !(c->facts->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return error_unsupported(c->e, P "syscalls",
			"SCMP_ACT_NOTIFY needs Linux 5.0: this kernel has no seccomp listeners");
	if (c->needs_listener) {
		/* seccomp(2) refuses the two together, and the process has a single thread */
		all |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
		all &= ~(unsigned)SECCOMP_FILTER_FLAG_TSYNC;
	} else {
		/* about waiting for a listener: refused by the kernel where there is none */
		all &= ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	}
	*ret = all;
	return 0;
}

static int check_default(struct compiling *c)
{
	const struct oci_seccomp *config = c->config;
	if (config->default_action == OCI_ACT_NOTIFY)
		return error_field(c->e, P "defaultAction",
			"SCMP_ACT_NOTIFY cannot be used as default action, here as in runc");
	return action_of(c, config->default_action, config->default_errno_ret, P "defaultErrnoRet",
		&c->default_action);
}

/*
 * Where the default action refuses, calls above the highest one that the profile names give ENOSYS:
 * with the profile's EPERM a libc would take a new call for forbidden and not try the old one.
 */
static bool has_enosys(const struct compiling *c)
{
	switch (c->config->default_action) {
	case OCI_ACT_ALLOW:
	case OCI_ACT_LOG:
	case OCI_ACT_TRACE:
		return false; /* new calls get through */
	case OCI_ACT_KILL:
	case OCI_ACT_KILL_PROCESS:
	case OCI_ACT_KILL_THREAD:
	case OCI_ACT_TRAP:
	case OCI_ACT_ERRNO:
	case OCI_ACT_NOTIFY:
	case OCI_ACT_COUNT:
		break;
	}
	return true;
}

static void add_base(struct seccomp_section *s, uint32_t first, uint32_t action)
{
	if (s->n_bases > 0 && s->bases[s->n_bases - 1].first == first)
		s->n_bases--;
	s->bases[s->n_bases++] = (struct seccomp_base){ first, action };
}

/* `first` is the first number of the architecture: 0, x32: bit 30. */
static void add_bases(struct compiling *c, size_t arch, uint32_t first)
{
	enum oci_seccomp_arch which = c->archs[arch].which;
	struct seccomp_section *s = &c->sections[c->section_of[arch]];
	const uint32_t enosys = SECCOMP_RET_ERRNO | ENOSYS;
	bool is_open = !has_enosys(c) || c->highest[arch] < 0;
	add_base(s, first, c->default_action);
	/* s390: numbers that do not fit into the instruction arrive as call 0 */
	if (!is_open && (which == OCI_ARCH_S390 || which == OCI_ARCH_S390X)) {
		add_base(s, 0, enosys);
		add_base(s, 1, c->default_action);
	}
	if (!is_open)
		add_base(s, (uint32_t)c->highest[arch] + 1, enosys);
}

/* Calls of an architecture that isn't listed. libseccomp's way: the thread, where the default
 * doesn't kill the process anyway. */
static uint32_t foreign(const struct compiling *c)
{
	return c->default_action == SECCOMP_RET_KILL_PROCESS ? SECCOMP_RET_KILL_PROCESS
							     : SECCOMP_RET_KILL_THREAD;
}

/* x86_64's numbers end at bit 30, where x32's begin: calls of an architecture that isn't listed,
 * but for -1, by which a tracer says that there is no call. */
static void add_all_bases(struct compiling *c)
{
	size_t x32 = c->n_archs;
	for (size_t i = 0; i < c->n_archs; i++) {
		if (c->archs[i].which == OCI_ARCH_X32)
			x32 = i;
		else
			add_bases(c, i, 0);
	}
	for (size_t i = 0; i < c->n_archs; i++) {
		if (c->archs[i].which != OCI_ARCH_X86_64)
			continue;
		if (x32 < c->n_archs) {
			add_bases(c, x32, X32_BIT);
			continue;
		}
		add_base(&c->sections[c->section_of[i]], X32_BIT, foreign(c));
		add_base(&c->sections[c->section_of[i]], UINT32_MAX, c->default_action);
	}
}

static int generate(struct compiling *c, struct seccomp_program *ret)
{
	size_t source = 0;
	int r = seccomp_generate(
		c->arena, c->sections, c->n_sections, foreign(c), &ret->filter, &ret->n, &source);
	if (r == -ENOMEM)
		return no_memory(c);
	if (r == -E2BIG)
		return error_unsupported(c->e, "linux.seccomp",
			"the filter has more instructions than the kernel takes, %d", BPF_MAXINSNS);
	if (r == -EEXIST) {
		char path[64];
		snprintf(path, sizeof path, P "syscalls[%zu]", source);
		return error_field(c->e, path,
			"it contradicts an earlier rule: the same system call and conditions, "
			"another action");
	}
	return r;
}

int seccomp_compile(struct arena *arena, const struct oci_seccomp *config,
	const struct seccomp_facts *facts, struct seccomp_program *ret, struct error *e)
{
	struct compiling *c = ARENA_NEW(arena, struct compiling);
	struct seccomp_program program = { 0 };
	if (!c)
		return error_errno(e, ENOMEM, "seccomp filter");
	*c = (struct compiling){ .arena = arena, .config = config, .facts = facts, .e = e };
	int r = check_default(c);
	if (r == 0)
		r = add_architectures(c);
	for (size_t i = 0; r == 0 && i < config->syscalls.n; i++)
		r = add_rule(c, i);
	if (r == 0)
		r = flags_of(c, &program.flags);
	if (r < 0)
		return r;
	add_all_bases(c);
	r = generate(c, &program);
	program.needs_listener = c->needs_listener;
	if (r == 0)
		*ret = program;
	return r;
}
