"""A loss and an issue's confirmation by Tab, Space, arrows and Enter alone, from the first page on."""

from .bench import ROOT
from .browser import Browser, Service
from .issue import child
from .windowpin import with_keys

TAB, ENTER, SPACE = "\ue004", "\ue007", "\ue00d"


def run(bench, checks):
    """All checks of this section."""
    site, person = bench.site("version: keyboard-test\nstock-book: false\n"), child(bench)
    service = Service(bench, site)
    service.add(1001, "张一", "teller", "personalizer")
    with_keys(service, ROOT / "Keys/development")
    site.run("registry", "import", bench.people_file(person))
    with bench.blank().inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    site.run("lifecycle", "hand-over", "--card", number, "--proof", "identity-document", "--proof", "signature")
    site.run("lifecycle", "enable", "--card", number, "--proof", "card-read", "--proof", "pin-changed")
    with service.running():
        browser = Keyboard(service)
        try:
            browser.log_in(1001, "teller")
            lost(browser, checks, number)
            with bench.blank().inserted():
                confirmed(browser, checks, person)
        finally:
            browser.close()
    with checks.check("what was done by the keyboard is in the log, which is whole") as check:
        acts = [row["act"] for row in site.run("registry", "log", "--limit", "100", "--json").json]
        check.equal((acts.count("temporary-loss"), acts.count("personalized")), (1, 2))
        check.exits(site.run("registry", "verify"), 0)


class Keyboard(Browser):
    """A browser whose mouse is broken."""

    def keys(self, *keys):
        """Types at the keyboard itself: what is sent to an element that chooses files would name one."""
        from selenium.webdriver import ActionChains  # pylint: disable=import-outside-toplevel
        ActionChains(self.driver).send_keys(*keys).perform()

    def enter(self, name):
        """Goes to a button or link by Tab, and presses it."""
        self.tab_to(name)
        self.leave(lambda: self.keys(ENTER))

    def mark(self, name):
        """Goes to a box by Tab, and ticks it."""
        for _ in range(60):
            element = self.driver.switch_to.active_element
            around = self.driver.execute_script("return arguments[0].closest('label')?.textContent ?? ''", element)
            if name in around:
                self.keys(SPACE)
                return
            if element.get_attribute("type") == "radio" and self.arrows_to(name):
                return
            self.keys(TAB)
        raise LookupError(f"Tab does not reach “{name}” on {self.path}")

    def arrows_to(self, name):
        """Goes through the choices of one question by the arrow keys; Tab reaches one of them alone."""
        first = self.driver.switch_to.active_element.get_attribute("value")
        self.keys(SPACE)
        while True:
            element = self.driver.switch_to.active_element
            if name in self.driver.execute_script("return arguments[0].closest('label')?.textContent ?? ''", element):
                return True
            self.keys("\ue015")
            if self.driver.switch_to.active_element.get_attribute("value") == first:
                return False

    def search(self, text, purpose):
        """Finds somebody from the first page on, where the search has the focus."""
        self.driver.get(f"http://127.0.0.1:{self.service.port}/")
        self.tab_to("社会保障号码或卡号")
        self.keys(text, TAB)
        # A list is chosen from by what it reads.
        self.keys(purpose)
        self.leave(lambda: self.keys(ENTER) if self.focused.startswith("查询") and "事由" not in self.focused else self.enter_search())

    def enter_search(self):
        """From the purpose to the button."""
        for _ in range(10):
            if self.driver.switch_to.active_element.tag_name == "button":
                self.keys(ENTER)
                return
            self.keys(TAB)
        raise LookupError("no button")


def lost(browser, checks, number):
    """A loss in front of its holder."""
    with checks.check("a card's loss is recorded by the keyboard alone, from the search to the event") as check:
        browser.search(number, "挂失")
        check.equal(browser.path, f"/cards/{number}")
        browser.enter("临时挂失")
        browser.mark("持卡人本人")
        browser.enter("确认临时挂失")
        check.holds(browser.text, "临时挂失，已办结", "持卡人本人")


def confirmed(browser, checks, person):
    """An issue up to the holder's word, which is the keyboard's as well."""
    with checks.check("an issue goes to its making by the keyboard alone, the holder's confirmation among it") as check:
        browser.search(person["citizenNumber"], "制卡")
        browser.enter("即时制卡")
        for step in ("检查空白卡", "查人", "照片"):
            browser.enter("确认" + step)
        check.holds(browser.text, "请持卡人看一遍")
        browser.mark("身份证件已核对")
        browser.mark("持卡人已核对以上内容并同意")
        browser.enter("持卡人确认")
        browser.enter("确认制卡")
        browser.wait(lambda b: "设密码" in b.named("//main//form/h2").text if "正在制卡" not in b.text else False)
