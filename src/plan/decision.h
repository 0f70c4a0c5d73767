/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/error.h"
#include "plan/host_facts.h"
#include "plan/idmap.h"
#include "plan/plan.h"
#include "plan/policy.h"

/*
 * PURE. Everything in src/plan maps (config, host facts, options) to steps. Nothing here may reach
 * a system call; tests/lint checks it with nm.
 */

/* From VERB_EXEC on they work on a container that runs. */
enum verb { VERB_CREATE, VERB_RUN, VERB_RESTORE, VERB_EXEC, VERB_MOUNTS_ADD, VERB_MOUNTS_REMOVE };

/* What the command line adds to the config. */
struct choices {
	enum verb verb;
	const char *id;
	const char *bundle; /* absolute */
	const char *rootfs; /* absolute */
	const char *console_socket, *pid_file, *pidfd_socket;
	uint32_t preserve_fds;
	bool no_pivot, no_new_keyring, detach;
	enum idmap_mode idmap;
	bool emulate_ids;
	struct policies policies;
	bool notify; /* run under NOTIFY_SOCKET: the container gets a socket of ours */
	/* exec */
	struct string_list exec_cgroups; /* "PATH" or "CONTROLLER[,CONTROLLER]:PATH" */
	struct string_list
		default_cgroups; /* where none are given; not there: the container's own */
	int join_namespaces;	 /* CLONE_NEW* of those that the container has and we have not */
	int64_t container_pid;
};

enum ns_mode { NS_KEEP, NS_NEW, NS_JOIN };

/* Where each namespace comes from and who has to make it; filled by decide_namespaces(). */
struct namespace_decision {
	enum ns_mode mode[OCI_NS_COUNT];
	const char *path[OCI_NS_COUNT];
	bool stager;
};

struct decision {
	const struct oci_config *config;
	const struct oci_process *process; /* exec: its own; else config->process; may be NULL */
	const struct host_facts *host;
	const struct choices *choices;
	const struct cgroup_plan *cgroup;	   /* decided before, in src/cgroup; exec: NULL */
	const struct cgroup_location *location;	   /* of the container's cgroup */
	struct resctrl_plan *resctrl;		   /* NULL: nothing asked for, or exec */
	const struct resctrl_group *resctrl_group; /* likewise; exec: the container's */
	const struct sock_filter *filter;	   /* compiled before, in src/security */
	unsigned short n_filter;
	unsigned filter_flags;
	const struct sock_filter *emulation; /* likewise; NULL: ids are not emulated */
	unsigned short n_emulation;
	const struct landlock_step
		*landlock;		     /* NULL: none, or nothing of it that this kernel has */
	const char *state_head, *state_tail; /* for hooks */
	bool cgroup_needs_attach, cgroup_by_clone;
	struct namespace_decision ns;
	const struct id_map *id_map;
	bool default_ids;		      /* the map is not the config's, but chosen here */
	const struct missing *one_id_because; /* of one id, with none asked for; or NULL */
	struct exec_step *exec; /* shared by the rows that look for and run the executable */
	struct mount_options *mount_options;	   /* one for each of config->mounts */
	int *mount_id_map_slots;		   /* likewise: where its id map is; 0: none */
	unsigned n_mount_id_maps;		   /* that HOST makes */
	const char *mount_label, *mount_label_key; /* "context"; NULL: none */
	struct arena *arena;
	struct plan *plan;
	unsigned row; /* the row that is being decided */
};

/* Append a step of the current row. NULL when memory is out, which decide_*() turns into -ENOMEM by
 * returning plan_status(). */
struct step *plan_add(struct decision *d, const char *json_path, const char *summary, ...)
	PRINTF_LIKE(3, 4);
int plan_status(const struct decision *d, struct error *e);
const char *plan_path(struct decision *d, const char *format, ...) PRINTF_LIKE(2, 3);
void plan_degraded(struct decision *d, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same, where the specification says that it MUST be logged as a warning. */
void plan_warning(struct decision *d, const char *format, ...) PRINTF_LIKE(2, 3);

static inline const struct oci_linux *decision_linux(const struct decision *d)
{
	static const struct oci_linux empty;
	return d->config->linux_ ? d->config->linux_ : &empty;
}

static inline bool enters_container(const struct decision *d)
{
	return d->choices->verb >= VERB_EXEC;
}

/*
 * Before any row: what several rows need, and what this version refuses. The decision comes with
 * its inputs (config to location, arena, plan); this fills the rest but for the filter and the
 * state document of hooks. Then comes sequence_decide().
 */
int derive(struct decision *d, struct error *e);

/* Its parts. */
int derive_namespaces(struct decision *d, struct error *e);
int derive_exec_namespaces(struct decision *d, struct error *e);
int derive_default_ids(struct decision *d, struct error *e);
int derive_id_map(struct decision *d, struct error *e);
int derive_emulation(struct decision *d, struct error *e);
int derive_degraded_mounts(struct decision *d, struct error *e);
int derive_mount_options(struct decision *d, struct error *e);
int derive_mount_id_maps(struct decision *d, struct error *e);
int derive_labels(struct decision *d, struct error *e);
int derive_resctrl(struct decision *d, struct error *e);
int derive_landlock(struct decision *d, struct error *e);
void derive_cgroup(struct decision *d);
