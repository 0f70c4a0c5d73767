/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What static archives that were built for glibc want of it: the checked forms of string functions
 * that _FORTIFY_SOURCE makes. In builds with musl only, which has none. (Arguments: libssp's.)
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__memcpy_chk(void *to, const void *from, size_t n, size_t size);
int __snprintf_chk(char *to, size_t n, int flag, size_t size, const char *format, ...);
int __sprintf_chk(char *to, int flag, size_t size, const char *format, ...);
int __fprintf_chk(FILE *to, int flag, const char *format, ...);

void *__memcpy_chk(void *to, const void *from, size_t n, size_t size)
{
	if (n > size)
		abort();
	return memcpy(to, from, n);
}

int __snprintf_chk(char *to, size_t n, int flag, size_t size, const char *format, ...)
{
	va_list ap;
	if (n > size)
		abort();
	va_start(ap, format);
	int r = vsnprintf(to, n, format, ap);
	va_end(ap);
	return r;
}

int __sprintf_chk(char *to, int flag, size_t size, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int r = vsnprintf(to, size, format, ap);
	va_end(ap);
	if (r >= 0 && (size_t)r >= size)
		abort();
	return r;
}

int __fprintf_chk(FILE *to, int flag, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int r = vfprintf(to, format, ap);
	va_end(ap);
	return r;
}
