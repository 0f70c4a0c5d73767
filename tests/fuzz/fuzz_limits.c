/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzer of linux.resources and linux.cgroupsPath to what is written where, on machines with each
 * version of cgroups. The first byte chooses; a line with the path, then the document. */
#include "fuzz.h"

#include "cgroup/plan.h"
#include "libocispec/document.h"

enum { ALL = (1u << CGROUP_CONTROLLER_COUNT) - 1 };

static void check_plan(const struct cgroup_plan *plan)
{
	for (size_t i = 0; i < plan->dirs.n; i++) {
		const char *path = plan->dirs.v[i].path;
		require(path[0] != '/' && strncmp(path, "../", 3) != 0 && !strstr(path, "/../"));
		size_t n = strlen(path);
		require(n < 3 || strcmp(path + n - 3, "/..") != 0);
	}
	for (size_t i = 0; i < plan->writes.n; i++) {
		const char *file = plan->writes.v[i].file;
		require(file[0] && !strchr(file, '/') && plan->writes.v[i].value);
		require(plan->writes.v[i].dir < plan->dirs.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct error e = { 0 };
	struct cgroup_plan plan = { 0 };
	struct oci_resources *resources;
	struct cgroup_level level = {
		.path = "", .can_create = true, .can_enable = true, .available = ALL, .enabled = ALL
	};
	if (size < 2)
		return 0;
	bool is_v2 = data[0] & 1;
	struct cgroup_hierarchy h = { .is_v2 = is_v2,
		.name = is_v2 ? "" : "cpu,memory,pids,devices,blkio,freezer",
		.controllers = ALL,
		.mount = "/sys/fs/cgroup",
		.mount_root = "/",
		.own = "",
		.levels = { 1, &level } };
	struct cgroup_host host = {
		.mode = is_v2 ? CGROUP_MODE_UNIFIED : CGROUP_MODE_LEGACY, .n = 1, .v = &h
	};
	char *text = text_of(data + 1, size - 1), *document = strchr(text, '\n');
	if (document)
		*document++ = '\0';
	arena_init(&arena);
	if (document && oci_resources_decode(document, strlen(document), "resources", &arena,
				&resources, &e) == 0) {
		struct cgroup_request request = { .id = "id",
			.cgroups_path = *text ? text : NULL,
			.resources = resources,
			.manager = CGROUP_MANAGER_CGROUPFS };
		if (cgroup_decide(&arena, &request, &host, &plan, &e) == 0)
			check_plan(&plan);
		else
			require(e.text[0]);
	}
	arena_free(&arena);
	free(text);
	return 0;
}
