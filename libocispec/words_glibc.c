/* SPDX-License-Identifier: Apache-2.0 */
/* glibc 2.32: tables, where strerror() may allocate. */
#include "words.h"

#include <string.h>

const char *errno_words(int err)
{
	return strerrordesc_np(err);
}

const char *signal_words(int number)
{
	return sigdescr_np(number);
}
