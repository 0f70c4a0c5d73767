/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/*
 * A signal as users and clients write it: KILL, SIGKILL, sigkill, 9, SIGRTMIN+3, RTMAX-1.
 * 0 is taken: kill(2) then only asks whether the process is there. False: no signal of Linux; *ret
 * is untouched.
 */
bool signal_parse(const char *s, int *ret);
/* "SIGKILL"; NULL for numbers without a name of their own. */
const char *signal_name(int number);
