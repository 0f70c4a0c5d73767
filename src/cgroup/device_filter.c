/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules to a BPF program for the v2 hierarchy, and to lines for the v1 controller. Pure.
 */
#include "cgroup/device_filter.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	ACCESS_ALL = OCI_ACCESS_READ | OCI_ACCESS_WRITE | OCI_ACCESS_MKNOD,
	ACCESS_MKNOD = OCI_ACCESS_MKNOD,
	ANY = -1,
};

#define NUMBER(n) ((struct opt_i64){ .set = (n) != ANY, .v = (n) })
#define ALLOW(t, major_, minor_, access_)                                                          \
	{                                                                                          \
		.allow = true, .type = OCI_DEVICE_##t, .major = NUMBER(major_),                    \
		.minor = NUMBER(minor_), .access = ACCESS_##access_                                \
	}

/* What every container may use, as in the peers. /dev/console is a pseudoterminal in a container:
 * the host's own (5:1) is not here. */
static const struct oci_device_rule default_rules[] = {
	ALLOW(CHAR, ANY, ANY, MKNOD), /* a node alone gives no access */
	ALLOW(BLOCK, ANY, ANY, MKNOD),
	ALLOW(CHAR, 1, 3, ALL),	    /* null */
	ALLOW(CHAR, 1, 5, ALL),	    /* zero */
	ALLOW(CHAR, 1, 7, ALL),	    /* full */
	ALLOW(CHAR, 1, 8, ALL),	    /* random */
	ALLOW(CHAR, 1, 9, ALL),	    /* urandom */
	ALLOW(CHAR, 5, 0, ALL),	    /* tty */
	ALLOW(CHAR, 5, 2, ALL),	    /* ptmx */
	ALLOW(CHAR, 136, ANY, ALL), /* pts */
	/* net/tun: not in the spec's list, but images of VPNs count on it */
	ALLOW(CHAR, 10, 200, ALL),
};

static unsigned access_of(const struct oci_device_rule *r)
{
	return r->access ? r->access : ACCESS_ALL;
}

static bool is_any(struct opt_i64 number)
{
	return !number.set || number.v == ANY;
}

static bool is_everything(const struct oci_device_rule *r)
{
	return r->type == OCI_DEVICE_ALL && is_any(r->major) && is_any(r->minor) &&
	       access_of(r) == ACCESS_ALL;
}

static bool number_covers(struct opt_i64 a, struct opt_i64 b)
{
	return is_any(a) || (!is_any(b) && a.v == b.v);
}

/* Every device of b is one of a. */
static bool covers(const struct oci_device_rule *a, const struct oci_device_rule *b)
{
	return (a->type == OCI_DEVICE_ALL || a->type == b->type) &&
	       number_covers(a->major, b->major) && number_covers(a->minor, b->minor);
}

static bool overlaps(const struct oci_device_rule *a, const struct oci_device_rule *b)
{
	bool same_type =
		a->type == OCI_DEVICE_ALL || b->type == OCI_DEVICE_ALL || a->type == b->type;
	return same_type &&
	       (number_covers(a->major, b->major) || number_covers(b->major, a->major)) &&
	       (number_covers(a->minor, b->minor) || number_covers(b->minor, a->minor));
}

static int check_number(struct opt_i64 n, size_t i, const char *name, struct error *e)
{
	if (is_any(n) || (n.v >= 0 && n.v <= UINT32_MAX))
		return 0;
	char path[64];
	snprintf(path, sizeof path, "linux.resources.devices[%zu].%s", i, name);
	return error_field(e, path, "device number %lld is out of range", (long long)n.v);
}

static int check_rule(const struct oci_device_rule *r, size_t i, struct error *e)
{
	if (r->type == OCI_DEVICE_FIFO) {
		char path[64];
		snprintf(path, sizeof path, "linux.resources.devices[%zu].type", i);
		return error_field(e, path, "a device rule is for type a, b or c");
	}
	int err = check_number(r->major, i, "major", e);
	return err < 0 ? err : check_number(r->minor, i, "minor", e);
}

int device_rules_complete(struct arena *arena, const struct oci_resources *resources,
	struct device_rules *ret, struct error *e)
{
	size_t n = resources ? resources->devices.n : 0;
	struct device_rules rules = { .n = n + ARRAY_SIZE(default_rules) };
	rules.v = ARENA_ARRAY(arena, rules.n, struct oci_device_rule);
	if (!rules.v)
		return error_errno(e, ENOMEM, "device rules");
	for (size_t i = 0; i < n; i++) {
		int r = check_rule(&resources->devices.v[i], i, e);
		if (r < 0)
			return r;
		rules.v[i] = resources->devices.v[i];
	}
	memcpy(rules.v + n, default_rules, sizeof default_rules);
	*ret = rules;
	return 0;
}

