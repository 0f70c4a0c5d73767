#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every system call of every command fails once, one at a time, and what is left is looked at.

  matrix.py RUNTIME INJECT [--whole] [--seed N] [--jobs N] [--sample N] [--signals] [--verbs a,b] [-v]

A cell is a command, a call site (role, name, how many-eth) and an errno of errnos.py; without --whole a
site gets one of its errnos, which the seed chooses. With --signals a cell is a site and a signal that
the process gets there. --sample N takes every N-th cell, from one that the seed chooses. Writes TAP, one line a command, and the sizes. See docs/SECURITY.md, Faults.
"""
import argparse
import concurrent.futures
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from errnos import CANNOT_FAIL, ERRNOS  # noqa: E402

CGROUPS = "/sys/fs/cgroup"
STATUS = 42  # of the container's program
WAIT = 5

# All that a container's process may find out about what was done for it.
PROBE = r"""
exec 2>/dev/null
grep -E '^(Uid|Gid|Groups|Cap|NoNew|Seccomp:|Seccomp_f|Sig[BIC]|Cpus_allowed_l|Umask)' /proc/self/status
cat /proc/self/cgroup /proc/self/limits /proc/self/oom_score_adj /proc/self/personality
hostname; pwd; env; umask
cat /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward
sed 's/^[0-9]* [0-9]* [0-9]*:[0-9]* //; s/ \(shared\|master\):[0-9]*/ \1/g; s/ino=[0-9]*//' /proc/self/mountinfo
ls -ln /dev | awk '{ print $1, $3, $4, $NF }'
ls /proc/self/fd
awk '{ print $1 }' /proc/$$/cmdline >/dev/null; cut -d ' ' -f 4-7 /proc/1/stat
grep -c _ses /proc/keys
cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids.max
cat /sys/fs/cgroup/devices/devices.list
ls -a /proc/scsi /proc/acpi; cat /proc/timer_list; echo x >/proc/sys/kernel/domainname
cat /sys/class/net/lo/flags
echo END
"""


def text_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except FileNotFoundError:
        return ""


class Bed:
    """A state directory, a bundle and an id of its own: where the cells of one worker run."""

    def __init__(self, options, name, kind):
        self.options = options
        self.dir = tempfile.mkdtemp(prefix=f"oci-rt-faults.{name}.")
        os.chmod(self.dir, 0o755)
        self.root = self.dir + "/root"
        self.bundle = self.dir + "/b"
        self.id = "faults-%d-%s" % (os.getpid(), name)
        self.out, self.err, self.report, self.answer = (
            self.dir + "/" + n for n in ("out", "err", "report", "answer"))
        os.mkdir(self.root, 0o700)
        self.make_bundle(kind)
        self.turn = 0

    def make_bundle(self, kind):
        rootfs = self.bundle + "/rootfs"
        for d in "bin dev etc mnt proc sys tmp".split():
            os.makedirs(f"{rootfs}/{d}")
        shutil.copy(shutil.which("busybox"), rootfs + "/bin/busybox")
        for applet in "sh cat grep hostname pwd env sed ls awk cut echo sleep id".split():
            os.symlink("busybox", f"{rootfs}/bin/{applet}")
        for name, end in (("run", f"exit {STATUS}"), ("stay", "exec sleep 1000")):
            with open(f"{rootfs}/bin/{name}", "w") as f:
                f.write("#!/bin/sh\n" + PROBE + end + "\n")
            os.chmod(f"{rootfs}/bin/{name}", 0o755)
        subprocess.run([self.options.runtime, "spec", "-b", self.bundle], check=True)
        with open(self.bundle + "/config.json") as f:
            c = json.load(f)
        self.configure(c, kind)
        for args in ("run", "stay"):
            c["process"]["args"] = ["/bin/" + args]
            os.makedirs(f"{self.bundle}/{args}", exist_ok=True)
            c["root"]["path"] = rootfs
            with open(f"{self.bundle}/{args}/config.json", "w") as f:
                json.dump(c, f)

    def idle(self):
        """A third bundle, whose program does nothing."""
        os.mkdir(self.bundle + "/idle")
        with open(self.bundle + "/stay/config.json") as f:
            c = json.load(f)
        c["process"]["args"] = ["/bin/busybox", "sleep", "1000"]
        with open(self.bundle + "/idle/config.json", "w") as f:
            json.dump(c, f)

    def configure(self, c, kind):
        p = c["process"]
        p["terminal"] = False
        p["env"].append("E2E=" + self.id)
        p["oomScoreAdj"] = 7
        p["noNewPrivileges"] = True
        p["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [7], "umask": 0o27}
        c["hostname"], c["domainname"] = "faults", "d"
        linux = c["linux"]
        linux["sysctl"] = {"net.ipv4.ip_forward": "1"}
        linux["maskedPaths"] = ["/proc/acpi", "/proc/scsi", "/proc/timer_list"]
        linux.setdefault("resources", {}).update(
            pids={"limit": 99}, memory={"limit": 1 << 28})
        linux["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["acct"], "action": "SCMP_ACT_ERRNO"}],
        }
        hooks = {"createRuntime": "/bin/true", "createContainer": "/bin/true", "poststop": "/bin/true"}
        c["hooks"] = {k: [{"path": v}] for k, v in hooks.items()}
        c["mounts"].append({"destination": "/mnt", "type": "bind", "source": "/etc",
                            "options": ["rbind", "ro", "nosuid"]})
        if kind == "user":
            linux["namespaces"] += [{"type": "user"}, {"type": "time"}, {"type": "cgroup"}]
            linux["namespaces"] = list({n["type"]: n for n in linux["namespaces"]}.values())
            ids = [{"containerID": 0, "hostID": 100000, "size": 65536}]
            linux["uidMappings"] = linux["gidMappings"] = ids
            linux["timeOffsets"] = {"monotonic": {"secs": 86400}}
            linux["resources"].pop("devices", None)
            for parent in (self.dir, self.bundle):
                os.chmod(parent, 0o755)

    def command(self, *words):
        return [self.options.runtime, "--root", self.root, *words]

    def call(self, argv, environ=None, aside=False):
        """Status; the output is in self.out and self.err, or all of it in self.answer."""
        with open(self.answer if aside else self.out, "wb") as out, \
                open(self.answer if aside else self.err, "wb") as err:
            try:
                return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                      timeout=4 * WAIT, env={**os.environ, **(environ or {})}).returncode
            except subprocess.TimeoutExpired:
                return "hang"

    def rt(self, *words):
        return self.call(self.command(*words))

    def must(self, *words):
        status = self.rt(*words)
        if status != 0:
            raise RuntimeError(f"{' '.join(words)}: {status}: {text_of(self.err)}")

    def state(self):
        """created, running, stopped, none; or what is wrong with the answer"""
        status = self.call(self.command("state", self.id), aside=True)
        if status == 0:
            s = json.loads(text_of(self.answer))
            alive = s["status"] in ("created", "running", "paused")
            if alive and not os.path.exists("/proc/%d" % s["pid"]):
                return "lie"
            self.pid = s.get("pid", 0)
            return s["status"]
        said = text_of(self.answer)
        return "none" if said == "container does not exist\n" else "wrong: " + said

    def processes(self):
        """Pids that carry our mark, or whose command line is ours."""
        mark = b"E2E=" + self.id.encode()
        root = self.root.encode()
        found = []
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    ours = root in f.read()
                if not ours:
                    with open(f"/proc/{pid}/environ", "rb") as f:
                        ours = mark in f.read()
                if ours:
                    found.append(int(pid))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                pass
        return found

    def left(self):
        found = ["state " + n for n in os.listdir(self.root)]
        for d in [CGROUPS] + [e.path for e in os.scandir(CGROUPS) if e.is_dir()]:
            if os.path.exists(f"{d}/{self.id}"):
                found.append("cgroup " + os.path.basename(d))
        if self.dir in text_of("/proc/self/mountinfo"):
            found.append("mount")
        end = time.monotonic() + 2
        while pids := self.processes():
            if time.monotonic() > end:
                found.append("processes %s" % pids)
                break
            time.sleep(0.003)
        return found

    def clear(self):
        """delete --force, as the administrator's last word; what is wrong with it"""
        status = self.call(self.command("delete", "--force", self.id), aside=True)
        wrong = [] if status == 0 else [f"delete --force: {status}: {text_of(self.answer).strip()}"]
        left = self.left()
        if left:
            wrong.append("delete --force leaves " + ", ".join(left))
            self.sweep()
        return wrong

    def sweep(self):
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
        shutil.rmtree(self.root)
        os.mkdir(self.root, 0o700)
        for d in [CGROUPS] + [e.path for e in os.scandir(CGROUPS) if e.is_dir()]:
            for path, _, _ in os.walk(f"{d}/{self.id}", topdown=False):
                try:
                    os.rmdir(path)
                except OSError:
                    pass

    def remove(self):
        self.clear()
        shutil.rmtree(self.dir)

    def probe(self):
        """What the container's program found out."""
        end = time.monotonic() + 3
        while not (text := text_of(self.program_out)).endswith("END\n"):
            if time.monotonic() > end:
                return "no end: " + text
            time.sleep(0.003)
        return text.replace(self.id, "ID").replace(self.dir, "DIR")


