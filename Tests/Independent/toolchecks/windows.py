"""Faults at the counter's windows, each with its protection and without: crossed windows, repeated forms, a full disk, lost readers."""

import contextlib
import os

from .bench import Site
from .browser import Browser, Service, password
from .checks import skip
from .faults import small_disk
from .lanes import kill_service

PERSON_COLUMNS = ("citizenNumber", "name", "sex", "ethnicGroup", "birthDate", "birthPlace")
# The kinds of act, as the log has them.
REGISTERED, LOOKED_UP, TEMPORARY_LOSS = 0x0101, 0x0102, 0x0401
SECOND = {"second-number": 2001, "second-password": password("supervisor")}


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: windows-test\nstock-book: false\n")
    service = Service(bench, site)
    with bench.blank().inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    with bench.blank().inserted():
        sealed = site.make(bench.people_file(bench.people[1])).json[0]["cardNumber"]
    site.run("lifecycle", "hand-over", "--card", number, "--proof", "identity-document", "--proof", "signature")
    site.run("lifecycle", "enable", "--card", number, "--proof", "card-read", "--proof", "pin-changed")
    service.add(1001, "张一", "teller")
    service.add(1002, "陈四", "teller")
    service.add(2001, "李二", "supervisor")
    with service.running():
        crossed(service, checks, number)
        repeated(service, checks, sealed, bench.people[2], number)
        lost_readers(service, checks, sealed)
    full(bench, checks)


def crossed(service, checks, number):
    """Two windows that both opened a card before either acted."""
    first, second = service.program(1001, "teller"), service.program(1002, "teller")
    seen = first("GET", f"/api/cards/{number}")[1]["seen"]
    place = f"/api/cards/{number}/acts/"
    formal = {"reporter": "holder", "proofs": ["identity-document"]}
    with checks.check("of two windows that opened one card, the second is told that it has changed, and does nothing") as check:
        status, _ = first("POST", place + "temporary-loss", {"reporter": "holder", "seen": seen}, "a-key-of-the-first")
        check.equal(status, 201)
        status, problem = second("POST", place + "formal-loss", {**formal, "seen": seen}, "a-key-of-the-second")
        check.equal((status, problem["faults"][0]["code"]), (409, "registry.card-changed"))
        check.equal(len(restrictions(first, number)), 1)
    with checks.check("and without what it had seen of the card its act would go through, unaware of the other's") as check:
        check.equal(second("POST", place + "formal-loss", formal, "a-key-of-the-second")[0], 201)
        check.equal(len(restrictions(first, number)), 2)


def restrictions(window, number):
    """What stops a card."""
    return window("GET", f"/api/cards/{number}")[1]["restrictions"]


def repeated(service, checks, number, person, another):
    """A form that a reload or a double click sends again, and a program's call."""
    cookie, token = service.logged_in(1001, "teller")
    window = service.program(1001, "teller")
    person = {column: person[column] for column in PERSON_COLUMNS}

    def acts():
        with service.site.registry() as registry:
            return [kind for kind, in registry.execute("SELECT kind FROM log ORDER BY sequence")]

    def send(key):
        before = acts()
        status, _, _ = service.form("/people/new", {**person, "form-token": token, "key": key}, cookie)
        return status, acts()[len(before):]

    def report(key):
        before = acts()
        status, answer = window("POST", f"/api/cards/{number}/acts/temporary-loss", {"reporter": "holder"}, key)
        return status, answer.get("event"), acts()[len(before):]

    with checks.check("a form that is sent again does nothing more; under another key the person is found and not registered twice") as check:
        check.equal(send("the-one-key-of-a-form"), (303, [REGISTERED]))
        check.equal(send("the-one-key-of-a-form"), (303, []))
        check.equal(send("another-key-altogether"), (303, [LOOKED_UP]))
    with checks.check("an act on a card that a program sends again is done once; under another key the loss is told as known") as check:
        first = report("the-one-key-of-an-act")
        check.equal((first[0], first[2]), (201, [TEMPORARY_LOSS]))
        check.equal(report("the-one-key-of-an-act")[1:], (first[1], []))
        check.equal(report("another-key-for-an-act"), (409, None, []))

    def hold(key):
        before = len(acts())
        status, headers, _ = service.form(f"/cards/{another}/hold", {"form-token": token, "key": key, "reason": "court", **SECOND}, cookie)
        return status, headers.get("Location"), len(acts()) - before

    with checks.check("a hold, which a card may have twice, is put on once however often its form arrives") as check:
        held = len(restrictions(window, another))
        first = hold("the-one-key-of-a-hold")
        check.equal((first[0], first[2]), (303, 1))
        check.equal(hold("the-one-key-of-a-hold"), (first[0], first[1], 0))
        check.equal(len(restrictions(window, another)), held + 1)
    with checks.check("and without its key, the protection, the same form puts on a second hold") as check:
        again = hold("a-form-with-no-memory")
        check.equal((again[0], again[1] != first[1], again[2]), (303, True, 1))
        check.equal(len(restrictions(window, another)), held + 2)


