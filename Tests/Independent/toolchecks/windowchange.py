"""The data on a card changed at the counter's window: chip beside record, one confirmation, read back, booked once."""

import re
import uuid

from .bench import ROOT
from .browser import Browser, Service
from .counter import open_card, page_is_good

UPDATE_RECORD = 0xDC
# A bitmap (BITMAPCOREHEADER) of 2 × 2 points in two colours: 14 and 12 bytes of headers, two colours, two lines of four bytes.
PICTURE = (b"BM" + (40).to_bytes(4, "little") + bytes(4) + (32).to_bytes(4, "little") + (12).to_bytes(4, "little")
           + (2).to_bytes(2, "little") * 2 + (1).to_bytes(2, "little") * 2 + bytes.fromhex("6470 0B FFFFFF")
           + bytes.fromhex("80000000 40000000"))
OPERATORS = [(1001, "张一", "teller"), (3001, "王三", "stock-keeper")]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: window-change-test\nstock-book: false\n")
    service = Service(bench, site)
    for number, name, role in OPERATORS:
        service.add(number, name, role)
    card, person = bench.blank(), bench.people[0]
    with card.inserted():
        number = site.make(bench.people_file({**person, "photo": PICTURE.hex()})).json[0]["cardNumber"]
    site.hand_over(number)
    without_keys(service, checks, number)
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\n"
                         f"keys: {ROOT / 'Keys/development'}\n")
    with service.running():
        browser = Browser(service)
        try:
            changed(browser, checks, card, person, number)
            broken_off(bench, browser, checks, card, person, number)
            program(browser, checks, card, person, number)
            refused(browser, checks, number)
        finally:
            browser.close()
    with checks.check("each change stands in the log once, the card is as good as before, and nothing personal lies in the open") as check:
        check.exits(site.run("registry", "verify"), 0)
        acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
        check.equal(acts.count("data-changed"), 3)
        with card.inserted():
            check.exits(site.run("pharmacy", "check"), 0)
        check.true("李改名" not in (service.folder / "service.log").read_text(encoding="utf-8"), "a name in the log")
    with service.running():
        browser = Browser(service)
        try:
            reported(browser, checks, number)
        finally:
            browser.close()


def offered(browser):
    """Whether the card's page leads to a change of data."""
    return [act for act in browser.driver.find_elements("css selector", "ul.acts strong") if act.text == "资料变更"]


def reported(browser, checks, number):
    """A card that was reported lost."""
    with checks.check("the data of a card that was reported lost are not changed: a card in hand then is found, or a fraud") as check:
        browser.log_in(1001, "teller")
        browser.go(f"/cards/{number}/temporary-loss")
        browser.tick("持卡人本人")
        browser.press("确认临时挂失")
        browser.go(f"/cards/{number}")
        check.true(not offered(browser), "offered on a lost card")
        why = browser.driver.find_element("css selector", ".refusals").get_attribute("textContent")
        check.holds(why, "资料变更", "修改密码", "补换卡", "须先办正式挂失")
        cookie, token = browser.service.logged_in(1001, "teller")
        status, _, page = browser.service.form(f"/cards/{number}/change-data",
                                               {"form-token": token, "key": "l" * 20, "step": "write"}, cookie)
        check.equal(status, 409)
        check.holds(page, "lifecycle.restricted")


def without_keys(service, checks, number):
    """Without keys."""
    with checks.check("without configured keys the window changes no card, and says why") as check:
        with service.running():
            cookie, token = service.logged_in(1001, "teller")
            _, _, page = service.request("GET", f"/cards/{number}", headers={"Cookie": f"sscard-session={cookie}"})
            check.true("资料变更" not in page, "offered without keys")
            status, _, page = service.form(f"/cards/{number}/change-data",
                                           {"form-token": token, "key": "k" * 20, "step": "write"}, cookie)
            check.equal(status, 503)
            check.holds(page, "card-key.not-configured")


