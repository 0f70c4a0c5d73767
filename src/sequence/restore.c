/* SPDX-License-Identifier: Apache-2.0 */
/* restore: HOST and criu, which stops at each of its notifications until HOST has come there. */
#include "base/cleanup.h"
#include "sequence/sequence.h"
#include "steps/host/host.h"

/* clang-format off */
static const struct row rows[] = {
	{ ROW_HOST,       "host procfs",           decide_host_proc,             act_host_proc,             NULL },
	{ ROW_HOST,       "reserve state",         decide_reserve_state,         act_reserve_state,         undo_reserve_state },
	{ ROW_HOST,       "open rootfs",           decide_open_rootfs,           act_open_rootfs,           NULL },
	{ ROW_HOST,       "open namespaces",       decide_open_namespaces,       act_open_namespace,        NULL },
	{ ROW_HOST,       "console socket",        decide_console_socket,        act_console_socket,        NULL },
	{ ROW_HOST,       "hooks' output",         decide_hook_output,           act_hook_output,           NULL },
	{ ROW_HOST,       "cgroup",                decide_cgroup,                act_cgroup,                undo_cgroup },
	{ ROW_HOST,       "class of service",      decide_resctrl,               act_resctrl,               undo_resctrl },
	{ ROW_HOST,       "start criu",            decide_start_criu,            act_start_criu,            undo_start_criu },
	{ ROW_HOST,       "systemd unit",          decide_systemd_unit,          act_systemd_unit,          undo_systemd_unit },
	{ ROW_HOST,       "criu's cgroup",         decide_criu_cgroup,           act_attach_cgroup,         NULL },
	{ ROW_HOST,       "join class of service", decide_attach_resctrl,        act_attach_resctrl,        NULL },
	{ ROW_HOST,       "namespaces",            decide_criu_namespaces,       act_criu_namespaces,       NULL },
	{ ROW_HOST,       "loopback",              decide_criu_loopback,         act_criu_loopback,         NULL },
	{ ROW_HOST,       "network devices",       decide_net_devices,           act_net_device,            undo_net_device },
	{ ROW_HOST,       "prestart hooks",        decide_prestart_hooks,        act_host_hook,             NULL },
	{ ROW_HOST,       "createRuntime hooks",   decide_create_runtime_hooks,  act_host_hook,             NULL },
	{ ROW_HOST,       "processes",             decide_criu_processes,        act_criu_processes,        NULL },
	{ ROW_HOST,       "save state",            decide_save_state,            act_save_state,            NULL },
	{ ROW_HOST,       "device filter",         decide_device_filter,         act_device_filter,         NULL },
	{ ROW_HOST,       "pid file",              decide_pid_file,              act_pid_file,              undo_pid_file },
	{ ROW_HOST,       "go on",                 decide_criu_resume,           act_criu_resume,           NULL },
};
/* clang-format on */

const struct sequence restore_sequence = { "restore", rows, ARRAY_SIZE(rows) };
