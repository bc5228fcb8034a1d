"""What a window does not do, whoever asks: cards that go their own way while they are issued, stops that are passed, work that nobody else has seen."""

import contextlib
import os
import re
import time

from .bench import PATIENCE, PIN, ROOT, Site
from .browser import Service, password
from .checks import skip
from .faults import small_disk
from .issue import child
from .pin import CHANGE, accepted

POLICY = "version: window-rules-test\nstock-book: false\n"
CHOSEN = "48195207"
REGISTERED = 0x0101  # a person is registered, as the log has it
OPERATORS = [(1001, "张一", ("teller", "personalizer")), (1003, "孙七", ("teller",)), (2001, "李二", ("supervisor",)),
             (2002, "周八", ("supervisor",)), (3001, "王三", ("stock-keeper",)), (4001, "吴九", ("teller", "supervisor"))]
COLUMNS = ("citizenNumber", "name", "sex", "ethnicGroup", "birthDate", "birthPlace")
IDENTITY = {"proof-identity-document": "on"}
SIGNED = {**IDENTITY, "proof-signature": "on"}
SECOND = {"second-number": 2001, "second-password": password("supervisor")}


class Window:
    """Somebody at a window, without a browser."""

    def __init__(self, service, number, role):
        self.service = service
        self.cookie, self.token = service.logged_in(number, role)

    keys = 0

    def post(self, path, **fields):
        """Sends a form with a key of its own: status, where it leads, codes of faults, page."""
        Window.keys += 1
        fields = {**fields.pop("more", {}), **fields, "form-token": self.token, "key": f"window-rules-{Window.keys:06}"}
        status, headers, page = self.service.form(path, fields, self.cookie)
        return status, headers.get("Location", ""), re.findall(r"<code>([a-z0-9.-]+)</code>", page), page

    def get(self, path):
        """A page."""
        return self.service.request("GET", path, headers={"Cookie": f"sscard-session={self.cookie}"})[2]

    def find(self, person):
        """Looks a person up; what pages and forms call them."""
        return self.post("/search", query=person["citizenNumber"], purpose="issuing")[1].rpartition("/")[2]

    def register(self, person, **more):
        """Takes a person in."""
        return self.post("/people/new", **{column: person[column] for column in COLUMNS}, **more)

    def begin(self, place):
        """Begins an issue; its name, or the codes of why not."""
        _, where, codes, _ = self.post(place, layout="national-2.0")
        return where.split("/")[2].partition("?")[0] if where else codes

    def step(self, issue, name, **fields):
        """One step of an issue; the codes of what stands against it."""
        return self.post(f"/issues/{issue}", step=name, **fields)[2]

    def made(self, issue, person):
        """Goes through the steps until the holder's PIN is set; the card's number."""
        for name, more in (("check-blank", {}), ("find-person", {}), ("photo", {}), ("confirm", {"confirmed": "on", **IDENTITY}),
                           ("personalize", {})):
            codes = self.step(issue, name, person=person, **more)
            if codes:
                raise RuntimeError(f"{name}: {codes}")
        end = time.monotonic() + PATIENCE
        while 'name="step" value="set-pin"' not in self.get(f"/issues/{issue}") and time.monotonic() < end:
            time.sleep(0.2)
        codes = self.step(issue, "set-pin", more={"new-pin": CHOSEN, "new-pin-again": CHOSEN})
        if codes:
            raise RuntimeError(f"set-pin: {codes}")
        return re.search(r"/cards/([0-9A-Z]{9})", self.get(f"/issues/{issue}")).group(1)


def run(bench, checks):
    """All checks of this section."""
    site = bench.site(POLICY)
    service = opened(bench, site)
    children = [row for row in bench.people if row["birthDate"] > "20210101"]
    person = child(bench)
    others = [row for row in children if row["citizenNumber"] != person["citizenNumber"]]
    site.run("registry", "import", bench.people_file(person, *others[:2]))
    with service.running():
        lost(bench, site, service, checks, person)
        missing(bench, site, service, checks, others[0])
        written_off(service, checks)
        ruled(bench, service, checks, others[1])
        on_record(service, checks, bench.people[5])
    stopped(bench, site, service, checks, bench.people[6])
    locked(site, service, checks, bench.people[7])
    with checks.check("the log of all that is whole") as check:
        check.exits(site.run("registry", "verify"), 0)
    unbooked(bench, checks)


