/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Defences that tests/hostile takes out one at a time, to see its attacks succeed without them. A
 * normal build has them all, as a constant: nothing of this is left in it. -Dundefended=true makes
 * a binary for those tests alone, which asks the environment, OCI_RT_WITHOUT=NAME.
 */
#include <stdbool.h>

#include "config.h"

#define DEFENCES(ROW)                                                                              \
	ROW(UNDUMPABLE, "undumpable")	      /* CVE-2016-9962 */                                  \
	ROW(BINARY, "binary")		      /* CVE-2019-5736 */                                  \
	ROW(REAL_PROC, "real-proc")	      /* CVE-2019-16884, -19921 */                         \
	ROW(PROC_BENEATH, "proc-beneath")     /* CVE-2025-52881 */                                 \
	ROW(ONE_RESOLUTION, "one-resolution") /* CVE-2019-18837, 2021-30465 */                     \
	ROW(IN_ROOT, "in-root")		      /* CVE-2024-45310, 2026-41579, -47766 */             \
	ROW(INHERITABLE, "inheritable")	      /* CVE-2022-29162, -27650 */                         \
	ROW(OWN_CGROUP, "own-cgroup")	      /* CVE-2023-25809 */                                 \
	ROW(PROC_TARGET, "proc-target")	      /* CVE-2023-27561, -28642, 2025-54867 */             \
	ROW(DESCRIPTORS, "descriptors")	      /* CVE-2024-21626 */                                 \
	ROW(STANDARD, "standard")                                                                  \
	ROW(CWD_INSIDE, "cwd-inside") /* CVE-2024-21626 */                                         \
	ROW(HOST_NULL, "host-null")   /* CVE-2025-31133 */                                         \
	ROW(CONSOLE, "console")	      /* CVE-2025-52565 */                                         \
	ROW(NUMBERS, "numbers")	      /* CVE-2026-30892 */                                         \
	ROW(ID, "id")                                                                              \
	ROW(CGROUP_PATH, "cgroup-path")                                                            \
	ROW(SUB_CGROUP, "sub-cgroup")                                                              \
	ROW(THAW, "thaw")                                                                          \
	ROW(START_TIME, "start-time")                                                              \
	ROW(STATE_OWNER, "state-owner")                                                            \
	ROW(DEVICE, "device")                                                                      \
	ROW(COPY_UP, "copy-up")                                                                    \
	ROW(REGULAR_FILE, "regular-file")                                                          \
	ROW(HELD, "held")

#define DEFENCE_ENUM(name, text) DEFENCE_##name,
enum defence { DEFENCES(DEFENCE_ENUM) DEFENCE_COUNT };
#undef DEFENCE_ENUM

#if WITH_DEFENCES
static inline bool has_defence(enum defence defence)
{
	return true;
}
#define DEFENCE_NOTICE ""
#else
bool has_defence(enum defence defence);
#define DEFENCE_NOTICE "UNDEFENDED: for tests/hostile alone, never to be installed\n"
#endif
