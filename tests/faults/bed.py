# SPDX-License-Identifier: Apache-2.0
"""
The bed of a test of faults: a state directory, a bundle and an id of its own, and what is left of them.

Kinds of bundles: plain; user: with a user namespace; podman: what Podman asks for, with its seccomp profile; and
for somebody who is not root, rootless: a range of subordinate ids; single: one's own id alone.
"""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

CGROUPS = "/sys/fs/cgroup"
STATUS = 42  # of the container's program
WAIT = 5
PODMAN_PROFILE = "/usr/share/containers/seccomp.json"

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
grep "_ses.*$E2E" /proc/keys | sed 's/.*_ses/_ses/' | sort -u
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


def hierarchies():
    """Where cgroups are: the root of v2, and of each hierarchy of v1."""
    return [CGROUPS] + [e.path for e in os.scandir(CGROUPS) if e.is_dir()]


def own_cgroups():
    """Below one's own on v2, or beside it: where those of a container are made without root."""
    own = [line[3:] for line in text_of("/proc/self/cgroup").splitlines() if line.startswith("0::/") and len(line) > 4]
    return [CGROUPS + d for path in own for d in (path, os.path.dirname(path)) if d != "/"]


def remove_cgroups(top, patience=0, kills=False):
    """The tree, its leaves first; what is still there after so many seconds for each."""
    left = []
    for path, _, _ in os.walk(top, topdown=False):
        for pid in text_of(path + "/cgroup.procs").split() if kills else []:
            os.kill(int(pid), signal.SIGKILL)
        end = time.monotonic() + patience
        while os.path.exists(path):
            try:
                os.rmdir(path)
            except OSError:
                if time.monotonic() >= end:
                    left.append(path)
                    break
                time.sleep(0.01)
    return left


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
        for applet in "sh cat grep hostname pwd env sed ls awk cut echo sleep sort id".split():
            os.symlink("busybox", f"{rootfs}/bin/{applet}")
        for name, end in (("run", f"exit {STATUS}"), ("stay", "exec sleep 1000")):
            with open(f"{rootfs}/bin/{name}", "w") as f:
                f.write("#!/bin/sh\n" + PROBE + end + "\n")
            os.chmod(f"{rootfs}/bin/{name}", 0o755)
        idmap = {"rootless": ["--rootless", "--idmap", "subuid"], "single": ["--rootless"]}.get(kind, [])
        subprocess.run([self.options.runtime, "spec", "-b", self.bundle, *idmap], check=True)
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
        # a user may not go below what systemd gave to the session
        p["oomScoreAdj"] = max(7, int(text_of("/proc/self/oom_score_adj")))
        p["noNewPrivileges"] = True
        p["user"] = {"uid": 0, "gid": 0, "umask": 0o27}
        if kind != "single":
            p["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [7], "umask": 0o27}
        c["hostname"], c["domainname"] = "faults", "d"
        linux = c["linux"]
        linux["sysctl"] = {"net.ipv4.ip_forward": "1"}
        linux["maskedPaths"] = ["/proc/acpi", "/proc/scsi", "/proc/timer_list"]
        linux["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["acct"], "action": "SCMP_ACT_ERRNO"}],
        }
        hooks = {"createRuntime": "/bin/true", "createContainer": "/bin/true", "poststop": "/bin/true"}
        c["hooks"] = {k: [{"path": v}] for k, v in hooks.items()}
        c["mounts"].append({"destination": "/mnt", "type": "bind", "source": "/etc",
                            "options": ["rbind", "ro", "nosuid"]})
        if kind in ("rootless", "single"):
            self.add_namespaces(linux, "network", "time")
            return
        linux.setdefault("resources", {}).update(
            pids={"limit": 99}, memory={"limit": 1 << 28})
        if kind == "user":
            self.add_namespaces(linux, "user", "time", "cgroup")
            ids = [{"containerID": 0, "hostID": 100000, "size": 65536}]
            linux["uidMappings"] = linux["gidMappings"] = ids
            linux["timeOffsets"] = {"monotonic": {"secs": 86400}}
            linux["resources"].pop("devices", None)
        if kind == "podman":
            self.as_podman(c)

    @staticmethod
    def add_namespaces(linux, *types):
        there = {n["type"]: n for n in linux["namespaces"]}
        linux["namespaces"] = list({**{t: {"type": t} for t in types}, **there}.values())

    def as_podman(self, c):
        """Its profile of seccomp, its mounts, its files of the host's bound into the container."""
        with open(PODMAN_PROFILE) as f:
            profile = json.load(f)
        c["linux"]["seccomp"] = {
            "defaultAction": profile["defaultAction"],
            "defaultErrnoRet": profile["defaultErrnoRet"],
            "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
            "syscalls": [{k: rule[k] for k in ("names", "action", "args", "errnoRet") if rule.get(k)}
                         for rule in profile["syscalls"] if self.is_for_us(rule)],
        }
        files = self.bundle + "/userdata"
        os.mkdir(files)
        for name in ("hosts", "resolv.conf", "hostname", ".containerenv"):
            with open(f"{files}/{name}", "w") as f:
                f.write(name + "\n")
            place = "/run/" if name.startswith(".") else "/etc/"
            # a place that is there, so that the second cell makes the calls of the first
            os.makedirs(self.bundle + "/rootfs" + place, exist_ok=True)
            with open(self.bundle + "/rootfs" + place + name, "w"):
                pass
            c["mounts"].append({"destination": place + name, "type": "bind", "source": f"{files}/{name}",
                                "options": ["bind", "rprivate"]})
        c["linux"]["maskedPaths"] += ["/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
                                      "/sys/firmware", "/sys/fs/selinux", "/sys/dev/block"]
        c["linux"]["readonlyPaths"] = ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                       "/proc/sysrq-trigger"]
        c["linux"].pop("sysctl")
        self.add_namespaces(c["linux"], "cgroup")
        c["root"]["readonly"] = False

    @staticmethod
    def is_for_us(rule):
        """Without capabilities, on x86-64."""
        wanted, unwanted = rule.get("includes") or {}, rule.get("excludes") or {}
        return not wanted.get("caps") and "amd64" in (wanted.get("arches") or ["amd64"]) and \
            "amd64" not in (unwanted.get("arches") or [])

    def command(self, *words):
        return [self.options.runtime, "--root", self.root, *words]

    def call(self, argv, environ=None, aside=False):
        """Status; the output is in self.out and self.err, or all of it in self.answer."""
        paths = [self.answer] if aside else [self.out, self.err]
        for path in paths:  # the container's user may have become its owner
            if os.path.exists(path):
                os.unlink(path)
        with open(paths[0], "wb") as out, open(paths[-1], "wb") as err:
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
        for d in hierarchies() + own_cgroups():
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
        for d in hierarchies() + own_cgroups():
            remove_cgroups(f"{d}/{self.id}")

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
