/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Move network devices into the container's network namespace. Runs as HOST, which alone has rights
 * in both. May not stay in the other namespace: it is entered for the making of a socket.
 *
 * Moving takes the addresses off a device, so they are read before and added again after. It is
 * moved under a name that nobody has and renamed there: a rename that fails after a move would
 * otherwise leave us without a name for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "steps/host/host.h"
#include "sys/process.h"
#include "sys/rtnetlink.h"

struct address {
	struct address *next;
	struct rtnl_message add; /* complete but for the link's index */
};

struct moved_device {
	struct moved_device *next;
	const struct step *step;
	int netns_fd; /* keeps the namespace, and the device, should init end before the undo */
	int index;    /* in there; 0: it is not */
	bool was_up;
	struct address *addresses, **last;
};

struct collecting {
	struct arena *arena;
	struct moved_device *device;
	int index;
};

/* spec: "all permanent IP addresses (IFA_F_PERMANENT flag) of any family with global scope". What
 * else an address has comes along, but for its lifetime (for ever) and its label (the old name). */
static int collect_address(void *context, const struct nlmsghdr *h)
{
	const struct collecting *c = context;
	struct ifaddrmsg a;
	memcpy(&a, NLMSG_DATA(h), sizeof a);
	uint32_t flags = a.ifa_flags;
	if ((int)a.ifa_index != c->index || a.ifa_scope != RT_SCOPE_UNIVERSE)
		return 0;
	struct address *to = ARENA_NEW(c->arena, struct address);
	if (!to)
		return -ENOMEM;
	a.ifa_flags = 0;
	rtnl_begin(&to->add, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &a, sizeof a);
	size_t left = IFA_PAYLOAD(h);
	int r = 0;
	for (const struct rtattr *t = IFA_RTA(NLMSG_DATA(h)); r == 0 && RTA_OK(t, left);
		t = RTA_NEXT(t, left)) {
		if (t->rta_type == IFA_FLAGS && RTA_PAYLOAD(t) == sizeof flags)
			memcpy(&flags, RTA_DATA(t), sizeof flags);
		else if (t->rta_type != IFA_CACHEINFO && t->rta_type != IFA_LABEL)
			r = rtnl_add(&to->add, t->rta_type, RTA_DATA(t), RTA_PAYLOAD(t));
	}
	if (r < 0 || !(flags & IFA_F_PERMANENT))
		return r;
	flags &= IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR;
	r = rtnl_add(&to->add, IFA_FLAGS, &flags, sizeof flags);
	*c->device->last = to;
	c->device->last = &to->next;
	return r;
}

static int read_addresses(struct actor_context *ctx, struct moved_device *m, int fd, int index)
{
	const struct collecting c = { ctx->host->arena, m, index };
	int r;
	for (int tries = 0; tries < 10; tries++) {
		m->addresses = NULL;
		m->last = &m->addresses;
		r = rtnl_addresses(fd, collect_address, (void *)&c);
		if (r != -EAGAIN)
			break;
	}
	return r < 0 ? act_failed(ctx, "RTM_GETADDR", r) : 0;
}

static int add_addresses(const struct moved_device *m, int fd, int index)
{
	int r = 0;
	for (struct address *a = m->addresses; a && r == 0; a = a->next) {
		struct ifaddrmsg *body = NLMSG_DATA(&a->add.head);
		body->ifa_index = (unsigned)index;
		r = rtnl_ask(fd, &a->add);
	}
	return r;
}

/* What of these is not NULL or -1 or 0 changes. */
static int set_link(int fd, int index, const char *name, int netns_fd, unsigned flags)
{
	struct rtnl_message m;
	const struct ifinfomsg link = {
		.ifi_index = index, .ifi_flags = flags, .ifi_change = flags
	};
	rtnl_begin(&m, RTM_SETLINK, 0, &link, sizeof link);
	int r = name ? rtnl_add(&m, IFLA_IFNAME, name, strlen(name) + 1) : 0;
	if (r == 0 && netns_fd >= 0)
		r = rtnl_add(&m, IFLA_NET_NS_FD, &netns_fd, sizeof netns_fd);
	return r < 0 ? r : rtnl_ask(fd, &m);
}