bool device_rules_are_default(const struct oci_resources *resources)
{
	/* clients list it, and it is bound to a pseudoterminal: no loss where it isn't filtered */
	static const struct oci_device_rule console = ALLOW(CHAR, 5, 1, ALL);
	for (size_t i = 0; resources && i < resources->devices.n; i++) {
		const struct oci_device_rule *r = &resources->devices.v[i];
		bool is_known = r->allow ? covers(&console, r) : is_everything(r);
		for (size_t k = 0; r->allow && k < ARRAY_SIZE(default_rules); k++)
			is_known |= covers(&default_rules[k], r) &&
				    !(access_of(r) & ~default_rules[k].access);
		if (!is_known)
			return false;
	}
	return true;
}

/*
 * The program. r1 is struct bpf_cgroup_dev_ctx { u32 access_type, major, minor }, whose
 * access_type is access << 16 | type. The rules are tried from the last one.
 *   r2  type << 12 | major
 *   r3  the accesses that no rule has decided yet
 *   r5  minor
 *   r6  r2 << 20 | r5: the device
 * The kernel's device numbers have 12 and 20 bits (dev_t). So most rules are one comparison, which
 * counts: the verifier keeps a state for each branch, and that is most of what loading costs.
 */
enum { INSNS_PER_RULE = 10, INSNS_PROLOGUE = 12, INSNS_EPILOGUE = 4 };
enum { MAJOR_BITS = 12, MINOR_BITS = 20 };

#define INSN(code_, dst, src, off_, imm_)                                                          \
	((struct bpf_insn){ .code = (code_),                                                       \
		.dst_reg = (dst),                                                                  \
		.src_reg = (src),                                                                  \
		.off = (off_),                                                                     \
		.imm = (imm_) })
#define LOAD(dst, offset)	INSN(BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_1, offset, 0)
#define ALU(op, dst, imm)	INSN(BPF_ALU | (op) | BPF_K, dst, 0, 0, imm)
#define MOV(dst, src)		INSN(BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0)
#define RETURN			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define JUMP(op, dst, imm, off) INSN(BPF_JMP | (op) | BPF_K, dst, 0, off, imm)

static_assert(BPF_DEVCG_ACC_MKNOD == 1 && BPF_DEVCG_ACC_READ == 2 && BPF_DEVCG_ACC_WRITE == 4, "");

static int kernel_access(unsigned access)
{
	return (access & OCI_ACCESS_READ ? BPF_DEVCG_ACC_READ : 0) |
	       (access & OCI_ACCESS_WRITE ? BPF_DEVCG_ACC_WRITE : 0) |
	       (access & OCI_ACCESS_MKNOD ? BPF_DEVCG_ACC_MKNOD : 0);
}

static bool is_possible(const struct oci_device_rule *r)
{
	return (is_any(r->major) || r->major.v < 1 << MAJOR_BITS) &&
	       (is_any(r->minor) || r->minor.v < 1 << MINOR_BITS);
}

static int64_t kernel_type(const struct oci_device_rule *r)
{
	return r->type == OCI_DEVICE_CHAR ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK;
}

/* Go to the end of the rule (the offset is set later) unless the register has this value. */
static struct bpf_insn *unless_equal(struct bpf_insn *p, int reg, int64_t value)
{
	*p++ = JUMP(BPF_JNE, reg, (int32_t)value, 0);
	return p;
}

static struct bpf_insn *unless_matches(struct bpf_insn *p, const struct oci_device_rule *r)
{
	bool has_type = r->type != OCI_DEVICE_ALL;
	if (has_type && !is_any(r->major) && !is_any(r->minor)) {
		int64_t device =
			(kernel_type(r) << MAJOR_BITS | r->major.v) << MINOR_BITS | r->minor.v;
		*p++ = INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_0, 0, 0, (int32_t)device);
		*p++ = INSN(0, 0, 0, 0, (int32_t)(device >> 32));
		*p++ = INSN(BPF_JMP | BPF_JNE | BPF_X, BPF_REG_6, BPF_REG_0, 0, 0);
		return p;
	}
	if (has_type && !is_any(r->major))
		return unless_equal(p, BPF_REG_2, kernel_type(r) << MAJOR_BITS | r->major.v);
	if (has_type || !is_any(r->major)) {
		*p++ = MOV(BPF_REG_0, BPF_REG_2);
		*p++ = has_type ? ALU(BPF_RSH, BPF_REG_0, MAJOR_BITS)
				: ALU(BPF_AND, BPF_REG_0, (1 << MAJOR_BITS) - 1);
		p = unless_equal(p, BPF_REG_0, has_type ? kernel_type(r) : r->major.v);
	}
	return is_any(r->minor) ? p : unless_equal(p, BPF_REG_5, r->minor.v);
}

