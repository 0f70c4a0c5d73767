/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's root: propagation, the detached copy that becomes it, the change of root.
 * PURE. spec: config.md#root, config-linux.md#rootfs-mount-propagation
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "plan/decide.h"

static const struct {
	uint64_t flag;
	bool recursive;
	const char *name;
} propagations[OCI_PROPAGATION_COUNT] = {
	[OCI_PROPAGATION_UNSET] = { MS_SLAVE, true, "slave" },
	[OCI_PROPAGATION_SHARED] = { MS_SHARED, false, "shared" },
	[OCI_PROPAGATION_SLAVE] = { MS_SLAVE, false, "slave" },
	[OCI_PROPAGATION_PRIVATE] = { MS_PRIVATE, false, "private" },
	[OCI_PROPAGATION_UNBINDABLE] = { MS_UNBINDABLE, false, "unbindable" },
	[OCI_PROPAGATION_RSHARED] = { MS_SHARED, true, "shared" },
	[OCI_PROPAGATION_RSLAVE] = { MS_SLAVE, true, "slave" },
	[OCI_PROPAGATION_RPRIVATE] = { MS_PRIVATE, true, "private" },
	[OCI_PROPAGATION_RUNBINDABLE] = { MS_UNBINDABLE, true, "unbindable" },
};

bool has_mount_namespace(const struct decision *d)
{
	return d->ns.mode[OCI_NS_MOUNT] != NS_KEEP;
}

/*
 * Without a mount namespace there is a mount of the container's own only where it is needed: it is
 * the host that sees it. A user namespace has no rights over the host's mounts.
 */
static bool has_shared_root(const struct decision *d)
{
	return !enters_container(d) && !has_mount_namespace(d) &&
	       d->ns.mode[OCI_NS_USER] == NS_KEEP &&
	       (d->config->mounts.n || d->config->root->readonly || decision_linux(d)->devices.n);
}

bool has_root_mount(const struct decision *d)
{
	return has_mount_namespace(d) || has_shared_root(d);
}

int error_needs_mount_namespace(const struct decision *d, const char *path, struct error *e)
{
	return error_field(e, path,
		"needs a mount namespace in linux.namespaces: the user namespace there has no "
		"rights over the host's mounts");
}

int decide_shared_root(struct decision *d, struct error *e)
{
	if (has_shared_root(d))
		plan_add(d, "root.path",
			"mount a private copy of %s on itself, in the host's mount namespace",
			d->choices->rootfs);
	return plan_status(d, e);
}

bool root_is_shared(const struct decision *d)
{
	return propagations[decision_linux(d)->rootfs_propagation].flag == MS_SHARED;
}

/*
 * Before anything is mounted, nothing of ours may reach the host: the whole tree becomes slave (or
 * private). With `shared` it stays as it is, for mounts that are to reach the host; then only the
 * mount that holds the rootfs is made private.
 */
int decide_root_propagation(struct decision *d, struct error *e)
{
	enum oci_propagation p = decision_linux(d)->rootfs_propagation;
	const char *path = p ? "linux.rootfsPropagation" : NULL;
	if (!has_mount_namespace(d)) {
		if (p)
			return error_field(e, path, "needs a mount namespace in linux.namespaces");
		return 0;
	}
	uint64_t flag = propagations[p].flag;
	if (flag == MS_UNBINDABLE) /* an unbindable host tree could not be cloned */
		flag = MS_PRIVATE;
	struct step *s;
	if (flag == MS_SHARED)
		s = plan_add(d, path, "keep the host's mounts shared, the rootfs's parent private");
	else
		s = plan_add(d, path, "make all mounts %s",
			flag == MS_SLAVE ? "slaves of the host's" : "private");
	if (s) {
		s->u.propagation.propagation = flag;
		s->u.propagation.recursive = true;
	}
	return plan_status(d, e);
}

int decide_root(struct decision *d, struct error *e)
{
	struct step *s;
	if (has_mount_namespace(d))
		s = plan_add(d, "root.path", "mount a copy of %s as the root", d->choices->rootfs);
	else
		s = plan_add(d, "root.path", "open the root %s", d->choices->rootfs);
	if (s) {
		s->u.mount.source = d->choices->rootfs;
		s->u.mount.kind = MOUNT_BIND;
		s->u.mount.recursive = has_mount_namespace(d);
		/* a joined mount namespace has put us in its root: the path is looked up again */
		s->u.mount.source_slot = d->ns.mode[OCI_NS_MOUNT] == NS_JOIN ? -1 : 0;
	}
	return plan_status(d, e);
}

int decide_change_root(struct decision *d, struct error *e)
{
	struct step *s;
	if (!has_mount_namespace(d))
		s = plan_add(d, "root.path", "change the root by chroot");
	else if (d->choices->no_pivot)
		s = plan_add(d, "root.path", "move the root over / (--no-pivot)");
	else
		s = plan_add(d, "root.path", "change the root by pivot_root");
	if (s)
		s->u.number = !has_mount_namespace(d) ? ROOT_BY_CHROOT
			      : d->choices->no_pivot  ? ROOT_BY_MOVE
						      : ROOT_BY_PIVOT;
	return plan_status(d, e);
}

int decide_root_readonly(struct decision *d, struct error *e)
{
	if (d->config->root->readonly) {
		if (!has_root_mount(d))
			return error_needs_mount_namespace(d, "root.readonly", e);
		plan_add(d, "root.readonly", "make the root read-only");
	}
	return plan_status(d, e);
}

/* The root's own propagation, once nothing more is mounted from here. */
int decide_final_propagation(struct decision *d, struct error *e)
{
	enum oci_propagation p = decision_linux(d)->rootfs_propagation;
	uint64_t flag = propagations[p].flag;
	if (p == OCI_PROPAGATION_UNSET || !has_mount_namespace(d) || flag == MS_SLAVE)
		return 0; /* the copy of a slave is one */
	struct step *s = plan_add(d, "linux.rootfsPropagation", "make the root %s%s",
		propagations[p].name, propagations[p].recursive ? ", recursively" : "");
	if (s) {
		s->u.propagation.propagation = flag;
		s->u.propagation.recursive = propagations[p].recursive;
	}
	return plan_status(d, e);
}
