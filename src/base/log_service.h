/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/log.h"

/* `--log journald:NAME` and `--log syslog:NAME`: datagrams to a service of this machine, one a
 * line. The protocols are systemd's native journal protocol and RFC 3164 as /dev/log takes it. */
enum log_service { LOG_TO_FILE, LOG_TO_JOURNALD, LOG_TO_SYSLOG };

/* Which of them `target` names; *ret_name is what stands behind the colon. */
enum log_service log_service_of(const char *target, const char **ret_name);
/* A connected socket or a negative errno. */
int log_service_open(enum log_service service);
/* One line. A service that does not listen any more is no reason for the command to fail. */
void log_service_write(int fd, enum log_service service, const char *name, enum log_level level,
	const char *sentence);
