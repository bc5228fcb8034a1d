"""Instant issue at the counter's window: one page, one confirmation a step, gone on with after a kill."""

import random
import struct
import threading
import zlib

from urllib3 import encode_multipart_formdata

from .bench import PATIENCE, ROOT
from .browser import Browser, Service, password
from .counter import page_is_good, sign
from .issue import child
from .pin import CHANGE, Signers, accepted

CHOSEN = "48195207"
# An 8 x 8 picture of one grey behind a comment: baseline, with the tables and the scan that a decoder asks for (ISO/IEC 10918-1 B.2).
JPEG = ("\xff\xd8\xff\xfe\x00\xa2" + "invented" * 20 + "\xff\xdb\x00\x43\x00" + "\x01" * 64 +
        "\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00" + "\xff\xc4\x00\x14\x00\x01" + "\x00" * 16 +
        "\xff\xc4\x00\x14\x10\x01" + "\x00" * 16 + "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f\xff\xd9")
OPERATORS = [(1001, "张一", ("teller", "personalizer")), (1003, "孙七", ("teller",)), (2001, "李二", ("supervisor",))]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: window-issue-test\nstock-book: false\n")
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\n"
                         f"keys: {ROOT / 'Keys/development'}\n")
    person = child(bench)
    site.run("registry", "import", bench.people_file(person, bench.people[1]))
    card = bench.blank()
    with service.running():
        issue = begun(bench, service, checks, person, card)
        service.process.kill()
        service.process.wait()
    with checks.check("killed before the card is made, the issue is open as it was, for the tool as well") as check:
        shown = site.run("issue", "show", issue, "--json")
        check.exits(shown, 0)
        check.equal((shown.json["done"], shown.json["next"]), ("check-duplicates", "photo"))
    seen = threading.Event()

    def kill(number, command):
        """In the midst of making the card, once a page has told of it, the service dies."""
        if number == 100:
            seen.wait(PATIENCE)
            service.process.kill()
            service.process.wait()
            return None
        return command

    with service.running(), card.inserted(before=kill):
        made(service, checks, issue, seen)
        service.process.wait(PATIENCE)
    with checks.check("killed while the card was made, nothing is recorded and the issue is open at that step") as check:
        check.equal(site.run("issue", "show", issue, "--json").json["next"], "personalize")
        acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
        check.true("personalized" not in acts, "recorded")
    with service.running(), card.inserted():
        finished(service, checks, issue, person)
        others(bench, service, checks, person)
    successor = bench.blank()
    with service.running(), successor.inserted():
        replaced(service, checks, person)
    with service.running():
        renewed(service, checks, person, successor, bench.blank())
        owed(service, checks, person)
    by_two(bench, checks)
    with checks.check("the log is whole, nothing personal and no PIN lies in the open") as check:
        check.exits(site.run("registry", "verify"), 0)
        acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
        check.equal([act for act in acts if act in ("personalized", "pin-served", "handed-over", "enabled")],
                    3 * ["personalized", "pin-served", "handed-over", "enabled"])
        check.equal([act for act in acts if act in ("formal-loss", "replaced", "chip-ended")],
                    ["formal-loss", "replaced", "replaced", "chip-ended", "formal-loss"])
        for path in [service.folder / "service.log", *filter(lambda p: p.is_file(), (site.data / "issue").rglob("*"))]:
            content = path.read_text(encoding="utf-8")
            for planted in (person["citizenNumber"], person["name"], CHOSEN):
                check.true(planted not in content, f"{planted} in {path.name}")


