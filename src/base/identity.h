/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* By the namespace's inode: a rootless client makes a user namespace for itself, in which its euid,
 * and ours, is 0, and systemd 260 writes identity maps. */
bool is_initial_user_namespace(void);
/* uid 0 of the initial user namespace. */
bool is_real_root(void);

/* The user's name by /etc/passwd, else "#1000". No NSS: that would load libraries. Returns buffer.
 */
enum { USER_NAME_SIZE = 64 };
const char *user_name(uid_t uid, char buffer[static USER_NAME_SIZE]);
