"""The counter's windows in a real browser: every flow by label and keyboard, in both languages, and what is refused.

Checks that answer a complaint of users of such software carry its number (card.md §8).
"""

import ctypes
import http.client
import json
import random
import re
import subprocess
import threading
import urllib.parse

import jsonschema

from .bench import ROOT
from .browser import Browser, Service, password
from .faults import ROUNDS

FIRST, SECOND = 0, 1
READER = "Virtual PCD 0 00 01"  # slot 1
OPERATORS = [
    (1001, "张一", "teller"), (1002, "陈四", "personalizer"), (2001, "李二", "supervisor"), (2002, "赵六", "supervisor"),
    (3001, "王三", "stock-keeper"), (9001, "周五", "administrator"),
]


def run(bench, checks):
    """All checks of this section."""
    configuration(bench, checks)
    site = bench.site("version: counter-test\nstock-book: false\nunclaimed-months: 0\n")
    service = Service(bench, site)
    site.run("registry", "import", bench.people_file(*bench.people[:4]))
    numbers, cards = [], [bench.blank() for _ in (FIRST, SECOND)]
    for row in (FIRST, SECOND):
        with cards[row].inserted():
            numbers.append(site.make(bench.people_file(bench.people[row])).json[0]["cardNumber"])
    operators(service, checks)
    with service.running():
        refusals(service, checks, numbers)
        programs(bench, service, checks)
        browser = Browser(service)
        try:
            login(browser, checks)
            with cards[FIRST].inserted():
                card_flows(bench, browser, checks, numbers[FIRST])
                second_person(browser, checks, numbers, cards[SECOND])
            applications(bench, browser, checks)
            stock(browser, checks)
            readers(bench, browser, checks)
            english(browser, checks, numbers[FIRST])
            administrator(browser, checks)
        finally:
            browser.close()
    with checks.check("SIGTERM ends the service with 0, and the log it leaves is whole") as check:
        check.equal(service.process.returncode, 0)
        check.exits(site.run("registry", "verify"), 0)
    with checks.check("14: neither passwords nor persons stand in the service's log; every line is JSON") as check:
        for line in service.log.splitlines():
            check.true("message" in json.loads(line), line)
        for row in bench.people[:4]:
            check.true(row["citizenNumber"] not in service.log and row["name"] not in service.log, "a person")
        check.true("battery" not in service.log and "D0000000" not in service.log, "a password or card number")
    with checks.check("who was turned away, who left and what was printed stands in the log by the operator's number") as check:
        lines = [json.loads(line) for line in service.log.splitlines()]
        refused = [(line["purpose"], line["operator"], line["code"]) for line in lines if line["message"] == "refused"]
        for expected in [("login", "9001", "counter.login-wrong"), ("login", "9001", "counter.login-wait"),
                         ("login", "unknown", "counter.login-wrong"), ("second-person", "2001", "counter.login-wrong")]:
            check.true(expected in refused, f"{expected} is not among {refused}")
        check.true("4711" not in service.log, "a number that is no operator's")
        check.equal([line["operator"] for line in lines if line["message"] == "logout"], ["1001"])
        printed = [(line["operator"], line["copy"]) for line in lines if line["message"] == "slip printed"]
        check.equal(printed[:2], [("1001", "false"), ("1001", "true")])
    once_after_restart(service, checks, numbers[SECOND])
    killed(service, checks)


def configuration(bench, checks):
    """The one configuration file and its schema."""
    service = Service(bench, bench.site())
    with checks.check("a configuration file is told all its faults at once, each with its line") as check:
        service.config.write_text(
            "office: ''\ncounter: 0\nlisten: 0.0.0.0:80\nidle-minutes: never\nbehind-tls: perhaps\nnonsense: 1\n",
            encoding="utf-8")
        result = service.run("check")
        check.equal(result.returncode, 2)
        for line, code in [(1, "data-file.empty-value"), (2, "counter.number"), (3, "counter.not-this-machine"),
                           (4, "data-file.not-an-integer"), (5, "data-file.not-boolean"), (6, "data-file.unknown-key")]:
            check.true(re.search(rf"counter\.yaml:{line}:\d+: \[{code}\]", result.stderr), f"{line} {code}")
        check.holds(result.stderr, "[data-file.missing-key]", "7 faults")
    with checks.check("a command line that the services do not take is told in both languages, with a code, the usage and 2") as check:
        for arguments, code in ((["nonsense"], "usage.unknown-command"), (["counter", "--nonsense"], "usage.unknown-option"),
                                (["training", "--cards", "0"], "usage.refused")):
            result = subprocess.run([service.tool, *arguments], capture_output=True, check=False, encoding="utf-8")
            check.equal((result.returncode, result.stdout), (2, ""))
            check.holds(result.stderr, f"[{code}]", "Usage: sscardd", "没有执行任何操作", "othing was done")
    with checks.check("the gateway's check finds the keys' files from any folder, and tells a missing private key as missing") as check:
        settings = bench.write(
            "gateway.yaml", "host: 127.0.0.1\nport: 9\nauthorities: ca.pem\ncertificate: own.pem\nprivate-key: own.key\n")
        result = subprocess.run([service.tool, "gateway", "check", "--settings", settings], cwd="/", capture_output=True,
                                check=False, encoding="utf-8")
        check.equal(result.returncode, 4)
        check.holds(result.stderr, "[gateway.key-missing]", "own.key")
    with checks.check("the schema says of a configuration what the program says") as check:
        schema = json.loads(service.run("schema").stdout)
        good = {"office": "网点", "counter": 1, "data": "data", "listen": "127.0.0.1:0"}
        jsonschema.validate(good, schema)
        for wrong in [{"office": ""}, {"counter": 0}, {"listen": "0.0.0.0:80"}, {"nonsense": 1}, {"idle-minutes": 0}]:
            check.true(list(jsonschema.Draft202012Validator(schema).iter_errors({**good, **wrong})), f"{wrong} passes")


