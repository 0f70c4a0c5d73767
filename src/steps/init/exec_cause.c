/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why the kernel will not execute a file: errno speaks of the program, and the reason is often its
 * interpreter, its mount, or the machine it was made for. Runs as INIT in the container's root,
 * after execve has failed: no allocation, no stdio. The file is the image's: nothing in it is
 * believed, and what is said of it is printable. The config's seccomp filter may hold already: so
 * few system calls, and such as any dynamic linker makes.
 */
#include "steps/init/exec_cause.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

/* BINPRM_BUF_SIZE: as much of the first line as the kernel looks at. MAX_DEPTH: as many
 * interpreters of interpreters as it follows. */
enum { HEAD_SIZE = 256, MAX_DEPTH = 5, INTERPRETER_SIZE = 256 };

static const struct {
	unsigned machine;
	const char *name;
} machines[] = {
	{ EM_X86_64, "x86_64" },
	{ EM_386, "i386" },
	{ EM_AARCH64, "aarch64" },
	{ EM_ARM, "arm" },
	{ EM_RISCV, "riscv" },
	{ EM_PPC64, "ppc64" },
	{ EM_S390, "s390" },
	{ EM_MIPS, "mips" },
	{ 258 /* EM_LOONGARCH */, "loongarch" },
};
#if defined(__x86_64__)
static const unsigned own_machine = EM_X86_64;
#elif defined(__i386__)
static const unsigned own_machine = EM_386;
#elif defined(__aarch64__)
static const unsigned own_machine = EM_AARCH64;
#elif defined(__arm__)
static const unsigned own_machine = EM_ARM;
#elif defined(__riscv)
static const unsigned own_machine = EM_RISCV;
#elif defined(__powerpc64__)
static const unsigned own_machine = EM_PPC64;
#elif defined(__s390x__)
static const unsigned own_machine = EM_S390;
#else
static const unsigned own_machine = EM_NONE;
#endif

static const char *machine_name(unsigned machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return "another kind of machine";
}

