"""What comes out of the printer: every slip, form, list and report as sheets and as pieces of a roll, read letter by letter from the PDF that
the browser prints."""

import contextlib

from .browser import Browser, Service
from .counter import open_card
from .practice import Practice, enter

SERIALS = [f"00904653318649{number:012X}" for number in range(0x990100010000, 0x990100010000 + 300)]
OPERATORS = [(1001, "张一", "teller"), (2001, "李二", "supervisor"), (3001, "王三", "stock-keeper")]
LEAST_LETTERS = 7.4  # points; a newspaper's small advertisements have seven
MILLIMETRE = 72 / 25.4


def run(bench, checks):
    """All checks of this section."""
    with Practice(bench.path("practice")) as practice:
        browser = Browser(practice)
        try:
            pieces(browser, checks)
        finally:
            browser.close()
    site = bench.site("version: paper-test\nstock-book: false\n")
    service = Service(bench, site)
    for operator in OPERATORS:
        service.add(*operator)
    site.run("registry", "import", bench.people_file(*bench.people[:80]))
    card = bench.blank()
    with card.inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    with card.inserted(), service.running():
        teller = service.program(1001, "teller")
        for row in bench.people[:80]:
            teller("POST", "/api/people/look-up", {"number": row["citizenNumber"], "purpose": "inquiry"})
        browser = Browser(service)
        try:
            signed(browser, checks, number)
            lists(browser, checks, number)
            reports(browser, checks)
        finally:
            browser.close()
    rolls(bench, checks, site, service, number)


@contextlib.contextmanager
def opened(browser, press):
    """What a form opens beside the page, as long as it is looked at."""
    window = browser.driver.current_window_handle
    press()
    browser.wait(lambda b: len(b.driver.window_handles) == 2)
    browser.driver.switch_to.window([handle for handle in browser.driver.window_handles if handle != window][0])
    browser.wait(lambda b: b.driver.find_elements("css selector", "article.slip"))
    try:
        yield
    finally:
        browser.driver.close()
        browser.driver.switch_to.window(window)


def slip(browser, paper=None):
    """The slip of the event that the page tells."""
    if paper:
        browser.choose("纸张", paper)
    return opened(browser, browser.named("//main//form[contains(@action, '/slip')]//button").click)


def is_readable(check, sheets, margin=8):
    """Nothing is too small, and nothing lies beside the paper."""
    for number, sheet in enumerate(sheets, 1):
        check.true(sheet.smallest >= LEAST_LETTERS, f"letters of {sheet.smallest:.1f} points on sheet {number}")
        left, right = (place / MILLIMETRE for place in sheet.sides)
        check.true(left >= margin / 3 and right <= sheet.width / MILLIMETRE - margin / 3, f"sheet {number} is written on from {left:.0f} to {right:.0f} mm")


def heads(check, sheets, *parts):
    """The first line of each sheet says what it is of, the last which of how many."""
    for number, sheet in enumerate(sheets, 1):
        lines = sheet.text.splitlines()
        check.holds(lines[0], *parts)
        check.equal(lines[-1], f"{number} / {len(sheets)}")


def pieces(browser, checks):
    """A delivery, in practice."""
    enter(browser, 3001)
    browser.go("/stock/receive")
    browser.type("芯片号", "\n".join(SERIALS))
    browser.tick("已收凭证材料")
    browser.press("确认入库")
    event = browser.named("//main//dl//dd[1]").text
    for is_copy in (False, True):
        with checks.check(f"a slip of 300 pieces fills few sheets, each of which says what it is: {'a copy' if is_copy else 'practice'}") as check:
            with slip(browser, "A4"):
                sheets = browser.printed()
            check.equal(len(sheets), 2)
            heads(check, sheets, "培训用，无效", "入库", event, *["副本"] * is_copy)
            check.equal([("副本" in sheet.text) for sheet in sheets], [is_copy] * len(sheets))
            text = "".join(sheet.text for sheet in sheets)
            check.equal([serial for serial in SERIALS if serial not in text], [])
            check.true("打印" not in sheets[0].text.replace("副本打印时间", ""), "the button is printed")
            check.holds(sheets[-1].text, "经办人签章", "SHA-256")
            check.true(sheets[0].filled > 0.8, f"the first sheet ends at {sheets[0].filled:.0%}")
            is_readable(check, sheets)
    with checks.check("on a roll it is one piece, as long as what stands on it, with every serial whole") as check:
        with slip(browser, "80 毫米小票"):
            sheets = browser.printed()
        check.equal(len(sheets), 1)
        check.true(abs(sheets[0].width / MILLIMETRE - 80) < 1, f"{sheets[0].width}")
        check.true(sheets[0].filled > 0.97, f"it ends at {sheets[0].filled:.0%}")
        check.equal([serial for serial in SERIALS if serial not in sheets[0].text], [])
        check.holds(sheets[0].text, "培训用，无效", "副本", "经办人签章", "SHA-256")
        is_readable(check, sheets)
    with checks.check("where no script runs it comes in pieces, and each says what it is of") as check:
        with slip(browser, "80 毫米小票"):
            browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
            browser.driver.execute_script("document.adoptedStyleSheets = [];")
            sheets = browser.printed()
        check.true(len(sheets) > 2, f"{len(sheets)} pieces")
        for sheet in sheets:
            check.holds("".join(sheet.text.splitlines()[:3]), "培训用，无效", "副本", event)
        is_readable(check, sheets)


