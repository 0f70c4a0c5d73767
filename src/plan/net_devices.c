/* SPDX-License-Identifier: Apache-2.0 */
/* Network devices of the host that the container gets.
 * PURE. spec: config-linux.md#network-devices */
#include <string.h>

#include <linux/capability.h>

#include "plan/decide.h"

int decide_net_devices(struct decision *d, struct error *e)
{
	const struct oci_linux *l = decision_linux(d);
	if (!l->net_devices.n)
		return 0;
	enum ns_mode mode = d->ns.mode[OCI_NS_NETWORK];
	if (mode == NS_KEEP)
		return error_field(
			e, "linux.netDevices", "needs a network namespace in linux.namespaces");
	if (!host_can(d->host, CAP_NET_ADMIN) || !host_can(d->host, CAP_SYS_ADMIN))
		return error_unsupported(e, "linux.netDevices",
			"moving a device of the host takes CAP_NET_ADMIN and CAP_SYS_ADMIN, which "
			"this process does not have");
	for (size_t i = 0; i < l->net_devices.n; i++) {
		const struct oci_net_device *n = &l->net_devices.v[i];
		const char *to = n->name ? n->name : n->host_name;
		bool renamed = strcmp(to, n->host_name) != 0;
		struct step *s = plan_add(d, plan_path(d, "linux.netDevices.%s", n->host_name),
			"move the network device %s into the container%s%s", n->host_name,
			renamed ? ", as " : "", renamed ? to : "");
		if (!s)
			break;
		s->u.net_device.name = n->host_name;
		s->u.net_device.new_name = to;
		s->u.net_device.netns_slot =
			mode == NS_JOIN ? (int)(SLOT_NAMESPACE + OCI_NS_NETWORK) : -1;
		s->u.net_device.may_be_there = mode == NS_JOIN && d->choices->verb == VERB_RESTORE;
	}
	return plan_status(d, e);
}
