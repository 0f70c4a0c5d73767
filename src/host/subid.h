/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/arena.h"
#include "plan/host_facts.h"

/*
 * The ranges of subuid(5) and subgid(5) that are this user's, by name and by number, and whether
 * newuidmap(1) can map them. Changes nothing. What is missing is a fact; -ENOMEM is the one error.
 */
int host_probe_subids(struct arena *arena, struct subid_facts *ret, struct error *e);

/* Part of it, where nsswitch.conf(5) names another service than files for subid: its ranges, by
 * libsubid. False: there is no such library in here. subid_library.c */
bool host_subid_service(struct arena *arena, const char *user, struct id_range_list *uids,
	struct id_range_list *gids);
/* Lists grow one by one. False: no memory. */
bool subid_add(struct arena *arena, struct id_range_list *l, uint32_t first, uint32_t count);
