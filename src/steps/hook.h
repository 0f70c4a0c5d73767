/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "libocispec/runtime/hooks.h"
#include "plan/plan.h"

/*
 * Run one hook: the state document on standard input, exactly the hook's environment, at most its
 * timeout. Any actor; allocation-free. spec: config.md#posix-platform-hooks
 */
enum hook_end { HOOK_OK, HOOK_NOT_STARTED, HOOK_EXITED, HOOK_SIGNALED, HOOK_TIMED_OUT };

struct hook_result {
	enum hook_end end;
	int number;	  /* errno, exit status, signal or seconds */
	const char *call; /* HOOK_NOT_STARTED: what failed */
};

/* Where what they say goes; -1: where ours does. */
struct hook_output {
	int out, err;
};

/* The document is head, the digits of pid, tail (pid 0: head and tail only). setting: NULL where
 * nothing of the program's is to be had. */
struct hook_result hook_run(const struct oci_hook *hook, const struct hook_setting *setting,
	struct hook_output output, const char *head, pid_t pid, const char *tail);

enum { HOOK_TEXT_SIZE = 96 };
/* "exited with status 3", "timed out after 2 s"; returns buffer. */
const char *hook_result_text(const struct hook_result *r, char buffer[static HOOK_TEXT_SIZE]);
