"""What a clerk is told at the window before they decide: whose act it is, what differs, what is open already, what lies in the reader."""

import re

from .bench import ROOT
from .browser import Browser, Service, password
from .counter import page_is_good, sign
from .issue import child
from .windowissue import go_to_person

OPERATORS = [(1001, "张一", ("teller", "personalizer")), (2001, "李二", ("supervisor",)), (3001, "王三", ("stock-keeper",))]
RENAMED = "李新名"


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: clerk-test\nstock-book: false\n")
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\n"
                         f"keys: {ROOT / 'Keys/development'}\n")
    person = {**bench.people[0], "issueDate": "20261001"}
    card, number = site.made(person)
    without = child(bench)
    # Nothing stands against a card of theirs.
    another = bench.people[1]
    site.run("registry", "import", bench.people_file(without))
    site.run("registry", "import", bench.people_file(another))
    with service.running():
        browser = Browser(service)
        try:
            applicants(browser, checks, without)
            waiting(browser, checks, number, person)
            with card.inserted():
                renamed(browser, checks, number, person)
            losses(browser, checks, number)
            replacements(browser, checks, number, person, without)
            with card.inserted():
                day_end(browser, checks, number)
            begun_chips(bench, browser, checks, another)
        finally:
            browser.close()
    by_two(bench, checks, without)
    with checks.check("the log that all this leaves is whole") as check:
        check.exits(site.run("registry", "verify"), 0)


def head(service):
    """How many events the log has."""
    return service.program(2001, "supervisor")("GET", "/api/home")[1]["head"]


def masked(number):
    """A citizen number as pages show it."""
    return number[:6] + "*" * 10 + number[-2:]


def apply(browser, person, kind="新办"):
    """A person hands in an application."""
    go_to_person(browser, person)
    browser.follow("申领")
    browser.tick(kind, "批量制卡", "身份证件已核对")
    browser.press("确认申领")


def applicants(browser, checks, person):
    """Who approves an application sees whose it is."""
    browser.log_in(1001, "teller")
    apply(browser, person)
    with checks.check("who approves an application sees name and number, masked, and what is asked; that they looked is one event") as check:
        browser.log_in(2001, "supervisor")
        browser.follow("待我审批")
        path = browser.named("//main//a[starts-with(@href, '/approvals/applications/')]").get_attribute("href")
        before = head(browser.service)
        browser.go(re.sub(r"^https?://[^/]+", "", path))
        check.holds(browser.text, person["name"][0] + "*", masked(person["citizenNumber"]), "申请事项", "新办", "批量制卡", "1001 张一",
                    "身份证件已核对")
        check.true(person["citizenNumber"] not in browser.driver.page_source, "a whole number")
        page_is_good(browser, check, "applicant-seen")
        check.equal(head(browser.service) - before, 1)
        browser.driver.refresh()
        check.equal(head(browser.service) - before, 1, "looked up again")
        browser.press("确认审批通过")


def waiting(browser, checks, number, person):
    """Who confirms a waiting act sees whose card it is."""
    browser.log_in(1001, "teller")
    browser.go(f"/cards/{number}/hold")
    browser.tick("司法文书")
    browser.press("提交待复核")
    path = browser.path
    with checks.check("who confirms a waiting act sees whose card it is on, masked, and that is one event") as check:
        browser.log_in(2001, "supervisor")
        before = head(browser.service)
        browser.go(path)
        check.holds(browser.text, person["name"][0] + "*", masked(person["citizenNumber"]), "司法文书")
        check.true(person["citizenNumber"] not in browser.driver.page_source, "a whole number")
        check.equal(head(browser.service) - before, 1)
        browser.type("退回原因", "材料不全")
        browser.press("退回经办人")
    browser.log_in(1001, "teller")
    browser.go(path)
    browser.press("关闭这一笔")


