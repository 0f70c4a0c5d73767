/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "criu/rpc.h"
#include "libocispec/runtime/config.h"

/*
 * DECIDE: what CRIU is asked for, from the options of the command line, the config and what was
 * found on this machine. PURE.
 */

enum criu_manage_cgroups {
	MANAGE_CGROUPS_SOFT,
	MANAGE_CGROUPS_FULL,
	MANAGE_CGROUPS_STRICT,
	MANAGE_CGROUPS_IGNORE,
	MANAGE_CGROUPS_COUNT
};
extern const char *const criu_manage_cgroups_names[MANAGE_CGROUPS_COUNT + 1];

/* How the container's network is held while its connections are saved. */
enum criu_network_lock {
	NETWORK_LOCK_DEFAULT, /* what criu was built for */
	NETWORK_LOCK_IPTABLES,
	NETWORK_LOCK_NFTABLES,
	NETWORK_LOCK_SKIP,
	NETWORK_LOCK_COUNT
};
extern const char *const criu_network_lock_names[NETWORK_LOCK_COUNT + 1];

/* Options that both commands have. */
struct criu_common_options {
	const char *image_path, *work_path; /* NULL: ./checkpoint; the image path */
	bool tcp_established, ext_unix_sk, shell_job, file_locks, auto_dedup, lazy_pages;
	enum criu_manage_cgroups manage_cgroups;
	struct string_list empty_ns;
};

struct checkpoint_options {
	const char *id;
	struct criu_common_options common;
	const char *parent_path; /* relative to the image path */
	const char *page_server; /* ADDRESS:PORT */
	struct opt_i64 status_fd;
	enum criu_network_lock network_lock;
	bool leave_running, pre_dump, tcp_skip_in_flight, link_remap;
};

struct restore_options {
	const char *id, *bundle, *console_socket, *pid_file;
	struct criu_common_options common;
	const char *lsm_profile, *lsm_mount_context;
	bool tcp_close, detach, keep, no_subreaper, no_new_keyring;
};

enum { CRIU_STDIO = 3 };

/* What both requests take from this machine. */
struct criu_facts {
	bool has_work_dir;
	const char *config_file; /* NULL: none */
	/* dump: the pid, the freezer's directory (NULL: none), where each of the config's mounts is
	 * (NULL: at its destination), what each of the three descriptors is (NULL: CRIU can save
	 * it), and the inode of each namespace that the config joins (0: it joins none) */
	int pid;
	const char *rootfs, *freezer;
	const char *const *places;
	const char *files[2 * CRIU_STDIO]; /* names, then paths */
	uint64_t joined[OCI_NS_COUNT];
	struct string_list masked_files;
	/* restore: the bundle, the root as criu finds it, /proc/PID/cgroup of criu, what the three
	 * descriptors were, and under which number criu has ours; and those of joined namespaces
	 * (0: none) */
	const char *bundle, *root, *cgroups;
	const char *saved_files[2 * CRIU_STDIO]; /* names, then paths */
	int stdio_fds[CRIU_STDIO];
	int namespace_fds[OCI_NS_COUNT];
};

/* CRIU before this lacks much of what is needed here: --lsm-profile, PID namespaces, the freezer of
 * cgroup v2. */
enum { CRIU_OLDEST = 31600 };

/* Refuse what cannot be, before anything is looked at. */
int criu_check_checkpoint(const struct checkpoint_options *o, struct error *e);
int criu_check_restore(
	const struct restore_options *o, const struct oci_config *config, struct error *e);

/* *ret is in the arena. */
int criu_decide_dump(struct arena *arena, const struct oci_config *config,
	const struct checkpoint_options *o, const struct criu_facts *facts,
	struct criu_request *ret, struct error *e);
int criu_decide_restore(struct arena *arena, const struct oci_config *config,
	const struct restore_options *o, const struct criu_facts *facts, struct criu_request *ret,
	struct error *e);

/* The file name of CRIU's log in the work directory. */
#define CRIU_DUMP_LOG	 "dump.log"
#define CRIU_RESTORE_LOG "restore.log"
/* In the image directory: what the three descriptors were. The peers' file, and its form; behind
 * the three names stand the paths, of which the peers take no notice. */
#define CRIU_DESCRIPTORS "descriptors.json"

/* A name from descriptors.json that can be given a descriptor of ours. */
bool criu_can_inherit(const char *name);

/* From the text of a log, its first errors in one line: at most size - 1 bytes. "": none. */
void criu_log_excerpt(const char *log, char *buffer, size_t size);