def by_two(bench, checks):
    """A policy that wants two persons for making, enabling and giving up a card; and a PIN that nobody knows, at the window."""
    site = bench.site("version: two-persons-test\nstock-book: false\ntwo-person: [personalize, enable, spoil, reset-pin]\n")
    signers, service = Signers(bench, site), Service(bench, site)
    for number, name, roles in [*OPERATORS, (2002, "周八", ("supervisor",))]:
        service.add(number, name, *roles)
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\nkeys: {signers.keys}\n")
    person = child(bench)
    site.run("registry", "import", bench.people_file(person))
    card, spare = bench.blank(), bench.blank()

    def begin(browser):
        go_to_person(browser, person)
        browser.press("即时制卡")
        to_making(browser)

    with service.running():
        browser = Browser(service)
        try:
            browser.log_in(1001, "teller")
            with spare.inserted():
                with checks.check("making a card by two: the second person signs on the step's own screen") as check:
                    begin(browser)
                    check.holds(browser.text, "复核人")
                    page_is_good(browser, check, "issue-by-two")
                    browser.type("复核人编号", "2001")
                    browser.type("复核人密码", "not the password")
                    browser.press("确认制卡")
                    check.holds(browser.text, "的编号或密码不对")
                    sign(browser, 2001, "supervisor")
                    browser.press("确认制卡")
                    until_pin(browser)
                with checks.check("a card that is given up is blocked in the reader that is named, and in no other") as check:
                    call = service.program(1001, "teller")
                    status, problem = call("POST", f"/api/issues/{browser.path.rpartition('/')[2]}/abandon", {
                        "abandon": True, "chipEnd": "blocked", "reader": "No Such Reader",
                        "second": {"number": 2001, "password": password("supervisor")}}, "given-up-in-no-reader")
                    check.equal((status, problem["faults"][0]["code"].partition(".")[0]), (503, "reader"), problem)
                    browser.named("//summary").click()
                    check.holds(browser.text, "读卡器")
                    check.true(browser.driver.find_elements("css selector", "#abandon-reader"), "no reader to choose")
                    browser.named("//summary").click()
                with checks.check("giving a made card up by two: refused alone, done with the second person") as check:
                    browser.named("//summary").click()
                    page_is_good(browser, check, "issue-give-up-by-two")
                    browser.tick("确定放弃", "在读卡器中，放弃时锁卡")
                    browser.press("放弃这一笔")
                    check.holds(browser.text, "lifecycle.second-person-missing")
                    browser.named("//summary").click()
                    browser.tick("确定放弃", "在读卡器中，放弃时锁卡")
                    browser.driver.find_element("id", "abandon-second-number").send_keys("2001")
                    browser.driver.find_element("id", "abandon-second-password").send_keys(password("supervisor"))
                    browser.press("放弃这一笔")
                    check.holds(browser.text, "放弃，按废卡登记", "芯片已锁")
            with card.inserted(after=lambda _, command, answer: None if command[1] == CHANGE else answer):
                begin(browser)
                sign(browser, 2001, "supervisor")
                browser.press("确认制卡")
                until_pin(browser)
                issue = browser.path.rpartition("/")[2]
                with checks.check("a change of the PIN whose answer is lost is told, and its reset asks for ticket and second person") as check:
                    choose_pin(browser, CHOSEN)
                    check.holds(browser.text, "pin.uncertain")
                    browser.go(f"/issues/{issue}")
                    check.holds(browser.text, "工单号", "复核人", "不知道卡上是新密码还是旧密码")
                    page_is_good(browser, check, "issue-pin-unknown")
            with card.inserted():
                reset_unknown(browser, checks, signers, issue)
                with checks.check("enabling by two, on the step's own screen; the events name both") as check:
                    browser.go(f"/issues/{issue}")
                    browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
                    browser.press("确认领卡")
                    check.holds(browser.text, "复核人")
                    sign(browser, 2001, "supervisor")
                    browser.press("确认启用")
                    browser.press("确认回执")
                    check.holds(browser.text, "这一笔已结束：完成")
        finally:
            browser.close()
    with checks.check("the log names both persons where the policy wants two, and holds two makings, one of them spoiled") as check:
        check.exits(site.run("registry", "verify"), 0)
        acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
        check.equal([act for act in acts if act in ("personalized", "spoiled", "enabled")],
                    ["personalized", "spoiled", "personalized", "enabled"])
    with checks.check("a damaged file of an issue is told at the window, stops nobody, and is put aside there") as check:
        path = site.data / "issue/0011223344556677.issue"
        path.write_text("form: sscard issue 1\nissue: 00112233", encoding="utf-8")
        found = service.run("check", "--json")
        check.holds(found.stdout, "issue.damaged")
        check.equal(found.returncode, 1)
        with service.running():
            browser = Browser(service)
            try:
                browser.log_in(1001, "teller")
                browser.go("/issues")
                check.holds(browser.text, "已损坏", "0011223344556677")
                page_is_good(browser, check, "issues-damaged")
                browser.press("移开 0011223344556677")
                check.holds(browser.text, "issue.put-aside-unsure")
                browser.tick("已查清该卡")
                browser.press("移开 0011223344556677")
                check.true("0011223344556677" not in browser.text, "still there")
                check.true((site.data / "issue/damaged" / path.name).exists(), "not kept")
            finally:
                browser.close()
        check.true("issue.damaged" not in service.run("check", "--json").stdout, "still told")


