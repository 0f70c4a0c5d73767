/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "libocispec/error.h"

/*
 * A container process that the runtime stays with: signals are passed on, the terminal is relayed,
 * the end is waited for.
 */

/* Hold back all signals from now on, so that none is lost before there is a process to pass it to.
 * A descriptor (signalfd) or a negative errno. */
int foreground_hold_signals(struct error *e);

/*
 * Until pid, our child, has ended. relay_fd: the socket on which init sends its terminal's master,
 * or -1. signal_fd as above. subreaper: other children that come to us are reaped as well.
 * *ret_status is the exit code as a shell counts it: 128 + n on signal n.
 */
int foreground_wait(pid_t pid, int relay_fd, int signal_fd, int *ret_status, struct error *e);
