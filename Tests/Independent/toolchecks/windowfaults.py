"""Faults under a card that a window makes and under its data: readers whose service dies, a disk that becomes read-only; each also with
its protection taken away."""

import contextlib
import json
import shutil
import signal
import sqlite3
import subprocess
import time

from .bench import PATIENCE, ROOT, Site, wait_for_reader
from .browser import Service
from .checks import skip
from .faults import sequences
from .issue import child
from .lanes import kill_service
from .pin import accepted
from .programs import BEFORE, CHOSEN, Interface, code, until_made, walk
from .windowpin import with_keys

MIDST = 200  # of nearly five hundred commands
UNWRITABLE = "counter.disk-unwritable"
ROOM = 640 << 20  # so much that the disk is not told as nearly full


def run(bench, checks):
    """All checks of this section."""
    for protected in (True, False):
        readers_gone(bench, checks, protected)
    for signal_sent in (signal.SIGTERM, signal.SIGKILL):
        ended(bench, checks, signal_sent)
    read_only(bench, checks)


def readers_gone(bench, checks, protected):
    """The service of the readers dies while a card is made at a window."""
    site, card, restart = bench.site("version: window-faults\nstock-book: false\n"), bench.blank(), []
    service = Service(bench, site)
    service.add(1001, "张一", "teller", "personalizer")
    with_keys(service, ROOT / "Keys/development")
    person = child(bench)
    site.run("registry", "import", bench.people_file(person))

    def kill(number, command):
        if number >= MIDST and not restart:
            restart.append(kill_service())
        return command

    def acts():
        return [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]

    name = "is finished on the same card" if protected else "and without its journal, the protection, that card is lost"
    with checks.check(f"readers whose service dies in the midst of an issue are told at the window, nothing is recorded; {name}") as check:
        with service.running():
            interface = Interface(service, 1001, "teller")
            found = interface.post(check, "/api/people/look-up", {"number": person["citizenNumber"], "purpose": "issuing"}, 200)["person"]
            issue = interface.post(check, "/api/people/{person}/issues", {"layout": "national-2.0"}, 201, person=found)["issue"]
            with card.inserted(before=kill):
                walk(check, interface, issue, [(step, {**fields, "person": found} if step == "find-person" else fields) for step, fields in BEFORE])
                restart.clear()
                broken = walk(check, interface, issue, [("personalize", {})])
                restart[0]()
                wait_for_reader(bench, 0, "empty")
            check.equal(broken["run"]["faults"], ["personalization.interrupted", "card.reader-failed"])
            check.equal((broken["next"], broken.get("card"), broken.get("end")), ("personalize", None, None))
            cards = interface.post(check, "/api/people/look-up", {"number": person["citizenNumber"], "purpose": "issuing"}, 200)["cards"]
            check.equal(cards, [])
        check.true(not {"personalized", "spoiled", "handed-over"} & set(acts()), "something is recorded")
        journals = list((site.data / "journal").glob("*.journal"))
        check.equal(len(journals), 1, "journals")
        if not protected:
            for journal in journals:
                journal.unlink()
        # The issue goes on after a restart of the service as well.
        with service.running(), card.inserted():
            interface = Interface(service, 1001, "teller")
            interface.post(check, "/api/people/look-up", {"number": person["citizenNumber"], "purpose": "issuing"}, 200)
            problem = interface.post(check, "/api/issues/{issue}/steps/{step}", {"proofs": ["identity-document", "signature"]}, 409,
                                     issue=issue, step="hand-over")
            check.true(code(problem).startswith("issue."), f"it leaves unfinished: {problem}")
            if protected:
                made = walk(check, interface, issue, [("personalize", {})])
                check.equal(made["next"], "set-pin", made)
                ended = walk(check, interface, issue, [
                    ("set-pin", {"new-pin": CHOSEN, "new-pin-again": CHOSEN}),
                    ("hand-over", {"proofs": ["identity-document", "signature"]}), ("enable", {}), ("slip", {})])
                check.equal(ended["end"], "finished")
                check.equal(accepted(CHOSEN), "9000")
            else:
                interface.call_service("POST", f"/api/issues/{issue}/steps/personalize", {}, "without-the-journal-1")
                failed = until_made(check, interface, issue)
                check.equal((failed["next"], failed.get("card")), ("personalize", None), "the card was finished without what was known of it")
        check.equal(acts().count("personalized"), 1 if protected else 0)
        check.exits(site.run("registry", "verify"), 0)