def reset_unknown(browser, checks, signers, issue):
    """What two officers signed for the card, the ticket and nothing else sets the PIN."""
    service = browser.service
    right, wrong = signers.signed("reset", "2026-0412"), signers.signed("reset", "2026-0413")
    cookie, token = service.logged_in(1001, "teller")
    form = {"form-token": token, "step": "set-pin", "new-pin": CHOSEN, "new-pin-again": CHOSEN, "ticket": "2026-0412",
            "proof-identity-document": "on", "second-number": 2001, "second-password": password("supervisor")}
    with checks.check("an approval for another ticket, and one that is none, reset no PIN") as check:
        for number, (approval, code) in enumerate(((wrong.read_text(encoding="utf-8"), "approval.other-request"),
                                                   ("signed, believe me", "pin-approval.file"))):
            _, _, page = service.form(f"/issues/{issue}", {**form, "key": f"reset-wrongly-{number:04}", "approval": approval}, cookie)
            check.holds(page, code)
    with checks.check("nor does the right one, when somebody else confirms than those who signed") as check:
        _, _, page = service.form(f"/issues/{issue}", {
            **form, "key": "reset-by-another-01", "approval": right.read_text(encoding="utf-8"),
            "second-number": 2002, "second-password": password("supervisor")}, cookie)
        check.holds(page, "pin-approval.second")
    with checks.check("the right one does, and the issue goes on") as check:
        status, _, page = service.form(
            f"/issues/{issue}", {**form, "key": "reset-rightly-0001", "approval": right.read_text(encoding="utf-8")}, cookie)
        check.equal(status, 303, page[:200])
        check.equal(accepted(CHOSEN), "9000")


def png(width, height):
    """A picture with something in every part of it (PNG, RFC 2083)."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    noise = random.Random(7)
    rows = b"".join(b"\x00" + bytes(min(255, (x + y) // 5 + noise.randrange(40)) for x in range(width) for _ in range(3)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def go_to_person(browser, person):
    """Finds a person to issue a card for."""
    browser.go("/")
    browser.type("社会保障号码或卡号", person["citizenNumber"])
    browser.choose("查询事由", "制卡")
    browser.press("查询")


def to_making(browser):
    """The steps from the blank to the holder's consent."""
    for step in ("检查空白卡", "查人", "照片"):
        browser.press("确认" + step)
    browser.tick("身份证件已核对", "持卡人已核对以上内容并同意")
    browser.press("持卡人确认")


def to_end(browser):
    """The steps from the hand-over to the slips."""
    browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
    browser.press("确认领卡")
    browser.press("确认启用")
    browser.press("确认回执")


def until_pin(browser):
    """Waits until the card is made and read back, and the holder's PIN has its turn."""
    browser.wait(lambda b: "设密码" in b.named("//main//form/h2").text if "正在制卡" not in b.text else False)


def choose_pin(browser, digits):
    """The holder types a PIN twice."""
    browser.type("新密码", digits)
    browser.type("再输入一次新密码", digits)
    browser.press("确认设密码")


def begun(bench, service, checks, person, card):
    """The first steps."""
    browser = Browser(service)
    try:
        with checks.check("who may not make cards is offered none") as check:
            browser.log_in(1003, "teller")
            go_to_person(browser, person)
            check.true("即时制卡" not in browser.driver.find_element("tag name", "main").text, "offered")
        browser.log_in(1001, "teller")
        with checks.check("6: an issue begins with reader and blank, before anybody is asked for anything") as check:
            go_to_person(browser, person)
            page_is_good(browser, check, "issue-offered")
            browser.press("即时制卡")
            check.true(browser.path.startswith("/issues/"), browser.path)
            issue = browser.path.rpartition("/")[2]
            page_is_good(browser, check, "issue-blank")
            browser.press("确认检查空白卡")
            check.holds(browser.text, "reader.no-card")
            with bench.blank("fmcos-ssse-sm4").inserted():
                browser.press("确认检查空白卡")
                check.holds(browser.text, "issue.not-blank")
        with card.inserted():
            with checks.check("the person comes from the register, and is found without typing again") as check:
                browser.press("确认检查空白卡")
                check.holds(browser.text, "查人")
                browser.press("确认查人")
                check.holds(browser.text, "照片", person["name"][0] + "*")
                page_is_good(browser, check, "issue-photo")
                browser.go("/")
                check.equal(browser.named("//*[@id='tile-issues']").text.split(), ["1", "即时制卡"])
        return issue
    finally:
        browser.close()


