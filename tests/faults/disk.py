#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
State that is damaged, a disk that is full, a state directory that cannot be written.

  disk.py RUNTIME

state.json cut at every byte, of a container that has stopped: `state` and `list` answer in one line or as
JSON, `delete --force` removes it. `create` on a tmpfs of every size from nothing to enough.
"""
import argparse
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bed import Bed, text_of  # noqa: E402
from verbs import create  # noqa: E402


def one_line(bed, status):
    said = text_of(bed.err)
    return [] if status == 1 and said.count("\n") == 1 and not text_of(bed.out) else [f"{status}: {said!r}"]


def cut(bed):
    """The entry is written again for every length: its container is over."""
    create(bed)
    entry = f"{bed.root}/{bed.id}"
    texts = {name: open(f"{entry}/{name}", "rb").read() for name in ("state.json", "config.json")}
    bed.clear()
    wrong = []
    for length in range(len(texts["state.json"])):
        os.mkdir(entry, 0o700)
        for name, text in texts.items():
            with open(f"{entry}/{name}", "wb") as f:
                f.write(text[:length] if name == "state.json" else text)
        found = one_line(bed, bed.rt("state", bed.id))
        status = bed.rt("list", "-f", "json")
        # the others are listed all the same
        if status != 1 or json.loads(text_of(bed.out)) != [] or text_of(bed.err).count("\n") != 1:
            found.append(f"list: {status}: {text_of(bed.err)}")
        found += one_line(bed, bed.rt("delete", bed.id)) if length else []
        if os.path.exists(entry):
            found += bed.clear()
        if found:
            wrong.append(f"cut at {length}: {'; '.join(found)}")
    return len(texts["state.json"]), wrong


def full(bed):
    wrong, tries, enough = [], 0, False
    for pages in range(1, 40):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={4 * pages}k,mode=0700", "faults", bed.root], check=True)
        try:
            tries += 1
            status = bed.rt("create", "-b", bed.bundle + "/stay", bed.id)
            found = [] if status == 0 else one_line(bed, status)
            if status != 0 and os.listdir(bed.root):
                found.append("left: %s" % os.listdir(bed.root))
            if status == 0 and bed.state() != "created":
                found.append("created, but " + bed.state())
            if bed.rt("delete", "--force", bed.id) != 0 or os.listdir(bed.root):
                found.append("delete --force: " + text_of(bed.err))
        finally:
            subprocess.run(["umount", bed.root], check=True)
        if found:
            wrong.append(f"{pages} pages: {'; '.join(found)}")
        enough = status == 0
        if enough:
            break
    if not enough or tries < 2:
        wrong.append("the tmpfs was never %s" % ("full" if enough else "large enough"))
    return tries, wrong


def read_only(bed):
    subprocess.run(["mount", "--bind", bed.root, bed.root], check=True)
    wrong = []
    try:
        create(bed)
        subprocess.run(["mount", "-o", "remount,bind,ro", bed.root], check=True)
        if bed.state() != "created":
            wrong.append("state: " + bed.state())
        wrong += one_line(bed, bed.rt("create", "-b", bed.bundle + "/stay", bed.id + "-2"))
        wrong += one_line(bed, bed.rt("delete", "--force", bed.id))
        subprocess.run(["mount", "-o", "remount,bind,rw", bed.root], check=True)
        status = bed.rt("delete", "--force", bed.id)
        if status != 0:
            wrong.append("delete --force afterwards: " + text_of(bed.err))
    finally:
        subprocess.run(["umount", bed.root], check=True)
    return 4, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime", type=os.path.realpath)
    options = parser.parse_args()
    failed = 0
    for name, test in (("state.json cut at every byte", cut), ("a full disk", full), ("a read-only one", read_only)):
        bed = Bed(options, "disk", "plain")
        try:
            cells, wrong = test(bed)
        finally:
            bed.remove()
        print(f"{'not ok' if wrong else 'ok'} {name}: {cells} cells")
        for line in wrong[:20]:
            print("# " + line)
        failed += len(wrong)
    print("1..3")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
