#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""In a container: tries what Landlock has rights for, and says what it refuses.

    landlock.py files DIR       each right on files, in DIR
    landlock.py tcp PORT        bind and connect
    landlock.py listen NAME     an abstract socket, until it is killed; "ready" in the file NAME of /w
    landlock.py reach NAME      that socket, and a signal for process 1
"""

import errno
import fcntl
import os
import socket
import stat
import subprocess
import sys
import termios
import time


def is_refused(action):
    """Whether Landlock refuses it; another error means that the kernel came further than that."""
    try:
        action()
    except OSError as e:
        # EXDEV: landlock(7), a file that may not change its directory
        if e.errno in (errno.EACCES, errno.EXDEV):
            return True
    return False


def opened(path, flags):
    os.close(os.open(path, flags))


def bound(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)


def ioctl():
    with open("/dev/null", "rb") as f:
        fcntl.ioctl(f, termios.TCGETS, b"\0" * 64)


def files(d):
    actions = {
        "execute": lambda: subprocess.run([f"{d}/true"], check=True),
        "write_file": lambda: opened(f"{d}/file", os.O_WRONLY | os.O_APPEND),
        "read_file": lambda: opened(f"{d}/file", os.O_RDONLY),
        "read_dir": lambda: os.listdir(d),
        "remove_dir": lambda: os.rmdir(f"{d}/dir"),
        "remove_file": lambda: os.remove(f"{d}/removed"),
        # the device 0:0 needs no CAP_MKNOD
        "make_char": lambda: os.mknod(f"{d}/char", stat.S_IFCHR | 0o600, 0),
        "make_dir": lambda: os.mkdir(f"{d}/made"),
        "make_reg": lambda: os.mknod(f"{d}/reg", stat.S_IFREG | 0o600),
        "make_sock": lambda: bound(f"{d}/sock"),
        "make_fifo": lambda: os.mkfifo(f"{d}/fifo"),
        "make_block": lambda: os.mknod(f"{d}/block", stat.S_IFBLK | 0o600, os.makedev(7, 0)),
        "make_sym": lambda: os.symlink("x", f"{d}/sym"),
        "refer": lambda: os.link(f"{d}/a/f", f"{d}/b/f"),
        "truncate": lambda: os.truncate(f"{d}/file", 0),
        "ioctl_dev": ioctl,
    }
    print(*(name for name, action in actions.items() if is_refused(action)))


def connect(port):
    with socket.socket() as s:
        s.connect(("127.0.0.1", port))


def bind(port):
    with socket.socket() as s:
        s.bind(("127.0.0.1", port))


def tcp(port):
    actions = {"bind_tcp": bind, "connect_tcp": connect}
    for p in (port, port + 1):
        print(p, *(name for name, action in actions.items() if is_refused(lambda: action(p))))


def listen(name):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind("\0" + name)
        s.listen()
        open("/w/" + name, "w", encoding="ascii").close()
        time.sleep(1000)


def reach(name):
    with socket.socket(socket.AF_UNIX) as s:
        for what, action in (
            ("abstract_unix_socket", lambda: s.connect("\0" + name)),
            ("signal", lambda: os.kill(1, 0)),
        ):
            try:
                action()
            except PermissionError:
                print(what)


if __name__ == "__main__":
    _, verb, argument = sys.argv
    {"files": files, "tcp": lambda p: tcp(int(p)), "listen": listen, "reach": reach}[verb](argument)
