"""Forms at the window as browsers have them: what is refused can be gone back to and loaded again without being sent again, leads to the
fields that it is about, and a login leads to the page that was wanted; and the paper that is signed before the act."""

import re
import urllib.parse

from .browser import Browser, Service, password
from .counter import page_is_good
from .windowclerk import head, masked

OPERATORS = [(1001, "张一", ("teller",)), (2001, "李二", ("supervisor",))]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: forms-test\nstock-book: false\n")
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    card = bench.blank()
    with card.inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    # Two whose names begin alike.
    alike = {**bench.people[2], "name": bench.people[0]["name"] + "丰"}
    site.run("registry", "import", bench.people_file(*bench.people[:2], alike))
    with card.inserted(), service.running():
        turned(bench, service, checks)
        browser = Browser(service)
        try:
            returned(browser, checks, number)
            led(bench, browser, checks, number)
            signed(bench, browser, checks, number)
        finally:
            browser.close()
    with checks.check("the log that the forms leave is whole") as check:
        check.exits(site.run("registry", "verify"), 0)


def answered(service, path, fields, cookie):
    """The address to which a form sends the browser on."""
    status, headers, page = service.request(
        "POST", path, urllib.parse.urlencode(fields),
        {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"sscard-session={cookie}"})
    return status, headers.get("Location", ""), page


def turned(bench, service, checks):
    """Post, redirect, get."""
    cookie, token = service.logged_in(1001, "teller")
    other, _ = service.logged_in(2001, "supervisor")
    person = bench.people[0]
    get = lambda path, session: service.request("GET", path, headers={"Cookie": f"sscard-session={session}"})
    with checks.check("a refused form is answered at an address of its own, which tells nothing of what was typed, and keeps it") as check:
        typed = person["citizenNumber"][:-1] + ("0" if person["citizenNumber"][-1] != "0" else "1")
        status, place, page = answered(service, "/search", {"form-token": token, "query": typed, "purpose": "inquiry"}, cookie)
        check.equal((status, page), (303, ""))
        check.true(re.fullmatch(r"/search\?answer=[0-9A-F]{32}", place), place)
        for _ in range(2):
            status, _, page = get(place, cookie)
            check.equal(status, 422)
            check.holds(page, "citizen-number.check-character", f'value="{typed}"')
        status, _, page = get(place, other)
        check.true(typed not in page, "another session sees it")
        status, _, page = get(place.replace("/search", "/stock"), cookie)
        check.true(typed not in page, "at another address")
    with checks.check("a search that finds several is answered so too, and looked at again it looks nobody up") as check:
        status, place, _ = answered(service, "/search", {"form-token": token, "query": person["name"][:2], "purpose": "inquiry"}, cookie)
        check.equal(status, 303)
        check.true(place.startswith("/search?answer="), place)
        before = head(service)
        for _ in range(2):
            check.holds(get(place, cookie)[2], masked(person["citizenNumber"]), masked(bench.people[2]["citizenNumber"]))
        check.equal(head(service), before)
    with checks.check("a refused login is answered so too, without the password") as check:
        status, headers, _ = service.request(
            "POST", "/login", urllib.parse.urlencode({"number": 1001, "password": "not the password"}),
            {"Content-Type": "application/x-www-form-urlencoded"})
        check.equal(status, 303)
        check.true(re.fullmatch(r"/login\?answer=[0-9A-F]{32}", headers["Location"]), headers["Location"])
        status, _, page = service.request("GET", headers["Location"])
        check.equal(status, 401)
        check.holds(page, "counter.login-wrong", 'value="1001"')
        check.true("not the password" not in page, "the password")


def returned(browser, checks, number):
    """Back, reload, and the page that was wanted."""
    service = browser.service
    with checks.check("a page that was wanted before the login is where the login leads, also after a wrong password") as check:
        browser.driver.delete_all_cookies()
        browser.go(f"/cards/{number}/temporary-loss?subject=person")
        check.equal(browser.path, "/login")
        browser.keys("1001", "\ue004", "wrong password")
        browser.leave(lambda: browser.keys("\ue007"))
        check.holds(browser.text, "counter.login-wrong")
        browser.keys("\ue004")
        browser.type("密码", password("teller"))
        browser.press("登录")
        check.equal(browser.path, f"/cards/{number}/temporary-loss")
        check.true(browser.field("本人名下的卡，不论哪一张").is_selected(), "the address lost its end")
    with checks.check("a login leads to no other site, and not out again") as check:
        for place in ("//evil.example/", "/\\evil.example", "https://evil.example/", "/\tx", "/logout", "/login", "/language/en"):
            status, headers, _ = service.form("/login", {"number": 1001, "password": password("teller"), "to": place})
            check.equal((status, headers["Location"]), (303, "/"), place)
        status, headers, _ = service.form("/login", {"number": 1001, "password": password("teller"), "to": "/stock"})
        check.equal((status, headers["Location"]), (303, "/stock"))
    with checks.check("a form that comes after the session's end leads back to its page; another site's name does not count") as check:
        for referer, place in ((f"http://127.0.0.1:{service.port}/cards/{number}/hold", f"/login?ended=1&to=/cards/{number}/hold"),
                               ("http://evil.example/cards", "/login?ended=1")):
            status, headers, _ = service.form(f"/cards/{number}/hold", {"reason": "court"}, headers={"Referer": referer})
            check.equal((status, headers["Location"]), (303, place))
    with checks.check("a refused act is loaded again and gone back to without being sent again") as check:
        browser.go(f"/cards/{number}/hand-over")
        browser.tick("持卡人或代办人（监护人）已签字")
        browser.press("确认领卡")
        check.holds(browser.text, "缺少核验：身份证件")
        before = head(service)
        browser.leave(browser.driver.refresh)
        check.holds(browser.text, "缺少核验：身份证件")
        check.true(browser.field("持卡人或代办人（监护人）已签字").is_selected(), "the tick is gone")
        browser.go("/stock")
        browser.leave(browser.driver.back)
        check.holds(browser.text, "缺少核验：身份证件")
        kind = browser.driver.execute_script("return performance.getEntriesByType('navigation')[0].name")
        check.true("answer=" in kind, kind)
        check.equal(head(service), before)


