/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libocispec/arena.h"
#include "libocispec/error.h"
#include "libocispec/values.h"

/*
 * The messages of CRIU's service, as far as they are needed: CRIU's images/rpc.proto, in the wire
 * format of Protocol Buffers. PURE. An own encoder of two hundred lines, because libcriu cannot be
 * loaded by a static binary, and its protobuf runtime would be mapped at each start of any command.
 */

/* The numbers are CRIU's. */
enum criu_type {
	CRIU_DUMP = 1,
	CRIU_RESTORE = 2,
	CRIU_PRE_DUMP = 4,
	CRIU_NOTIFY = 6,
	CRIU_FEATURE_CHECK = 9,
	CRIU_VERSION = 10,
};

enum criu_cgroup_mode {
	CRIU_CGROUP_IGNORE = 0,
	CRIU_CGROUP_SOFT = 3,
	CRIU_CGROUP_FULL = 4,
	CRIU_CGROUP_STRICT = 5,
};

enum criu_lock_method {
	CRIU_LOCK_IPTABLES = 1,
	CRIU_LOCK_NFTABLES = 2,
	CRIU_LOCK_SKIP = 3,
};

/* A descriptor of the criu process that takes the place of what the image calls `key`. */
struct criu_inherited {
	const char *key;
	int32_t fd;
};

/* Which descriptors a criu process of ours has: swrk.h */
enum { CRIU_SOCKET_FD = 3, CRIU_IMAGES_FD = 4, CRIU_WORK_FD = 5, CRIU_FIRST_FD = 6 };

/* What is unset, false, NULL or empty is not in the message. */
struct criu_options {
	struct opt_i32 images_dir_fd, work_dir_fd; /* of whoever has made the socket */
	struct opt_i32 pid, log_level, cgroup_mode, empty_ns, status_fd, network_lock;
	bool leave_running, ext_unix_sk, tcp_established, tcp_skip_in_flight, tcp_close, shell_job,
		file_locks, notify_scripts, track_mem, auto_dedup, link_remap, rst_sibling,
		lazy_pages, orphan_pts_master, evasive_devices;
	const char *log_file, *root, *parent_img, *freeze_cgroup, *config_file, *lsm_profile,
		*lsm_mount_context;
	struct opt_i32 server_port;
	const char *server_address;
	struct string_list external;
	struct string_map ext_mnt; /* dump: place -> name; restore: name -> source */
	struct string_map join_ns; /* type -> file */
	struct string_map cg_root; /* controller -> path */
	struct {
		size_t n;
		struct criu_inherited *v;
	} inherit_fd;
};

struct criu_request {
	enum criu_type type;
	const struct criu_options *options; /* NULL: none */
	struct opt_bool notify_success;
	bool ask_mem_track, ask_lazy_pages; /* CRIU_FEATURE_CHECK */
};

struct criu_response {
	uint32_t type; /* enum criu_type, if it is one that is known */
	bool success;
	int32_t error;	   /* errno; 0: none said */
	char message[256]; /* criu's first error */
	char script[32];   /* CRIU_NOTIFY: what has come to pass */
	int32_t pid;	   /* of the restored first process; 0: not said */
	bool mem_track, lazy_pages;
	uint32_t major, minor, sublevel;
};

/* NULL: out of memory. */
uint8_t *criu_encode(struct arena *arena, const struct criu_request *request, size_t *ret_len);
/* The same as lines of text, for the log and for tests. NULL: out of memory. */
const char *criu_request_text(struct arena *arena, const struct criu_request *request);
/* -EBADMSG: cut, or not of this format. Fields that are not known are skipped. */
int criu_decode(const uint8_t *data, size_t len, struct criu_response *ret);
