#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every system call of every command fails once, one at a time, and what is left is looked at.

  matrix.py RUNTIME INJECT [--whole] [--seed N] [--jobs N] [--sample N] [--signals] [--verbs a,b] [-v]

A cell is a command, a call site (role, name, how many-eth) and an errno of errnos.py; without --whole a
site gets one of its errnos, which the seed chooses. With --signals a cell is a site and a signal that
the process gets there. --sample N takes every N-th cell, from one that the seed chooses. Writes TAP, one
line a command, and the sizes. As an ordinary user: the commands that one has. What a cell is judged by is
in verbs.py. See docs/SECURITY.md, Faults.
"""
import argparse
import concurrent.futures
import errno
import os
import signal
import sys
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bed import PODMAN_PROFILE, Bed, text_of  # noqa: E402
from errnos import CANNOT_FAIL, ERRNOS  # noqa: E402
from verbs import USER_VERBS, VERBS, Create, Run, accepted, kind_of  # noqa: E402


ALL = {**VERBS, **USER_VERBS}


def environ_of(verb, bed):
    return {"INJECT_ATTACH": str(bed.pid)} if verb.attaches and os.geteuid() == 0 else {}


class Matrix:
    def __init__(self, options):
        self.options = options

    def record(self, name, bed):
        verb = ALL[name]
        verb.prepare(bed)
        environ = environ_of(verb, bed)
        words = bed.command(*verb.words(bed))
        # as it would be while nothing fails; twice, for what differs from one run to the next
        status = bed.call([self.options.inject, "record", bed.report, *words], environ)
        if status != verb.done:
            raise RuntimeError(f"{name}: status {status}: {text_of(bed.err)}")
        right = verb.is_right(bed)
        sites, skipped = [], {}
        for line in text_of(bed.report).splitlines():
            role, call, k, who = line.split()
            why = ("the dynamic loader's" if who == "loader"
                   else "the test's own" if (role, call, k) == ("host", "execve", "1")
                   else "cannot fail" if call in CANNOT_FAIL and not self.options.signals
                   else None)
            if why:
                skipped[why] = skipped.get(why, 0) + 1
            elif call not in ERRNOS and not self.options.signals:
                raise RuntimeError(f"errnos.py does not know {call}")
            else:
                sites.append((role, call, k))
        bed.clear()
        return right, sites, skipped

    def cells(self, sites):
        for site in sites:
            if self.options.signals:
                for s in (["SIGKILL", "SIGTERM", "SIGINT"] if self.options.whole else [
                        ("SIGKILL", "SIGTERM", "SIGINT")[self.pick(site, 3)]]):
                    yield site, s
                continue
            errnos = ERRNOS[site[1]].split()
            for e in errnos if self.options.whole else [errnos[self.pick(site, len(errnos))]]:
                yield site, e

    def pick(self, site, n):
        return (zlib.crc32(" ".join(site).encode()) + self.options.seed) % n

    def run_cells(self, name, number, cells, right):
        bed = Bed(self.options, f"{name}-{number}", kind_of(name))
        results = []
        try:
            ready = False
            for cell in cells:
                result, ready = self.cell(name, bed, cell, right, ready)
                results.append((cell, *result))
        finally:
            bed.remove()
        return results

    def cell(self, name, bed, cell, right, ready):
        verb, ((role, call, k), what) = ALL[name], cell
        if not ready:
            verb.prepare(bed)
        environ = environ_of(verb, bed)
        mode, number = (("signal", getattr(signal, what)) if self.options.signals
                        else ("fail", getattr(errno, what)))
        status = bed.call([self.options.inject, mode, role, call, k, str(int(number)), bed.report,
                           *bed.command(*verb.words(bed))], environ)
        said, hit = text_of(bed.err), text_of(bed.report).strip()
        verdict, wrong = self.judge(verb, bed, status, said, hit, right, what)
        ready = verb.keeps and not wrong
        why = accepted(name, cell[0], what)
        if not ready:
            wrong += bed.clear()
        if wrong and why and verdict == "succeeds":
            verdict, wrong = "accepted: " + why, []
        return (verdict, wrong, said.strip()), ready

    def judge(self, verb, bed, status, said, hit, right, what):
        if hit == "hang" or status == "hang":
            return "hang", ["hangs"]
        if hit == "missed":
            return "missed", []
        if self.options.signals:
            return self.judge_signal(verb, bed, status)
        if status == verb.done:
            found = verb.is_right(bed)
            # the program's status is told before that of the removal
            if isinstance(verb, Run) and said.count("\n") == 1 and found.startswith("left: "):
                return "the program succeeds, the removal fails", []
            wrong = [] if found == right else ["success, but not right: " + differences(right, found)]
            if said and "level=warning" not in said:
                wrong.append("success, and an error: " + said.strip())
            return "succeeds", wrong
        wrong = [] if status == verb.failed else [f"status {status}"]
        lines = said.splitlines()
        errors = [line for line in lines if "level=warning" not in line]
        if len(errors) != 1:
            wrong.append(f"{len(errors)} lines: {said!r}")
        wrong += verb.after_failure(bed)
        verdict = "fails"
        if verb.__class__ in (Create, Run):
            left = bed.left()
            verdict = "fails, something is left" if left else verdict
        named = os.strerror(getattr(errno, what)).lower() in said.lower()
        return verdict if named else verdict + ", another errno is told", wrong

    def judge_signal(self, verb, bed, status):
        state = bed.state()
        wrong = [] if state in ("created", "running", "stopped", "none", "paused", "creating") else ["state " + state]
        if status in (128 + signal.SIGKILL, 128 + signal.SIGTERM, 128 + signal.SIGINT):
            return "killed", wrong
        return "goes on", wrong

    def verb(self, name):
        bed = Bed(self.options, name, kind_of(name))
        try:
            right, sites, skipped = self.record(name, bed)
        finally:
            bed.remove()
        n = self.options.sample
        cells = list(self.cells(sites))[self.options.seed % n::n]
        jobs = self.options.jobs
        size = (len(cells) + jobs - 1) // jobs or 1
        results = []
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            parts = [pool.submit(self.run_cells, name, j, cells[j * size:(j + 1) * size], right)
                     for j in range(jobs)]
            for part in parts:
                results += part.result()
        return self.tell(name, sites, skipped, results)

    def tell(self, name, sites, skipped, results):
        counts = {}
        failed = []
        for (site, what), verdict, wrong, said in results:
            counts[verdict] = counts.get(verdict, 0) + 1
            where = " ".join((name, *site, what))
            if wrong:
                failed.append(f"# {where}: {'; '.join(wrong)}")
            if self.options.verbose:
                print(f"# {where}: {verdict}: {said}")
        missed = counts.get("missed", 0)
        if missed > max(1, len(results) // 50):
            failed.append(f"# {missed} of {len(results)} cells did not come to their call")
        what = "signals" if self.options.signals else "faults"
        print(f"{'not ok' if failed else 'ok'} {what}, {name}: {len(sites)} call sites, {len(results)} cells")
        for verdict, n in sorted(counts.items()):
            print(f"#   {n:5} {verdict}")
        for why, n in sorted(skipped.items()):
            print(f"#   {n:5} calls skipped: {why}")
        print("\n".join(failed[:200]), flush=True)
        return len(results), len(failed)


def default_verbs():
    verbs = VERBS if os.geteuid() == 0 else USER_VERBS
    return [v for v in verbs if kind_of(v) != "podman" or os.path.exists(PODMAN_PROFILE)]


def differences(right, found):
    a, b = right.splitlines(), found.splitlines()
    lines = [f"-{x}" for x in a if x not in b][:4] + [f"+{x}" for x in b if x not in a][:4]
    return " | ".join(lines) or "the order of lines"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime", type=os.path.realpath)
    parser.add_argument("inject", type=os.path.realpath)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--signals", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()) // 86400)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=1)
    parser.add_argument("--verbs", default=",".join(default_verbs()))
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    print(f"# seed {options.seed}", flush=True)
    start = time.monotonic()
    what = "signals" if options.signals else "faults"
    sizes = [Matrix(options).verb(name) for name in options.verbs.split(",")]
    print("1..%d" % len(sizes))
    print("# %s: %d cells, %d wrong, %d s" % (what, sum(s[0] for s in sizes), sum(s[1] for s in sizes),
                                             time.monotonic() - start))
    return 1 if any(s[1] for s in sizes) else 0


if __name__ == "__main__":
    sys.exit(main())