def signed(browser, checks, number):
    """Papers that somebody signs."""
    with checks.check("the paper that the holder signs, and the slip that comes after it, are one sheet each") as check:
        browser.log_in(1001, "teller")
        open_card(browser, number, "领卡启用")
        browser.go(f"/cards/{number}/hand-over")
        with opened(browser, browser.named("//main//form[contains(@action, '/collection-paper')]//button").click):
            sheets = browser.printed()
        check.equal(len(sheets), 1)
        heads(check, sheets, "领卡签收单", f"{number[:-1]}-{number[-1]}")
        check.holds(sheets[0].text, "持卡人（代办人）签字", "经办人签章")
        is_readable(check, sheets)
        browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
        browser.press("确认领卡")
        with slip(browser, "A4"):
            sheets = browser.printed()
        check.equal(len(sheets), 1)
        heads(check, sheets, "领卡")
        is_readable(check, sheets)


def lists(browser, checks, number):
    """Pages that are no paper, printed all the same."""
    with checks.check("any other page that is printed is what it says alone: no menu, no button, no search") as check:
        for path in ("/", f"/cards/{number}", f"/cards/{number}/temporary-loss", "/applications", "/stock", "/readers", "/queue", "/approvals", "/issues", "/found-cards"):
            browser.go(path)
            heading, sheets = browser.heading, browser.printed()
            heads(check, sheets, "示范市第一网点", heading, "1001 张一")
            for word in ("English", "修改登录密码", "退出", "Alt + 数字键"):
                check.true(word not in "".join(sheet.text for sheet in sheets), f"{path}: “{word}” is printed")
            is_readable(check, sheets)
            browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
            left = browser.driver.execute_script(
                "return [...document.querySelectorAll('.rail, .bar, .skip, .search, .actions, button')]"
                ".filter((one) => one.checkVisibility()).map((one) => one.textContent.trim());")
            browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
            check.equal(left, [], path)


def reports(browser, checks):
    """A report that is longer than a sheet."""
    with checks.check("a report of several sheets tells its days, and the head of a table stands above its rows on each sheet") as check:
        browser.log_in(2001, "supervisor")
        browser.go("/reports")
        day = browser.driver.find_element("id", "from").get_attribute("value")
        sheets = browser.printed()
        check.true(len(sheets) > 2, f"{len(sheets)} sheets")
        heads(check, sheets, "报表", "2001 李二")
        check.holds(sheets[0].text, f"从 {day} 到")
        rows = [[line for line in sheet.text.splitlines() if line.startswith("1/") and "查询" in line] for sheet in sheets]
        check.true(sum(map(bool, rows)) > 1, "the look-ups are on one sheet")
        for number, (sheet, found) in enumerate(zip(sheets, rows), 1):
            check.true(not found or sheet.lines_with("事件编号", "时间", "业务", "经办人"), f"no head on sheet {number}")
        is_readable(check, sheets)


def rolls(bench, checks, site, service, number):
    """An office that prints on rolls alone."""
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\nslip-paper: receipt\n")
    with service.running():
        browser = Browser(service)
        try:
            with checks.check("where the office prints on rolls, a loss's slip is one short piece") as check:
                browser.log_in(1001, "teller")
                browser.go(f"/cards/{number}/temporary-loss")
                browser.tick("持卡人本人")
                browser.press("确认临时挂失")
                with slip(browser):
                    sheets = browser.printed()
                check.equal([round(sheet.width / MILLIMETRE) for sheet in sheets], [80])
                # Cut where it ends, and not at the 220 mm of a browser without the script.
                check.true(abs(sheets[0].height / MILLIMETRE - 220) > 0.5, f"{sheets[0].height / MILLIMETRE:.1f} mm")
                check.true(sheets[0].filled > 0.9, f"it ends at {sheets[0].filled:.0%}")
                is_readable(check, sheets)
        finally:
            browser.close()
