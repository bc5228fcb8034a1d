"""What one officer does in a day and no more, holds that have a last day, agents who collect a card, and reports whose numbers add up."""

import datetime
import re

from .bench import ROOT
from .browser import Browser, Service
from .counter import page_is_good, sign
from .issue import child
from .windowissue import CHOSEN, choose_pin, go_to_person, to_making, until_pin

OPERATORS = [(1001, "张一", ("teller", "personalizer")), (2001, "李二", ("supervisor",)), (3001, "王三", ("stock-keeper",))]
POLICY = "version: limits-test\nstock-book: false\nlook-ups-per-day: 3\nhold-days: 30\n"
AGENT = ("李四光", "E12345678")


def run(bench, checks):
    """All checks of this section."""
    site = bench.site(POLICY)
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\n"
                         f"keys: {ROOT / 'Keys/development'}\n")
    without = child(bench)
    _, number = site.made(bench.people[0])
    for person in (without, bench.people[1], bench.people[2]):
        site.run("registry", "import", bench.people_file(person))
    with service.running():
        browser = Browser(service)
        try:
            collected(bench, browser, checks, without)
            held(browser, checks, number)
            reported(browser, service, checks)
            looked_at(browser, checks, bench.people[1], bench.people[2])
        finally:
            browser.close()
    with service.running():
        browser = Browser(service)
        try:
            after_restart(browser, checks, bench.people[3])
        finally:
            browser.close()
    by_the_tool(bench, site, checks)
    with checks.check("the log that all this leaves is whole") as check:
        check.exits(site.run("registry", "verify"), 0)


def collected(bench, browser, checks, person):
    """A card that is issued while its holder's agent waits for it."""
    browser.log_in(1001, "teller")
    with bench.blank().inserted():
        go_to_person(browser, person)
        browser.press("即时制卡")
        to_making(browser)
        browser.press("确认制卡")
        until_pin(browser)
        choose_pin(browser, CHOSEN)
        with checks.check("an agent collects the card in the issue's own step, by a document that was seen and is named") as check:
            browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字", "代办人证件已核对")
            page_is_good(browser, check, "issue-agent")
            browser.press("确认领卡")
            check.holds(browser.text, "counter.agent-missing")
            browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字", "代办人证件已核对")
            browser.driver.execute_script("document.querySelectorAll('details').forEach((part) => part.open = true)")
            browser.type("代办人姓名", AGENT[0])
            browser.type("代办人证件号码", AGENT[1])
            browser.press("确认领卡")
            browser.press("确认启用")
            browser.press("确认回执")
            check.holds(browser.text, "这一笔已结束：完成")
        with checks.check("the hand-over's event tells the agent, masked") as check:
            page = None
            for link in browser.driver.find_elements("xpath", "//main//a[starts-with(@href, '/events/')]"):
                path = re.sub(r"^https?://[^/]+", "", link.get_attribute("href"))
                status, _, text = browser.service.request(
                    "GET", path, headers={"Cookie": f"sscard-session={browser.driver.get_cookie('sscard-session')['value']}"})
                if status == 200 and "领卡" in text and "代办人" in text:
                    page = text
            check.true(page is not None, "no event tells of an agent")
            check.holds(page or "", "E1*****78")
            check.true(AGENT[0] not in (page or "") and AGENT[1] not in (page or ""), "the agent's whole name or number")


def held(browser, checks, number):
    """A hold with a last day."""
    today = datetime.date.today()
    with checks.check("a hold takes a last day, no further than the policy says, and its event tells it") as check:
        browser.go(f"/cards/{number}/hold")
        page_is_good(browser, check, "hold")

        def hold(day):
            browser.tick("司法文书")
            browser.driver.execute_script("document.getElementById('until').value = arguments[0]", day.isoformat())
            sign(browser, 2001, "supervisor")
            browser.press("确认停用")

        hold(today + datetime.timedelta(days=90))
        check.holds(browser.text, "lifecycle.hold-too-long")
        hold(today - datetime.timedelta(days=3))
        check.holds(browser.text, "lifecycle.last-day-is-over")
        last = today + datetime.timedelta(days=20)
        hold(last)
        check.true(browser.path.startswith("/events/"), browser.text[:300])
        check.holds(browser.text, "停用截止日", last.isoformat())
        page_is_good(browser, check, "hold-event")