def opened(bench, site):
    """The counter's service with its operators and the development keys."""
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\nkeys: {ROOT / 'Keys/development'}\n")
    return service


def lost(bench, site, service, checks, person):
    """A card that is lost between the window and its being enabled."""
    window = Window(service, 1001, "teller")
    name = window.find(person)
    with checks.check("a card that was handed over and lost before it was enabled is replaced at the window") as check:
        with bench.blank().inserted():
            issue = window.begin(f"/people/{name}/issue")
            number = window.made(issue, name)
            check.equal(window.step(issue, "hand-over", more=SIGNED), [])
        check.equal(window.post(f"/cards/{number}/formal-loss", reporter="holder", more=IDENTITY)[0], 303)
        _, where, codes, _ = window.post(f"/cards/{number}/replace", replacement="lost", layout="national-2.0",
                                         more={**IDENTITY, **SECOND, "proof-fee-settled": "on"})
        check.equal(codes, [])
        second = where.split("/")[2].partition("?")[0]
        with bench.blank().inserted():
            window.made(second, name)
            for step, proofs in (("hand-over", SIGNED), ("enable", {}), ("slip", {})):
                check.equal(window.step(second, step, more=proofs), [], step)
    with checks.check("the issue of the lost card ends with a name for that, and nothing is booked for it") as check:
        before = site.counts()
        check.equal(window.post(f"/issues/{issue}/abandon", abandon="on")[2], [])
        check.equal(site.counts(), before)
        check.equal(ended(site, issue), "card-ended")
        check.holds(window.get(f"/issues/{issue}"), "卡已终止或收回")


def ended(site, issue):
    """How an issue ended, as its file says."""
    text = (site.data / "issue/ended" / f"{issue}.issue").read_text(encoding="utf-8")
    return re.search(r"^end: (.*)$", text, re.MULTILINE).group(1)


def missing(bench, site, service, checks, person):
    """A card that is booked missing while its issue is open."""
    window, keeper = Window(service, 1001, "teller"), Window(service, 3001, "stock-keeper")
    name = window.find(person)
    with checks.check("a card that is missing while it is issued holds up neither its issue nor its person") as check:
        with bench.blank().inserted():
            issue = window.begin(f"/people/{name}/issue")
            number = window.made(issue, name)
        check.equal(keeper.post(f"/cards/{number}/missing", more=SECOND)[0], 303)
        before = site.counts()
        check.equal(window.post(f"/issues/{issue}/abandon", abandon="on")[2], [])
        check.equal(site.counts(), before)
        again = window.begin(f"/people/{name}/issue")
        with bench.blank().inserted():
            check.equal([window.step(again, step, person=name) for step in ("check-blank", "find-person")], [[], []])
        check.equal(window.post(f"/issues/{again}/abandon", abandon="on")[2], [])
        check.equal([ended(site, which) for which in (issue, again)], ["card-ended", "abandoned"])


def written_off(service, checks):
    """Stock that somebody else answers for."""
    keeper, teller = Window(service, 3001, "stock-keeper"), Window(service, 1003, "teller")
    pieces = {"kind": "blank", "serials": "00904653318649990177000001"}
    with checks.check("nobody writes off another's pieces; a stock keeper does it by naming whose they are") as check:
        check.equal(keeper.post("/stock/receive", kind="blank", serials="00904653318649990177000001 00904653318649990177000002", more={"proof-paper": "on"})[0], 303)
        for owner in ("", "3001"):
            check.equal(teller.post("/stock/missing", owner=owner, **pieces, more=SECOND)[2], ["stock.piece-of-another"])
        check.equal(keeper.post("/stock/missing", **pieces, more=SECOND)[0], 303)
        handed = {"second-number": 1003, "second-password": password("teller")}
        check.equal(keeper.post("/stock/hand-over", kind="blank", serials="00904653318649990177000002", more=handed)[0], 303)
        other = {"kind": "blank", "serials": "00904653318649990177000002"}
        check.equal(keeper.post("/stock/missing", **other, more=SECOND)[2], ["stock.piece-of-another"])
        check.holds(keeper.get("/stock/missing"), "责任人编号")
        check.equal(keeper.post("/stock/missing", owner="who", **other, more=SECOND)[2], ["counter.stock-owner"])
        check.equal(keeper.post("/stock/missing", owner="1003", **other, more=SECOND)[0], 303)