static struct bpf_insn *add_rule(struct bpf_insn *p, const struct oci_device_rule *r)
{
	struct bpf_insn *start = p;
	p = unless_matches(p, r);
	struct bpf_insn *body = p;
	int access = kernel_access(access_of(r));
	if (access_of(r) == ACCESS_ALL) {
		/* it decides whatever is undecided. r3 stays as it is: for the verifier paths that
		 * differ in nothing are one, and loading takes a fraction of the time. */
		*p++ = JUMP(BPF_JA, 0, 0, r->allow ? INT16_MAX : INT16_MIN);
	} else if (r->allow) {
		*p++ = ALU(BPF_AND, BPF_REG_3, ~access);
		*p++ = JUMP(BPF_JEQ, BPF_REG_3, 0, INT16_MAX); /* to "allow", set later */
	} else {
		*p++ = JUMP(BPF_JSET, BPF_REG_3, access, INT16_MIN); /* to "deny", set later */
	}
	for (struct bpf_insn *q = start; q < body; q++)
		if (BPF_CLASS(q->code) == BPF_JMP)
			q->off = (int16_t)(p - q - 1);
	return p;
}

/* Behind a rule that decides everything, earlier rules are dead code, which old verifiers refuse.
 */
static size_t first_live_rule(const struct device_rules *rules)
{
	for (size_t i = rules->n; i > 0; i--)
		if (is_everything(&rules->v[i - 1]))
			return i - 1;
	return 0;
}

static struct bpf_insn *add_prologue(struct bpf_insn *p)
{
	*p++ = LOAD(BPF_REG_2, 0);
	*p++ = MOV(BPF_REG_3, BPF_REG_2);
	*p++ = ALU(BPF_RSH, BPF_REG_3, 16);
	*p++ = ALU(BPF_AND, BPF_REG_2, 0xffff);
	*p++ = ALU(BPF_LSH, BPF_REG_2, MAJOR_BITS);
	*p++ = LOAD(BPF_REG_4, 4);
	*p++ = INSN(BPF_ALU | BPF_OR | BPF_X, BPF_REG_2, BPF_REG_4, 0, 0);
	*p++ = LOAD(BPF_REG_5, 8);
	*p++ = MOV(BPF_REG_6, BPF_REG_2);
	*p++ = INSN(BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_6, 0, 0, MINOR_BITS);
	*p++ = INSN(BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_6, BPF_REG_5, 0, 0);
	return p;
}

/* The rules fall through to the default; the other way out stands behind it. It is left out where
 * no rule takes it: the verifier refuses unreachable code. */
static struct bpf_insn *add_ways_out(struct bpf_insn *start, struct bpf_insn *p, bool allow_default)
{
	struct bpf_insn *end = p, *fallthrough = p, *other = p + 2;
	bool is_other_used = false;
	for (struct bpf_insn *q = start; q < end; q++) {
		if (BPF_CLASS(q->code) != BPF_JMP || (q->off != INT16_MAX && q->off != INT16_MIN))
			continue;
		bool allow = q->off == INT16_MAX;
		is_other_used |= allow != allow_default;
		q->off = (int16_t)((allow == allow_default ? fallthrough : other) - q - 1);
	}
	*p++ = ALU(BPF_MOV, BPF_REG_0, allow_default);
	*p++ = RETURN;
	if (is_other_used) {
		*p++ = ALU(BPF_MOV, BPF_REG_0, !allow_default);
		*p++ = RETURN;
	}
	return p;
}

