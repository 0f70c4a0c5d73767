/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device nodes: the default ones and linux.devices, made or bound from the host.
 * PURE. spec: config-linux.md#devices, #default-devices
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <linux/capability.h>

#include "plan/decide.h"

static const struct oci_device default_devices[] = {
	{ 'c', "/dev/null", { true, 1 }, { true, 3 } },
	{ 'c', "/dev/zero", { true, 1 }, { true, 5 } },
	{ 'c', "/dev/full", { true, 1 }, { true, 7 } },
	{ 'c', "/dev/random", { true, 1 }, { true, 8 } },
	{ 'c', "/dev/urandom", { true, 1 }, { true, 9 } },
	{ 'c', "/dev/tty", { true, 5 }, { true, 0 } },
};

static const struct oci_mount *mount_on(const struct decision *d, const char *destination)
{
	const struct oci_mount *found = NULL;
	for (size_t i = 0; i < d->config->mounts.n; i++) {
		const char *to = d->config->mounts.v[i].destination;
		size_t n = strlen(to);
		while (n > 1 && to[n - 1] == '/')
			n--;
		if (strlen(destination) == n && strncmp(to, destination, n) == 0)
			found = &d->config->mounts.v[i];
	}
	return found;
}

/* A bound /dev is somebody's own: nothing is made in it. */
static bool dev_is_bound(const struct decision *d)
{
	const struct oci_mount *dev = mount_on(d, "/dev");
	if (!dev)
		return false;
	for (size_t i = 0; i < dev->options.n; i++)
		if (!strcmp(dev->options.v[i], "bind") || !strcmp(dev->options.v[i], "rbind"))
			return true;
	return dev->type && !strcmp(dev->type, "bind");
}

static bool is_listed(const struct decision *d, const char *path)
{
	const struct oci_linux *l = decision_linux(d);
	bool skips = policy_of(d, PART_DEVICES) == POLICY_SKIP; /* the default ones stay */
	for (size_t i = 0; i < l->devices.n && !skips; i++)
		if (!strcmp(l->devices.v[i].path, path))
			return true;
	return mount_on(d, path) != NULL;
}

static mode_t type_bits(char type)
{
	return type == 'b' ? S_IFBLK : type == 'p' ? S_IFIFO : S_IFCHR;
}

/* mknod(2) of devices is for the initial user namespace alone; elsewhere the host's node is bound.
 */
static bool can_mknod(const struct decision *d)
{
	return d->ns.mode[OCI_NS_USER] == NS_KEEP && d->host->initial_userns &&
	       host_can(d->host, CAP_MKNOD);
}

static void add_device(struct decision *d, const struct oci_device *dev, const char *where,
	bool made, const char *source)
{
	struct step *s;
	if (made)
		s = plan_add(d, where, "make the node %s (%c %lld:%lld)", dev->path, dev->type,
			(long long)dev->major.v, (long long)dev->minor.v);
	else
		s = plan_add(d, where, "bind the host's %s%s%s", source,
			strcmp(source, dev->path) ? " on " : "",
			strcmp(source, dev->path) ? dev->path : "");
	if (!s)
		return;
	s->u.device = (struct device_step){
		.path = dev->path,
		.source = source,
		.mode = type_bits(dev->type) |
			(dev->file_mode.set ? dev->file_mode.v & 07777 : 0666),
		.dev = makedev((unsigned)dev->major.v, (unsigned)dev->minor.v),
		.uid = dev->uid.v,
		.gid = dev->gid.v,
		.set_mode = made,
	};
}

/* One of linux.devices. Bound, it may not be there, or be there by another name. */
static int add_listed(struct decision *d, size_t i, bool made, struct error *e)
{
	const struct oci_device *dev = &decision_linux(d)->devices.v[i];
	const char *where = plan_path(d, "linux.devices[%zu]", i);
	const char *source = d->host->device_sources ? d->host->device_sources[i] : dev->path;
	enum policy policy = policy_of(d, PART_DEVICES);
	if (policy == POLICY_SKIP) {
		plan_degraded(d, "%s: %s is left out", where, dev->path);
		return 0;
	}
	if (!made && !source && policy == POLICY_REQUIRE)
		return error_field(e, where,
			"this host has no device %s (%c %lld:%lld) to bind: load its module, or "
			"leave it out (--degrade=devices)",
			dev->path, dev->type, (long long)dev->major.v, (long long)dev->minor.v);
	if (!made && !source)
		plan_degraded(
			d, "%s: %s is left out: this host does not have it", where, dev->path);
	else
		add_device(d, dev, where, made, source);
	return 0;
}

static int decide_devices(struct decision *d, bool made, struct error *e)
{
	const struct oci_linux *l = decision_linux(d);
	bool bound_dev = dev_is_bound(d);
	bool has_root = has_root_mount(d);
	for (unsigned i = 0; i < sizeof default_devices / sizeof default_devices[0]; i++)
		if (can_mknod(d) == made && !bound_dev && has_root &&
			!is_listed(d, default_devices[i].path))
			add_device(d, &default_devices[i], NULL, made, default_devices[i].path);
	for (size_t i = 0; i < l->devices.n; i++) {
		const struct oci_device *dev = &l->devices.v[i];
		bool make = can_mknod(d) || dev->type == 'p';
		if (make != made || (bound_dev && !strncmp(dev->path, "/dev/", 5)))
			continue;
		if (!has_root)
			return error_needs_mount_namespace(d, "linux.devices", e);
		int r = add_listed(d, i, made, e);
		if (r < 0)
			return r;
	}
	return plan_status(d, e);
}

int decide_made_devices(struct decision *d, struct error *e)
{
	return decide_devices(d, true, e);
}

int decide_bound_devices(struct decision *d, struct error *e)
{
	return decide_devices(d, false, e);
}

/* spec: runtime-linux.md#dev-symbolic-links, config-linux.md#default-devices (ptmx) */
int decide_dev_links(struct decision *d, struct error *e)
{
	static const char *const links[][2] = { { "/dev/fd", "/proc/self/fd" },
		{ "/dev/stdin", "/proc/self/fd/0" }, { "/dev/stdout", "/proc/self/fd/1" },
		{ "/dev/stderr", "/proc/self/fd/2" }, { "/dev/ptmx", "pts/ptmx" } };
	if (dev_is_bound(d) || !has_root_mount(d))
		return 0;
	for (unsigned i = 0; i < sizeof links / sizeof links[0]; i++) {
		if (is_listed(d, links[i][0]))
			continue;
		struct step *s = plan_add(d, NULL, "link %s to %s", links[i][0], links[i][1]);
		if (s) {
			s->u.text.path = links[i][0];
			s->u.text.value = links[i][1];
		}
	}
	return plan_status(d, e);
}
