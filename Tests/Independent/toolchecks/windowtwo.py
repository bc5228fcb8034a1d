"""Two persons for looking at a person and for taking one in: asked for on every screen of the window that does either."""

import csv

from .bench import ROOT
from .browser import Browser, Service, password
from .counter import page_is_good, sign
from .issue import child
from .windowissue import CHOSEN, choose_pin, to_end, until_pin

POLICY = "version: look-up-by-two\nstock-book: false\ntwo-person: [look-up-person, register-person]\n"
OPERATORS = [(1001, "张一", ("teller", "personalizer")), (2001, "李二", ("supervisor",))]
REGISTRATION = {"社会保障号码": "citizenNumber", "姓名": "name", "出生日期": "birthDate", "出生地行政区划代码": "birthPlace"}
MISSING = "lifecycle.second-person-missing"


def choose_group(browser, person):
    """The ethnic group by its name (GB/T 3304)."""
    with open(ROOT / "CardLayouts/tables/ethnic-groups.csv", encoding="utf-8") as file:
        names = {row["code"]: row["zh"] for row in csv.DictReader(file)}
    browser.choose("民族", names[person["ethnicGroup"]])


def run(bench, checks):
    """All checks of this section."""
    site = bench.site(POLICY)
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\n"
                         f"keys: {ROOT / 'Keys/development'}\n")
    person, card, successor = child(bench), bench.blank(), bench.blank()
    with service.running():
        browser = Browser(service)
        try:
            browser.log_in(1001, "teller")
            registered(browser, checks, person)
            found(browser, checks, person)
            with card.inserted():
                number = issued(browser, checks, person)
                read(browser, checks, person, number)
            program(service, checks, person)
            with successor.inserted():
                replaced(browser, checks, number)
        finally:
            browser.close()
    with checks.check("every look-up and every registration in the log names two persons, and the log is whole") as check:
        check.exits(site.run("registry", "verify"), 0)
        rows = site.run("registry", "log", "--limit", "1000", "--json").json
        seen = [(row["act"], row["officer"], row["second"]) for row in rows
                if row["act"] in ("person-looked-up", "person-registered")]
        check.equal({(officer, second) for _, officer, second in seen}, {(1001, 2001)})
        check.equal({act for act, _, _ in seen}, {"person-looked-up", "person-registered"})


def refused_then_signed(browser, check, press):
    """A wrong password of the second person, and the first one's own, do not do; then the second person signs."""
    browser.type("复核人编号", "2001")
    browser.type("复核人密码", "not the password")
    press()
    check.holds(browser.text, "的编号或密码不对")
    sign(browser, 1001, "teller")
    press()
    check.holds(browser.text, "经办人与复核人是同一人")
    sign(browser, 2001, "supervisor")
    press()


def registered(browser, checks, person):
    """A person is taken in."""
    with checks.check("a person is registered by two on the same screen; what was filled in stays") as check:
        browser.go("/people/new")
        for label, column in REGISTRATION.items():
            browser.type(label, person[column])
        browser.choose("性别", "男" if person["sex"] == "1" else "女")
        choose_group(browser, person)
        page_is_good(browser, check, "register-by-two")
        refused_then_signed(browser, check, lambda: browser.press("登记"))
        check.true(browser.path.startswith("/people/"), browser.path)


def found(browser, checks, person):
    """A person is searched for."""
    with checks.check("a person is found by two, by number and by the beginning of the name") as check:
        for query in (person["citizenNumber"], person["name"]):
            browser.go("/")
            browser.type("社会保障号码或卡号", query)
            if query == person["name"]:
                sign(browser, 2001, "supervisor")
                browser.press("查询")
            else:
                page_is_good(browser, check, "home-by-two")
                refused_then_signed(browser, check, lambda: browser.press("查询"))
            check.true(browser.path.startswith("/people/"), browser.path)


def issued(browser, checks, person):
    """A card is made; the number of it."""
    with checks.check("a card is made by the guided flow: the second person signs each step that looks at the person") as check:
        browser.press("即时制卡")
        to_making_by_two(browser, check)
        sign(browser, 2001, "supervisor")
        browser.press("确认制卡")
        until_pin(browser)
        choose_pin(browser, CHOSEN)
        to_end(browser)
        check.holds(browser.text, "这一笔已结束：完成")
        return browser.named("//main//a[starts-with(@href, '/cards/')]").get_attribute("href").rpartition("/")[2]
    raise LookupError(person["citizenNumber"])


