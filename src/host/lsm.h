/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "plan/host_facts.h"

/* 0: a process of ours may change to the profile. -ENOENT: it is not loaded; else why not. */
int host_apparmor_knows(const char *profile);
/* Fill the facts about these security modules; the others stay as they are. */
void host_probe_lsm(bool apparmor, bool selinux, bool landlock, struct host_facts *facts);
