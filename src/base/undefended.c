/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of a build for tests/hostile; no other build has this file. Read once, before main():
 * so every actor has it, and the binary that is executed again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/defence.h"

static enum defence without = DEFENCE_COUNT;

/* A name that is not there would make an attack's failure look like success: an end. */
__attribute__((constructor)) static void read_environment(void)
{
#define DEFENCE_NAME(name, text) text,
	static const char *const names[] = { DEFENCES(DEFENCE_NAME) };
#undef DEFENCE_NAME
	const char *name = getenv("OCI_RT_WITHOUT");
	if (!name)
		return;
	for (int i = 0; i < DEFENCE_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			without = (enum defence)i;
	if (without == DEFENCE_COUNT) {
		fprintf(stderr, "OCI_RT_WITHOUT: there is no defence '%s'\n", name);
		exit(2);
	}
}

bool has_defence(enum defence defence)
{
	return defence != without;
}
