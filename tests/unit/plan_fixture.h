/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sched.h>

#include "cgroup/cgroup.h"
#include "libocispec/arena.h"
#include "plan/decision.h"
#include "resctrl/resctrl.h"
#include "sequence/sequence.h"

/* Plans for made-up configs on made-up machines: nothing here looks at the real one. */

/* Text of JSON without escapes. */
#define J(...) #__VA_ARGS__

enum user { ROOT, ROOT_OF_FEW, USER_1000, NESTED_ROOT, NESTED_ONE_ID, USER_COUNT };
enum machine { V2, V1, HYBRID, NO_CGROUPS, MACHINE_COUNT };

struct plan_case {
	const char *name;
	enum user user;
	enum machine machine;
	/* "pid mount network=/run/ns/a": types, each with the path to join */
	const char *namespaces;
	/* JSON members, added to what every config has */
	const char *process, *linux_, *top;
	const char *config;   /* instead of all that: a whole document */
	const char *executed; /* exec: the process document */
	bool no_process;
	unsigned listen_fds;
	enum lsm_state lsm; /* of both modules */
	int landlock;
	struct resctrl_host resctrl;
	struct subid_facts subids;
	const uint64_t *hard_limits;
	const char *const *device_sources;
	struct resctrl_group *resctrl_group; /* exec: of the container */
	struct choices choices;		     /* id, bundle and rootfs are filled in */
	enum cgroup_manager manager;
};

struct fixture {
	struct arena arena;
	struct plan plan;
	struct cgroup_plan *cgroup;
	bool has_process;
	struct error error;
};

/* 0, or the negative errno of the decision that fails; a document that cannot be read aborts. */
int fixture_decide(struct fixture *f, const struct plan_case *c);
const struct sequence *fixture_sequence(const struct plan_case *c);
/* The steps and what was left out, or the line of the error. */
const char *fixture_text(struct fixture *f, const struct plan_case *c);
void fixture_free(struct fixture *f);

/* plan_cases.c: what the plans are of; each is tests/golden/plan/NAME.txt. */
extern const struct plan_case plan_cases[];
extern const size_t n_plan_cases;
