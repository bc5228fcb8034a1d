"""Faults that must lose nothing: kill -9, a full and a read-only disk, a clock that jumps, two programs at once, lost readers.

`SSCARD_KILL_ROUNDS` says how often a program is killed (10 when it does not; 200 for the long run).
"""

import contextlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import time

from .bench import ROOT, Site, wait_for_reader
from .checks import skip
from .lanes import kill_service
from .refusals import told

ROUNDS = int(os.environ.get("SSCARD_KILL_ROUNDS", "10"))


def run(bench, checks):
    """All checks of this section."""
    killed(bench, checks)
    full(bench, checks)
    read_only(bench, checks)
    clocks(bench, checks)
    crossed(bench, checks)
    restarted(bench, checks)


def receive(serial):
    """The arguments of taking one piece into stock, which prints a slip."""
    return ("stock", "receive", "--serial", f"00904653318649{serial:012X}", "--officer", "3001", "--proof", "paper", "--json")


def sequences(site):
    """The sequence numbers in the log, read beside the tool."""
    with site.registry() as registry:
        return {row[0] for row in registry.execute("SELECT sequence FROM log")}


def killed(bench, checks):
    """A program that makes acts is killed at random; every slip that it printed has its event."""
    site = bench.site()
    seed = random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    started = time.monotonic()
    check_alive = site.run(*receive(1))
    whole = time.monotonic() - started
    slips, serial = [check_alive.json["slip"]], 1
    with checks.check(f"{ROUNDS} programs killed at random lose no slip that was printed (seed {seed})") as check:
        for _ in range(ROUNDS):
            serial += 1
            process = site.start(*receive(serial))
            time.sleep(chance.uniform(0, whole * 1.2))
            process.kill()
            output, _ = process.communicate()
            # A slip counts when it was printed to its end.
            if output.rstrip().endswith(b"}"):
                slips.append(json.loads(output)["slip"])
        found = sequences(site)
        check.equal([slip for slip in slips if slip not in found], [], "slips without an event")
        check.equal(found, set(range(1, len(found) + 1)), "places in the log")
        check.exits(site.run("registry", "verify"), 0)
        check.exits(site.run(*receive(serial + 1)), 0)
    with checks.check("and the check would find a slip whose event is not in the log") as check:
        # The protection taken away: the newest act is undone under a slip that was printed.
        copy = Site(bench, bench.path("unprotected"), None)
        shutil.copytree(site.data, copy.data)
        last = max(sequences(copy))
        with contextlib.closing(sqlite3.connect(copy.data / "registry.sqlite")) as registry:
            registry.execute("DELETE FROM log WHERE sequence = ?", (last,))
            registry.commit()
        check.true(last not in sequences(copy), "the event is still there")
        check.exits(copy.run("registry", "verify"), 1)


@contextlib.contextmanager
def small_disk(bench, size):
    """A file system in memory of so many bytes; nothing without the right to mount one."""
    place = bench.path("disk")
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True,
                             check=False).returncode == 0
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", place], check=False, capture_output=True)


def full(bench, checks):
    """A disk without room: new work is refused, nothing is lost, and work goes on when there is room again."""
    with small_disk(bench, 1 << 20) as disk:
        if disk is None:
            skip("a full disk", "no right to mount one", "faults")
            return
        site = Site(bench, disk / "data", None)
        with checks.check("on a full disk an act is refused and told, and what was printed before is there") as check:
            slips = [site.run(*receive(1)).json["slip"]]
            ballast = disk / "ballast"
            descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
            with contextlib.suppress(OSError):
                while os.write(descriptor, bytes(4096)):
                    pass
            os.close(descriptor)
            refused = None
            for serial in range(2, 60):
                result = site.run(*receive(serial))
                if result.code != 0:
                    refused = result
                    break
                slips.append(result.json["slip"])
            check.true(refused is not None, "nothing was refused")
            if refused:
                check.exits(refused, 5)
                check.holds(refused.error, "registry.")
                check.equal(refused.output, "", "printed for an act that was not kept")
            ballast.unlink()
            check.equal([slip for slip in slips if slip not in sequences(site)], [], "slips without an event")
            check.exits(site.run("registry", "verify"), 0)
            check.exits(site.run(*receive(99)), 0)


