#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Many processes create, start, exec, kill, delete and ask for one id at once.

  races.py RUNTIME [--seconds N] [--seed N]      # as root; or as an ordinary user with subordinate ids

Each history (4 processes, 5 calls each) has to be explained by some order of its calls that respects
who had ended before another began: the model is below, the search tries orders until one gives every
call the answer that it got.
"""
import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bed import Bed  # noqa: E402

PROCESSES, CALLS = 4, 5
# RESERVED: another create is told that the name is taken, and nobody else sees anything yet
# FELLED, DYING: SIGKILL was sent to a created one, to a running one; the process may be seen alive or not
STATES = ("none", "reserved", "creating", "created", "running", "felled", "dying", "stopped")
NONE, RESERVED, CREATING, CREATED, RUNNING, FELLED, DYING, STOPPED = STATES
KILLED = {CREATED: FELLED, FELLED: FELLED, RUNNING: DYING, DYING: DYING}


def seen(*states):
    return {s: s for s in states}


# An operation is a row of steps, each at its own moment between the call and its answer, in this order: the
# state afterwards by the state before, which has to be one of them. By verb and what was said.
SEEN_ALIVE = seen(CREATED, RUNNING, FELLED, DYING)
NOT_THERE = [seen(NONE, RESERVED)]
NOT_ALIVE = [seen(STOPPED, FELLED, DYING, CREATING)]
ENDED = [SEEN_ALIVE, seen(STOPPED, FELLED, DYING, NONE, RESERVED, CREATING)]
GONE = {STOPPED: NONE, FELLED: NONE, DYING: NONE}
ANSWERS = [
    ("create", 0, r"", [[{NONE: RESERVED}, {RESERVED: CREATING}, {CREATING: CREATED}]]),
    ("create", 1, r"container with given ID already exists", [[seen(*STATES[1:])]]),
    ("start", 0, r"", [[{CREATED: RUNNING}]]),
    ("start", 1, r"container does not exist", [NOT_THERE]),
    ("start", 1, r"cannot start an already running container", [[seen(RUNNING, DYING)]]),
    ("start", 1, r"cannot start a container (that has stopped|in the .* state)|.*(stopped|creating).*", [NOT_ALIVE]),
    ("start", 1, r"the container's init died before it executed the process|"
                 r"(connect to|wait for|ask) the container's init.*",
     [[seen(CREATED), seen(STOPPED, FELLED, NONE, RESERVED)], [seen(STOPPED, FELLED, NONE, RESERVED)]]),
    ("exec", 0, r"", [[SEEN_ALIVE]]),
    ("exec", 255, r"container does not exist", [NOT_THERE]),
    ("exec", 255, r"(cannot exec in a (stopped|creating) container: )?container not running", [NOT_ALIVE, NOT_THERE]),
    # an ordinary user's, whose process has another user and did not execute anything yet
    ("exec", 255, r"the container has to be started first: .*", [[seen(CREATED, FELLED)]]),
    # begun in a living one, which is over before the end
    ("exec", 255, r"(container not running: .*|the container's init died while it was set up)", [ENDED]),
    ("exec", 137, r"", [ENDED]),
    ("kill", 0, r"", [[KILLED]]),
    ("kill", 1, r"container does not exist", [NOT_THERE]),
    ("kill", 1, r".*not running.*", [NOT_ALIVE, NOT_THERE]),
    ("delete", 0, r"", [[KILLED, GONE], [GONE], [seen(NONE, RESERVED)]]),
    ("state", 0, r"creating", [[seen(CREATING)]]),
    ("state", 0, r"created", [[seen(CREATED, FELLED)]]),
    ("state", 0, r"running", [[seen(RUNNING, DYING)]]),
    ("state", 0, r"stopped", [[seen(STOPPED, FELLED, DYING)]]),
    ("state", 1, r"container does not exist", [NOT_THERE]),
]


def ways(verb, status, said):
    return [w for v, s, pattern, rows in ANSWERS for w in rows
            if (v, s) == (verb, status) and re.fullmatch(pattern, said)]


def explains(history):
    """Is there an order of all steps? A depth-first search over (steps done, state), each seen once."""
    # calls: (begin, end, [way, ...]); position: None (not begun) or (way, steps done)
    calls = [(c["begin"], c["end"], ways(c["verb"], c["status"], c["said"])) for c in history]
    done = [None] * len(calls)
    seen = set()

    def is_over(i):
        return done[i] is not None and done[i][1] == len(calls[i][2][done[i][0]])

    def search(state):
        key = (tuple(done), state)
        if key in seen:
            return False
        seen.add(key)
        open_ = [i for i in range(len(calls)) if not is_over(i)]
        if not open_:
            return True
        first_end = min(calls[i][1] for i in open_)
        for i in open_:
            if calls[i][0] > first_end:
                continue
            before = done[i]
            at = [(w, 0) for w in range(len(calls[i][2]))] if before is None else [before]
            for w, n in at:
                step = calls[i][2][w][n]
                if state in step:
                    done[i] = (w, n + 1)
                    if search(step[state]):
                        return True
                    done[i] = before
        return False

    return search(NONE)


def work(bed, seed, history, barrier):
    rng = random.Random(seed)
    barrier.wait()
    for _ in range(CALLS):
        verb = rng.choice(["create", "create", "start", "start", "exec", "kill", "delete", "state"])
        words = {"create": ["create", "-b", bed.bundle + "/idle", bed.id], "start": ["start", bed.id],
                 "exec": ["exec", bed.id, "/bin/busybox", "true"], "kill": ["kill", bed.id, "KILL"],
                 "delete": ["delete", "--force", bed.id], "state": ["state", bed.id]}[verb]
        begin = time.monotonic()
        # a container must not hold the pipe open; afterwards the file is its user's, and not to be opened again
        with tempfile.TemporaryFile(dir=bed.dir) as f:
            try:
                status = subprocess.run(bed.command(*words), stdin=subprocess.DEVNULL, stdout=f, stderr=f,
                                        timeout=20).returncode
            except subprocess.TimeoutExpired:
                status = "hang"
            end = time.monotonic()
            f.seek(0)
            said = f.read().decode().strip()
        if verb == "state" and status == 0:
            said = re.search(r'"status": ?"(\w+)"', said).group(1)
        elif status == 0:
            said = said.strip()
        history.append({"verb": verb, "status": status, "said": said, "begin": begin, "end": end})


def show(history):
    start = min(c["begin"] for c in history)
    return ["  %7.1f to %7.1f ms: %-6s %s %s" % (1000 * (c["begin"] - start), 1000 * (c["end"] - start),
                                                 c["verb"], c["status"], c["said"])
            for c in sorted(history, key=lambda c: c["begin"])]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime", type=os.path.realpath)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"# seed {options.seed}", flush=True)
    bed = Bed(options, "concurrent", "plain" if os.geteuid() == 0 else "rootless")
    bed.idle()
    rng = random.Random(options.seed)
    end = time.monotonic() + options.seconds
    n = wrong = 0
    answers, told = {}, []
    try:
        while time.monotonic() < end and wrong < 5:
            history, barrier = [], threading.Barrier(PROCESSES)
            threads = [threading.Thread(target=work, args=(bed, rng.random(), history, barrier))
                       for _ in range(PROCESSES)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            n += 1
            for c in history:
                key = (c["verb"], c["status"], c["said"].replace(bed.id, "ID"))
                answers[key] = answers.get(key, 0) + 1
            problem = ("a call was not made" if len(history) != PROCESSES * CALLS
                       else "no order of the calls explains the answers" if not explains(history) else None)
            if left := bed.clear():
                problem = "; ".join(left)
            if problem:
                wrong += 1
                told += [f"history {n}: {problem}", *show(history)]
    finally:
        bed.remove()
    print(f"{'not ok' if wrong else 'ok'} {n} histories of {PROCESSES} processes, {CALLS} calls each")
    told += [f"{k:6} {verb} {status} {said}" for (verb, status, said), k in sorted(answers.items(), key=str)]
    for line in told:
        print(f"# {line}")
    print("1..1")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