# Each verb: prepare(bed), words(bed), check(bed, status, reference) -> what is wrong. The reference is what the
# program said where nothing failed. `keeps`: what prepare() made serves several cells.

class Verb:
    failed = 1  # the status of a failure
    keeps = False
    attaches = False  # init, too
    done = 0  # the status of success

    def prepare(self, bed):
        pass

    def words(self, bed):
        raise NotImplementedError

    def is_right(self, bed):
        """What is wrong after success."""
        raise NotImplementedError

    def after_failure(self, bed):
        return []


def create(bed):
    bed.must("create", "-b", bed.bundle + "/stay", bed.id)
    os.rename(bed.out, bed.dir + "/program")
    bed.program_out = bed.dir + "/program"


def running(bed):
    create(bed)
    bed.must("start", bed.id)
    bed.probe()


class Create(Verb):
    def words(self, bed):
        return ["create", "-b", bed.bundle + "/stay", bed.id]

    def is_right(self, bed):
        os.rename(bed.out, bed.dir + "/program")
        bed.program_out = bed.dir + "/program"
        if (state := bed.state()) != "created":
            return "created, but " + state
        if bed.call(bed.command("start", bed.id), aside=True) != 0:
            return "start: " + text_of(bed.answer)
        return bed.probe()


class Start(Verb):
    attaches = True

    def prepare(self, bed):
        create(bed)
        bed.state()

    def words(self, bed):
        return ["start", bed.id]

    def is_right(self, bed):
        if (state := bed.state()) != "running":
            return "started, but " + state
        return bed.probe()

    def after_failure(self, bed):
        # asked already, it may go on
        return [] if (s := bed.state()) in ("created", "running", "stopped") else ["state " + s]


