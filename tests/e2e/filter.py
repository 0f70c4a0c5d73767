#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a program under a seccomp filter like an outer container's.

usage: filter.py newuser|clone3 COMMAND...

newuser: no new user namespaces (EPERM), and no clone3 (ENOSYS), as the engines' profiles have it.
clone3: EPERM to clone3, as older profiles have it.
"""
import ctypes
import os
import platform
import struct
import sys

CALLS = {'x86_64': {'clone': 56, 'unshare': 272, 'clone3': 435},
         'aarch64': {'clone': 220, 'unshare': 97, 'clone3': 435}}
LOAD, JUMP_EQUAL, JUMP_SET, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, ERRNO = 0x7fff0000, 0x00050000
EPERM, ENOSYS = 1, 38
CLONE_NEWUSER = 0x10000000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack('HBBI', code, if_true, if_false, value)


def filter_of(kind):
    calls = CALLS[platform.machine()]
    program = [instruction(LOAD, 0)]
    if kind == 'clone3':
        program += [instruction(JUMP_EQUAL, calls['clone3'], 0, 1), instruction(RETURN, ERRNO | EPERM)]
    else:
        program += [instruction(JUMP_EQUAL, calls['clone3'], 0, 1), instruction(RETURN, ERRNO | ENOSYS),
                    instruction(JUMP_EQUAL, calls['clone'], 1, 0),
                    instruction(JUMP_EQUAL, calls['unshare'], 0, 3),
                    instruction(LOAD, 16), instruction(JUMP_SET, CLONE_NEWUSER, 0, 1),
                    instruction(RETURN, ERRNO | EPERM)]
    return program + [instruction(RETURN, ALLOW)]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program = filter_of(sys.argv[1])
    code = ctypes.create_string_buffer(b''.join(program))
    head = ctypes.create_string_buffer(struct.pack('HP', len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or \
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head, 0, 0):
        sys.exit(os.strerror(ctypes.get_errno()))
    os.execvp(sys.argv[2], sys.argv[2:])


main()
