/* SPDX-License-Identifier: Apache-2.0 */
/* Names of signals. Pure. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/parse_num.h"
#include "cli/command.h"

/* The kernel's range. The C library's SIGRTMIN is a function that hides what it uses itself; users
 * and other runtimes mean 34 by RTMIN. */
enum { RT_MIN = 34, RT_MAX = 64 };

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },
	{ "TRAP", SIGTRAP },
	{ "ABRT", SIGABRT },
	{ "IOT", SIGIOT },
	{ "BUS", SIGBUS },
	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },
	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },
	{ "STKFLT", SIGSTKFLT },
	{ "CHLD", SIGCHLD },
	{ "CLD", SIGCHLD },
	{ "CONT", SIGCONT },
	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "URG", SIGURG },
	{ "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
	{ "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF },
	{ "WINCH", SIGWINCH },
	{ "IO", SIGIO },
	{ "POLL", SIGPOLL },
	{ "PWR", SIGPWR },
	{ "SYS", SIGSYS },
	{ "RTMIN", RT_MIN },
	{ "RTMAX", RT_MAX },
};

/* RTMIN+n and RTMAX-n */
static bool parse_realtime(const char *name, int *ret)
{
	bool from_min = strncasecmp(name, "RTMIN+", 6) == 0;
	uint32_t n;
	if (!from_min && strncasecmp(name, "RTMAX-", 6) != 0)
		return false;
	if (!parse_u32(name + 6, &n) || n > RT_MAX - RT_MIN)
		return false;
	*ret = from_min ? RT_MIN + (int)n : RT_MAX - (int)n;
	return true;
}

static bool parse_name(const char *name, int *ret)
{
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (strcasecmp(signals[i].name, name) == 0) {
			*ret = signals[i].number;
			return true;
		}
	return parse_realtime(name, ret);
}

int signal_parse(const char *text, int *ret, struct error *e)
{
	uint32_t number;
	if (parse_u32(text, &number) && number <= RT_MAX) {
		*ret = (int)number;
		return 0;
	}
	if (parse_name(text, ret))
		return 0;
	return error_set(e, ERROR_USAGE, EINVAL, "unknown signal '%s'", text);
}
