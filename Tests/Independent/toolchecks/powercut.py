"""A power cut that tears sectors: every write of a running tool is recorded with its syncs, and disks are made of what a cut leaves.

strace tells what the tool asks of the disk. Until a file is synced, each of its 512-byte sectors may hold what was there or any of
what was written since, and a change of its length or its removal may have happened or not. Whatever was answered before the cut
must be in the registry that is found after it. `SSCARD_CUTS` says how many disks are made (60 when it does not).
"""

import contextlib
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess

from .bench import PATIENCE, Site
from .checks import skip
from .faults import receive

CUTS = int(os.environ.get("SSCARD_CUTS", "60"))
VERIFIED = 6
SECTOR = 512
FILES = ("registry.sqlite", "registry.sqlite-wal")
CALL = re.compile(r"^(\d+) +(\w+)\((.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")


def run(bench, checks):
    """All checks of this section."""
    if not shutil.which("strace"):
        skip("power cuts", "no strace", "powercut")
        return
    site = bench.site()
    site.run(*receive(1))
    # The disk as the first program left it, in order; then five more acts, of which every write is known.
    before = {name: contents(site.data / name) for name in FILES}
    steps = [step for serial in range(2, 7) for step in traced(bench, site, serial)]
    seed = random.SystemRandom().randrange(1 << 32)
    with checks.check("the record has writes, syncs and answers, and replayed to its end it is the disk that the tool left") as check:
        kinds = [step[0] for step in steps]
        check.equal(kinds.count("answer"), 5)
        check.true(kinds.count("sync") >= 10 and kinds.count("write") >= 10, f"{kinds.count('sync')} syncs")
        end = Disk(before)
        for step in steps:
            end.take(step)
        for name in FILES:
            check.true(end.now(name) == contents(site.data / name), f"{name} differs")
    with checks.check(f"of {CUTS} disks that a power cut left with torn sectors none has lost an act that was answered (seed {seed})") as check:
        for number, (disk, answered) in enumerate(cuts(before, steps, random.Random(seed), CUTS)):
            copy = image(bench, site, disk)
            found, problem = acts(copy.data)
            check.true(not problem and found >= answered, f"disk {number}: {problem or answered - found}")
            if number % max(1, CUTS // VERIFIED) == 0:
                check.exits(copy.run("registry", "verify"), 0)
                check.exits(copy.run(*receive(99)), 0)
            shutil.rmtree(copy.data)
    with checks.check("and of disks that only pretend to sync some have: the syncs are what protects") as check:
        lost = 0
        for disk, answered in cuts(before, [step for step in steps if step[0] != "sync"], random.Random(seed), CUTS):
            copy = image(bench, site, disk)
            found, problem = acts(copy.data)
            lost += bool(problem or answered - found)
            shutil.rmtree(copy.data)
        check.true(lost > 0, "nothing was lost without syncs: these cuts would find nothing")


def contents(path):
    """The bytes of a file; none for one that is not there."""
    return path.read_bytes() if path.exists() else None


def traced(bench, site, serial):
    """What one act asks of the disk, in order: write, length, removal, sync, and its answer."""
    record = bench.path("trace")
    command = ["strace", "-f", "-y", "-xx", "-s", "200000", "-o", record, "-e",
               "trace=write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat", bench.tool, *receive(serial)]
    result = subprocess.run(command, env={**os.environ, "SSCARD_DATA": str(site.data)}, stdin=subprocess.DEVNULL,
                            capture_output=True, timeout=PATIENCE * 4, check=False)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.decode()[-300:])
    begun, steps = {}, []
    for line in record.read_text(encoding="ascii").splitlines():
        if found := RESUMED.match(line):
            name, rest = begun.pop(found.group(1))
            steps += step(name, rest + found.group(3), serial)
        elif found := CALL.match(line):
            if line.endswith("<unfinished ...>"):
                begun[found.group(1)] = found.group(2), found.group(3).removesuffix("<unfinished ...>").rstrip().rstrip()
            else:
                steps += step(found.group(2), found.group(3), serial)
    return steps


