/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "criu/swrk.h"

/*
 * The child that is to be criu, at restore: a mount namespace of its own, in which the container's
 * root is a mount on s->mount_path, with a place for each mount of the config. It goes
 * when criu ends, whatever happens: nothing of it is ever seen, or left, on the host.
 */
/* Of *s the directories become this namespace's own. */
int criu_enter_root(struct criu_start *s, struct error *e);
