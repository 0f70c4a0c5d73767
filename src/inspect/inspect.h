/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "libocispec/error.h"
#include "libocispec/runtime/config.h"

/*
 * What a running container really has, and how that differs from what its config asked for.
 * Looking (look.c) and comparing (compare.c) are apart: comparing is PURE, on facts that tests make
 * up. Texts that come from the container hold printable ASCII alone.
 */
enum cap_set {
	CAP_SET_INHERITABLE,
	CAP_SET_PERMITTED,
	CAP_SET_EFFECTIVE,
	CAP_SET_BOUNDING,
	CAP_SET_AMBIENT,
	CAP_SET_COUNT
};
extern const char *const cap_set_names[CAP_SET_COUNT];

struct seen_process {
	pid_t pid;
	const char *name;
	uint64_t caps[CAP_SET_COUNT];
	bool no_new_privs;
	uint32_t seccomp_mode; /* 2: filters */
	int64_t n_filters;     /* -1: unknown, before Linux 5.9 */
	const char *label;     /* of AppArmor or SELinux; NULL: none */
	unsigned host_ns;      /* bit of enum oci_namespace_type: it is in the looker's own */
	bool outside_cgroup;   /* and the container has one */
};

enum seen_state {
	SEEN,
	SEEN_ABSENT,
	SEEN_UNKNOWN, /* we may not look */
};

/* A path of the config, resolved in the container's root. */
struct seen_path {
	enum seen_state state;
	int err;		 /* SEEN_UNKNOWN: why */
	bool is_mount;		 /* something is mounted on it */
	uint64_t attributes;	 /* MOUNT_ATTR_* of the mount that it lies on */
	bool is_null, is_masked; /* /dev/null; that, or a read-only tmpfs of its own */
};

struct seen_mount {
	uint64_t id;
	const char *point, *type, *options, *super_options;
};

struct seen_descriptor {
	int fd;
	const char *target;
	bool of_host; /* a file of a mount that the container does not have */
};

struct seen {
	pid_t pid;
	uint64_t ns_inode[OCI_NS_COUNT]; /* of init; 0: no such namespace here */
	/* of the namespace at the config's path; 0: none, or it is gone */
	uint64_t ns_asked[OCI_NS_COUNT];
	struct oci_id_mapping_list uid_map, gid_map;
	struct seen_path root;
	struct seen_path *mounts, *masked, *readonly; /* as many as the config has */
	struct {
		size_t n;
		struct seen_process *v; /* init is the first */
	} processes;
	struct {
		size_t n;
		struct seen_mount *v;
	} all_mounts;
	struct {
		size_t n;
		struct seen_descriptor *v; /* of init, above 2 */
	} descriptors;
};

struct process_list {
	size_t n;
	const pid_t *v; /* init first */
	/* of each: does the container's cgroup lack it? */
	const bool *outside_cgroup;
};

/* look.c. Who has ended by then is left out; -ESRCH: init. */
int inspect_look(struct arena *arena, const struct oci_config *config,
	const struct process_list *list, struct seen *ret, struct error *e);

struct finding {
	const char *property; /* of the config that is not kept: "linux.maskedPaths[2]" */
	const char *text;
};
struct findings {
	struct arena *arena;
	size_t n, room;
	struct finding *v;
	bool failed; /* memory is out */
};

/* compare.c, PURE */
void inspect_compare(
	const struct oci_config *config, const struct seen *seen, struct findings *ret);