static int open_own(struct actor_context *ctx)
{
	int fd = openat(ctx->slots[SLOT_PROC], "self/ns/net", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? act_failed(ctx, "open", -errno) : fd;
}

static int open_theirs(struct actor_context *ctx, const struct step *step)
{
	char path[64];
	int slot = step->u.net_device.netns_slot;
	snprintf(path, sizeof path, "%d/ns/net", ctx->init_pid);
	int fd = slot >= 0 ? fcntl(ctx->slots[slot], F_DUPFD_CLOEXEC, 3)
			   : openat(ctx->slots[SLOT_PROC], path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? act_failed(ctx, "open", -errno) : fd;
}

/* A socket belongs to the namespace that it was made in, whoever uses it. */
static int socket_in(struct actor_context *ctx, int netns_fd)
{
	AUTO_CLOSE int own = open_own(ctx);
	if (own < 0)
		return own;
	struct stat a, b;
	if (fstat(own, &a) < 0 || fstat(netns_fd, &b) < 0)
		return act_failed(ctx, "fstat", -errno);
	if (a.st_ino == b.st_ino && a.st_dev == b.st_dev)
		return error_set(&ctx->error, ERROR_CONFIG, EINVAL,
			"the container's network namespace is the host's: there is nothing to "
			"move");
	int r = sys_setns(netns_fd, CLONE_NEWNET);
	if (r < 0)
		return act_failed(ctx, "setns", r);
	AUTO_CLOSE int fd = rtnl_open();
	r = sys_setns(own, CLONE_NEWNET);
	if (r < 0 || fd < 0)
		return act_failed(ctx, r < 0 ? "setns" : "socket", r < 0 ? r : fd);
	return TAKE_FD(fd);
}

/* Restore into a namespace that was never left: the device is where the checkpoint found it. */
static bool is_there_already(const struct step *step, int host, int inside)
{
	return step->u.net_device.may_be_there &&
	       rtnl_link_index(host, step->u.net_device.name) == -ENODEV &&
	       rtnl_link_index(inside, step->u.net_device.new_name) >= 0;
}

/* spec: a name that exists is an error, before anything is moved; "%d" lets the kernel choose. */
static int check_names(struct actor_context *ctx, const struct step *step, int host, int inside)
{
	const char *name = step->u.net_device.name, *to = step->u.net_device.new_name;
	int index = rtnl_link_index(host, name);
	if (index == -ENODEV)
		return error_set(&ctx->error, ERROR_SYSTEM, ENODEV,
			"the host has no network device %s", name);
	if (index < 0)
		return act_failed(ctx, "ioctl(SIOCGIFINDEX)", index);
	if (!strstr(to, "%d") && rtnl_link_index(inside, to) >= 0)
		return error_set(&ctx->error, ERROR_SYSTEM, EEXIST,
			"move the network device %s: the container's network namespace has a "
			"device %s already",
			name, to);
	return index;
}

static int move(struct actor_context *ctx, struct moved_device *m, int host, int inside, int index)
{
	char aside[IFNAMSIZ];
	snprintf(aside, sizeof aside, "rt%d", index);
	int r = set_link(host, index, aside, m->netns_fd, 0);
	if (r == -EINVAL)
		return error_set(&ctx->error, ERROR_SYSTEM, EINVAL,
			"move the network device %s: the kernel does not let it leave its network "
			"namespace",
			m->step->u.net_device.name);
	if (r < 0)
		return act_failed(ctx, "RTM_SETLINK (move)", r);
	r = rtnl_link_index(inside, aside);
	if (r < 0)
		return act_failed(ctx, "ioctl(SIOCGIFINDEX)", r);
	m->index = r;
	r = set_link(inside, m->index, m->step->u.net_device.new_name, -1, 0);
	return r < 0 ? act_failed(ctx, "RTM_SETLINK (rename)", r) : 0;
}

/* Needs: init is in its network namespace, and waits. After: the device is there, and up. */
int act_net_device(struct actor_context *ctx, const struct step *step)
{
	struct moved_device *m = ARENA_NEW(ctx->host->arena, struct moved_device);
	if (!m)
		return -ENOMEM;
	m->step = step;
	m->netns_fd = open_theirs(ctx, step);
	if (m->netns_fd < 0)
		return m->netns_fd;
	m->next = ctx->host->moved;
	ctx->host->moved = m;
	AUTO_CLOSE int inside = socket_in(ctx, m->netns_fd);
	if (inside < 0)
		return inside;
	AUTO_CLOSE int host = rtnl_open();
	if (host < 0)
		return act_failed(ctx, "socket", host);
	if (is_there_already(step, host, inside))
		return 0;
	int index = check_names(ctx, step, host, inside);
	if (index < 0)
		return index;
	int flags = rtnl_link_flags(host, step->u.net_device.name);
	m->was_up = flags >= 0 && flags & IFF_UP;
	int r = read_addresses(ctx, m, host, index);
	if (r == 0)
		r = move(ctx, m, host, inside, index);
	if (r < 0)
		return r;
	r = add_addresses(m, inside, m->index);
	if (r < 0)
		return act_failed(ctx, "RTM_NEWADDR", r);
	r = set_link(inside, m->index, NULL, -1, IFF_UP);
	return r < 0 ? act_failed(ctx, "RTM_SETLINK (up)", r) : 0;
}

/* The container never came to be: its devices are the host's again, as they were. */
void undo_net_device(struct actor_context *ctx, const struct step *step)
{
	struct actor_context quiet = *ctx; /* the first failure is the one to be told */
	struct moved_device *m = ctx->host->moved;
	while (m && m->step != step)
		m = m->next;
	if (!m || !m->index)
		return;
	AUTO_CLOSE int inside = socket_in(&quiet, m->netns_fd);
	AUTO_CLOSE int own = open_own(&quiet);
	AUTO_CLOSE int host = rtnl_open();
	if (inside < 0 || own < 0 || host < 0 ||
		set_link(inside, m->index, step->u.net_device.name, own, 0) < 0)
		return;
	int index = rtnl_link_index(host, step->u.net_device.name);
	add_addresses(m, host, index);
	if (m->was_up)
		set_link(host, index, NULL, -1, IFF_UP);
}

void net_devices_forget(struct host_context *h)
{
	for (struct moved_device *m = h->moved; m; m = m->next)
		close(m->netns_fd);
	h->moved = NULL;
}
