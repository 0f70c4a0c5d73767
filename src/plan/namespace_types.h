/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sched.h>

#include "libocispec/runtime/namespaces.h"
#include "sys/constants.h"

/* spec name and clone flag of each namespace type; `file` is its name under /proc/PID/ns. */
static const struct {
	const char *name, *file;
	int flag;
} namespace_types[OCI_NS_COUNT] = {
	[OCI_NS_PID] = { "pid", "pid", CLONE_NEWPID },
	[OCI_NS_NETWORK] = { "network", "net", CLONE_NEWNET },
	[OCI_NS_MOUNT] = { "mount", "mnt", CLONE_NEWNS },
	[OCI_NS_IPC] = { "ipc", "ipc", CLONE_NEWIPC },
	[OCI_NS_UTS] = { "uts", "uts", CLONE_NEWUTS },
	[OCI_NS_USER] = { "user", "user", CLONE_NEWUSER },
	[OCI_NS_CGROUP] = { "cgroup", "cgroup", CLONE_NEWCGROUP },
	[OCI_NS_TIME] = { "time", "time", CLONE_NEWTIME },
};
