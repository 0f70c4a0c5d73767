/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cgroup/host.h"
#include "cgroup/plan.h"
#include "ops/ops.h"
#include "plan/decision.h"
#include "sequence/sequence.h"
#include "state/store.h"
#include "steps/host/host.h"

/*
 * "Read" and "decide" of create and run: everything before the first side effect. `plan` stops
 * here.
 */
struct preparation {
	struct arena arena;
	const char *bundle, *config_name; /* absolute; as the user named it */
	const char *degrade;		  /* the option, for exec */
	char *config_text;
	size_t config_len;
	struct oci_config *config;
	struct host_facts facts;
	struct cgroup_host cgroup_host;
	struct resctrl_host resctrl_host;
	struct subid_facts subids;
	struct cgroup_plan cgroup;
	struct choices choices;
	struct decision decision;
	struct plan plan;
	struct container container;
	const struct sequence *sequence; /* by the verb */
};

int prepare_create(const struct global_options *g, const struct create_options *o, enum verb verb,
	struct preparation *p, struct error *e);
void preparation_free(struct preparation *p);
#define AUTO_PREPARATION __attribute__((cleanup(preparation_free)))

/* A path of the command line, before anybody changes directory. NULL stays NULL. */
const char *absolute_path(struct arena *arena, const char *path);
/* NOTIFY_SOCKET of ours, NULL: none. */
const char *notify_socket(void);
/* Where there is one, and we run: a mount and a variable more in the config. */
int prepare_notify(const struct global_options *g, struct preparation *p, struct error *e);

/* Look at the security modules that this process and its container ask for. */
void prepare_lsm(const struct oci_process *p, const struct oci_linux *l,
	const struct string_map *annotations, struct host_facts *facts);
/* Compile linux.seccomp, if there is one, into the decision. */
int prepare_seccomp(struct decision *d, struct error *e);
/* Likewise the filter of --emulate-ids. */
int prepare_emulation(struct decision *d, struct error *e);
/* The state document of hooks, cut where the pid goes. */
int prepare_hook_state(struct arena *arena, const struct container *c, enum oci_status status,
	const char **ret_head, const char **ret_tail, struct error *e);
/*
 * Of the descriptors that we were started with only those are left that the container is to get:
 * Buildah leaks its pipes into us, and whoever reads them waits for their end. An unopened one that
 * is to be preserved is an error. Needs: the user's documents are read, which may be /dev/fd/N;
 * nothing of ours is open.
 */
int close_inherited(uint32_t preserve_fds, struct error *e);

/* What was left out, and why, as warnings: spec: runtime.md#warnings */
void warn_degraded(const struct cgroup_plan *cgroup, const struct plan *plan);

/* --debug: what is about to be done, as `oci-rt plan` tells it. */
void debug_plan(const struct sequence *sequence, const struct plan *plan);

/* The walk's context for a plan: slots empty, nothing forked. */
int actor_context_init(struct actor_context *ctx, const struct plan *plan,
	struct host_context *host, struct error *e);
