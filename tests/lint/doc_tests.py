#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests that documents name must be there.

usage: doc_tests.py SOURCE_ROOT

A link of docs/**/*.md whose target is a file of tests/ and whose title is not empty names a test in
that file: [text](../tests/e2e/x.bats "name of the test"). Prints a line for each fault and ends with
1 if there is one.
"""
import glob
import os
import re
import sys

LINK = re.compile(r'\]\(((?:\.\./)+tests/[^)\s"]+)(?: "([^"]*)")?\)')


def names_in(path):
    with open(path, encoding='utf-8') as f:
        return set(re.findall(r'^@test "([^"]*)" \{', f.read(), re.M))


def main():
    root = sys.argv[1]
    faults, links = [], 0
    for doc in sorted(glob.glob(os.path.join(root, 'docs', '**', '*.md'), recursive=True)):
        with open(doc, encoding='utf-8') as f:
            text = f.read()
        for m in LINK.finditer(text):
            links += 1
            where = f'{os.path.relpath(doc, root)}:{text.count(chr(10), 0, m.start()) + 1}'
            target = os.path.normpath(os.path.join(os.path.dirname(doc), m.group(1)))
            if not os.path.exists(target):
                faults.append(f'{where}: no file {m.group(1)}')
            elif m.group(2) and m.group(2) not in names_in(target):
                faults.append(f'{where}: {m.group(1)} has no test "{m.group(2)}"')
    print('\n'.join(faults))
    return 1 if faults or not links else 0


sys.exit(main())