def ended(bench, checks, sent):
    """The service is asked to end in the midst of a card; without that, by a kill, its protection is taken away."""
    site, card, asked = bench.site("version: window-ends\nstock-book: false\n"), bench.blank(), []
    service = Service(bench, site)
    service.add(1001, "张一", "teller", "personalizer")
    with_keys(service, ROOT / "Keys/development")
    person = child(bench)
    site.run("registry", "import", bench.people_file(person))

    def end(number, command):
        if number >= MIDST and not asked:
            asked.append(number)
            service.process.send_signal(sent)
        return command

    graceful = sent == signal.SIGTERM
    name = ("a service that is asked to end while a card is made at the window finishes the card, books it and ends with 0" if graceful
            else "and one that is killed there has nothing booked")
    with checks.check(name) as check:
        with service.running():
            interface = Interface(service, 1001, "teller")
            found = interface.post(check, "/api/people/look-up", {"number": person["citizenNumber"], "purpose": "issuing"}, 200)["person"]
            issue = interface.post(check, "/api/people/{person}/issues", {"layout": "national-2.0"}, 201, person=found)["issue"]
            with card.inserted(before=end):
                walk(check, interface, issue, [(step, {**fields, "person": found} if step == "find-person" else fields) for step, fields in BEFORE])
                interface.call_service("POST", f"/api/issues/{issue}/steps/personalize", {}, "made-as-the-service-ends")
                code_of_end = service.process.wait(PATIENCE)
        check.true(bool(asked), "the card was made before anybody asked")
        check.equal(code_of_end, 0 if graceful else -signal.SIGKILL)
        acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
        check.equal((acts.count("personalized"), acts.count("spoiled")), (1 if graceful else 0, 0))
        check.exits(site.run("registry", "verify"), 0)
    if not graceful:
        return
    with checks.check("the card lacks nothing: the next service goes on with it at the PIN, to the issue's end") as check:
        with service.running(), card.inserted():
            interface = Interface(service, 1001, "teller")
            interface.post(check, "/api/people/look-up", {"number": person["citizenNumber"], "purpose": "issuing"}, 200)
            state = interface.get(check, "/api/issues/{issue}", issue=issue)
            if state["next"] == "read-back":
                state = walk(check, interface, issue, [("read-back", {})])
            check.equal(state["next"], "set-pin", state)
            last = walk(check, interface, issue, [
                ("set-pin", {"new-pin": CHOSEN, "new-pin-again": CHOSEN}),
                ("hand-over", {"proofs": ["identity-document", "signature"]}), ("enable", {}), ("slip", {})])
            check.equal(last["end"], "finished")
            check.equal(accepted(CHOSEN), "9000")


@contextlib.contextmanager
def disk(bench, size):
    """A disk of its own (ext4 in a file) that can break; nothing without the right to mount one."""
    image, place = bench.path("disk.ext4"), bench.path("disk")
    place.mkdir()
    with open(image, "wb") as file:
        file.truncate(size)
    made = subprocess.run(["mkfs.ext4", "-q", image], capture_output=True, check=False).returncode == 0
    mount = lambda: subprocess.run(["mount", "-o", "loop", image, place], capture_output=True, check=False).returncode == 0
    if not made or not mount():
        skip("a disk that becomes read-only", "no right to mount one", "windowfaults")
        yield None
        return

    class Broken:
        """The disk and what can happen to it."""

        def break_down(self):
            """The kernel has found an error and writes nothing more, open files or not."""
            subprocess.run(["mount", "-o", "remount,abort", place], check=True, capture_output=True)

        def mend(self):
            """What somebody does then: taken out, looked through, put in again."""
            subprocess.run(["umount", place], check=True, capture_output=True)
            subprocess.run(["e2fsck", "-fy", image], check=False, capture_output=True)
            if not mount():
                raise RuntimeError("the disk cannot be mounted again")

    broken = Broken()
    broken.place = place
    try:
        yield broken
    finally:
        subprocess.run(["umount", place], check=False, capture_output=True)


def until(wanted, ask):
    """The answer when it is the wanted one, else the last of some seconds: what is known of a disk is not asked anew each time."""
    deadline = time.monotonic() + 15
    while (found := ask()) != wanted and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


