/* SPDX-License-Identifier: Apache-2.0 */
/* exec: one more process in a running container. */
#include "base/cleanup.h"
#include "sequence/sequence.h"
#include "steps/host/host.h"

/* clang-format off */
static const struct row rows[] = {
	{ ROW_HOST,       "host procfs",           decide_host_proc,             act_host_proc,             NULL },
	{ ROW_HOST,       "console socket",        decide_console_socket,        act_console_socket,        NULL },
	{ ROW_HOST,       "container's cgroup",    decide_exec_cgroup,           act_exec_cgroup,           NULL },
	{ ROW_HOST,       "container's root",      decide_enter_container_root,  act_open_container_root,   NULL },
	{ ROW_HOST,       "fork stager",           decide_stager,                act_spawn_stager,          undo_spawn_stager },
	{ ROW_STAGER,     "initial CPUs",          decide_initial_affinity,      act_affinity,              NULL },
	{ ROW_STAGER,     "undumpable",            decide_undumpable,            act_undumpable,            NULL },
	{ ROW_STAGER,     "join namespaces",       decide_join_container,        act_join_container,        NULL },
	{ ROW_STAGER,     "fork init (stager)",    decide_stager_spawn,          act_stager_spawn,          NULL },
	{ ROW_HOST,       "learn the pid",         decide_receive_init,          act_receive_init,          undo_spawn },
	{ ROW_HOST,       "attach cgroup",         decide_attach_cgroup,         act_attach_cgroup,         NULL },
	{ ROW_HOST,       "join class of service", decide_attach_resctrl,      act_attach_resctrl,        NULL },
	{ ROW_HOST,       "oom_score_adj",         decide_oom_score,             act_oom_score,             NULL },
	{ ROW_INIT_WAITS, "process is known",      decide_pid_known,             NULL,                      NULL },
	{ ROW_INIT,       "prepare",               decide_prepare_init,          act_prepare_init,          NULL },
	{ ROW_INIT,       "enter root",            decide_enter_container_root,  act_enter_container_root,  NULL },
	{ ROW_INIT,       "become root",           decide_become_root,           act_become_root,           NULL },
	{ ROW_INIT,       "keyring's label",       decide_keyring_label,         act_exec_attribute,        NULL },
	{ ROW_INIT,       "session keyring",       decide_keyring,               act_keyring,               NULL },
	{ ROW_INIT,       "terminal",              decide_terminal,              act_terminal,              NULL },
	{ ROW_INIT,       "HOME",                  decide_home,                  act_home,                  NULL },
	{ ROW_INIT,       "rlimits",               decide_init_rlimits,          act_rlimit,                NULL },
	{ ROW_HOST,       "rlimits (host)",        decide_host_rlimits,          act_host_rlimit,           NULL },
	{ ROW_INIT,       "enter directory",       decide_enter_working_directory, act_enter_cwd,           NULL },
	{ ROW_INIT,       "final CPUs",            decide_final_affinity,        act_affinity,              NULL },
	{ ROW_INIT,       "scheduler",             decide_scheduler,             act_scheduler,             NULL },
	{ ROW_INIT,       "I/O priority",          decide_io_priority,           act_io_priority,           NULL },
	{ ROW_INIT,       "memory policy",         decide_memory_policy,         act_memory_policy,         NULL },
	{ ROW_INIT,       "personality",           decide_personality,           act_personality,           NULL },
	{ ROW_INIT,       "owner of stdio",        decide_stdio_owner,           act_stdio_owner,           NULL },
	{ ROW_INIT,       "bounding set",          decide_bounding_set,          act_bounding_set,          NULL },
	{ ROW_INIT,       "identity",              decide_identity,              act_identity,              NULL },
	{ ROW_INIT,       "capabilities",          decide_capabilities,          act_capabilities,          NULL },
	{ ROW_INIT,       "enter directory again", decide_enter_working_directory, act_enter_cwd_again,     NULL },
	{ ROW_INIT,       "umask",                 decide_umask,                 act_umask,                 NULL },
	{ ROW_INIT,       "find executable",       decide_find_executable,       act_find_executable,       NULL },
	{ ROW_INIT,       "AppArmor profile",      decide_apparmor,              act_exec_attribute,        NULL },
	{ ROW_INIT,       "SELinux label",         decide_selinux,               act_exec_attribute,        NULL },
	{ ROW_INIT,       "no_new_privs",          decide_no_new_privs,          act_no_new_privs,          NULL },
	{ ROW_HOST,       "pidfd",                 decide_send_pidfd,            act_send_pidfd,            NULL },
	{ ROW_HOST,       "pid file",              decide_pid_file,              act_pid_file,              undo_pid_file },
	{ ROW_INIT,       "live on",               decide_live_on,               act_live_on,               NULL },
	{ ROW_HOST,       "seccomp agent",         decide_connect_agent,         act_connect_agent,         NULL },
	{ ROW_INIT_WAITS, "released",              decide_released,              NULL,                      NULL },
	{ ROW_INIT,       "close descriptors",     decide_close_rest,            act_close_rest,            NULL },
	{ ROW_INIT,       "Landlock",              decide_landlock,              act_landlock,              NULL },
	{ ROW_INIT,       "id emulation",          decide_emulation,             act_seccomp,               NULL },
	{ ROW_INIT,       "seccomp",               decide_seccomp,               act_seccomp,               NULL },
	{ ROW_HOST,       "seccomp listener",      decide_send_listener,         act_send_listener,         NULL },
	{ ROW_INIT,       "execute",               decide_exec,                  act_exec,                  NULL },
	{ ROW_HOST,       "executed",              decide_await_exec,            act_await_exec,            NULL },
};
/* clang-format on */

const struct sequence exec_sequence = { "exec", rows, ARRAY_SIZE(rows) };
