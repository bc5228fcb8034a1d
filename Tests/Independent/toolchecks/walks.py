"""Walks through the counter's windows that are not everybody's every day: each by label, to its end, with what is refused on the way."""

import re

from .browser import Browser, Service
from .counter import OPERATORS, open_card, page_is_good, sign
from .rules import citizen_number

NEWCOMER = citizen_number("990165", "20080211", 777)


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: walks-test\nstock-book: false\n")
    service = Service(bench, site)
    for number, name, role in OPERATORS:
        service.add(number, name, role)
    site.run("registry", "import", bench.people_file(*bench.people[:4]))
    numbers, cards = [], [bench.blank() for _ in range(3)]
    for row, card in enumerate(cards):
        with card.inserted():
            people = {**bench.people[row], "issueDate": "20261001"}
            if row == 2:
                people.update(issueDate="20100101", expiryDate="20200101")
            numbers.append(site.make(bench.people_file(people)).json[0]["cardNumber"])
    with service.running():
        browser = Browser(service)
        try:
            registration(browser, checks)
            applications(bench, browser, checks)
            with cards[0].inserted():
                kept(browser, checks, numbers[0])
            by_person(bench, browser, checks)
            sent(browser, checks, numbers[1])
            with cards[2].inserted():
                old(browser, checks, numbers[2])
            stock(browser, checks)
            reports(browser, checks)
        finally:
            browser.close()
    with checks.check("the log that the walks leave is whole") as check:
        check.exits(site.run("registry", "verify"), 0)


def registration(browser, checks):
    """Somebody who is not in the register is taken in."""
    with checks.check("a person is registered by label, wrong fields are told above what was typed, and found afterwards, masked") as check:
        browser.log_in(1001, "teller")
        browser.go("/people/new")
        page_is_good(browser, check, "register")
        for label, text in [("社会保障号码", NEWCOMER), ("姓名", "张三"), ("出生日期", "20080230"),
                            ("出生地行政区划代码", "990165")]:
            browser.type(label, text)
        browser.choose("民族", "汉族")
        browser.press("登记")
        check.holds(browser.driver.page_source, "date.calendar")
        check.equal(browser.field("姓名").get_attribute("value"), "张三")
        page_is_good(browser, check, "register-refused")
        browser.type("出生日期", "20080211")
        browser.press("登记")
        check.true(browser.path.startswith("/people/"), browser.path)
        check.holds(browser.text, "张*", "名下没有卡")
        check.true(NEWCOMER not in browser.driver.page_source, "a whole number")


def hand_in(bench, browser, row):
    """An application of a person, by a teller; gives its page."""
    browser.log_in(1001, "teller")
    browser.go("/")
    browser.type("社会保障号码或卡号", bench.people[row]["citizenNumber"])
    browser.choose("查询事由", "制卡")
    browser.press("查询")
    browser.follow("申领")
    browser.tick("新办", "批量制卡", "身份证件已核对")
    browser.type("单位批次（没有则留空）", "B-2026-7")
    browser.press("确认申领")
    browser.go("/applications")
    browser.leave(browser.driver.find_elements("css selector", "main table a")[-1].click)
    return browser.path


def applications(bench, browser, checks):
    """Turned down, and taken back."""
    with checks.check("an application is rejected with a reason, which its event tells, and nothing more is offered for it") as check:
        path = hand_in(bench, browser, 3)
        browser.log_in(2001, "supervisor")
        browser.go(path)
        browser.follow("审批不通过")
        page_is_good(browser, check, "reject")
        browser.tick("照片不合格")
        browser.press("确认审批不通过")
        check.holds(browser.text, "照片不合格", "已办结")
        browser.go(path)
        check.equal(browser.driver.find_elements("css selector", "main .acts a"), [])
        page_is_good(browser, check, "application-rejected")
    with checks.check("an application is withdrawn by its applicant, with the document") as check:
        path = hand_in(bench, browser, 3)
        browser.go(path)
        browser.follow("撤回")
        page_is_good(browser, check, "withdraw")
        browser.press("确认撤回")
        check.holds(browser.text, "缺少核验：身份证件")
        browser.tick("身份证件已核对")
        browser.press("确认撤回")
        check.holds(browser.text, "撤回，已办结")


def give(browser, number):
    """The holder gets the card, and it is enabled."""
    browser.go(f"/cards/{number}/hand-over")
    browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
    browser.press("确认领卡")
    browser.go(f"/cards/{number}/enable")
    browser.tick("持卡人已自设密码")
    browser.press("确认启用")


