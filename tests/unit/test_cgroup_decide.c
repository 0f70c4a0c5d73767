/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans for made-up machines, compared as text with tests/golden/cgroup/NAME.txt.
 * argv[1]: that directory. With UPDATE_GOLDEN=1 in the environment the files are written instead;
 * read the difference before committing it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "cgroup/plan.h"

#define BITS(...) bits_((const int[]){ __VA_ARGS__, -1 })
static unsigned bits_(const int *c)
{
	unsigned b = 0;
	for (; *c >= 0; c++)
		b |= CGROUP_BIT(*c);
	return b;
}

static struct arena arena;
static const char *golden_dir;

/* ---- machines ---- */

static unsigned all_v2(void)
{
	return BITS(CGROUP_CPU, CGROUP_CPUSET, CGROUP_IO, CGROUP_MEMORY, CGROUP_PIDS,
		CGROUP_HUGETLB, CGROUP_RDMA);
}

static struct cgroup_host *v2_host(void)
{
	struct cgroup_host *host = ARENA_NEW(&arena, struct cgroup_host);
	struct cgroup_hierarchy *h = ARENA_NEW(&arena, struct cgroup_hierarchy);
	*h = (struct cgroup_hierarchy){
		.is_v2 = true,
		.name = "",
		.controllers = all_v2(),
		.mount = "/sys/fs/cgroup",
		.mount_root = "/",
		.own = "user.slice/user-1000.slice/session-2.scope",
	};
	h->levels.v = ARENA_ARRAY(&arena, 8, struct cgroup_level);
	h->levels.v[h->levels.n++] = (struct cgroup_level){
		.path = "",
		.can_create = true,
		.can_enable = true,
		.available = all_v2(),
		.enabled = BITS(CGROUP_CPU, CGROUP_IO, CGROUP_MEMORY, CGROUP_PIDS),
	};
	*host = (struct cgroup_host){
		.mode = CGROUP_MODE_UNIFIED, .n = 1, .v = h, .systemd = { "", 257 }
	};
	return host;
}

/* Beside a user service's cgroup, with what systemd delegates by default: memory and pids. */
static struct cgroup_host *v2_delegated(void)
{
	static const char *const paths[] = { "", "user.slice", "user.slice/user-1000.slice",
		"user.slice/user-1000.slice/user@1000.service",
		"user.slice/user-1000.slice/user@1000.service/app.slice" };
	struct cgroup_host *host = v2_host();
	struct cgroup_hierarchy *h = host->v;
	unsigned passed_on = BITS(CGROUP_MEMORY, CGROUP_PIDS);
	h->own = "user.slice/user-1000.slice/user@1000.service/app.slice/x.scope";
	host->systemd.control_group = "/user.slice/user-1000.slice/user@1000.service";
	h->can_create_in_own = h->can_create_beside_own = true;
	h->levels.n = ARRAY_SIZE(paths);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		h->levels.v[i] = (struct cgroup_level){
			.path = paths[i],
			.available = i < 3 ? all_v2() : passed_on,
			.enabled = i < 2 ? all_v2() : passed_on,
			.can_create = i >= 3,
			.can_enable = i >= 3,
		};
	return host;
}

/* A service that root has made for a user, with Delegate=memory pids. */
static struct cgroup_host *v2_service(void)
{
	static const char *const paths[] = { "", "system.slice", "system.slice/ci.service" };
	struct cgroup_host *host = v2_delegated();
	struct cgroup_hierarchy *h = host->v;
	h->own = "system.slice/ci.service/runner";
	h->levels.n = ARRAY_SIZE(paths);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		h->levels.v[i].path = paths[i];
		h->levels.v[i].enabled = i == 0 ? all_v2() : BITS(CGROUP_MEMORY, CGROUP_PIDS);
		h->levels.v[i].can_create = h->levels.v[i].can_enable = i == 2;
	}
	return host;
}