class Run(Verb):
    done = STATUS

    def words(self, bed):
        return ["run", "-b", bed.bundle + "/run", bed.id]

    def is_right(self, bed):
        bed.program_out = bed.out
        said = bed.probe()
        return said if not bed.left() else "left: %s" % bed.left()


class Exec(Verb):
    done = STATUS
    failed = 255
    keeps = True

    def prepare(self, bed):
        running(bed)

    def words(self, bed):
        return ["exec", bed.id, "/bin/run"]

    def is_right(self, bed):
        bed.program_out = bed.out
        return bed.probe()

    def after_failure(self, bed):
        wrong = [] if (s := bed.state()) == "running" else ["state " + s]
        end = time.monotonic() + 2
        while len(bed.processes()) > 1:
            if time.monotonic() > end:
                return wrong + ["processes beside the container's"]
            time.sleep(0.003)
        return wrong


class Update(Verb):
    keeps = True

    def prepare(self, bed):
        running(bed)
        bed.limit = 99

    def words(self, bed):
        bed.turn += 1
        bed.before, bed.limit = bed.limit, 100 + bed.turn
        return ["update", "--pids-limit", str(bed.limit), "--memory", str((1 << 28) + 4096 * bed.turn), bed.id]

    def limits(self, bed):
        for pids, memory in ((f"{CGROUPS}/pids/{bed.id}/pids.max", f"{CGROUPS}/memory/{bed.id}/memory.limit_in_bytes"),
                             (f"{CGROUPS}/{bed.id}/pids.max", f"{CGROUPS}/{bed.id}/memory.max")):
            if os.path.exists(pids):
                return int(text_of(pids)), int(text_of(memory))
        return None

    def is_right(self, bed):
        want = (bed.limit, (1 << 28) + 4096 * bed.turn)
        return "updated" if self.limits(bed) == want else f"{self.limits(bed)} is not {want}"

    def after_failure(self, bed):
        return [] if (s := bed.state()) == "running" else ["state " + s]


class Pause(Verb):
    def prepare(self, bed):
        running(bed)

    def words(self, bed):
        return ["pause", bed.id]

    def is_right(self, bed):
        return "" if (s := bed.state()) == "paused" else s

    def after_failure(self, bed):
        return [] if (s := bed.state()) == "running" else ["state " + s]


