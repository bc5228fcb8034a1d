"""The holder's PIN at the counter's window: changed, reset, unblocked, and nowhere to be read."""

import hashlib
import json
import re
import subprocess

from .bench import PATIENCE, PIN, ROOT
from .browser import Browser, Service, password
from .counter import open_card, page_is_good, sign
from .pin import accepted

NEW, AFTER = "48195207", "6201938475"
OPERATORS = [(1001, "张一", "teller"), (2001, "李二", "supervisor")]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: window-pin-test\nstock-book: false\n")
    service = Service(bench, site)
    for number, name, role in OPERATORS:
        service.add(number, name, role)
    card = bench.blank()
    with card.inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    keyless(service, checks, number)
    configured(service, checks)
    interrupted(bench, site, service, checks)
    with card.inserted():
        with service.running():
            browser = Browser(service)
            try:
                changed(browser, checks, number)
                blocked(browser, checks, number)
            finally:
                browser.close()
            refused(service, checks, number)
        with checks.check("no PIN stands in the service's log, the data folder or an address; the log and the key log are whole") as check:
            for path in [service.folder / "service.log", *filter(lambda p: p.is_file(), site.data.rglob("*"))]:
                content = path.read_bytes()
                for secret in (PIN, NEW, AFTER):
                    check.true(secret.encode() not in content, f"{secret} in {path.name}")
            check.exits(site.run("registry", "verify"), 0)
            check.exits(site.run("keys", "audit", "verify"), 0)


def interrupted(bench, site, service, checks):
    """A change of the PIN that the end of the program broke off: its note as the program leaves it, booked at the next start."""
    card = bench.blank()
    with card.inserted():
        made = site.make(bench.people_file(bench.people[1])).json[0]
        number, code = made["cardNumber"], made["identificationCode"]
        site.act("hand-over", number, "--proof", "identity-document", "--proof", "signature")
        # Service 1 is a change, role 1 a teller, proof bit 3 that the card was read.
        covered = (f"form: sscard pin 1\ncard: {code}\nservice: 1\nticket: \nofficer: 1001 1\nproofs: 8\nsince: "
                   f"{site.counts()['events']}\n")
        note = site.data / "journal" / f"{code}.pin-begun"
        note.write_text(f"{covered}sha-256: {hashlib.sha256(covered.encode()).hexdigest().upper()}\n", encoding="utf-8")
        with service.running(), checks.check("a change that was broken off is no PIN of the holder's own: the card is not enabled by it") as check:
            check.true(not note.exists(), "not booked at the start")
            call = service.program(1001, "teller")
            events = call("GET", f"/api/cards/{number}")[1]["events"]
            check.equal(events[-1]["act"], "pin-served")
            status, answer = call("POST", f"/api/cards/{number}/acts/enable", {"proofs": []}, "enabled-by-a-broken-change")
            check.true(status != 201, f"{status}")
            check.holds(json.dumps(answer), "chip.pin-not-seen")


def with_keys(service, keys, more=""):
    """The configuration with keys."""
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {service.site.data}\nlisten: 127.0.0.1:0\n"
                         f"keys: {keys}\n{more}")


def keyless(service, checks, number):
    """Without keys."""
    with checks.check("without configured keys the window offers no PIN service, and says why") as check:
        with service.running():
            cookie, token = service.logged_in(1001, "teller")
            path = f"/cards/{number}/pin/reset"
            _, _, page = service.request("GET", f"/cards/{number}", headers={"Cookie": f"sscard-session={cookie}"})
            check.true("重置密码" not in page, "offered without keys")
            status, _, page = service.form(path, {"form-token": token, "key": "k" * 20, "new-pin": NEW,
                                                  "new-pin-again": NEW, "ticket": "1",
                                                  "proof-identity-document": "on"}, cookie)
            check.equal(status, 503)
            check.holds(page, "card-key.not-configured")


