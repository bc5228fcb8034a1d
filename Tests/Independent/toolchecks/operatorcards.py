"""Cards of operators: given by an administrator, wanted at log-in beside the password, taken away when they are lost."""

import json
import os

from .bench import ROOT, wait_for_reader
from .browser import Browser, Service, password
from .counter import page_is_good
from .lanes import kill_service
from .training import image
from .windowpin import with_keys

VERIFY, EXTERNAL, INTERNAL = 0x20, 0x82, 0x88
RIGHT, OTHER, SEALED = 0, 1, 2


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: operator-cards\nstock-book: false\nunclaimed-months: 0\n")
    service = Service(bench, site)
    for number, name, role in [(1001, "张一", "teller"), (2001, "李二", "supervisor"), (9001, "周五", "administrator")]:
        service.add(number, name, role)
    cards, numbers = [bench.blank() for _ in range(3)], []
    for row, card in enumerate(cards):
        with card.inserted():
            numbers.append(site.make(bench.people_file(bench.people[row])).json[0]["cardNumber"])
    for number in numbers[:SEALED]:
        site.hand_over(number)
    with_keys(service, ROOT / "Keys/development")
    with service.running():
        given(bench, service, checks, cards)
        let_in(service, checks, cards)
        turned_away(bench, service, checks, cards)
        lost(service, checks, cards, numbers)
    told(bench, service, checks)


def log_in(service, number=1001, role="teller", reader="", word=None):
    """A log-in of a browser: status, headers, page."""
    return service.form("/login", {"number": number, "password": word or password(role), "reader": reader})


def changes(service):
    """What was changed of the operators, oldest first."""
    lines = (service.site.data / "operators/changes").read_text(encoding="utf-8").splitlines()
    return [(line["change"], line["operator"], line.get("by")) for line in map(json.loads, lines)]


def given(bench, service, checks, cards):
    """Who may have a card."""
    cookie, token = service.logged_in(9001, "administrator")
    teller, teller_token = service.logged_in(1001, "teller")

    def give(number, cookie=cookie, token=token):
        status, _, page = service.form("/operations/cards", {"number": number, "form-token": token, "key": os.urandom(16).hex()}, cookie)
        return status, page

    with checks.check("only an administrator gives cards; without one in the reader, and with one that is not in use, none is given") as check:
        check.equal(give(1001, teller, teller_token)[0], 403)
        status, page = give(1001)
        check.equal(status, 503)
        check.holds(page, "reader.no-card")
        with cards[SEALED].inserted():
            status, page = give(1001)
            check.equal(status, 409)
            check.holds(page, "operator.card-not-usable")
        with image(bench, "yes-to-everything")[0].inserted():
            status, page = give(1001)
            check.true(status >= 400 and "given" not in str(changes(service)), f"{status}")
        check.equal([change for change in changes(service) if change[0] != "added"], [])
    with checks.check("a card that proves itself is given: a recorded change, which ends the open sessions; the password alone lets nobody in any more") as check:
        with cards[RIGHT].inserted() as wire:
            before = cards[RIGHT].bytes
            check.equal(give(1001)[0], 303)
            check.equal(changes(service)[-1], ("card-given", 1001, 9001))
            sent = [command[1] for command in wire.commands if len(command) > 1]
            check.true(INTERNAL in sent and VERIFY not in sent and EXTERNAL not in sent, f"{sent}")
            check.equal(cards[RIGHT].bytes, before, "the card")
            status, page = give(2001)
            check.equal(status, 422)
            check.holds(page, "operator.card-taken")
        status, headers, _ = service.request("GET", "/", headers={"Cookie": f"sscard-session={teller}"})
        check.equal((status, headers["Location"]), (303, "/login"))
        status, _, page = log_in(service)
        check.equal(status, 503)
        check.holds(page, "reader.no-card")
    with checks.check("the pages tell who has a card; the log-in page asks for it, and chooses between readers") as check:
        browser = Browser(service)
        try:
            browser.go("/login")
            check.holds(browser.text, "操作员的卡")
            page_is_good(browser, check, "login-with-card")
            browser.log_in(9001, "administrator")
            browser.go("/operations")
            check.holds(browser.text, "取消 1001")
            page_is_good(browser, check, "operations-cards")
        finally:
            browser.close()


def let_in(service, checks, cards):
    """The right card."""
    with checks.check("the right card with the password lets in, twice with different challenges, none of zeros; no PIN or key is presented") as check:
        with cards[RIGHT].inserted() as wire:
            before = cards[RIGHT].bytes
            check.equal(log_in(service)[0], 303)
            check.equal(service.program(1001, "teller")("GET", "/api/home")[0], 200)
            challenges = [bytes(command[5:]) for command in wire.commands if len(command) > 5 and command[1] == INTERNAL]
            check.equal(len(challenges), 2)
            check.equal(len(set(challenges)), 2, "the same challenge twice")
            check.true(all(any(challenge[:8]) for challenge in challenges), "zeros")
            check.equal([command.hex() for command in wire.commands if command[1] in (VERIFY, EXTERNAL)], [])
            check.equal(cards[RIGHT].bytes, before, "the card")
    with checks.check("the card with a wrong password lets nobody in, and is not asked") as check:
        with cards[RIGHT].inserted() as wire:
            check.equal(log_in(service, word="wrong")[0], 401)
            check.equal([command for command in wire.commands if command[1] == INTERNAL], [])
    with checks.check("who has no card needs none") as check:
        check.equal(log_in(service, 2001, "supervisor")[0], 303)