class Resume(Pause):
    def prepare(self, bed):
        running(bed)
        bed.must("pause", bed.id)

    def words(self, bed):
        return ["resume", bed.id]

    def is_right(self, bed):
        return "" if (s := bed.state()) == "running" else s

    def after_failure(self, bed):
        return [] if (s := bed.state()) in ("paused", "running") else ["state " + s]


class Kill(Verb):
    def prepare(self, bed):
        running(bed)

    def words(self, bed):
        return ["kill", bed.id, "KILL"]

    def is_right(self, bed):
        end = time.monotonic() + 2
        while (s := bed.state()) != "stopped" and time.monotonic() < end:
            time.sleep(0.003)
        return s

    def after_failure(self, bed):
        return [] if (s := bed.state()) in ("stopped", "running") else ["state " + s]


class Delete(Verb):
    def prepare(self, bed):
        running(bed)

    def words(self, bed):
        return ["delete", "--force", bed.id]

    def is_right(self, bed):
        return ", ".join(bed.left())


class State(Verb):
    keeps = True

    def prepare(self, bed):
        running(bed)

    def words(self, bed):
        return ["state", bed.id]

    def is_right(self, bed):
        try:
            s = json.loads(text_of(bed.out))
        except ValueError:
            return "no JSON: " + text_of(bed.out)
        return f"{s['status']} {s['id'] == bed.id}"


VERBS = {c.__name__.lower(): c() for c in
         (Create, Start, Run, Exec, Update, Pause, Resume, Kill, Delete, State)}
# of a user namespace: what differs
VERBS["create-user"], VERBS["exec-user"] = Create(), Exec()


def kind_of(name):
    return "user" if name.endswith("-user") else "plain"


class Matrix:
    def __init__(self, options):
        self.options = options

    def record(self, name, bed):
        verb = VERBS[name]
        verb.prepare(bed)
        environ = {"INJECT_ATTACH": str(bed.pid)} if verb.attaches else {}
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
        verb, ((role, call, k), what) = VERBS[name], cell
        if not ready:
            verb.prepare(bed)
        environ = {"INJECT_ATTACH": str(bed.pid)} if verb.attaches else {}
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
        if missed * 50 > len(results):
            failed.append(f"# {missed} of {len(results)} cells did not come to their call")
        what = "signals" if self.options.signals else "faults"
        print(f"{'not ok' if failed else 'ok'} {what}, {name}: {len(sites)} call sites, {len(results)} cells")
        for verdict, n in sorted(counts.items()):
            print(f"#   {n:5} {verdict}")
        for why, n in sorted(skipped.items()):
            print(f"#   {n:5} calls skipped: {why}")
        print("\n".join(failed[:200]), flush=True)
        return len(results), len(failed)


# What a command may do although it did not come to the end: (verb, role, call, errnos, why).
ACCEPTED = [
    ("delete|run", "host", "open.*|unlinkat|newfstatat", "ENOENT", "what is to be removed is gone, says the kernel"),
    (".*", "host", "openat", "ENOENT", "a process that is gone, says /proc"),
    (".*", "host", "flock", "EWOULDBLOCK", "a container that another command is making"),
    ("create.*|run", "host", "faccessat2", "EACCES EPERM EROFS ENOENT",
     "a cgroup that may not be written, and that nothing was limited in, is left out"),
    ("create.*|exec.*|run", r"host\.1.*", "keyctl", "ENOSYS EPERM",
     "no keyrings, or a filter that holds for the container too"),
    ("create.*|run", r"host\.1.*", "symlinkat", "EEXIST", "a name in /dev that is there is kept"),
    ("create.*|run", r"host\.1.*", "socket", "EAFNOSUPPORT EPERM EACCES", "a kernel without IPv4"),
    (".*-user", r"host\.1.*", "setres[ug]id", "EINVAL", "a user namespace without an id 0"),
    ("create.*|run", r"host\.1.*", "open.*", "ENOENT ENOTDIR", "a path to mask that is not there"),
]


def accepted(name, site, what):
    for verb, role, call, errnos, why in ACCEPTED:
        if (re.fullmatch(verb, name) and re.fullmatch(role, site[0]) and re.fullmatch(call, site[1])
                and what in errnos.split()):
            return why
    return None


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
    parser.add_argument("--verbs", default=",".join(VERBS))
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
