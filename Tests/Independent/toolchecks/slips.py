"""Slips and their QR codes: read by another program's eyes (zbar), scanned back at a counter, and refused when they are false."""

import base64
import re
import struct
import sys
import zlib

from .browser import Browser, Service
from .counter import page_is_good

# Where Debian's python3-pyzbar lies, whichever Python runs these checks.
sys.path.append("/usr/lib/python3/dist-packages")


def run(bench, checks):
    """All checks of this section."""
    told(bench, checks)
    service = Service(bench, bench.site())
    service.add(3001, "王三", "stock-keeper")
    with service.running():
        once(service, checks)
        browser = Browser(service)
        try:
            printed(service, browser, checks)
        finally:
            browser.close()


def told(bench, checks):
    """What a slip says of the act, and that its copy says the same whatever the policy says by then."""
    site = bench.site("version: seven-days\nstock-book: false\ntemporary-loss-days: 7\n")
    service = Service(bench, site)
    service.add(1001, "张一", "teller")
    with bench.blank().inserted():
        number = site.make(bench.people_file({**bench.people[0], "issueDate": "20261001"})).json[0]["cardNumber"]

    def printed(event, **fields):
        cookie, token = service.logged_in(1001, "teller")
        status, _, page = service.form(f"/events/{event.partition('/')[2]}/slip", {"form-token": token, **fields}, cookie)
        return page if status == 200 else f"{status} {page}"

    with service.running():
        teller = service.program(1001, "teller")
        status, loss = teller("POST", f"/api/cards/{number}/acts/temporary-loss", {
            "reporter": "agent", "channel": "telephone", "subject": "person", "lostSince": "2026-11-01T08:30"}, "a-loss-by-telephone")
        with checks.check("a loss slip tells holder, reporter, how it came in, what is lost, since when, and for how many days") as check:
            check.equal(status, 201)
            original = printed(loss["event"])
            check.holds(original, bench.people[0]["name"][0] + "*", "代办人", "电话", "本人名下的卡", "2026-11-01 08:30", "有效期 7 天")
            check.true(bench.people[0]["citizenNumber"] not in original and bench.people[0]["name"] not in original, "not masked")
        with checks.check("a moment that is to come, and a loss for good by telephone, are refused; an agent shows a document for it") as check:
            for act, fields, code in [
                    ("temporary-loss", {"lostSince": "2999-01-01T00:00"}, "counter.lost-since"),
                    ("formal-loss", {"channel": "telephone", "proofs": ["identity-document"]}, "counter.formal-by-telephone"),
                    ("formal-loss", {"reporter": "agent", "proofs": ["identity-document"]}, "lifecycle.proof-missing")]:
                _, problem = teller("POST", f"/api/cards/{number}/acts/{act}", {"reporter": "holder", **fields}, f"refused-{act}-{code}")
                check.equal([fault["code"] for fault in problem["faults"]], [code])
            status, _ = teller("POST", f"/api/cards/{number}/acts/formal-loss", {
                "reporter": "agent", "proofs": ["identity-document", "agent-document"]}, "an-agent-of-no-name")
            check.equal(status, 422)
            status, lost = teller("POST", f"/api/cards/{number}/acts/formal-loss", {
                "reporter": "agent", "agentName": "李四光", "agentDocument": "E12345678",
                "proofs": ["identity-document", "agent-document"]}, "an-agent-with-documents")
            check.equal(status, 201)
            page = printed(lost["event"])
            check.holds(page, "李*", "E1*****78")
            check.true("李四光" not in page and "E12345678" not in page, "not masked")
    site.policy.write_text("version: fifteen-days\nstock-book: false\ntemporary-loss-days: 15\n", encoding="utf-8")
    with service.running():
        with checks.check("under another policy the copy says what the original said, but for that it is one") as check:
            copy = printed(loss["event"])
            check.holds(copy, "副本", "有效期 7 天")

            def rows(page):
                return re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page)

            check.equal(rows(copy), rows(original))
        browser = Browser(service)
        try:
            browser.log_in(1001, "teller")
            with checks.check("a slip fits a roll of 80 mm where the window asks for one, and a sheet where it does not") as check:
                for paper, name, width in (("80 毫米小票", "receipt", 226.77), ("A4", "sheet", 595.28)):
                    browser.go(f"/events/{loss['event'].partition('/')[2]}")
                    window = browser.driver.current_window_handle
                    browser.choose("纸张", paper)
                    browser.named("//main//form[contains(@action, '/slip')]//button").click()
                    browser.wait(lambda b: len(b.driver.window_handles) == 2)
                    browser.driver.switch_to.window([h for h in browser.driver.window_handles if h != window][0])
                    browser.wait(lambda b: b.driver.find_elements("css selector", "svg.code"))
                    page_is_good(browser, check, f"slip-{name}")
                    pdf = base64.b64decode(browser.driver.execute_cdp_cmd(
                        "Page.printToPDF", {"preferCSSPageSize": True, "paperWidth": 8.27, "paperHeight": 11.69})["data"])
                    boxes = {round(float(box.split()[2])) for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf)}
                    check.equal({abs(box - width) < 2 for box in boxes}, {True}, f"{boxes}")
                    browser.driver.close()
                    browser.driver.switch_to.window(window)
        finally:
            browser.close()


