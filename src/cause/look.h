/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cause/facts.h"
#include "libocispec/arena.h"

/* Looks at this machine, as HOST. Changes nothing, and never fails: what cannot be seen is not a
 * fact. */
void look_at_process(struct process_facts *ret);
void look_at_helper(struct arena *a, const char *name, struct helper_facts *ret);
void look_at_subids(struct arena *a, bool groups, struct subid_file_facts *ret);
/* /proc/self/uid_map or gid_map; "" where it cannot be read */
const char *look_at_own_map(struct arena *a, bool groups);
/* source: of a bind mount, or NULL */
void look_at_mounts(struct arena *a, const char *source, struct mount_facts *ret);
/* resource: RLIMIT_*, or -1 */
void look_at_limits(struct arena *a, int resource, struct limit_facts *ret);
void look_at_move(struct arena *a, const char *target, struct move_facts *ret);
