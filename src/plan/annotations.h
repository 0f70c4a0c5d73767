/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/error.h"
#include "libocispec/values.h"

/*
 * The annotations of config.json that change what the runtime does. They are crun's (and one
 * runc's), and what they say is what crun(1) says. One table holds them: the decisions ask it, and
 * `features` lists it, so that whoever lets others write annotations knows which to keep from them.
 * PURE.
 */
enum annotation {
	ANNOTATION_SECCOMP_RECEIVER, /* as linux.seccomp.listenerPath, where there is none */
	ANNOTATION_PIDFD_RECEIVER,   /* as --pidfd-socket of create and run */
	ANNOTATION_MOUNT_CONTEXT,    /* the mount option that linux.mountLabel goes into */
	ANNOTATION_HOOKS_STDOUT,     /* a file that hooks' standard output is appended to */
	ANNOTATION_HOOKS_STDERR,
	ANNOTATION_KEEP_GROUPS,	     /* the process keeps the caller's supplementary groups */
	ANNOTATION_DELEGATE_CGROUP,  /* a sub-cgroup that is the container's to manage; v2 */
	ANNOTATION_SYSTEMD_SUBGROUP, /* a sub-cgroup of the unit, where the container is */
	ANNOTATION_IDMAP,	     /* as --idmap */
	ANNOTATION_EMULATE_IDS,	     /* as --emulate-ids */
	ANNOTATION_DEGRADE,	     /* as --degrade */
	ANNOTATION_LANDLOCK,	     /* libocispec/runtime/landlock.h */
	ANNOTATION_CRIU_CONFIG,	     /* what CRIU reads besides; empty: nothing */
	ANNOTATION_SYSTEMD_PROPERTY, /* the start of names: the rest is a property of the unit */
	ANNOTATION_COUNT
};

const char *annotation_name(enum annotation which);
/* Its value; NULL: it is not there. */
const char *annotation_value(const struct string_map *annotations, enum annotation which);
/* Refuse values that their annotation cannot have. */
int annotations_check(const struct string_map *annotations, struct error *e);