def record(browser, check, person, **changes):
    """Brings the record up to date, as a clerk does who registers a known person again."""
    cookie, token = browser.service.logged_in(1001, "teller")
    columns = ("citizenNumber", "name", "sex", "ethnicGroup", "birthDate", "birthPlace")
    fields = {column: {**person, **changes}[column] for column in columns}
    def send(**more):
        form = {**fields, **more, "form-token": token, "key": "record-" + uuid.uuid4().hex}
        return browser.service.form("/people/new", form, cookie)

    status, _, page = send()
    if status == 409:
        # What is on record is not written over unseen.
        shown = re.search(r'name="differs" value="([^"]+)"', page)
        check.true(shown, page[:200])
        status, _, page = send(**{"differs": shown.group(1), "proof-identity-document": "on"})
    check.equal(status, 303, page[:200])


def photo(browser, checks, number):
    """The holder's photo beside the card."""
    with checks.check("the photo on the chip stands beside the card, whole, for the session that looked its holder up and no other") as check:
        picture = browser.named("//figure//img")
        check.equal(picture.get_attribute("alt"), "持卡人照片")
        size = browser.driver.execute_script("return [arguments[0].naturalWidth, arguments[0].naturalHeight]", picture)
        check.equal(size, [2, 2])
        browser.go(f"/cards/{number}")
        check.holds(browser.text, "卡内照片", "本次登录已与芯片核对", "登记的内容与芯片一致")
        page_is_good(browser, check, "card-photo")
        path = f"/cards/{number}/photo"
        cookie = browser.driver.get_cookie("sscard-session")["value"]
        status, headers, _ = browser.service.request("GET", path, headers={"Cookie": f"sscard-session={cookie}"})
        check.equal((status, headers["Content-Type"], headers["Cache-Control"]), (200, "image/bmp", "no-store"))
        check.holds(headers["Content-Security-Policy"], "img-src 'self'")
        other, _ = browser.service.logged_in(1001, "teller")
        check.equal(browser.service.request("GET", path, headers={"Cookie": f"sscard-session={other}"})[0], 404)


def done(browser, check, number, act):
    """An act of another window, which the log has when this one goes on."""
    call = browser.service.program(1001, "teller")
    card = call("GET", f"/api/cards/{number}")[1]
    fields = {"reporter": "holder"} if act == "temporary-loss" else {
        "restrictions": [row["event"].replace("/", "-") for row in card["restrictions"]], "proofs": ["identity-document"]}
    status, answer = call("POST", f"/api/cards/{number}/acts/{act}", fields, key=f"the-other-window-{act}")
    check.equal(status, 201, answer)


