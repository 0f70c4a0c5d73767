/* SPDX-License-Identifier: Apache-2.0 */
/* Why newuidmap and newgidmap map nothing. PURE. newuidmap(1) */
#include "cause/cause.h"

#include <string.h>

static struct cause no_range(struct arena *a, const struct subid_facts *ids)
{
	uint32_t first = ids->first_free < 100000 ? 100000 : ids->first_free;
	return (struct cause){ arena_printf(a, "%s has no range in %s", ids->user, ids->file),
		arena_printf(a, "as root: usermod %s %u-%u %s", ids->option, first, first + 65535,
			ids->user) };
}

struct cause cause_of_helper(struct arena *a, const struct process_facts *p,
	const struct helper_facts *h, const struct subid_facts *ids)
{
	if (!h->path)
		return (struct cause){ arena_printf(a, "%s is not installed", h->name),
			"as root: apt-get install uidmap (elsewhere shadow-utils)" };
	if (p->no_new_privs)
		return (struct cause){
			arena_printf(a, "no_new_privs is set here, so %s gets no rights", h->path),
			"start this process without it: NoNewPrivileges=no of its service, "
			"allowPrivilegeEscalation: true of its pod"
		};
	if (h->on_nosuid)
		return (struct cause){ arena_printf(a, "%s lies on a mount with nosuid", h->path),
			arena_printf(a, "as root: mount -o remount,bind,suid %s",
				h->mount ? h->mount : "/") };
	if (!h->is_setuid_root && !h->has_file_caps)
		return (struct cause){
			arena_printf(a, "%s is neither setuid root nor has it file capabilities",
				h->path),
			arena_printf(a, "as root: chown root %s && chmod u+s %s", h->path, h->path)
		};
	return ids->n_ranges == 0 ? no_range(a, ids) : (struct cause){ 0 };
}
