/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock's system calls, which the C library does not have. Allocation-free. */
#include "sys/landlock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 5.13, the same on all architectures */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1, RULE_NET_PORT = 2 };

/* It has grown: the version says how much of it there is. */
struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_beneath_attr {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((packed));

struct net_port_attr {
	uint64_t allowed, port;
};

static int result(long r)
{
	return r < 0 ? -errno : (int)r;
}

int sys_landlock_version(void)
{
	return result(syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION));
}

int sys_landlock_create_ruleset(int version, uint64_t fs, uint64_t net, uint64_t scoped)
{
	const struct ruleset_attr attr = { fs, net, scoped };
	size_t size = version >= 6   ? sizeof attr
		      : version >= 4 ? offsetof(struct ruleset_attr, scoped)
				     : offsetof(struct ruleset_attr, net);
	return result(syscall(CREATE_RULESET, &attr, size, 0));
}

int sys_landlock_allow_beneath(int ruleset, int path_fd, uint64_t allowed)
{
	const struct path_beneath_attr attr = { allowed, path_fd };
	return result(syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &attr, 0));
}

int sys_landlock_allow_port(int ruleset, uint16_t port, uint64_t allowed)
{
	const struct net_port_attr attr = { allowed, port };
	return result(syscall(ADD_RULE, ruleset, RULE_NET_PORT, &attr, 0));
}

int sys_landlock_restrict_self(int ruleset)
{
	return result(syscall(RESTRICT_SELF, ruleset, 0));
}