def to_making_by_two(browser, check):
    """The steps from the blank to the holder's consent; the data are shown when the second person has signed for it."""
    browser.press("确认检查空白卡")
    for step in ("查人", "照片"):
        sign(browser, 2001, "supervisor")
        browser.press("确认" + step)
    check.true("出生日期" not in browser.driver.find_element("tag name", "main").text, "shown to one")
    page_is_good(browser, check, "issue-data-by-two")
    refused_then_signed(browser, check, lambda: browser.press("查看资料"))
    check.holds(browser.text, "请持卡人看一遍", "出生日期")
    browser.tick("身份证件已核对", "持卡人已核对以上内容并同意")
    sign(browser, 2001, "supervisor")
    browser.press("持卡人确认")


def read(browser, checks, person, number):
    """The card in the reader, and its page."""
    with checks.check("the card in the reader is told when the second person has signed") as check:
        browser.go("/")
        browser.press("读卡查询")
        check.true(MISSING not in browser.text, "told as forgotten before it was asked for")
        page_is_good(browser, check, "chip-by-two")
        refused_then_signed(browser, check, lambda: browser.press("重新读卡"))
        check.equal(browser.path, f"/cards/{number}")
    with checks.check("chip and record stand side by side when the second person has signed") as check:
        browser.press("与芯片核对")
        sign(browser, 2001, "supervisor")
        browser.press("重新读卡")
        check.holds(browser.text, "登记的内容与芯片一致")
    with checks.check("a change of data by two, from the look to the writing") as check:
        browser.go("/people/new")
        for label, column in REGISTRATION.items():
            browser.type(label, {**person, "name": "李改名"}[column])
        browser.choose("性别", "男" if person["sex"] == "1" else "女")
        choose_group(browser, person)
        sign(browser, 2001, "supervisor")
        browser.press("登记")
        check.holds(browser.text, "该人员已经登记")
        browser.tick("身份证件已核对")
        sign(browser, 2001, "supervisor")
        browser.press("登记")
        browser.go(f"/cards/{number}/change-data")
        page_is_good(browser, check, "data-change-by-two")
        sign(browser, 2001, "supervisor")
        browser.press("读卡核对")
        check.holds(browser.text, "与登记不同的项数：1")
        browser.tick("身份证件已核对")
        sign(browser, 2001, "supervisor")
        browser.press("确认改写")
        check.holds(browser.text, "资料变更，已办结")
    with checks.check("the holder is shown on the card's page by two") as check:
        browser.log_in(1001, "teller")
        browser.go(f"/cards/{number}")
        page_is_good(browser, check, "card-by-two")
        sign(browser, 2001, "supervisor")
        browser.press("显示持卡人")
        check.holds(browser.text, "李*")


def program(service, checks, person):
    """The same for a program."""
    call = service.program(1001, "teller")
    asked = {"number": person["citizenNumber"], "purpose": "inquiry"}
    with checks.check("a program looks a person up with the second person's number and password, and not without") as check:
        status, answer = call("POST", "/api/people/look-up", asked)
        check.equal((status, answer["faults"][0]["code"]), (409, MISSING))
        second = {"number": 2001, "password": password("supervisor")}
        status, answer = call("POST", "/api/people/look-up", {**asked, "second": second})
        check.equal((status, len(answer["cards"])), (200, 1))


def replaced(browser, checks, number):
    """A card is replaced."""
    with checks.check("a card is replaced by two, who look at its holder") as check:
        browser.go(f"/cards/{number}")
        browser.follow("补换卡")
        browser.tick("损坏", "身份证件已核对", "旧卡已收回并剪角")
        page_is_good(browser, check, "replace-by-two")
        sign(browser, 2001, "supervisor")
        browser.press("确认补换卡")
        check.true(browser.path.startswith("/issues/"), browser.path)
        to_making_by_two(browser, check)
        check.holds(browser.text, "制卡")