def reported(browser, service, checks):
    """What became of blanks: one card was made by the tool, one at the window."""
    browser.log_in(2001, "supervisor")
    with checks.check("the report tells what became of blanks, and its rows add up") as check:
        browser.go("/reports")
        check.holds(browser.text, "空白卡使用", "废卡率", "没有入库记录", "重复制卡")
        page_is_good(browser, check, "reports-blanks")
        status, report = service.program(2001, "supervisor")("GET", "/api/reports")
        check.equal(status, 200)
        blanks = report["blanks"]
        check.equal((blanks["all"]["used"], blanks["all"]["good"], blanks["all"]["spoiled"]), (2, 2, 0))
        for rows in (blanks["byOfficer"], blanks["byDelivery"]):
            for what in ("used", "good", "spoiled"):
                check.equal(sum(row[what] for row in rows), blanks["all"][what])
            check.true(all(row["used"] == row["good"] + row["spoiled"] for row in rows), f"{rows}")
        check.equal(report["repeats"], [])
        check.equal(report["totals"]["repeats"], 0)
    with checks.check("the day's end tells it too") as check:
        browser.log_in(1001, "teller")
        browser.go("/stock/close-day")
        check.holds(browser.text, "空白卡使用", "当日重复制卡：")
        page_is_good(browser, check, "day-end-blanks")


def search(browser, person):
    """Looks for a person by number."""
    browser.go("/")
    browser.type("社会保障号码或卡号", person["citizenNumber"])
    browser.press("查询")


def looked_at(browser, checks, second, third):
    """The teller has looked at two persons by now, whose cards were made."""
    browser.log_in(1001, "teller")
    with checks.check("who has looked at as many persons as the policy lets one officer signs with a supervisor for the next") as check:
        search(browser, second)
        check.true(browser.path.startswith("/people/"), browser.text[:300])
        search(browser, third)
        check.holds(browser.text, "lifecycle.look-ups-used-up", "第二人现场复核")
        page_is_good(browser, check, "look-ups-used-up")
        sign(browser, 2001, "supervisor")
        browser.press("查询")
        check.true(browser.path.startswith("/people/"), browser.text[:300])
        search(browser, second)
        check.true(browser.path.startswith("/people/"), "whom they have seen today")


def after_restart(browser, checks, person):
    """The log remembers whom they have looked at."""
    browser.log_in(1001, "teller")
    with checks.check("a restart of the service forgets none of the day's look-ups") as check:
        search(browser, person)
        check.holds(browser.text, "lifecycle.look-ups-used-up")


def by_the_tool(bench, site, checks):
    """`sscard lifecycle` with an agent, and a hold with a last day."""
    _, number = site.made(bench.people[4])
    agent = bench.path("agent.txt")
    agent.write_text("\n".join(AGENT) + "\n", encoding="utf-8")
    loss = ("lifecycle", "formal-loss", "--card", number, "--reporter", "agent", "--proof", "identity-document")
    with checks.check("the tool takes an agent from a file, where their document was seen, and nobody else's") as check:
        check.equal(site.run(*loss, "--proof", "agent-document").codes, ["counter.agent-missing"])
        check.equal(site.run(*loss, "--agent", agent).codes, ["counter.agent-unseen"])
        broken = bench.path("broken.txt")
        broken.write_text("李四光\n", encoding="utf-8")
        check.equal(site.run(*loss, "--proof", "agent-document", "--agent", broken).codes, ["agent.document"])
        broken.write_text("李四光\nE12345678\nmore\n", encoding="utf-8")
        check.equal(site.run(*loss, "--proof", "agent-document", "--agent", broken).codes, ["tool.agent-file"])
        check.exits(site.run(*loss, "--proof", "agent-document", "--agent", agent), 0)
    with checks.check("who comes to the counter for the holder is named by the tool as at the window, and who calls is not") as check:
        _, other = site.made(bench.people[5])
        loss = ("lifecycle", "temporary-loss", "--card", other, "--reporter", "agent")
        check.equal(site.run(*loss).codes, ["counter.agent-wanted"])
        check.exits(site.run(*loss, "--channel", "telephone"), 0)
        check.exits(site.run(*loss, "--proof", "agent-document", "--agent", agent), 0)
    with checks.check("the tool holds a card until a last day, and no further than the policy says") as check:
        hold = ("lifecycle", "hold", "--card", number, "--reason", "office", "--second", "2001", "--until")
        far = datetime.date.today() + datetime.timedelta(days=90)
        check.equal(site.run(*hold, far.strftime("%Y%m%d")).codes, ["lifecycle.hold-too-long"])
        near = datetime.date.today() + datetime.timedelta(days=9)
        check.exits(site.run(*hold, near.strftime("%Y%m%d")), 0)