def ruled(bench, service, checks, person):
    """Applications and who rules on them."""
    window, both, supervisor = Window(service, 1001, "teller"), Window(service, 4001, "teller"), Window(service, 2002, "supervisor")
    name = window.find(person)

    def apply():
        _, where, codes, _ = window.post(f"/people/{name}/apply", kind="first", way="instant", more=IDENTITY)
        return f"/applications/1-{where.rpartition('/')[2]}" if where else codes

    with checks.check("no card is made while an application for it waits, was sent back or was rejected") as check:
        application = apply()
        check.equal(window.begin(f"/people/{name}/issue"), ["issue.application-stands"])
        check.equal(supervisor.post(application + "/ask-supplement")[0], 303)
        check.equal(window.begin(f"/people/{name}/issue"), ["issue.application-stands"])
    with checks.check("who added to an application does not rule on it") as check:
        check.equal(both.post(application + "/supplement")[0], 303)
        check.equal(both.post(application + "/approve")[2], ["lifecycle.approves-own"])
        check.equal(supervisor.post(application + "/reject", reason="notInRegister")[0], 303)
    with checks.check("after a rejection a card is made for a new application that was approved, and for none else") as check:
        check.equal(window.begin(f"/people/{name}/issue"), ["issue.application-stands"])
        check.equal(supervisor.post(apply() + "/approve")[0], 303)
        issue = window.begin(f"/people/{name}/issue")
        with bench.blank().inserted():
            check.equal([window.step(issue, step, person=name) for step in ("check-blank", "find-person")], [[], []])
        check.equal(window.post(f"/issues/{issue}/abandon", abandon="on")[2], [])


def on_record(service, checks, person):
    """A person who is on record already."""
    window = Window(service, 1003, "teller")

    def acts():
        with service.site.registry() as registry:
            return registry.execute("SELECT count(*) FROM log WHERE kind = ?", (REGISTERED,)).fetchone()[0]

    with checks.check("who is on record with the same data is found and not registered again") as check:
        check.equal(window.register(person)[0], 303)
        before = acts()
        check.equal(window.register(person)[0], 303)
        check.equal(acts(), before)
    with checks.check("what is on record is not written over unseen: the difference is shown, the record masked, and wants a document") as check:
        changed = {**person, "name": "李改名", "ethnicGroup": "02"}
        status, _, codes, page = window.register(changed, **{"proof-identity-document": "on"})
        check.equal((status, codes), (409, ["counter.person-differs"]))
        check.holds(page, "<td>李改名</td>", f"<td>{person['name'][0]}*</td>", "name ethnicGroup")
        check.true(person["name"] not in page, "the whole name on record is shown")
        told = {"differs": "name ethnicGroup"}
        check.equal(window.register(changed, **told)[2], ["counter.person-differs"], "without the document")
        check.equal(window.register({**changed, "birthPlace": "990101"}, **told, **IDENTITY)[2], ["counter.person-differs"], "unseen")
        check.equal(acts(), before)
        check.equal(window.register(changed, **told, **IDENTITY)[0], 303)
        check.equal(acts(), before + 1)


def stopped(bench, site, service, checks, person):
    """A card of a holder who is reported dead."""
    card = bench.blank()
    with card.inserted():
        number = site.make(bench.people_file(person)).json[0]["cardNumber"]
    with checks.check("a card whose holder is reported dead is handed to nobody") as check:
        with service.running(), card.inserted():
            window = Window(service, 1001, "teller")
            check.equal(window.post(f"/cards/{number}/cancel", reason="death", more={**SECOND, "proof-paper": "on"})[0], 303)
            check.equal(window.post(f"/cards/{number}/hand-over", more=SIGNED)[2], ["lifecycle.restricted"])
        check.equal(site.run("registry", "show", "--card", number, "--json").json["physical"], "personalized")