def read_only(bench, checks):
    """A disk that has become read-only."""
    with small_disk(bench, 8 << 20) as disk:
        if disk is None:
            skip("a read-only disk", "no right to mount one", "faults")
            return
        site = Site(bench, disk / "data", None)
        with checks.check("on a read-only disk no act is done, none is printed, and afterwards work goes on") as check:
            check.exits(site.run(*receive(1)), 0)
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True, capture_output=True)
            result = site.run(*receive(2))
            check.exits(result, 5)
            check.equal(result.output, "")
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True, capture_output=True)
            check.exits(site.run("registry", "verify"), 0)
            check.exits(site.run(*receive(2)), 0)


def clocks(bench, checks):
    """The order of the log never hangs on a clock."""
    faketime = shutil.which("faketime")
    if not faketime:
        skip("clocks that jump", "no faketime here", "faults")
        return
    site = bench.site()
    with checks.check("a clock that jumps back a day and on a year changes neither order nor chain") as check:
        for serial, shift in enumerate(("+0", "-1d", "+365d", "-30d"), 1):
            variables = {**os.environ, "SSCARD_DATA": str(site.data)}
            result = subprocess.run([faketime, "-f", shift, bench.tool, *receive(serial)], env=variables, check=False,
                                    capture_output=True)
            check.equal(result.returncode, 0, f"act with the clock at {shift}")
        check.exits(site.run("registry", "verify"), 0)
        with site.registry() as registry:
            events = [row[0] for row in registry.execute("SELECT event FROM log ORDER BY sequence")]
        times = [int.from_bytes(event[64:72], "big") for event in events]
        walls = [int.from_bytes(event[72:80], "big") for event in events]
        check.equal(times, sorted(set(times)), "hybrid times")
        check.true(walls != sorted(walls), "the clocks did not jump")


def crossed(bench, checks):
    """Two programs at one registry, and two acts on one card."""
    site = bench.site()
    site.run(*receive(1))
    with checks.check("of programs that start at the same moment each does its act or says that another has the registry") as check:
        processes = [site.start(*receive(0x100 + number)) for number in range(6)]
        codes = []
        for process in processes:
            output, error = process.communicate()
            codes.append(process.returncode)
            if process.returncode == 0:
                check.true(output.rstrip().endswith(b"}"), "no slip")
            else:
                check.true(b"[registry.in-use]" in error, error.decode()[:200])
        check.true(0 in codes, "nobody did anything")
        check.equal(len(sequences(site)), 1 + codes.count(0))
        check.exits(site.run("registry", "verify"), 0)
    with bench.blank().inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    with checks.check("of two hand-overs of one card at the same moment one is done") as check:
        act = ("lifecycle", "hand-over", "--card", number, "--proof", "identity-document", "--proof", "signature", "--json")
        before = len(sequences(site))
        processes = [site.start(*act) for _ in range(2)]
        codes = sorted(process.wait() for process in processes)
        for process in processes:
            process.communicate()
        check.equal(codes[0], 0)
        check.true(codes[1] in (1, 5), f"ended with {codes}")
        told(check, site.run(*act), 1, ["lifecycle.physical-state"])
        check.equal(len(sequences(site)), before + 1)


def restarted(bench, checks):
    """The service of the readers dies in the midst of a card; what is known of the card by then is what it is finished by."""
    people = ROOT / "Fixtures/people.csv"
    for name, protected in (("with its journal it is finished on the same card", True),
                            ("and without its journal, the protection, that card is lost", False)):
        site, card, killed = bench.site(), bench.blank(), []

        def kill(number, command, killed=killed):
            if number == 200 and not killed:
                killed.append(kill_service())
            return command

        with card.inserted(before=kill):
            torn = site.make(people, 1)
            killed[0]()
            wait_for_reader(bench, 0, "empty")
        with checks.check(f"a restart of the readers' service in the midst of a card is told, and nothing is booked; {name}") as check:
            check.exits(torn, 3)
            counts = site.counts()
            check.equal((counts["cards"], counts["blanksUsed"], counts["blanksSpoiled"]), ({}, 0, 0))
            journals = list((site.data / "journal").glob("*.journal"))
            check.equal(len(journals), 1, "journals")
            if not protected:
                for journal in journals:
                    journal.unlink()
            with card.inserted():
                again = site.make(people, 1)
            counts = site.counts()
            if protected:
                check.exits(again, 0)
                check.equal((counts["blanksUsed"], counts["blanksSpoiled"]), (1, 0))
            else:
                check.true(again.code != 0, "the card was finished without what was known of it")
                check.equal(counts["blanksUsed"], 0)
            check.exits(site.run("registry", "verify"), 0)
