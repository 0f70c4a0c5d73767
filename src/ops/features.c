/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt features: spec: features.md. What this build does, whatever the host has. The names come
 * from libocispec's tables; what is here is what the rest of the runtime does with them. */
#include "libocispec/features.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "config.h"
#include "ops/ops.h"
#include "plan/annotations.h"
#include "security/seccomp_compile.h"
#include "security/seccomp_names.h"

static struct oci_features_enabled no = { { true, false } }, yes = { { true, true } };
static struct oci_features_intel_rdt rdt = { { true, true }, { true, true }, { true, true } };
static struct oci_features_mount_extensions mount_extensions = { .idmap = &yes };
static struct oci_features_cgroup cgroup = {
	.v1 = { true, true },
	.v2 = { true, true },
	.systemd = { true, WITH_SYSTEMD },
	.systemd_user = { true, WITH_SYSTEMD },
	.rdma = { true, true },
};

/* spec: features.md: facts about this build */
static int fill_annotations(struct arena *arena, struct oci_features *f)
{
	const char *libseccomp = seccomp_library_version();
	struct string_pair *v = ARENA_ARRAY(arena, 2, struct string_pair);
	const char **names = ARENA_ARRAY(arena, ANNOTATION_COUNT + 1, const char *);
	if (!v || !names)
		return -ENOMEM;
	v[0] = (struct string_pair){ "org.oci-rt.version", OCI_RT_VERSION };
	v[1] = (struct string_pair){ "io.github.seccomp.libseccomp.version", libseccomp };
	f->annotations = (struct string_map){ libseccomp ? 2 : 1, v };
	/* all that are honoured: whatever changes what the runtime does may be unsafe */
	for (int a = 0; a < ANNOTATION_COUNT; a++)
		names[a] = annotation_name((enum annotation)a);
	f->potentially_unsafe_config_annotations = (struct string_list){ ANNOTATION_COUNT, names };
	return 0;
}

/* libocispec's table knows those of the specification, the libseccomp of the build fewer. */
static void drop_unknown_architectures(struct string_list *names)
{
	size_t n = 0;
	for (size_t i = 0; i < names->n; i++)
		if (seccomp_knows_architecture((int)i))
			names->v[n++] = names->v[i];
	names->n = n;
}

static void fill(struct oci_features *f)
{
	static struct oci_features_seccomp no_seccomp = { .enabled = { true, false } };
	struct oci_features_linux *l = f->linux_;
	l->cgroup = &cgroup;
	l->apparmor = WITH_APPARMOR ? &yes : &no;
	l->selinux = WITH_SELINUX ? &yes : &no;
	l->net_devices = &yes;
	l->intel_rdt = &rdt;
	l->mount_extensions = &mount_extensions;
	if (WITH_SECCOMP) {
		l->seccomp->enabled = (struct opt_bool){ true, true };
		drop_unknown_architectures(&l->seccomp->archs);
		/* filters are installed by the system call itself, which takes every flag */
		l->seccomp->supported_flags = l->seccomp->known_flags;
	} else {
		l->seccomp = &no_seccomp;
	}
}

int op_features(const struct global_options *g, struct error *e)
{
	struct arena arena;
	struct oci_features *features;
	char *text;
	arena_init(&arena);
	int r = oci_features_known(&arena, &features, e);
	if (r == 0 && fill_annotations(&arena, features) < 0)
		r = error_errno(e, ENOMEM, "features");
	if (r == 0) {
		fill(features);
		r = oci_features_encode(features, true, &arena, &text, NULL, e);
	}
	if (r == 0)
		fputs(text, stdout);
	arena_free(&arena);
	return r;
}