def renamed(browser, checks, number, person):
    """The holder has another name."""
    with checks.check("a person's other name stands in full beside the masked one on record, before it is confirmed") as check:
        browser.log_in(1001, "teller")
        browser.go("/people/new")
        for label, text in [("社会保障号码", person["citizenNumber"]), ("姓名", RENAMED),
                            ("出生日期", person["birthDate"]), ("出生地行政区划代码", person["birthPlace"])]:
            browser.type(label, text)
        browser.choose("性别", {"1": "男", "2": "女"}[person["sex"]])
        browser.choose("民族", browser.driver.find_element(
            "css selector", f"#ethnicGroup option[value='{person['ethnicGroup']}']").get_attribute("textContent"))
        browser.press("登记")
        row = browser.named("//main//tr[td[1]='姓名']").text
        check.holds(row, RENAMED, person["name"][0] + "*")
        check.true(person["name"] not in browser.driver.page_source, "the name on record in full")
        page_is_good(browser, check, "renamed")
        browser.tick("身份证件已核对")
        browser.press("登记")
        check.true(browser.path.startswith("/people/"), browser.path)
    with checks.check("where the data on the card are changed, the holder sees the old and the new name in full, and no other item") as check:
        browser.go(f"/cards/{number}/change-data")
        browser.press("读卡核对")
        row = browser.named("//main//tr[th='姓名']").text
        check.holds(row, RENAMED, person["name"])
        check.true(person["citizenNumber"] not in browser.driver.page_source, "a whole number")
        page_is_good(browser, check, "renamed-on-card")
        browser.go(f"/cards/{number}")
        browser.press("与芯片核对")
        browser.press("重新读卡")
        check.true(RENAMED not in browser.driver.page_source, "a name in full where nothing is confirmed")


def losses(browser, checks, number):
    """A card that is reported lost twice."""
    with checks.check("a loss before the card's first day, or to come, is not taken") as check:
        browser.go(f"/cards/{number}/temporary-loss")
        for moment, code in (("2026-09-30T23:59", "counter.lost-before-issue"), ("2099-01-01T00:00", "counter.lost-since")):
            browser.tick("持卡人本人")
            browser.driver.execute_script(f"document.getElementById('lostSince').value = '{moment}'")
            browser.press("确认临时挂失")
            check.holds(browser.text, code)
            check.equal(browser.driver.find_element("id", "lostSince").get_attribute("value"), moment)
        browser.driver.execute_script("document.getElementById('lostSince').value = '2026-10-01T00:00'")
        browser.press("确认临时挂失")
        check.holds(browser.text, "临时挂失，已办结")
    first = browser.path
    with checks.check("a loss that was reported is told with time and event, which is linked, and is not taken again") as check:
        before = head(browser.service)
        browser.go(f"/cards/{number}/temporary-loss")
        check.holds(browser.text, "counter.loss-known", "2026-", "临时挂失")
        page_is_good(browser, check, "loss-known")
        browser.leave(browser.named(f"//main//section[@id='faults']//a[@href='{first}']").click)
        check.equal(browser.path, first)
        status, problem = browser.service.program(1001, "teller")(
            "POST", f"/api/cards/{number}/acts/temporary-loss", {"reporter": "holder"}, "a-second-report-of-it")
        check.equal((status, problem["faults"][0]["code"]), (409, "counter.loss-known"))
        check.equal(head(browser.service), before)
    with checks.check("for good it is reported all the same, once; a weaker report is not taken after it") as check:
        browser.go(f"/cards/{number}/formal-loss")
        browser.tick("持卡人本人", "身份证件已核对")
        browser.press("确认正式挂失")
        check.holds(browser.text, "正式挂失，已办结")
        for act in ("formal-loss", "temporary-loss"):
            browser.go(f"/cards/{number}/{act}")
            check.holds(browser.text, "counter.loss-known", "挂失")


