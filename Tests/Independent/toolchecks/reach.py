"""One act, one screen, one confirmation: what confirms is in sight at 1280×720 before anybody scrolls, on every form that links lead to, in
both languages and where two sign; and what has the keyboard never lies behind it (WCAG 2.2, 2.4.11)."""

import re
import urllib.parse

from .bench import ROOT
from .browser import Browser, Service
from .windowpin import with_keys

OPERATORS = [(1001, "张一", ("teller", "personalizer")), (2001, "李二", ("supervisor",)), (3001, "王三", ("stock-keeper",)),
             (9001, "周五", ("administrator",))]
POLICY = "version: {}\nstock-book: false\nupper-tier: counter\nunclaimed-months: 0\n"
# Two sign wherever they may: the longest that forms become.
BY_TWO = (POLICY.format("reach-by-two") + "registration-document: true\ntwo-person: [register-person, hand-over, enable, dispatch, arrive, miss, "
          "recover, give-back, destroy, temporary-loss, formal-loss, hold, release-temporary-loss, release-formal-loss, release-hold, "
          "release-cancellation, replace-lost, renew, cancel, confirm-cancellation, end-unclaimed, end-duplicate, reset-pin, unblock-pin, change-pin, "
          "change-data, correct, hand-over-stock, miss-stock, close-day, grant-lease]\n")
# Where no form is: what prints, leads out, or lists events one by one.
APART = re.compile(r"/(language|logout|events|static|intake-columns|queue/board|password)\b")
# Forms that have to be among those that are found, by how their addresses end.
EXPECTED = ["hand-over", "enable", "temporary-loss", "formal-loss", "release", "hold", "cancel", "correct", "replace", "confirm-cancellation",
            "pin/change", "pin/reset", "pin/unblock", "data", "apply", "people/new", "stock/receive", "stock/hand-over", "stock/destroy",
            "stock/missing", "stock/install", "stock/close-day", "leases/grant", "intake", "operations"]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site(POLICY.format("reach-test"))
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    with_keys(service, ROOT / "Keys/development")
    numbers, card = made(bench, site)
    waiting(bench, service, numbers[3])
    site.policy.write_text(BY_TWO, encoding="utf-8")
    with service.running(), card.inserted():
        browser = Browser(service)
        try:
            found = forms(browser, numbers)
            for language in ("zh", "en"):
                in_sight(browser, checks, found, language)
            uncovered(browser, checks, found)
        finally:
            browser.close()


def made(bench, site):
    """Cards in the states that have forms, and the last of them to lie in the reader."""
    site.run("registry", "import", bench.people_file(*bench.people[:7]))
    numbers, cards = [], [bench.blank() for _ in range(6)]
    for row, card in enumerate(cards):
        with card.inserted():
            numbers.append(site.make(bench.people_file(bench.people[row])).json[0]["cardNumber"])
        if row > 1:
            site.hand_over(numbers[row])
    site.act("hand-over", numbers[1], "--proof", "identity-document", "--proof", "signature")
    site.act("formal-loss", numbers[2], "--proof", "identity-document")
    site.act("temporary-loss", numbers[3])
    site.act("cancel", numbers[4], "--reason", "death", "--proof", "paper", "--second", "2001")
    return numbers, cards[5]


def waiting(bench, service, number):
    """An application and an act that wait for somebody, and pieces in the book."""
    with service.running():
        teller, keeper = service.program(1001, "teller"), service.program(3001, "stock-keeper")
        person = teller("POST", "/api/people/look-up", {"number": bench.people[6]["citizenNumber"], "purpose": "issuing"})[1]["person"]
        teller("POST", f"/api/people/{person}/applications",
               {"kind": "first", "way": "factory", "batch": "B-2026-7", "proofs": ["identity-document"]}, "an-application-that-waits")
        keeper("POST", "/api/stock/receive", {"kind": "blank", "proofs": ["paper"], "serials": [
            f"0090465331864999{number:08X}" for number in range(1, 9)]}, "pieces-that-are-in-the-book")
        cookie, token = service.logged_in(1001, "teller")
        service.form(f"/cards/{number}/hold", {"reason": "court", "wait": "on", "form-token": token, "key": "a-hold-that-waits"}, cookie)


