"""Taking a person in: choices in words, the sex that a number tells, and faults that name fields in the reader's language."""

import csv
import html
import re

from .bench import ROOT
from .browser import Browser, Service
from .counter import page_is_good

# Invented: area 990165, born 2008-02-11, the seventeenth digit 5 for a man.
NEWCOMER, BORN, PLACE = "990165200802116857", "20080211", "990165"
FIELDS = ("citizenNumber", "ethnicGroup", "birthDate", "birthPlace", "sex", "name")


def run(bench, checks):
    """All checks of this section."""
    service = Service(bench, bench.site("version: fields-test\nstock-book: false\n"))
    service.add(1001, "张一", "teller")
    with service.running():
        choices(service, checks)
        faults(service, checks)
        typed(service, checks)


class Form:
    """The form, as a browser sends it."""

    def __init__(self, service):
        self.service, self.keys = service, 0
        self.cookie, self.token = service.logged_in(1001, "teller")

    def send(self, language="zh", **fields):
        """Status, where it led, and the page."""
        self.keys += 1
        person = {"citizenNumber": NEWCOMER, "name": "张三", "sex": "", "ethnicGroup": "01", "birthDate": BORN,
                  "birthPlace": PLACE, "form-token": self.token, "key": f"fields-{self.token[:8]}-{self.keys:04}", **fields}
        status, headers, page = self.service.form(
            "/people/new", person, None, {"Cookie": f"sscard-session={self.cookie}; language={language}"})
        return status, headers.get("Location"), page

    def page(self):
        """The empty form."""
        return self.service.request("GET", "/people/new", headers={"Cookie": f"sscard-session={self.cookie}"})[2]


def told(page):
    """What the faults of a page say."""
    return [html.unescape(re.sub("<code>.*?</code>|<[^>]*>", "", item))
            for item in re.findall(r"<li[^>]*>(?:<a[^>]*>)?<strong>.*?</li>", page, re.DOTALL)]


def choices(service, checks):
    """GB/T 3304 in words."""
    with checks.check("the ethnic group is chosen by its name, every one of the table once, and none beforehand") as check:
        page = Form(service).page()
        found = re.findall(r'<option value="(\d\d)">([^<]+)</option>', page)
        with open(ROOT / "CardLayouts/tables/ethnic-groups.csv", encoding="utf-8") as file:
            check.equal(found, [(row["code"], row["zh"]) for row in csv.DictReader(file)])
        check.true("民族代码" not in page and "性别代码" not in page, "a label with 代码")
    with checks.check("without a sex the number's is taken, and one that differs is told in words") as check:
        form = Form(service)
        status, _, page = form.send(sex="2")
        check.equal(status, 422)
        check.equal(len(told(page)), 1)
        check.holds(told(page)[0], "性别：", "所填“女”与身份号码表示的“男”不一致")
        status, place, _ = form.send()
        check.equal(status, 303)
        check.true(place.startswith("/people/"), place)


def faults(service, checks):
    """No name of a program in a Chinese fault."""
    wrong = {"citizenNumber": "990101199003070", "name": "", "sex": "7", "ethnicGroup": "x", "birthDate": "20010230",
             "birthPlace": "000000"}
    with checks.check("every fault in Chinese names its field in Chinese, and in English as files name it") as check:
        form = Form(service)
        chinese, english = (told(form.send(language, **wrong)[2]) for language in ("zh", "en"))
        check.equal(len(chinese), len(english))
        check.true(len(chinese) >= 6, chinese)
        for text in chinese:
            for field in FIELDS:
                check.true(field not in text, text)
        for word in ("社会保障号码：", "姓名：", "性别：", "民族：", "出生日期：", "出生地："):
            check.true(any(text.startswith(word) for text in chinese), f"{word} {chinese}")
        for field in FIELDS:
            check.true(any(text.startswith(f"{field}: ") for text in english), f"{field} {english}")


def typed(service, checks):
    """The sex stands in its field as soon as the number is there."""
    browser = Browser(service)
    try:
        with checks.check("the sex is filled in from the number that is typed, and a person is registered by words") as check:
            browser.log_in(1001, "teller")
            browser.go("/people/new")
            browser.type("社会保障号码", NEWCOMER)
            check.equal(browser.driver.find_element("id", "sex").get_attribute("value"), "1")
            browser.choose("民族", "回族")
            browser.type("姓名", "张三")
            browser.type("出生日期", BORN)
            browser.type("出生地行政区划代码", PLACE)
            page_is_good(browser, check, "register-by-words")
            browser.press("登记")
            # On record as 汉族 since the check before: what differs is told in words.
            check.holds(browser.text, "登记的与填写的不同：民族", "01 汉族", "03 回族")
            check.true("ethnicGroup" not in browser.text, "a name of a program")
            page_is_good(browser, check, "register-differs-in-words")
    finally:
        browser.close()
