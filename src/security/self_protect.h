/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "libocispec/error.h"

/*
 * CVE-2019-5736: a container that gets hold of /proc/PID/exe of a runtime process that has entered
 * it (or that is made to execute it: an entry point /proc/self/exe, a script's interpreter) could
 * write to the runtime's binary on the host.
 *
 * Before anything of a container is touched, make sure that the file behind our /proc/self/exe
 * cannot be written by it. What holds, in the order in which it is tried:
 *   1. no id that the container can have may write it          nothing to do
 *   2. it is on a read-only mount, or a sealed memory file       nothing to do (also our own 3 and
 * 4)
 *   3. execute again from a detached read-only mount of it       needs CAP_SYS_ADMIN
 *   4. execute again from a sealed copy in memory                everywhere else
 *
 * Returns 0, does not return (3, 4: the process image is replaced, argv kept), or fails: without
 * the protection no container is entered.
 */
int self_protect(char *const *argv, struct error *e);