def made(service, checks, issue, seen):
    """Making the card, which a kill interrupts."""
    browser = Browser(service)
    try:
        browser.log_in(1001, "teller")
        with checks.check("2: after a restart the issue goes on where it was; the holder sees the data whole and confirms") as check:
            browser.go("/issues")
            page_is_good(browser, check, "issues")
            browser.follow(issue)
            browser.press("确认照片")
            check.holds(browser.text, "请持卡人看一遍", "小明")
            page_is_good(browser, check, "issue-confirm")
            browser.press("持卡人确认")
            check.holds(browser.text, "issue.not-confirmed")
            browser.tick("身份证件已核对", "持卡人已核对以上内容并同意")
            browser.press("持卡人确认")
        with checks.check("no spinner without a number: the page tells the command of how many") as check:
            browser.press("确认制卡")
            browser.wait(lambda b: "已写步骤" in b.text or "未办理" in b.text)
            check.holds(browser.text, "正在制卡")
            browser.shot("issue-making")
    finally:
        seen.set()
        browser.close()


def finished(service, checks, issue, person):
    """To the slip."""
    browser = Browser(service)
    try:
        browser.log_in(1001, "teller")
        with checks.check("2, 5: the torn card is finished on the same issue, read back, and written once") as check:
            cookie, token = service.logged_in(1001, "teller")
            form = {"form-token": token, "key": "one-click-too-many", "step": "personalize"}
            answers = [service.form(f"/issues/{issue}", form, cookie) for _ in range(2)]
            check.equal([(status, headers.get("Location")) for status, headers, _ in answers], 2 * [(303, f"/issues/{issue}")],
                        "a form that arrives twice has one answer")
            browser.go(f"/issues/{issue}")
            until_pin(browser)
            page_is_good(browser, check, "issue-pin")
        with checks.check("13: the holder's own PIN takes the place of the drawn one") as check:
            choose_pin(browser, "123456")
            check.holds(browser.text, "pin.trivial")
            choose_pin(browser, CHOSEN)
            check.holds(browser.text, "交卡")
            check.equal(accepted(CHOSEN), "9000")
        with checks.check("a card never leaves with an open issue: its page leads to the issue, and its form hands nothing over") as check:
            browser.leave(browser.named("//main//a[starts-with(@href, '/cards/')]").click)
            card = browser.path
            check.equal(browser.driver.find_elements("xpath", f"//main//a[@href='{card}/hand-over']"), [])
            page_is_good(browser, check, "card-of-open-issue")
            browser.go(card + "/hand-over")
            check.holds(browser.text, "issue.card-open")
            page_is_good(browser, check, "hand-over-of-open-issue")
            wish = {"form-token": token, "key": "around-the-issue", "proof-identity-document": "on", "proof-signature": "on"}
            status, _, text = service.form(card + "/hand-over", wish, cookie)
            check.equal(status, 409)
            check.holds(text, "issue.card-open")
            browser.follow("接着办即时制卡 " + issue)
        with checks.check("handed over, enabled, and done with the slips to print; the paper to sign is printed before") as check:
            check.true(browser.driver.find_elements("xpath", f"//main//form[@action='{card}/collection-paper']//button"), "no paper to sign")
            status, _, page = service.form(card + "/collection-paper", {"form-token": token}, cookie)
            check.equal(status, 200)
            check.holds(page, "领卡签收单")
            browser.press("确认领卡")
            check.holds(browser.text, "缺少核验")
            browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
            browser.press("确认领卡")
            browser.press("确认启用")
            page_is_good(browser, check, "issue-slip")
            check.holds(browser.text, "打印 领卡单 1/")
            sequence = browser.named("//main//form[contains(@action, '/slip')]").get_attribute("action").split("/")[-2]
            status, _, page = service.form(f"/events/{sequence}/slip", {"form-token": token}, cookie)
            check.equal(status, 200)
            check.holds(page, f"<title>领卡单 1/{sequence}</title>")
            browser.press("确认回执")
            check.holds(browser.text, "这一笔已结束：完成", "正常")
            page_is_good(browser, check, "issue-finished")
            browser.go("/issues")
            check.holds(browser.text, "没有未办结的制卡")
    finally:
        browser.close()


