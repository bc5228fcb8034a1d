"""How pieces leave the stock book at the window, and what follows a day's end; the same by the tool.

lifecycle-and-sync.md: recovered cards are destroyed by K + S (section 3), a day is closed by a count that adds up
(section 10, 9), and no piece is without an owner (invariants).
"""

import re

from .browser import Browser, Service, password
from .counter import page_is_good, sign
from .refusals import told

OPERATORS = [(2001, "李二", "supervisor"), (3001, "王三", "stock-keeper"), (3002, "郑十", "stock-keeper")]
SECOND = {"second-number": 2001, "second-password": password("supervisor")}
PAPER = {"proof-paper": "on"}
MANY = [f"00904653318649{number:012X}" for number in range(2500)]
OTHERS = [f"009050538649{number:012X}" for number in range(2500)]


def run(bench, checks):
    """All checks of this section."""
    by_the_tool(bench, checks)
    site = bench.site("version: window-stock-test\nstock-book: true\n")
    service = serving(bench, site)
    with service.running():
        leaving(service, checks)
        built_in(service, checks)
        closing(service, checks)
        many(service, checks)
    with checks.check("the log is whole, and its views are those of the log") as check:
        check.exits(site.run("registry", "verify"), 0)
        check.exits(site.run("registry", "rebuild"), 0)
    strict = bench.site("version: window-stock-strict\nstock-book: true\nafter-day-end: refused\n")
    service = serving(bench, strict)
    with service.running():
        shut(service, checks)


def serving(bench, site):
    """A service with its officers."""
    service = Service(bench, site)
    for operator in OPERATORS:
        service.add(*operator)
    return service


class Window:
    """An officer's forms."""

    def __init__(self, service, number, role):
        self.service, self.keys = service, 0
        self.cookie, self.token = service.logged_in(number, role)

    def move(self, form, **fields):
        """A form of stock: status, where it led, the page's codes."""
        self.keys += 1
        told_fields = {"form-token": self.token, "key": f"stock-{self.token[:8]}-{self.keys:08}",
                       **{name.replace("_", "-"): value for name, value in fields.items()}}
        status, headers, page = self.service.form(f"/stock/{form}", {**told_fields, **PAPER, **SECOND}, self.cookie)
        return status, headers.get("Location"), re.findall(r"<code>([a-z.-]+)</code>", page)

    def page(self, path, method="GET"):
        """A page of the officer's."""
        body = f"form-token={self.token}&key=slip-{self.token[:16]}" if method == "POST" else None
        return self.service.request(method, path, body, {
            "Cookie": f"sscard-session={self.cookie}", "Content-Type": "application/x-www-form-urlencoded"})[2]


def by_the_tool(bench, checks):
    """`sscard stock destroy` and `return`."""
    site = bench.site("version: stock-leaves\nstock-book: true\ntwo-person: []\n")
    keeper = ("--officer", "3001", "--proof", "paper")
    site.run("stock", "receive", *(word for serial in MANY[:4] for word in ("--serial", serial)), *keeper)
    with checks.check("nothing is destroyed or sent back by one person, whatever the policy says") as check:
        for act in ("destroy", "return"):
            told(check, site.run("stock", act, "--serial", MANY[0], *keeper), 1, ["lifecycle.second-person-missing"])
            told(check, site.run("stock", act, "--serial", MANY[0], "--officer", "3001", "--second", "2001"), 1,
                 ["lifecycle.proof-missing"])
    with checks.check("two persons with a paper do, and the book has the rest") as check:
        check.exits(site.run("stock", "destroy", "--serial", MANY[0], *keeper, "--second", "2001"), 0)
        check.exits(site.run("stock", "return", "--serial", MANY[1], *keeper, "--second", "2001"), 0)
        check.equal(site.run("stock", "show", "--owner", "3001", "--json").json, {"blank": sorted(MANY[2:4])})
        acts = [row["act"] for row in site.run("registry", "log", "--json").json]
        check.equal(sorted(acts), ["stock-destroyed", "stock-received", "stock-returned"])
    with bench.blank().inserted():
        site.run("stock", "receive", "--readers", "--officer", "1001", "--role", "stock-keeper", "--proof", "paper")
        made = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    with checks.check("a card on its way is its sender's until it arrives, and the day closes without it") as check:
        check.exits(site.run("lifecycle", "dispatch", "--card", made, "--officer", "1001", "--role", "personalizer"), 0)
        check.equal(list(site.run("stock", "show", "--owner", "1001", "--json").json), ["in-transit"])
        check.exits(site.run("stock", "close-day", "--officer", "1001", "--role", "personalizer", "--second", "2001"), 0)
        check.exits(site.run("lifecycle", "arrive", "--card", made, "--officer", "1004"), 0)
        check.equal(list(site.run("stock", "show", "--owner", "1004", "--json").json), ["finished"])


