#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Conditions in bats tests that could not fail them.

bats ends a test by `set -e`, which looks neither at `! COMMAND` nor at what stands before the last
`&&`: they count only as a function's last line. `not COMMAND` and a line for each condition do.

usage: bats_conditions.py DIRECTORY
"""
import os
import re
import sys

NEGATED = re.compile(r'!\s')
CHAINED = re.compile(r'(\[\[? .*\]|\[\[? .* \]\]) && (\[|not |grep )')


def faults(lines):
    code = [(n, line.strip()) for n, line in enumerate(lines, 1)
            if line.strip() and not line.strip().startswith('#')]
    for (n, line), (_, after) in zip(code, code[1:] + [(0, '}')]):
        if after == '}' or line.endswith(('\\', '&&', '||')):
            continue
        if '||' in line:
            continue
        if NEGATED.match(line):
            yield n, 'a negated command: use `not`'
        elif CHAINED.match(line):
            yield n, 'two conditions: a line for each'


def main(directory):
    status = 0
    for folder, _, names in os.walk(directory):
        for path in (os.path.join(folder, n) for n in names if n.endswith(('.bats', '.bash'))):
            with open(path, encoding='utf-8') as f:
                for n, what in faults(f.read().splitlines()):
                    print(f'{path}:{n}: {what}')
                    status = 1
    return status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