def turned_away(bench, service, checks, cards):
    """Everything but the right card."""
    def refused(check, status, code, reader=""):
        found, headers, page = log_in(service, reader=reader)
        check.equal(found, status)
        check.holds(page, code)
        check.true("Set-Cookie" not in headers, "a session")

    with checks.check("another good card of this counter is not the operator's") as check:
        with cards[OTHER].inserted():
            refused(check, 409, "operator.another-card")
    with checks.check("a copy without the keys is no card: one that answers anything, one that repeats, one that refuses") as check:
        heard = []

        def repeat(_, command, answer):
            if command[1] in (INTERNAL, 0xC0) and len(answer) == 10:
                heard.append(answer)
                return heard[0]
            return answer

        with cards[RIGHT].inserted(after=repeat):
            check.equal(log_in(service)[0], 303)
            refused(check, 409, "chip.not-genuine")
        for wrong in (b"\x5A" * 8 + b"\x90\x00", b"\x90\x00", b"\x6D\x00"):
            hit = []

            def falsify(_, command, answer, wrong=wrong, hit=hit):
                if command[1] == INTERNAL or (command[1] == 0xC0 and len(answer) == 10):
                    hit.append(command)
                    return wrong
                return answer

            with cards[RIGHT].inserted(after=falsify):
                found, headers, page = log_in(service)
                check.true(hit and found in (409, 503) and "Set-Cookie" not in headers, f"{wrong.hex()}: {found} {page[-300:]}")
        with image(bench, "yes-to-everything")[0].inserted():
            found, headers, _ = log_in(service)
            check.true(found >= 400 and "Set-Cookie" not in headers, f"{found}")
    with checks.check("no card, a reader that is not there, and readers whose service died are told, and let nobody in") as check:
        refused(check, 503, "reader.no-card")
        refused(check, 503, "reader.", reader="No Such Reader 00")
        restart = kill_service()
        try:
            refused(check, 503, "reader.")
        finally:
            restart()
            wait_for_reader(bench, 0, "empty")
        with cards[RIGHT].inserted():
            check.equal(log_in(service)[0], 303)
    with checks.check("a program is told the same as problem details") as check:
        status, _, text = service.request("POST", "/api/session", json.dumps({"number": 1001, "password": password("teller")}),
                                          {"Content-Type": "application/json"})
        check.equal((status, json.loads(text)["faults"][0]["code"].startswith("reader.")), (503, True))


def lost(service, checks, cards, numbers):
    """A card that is gone."""
    with checks.check("a card that was reported lost lets nobody in") as check:
        with cards[RIGHT].inserted():
            loss = service.program(1001, "teller")
            status, answer = loss("POST", f"/api/cards/{numbers[RIGHT]}/acts/temporary-loss", {"reporter": "holder"}, "lost-card-of-operator")
            check.equal(status, 201, answer)
            status, _, page = log_in(service)
            check.equal(status, 409)
            check.holds(page, "operator.card-not-usable")
    with checks.check("an administrator takes it away, a recorded change, and the password is enough again; another card can be given") as check:
        cookie, token = service.logged_in(9001, "administrator")
        fields = {"number": 1001, "form-token": token, "key": "r" * 20}
        check.equal(service.form("/operations/cards/remove", fields, cookie)[0], 303)
        check.equal(changes(service)[-1], ("card-removed", 1001, 9001))
        check.equal(log_in(service)[0], 303)
        status, _, page = service.form("/operations/cards/remove", {**fields, "key": "s" * 20}, cookie)
        check.equal(status, 422)
        check.holds(page, "operator.no-card")
        with cards[OTHER].inserted():
            check.equal(service.form("/operations/cards", {**fields, "key": "t" * 20}, cookie)[0], 303)
        check.equal(log_in(service)[0], 503)
    with checks.check("a new password leaves the card; the tool takes it away where no administrator can log in") as check:
        check.equal(service.run("operator", "password", "--number", 1001, password=password("teller")).returncode, 0)
        check.equal(log_in(service)[0], 503)
        rows = {row["number"]: row["card"] for row in json.loads(service.run("operator", "list", "--json").stdout)}
        check.equal(rows, {1001: True, 2001: False, 9001: False})
        check.equal(service.run("operator", "remove-card", "--number", 1001).returncode, 0)
        check.equal(changes(service)[-1], ("card-removed", 1001, None))
        check.equal(log_in(service)[0], 303)


def told(bench, service, checks):
    """What is written down."""
    with checks.check("who was turned away for a card stands in the log by number; no person, no password, no key anywhere") as check:
        lines = [json.loads(line) for line in service.log.splitlines()]
        codes = {line["code"] for line in lines if line.get("purpose") == "login-card" and line["operator"] == "1001"}
        for code in ("operator.another-card", "chip.not-genuine", "operator.card-not-usable"):
            check.true(code in codes, f"{code} is not among {codes}")
        given_away = [line["change"] for line in lines if line["message"] == "operator card"]
        check.equal(given_away, ["given", "removed", "given"])
        texts = [service.log] + [(service.site.data / "operators" / name).read_text(encoding="utf-8") for name in ("changes", "operators.json")]
        for row in bench.people[:3]:
            for text in texts:
                check.true(row["citizenNumber"] not in text and row["name"] not in text, "a person")
