"""What only the upper tier has a counter note: leases, duplicates, cards that terminals have blocked; by the tool beside the running
service, and at the window where the policy gives the tier to the counter (lifecycle-and-sync.md section 3)."""

from .browser import Browser, Service
from .counter import page_is_good, sign
from .refusals import told

OPERATORS = [(1001, "张一", ("teller",)), (2001, "李二", ("supervisor",)), (2002, "周六", ("supervisor",))]
UPPER = ("--officer", "9001", "--second", "9002", "--second-role", "upper-tier")
FIRST = "990101D15600000500000009000000AB"


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: window-tier-test\nupper-tier: counter\n")
    numbers = []
    for index in (0, 1):
        with bench.blank().inserted():
            numbers.append(site.make(bench.people_file(bench.people[index])).json[0]["cardNumber"])
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    with service.running():
        by_the_tool(site, checks, numbers[0])
        browser = Browser(service)
        try:
            leases(browser, checks)
            cards(browser, checks, numbers)
            titles(browser, checks)
        finally:
            browser.close()
    with checks.check("each stands in the log once, and the log is whole") as check:
        check.exits(site.run("registry", "verify"), 0)
        acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
        check.equal([acts.count(act) for act in ("lease-granted", "lease-returned", "seen-blocked", "duplicate")], [2, 2, 2, 1])


def by_the_tool(site, checks, number):
    """The registry is the running service's, which does it."""
    with checks.check("the tool has the running service grant a lease, list and end it") as check:
        grant = ("lease", "grant", "--to", "7", "--first", "1000", "--last", "1199", *UPPER, "--json")
        granted = site.run(*grant)
        check.exits(granted, 0)
        check.equal([granted.json[0][key] for key in ("counter", "numbers", "cards")], [7, "D1000-1199", 200])
        told(check, site.run(*grant), 1, ["registry.lease-overlaps"])
        check.equal(site.run("lease", "list", "--json").json, granted.json)
        told(check, site.run("lease", "grant", "--to", "7", "--first", "2000", "--last", "2199", "--officer", "9001"), 1,
             ["lifecycle.second-person-missing"])
        check.exits(site.run("lease", "return", granted.json[0]["lease"], "--officer", "9001"), 0)
        told(check, site.run("lease", "return", granted.json[0]["lease"], "--officer", "9001"), 2, ["registry.lease-unknown"])
        check.equal(site.run("lease", "list", "--json").json, [])
    with checks.check("the tool has it note a card that a terminal has blocked, and no teller's word for it") as check:
        note = ("lifecycle", "seen-blocked", "--card", number, "--json")
        told(check, site.run(*note, "--officer", "1001", "--role", "teller"), 1, ["lifecycle.role-not-allowed"])
        seen = site.run(*note, "--officer", "880012")
        check.exits(seen, 0)
        check.equal((seen.json["act"], seen.json["state"]), ("seen-blocked", "sealed"))
        told(check, site.run("lifecycle", "duplicate", "--card", number, "--first", number, *UPPER), 1,
             ["lifecycle.duplicate-of-itself"])


def leases(browser, checks):
    """Two supervisors; a teller sees what is open."""
    with checks.check("a supervisor grants a lease on one screen, signed by another, and its numbers are granted once") as check:
        browser.log_in(2001, "supervisor")
        browser.go("/stock")
        browser.follow("离线制卡额度")
        check.holds(browser.text, "没有未收回的额度")
        browser.follow("发放额度")
        for label, text in (("网点编号", "7"), ("起始序号", "1000"), ("结束序号", "1199")):
            browser.type(label, text)
        sign(browser, 2002, "supervisor")
        page_is_good(browser, check, "lease-grant")
        browser.press("确认发放额度")
        check.holds(browser.text, "D1000-1199")
        check.true(browser.path.startswith("/events/"), browser.path)
        browser.go("/leases/grant")
        for label, text in (("网点编号", "8"), ("起始序号", "1100"), ("结束序号", "1399")):
            browser.type(label, text)
        sign(browser, 2002, "supervisor")
        browser.press("确认发放额度")
        check.holds(browser.text, "与未收回的额度", "重叠")
        browser.go("/leases")
        page_is_good(browser, check, "leases")
        check.holds(browser.text, "D1000-1199", "最多可能重复制出的张数： 200")
    with checks.check("it is ended on one screen as well, and a teller does neither") as check:
        browser.log_in(1001, "teller")
        browser.go("/leases")
        check.holds(browser.text, "D1000-1199", "由复核员办理")
        browser.go("/leases/grant")
        check.holds(browser.text, "您的岗位不能办理这项业务")
        browser.log_in(2001, "supervisor", "en")
        browser.go("/leases")
        browser.leave(browser.named("//td/a[starts-with(normalize-space(), 'End the lease')]").click)
        page_is_good(browser, check, "lease-return")
        browser.press("Confirm: End the lease")
        browser.go("/leases")
        check.holds(browser.text, "No lease is open.")


def cards(browser, checks, numbers):
    """Each one screen and one confirmation."""
    with checks.check("a supervisor notes a card that a terminal has blocked, and ends a duplicate; a teller has neither screen") as check:
        browser.log_in(1001, "teller")
        for act in ("seen-blocked", "duplicate"):
            browser.go(f"/cards/{numbers[1]}/{act}")
            check.holds(browser.text, "您的岗位不能办理这项业务")
        browser.log_in(2001, "supervisor")
        browser.go(f"/cards/{numbers[1]}")
        browser.follow("终端锁卡")
        page_is_good(browser, check, "seen-blocked")
        browser.press("确认终端锁卡")
        check.holds(browser.text, "终端锁卡")
        browser.go(f"/cards/{numbers[1]}")
        browser.follow("重复卡作废")
        label = "先占位的卡（卡号，或卡识别码 32 位数字和字母 A–F）"
        browser.type(label, numbers[1])
        sign(browser, 2002, "supervisor")
        browser.press("确认重复卡作废")
        check.holds(browser.text, "先占位的卡与要作废的重复卡是同一张")
        browser.type(label, numbers[0])
        sign(browser, 2002, "supervisor")
        browser.press("确认重复卡作废")
        check.holds(browser.text, "先占位的卡是另一个人的")
        browser.type(label, FIRST)
        sign(browser, 2002, "supervisor")
        page_is_good(browser, check, "duplicate")
        browser.press("确认重复卡作废")
        check.holds(browser.text, FIRST)
        browser.go(f"/cards/{numbers[1]}")
        check.holds(browser.text, "已注销")


def titles(browser, checks):
    """Whoever reads no Chinese chooses a layout by its English title."""
    with checks.check("layouts have titles in both languages where one is chosen") as check:
        for language, title in (("zh", "社会保障卡（2.0 版规范）"), ("en", "Social security card (specification 2.00)")):
            browser.log_in(1001, "teller", language)
            browser.go("/intake")
            options = [option.text for option in browser.driver.find_elements("css selector", "#layout option")]
            check.true(title in options, f"{title} in {options}")
