/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "criu/request.h"
#include "criu/swrk.h"
#include "steps/host/host.h"

/* What HOST has at restore and at no other time. */
struct restore_run {
	const struct restore_options *options;
	const struct oci_config *config;
	int images_fd, work_fd; /* the second -1: none */
	struct criu_facts facts;
	struct criu_process criu;
	bool must_answer; /* criu waits for the answer to a notification */
	pid_t init_pid;	  /* of the restored first process; 0: not yet */
};