def step(name, told, serial):
    """A system call as a step of the disk; nothing for other files and for what failed."""
    if " = -1 " in told:
        return []
    place = re.match(r'(?:AT_FDCWD[^,]*, )?(?:\d+<([^>]*)>|"((?:\\x..)*)")', told)
    path = plain(place.group(1) or place.group(2) or "") if place else ""
    if name == "write" and told.startswith("1<"):
        return [("answer", serial)]
    file = pathlib.Path(path).name
    if file not in FILES:
        return []
    if name == "pwrite64":
        data, offset = re.search(r'>, "((?:\\x..)*)", \d+, (\d+)\)', told).groups()
        return [("write", file, int(offset), bytes.fromhex(data.replace("\\x", "")))]
    if name in ("fsync", "fdatasync"):
        return [("sync", file)]
    if name == "ftruncate":
        return [("length", file, int(re.search(r">, (\d+)\)", told).group(1)))]
    if name in ("unlink", "unlinkat"):
        return [("removal", file)]
    raise RuntimeError(f"{name} of {file} is not known to these checks")


def plain(text):
    """A path, which strace tells in hexadecimal."""
    return bytes.fromhex(text.replace("\\x", "")).decode() if text.startswith("\\x") else text


class Disk:
    """What is certainly on the disk of each file, and what has been asked for since."""

    def __init__(self, before):
        self.safe = dict(before)
        self.waiting = {name: [] for name in before}

    def take(self, step_):
        """Follows a step."""
        kind, *rest = step_
        if kind == "answer":
            return
        if kind == "sync":
            self.safe[rest[0]] = self.now(rest[0])
            self.waiting[rest[0]] = []
        else:
            self.waiting[rest[0]].append((kind, *rest[1:]))

    def now(self, name, survives=lambda: True):
        """A file as programs see it now, or as a cut leaves it."""
        data = self.safe[name]
        for kind, *rest in self.waiting[name]:
            if kind == "write":
                for start in range(0, len(rest[1]), SECTOR):
                    if survives():
                        data = written(data or b"", rest[0] + start, rest[1][start:start + SECTOR])
            elif survives():
                data = None if kind == "removal" else (data or b"")[:rest[0]].ljust(rest[0], b"\0")
        return data


def written(data, offset, piece):
    """Bytes with a piece of them replaced."""
    return data[:offset].ljust(offset, b"\0") + piece + data[offset + len(piece):]


def cuts(before, steps, chance, count):
    """Disks after cuts at random places, each with the acts that had been answered."""
    # A cut right behind an answer is the one that a printed slip must outlive.
    answers = [place + 1 for place, step_ in enumerate(steps) if step_[0] == "answer"]
    for number in range(count):
        place = chance.choice(answers) if number % 3 == 0 else chance.randint(0, len(steps))
        disk = Disk(before)
        for step_ in steps[:place]:
            disk.take(step_)
        odds = chance.choice((0.1, 0.5, 0.9))
        left = {name: disk.now(name, lambda: chance.random() < odds) for name in FILES}
        yield left, {1} | {step_[1] for step_ in steps[:place] if step_[0] == "answer"}


def image(bench, site, disk):
    """A site whose registry is the disk that is left; the index of the WAL is memory, and gone."""
    data = bench.path("cut")
    shutil.copytree(site.data, data)
    for name in (*FILES, "registry.sqlite-shm"):
        (data / name).unlink(missing_ok=True)
        if disk.get(name) is not None:
            (data / name).write_bytes(disk[name])
    return Site(bench, data, None)


def acts(data):
    """The serials of the acts in a registry, and what is wrong with its file."""
    try:
        with contextlib.closing(sqlite3.connect(data / "registry.sqlite")) as registry:
            verdict = registry.execute("PRAGMA integrity_check").fetchone()[0]
            rows = registry.execute("SELECT serial FROM stock").fetchall()
            events = [row[0] for row in registry.execute("SELECT sequence FROM log ORDER BY sequence")]
    except sqlite3.DatabaseError as error:
        return set(), str(error)
    problem = "" if verdict == "ok" else verdict
    if events != list(range(1, len(rows) + 1)):
        problem = problem or f"{len(events)} events for {len(rows)} pieces"
    return {int.from_bytes((row[0] or b"")[-6:], "big") for row in rows}, problem
