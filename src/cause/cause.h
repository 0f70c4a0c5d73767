/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cause/facts.h"
#include "libocispec/arena.h"

/*
 * Causes: why this machine refuses something that a container needs, and the command that mends it.
 * They serve the errors (looked up only after a failure, never before) and `doctor`.
 *
 * Looking (cause/look.h) and deciding (here) are apart: these are PURE, on facts that tests make
 * up. A cause is named only when it was seen in the facts; else `what` is NULL. The texts hold none
 * of the words by which clients classify errors (docs: "Error text is an interface").
 */
struct cause {
	const char *what;   /* a clause; NULL: nothing was seen */
	const char *remedy; /* a command or an advice; NULL: there is none */
};

/* user.max_NAME_namespaces */
extern const char *const cause_sysctl_names[OCI_NS_COUNT];

/* clone(2) or unshare(2) of these CLONE_NEW* has failed with errno err. */
struct cause cause_of_namespaces(
	struct arena *a, const struct process_facts *p, uint64_t flags, int err);
/* The mount on the root directory was not to be changed, or not to be put aside. */
struct cause cause_of_root(const struct process_facts *p, int err);
/* Anything that root of a new user namespace may do was refused: a security module can take away
 * what the user namespace gives. */
struct cause cause_in_user_namespace(struct arena *a, const struct process_facts *p, int err);
/* A file was refused that no mount of this mount namespace shows: a detached mount's, a memfd. */
struct cause cause_of_detached_file(struct arena *a, const struct process_facts *p, int err);

/* newuidmap or newgidmap has failed, or would, whatever it is asked. */
struct cause cause_of_helper(struct arena *a, const struct helper_facts *h);
/* The same, where the user has no ranges in one of the files. */
struct cause cause_of_no_range(
	struct arena *a, const struct subid_file_facts *uids, const struct subid_file_facts *gids);

/* A map that we write ourselves: host ids from..from+n-1, of users or of groups. own_map: the text
 * of /proc/self/uid_map or gid_map. user_namespaces(7) */
struct cause cause_of_map(
	struct arena *a, const char *own_map, bool groups, uint32_t from, uint32_t n);

struct mount_question {
	const char *type;    /* of a new file system; NULL: a bind mount */
	const char *source;  /* of a bind mount */
	bool recursive;	     /* rbind */
	const char *cleared; /* attributes that the bind is to be without: "nosuid,ro" */
	bool in_userns;	     /* the mount namespace belongs to a new user namespace */
	uint64_t namespaces; /* CLONE_NEW* that the container has of its own */
	bool read_only;	     /* the new mount is read-only itself */
	int err;
};
struct cause cause_of_mount(
	struct arena *a, const struct mount_facts *m, const struct mount_question *q);
/* What lies over a part of the procfs or sysfs here, so that a user namespace may have no new one
 * (mount_too_revealing() of the kernel's fs/namespace.c); NULL: nothing. */
const char *cause_mask(struct arena *a, const char *mountinfo, const char *type, bool read_only);

/* path: below /proc. */
struct cause cause_of_sysctl(struct arena *a, const char *mountinfo, const char *path, int err);

/* RLIMIT_name: asked is above what is held. */
struct cause cause_of_rlimit(
	struct arena *a, const struct limit_facts *l, const char *name, uint64_t asked);
struct cause cause_of_oom_score(struct arena *a, const struct limit_facts *l, int64_t asked);
struct cause cause_of_mknod(struct arena *a, const struct process_facts *p, int err);
/* A process could not be put into the cgroup `target` (absolute). */
struct cause cause_of_cgroup_move(struct arena *a, const struct move_facts *m, int err);
/* fork has failed with EAGAIN. */
struct cause cause_of_no_process(struct arena *a, const struct limit_facts *l);
