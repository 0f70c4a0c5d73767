/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What of an absolute path comes after the directory `top`: "" for top itself, "/x" for what is
 * below it; NULL: the path is elsewhere. Slashes at top's end do not count. Of "/" there is no
 * rest: NULL, since those who ask mean a mount point or a bundle's root. */
const char *path_rest(const char *path, const char *top);
