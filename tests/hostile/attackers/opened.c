/* SPDX-License-Identifier: Apache-2.0 */
/* opened FILE MARK: makes the file MARK when somebody has opened FILE, be it for a moment. O_PATH
 * does not count: a device is told of it no more than we are. Says "ready" first. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char event[4096];
	int fd = inotify_init1(IN_CLOEXEC);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc != 3 || inotify_add_watch(fd, argv[1], IN_OPEN) < 0)
		return 2;
	puts("ready");
	fflush(stdout);
	if (read(fd, event, sizeof event) <= 0)
		return 1;
	return open(argv[2], O_WRONLY | O_CREAT, 0644) < 0;
}
