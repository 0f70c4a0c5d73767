/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cause/facts.h"
#include "cgroup/host.h"
#include "cgroup/plan.h"
#include "libocispec/arena.h"
#include "libocispec/error.h"

/*
 * What this machine lets containers have, found out by doing it: in children that end after it, in
 * namespaces of their own, so that nothing is left. The table is in table.c: a row is a probe.
 */
enum probe_mark {
	PROBE_UNKNOWN, /* its child did not come to it */
	PROBE_WORKS,
	PROBE_LACKS,
	PROBE_SKIPPED, /* does not matter here, or something that it builds on is missing */
	PROBE_MARK_COUNT
};
extern const char *const probe_mark_names[PROBE_MARK_COUNT]; /* as in JSON */

/* Fixed size, no pointers: children write it into shared memory. */
struct probe_result {
	enum probe_mark mark;
	int err;
	char call[32];	 /* that failed with err */
	char detail[80]; /* a figure, a list of names, why it was skipped */
	char what[384], remedy[320];
};

/* For whom a probe matters. */
enum audience {
	FOR_RUN = 1,	/* a container of the default config, without limits */
	FOR_PODMAN = 2, /* these in addition */
	FOR_DOCKER = 4,
	FOR_CONTAINERD = 8,
	FOR_CLIENTS = FOR_PODMAN | FOR_DOCKER | FOR_CONTAINERD,
};

/* Which process tries it. */
enum place {
	PLACE_MAIN,    /* the command itself, with the child that has a user namespace */
	PLACE_OUTSIDE, /* a child in the caller's namespaces */
	PLACE_BUS,     /* another one: whom it asks may let it wait */
	PLACE_INSIDE,  /* a child that takes namespaces as a container's init */
	PLACE_FORK,    /* INSIDE again: what has to come right before its one fork */
	PLACE_PID,     /* its child, first process of a PID namespace */
	PLACE_LAST,    /* INSIDE again, when there is nothing more to do */
	PLACE_COUNT
};

struct doctor;
struct probe {
	const char *group, *name;
	unsigned audience;
	enum place place;
	uint64_t flag;	     /* CLONE_NEW* */
	const char *fs_type; /* of a new mount; else the file that is looked for */
	void (*run)(struct doctor *d, const struct probe *p, struct probe_result *r);
	/* after `run` has failed with r->err, in the command itself; NULL: errno says it */
	void (*explain)(struct doctor *d, const struct probe *p, struct probe_result *r);
	const char *without; /* what containers do without it */
};

extern const struct probe probes[];
extern const size_t n_probes;

struct doctor {
	struct arena *arena;
	struct probe_result *results; /* shared with the children */
	struct process_facts process;
	bool is_privileged; /* CAP_SYS_ADMIN in the caller's user namespace */
	bool is_rootless;   /* not real root */
	const char *name;   /* of cgroups that it makes */
	struct cgroup_host cgroup_host;
	struct cgroup_plan cgroup; /* of a container without limits */
	struct error cgroup_error; /* or why there is none */
	pid_t ids_pid;		   /* waits in a user namespace; 0: there is none */
	uint64_t inside;	   /* CLONE_NEW* that INSIDE has got */
	char workspace[16];	   /* INSIDE: where its tmpfs is */
};

/* Run every probe; takes two seconds at most. Only failing to start at all is an error. */
int doctor_run(struct doctor *d, struct error *e);

/* run.c: for the probes */
void probe_works(struct probe_result *r, const char *detail, ...) PRINTF_LIKE(2, 3);
void probe_lacks(struct probe_result *r, const char *what, const char *remedy);
void probe_skipped(struct probe_result *r, const char *detail);
/* 0 or more: works; else the call's negative errno. */
void probe_result_of(struct probe_result *r, const char *call, int result);

typedef void probe_function(struct doctor *d, const struct probe *p, struct probe_result *r);
probe_function probe_host_proc, probe_pidfd, probe_openat2, probe_mount_api, probe_keyring,
	probe_landlock, probe_lsm, probe_device_file, probe_device_filter, probe_criu, probe_cgroup,
	probe_clone_into_cgroup, probe_limits, probe_systemd; /* outside.c */
probe_function probe_namespace, probe_pid_namespace, probe_mount, probe_bind, probe_overlay,
	probe_idmapped, probe_filter, probe_listener;		 /* inside.c */
probe_function probe_user_namespace, probe_own_id, probe_ranges; /* ids.c */
probe_function explain_namespace, explain_mount, explain_ranges; /* explain.c */

/* ids.c: a child that waits in a new user namespace for the end of the pipe at *ret_gate. */
pid_t spawn_in_user_namespace(int *ret_gate);
/* /proc/PID/NAME. 0 or a negative errno. */
int write_map(pid_t pid, const char *name, const char *text);
