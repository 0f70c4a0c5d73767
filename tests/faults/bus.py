#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
A systemd that does not answer, closes, refuses, talks nonsense or never ends its job, at each of the calls made to it.

  bus.py RUNTIME [--jobs N] [--case "VERB WAY METHOD"] [-v]

A case is a command, what goes wrong, and with which call. The fake is a bus and systemd in one, on the socket where
the runtime looks: below XDG_RUNTIME_DIR, or for root in a mount namespace with a /run of its own. Right is: an end
within LIMIT seconds, status 1 with one line, and nothing left, or what `delete --force` clears once the bus is well
again. Not for a host that systemd runs.
"""
import argparse
import concurrent.futures
import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bed import CGROUPS, STATUS, Bed, hierarchies, remove_cgroups, text_of  # noqa: E402

LIMIT = 50  # seconds: the bus' 25 once, and a job's 30 at most beside a call that fails
MANAGER = "org.freedesktop.systemd1"
CALL, REPLY, ERROR, SIGNAL = 1, 2, 3, 4
SIZES = {"y": (1, "B"), "b": (4, "I"), "n": (2, "h"), "q": (2, "H"), "i": (4, "i"), "u": (4, "I"), "x": (8, "q"),
         "t": (8, "Q"), "d": (8, "d")}


def complete(signature):
    """The length of its first complete type."""
    if signature[0] == "a":
        return 1 + complete(signature[1:])
    depth = 0
    for i, c in enumerate(signature):
        depth += (c in "({") - (c in ")}")
        if depth == 0:
            return i + 1
    raise ValueError(signature)


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def align(self, n):
        self.at = (self.at + n - 1) // n * n

    def take(self, signature):
        values = []
        while signature:
            n = complete(signature)
            values.append(self.one(signature[:n]))
            signature = signature[n:]
        return values

    def one(self, s):
        if s in SIZES:
            size, code = SIZES[s]
            self.align(size)
            self.at += size
            return struct.unpack_from("<" + code, self.data, self.at - size)[0]
        if s in ("s", "o", "g"):
            length = self.one("y" if s == "g" else "u")
            self.at += length + 1
            return self.data[self.at - length - 1:self.at - 1].decode()
        if s == "v":
            return self.one(self.one("g"))
        if s[0] == "a":
            end = self.one("u")
            self.align(8 if s[1] in "({xtd" else 1)
            end += self.at
            values = []
            while self.at < end:
                values.append(self.one(s[1:]))
            return values
        self.align(8)
        return self.take(s[1:-1])


class Writer:
    def __init__(self):
        self.data = b""

    def align(self, n):
        self.data += bytes(-len(self.data) % n)

    def put(self, s, value):
        if s == "v":
            self.put("g", value[0])
            self.put(*value)
        elif s == "g":
            self.data += bytes([len(value)]) + value.encode() + b"\0"
        elif s in ("s", "o"):
            self.put("u", len(value))
            self.data += value.encode() + b"\0"
        else:
            self.align(SIZES[s][0])
            self.data += struct.pack("<" + SIZES[s][1], value)


def message(kind, serial, fields, signature="", values=()):
    body = Writer()
    for s, value in zip(signature, values):
        body.put(s, value)
    if signature:
        fields = {**fields, 8: ("g", signature)}
    head, rows = Writer(), Writer()
    for code, value in fields.items():
        rows.align(8)
        rows.put("y", code)
        rows.put("v", value)
    head.data = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body.data), serial, len(rows.data)) + rows.data
    head.align(8)
    return head.data + body.data


class Call:
    def __init__(self, head, rest):
        reader = Reader(head + rest)
        length, self.serial, _ = struct.unpack_from("<III", head, 4)
        reader.at = 12
        fields = {code: value for code, value in reader.one("a(yv)")}
        reader.align(8)
        self.member = fields.get(3, "")
        body = Reader(reader.data[reader.at:reader.at + length])
        self.values = body.take(fields.get(8, "")) if length else []
        # two of a kind are told apart by what they ask for
        self.name = "Get" + self.values[1] if self.member == "Get" else self.member
        if self.name == "GetControlGroup" and self.values[0] != MANAGER + ".Manager":
            self.name = "GetControlGroupOfUnit"


class Systemd:
    """Units with their cgroups, as far as the runtime can tell."""

    def __init__(self, can_make):
        self.can_make = can_make
        self.units = {}

    def places(self, path):
        # a cpuset of v1 takes nobody before it has its CPUs
        return [d + path for d in hierarchies() if os.path.exists(d + "/cgroup.procs") and not d.endswith("cpuset")]

    def start(self, name, properties):
        slice_ = properties.get("Slice", "system.slice")
        unit = {"path": f"/{slice_}/{name}", "description": properties.get("Description", "")}
        self.units[name] = unit
        for place in self.places(unit["path"]) if self.can_make else []:
            os.makedirs(place, exist_ok=True)
            for pid in properties.get("PIDs", []):
                try:
                    with open(place + "/cgroup.procs", "w") as f:
                        f.write(str(pid))
                except OSError:
                    pass

    def stop(self, name, kills=True):
        """As systemd does when asked to; without kills as it does when the last process has gone."""
        unit = self.units.get(name)
        left = []
        for place in self.places(unit["path"]) if unit and self.can_make else []:
            left += remove_cgroups(place, patience=1, kills=kills)
        if not left:
            self.units.pop(name, None)
        return left


class Bus(threading.Thread):
    """WAY of METHOD: what is not named is answered rightly."""

    def __init__(self, path, systemd, way="", method=""):
        super().__init__(daemon=True)
        self.systemd, self.way, self.method = systemd, way, method
        self.serial = 0
        self.socket = socket.socket(socket.AF_UNIX)
        if way != "no socket":
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self.socket.bind(path)
        if way not in ("no socket", "nobody listens"):
            self.socket.listen(8)
            self.start()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.greet(connection):
                while (call := self.receive(connection)) is not None:
                    self.answer(connection, call)
        except OSError:
            pass
        finally:
            connection.close()

    def goes_wrong(self, connection, name):
        """True: nothing more is to be done here."""
        if name != self.method:
            return False
        if self.way == "silent":
            time.sleep(1000)
        elif self.way == "garbage":
            connection.sendall(bytes(range(7, 250)) * 40)
            time.sleep(1000)
        elif self.way == "drip":
            while True:
                connection.sendall(b"l")
                time.sleep(1)
        elif self.way == "flood":
            while True:
                self.signal(connection, "UnitNew", "so", ["a.service", "/a"])
        elif self.way == "closes":
            connection.close()
        return self.way in ("closes", "silent")

    def greet(self, connection):
        if self.goes_wrong(connection, "greeting"):
            return False
        answers = {b"DATA": b"OK " + b"0" * 32, b"NEGOTIATE_UNIX_FD": b"AGREE_UNIX_FD"}
        text = b""
        while not text.endswith(b"BEGIN\r\n"):
            byte = connection.recv(1)
            if not byte:
                return False
            text += byte
            if not text.endswith(b"\r\n"):
                continue
            line = text[:-2].lstrip(b"\0")
            if line == b"BEGIN":
                return True
            text = b""
            answer = b"DATA" if line == b"AUTH EXTERNAL" else answers.get(line, answers[b"DATA"])
            connection.sendall(answer + b"\r\n")
        return True

    def receive(self, connection):
        def exactly(n):
            data = b""
            while len(data) < n:
                more = connection.recv(n - len(data))
                if not more:
                    return None
                data += more
            return data
        head = exactly(16)
        if head is None:
            return None
        length, _, fields = struct.unpack_from("<III", head, 4)
        rest = exactly((fields + 7) // 8 * 8 + length)
        return None if rest is None else Call(head, rest)

    def send(self, connection, kind, fields, signature="", values=()):
        self.serial += 1
        connection.sendall(message(kind, self.serial, {7: ("s", MANAGER), **fields}, signature, values))

    def signal(self, connection, member, signature, values):
        self.send(connection, SIGNAL, {1: ("o", "/org/freedesktop/systemd1"), 2: ("s", MANAGER + ".Manager"),
                                       3: ("s", member)}, signature, values)

    def answer(self, connection, call):
        if self.goes_wrong(connection, call.name):
            return
        to = {5: ("u", call.serial)}
        if call.name == self.method and self.way == "error":
            self.send(connection, ERROR, {**to, 4: ("s", "org.freedesktop.DBus.Error.AccessDenied")}, "s", ["not today"])
            return
        if call.name == self.method and self.way == "wrong type":
            self.send(connection, REPLY, to, "u", [7])
            return
        signature, value = self.right(call)
        if signature == "error":
            self.send(connection, ERROR, {**to, 4: ("s", value)}, "s", ["there is no such unit"])
            return
        self.send(connection, REPLY, to, signature or "", [value] if signature else [])
        if call.name in ("StartTransientUnit", "StopUnit"):
            self.end_job(connection, call)

    def end_job(self, connection, call):
        if self.goes_wrong(connection, "JobRemoved of " + call.name):
            return
        is_ours = self.method == "JobRemoved of " + call.name
        self.signal(connection, "JobRemoved", "uoss",
                    [1, "/org/freedesktop/systemd1/job/1", call.values[0], self.way if is_ours else "done"])

    def right(self, call):
        name = call.values[0] if call.values else ""
        unit = self.systemd.units.get(name)
        if call.name == "StartTransientUnit":
            self.systemd.start(name, dict(call.values[2]))
            self.last = name
        elif call.name == "StopUnit":
            self.systemd.stop(name)
        elif call.name == "GetUnit":
            return ("o", "/org/freedesktop/systemd1/unit/it") if unit else ("error", MANAGER + ".NoSuchUnit")
        elif call.name == "GetControlGroupOfUnit":
            place = "/elsewhere" if self.way == "elsewhere" else self.systemd.units[self.last]["path"]
            return "v", ("s", place)
        elif call.name == "GetDescription":
            return "v", ("s", self.systemd.units[self.last]["description"])
        texts = {"Hello": ("s", ":1.7"), "GetVersion": ("v", ("s", "252")), "GetControlGroup": ("v", ("s", ""))}
        jobs = dict.fromkeys(("StartTransientUnit", "StopUnit"), ("o", "/org/freedesktop/systemd1/job/1"))
        return {**texts, **jobs}.get(call.name, (None, None))


CONNECTING = ["greeting", "Hello", "Subscribe"]
PROBING = ["GetVersion", "GetControlGroup"]
STARTING = ["AddMatch", "StartTransientUnit", "GetUnit", "GetControlGroupOfUnit"]
STOPPING = ["GetUnit", "GetDescription", "AddMatch", "StopUnit"]
WAYS = ("silent", "closes", "garbage", "error", "wrong type")


def all_cases():
    yield from (("create", way, "") for way in ("no socket", "nobody listens", "elsewhere"))
    yield from (("create", way, "greeting") for way in ("silent", "closes", "garbage", "drip"))
    yield from (("create", way, m) for m in (CONNECTING[1:] + PROBING + STARTING) for way in WAYS)
    yield from (("create", "flood", m) for m in ("GetVersion", "StartTransientUnit"))
    for m, verb in (("StartTransientUnit", "create"), ("StopUnit", "delete")):
        yield from ((verb, way, "JobRemoved of " + m)
                    for way in ("silent", "closes", "failed", "timeout", "dependency", "flood"))
    yield from (("delete", way, m) for m in CONNECTING + STOPPING for way in ("silent", "closes", "error", "wrong type")
                if m != "greeting" or way in ("silent", "closes"))
    yield from (("update", way, "SetUnitProperties") for way in ("silent", "closes", "error", "wrong type"))
    yield "run", "right", ""


def is_harmless(verb, way, method):
    """What the answer says does not matter, or the unit is not ours to stop."""
    return (way == "wrong type" and method in ("Hello", "Subscribe", "AddMatch", "SetUnitProperties")
            or verb == "delete" and not method.startswith("StartTransient"))


class Case:
    def __init__(self, options, words):
        self.verb, self.way, self.method = words
        self.is_root = os.geteuid() == 0
        self.bed = bed = Bed(options, "bus", "plain" if self.is_root else "single")
        self.set_up_bundles()
        run = "/run"
        if self.is_root:
            self.have_own_run()
        else:
            run = bed.dir + "/xdg"
            os.mkdir(run)
            os.environ["XDG_RUNTIME_DIR"] = run
        self.socket = run + ("/dbus/system_bus_socket" if self.is_root else "/bus")
        self.systemd = Systemd(self.is_root)

    def set_up_bundles(self):
        for name in ("run", "stay"):
            path = f"{self.bed.bundle}/{name}/config.json"
            with open(path) as f:
                c = json.load(f)
            c["linux"]["cgroupsPath"] = f"faultsbus{os.getpid()}.slice:oci-rt:{self.bed.id}"
            c.pop("hooks")
            with open(path, "w") as f:
                json.dump(c, f)

    @staticmethod
    def have_own_run():
        libc = ctypes.CDLL(None, use_errno=True)
        new_mounts, recursive, private = 0x20000, 0x4000, 0x40000
        if libc.unshare(new_mounts) or libc.mount(None, b"/", None, recursive | private, None) or \
                libc.mount(b"tmpfs", b"/run", b"tmpfs", 0, None):
            raise OSError(ctypes.get_errno(), "a /run of one's own")

    def rt(self, *words):
        """Status, seconds"""
        start = time.monotonic()
        # not the bed's call: its limit is for commands that wait for nobody
        with open(self.bed.out, "wb") as out, open(self.bed.err, "wb") as err:
            try:
                status = subprocess.run(self.bed.command("--systemd-cgroup", *words), stdin=subprocess.DEVNULL,
                                        stdout=out, stderr=err, timeout=LIMIT + 30).returncode
            except subprocess.TimeoutExpired:
                status = "hang"
        return status, time.monotonic() - start

    def words_of(self):
        return {"create": ["create", "-b", self.bed.bundle + "/stay", self.bed.id],
                "run": ["run", "-b", self.bed.bundle + "/run", self.bed.id],
                "delete": ["delete", "--force", self.bed.id],
                "update": ["update", "--pids-limit", "50", self.bed.id]}[self.verb]

    def left(self):
        """With what systemd does by itself: a unit without processes goes."""
        units = list(self.systemd.units)
        found = [p for u in units for p in self.systemd.stop(u, kills=False)]
        return self.bed.left() + found

    def run(self):
        bed, wrong = self.bed, []
        begins_well = self.verb in ("delete", "update")
        bus = Bus(self.socket, self.systemd, *(("", "") if begins_well else (self.way, self.method)))
        if begins_well:
            status, _ = self.rt("create", "-b", bed.bundle + "/stay", bed.id)
            if status != 0:
                return [f"create: {status}: {text_of(bed.err)}"], "", 0
            bus.way, bus.method = self.way, self.method
        status, seconds = self.rt(*self.words_of())
        said = text_of(bed.err)
        if status == "hang" or seconds > LIMIT:
            wrong.append("it lasts %d s" % seconds)
        may_succeed = self.way == "right" or is_harmless(self.verb, self.way, self.method)
        success = STATUS if self.verb == "run" else 0
        if status != success or not may_succeed:
            wrong += [] if status == 1 else [f"status {status}"]
            wrong += [] if said.count("\n") == 1 else [f"{said.count(chr(10))} lines"]
        if (self.verb in ("create", "run") and status != 0 or self.verb == "delete" and status == 0) and \
                (left := self.left()):
            wrong.append("left: " + ", ".join(left))
        bus.way = bus.method = ""
        status, _ = self.rt("delete", "--force", bed.id)
        if status != 0:
            wrong.append(f"delete --force: {status}: {text_of(bed.err)}")
        if left := self.left():
            wrong.append("delete --force leaves " + ", ".join(left))
        return wrong, said, seconds

    def clean(self):
        for unit in list(self.systemd.units):
            self.systemd.stop(unit)
        for place in self.systemd.places(f"/faultsbus{os.getpid()}.slice") + \
                [f"{CGROUPS}/cpuset/faultsbus{os.getpid()}.slice"]:
            remove_cgroups(place)
        self.bed.remove()


def run_one(options, words):
    case = Case(options, words)
    try:
        wrong, said, seconds = case.run()
    finally:
        case.clean()
    print(f"{'not ok' if wrong else 'ok'} {' '.join(w for w in words if w)}")
    for line in wrong + ["%.1f s: %s" % (seconds, said.strip())]:
        print("# " + line.strip().replace("\n", "\n#   "))
    sys.stdout.flush()
    # the fake's threads wait for nobody
    os._exit(1 if wrong else 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime", type=os.path.realpath)
    parser.add_argument("--case")
    parser.add_argument("--jobs", type=int, default=24)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    if os.path.isdir("/run/systemd/system"):
        print("ok a bus that fails # skip this host is run by systemd")
        return 0
    if options.case:
        run_one(options, (options.case.split("|") + ["", ""])[:3])
    # a user's fake cannot put anybody into a cgroup: on v1 the runtime does not even ask it to
    of_users = ["", *CONNECTING, *PROBING]
    cases = [c for c in all_cases() if os.geteuid() == 0 or
             c[0] == "create" and c[2] in of_users and c[1] != "elsewhere"]
    start = time.monotonic()

    def in_process(words):
        return subprocess.run([sys.executable, __file__, options.runtime, "--case", "|".join(words)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for words, done in zip(cases, pool.map(in_process, cases)):
            text = done.stdout or f"not ok {' '.join(words)}\n# {done.stderr[-600:]}"
            wrong += done.returncode != 0
            if options.verbose or done.returncode != 0:
                print(text.rstrip())
    print(f"{'not ok' if wrong else 'ok'} a bus that fails: {len(cases)} cases\n1..1")
    print("# bus: %d cases, %d wrong, %d s" % (len(cases), wrong, time.monotonic() - start))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
