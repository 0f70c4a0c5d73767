/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the table of src/security/seccomp_table.h while building, and is no part of the runtime:
 * what libseccomp knows of system calls, so that no start has to load or relocate that library.
 * Runs on the machine that builds; all that it says of one that is built for is the byte order.
 *
 *   syscall_table little|big >seccomp_table.c
 */
#include <assert.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "security/seccomp_table.h"

/* Its names, not its constants: an older libseccomp builds and knows fewer. */
static const char *const archs[] = {
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
static_assert(ARRAY_SIZE(archs) == OCI_ARCH_COUNT, "one row for each architecture");

/*
 * Calls that some architectures also (i386), or only, have behind one number and a first argument
 * that says which (linux/net.h, linux/ipc.h). There libseccomp gives them pseudo-numbers: -100 less
 * that argument for socketcall's, -200 less it for ipc's.
 */
enum { SOCKET_CALLS = 100, CALLS_END = 225 };

/* Where libseccomp has numbers, and its pseudo-numbers for what an architecture lacks. */
static const struct {
	int first, end;
} ranges[] = {
	{ -11000, 1200 },
	{ 4000, 7200 },	      /* MIPS: from 4000, 5000 and 6000 */
	{ 0xf0000, 0xf0010 }, /* ARM's own */
	{ SYSCALL_X32_BIT, SYSCALL_X32_BIT + 1200 },
};

enum { MAX_NAMES = 2048 };
static char *names[MAX_NAMES];
static size_t n_names;

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* libseccomp has no list of them: whatever some number has as its name. */
static void find_names(void)
{
	for (size_t a = 0; a < ARRAY_SIZE(archs); a++) {
		uint32_t token = seccomp_arch_resolve_name(archs[a]);
		for (size_t i = 0; token && i < ARRAY_SIZE(ranges); i++) {
			for (int number = ranges[i].first; number < ranges[i].end; number++) {
				char *name = seccomp_syscall_resolve_num_arch(token, number);
				size_t k = 0;
				while (name && k < n_names && strcmp(names[k], name) != 0)
					k++;
				if (!name || k < n_names)
					free(name);
				else if (n_names < MAX_NAMES)
					names[n_names++] = name;
				else
					abort();
			}
		}
	}
	qsort(names, n_names, sizeof *names, by_name);
}

/* By name libseccomp gives the pseudo-number even where there is a direct one: only from number to
 * name does it tell. Kernels have put them into these ranges. */
static int direct_number(uint32_t token, const char *name, bool is_mips)
{
	enum { FROM = 326, END = 403, MIPS = 4000 };
	for (int number = is_mips ? MIPS + 168 : FROM; number < END + (is_mips ? MIPS : 0);
		number++) {
		char *found = seccomp_syscall_resolve_num_arch(token, number);
		bool is_it = found && strcmp(found, name) == 0;
		free(found);
		if (is_it)
			return number;
	}
	return -1;
}

static uint16_t encode(int number)
{
	if (number < 0)
		return SYSCALL_ABSENT;
	number &= ~SYSCALL_X32_BIT;
	if ((number & ~0xff) == SYSCALL_ARM_OWN)
		return (uint16_t)(SYSCALL_ARM_OWN_CODE | (number & 0xff));
	if (number >= SYSCALL_ARM_OWN_CODE) {
		fprintf(stderr, "syscall_table: no room for number %d\n", number);
		exit(1);
	}
	return (uint16_t)number;
}

static uint16_t code_of(const struct seccomp_arch *arch, const char *name, unsigned *multiplexed)
{
	int number = seccomp_syscall_resolve_name_arch(arch->token, name);
	bool is_behind = number < -SOCKET_CALLS && number > -CALLS_END;
	if (is_behind)
		*multiplexed = (unsigned)(-number - SOCKET_CALLS);
	if (!is_behind || (arch->socketcall < 0 && arch->ipc < 0))
		return encode(number);
	return encode(direct_number(arch->token, name, arch->ipc >= 4000)) | SYSCALL_MULTIPLEXED;
}

static int number_of(uint32_t token, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(token, name);
	return number < 0 ? -1 : number;
}

/* libseccomp's tokens are the kernel's AUDIT_ARCH_*, but for x32, which the kernel shows as
 * x86_64. */
static void describe(enum oci_seccomp_arch which, bool is_little, struct seccomp_arch *ret)
{
	uint32_t token = seccomp_arch_resolve_name(archs[which]);
	*ret = (struct seccomp_arch){ .which = which, .token = token, .socketcall = -1, .ipc = -1 };
	snprintf(ret->name, sizeof ret->name, "%s", archs[which]);
	ret->is_usable = token && !(token & __AUDIT_ARCH_LE) == !is_little;
	if (!ret->is_usable)
		return;
	ret->audit_arch = which == OCI_ARCH_X32 ? AUDIT_ARCH_X86_64 : token;
	ret->is_32bit = !(token & __AUDIT_ARCH_64BIT) || which == OCI_ARCH_MIPS64N32 ||
			which == OCI_ARCH_MIPSEL64N32;
	ret->socketcall = (int16_t)number_of(token, "socketcall");
	ret->ipc = (int16_t)number_of(token, "ipc");
}

static void print_archs(struct seccomp_arch *v)
{
	printf("const struct seccomp_arch seccomp_archs[OCI_ARCH_COUNT] = {\n");
	for (const struct seccomp_arch *a = v; a < v + OCI_ARCH_COUNT; a++)
		printf("\t{ %d, \"%s\", %#x, %#x, %d, %d, %d, %d, %d },\n", (int)a->which, a->name,
			a->token, a->audit_arch, a->is_usable, a->is_32bit, a->socketcall, a->ipc,
			a->column);
	printf("};\n\n");
}

static void print_names(void)
{
	size_t at = 0;
	printf("const uint16_t n_syscall_names = %zu;\nconst char syscall_names[] =\n", n_names);
	for (size_t i = 0; i < n_names; i++)
		printf("\t\"%s\\0\"\n", names[i]);
	printf("\t\"\";\nconst uint16_t syscall_name_at[] = {\n");
	for (size_t i = 0; i < n_names; at += strlen(names[i++]) + 1)
		printf("\t%zu,\n", at);
	printf("};\n\n");
}

static void print_numbers(const struct seccomp_arch *v)
{
	unsigned multiplexed[MAX_NAMES] = { 0 };
	printf("const uint16_t syscall_numbers[] = {\n");
	for (const struct seccomp_arch *a = v; a < v + OCI_ARCH_COUNT; a++) {
		if (!a->is_usable)
			continue;
		printf("\t/* %s */\n", a->name);
		for (size_t i = 0; i < n_names; i++)
			printf("\t%#x,\n", code_of(a, names[i], &multiplexed[i]));
	}
	printf("};\n\nconst uint8_t syscall_multiplexed[] = {\n");
	for (size_t i = 0; i < n_names; i++)
		printf("\t%u,\n", multiplexed[i]);
	printf("};\n");
}

int main(int argc, char **argv)
{
	struct seccomp_arch v[OCI_ARCH_COUNT];
	const struct scmp_version *version = seccomp_version();
	if (argc != 2 || (strcmp(argv[1], "little") != 0 && strcmp(argv[1], "big") != 0)) {
		fprintf(stderr, "usage: syscall_table little|big\n");
		return 2;
	}
	uint8_t column = 0;
	for (int a = 0; a < OCI_ARCH_COUNT; a++) {
		describe((enum oci_seccomp_arch)a, strcmp(argv[1], "little") == 0, &v[a]);
		v[a].column = v[a].is_usable ? column++ : 0;
	}
	find_names();
	printf("/* Made by tools/syscall_table.c while building. */\n"
	       "#include \"security/seccomp_table.h\"\n\n"
	       "const char seccomp_library[] = \"%u.%u.%u\";\n",
		version->major, version->minor, version->micro);
	print_archs(v);
	print_names();
	print_numbers(v);
	for (size_t i = 0; i < n_names; i++)
		free(names[i]);
	return fflush(stdout) || ferror(stdout);
}
