/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which namespaces are new, joined or kept, who has to enter them, and the two forks.
 * PURE. spec: config-linux.md#namespaces
 */
#include <errno.h>
#include <sched.h>

#include <linux/capability.h>

#include "plan/decide.h"
#include "plan/namespace_types.h"

static const struct oci_namespace *find(const struct oci_linux *l, enum oci_namespace_type type)
{
	for (size_t i = 0; i < l->namespaces.n; i++)
		if (l->namespaces.v[i].type == type)
			return &l->namespaces.v[i];
	return NULL;
}

/*
 * One clone3 enters all new namespaces at once. A second process has to stand between only where
 * the kernel asks for one:
 *  - a joined PID namespace holds only for children (pid_namespaces(7));
 *  - a joined user namespace must own the new namespaces, so it is entered before they are made;
 *  - clock offsets can be written only before anybody is in the time namespace;
 *  - namespaces that belong to the host have to be joined with the host's privileges, before a new
 *    user namespace takes those away.
 */
static bool needs_stager(const struct namespace_decision *ns, bool time_offsets)
{
	if (time_offsets)
		return true;
	bool joins_other = false;
	for (int t = 0; t < OCI_NS_COUNT; t++)
		joins_other |= t != OCI_NS_USER && ns->mode[t] == NS_JOIN;
	return ns->mode[OCI_NS_PID] == NS_JOIN || ns->mode[OCI_NS_USER] == NS_JOIN ||
	       (ns->mode[OCI_NS_USER] == NS_NEW && joins_other);
}

int derive_namespaces(struct decision *d, struct error *e)
{
	const struct oci_linux *l = decision_linux(d);
	struct namespace_decision *ns = &d->ns;
	for (int t = 0; t < OCI_NS_COUNT; t++) {
		const struct oci_namespace *n = find(l, (enum oci_namespace_type)t);
		ns->mode[t] = !n ? NS_KEEP : n->path ? NS_JOIN : NS_NEW;
		ns->path[t] = n ? n->path : NULL;
	}
	ns->stager = needs_stager(ns, l->time_offsets != NULL);
	if (!host_can(d->host, CAP_SYS_ADMIN) && ns->mode[OCI_NS_USER] == NS_KEEP)
		return error_field(e, "linux.namespaces",
			"running without CAP_SYS_ADMIN needs a user namespace in this list; "
			"`oci-rt spec --rootless` writes a config that has one, and without "
			"--idmap=none one is added");
	if (l->time_offsets && ns->mode[OCI_NS_TIME] != NS_NEW)
		return error_field(
			e, "linux.timeOffsets", "needs a new time namespace in linux.namespaces");
	if (d->config->hostname && ns->mode[OCI_NS_UTS] == NS_KEEP)
		return error_field(e, "hostname",
			"needs a uts namespace in linux.namespaces, or the host itself would be "
			"renamed");
	if (d->config->domainname && ns->mode[OCI_NS_UTS] == NS_KEEP)
		return error_field(e, "domainname",
			"needs a uts namespace in linux.namespaces, or the host itself would be "
			"renamed");
	return 0;
}

int derive_exec_namespaces(struct decision *d, struct error *e)
{
	for (int t = 0; t < OCI_NS_COUNT; t++)
		d->ns.mode[t] =
			d->choices->join_namespaces & namespace_types[t].flag ? NS_JOIN : NS_KEEP;
	d->ns.stager = true;
	return 0;
}

static const char *ns_json_path(struct decision *d, int type)
{
	const struct oci_linux *l = decision_linux(d);
	for (size_t i = 0; i < l->namespaces.n; i++)
		if ((int)l->namespaces.v[i].type == type)
			return plan_path(d, "linux.namespaces[%zu]", i);
	return NULL;
}

/* HOST opens the paths: they are the host's, and INIT may have lost sight of them. */
int decide_open_namespaces(struct decision *d, struct error *e)
{
	for (int t = 0; t < OCI_NS_COUNT; t++) {
		if (d->ns.mode[t] != NS_JOIN)
			continue;
		struct step *s = plan_add(d, ns_json_path(d, t), "open the %s namespace %s",
			namespace_types[t].name, d->ns.path[t]);
		if (!s)
			break;
		s->u.ns.slot = SLOT_NAMESPACE + t;
		s->u.ns.flag = namespace_types[t].flag;
		s->u.ns.path = d->ns.path[t];
	}
	return plan_status(d, e);
}

/*
 * The user namespace comes first where we have no rights of our own: it gives those to enter what
 * it owns. With rights it comes last, because it takes those over what it does not own, such as the
 * time namespace of a container that has offsets.
 */
static const enum oci_namespace_type join_order[] = { OCI_NS_USER, OCI_NS_PID, OCI_NS_NETWORK,
	OCI_NS_IPC, OCI_NS_UTS, OCI_NS_CGROUP, OCI_NS_TIME, OCI_NS_MOUNT, OCI_NS_USER };