static struct cgroup_host *v2_undelegated(void)
{
	struct cgroup_host *host = v2_host();
	host->v[0].levels.n = 0;
	return host;
}

static struct cgroup_host *v2_undelegated_service(void)
{
	struct cgroup_host *host = v2_undelegated();
	host->v[0].own = "system.slice/ci.service";
	return host;
}

static struct cgroup_host *v2_read_only(void)
{
	struct cgroup_host *host = v2_undelegated();
	host->v[0].is_read_only = true;
	return host;
}

static void add_v1(struct cgroup_host *host, const char *name, const char *mount, bool is_writable)
{
	struct cgroup_hierarchy *h = &host->v[host->n++];
	*h = (struct cgroup_hierarchy){
		.name = name,
		.controllers = cgroup_controllers_parse(name, strlen(name)),
		.mount = mount,
		.mount_root = "/",
		.own = "",
	};
	h->levels.v = ARENA_ARRAY(&arena, 1, struct cgroup_level);
	h->levels.v[0] = (struct cgroup_level){ .path = "", .can_create = is_writable };
	h->levels.n = 1;
}

static struct cgroup_host *v1(bool is_writable)
{
	struct cgroup_host *host = ARENA_NEW(&arena, struct cgroup_host);
	host->mode = CGROUP_MODE_LEGACY;
	host->systemd = (struct systemd_facts){ "", 252 };
	host->v = ARENA_ARRAY(&arena, 12, struct cgroup_hierarchy);
	add_v1(host, "cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", is_writable);
	add_v1(host, "cpuset", "/sys/fs/cgroup/cpuset", is_writable);
	add_v1(host, "memory", "/sys/fs/cgroup/memory", is_writable);
	add_v1(host, "devices", "/sys/fs/cgroup/devices", is_writable);
	add_v1(host, "pids", "/sys/fs/cgroup/pids", is_writable);
	add_v1(host, "blkio", "/sys/fs/cgroup/blkio", is_writable);
	add_v1(host, "net_cls,net_prio", "/sys/fs/cgroup/net_cls,net_prio", is_writable);
	add_v1(host, "freezer", "/sys/fs/cgroup/freezer", is_writable);
	add_v1(host, "name=systemd", "/sys/fs/cgroup/systemd", is_writable);
	add_v1(host, "name=other", "/sys/fs/cgroup/other", is_writable);
	return host;
}

static struct cgroup_host *v1_host(void)
{
	return v1(true);
}

static struct cgroup_host *v1_rootless(void)
{
	return v1(false);
}

/* v1 with a v2 hierarchy that has hugetlb */
static struct cgroup_host *hybrid_host(void)
{
	struct cgroup_host *host = v1(true);
	struct cgroup_hierarchy *h = &host->v[host->n++];
	*h = v2_host()->v[0];
	h->mount = "/sys/fs/cgroup/unified";
	h->controllers = BITS(CGROUP_HUGETLB);
	h->levels.v[0].available = BITS(CGROUP_HUGETLB);
	h->levels.v[0].enabled = 0;
	host->mode = CGROUP_MODE_HYBRID;
	return host;
}

/* Hybrid, where only the v2 part is delegated, as systemd does. */
static struct cgroup_host *hybrid_rootless(void)
{
	struct cgroup_host *host = hybrid_host();
	for (size_t i = 0; i + 1 < host->n; i++)
		host->v[i].levels.n = 0;
	struct cgroup_hierarchy *h = &host->v[host->n - 1];
	h->own = "user.slice";
	h->can_create_in_own = true;
	h->levels.v[h->levels.n++] =
		(struct cgroup_level){ .path = "user.slice", .can_create = true };
	return host;
}

/* Before CPUQuotaPeriodUSec, AllowedCPUs and CPUWeight=idle. */
static struct cgroup_host *v2_old_systemd(void)
{
	struct cgroup_host *host = v2_host();
	host->systemd.version = 241;
	return host;
}

