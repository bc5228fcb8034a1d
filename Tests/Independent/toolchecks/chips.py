"""The card itself in the counter's window: read for the acts that want it, held against the record, counted at the day's end."""

from .browser import Browser, Service
from .counter import open_card, page_is_good, sign

READERS = ["Virtual PCD 0 00 00", "Virtual PCD 0 00 01"]
OPERATORS = [(1001, "张一", "teller"), (2001, "李二", "supervisor"), (3001, "王三", "stock-keeper")]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: chips-test\nstock-book: true\n")
    service = Service(bench, site)
    for number, name, role in OPERATORS:
        service.add(number, name, role)
    site.run("registry", "import", bench.people_file(*bench.people[:3]))
    cards = [bench.blank() for _ in range(3)]
    for card in cards:
        with card.inserted():
            site.run("stock", "receive", "--readers", "--officer", "3001", "--proof", "paper")
            site.run("stock", "hand-over", "--readers", "--officer", "3001", "--second", "1001", "--second-role",
                     "personalizer")
    made = []
    for card, person in zip(cards[:2], bench.people):
        with card.inserted():
            made.append(site.make(bench.people_file(person), more=("--officer", "1001")).json[0])
    with cards[2].inserted():
        chip = site.run("card", "state", "--json").json["card"]
    copy = copied(bench, made[0])
    numbers = [report["cardNumber"] for report in made]
    with service.running():
        browser = Browser(service)
        try:
            browser.log_in(1001, "teller")
            found(browser, checks, cards, numbers)
            acts(browser, checks, cards, numbers, copy)
            programs(service, checks, cards, numbers)
            compared(bench, browser, checks, cards, numbers)
            counted(browser, checks, cards[2], chip, cards[0])
        finally:
            browser.close()
    changed(bench, site, service, checks, cards, numbers)
    with checks.check("what was read stands in the log, which is whole") as check:
        check.exits(site.run("registry", "verify"), 0)


def copied(bench, made):
    """A chip that shows the identification code of another one."""
    card = bench.blank()
    row = {**bench.people[0], "cardNumber": made["cardNumber"], "identificationCode": made["identificationCode"]}
    with card.inserted():
        report = bench.site().make(bench.people_file(row))
    if report.code != 0:
        raise RuntimeError(report.error)
    return card


def found(browser, checks, cards, numbers):
    """A card is found by being put in."""
    with checks.check("20, 21: a search without a card in the reader says so, and is tried again on the same page") as check:
        browser.go("/")
        browser.press("读卡查询")
        check.holds(browser.text, "reader.no-card")
        page_is_good(browser, check, "chip-none")
        with cards[0].inserted():
            browser.press("重新读卡")
            check.equal(browser.path, f"/cards/{numbers[0]}")
    with checks.check("the card in the reader is found by its chip, and its holder's look-up is an event") as check:
        with cards[1].inserted():
            browser.go("/")
            browser.choose("查询事由", "领卡启用")
            browser.press("读卡查询")
            check.equal(browser.path, f"/cards/{numbers[1]}")
            check.holds(browser.text, "封存")
    with checks.check("a blank is told as a blank") as check:
        with cards[2].inserted():
            browser.go("/")
            browser.press("读卡查询")
            check.holds(browser.text, "空白卡", cards[2].number)
            page_is_good(browser, check, "chip-blank")
    with checks.check("with cards in two readers the page asks which") as check:
        with cards[0].inserted(), cards[1].inserted(slot=1):
            browser.go("/")
            browser.press("读卡查询")
            check.holds(browser.text, "不止一个读卡器里有卡")
            browser.choose("读卡器", READERS[1])
            browser.press("重新读卡")
            check.equal(browser.path, f"/cards/{numbers[1]}")


def acts(browser, checks, cards, numbers, copy):
    """Acts that want the card."""
    def hand_over():
        browser.go(f"/cards/{numbers[0]}/hand-over")
        browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
        browser.press("确认领卡")

    with checks.check("nobody gets another's card: the chip is read before it is handed over") as check:
        hand_over()
        check.holds(browser.text, "reader.no-card")
        page_is_good(browser, check, "chip-wanted")
        with cards[1].inserted():
            hand_over()
            check.holds(browser.text, "读卡器中的是另一张卡", "chip.another-card")
            page_is_good(browser, check, "chip-another")
        with cards[2].inserted():
            hand_over()
            check.holds(browser.text, "chip.not-issued")
        with copy.inserted():
            hand_over()
            check.holds(browser.text, "可能是复制卡", "chip.another-chip")
        browser.go(f"/cards/{numbers[0]}")
        check.holds(browser.text, "封存")
        with cards[0].inserted():
            hand_over()
            check.holds(browser.text, "领卡，已办结", "卡已读取")
    with checks.check("a copy of a card is not found either") as check:
        with copy.inserted():
            browser.go("/")
            browser.press("读卡查询")
            check.holds(browser.text, "chip.another-chip")
    with checks.check("taking a card back wants the chip or a paper") as check:
        with cards[0].inserted():
            browser.go(f"/cards/{numbers[0]}/enable")
            check.true("卡已读取" not in browser.text, "reading can be ticked")
            browser.tick("持卡人已自设密码")
            browser.press("确认启用")
            check.holds(browser.text, "启用，已办结", "卡已读取且为真卡")
        browser.go(f"/cards/{numbers[0]}/recover")
        browser.tick("持卡人交回")
        browser.press("确认回收")
        check.holds(browser.text, "reader.no-card")
        page_is_good(browser, check, "chip-or-paper")
        browser.tick("已收凭证材料")
        browser.press("确认回收")
        check.holds(browser.text, "回收，已办结")
        check.true("卡已读取" not in browser.text, "read without a card")