def replaced(service, checks, person):
    """A lost card gives way to a new one."""
    browser = Browser(service)
    try:
        browser.log_in(1001, "teller")
        go_to_person(browser, person)
        old = browser.named("//main//a[starts-with(@href, '/cards/')]").get_attribute("href").rpartition("/")[2]

        with checks.check("a card that nobody reported lost is not offered to be replaced as a lost one") as check:
            browser.go(f"/cards/{old}")
            browser.follow("补换卡")
            check.holds(browser.text, "损坏")
            check.true("遗失补领" not in browser.text, "offered")
            page_is_good(browser, check, "replace")
        with checks.check("after the report the new card is made by the same steps, and the old one ends with its making") as check:
            browser.go(f"/cards/{old}/formal-loss")
            browser.tick("持卡人本人", "身份证件已核对")
            browser.press("确认正式挂失")
            cookie, token = service.logged_in(1001, "teller")
            form = {"form-token": token, "key": "the-same-form-twice", "layout": "national-2.0", "replacement": "lost",
                    "proof-identity-document": "on", "proof-fee-settled": "on",
                    "second-number": 2001, "second-password": password("supervisor")}
            answers = [service.form(f"/cards/{old}/replace", form, cookie) for _ in range(2)]
            check.equal([status for status, _, _ in answers], [303, 303])
            check.equal(len({headers["Location"] for _, headers, _ in answers}), 1)
            browser.go(f"/cards/{old}")
            browser.follow("补换卡")
            browser.leave(browser.named("//main//section[@id='faults']//a[starts-with(@href, '/issues/')]").click)
            check.equal(browser.path, answers[0][1]["Location"].partition("?")[0])
            check.holds(browser.text, "替换旧卡")
            to_making(browser)
            browser.press("确认制卡")
            until_pin(browser)
            choose_pin(browser, CHOSEN)
            to_end(browser)
            check.holds(browser.text, "这一笔已结束：完成")
            browser.go(f"/cards/{old}")
            check.holds(browser.text, "补领")
            check.equal(browser.driver.find_elements("xpath", "//main//a[contains(@href, '/replace')]"), [])
            page_is_good(browser, check, "card-replaced")
    finally:
        browser.close()


def renewed(service, checks, person, old, new):
    """A damaged card gives way to a new one: its chip is blocked before the new one leaves over the desk."""
    browser = Browser(service)
    try:
        browser.log_in(1001, "teller")
        go_to_person(browser, person)
        links = browser.driver.find_elements("xpath", "//main//tr[contains(@class, 'inforce')]//a[starts-with(@href, '/cards/')]")
        number = links[0].get_attribute("href").rpartition("/")[2]
        browser.go(f"/cards/{number}")
        browser.follow("补换卡")
        browser.tick("损坏", "身份证件已核对", "旧卡已收回并剪角")
        browser.press("确认补换卡")
        with new.inserted():
            to_making(browser)
            browser.press("确认制卡")
            until_pin(browser)
            choose_pin(browser, CHOSEN)
            with checks.check("a renewed card is not handed over before the old chip is blocked; the new card in the reader is not taken for it") as check:
                check.holds(browser.text, "锁旧卡")
                page_is_good(browser, check, "issue-block-old")
                browser.tick("在读卡器中，现在锁卡")
                browser.press("确认锁旧卡")
                check.holds(browser.text, "chip.another-card")
        with old.inserted():
            with checks.check("the old card is blocked on its chip, and is not handed over in the new one's place") as check:
                browser.tick("在读卡器中，现在锁卡")
                browser.press("确认锁旧卡")
                browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
                browser.press("确认领卡")
                check.holds(browser.text, "chip.not-issued")
                issue = browser.path
                browser.go("/")
                browser.press("读卡查询")
                check.holds(browser.text, "锁定")
        with new.inserted():
            with checks.check("the new card is read, handed over and enabled; the old one's page tells how it ended") as check:
                browser.go(issue)
                to_end(browser)
                check.holds(browser.text, "这一笔已结束：完成")
                browser.go(f"/cards/{number}")
                check.holds(browser.text, "旧卡锁卡", "换领")
    finally:
        browser.close()


