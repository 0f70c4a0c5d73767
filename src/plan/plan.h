/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "libocispec/runtime/config.h"

/*
 * A plan is an ordered array of steps. It is decided without a system call, printed by
 * `oci-rt plan`, and walked by up to three actors that hold the same copy of it.
 */

enum actor {
	ACTOR_HOST,   /* the process that the user started */
	ACTOR_STAGER, /* between the two, only where namespaces force a second fork */
	ACTOR_INIT,   /* what becomes the container's process */
	ACTOR_COUNT
};

/* Who runs a row. The last two are meetings: both walk to the same index. */
enum row_actor {
	ROW_HOST,
	ROW_STAGER,
	ROW_INIT,
	ROW_INIT_WAITS, /* INIT goes no further before HOST has come here */
	ROW_HOST_WAITS, /* HOST goes no further before INIT has come here */
	ROW_ACTOR_COUNT
};

/* Descriptors that steps hand to later steps, by number: struct actor_context.slots. */
enum slot {
	SLOT_PROC,	 /* O_PATH of the host's procfs, verified */
	SLOT_ROOTFS,	 /* INIT: O_PATH of the container's root */
	SLOT_STATE_DIR,	 /* HOST: holds the container's lock; children close it */
	SLOT_CGROUP,	 /* HOST: v2 directory for CLONE_INTO_CGROUP */
	SLOT_CONSOLE,	 /* socket that takes the terminal's master */
	SLOT_START,	 /* listening start.sock */
	SLOT_INIT_PIDFD, /* HOST */
	SLOT_MASK,	 /* INIT: an empty tmpfs */
	SLOT_MADE_IN,	 /* INIT: where a device or a link has been made */
	SLOT_JOIN,	 /* exec: pidfd of the container's init */
	SLOT_AGENT,	 /* HOST: connection to the seccomp agent */
	SLOT_HOOK_OUT,	 /* what hooks say is appended here */
	SLOT_HOOK_ERR,
	SLOT_NAMESPACE,				     /* + enum oci_namespace_type */
	SLOT_SOURCE = SLOT_NAMESPACE + OCI_NS_COUNT, /* + index into mounts */
	/* behind these: HOST's user namespaces that only hold the id map of a mount */
};

struct id_map {
	struct oci_id_mapping_list uids, gids;
	bool deny_setgroups; /* an unprivileged writer has to, user_namespaces(7) */
	bool by_helper;	     /* newuidmap and newgidmap */
	char *const *uid_helper_argv,
		*const *gid_helper_argv; /* element 1 is set when the pid is known */
	const char *uid_text, *gid_text; /* what is written to /proc/PID/{uid,gid}_map */
};

struct mount_parameter {
	const char *key, *value; /* value NULL: a flag */
};

enum mount_kind {
	MOUNT_NEW,   /* fsopen */
	MOUNT_BIND,  /* open_tree */
	MOUNT_CHANGE /* attributes of what is mounted there already (remount) */
};

/* How the root is changed: step.u.number of that row. */
enum change_root { ROOT_BY_PIVOT, ROOT_BY_MOVE, ROOT_BY_CHROOT };

enum { MODE_TEXT_SIZE = 6 }; /* "01777" */

struct mount_step {
	enum mount_kind kind;
	const char *target, *source, *fs_type;
	const char *source_in_root; /* `source` as the container's root sees it; NULL: elsewhere */
	int source_slot;	    /* the HOST opened the source; -1: INIT opens `source` */
	int id_map_slot; /* of a user namespace; 0 (SLOT_PROC, never one): ids as they are */
	bool id_map_recursive;
	bool recursive; /* rbind */
	bool tmpcopyup;
	bool owner_of_target;	 /* a tmpfs whose options say nothing else */
	char *mode_text;	 /* likewise: INIT writes it; its parameter stands behind the last,
				    uncounted */
	bool target_no_symlinks; /* /proc and /sys: a link there is an attack, CVE-2023-27561 */
	bool source_nofollow, target_nofollow;
	bool copy_symlink;     /* a source that is a symbolic link is made again, not mounted */
	bool source_from_host; /* INIT must not open it: the path means something else there */
	bool fallback_bind;    /* cgroup2 that may not be mounted: bind `source` instead */
	uint64_t attr_set, attr_clear, rec_set, rec_clear, propagation;
	bool propagation_recursive;
	size_t n_parameters;
	const struct mount_parameter *parameters;
};

struct device_step {
	const char *path;
	const char *source; /* the host's, where it is bound */
	mode_t mode;	    /* with S_IFMT */
	dev_t dev;
	uint32_t uid, gid;
	bool set_mode; /* also on a node that was there before */
};

struct identity_step {
	uint32_t uid, gid;
	bool set_groups;
	size_t n_groups;
	const uint32_t *groups;
};

