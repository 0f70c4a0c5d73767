#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the compiler and linker were to put into the binary, read from the binary.

usage: hardening.py BINARY [--object FILE] [--without NAME]...

--object is one of our own objects. The notes of CET are looked for there: the linker drops them from the
binary where the C library's own start-up code has none, which is so on Debian.
NAME is a property below that this build cannot have; it must be missing then, so that the list of
exceptions cannot grow stale. Prints a line for each fault and ends with 1 if there is one.
"""
import argparse
import re
import subprocess
import sys


def readelf(binary, *options):
    return subprocess.run(['readelf', '-W', *options, binary], check=True, capture_output=True,
                          text=True).stdout


def properties(binary, own):
    header, segments = readelf(binary, '-h'), readelf(binary, '-l')
    dynamic, symbols = readelf(binary, '-d'), readelf(binary, '-s')
    flags = re.findall(r'^\s+(\w+)\s+(?:0x\w+\s+){5}([RWE ]{3})', segments, re.M)
    # in a static binary they are names of the library's own, whoever calls them
    undefined = ' '.join(re.findall(r'\bUND (\w+)', symbols))
    found = {
        'pie': 'DYN (' in header and re.search(r'\(FLAGS_1\).*\bPIE\b', dynamic),
        'relro': any(kind == 'GNU_RELRO' for kind, _ in flags),
        'bind-now': re.search(r'\(FLAGS_1\).*\bNOW\b|\(BIND_NOW\)', dynamic),
        'stack-not-executable': any(kind == 'GNU_STACK' and 'E' not in f for kind, f in flags),
        'no-writable-code': not any('W' in f and 'E' in f for _, f in flags),
        'no-text-relocations': 'TEXTREL' not in dynamic,
        'no-library-path': not re.search(r'\((RPATH|RUNPATH)\)', dynamic),
        'stack-protector': '__stack_chk_fail' in symbols,
        'fortify': re.search(r'__(?!stack_)\w+_chk\b', undefined),
    }
    if own and 'X86-64' in header:
        features = re.search(r'x86 feature: (.*)', readelf(own, '-n'))
        features = features.group(1) if features else ''
        found |= {'branch-tracking': 'IBT' in features, 'shadow-stack': 'SHSTK' in features}
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('binary')
    parser.add_argument('--object')
    parser.add_argument('--without', action='append', default=[])
    arguments = parser.parse_args()
    found = properties(arguments.binary, arguments.object)
    faults = [f'no property {name}' for name in arguments.without if name not in found]
    for name, there in found.items():
        if bool(there) == (name in arguments.without):
            faults.append(f'{arguments.binary}: {name}: ' + ('is there after all' if there else 'missing'))
    print('\n'.join(faults))
    return 1 if faults else 0


sys.exit(main())
