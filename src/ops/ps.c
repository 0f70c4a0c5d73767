/* SPDX-License-Identifier: Apache-2.0 */
/* oci-rt ps: the container's processes, as JSON or as those lines of the host's ps. HOST only. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/parse_num.h"
#include "ops/processes.h"
#include "ops/session.h"
#include "sys/process.h"

static void print_json(const struct pid_list *pids)
{
	putchar('[');
	for (size_t i = 0; i < pids->n; i++)
		printf("%s%d", i ? "," : "", pids->v[i]);
	puts("]");
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;
	return x < y ? -1 : x > y;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\n");
}

/* The n-th word, cut off at `size`; false: there are fewer. */
static bool nth_word(const char *line, size_t n, char *word, size_t size)
{
	line = skip_blanks(line);
	for (; n > 0 && *line; n--)
		line = skip_blanks(line + strcspn(line, " \t\n"));
	snprintf(word, size, "%.*s", (int)strcspn(line, " \t\n"), line);
	return *line != '\0';
}

static bool find_pid_column(const char *titles, size_t *ret)
{
	char word[16];
	for (size_t i = 0; nth_word(titles, i, word, sizeof word); i++)
		if (strcmp(word, "PID") == 0) {
			*ret = i;
			return true;
		}
	return false;
}

static int filter(FILE *lines, const struct pid_list *pids, struct error *e)
{
	AUTO_FREE char *line = NULL;
	size_t size = 0, column;
	if (getline(&line, &size, lines) < 0)
		return error_set(e, ERROR_SYSTEM, EIO, "ps wrote nothing");
	if (!find_pid_column(line, &column))
		return error_set(e, ERROR_USAGE, EINVAL,
			"the output of ps has no column PID; with -o, name pid as well");
	fputs(line, stdout);
	while (getline(&line, &size, lines) >= 0) {
		char word[16];
		uint32_t number;
		if (!nth_word(line, column, word, sizeof word) || !parse_u32(word, &number))
			continue;
		const pid_t pid = (pid_t)number;
		if (pids->n && bsearch(&pid, pids->v, pids->n, sizeof pid, compare_pids))
			fputs(line, stdout);
	}
	return 0;
}

static const char **ps_arguments(const struct string_list *args, struct arena *arena)
{
	const char **argv = ARENA_ARRAY(arena, args->n + 3, const char *);
	size_t n = 0;
	if (!argv)
		return NULL;
	argv[n++] = "ps";
	for (size_t i = 0; i < args->n; i++)
		argv[n++] = args->v[i];
	if (args->n == 0)
		argv[n++] = "-ef";
	return argv;
}

static void ps_child(const char **argv, int output)
{
	if (dup2(output, STDOUT_FILENO) >= 0)
		execvp("ps", (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

static int check_end(pid_t child, struct error *e)
{
	int status = 0;
	int r = sys_wait_child(child, &status);
	if (r < 0)
		return error_errno(e, -r, "wait for ps");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return error_set(e, ERROR_SYSTEM, ENOENT,
			"the program ps is missing on this host; use --format json");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return error_set(e, ERROR_SYSTEM, EIO, "ps failed with status %d",
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}

static int print_table(const struct pid_list *pids, const char **argv, struct error *e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(e, errno, "pipe");
	AUTO_CLOSE int input = ends[0], output = ends[1];
	pid_t child = sys_spawn(&(struct spawn){ .cgroup_fd = -1 });
	if (child == 0)
		ps_child(argv, output);
	if (child < 0)
		return error_errno(e, -child, "start ps");
	close(TAKE_FD(output));
	FILE *lines = fdopen(input, "r");
	int r = lines ? filter(lines, pids, e) : error_errno(e, ENOMEM, "read ps");
	if (lines) {
		input = -1;
		fclose(lines);
	}
	struct error end;
	int ended = check_end(child, &end);
	/* ps says more than the lack of its output; but when we stopped reading, its end says
	 * nothing
	 */
	if (ended < 0 && (r == 0 || r == -EIO)) {
		*e = end;
		return ended;
	}
	return r;
}

int op_ps(const struct global_options *g, const struct ps_options *o, struct error *e)
{
	AUTO_SESSION struct session s = SESSION_NONE;
	struct pid_list pids;
	int r = session_open(g, o->id, STATE_READ, &s, e);
	if (r == 0)
		r = processes_list(&s.container, &s.arena, &pids, e);
	if (r < 0)
		return r;
	if (pids.n)
		qsort(pids.v, pids.n, sizeof *pids.v, compare_pids);
	if (o->json) {
		print_json(&pids);
		return 0;
	}
	const char **argv = ps_arguments(&o->ps_args, &s.arena);
	if (!argv)
		return error_errno(e, ENOMEM, "start ps");
	return print_table(&pids, argv, e);
}
