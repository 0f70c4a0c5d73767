/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cgroup/plan.h"
#include "plan/decision.h"
#include "state/store.h"
#include "steps/actor.h"

/* What HOST has and its children have no business with. */
struct restore_run; /* restore.h */

struct host_context {
	struct arena *arena;
	const struct choices *choices;
	const struct state_root *root;
	struct state_entry entry;
	struct container *container;
	const char *config_text; /* saved beside the state */
	size_t config_len;
	bool in_v2_cgroup;	     /* clone3 put init there */
	int notify_fd;		     /* where the service's notifications come in; -1: none */
	int relay_fd;		     /* our end of the terminal's hand-over; -1: none */
	struct moved_device *moved;  /* network devices: net_devices.c */
	bool unit_is_ours;	     /* systemd has started it for us */
	bool outside_cgroup;	     /* exec: the process could not be put into the container's */
	uint64_t kills_before;	     /* for want of memory, in the container; exec */
	bool killed_for_memory;	     /* the error says so */
	struct restore_run *restore; /* restore only */
	bool init_is_child;	     /* to be reaped by us when something fails */
};

act_function act_host_proc, act_open_rootfs, act_open_namespace, act_open_source, act_map_source,
	act_console_socket, act_open_container_root; /* open.c */
act_function act_mount_id_map;			     /* mount_idmap.c */
act_function act_net_device;			     /* net_devices.c */
act_function act_shared_root;			     /* shared_root.c */
act_function act_reserve_state, act_notify_socket, act_start_socket, act_save_state, act_publish,
	act_send_pidfd, act_pid_file, act_await_exec; /* lifecycle.c */
act_function act_resctrl, act_attach_resctrl;	      /* resctrl.c */
act_function act_cgroup, act_device_filter, act_systemd_unit, act_attach_cgroup, act_exec_cgroup,
	act_delegate_cgroup;					 /* cgroup.c */
act_function act_spawn_stager, act_host_spawn, act_receive_init; /* spawn.c */
act_function act_connect_agent, act_send_listener;		 /* listener.c */
act_function act_hook_output, act_id_map, act_oom_score, act_host_rlimit,
	act_host_hook; /* init_setup.c */

act_function act_start_criu, act_criu_namespaces, act_criu_loopback, act_criu_processes,
	act_criu_resume; /* restore.c */

typedef void undo_function(struct actor_context *ctx, const struct step *step);
undo_function undo_resctrl, undo_net_device, undo_shared_root, undo_reserve_state, undo_cgroup,
	undo_systemd_unit, undo_start_criu, undo_spawn_stager, undo_spawn, undo_pid_file;

/*
 * The listener of a seccomp filter on its way from init to the agent; for `start`, too.
 * spec: config-linux.md#the-container-process-state
 */
struct listener_handover {
	const char *path, *metadata; /* of the agent; NULL: none */
	const struct container *container;
	enum oci_status status;
	pid_t pid;	/* of the process that has the filter */
	int agent_fd;	/* of listener_connect() */
	int channel_fd; /* on which init said that it has a filter, and waits for our word */
};
/* A descriptor or a negative errno. */
int listener_connect(const char *path, struct error *e);
/* `listener_fd` came with MESSAGE_LISTENER. After: the agent has it, and init may go on. */
int listener_hand_over(
	const struct listener_handover *h, struct arena *arena, int listener_fd, struct error *e);

/* The file of run.oci.hooks.stdout and .stderr. A descriptor or a negative errno. */
int hook_output_open(const char *path);

/* The walk is over: let go of what undo_net_device would have needed. */
void net_devices_forget(struct host_context *h);

/* Detach the mount that act_shared_root has made, if it is there. A mount that is not proven to be
 * it stays: 0, or -EBUSY when it lies over ours. */
int shared_root_detach(const struct container *c, struct error *e);

/* Connect to a unix stream socket whose path may be longer than sun_path. A descriptor or a
 * negative errno. */
int connect_unix(const char *path);

/* Bind `fd` to a name in an open directory, whatever the length of the directory's path. */
int bind_in_directory(int fd, int dir_fd, const char *name);
