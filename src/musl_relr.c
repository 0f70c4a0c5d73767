/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Relative relocations in their packed form (DT_RELR, a bit for each instead of 24 bytes, which are
 * a tenth of the binary), applied before anything of the C library runs: musl does it itself
 * since 1.2.4. In static builds with musl alone, linked with --wrap=__libc_start_main. Runs before
 * there is a thread pointer, so it is compiled without stack protector; mustn't call anything, nor
 * read an address that is relocated.
 */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>

enum { TAG_RELR_SIZE = 35, TAG_RELR = 36 }; /* DT_RELRSZ, DT_RELR: headers older than gABI 2018 */

typedef int main_function(int, char **); /* musl's has the environment too, which ours leaves */
int main(int argc, char **argv);
int __real___libc_start_main(
	main_function *entry, int argc, char **argv, void (*init)(void), void (*fini)(void));
int __wrap___libc_start_main(
	main_function *entry, int argc, char **argv, void (*init)(void), void (*fini)(void));

#if UINTPTR_MAX == UINT64_MAX
typedef Elf64_Dyn dynamic_entry;
#else
typedef Elf32_Dyn dynamic_entry;
#endif
extern __attribute__((visibility("hidden"))) dynamic_entry _DYNAMIC[];
extern __attribute__((visibility("hidden"))) const char __ehdr_start[];

/* Its own address once relocations are done, whoever did them. */
static const void *const volatile self = (const void *)&self;

/* An even entry is the address of a word; an odd one says by bits which of those behind it follow.
 */
static void apply(uintptr_t base, const uintptr_t *entries, size_t size)
{
	uintptr_t *next = NULL;
	for (size_t i = 0; i < size / sizeof *entries; i++) {
		uintptr_t bits = entries[i];
		if (!(bits & 1)) {
			next = (uintptr_t *)(base + bits);
			*next++ += base;
			continue;
		}
		for (size_t k = 0; (bits >>= 1) != 0; k++)
			if (bits & 1)
				next[k] += base;
		next += 8 * sizeof bits - 1;
	}
}

int __wrap___libc_start_main(
	main_function *entry, int argc, char **argv, void (*init)(void), void (*fini)(void))
{
	uintptr_t base = (uintptr_t)__ehdr_start, at = 0;
	size_t size = 0;
	for (const dynamic_entry *d = _DYNAMIC; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == TAG_RELR)
			at = base + d->d_un.d_ptr;
		else if (d->d_tag == TAG_RELR_SIZE)
			size = d->d_un.d_val;
	}
	if (self != (const void *)&self)
		apply(base, (const uintptr_t *)at, size);
	return __real___libc_start_main(main, argc, argv, init, fini);
}
