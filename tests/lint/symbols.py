#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the code of a layer may reach, held by reading the symbols of its objects.

usage: symbols.py GROUP ARCHIVE.p...

GROUP is one of those below; the arguments are the folders in which the build has put the objects.
An undefined symbol must be defined by another object of the group, or stand in its list of allowed
ones: tests/lint/allowed-LIST.txt. Prints a line for each fault and ends with 1 if there is one.
"""
import fnmatch
import os
import re
import subprocess
import sys

PURE_CGROUP = ['base_mountinfo.c.o', 'resctrl_decide.c.o', 'cgroup_controllers.c.o',
               'cgroup_decide*.c.o', 'cgroup_device_filter.c.o', 'cgroup_host_parse.c.o',
               'cgroup_gvariant.c.o', 'cgroup_limits*.c.o', 'cgroup_plan_text.c.o',
               'cgroup_systemd_annotations.c.o', 'cgroup_systemd_limits.c.o',
               'cause_idmap.c.o', 'cause_limits.c.o', 'cause_mounts.c.o', 'cause_namespaces.c.o',
               'cgroup_systemd_unit.c.o', 'base_parse_num.c.o', 'cgroup_stats_parse.c.o']
LIBOCISPEC = ['arena.c.o', 'decode.c.o', 'document.c.o', 'encode.c.o', 'error.c.o', 'features.c.o',
              'json_*.c.o', 'locate.c.o', 'names.c.o', 'runtime_*.c.o', 'utf8.c.o',
              'validate*.c.o', 'words_*.c.o']

# objects: the group. below: what it may call besides, held by a group of its own.
GROUPS = {
    # "No system call is reachable from this layer": not even for memory, but through the arena
    'plan': {'objects': ['plan_*.c.o', 'criu_request.c.o', 'criu_rpc.c.o', 'sequence_decide.c.o'] + PURE_CGROUP,
             'below': LIBOCISPEC, 'lists': ['text']},
    'libocispec': {'objects': LIBOCISPEC, 'below': [], 'lists': ['text', 'memory', 'yajl']},
    # what STAGER and INIT run: no memory, no stdio, no locale, no names of users
    'child': {'objects': ['steps_init_*.c.o', 'steps_hook.c.o', 'steps_message.c.o',
                          'sequence_walk.c.o', 'fsroot_*.c.o', 'sys_*.c.o', 'base_fd*.c.o',
                          'base_mountinfo.c.o', 'base_parse_num.c.o', 'base_path.c.o', 'base_trace.c.o', 'words_*.c.o'],
              'below': [], 'lists': ['child']},
}
# The compiler's own, and the sanitizers'.
TOOLCHAIN = re.compile(
    r'_GLOBAL_OFFSET_TABLE_|__stack_chk_\w+|__popcount[sd]i2|__(asan|ubsan|sanitizer|sancov|gcov|'
    r'llvm|start_|stop_)\w*|__sanitizer\w*')


def plain(symbol):
    """__memcpy_chk and open64 are memcpy and open."""
    symbol = symbol.split('@')[0]
    m = re.fullmatch(r'__(\w+)_chk', symbol)
    if m:
        symbol = m.group(1)
    m = re.fullmatch(r'__isoc\d+_(\w+)', symbol)
    if m:
        symbol = m.group(1)
    return re.sub(r'64$', '', symbol)


def symbols_of(paths):
    """{path: (undefined, defined)}"""
    out = subprocess.run(['nm', '-A', '-P', *paths], check=True, capture_output=True,
                         text=True).stdout
    tables = {path: (set(), set()) for path in paths}
    for line in out.splitlines():
        path, _, rest = line.rpartition(': ')
        name, kind = rest.split()[:2]
        if kind in 'Uw':
            tables[path][0].add(name)
        elif kind.isupper():
            tables[path][1].add(name)
    return tables


def allowed(lists):
    here = os.path.dirname(os.path.abspath(__file__))
    names = set()
    for name in lists:
        with open(os.path.join(here, f'allowed-{name}.txt'), encoding='utf-8') as f:
            for line in f:
                names.update(line.split('#')[0].split())
    return names


def find(folders, patterns):
    found = {}
    for pattern in patterns:
        n = 0
        for folder in folders:
            for name in fnmatch.filter(sorted(os.listdir(folder)), pattern):
                found[name] = os.path.join(folder, name)
                n += 1
        if not n:
            # a group that has lost its files holds nothing
            sys.exit(f'no object is like {pattern}')
    return found


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in GROUPS:
        sys.exit(__doc__)
    group, folders = GROUPS[sys.argv[1]], sys.argv[2:]
    members = find(folders, group['objects'])
    below = find(folders, group['below'])
    tables = symbols_of([*below.values(), *members.values()])
    ours = set().union(*(defined for _, defined in tables.values()))
    permitted = allowed(group['lists'])
    faults = 0
    for name, path in members.items():
        for symbol in sorted(tables[path][0]):
            if symbol in ours or TOOLCHAIN.fullmatch(symbol) or plain(symbol) in permitted:
                continue
            print(f'{name}: {symbol} is not for {sys.argv[1]}')
            faults += 1
    return 1 if faults else 0


sys.exit(main())
