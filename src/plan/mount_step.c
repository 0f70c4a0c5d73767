/* SPDX-License-Identifier: Apache-2.0 */
/* What every mount's step takes from its options. PURE: see plan/decision.h. */
#include <errno.h>
#include <linux/mount.h>
#include <string.h>

#include "plan/decide.h"

/* "key=value" or a flag. Superblock flags go the same way: fsconfig(2) knows their names. */
int plan_mount_parameters(
	struct decision *d, const struct mount_options *o, const char *source, struct mount_step *s)
{
	const struct {
		bool on;
		const char *name;
	} sb_flags[] = {
		/* a tmpfs is filled after it is made (tmpcopyup): its mount is read-only enough */
		{ o->sb_rdonly && strcmp(s->fs_type, "tmpfs") != 0, "ro" }, { o->sb_sync, "sync" },
		{ o->sb_dirsync, "dirsync" }, { o->sb_mand, "mand" }, { o->sb_lazytime, "lazytime" }
	};
	struct mount_parameter *p = ARENA_ARRAY(d->arena, o->data.n + 8, struct mount_parameter);
	if (!p)
		return -ENOMEM;
	size_t n = 0;
	if (source && *source)
		p[n++] = (struct mount_parameter){ "source", source };
	for (unsigned i = 0; i < sizeof sb_flags / sizeof sb_flags[0]; i++)
		if (sb_flags[i].on)
			p[n++] = (struct mount_parameter){ sb_flags[i].name, NULL };
	for (size_t i = 0; i < o->data.n; i++) {
		const char *equals = strchr(o->data.v[i], '=');
		p[n++] = (struct mount_parameter){
			equals ? arena_strndup(
					 d->arena, o->data.v[i], (size_t)(equals - o->data.v[i]))
			       : o->data.v[i],
			equals ? equals + 1 : NULL,
		};
	}
	if (plan_takes_label(d, o, s->fs_type))
		p[n++] = (struct mount_parameter){ d->mount_label_key, d->mount_label };
	s->parameters = p;
	s->n_parameters = n;
	return 0;
}

int plan_mode_of_target(struct decision *d, struct mount_step *s)
{
	struct mount_parameter *p =
		ARENA_ARRAY(d->arena, s->n_parameters + 1, struct mount_parameter);
	s->mode_text = arena_alloc(d->arena, MODE_TEXT_SIZE);
	if (!p || !s->mode_text)
		return -ENOMEM;
	memcpy(p, s->parameters, s->n_parameters * sizeof *p);
	p[s->n_parameters] = (struct mount_parameter){ "mode", s->mode_text };
	s->parameters = p;
	return 0;
}

void plan_mount_common(
	struct mount_step *s, const struct oci_mount *m, const struct mount_options *o)
{
	*s = (struct mount_step){
		.target = m->destination,
		.source_slot = -1,
		.attr_set = o->attr_set,
		.attr_clear = o->attr_clear,
		.rec_set = o->rec_set,
		.rec_clear = o->rec_clear,
		.propagation = o->propagation,
		.propagation_recursive = o->propagation_recursive,
		.target_nofollow = o->dest_nofollow,
		.copy_symlink = o->copy_symlink,
		.tmpcopyup = o->tmpcopyup,
	};
}

void plan_make_readonly(struct decision *d, size_t i)
{
	const struct oci_mount *m = &d->config->mounts.v[i];
	struct step *s =
		plan_add(d, plan_path(d, "mounts[%zu]", i), "make %s read-only", m->destination);
	if (s)
		s->u.mount = (struct mount_step){ .kind = MOUNT_CHANGE,
			.target = m->destination,
			.source_slot = -1,
			.attr_set = MOUNT_ATTR_RDONLY };
}