/* In a container with systemd as its first process, on a bind mount of its part of the tree. */
static struct cgroup_host *v2_part_of_tree(void)
{
	struct cgroup_host *host = v2_host();
	host->v[0].mount_root = "/outer/box";
	host->systemd.control_group = "/outer/box";
	return host;
}

static struct cgroup_host *no_host(void)
{
	return ARENA_NEW(&arena, struct cgroup_host);
}

/* ---- configs ---- */

#define SET(value)                                                                                 \
	{                                                                                          \
		true, value                                                                        \
	}

static const struct oci_resources *nothing(void)
{
	return NULL;
}

static const struct oci_resources *memory_and_pids(void)
{
	static struct oci_memory memory = { .limit = SET(67108864),
		.swap = SET(134217728),
		.reservation = SET(1000),
		.kernel = SET(5),
		.kernel_tcp = SET(6) };
	static struct oci_pids pids = { .limit = 100 };
	static const struct oci_resources r = { .memory = &memory, .pids = &pids };
	return &r;
}

static const struct oci_resources *no_limits(void)
{
	static struct oci_memory memory = {
		.limit = SET(-1), .swap = SET(-1), .disable_oom_killer = SET(false)
	};
	static struct oci_cpu cpu = { .quota = SET(-1), .shares = SET(0) };
	static struct oci_pids pids = { .limit = -1 };
	static const struct oci_resources r = { .memory = &memory, .cpu = &cpu, .pids = &pids };
	return &r;
}

static const struct oci_resources *cpu(void)
{
	static struct oci_cpu c = { .shares = SET(1024),
		.quota = SET(50000),
		.period = SET(100000),
		.burst = SET(1000),
		.cpus = "0-1",
		.mems = "0",
		.idle = SET(1) };
	static const struct oci_resources r = { .cpu = &c };
	return &r;
}

static const struct oci_resources *io(void)
{
	static struct oci_weight_device weights[] = { { .major = 8, .weight = SET(10) } };
	static struct oci_throttle_device bps[] = { { 8, 0, SET(1048576) }, { 8, 16, SET(0) } };
	static struct oci_throttle_device iops[] = { { 253, 1, SET(300) } };
	static struct oci_block_io b = { .weight = SET(500),
		.weight_device = { 1, weights },
		.throttle_read_bps = { 2, bps },
		.throttle_write_iops = { 1, iops } };
	static const struct oci_resources r = { .block_io = &b };
	return &r;
}

static const struct oci_resources *rest(void)
{
	static struct oci_hugepage_limit pages[] = { { "2MB", 4194304 } };
	static struct oci_rdma rdma[] = { { "mlx5_1", SET(3), SET(10000) },
		{ "rxe3", { 0 }, SET(7) } };
	static struct oci_pids pids = { .limit = 0 };
	static const struct oci_resources r = {
		.hugepage_limits = { 1, pages }, .rdma = { 2, rdma }, .pids = &pids
	};
	return &r;
}

static const struct oci_resources *hugetlb(void)
{
	static struct oci_hugepage_limit pages[] = { { "1GB", 1073741824 } };
	static const struct oci_resources r = { .hugepage_limits = { 1, pages } };
	return &r;
}

static const struct oci_resources *network(void)
{
	static struct oci_interface_priority priorities[] = { { "eth0", 500 } };
	static struct oci_network n = { .class_id = SET(1048577), .priorities = { 1, priorities } };
	static const struct oci_resources r = { .network = &n };
	return &r;
}

static const struct oci_resources *unified(void)
{
	static struct string_pair pairs[] = { { "memory.high", "1000000" },
		{ "io.max", "8:0 rbps=1\n8:16 rbps=2\n" }, { "cgroup.max.depth", "3" },
		{ "future.max", "7" } };
	static const struct oci_resources r = { .unified = { 4, pairs } };
	return &r;
}

static const struct oci_resources *unified_escape(void)
{
	static struct string_pair pairs[] = { { "../memory.max", "1" } };
	static const struct oci_resources r = { .unified = { 1, pairs } };
	return &r;
}