def operators(service, checks):
    """Who may log in; passwords never in an argument, none by default."""
    with checks.check("13: no default password: short, trivial and telling ones are refused, all faults at once") as check:
        for text, code in [("short", "operator.password-length"), ("1234567890", "operator.password-trivial"),
                           ("0000000000", "operator.password-trivial"), ("pass-7001-word", "operator.password-holds-number")]:
            result = service.run("operator", "add", "--number", 7001, "--name", "某", "--role", "teller", password=text)
            check.equal(result.returncode, 2)
            check.holds(result.stderr, f"[{code}]")
        result = service.run("operator", "add", "--number", 0, "--name", " " * 50, password="good enough for that")
        for code in ("operator.number", "operator.name", "operator.no-role"):
            check.holds(result.stderr, f"[{code}]")
        result = service.run("operator", "add", "--number", 7001, "--name", "某", "--role", "chief", password="x" * 12)
        check.holds(result.stderr, "[operator.unknown-role]")
    for number, name, role in OPERATORS:
        service.add(number, name, role)
    with checks.check("operators are listed without a trace of their passwords, in a file for its owner alone") as check:
        listed = json.loads(service.run("operator", "list", "--json").stdout)
        check.equal([(row["number"], row["name"], row["roles"]) for row in listed],
                    sorted((number, name, [role]) for number, name, role in OPERATORS))
        file = service.site.data / "operators/operators.json"
        check.equal(file.stat().st_mode & 0o777, 0o600)
        check.true("battery" not in file.read_text(encoding="utf-8"), "a password in the file")
        result = service.run("operator", "add", "--number", 1001, "--name", "某", "--role", "teller",
                             password="good enough for that")
        check.holds(result.stderr, "[operator.taken]")
        changes = [json.loads(line) for line in (service.site.data / "operators/changes").read_text(encoding="utf-8").splitlines()]
        check.equal([(line["operator"], line["change"]) for line in changes], [(number, "added") for number, _, _ in OPERATORS])
        file.chmod(0o644)
        check.holds(service.run("operator", "list").stderr, "[operator.file-open]")
        file.chmod(0o600)
    roles(service, checks)
    with checks.check("a self-test says what is there and what is missing") as check:
        result = service.run("check", "--json")
        found = {row["subject"]: row["good"] for row in json.loads(result.stdout)}
        check.equal(found, {name: True for name in ("configuration", "policy", "operators", "registry", "verification", "clock",
                                                    "issues", "disk", "files", "readers")})
        check.equal(result.returncode, 0)
        quick = json.loads(service.run("check", "--quick", "--json").stdout)
        check.equal({row["subject"]: row["good"] for row in quick}, found)
        check.holds({row["subject"]: row["what"] for row in quick}["registry"], "未逐条核验")
    with checks.check("while the service runs a self-test asks it, and finds nothing wrong; afterwards it looks by itself again") as check:
        with service.running():
            result = service.run("check", "--json")
            check.equal(result.returncode, 0, result.stdout + result.stderr)
            check.holds({row["subject"]: row["what"] for row in json.loads(result.stdout)}["registry"], "服务运行中")
            status, _, text = service.request("GET", "/health")
            check.equal((status, json.loads(text)["status"], json.loads(text)["keys"]), (200, "up", "none"))
        check.holds(service.run("check", "--quick").stdout, "未逐条核验")
    with checks.check("the clock's greatest error is told as the kernel has it, or that nobody knows it") as check:
        class Timex(ctypes.Structure):
            """The beginning of struct timex, adjtimex(2)."""
            _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
                        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 256)]

        state = Timex()
        check.true(ctypes.CDLL(None).adjtimex(ctypes.byref(state)) >= 0, "adjtimex")
        told = {row["subject"]: row["what"] for row in json.loads(service.run("check", "--quick", "--json").stdout)}["clock"]
        if state.status & 0x40:
            check.holds(told, "没有与时间源同步")
        else:
            number = int(re.search(r"误差至多 off by at most (\d+) ms", told).group(1))
            check.true(abs(number * 1000 - state.maxerror) < 60_000_000, f"{number} ms, {state.maxerror} µs")