def locked(site, service, checks, person):
    """A card whose PIN is without tries."""
    card, number = site.made(person)
    with card.inserted():
        for _ in range(6):
            accepted("11112222")
        site.run("card", "pin", "change", "--pin", "fd:PIN", "--new-pin", "fd:PIN", pin="111112\n9753186")
    with checks.check("a PIN lock is lifted by what is done on the chip, at no window and by no program") as check:
        shown = site.run("registry", "show", "--card", number, "--json").json
        check.equal(shown["state"], "pin-lock")
        lock = shown["restrictions"][0].split()[1]
        field = f"restriction-{lock.replace('/', '-')}"
        released = site.run("lifecycle", "release", "--card", number, "--proof", "identity-document", "--proof", "card-read")
        check.equal((released.code, released.codes), (1, ["counter.pin-lock-by-chip"]))
        loss = site.run("lifecycle", "temporary-loss", "--card", number, "--json")
        check.exits(loss, 0)
        named = site.run("lifecycle", "release", "--card", number, "--restriction", lock, "--proof", "identity-document", "--proof",
                         "card-read")
        check.equal(named.codes, ["counter.pin-lock-by-chip"])
        with service.running(), card.inserted():
            window, program = Window(service, 1001, "teller"), service.program(1001, "teller")
            page = window.get(f"/cards/{number}/release")
            check.equal(re.findall(r'name="(restriction-[0-9-]+)"', page).count(field), 0)
            check.equal(window.post(f"/cards/{number}/release", more={**IDENTITY, field: "on"})[2], ["counter.pin-lock-by-chip"])
            status, problem = program("POST", f"/api/cards/{number}/acts/release", {"restrictions": [lock.replace("/", "-")], "proofs": ["identity-document"]},
                                      "the-release-of-a-lock")
            check.equal((status, problem["faults"][0]["code"]), (409, "counter.pin-lock-by-chip"))
        check.exits(site.run("lifecycle", "release", "--card", number, "--proof", "identity-document", "--proof", "card-read"), 0)
        check.equal(site.run("registry", "show", "--card", number, "--json").json["state"], "pin-lock")


def unbooked(bench, checks):
    """PINs that are changed while the disk fills up."""
    with small_disk(bench, 6 << 20) as disk:
        if disk is None:
            skip("PINs that are changed while the disk fills up", "no right to mount one", "windowrules")
            return
        site = Site(bench, disk / "data", None)
        service = opened(bench, site)
        card, number = site.made(bench.people[8])
        changed = []

        def count(_, command, answer):
            if command[1] == CHANGE and answer[-2:] == b"\x90\x00":
                changed.append(command)
            return answer

        def change(window, old, new):
            return window.post(f"/cards/{number}/pin/change", more={"old-pin": old, "new-pin": new, "new-pin-again": new})

        with checks.check("a PIN that was changed while the disk filled up is in the log when there is room again, and once") as check:
            with service.running(), card.inserted(after=count):
                window = Window(service, 1001, "teller")
                pins = ["13572468", CHOSEN]
                check.equal(change(window, PIN, pins[0])[0], 303)
                descriptor = os.open(disk / "ballast", os.O_WRONLY | os.O_CREAT)
                with contextlib.suppress(OSError):
                    while os.write(descriptor, bytes(4096)):
                        pass
                os.close(descriptor)
                for turn in range(200):
                    status, _, codes, _ = change(window, pins[turn % 2], pins[1 - turn % 2])
                    if status != 303:
                        break
                check.true(status != 303, "nothing was refused")
                check.true(codes[0] in ("pin.journal", "pin.not-booked") or codes[0].startswith("registry."), f"{codes}")
                (disk / "ballast").unlink()
            with service.running():
                pass
            acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
            check.equal(acts.count("pin-served"), len(changed))
            check.equal([path.name for path in (site.data / "journal").iterdir() if ".pin-" in path.name], [])
