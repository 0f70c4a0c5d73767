#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A seccomp agent for the tests:  seccomp_agent.py SOCKET LOG

Listens on SOCKET and writes each connection to LOG as one line of JSON: the bytes, the number of
descriptors that came with the first and with later messages, and whether the other side closed. The
first connection's descriptor is served: each system call gets EEXIST.
"""
import array
import errno
import fcntl
import json
import os
import socket
import struct
import sys
import threading

NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101


def serve(fd):
    while True:
        notif = bytearray(80)
        try:
            fcntl.ioctl(fd, NOTIF_RECV, notif)
            answer = struct.pack("QqiI", struct.unpack_from("Q", notif)[0], 0, -errno.EEXIST, 0)
            fcntl.ioctl(fd, NOTIF_SEND, answer)
        except OSError as error:
            if error.errno in (errno.EINTR, errno.EAGAIN):
                continue
            return


def receive(connection):
    connection.settimeout(5)
    record = {"text": "", "first": 0, "later": 0, "closed": False}
    fds, first = [], True
    try:
        while True:
            data, control, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64))
            if not data:
                record["closed"] = True
                break
            got = array.array("i")
            for level, kind, content in control:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    got.frombytes(content[: len(content) - len(content) % got.itemsize])
            record["text"] += data.decode()
            record["first" if first else "later"] += len(got)
            fds += got
            first = False
    except OSError:
        pass
    return record, fds


def main(path, log):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.chdir(os.path.dirname(path) or ".")
    listener.bind(os.path.basename(path))
    listener.listen(4)
    while True:
        connection, _ = listener.accept()
        record, fds = receive(connection)
        connection.close()
        with open(log, "a") as f:
            f.write(json.dumps(record) + "\n")
        for fd in fds[:1]:
            threading.Thread(target=serve, args=(fd,), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