def replacements(browser, checks, number, person, without):
    """A replacement of nothing, and one that is begun twice."""
    with checks.check("nobody without a card applies for another in its place") as check:
        before = head(browser.service)
        apply(browser, without, "遗失补领")
        check.holds(browser.text, "counter.nothing-to-replace")
        check.true(browser.field("遗失补领").is_selected(), "the choice is gone")
        page_is_good(browser, check, "nothing-to-replace")
        check.equal(head(browser.service) - before, 1, "more than the look-up")
    go_to_person(browser, person)
    browser.go(f"/cards/{number}/replace")
    browser.tick("遗失补领", "身份证件已核对", "费用已结清或免收")
    sign(browser, 2001, "supervisor")
    browser.press("确认补换卡")
    issue = browser.path
    with checks.check("a replacement that is begun is not begun again, nor applied for: its issue is named and linked") as check:
        check.true(issue.startswith("/issues/"), issue)
        browser.go(f"/cards/{number}/replace")
        check.holds(browser.text, "issue.replacement-open")
        page_is_good(browser, check, "replacement-open")
        browser.leave(browser.named(f"//main//section[@id='faults']//a[@href='{issue}']").click)
        check.equal(browser.path, issue)
        check.true("社会保障号码" not in [label.text for label in browser.driver.find_elements("tag name", "label")],
                   "the number of whom the session knows is asked for")
        cookie, token = browser.service.logged_in(1001, "teller")
        status, _, page = browser.service.form(f"/cards/{number}/replace", {
            "form-token": token, "key": "another-replacement", "layout": "national-2.0", "replacement": "lost",
            "proof-identity-document": "on", "proof-fee-settled": "on", "second-number": 2001,
            "second-password": password("supervisor")}, cookie)
        check.equal(status, 409)
        check.holds(page, "issue.replacement-open", issue)
        apply(browser, person, "遗失补领")
        check.holds(browser.text, "issue.replacement-open")
    with checks.check("the list of open issues names holder, masked, and old card") as check:
        browser.go("/issues")
        row = browser.named(f"//main//tr[td/a[@href='{issue}']]").text
        check.holds(row, RENAMED[0] + "*", masked(person["citizenNumber"]))
        check.true(browser.driver.find_elements("xpath", f"//main//tr//a[@href='/cards/{number}']"), "the old card")
        page_is_good(browser, check, "issues-named")
        browser.log_in(1001, "teller")
        browser.go("/issues")
        check.true(RENAMED[0] + "*" not in browser.text, "the holder, whom this session has not looked up")
        browser.go(issue)
        browser.go("/issues")
        check.holds(browser.text, RENAMED[0] + "*")
    with checks.check("a fee that bought no card is counted on the home page, which leads to it") as check:
        browser.go("/")
        check.equal(browser.named("//*[@id='tile-feesOwed']").text.split(), ["0", "费用待处理"])
        ticked = outstanding(browser)
        check.equal(ticked[:2], ["1", "0"])
        browser.go(issue)
        browser.named("//summary").click()
        browser.tick("确定放弃")
        browser.press("放弃这一笔")
        browser.go("/")
        check.equal(browser.named("//*[@id='tile-feesOwed']").text.split(), ["1", "费用待处理"])
        browser.follow("费用待处理")
        check.holds(browser.text, "费用已结清或免收，但没有制成卡")
        check.equal(outstanding(browser)[:2], ["0", "1"])
    with checks.check("and so it is at the day's end and in the report, beside the acts that nobody above has acknowledged") as check:
        report = browser.service.program(2001, "supervisor")("GET", "/api/reports")[1]
        with browser.service.site.registry() as registry:
            (events,) = registry.execute("SELECT count(*) FROM log").fetchone()
        check.equal((report["feesTicked"], report["feesOwed"], report["unsent"]), (0, 1, events))
        unsent = int(outstanding(browser)[2])
        check.true(0 < unsent <= events, f"{unsent} of {events}")
        few = browser.service.program(2001, "supervisor")("GET", "/api/reports?rows=1")[1]
        check.equal({name: len(few[name]) for name in few["totals"]}, {name: min(1, count) for name, count in few["totals"].items()})
        refused = browser.service.program(2001, "supervisor")("GET", "/api/reports?rows=0")
        check.equal((refused[0], refused[1]["faults"][0]["code"]), (422, "counter.report-rows"))