struct exec_step {
	char *const *argv;
	char **envp; /* with room for HOME and the end */
	size_t n_env;
	uint32_t uid;
	size_t n_candidates; /* full paths, in PATH's order */
	const char *const *candidates;
	const char *name;    /* args[0], for messages */
	bool under_landlock; /* which may refuse what the mode allows: `execute`, `read_file` */
};

/* Landlock, of the version that this kernel has. Sets are the kernel's bits. */
struct landlock_rule {
	uint64_t allowed;
	const char *path; /* NULL: a TCP port */
	uint16_t port;
};
struct landlock_step {
	int version;
	uint64_t fs, net, scoped; /* handled: refused but for the rules */
	size_t n_rules;
	const struct landlock_rule *rules;
};

struct sock_filter;

/* What a hook that runs as the program will gets from it. */
struct hook_setting {
	char *const *env; /* of a hook that names none; NULL: empty */
	const struct sock_filter *filter;
	unsigned short n_filter;
	unsigned filter_flags;
	const struct sock_filter *emulation; /* loaded before `filter`; NULL: none */
	unsigned short n_emulation;
};

struct hook_step {
	const struct oci_hook *hook;
	const char *kind; /* createRuntime ... */
	size_t index;
	/* the state document, cut where the pid's digits go */
	const char *state_head, *state_tail;
	struct hook_setting setting;
};

/* A set of small numbers: CPUs, memory nodes. */
enum { BIT_MASK_BITS = 8192 };
struct bit_mask {
	uint64_t words[BIT_MASK_BITS / 64];
};

/* sched_setattr(2) */
struct scheduler_step {
	uint32_t policy;
	int32_t nice;
	uint32_t priority;
	uint64_t flags;
	uint64_t runtime, deadline, period; /* nanoseconds */
	bool cpus_limited; /* by linux.resources.cpu.cpus: SCHED_DEADLINE wants all */
};

struct restore_place {
	const char *target, *source; /* source NULL: a directory is enough */
	bool recursive;
};

struct restore_step {
	size_t n_places;
	const struct restore_place *places;
	bool new_keyring;
};

struct cgroup_plan;
struct resctrl_plan;

struct step {
	unsigned row;	       /* index into the sequence's table */
	const char *json_path; /* where in config.json it comes from, or NULL */
	const char *summary;   /* a ready phrase: "bind /srv on /data (ro,nosuid)" */
	const char *detail;    /* more lines for `oci-rt plan`, or NULL */
	union {
		struct mount_step mount;
		struct device_step device;
		struct identity_step identity;
		struct exec_step exec;
		struct hook_step hook;
		struct {
			const char *path, *value;
			const char *fallback; /* tried where there is no `path`; or NULL */
		} text; /* a path and what belongs to it: symlinks, sysctls, masked paths, names */
		struct {
			int slot;
			int flag; /* CLONE_NEW* */
			const char *path;
		} ns;
		struct {
			uint64_t flags; /* CLONE_NEW* */
			bool into_cgroup;
		} spawn;
		struct {
			bool recursive;
			uint64_t propagation;
		} propagation;
		struct {
			int resource;
			uint64_t soft, hard;
		} rlimit;
		struct {
			uint64_t bounding_drop;
			uint64_t effective, permitted, inheritable, ambient;
		} caps;
		struct {
			const struct sock_filter *filter;
			unsigned short n;
			unsigned flags;
			bool has_listener;
			/* set when the listener is handed over, or NULL: steps/init/seccomp.c */
			const struct scheduler_step *scheduler;
		} seccomp;
		struct {
			uint64_t height, width;
			const char *socket_path; /* NULL: the runtime relays it */
			bool mount_console;
			uint32_t uid;
		} terminal;
		const struct landlock_step *landlock;
		const struct id_map *id_map;
		struct {
			const char *uid_text, *gid_text; /* as struct id_map's */
			int slot;
		} mount_id_map;
		struct scheduler_step scheduler;
		struct restore_step restore;
		struct {
			int class, level;
		} io_priority;
		struct {
			int mode; /* with MPOL_F_* */
			const struct bit_mask *nodes;
		} memory_policy;
		const struct bit_mask *mask;
		struct {
			int slot;
			const char *path;
		} output;
		struct {
			const char *name;
			uint32_t uid, gid; /* who gets it; UINT32_MAX: it stays ours */
		} delegate;
		struct {
			const char *name, *new_name;
			int netns_slot;	   /* -1: that of init */
			bool may_be_there; /* the namespace outlived the container that had it */
		} net_device;
		const struct cgroup_plan *cgroup;
		const struct resctrl_plan *resctrl;
		int64_t number;
	} u;
};

struct plan {
	size_t n_steps, capacity;
	struct step *steps;
	size_t n_slots;
	struct string_list degraded; /* sentences: what was left out and why */
	struct string_list warnings; /* likewise; the specification wants them told */
};
