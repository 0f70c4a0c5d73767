/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded facts and a config in, findings out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "inspect/inspect.h"
#include "libocispec/document.h"

static const char config_text[] =
	"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\",\"readonly\":true},"
	"\"process\":{\"cwd\":\"/\",\"args\":[\"x\"],\"user\":{\"uid\":0,\"gid\":0},"
	"\"noNewPrivileges\":true,\"apparmorProfile\":\"prof\",\"capabilities\":"
	"{\"bounding\":[\"CAP_KILL\",\"CAP_CHOWN\"],\"permitted\":[\"CAP_KILL\"]}},"
	"\"mounts\":[{\"destination\":\"/p\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/d\",\"type\":\"tmpfs\",\"options\":[\"nosuid\",\"nodev\"]}],"
	"\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},"
	"{\"type\":\"network\",\"path\":\"/n\"}],"
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1}],"
	"\"maskedPaths\":[\"/p/m\"],\"readonlyPaths\":[\"/p/r\"],"
	"\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}}";

static struct arena arena;
static struct oci_config *config;

/* As asked for. */
static struct seen_process processes[2];
static struct seen_path mounts[2], masked[1], readonly_paths[1];
static struct seen_mount all[4];
static struct oci_id_mapping map[2];
static struct seen_descriptor descriptors[1];
static struct seen seen;

static int as_asked(void **state)
{
	struct error e;
	arena_free(&arena);
	arena_init(&arena);
	if (oci_config_decode(config_text, strlen(config_text), "t", &arena, &config, &e) < 0) {
		print_error("%s: %s\n", e.path, e.text);
		return -1;
	}
	processes[0] = (struct seen_process){ .pid = 7,
		.name = "x",
		.caps = { 0, 1 << 5, 1 << 5, 1 << 5 | 1, 0 },
		.no_new_privs = true,
		.seccomp_mode = 2,
		.n_filters = 1,
		.label = "prof (enforce)" };
	processes[1] = processes[0];
	processes[1].pid = 8;
	processes[1].n_filters = -1;
	mounts[0] = mounts[1] = (struct seen_path){ .is_mount = true,
		.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	masked[0] = (struct seen_path){ .is_mount = true, .is_masked = true };
	readonly_paths[0] = (struct seen_path){ .attributes = MOUNT_ATTR_RDONLY };
	static const char *const points[] = { "/", "/p", "/p/m", "/d/below" };
	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		all[i] = (struct seen_mount){ i, points[i], "t", "rw", "rw" };
	map[0] = (struct oci_id_mapping){ 0, 1000, 1 };
	map[1] = (struct oci_id_mapping){ 1, 0, 65536 };
	descriptors[0] = (struct seen_descriptor){ 3, "pipe:[1]", false };
	seen = (struct seen){ .pid = 7,
		.ns_inode = { [OCI_NS_NETWORK] = 50 },
		.ns_asked = { [OCI_NS_NETWORK] = 50 },
		.uid_map = { 1, map },
		.root = { .attributes = MOUNT_ATTR_RDONLY },
		.mounts = mounts,
		.masked = masked,
		.readonly = readonly_paths,
		.processes = { 2, processes },
		.all_mounts = { 4, all },
		.descriptors = { 1, descriptors } };
	return 0;
}

static void assert_finds(const char *expected)
{
	struct findings f = { .arena = &arena };
	char text[2000] = "";
	inspect_compare(config, &seen, &f);
	assert_false(f.failed);
	for (size_t i = 0; i < f.n; i++) {
		size_t n = strlen(text);
		snprintf(text + n, sizeof text - n, "%s: %s\n", f.v[i].property, f.v[i].text);
	}
	assert_string_equal(text, expected);
}

static void test_nothing(void **state)
{
	assert_finds("");
	/* a program may give up what it has */
	memset(processes[0].caps, 0, sizeof processes[0].caps);
	/* its own namespaces below the container's, no path to compare with any more */
	seen.ns_asked[OCI_NS_NETWORK] = 0;
	masked[0] = (struct seen_path){ .state = SEEN_ABSENT };
	processes[1].label = "prof//child (enforce)";
	assert_finds("");
}

static void test_namespaces(void **state)
{
	processes[1].host_ns = 1 << OCI_NS_PID | 1 << OCI_NS_USER;
	seen.ns_inode[OCI_NS_NETWORK] = 51;
	assert_finds("linux.namespaces[0]: process 8 (x) is in the host's pid namespace\n"
		     "linux.namespaces[2]: init is in another network namespace than /n\n");
}

static void test_maps(void **state)
{
	seen.uid_map.n = 2;
	assert_finds("linux.uidMappings: the container's map has 1 0 65536 as well\n");
	map[0].host_id = 0;
	seen.uid_map.n = 1;
	assert_finds("linux.uidMappings[0]: not in the container's map\n"
		     "linux.uidMappings: the container's map has 0 0 1 as well\n");
}

static void test_processes(void **state)
{
	processes[1].caps[CAP_SET_BOUNDING] |= 1 << 21;
	processes[1].caps[CAP_SET_AMBIENT] = UINT64_C(1) << 63 | 1 << 6;
	processes[1].no_new_privs = false;
	processes[1].label = "profile (enforce)";
	processes[1].seccomp_mode = 0;
	processes[1].outside_cgroup = true;
	assert_finds("process.capabilities.bounding: process 8 (x) has CAP_SYS_ADMIN as well\n"
		     "process.capabilities.ambient: process 8 (x) has CAP_SETGID, 63 as well\n"
		     "process.apparmorProfile: process 8 (x) is under profile (enforce)\n"
		     "process.noNewPrivileges: process 8 (x) may gain privileges\n"
		     "linux.seccomp: process 8 (x) has no filter\n"
		     "linux.cgroupsPath: process 8 (x) is outside of the container's cgroup\n");
}

static void test_profiles(void **state)
{
	processes[0].label = NULL;
	processes[1].label = "prof (complain)";
	assert_finds("process.apparmorProfile: process 7 (x) is under no profile\n"
		     "process.apparmorProfile: process 8 (x): the profile is not enforced\n");
}

static void test_mounts(void **state)
{
	mounts[0].is_mount = false;
	mounts[1].attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	seen.root.attributes = 0;
	all[3].point = "/dx";
	masked[0].is_masked = false;
	readonly_paths[0] = (struct seen_path){ .state = SEEN_UNKNOWN, .err = EACCES };
	descriptors[0].of_host = true;
	assert_finds("mounts[0]: nothing is mounted on /p\n"
		     "mounts[1]: /d is mounted without nodev\n"
		     "root.readonly: the root is writable\n"
		     "mounts: the container has t on /dx as well\n"
		     "linux.maskedPaths[0]: /p/m is not masked\n"
		     "linux.readonlyPaths[0]: /p/r cannot be looked at: Permission denied\n"
		     "process: descriptor 3 of init is the host's pipe:[1]\n");
}

/* Without a mount namespace of its own every mount is the host's. */
static void test_shared_mounts(void **state)
{
	processes[0].host_ns = processes[1].host_ns = 1 << OCI_NS_MOUNT;
	config->linux_->namespaces.n = 1;
	all[3].point = "/dx";
	descriptors[0].of_host = true;
	assert_finds("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing, as_asked),
		cmocka_unit_test_setup(test_namespaces, as_asked),
		cmocka_unit_test_setup(test_maps, as_asked),
		cmocka_unit_test_setup(test_processes, as_asked),
		cmocka_unit_test_setup(test_profiles, as_asked),
		cmocka_unit_test_setup(test_mounts, as_asked),
		cmocka_unit_test_setup(test_shared_mounts, as_asked),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
