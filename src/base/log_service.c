/* SPDX-License-Identifier: Apache-2.0 */
/* Logging to journald and syslog, without their libraries. HOST only; no allocation. */
#include "base/log_service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

static const struct {
	const char *prefix, *socket;
} services[] = {
	[LOG_TO_FILE] = { NULL, NULL },
	[LOG_TO_JOURNALD] = { "journald:", "/run/systemd/journal/socket" },
	[LOG_TO_SYSLOG] = { "syslog:", "/dev/log" },
};

static const int priorities[LOG_LEVEL_COUNT] = {
	[LOG_LEVEL_ERROR] = LOG_ERR,
	[LOG_LEVEL_WARNING] = LOG_WARNING,
	[LOG_LEVEL_INFO] = LOG_INFO,
	[LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

enum log_service log_service_of(const char *target, const char **ret_name)
{
	for (unsigned i = LOG_TO_JOURNALD; i < ARRAY_SIZE(services); i++) {
		size_t n = strlen(services[i].prefix);
		if (strncmp(target, services[i].prefix, n) == 0) {
			*ret_name = target[n] ? target + n : "oci-rt";
			return (enum log_service)i;
		}
	}
	return LOG_TO_FILE;
}

int log_service_open(enum log_service service)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strcpy(address.sun_path, services[service].socket);
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int syslog_line(
	char *line, size_t size, const char *name, enum log_level level, const char *sentence)
{
	char when[32];
	time_t now = time(NULL);
	struct tm tm;
	localtime_r(&now, &tm);
	strftime(when, sizeof when, "%b %e %H:%M:%S", &tm);
	return snprintf(line, size, "<%d>%s %s[%d]: %s", LOG_USER | priorities[level], when, name,
		getpid(), sentence);
}

void log_service_write(int fd, enum log_service service, const char *name, enum log_level level,
	const char *sentence)
{
	char line[2048];
	int n;
	if (service == LOG_TO_JOURNALD)
		n = snprintf(line, sizeof line, "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n",
			priorities[level], name, sentence);
	else
		n = syslog_line(line, sizeof line, name, level, sentence);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
	while (send(fd, line, len, MSG_NOSIGNAL) < 0 && errno == EINTR)
		;
}
