"""A card from the factory, through the counter's windows: applied for, approved from the list, taken in with the factory's return,
handed to the teller, given to its holder; and the next one in its place, after it was lost."""

import json

from .browser import Browser, Service, password
from .counter import page_is_good, sign

OPERATORS = [(1001, "张一", "teller"), (2001, "李二", "supervisor"), (3001, "王三", "stock-keeper")]
BATCH = "B-2026-9"
TWICE = ("submitted", "approved", "personalized", "ready")
DATES = {"issueDate": "20261128", "expiryDate": "20361128"}


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: window-factory-test\nstock-book: true\n")
    service = Service(bench, site)
    for number, name, role in OPERATORS:
        service.add(number, name, role)
    person = bench.people[2]
    site.run("registry", "import", bench.people_file(person))
    card, number = bench.blank(), None
    with service.running():
        browser = Browser(service)
        try:
            applied(browser, checks, person)
        finally:
            browser.close()
    with checks.check("the factory's return takes the card in: it is the stock keeper's, and its application is ready") as check:
        made, chip = at_the_factory(bench, card, person)
        number = made["cardNumber"]
        row = f"{person['citizenNumber']},{number},{made['identificationCode']},{chip},20261128,20361128,\n"
        path = bench.write("return.csv", "citizenNumber,cardNumber,identificationCode,chipSerial,issueDate,expiryDate,failure\n" + row)
        check.exits(site.run("stock", "factory-return", "--layout", "national-2.0", "--batch", BATCH, "--officer", "3001",
                             "--proof", "paper", path), 0)
    with service.running():
        browser = Browser(service)
        try:
            received(browser, checks, number, chip)
            collected(browser, checks, card, number, person)
        finally:
            browser.close()
    replaced(bench, site, service, checks, number, person)
    with checks.check("the log has the whole way, each act once and by its own officer, and is whole") as check:
        check.exits(site.run("registry", "verify"), 0)
        rows = [(row["act"], row["officer"], row["second"]) for row in
                site.run("registry", "log", "--limit", "1000", "--json").json]
        for expected in [("submitted", 1001, 0), ("approved", 2001, 0), ("personalized", 3001, 0), ("ready", 3001, 0),
                         ("stock-handed-over", 3001, 1001), ("handed-over", 1001, 0), ("collected", 1001, 0), ("enabled", 1001, 0)]:
            check.equal(rows.count(expected), 2 if expected[0] in TWICE else 1, f"{expected} in {rows}")


def at_the_factory(bench, card, person):
    """The card is made elsewhere, with the same keys; what its maker tells of it, and its chip's serial."""
    factory = bench.site()
    with card.inserted():
        made = factory.make(bench.people_file({**person, **DATES}))
        if made.code != 0:
            raise RuntimeError(made.error)
        return made.json[0], factory.run("card", "state", "--json").json["card"]


def waits(browser, checks, old, new, path):
    """The old card was held after its successor was ordered: the row waits, and the page says why and what to do."""
    teller = browser.service.program(1001, "teller")
    second = {"number": 2001, "password": password("supervisor")}
    with checks.check("a row whose old card is on hold waits at the window, with its reason and what to do, and nothing of it is booked") as check:
        held = teller("POST", f"/api/cards/{old}/acts/hold", {"reason": "court", "second": second}, "held-after-the-order")
        check.equal(held[0], 201)
        browser.log_in(3009, "stock-keeper")
        browser.go("/intake")
        browser.choose("文件种类", "工厂回盘（成品卡）")
        browser.choose("卡片规范", "社会保障卡（2.0 版规范）")
        browser.type("单位批次（导入人员时填写则同时申领）", "B-2026-10")
        browser.tick("已收凭证材料")
        browser.field("文件（CSV）").send_keys(str(path))
        browser.press("上传并检查")
        browser.wait(lambda b: "确认导入" in b.text)
        check.holds(browser.text, "下列行留待处理", "停用", "单独封存", "待处理，暂不入库 1", "成品卡入库 0")
        page_is_good(browser, check, "factory-return-waits")
        browser.press("确认导入")
        browser.wait(lambda b: "已导入。" in b.text)
        check.holds(browser.text, "待处理，暂不入库 1", "成品卡入库 0", "下载待处理的行")
        browser.go(f"/cards/{new}")
        check.holds(browser.text, "本网点没有卡号")
        release = {"restrictions": [held[1]["event"].replace("/", "-")], "proofs": ["paper"], "second": second}
        check.equal(teller("POST", f"/api/cards/{old}/acts/release", release, "released-after-the-return")[0], 201)