def leaving(service, checks):
    """Destroyed and sent back at the window, with the record."""
    keeper = Window(service, 3001, "stock-keeper")
    keeper.move("receive", kind="blank", serials="\n".join(MANY[:6]))
    browser = Browser(service)
    try:
        with checks.check("the keeper and the supervisor destroy two pieces on one screen") as check:
            browser.log_in(3001, "stock-keeper")
            browser.go("/stock/destroy")
            check.equal(browser.driver.find_element("id", "kind").get_attribute("value"), "spoiled")
            browser.choose("种类", "空白卡")
            browser.type("芯片号", " ".join(MANY[:2]))
            browser.tick("已收凭证材料")
            sign(browser, 2001, "supervisor")
            page_is_good(browser, check, "stock-destroy")
            browser.press("确认销毁")
            check.holds(browser.text, "库存销毁，已办结", "2001 李二")
            page_is_good(browser, check, "stock-destroyed")
            place = browser.path
    finally:
        browser.close()
    with checks.check("its slip is the record of what was destroyed, each chip by its serial") as check:
        page = keeper.page(place + "/slip", "POST")
        check.holds(page, "销毁清单", MANY[0][14:], MANY[1][14:])
    with checks.check("a piece goes back to its supplier once, and not out of somebody else's book") as check:
        status, _, codes = Window(service, 3002, "stock-keeper").move("return", kind="blank", serials=MANY[2])
        check.equal((status, codes), (409, ["stock.piece-of-another"]))
        check.equal(keeper.move("return", kind="blank", serials=MANY[2])[0], 303)
        status, _, codes = keeper.move("return", kind="blank", serials=MANY[2])
        check.equal((status, codes), (409, ["stock.piece-not-in-book"]))


def built_in(service, checks):
    """A PSAM goes into a terminal and comes out again."""
    keeper = Window(service, 3001, "stock-keeper")
    module = "009050538649990100007701"
    keeper.move("receive", kind="psam", serials=module)
    browser = Browser(service)
    try:
        with checks.check("the keeper builds a PSAM into a terminal, signed by another, and it is nobody's to count") as check:
            browser.log_in(3001, "stock-keeper")
            browser.go("/stock")
            browser.follow("装机")
            browser.type("芯片号", module)
            browser.type("终端编号", "T_44")
            sign(browser, 2001, "supervisor")
            browser.press("确认装机")
            check.holds(browser.text, "不是终端编号")
            browser.type("终端编号", "t-4401")
            sign(browser, 2001, "supervisor")
            page_is_good(browser, check, "stock-install")
            browser.press("确认装机")
            check.holds(browser.text, "装机，已办结", "T-4401", "2001 李二")
            browser.go("/stock")
            check.holds(browser.text, "装在终端里的 PSAM 卡", "T-4401", module, "装机 PSAM 卡")
            page_is_good(browser, check, "stock-installed")
            browser.go("/stock/close-day")
            check.holds(browser.text, "PSAM 卡 · 账面数 0")
        with checks.check("it is taken out of the terminal that it is in, and of no other") as check:
            browser.go("/stock/take-out")
            browser.type("芯片号", module)
            browser.type("终端编号", "T-4402")
            sign(browser, 2001, "supervisor")
            browser.press("确认拆机")
            check.holds(browser.text, "装在终端 T-4401")
            browser.type("终端编号", "T-4401")
            sign(browser, 2001, "supervisor")
            browser.press("确认拆机")
            check.holds(browser.text, "拆机，已办结", "T-4401")
            browser.go("/stock")
            check.true("装在终端里的" not in browser.text, "it is in the terminal still")
    finally:
        browser.close()
    with checks.check("by a program too, and nobody alone") as check:
        call = service.program(3001, "stock-keeper")
        wish = {"serials": [module], "terminal": "T-9", "second": {"number": 2001, "password": password("supervisor")}}
        alone = {key: value for key, value in wish.items() if key != "second"}
        check.holds(str(call("POST", "/api/stock/install", alone, "a-module-by-one-alone")), "lifecycle.second-person-missing")
        check.equal(call("POST", "/api/stock/install", wish, "a-module-into-t-nine")[0], 201)
        check.equal(call("POST", "/api/stock/take-out", wish, "a-module-out-of-t-nine")[0], 201)
        keeper.move("missing", kind="psam", serials=module)