static int add_joins(struct decision *d, struct error *e)
{
	unsigned n = sizeof join_order / sizeof join_order[0];
	bool user_last = host_can(d->host, CAP_SYS_ADMIN);
	for (unsigned i = user_last ? 1 : 0; i < (user_last ? n : n - 1); i++) {
		int t = join_order[i];
		if (d->ns.mode[t] != NS_JOIN)
			continue;
		struct step *s = plan_add(d, ns_json_path(d, t), "join the %s namespace %s",
			namespace_types[t].name, d->ns.path[t]);
		if (!s)
			break;
		s->u.ns.slot = SLOT_NAMESPACE + t;
		s->u.ns.flag = namespace_types[t].flag;
	}
	return plan_status(d, e);
}

int decide_stager_joins(struct decision *d, struct error *e)
{
	return d->ns.stager ? add_joins(d, e) : 0;
}

int decide_init_joins(struct decision *d, struct error *e)
{
	return d->ns.stager ? 0 : add_joins(d, e);
}

int decide_stager(struct decision *d, struct error *e)
{
	if (d->ns.stager)
		plan_add(d, NULL, "fork a stager, which enters namespaces for init");
	return plan_status(d, e);
}

static uint64_t new_namespaces(const struct decision *d)
{
	uint64_t flags = 0;
	for (int t = 0; t < OCI_NS_COUNT; t++)
		/* the cgroup namespace's root is where its maker stands: init makes it once
		 * it is in its cgroup */
		if (d->ns.mode[t] == NS_NEW && t != OCI_NS_CGROUP &&
			!(t == OCI_NS_TIME && decision_linux(d)->time_offsets))
			flags |= (uint64_t)namespace_types[t].flag;
	return flags;
}

static const char *type_names(struct decision *d, uint64_t flags)
{
	const char *names = "";
	for (int t = 0; t < OCI_NS_COUNT; t++)
		if (flags & (uint64_t)namespace_types[t].flag)
			names = plan_path(
				d, "%s%s%s", names, *names ? ", " : "", namespace_types[t].name);
	return names;
}

static int add_spawn(struct decision *d, struct error *e)
{
	uint64_t flags = new_namespaces(d);
	bool into = d->cgroup_by_clone;
	struct step *s = plan_add(d, flags ? "linux.namespaces" : NULL, "fork init%s%s%s",
		flags ? " into new namespaces: " : "", type_names(d, flags),
		into ? ", in its cgroup" : "");
	if (s) {
		s->u.spawn.flags = flags;
		s->u.spawn.into_cgroup = into;
	}
	return plan_status(d, e);
}

int decide_host_spawn(struct decision *d, struct error *e)
{
	return d->ns.stager ? 0 : add_spawn(d, e);
}

int decide_stager_spawn(struct decision *d, struct error *e)
{
	return d->ns.stager ? add_spawn(d, e) : 0;
}

int decide_receive_init(struct decision *d, struct error *e)
{
	if (d->ns.stager)
		plan_add(d, NULL, "learn init's pid from the stager");
	return plan_status(d, e);
}

/* Others' processes may be there. */
static bool joins_processes(const struct decision *d)
{
	return enters_container(d) || d->ns.mode[OCI_NS_PID] == NS_JOIN ||
	       d->ns.mode[OCI_NS_USER] == NS_JOIN;
}

/* Before anything of another container can look at us: CVE-2016-9962. */
int decide_undumpable(struct decision *d, struct error *e)
{
	if (joins_processes(d))
		plan_add(d, NULL, "become undumpable before entering others' namespaces");
	return plan_status(d, e);
}

/*
 * From the next rows on INIT has no more rights than another container's process may have, which
 * sees it where that one is in the host's PID namespace. In a user namespace of its own there is
 * nobody else yet; and whoever has made that is not shut out: he may have a network to set up.
 */
int decide_undumpable_init(struct decision *d, struct error *e)
{
	if (d->process && d->ns.mode[OCI_NS_USER] != NS_NEW && !joins_processes(d))
		plan_add(d, NULL, "become undumpable before giving up rights");
	return plan_status(d, e);
}

int decide_cgroup_namespace(struct decision *d, struct error *e)
{
	if (d->ns.mode[OCI_NS_CGROUP] == NS_NEW) {
		struct step *s =
			plan_add(d, ns_json_path(d, OCI_NS_CGROUP), "make a cgroup namespace");
		if (s)
			s->u.ns.flag = CLONE_NEWCGROUP;
	}
	return plan_status(d, e);
}

int decide_hostname(struct decision *d, struct error *e)
{
	struct step *s;
	if (d->config->hostname) {
		s = plan_add(d, "hostname", "set the host name %s", d->config->hostname);
		if (s)
			s->u.text.value = d->config->hostname;
	}
	return plan_status(d, e);
}

int decide_domainname(struct decision *d, struct error *e)
{
	struct step *s;
	if (d->config->domainname) {
		s = plan_add(d, "domainname", "set the NIS domain name %s", d->config->domainname);
		if (s)
			s->u.text.value = d->config->domainname;
	}
	return plan_status(d, e);
}

/* A container expects a loopback device that is up; with a joined namespace its owner decides. */
int decide_loopback(struct decision *d, struct error *e)
{
	if (d->ns.mode[OCI_NS_NETWORK] == NS_NEW)
		plan_add(d, ns_json_path(d, OCI_NS_NETWORK), "bring lo up");
	return plan_status(d, e);
}
