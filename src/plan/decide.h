/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/runtime/mount_options.h"
#include "plan/decision.h"

/*
 * One function for each row of the sequences: adds the row's steps, none when the config does not
 * ask for them. PURE. 0, -EINVAL (the config), -EOPNOTSUPP or -ENOMEM.
 */
typedef int decide_function(struct decision *d, struct error *e);

/* namespaces.c */
decide_function decide_open_namespaces, decide_stager, decide_undumpable, decide_undumpable_init,
	decide_stager_joins, decide_stager_spawn, decide_host_spawn, decide_receive_init,
	decide_init_joins, decide_cgroup_namespace, decide_cgroup_ready, decide_delegate_cgroup,
	decide_cgroup_delegated, decide_hostname, decide_domainname, decide_loopback;
/* net_devices.c */
decide_function decide_net_devices;
/* idmap.c */
decide_function decide_id_map, decide_become_root;
/* rootfs.c */
decide_function decide_shared_root, decide_root_propagation, decide_root, decide_change_root,
	decide_root_readonly, decide_final_propagation;
/* mount_idmap.c, mounts.c, devices.c, paths.c */
decide_function decide_mount_id_maps, decide_open_sources, decide_mounts, decide_made_devices,
	decide_bound_devices, decide_cgroup_links, decide_cgroup_readonly, decide_readonly_dev,
	decide_dev_links, decide_masked_paths, decide_readonly_paths, decide_sysctls;
/* live_mounts.c */
decide_function decide_live_user_namespace, decide_live_root, decide_live_mounts, decide_unmounts;
/* Rows that decide_mounts() adds steps to: they follow its own in the table, in this order. */
enum mount_rows {
	MOUNT_ROW_ATTACH,
	MOUNT_ROW_COPY,
	MOUNT_ROW_COPIED,
	MOUNT_ROW_MAP,
	MOUNT_ROW_MAPPED
};
decide_function decide_mount_rows;
/* process.c */
decide_function decide_keyring, decide_oom_score, decide_host_rlimits, decide_init_rlimits,
	decide_console_socket, decide_terminal, decide_working_directory,
	decide_enter_working_directory, decide_umask, decide_bounding_set, decide_identity,
	decide_capabilities, decide_no_new_privs, decide_stdio_owner, decide_find_executable,
	decide_home, decide_close_descriptors, decide_close_rest, decide_exec;
/* emulation.c */
decide_function decide_emulation, decide_apt_setting;
/* landlock.c */
decide_function decide_landlock;
/* seccomp.c */
decide_function decide_seccomp, decide_connect_agent, decide_send_listener;
/* scheduling.c */
decide_function decide_scheduler, decide_final_scheduler, decide_io_priority,
	decide_initial_affinity, decide_final_affinity, decide_memory_policy, decide_personality,
	decide_time_offsets;
/* lsm.c */
decide_function decide_keyring_label, decide_apparmor, decide_selinux;
/* resctrl.c */
decide_function decide_resctrl, decide_attach_resctrl;
/* hooks.c */
decide_function decide_prestart_hooks, decide_create_runtime_hooks, decide_create_container_hooks,
	decide_start_container_hooks, decide_namespaces_ready, decide_hooks_done,
	decide_hook_output;
/* lifecycle.c */
decide_function decide_host_proc, decide_notify_socket, decide_reserve_state, decide_open_rootfs,
	decide_cgroup, decide_device_filter, decide_systemd_unit, decide_start_socket,
	decide_prepare_init, decide_attach_cgroup, decide_save_state, decide_ids_ready,
	decide_pid_known, decide_live_on, decide_created, decide_publish, decide_send_pidfd,
	decide_pid_file, decide_released, decide_wait_start, decide_tell_start, decide_await_exec,
	decide_join_container, decide_mounts_done, decide_enter_container_root, decide_exec_cgroup;

/* restore.c */
decide_function decide_start_criu, decide_criu_cgroup, decide_criu_namespaces, decide_criu_loopback,
	decide_criu_processes, decide_criu_resume;

/* Shared by the files above. */
bool has_mount_namespace(const struct decision *d);
/* Is the root a mount of the container's own, in whatever mount namespace? */
bool has_root_mount(const struct decision *d);
int error_needs_mount_namespace(const struct decision *d, const char *path, struct error *e);
bool root_is_shared(const struct decision *d);
/* Relative ones are the bundle's. */
const char *plan_mount_source(struct decision *d, const char *source);
bool plan_is_bind(const struct oci_mount *m, const struct mount_options *o);
int plan_mount_parameters(struct decision *d, const struct mount_options *o, const char *source,
	struct mount_step *s);
/* A tmpfs takes the mode of the directory that it is mounted on. After plan_mount_parameters(). */
int plan_mode_of_target(struct decision *d, struct mount_step *s);
void plan_mount_common(
	struct mount_step *s, const struct oci_mount *m, const struct mount_options *o);
/* The mount of config.mounts[i], once what lies on it is done. */
void plan_make_readonly(struct decision *d, size_t i);
/* Does a new file system of this type get linux.mountLabel? */
bool plan_takes_label(const struct decision *d, const struct mount_options *o, const char *type);
bool plan_is_cgroup_mount(const struct oci_mount *m);
int plan_cgroup_mount(struct decision *d, size_t i, const char *options, struct error *e);
/* The lines of /proc/PID/uid_map, and the same for a summary. */
const char *plan_id_map_lines(struct decision *d, const struct oci_id_mapping_list *l);
const char *plan_id_map_summary(struct decision *d, const struct oci_id_mapping_list *l);
/* CAP_SYS_NICE is needed until the second time. */
bool scheduler_comes_twice(const struct decision *d);
/* Once for all rows that share it. NULL: nothing to execute, or no memory. */
const struct exec_step *plan_exec_arguments(struct decision *d);
/* The policy that init must not have while it waits for its listener to be handed over; NULL: none
 * of the kind. */
const struct scheduler_step *scheduler_after_listener(struct decision *d);
bool scheduler_waits_for_listener(const struct decision *d);
/* "; one id is mapped, since ..." where that was not asked for, else "". */
const char *plan_why_one_id(struct decision *d);
bool id_is_mapped(const struct oci_id_mapping_list *l, uint32_t container_id);
