/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

struct copy_what {
	bool content; /* files, directories, links, with modes and owners */
	bool owner;   /* of the directory itself */
};

/* From the directory from_fd (O_PATH) to the empty directory to_fd (a new tmpfs); proc_fd as for
 * inroot_read(). 0 or a negative errno. Allocation-free. */
int copy_up(int from_fd, int to_fd, int proc_fd, const struct copy_what *what);
