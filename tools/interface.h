/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/command.h"

/*
 * What describes the command line elsewhere, printed from the same tables that the parser reads.
 * For the build only: nothing here is part of the runtime.
 */

/* c NULL: the program's own page */
void print_man(const struct command *c);
void print_bash(void);
void print_zsh(void);
void print_fish(void);

enum value_kind {
	VALUE_NONE, /* a flag */
	VALUE_NAMES,
	VALUE_FILE,
	VALUE_DIRECTORY,
	VALUE_OTHER
};
/* What a shell may offer as the option's value, by the argument's name in --help. */
enum value_kind value_kind(const struct option_row *row);

/* Does the command take the id of a container as its argument number n (from 0)? */
bool takes_id(const struct command *c, size_t n);
