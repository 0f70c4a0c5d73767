/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/* rtnetlink(7): links and addresses of the network namespace that the socket was made in. 0, a
 * descriptor or a negative errno. HOST; no allocation. */

/* One request; links' and addresses' are far smaller. */
struct rtnl_message {
	union {
		struct nlmsghdr head;
		char bytes[512];
	};
};
void rtnl_begin(struct rtnl_message *m, unsigned short type, unsigned short flags, const void *body,
	size_t n);
/* -EMSGSIZE: no room. */
int rtnl_add(struct rtnl_message *m, unsigned short attribute, const void *data, size_t n);

int rtnl_open(void);
/* Send, and wait for what the kernel says to it. */
int rtnl_ask(int fd, struct rtnl_message *m);
/* All addresses; -EAGAIN: they changed meanwhile. */
typedef int rtnl_each(void *context, const struct nlmsghdr *address);
int rtnl_addresses(int fd, rtnl_each *each, void *context);
/* A link's index, and IFF_* flags; -ENODEV: there is none. */
int rtnl_link_index(int fd, const char *name);
int rtnl_link_flags(int fd, const char *name);