def roles(service, checks):
    """An officer's roles are changed, and the sessions of before end."""
    change = lambda *words: service.run("operator", "role", "--number", 9002, *(w for word in words for w in ("--role", word)))
    service.add(9002, "钱七", "teller")
    with checks.check("roles are changed as a whole, and nothing where they are wrong, missing, the same, or nobody's") as check:
        for words, code in (((), "operator.no-role"), (("chief",), "operator.unknown-role"), (("teller",), "operator.same-roles")):
            result = change(*words)
            check.equal(result.returncode, 2)
            check.holds(result.stderr, f"[{code}]")
        check.holds(service.run("operator", "role", "--number", 7, "--role", "teller").stderr, "[operator.unknown]")
        listed = {row["number"]: row["roles"] for row in json.loads(service.run("operator", "list", "--json").stdout)}
        check.equal(listed[9002], ["teller"])
    with service.running():
        with checks.check("a role change ends the officer's sessions, and nobody else's; the next one has the new roles") as check:
            cookie, _ = service.logged_in(9002, "teller")
            other, _ = service.logged_in(1001, "teller")
            page = lambda key: service.request("GET", "/", headers={"Cookie": f"sscard-session={key}"})
            check.equal((page(cookie)[0], page(other)[0]), (200, 200))
            check.equal(change("supervisor", "stock-keeper").returncode, 0)
            check.equal((page(cookie)[0], page(other)[0]), (303, 200))
            cookie, _ = service.logged_in(9002, "teller")
            check.holds(page(cookie)[2], "复核员、库管员")
    with checks.check("the change stands in the file of changes with the new roles, and one off duty gets none") as check:
        lines = [json.loads(line) for line in (service.site.data / "operators/changes").read_text(encoding="utf-8").splitlines()]
        check.equal((lines[-1]["operator"], lines[-1]["change"], lines[-1]["roles"]), (9002, "roles", ["supervisor", "stock-keeper"]))
        service.run("operator", "remove", "--number", 9002)
        check.holds(change("teller").stderr, "[operator.off-duty]")


def crowd(service, checks):
    """More log-ins at once than the line holds, from another machine of this network."""
    answers = []

    def guess(number, source):
        body = urllib.parse.urlencode({"number": number, "password": "a wrong one"})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, told, _ = service.request("POST", "/login", body, headers, source)
        # A page that answers is shown at an address of its own, and has its status there.
        answers.append((status, told) if status != 303 else service.request("GET", told["Location"], source=source)[:2])

    with checks.check("a crowd that guesses at one machine is turned away there, and keeps nobody at another from logging in") as check:
        guesses = [threading.Thread(target=guess, args=(80_000 + number, "127.0.0.2")) for number in range(64)]
        for thread in guesses:
            thread.start()
        statuses = [service.form("/login", {"number": 1001, "password": password("teller")})[0] for _ in range(4)]
        for thread in guesses:
            thread.join()
        check.equal(statuses, [303] * 4, "whoever logs in at this machine meanwhile")
        check.equal({status for status, _ in answers}, {401, 429})
        check.true(all(int(told["Retry-After"]) > 0 for status, told in answers if status == 429), "no Retry-After")
    with checks.check("a number that was guessed at at one machine waits there, and its owner logs in at another") as check:
        answers.clear()
        for _ in range(6):
            guess(1001, "127.0.0.3")
        check.equal([status for status, _ in answers], [401] * 5 + [429])
        check.equal(service.form("/login", {"number": 1001, "password": password("teller")})[0], 303)


