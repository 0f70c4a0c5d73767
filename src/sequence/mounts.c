/* SPDX-License-Identifier: Apache-2.0 */
/* mounts add and mounts remove: INIT enters the container, mounts or unmounts, and ends. */
#include "base/cleanup.h"
#include "sequence/sequence.h"
#include "steps/host/host.h"

/* clang-format off */
static const struct row rows[] = {
	{ ROW_HOST,       "host procfs",           decide_host_proc,             act_host_proc,             NULL },
	{ ROW_HOST,       "open user namespace",   decide_live_user_namespace,   act_open_namespace,        NULL },
	{ ROW_HOST,       "mount id maps",         decide_mount_id_maps,         act_mount_id_map,          NULL },
	{ ROW_HOST,       "open bind sources",     decide_open_sources,          act_open_source,           NULL },
	{ ROW_HOST,       "fork stager",           decide_stager,                act_spawn_stager,          undo_spawn_stager },
	{ ROW_STAGER,     "undumpable",            decide_undumpable,            act_undumpable,            NULL },
	{ ROW_STAGER,     "join namespaces",       decide_join_container,        act_join_container,        NULL },
	{ ROW_STAGER,     "fork init (stager)",    decide_stager_spawn,          act_stager_spawn,          NULL },
	{ ROW_HOST,       "learn the pid",         decide_receive_init,          act_receive_init,          undo_spawn },
	{ ROW_INIT_WAITS, "process is known",      decide_pid_known,             NULL,                      NULL },
	{ ROW_INIT,       "prepare",               decide_prepare_init,          act_prepare_init,          NULL },
	{ ROW_INIT,       "become root",           decide_become_root,           act_become_root,           NULL },
	{ ROW_INIT,       "container's root",      decide_live_root,             act_live_root,             NULL },
	{ ROW_INIT,       "unmount",               decide_unmounts,              act_unmount,               NULL },
	{ ROW_INIT,       "mounts",                decide_live_mounts,           act_live_mount,            NULL },
	{ ROW_HOST_WAITS, "done",                  decide_mounts_done,           NULL,                      NULL },
};
/* clang-format on */

const struct sequence mounts_sequence = { "mounts", rows, ARRAY_SIZE(rows) };
