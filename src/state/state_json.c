/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of state.json. Pure. */
#include "state/state_json.h"

#include <errno.h>

#include "libocispec/object.h"

/* Of the file's form. A reader refuses every other number: guessing at a state kills processes. */
enum { VERSION = 1 };

struct saved_state {
	uint32_t version;
	struct container container;
};

static const struct name_value cgroup_manager_values[] = {
	{ "cgroupfs", CGROUP_MANAGER_CGROUPFS },
	{ "systemd", CGROUP_MANAGER_SYSTEMD },
	{ "disabled", CGROUP_MANAGER_DISABLED },
};
static NAMES(cgroup_manager, "cgroup manager");

#define SELF struct cgroup_location
static const struct field cgroup_location_fields[] = {
	ROW_ENUM("manager", manager, cgroup_manager, REQUIRED),
	ROW_STRING_LIST("created", created, OPTIONAL),
	ROW_STRING("unified", unified, OPTIONAL),
	ROW_STRING_LIST("v1", v1, OPTIONAL),
	ROW_STRING("systemdScope", systemd_scope, OPTIONAL),
	ROW_STRING("systemdDescription", systemd_description, OPTIONAL),
	ROW_BOOL("systemdUser", systemd_user, OPTIONAL),
};
static OBJECT(cgroup_location);
#undef SELF

#define SELF struct resctrl_group
static const struct field resctrl_group_fields[] = {
	ROW_STRING("path", path, REQUIRED),
	ROW_STRING("monitor", monitor, OPTIONAL),
	ROW_BOOL("created", created, REQUIRED),
};
static OBJECT(resctrl_group);
#undef SELF

#define SELF struct container
static const struct field container_fields[] = {
	ROW_STRING("id", id, REQUIRED),
	ROW_STRING("bundle", bundle, REQUIRED),
	ROW_STRING("rootfs", rootfs, OPTIONAL),
	ROW_STRING("created", created, REQUIRED),
	ROW_U32("ownerUid", owner_uid, REQUIRED),
	ROW_I64("pid", pid, REQUIRED),
	ROW_U64("startTime", start_time, REQUIRED),
	ROW_BOOL("ownPidNamespace", own_pid_namespace, REQUIRED),
	ROW_U64("rootMountId", root_mount_id, OPTIONAL),
	ROW_U64("rootMountUniqueId", root_mount_unique, OPTIONAL),
	ROW_INLINE("cgroup", cgroup, cgroup_location, REQUIRED),
	ROW_OBJECT("resctrl", resctrl, resctrl_group, OPTIONAL),
	ROW_STRING_MAP("annotations", annotations, OPTIONAL),
	ROW_STRING("degrade", degrade, OPTIONAL),
	ROW_STRING_LIST("emulated", emulated, OPTIONAL),
	ROW_STRING_LIST("degraded", degraded, OPTIONAL),
};
static OBJECT(container);
#undef SELF

#define SELF struct saved_state
static const struct field saved_state_fields[] = {
	ROW_U32("version", version, REQUIRED),
	ROW_INLINE("container", container, container, REQUIRED),
};
static OBJECT(saved_state);
#undef SELF

int state_encode(const struct container *c, struct arena *arena, char **ret_text, size_t *ret_len,
	struct error *e)
{
	const struct saved_state saved = { VERSION, *c };
	return object_encode(&saved_state_object, &saved, false, arena, ret_text, ret_len, e);
}

int state_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct container *ret, struct error *e)
{
	struct saved_state *saved;
	int r = object_decode(&saved_state_object, text, len, file, arena, &saved, e);
	if (r < 0)
		return r;
	if (saved->version != VERSION)
		return error_field(e, "version", "expected %d, found %u: from another oci-rt",
			VERSION, saved->version);
	*ret = saved->container;
	return 0;
}
