/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "libocispec/error.h"

/*
 * Between the user's standard input and output and the terminal of the container's process. Nothing
 * here waits but relay_end(): whoever relays has signals to pass on meanwhile, and the process may
 * write much before it reads anything.
 */

/* What is on its way; read only when the last piece is written. */
struct relay_flow {
	bool open;
	size_t at, n;
	/* PIPE_BUF: so much a pipe that poll(2) calls writable takes at once, pipe(7) */
	char piece[4096];
};

struct relay {
	int master;   /* -1: no terminal, or nobody has its other side open any more */
	bool restore; /* our own terminal was made raw */
	struct termios saved;
	struct relay_flow input, output;
};
#define RELAY_NONE                                                                                 \
	{                                                                                          \
		.master = -1                                                                       \
	}

/* Receive the terminal's master from this socket; the user's own terminal becomes raw. */
int relay_begin(struct relay *r, int socket_fd, struct error *e);

/* The user's terminal has another size. */
void relay_copy_size(const struct relay *r);

/* What to poll for, and what to do when poll(2) has returned. */
enum { RELAY_POLLS = 3 };
void relay_prepare(const struct relay *r, struct pollfd polls[static RELAY_POLLS]);
void relay_go_on(struct relay *r, const struct pollfd polls[static RELAY_POLLS]);

/* The process is gone: what it has written is shown to the last byte, and the user's terminal is as
 * before. */
void relay_end(struct relay *r);

/* The same where there was no process: what hooks have written to the terminal until then. */
void relay_show_rest(int socket_fd);