def once(service, checks):
    """A registration is done once."""
    service.add(1001, "张一", "teller")
    cookie, token = service.logged_in(1001, "teller")
    with checks.check("2: a person whose form arrives twice is registered once, and both answers are the same") as check:
        person = {"citizenNumber": "990165200802116857", "name": "张三", "sex": "1", "ethnicGroup": "01",
                  "birthDate": "20080211", "birthPlace": "990165", "form-token": token, "key": "a-form-of-this-session"}
        answers = [service.form("/people/new", person, cookie) for _ in range(2)]
        check.equal([(status, headers["Location"]) for status, headers, _ in answers],
                    [(303, answers[0][1]["Location"])] * 2)
        keeper = service.program(1001, "teller")
        check.equal(keeper("GET", "/api/home")[1]["head"], 1)


def printed(service, browser, checks):
    """A slip is printed, its code read, and scanned at the search."""
    keeper = service.program(3001, "stock-keeper")
    _, event = keeper("POST", "/api/stock/receive", {"kind": "blank", "serials": ["009046533186490099010000A1"], "proofs": ["paper"]},
                      "one-piece-for-a-slip")
    browser.log_in(3001, "stock-keeper")
    codes = []
    with checks.check("a slip and its copy carry a QR code with event number and hash, which another program reads") as check:
        for is_copy in (False, True):
            browser.go(f"/events/{event['event'].partition('/')[2]}")
            window = browser.driver.current_window_handle
            browser.named("//main//form[contains(@action, '/slip')]//button").click()
            browser.wait(lambda b: len(b.driver.window_handles) == 2)
            browser.driver.switch_to.window([h for h in browser.driver.window_handles if h != window][0])
            browser.wait(lambda b: b.driver.find_elements("css selector", "svg.code"))
            check.equal("副本" in browser.text, is_copy)
            codes.append(read_code(enlarged(browser, browser.driver.find_element("css selector", "svg.code"))))
            page_is_good(browser, check, "slip-code-copy" if is_copy else "slip-code")
            browser.driver.close()
            browser.driver.switch_to.window(window)
        check.equal(codes, [f"sscard:{event['event']}:{event['hash']}"] * 2)
    with checks.check("scanned at the search, the code leads to its event; a forged one and another counter's are told") as check:
        scan(browser, codes[0])
        check.equal(browser.path, f"/events/{event['event'].partition('/')[2]}")
        for code, fault in [(codes[0].replace(event["hash"], "0" * 64), "counter.slip-false"),
                            (codes[0].replace("sscard:1/", "sscard:2/"), "counter.slip-elsewhere"),
                            (codes[0].replace(":1/", ":1/9"), "counter.slip-false"),
                            (codes[0][:-1], "counter.slip-code")]:
            scan(browser, code)
            check.holds(browser.driver.page_source, fault)
        page_is_good(browser, check, "slip-refused")


def scan(browser, code):
    """A scanner types what it reads, and Enter."""
    browser.go("/")
    browser.leave(lambda: browser.keys(code, "\ue007"))


def enlarged(browser, element):
    """A picture of an element as large as a printer makes it."""
    place = browser.driver.execute_script("const r = arguments[0].getBoundingClientRect();"
                                          "return {x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height};", element)
    picture = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {
        "format": "png", "captureBeyondViewport": True, "clip": {**place, "scale": 4}})
    return base64.b64decode(picture["data"])


def read_code(png):
    """The text of the one QR code on a picture, as zbar reads it."""
    from pyzbar import pyzbar  # pylint: disable=import-outside-toplevel
    width, height, grey = greys(png)
    found = pyzbar.decode((grey, width, height), symbols=[pyzbar.ZBarSymbol.QRCODE])
    return found[0].data.decode() if len(found) == 1 else f"{len(found)} codes"


def greys(png):
    """Width, height and one byte a pixel of a PNG with eight bits a colour (PNG specification, §9 and §11)."""
    width, height, depth, colours = struct.unpack(">IIBB", png[16:26])
    if depth != 8 or colours not in (2, 6):
        raise ValueError(f"a PNG of {depth} bits, kind {colours}")
    place, packed = 8, b""
    while place < len(png):
        length, = struct.unpack(">I", png[place:place + 4])
        if png[place + 4:place + 8] == b"IDAT":
            packed += png[place + 8:place + 8 + length]
        place += 12 + length
    data, step = zlib.decompress(packed), 3 if colours == 2 else 4
    above, grey = bytearray(width * step), bytearray()
    for row in range(height):
        start = row * (width * step + 1)
        kind, line = data[start], bytearray(data[start + 1:start + 1 + width * step])
        for at, value in enumerate(line):
            left, corner = (line[at - step], above[at - step]) if at >= step else (0, 0)
            line[at] = (value + (0, left, above[at], (left + above[at]) // 2, paeth(left, above[at], corner))[kind]) & 0xFF
        grey += line[1::step]
        above = line
    return width, height, bytes(grey)


def paeth(left, above, corner):
    """Whichever of the three is nearest to their plane."""
    return min((left, above, corner), key=lambda value: abs(left + above - corner - value))
