/* SPDX-License-Identifier: Apache-2.0 */
/* The probes, in the order in which they are shown; within a place also that of their doing. */
#include <sched.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "sys/constants.h"

#define NS(name, audience, flag, without)                                                          \
	{                                                                                          \
		"namespaces", name, audience, PLACE_INSIDE, flag, NULL, probe_namespace,           \
			explain_namespace, without                                                 \
	}
#define MOUNT(name, audience, place, without)                                                      \
	{                                                                                          \
		"mounts", name, audience, place, 0, name, probe_mount, explain_mount, without      \
	}

/* clang-format off */
const struct probe probes[] = {
	{ "namespaces", "user", FOR_RUN, PLACE_MAIN, CLONE_NEWUSER, NULL, probe_user_namespace, explain_namespace,
		"no container without root" },
	NS("mount", FOR_RUN, CLONE_NEWNS, "no container"),
	NS("ipc", FOR_RUN, CLONE_NEWIPC, "only containers that share the host's IPC"),
	NS("uts", FOR_RUN, CLONE_NEWUTS, "only containers that share the host's name"),
	NS("network", FOR_CLIENTS, CLONE_NEWNET, "only containers that share the host's network"),
	NS("cgroup", 0, CLONE_NEWCGROUP, "containers see the host's cgroup paths"),
	NS("time", 0, CLONE_NEWTIME, "no clocks of a container's own"),
	{ "namespaces", "pid", FOR_RUN, PLACE_FORK, CLONE_NEWPID, NULL, probe_pid_namespace, explain_namespace,
		"only containers that share the host's processes" },

	{ "ids", "own id", FOR_RUN, PLACE_MAIN, 0, NULL, probe_own_id, NULL, "no container without root" },
	{ "ids", "ranges", FOR_PODMAN | FOR_DOCKER, PLACE_MAIN, 0, NULL, probe_ranges, explain_ranges,
		"a container has one user, root; images with others fail" },

	{ "mounts", "host's proc", FOR_RUN, PLACE_OUTSIDE, 0, NULL, probe_host_proc, NULL, "no container" },
	{ "mounts", "mount API", FOR_RUN, PLACE_OUTSIDE, 0, NULL, probe_mount_api, NULL, "no container" },
	MOUNT("tmpfs", FOR_RUN, PLACE_INSIDE, "no /dev of a container's own"),
	MOUNT("devpts", FOR_RUN, PLACE_INSIDE, "no terminals"),
	MOUNT("mqueue", FOR_RUN, PLACE_INSIDE, "no /dev/mqueue: take it out of the config"),
	MOUNT("sysfs", 0, PLACE_INSIDE, "/sys is the host's, read-only"),
	MOUNT("cgroup2", 0, PLACE_INSIDE, "/sys/fs/cgroup is the host's, or not there"),
	MOUNT("proc", FOR_RUN, PLACE_PID, "no /proc that shows the container's processes"),
	{ "mounts", "bind", FOR_RUN, PLACE_INSIDE, 0, NULL, probe_bind, NULL, "no volumes" },
	{ "mounts", "overlay", FOR_CLIENTS, PLACE_INSIDE, 0, "overlay", probe_overlay, explain_mount,
		"images are copied (vfs), or mounted by fuse-overlayfs" },
	{ "mounts", "mapped ids", 0, PLACE_INSIDE, 0, NULL, probe_idmapped, NULL, "no idmap mounts" },

	{ "cgroups", "own cgroup", FOR_DOCKER | FOR_CONTAINERD, PLACE_OUTSIDE, 0, NULL, probe_cgroup, NULL,
		"no limits, no pause; kill and delete go by pidfd" },
	{ "cgroups", "limits", FOR_DOCKER | FOR_CONTAINERD, PLACE_OUTSIDE, 0, NULL, probe_limits, NULL,
		"configs with limits of these are refused" },
	{ "cgroups", "clone3 into it", 0, PLACE_OUTSIDE, 0, NULL, probe_clone_into_cgroup, NULL,
		"processes are moved there after they are born" },
	{ "cgroups", "device filter", 0, PLACE_OUTSIDE, 0, NULL, probe_device_filter, NULL,
		"device rules are left to the user namespace" },
	{ "cgroups", "systemd", 0, PLACE_BUS, 0, NULL, probe_systemd, NULL, "no --systemd-cgroup" },

	{ "processes", "pidfd", FOR_RUN, PLACE_OUTSIDE, 0, NULL, probe_pidfd, NULL, "no container" },
	{ "processes", "openat2", 0, PLACE_OUTSIDE, 0, NULL, probe_openat2, NULL,
		"paths are walked one by one, which is slower" },
	{ "processes", "keyring", 0, PLACE_OUTSIDE, 0, NULL, probe_keyring, NULL, "containers share the session's keys" },
	{ "processes", "seccomp", FOR_CLIENTS, PLACE_LAST, 0, NULL, probe_filter, NULL, "configs with linux.seccomp are refused" },
	{ "processes", "seccomp notify", 0, PLACE_LAST, 0, NULL, probe_listener, NULL, "no seccomp agents" },
	{ "processes", "AppArmor", 0, PLACE_OUTSIDE, 0, "/sys/module/apparmor/parameters/enabled", probe_lsm, NULL,
		"no profiles" },
	{ "processes", "SELinux", 0, PLACE_OUTSIDE, 0, "/sys/fs/selinux/enforce", probe_lsm, NULL,
		"no labels" },
	{ "processes", "Landlock", 0, PLACE_OUTSIDE, 0, NULL, probe_landlock, NULL, NULL },

	{ "devices", "/dev/net/tun", 0, PLACE_OUTSIDE, 0, "/dev/net/tun", probe_device_file, NULL,
		"no pasta, slirp4netns or VPN" },
	{ "devices", "/dev/fuse", 0, PLACE_OUTSIDE, 0, "/dev/fuse", probe_device_file, NULL, "no fuse-overlayfs" },
	{ "programs", "criu", 0, PLACE_OUTSIDE, 0, "criu", probe_criu, NULL, "no checkpoints" },
};
/* clang-format on */
const size_t n_probes = ARRAY_SIZE(probes);

const char *const probe_mark_names[PROBE_MARK_COUNT] = {
	[PROBE_UNKNOWN] = "unknown",
	[PROBE_WORKS] = "yes",
	[PROBE_LACKS] = "no",
	[PROBE_SKIPPED] = "skipped",
};
