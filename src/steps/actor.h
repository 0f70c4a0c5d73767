/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "libocispec/error.h"
#include "plan/plan.h"

struct host_context; /* steps/host/host.h: what only HOST has */

/*
 * What an actor carries through its walk. STAGER and INIT get HOST's by fork, as it is then; they
 * neither allocate nor format (tests/lint checks their objects with nm).
 */
struct actor_context {
	const struct plan *plan;
	enum actor me;
	size_t at;     /* the step that is being done */
	int channel;   /* SOCK_SEQPACKET to the other side; -1: none */
	int report_fd; /* where a child tells its failure: the channel, later `start`'s connection
			*/
	int *slots;    /* descriptors, -1: none; enum slot */
	const char *call;	    /* the system call that failed, for the message */
	struct error error;	    /* set by an act that can say more than errno and call */
	bool error_is_told;	    /* it is the other side's, which knew its JSON path */
	bool init_died;		    /* HOST: it ended and said nothing */
	pid_t init_pid, stager_pid; /* HOST */
	size_t failed_at;	    /* HOST: the step of whoever failed */
	size_t executable;	    /* index into exec_step.candidates */
	bool in_cwd;
	struct host_context *host; /* HOST only */
	/* HOST: after a failure, before anything is undone: what will be gone then may be the
	 * cause, and the text of ctx->error may change. NULL: none */
	void (*look)(struct actor_context *ctx);
};

/* What `start` writes to start.sock. */
enum { START_REQUEST = 115 };

/* An act failed in `call`: remembered for the message. Returns r. */
static inline int act_failed(struct actor_context *ctx, const char *call, int r)
{
	ctx->call = call;
	return r;
}

/* Fill ctx->error's text with the parts, up to a NULL; no formatting. Returns -err. */
int act_message(struct actor_context *ctx, enum error_kind kind, int err, ...)
	__attribute__((sentinel));

/* The other side has failed, with this, at that step of its own. Returns its negative errno. */
int act_told(struct actor_context *ctx, const struct error *theirs, size_t failed_at);

/* HOST: init ended and said nothing. Returns -EPIPE. */
int act_init_died(struct actor_context *ctx);

/* errno's description in the words that clients match: first letter small. Static text. */
const char *errno_text(int err);

/* Map the ids of a detached bind source. */
int map_source_ids(struct actor_context *ctx, const struct mount_step *m, int mount_fd);

/*
 * The acts of STAGER and INIT. Each does one step of its row and returns 0 or a negative errno.
 */
typedef int act_function(struct actor_context *ctx, const struct step *step);

act_function act_stager_spawn; /* stager.c */
act_function act_undumpable, act_join_namespace, act_join_container, act_enter_container_root,
	act_cgroup_namespace, act_hostname, act_domainname, act_loopback; /* namespaces.c */
act_function act_prepare_init, act_become_root, act_keyring, act_umask, act_rlimit,
	act_bounding_set, act_identity, act_capabilities, act_no_new_privs, act_stdio_owner,
	act_live_on; /* identity.c */
act_function act_root_propagation, act_root, act_change_root, act_root_readonly,
	act_final_propagation;				     /* rootfs.c */
act_function act_mount, act_copy_source;		     /* mounts.c */
act_function act_live_root, act_unmount, act_live_mount;     /* live_mounts.c */
act_function act_apt_setting;				     /* apt.c */
act_function act_make_device, act_bind_device, act_dev_link; /* devices.c */
act_function act_mask, act_readonly_path, act_sysctl, act_make_cwd, act_enter_cwd,
	act_enter_cwd_again; /* paths.c */
act_function act_terminal;   /* terminal.c */
act_function act_find_executable, act_home, act_close_descriptors, act_close_rest, act_exec,
	act_wait_start, act_tell_start; /* exec.c */
act_function act_landlock;		/* landlock.c */
act_function act_seccomp;		/* seccomp.c */
act_function act_scheduler, act_io_priority, act_affinity, act_memory_policy, act_personality,
	act_time_namespace;	 /* scheduling.c */
act_function act_init_hook;	 /* hooks.c */
act_function act_exec_attribute; /* lsm.c */

/* terminal.c: to SLOT_CONSOLE, which is closed then: exactly one descriptor, with the terminal's
 * name as the data (clients.md). */
int terminal_send_master(struct actor_context *ctx, int master);