def replaced(bench, site, service, checks, old, person):
    """The card is lost: the factory's next one takes its place, over the interface for programs; the return ends the old one."""
    order = {"kind": "replacement", "way": "factory", "batch": "B-2026-10", "proofs": ["identity-document", "fee-settled"]}
    with service.running():
        teller, supervisor = service.program(1001, "teller"), service.program(2001, "supervisor")
        reference = teller("POST", "/api/people/look-up", {"number": person["citizenNumber"], "purpose": "replacement"},
                           "looked-up-for-a-replacement")[1]["person"]
        path = f"/api/people/{reference}/applications"
        with checks.check("a replacement is ordered from the factory only after the loss and with the fee settled") as check:
            status, answer = teller("POST", path, {**order, "proofs": ["identity-document"]}, "ordered-before-the-loss")
            check.true(status != 201, f"{status}")
            check.holds(json.dumps(answer), "lifecycle.restriction-missing", "lifecycle.proof-missing")
            loss = {"reporter": "holder", "proofs": ["identity-document"]}
            check.equal(teller("POST", f"/api/cards/{old}/acts/formal-loss", loss, "lost-for-good-it-is")[0], 201)
            check.equal(teller("POST", path, order, "ordered-after-the-loss")[0], 201)
        with checks.check("its batch is approved as a whole, and the loss that it stands on is not lifted under it") as check:
            batches = supervisor("GET", "/api/approvals/batches")[1]
            check.equal([(row["batch"], row["count"]) for row in batches], [("B-2026-10", 1)])
            check.equal(supervisor("POST", "/api/approvals/batch", batches[0], "approved-as-a-batch"),
                        (201, {"approved": 1, "left": 0}))
            restrictions = teller("GET", f"/api/cards/{old}")[1]["restrictions"]
            status, answer = teller("POST", f"/api/cards/{old}/acts/release", {
                "restrictions": [row["event"].replace("/", "-") for row in restrictions], "proofs": ["identity-document"],
                "second": {"number": 2001, "password": password("supervisor")}}, "released-under-an-order")
            check.true(status != 201, f"{status}: {answer}")
    made, chip = at_the_factory(bench, bench.blank(), {**person, "cardNumber": "D00001008"})
    row = f"{person['citizenNumber']},{made['cardNumber']},{made['identificationCode']},{chip},20261128,20361128,\n"
    path = bench.write("replaced.csv", "citizenNumber,cardNumber,identificationCode,chipSerial,issueDate,expiryDate,failure\n" + row)
    service.add(3009, "孙九", "stock-keeper", "personalizer")
    with service.running():
        browser = Browser(service)
        try:
            waits(browser, checks, old, made["cardNumber"], path)
        finally:
            browser.close()
    with checks.check("the return that brings the new card ends the old one, in the name of who applied and who approved") as check:
        check.exits(site.run("stock", "factory-return", "--layout", "national-2.0", "--batch", "B-2026-10", "--officer", "3001",
                             "--proof", "paper", path), 0)
        rows = [(row["act"], row["officer"], row["second"]) for row in
                site.run("registry", "log", "--limit", "1000", "--json").json]
        check.equal(rows.count(("replaced", 1001, 2001)), 1, f"{rows}")
        check.true(rows.index(("replaced", 1001, 2001)) < len(rows) - 1, "the new card comes after it")
    with service.running():
        browser = Browser(service)
        try:
            with checks.check("the window shows the old card ended by its successor, which waits for its holder") as check:
                browser.log_in(1001, "teller")
                browser.go(f"/cards/{old}")
                check.holds(browser.text, "已终止", "补领")
                page_is_good(browser, check, "factory-replaced-old")
                browser.go(f"/cards/{made['cardNumber']}")
                check.holds(browser.text, "领卡")
        finally:
            browser.close()


