/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp to a BPF program, by libseccomp: the only file that includes it. Runs in HOST.
 * Mustn't load a filter or change this process.
 */
#include "security/seccomp_compile.h"

#include <assert.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "security/seccomp_enosys.h"

#define P "linux.seccomp."
enum { MAX_ERRNO = 4095, MAX_TRACE = 0xffff, BINARY_TREE_FROM = 32 };

static void release(scmp_filter_ctx *context)
{
	if (*context)
		seccomp_release(*context);
}
#define AUTO_RELEASE __attribute__((cleanup(release)))

/* The names of libseccomp, which knows more of them with each version: no constants, so that an
 * older library builds and says no only when asked. */
static const char *const arch_names[] = {
	[OCI_ARCH_X86] = "x86",
	[OCI_ARCH_X86_64] = "x86_64",
	[OCI_ARCH_X32] = "x32",
	[OCI_ARCH_ARM] = "arm",
	[OCI_ARCH_AARCH64] = "aarch64",
	[OCI_ARCH_LOONGARCH64] = "loongarch64",
	[OCI_ARCH_M68K] = "m68k",
	[OCI_ARCH_MIPS] = "mips",
	[OCI_ARCH_MIPS64] = "mips64",
	[OCI_ARCH_MIPS64N32] = "mips64n32",
	[OCI_ARCH_MIPSEL] = "mipsel",
	[OCI_ARCH_MIPSEL64] = "mipsel64",
	[OCI_ARCH_MIPSEL64N32] = "mipsel64n32",
	[OCI_ARCH_PPC] = "ppc",
	[OCI_ARCH_PPC64] = "ppc64",
	[OCI_ARCH_PPC64LE] = "ppc64le",
	[OCI_ARCH_S390] = "s390",
	[OCI_ARCH_S390X] = "s390x",
	[OCI_ARCH_SH] = "sh",
	[OCI_ARCH_SHEB] = "sheb",
	[OCI_ARCH_PARISC] = "parisc",
	[OCI_ARCH_PARISC64] = "parisc64",
	[OCI_ARCH_RISCV64] = "riscv64",
};
static_assert(ARRAY_SIZE(arch_names) == OCI_ARCH_COUNT, "one row for each architecture");

