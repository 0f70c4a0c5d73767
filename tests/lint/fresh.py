#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A generated document must be what its program prints.

usage: fresh.py DOCUMENT PROGRAM

With UPDATE_GOLDEN=1 in the environment the document is written instead.
"""
import difflib
import os
import subprocess
import sys


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    document, program = sys.argv[1:]
    p = subprocess.run([program], stdout=subprocess.PIPE, text=True)
    if p.returncode:
        return 1
    if os.environ.get('UPDATE_GOLDEN'):
        with open(document, 'w', encoding='utf-8') as f:
            f.write(p.stdout)
        return 0
    text = ''
    if os.path.exists(document):
        with open(document, encoding='utf-8') as f:
            text = f.read()
    lines = list(difflib.unified_diff(text.splitlines(), p.stdout.splitlines(), 'in the document',
                                      'as it is', lineterm=''))
    if lines:
        print(f'{os.path.basename(document)} is stale; UPDATE_GOLDEN=1 writes it anew')
        print('\n'.join(lines))
    return 1 if lines else 0


sys.exit(main())