def configured(service, checks):
    """Where the keys come from."""
    with checks.check("a passphrase in the configuration is refused without being shown; files and credentials are looked at") as check:
        keys = ROOT / "Keys/development"
        with_keys(service, keys, "keys-passphrase: correct horse battery\n")
        result = service.run("check")
        check.equal(result.returncode, 2)
        check.holds(result.stderr, "[counter.passphrase-place]", "counter.yaml:6:")
        check.true("horse" not in result.stderr, "the passphrase is shown")
        secret = service.folder / "passphrase"
        secret.write_text("not this one\n", encoding="utf-8")
        with_keys(service, keys, "keys-passphrase: file:passphrase\n")
        secret.chmod(0o644)
        check.holds(service.run("check").stdout, "passphrase")
        check.equal(found(service, "keys"), "secret.file")
        secret.chmod(0o600)
        check.equal(found(service, "keys"), "key-store.not-opened")
        with_keys(service, keys, "keys-passphrase: credential:keys\n")
        check.equal(found(service, "keys"), "counter.no-credentials")
    with checks.check("in production the development key set does not open the window") as check:
        production = service.site.bench.site("version: real\nmode: production\narea: \"990100\"\n")
        policy = production.policy
        with_keys(service, keys)
        text = service.config.read_text(encoding="utf-8").replace(f"policy: {service.site.policy}", f"policy: {policy}")
        service.config.write_text(f"{text}policy-key: {policy.with_suffix('.pub')}\n", encoding="utf-8")
        result = subprocess.run([service.tool, "counter", "--config", service.config], cwd=ROOT, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=PATIENCE, check=False)
        check.true(result.returncode != 0, "it serves")
        check.holds(result.stderr, "[counter.passphrase-missing]")
        secret.write_text("sscard development keys are public\n", encoding="utf-8")
        with open(service.config, "a", encoding="utf-8") as file:
            file.write("keys-passphrase: file:passphrase\n")
        result = subprocess.run([service.tool, "counter", "--config", service.config], cwd=ROOT, stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=PATIENCE, check=False)
        check.equal(result.returncode, 4)
        check.holds(result.stderr, "[key-store.development-in-production]")
    with_keys(service, keys)
    with checks.check("with the development set in development the self-test is content") as check:
        check.equal(found(service, "keys"), None)


def found(service, subject):
    """The code that the self-test has for a subject."""
    rows = json.loads(service.run("check", "--json").stdout)
    return next(row for row in rows if row["subject"] == subject).get("code")


def type_pins(browser, **fields):
    """Types PINs at the window."""
    labels = {"old": "旧密码", "new": "新密码", "again": "再输入一次新密码"}
    for name, digits in fields.items():
        browser.type(labels[name], digits)


def changed(browser, checks, number):
    """The holder changes the PIN, then the card is enabled."""
    browser.log_in(1001, "teller")
    with checks.check("13: a card is not enabled before its holder has set a PIN here, and nobody can tick that") as check:
        browser.go(f"/cards/{number}/hand-over")
        browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
        browser.press("确认领卡")
        check.holds(browser.text, "领卡，已办结")
        browser.go(f"/cards/{number}/enable")
        check.true("持卡人已自设密码" not in browser.text, "can be ticked")
        browser.press("确认启用")
        check.holds(browser.text, "chip.pin-not-seen")
    with checks.check("13: PINs that are short, trivial or typed in two ways are refused, and none is shown again") as check:
        open_card(browser, number, "持卡人咨询")
        browser.follow("修改密码")
        page_is_good(browser, check, "pin-change")
        # The holder's birthday as people write it, and digits in a row of the number on the card.
        holder = browser.service.site.bench.people[0]
        year, month, day = holder["birthDate"][:4], holder["birthDate"][4:6], holder["birthDate"][6:]
        guessed = [(year[2:] + month + day, "pin.birth-date"), (month + day + year[2:], "pin.birth-date"),
                   (day + month + year[2:], "pin.birth-date"), (year + month, "pin.birth-date"),
                   (holder["citizenNumber"][:6], "pin.in-number"), (holder["citizenNumber"][12:], "pin.in-number")]
        for new, again, code in [("12", "12", "pin.malformed"), (NEW, AFTER, "pin.entries-differ"),
                                 *((digits, digits, "pin.trivial") for digits in ("111111", "123456", "654321")),
                                 *((digits, digits, code) for digits, code in guessed)]:
            type_pins(browser, old=PIN, new=new, again=again)
            browser.press("确认修改密码")
            check.holds(browser.text, code)
            for secret in (PIN, NEW, AFTER):
                check.true(secret not in browser.driver.page_source, "a PIN in the page")
        page_is_good(browser, check, "pin-refused")
    cookie, token = browser.service.logged_in(1001, "teller")
    earlier = shown(browser.service, f"/cards/{number}/pin/change", cookie)
    with checks.check("a wrong old PIN costs a try, which is told; the right one is changed once") as check:
        type_pins(browser, old="11223344", new=NEW, again=NEW)
        browser.press("确认修改密码")
        check.holds(browser.text, "5")
        type_pins(browser, old=PIN, new=NEW, again=NEW)
        button = browser.named("//button[normalize-space()='确认修改密码']")
        browser.leave(lambda: browser.driver.execute_script("arguments[0].click(); arguments[0].click()", button))
        check.holds(browser.text, "已办结", "卡已读取且为真卡")
        check.equal(accepted(NEW), "9000")
    with checks.check("a second window that was opened before is told that the card has changed, and its PIN costs no try") as check:
        for old in ("11223344", NEW):
            status, _, page = browser.service.form(
                f"/cards/{number}/pin/change",
                {"form-token": token, "key": f"second-window-{old}", "seen": earlier, "old-pin": old, "new-pin": AFTER,
                 "new-pin-again": AFTER}, cookie)
            check.equal(status, 409)
            check.holds(page, "registry.card-changed")
        check.true(shown(browser.service, f"/cards/{number}/pin/change", cookie) != earlier, "the form says what is now")
        check.equal(accepted(NEW), "9000")
    with checks.check("then the card is enabled, and the event says that the PIN was set") as check:
        browser.go(f"/cards/{number}/enable")
        browser.press("确认启用")
        check.holds(browser.text, "启用，已办结", "持卡人已自设密码")