int device_filter_compile(struct arena *arena, const struct device_rules *rules,
	struct device_program *ret, struct error *e)
{
	size_t first = first_live_rule(rules);
	bool by_default =
		rules->n > first && is_everything(&rules->v[first]) && rules->v[first].allow;
	size_t n_rules = rules->n - first;
	if (n_rules > (INT16_MAX - INSNS_PROLOGUE - INSNS_EPILOGUE) / INSNS_PER_RULE)
		return error_field(e, "linux.resources.devices", "%zu rules are too many", n_rules);
	struct bpf_insn *start = ARENA_ARRAY(
		arena, n_rules * INSNS_PER_RULE + INSNS_PROLOGUE + INSNS_EPILOGUE, struct bpf_insn);
	if (!start)
		return error_errno(e, ENOMEM, "device filter");
	struct bpf_insn *p = start;
	p = add_prologue(p);
	for (size_t i = rules->n; i > first; i--)
		if (!is_everything(&rules->v[i - 1]) && is_possible(&rules->v[i - 1]))
			p = add_rule(p, &rules->v[i - 1]);
	p = add_ways_out(start, p, by_default);
	*ret = (struct device_program){ .n = (size_t)(p - start), .v = start };
	return 0;
}

static const char *line_text(struct arena *arena, char type, const struct oci_device_rule *r)
{
	char major[24] = "*", minor[24] = "*";
	unsigned a = access_of(r);
	if (!is_any(r->major))
		snprintf(major, sizeof major, "%lld", (long long)r->major.v);
	if (!is_any(r->minor))
		snprintf(minor, sizeof minor, "%lld", (long long)r->minor.v);
	return arena_printf(arena, "%c %s:%s %s%s%s", type, major, minor,
		a & OCI_ACCESS_READ ? "r" : "", a & OCI_ACCESS_WRITE ? "w" : "",
		a & OCI_ACCESS_MKNOD ? "m" : "");
}

/*
 * The v1 controller has one default and exceptions to it; removing takes effect only on an
 * exception for the very same numbers. So the rules are reduced to exceptions here, and one that
 * would cut a hole in a wider exception is refused: the kernel would accept the write and do
 * nothing.
 */
static int take_back(
	struct device_rules *exceptions, const struct oci_device_rule *r, size_t i, struct error *e)
{
	for (size_t k = 0; k < exceptions->n; k++) {
		struct oci_device_rule *x = &exceptions->v[k];
		if (!overlaps(x, r) || !(x->access & access_of(r)))
			continue;
		if (!covers(r, x)) {
			char path[64];
			snprintf(path, sizeof path, "linux.resources.devices[%zu]", i);
			return error_unsupported(e, path,
				"cgroup v1 cannot take a part out of an earlier, wider rule");
		}
		x->access &= ~access_of(r);
	}
	return 0;
}

/* Type a with numbers, or with less than all accesses, is two exceptions: the kernel reads nothing
 * behind an "a". */
static void add_exceptions(struct device_rules *exceptions, const struct oci_device_rule *r)
{
	for (int type = OCI_DEVICE_CHAR; type <= OCI_DEVICE_BLOCK; type++) {
		if (r->type != OCI_DEVICE_ALL && (int)r->type != type)
			continue;
		struct oci_device_rule *x = &exceptions->v[exceptions->n++];
		*x = *r;
		x->type = type;
		x->access = access_of(r);
	}
}

int device_rules_to_v1(struct arena *arena, const struct device_rules *rules,
	struct device_lines *ret, struct error *e)
{
	size_t first = first_live_rule(rules);
	bool by_default =
		rules->n > first && is_everything(&rules->v[first]) && rules->v[first].allow;
	struct device_rules x = { 0 };
	x.v = ARENA_ARRAY(arena, 2 * rules->n + 1, struct oci_device_rule);
	struct device_lines lines = { 0 };
	lines.v = ARENA_ARRAY(arena, 2 * rules->n + 1, struct device_line);
	if (!x.v || !lines.v)
		return error_errno(e, ENOMEM, "device rules");
	for (size_t i = first; i < rules->n; i++) {
		const struct oci_device_rule *r = &rules->v[i];
		if (is_everything(r))
			continue;
		int err = 0;
		if (r->allow == by_default)
			err = take_back(&x, r, i, e);
		else
			add_exceptions(&x, r);
		if (err < 0)
			return err;
	}
	lines.v[lines.n++] = (struct device_line){ .allow = by_default, .text = "a" };
	for (size_t i = 0; i < x.n; i++)
		if (x.v[i].access)
			lines.v[lines.n++] = (struct device_line){
				.allow = !by_default,
				.text = line_text(
					arena, x.v[i].type == OCI_DEVICE_CHAR ? 'c' : 'b', &x.v[i]),
			};
	if (arena_failed(arena))
		return error_errno(e, ENOMEM, "device rules");
	*ret = lines;
	return 0;
}
