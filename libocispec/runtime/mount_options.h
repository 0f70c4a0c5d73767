/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "../arena.h"
#include "../values.h"

/*
 * Mount options of config.json, parsed once.
 * spec: config.md#linux-mount-options; mount(8), mount_setattr(2).
 */
enum mount_idmap { MOUNT_IDMAP_NONE, MOUNT_IDMAP, MOUNT_RIDMAP };

struct mount_options {
	bool bind, rbind; /* the options of these names; with either, the source is a path */
	bool remount;
	/*
	 * As mount_setattr(2) takes them. The access time is one field: where an option chooses its
	 * value, the value is in `set` and all of MOUNT_ATTR__ATIME in `clear`. Of two options that
	 * say the opposite, the later is here.
	 */
	uint64_t attr_set, attr_clear; /* MOUNT_ATTR_* of this mount (ro, nosuid, ...) */
	uint64_t rec_set, rec_clear;   /* MOUNT_ATTR_* of the whole tree (rro, rnosuid, ...) */
	uint64_t propagation;	       /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE or 0 */
	bool propagation_recursive;    /* rshared and so on */
	/* of the superblock: for new mounts, not for binds; `ro` is here and in attr_set */
	bool sb_rdonly, sb_sync, sb_dirsync, sb_mand, sb_lazytime, sb_iversion, sb_silent;
	bool tmpcopyup;
	bool copy_symlink, src_nofollow, dest_nofollow;
	enum mount_idmap idmap;
	struct string_list data; /* what the file system itself gets: "mode=755", "newinstance" */
};

/* Never fails on an unknown option: that is data for the file system. -ENOMEM only. */
int mount_options_parse(const struct string_list *options, struct arena *arena,
	struct mount_options *ret, struct error *e);

/* All names known here, for `features`; *n entries, sorted. */
const char *const *mount_options_names(size_t *n);

/* Those that mountinfo shows, and a user namespace may find locked. */
enum { MOUNT_ATTRIBUTES = 4 };
struct mount_attribute {
	const char *name;
	uint64_t bit; /* MOUNT_ATTR_* */
};
extern const struct mount_attribute mount_attributes[MOUNT_ATTRIBUTES]; /* ro is the first */

/* "ro,nosuid": of these bits the ones of mount_attributes. "" without memory, too. */
const char *mount_attributes_text(struct arena *arena, uint64_t attributes);