def changed(browser, checks, card, person, number):
    """The whole way."""
    browser.log_in(1001, "teller")
    with card.inserted():
        with checks.check("where chip and record agree there is nothing to write") as check:
            open_card(browser, number, "持卡人咨询")
            browser.follow("资料变更")
            page_is_good(browser, check, "data-change")
            browser.press("读卡核对")
            check.holds(browser.text, "登记的内容与芯片一致")
            check.true("确认改写" not in browser.text, "offered")
        with checks.check("where the record is newer, chip and record stand side by side; a name that differs is told in full, the rest masked") as check:
            record(browser, check, person, name="李改名")
            browser.press("读卡核对")
            check.holds(browser.text, "与登记不同的项数：1")
            check.holds(browser.named("//main//tr[th='姓名']").text, "李改名", person["name"])
            check.true(person["citizenNumber"] not in browser.driver.page_source, "a whole number on the page")
            page_is_good(browser, check, "data-change-differs")
        with checks.check("without the holder's document nothing is written") as check:
            browser.press("确认改写")
            check.holds(browser.text, "缺少核验：身份证件")
        with checks.check("what was compared stands on the page still, and is written from there or looked at once more") as check:
            check.holds(browser.text, "与登记不同的项数：1", "确认改写", "读卡核对")
            page_is_good(browser, check, "data-change-kept")
        with checks.check("what another window has put on record since, or done to the card, is looked at before it is written") as check:
            browser.press("读卡核对")
            browser.tick("身份证件已核对")
            record(browser, check, person, name="李再改")
            browser.press("确认改写")
            check.holds(browser.text, "data-change.record-changed")
            record(browser, check, person, name="李改名")
            browser.press("读卡核对")
            browser.tick("身份证件已核对")
            for act in ("temporary-loss", "release"):
                done(browser, check, number, act)
            browser.press("确认改写")
            check.holds(browser.text, "registry.card-changed")
        with checks.check("one confirmation writes it, a second click nothing more, and the slip can be printed") as check:
            browser.go(f"/cards/{number}")
            browser.press("与芯片核对")
            browser.go(f"/cards/{number}")
            check.holds(browser.text, "本次登录已与芯片核对", "与登记不同的项数")
            browser.go(f"/cards/{number}/change-data")
            browser.press("读卡核对")
            browser.tick("身份证件已核对")
            button = browser.named("//button[normalize-space()='确认改写']")
            browser.leave(lambda: browser.driver.execute_script("arguments[0].click(); arguments[0].click()", button))
            check.holds(browser.text, "资料变更，已办结", "卡已读取且为真卡")
            check.true(browser.driver.find_elements("xpath", "//main//form[contains(@action, '/slip')]") != [], "no slip")
            browser.go(f"/cards/{number}")
            check.true("本次登录已与芯片核对" not in browser.text, "what the chip had before is told as what it has")
            check.holds(browser.text, "与芯片核对后显示卡内照片")
            browser.press("与芯片核对")
            check.holds(browser.text, "登记的内容与芯片一致")
        photo(browser, checks, number)


def broken_off(bench, browser, checks, card, person, number):
    """The card is pulled in the midst of it."""
    with checks.check("a card that is pulled while it is written is told as begun, goes on where it was, and is booked once") as check:
        record(browser, check, person, name="李再改")
        with card.inserted(after=lambda _, command, answer: None if command[1] == UPDATE_RECORD else answer):
            browser.go(f"/cards/{number}/change-data")
            browser.press("读卡核对")
            browser.tick("身份证件已核对")
            browser.press("确认改写")
            check.holds(browser.text, "未办理")
        with bench.blank().inserted():
            browser.press("读卡核对")
            check.holds(browser.text, "chip.not-issued")
        with card.inserted():
            browser.press("读卡核对")
            check.holds(browser.text, "上次没有写完")
            page_is_good(browser, check, "data-change-begun")
            browser.tick("身份证件已核对")
            browser.press("确认改写")
            check.holds(browser.text, "资料变更，已办结")
            browser.go(f"/cards/{number}")
            browser.press("与芯片核对")
            check.holds(browser.text, "登记的内容与芯片一致")


def program(browser, checks, card, person, number):
    """The same for a program."""
    call = browser.service.program(1001, "teller")
    path, proofs = f"/api/cards/{number}/data-change", {"proofs": ["identity-document"]}
    with card.inserted():
        with checks.check("a program changes the data once for a key, and is told when there is nothing to write") as check:
            record(browser, check, person, name="李三改")
            status, answer = call("POST", path, {}, "data-change-without-proof")
            check.equal((status, answer["faults"][0]["code"]), (409, "lifecycle.proof-missing"))
            status, event = call("POST", path, proofs, "data-change-by-program")
            check.equal((status, event["act"]), (201, "data-changed"))
            check.equal(call("POST", path, proofs, "data-change-by-program"), (201, event))
            status, answer = call("POST", path, proofs, "data-change-once-more")
            check.equal((status, answer["faults"][0]["code"]), (409, "data-change.nothing"))
            described = browser.service.request("GET", "/api/openapi.json")[2]
            check.holds(described, "/api/cards/{card}/data-change")


def refused(browser, checks, number):
    """Who may not."""
    with checks.check("who keeps stock is offered no change of data, and is refused one") as check:
        browser.log_in(3001, "stock-keeper")
        browser.go(f"/cards/{number}")
        check.true(not offered(browser), "offered")
        browser.go(f"/cards/{number}/change-data")
        check.holds(browser.text, "counter.no-role")