def lost_readers(service, checks, sealed):
    """The service of the readers dies under an open page."""
    browser = Browser(service)
    try:
        browser.log_in(1001, "teller")
        browser.go("/readers")
        with checks.check("readers that are lost are told on the open page and come back to it; acts go on meanwhile") as check:
            browser.wait(lambda b: "无卡" in b.text)
            restart = kill_service()
            browser.wait(lambda b: "无卡" not in b.text)
            window = service.program(1002, "teller")
            check.equal(window("POST", "/api/queue/take", {"errand": "other"}, "while-readers-are-lost")[0], 201)
            before = window("GET", "/api/home")[1]["head"]
            status, problem = window("POST", f"/api/cards/{sealed}/acts/hand-over",
                                     {"proofs": ["identity-document", "signature"]}, "no-reader-no-card-1")
            lost = (status, problem["faults"][0]["code"])
            restart()
            browser.wait(lambda b: "无卡" in b.text)
        with checks.check("a card that leaves is read all the same: without the service of the readers it stays, and it is said why") as check:
            check.equal(lost[1].partition(".")[0], "reader", f"{lost}")
            status, problem = window("POST", f"/api/cards/{sealed}/acts/hand-over",
                                     {"proofs": ["identity-document", "signature"]}, "no-reader-no-card-2")
            check.equal(problem["faults"][0]["code"], "reader.no-card")
            check.equal(window("GET", "/api/home")[1]["head"], before)
    finally:
        browser.close()


def full(bench, checks):
    """A disk without room under a running service."""
    with small_disk(bench, 2 << 20) as disk:
        if disk is None:
            skip("a full disk under the service", "no right to mount one", "windows")
            return
        site = Site(bench, disk / "data", None)
        service = Service(bench, site)
        service.add(3001, "王三", "stock-keeper")
        with service.running():
            keeper = service.program(3001, "stock-keeper")

            def receive(serial):
                return keeper("POST", "/api/stock/receive", {"kind": "blank", "serials": [f"00904653318649{serial:012X}"], "proofs": ["paper"]},
                              f"the-piece-number-{serial}")

            with checks.check("on a full disk the service refuses acts and takes numbers no more, loses nothing, and goes on when "
                              "there is room") as check:
                answered = [receive(1)[1]["event"]]
                descriptor = os.open(disk / "ballast", os.O_WRONLY | os.O_CREAT)
                with contextlib.suppress(OSError):
                    while os.write(descriptor, bytes(4096)):
                        pass
                os.close(descriptor)
                refused = None
                for serial in range(2, 80):
                    status, told = receive(serial)
                    if status != 201:
                        refused = status, told["faults"][0]["code"]
                        break
                    answered.append(told["event"])
                check.true(refused is not None, "nothing was refused")
                check.equal(refused, (500, "registry.store-full"))
                (disk / "ballast").unlink()
                status, told = receive(200)
                check.equal(status, 201)
                answered.append(told["event"])
        with checks.check("and what it had answered is in the log, which is whole") as check:
            logged = {str(row["sequence"]) for row in site.run("registry", "log", "--limit", "1000", "--json").json}
            check.equal([event for event in answered if event.partition("/")[2] not in logged], [])
            check.exits(site.run("registry", "verify"), 0)
