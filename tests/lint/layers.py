#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The layers of docs/ARCHITECTURE.md, held by reading the sources.

usage: layers.py SOURCE_ROOT

Prints a line for each fault and ends with 1 if there is one.
"""
import os
import re
import sys

# Who may include whom. A file's layer is its folder; a value is a whole layer or one header of it.
LAYERS = {
    'libocispec': [],
    'base': ['libocispec'],
    'sys': ['base'],
    'fsroot': ['sys', 'base'],
    # plan.h and host.h of cgroup are data and pure functions
    'cgroup': ['sys', 'base', 'libocispec'],
    'resctrl': ['sys', 'base', 'libocispec'],
    # defence.h is a constant in every build that this reads the symbols of
    'plan': ['libocispec', 'resctrl/resctrl.h', 'cgroup/plan.h', 'cgroup/host.h', 'cgroup/cgroup.h', 'sys/constants.h',
             'base/defence.h'],
    # facts for the decisions: fills a struct of plan
    'host': ['plan/host_facts.h', 'cause', 'sys', 'base', 'libocispec'],
    # why this machine refuses: facts, and what they mean
    'cause': ['plan/namespace_types.h', 'sys', 'base', 'libocispec'],
    # CRIU: what it is asked for (pure), and the process that does it
    'criu': ['plan/namespace_types.h', 'fsroot', 'sys', 'base', 'libocispec'],
    'doctor': ['criu/swrk.h', 'cause', 'cgroup', 'sys', 'base', 'libocispec'],
    # what a running container has, and (pure) how that differs from its config
    'inspect': ['plan/namespace_types.h', 'fsroot', 'sys', 'base', 'libocispec'],
    'security': ['host', 'sys', 'base', 'libocispec'],
    'state': ['cgroup/cgroup.h', 'resctrl/resctrl.h', 'sys', 'base', 'libocispec'],
    'steps': ['criu', 'plan', 'cgroup', 'resctrl', 'security', 'state', 'fsroot', 'sys', 'base', 'libocispec'],
    'sequence': ['steps', 'plan', 'sys', 'base', 'libocispec'],
    'ops': ['criu', 'sequence', 'steps', 'plan', 'cgroup', 'resctrl', 'security', 'state', 'doctor', 'inspect', 'cause',
            'host', 'sys', 'base', 'libocispec'],
    'cli': ['ops', 'base', 'libocispec'],
    'main': ['cli'],
}
# (file, header): why it may include more than its layer. Empty is how it should be.
EXCEPTIONS = {}
# A library's header, and the only files that may include it.
OWNED_HEADERS = {
    r'yajl/.*': r'libocispec/json_(reader|writer)\.c',
    r'seccomp\.h': r'tools/syscall_table\.c',
    r'systemd/.*': r'src/cgroup/systemd_(bus|connect)\.[ch]',
    r'dlfcn\.h': r'src/(cgroup/systemd_connect|host/subid_library)\.c',
    r'sys/syscall\.h': r'src/sys/\w+\.c',
}
GENERATED = {'config.h'}
MAX_LINES = 600

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT_OR_STRING = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    """Code only, with the line breaks kept."""
    return re.sub(r'[^\n]', ' ', match.group())


class Tree:
    def __init__(self, root):
        self.root = root
        self.texts = {}
        self.faults = []
        for top in ('src', 'libocispec'):
            for folder, _, names in os.walk(os.path.join(root, top)):
                for name in names:
                    if name.endswith(('.c', '.h')):
                        path = os.path.relpath(os.path.join(folder, name), root)
                        with open(os.path.join(root, path), encoding='utf-8') as f:
                            self.texts[path] = f.read()

    def fault(self, path, offset, text):
        line = self.texts[path].count('\n', 0, offset) + 1
        self.faults.append(f'{path}:{line}: {text}')

    def layer(self, path):
        parts = path.split('/')
        if parts[0] == 'libocispec':
            return 'libocispec'
        return parts[1] if len(parts) > 2 else 'main'

    def resolve(self, path, name):
        """The file that an include in `path` means, None: not one of ours."""
        for base in (os.path.dirname(path), '', 'src'):
            candidate = os.path.normpath(os.path.join(base, name))
            if candidate in self.texts:
                return candidate
        return None

    def includes(self, path):
        for m in INCLUDE.finditer(self.texts[path]):
            target = self.resolve(path, m.group(2)) if m.group(1) == '"' else None
            yield m.start(), m.group(1), m.group(2), target


def check_layers(tree):
    for path in tree.texts:
        mine = tree.layer(path)
        if mine not in LAYERS:
            tree.fault(path, 0, f'folder {mine} is not in the list of layers')
            continue
        for offset, quote, name, target in tree.includes(path):
            if quote == '"' and not target and name not in GENERATED:
                tree.fault(path, offset, f'"{name}" is not a file of this project')
            if not target or tree.layer(target) == mine:
                continue
            short = target[4:] if target.startswith('src/') else target
            allowed = LAYERS[mine]
            if tree.layer(target) not in allowed and short not in allowed and \
                    (path, short) not in EXCEPTIONS:
                tree.fault(path, offset, f'{mine} may not include {short}')


def check_order_of_layers():
    """The table above must itself be without a cycle, or it holds nothing."""
    done = set()

    def visit(layer, way):
        if layer in way:
            sys.exit('the table of layers has a cycle: ' + ' -> '.join(way + [layer]))
        if layer in done:
            return
        for below in LAYERS[layer]:
            # single headers are leaves: they are checked as files
            if '/' not in below:
                visit(below, way + [layer])
        done.add(layer)

    for layer in LAYERS:
        visit(layer, [])


def check_file_cycles(tree):
    state = {}

    def visit(path, way):
        state[path] = 'open'
        for offset, _, _, target in tree.includes(path):
            if not target:
                continue
            if state.get(target) == 'open':
                tree.fault(path, offset, f'includes in a circle: {" -> ".join(way + [target])}')
            elif target not in state:
                visit(target, way + [target])
        state[path] = 'done'

    for path in sorted(tree.texts):
        if path not in state:
            visit(path, [path])


def check_owned_headers(tree):
    for path in tree.texts:
        for offset, quote, name, _ in tree.includes(path):
            if quote != '<':
                continue
            for header, owners in OWNED_HEADERS.items():
                if re.fullmatch(header, name) and not re.fullmatch(owners, path):
                    tree.fault(path, offset, f'<{name}> belongs to {owners} alone')


def check_system_calls(tree):
    """Raw calls and numbers missing from old headers are in src/sys and nowhere else."""
    for path, text in tree.texts.items():
        if tree.layer(path) == 'sys':
            continue
        code = COMMENT_OR_STRING.sub(blank, text)
        for m in re.finditer(r'\bsyscall\s*\(|\bSYS_[a-z]\w*|\b__NR_[a-z]\w*', code):
            tree.fault(path, m.start(), f'{m.group()}: raw system calls belong in src/sys')
        if tree.layer(path) == 'libocispec':
            continue  # a library of its own
        for m in re.finditer(r'^#ifndef (\w+)\n#define \1\b', code, re.M):
            tree.fault(path, m.start(), f'{m.group(1)}: belongs in src/sys/constants.h')


def check_style(tree):
    for path, text in tree.texts.items():
        if not text.startswith('/* SPDX-License-Identifier: Apache-2.0 */\n'):
            tree.fault(path, 0, 'the first line is not the SPDX line')
        lines = text.count('\n')
        if lines > MAX_LINES:
            tree.fault(path, 0, f'{lines} lines; {MAX_LINES} are enough')
        code = COMMENT_OR_STRING.sub(blank, text)
        for m in re.finditer(r'\bgoto\b', code):
            tree.fault(path, m.start(), 'goto: see base/cleanup.h')
        # inside a function a line starts with a tab; tables of rows do too, and say ROW or {
        for m in re.finditer(r'^#[ \t]*if(?:n?def)?\b.*\n(?:\t(?!\{|\[|ROW).*;\s*\n)', code, re.M):
            tree.fault(path, m.start(), 'conditional code inside a function: make it a file')


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tree = Tree(sys.argv[1])
    if not tree.texts:
        sys.exit('no sources there')
    check_order_of_layers()
    for check in (check_layers, check_file_cycles, check_owned_headers, check_system_calls,
                  check_style):
        check(tree)
    for fault in tree.faults:
        print(fault)
    return 1 if tree.faults else 0


sys.exit(main())
