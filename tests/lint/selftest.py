#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A lint that cannot fail holds nothing: each is run on copies with one fault in them.

usage: selftest.py SOURCE_ROOT CC CORE.p OCISPEC.p
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# (file, text to add at its end, what the lint has to say)
SOURCES = [
    ('src/plan/hooks.c', '#include "sys/process.h"\n', 'plan may not include sys/process.h'),
    ('src/plan/hooks.c', '#include "cgroup/act.h"\n', 'plan may not include cgroup/act.h'),
    ('src/steps/hook.c', '#include "sequence/sequence.h"\n', 'steps may not include sequence/'),
    ('src/fsroot/inroot.c', '#include "libocispec/arena.h"\n', 'fsroot may not include libocispec'),
    ('src/cgroup/tree.c', '#include "state/store.h"\n', 'cgroup may not include state/store.h'),
    ('libocispec/names.c', '#include "../src/base/io.h"\n', 'libocispec may not include base/io.h'),
    ('src/plan/plan.h', '#include "plan/decision.h"\n', 'includes in a circle: '),
    ('src/base/io.c', '#include "base/nowhere.h"\n', 'is not a file of this project'),
    ('libocispec/decode.c', '#include <yajl/yajl_gen.h>\n', 'belongs to libocispec/json_'),
    ('src/ops/create.c', '#include <seccomp.h>\n', 'belongs to tools/'),
    ('src/steps/hook.c', 'long f(void) { return syscall(1); }\n', 'belong in src/sys'),
    ('src/steps/hook.c', 'int f = SYS_read;\n', 'belong in src/sys'),
    ('src/steps/hook.c', '#ifndef O_NEW\n#define O_NEW 1\n#endif\n', 'belongs in src/sys/constants.h'),
    ('src/base/io.c', 'void f(void) { goto out; out:; }\n', 'goto'),
    ('src/base/io.c', '#if 1\n\tputs("x");\n#endif\n', 'conditional code inside a function'),
    ('src/base/io.c', '\n' * 600, 'lines; 600 are enough'),
    ('src/base/new.c', 'int x;\n', 'SPDX'),
    ('src/utils/new.c', '/* SPDX-License-Identifier: Apache-2.0 */\n', 'not in the list of layers'),
]
# What is no fault.
HARMLESS = [
    ('src/plan/hooks.c', '/* syscall(SYS_read) and goto, "#include <seccomp.h>" */\n'),
    ('src/plan/hooks.c', 'const char *s = "goto SYS_read syscall(";\n'),
    ('src/sys/open.c', 'long f(void) { return syscall(SYS_read); }\n'),
]
# (group, name of the object, its code, the symbol that the lint has to find)
OBJECTS = [
    ('plan', 'plan_evil.c.o', 'int getpid(void); int f(void) { return getpid(); }', 'getpid'),
    ('plan', 'plan_evil.c.o', 'void *malloc(unsigned long); void *f(void) { return malloc(1); }',
     'malloc'),
    ('plan', 'cgroup_decide_evil.c.o', 'int cgroup_create(); int f(void) { return cgroup_create(); }',
     'cgroup_create'),
    ('plan', 'plan_evil.c.o', 'extern char **environ; char **f(void) { return environ; }', 'environ'),
    ('libocispec', 'runtime_evil.c.o', 'int open(); int f(void) { return open("a", 0); }', 'open'),
    ('child', 'steps_init_evil.c.o', 'void *malloc(unsigned long); void *f(void) { return malloc(1); }',
     'malloc'),
    ('child', 'steps_init_evil.c.o', 'int printf(const char *, ...); int f(void) { return printf("%d", 1); }',
     'printf'),
    ('child', 'fsroot_evil.c.o', 'void *getpwuid(int); void *f(void) { return getpwuid(1); }', 'getpwuid'),
    ('child', 'sys_evil.c.o', 'char *setlocale(int, const char *); char *f(void) { return setlocale(1, ""); }', 'setlocale'),
    ('child', 'sequence_walk.c.o', 'int cgroup_create(); int f(void) { return cgroup_create(); }',
     'cgroup_create'),
]