def refusals(service, checks, numbers):
    """What must not get through."""
    cookie, token = service.logged_in(1001, "teller")
    card = f"/cards/{numbers[FIRST]}"
    loss = {"reporter": "holder", "key": "k" * 20}
    with checks.check("a form without the session's token, with a forged one, or from another site does nothing") as check:
        for fields in ({**loss}, {**loss, "form-token": "0" * 64}):
            status, _, text = service.form(f"{card}/temporary-loss", fields, cookie)
            check.equal(status, 403)
            check.holds(text, "counter.form-token")
        status, _, text = service.form(f"{card}/temporary-loss", {**loss, "form-token": token}, cookie,
                                       {"Origin": "http://evil.example"})
        check.equal(status, 403)
        check.holds(text, "counter.foreign-page")
        status, _, _ = service.form(f"{card}/temporary-loss", {**loss, "form-token": token})
        check.equal(status, 303)
        status, _, text = service.request("GET", "/", headers={"Host": "evil.example"})
        check.equal(status, 421)
    with checks.check("a form that arrives twice is done once, and both times the answer is the same") as check:
        wish = {"form-token": token, "reporter": "holder", "key": "twice" * 5}
        answers = [service.form(f"/cards/{numbers[SECOND]}/temporary-loss", wish, cookie) for _ in range(3)]
        check.equal([(status, headers["Location"]) for status, headers, _ in answers],
                    [(303, answers[0][1]["Location"])] * 3)
        status, _, text = service.form(f"/cards/{numbers[SECOND]}/temporary-loss", {**wish, "reporter": "agent"}, cookie)
        check.equal(status, 409)
        check.holds(text, "counter.form-used")
    with checks.check("a body that is too large, of another kind, or no form, is refused") as check:
        status, _, text = service.form("/search", {"form-token": token, "query": "x" * 70_000}, cookie)
        check.equal(status, 413)
        check.holds(text, "counter.too-large")
        status, _, _ = service.request("POST", "/search", "{}", {"Content-Type": "application/json",
                                                                 "Cookie": f"sscard-session={cookie}"})
        check.equal(status, 415)
        status, _, text = service.request("POST", "/search", "a=1&a=2", {
            "Content-Type": "application/x-www-form-urlencoded", "Cookie": f"sscard-session={cookie}"})
        check.equal(status, 400)
    with checks.check("every page shuts itself off: strict CSP, no framing, no cache; the cookie is for this site alone") as check:
        status, headers, text = service.request("GET", "/", headers={"Cookie": f"sscard-session={cookie}"})
        check.holds(headers["Content-Security-Policy"], "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        check.true("unsafe" not in headers["Content-Security-Policy"], "unsafe sources")
        check.equal([headers["Cache-Control"], headers["X-Content-Type-Options"]], ["no-store", "nosniff"])
        check.true(not re.search(r"<script>|<style|style=|onclick", text), "inline script or style")
        _, headers, _ = service.form("/login", {"number": 1001, "password": password("teller")})
        check.holds(headers["Set-Cookie"], "HttpOnly", "SameSite=Strict")
    with checks.check("HTML in a name is shown as text") as check:
        person = {"citizenNumber": "990101199003070", "name": "<script>alert(1)</script>", "sex": "7", "ethnicGroup": "x",
                  "birthDate": "20010230", "birthPlace": "000000", "form-token": token, "key": "r" * 20}
        status, _, text = service.form("/people/new", person, cookie)
        check.equal(status, 422)
        check.true("<script>alert" not in text, "a script in the page")
        check.holds(text, "&lt;script&gt;")
    with checks.check("16: registering a person tells every wrong field at once") as check:
        codes = set(re.findall(r"<code>([a-z.-]+)</code>", text))
        for code in ("date.calendar",):
            check.true(code in codes, f"{code} is not among {codes}")
        check.true(len(codes) >= 4, f"only {codes}")
    with checks.check("wrong passwords make a number wait, also one that nobody has; the right one does not help then") as check:
        for number in (4711, 9001):
            statuses = [service.form("/login", {"number": number, "password": "wrong"})[0] for _ in range(6)]
            check.equal(statuses, [401] * 5 + [429])
        status, headers, text = service.form("/login", {"number": 9001, "password": password("administrator")})
        check.equal(status, 429)
        check.holds(text, "counter.login-wait")
        check.true(0 < int(headers["Retry-After"]) <= 60, headers["Retry-After"])
    crowd(service, checks)
    with checks.check("a role that may not, and a place that is not there, are told so") as check:
        status, _, text = service.request("GET", "/operations", headers={"Cookie": f"sscard-session={cookie}"})
        check.equal(status, 403)
        status, _, _ = service.request("GET", "/nonsense", headers={"Cookie": f"sscard-session={cookie}"})
        check.equal(status, 404)
        status, _, text = service.form(f"{card}/destroy", {"form-token": token, "key": "d" * 20}, cookie)
        check.equal(status, 409)


def programs(bench, service, checks):
    """The same acts for programs."""
    with checks.check("the interface describes itself, and every route it names is there") as check:
        status, _, text = service.request("GET", "/api/openapi.json")
        check.equal(status, 200)
        described = json.loads(text)
        check.true(len(described["paths"]) >= 10, f"only {len(described['paths'])} paths")
        for path, methods in described["paths"].items():
            for method in methods:
                real = re.sub(r"\{[^}]+\}", "x", path)
                status, _, _ = service.request(method.upper(), real, "{}" if method == "post" else None,
                                               {"Content-Type": "application/json"})
                check.true(status != 404 and status != 405, f"{method} {path}: {status}")
    teller = service.program(1001, "teller")
    person = bench.people[2]["citizenNumber"]
    with checks.check("a program's faults are problem details with every fault in both languages") as check:
        status, problem = teller("POST", "/api/people/look-up", {"number": "990101", "purpose": "gossip"})
        check.equal(status, 422)
        check.equal(problem["status"], 422)
        check.true(problem["type"].startswith("urn:sscard:fault:") and problem["faults"][0]["what"]["zh"], "no detail")
        status, problem = teller("GET", "/api/cards/D99999999")
        check.equal(status, 422)
    with checks.check("a program hands an application in once, however often it asks under one key") as check:
        status, found = teller("POST", "/api/people/look-up", {"number": person, "purpose": "issuing"})
        check.equal(status, 200)
        check.true(person not in json.dumps(found), "a whole number")
        path = f"/api/people/{found['person']}/applications"
        wish = {"kind": "first", "way": "instant", "proofs": ["identity-document"]}
        check.equal(teller("POST", path, wish)[1]["faults"][0]["code"], "counter.no-key")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(teller("POST", path, wish, "once-and-no-more-1")))
                   for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check.equal([status for status, _ in answers], [201] * 6)
        check.equal(len({answer["event"] for _, answer in answers}), 1)
        check.equal(len(teller("GET", "/api/applications?state=submitted")[1]), 1)
        check.equal(teller("POST", path, {**wish, "way": "factory"}, "once-and-no-more-1")[0], 409)
    with checks.check("metrics are Prometheus text with nothing of anybody in it") as check:
        _, headers, text = service.request("GET", "/metrics")
        check.holds(headers["Content-Type"], "text/plain; version=0.0.4")
        check.holds(text, 'sscard_counter_acts_total{act="submitted"} 1', "sscard_data_free_bytes", "# TYPE")
        check.true(person not in text and not re.search(r"D\d{8}", text), "a person or a card")
        for line in text.splitlines():
            check.true(line.startswith("#") or re.fullmatch(r'[a-z_]+(\{.*\})? [0-9.e+-]+', line), line)


