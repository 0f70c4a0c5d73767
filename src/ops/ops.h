/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "cgroup/cgroup.h"
#include "criu/request.h"
#include "libocispec/arena.h"
#include "libocispec/runtime/config.h"

/*
 * One function for each verb: load, decide, walk, save. They return 0 or a negative errno with
 * *e filled; op_run and op_exec store the container process's exit code in *ret_status.
 * src/cli fills the options; nothing here knows about argv.
 */

enum rootless_mode { ROOTLESS_AUTO, ROOTLESS_YES, ROOTLESS_NO };

struct global_options {
	char *const *argv; /* of this process, to execute it again: security/self_protect.h */
	const char *root;  /* NULL: the default of state/store.h */
	const char *log;   /* file; NULL: stderr only */
	enum log_format log_format;
	bool debug;
	enum cgroup_manager cgroup_manager;
	enum rootless_mode rootless;
};

/* create and run */
struct create_options {
	const char *id;
	const char *bundle; /* NULL: the working directory */
	const char *config; /* NULL: config.json in the bundle */
	const char *console_socket, *pid_file, *pidfd_socket;
	const char *idmap;   /* NULL: the annotation, or auto */
	const char *degrade; /* a list; NULL: the annotation, or the defaults */
	uint32_t preserve_fds;
	bool no_pivot, no_new_keyring, emulate_ids;
	/* run only */
	bool detach, keep, no_subreaper;
};

struct inspect_options {
	const char *id;
	bool security, json;
};

struct exec_options {
	const char *id;
	const char *
		process; /* file with a process document; NULL: args below, rest from config.json */
	struct string_list args, env;
	bool tty, detach, no_new_privs, ignore_paused;
	struct {
		bool set, gid_set;
		uint32_t uid, gid;
	} user;
	const char *cwd, *console_socket, *pid_file, *pidfd_socket, *process_label, *apparmor;
	struct string_list cgroups;
	struct u32_list additional_gids;
	uint64_t caps; /* bits, added */
	uint32_t preserve_fds;
};

struct kill_options {
	const char *id;
	int signal;
	bool all;
	bool regex; /* id is a pattern: see ops/match.h */
};

struct delete_options {
	const char *id;
	bool force;
	bool regex; /* as above */
};

struct list_options {
	bool quiet, json;
};

struct ps_options {
	const char *id;
	bool json;
	struct string_list ps_args;
};

struct update_options {
	const char *id;
	const char *resources_file;	 /* FILE, or "-" for standard input; NULL: `resources` */
	struct oci_resources *resources; /* from the single options; NULL: none given */
	const char *l3_cache_schema, *mem_bw_schema; /* lines for resctrl, or NULL */
};

struct mounts_options {
	const char *id, *file; /* a JSON document with `mounts`, or an array of mounts */
	bool remove;
};

struct events_options {
	const char *id;
	bool stats;	      /* once, and that is all */
	uint64_t interval_ms; /* between two */
};

struct stats_options {
	struct string_list ids; /* none: all that run */
	uint64_t interval_ms;	/* that the share of CPU time is taken over */
};

struct spec_options {
	const char *bundle, *idmap;
	bool rootless;
};

struct plan_options {
	struct create_options create;
	bool json;
};

struct doctor_options {
	const char *for_whom; /* podman, docker, containerd, a bundle; NULL: the default config */
	bool json;
};

int op_create(const struct global_options *g, const struct create_options *o, struct error *e);
int op_run(const struct global_options *g, const struct create_options *o, int *ret_status,
	struct error *e);
/* Could they be done here? Without a container. */
int op_check_checkpoint(struct arena *arena, struct error *e);
int op_check_restore(struct arena *arena, struct error *e);
int op_checkpoint(
	const struct global_options *g, const struct checkpoint_options *o, struct error *e);
int op_restore(const struct global_options *g, const struct restore_options *o, int *ret_status,
	struct error *e);
int op_start(const struct global_options *g, const char *id, struct error *e);
int op_exec(const struct global_options *g, const struct exec_options *o, int *ret_status,
	struct error *e);
int op_kill(const struct global_options *g, const struct kill_options *o, struct error *e);
int op_delete(const struct global_options *g, const struct delete_options *o, struct error *e);
int op_state(const struct global_options *g, const char *id, struct error *e);
int op_list(const struct global_options *g, const struct list_options *o, struct error *e);
int op_ps(const struct global_options *g, const struct ps_options *o, struct error *e);
int op_events(const struct global_options *g, const struct events_options *o, struct error *e);
int op_stats(const struct global_options *g, const struct stats_options *o, struct error *e);
int op_pause(const struct global_options *g, const char *id, struct error *e);
int op_resume(const struct global_options *g, const char *id, struct error *e);
int op_update(const struct global_options *g, const struct update_options *o, struct error *e);
int op_mounts(const struct global_options *g, const struct mounts_options *o, struct error *e);
int op_spec(const struct global_options *g, const struct spec_options *o, struct error *e);
int op_features(const struct global_options *g, struct error *e);
int op_plan(const struct global_options *g, const struct plan_options *o, struct error *e);
/* *ret_status: 0 no finding, 1 findings, 2 it could not be found out */
int op_inspect(const struct global_options *g, const struct inspect_options *o, int *ret_status,
	struct error *e);
/* *ret_status: 1 when something that is needed is missing */
int op_doctor(const struct global_options *g, const struct doctor_options *o, int *ret_status,
	struct error *e);
