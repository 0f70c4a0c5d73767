/* SPDX-License-Identifier: Apache-2.0 */
/* The commands, in the order of --help. */
#include <string.h>

#include "base/cleanup.h"
#include "cli/command.h"

const struct command *const commands[] = {
	&cmd_create,
	&cmd_start,
	&cmd_run,
	&cmd_exec,
	&cmd_kill,
	&cmd_delete,
	&cmd_state,
	&cmd_list,
	&cmd_ps,
	&cmd_events,
	&cmd_stats,
	&cmd_pause,
	&cmd_resume,
	&cmd_checkpoint,
	&cmd_restore,
	&cmd_mounts,
	&cmd_update,
	&cmd_spec,
	&cmd_features,
	&cmd_plan,
	&cmd_doctor,
	&cmd_inspect,
	NULL,
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0 ||
			(commands[i]->alias && strcmp(commands[i]->alias, name) == 0))
			return commands[i];
	return NULL;
}