def site_photo(service, issue):
    """Whether a photo of the issue is kept."""
    return (service.site.data / "issue" / f"{issue}.photo").exists()


def owed(service, checks, person):
    """A fee is settled, and then there is no card (complaint 7)."""
    browser = Browser(service)
    try:
        browser.log_in(1001, "teller")
        go_to_person(browser, person)
        links = browser.driver.find_elements("xpath", "//main//tr[contains(@class, 'inforce')]//a[starts-with(@href, '/cards/')]")
        number = links[0].get_attribute("href").rpartition("/")[2]
        browser.go(f"/cards/{number}/formal-loss")
        browser.tick("持卡人本人", "身份证件已核对")
        browser.press("确认正式挂失")
        browser.go(f"/cards/{number}")
        browser.follow("补换卡")
        browser.tick("遗失补领", "身份证件已核对", "费用已结清或免收")
        sign(browser, 2001, "supervisor")
        browser.press("确认补换卡")
        issue = browser.path.rpartition("/")[2]
        with checks.check("7: a fee that was settled for a card that was never made leaves a paper, and waits in the list") as check:
            browser.named("//summary").click()
            browser.tick("确定放弃")
            browser.press("放弃这一笔")
            check.holds(browser.text, "放弃，空白卡未写", "费用已结清或免收，但没有制成卡")
            browser.follow("费用凭单")
            check.holds(browser.text, "费用凭单", issue, "2001", "遗失补领")
            check.equal(browser.driver.find_elements("css selector", "main code"), [], "a code in place of words")
            page_is_good(browser, check, "fee-paper")
            sheets = browser.printed()
            check.equal(len(sheets), 1)
            check.holds(sheets[0].text.splitlines()[0], "费用凭单", issue)
            check.true("打印" not in sheets[0].text, "the button is printed")
            browser.go("/issues")
            check.holds(browser.text, "费用待处理", issue)
            page_is_good(browser, check, "issues-fee")
        with checks.check("7: and the next attempt is not held up by it") as check:
            browser.go(f"/cards/{number}/replace")
            check.holds(browser.text, "遗失补领")
        with checks.check("7: somebody says what became of it, and the list is empty; said twice, it is refused") as check:
            browser.go("/issues")
            browser.tick("转用于另一笔")
            browser.press(f"登记费用处理 {issue}")
            check.true("费用待处理" not in browser.text, "still waiting")
            browser.go(f"/issues/{issue}/fee")
            check.holds(browser.text, "转用于另一笔 · 1001")
            browser.go(f"/cards/{number}")
            check.holds(browser.text, "费用处理", "转用于另一笔；16.00", issue)
            cookie, token = service.logged_in(1001, "teller")
            _, _, page = service.form(f"/issues/{issue}/fee", {"form-token": token, "key": "the-fee-once-more", "fee": "refunded"}, cookie)
            check.holds(page, "issue.owes-nothing")
    finally:
        browser.close()