static const enum scmp_compare operators[] = {
	[OCI_CMP_NE] = SCMP_CMP_NE,
	[OCI_CMP_LT] = SCMP_CMP_LT,
	[OCI_CMP_LE] = SCMP_CMP_LE,
	[OCI_CMP_EQ] = SCMP_CMP_EQ,
	[OCI_CMP_GE] = SCMP_CMP_GE,
	[OCI_CMP_GT] = SCMP_CMP_GT,
	[OCI_CMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};
static_assert(ARRAY_SIZE(operators) == OCI_CMP_COUNT, "one row for each operator");

/* max_errno 0: the action carries no errno */
static const struct {
	uint32_t action;
	uint32_t max_errno;
} actions[] = {
	[OCI_ACT_KILL] = { SCMP_ACT_KILL_THREAD, 0 },
	[OCI_ACT_KILL_PROCESS] = { SCMP_ACT_KILL_PROCESS, 0 },
	[OCI_ACT_KILL_THREAD] = { SCMP_ACT_KILL_THREAD, 0 },
	[OCI_ACT_TRAP] = { SCMP_ACT_TRAP, 0 },
	[OCI_ACT_ERRNO] = { SCMP_ACT_ERRNO(0), MAX_ERRNO },
	[OCI_ACT_TRACE] = { SCMP_ACT_TRACE(0), MAX_TRACE },
	[OCI_ACT_ALLOW] = { SCMP_ACT_ALLOW, 0 },
	[OCI_ACT_LOG] = { SCMP_ACT_LOG, 0 },
	[OCI_ACT_NOTIFY] = { SCMP_ACT_NOTIFY, 0 },
};
static_assert(ARRAY_SIZE(actions) == OCI_ACT_COUNT, "one row for each action");

struct compiling {
	struct arena *arena;
	const struct oci_seccomp *config;
	const struct seccomp_facts *facts;
	scmp_filter_ctx context;
	uint32_t default_action;
	bool needs_listener;
	struct error *e;
};

static int failed(struct compiling *c, int r, const char *what)
{
	return r < 0 ? error_errno(c->e, -r, "seccomp filter: %s", what) : 0;
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
	AUTO_RELEASE scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	uint32_t token = seccomp_arch_resolve_name(arch_names[arch]);
	int r = context && token ? seccomp_arch_add(context, token) : -EINVAL;
	return r == 0 || r == -EEXIST;
}

static int add_architectures(struct compiling *c)
{
	for (size_t i = 0; i < c->config->architectures.n; i++) {
		const char *name = arch_names[c->config->architectures.v[i]];
		uint32_t token = seccomp_arch_resolve_name(name);
		int r = token ? seccomp_arch_add(c->context, token) : -EINVAL;
		if (r == 0 || r == -EEXIST)
			continue;
		char path[64];
		snprintf(path, sizeof path, P "architectures[%zu]", i);
		return error_unsupported(c->e, path,
			token ? "%s cannot be filtered together with this machine's architecture"
			      : "this libseccomp does not know %s",
			name);
	}
	return 0;
}

/* Where two conditions are on one argument they are alternatives, each a rule of its own: what runc
 * made of it since its beginning, and profiles rely on. (A filter cannot say "and" there.) */
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

static int conditions_of(struct compiling *c, const struct oci_syscall_rule *rule, size_t which,
	struct scmp_arg_cmp **ret)
{
	struct scmp_arg_cmp *v = ARENA_ARRAY(c->arena, rule->args.n + 1, struct scmp_arg_cmp);
	if (!v)
		return error_errno(c->e, ENOMEM, "seccomp filter");
	for (size_t i = 0; i < rule->args.n; i++) {
		const struct oci_seccomp_arg *a = &rule->args.v[i];
		if (a->index > 5) {
			char path[80];
			snprintf(path, sizeof path, P "syscalls[%zu].args[%zu].index", which, i);
			return error_field(c->e, path, "expected 0 to 5, found %u", a->index);
		}
		v[i] = (struct scmp_arg_cmp){
			.arg = a->index,
			.op = operators[a->op],
			/* MASKED_EQ: value is the mask, valueTwo what is left */
			.datum_a = a->value,
			.datum_b = a->value_two.v,
		};
	}
	*ret = v;
	return 0;
}

static int add_one(struct compiling *c, size_t which, const char *name, uint32_t action, unsigned n,
	const struct scmp_arg_cmp *conditions)
{
	int number = seccomp_syscall_resolve_name(name);
	if (number == __NR_SCMP_ERROR)
		return 0;
	int r = seccomp_rule_add_array(c->context, action, number, n, conditions);
	if (r == 0)
		return 0;
	/* EEXIST: an earlier rule has another action for the same arguments */
	error_errno(c->e, -r, "no rule can be made for the system call %s%s", name,
		r == -EEXIST ? " (it contradicts an earlier one)" : "");
	if (c->e)
		snprintf(c->e->path, sizeof c->e->path, P "syscalls[%zu]", which);
	return r;
}

static int add_rule(struct compiling *c, size_t which)
{
	const struct oci_syscall_rule *rule = &c->config->syscalls.v[which];
	struct scmp_arg_cmp *conditions = NULL;
	char path[64];
	uint32_t action = 0;
	snprintf(path, sizeof path, P "syscalls[%zu].errnoRet", which);
	int r = action_of(c, rule->action, rule->errno_ret, path, &action);
	if (r == 0)
		r = conditions_of(c, rule, which, &conditions);
	if (r < 0 || action == c->default_action)
		return r;
	bool split = has_same_index_twice(rule);
	for (size_t i = 0; r == 0 && i < rule->names.n; i++) {
		const char *name = rule->names.v[i];
		if (rule->action == OCI_ACT_NOTIFY && strcmp(name, "write") == 0) {
			snprintf(path, sizeof path, P "syscalls[%zu]", which);
			return error_field(c->e, path,
				"SCMP_ACT_NOTIFY cannot be used for the write syscall, here as in "
				"runc");
		}
		if (!split)
			r = add_one(c, which, name, action, (unsigned)rule->args.n, conditions);
		for (size_t k = 0; split && r == 0 && k < rule->args.n; k++)
			r = add_one(c, which, name, action, 1, &conditions[k]);
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

static int start(struct compiling *c)
{
	const struct oci_seccomp *config = c->config;
	int r = action_of(c, config->default_action, config->default_errno_ret, P "defaultErrnoRet",
		&c->default_action);
	if (r < 0)
		return r;
	if (config->default_action == OCI_ACT_NOTIFY)
		return error_field(c->e, P "defaultAction",
			"SCMP_ACT_NOTIFY cannot be used as default action, here as in runc");
	c->context = seccomp_init(c->default_action);
	if (!c->context)
		return error_unsupported(c->e, P "defaultAction",
			"libseccomp or this kernel does not support this action");
	/* who installs the filter sees to no_new_privs */
	r = failed(c, seccomp_attr_set(c->context, SCMP_FLTATR_CTL_NNP, 0), "no_new_privs");
	/* A tree of comparisons instead of a list. Best effort: 2.5.0 has it, and up to 2.5.4 it is
	 * wrong for filters without rules. */
	if (config->syscalls.n > BINARY_TREE_FROM)
		seccomp_attr_set(c->context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return r;
}

/* The program goes in front of what libseccomp made. */
static int export(struct compiling *c, const struct enosys_stub *stub, struct seccomp_program *ret)
{
	AUTO_CLOSE int fd = memfd_create("seccomp", MFD_CLOEXEC);
	if (fd < 0)
		return failed(c, -errno, "memfd_create");
	int r = failed(c, seccomp_export_bpf(c->context, fd), "export");
	if (r < 0)
		return r;
	off_t size = lseek(fd, 0, SEEK_END);
	size_t n = size > 0 ? (size_t)size / sizeof *ret->filter : 0;
	if (size <= 0 || (size_t)size % sizeof *ret->filter)
		return failed(c, -EIO, "export");
	if (stub->n + n > BPF_MAXINSNS)
		return error_unsupported(c->e, "linux.seccomp",
			"the filter has %zu instructions, and the kernel takes %d", stub->n + n,
			BPF_MAXINSNS);
	struct sock_filter *v = ARENA_ARRAY(c->arena, stub->n + n, struct sock_filter);
	if (!v)
		return failed(c, -ENOMEM, "export");
	memcpy(v, stub->v, stub->n * sizeof *v);
	if (lseek(fd, 0, SEEK_SET) < 0 || fd_read_all(fd, v + stub->n, (size_t)size) != size)
		return failed(c, -EIO, "export");
	ret->filter = v;
	ret->n = stub->n + n;
	return 0;
}

/* The highest number that the profile names on this architecture, -1: none. */
static int highest_named(const struct oci_seccomp *config, uint32_t token)
{
	int highest = -1;
	for (size_t i = 0; i < config->syscalls.n; i++) {
		const struct string_list *names = &config->syscalls.v[i].names;
		for (size_t k = 0; k < names->n; k++) {
			int number = seccomp_syscall_resolve_name_arch(token, names->v[k]);
			highest = number > highest ? number : highest;
		}
	}
	return highest;
}

static void make_stub(struct compiling *c, struct enosys_stub *stub)
{
	const struct oci_seccomp *config = c->config;
	/* a permissive default lets new calls through; ENOSYS is what the stub would say */
	bool is_permissive = config->default_action == OCI_ACT_ALLOW ||
			     config->default_action == OCI_ACT_LOG ||
			     config->default_action == OCI_ACT_TRACE;
	if (is_permissive || c->default_action == SCMP_ACT_ERRNO(ENOSYS))
		return;
	struct enosys_arch found[OCI_ARCH_COUNT];
	size_t n = 0;
	uint32_t native = seccomp_arch_native();
	for (int a = 0; a < OCI_ARCH_COUNT; a++) {
		uint32_t token = seccomp_arch_resolve_name(arch_names[a]);
		bool is_listed = token && token == native;
		for (size_t i = 0; token && i < config->architectures.n; i++)
			is_listed |= config->architectures.v[i] == a;
		int highest = is_listed ? highest_named(config, token) : -1;
		if (highest < 0)
			continue;
		found[n++] = (struct enosys_arch){
			.audit_arch = token,
			.highest = (uint32_t)highest,
			.is_x32 = a == OCI_ARCH_X32,
			.has_multiplexer = a == OCI_ARCH_S390 || a == OCI_ARCH_S390X,
		};
	}
	enosys_stub_make(found, n, stub);
}

int seccomp_compile(struct arena *arena, const struct oci_seccomp *config,
	const struct seccomp_facts *facts, struct seccomp_program *ret, struct error *e)
{
	AUTO_RELEASE scmp_filter_ctx context = NULL;
	struct compiling c = { .arena = arena, .config = config, .facts = facts, .e = e };
	struct seccomp_program program = { 0 };
	struct enosys_stub stub = { 0 };
	int r = start(&c);
	context = c.context;
	if (r == 0)
		r = add_architectures(&c);
	for (size_t i = 0; r == 0 && i < config->syscalls.n; i++)
		r = add_rule(&c, i);
	if (r == 0)
		r = flags_of(&c, &program.flags);
	if (r < 0)
		return r;
	make_stub(&c, &stub);
	r = export(&c, &stub, &program);
	program.needs_listener = c.needs_listener;
	if (r == 0)
		*ret = program;
	return r;
}

const char *seccomp_library_version(struct arena *arena)
{
	const struct scmp_version *v = seccomp_version();
	return arena_printf(arena, "%u.%u.%u", v->major, v->minor, v->micro);
}
