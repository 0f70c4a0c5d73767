/* SPDX-License-Identifier: Apache-2.0 */
/* Names of signals. Pure. spec: runtime.md#kill. */
#include "libocispec/runtime/signals.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

/* The kernel's numbers as image builders and other runtimes count: the C library's SIGRTMIN is a
 * variable that depends on how many signals its threads keep. */
enum { RTMIN = 34, RTMAX = 64 };

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "SIGABRT", SIGABRT },
	{ "SIGALRM", SIGALRM },
	{ "SIGBUS", SIGBUS },
	{ "SIGCHLD", SIGCHLD },
	{ "SIGCLD", SIGCHLD },
	{ "SIGCONT", SIGCONT },
	{ "SIGFPE", SIGFPE },
	{ "SIGHUP", SIGHUP },
	{ "SIGILL", SIGILL },
	{ "SIGINT", SIGINT },
	{ "SIGIO", SIGIO },
	{ "SIGIOT", SIGABRT },
	{ "SIGKILL", SIGKILL },
	{ "SIGPIPE", SIGPIPE },
	{ "SIGPOLL", SIGPOLL },
	{ "SIGPROF", SIGPROF },
	{ "SIGPWR", SIGPWR },
	{ "SIGQUIT", SIGQUIT },
	{ "SIGSEGV", SIGSEGV },
#ifdef SIGSTKFLT /* not on MIPS, SPARC, PA-RISC */
	{ "SIGSTKFLT", SIGSTKFLT },
#endif
	{ "SIGSTOP", SIGSTOP },
	{ "SIGSYS", SIGSYS },
	{ "SIGTERM", SIGTERM },
	{ "SIGTRAP", SIGTRAP },
	{ "SIGTSTP", SIGTSTP },
	{ "SIGTTIN", SIGTTIN },
	{ "SIGTTOU", SIGTTOU },
	{ "SIGURG", SIGURG },
	{ "SIGUSR1", SIGUSR1 },
	{ "SIGUSR2", SIGUSR2 },
	{ "SIGVTALRM", SIGVTALRM },
	{ "SIGWINCH", SIGWINCH },
	{ "SIGXCPU", SIGXCPU },
	{ "SIGXFSZ", SIGXFSZ },
};
enum { N_SIGNALS = sizeof signals / sizeof signals[0] };

/* One or two digits, nothing else. */
static bool parse_small(const char *s, int *ret)
{
	size_t n = strspn(s, "0123456789");
	if (!n || n > 2 || s[n])
		return false;
	*ret = n == 1 ? s[0] - '0' : (s[0] - '0') * 10 + s[1] - '0';
	return true;
}

static bool in_range(int number, int min, int *ret)
{
	if (number < min || number > RTMAX)
		return false;
	*ret = number;
	return true;
}

/* RTMIN, RTMIN+n, RTMAX, RTMAX-n */
static bool parse_realtime(const char *s, int *ret)
{
	int offset = 0;
	bool from_min = strncasecmp(s, "RTMIN", 5) == 0;
	if (!from_min && strncasecmp(s, "RTMAX", 5) != 0)
		return false;
	if (s[5] && (s[5] != (from_min ? '+' : '-') || !parse_small(s + 6, &offset)))
		return false;
	return in_range(from_min ? RTMIN + offset : RTMAX - offset, RTMIN, ret);
}

bool signal_parse(const char *s, int *ret)
{
	int number;
	if (parse_small(s, &number))
		return in_range(number, 0, ret);
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (size_t i = 0; i < N_SIGNALS; i++) {
		if (strcasecmp(s, signals[i].name + 3) == 0) {
			*ret = signals[i].number;
			return true;
		}
	}
	return parse_realtime(s, ret);
}

const char *signal_name(int number)
{
	for (size_t i = 0; i < N_SIGNALS; i++)
		if (signals[i].number == number)
			return signals[i].name;
	return NULL;
}
