/* SPDX-License-Identifier: Apache-2.0 */
/* The features document: its rows, and the part of it that follows from the other tables. Pure. */
#include "libocispec/features.h"

#include <errno.h>

#include "libocispec/runtime/mount_options.h"
#include "libocispec/runtime/tables.h"

#define SELF struct oci_features_enabled
static const struct field oci_features_enabled_fields[] = {
	ROW_OPT_BOOL("enabled", enabled, OPTIONAL),
};
static OBJECT(oci_features_enabled);
#undef SELF

#define SELF struct oci_features_cgroup
static const struct field oci_features_cgroup_fields[] = {
	ROW_OPT_BOOL("v1", v1, OPTIONAL),
	ROW_OPT_BOOL("v2", v2, OPTIONAL),
	ROW_OPT_BOOL("systemd", systemd, OPTIONAL),
	ROW_OPT_BOOL("systemdUser", systemd_user, OPTIONAL),
	ROW_OPT_BOOL("rdma", rdma, OPTIONAL),
};
static OBJECT(oci_features_cgroup);
#undef SELF

#define SELF struct oci_features_seccomp
static const struct field oci_features_seccomp_fields[] = {
	ROW_OPT_BOOL("enabled", enabled, OPTIONAL),
	ROW_STRING_LIST("actions", actions, OPTIONAL),
	ROW_STRING_LIST("operators", operators, OPTIONAL),
	ROW_STRING_LIST("archs", archs, OPTIONAL),
	ROW_STRING_LIST("knownFlags", known_flags, OPTIONAL),
	ROW_STRING_LIST("supportedFlags", supported_flags, OPTIONAL),
};
static OBJECT(oci_features_seccomp);
#undef SELF

#define SELF struct oci_features_intel_rdt
static const struct field oci_features_intel_rdt_fields[] = {
	ROW_OPT_BOOL("enabled", enabled, OPTIONAL),
	ROW_OPT_BOOL("schemata", schemata, OPTIONAL),
	ROW_OPT_BOOL("monitoring", monitoring, OPTIONAL),
};
static OBJECT(oci_features_intel_rdt);
#undef SELF

#define SELF struct oci_features_memory_policy
static const struct field oci_features_memory_policy_fields[] = {
	ROW_STRING_LIST("modes", modes, OPTIONAL),
	ROW_STRING_LIST("flags", flags, OPTIONAL),
};
static OBJECT(oci_features_memory_policy);
#undef SELF

#define SELF struct oci_features_mount_extensions
static const struct field oci_features_mount_extensions_fields[] = {
	ROW_OBJECT("idmap", idmap, oci_features_enabled, OPTIONAL),
};
static OBJECT(oci_features_mount_extensions);
#undef SELF

#define SELF struct oci_features_linux
static const struct field oci_features_linux_fields[] = {
	ROW_STRING_LIST("namespaces", namespaces, OPTIONAL),
	ROW_STRING_LIST("capabilities", capabilities, OPTIONAL),
	ROW_OBJECT("cgroup", cgroup, oci_features_cgroup, OPTIONAL),
	ROW_OBJECT("seccomp", seccomp, oci_features_seccomp, OPTIONAL),
	ROW_OBJECT("apparmor", apparmor, oci_features_enabled, OPTIONAL),
	ROW_OBJECT("selinux", selinux, oci_features_enabled, OPTIONAL),
	ROW_OBJECT("intelRdt", intel_rdt, oci_features_intel_rdt, OPTIONAL),
	ROW_OBJECT("memoryPolicy", memory_policy, oci_features_memory_policy, OPTIONAL),
	ROW_OBJECT("mountExtensions", mount_extensions, oci_features_mount_extensions, OPTIONAL),
	ROW_OBJECT("netDevices", net_devices, oci_features_enabled, OPTIONAL),
};
static OBJECT(oci_features_linux);
#undef SELF

#define SELF struct oci_features
static const struct field oci_features_fields[] = {
	ROW_STRING("ociVersionMin", oci_version_min, REQUIRED),
	ROW_STRING("ociVersionMax", oci_version_max, REQUIRED),
	ROW_STRING_LIST("hooks", hooks, OPTIONAL),
	ROW_STRING_LIST("mountOptions", mount_options, OPTIONAL),
	ROW_OBJECT("linux", linux_, oci_features_linux, OPTIONAL),
	ROW_STRING_MAP("annotations", annotations, OPTIONAL),
	ROW_STRING_LIST("potentiallyUnsafeConfigAnnotations", potentially_unsafe_config_annotations,
		OPTIONAL),
};
OBJECT(oci_features);
#undef SELF

static int hook_names(struct arena *arena, struct string_list *ret)
{
	struct string_list list = { .v = ARENA_ARRAY(
					    arena, oci_hooks_object.n_fields + 1u, const char *) };
	if (!list.v)
		return -ENOMEM;
	for (size_t i = 0; i < oci_hooks_object.n_fields; i++)
		list.v[list.n++] = oci_hooks_object.fields[i].name;
	*ret = list;
	return 0;
}

static int mount_option_names(struct arena *arena, struct string_list *ret)
{
	size_t n;
	const char *const *names = mount_options_names(&n);
	struct string_list list = { .n = n, .v = ARENA_ARRAY(arena, n + 1, const char *) };
	if (!list.v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		list.v[i] = names[i];
	*ret = list;
	return 0;
}

static int fill(struct arena *arena, struct oci_features *f)
{
	struct oci_features_linux *l = ARENA_NEW(arena, struct oci_features_linux);
	struct oci_features_seccomp *s = ARENA_NEW(arena, struct oci_features_seccomp);
	struct oci_features_memory_policy *m = ARENA_NEW(arena, struct oci_features_memory_policy);
	if (!l || !s || !m)
		return -ENOMEM;
	f->linux_ = l, l->seccomp = s, l->memory_policy = m;
	const struct {
		const struct names *names;
		struct string_list *list;
	} lists[] = {
		{ &oci_namespace_type_names, &l->namespaces },
		{ &oci_capability_names, &l->capabilities },
		{ &oci_seccomp_action_names, &s->actions },
		{ &oci_seccomp_operator_names, &s->operators },
		{ &oci_seccomp_arch_names, &s->archs },
		{ &oci_seccomp_flag_names, &s->known_flags },
		{ &oci_mempolicy_mode_names, &m->modes },
		{ &oci_mempolicy_flag_names, &m->flags },
	};
	int err = hook_names(arena, &f->hooks);
	if (!err)
		err = mount_option_names(arena, &f->mount_options);
	for (size_t i = 0; !err && i < sizeof lists / sizeof lists[0]; i++)
		err = names_list(lists[i].names, arena, lists[i].list);
	return err;
}

int oci_features_known(struct arena *arena, struct oci_features **ret, struct error *e)
{
	struct oci_features *f = ARENA_NEW(arena, struct oci_features);
	if (!f || fill(arena, f) < 0)
		return error_errno(e, ENOMEM, "cannot list features");
	f->oci_version_min = "1.0.0";
	f->oci_version_max = "1.3.0";
	*ret = f;
	return 0;
}

int oci_features_encode(const struct oci_features *features, bool pretty, struct arena *arena,
	char **ret_text, size_t *ret_len, struct error *e)
{
	return object_encode(&oci_features_object, features, pretty, arena, ret_text, ret_len, e);
}

int oci_features_decode(const char *text, size_t len, const char *file, struct arena *arena,
	struct oci_features **ret, struct error *e)
{
	return object_decode(&oci_features_object, text, len, file, arena, ret, e);
}