def applied(browser, checks, person):
    """Handed in by the teller, approved from the list by the supervisor."""
    with checks.check("an application for a factory's card is handed in, and approved on one screen from the list of all that waits") as check:
        browser.log_in(1001, "teller")
        browser.go("/")
        browser.type("社会保障号码或卡号", person["citizenNumber"])
        browser.choose("查询事由", "制卡")
        browser.press("查询")
        browser.follow("申领")
        browser.tick("新办", "批量制卡", "身份证件已核对")
        browser.type("单位批次（没有则留空）", BATCH)
        page_is_good(browser, check, "factory-apply")
        browser.press("确认申领")
        browser.log_in(2001, "supervisor")
        browser.follow("待我审批")
        page_is_good(browser, check, "factory-list")
        browser.leave(browser.driver.find_elements("css selector", "main table a")[-1].click)
        check.holds(browser.text, BATCH, "批量制卡")
        page_is_good(browser, check, "factory-approve")
        browser.press("确认审批通过")
        check.holds(browser.text, "审批通过，已办结")


def received(browser, checks, number, chip):
    """In the keeper's book; nobody else hands it over; the teller takes it."""
    with checks.check("the card stands in the keeper's book, and the teller gives out none that is not theirs") as check:
        browser.log_in(3001, "stock-keeper")
        browser.go("/stock")
        check.holds(browser.text.replace(" ", ""), chip[-12:])
        page_is_good(browser, check, "factory-received")
        cookie, token = browser.service.logged_in(1001, "teller")
        status, _, page = browser.service.form(f"/cards/{number}/hand-over", {
            "form-token": token, "key": "too-early-a-hand-over", "proof-identity-document": "on", "proof-signature": "on"}, cookie)
        check.true(status in (409, 503), f"{status}")
        check.true("已办结" not in page, "it was given out")
    with checks.check("the keeper hands it to the teller, who signs beside them") as check:
        browser.log_in(3001, "stock-keeper")
        browser.go("/stock/hand-over")
        browser.choose("种类", "成品卡")
        browser.type("芯片号", chip)
        sign(browser, 1001, "teller", "接收人")
        browser.press("确认移交")
        check.holds(browser.text, "移交，已办结", "1001 张一")
        page_is_good(browser, check, "factory-handed-to-teller")


def collected(browser, checks, card, number, person):
    """The holder comes."""
    with checks.check("the holder's card is found by putting it in, handed over and enabled; its application is collected with it") as check:
        with card.inserted():
            browser.log_in(1001, "teller")
            browser.go("/")
            browser.press("读卡查询")
            check.equal(browser.path, f"/cards/{number}")
            page_is_good(browser, check, "factory-card")
            browser.follow("领卡")
            browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
            browser.press("确认领卡")
            check.holds(browser.text, "领卡，已办结", "卡已读取")
            page_is_good(browser, check, "factory-collected")
            browser.go(f"/cards/{number}/enable")
            browser.tick("持卡人已自设密码")
            browser.press("确认启用")
            check.holds(browser.text, "启用，已办结")
        browser.go("/applications?state=collected")
        check.holds(browser.text, BATCH)
        browser.leave(browser.driver.find_elements("css selector", "main table a")[-1].click)
        check.holds(browser.text, "已领")
        page_is_good(browser, check, "factory-application-collected")
        browser.go("/")
        check.true(person["citizenNumber"] not in browser.driver.page_source, "a whole number")
