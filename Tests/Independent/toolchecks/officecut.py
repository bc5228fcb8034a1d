"""A power cut under a running counter: what it answered of its own files stands on the disk that is left.

strace tells what the service asks of the disk from its start on. Until a file is synced, each of its sectors may hold what was there
or any of what was written since; until its folder is synced, a name may be there, gone or another file's. Disks are made of that,
the service starts from each, and must keep what it had promised: an act that is sent again is the one of before, a slip is an
original once, an issue goes on where it stood, an act that waits for a second person still waits. A third of `SSCARD_CUTS` disks.
"""

import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess

from .bench import PATIENCE, ROOT, Site
from .browser import Service
from .checks import skip
from .powercut import CUTS, SECTOR, plain, written

DISKS = max(10, CUTS // 3)
CALLS = "openat,write,pwrite64,writev,sendto,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat"
CALL = re.compile(r"^(\d+) +(\w+)\((.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
ANSWER = "".join(f"\\x{byte:02x}" for byte in b"HTTP/1.1 ")
# The index of the WAL is memory that both share, and no power cut leaves it.
MEMORY = ("registry.sqlite-shm", "service.socket")


def run(bench, checks):
    """All checks of this section."""
    if not shutil.which("strace"):
        skip("power cuts under the service", "no strace", "officecut")
        return
    site = bench.site("version: office-cut-test\nstock-book: false\n")
    service = Service(bench, site)
    service.add(1001, "张一", "teller", "personalizer")
    card = bench.blank()
    with card.inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    site.hand_over(number)
    site.run("registry", "import", bench.people_file(*bench.people[1:3]))
    service.write_config(f"office: 网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\nkeys: {ROOT / 'Keys/development'}\n")
    before = bench.path("before")
    shutil.copytree(site.data, before, ignore=shutil.ignore_patterns(*MEMORY))
    record = bench.path("trace")
    with traced(service, record):
        day = Day(service, [row["citizenNumber"] for row in bench.people[1:3]], number)
        with checks.check("a morning at the counter: an application, its slip, a number, an issue, an act that waits") as check:
            for promise in day.promises:
                promise(check)
    steps = list(read(record, site.data))
    with checks.check("the record has answers, syncs and new names, and replayed to its end it is the disk that the service left") as check:
        kinds = [kind for kind, *_ in steps]
        check.equal(kinds.count("answer"), day.answers)
        check.true(kinds.count("sync") >= 10 and kinds.count("name") >= 3, f"{kinds.count('sync')} syncs, {kinds.count('name')} names")
        end = Disk(before)
        for step in steps:
            end.take(step)
        for name, data in end.now().items():
            found = (site.data / name).read_bytes() if (site.data / name).is_file() else None
            check.true(data == found, f"{name} differs")
    seed = random.SystemRandom().randrange(1 << 32)
    with checks.check(f"from {DISKS} disks that a power cut left the service keeps what it had promised (seed {seed})") as check:
        for place, broken in broken_promises(bench, service, before, steps, day, random.Random(seed), DISKS):
            check.true(not broken, f"cut at step {place}: {broken}")
    with checks.check("and from disks that only pretend to sync it does not: the syncs are what protects") as check:
        unsynced = [step for step in steps if step[0] != "sync"]
        found = (broken for _, broken in broken_promises(bench, service, before, unsynced, day, random.Random(seed), DISKS))
        check.true(next(filter(None, found), None), "nothing was lost without syncs: these cuts would find nothing")


class Day:
    """What one operator does at a window, each thing once under a key of its own, and what the service promised by answering.

    Sent again each must be the same as before. `answered` are the places among the answers, of the promises that were made.
    """

    def __init__(self, service, people, card):
        self.service = service
        self.people = people
        self.card = card
        self.answers = 0
        # After how many answers the power was cut, for a service that starts again.
        self.cut_after = None
        self.answered = {}
        self.told = {}
        self.promises = [self.application, self.slip, self.ticket, self.issue, self.step, self.waiting]
        self.log_in()

    def log_in(self):
        """A session, and the applicant and whose card is made looked up in it."""
        self.session = self.service.program(1001, "teller")
        self.cookie, self.token = self.service.logged_in(1001, "teller")
        self.answers += 3
        self.applicant, self.holder = (
            self.call("POST", "/api/people/look-up", {"number": number, "purpose": "issuing"})[1]["person"] for number in self.people)

    def call(self, method, path, fields=None, key=None):
        """One request."""
        self.answers += 1
        return self.session(method, path, fields, key)

    def keep(self, check, name, value):
        """Notes what a promise says the first time, and that it says the same afterwards."""
        if name in self.told:
            check.equal(value, self.told[name], name)
        self.told.setdefault(name, value)
        self.answered.setdefault(name, self.answers)

    def application(self, check):
        """An event of the registry."""
        wish = {"kind": "first", "way": "instant", "proofs": ["identity-document"]}
        status, answer = self.call("POST", f"/api/people/{self.applicant}/applications", wish, "the-application-of-today")
        check.equal(status, 201)
        self.keep(check, "application", answer["event"])
        self.event = answer["event"].rpartition("/")[2]

    def slip(self, check):
        """An original once."""
        is_copy = self.call("POST", f"/api/events/{self.event}/slip", {})[1]["isCopy"]
        if "slip" in self.told:
            check.true(is_copy, "a second original")
        self.answered.setdefault("slip", self.answers)
        self.told.setdefault("slip", is_copy)

    def ticket(self, check):
        """A number of the queue."""
        self.keep(check, "ticket", self.call("POST", "/api/queue/take", {"errand": "loss"}, "the-only-number-of-today")[1]["ticket"])
        check.equal(len(self.call("GET", "/api/queue")[1]["waiting"]), 1, "numbers that wait")

    def issue(self, check):
        """An issue that is begun."""
        status, answer = self.call("POST", f"/api/people/{self.holder}/issues", {"layout": "national-2.0"}, "the-only-issue-of-today")
        check.equal(status, 201, f"{answer}")
        self.keep(check, "issue", answer["issue"])
        found = [row["issue"] for row in self.call("GET", "/api/issues")[1]["issues"]]
        # Once the list was answered the issue may have been given up, whether that was answered or not.
        if self.cut_after is None or self.cut_after <= self.answered["issue"]:
            check.equal(found, [answer["issue"]], "open issues")
        check.true(len(found) <= 1, "one key began two issues")

    def step(self, check):
        """The issue is given up: it is open no more, and stays so."""
        if "step" not in self.told:
            status, answer = self.call("POST", f"/api/issues/{self.told['issue']}/abandon", {"abandon": True}, "given-up-once-and-for-all")
            check.equal(status, 200, f"{answer}")
        self.keep(check, "step", [row["issue"] for row in self.call("GET", "/api/issues")[1]["issues"]])

    def waiting(self, check):
        """An act that waits for the second person."""
        if "waiting" not in self.told:
            fields = {"form-token": self.token, "key": "an-act-that-waits-today", "reason": "court", "wait": "on"}
            status, headers, text = self.service.form(f"/cards/{self.card}/hold", fields, self.cookie)
            self.answers += 1
            check.equal(status, 303, text[:0])
            self.keep(check, "waiting", headers.get("Location"))
        status, _, text = self.service.request("GET", "/approvals", headers={"Cookie": f"sscard-session={self.cookie}"})
        self.answers += 1
        check.true(self.told["waiting"] in text, "the act does not wait")

    def again(self, check, answered):
        """What was promised by the first so many answers is kept; of the rest nothing is half done."""
        promised = {name: value for name, value in self.told.items() if self.answered[name] <= answered}
        self.told, asked = promised, dict(self.told)
        self.cut_after = answered
        try:
            for promise in self.promises:
                if promise.__name__ in promised:
                    promise(check)
        finally:
            self.told = asked


@contextlib.contextmanager
def traced(service, record):
    """Serves under strace."""
    strace = ["strace", "-f", "-y", "-xx", "-s", "300000", "-o", record, "-e", f"trace={CALLS}"]
    with open(service.folder / "service.log", "ab") as log:
        process = subprocess.Popen([*strace, service.tool, "counter", "--config", service.config], cwd=ROOT,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        line = process.stdout.readline().decode()
        service.port = int(re.search(r":(\d+)/", line).group(1))
        try:
            yield
        finally:
            # The service alone is told; strace ends with it.
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
            os.kill(int(children.split()[0]), signal.SIGTERM)
            process.wait(PATIENCE * 4)


def read(record, data):
    """The steps of the record: `answer`; of files below the data folder `make`, `add`, `write`, `length`, `name`, `removal`, `sync`."""
    begun = {}
    for line in record.read_text(encoding="ascii").splitlines():
        if found := RESUMED.match(line):
            name, rest = begun.pop(found.group(1))
            yield from step(name, rest + found.group(3), data)
        elif found := CALL.match(line):
            if line.endswith("<unfinished ...>"):
                rest = found.group(3).removesuffix("<unfinished ...>").rstrip()
                # An answer is out as soon as it may be.
                if is_answer(found.group(2), rest):
                    yield ("answer",)
                    rest = ""
                begun[found.group(1)] = found.group(2), rest
            elif is_answer(found.group(2), found.group(3)):
                yield ("answer",)
            else:
                yield from step(found.group(2), found.group(3), data)


def is_answer(name, told):
    """Whether a call sends the head of an answer."""
    found = TEXT.search(told)
    return name in ("write", "writev", "sendto") and bool(found) and found.group(1).startswith(ANSWER)


def step(name, told, data):
    """A system call as a step of the disk; nothing for other files and for what failed."""
    if not told or " = -1 " in told:
        return
    opened = re.match(r"\d+<([^>]*)>", told)
    names = TEXT.findall(told)
    if name in ("rename", "renameat", "renameat2"):
        old, new = (below(plain(path), data) for path in names[:2])
        if old and new:
            yield ("name", old, new)
    elif name in ("unlink", "unlinkat"):
        if path := below(plain(names[0]), data):
            yield ("removal", path)
    elif name == "openat":
        path = below(plain(names[0]), data)
        if path and "O_CREAT" in told:
            yield ("make", path, "O_TRUNC" in told)
    elif opened and (path := below(plain(opened.group(1)), data)) is not None:
        if name in ("fsync", "fdatasync"):
            yield ("sync", path)
        elif name == "ftruncate":
            yield ("length", path, int(re.search(r">, (\d+)\)", told).group(1)))
        elif name == "pwrite64":
            content, offset = re.search(r'>, "((?:\\x..)*)", \d+, (\d+)\)', told).groups()
            yield ("write", path, int(offset), bytes.fromhex(content.replace("\\x", "")))
        elif name == "write":
            yield ("add", path, bytes.fromhex(TEXT.search(told).group(1).replace("\\x", "")))
        else:
            raise RuntimeError(f"{name} of {path} is not known to these checks")


def below(path, data):
    """The path below the data folder, empty for the folder itself; nothing for any other and for what no cut leaves."""
    place = pathlib.Path(path)
    if place != data and data not in place.parents or place.name in MEMORY:
        return None
    return "" if place == data else str(place.relative_to(data))


class Disk:
    """Files and their names: what is certainly on the disk, and what has been asked for since.

    Folders are there as soon as they are made: the file systems that counters have bring them down with the first file in them.
    """

    def __init__(self, before):
        self.names, self.safe, self.waiting = {}, {}, {}
        for path in before.rglob("*"):
            if path.is_file():
                self.names[str(path.relative_to(before))] = len(self.safe)
                self.safe[len(self.safe)] = path.read_bytes()
        self.touched = set()
        self.sure_names = dict(self.names)
        self.renamings = {}

    def take(self, step_):
        """Follows a step."""
        kind, *rest = step_
        if kind == "answer":
            return
        path = rest[0]
        if kind == "sync":
            self.sync(path)
        elif kind == "make":
            self.make(path, rest[1])
        elif kind == "name":
            self.rename(path, rest[1])
        elif kind == "removal":
            self.rename(path, None)
        elif (file := self.names.get(path)) is not None:
            self.touched.add(path)
            place = len(self.content(file)) if kind == "add" else rest[1]
            self.waiting.setdefault(file, []).append((place, rest[1] if kind == "add" else None if kind == "length" else rest[2]))

    def make(self, path, is_emptied):
        """A new file, or one that is emptied."""
        self.touched.add(path)
        if path not in self.names:
            file = len(self.safe)
            self.safe[file] = b""
            self.change(path, file)
        elif is_emptied:
            self.waiting.setdefault(self.names[path], []).append((0, None))

    def rename(self, old, new):
        """Another name, or none."""
        self.touched |= {old, new} - {None}
        file = self.names.get(old)
        self.change(old, None)
        if new is not None:
            self.change(new, file)

    def change(self, path, file):
        """A name is a file's, or nobody's, from now on."""
        self.names.pop(path, None)
        if file is not None:
            self.names[path] = file
        self.renamings.setdefault(str(pathlib.PurePath(path).parent), []).append((path, file))

    def sync(self, path):
        """A file's content, or a folder's names."""
        if path in self.names:
            file = self.names[path]
            self.safe[file] = self.content(file)
            self.waiting.pop(file, None)
        else:
            for name, file in self.renamings.pop(path or ".", []):
                settle(self.sure_names, name, file)

    def content(self, file, survives=lambda: True):
        """A file as programs see it now, or as a cut leaves it."""
        data = self.safe[file]
        for place, piece in self.waiting.get(file, []):
            if piece is None:
                if survives():
                    data = data[:place].ljust(place, b"\0")
                continue
            for start in range(0, len(piece), SECTOR):
                if survives():
                    data = written(data, place + start, piece[start:start + SECTOR])
        return data

    def now(self):
        """Every file that was touched, as programs see it; none where it is gone."""
        return {path: self.content(self.names[path]) if path in self.names else None for path in self.touched}

    def cut(self, chance):
        """Every file that was touched, as a cut leaves it: of the changes of a folder's names the first so many have happened."""
        odds = chance.choice((0.1, 0.5, 0.9))
        names = dict(self.sure_names)
        for changes in self.renamings.values():
            for name, file in changes[:chance.randint(0, len(changes))]:
                settle(names, name, file)
        return {path: self.content(names[path], lambda: chance.random() < odds) if path in names else None for path in sorted(self.touched)}


def settle(names, path, file):
    """A change of a name is done."""
    if file is None:
        names.pop(path, None)
    else:
        names[path] = file


def broken_promises(bench, service, before, steps, day, chance, count):
    """Starts the service from disks after cuts at random places; gives for each the place and what it did not keep."""
    answers = [place + 1 for place, step_ in enumerate(steps) if step_[0] == "answer"]
    for number in range(count):
        # A cut right behind an answer is the one that a printed slip must outlive.
        place = chance.choice(answers) if number % 2 == 0 else chance.randint(answers[0], len(steps))
        disk = Disk(before)
        for step_ in steps[:place]:
            disk.take(step_)
        answered = sum(step_[0] == "answer" for step_ in steps[:place])
        data = bench.path("cut")
        shutil.copytree(before, data)
        for path, content in disk.cut(chance).items():
            (data / path).unlink(missing_ok=True)
            if content is not None:
                (data / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                (data / path).write_bytes(content)
                (data / path).chmod(0o600)
        yield place, kept(bench, service, Site(bench, data, service.site.policy), day, answered)
        shutil.rmtree(data)


def kept(bench, service, site, day, answered):
    """What a service that starts from a disk has not kept; empty when it has kept all."""
    check = Differences()
    again = Service(bench, site)
    again.config.write_text(service.config.read_text(encoding="utf-8").replace(str(service.site.data), str(site.data)), encoding="utf-8")
    try:
        with again.running():
            repeated = Day.__new__(Day)
            repeated.__dict__.update(day.__dict__, service=again, told=dict(day.told))
            repeated.promises = [getattr(repeated, promise.__name__) for promise in day.promises]
            repeated.log_in()
            repeated.again(check, answered)
    except Exception as error:  # pylint: disable=broad-except
        check.found.append(f"{type(error).__name__}: {error}")
    finally:
        shutil.rmtree(again.folder, ignore_errors=True)
    result = site.run("registry", "verify")
    if result.code != 0:
        check.found.append(f"verify: {result.error[-200:]}")
    return "; ".join(check.found)


class Differences:
    """Gathers differences as a check does, without being one."""

    def __init__(self):
        self.found = []

    def equal(self, found, expected, what=""):
        """Notes a difference."""
        if found != expected:
            self.found.append(f"{what} expected {expected}, found {found}")

    def true(self, condition, what):
        """Notes what does not hold."""
        if not condition:
            self.found.append(what)