def page_is_good(browser, check, name):
    """A picture is kept, nothing sticks out, what confirms is in sight, and axe finds nothing."""
    browser.shot(name)
    check.true(browser.fits(), f"{name} is wider than the window")
    for finding in browser.out_of_reach() + browser.accessibility():
        check.true(False, f"{name}: {finding}")


def login(browser, checks):
    """By the keyboard alone."""
    with checks.check("logging in works with the keyboard alone, and a wrong password is told above the form") as check:
        browser.go("/login")
        page_is_good(browser, check, "login")
        check.equal(browser.focused, "操作员编号")
        browser.keys("1001", "\ue004", "wrong password")
        browser.leave(lambda: browser.keys("\ue007"))
        check.holds(browser.text, "操作员编号或密码不对")
        page_is_good(browser, check, "login-refused")
        browser.log_in(1001, "teller")
        check.equal(browser.heading, "首页")
        check.equal(browser.focused, "社会保障号码或卡号")
        page_is_good(browser, check, "home")
    with checks.check("the menu is reached by Tab, and skipped by the first key") as check:
        browser.go("/stock")
        browser.keys("\ue004")
        check.equal(browser.focused, "跳到正文")
        browser.tab_to("3")
        browser.leave(lambda: browser.keys("\ue007"))
        check.equal(browser.heading, "申领业务")


def open_card(browser, number, purpose="挂失"):
    """Searches a card by its number."""
    browser.go("/")
    browser.type("社会保障号码或卡号", number)
    browser.choose("查询事由", purpose)
    browser.press("查询")


