/* SPDX-License-Identifier: Apache-2.0 */
/* musl's own words, which are looked up in a table, but where glibc has others. */
#include "words.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	int err;
	const char *words;
} differing[] = {
	{ EBUSY, "Device or resource busy" },
	{ EDQUOT, "Disk quota exceeded" },
	{ EEXIST, "File exists" },
	{ EIO, "Input/output error" },
	{ ELOOP, "Too many levels of symbolic links" },
	{ EMFILE, "Too many open files" },
	{ ENAMETOOLONG, "File name too long" },
	{ ENFILE, "Too many open files in system" },
	{ ENOBUFS, "No buffer space available" },
	{ ENODEV, "No such device" },
	{ ENOMEM, "Cannot allocate memory" },
	{ ENOTSOCK, "Socket operation on non-socket" },
	{ ENOTTY, "Inappropriate ioctl for device" },
	{ ENXIO, "No such device or address" },
	{ EOPNOTSUPP, "Operation not supported" },
	{ EOVERFLOW, "Value too large for defined data type" },
	{ ERANGE, "Numerical result out of range" },
	{ ETXTBSY, "Text file busy" },
	{ EUSERS, "Too many users" },
	{ EXDEV, "Invalid cross-device link" },
};

const char *errno_words(int err)
{
	for (size_t i = 0; i < sizeof differing / sizeof *differing; i++)
		if (differing[i].err == err)
			return differing[i].words;
	return strerror(err);
}

const char *signal_words(int number)
{
	return strsignal(number);
}