def shown(service, path, cookie):
    """The card's newest event as a window's form has it."""
    _, _, page = service.request("GET", path, headers={"Cookie": f"sscard-session={cookie}"})
    return re.search(r'name="seen" value="(\d+)"', page).group(1)


def blocked(browser, checks, number):
    """A PIN without tries."""
    with checks.check("a PIN whose tries are used up is told, and the card's state says so") as check:
        for _ in range(6):
            accepted("11223344")
        browser.go(f"/cards/{number}/pin/change")
        type_pins(browser, old=NEW, new=AFTER, again=AFTER)
        browser.press("确认修改密码")
        check.holds(browser.text, "未办理")
        browser.go(f"/cards/{number}")
        check.holds(browser.text, "密码")
    with checks.check("unblocking takes document, ticket and a second person with their own password") as check:
        browser.go(f"/cards/{number}/pin/unblock")
        page_is_good(browser, check, "pin-unblock")
        browser.type("工单号", "2026-0017")
        sign(browser, 2001, "supervisor")
        browser.press("确认解锁密码")
        check.holds(browser.text, "缺少核验：身份证件")
        browser.tick("身份证件已核对")
        browser.type("复核人编号", "2001")
        browser.type("复核人密码", "not the password")
        browser.press("确认解锁密码")
        check.holds(browser.text, "的编号或密码不对")
        sign(browser, 2001, "supervisor")
        browser.press("确认解锁密码")
        check.holds(browser.text, "已办结", "2001 李二")
        check.equal(accepted(NEW), "9000")
    with checks.check("resetting sets what the holder types; the old PIN is not asked for") as check:
        open_card(browser, number, "持卡人咨询")
        browser.follow("重置密码")
        page_is_good(browser, check, "pin-reset")
        browser.type("工单号", "2026-0018")
        browser.tick("身份证件已核对")
        type_pins(browser, new=AFTER, again=AFTER)
        sign(browser, 2001, "supervisor")
        browser.press("确认重置密码")
        check.holds(browser.text, "已办结")
        check.equal((accepted(AFTER), accepted(NEW)[:2]), ("9000", "63"))
    with checks.check("another card in the reader is not served") as check:
        with browser.service.site.bench.blank().inserted(slot=1):
            browser.go(f"/cards/{number}/pin/change")
            browser.choose("读卡器", "Virtual PCD 0 00 01")
            type_pins(browser, old=AFTER, new=NEW, again=NEW)
            browser.press("确认修改密码")
            check.holds(browser.text, "chip.not-issued")


def refused(service, checks, number):
    """What must not get through."""
    with checks.check("a PIN page is kept by no cache, and a PIN in an address is not read") as check:
        cookie, token = service.logged_in(1001, "teller")
        told = {"Cookie": f"sscard-session={cookie}"}
        _, headers, _ = service.request("GET", f"/cards/{number}/pin/change", headers=told)
        check.equal(headers["Cache-Control"], "no-store")
        status, _, page = service.form(f"/cards/{number}/pin/change?old-pin={AFTER}&new-pin={NEW}&new-pin-again={NEW}",
                                       {"form-token": token, "key": "p" * 20}, cookie)
        check.equal(status, 422)
        check.holds(page, "pin.malformed")
        check.true(password("teller") not in page, "a password")
