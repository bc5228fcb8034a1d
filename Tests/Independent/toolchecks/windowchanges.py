"""Two windows that look at the same things: one acts, and the other is told."""

import contextlib
import http.client
import json

from .bench import PATIENCE
from .browser import Browser, Service, password
from .counter import page_is_good

CHANGED = "此卡刚有新的变动。"
LISTED = "本页所列的卡或申请刚有新的变动。"
LOAD = "重新载入本页"


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: changes-test\nstock-book: false\n")
    service = Service(bench, site)
    with bench.blank().inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    site.run("lifecycle", "hand-over", "--card", number, "--proof", "identity-document", "--proof", "signature")
    site.run("lifecycle", "enable", "--card", number, "--proof", "card-read", "--proof", "pin-changed")
    site.run("registry", "import", bench.people_file(bench.people[1]))
    application = site.run("application", "submit", "--layout", "national-2.0", "--people",
                           bench.people_file(bench.people[1]), "--row", "1", "--proof", "identity-document", "--json").json[0]["application"]
    service.add(1001, "张一", "teller")
    service.add(1002, "陈四", "teller")
    service.add(2001, "李二", "supervisor")
    with service.running():
        browser = Browser(service)
        try:
            browser.log_in(1001, "teller")
            card(browser, service, checks, number)
            lists(browser, service, checks, application.replace("/", "-"))
            hidden(browser, service, checks, number)
            orders(service, checks, number)
        finally:
            browser.close()


def formal_loss(service, number, key):
    """The other window reports a loss."""
    other = service.program(1002, "teller")
    return other("POST", f"/api/cards/{number}/acts/formal-loss", {"reporter": "holder", "proofs": ["identity-document"]}, key)[0]


def hold(service, number, key):
    """The other window puts a hold on, which a card may have more than once."""
    other = service.program(1002, "teller")
    second = {"number": 2001, "password": password("supervisor")}
    return other("POST", f"/api/cards/{number}/acts/hold", {"reason": "court", "second": second}, key)[0]


def card(browser, service, checks, number):
    """A card's page and the form of an act on it."""
    with checks.check("one's own act is not told to one's own window") as check:
        browser.go(f"/cards/{number}")
        browser.follow("临时挂失")
        browser.tick("持卡人本人")
        browser.press("确认临时挂失")
        browser.follow("回到卡片")
        check.holds(browser.text, "临时挂失", "各处停用")
        check.true(CHANGED not in browser.text, "told of one's own act")
    with checks.check("who has a card's form open is told that another window has acted on the card; what was typed stays") as check:
        browser.go(f"/cards/{number}/formal-loss")
        browser.named("//main//details/summary").click()
        browser.type("代办人姓名", "钱代办")
        check.true(CHANGED not in browser.text, "told before anything has changed")
        before = browser.named("//main//form//button[@type='submit']").location
        check.equal(formal_loss(service, number, "the-loss-of-the-other"), 201)
        browser.wait(lambda b: CHANGED in b.text)
        check.equal(browser.field("代办人姓名").get_attribute("value"), "钱代办")
        check.equal(browser.named("//main//form//button[@type='submit']").location, before)
        check.equal(browser.named("//*[@id='changes']").get_attribute("role"), "status")
        page_is_good(browser, check, "card-changed-elsewhere")
    with checks.check("its link loads the page again, as the card is now, and nothing is told any more") as check:
        browser.go(f"/cards/{number}")
        check.true(CHANGED not in browser.text, "told of what the page shows")
        rows = len(browser.driver.find_elements("css selector", "main table tbody tr"))
        check.equal(hold(service, number, "the-hold-of-the-other"), 201)
        browser.wait(lambda b: CHANGED in b.text)
        check.equal(len(browser.driver.find_elements("css selector", "main table tbody tr")), rows, "loaded by itself")
        browser.follow(LOAD)
        check.equal(len(browser.driver.find_elements("css selector", "main table tbody tr")), rows + 1)
        check.true(CHANGED not in browser.text, "told of what the page shows")
    with checks.check("English pages say it in English") as check:
        browser.log_in(1001, "teller", language="en")
        browser.go(f"/cards/{number}")
        check.equal(hold(service, number, "a-second-hold-of-the-other"), 201)
        browser.wait(lambda b: "This card has just changed." in b.text)
        check.holds(browser.text, "Load this page again")


def tile(browser, name):
    """A number of the first page and what it counts, read at one moment: the page puts others in its place."""
    return browser.driver.execute_script(f"return document.getElementById('tile-{name}').innerText").split()


def lists(browser, service, checks, application):
    """The first page's numbers, and the list of applications."""
    with checks.check("the first page counts along without being loaded again, and nothing typed on it is lost") as check:
        browser.log_in(2001, "supervisor")
        check.equal(browser.named("//*[@id='tile-toApprove']").text.split(), ["1", "待我审批"])
        browser.type("社会保障号码或卡号", "未写完")
        browser.driver.execute_script("window.isSame = true")
        supervisor = service.program(2001, "supervisor")
        check.equal(supervisor("POST", f"/api/applications/{application}/steps/ask-supplement", {}, "sent-back-by-another")[0], 201)
        browser.wait(lambda b: tile(b, "toApprove") == ["0", "待我审批"])
        check.equal(tile(browser, "sentBack"), ["1", "退回补件"])
        check.true(browser.driver.execute_script("return window.isSame === true"), "the page was loaded again")
        check.equal(browser.field("社会保障号码或卡号").get_attribute("value"), "未写完")
        page_is_good(browser, check, "home-counts-along")
    with checks.check("a list of applications tells that one of them has moved on") as check:
        browser.log_in(1001, "teller")
        browser.go("/applications")
        other = service.program(1002, "teller")
        check.equal(other("POST", f"/api/applications/{application}/steps/supplement", {}, "added-by-another-one")[0], 201)
        browser.wait(lambda b: LISTED in b.text)
        page_is_good(browser, check, "list-changed-elsewhere")
        browser.follow(LOAD)
        check.true(LISTED not in browser.text, "told of what the list shows")


def hidden(browser, service, checks, number):
    """A page that nobody looked at meanwhile."""
    with checks.check("what happened while nobody looked at a page is told when somebody looks again") as check:
        browser.go(f"/cards/{number}")
        first = browser.driver.current_window_handle
        browser.driver.switch_to.new_window("tab")
        browser.go("/stock")
        check.equal(hold(service, number, "a-third-hold-meanwhile"), 201)
        browser.driver.close()
        browser.driver.switch_to.window(first)
        browser.wait(lambda b: CHANGED in b.text)


def orders(service, checks, number):
    """What no window has done."""
    with checks.check("what the tool has the running service note is told as well") as check:
        teller = service.program(1001, "teller")
        head = teller("GET", "/api/home")[1]["head"]
        cookie, _ = service.logged_in(1001, "teller")
        with listening(service, cookie, head) as told:
            done = service.site.run("lifecycle", "seen-blocked", "--card", number, "--officer", "9001")
            check.exits(done, 0)
            check.equal(told(), {"card": f"/cards/{number}", "event": head + 1})


@contextlib.contextmanager
def listening(service, cookie, after):
    """A program at the stream; what it is told of the next card."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    connection.request("GET", f"/api/live?after={after}", headers={"Cookie": f"sscard-session={cookie}"})
    stream = connection.getresponse()

    def told():
        name = ""
        for line in stream:
            word, _, value = line.decode().strip().partition(": ")
            name = value if word == "event" else name
            if word == "data" and name == "card":
                return json.loads(value)
        return None

    try:
        yield told
    finally:
        connection.close()
