/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mount options from names to flags. Runs once, when a document is decided upon. Pure.
 * spec: config.md#linux-mount-options; mount(8); mount_setattr(2).
 */
#include "libocispec/runtime/mount_options.h"

#include <errno.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000 /* Linux 5.14 */
#endif

enum action {
	NOTHING,
	SET, /* an attribute of this mount */
	CLEAR,
	SET_TREE, /* an attribute of the mount and all below it */
	CLEAR_TREE,
	ATIME,	   /* one of the three values of the access time attribute */
	NOT_ATIME, /* whatever the default is, but not this value */
	ATIME_TREE,
	NOT_ATIME_TREE,
	FLAG, /* the bool at this offset */
	NOT_FLAG,
	READ_ONLY,
	READ_WRITE,
	PROPAGATION,
	PROPAGATION_TREE,
	IDMAP,
};

struct row {
	const char *name;
	enum action action;
	uint64_t value;
};

#define AT(member) offsetof(struct mount_options, member)

/* sorted by name */
static const struct row rows[] = {
	{ "async", NOT_FLAG, AT(sb_sync) },
	{ "atime", NOT_ATIME, MOUNT_ATTR_NOATIME },
	{ "bind", FLAG, AT(bind) },
	{ "copy-symlink", FLAG, AT(copy_symlink) },
	{ "defaults", NOTHING, 0 },
	{ "dest-nofollow", FLAG, AT(dest_nofollow) },
	{ "dev", CLEAR, MOUNT_ATTR_NODEV },
	{ "diratime", CLEAR, MOUNT_ATTR_NODIRATIME },
	{ "dirsync", FLAG, AT(sb_dirsync) },
	{ "exec", CLEAR, MOUNT_ATTR_NOEXEC },
	{ "idmap", IDMAP, MOUNT_IDMAP },
	{ "iversion", FLAG, AT(sb_iversion) },
	{ "lazytime", FLAG, AT(sb_lazytime) },
	{ "loud", NOT_FLAG, AT(sb_silent) },
	{ "mand", FLAG, AT(sb_mand) },
	{ "noatime", ATIME, MOUNT_ATTR_NOATIME },
	{ "nodev", SET, MOUNT_ATTR_NODEV },
	{ "nodiratime", SET, MOUNT_ATTR_NODIRATIME },
	{ "noexec", SET, MOUNT_ATTR_NOEXEC },
	{ "noiversion", NOT_FLAG, AT(sb_iversion) },
	{ "nolazytime", NOT_FLAG, AT(sb_lazytime) },
	{ "nomand", NOT_FLAG, AT(sb_mand) },
	{ "norelatime", NOT_ATIME, MOUNT_ATTR_RELATIME },
	{ "nostrictatime", NOT_ATIME, MOUNT_ATTR_STRICTATIME },
	{ "nosuid", SET, MOUNT_ATTR_NOSUID },
	{ "nosymfollow", SET, MOUNT_ATTR_NOSYMFOLLOW },
	{ "private", PROPAGATION, MS_PRIVATE },
	{ "ratime", NOT_ATIME_TREE, MOUNT_ATTR_NOATIME },
	{ "rbind", FLAG, AT(rbind) },
	{ "rdev", CLEAR_TREE, MOUNT_ATTR_NODEV },
	{ "rdiratime", CLEAR_TREE, MOUNT_ATTR_NODIRATIME },
	{ "relatime", ATIME, MOUNT_ATTR_RELATIME },
	{ "remount", FLAG, AT(remount) },
	{ "rexec", CLEAR_TREE, MOUNT_ATTR_NOEXEC },
	{ "ridmap", IDMAP, MOUNT_RIDMAP },
	{ "rnoatime", ATIME_TREE, MOUNT_ATTR_NOATIME },
	{ "rnodev", SET_TREE, MOUNT_ATTR_NODEV },
	{ "rnodiratime", SET_TREE, MOUNT_ATTR_NODIRATIME },
	{ "rnoexec", SET_TREE, MOUNT_ATTR_NOEXEC },
	{ "rnorelatime", NOT_ATIME_TREE, MOUNT_ATTR_RELATIME },
	{ "rnostrictatime", NOT_ATIME_TREE, MOUNT_ATTR_STRICTATIME },
	{ "rnosuid", SET_TREE, MOUNT_ATTR_NOSUID },
	{ "rnosymfollow", SET_TREE, MOUNT_ATTR_NOSYMFOLLOW },
	{ "ro", READ_ONLY, MOUNT_ATTR_RDONLY },
	{ "rprivate", PROPAGATION_TREE, MS_PRIVATE },
	{ "rrelatime", ATIME_TREE, MOUNT_ATTR_RELATIME },
	{ "rro", SET_TREE, MOUNT_ATTR_RDONLY },
	{ "rrw", CLEAR_TREE, MOUNT_ATTR_RDONLY },
	{ "rshared", PROPAGATION_TREE, MS_SHARED },
	{ "rslave", PROPAGATION_TREE, MS_SLAVE },
	{ "rstrictatime", ATIME_TREE, MOUNT_ATTR_STRICTATIME },
	{ "rsuid", CLEAR_TREE, MOUNT_ATTR_NOSUID },
	{ "rsymfollow", CLEAR_TREE, MOUNT_ATTR_NOSYMFOLLOW },
	{ "runbindable", PROPAGATION_TREE, MS_UNBINDABLE },
	{ "rw", READ_WRITE, MOUNT_ATTR_RDONLY },
	{ "shared", PROPAGATION, MS_SHARED },
	{ "silent", FLAG, AT(sb_silent) },
	{ "slave", PROPAGATION, MS_SLAVE },
	{ "src-nofollow", FLAG, AT(src_nofollow) },
	{ "strictatime", ATIME, MOUNT_ATTR_STRICTATIME },
	{ "suid", CLEAR, MOUNT_ATTR_NOSUID },
	{ "symfollow", CLEAR, MOUNT_ATTR_NOSYMFOLLOW },
	{ "sync", FLAG, AT(sb_sync) },
	{ "tmpcopyup", FLAG, AT(tmpcopyup) },
	{ "unbindable", PROPAGATION, MS_UNBINDABLE },
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* The last option wins, so what one sets the other no longer clears. */
static void change(uint64_t *on, uint64_t *off, uint64_t attribute)
{
	*on |= attribute;
	*off &= ~attribute;
}

/* mount_setattr(2): the access time is one field of three values; who sets one must clear the
 * whole field. */
static void set_atime(uint64_t *set, uint64_t *clear, uint64_t value)
{
	*set = (*set & ~(uint64_t)MOUNT_ATTR__ATIME) | value;
	*clear |= MOUNT_ATTR__ATIME;
}

/*
 * "atime" and "nostrictatime" take back one value: what stays is the kernel's default, relatime,
 * unless another value was asked for. "norelatime" only takes back a "relatime" before it: it has
 * had no effect of its own since relatime became the default (Linux 2.6.30).
 */
static void unset_atime(uint64_t *set, uint64_t *clear, uint64_t value)
{
	bool is_chosen = *clear & MOUNT_ATTR__ATIME;
	if (is_chosen && (*set & MOUNT_ATTR__ATIME) != value)
		return;
	if (value == MOUNT_ATTR_RELATIME)
		*clear &= ~(uint64_t)MOUNT_ATTR__ATIME;
	else
		set_atime(set, clear, MOUNT_ATTR_RELATIME);
}

static void apply(const struct row *row, struct mount_options *o)
{
	switch (row->action) {
	case NOTHING:
		return;
	case SET:
		return change(&o->attr_set, &o->attr_clear, row->value);
	case CLEAR:
		return change(&o->attr_clear, &o->attr_set, row->value);
	case SET_TREE:
		return change(&o->rec_set, &o->rec_clear, row->value);
	case CLEAR_TREE:
		return change(&o->rec_clear, &o->rec_set, row->value);
	case ATIME:
		return set_atime(&o->attr_set, &o->attr_clear, row->value);
	case NOT_ATIME:
		return unset_atime(&o->attr_set, &o->attr_clear, row->value);
	case ATIME_TREE:
		return set_atime(&o->rec_set, &o->rec_clear, row->value);
	case NOT_ATIME_TREE:
		return unset_atime(&o->rec_set, &o->rec_clear, row->value);
	case FLAG:
	case NOT_FLAG:
		*(bool *)((char *)o + row->value) = row->action == FLAG;
		return;
	case READ_ONLY:
		o->sb_rdonly = true;
		return change(&o->attr_set, &o->attr_clear, row->value);
	case READ_WRITE:
		o->sb_rdonly = false;
		return change(&o->attr_clear, &o->attr_set, row->value);
	case PROPAGATION:
	case PROPAGATION_TREE:
		o->propagation = row->value;
		o->propagation_recursive = row->action == PROPAGATION_TREE;
		return;
	case IDMAP:
		o->idmap = (enum mount_idmap)row->value;
		return;
	}
}

static int compare_row(const void *name, const void *row)
{
	return strcmp(name, ((const struct row *)row)->name);
}

int mount_options_parse(const struct string_list *options, struct arena *arena,
	struct mount_options *ret, struct error *e)
{
	struct mount_options o = { .data.v = ARENA_ARRAY(arena, options->n + 1, const char *) };
	if (!o.data.v)
		return error_errno(e, ENOMEM, "cannot read mount options");
	for (size_t i = 0; i < options->n; i++) {
		const char *name = options->v[i];
		const struct row *row = bsearch(name, rows, N_ROWS, sizeof *rows, compare_row);
		if (row)
			apply(row, &o);
		else if (*name) /* Podman's for systemd have "" among them; in mount(2)'s data it is
				   none */
			o.data.v[o.data.n++] = name;
	}
	*ret = o;
	return 0;
}

const char *const *mount_options_names(size_t *n)
{
	static const char *names[N_ROWS];
	for (size_t i = 0; i < N_ROWS; i++)
		names[i] = rows[i].name;
	*n = N_ROWS;
	return names;
}

const struct mount_attribute mount_attributes[MOUNT_ATTRIBUTES] = {
	{ "ro", MOUNT_ATTR_RDONLY },
	{ "nosuid", MOUNT_ATTR_NOSUID },
	{ "nodev", MOUNT_ATTR_NODEV },
	{ "noexec", MOUNT_ATTR_NOEXEC },
};

const char *mount_attributes_text(struct arena *arena, uint64_t attributes)
{
	const char *text = "";
	for (size_t i = 0; text && i < MOUNT_ATTRIBUTES; i++)
		if (attributes & mount_attributes[i].bit)
			text = arena_printf(
				arena, "%s%s%s", text, *text ? "," : "", mount_attributes[i].name);
	return text ? text : "";
}
