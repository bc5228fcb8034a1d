"""Acts that wait for a second person who is not at the window: asked for at one, confirmed or sent back at another."""

from .bench import PIN, ROOT
from .browser import Browser, Service, password
from .counter import page_is_good
from .pin import accepted

NEW = "48195207"
OPERATORS = [(1001, "张一", ("teller", "personalizer")), (1002, "陈四", ("teller",)), (2001, "李二", ("supervisor",)),
             (3001, "王三", ("stock-keeper",))]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: window-waiting-test\nstock-book: false\n")
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    card = bench.blank()
    with card.inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    site.hand_over(number)
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\n"
                         f"keys: {ROOT / 'Keys/development'}\n")
    with service.running():
        browser = Browser(service)
        try:
            taken_back(browser, checks, number)
            asked(browser, checks, number)
        finally:
            browser.close()
    with service.running(), card.inserted():
        browser = Browser(service)
        try:
            confirmed(browser, checks, number)
            sent_back(browser, checks, number)
            stock(browser, checks)
            pin(browser, checks, number)
            replaced(browser, checks, number)
        finally:
            browser.close()
    with checks.check("each act stands in the log once, with who asked for it and who confirmed it, and the log is whole") as check:
        check.exits(site.run("registry", "verify"), 0)
        rows = site.run("registry", "log", "--limit", "1000", "--json").json
        found = [(row["act"], row["officer"], row["second"]) for row in rows if row["second"]]
        for expected in [("held", 1001, 2001), ("stock-handed-over", 3001, 1002), ("pin-served", 1001, 2001)]:
            check.equal(found.count(expected), 1, f"{expected} in {found}")


def to_wait(browser, check):
    """Presses the button that lets the act wait; the address it has then."""
    browser.press("提交待复核")
    check.holds(browser.text, "待复核")
    return browser.path


def asked(browser, checks, number):
    """A hold by the teller, who has nobody beside them."""
    browser.log_in(1001, "teller")
    with checks.check("an act of two persons waits for the second; what would be refused is told at once") as check:
        browser.go(f"/cards/{number}/cancel")
        browser.tick("死亡")
        browser.press("提交待复核")
        check.holds(browser.text, "缺少核验：凭证材料")
        browser.go(f"/cards/{number}/hold")
        browser.tick("司法文书")
        page_is_good(browser, check, "hold-may-wait")
        path = to_wait(browser, check)
        page_is_good(browser, check, "waiting-own")
        check.true("复核通过" not in browser.text, "the teller may confirm")
        browser.go(f"/cards/{number}")
        check.holds(browser.text, "待复核业务", "停用")
        check.equal(browser.driver.find_elements("css selector", ".restrictions li"), [], "done before it was confirmed")
        check.true(path.startswith("/approvals/"), path)


def taken_back(browser, checks, number):
    """By who asked for it, from the list, with one confirmation."""
    with checks.check("who asked for an act takes it back from the list with one confirmation, and nothing was done") as check:
        browser.log_in(1001, "teller")
        browser.go(f"/cards/{number}/hold")
        browser.tick("疑似冒用")
        path = to_wait(browser, check)
        browser.log_in(2001, "supervisor")
        browser.go("/approvals")
        check.equal(browser.driver.find_elements("css selector", "a[href$='/withdraw']"), [], "another may take it back")
        browser.log_in(1001, "teller")
        browser.go("/approvals?mine=1")
        page_is_good(browser, check, "waiting-list-own")
        browser.leave(browser.named(f"//a[@href='{path}/withdraw']").click)
        check.holds(browser.text, "停用", "什么也没有办理")
        page_is_good(browser, check, "waiting-withdraw")
        browser.press("确认撤回")
        check.equal(browser.path, "/approvals")
        check.equal(browser.driver.find_elements("css selector", f"a[href='{path}']"), [], "it waits still")
        browser.go(path)
        check.holds(browser.text, "已撤回")
        check.holds(browser.service.log, "act withdrawn", path.rpartition("/")[2])
        browser.go(f"/cards/{number}")
        check.equal(browser.driver.find_elements("css selector", ".restrictions li"), [], "the card is on hold")


def confirmed(browser, checks, number):
    """The supervisor, after a restart."""
    with checks.check("the home page leads the supervisor to one list of all that waits, after a restart of the service as well") as check:
        browser.log_in(2001, "supervisor")
        check.equal(browser.named("//*[@id='tile-toApprove']").text.split(), ["1", "待我审批"])
        browser.follow("待我审批")
        page_is_good(browser, check, "approvals-waiting")
        browser.follow("停用")
        check.holds(browser.text, "司法文书", "1001 张一", "有效至")
        page_is_good(browser, check, "waiting-to-confirm")
        browser.press("复核通过")
        check.holds(browser.text, "停用，已办结", "1001 张一", "2001 李二")
        browser.go("/")
        check.equal(browser.named("//*[@id='tile-toApprove']").text.split(), ["0", "待我审批"])