static void say(char *text, const char *s)
{
	size_t n = strlen(text);
	for (; *s && n + 1 < EXEC_CAUSE_SIZE; s++)
		text[n++] = (unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s;
	text[n] = '\0';
}

static void say_number(char *text, unsigned long long v)
{
	char digits[DIGITS_SIZE];
	format_u64(digits, v);
	say(text, digits);
}

static void say_mode(char *text, unsigned mode)
{
	char octal[5] = "";
	for (int i = 0; i < 4; i++)
		octal[i] = (char)('0' + (mode >> 3 * (3 - i) & 7));
	say(text, octal);
}

/* What is being looked at: the program, or what it needs to run. */
struct subject {
	const char *role; /* "its interpreter "; "": the program itself */
	const char *path;
	int err;
	unsigned depth;
};

static void say_subject(char *text, const struct subject *s)
{
	say(text, ": ");
	say(text, s->depth ? s->role : "it");
	if (s->depth)
		say(text, s->path);
}

static void look(const struct subject *s, char *text);

static void follow(const struct subject *s, const char *role, const char *path, char *text)
{
	const struct subject next = { role, path, s->err, s->depth + 1 };
	if (next.depth <= MAX_DEPTH)
		look(&next, text);
}

/* `#!`, blanks, the interpreter, one argument; execve(2) */
static void look_at_script(const struct subject *s, char head[static HEAD_SIZE], char *text)
{
	char *name = head + 2 + strspn(head + 2, " \t");
	name[strcspn(name, "\n")] = '\0';
	size_t n = strcspn(name, " \t");
	bool ends_line = !name[n];
	name[n] = '\0';
	if (n == 0) {
		say_subject(text, s);
		say(text, " has no interpreter in its #! line");
		return;
	}
	if (s->err == ENOENT && ends_line && name[n - 1] == '\r') {
		name[n - 1] = '\0';
		say_subject(text, s);
		say(text, " has lines that end in CR LF, so its interpreter would be \"");
		say(text, name);
		say(text, "\\r\"; sed -i 's/\\r$//' ");
		say(text, s->path);
		return;
	}
	char copy[INTERPRETER_SIZE];
	memcpy(copy, name, n + 1);
	follow(s, "its interpreter ", copy, text);
}

static bool read_at(int fd, uint64_t offset, void *buffer, size_t n)
{
	return offset <= INT64_MAX && lseek(fd, (off_t)offset, SEEK_SET) >= 0 &&
	       fd_read_all(fd, buffer, n) == (ssize_t)n;
}

static bool read_interpreter(int fd, uint64_t offset, uint64_t size, char *ret)
{
	if (size < 2 || size > INTERPRETER_SIZE || !read_at(fd, offset, ret, size))
		return false;
	ret[size - 1] = '\0';
	return true;
}

/* PT_INTERP of a program of our own byte order. */
static bool find_interpreter(int fd, const unsigned char *head, char *ret)
{
	Elf64_Ehdr h64;
	Elf32_Ehdr h32;
	memcpy(&h64, head, sizeof h64);
	memcpy(&h32, head, sizeof h32);
	bool is_64 = head[EI_CLASS] == ELFCLASS64;
	unsigned n = is_64 ? h64.e_phnum : h32.e_phnum;
	for (unsigned i = 0; i < n && i < 64; i++) {
		Elf64_Phdr p64;
		Elf32_Phdr p32;
		if (is_64 && (!read_at(fd, h64.e_phoff + i * sizeof p64, &p64, sizeof p64)))
			return false;
		if (!is_64 && (!read_at(fd, h32.e_phoff + i * sizeof p32, &p32, sizeof p32)))
			return false;
		if ((is_64 ? p64.p_type : p32.p_type) != PT_INTERP)
			continue;
		return is_64 ? read_interpreter(fd, p64.p_offset, p64.p_filesz, ret)
			     : read_interpreter(fd, p32.p_offset, p32.p_filesz, ret);
	}
	return false;
}

static void look_at_elf(const struct subject *s, int fd, const char head[static HEAD_SIZE],
	ssize_t size, char *text)
{
	const unsigned char *h = (const unsigned char *)head;
	if (size < (ssize_t)sizeof(Elf64_Ehdr)) {
		say_subject(text, s);
		say(text, " is an ELF program that was cut off");
		return;
	}
	unsigned machine = h[EI_DATA] == ELFDATA2MSB ? (unsigned)h[18] << 8 | h[19]
						     : (unsigned)h[19] << 8 | h[18];
	if (s->err == ENOEXEC && own_machine != EM_NONE && machine != own_machine) {
		say_subject(text, s);
		say(text, " is a program for ");
		say(text, machine_name(machine));
		say(text, ", and this machine is ");
		say(text, machine_name(own_machine));
		say(text, "; use an image for this machine, or install qemu-user-static");
		return;
	}
	char interpreter[INTERPRETER_SIZE];
	if (find_interpreter(fd, h, interpreter))
		follow(s, "its dynamic linker ", interpreter, text);
}

static void look_inside(const struct subject *s, int fd, char *text)
{
	char head[HEAD_SIZE] = "";
	ssize_t n = fd_read_all(fd, head, sizeof head - 1);
	if (n >= 2 && head[0] == '#' && head[1] == '!') {
		look_at_script(s, head, text);
	} else if (n >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0) {
		look_at_elf(s, fd, head, n, text);
	} else if (n >= 0 && s->err == ENOEXEC) {
		say_subject(text, s);
		say(text, n == 0 ? " is empty"
				 : " is neither an ELF program nor a script with a #! line");
	}
}

/* What is there and may not be executed. True: said. */
static bool look_at_rights(const struct subject *s, int fd, const struct stat *st, char *text)
{
	struct statfs fs;
	if (s->err != EACCES)
		return false;
	if (fstatfs(fd, &fs) == 0 && (fs.f_flags & ST_NOEXEC)) {
		say_subject(text, s);
		say(text, " lies on a mount with the option noexec; mount that without it");
		return true;
	}
	if ((st->st_mode & 0111) == 0111)
		return false;
	say(text, s->depth ? ": " : "");
	say(text, s->depth ? s->role : ": its");
	say(text, s->depth ? s->path : "");
	say(text, s->depth ? " has the mode " : " mode is ");
	say_mode(text, st->st_mode & 07777);
	say(text, " and the owner ");
	say_number(text, st->st_uid);
	say(text, ":");
	say_number(text, st->st_gid);
	say(text, "; chmod a+x ");
	say(text, s->path);
	return true;
}

static void look(const struct subject *s, char *text)
{
	struct stat st;
	AUTO_CLOSE int there = open(s->path, O_PATH | O_CLOEXEC);
	if (there < 0 && s->depth && errno == ENOENT) {
		say_subject(text, s);
		say(text, " is missing in the container");
	}
	if (there < 0 && errno == EACCES) {
		say_subject(text, s);
		say(text, " lies below a directory that this user may not enter");
	}
	if (there < 0 || fstat(there, &st) < 0)
		return;
	if (!S_ISREG(st.st_mode)) {
		if (s->depth || s->err == EACCES) {
			say_subject(text, s);
			say(text, " is no regular file");
		}
		return;
	}
	if (look_at_rights(s, there, &st, text))
		return;
	AUTO_CLOSE int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0)
		look_inside(s, fd, text);
}

void exec_cause(const char *path, int err, char text[static EXEC_CAUSE_SIZE])
{
	text[0] = '\0';
	if (err == ENOENT || err == EACCES || err == ENOEXEC || err == EINVAL || err == ELIBBAD)
		look(&(struct subject){ "", path, err, 0 }, text);
}
