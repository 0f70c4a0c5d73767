/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers of the kernel's interface that headers of the oldest supported systems lack. They are
 * here and nowhere else. Constants only, so that the layers without system calls may have them.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include <linux/mount.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080 /* Linux 5.6 */
#endif
#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47 /* Linux 4.3 */
#endif
#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13 */
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000 /* Linux 5.2 */
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U /* Linux 6.8 */
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000 /* Linux 5.14 */
#endif
