#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A seccomp agent, for the tests.

agent.py SOCKET LOG
    Listen on SOCKET. Each connection adds a line to LOG: the document that came, how many
    descriptors came with it, and in how many pieces. mkdir fails with ENOMEDIUM, mknod of the device
    1:3 is done in the container's place, and refused for others; all other calls that the filter
    asks about go on. Their numbers are added to LOG.calls.
"""
import array
import fcntl
import json
import os
import platform
import select
import socket
import struct
import sys
import threading

RECEIVE, SEND = 0xC0502100, 0xC0182101  # linux/seccomp.h
CONTINUE, EPERM, ENOMEDIUM = 1, 1, 123
MKDIR = {"x86_64": (83, 258)}.get(platform.machine(), (34,))
# the number, and which argument is the path; the mode and the device follow
MKNOD = {"x86_64": {133: 0, 259: 1}}.get(platform.machine(), {33: 1})


def read_text(pid, address):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as f:
        f.seek(address)
        return f.read(256).split(b"\0")[0].decode()


def make_node(pid, path, mode, device):
    """The container's process may not: the agent, root of the host, does it below its root."""
    if device != os.makedev(1, 3):
        return EPERM
    try:
        os.mknod(f"/proc/{pid}/root/{read_text(pid, path)}", mode, device)
    except OSError as e:
        return e.errno
    return 0


def decide(request):
    """The error for the process, and the flags of the answer."""
    pid, number = struct.unpack_from("I", request, 8)[0], struct.unpack_from("i", request, 16)[0]
    arguments = struct.unpack_from("6Q", request, 32)
    if number in MKDIR:
        return ENOMEDIUM, 0
    if number in MKNOD:
        return make_node(pid, *arguments[MKNOD[number]:][:3]), 0
    return 0, CONTINUE


def answer(fd, log):
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while True:
        if poll.poll()[0][1] & select.POLLHUP:
            return os.close(fd)  # nobody has the filter any more
        request = bytearray(80)
        try:
            fcntl.ioctl(fd, RECEIVE, request)
        except OSError:  # the process has gone meanwhile
            continue
        number, = struct.unpack_from("i", request, 16)
        with open(log + ".calls", "a") as f:
            print(number, file=f)
        error, flags = decide(request)
        reply = request[:8] + struct.pack("qiI", 0, -error, flags)
        try:
            fcntl.ioctl(fd, SEND, reply)
        except OSError:
            pass


def receive(connection, log):
    fds, data, pieces = array.array("i"), b"", 0
    while True:
        more, control, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(16 * fds.itemsize))
        for level, kind, content in control:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
        if not more:
            break
        data += more
        pieces += 1
    for fd in fds:
        threading.Thread(target=answer, args=(fd, log), daemon=True).start()
    with open(log, "a") as f:
        print(json.dumps({"n": len(fds), "pieces": pieces, "document": json.loads(data)}), file=f)


def main(path, log):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # sun_path has 108 bytes
    listener.bind(os.path.basename(path))
    os.chdir(here)
    listener.listen(8)
    while True:
        connection, _ = listener.accept()
        with connection:
            receive(connection, log)


main(*sys.argv[1:])