def read_only(bench, checks):
    """A disk that becomes read-only under a running service."""
    with disk(bench, ROOM) as broken:
        if broken is None:
            return
        site = Site(bench, broken.place / "data", None)
        site.run("registry", "import", bench.people_file(*bench.people[:3]))
        service = Service(bench, site)
        service.add(3001, "王三", "stock-keeper")
        service.add(1001, "张一", "teller")
        service.add(2001, "李二", "supervisor")
        person = bench.people[0]["citizenNumber"]

        def receive(keeper, serial):
            return keeper("POST", "/api/stock/receive", {"kind": "blank", "serials": [f"00904653318649{serial:012X}"], "proofs": ["paper"]},
                          f"the-piece-number-{serial}")

        def told_of():
            """What `/health`, the first page and `check` tell of the disk."""
            health = json.loads(service.request("GET", "/health")[2])
            cookie, _ = teller_page
            page = service.request("GET", "/", headers={"Cookie": f"sscard-session={cookie}"})[2]
            checked = service.run("check", "--json")
            codes = [finding.get("code") for finding in json.loads(checked.stdout) if finding["subject"] == "disk"]
            return health["status"], health["disk"], UNWRITABLE in page, checked.returncode, codes

        answered = []
        with checks.check("on a disk that has become read-only every act, look-up and slip is refused and told, and pages go on") as check:
            with service.running():
                keeper, teller = service.program(3001, "stock-keeper"), service.program(1001, "teller")
                teller_page = service.logged_in(1001, "teller")
                check.equal(told_of(), ("up", "good", False, 0, [None]))
                for serial in range(1, 6):
                    status, told = receive(keeper, serial)
                    check.equal(status, 201)
                    answered.append(told["event"])
                broken.break_down()
                for serial in range(6, 9):
                    status, told = receive(keeper, serial)
                    # A form key that cannot be kept is refused before the act, and so would the act be.
                    check.equal((status, told["faults"][0]["code"]), (500, "counter.once-file"))
                    check.true(told["faults"][0]["next"]["zh"] and told["faults"][0]["next"]["en"], "nothing to do next")
                status, told = teller("POST", "/api/people/look-up", {"number": person, "purpose": "inquiry"})
                check.equal(status, 500)
                check.true("cards" not in told, "shown without its event")
                sequence = answered[-1].rpartition("/")[2]
                status, told = keeper("POST", f"/api/events/{sequence}/slip", {})
                check.equal((status, told["faults"][0]["code"]), (500, "counter.slip-file"))
                check.equal(until(("degraded", "unwritable", True, 1, [UNWRITABLE]), told_of),
                            ("degraded", "unwritable", True, 1, [UNWRITABLE]))
                check.equal(keeper("GET", "/api/stock")[1], [{"owner": 3001, "kind": "blank", "count": 5}])
        service.process.wait(PATIENCE)
        broken.mend()
        with checks.check("afterwards all that was answered is in the log and nothing that was refused; the next start is clean") as check:
            logged = {str(sequence) for sequence in sequences(site)}
            check.equal([event for event in answered if event.rpartition("/")[2] not in logged], [])
            check.exits(site.run("registry", "verify"), 0)
            check.equal(service.run("check", "--json").returncode, 0)
            with service.running():
                teller_page = service.logged_in(1001, "teller")
                check.equal(told_of(), ("up", "good", False, 0, [None]))
                keeper = service.program(3001, "stock-keeper")
                check.equal(keeper("GET", "/api/stock")[1], [{"owner": 3001, "kind": "blank", "count": 5}])
                check.equal(receive(keeper, 6)[0], 201)
                sequence = answered[-1].rpartition("/")[2]
                check.equal(keeper("POST", f"/api/events/{sequence}/slip", {})[1]["isCopy"], False)
            check.exits(site.run("registry", "verify"), 0)
        with checks.check("and the check would find an answered act that the disk had not kept") as check:
            # The protection taken away: a writer that answered before the disk had it would have left its log so.
            copy = Site(bench, bench.path("answered-too-early"), None)
            shutil.copytree(site.data, copy.data)
            last = max(sequences(copy))
            with contextlib.closing(sqlite3.connect(copy.data / "registry.sqlite")) as registry:
                registry.execute("DELETE FROM log WHERE sequence = ?", (last,))
                registry.commit()
            check.exits(copy.run("registry", "verify"), 1)