def programs(service, checks, cards, numbers):
    """Programs are believed no more than people."""
    teller = service.program(1001, "teller")
    path = f"/api/cards/{numbers[1]}/acts/"
    ticked = {"proofs": ["identity-document", "signature", "card-read", "pin-changed"]}
    with checks.check("a program that says the card was read is not believed: the service reads it") as check:
        status, problem = teller("POST", path + "hand-over", ticked, "chips-hand-over-1")
        check.equal((status, problem["faults"][0]["code"]), (503, "reader.no-card"))
        with cards[1].inserted(slot=1):
            wish = {**ticked, "reader": READERS[1]}
            check.equal(teller("POST", path + "hand-over", wish, "chips-hand-over-2")[0], 201)
            check.equal(teller("POST", path + "enable", {**wish, "reader": READERS[0]}, "chips-enabling-1")[0], 503)
            check.equal(teller("POST", path + "enable", wish, "chips-enabling-2")[0], 201)


def compared(bench, browser, checks, cards, numbers):
    """What is on the chip against what is on record."""
    with checks.check("the card view shows chip and record side by side, the holder masked") as check:
        with cards[1].inserted():
            open_card(browser, numbers[1], "持卡人咨询")
            browser.press("与芯片核对")
            check.holds(browser.text, "登记的内容与芯片一致", cards[1].number, "社会保障号码")
            person = bench.people[1]
            check.true(person["citizenNumber"] not in browser.driver.page_source, "a whole number on the page")
            check.true(person["name"] not in browser.driver.page_source, "a whole name on the page")
            page_is_good(browser, check, "chip-compared")
    with checks.check("another card is not compared") as check:
        with cards[2].inserted():
            browser.press("重新读卡")
            check.holds(browser.text, "chip.not-issued")


def counted(browser, checks, card, chip, taken_back):
    """The day's end, from chips: a blank, and the card that was taken back."""
    with checks.check("the day's end takes the serials from the chips, those of cards that were taken back too") as check:
        browser.go("/stock/close-day")
        browser.press("读取读卡器中的芯片")
        check.holds(browser.text, "stock.no-chip")
        with card.inserted():
            browser.press("读取读卡器中的芯片")
            check.holds(browser.text, "本次登录从芯片读出的张数：1")
            check.equal(browser.field("空白卡").get_attribute("value"), chip)
            page_is_good(browser, check, "day-end-read")
        sign(browser, 2001, "supervisor")
        browser.press("确认日终")
        check.holds(browser.text, "stock.piece-not-read", taken_back.number)
        with taken_back.inserted():
            browser.press("读取读卡器中的芯片")
            check.holds(browser.text, "本次登录从芯片读出的张数：2")
            back = browser.field("成品卡").get_attribute("value")
            check.true(back.endswith(taken_back.number), back)
        sign(browser, 2001, "supervisor")
        browser.press("确认日终")
        check.holds(browser.text, "日终，已办结", "其中手工输入\n0")
    with checks.check("what was read for one act is not read for the next: typed again, it is told as typed, and a paper says why") as check:
        browser.go("/stock/close-day")
        browser.type("空白卡", chip)
        browser.type("成品卡", back)
        sign(browser, 2001, "supervisor")
        browser.press("确认日终")
        check.holds(browser.text, "stock.typed-without-reason")
        browser.tick("已收凭证材料")
        sign(browser, 2001, "supervisor")
        browser.press("确认日终")
        check.holds(browser.text, "日终，已办结", "其中手工输入\n2")


def changed(bench, site, service, checks, cards, numbers):
    """A chip whose content is not what the record says."""
    with checks.check("what differs on the chip is told, item by item") as check:
        with cards[1].inserted():
            # neither an update nor a migration rewrites what is kept on record: the record changes, and the chip stays behind
            changed_person = bench.people_file({**bench.people[1], "ethnicGroup": "15"})
            same = ("--layout", "national-2.0", "--to", "national-2.0", "--people", changed_person)
            check.equal(site.run("card", "migrate", *same).codes, ["card.update-holder"])
            check.exits(site.run("registry", "import", changed_person), 0)
            with service.running():
                browser = Browser(service)
                try:
                    browser.log_in(1001, "teller")
                    open_card(browser, numbers[1], "持卡人咨询")
                    browser.press("与芯片核对")
                    check.holds(browser.text, "与登记不同的项数：1")
                    row = browser.named("//tr[contains(@class, 'differs')]").text
                    check.holds(row, "民族", bench.people[1]["ethnicGroup"], "15", "不同")
                    page_is_good(browser, check, "chip-differs")
                finally:
                    browser.close()