def kept(browser, checks, number):
    """A card that is with its holder: on hold and free again, kept by a machine and given back."""
    browser.log_in(1001, "teller")
    give(browser, number)
    with checks.check("a hold wants a reason and a second person, and its slip and history tell why") as check:
        browser.go(f"/cards/{number}")
        browser.follow("停用")
        page_is_good(browser, check, "hold")
        browser.tick("司法文书")
        sign(browser, 2001, "supervisor")
        browser.press("确认停用")
        check.holds(browser.text, "停用，已办结", "司法文书", "2001 李二")
        browser.follow("回到卡片")
        check.holds(browser.text, "已停用，待处理", "司法文书")
        page_is_good(browser, check, "card-held")
    with checks.check("a hold is lifted by two with a paper, and by nothing less") as check:
        browser.follow("解挂")
        page_is_good(browser, check, "release-hold")
        sign(browser, 2001, "supervisor")
        browser.press("确认解挂")
        check.holds(browser.text, "缺少核验")
        browser.tick("已收凭证材料")
        sign(browser, 2001, "supervisor")
        browser.press("确认解挂")
        check.holds(browser.text, "解挂，已办结", "解除的限制", "停用 1/")
        browser.follow("回到卡片")
        check.holds(browser.text, "社保功能正常")
    with checks.check("a card that a machine kept is taken in, and given back to its holder with document and signature, read at both") as check:
        browser.follow("回收")
        browser.tick("终端留卡")
        browser.press("确认回收")
        check.holds(browser.text, "回收，已办结", "终端留卡")
        browser.follow("回到卡片")
        browser.follow("归还")
        page_is_good(browser, check, "give-back")
        browser.press("确认归还")
        check.holds(browser.text, "缺少核验：身份证件")
        browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
        browser.press("确认归还")
        check.holds(browser.text, "归还，已办结", "卡已读取且为真卡")


def by_person(bench, browser, checks):
    """Whoever lost a card and knows no number of it."""
    with checks.check("a loss is reported by person, by telephone, and since when; the page of the person leads there") as check:
        browser.go("/")
        browser.type("社会保障号码或卡号", bench.people[0]["citizenNumber"])
        browser.choose("查询事由", "挂失")
        browser.press("查询")
        page_is_good(browser, check, "person-loss")
        browser.follow("临时挂失")
        check.true(browser.field("本人名下的卡，不论哪一张").is_selected(), "the person's card is not what is lost")
        check.true(browser.field("到柜台").is_selected(), "the counter is not where it is reported")
        page_is_good(browser, check, "loss-by-person")
        browser.tick("持卡人本人", "电话")
        browser.driver.execute_script("document.getElementById('lostSince').value = '2026-11-01T08:30'")
        browser.press("确认临时挂失")
        check.holds(browser.text, "临时挂失，已办结", "电话", "本人名下的卡", "2026-11-01 08:30")
        browser.follow("回到卡片")
        check.holds(browser.text, "持卡人本人；电话；本人名下的卡，不论哪一张；2026-11-01 08:30:00")
    with checks.check("an agent reports a loss for good with two documents; the form of that loss knows no telephone") as check:
        browser.follow("正式挂失")
        check.true("电话" not in browser.driver.find_element("tag name", "main").text, "by telephone")
        browser.tick("代办人", "身份证件已核对")
        browser.press("确认正式挂失")
        check.holds(browser.text, "代办人")
        check.holds(browser.driver.page_source, "lifecycle.proof-missing")
        browser.tick("代办人证件已核对")
        browser.type("代办人姓名", "李四光")
        browser.type("代办人证件号码", "E12345678")
        browser.press("确认正式挂失")
        check.holds(browser.text, "正式挂失，已办结", "代办人", "李* E1*****78")


def sent(browser, checks, number):
    """A finished card on its way to another outlet, and gone there."""
    with checks.check("a finished card is sent out by two, taken in, and is missed from then on") as check:
        browser.log_in(3001, "stock-keeper")
        open_card(browser, number, "审计")
        browser.follow("配送")
        page_is_good(browser, check, "dispatch")
        sign(browser, 1001, "teller")
        browser.press("确认配送")
        check.holds(browser.text, "配送，已办结", "配送中")
        browser.follow("回到卡片")
        browser.follow("到点签收")
        page_is_good(browser, check, "arrive")
        browser.press("确认到点签收")
        check.holds(browser.text, "到点签收，已办结", "待领")
        browser.follow("回到卡片")
        browser.follow("遗失登记")
        page_is_good(browser, check, "card-missing")
        sign(browser, 2001, "supervisor")
        browser.press("确认遗失登记")
        check.holds(browser.text, "遗失登记，已办结")
        browser.follow("回到卡片")
        check.holds(browser.text, "已终止")


