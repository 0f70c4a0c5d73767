/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/arena.h"
#include "libocispec/runtime/config.h"
#include "plan/host_facts.h"

/*
 * Which ids a container gets whose config does not say so, and what --idmap and the annotation
 * org.oci-rt.idmap make of one that does. PURE.
 */
enum idmap_mode {
	IDMAP_AUTO,   /* the config's map; where it has none: the ranges, else one id, which is said
		       */
	IDMAP_SUBUID, /* the caller's id and all ranges of /etc/subuid and /etc/subgid */
	IDMAP_SINGLE, /* the caller's id alone */
	IDMAP_NONE,   /* the config as it is */
};

/* `option` is the command line's text; NULL: the annotation, or auto. */
int idmap_mode_choose(const char *option, const struct string_map *annotations,
	enum idmap_mode *ret, struct error *e);
int idmap_check_annotation(const char *path, const char *value, struct error *e);

/* Do the decisions need host_facts.subids? */
bool idmap_needs_ranges(const struct oci_config *config, const struct host_facts *host,
	enum idmap_mode mode, bool emulates);

/* A user namespace takes so many lines, in one write of less than a page: user_namespaces(7) */
enum { ID_MAP_LINES = 340, ID_MAP_BYTES = 4096 };

/*
 * Container ids from 0 on: `own` first (UINT32_MAX: not at all), then every range, each host id at
 * most once. -E2BIG: more than a user namespace takes; *e speaks of `json_path`.
 */
int idmap_of_ranges(struct arena *arena, uint32_t own, const struct id_range_list *ranges,
	const char *json_path, struct oci_id_mapping_list *ret, struct error *e);

/* Why the ranges cannot be had, NULL: they can. `direct`: the caller writes maps without newuidmap.
 */
const struct missing *subids_missing(const struct subid_facts *f, bool direct);
