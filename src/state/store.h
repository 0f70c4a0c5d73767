/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "cgroup/cgroup.h"
#include "libocispec/arena.h"
#include "libocispec/runtime/state.h"
#include "resctrl/resctrl.h"

/*
 * What is kept of a container between two calls of the runtime, under ROOT/ID/:
 *   state.json    struct container, written aside and renamed
 *   config.json   the bytes of the bundle's config at create; later edits have no effect
 *   start.sock    a listening socket of the container's init while it waits for `start`
 *
 * ROOT: --root, else $XDG_RUNTIME_DIR/oci-rt (not real root and the variable is not empty), else
 * /run/oci-rt for real root and /run/user/UID/oci-rt or /tmp/oci-rt-UID for others. Directories are
 * 0700, owned by the caller, reached without following links in their last component.
 *
 * The command that changes a container holds an exclusive flock(2) on the directory ROOT/ID itself.
 * Reading needs no lock: an entry is complete from the moment it can be seen, since it is made as
 * ROOT/.ID, already locked, and then renamed.
 */
struct container {
	const char *id;
	const char *bundle, *rootfs; /* absolute */
	const char *created;	     /* RFC 3339 with nanoseconds, UTC */
	uint32_t owner_uid;	     /* of the process that created it */
	int64_t pid;		/* of init, in the creator's PID namespace; 0 before it exists */
	uint64_t start_time;	/* of pid, clock ticks since boot: proc_pid_stat(5), field 22 */
	bool own_pid_namespace; /* when init dies, the kernel kills the rest */
	/* of the root's mount where it is in the host's mount namespace: steps/host/shared_root.c;
	 * 0: it is not, or the kernel has no unique ones */
	uint64_t root_mount_id, root_mount_unique;
	struct cgroup_location cgroup;
	struct resctrl_group *resctrl; /* NULL: none */
	struct string_map annotations; /* config.json's */
	const char *degrade; /* the option of create: exec does the same; NULL: not given */
	struct string_list
		emulated; /* what is only pretended (plan/emulation.h); none: ids are real */
	struct string_list degraded; /* what was left out, one sentence each (docs/ROOTLESS.md) */
};

/* A directory name has 255 bytes and ".ID" has to fit as well. */
enum { STATE_ID_MAX = 254 };
/* [a-zA-Z0-9_+-][a-zA-Z0-9_+.-]*: one path component, never hidden. -EINVAL. */
int state_id_check(const char *id, struct error *e);

struct state_root {
	int fd;
};
/* path NULL: the default. make: create it where it is missing; else a missing one is -ENOENT with
 * the text "container does not exist". */
int state_root_open(const char *path, bool make, struct state_root *ret, struct error *e);
/* For what looks at all containers: 0 with fd -1 where the default does not exist yet, which is no
 * containers yet. A path that was named has to exist: a mistyped one must not look like that. */
int state_root_open_all(const char *path, struct state_root *ret, struct error *e);
/* Its absolute path, where one has to be said: the option's, or the default. */
int state_root_path(const char *path, char buffer[static PATH_MAX]);
void state_root_close(struct state_root *root);
/* The ids of all entries, sorted; none of a root with fd -1. Entries may vanish before they are
 * opened. */
int state_root_list(const struct state_root *root, struct arena *arena, struct string_list *ret,
	struct error *e);

enum state_access {
	STATE_READ, /* never waits */
	STATE_LOCK, /* waits until no other command holds the container */
};

/* A directory in the entry, on which `restore` mounts the container's root for criu alone. */
#define STATE_CRIU_ROOT "criu-root"

/* An open ROOT/ID. dir_fd is the only handle that is used on it. A child that outlives the command
 * must close dir_fd: the lock belongs to the open file, which it shares. */
struct state_entry {
	int root_fd; /* borrowed from the struct state_root, which has to live longer */
	int dir_fd;
	/* While the container is made: its config.json, locked. The lock of dir_fd is for changes
	 * of all kinds; this one says that the process is no container yet. A child must close it,
	 * too. */
	int making_fd;
	bool locked;
	char id[STATE_ID_MAX + 1];
};

/* Make the entry of c->id with this state and the bytes of its config, locked.
 * -EEXIST "container with given ID already exists". */
int state_entry_create(const struct state_root *root, const struct container *c, const char *config,
	size_t config_len, struct state_entry *ret, struct error *e);
/* Clear what a create that was killed before the entry could be seen has left. */
void state_entry_sweep(const struct state_root *root, const char *id);
/* -ENOENT "container does not exist" */
int state_entry_open(const struct state_root *root, const char *id, enum state_access access,
	struct state_entry *ret, struct error *e);
/* Unlock and close. Does nothing to an entry that isn't open. */
void state_entry_close(struct state_entry *entry);
void state_entry_unlock(struct state_entry *entry);
/* It is made: others may use it. */
void state_entry_made(struct state_entry *entry);
/* Lock again after an unlock. -ENOENT: deleted meanwhile. */
int state_entry_lock(struct state_entry *entry, struct error *e);
/* Remove all that is in the entry and the entry. It has to be locked, and stays open. */
int state_entry_remove(struct state_entry *entry, struct error *e);

int state_load(const struct state_entry *entry, struct arena *arena, struct container *ret,
	struct error *e);
int state_save(const struct state_entry *entry, const struct container *c, struct error *e);
/* The config.json of create, NUL-terminated. */
int state_load_config(const struct state_entry *entry, struct arena *arena, char **ret_text,
	size_t *ret_len, struct error *e);

#define AUTO_ENTRY __attribute__((cleanup(state_entry_close)))
#define AUTO_ROOT  __attribute__((cleanup(state_root_close)))
#define ENTRY_NONE                                                                                 \
	{                                                                                          \
		.root_fd = -1, .dir_fd = -1, .making_fd = -1                                       \
	}
#define ROOT_NONE                                                                                  \
	{                                                                                          \
		.fd = -1                                                                           \
	}
