/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "libocispec/error.h"

/* Before the questions below, which take an unknown user namespace for one that is not the initial.
 */
int identity_probe(struct error *e);

/* By the namespace's inode: a rootless client makes a user namespace for itself, in which its euid,
 * and ours, is 0, and systemd 260 writes identity maps. */
bool is_initial_user_namespace(void);
/* uid 0 of the initial user namespace. */
bool is_real_root(void);

/* The user's name by /etc/passwd, else "#1000". No NSS: that would load libraries. Returns buffer.
 */
enum { USER_NAME_SIZE = 64 };
const char *user_name(uid_t uid, char buffer[static USER_NAME_SIZE]);
