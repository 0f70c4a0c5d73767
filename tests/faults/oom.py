#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Memory runs out: each allocation of each command fails, alone, and with all that come after it.

  oom.py RUNTIME PRELOAD [--verbs a,b] [-v]

The first, the second, ... until the command makes no more of them. What is looked at is as in matrix.py.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bed import Bed, text_of  # noqa: E402
from verbs import VERBS, Create, Verb  # noqa: E402


class Question(Verb):
    """A command that changes nothing."""

    def __init__(self, *words, needs_container=True, failed=1):
        self.text = words
        self.failed = failed
        self.keeps = True
        self.needs_container = needs_container

    def prepare(self, bed):
        if self.needs_container:
            VERBS["state"].prepare(bed)

    def words(self, bed):
        return [w.format(id=bed.id, bundle=bed.bundle) for w in self.text]

    def is_right(self, bed):
        # a process more or less, a counter
        return "answered" if text_of(bed.out) else "nothing said"


CASES = {
    "features": Question("features", needs_container=False),
    "plan": Question("plan", "-b", "{bundle}/stay", "plan-{id}", needs_container=False),
    "state": VERBS["state"],
    "list": Question("list"),
    "ps": Question("ps", "-f", "json", "{id}"),
    "events": Question("events", "--stats", "{id}"),
    "inspect": Question("inspect", "--security", "{id}", failed=2),
    "create": Create(),
    "start": VERBS["start"],
    "exec": VERBS["exec"],
    "update": VERBS["update"],
    "pause": VERBS["pause"],
    "kill": VERBS["kill"],
    "delete": VERBS["delete"],
}
MOST = 400


def judge(verb, bed, status, right):
    said = text_of(bed.err)
    if status == "hang":
        return "hangs", ["hangs"]
    if status == verb.done:
        found = verb.is_right(bed)
        return "succeeds", [] if found == right else [f"success, but: {found[:200]}"]
    errors = [line for line in said.splitlines() if "level=warning" not in line]
    wrong = [] if status in (verb.failed, 1) else [f"status {status}"]
    if len(errors) != 1:
        wrong.append(f"{len(errors)} lines: {said!r}")
    elif "cannot allocate memory" not in said and "out of memory" not in said:
        wrong.append("another error: " + said.strip())
    wrong += verb.after_failure(bed)
    if isinstance(verb, Create) and (left := bed.left()):
        wrong.append("left: " + ", ".join(left))
    return "fails", wrong


def run(options, name):
    verb = CASES[name]
    bed = Bed(options, "oom-" + name, "plain")
    counts, failed, cells, ready = {}, [], 0, False
    try:
        verb.prepare(bed)
        bed.call(bed.command(*verb.words(bed)))
        right = verb.is_right(bed)
        bed.clear()
        for image in ("1", "2") if name in ("create", "exec") else ("1",):
            for on in (False, True):
                for n in range(1, MOST):
                    if not ready:
                        verb.prepare(bed)
                    if os.path.exists(bed.report):
                        os.unlink(bed.report)
                    environ = {"LD_PRELOAD": options.preload, "OOM_AT": str(n), "OOM_IMAGE": image,
                               "OOM_REPORT": bed.report, **({"OOM_ON": "1"} if on else {})}
                    status = bed.call(bed.command(*verb.words(bed)), environ)
                    hit = os.path.exists(bed.report)
                    verdict, wrong = judge(verb, bed, status, right) if hit else ("", [])
                    ready = verb.keeps and not wrong
                    if not ready:
                        wrong += bed.clear()
                    where = f"{name}, allocation {n}{' and on' if on else ''}, image {image}"
                    if wrong:
                        failed.append(f"# {where}: {'; '.join(wrong)}")
                    if not hit:
                        break
                    cells += 1
                    counts[verdict] = counts.get(verdict, 0) + 1
    finally:
        bed.remove()
    if cells == 0:
        failed.append("# no allocation was seen")
    print(f"{'not ok' if failed else 'ok'} out of memory, {name}: {cells} cells")
    print("#   " + ", ".join(f"{n} {v}" for v, n in sorted(counts.items())))
    print("\n".join(failed[:100]), flush=True)
    return cells, len(failed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime", type=os.path.realpath)
    parser.add_argument("preload", type=os.path.realpath)
    parser.add_argument("--verbs", default=",".join(CASES))
    options = parser.parse_args()
    sizes = [run(options, name) for name in options.verbs.split(",")]
    print("1..%d" % len(sizes))
    print("# %d cells, %d wrong" % tuple(sum(s[i] for s in sizes) for i in (0, 1)))
    return 1 if any(s[1] for s in sizes) else 0


if __name__ == "__main__":
    sys.exit(main())