def closing(service, checks):
    """What follows a day's end is the next day's, and says so."""
    keeper = Window(service, 3001, "stock-keeper")
    with checks.check("an act behind the day's end is marked as the next day's, one before it is not") as check:
        status, before, _ = keeper.move("hand-over", kind="blank", serials=MANY[3])
        check.equal(status, 303)
        status, _, codes = keeper.move("close-day", serials_blank=" ".join(MANY[4:6]))
        check.equal((status, codes), (303, []))
        check.holds(keeper.page("/stock/hand-over"), "现在办理的记入次日账")
        status, after, _ = keeper.move("hand-over", kind="blank", serials=MANY[4])
        check.equal(status, 303)
        check.holds(keeper.page(after), "次日账")
        check.true("次日账" not in keeper.page(before), "an act before the day's end is marked")
        check.true("记入次日账" not in Window(service, 3002, "stock-keeper").page("/stock/hand-over"), "another's day")


def measured(service, checks):
    """A serial has the length that the card's profile gives it, or nothing is taken in."""
    keeper = Window(service, 3001, "stock-keeper")
    with checks.check("a serial that is too short or too long for its kind is refused, and nothing of the act is taken in") as check:
        for kind, serials in (("blank", MANY[10][14:]), ("blank", MANY[10] + "00"), ("blank", MANY[10] + " " + MANY[11][:24]),
                              ("psam", MANY[10]), ("finished", MANY[10][14:])):
            status, _, codes = keeper.move("receive", kind=kind, serials=serials)
            check.equal((status, codes), (422, ["stock.serial-length"]), kind + " " + serials)
        check.true(MANY[10][14:] not in keeper.page("/stock"), "taken in all the same")


def many(service, checks):
    """A day of more than two thousand pieces."""
    keeper = Window(service, 3002, "stock-keeper")
    with checks.check("two thousand five hundred pieces are received in two acts and counted in one") as check:
        status, _, codes = keeper.move("receive", kind="psam", serials=" ".join(OTHERS))
        check.equal((status, codes), (422, ["counter.serials"]))
        for part in (OTHERS[:1500], OTHERS[1500:]):
            check.equal(keeper.move("receive", kind="psam", serials=" ".join(part))[0], 303)
        status, _, codes = keeper.move("close-day", serials_psam=" ".join(OTHERS[1:]))
        check.equal((status, codes), (422, ["counter.serials-typed"]))


def shut(service, checks):
    """Where the policy refuses what follows a day's end."""
    keeper = Window(service, 3001, "stock-keeper")
    with checks.check("under after-day-end: refused stock waits for the next day, and what is missing is told all the same") as check:
        keeper.move("receive", kind="blank", serials=" ".join(MANY[:3]))
        check.equal(keeper.move("close-day", serials_blank=" ".join(MANY[:3]))[0], 303)
        status, _, codes = keeper.move("hand-over", kind="blank", serials=MANY[0])
        check.equal((status, codes), (409, ["stock.day-is-closed"]))
        status, _, codes = keeper.move("destroy", kind="blank", serials=MANY[0])
        check.equal((status, codes), (409, ["stock.day-is-closed"]))
        check.holds(keeper.page("/stock/receive"), "库存业务明日再办")
        check.equal(keeper.move("missing", kind="blank", serials=MANY[2])[0], 303)
        check.equal(keeper.move("close-day", serials_blank=" ".join(MANY[:2]))[0], 303)
