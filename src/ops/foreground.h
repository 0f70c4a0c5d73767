/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "libocispec/runtime/process.h"

/*
 * A container process that the runtime stays with: signals are passed on, the terminal is relayed,
 * the end is waited for.
 */

/* Hold back all signals from now on, so that none is lost before there is a process to pass it to.
 * A descriptor (signalfd) or a negative errno. */
int foreground_hold_signals(struct error *e);

/* The terminal of a process that we stay with gets our own terminal's size, before the process can
 * ask for it; what the config says comes first. */
int foreground_console_size(struct arena *arena, struct oci_process *process, struct error *e);

struct foreground {
	pid_t pid;     /* our child */
	int relay_fd;  /* the socket on which init sends its terminal's master; -1: no terminal */
	int signal_fd; /* of foreground_hold_signals(); -1: signals are not passed on */
	int notify_fd; /* where the service's notifications come in; -1: none */
	const char *notify_to; /* NOTIFY_SOCKET of ours, which gets READY=1 and MAINPID */
	bool until_ready;      /* return when the service is ready (or has ended) */
};

/*
 * Until the process has ended. Other children that come to us (we may be a subreaper) are reaped.
 * *ret_status is the exit code as a shell counts it: 128 + n on signal n.
 */
int foreground_wait(const struct foreground *f, int *ret_status, struct error *e);