def others(bench, service, checks, person):
    """What is refused, and what is given up."""
    browser = Browser(service)
    try:
        browser.log_in(1001, "teller")
        with checks.check("18: who has a card is offered no second one") as check:
            go_to_person(browser, person)
            check.true(not browser.driver.find_elements("xpath", "//main//button[normalize-space()='即时制卡']"), "offered")
            page_is_good(browser, check, "issue-has-card")
        with checks.check("an issue that is in hand is named where a second is begun for its person, and given up it ends with a name") as check:
            with bench.blank().inserted(slot=1):
                go_to_person(browser, bench.people[1])
                browser.press("即时制卡")
                browser.choose("读卡器", "Virtual PCD 0 00 01")
                browser.press("确认检查空白卡")
                issue = browser.path
                go_to_person(browser, bench.people[1])
                check.holds(browser.text, "尚未办结的即时制卡", issue.split("?")[0].rpartition("/")[2])
                browser.press("即时制卡")
                check.holds(browser.text, "issue.chip-in-use")
                check.true(issue.split("?")[0].split("/")[-1] in browser.text, "the issue in hand is not named")
                browser.go(issue)
                browser.named("//summary").click()
                browser.press("放弃这一笔")
                check.holds(browser.text, "issue.abandon-unsure")
                browser.named("//summary").click()
                browser.tick("确定放弃")
                browser.press("放弃这一笔")
                check.holds(browser.text, "放弃，空白卡未写")
        with checks.check("17: a grown person without a photo gets no card") as check:
            with bench.blank().inserted(slot=1):
                go_to_person(browser, bench.people[1])
                browser.press("即时制卡")
                browser.choose("读卡器", "Virtual PCD 0 00 01")
                browser.press("确认检查空白卡")
                browser.press("确认查人")
                browser.press("确认照片")
                check.holds(browser.text, "issue.photo-missing")
                issue = browser.path.rpartition("/")[2]
        with checks.check("17: a file that is no picture is refused; a photo is kept sealed until the card is made or given up") as check:
            def choose(content, leaves=True):
                path = bench.write("photo.jpg", content, encoding="latin-1")
                browser.go(f"/issues/{issue}")
                browser.driver.find_element("id", "photo-file").send_keys(str(path))
                if leaves:
                    browser.press("确认照片")

            choose("this is no picture")
            check.holds(browser.text, "picture.form")
            choose("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01 and only text\xff\xd9")
            check.holds(browser.text, "picture.unreadable")
            # A picture that is too large is made smaller at the window, and shown as it will be.
            browser.go(f"/issues/{issue}")
            large = bench.path("large.png")
            large.write_bytes(png(480, 640))
            browser.driver.find_element("id", "photo-file").send_keys(str(large))
            browser.wait(lambda b: b.driver.find_elements("css selector", "figure#shrunk canvas"))
            size, start, name = browser.driver.execute_async_script(
                "const done = arguments[0], file = document.getElementById('photo-file').files[0];"
                "file.arrayBuffer().then((all) => done([file.size, Array.from(new Uint8Array(all).slice(0, 3)), file.name]));")
            check.true(1000 < size <= 4096 < large.stat().st_size, f"{size} of {large.stat().st_size}")
            check.equal((start, name), ([0xff, 0xd8, 0xff], "photo.jpg"))
            check.true(browser.driver.execute_script("return document.getElementById('photo-file').checkValidity()"), "it is not taken")
            check.holds(browser.text, "已缩小", f"{size} B")
            page_is_good(browser, check, "photo-shrunk")
            # One that is too large is told at the window, and by the service where no script told it.
            choose("x" * 9000, leaves=False)
            check.true(browser.path == f"/issues/{issue}" and not browser.driver.execute_script(
                "return document.getElementById('photo-file').checkValidity()"), "a file that is too large is taken")
            cookie, token = service.logged_in(1001, "teller")

            def upload(name, content):
                body, kind = encode_multipart_formdata({
                    "form-token": token, "key": f"an-upload-of-{name}", "step": "photo", "photo": (name, content, "image/jpeg")})
                status, _, page = service.send(f"/issues/{issue}", body, {
                    "Content-Type": kind, "Cookie": f"sscard-session={cookie}"})
                return status, page

            status, page = upload("too-large.jpg", JPEG.encode("latin-1") + bytes(9000))
            check.true(status == 422 and "<code>" in page, f"{status}")
            check.equal(upload("beyond-all.jpg", bytes(70_000))[0], 413)
            check.equal(site_photo(service, issue), False, "a refused picture is kept")
            check.equal(upload("without-script.jpg", JPEG.encode("latin-1"))[0], 303, "a form as a browser without script sends it")
            browser.go(f"/issues/{issue}")
            check.holds(browser.text, "请持卡人看一遍")
            width = "return document.querySelector('figure.photo img').naturalWidth"
            check.equal(browser.driver.execute_script(width), 8, "the browser shows no picture")
            kept = service.site.data / "issue" / f"{issue}.photo"
            check.true(kept.exists() and JPEG.encode("latin-1")[6:14] not in kept.read_bytes(), "not sealed")
            check.equal(kept.stat().st_mode & 0o777, 0o600)
            browser.named("//summary").click()
            browser.tick("确定放弃")
            browser.press("放弃这一笔")
            check.holds(browser.text, "放弃，空白卡未写")
            check.true(not kept.exists(), "the photo is left")
    finally:
        browser.close()
