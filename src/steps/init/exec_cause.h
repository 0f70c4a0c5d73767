/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Looks at the file and what it needs, as the container sees them. After: `text` is ": CAUSE" or
 * ": CAUSE; REMEDY", or "" when nothing was seen that explains errno `err`. Allocation-free. */
enum { EXEC_CAUSE_SIZE = 448 };
void exec_cause(const char *path, int err, char text[static EXEC_CAUSE_SIZE]);
