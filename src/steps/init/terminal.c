/* SPDX-License-Identifier: Apache-2.0 */
/* The container's terminal. Runs as INIT: no allocation, no stdio. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/cleanup.h"
#include "base/defence.h"
#include "base/fd.h"
#include "base/fd_pass.h"
#include "fsroot/inroot.h"
#include "steps/init/init.h"
#include "sys/constants.h"
#include "sys/mount_api.h"

/* The multiplexer of the devpts that the container has: resolved in the root, proven to be one. */
static int open_ptmx(struct actor_context *ctx)
{
	AUTO_CLOSE int root = init_open_root(ctx);
	if (root < 0)
		return root;
	AUTO_CLOSE int path =
		inroot_open(root, "dev/pts/ptmx", INROOT_NO_SYMLINKS, INROOT_EXISTING, 0);
	if (path == -ENOENT)
		return act_message(ctx, ERROR_SYSTEM, ENOENT,
			"a terminal needs a devpts mount on /dev/pts in the config's mounts", NULL);
	if (path < 0)
		return act_failed(ctx, "openat2", path);
	struct statfs fs;
	if (fstatfs(path, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC)
		return act_message(ctx, ERROR_SYSTEM, ENODEV, "/dev/pts is not a devpts", NULL);
	char magic[FD_PATH_SIZE];
	/* not by /proc, which is the container's for exec */
	int master = openat(
		ctx->slots[SLOT_PROC], fd_path_in_proc(path, magic), O_RDWR | O_NOCTTY | O_CLOEXEC);
	return master < 0 ? act_failed(ctx, "open ptmx", -errno) : master;
}

static int set_up(struct actor_context *ctx, int master, int slave, const struct step *step)
{
	if (step->u.terminal.height || step->u.terminal.width) {
		struct winsize size = { .ws_row = (unsigned short)step->u.terminal.height,
			.ws_col = (unsigned short)step->u.terminal.width };
		if (ioctl(master, TIOCSWINSZ, &size) < 0)
			return act_failed(ctx, "ioctl(TIOCSWINSZ)", -errno);
	}
	/* raw newlines: whoever holds the master translates, as with runc */
	struct termios t;
	if (tcgetattr(slave, &t) == 0) {
		t.c_oflag &= ~(tcflag_t)ONLCR;
		tcsetattr(slave, TCSANOW, &t);
	}
	return 0;
}

int terminal_send_master(struct actor_context *ctx, int master)
{
	static const char name[] = "/dev/ptmx";
	ssize_t n = fd_send(ctx->slots[SLOT_CONSOLE], name, sizeof name - 1, master);
	if (n < 0)
		return act_failed(ctx, "sendmsg", (int)n);
	close(ctx->slots[SLOT_CONSOLE]);
	ctx->slots[SLOT_CONSOLE] = -1;
	return 0;
}

/* The slave itself, by descriptor: no path of the container's is followed (CVE-2025-52565). */
static int mount_console(struct actor_context *ctx, int slave)
{
	enum inroot_follow follow =
		has_defence(DEFENCE_CONSOLE) ? INROOT_NOFOLLOW_LAST : INROOT_FOLLOW;
	AUTO_CLOSE int target =
		inroot_open(ctx->slots[SLOT_ROOTFS], "dev/console", follow, INROOT_MAKE_FILE, 0755);
	if (target < 0)
		return act_failed(ctx, "openat2", target);
	struct stat st;
	if (fstat(target, &st) == 0 && S_ISLNK(st.st_mode))
		return act_message(ctx, ERROR_SYSTEM, ELOOP,
			"/dev/console is a symbolic link in the root filesystem", NULL);
	AUTO_CLOSE int console = sys_open_tree_clone(slave, "", false, true);
	if (console < 0)
		return act_failed(ctx, "open_tree", console);
	int r = sys_move_mount(console, target);
	return r < 0 ? act_failed(ctx, "move_mount", r) : 0;
}

/* Needs: devpts is mounted; init leads a session. After: 0, 1 and 2 are the terminal. */
int act_terminal(struct actor_context *ctx, const struct step *step)
{
	AUTO_CLOSE int master = open_ptmx(ctx);
	if (master < 0)
		return master;
	int locked = 0;
	if (ioctl(master, TIOCSPTLCK, &locked) < 0)
		return act_failed(ctx, "ioctl(TIOCSPTLCK)", -errno);
	AUTO_CLOSE int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return act_failed(ctx, "ioctl(TIOCGPTPEER)", -errno);
	if (step->u.terminal.uid && fchown(slave, step->u.terminal.uid, (gid_t)-1) < 0 &&
		errno != EPERM && errno != EINVAL)
		return act_failed(ctx, "fchown", -errno);
	int r = set_up(ctx, master, slave, step);
	if (r == 0 && step->u.terminal.mount_console)
		r = mount_console(ctx, slave);
	if (r == 0)
		r = terminal_send_master(ctx, master);
	if (r < 0)
		return r;
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return act_failed(ctx, "ioctl(TIOCSCTTY)", -errno);
	for (int fd = 0; fd < 3; fd++)
		if (dup2(slave, fd) < 0)
			return act_failed(ctx, "dup2", -errno);
	return 0;
}
