/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of a directory service, by libsubid. Runs as HOST, only where nsswitch.conf(5) names one:
 * the library is loaded then, and not before. The interface is that of shadow's subid.h, whose
 * functions have had two names.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "host/subid.h"

struct subid_range {
	unsigned long start, count;
};
typedef bool init_library(const char *program, FILE *log);
typedef int get_ranges(const char *owner, struct subid_range **ret);

static void *load(void)
{
	static const char *const names[] = { "libsubid.so.5", "libsubid.so.4", "libsubid.so.3" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
		if (library)
			return library;
	}
	return NULL;
}

static void *function(void *library, const char *name, const char *old_name)
{
	void *f = dlsym(library, name);
	return f ? f : dlsym(library, old_name);
}

static void add_all(struct arena *arena, get_ranges *get, const char *user, struct id_range_list *l)
{
	struct subid_range *v = NULL;
	int n = get ? get(user, &v) : 0;
	for (int i = 0; i < n; i++)
		if (v[i].start < UINT32_MAX && v[i].count > 0)
			subid_add(arena, l, (uint32_t)v[i].start,
				v[i].count < UINT32_MAX - v[i].start
					? (uint32_t)v[i].count
					: UINT32_MAX - (uint32_t)v[i].start);
	free(v);
}

/* The library stays loaded: what it has started may still run. */
bool host_subid_service(struct arena *arena, const char *user, struct id_range_list *uids,
	struct id_range_list *gids)
{
	void *library = load();
	if (!library)
		return false;
	/* or it speaks on our standard error */
	init_library *init = (init_library *)function(library, "subid_init", "libsubid_init");
	if (init)
		init("oci-rt", NULL);
	add_all(arena, (get_ranges *)function(library, "subid_get_uid_ranges", "get_subuid_ranges"),
		user, uids);
	add_all(arena, (get_ranges *)function(library, "subid_get_gid_ranges", "get_subgid_ranges"),
		user, gids);
	return true;
}
