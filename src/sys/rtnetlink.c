/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to rtnetlink, one at a time. HOST only; no allocation. */
#include "sys/rtnetlink.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void rtnl_begin(struct rtnl_message *m, unsigned short type, unsigned short flags, const void *body,
	size_t n)
{
	memset(m, 0, sizeof *m);
	m->head.nlmsg_len = (uint32_t)NLMSG_LENGTH(n);
	m->head.nlmsg_type = type;
	m->head.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | flags);
	memcpy(NLMSG_DATA(&m->head), body, n);
}

int rtnl_add(struct rtnl_message *m, unsigned short attribute, const void *data, size_t n)
{
	size_t at = NLMSG_ALIGN(m->head.nlmsg_len);
	struct rtattr a = { (unsigned short)RTA_LENGTH(n), attribute };
	if (n > sizeof m->bytes || at + RTA_SPACE(n) > sizeof m->bytes)
		return -EMSGSIZE;
	memcpy(m->bytes + at, &a, sizeof a);
	memcpy(m->bytes + at + RTA_LENGTH(0), data, n);
	m->head.nlmsg_len = (uint32_t)(at + RTA_LENGTH(n));
	return 0;
}

int rtnl_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	return fd < 0 ? -errno : fd;
}

static int send_all(int fd, const struct rtnl_message *m)
{
	ssize_t n;
	do
		n = send(fd, m->bytes, m->head.nlmsg_len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

union answer {
	struct nlmsghdr head;
	char bytes[32768]; /* the kernel makes none larger, netlink(7) */
};

static ssize_t receive(int fd, union answer *a)
{
	ssize_t n;
	do
		n = recv(fd, a->bytes, sizeof a->bytes, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int error_of(const struct nlmsghdr *h)
{
	struct nlmsgerr err;
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof err))
		return -EPROTO;
	memcpy(&err, NLMSG_DATA(h), sizeof err);
	return err.error;
}

int rtnl_ask(int fd, struct rtnl_message *m)
{
	static union answer a;
	m->head.nlmsg_flags |= NLM_F_ACK;
	int r = send_all(fd, m);
	ssize_t n = r < 0 ? r : receive(fd, &a);
	if (n < 0)
		return (int)n;
	return NLMSG_OK(&a.head, (size_t)n) && a.head.nlmsg_type == NLMSG_ERROR ? error_of(&a.head)
										: -EPROTO;
}

int rtnl_addresses(int fd, rtnl_each *each, void *context)
{
	static union answer a;
	struct rtnl_message m;
	const struct ifaddrmsg all = { .ifa_family = AF_UNSPEC };
	bool changed = false;
	rtnl_begin(&m, RTM_GETADDR, NLM_F_DUMP, &all, sizeof all);
	int r = send_all(fd, &m);
	while (r == 0) {
		ssize_t n = receive(fd, &a);
		if (n < 0)
			return (int)n;
		size_t left = (size_t)n;
		for (struct nlmsghdr *h = &a.head; r == 0 && NLMSG_OK(h, left);
			h = NLMSG_NEXT(h, left)) {
			changed |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			if (h->nlmsg_type == NLMSG_DONE)
				return changed ? -EAGAIN : 0;
			if (h->nlmsg_type == NLMSG_ERROR)
				return error_of(h);
			if (h->nlmsg_type == RTM_NEWADDR)
				r = each(context, h);
		}
	}
	return r;
}

static int ask_ioctl(int fd, unsigned long request, const char *name, struct ifreq *ret)
{
	memset(ret, 0, sizeof *ret);
	size_t n = strlen(name);
	if (n >= sizeof ret->ifr_name)
		return -ENODEV;
	memcpy(ret->ifr_name, name, n);
	return ioctl(fd, request, ret) < 0 ? -errno : 0;
}

int rtnl_link_index(int fd, const char *name)
{
	struct ifreq answer;
	int r = ask_ioctl(fd, SIOCGIFINDEX, name, &answer);
	return r < 0 ? r : answer.ifr_ifindex;
}

int rtnl_link_flags(int fd, const char *name)
{
	struct ifreq answer;
	int r = ask_ioctl(fd, SIOCGIFFLAGS, name, &answer);
	return r < 0 ? r : (unsigned short)answer.ifr_flags;
}