static const struct oci_resources *oom_killer(void)
{
	static struct oci_memory memory = { .disable_oom_killer = SET(true) };
	static const struct oci_resources r = { .memory = &memory };
	return &r;
}

static const struct oci_resources *swap_alone(void)
{
	static struct oci_memory memory = { .swap = SET(1000) };
	static const struct oci_resources r = { .memory = &memory };
	return &r;
}

static const struct oci_resources *device_rules(void)
{
	static struct oci_device_rule rules[] = { { .allow = false },
		{ .allow = true,
			.type = OCI_DEVICE_BLOCK,
			.major = SET(8),
			.access = OCI_ACCESS_READ } };
	static const struct oci_resources r = { .devices = { 2, rules } };
	return &r;
}

static const struct oci_resources *default_devices(void)
{
	static struct oci_device_rule rules[] = { { .allow = false } };
	static const struct oci_resources r = { .devices = { 1, rules } };
	return &r;
}

static const struct oci_resources *unified_limits(void)
{
	static struct string_pair pairs[] = { { "memory.high", "1000000" },
		{ "memory.swap.max", "max" }, { "cpu.max", "max" }, { "cpu.weight", "50" },
		{ "cpuset.cpus", "0-3,9" }, { "pids.max", "0" }, { "io.weight", "default 20" } };
	static const struct oci_resources r = { .unified = { ARRAY_SIZE(pairs), pairs } };
	return &r;
}

#define SYSTEMD CGROUP_MANAGER_SYSTEMD

