#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of the spec's requirements names tests that are there.

usage: requirements.py SOURCE_ROOT

Each row has its rule, and tests that exist, or a reason; rows with a reason alone stay below 10 %. A
line of bats with a second " {" is refused: bats before 1.10 takes all up to it for the test's name,
and the test can't fail.
"""
import csv
import glob
import os
import re
import sys

ROOT = sys.argv[1]
SUITE = os.path.join(ROOT, 'tests/oci-conformance')
failures = []


def fail(where, text):
    failures.append(f'{where}: {text}')


def read(path):
    try:
        with open(path, encoding='utf-8') as f:
            return f.read()
    except OSError:
        return None


def names_of(path):
    """The names of a bats file, or None."""
    text = read(path)
    return None if text is None else re.findall(r'^@test "((?:[^"\\]|\\.)*)" \{', text, re.M)


def check_test(row, test):
    file, _, name = test.partition(':')
    path = os.path.join(ROOT if '/' in file else SUITE, file)
    if file.endswith('.bats'):
        names = names_of(path)
        if names is None or name not in names:
            fail(row['id'], f'no test "{name}" in {file}')
    elif not name or name not in (read(path) or ''):
        fail(row['id'], f'{file} has no "{name}"')


def check_rows(rows):
    seen = set()
    for row in rows:
        if not re.fullmatch(r'[a-z0-9-]+-\d{3}', row['id']) or row['id'] in seen:
            fail(row['id'], 'not an id, or there twice')
        seen.add(row['id'])
        tests = [t for t in row['test'].split(';') if t]
        if not row['rule']:
            fail(row['id'], 'no rule')
        if (row['held_by'] == 'test') != bool(tests) or row['held_by'] not in ('test', 'code', 'n/a'):
            fail(row['id'], f'held by "{row["held_by"]}", with {len(tests)} tests')
        if not tests and not row['reason']:
            fail(row['id'], 'neither test nor reason')
        for test in tests:
            check_test(row, test)
    alone = [row for row in rows if row['held_by'] != 'test']
    if len(alone) * 10 >= len(rows):
        fail('requirements.csv', f'{len(alone)} of {len(rows)} rows are held by reason alone')


def check_bats():
    for path in glob.glob(os.path.join(ROOT, 'tests/*/*.bats')):
        names = names_of(path)
        for name in {n for n in names if names.count(n) > 1}:
            fail(os.path.relpath(path, ROOT), f'two tests "{name}"')
        for number, line in enumerate(read(path).splitlines(), 1):
            if line.startswith('@test') and len(re.findall(r'\s\{', line)) != 1:
                fail(f'{os.path.relpath(path, ROOT)}:{number}', 'a second " {" in the line of a test')


def main():
    with open(os.path.join(SUITE, 'requirements.csv'), encoding='utf-8', newline='') as f:
        rows = list(csv.DictReader(f))
    check_rows(rows)
    check_bats()
    print('\n'.join(failures))
    return 1 if failures else 0


sys.exit(main())