def run(*args):
    p = subprocess.run([sys.executable, *args], capture_output=True, text=True,
                       env={k: v for k, v in os.environ.items() if k != 'UPDATE_GOLDEN'})
    return p.returncode, p.stdout + p.stderr


class Report:
    faults = 0

    def check(self, name, good, output):
        if not good:
            Report.faults += 1
            print(f'{name}: the lint said:\n{output or "(nothing)"}')


def tampered_tree(root, path, text, folder):
    for top in ('src', 'libocispec'):
        shutil.copytree(os.path.join(root, top), os.path.join(folder, top))
    full = os.path.join(folder, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, 'a', encoding='utf-8') as f:
        f.write(text)


def test_sources(root, report):
    lint = os.path.join(HERE, 'layers.py')
    for path, text, expected in SOURCES + [(p, t, None) for p, t in HARMLESS]:
        with tempfile.TemporaryDirectory() as folder:
            tampered_tree(root, path, text, folder)
            code, output = run(lint, folder)
        if expected is None:
            report.check(f'{path}: {text!r} is harmless', code == 0, output)
        else:
            found = any(line.startswith(path) and expected in line for line in output.splitlines())
            report.check(f'{path}: {text[:60]!r}', code == 1 and found, output)


def test_objects(cc, folders, report):
    lint = os.path.join(HERE, 'symbols.py')
    for group, name, code, symbol in OBJECTS:
        with tempfile.TemporaryDirectory() as copy:
            for folder in folders:
                for entry in os.listdir(folder):
                    os.symlink(os.path.abspath(os.path.join(folder, entry)),
                               os.path.join(copy, entry))
            target = os.path.join(copy, name)
            if os.path.lexists(target):
                os.unlink(target)
            subprocess.run([cc, '-w', '-O0', '-fno-builtin', '-std=gnu11', '-x', 'c', '-c', '-', '-o',
                            target], input=code, text=True, check=True)
            status, output = run(lint, group, copy)
        found = f'{name}: {symbol} is not for {group}' in output
        report.check(f'{group}: {symbol} in {name}', status == 1 and found, output)
    with tempfile.TemporaryDirectory() as empty:
        status, output = run(lint, 'plan', empty)
        report.check('no objects at all', status == 1, output)


def test_documents(report):
    lint = os.path.join(HERE, 'fresh.py')
    with tempfile.TemporaryDirectory() as folder:
        document = os.path.join(folder, 'a.md')
        # /bin/echo prints an empty line
        for text, program, expected in (('\n', '/bin/echo', 0), ('old\n', '/bin/echo', 1),
                                        (None, '/bin/echo', 1), ('\n', '/bin/false', 1)):
            if text is None:
                os.unlink(document)
            else:
                with open(document, 'w', encoding='utf-8') as f:
                    f.write(text)
            status, output = run(lint, document, program)
            report.check(f'document {text!r} against {program}', status == expected, output)


BATS = (('\t! false\n\ttrue\n', 1), ('\t[ a ] && [ b ]\n\ttrue\n', 1),
        ('\t[[ a == b ]] && [[ c == d ]]\n\ttrue\n', 1), ('\ttrue\n\t! false\n', 0),
        ('\t! false || skip "no"\n\ttrue\n', 0), ('\tnot false\n\t[ a ]\n', 0))


def test_bats(report):
    lint = os.path.join(HERE, 'bats_conditions.py')
    for body, expected in BATS:
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, 'a.bats'), 'w', encoding='utf-8') as f:
                f.write('@test "a" {\n' + body + '}\n')
            status, output = run(lint, folder)
        report.check(f'bats {body!r}', status == expected, output)


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    report = Report()
    test_sources(sys.argv[1], report)
    test_objects(sys.argv[2], sys.argv[3:], report)
    test_documents(report)
    test_bats(report)
    return 1 if report.faults else 0


sys.exit(main())
