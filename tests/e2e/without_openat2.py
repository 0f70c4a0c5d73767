#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""without_openat2.py ERRNO COMMAND...: run COMMAND where openat2(2) answers with ERRNO, as it does on
Linux before 5.6 (ENOSYS) and below the seccomp profiles of that time (EPERM)."""
import ctypes
import errno
import os
import struct
import sys

OPENAT2 = 437  # the same on every architecture that Linux has
BPF_LD_W_ABS, BPF_JEQ_K, BPF_RET_K = 0x20, 0x15, 0x06
SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 0x00050000, 0x7FFF0000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS = 38

error = getattr(errno, sys.argv[1])
program = b"".join(
    struct.pack("HBBI", code, jt, jf, k)
    for code, jt, jf, k in (
        (BPF_LD_W_ABS, 0, 0, 0),  # seccomp_data.nr
        (BPF_JEQ_K, 0, 1, OPENAT2),
        (BPF_RET_K, 0, 0, SECCOMP_RET_ERRNO | error),
        (BPF_RET_K, 0, 0, SECCOMP_RET_ALLOW),
    )
)
code = ctypes.create_string_buffer(program)
fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
if os.geteuid() != 0:
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(fprog)) != 0:
    sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[2], sys.argv[2:])
