#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
gcc -fanalyzer or clang-tidy on each file, and what they say that is not in analysis.txt.

  analysis.py gcc|clang-tidy BUILD [FOLDER...]

FOLDER...: files there alone. Entries of analysis.txt that nothing needs any longer are an error too, where all
files were read.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SAYS = re.compile(r"^(\S+?):(\d+):\d+: (?:warning|error): (.*) \[([^][]+)\]$", re.M)


def sources(build, folders):
    """(path below the project, command line): once each"""
    found = {}
    root = os.path.realpath(HERE + "/../..")
    with open(build + "/compile_commands.json") as f:
        for c in json.load(f):
            path = os.path.relpath(os.path.join(c["directory"], c["file"]), root)
            if path.startswith(("src/", "libocispec/", "tools/")) and path.startswith(tuple(folders or [""])):
                found.setdefault(path, c)
    return sorted(found.items())


def run(tool, entry):
    path, c = entry
    if tool == "gcc":
        words = shlex.split(c["command"])
        # no object, no list of dependencies; and no colours, which hide the words
        gone = {"-o": 2, "-MD": 1, "-MQ": 2, "-MF": 2, "-fdiagnostics-color=always": 1}
        argv, i = ["gcc", "-fanalyzer", "-fdiagnostics-plain-output", "-o", os.devnull], 1
        while i < len(words):
            if words[i] not in gone:
                argv.append(words[i])
            i += gone.get(words[i], 1)
        argv.append("-Wno-error")  # of which the names are others
    else:
        argv = ["clang-tidy", "-p", c["directory"], "--quiet", c["file"]]
    done = subprocess.run(argv, cwd=c["directory"], capture_output=True, text=True)
    said = [(where, line, text, name) for where, line, text, names in SAYS.findall(done.stdout + done.stderr)
            for name in names.split(",")[:1]]
    if done.returncode != 0 and not said:
        said = [(path, "0", (done.stdout + done.stderr).strip()[-300:] or f"status {done.returncode}", "failed")]
    return path, said


def known():
    """ID:FILE of each line; FILE is the one that was read, not the header that is meant."""
    with open(HERE + "/analysis.txt") as f:
        return [tuple(line.strip().split(":")) for line in f if line.strip() and not line.startswith("#")]


def main():
    tool, build, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
    entries, needed, n = known(), set(), 0
    files = sources(build, folders)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, said in pool.map(lambda e: run(tool, e), files):
            for where, line, text, name in said:
                name = name.split("]")[0]
                if (name, path) in entries:
                    needed.add((name, path))
                    continue
                n += 1
                print(f"{path}: {os.path.basename(where)}:{line}: {text} [{name}]")
    ours = [e for e in entries if e[0].startswith("-Wanalyzer") == (tool == "gcc")]
    for entry in ours if not folders else []:
        if entry not in needed:
            n += 1
            print(f"analysis.txt: nothing needs {':'.join(entry)}")
    print(f"{tool}: {len(files)} files")
    if not files:
        return 1
    return 1 if n else 0


if __name__ == "__main__":
    sys.exit(main())