def old(browser, checks, number):
    """A card past its last day."""
    with checks.check("a card that has expired is not called usable: its page says that its day is over") as check:
        browser.log_in(1001, "teller")
        give(browser, number)
        browser.follow("回到卡片")
        check.holds(browser.text, "已过期", "卡已过有效期")
        check.true("可以使用" not in browser.text, "usable")
        page_is_good(browser, check, "card-expired")


def stock(browser, checks):
    """Blanks that are not where they should be."""
    with checks.check("blanks that are missing are written off by two, and by nobody alone") as check:
        browser.log_in(3001, "stock-keeper")
        browser.go("/stock/receive")
        browser.type("芯片号", "009046533186490099010000B1\n009046533186490099010000B2")
        browser.tick("已收凭证材料")
        browser.press("确认入库")
        browser.go("/stock")
        browser.follow("盘亏")
        page_is_good(browser, check, "stock-missing")
        browser.type("芯片号", "009046533186490099010000B1")
        sign(browser, 3001, "stock-keeper")
        browser.press("确认盘亏")
        check.holds(browser.text, "经办人与复核人是同一人")
        sign(browser, 2001, "supervisor")
        browser.press("确认盘亏")
        check.holds(browser.text, "盘亏，已办结")
        browser.go("/stock")
        check.true("009046533186490099010000B1" not in browser.text, "still in the book")
    with checks.check("the day's end shows the day's acts, its slip too, and a copy says the same") as check:
        browser.go("/stock/close-day")
        check.holds(browser.text, "当日业务量", "盘亏")
        browser.type("空白卡", "009046533186490099010000B2")
        browser.tick("已收凭证材料")
        sign(browser, 2001, "supervisor")
        browser.press("确认日终")
        check.holds(browser.text, "日终，已办结")
        event = browser.path.rpartition("/")[2]
        cookie, token = browser.service.logged_in(3001, "stock-keeper")
        slips = [browser.service.form(f"/events/{event}/slip", {"form-token": token}, cookie)[2] for _ in range(2)]
        rows = [re.findall(r'<tr><td>(.*?)</td><td>(.*?)</td><td class="number">(\d+)</td></tr>', slip) for slip in slips]
        check.true(("盘亏", "3001 王三", "1") in rows[0], f"{rows[0]}")
        check.equal(rows[1], rows[0])


def reports(browser, checks):
    """What a supervisor looks at."""
    with checks.check("who is no supervisor sees no reports, neither page nor JSON") as check:
        browser.log_in(1001, "teller")
        check.true("报表" not in browser.text, "offered")
        check.equal(browser.service.program(1001, "teller")("GET", "/api/reports")[0], 403)
    with checks.check("reports tell acts by kind and officer, losses, look-ups without an act, acts outside hours, and cards that wait") as check:
        browser.service.program(1002, "personalizer")("POST", "/api/people/look-up", {
            "number": NEWCOMER, "purpose": "inquiry"})
        browser.log_in(2001, "supervisor")
        browser.follow("8报表")
        for part in ("临时挂失", "代办人", "查而不办", "1002 陈四", "办公时间", "08:00-18:00", "未领的卡"):
            check.holds(browser.text, part)
        page_is_good(browser, check, "reports")
        browser.go("/reports?from=2026-02-30")
        check.holds(browser.driver.page_source, "counter.report-days")
        page_is_good(browser, check, "reports-refused")
    with checks.check("a program gets the same numbers") as check:
        status, report = browser.service.program(2001, "supervisor")("GET", "/api/reports")
        check.equal(status, 200)
        acts = {(row["act"], row["officer"]): row["count"] for row in report["acts"]}
        check.equal((acts["held", 1001], acts["temporary-loss", 1001], acts["stock-missed", 3001]), (1, 1, 1))
        check.equal([event["act"] for event in report["losses"]], ["temporary-loss", "formal-loss"])
        check.true(any(event["officer"] == 1002 for event in report["lookUpsWithoutAct"]), "the look-up of 1002")
        check.true(all(event["officer"] != 1001 for event in report["lookUpsWithoutAct"] if event["act"] == "temporary-loss"), "an act")
        check.equal(sum(report["uncollected"].values()), len(report["oldestUncollected"]))