def card_flows(bench, browser, checks, number):
    """A card from hand-over to formal loss, in front of its holder."""
    browser.log_in(1001, "teller")
    with checks.check("a search wants a number that is one, and says why not") as check:
        browser.go("/")
        browser.type("社会保障号码或卡号", "990101199")
        browser.press("查询")
        check.holds(browser.text, "未办理")
        page_is_good(browser, check, "search-refused")
    with checks.check("11: a person is found by number whatever the name; pages show name and number masked") as check:
        person = bench.people[FIRST]
        browser.go("/")
        browser.type("社会保障号码或卡号", person["citizenNumber"])
        browser.press("查询")
        check.true(browser.path.startswith("/people/"), browser.path)
        check.true(person["citizenNumber"] not in browser.driver.page_source, "a whole number on the page")
        check.holds(browser.text, person["name"][0] + "*")
        page_is_good(browser, check, "person")
    with checks.check("18: a person's cards are listed with the one that is in force marked") as check:
        check.holds(browser.text, "未终止，现在不能用", "封存")
    with checks.check("9, 19: a card's state stands in words with its reason, and so does what cannot be done") as check:
        open_card(browser, number, "领卡启用")
        check.holds(browser.text, "封存", "社保功能尚未启用")
        browser.named("//summary").click()
        check.holds(browser.text, "不能办理“归还”", "须由其他岗位办理")
        page_is_good(browser, check, "card-sealed")
    with checks.check("hand-over: what was not checked is told, what was ticked stays, then it is done once") as check:
        browser.follow("领卡")
        page_is_good(browser, check, "hand-over")
        browser.tick("持卡人或代办人（监护人）已签字")
        browser.press("确认领卡")
        check.holds(browser.text, "缺少核验：身份证件")
        check.true(browser.field("持卡人或代办人（监护人）已签字").is_selected(), "the tick is gone")
        page_is_good(browser, check, "hand-over-refused")
        browser.tick("身份证件已核对")
        browser.press("确认领卡")
        check.holds(browser.text, "领卡，已办结", "现状态")
        page_is_good(browser, check, "hand-over-done")
    with checks.check("a slip prints as paper with event and hash, and printed again it says copy") as check:
        for is_copy in (False, True):
            button = browser.named("//main//form[contains(@action, '/slip')]//button")
            window = browser.driver.current_window_handle
            button.click()
            browser.wait(lambda b: len(b.driver.window_handles) == 2)
            browser.driver.switch_to.window([h for h in browser.driver.window_handles if h != window][0])
            browser.wait(lambda b: b.driver.find_elements("tag name", "h1"))
            check.holds(browser.text, "领卡单", "事件摘要", bench.people[FIRST]["name"][0] + "*")
            check.true(bench.people[FIRST]["citizenNumber"] not in browser.driver.page_source, "a whole number on the slip")
            check.equal("副本" in browser.text, is_copy)
            page_is_good(browser, check, "slip-copy" if is_copy else "slip")
            browser.driver.close()
            browser.driver.switch_to.window(window)
    with checks.check("enable, temporary loss, release: each one screen and one confirmation") as check:
        browser.follow("回到卡片")
        browser.follow("启用")
        browser.tick("持卡人已自设密码")
        browser.press("确认启用")
        browser.follow("回到卡片")
        check.holds(browser.text, "正常")
        page_is_good(browser, check, "card-normal")
        browser.follow("临时挂失")
        check.holds(browser.text, "另向银行办理")
        browser.tick("持卡人本人")
        button = browser.named("//button[normalize-space()='确认临时挂失']")
        browser.leave(lambda: browser.driver.execute_script("arguments[0].click(); arguments[0].click()", button))
        check.holds(browser.text, "报失人", "持卡人本人", "到柜台", "这张卡")
        page_is_good(browser, check, "temporary-loss-done")
        browser.follow("回到卡片")
        check.holds(browser.text, "临时挂失", "各处停用", "持卡人本人；到柜台；这张卡")
        page_is_good(browser, check, "card-lost")
        browser.follow("解挂")
        page_is_good(browser, check, "release")
        browser.tick("身份证件已核对")
        browser.press("确认解挂")
        check.holds(browser.text, "解除的限制", "临时挂失 1/")
        browser.follow("回到卡片")
        check.holds(browser.text, "正常")
    with checks.check("two windows on one card: the second is told that the card has changed, and does nothing") as check:
        browser.go(f"/cards/{number}/formal-loss")
        first = browser.driver.current_window_handle
        browser.driver.switch_to.new_window("tab")
        browser.go(f"/cards/{number}/temporary-loss")
        browser.tick("持卡人本人")
        browser.press("确认临时挂失")
        browser.driver.close()
        browser.driver.switch_to.window(first)
        browser.tick("持卡人本人", "身份证件已核对")
        browser.press("确认正式挂失")
        check.holds(browser.text, "另一窗口已办理")
        page_is_good(browser, check, "card-changed")
        browser.press("确认正式挂失")
        check.holds(browser.text, "正式挂失，已办结")


def sign(browser, number, role, called="复核人"):
    """The second person signs at the same window."""
    browser.type(called + "编号", str(number))
    browser.type(called + "密码", password(role))


def second_person(browser, checks, numbers, other):
    """Acts of two persons, on one screen."""
    with checks.check("releasing a formal loss takes a second person with number and password on the same screen") as check:
        browser.go(f"/cards/{numbers[FIRST]}/release")
        for label in browser.driver.find_elements("css selector", "input[name^=restriction-]"):
            if not label.is_selected():
                browser.freed(label).click()
        browser.tick("身份证件已核对")
        page_is_good(browser, check, "release-two-persons")
        browser.type("复核人编号", "2001")
        browser.type("复核人密码", "not the password")
        browser.press("确认解挂")
        check.holds(browser.text, "的编号或密码不对")
        sign(browser, 1001, "teller")
        browser.press("确认解挂")
        check.holds(browser.text, "经办人与复核人是同一人")
        sign(browser, 2001, "supervisor")
        browser.press("确认解挂")
        check.holds(browser.text, "解挂，已办结", "2001 李二")
    with checks.check("a cancellation wants reason, paper and a second person, and is a hold until it is confirmed") as check:
        browser.follow("回到卡片")
        browser.follow("注销")
        browser.tick("死亡", "已收凭证材料")
        sign(browser, 2001, "supervisor")
        browser.press("确认注销")
        browser.follow("回到卡片")
        check.holds(browser.text, "停用", "待注销")
        page_is_good(browser, check, "card-cancelled")
    with checks.check("an error is undone by an act of its own, by two supervisors") as check:
        browser.log_in(2001, "supervisor")
        browser.go(f"/cards/{numbers[SECOND]}/correct")
        page_is_good(browser, check, "correct")
        browser.named("//input[@name='event']").click()
        browser.tick("办错卡", "已收凭证材料")
        sign(browser, 2002, "supervisor")
        browser.press("确认更正")
        check.holds(browser.text, "更正，已办结")
        browser.follow("回到卡片")
        check.holds(browser.text, "封存")
    with checks.check("a card that nobody collected ends, and is destroyed by two") as check:
        browser.log_in(3001, "stock-keeper")
        open_card(browser, numbers[SECOND], "审计")
        browser.follow("逾期未领")
        sign(browser, 2001, "supervisor")
        browser.press("确认逾期未领")
        browser.follow("回到卡片")
        check.holds(browser.text, "已终止")
        browser.follow("销毁")
        with other.inserted(slot=1):
            sign(browser, 2001, "supervisor")
            browser.press("确认销毁")
            check.holds(browser.text, "不止一个读卡器里有卡")
            browser.choose("读卡器", READER)
            sign(browser, 2001, "supervisor")
            browser.press("确认销毁")
        check.holds(browser.text, "销毁，已办结", "旧卡芯片", "未锁卡")  # no keys are configured: it is read, and told as not blocked