def links(browser):
    """Where the links of a page lead to, on this site."""
    places = browser.driver.execute_script("return [...document.querySelectorAll('nav a[href], main a[href]')].map((link) => link.href);")
    parts = [urllib.parse.urlsplit(place) for place in places]
    return [place.path + (f"?{place.query}" if place.query else "") for place in parts
            if place.port == browser.service.port and not APART.match(place.path) and not place.query.startswith("answer")]


def forms(browser, numbers):
    """The addresses of pages with a form that confirms something, by the officer who comes to them."""
    found = {}
    for officer, _, roles in OPERATORS:
        browser.log_in(officer, roles[0])
        ahead, known = [browser.path], set()
        if roles[0] in ("teller", "supervisor"):
            ahead += [looked_up(browser, number) for number in numbers]
        while ahead:
            place = ahead.pop(0)
            if place in known:
                continue
            known.add(place)
            browser.go(place)
            ahead += links(browser)
            if browser.driver.find_elements("css selector", "main form.sheet > .actions button:not(.second)"):
                found.setdefault(officer, []).append(place)
    return found


def looked_up(browser, number):
    """The page of a card whose holder this session knows."""
    browser.go("/")
    browser.driver.find_element("id", "query").send_keys(number)
    browser.leave(browser.named("//main//form[@role='search']//button").click)
    person = browser.driver.find_elements("css selector", ".card-head a[href^='/people/']")
    if person:
        browser.go(urllib.parse.urlsplit(person[0].get_attribute("href")).path)
    return f"/cards/{number}"


def window(browser, height):
    """Makes the window so high."""
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 1280, "height": height, "deviceScaleFactor": 1, "mobile": False})


def each(browser, found, language):
    """Each form, in front of its officer."""
    for officer, _, roles in OPERATORS:
        browser.log_in(officer, roles[0], language)
        for place in found.get(officer, []):
            browser.go(place)
            yield place


def in_sight(browser, checks, found, language):
    """The button."""
    with checks.check(f"what confirms is in sight before anybody scrolls, on every form and where two sign ({language})") as check:
        places = [place for officer in found.values() for place in officer]
        for end in EXPECTED:
            check.true(any(place.partition("?")[0].endswith(end) for place in places), f"no form at …/{end} among {places}")
        for place in each(browser, found, language):
            # The window that pages are made for, and one of a browser that keeps some of its height for itself.
            for height in (720, 600):
                window(browser, height)
                for wrong in browser.out_of_reach():
                    check.true(False, f"{place}: {wrong}")
                check.true(browser.fits(), f"{place} is wider than the window")


def uncovered(browser, checks, found):
    """The fields."""
    with checks.check("no field or link that has the keyboard lies behind the buttons, whichever way Tab goes") as check:
        window(browser, 600)
        stops, kinds = 0, {}
        for officer, places in found.items():
            kinds[officer] = {re.sub(r"[0-9A-F]{9,}|\?.*", "", place): place for place in places}.values()
        for place in each(browser, kinds, "zh"):
            for is_back in (False, True):
                for _ in range(80):
                    where = browser.driver.execute_script(COVERED)
                    if where == "outside":
                        break
                    stops += 1
                    check.true(where == "", f"{place}: {where}")
                    tab(browser, is_back)
                browser.driver.execute_script("[...document.querySelectorAll('main :is(a[href], button)')].findLast((one) => one.checkVisibility()).focus();")
        check.true(stops > 500, f"only {stops} stops")
        window(browser, 720)


def tab(browser, is_back):
    """The Tab key, with Shift or without."""
    for kind in ("rawKeyDown", "keyUp"):
        browser.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {
            "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9, "modifiers": 8 if is_back else 0})


# What is behind the buttons of its form, of whatever has the keyboard; "outside" where the page's main part has been left.
COVERED = """
    const here = document.activeElement;
    if (!here.closest("main")) return "outside";
    const bars = [...document.querySelectorAll("main form.sheet > .actions")].filter((bar) => bar.checkVisibility() && !bar.contains(here));
    const place = here.getBoundingClientRect();
    for (const bar of bars) {
        const over = bar.getBoundingClientRect();
        const isBeside = place.right <= over.left || place.left >= over.right;
        if (!isBeside && place.bottom > over.top + 1 && place.top < over.bottom - 1) return `${here.name || here.textContent.trim()} lies behind the buttons`;
    }
    return place.top > -1 && place.bottom < innerHeight + 1 ? "" : `${here.name || here.textContent.trim()} is out of the window`;
"""
