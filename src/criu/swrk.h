/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "criu/rpc.h"

/*
 * One criu process (`criu swrk`), which serves one request and ends. Runs as HOST.
 */
struct criu_mount_place {
	const char *target, *source; /* source NULL: a new mount, which needs a directory */
	bool recursive;
};

/* What the process is before it becomes criu. */
struct criu_start {
	/* where its image, its log and its sockets are; the second -1: with the image. It knows
	 * them as CRIU_IMAGES_FD and CRIU_WORK_FD. -1 both: it needs none */
	int images_fd, work_fd;
	const int *pass; /* descriptors that it gets as CRIU_FIRST_FD + i; -1: none there */
	size_t n_pass;
	/* restore only */
	int root_fd;		/* the container's root; -1: criu needs none */
	const char *mount_path; /* a directory, where it is to be a mount of its own */
	const struct criu_mount_place *places; /* in the root, made where missing */
	size_t n_places;
	const char *keyring; /* a session keyring to begin with; NULL: ours */
};

struct criu_process {
	pid_t pid;
	int socket;
	int said_fd; /* what it has said before it had a log; -1: none */
};
#define CRIU_PROCESS_NONE                                                                          \
	{                                                                                          \
		.socket = -1, .said_fd = -1                                                        \
	}

int criu_start(const struct criu_start *s, struct criu_process *ret, struct error *e);
int criu_send(struct arena *arena, const struct criu_process *p, const struct criu_request *request,
	struct error *e);
/* One message. *ret_fd (may be NULL) is what came with it; -1: nothing. The end is an error. */
int criu_receive(
	const struct criu_process *p, struct criu_response *ret, int *ret_fd, struct error *e);
/* The answer that each CRIU_NOTIFY waits for. */
int criu_answer(const struct criu_process *p, bool success, struct error *e);
/* Ends it, if it has not ended. Does nothing to one that was never started. */
void criu_end(struct criu_process *p);
#define AUTO_CRIU __attribute__((cleanup(criu_end)))

/* A request without options and its answer, in a process of its own. */
int criu_ask(struct arena *arena, const struct criu_request *request, struct criu_response *ret,
	struct error *e);
/* Is there a criu that is new enough? */
int criu_check_version(struct arena *arena, struct error *e);
/* `criu check`: does it work on this machine? */
int criu_check_works(struct arena *arena, struct error *e);

/* The request has failed: e becomes "WHAT: criu's first errors", with where its log is. */
int criu_failed(struct arena *arena, const struct criu_process *p, const struct criu_response *last,
	const char *what, int log_dir_fd, const char *log_name, struct error *e);

/* In PATH? */
bool criu_is_installed(struct arena *arena);