def applications(bench, browser, checks):
    """Handing in, sending back, supplementing, approving."""
    with checks.check("an application is handed in, and whoever took it in does not approve it") as check:
        browser.log_in(1001, "teller")
        browser.go("/")
        browser.type("社会保障号码或卡号", bench.people[3]["citizenNumber"])
        browser.choose("查询事由", "制卡")
        browser.press("查询")
        browser.follow("申领")
        browser.tick("新办", "即时制卡", "身份证件已核对")
        page_is_good(browser, check, "apply")
        browser.press("确认申领")
        check.holds(browser.text, "申领受理，已办结")
        browser.go("/applications")
        page_is_good(browser, check, "applications")
        browser.leave(browser.driver.find_elements("css selector", "main table a")[-1].click)
        check.true("审批通过" not in browser.text, "a teller may approve")
    with checks.check("a supervisor sends it back, the teller supplements, the supervisor approves: home counts along") as check:
        browser.log_in(2001, "supervisor")
        check.equal(browser.named("//*[@id='tile-toApprove']").text.split(), ["2", "待我审批"])
        browser.follow("待我审批")
        page_is_good(browser, check, "approvals")
        browser.leave(browser.driver.find_elements("css selector", "main table a")[-1].click)
        page_is_good(browser, check, "approve-application")
        browser.press("确认退回补件")
        browser.log_in(1001, "teller")
        check.equal(browser.named("//*[@id='tile-sentBack']").text.split(), ["1", "退回补件"])
        browser.follow("退回补件")
        browser.leave(browser.driver.find_element("css selector", "main table a").click)
        browser.follow("补件")
        browser.press("确认补件")
        browser.log_in(2001, "supervisor")
        browser.follow("待我审批")
        browser.leave(browser.driver.find_elements("css selector", "main table a")[-1].click)
        browser.press("确认审批通过")
        check.holds(browser.text, "审批通过，已办结")


def stock(browser, checks):
    """Blanks come in, go over, and the day closes only when it adds up."""
    with checks.check("stock is received with a paper, wrong serials are told") as check:
        browser.log_in(3001, "stock-keeper")
        browser.go("/stock")
        browser.follow("入库")
        browser.type("芯片号", "009046533186490099010000A1\nnot hexadecimal")
        browser.press("确认入库")
        check.holds(browser.text, "第 2 行的“not”不是芯片号")
        page_is_good(browser, check, "stock-refused")
        browser.type("芯片号", "009046533186490099010000A1\n009046533186490099010000A2")
        browser.tick("已收凭证材料")
        browser.press("确认入库")
        check.holds(browser.text, "入库，已办结")
    with checks.check("a hand-over is signed by its taker on the same screen") as check:
        browser.go("/stock/hand-over")
        browser.type("芯片号", "009046533186490099010000A1")
        sign(browser, 1002, "personalizer", "接收人")
        browser.press("确认移交")
        check.holds(browser.text, "移交，已办结", "1002 陈四")
        browser.go("/stock")
        page_is_good(browser, check, "stock")
    with checks.check("the day closes only when it adds up") as check:
        browser.go("/stock/close-day")
        page_is_good(browser, check, "close-day")
        sign(browser, 2001, "supervisor")
        browser.press("确认日终")
        check.holds(browser.text, "009046533186490099010000A2")
        page_is_good(browser, check, "close-day-refused")
        browser.type("空白卡", "009046533186490099010000A2")
        sign(browser, 2001, "supervisor")
        browser.press("确认日终")
        check.holds(browser.text, "stock.typed-without-reason")
        browser.tick("已收凭证材料")
        sign(browser, 2001, "supervisor")
        browser.press("确认日终")
        check.holds(browser.text, "日终，已办结")