def sent_back(browser, checks, number):
    """What the card has gone through since; a reason; the teller reads it."""
    with checks.check("an act whose card has changed since is not confirmed but sent back with a reason, which the teller reads") as check:
        browser.log_in(1001, "teller")
        browser.go(f"/cards/{number}/release")
        browser.tick("已收凭证材料")
        path = to_wait(browser, check)
        browser.go(f"/cards/{number}/temporary-loss")
        browser.tick("持卡人本人")
        browser.press("确认临时挂失")
        browser.log_in(2001, "supervisor")
        browser.go(path)
        check.holds(browser.text, "已有变化")
        check.true("复核通过" not in [button.text for button in browser.driver.find_elements("css selector", "main button")],
                   "it may be confirmed")
        page_is_good(browser, check, "waiting-changed")
        browser.type("退回原因", "先核实挂失")
        browser.press("退回经办人")
        browser.log_in(1001, "teller")
        browser.go(path)
        check.holds(browser.text, "已退回", "先核实挂失")
        page_is_good(browser, check, "waiting-sent-back")
        browser.press("关闭这一笔")
        check.holds(browser.text, "没有待复核的业务")
        for kind in ("temp-loss", "hold"):
            release(browser, check, number, kind)


def release(browser, check, number, kind):
    """Lifts what the checks before have left, at one screen."""
    call = browser.service.program(1001, "teller")
    card = call("GET", f"/api/cards/{number}")[1]
    events = [row["event"].replace("/", "-") for row in card["restrictions"] if row["kind"] == kind]
    status, answer = call("POST", f"/api/cards/{number}/acts/release", {
        "restrictions": events, "proofs": ["identity-document", "paper"],
        "second": {"number": 2001, "password": password("supervisor")}}, f"lifting-what-was-left-{events[0]}")
    check.equal(status, 201, f"{kind}: {answer}")


def stock(browser, checks):
    """A hand-over of stock, which its taker confirms."""
    with checks.check("stock is handed over to a taker who is elsewhere, and nobody else signs for them") as check:
        browser.log_in(3001, "stock-keeper")
        browser.go("/stock/receive")
        browser.type("芯片号", "009046533186490099010000A1")
        browser.tick("已收凭证材料")
        browser.press("确认入库")
        browser.go("/stock/hand-over")
        browser.type("芯片号", "009046533186490099010000A1")
        browser.type("接收人编号", "1002")
        path = to_wait(browser, check)
        browser.log_in(2001, "supervisor")
        browser.go(path)
        check.true("退回经办人" not in browser.text, "somebody else may answer")
        browser.log_in(1002, "teller")
        browser.go(path)
        page_is_good(browser, check, "waiting-stock")
        browser.press("复核通过")
        check.holds(browser.text, "移交，已办结", "1002 陈四")


def pin(browser, checks, number):
    """The reset of a PIN: confirmed first, done with the holder and the card afterwards."""
    with checks.check("a PIN's reset is confirmed without a PIN, then done once at the reader by who asked for it") as check:
        browser.log_in(1001, "teller")
        browser.go(f"/cards/{number}/pin/reset")
        browser.type("工单号", "2026-0019")
        browser.tick("身份证件已核对")
        path = to_wait(browser, check)
        browser.log_in(2001, "supervisor")
        browser.go(path)
        browser.press("复核通过")
        check.holds(browser.text, "已复核", "2001")
        browser.log_in(1001, "teller")
        browser.go(path)
        browser.follow("持卡人在场时办理")
        check.holds(browser.text, "已复核，复核人 2001")
        page_is_good(browser, check, "pin-confirmed")
        for label in ("新密码", "再输入一次新密码"):
            browser.type(label, NEW)
        browser.press("确认重置密码")
        check.holds(browser.text, "已办结", "2001 李二", "2026-0019")
        check.equal((accepted(NEW), accepted(PIN)[:2]), ("9000", "63"))
        name = path.rpartition("/")[2]
        browser.go(f"/cards/{number}/pin/reset?confirmed={name}")
        check.holds(browser.text, "waiting.not-confirmed")


def replaced(browser, checks, number):
    """The replacement of a lost card: confirmed, the issue is begun in the name of who asked for it."""
    with checks.check("a replacement that waits begins its issue when it is confirmed") as check:
        browser.log_in(1001, "teller")
        browser.go(f"/cards/{number}/formal-loss")
        browser.tick("持卡人本人", "身份证件已核对")
        browser.press("确认正式挂失")
        browser.go(f"/cards/{number}/replace")
        browser.tick("遗失补领", "身份证件已核对", "费用已结清或免收")
        path = to_wait(browser, check)
        browser.log_in(2001, "supervisor")
        browser.go(path)
        browser.press("复核通过")
        check.true(browser.path.startswith("/issues/"), browser.path)
        check.holds(browser.text, number[:4])