static const struct test_case {
	const char *name;
	struct cgroup_host *(*host)(void);
	const struct oci_resources *(*resources)(void);
	const char *cgroups_path;
	bool is_rootless;
	enum cgroup_manager manager;
	const char *subgroup;
	const char *key, *value; /* an annotation */
} cases[] = {
	{ "v2-default", v2_host, nothing, NULL },
	{ "v2-path", v2_host, memory_and_pids, "//libpod_parent//libpod-x/./" },
	{ "v2-relative-path", v2_host, nothing, "a/b" },
	{ "v2-path-escape", v2_host, nothing, "/a/../../b" },
	{ "v2-path-root", v2_host, nothing, "/" },
	{ "v2-no-limits", v2_host, no_limits, NULL },
	{ "v2-cpu", v2_host, cpu, NULL },
	{ "v2-io", v2_host, io, NULL },
	{ "v2-rest", v2_host, rest, NULL },
	{ "v2-network", v2_host, network, NULL },
	{ "v2-unified", v2_host, unified, NULL },
	{ "v2-unified-escape", v2_host, unified_escape, NULL },
	{ "v2-oom-killer", v2_host, oom_killer, NULL },
	{ "v2-swap-alone", v2_host, swap_alone, NULL },
	{ "v2-devices", v2_host, device_rules, NULL },
	{ "v2-systemd", v2_host, nothing, "s.slice:p:n", false, SYSTEMD },
	{ "systemd-default", v2_host, nothing, NULL, false, SYSTEMD },
	{ "systemd-memory", v2_host, memory_and_pids, "a-b.slice:p:n", false, SYSTEMD },
	{ "systemd-cpu", v2_host, cpu, "::+é", false, SYSTEMD },
	{ "systemd-io", v2_host, io, NULL, false, SYSTEMD },
	{ "systemd-unified", v2_host, unified_limits, NULL, false, SYSTEMD },
	{ "systemd-no-limits", v2_host, no_limits, NULL, false, SYSTEMD },
	{ "systemd-slice", v2_host, nothing, "-.slice:p:x-y.slice", false, SYSTEMD },
	{ "systemd-subgroup", v2_host, memory_and_pids, NULL, false, SYSTEMD, "container" },
	{ "systemd-subgroup-bad", v2_host, nothing, NULL, false, SYSTEMD, ".." },
	{ "systemd-property", v2_host, memory_and_pids, NULL, false, SYSTEMD, "",
		"org.systemd.property.MemoryMax", "@t 5" },
	{ "systemd-property-sec", v2_host, nothing, NULL, false, SYSTEMD, NULL,
		"org.systemd.property.TimeoutStopSec", "1.5" },
	{ "systemd-property-description", v2_host, nothing, NULL, false, SYSTEMD, NULL,
		"org.systemd.property.Description", "'my own'" },
	{ "systemd-property-bad", v2_host, nothing, NULL, false, SYSTEMD, NULL,
		"org.systemd.property.CollectMode", "inactive" },
	{ "systemd-property-name", v2_host, nothing, NULL, false, SYSTEMD, NULL,
		"org.systemd.property.a-b", "1" },
	{ "systemd-property-ours", v2_host, nothing, NULL, false, SYSTEMD, NULL,
		"org.systemd.property.PIDs", "1" },
	{ "systemd-path", v2_host, nothing, "/a/b", false, SYSTEMD },
	{ "systemd-path-parts", v2_host, nothing, "a.slice:b", false, SYSTEMD },
	{ "systemd-path-slash", v2_host, nothing, "a.slice:b:../c", false, SYSTEMD },
	{ "systemd-path-slice", v2_host, nothing, "a--b.slice:p:n", false, SYSTEMD },
	{ "systemd-path-no-slice", v2_host, nothing, "a.scope:p:n", false, SYSTEMD },
	{ "systemd-path-empty", v2_host, nothing, "a.slice:b:", false, SYSTEMD },
	{ "systemd-old", v2_old_systemd, cpu, NULL, false, SYSTEMD },
	{ "systemd-rootless", v2_delegated, memory_and_pids, NULL, true, SYSTEMD },
	{ "systemd-rootless-missing", v2_delegated, cpu, NULL, true, SYSTEMD },
	{ "systemd-read-only", v2_read_only, nothing, NULL, false, SYSTEMD },
	{ "systemd-read-only-limits", v2_read_only, memory_and_pids, NULL, false, SYSTEMD },
	{ "systemd-part-of-tree", v2_part_of_tree, nothing, NULL, false, SYSTEMD },
	{ "systemd-v1-cpu", v1_host, cpu, NULL, false, SYSTEMD },
	{ "systemd-v1-memory", v1_host, memory_and_pids, "s.slice:p:n", false, SYSTEMD },
	{ "systemd-hybrid", hybrid_host, memory_and_pids, NULL, false, SYSTEMD },
	{ "v2-disabled", v2_host, default_devices, NULL, false, CGROUP_MANAGER_DISABLED },
	{ "v2-disabled-limits", v2_host, memory_and_pids, NULL, false, CGROUP_MANAGER_DISABLED },
	{ "rootless-delegated", v2_delegated, memory_and_pids, NULL, true },
	{ "rootless-delegated-relative", v2_delegated, device_rules, "x", true },
	{ "rootless-controller-missing", v2_delegated, cpu, NULL, true },
	{ "rootless-service-missing", v2_service, cpu, NULL, true },
	{ "rootless-undelegated", v2_undelegated, default_devices, NULL, true },
	{ "rootless-undelegated-service", v2_undelegated_service, memory_and_pids, NULL, true },
	{ "rootless-undelegated-limits", v2_undelegated, memory_and_pids, NULL, true },
	{ "read-only", v2_read_only, no_limits, "/libpod_parent/x" },
	{ "read-only-devices", v2_read_only, default_devices, "/libpod_parent/x" },
	{ "read-only-limits", v2_read_only, memory_and_pids, "/libpod_parent/x" },
	{ "v1-memory", v1_host, memory_and_pids, "/docker/x" },
	{ "v1-cpu", v1_host, cpu, NULL },
	{ "v1-io", v1_host, io, NULL },
	{ "v1-network", v1_host, network, NULL },
	{ "v1-hugetlb-missing", v1_host, hugetlb, NULL },
	{ "v1-unified", v1_host, unified, NULL },
	{ "v1-oom-killer", v1_host, oom_killer, NULL },
	{ "v1-devices", v1_host, device_rules, NULL },
	{ "v1-rootless", v1_rootless, default_devices, NULL, true },
	{ "v1-rootless-limits", v1_rootless, memory_and_pids, NULL, true },
	{ "hybrid", hybrid_host, rest, NULL },
	{ "hybrid-hugetlb", hybrid_host, hugetlb, NULL },
	{ "hybrid-rootless", hybrid_rootless, nothing, NULL, true },
	{ "hybrid-rootless-limits", hybrid_rootless, memory_and_pids, NULL, true },
	{ "none", no_host, nothing, NULL },
	{ "none-limits", no_host, cpu, NULL },
};

