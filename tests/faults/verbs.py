# SPDX-License-Identifier: Apache-2.0
"""The oracle of matrix.py: the commands, what is right after each, and what is accepted though it is not."""
import json
import os
import re
import time

from bed import CGROUPS, STATUS, text_of

# Each verb: prepare(bed), words(bed), check(bed, status, reference) -> what is wrong. The reference is what the
# program said where nothing failed. `keeps`: what prepare() made serves several cells.

class Verb:
    failed = 1  # the status of a failure
    keeps = False
    attaches = False  # to init, too: as root, for it cannot be looked into otherwise
    done = 0  # the status of success
    stays = ()  # the states that a failure may leave the container in; (): it is not asked

    def prepare(self, bed):
        pass

    def words(self, bed):
        raise NotImplementedError

    def is_right(self, bed):
        """What is wrong after success."""
        raise NotImplementedError

    def after_failure(self, bed):
        """What is wrong after a failure."""
        return [] if not self.stays or (s := bed.state()) in self.stays else ["state " + s]


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
    stays = ("created", "running", "stopped")  # asked already, it may go on

    def prepare(self, bed):
        create(bed)
        bed.state()

    def words(self, bed):
        return ["start", bed.id]

    def is_right(self, bed):
        if (state := bed.state()) != "running":
            return "started, but " + state
        return bed.probe()


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
    stays = ("running",)

    def prepare(self, bed):
        running(bed)

    def words(self, bed):
        return ["exec", bed.id, "/bin/run"]

    def is_right(self, bed):
        bed.program_out = bed.out
        return bed.probe()

    def after_failure(self, bed):
        wrong = super().after_failure(bed)
        end = time.monotonic() + 2
        while len(bed.processes()) > 1:
            if time.monotonic() > end:
                return wrong + ["processes beside the container's"]
            time.sleep(0.003)
        return wrong


class Update(Verb):
    keeps = True
    stays = ("running",)

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


class Pause(Verb):
    stays = ("running",)

    def prepare(self, bed):
        running(bed)

    def words(self, bed):
        return ["pause", bed.id]

    def is_right(self, bed):
        return "" if (s := bed.state()) == "paused" else s


class Resume(Pause):
    stays = ("paused", "running")

    def prepare(self, bed):
        running(bed)
        bed.must("pause", bed.id)

    def words(self, bed):
        return ["resume", bed.id]

    def is_right(self, bed):
        return "" if (s := bed.state()) == "running" else s


class Kill(Verb):
    stays = ("stopped", "running")

    def prepare(self, bed):
        running(bed)

    def words(self, bed):
        return ["kill", bed.id, "KILL"]

    def is_right(self, bed):
        end = time.monotonic() + 2
        while (s := bed.state()) != "stopped" and time.monotonic() < end:
            time.sleep(0.003)
        return s


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
# VERB-KIND: in another kind of bundle
VERBS |= {"create-user": Create(), "exec-user": Exec(), "create-podman": Create()}
# for an ordinary user
USER_VERBS = {f"{name}-rootless": VERBS[name] for name in
              ("create", "start", "run", "exec", "kill", "delete", "state")} | \
    {f"{name}-single": VERBS[name] for name in ("create", "exec", "delete")}


def kind_of(name):
    return name.partition("-")[2] or "plain"


# What a command may do although it did not come to the end: (verb, role, call, errnos, why).
ACCEPTED = [
    ("(delete|run).*", "host", "open.*|unlinkat|newfstatat", "ENOENT", "what is to be removed is gone, says the kernel"),
    (".*", "host", "openat", "ENOENT", "a process that is gone, says /proc"),
    (".*", "host", "flock", "EWOULDBLOCK", "a container that another command is making"),
    ("(create|run).*", "host", "faccessat2", "EACCES EPERM EROFS ENOENT",
     "a cgroup that may not be written, and that nothing was limited in, is left out"),
    ("(create|exec|run).*", r"host\.1.*", "keyctl", "ENOSYS EPERM",
     "no keyrings, or a filter that holds for the container too"),
    ("(create|run).*", r"host\.1.*", "symlinkat", "EEXIST", "a name in /dev that is there is kept"),
    ("create.*", r"host\.1.*", "accept4|recvfrom", "ENFILE EMFILE ENOMEM ENOBUFS EPERM ECONNREFUSED",
     "init that ends when the host has said its last word: created, and stopped later, as state says"),
    ("create-user", "host", "open_tree", "EPERM",
     "init opens the source of a bind mount then: the same mounts, listed in another order"),
    ("(create|run).*", r"host\.1.*", "socket", "EAFNOSUPPORT EPERM EACCES", "a kernel without IPv4"),
    (".*-user", r"host\.1.*", "setres[ug]id", "EINVAL", "a user namespace without an id 0"),
    ("(create|run).*", r"host\.1.*", "open.*", "ENOENT ENOTDIR", "a path to mask that is not there"),
]


def accepted(name, site, what):
    for verb, role, call, errnos, why in ACCEPTED:
        if (re.fullmatch(verb, name) and re.fullmatch(role, site[0]) and re.fullmatch(call, site[1])
                and what in errnos.split()):
            return why
    return None