def focus(browser):
    """The name of the field that has the keyboard."""
    return browser.driver.switch_to.active_element.get_attribute("name")


def led(bench, browser, checks, number):
    """From what is wrong to where it is."""
    with checks.check("what is wrong on a form leads to its fields, which are marked and say what is wrong with them, and no others") as check:
        browser.go("/people/new")
        for label, text in [("社会保障号码", bench.people[1]["citizenNumber"]), ("姓名", "其其格"),
                            ("出生日期", "19600230"), ("出生地行政区划代码", "000000")]:
            browser.type(label, text)
        browser.choose("性别", "女")
        browser.choose("民族", "蒙古族")
        browser.press("登记")
        marked = {}
        for field in browser.driver.find_elements("css selector", "main [aria-invalid=true]"):
            told = [browser.driver.find_element("id", name).text for name in field.get_attribute("aria-describedby").split()]
            marked[field.get_attribute("name")] = " ".join(told)
        check.true({"birthDate", "birthPlace"} <= set(marked) and "name" not in marked, f"{marked}")
        check.holds(marked["birthDate"], "date.calendar", "如 19900307")
        check.holds(marked["birthPlace"], "area-code.")
        page_is_good(browser, check, "fields-marked")
        browser.named("//section[@id='faults']//li[contains(., 'date.calendar')]/a").click()
        check.equal(focus(browser), "birthDate")
    with checks.check("so do a proof that is not ticked, a choice that is not made, and a search") as check:
        browser.go(f"/cards/{number}/hand-over")
        browser.tick("持卡人或代办人（监护人）已签字")
        browser.press("确认领卡")
        browser.named("//section[@id='faults']//li/a").click()
        check.equal(focus(browser), "proof-identity-document")
        page_is_good(browser, check, "proof-marked")
        browser.go("/")
        browser.type("社会保障号码或卡号", "990101")
        browser.press("查询")
        field = browser.field("社会保障号码或卡号")
        check.equal((field.get_attribute("aria-invalid"), field.get_attribute("value")), ("true", "990101"))
        cookie, token = browser.service.logged_in(1001, "teller")
        _, _, page = browser.service.form(f"/cards/{number}/temporary-loss", {"form-token": token, "key": "c" * 20}, cookie)
        check.holds(page, '<a href="#field-reporter">', 'id="field-reporter"')


def signed(bench, browser, checks, number):
    """Print, sign, confirm."""
    person = bench.people[0]
    with checks.check("the paper that the holder signs is printed before the act, which it does not do") as check:
        browser.go(f"/cards/{number}/hand-over")
        before = head(browser.service)
        window = browser.driver.current_window_handle
        browser.named("//main//button[normalize-space()='打印领卡签收单']").click()
        browser.wait(lambda b: len(b.driver.window_handles) == 2)
        browser.driver.switch_to.window([handle for handle in browser.driver.window_handles if handle != window][0])
        browser.wait(lambda b: b.driver.find_elements("tag name", "h1"))
        check.holds(browser.text, "领卡签收单", number[:8], person["name"][0] + "*", masked(person["citizenNumber"]), "持卡人（代办人）签字", "1001 张一")
        check.true(person["citizenNumber"] not in browser.driver.page_source, "a whole number")
        page_is_good(browser, check, "collection-paper")
        browser.driver.close()
        browser.driver.switch_to.window(window)
        check.true(head(browser.service) - before <= 1, "more than the look-up")
    with checks.check("then the act is confirmed on the same form; its slip asks for no second signature") as check:
        browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
        page_is_good(browser, check, "hand-over-with-paper")
        browser.press("确认领卡")
        check.holds(browser.text, "领卡，已办结")
        cookie, token = browser.service.logged_in(1001, "teller")
        status, _, page = browser.service.form(browser.path + "/slip", {"form-token": token}, cookie)
        check.equal(status, 200)
        check.holds(page, "领卡单", "经办人签章")
        check.true("持卡人（代办人）签字" not in page, "signed twice")
    with checks.check("no paper for a card that is with its holder already") as check:
        cookie, token = browser.service.logged_in(1001, "teller")
        status, _, page = browser.service.form(f"/cards/{number}/collection-paper", {"form-token": token}, cookie)
        check.equal(status, 409)
        check.holds(page, "lifecycle.physical-state")