/* On machines with many hierarchies once is enough. */
static const char *location_text(const struct test_case *t, const struct cgroup_location *l)
{
	const char *text = "";
	if (l->v1.n && !t->cgroups_path)
		return text;
	for (size_t i = 0; i < l->created.n; i++)
		text = arena_printf(&arena, "%sto remove: %s\n", text, l->created.v[i]);
	for (size_t i = 0; i < l->v1.n; i++)
		text = arena_printf(&arena, "%sv1: %s\n", text, l->v1.v[i]);
	if (l->systemd_scope)
		text = arena_printf(&arena, "%sto stop: %s%s, '%s'\n", text, l->systemd_scope,
			l->systemd_user ? " of the user" : "", l->systemd_description);
	return l->unified ? arena_printf(&arena, "%sv2: %s\n", text, l->unified) : text;
}

static const char *decide(const struct test_case *t)
{
	struct string_pair pair = { t->key, t->value };
	const struct string_map annotations = { t->key != NULL, &pair };
	struct cgroup_request request = { .id = "ctr",
		.cgroups_path = t->cgroups_path,
		.resources = t->resources(),
		.bundle = "/b\377undle",
		.subgroup = t->subgroup,
		.annotations = &annotations,
		.manager = t->manager,
		.is_rootless = t->is_rootless };
	struct cgroup_plan plan;
	struct error e;
	if (cgroup_decide(&arena, &request, t->host(), &plan, &e) < 0) {
		char text[1200];
		error_format(&e, text, sizeof text);
		return arena_printf(&arena, "error: %s\n", text);
	}
	return arena_printf(
		&arena, "%s%s", cgroup_plan_text(&arena, &plan), location_text(t, &plan.location));
}

static void plans_are_as_recorded(void **state)
{
	int failures = 0;
	int dir_fd = open(golden_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir_fd >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = decide(&cases[i]);
		const char *file = arena_printf(&arena, "%s.txt", cases[i].name);
		char *wanted = (char *)"";
		if (getenv("UPDATE_GOLDEN"))
			assert_int_equal(io_replace_file(dir_fd, file, got, strlen(got), 0644), 0);
		io_read_file(dir_fd, file, 1 << 20, &arena, &wanted, NULL);
		if (strcmp(got, wanted) != 0) {
			print_error("%s: got\n%swanted\n%s", cases[i].name, got, wanted);
			failures++;
		}
	}
	close(dir_fd);
	assert_int_equal(failures, 0);
}

/* Every file in golden/ belongs to a case. */
static void no_golden_file_is_stale(void **state)
{
	AUTO_CLOSEDIR DIR *d = opendir(golden_dir);
	assert_non_null(d);
	for (struct dirent *entry; (entry = readdir(d));) {
		bool is_known = entry->d_name[0] == '.';
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
			is_known |= strcmp(arena_printf(&arena, "%s.txt", cases[i].name),
					    entry->d_name) == 0;
		if (!is_known)
			fail_msg("%s has no test case", entry->d_name);
	}
}

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_are_as_recorded),
		cmocka_unit_test(no_golden_file_is_stale),
	};
	if (argc != 2)
		return 2;
	golden_dir = argv[1];
	return cmocka_run_group_tests(tests, setup, teardown);
}