def readers(bench, browser, checks):
    """What is in the readers shows as it happens."""
    with checks.check("20, 21, 22: a card that is put in, and one that is taken out, shows at once, without a reload") as check:
        browser.go("/readers")
        check.holds(browser.text, "无卡")
        with bench.blank().inserted():
            browser.wait(lambda b: "有卡，用后请取回" in b.text)
            page_is_good(browser, check, "readers")
        browser.wait(lambda b: "有卡" not in b.text)


def english(browser, checks, number):
    """The other language, chosen at any page."""
    with checks.check("logging out leads to the log-in page, and the session is over") as check:
        browser.log_in(1001, "teller")
        browser.press("退出")
        check.equal(browser.heading, "登录")
        browser.go("/stock")
        check.equal(browser.heading, "登录")
    with checks.check("every page is there in English, chosen with one link, and stays so") as check:
        browser.log_in(1001, "teller")
        browser.follow("English")
        check.equal(browser.heading, "Home")
        check.equal(browser.driver.find_element("tag name", "html").get_attribute("lang"), "en")
        page_is_good(browser, check, "home-english")
        for path in ["/people/new", "/applications", "/stock", "/readers", f"/cards/{number}", f"/cards/{number}/hold"]:
            browser.go(path)
            shown = browser.driver.find_element("tag name", "main").text
            for _, name, _ in OPERATORS:
                shown = shown.replace(name, "")
            found = re.findall("[\u4e00-\u9fff]+", shown)
            check.equal(found, [], path)
            page_is_good(browser, check, "english" + path.replace("/", "-"))


def administrator(browser, checks):
    """How the service runs."""
    with checks.check("somebody off duty is out with the next request") as check:
        browser.log_in(1002, "personalizer")
        check.equal(browser.heading, "首页")
        browser.service.run("operator", "remove", "--number", 1002)
        browser.go("/")
        check.equal(browser.heading, "登录")


def once_after_restart(service, checks, number):
    """A restart ends sessions, and with them their forms."""
    with checks.check("after a restart an old session's form does nothing, and the slips printed before are copies") as check:
        with service.running():
            cookie, token = service.logged_in(1001, "teller")
        with service.running():
            status, _, _ = service.form(f"/cards/{number}/temporary-loss",
                                        {"form-token": token, "key": "k" * 20, "reporter": "holder"}, cookie)
            check.equal(status, 303)
            cookie, token = service.logged_in(1001, "teller")
            slips = (service.site.data / "operators/slips").read_text(encoding="utf-8").split()
            status, _, text = service.form(f"/events/{slips[0]}/slip", {"form-token": token}, cookie)
            check.holds(text, "副本")
    with checks.check("the tool itself has none of the web server in it") as check:
        names = subprocess.run(["nm", "--defined-only", service.tool.parent / "sscard"], capture_output=True, text=True,
                               errors="replace", check=False).stdout
        check.true("Hummingbird" not in names and "NIOPosix" not in names and "CounterService" not in names,
                   f"{ROOT / '.build/debug/sscard'} links the server")


def killed(service, checks, rounds=ROUNDS):
    """Killed without warning while several windows work: what was answered stands in the log."""
    seed = random.randrange(1 << 32)
    choice = random.Random(seed)
    with checks.check(f"2: killed in the midst of work {rounds} times, it has lost no act that it had answered (seed {seed})") as check:
        answered = []
        for number in range(rounds):
            with service.running():
                keeper = service.program(3001, "stock-keeper")
                enough = threading.Semaphore(0)

                def work(window, keeper=keeper, enough=enough, number=number):
                    for piece in range(10_000):
                        serial = f"00904653318649{number:02X}{window:02X}{piece:08X}"
                        try:
                            status, event = keeper("POST", "/api/stock/receive", {
                                "kind": "blank", "serials": [serial], "proofs": ["paper"]}, f"round-{serial}-of-this-run")
                        except (OSError, http.client.HTTPException, ValueError):
                            return
                        if status == 201:
                            answered.append((serial, event["event"]))
                            enough.release()

                windows = [threading.Thread(target=work, args=(window,)) for window in range(3)]
                for window in windows:
                    window.start()
                for _ in range(choice.randint(4, 20)):
                    enough.acquire()
                service.process.kill()
                for window in windows:
                    window.join()
        check.exits(service.site.run("registry", "verify"), 0)
        logged = {row["sequence"] for row in service.site.run("registry", "log", "--limit", "10000", "--json").json}
        booked = set(service.site.run("stock", "show", "--owner", "3001", "--json").json["blank"])
        check.true(len(answered) >= 4 * rounds, f"only {len(answered)} acts")
        for serial, event in answered:
            check.true(int(event.partition("/")[2]) in logged and serial in booked, f"{event} of {serial} is lost")
