#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The other side of a terminal, for the tests.

terminal.py receive SOCKET LOG [INPUT]
    Listen on SOCKET as conmon does, take the master, and write what comes out to LOG and what was
    received to LOG.json, until the terminal has no user any more. INPUT is typed after "ready".
terminal.py run ROWSxCOLUMNS[,ROWSxCOLUMNS] INPUT COMMAND...
    Run COMMAND on a terminal of that size. When it says "ready", change to the second size and
    type INPUT. Prints what comes out; exits as COMMAND does.
"""
import array
import fcntl
import json
import os
import pty
import socket
import struct
import sys
import termios


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def set_size(fd, size):
    rows, columns = map(int, size.split("x"))
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read(fd):
    try:
        return os.read(fd, 4096)
    except OSError:  # EIO: nobody has the other side open
        return b""


def receive(path, log, text=""):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    here = os.getcwd()
    os.chdir(os.path.dirname(path) or ".")  # sun_path has 108 bytes
    listener.bind(os.path.basename(path))
    listener.listen(1)
    os.chdir(here)
    connection, _ = listener.accept()
    fds = array.array("i")
    room = 16 * fds.itemsize
    data, control, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(room))
    for level, kind, content in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    rest = connection.recv(4096)
    rows, columns, _, _ = struct.unpack(
        "HHHH", fcntl.ioctl(fds[0], termios.TIOCGWINSZ, b"\0" * 8)
    )
    with open(log + ".json", "w") as f:
        json.dump(
            {
                "fds": len(fds),
                "data": len(data),
                "rest": len(rest),
                "size": [rows, columns],
            },
            f,
        )
    seen, typed = b"", not text
    with open(log, "wb", buffering=0) as f:
        while chunk := read(fds[0]):
            f.write(chunk)
            seen += chunk
            if not typed and b"ready" in seen:
                typed = True
                os.write(fds[0], unescape(text))


def run(sizes, text, *command):
    first, _, second = sizes.partition(",")
    pid, master = pty.fork()
    if pid == 0:
        set_size(0, first)
        os.execvp(command[0], command)
    seen, typed = b"", False
    while chunk := read(master):
        os.write(1, chunk)
        seen += chunk
        if not typed and b"ready" in seen:
            typed = True
            if second:
                set_size(master, second)
            os.write(master, unescape(text))
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


{"receive": receive, "run": run}[sys.argv[1]](*sys.argv[2:])
