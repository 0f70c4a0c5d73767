/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time commands in turns (A B A B ...), so that what the machine does meanwhile hits all alike.
 *
 *   turns ROUNDS WARMUP <COMMANDS
 *
 * COMMANDS: lines "NAME<tab>WORD<tab>WORD...", run with standard output closed off. "NAME<tab>!"
 * with words is run after the command of that name, untimed (to clean up). Writes a JSON line for
 * each sample:
 *   {"name":"run","us":1234,"cpu_us":1100,"rss_kib":1234}
 * us: wall time from before the spawn to after the wait. cpu_us and rss_kib: wait4(2)'s, of the
 * command and the children that it waited for. A command that fails ends it all, status 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_COMMANDS = 64, MAX_WORDS = 64 };

struct command {
	char *name;
	bool is_cleanup;
	char *argv[MAX_WORDS];
};

extern char **environ;

static double now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double cpu_us(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e6 +
	       (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

static void run(const struct command *c, const posix_spawn_file_actions_t *actions, bool is_shown)
{
	struct rusage usage;
	int status;
	pid_t pid;
	double start = now_us();
	int r = posix_spawnp(&pid, c->argv[0], actions, NULL, c->argv, environ);
	if (r != 0) {
		fprintf(stderr, "turns: %s: %s\n", c->argv[0], strerror(r));
		exit(1);
	}
	wait4(pid, &status, 0, &usage);
	double end = now_us();
	if (status != 0) {
		fprintf(stderr, "turns: %s: %s failed, status %#x\n", c->name, c->argv[0], status);
		exit(1);
	}
	if (is_shown && !c->is_cleanup)
		printf("{\"name\":\"%s\",\"us\":%.0f,\"cpu_us\":%.0f,\"rss_kib\":%ld}\n", c->name,
			end - start, cpu_us(&usage), usage.ru_maxrss);
}

static size_t read_commands(struct command *v)
{
	static char line[65536];
	size_t n = 0;
	while (n < MAX_COMMANDS && fgets(line, sizeof line, stdin)) {
		size_t words = 0;
		line[strcspn(line, "\n")] = '\0';
		if (!*line)
			continue;
		char *rest = strdup(line);
		v[n] = (struct command){ .name = strsep(&rest, "\t") };
		for (char *word; (word = strsep(&rest, "\t")) && words < MAX_WORDS - 1;) {
			if (words == 0 && !v[n].is_cleanup && strcmp(word, "!") == 0)
				v[n].is_cleanup = true;
			else
				v[n].argv[words++] = word;
		}
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	static struct command commands[MAX_COMMANDS];
	posix_spawn_file_actions_t actions;
	if (argc != 3) {
		fputs("usage: turns ROUNDS WARMUP <COMMANDS\n", stderr);
		return 2;
	}
	long rounds = strtol(argv[1], NULL, 10), warmup = strtol(argv[2], NULL, 10);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	size_t n = read_commands(commands);
	for (long round = -warmup; round < rounds; round++)
		for (size_t i = 0; i < n; i++)
			run(&commands[i], &actions, round >= 0);
	return 0;
}
