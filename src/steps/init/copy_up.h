/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Copy the tree below from_fd (O_PATH directory) into the empty directory to_fd (a new tmpfs):
 * files, directories, links, with modes and owners. 0 or a negative errno. Allocation-free. */
int copy_up(int from_fd, int to_fd);