def outstanding(browser):
    """What the page of the day's end tells of what is open: fees ticked, fees without a card, acts not acknowledged."""
    browser.go("/stock/close-day")
    found = [browser.driver.find_element("id", name).text for name in ("fees-ticked", "fees-owed", "unsent-of-day")]
    browser.go("/")
    return found


def day_end(browser, checks, number):
    """A card that lies in a reader."""
    with checks.check("a card on record that lies in a reader at day end is named as what it is, and counts as no blank") as check:
        browser.log_in(3001, "stock-keeper")
        browser.go("/stock/close-day")
        browser.press("读取读卡器中的芯片")
        check.holds(browser.text, "已制成的卡", "不是空白卡")
        link = browser.named("//main//section[@aria-labelledby='cards-read-title']//a")
        check.true(link.get_attribute("href").endswith(f"/cards/{number}"), link.get_attribute("href"))
        check.equal(browser.driver.find_element("id", "serials-blank").get_attribute("value"), "")
        page_is_good(browser, check, "card-at-day-end")


def begun_chips(bench, browser, checks, person):
    """A blank that another issue has checked."""
    browser.log_in(1001, "teller")
    blank = bench.blank()

    with checks.check("a second issue for whoever has one in hand leads to that one; a blank is counted as one") as check:
        with blank.inserted():
            go_to_person(browser, person)
            browser.press("即时制卡")
            browser.press("确认检查空白卡")
            first = browser.path
            go_to_person(browser, person)
            browser.press("即时制卡")
            check.holds(browser.text, "issue.chip-in-use")
            page_is_good(browser, check, "chip-in-use")
            browser.leave(browser.named(f"//main//section[@id='faults']//a[@href='{first}']").click)
            check.equal(browser.path, first)
            browser.log_in(3001, "stock-keeper")
            browser.go("/stock/close-day")
            browser.press("读取读卡器中的芯片")
            counted = browser.driver.find_element("id", "serials-blank").get_attribute("value").split()
            check.true(len(counted) == 1 and counted[0].endswith(blank.number), f"{counted}")


def by_two(bench, checks, person):
    """A policy by which two look at a person."""
    site = bench.site("version: clerks-by-two\nstock-book: false\ntwo-person: [look-up-person]\n")
    service = Service(bench, site)
    for number, name, roles in [*OPERATORS, (2002, "赵六", ("supervisor",))]:
        service.add(number, name, *roles)
    site.run("registry", "import", bench.people_file(person))
    with service.running():
        teller = service.program(1001, "teller")
        second = {"second-number": 2001, "second-password": password("supervisor")}
        _, found = teller("POST", "/api/people/look-up", {"number": person["citizenNumber"], "purpose": "issuing", **second})
        teller("POST", f"/api/people/{found['person']}/applications",
               {"kind": "first", "way": "factory", "proofs": ["identity-document"]}, "an-application-by-two")
        browser = Browser(service)
        try:
            with checks.check("where two look at a person, the applicant is shown once the second has signed on the application's page") as check:
                browser.log_in(2001, "supervisor")
                browser.go("/approvals")
                browser.leave(browser.named("//main//a[starts-with(@href, '/approvals/applications/')]").click)
                check.true(person["name"][0] + "*" not in browser.text, "shown to one alone")
                page_is_good(browser, check, "applicant-by-two")
                sign(browser, 2002, "supervisor")
                browser.press("显示持卡人")
                check.holds(browser.text, person["name"][0] + "*", masked(person["citizenNumber"]))
        finally:
            browser.close()
