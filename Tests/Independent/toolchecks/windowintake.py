"""Files taken in beside the running service: by the tool, whose calls the service answers, and at the window.

What has to come out is what `intake` finds with the service stopped: one code takes files in.
"""

import csv
import io
import re
import socket
import time
import urllib.parse
import uuid

from .bench import PATIENCE, ROOT
from .browser import Browser, Service
from .counter import page_is_good
from .intake import EMPLOYER, IDENTITY, MAPPING
from .refusals import told

OPERATORS = [(1001, "张一", "teller"), (1002, "陈四", "personalizer"), (2001, "李二", "supervisor"),
             (3001, "王三", "stock-keeper"), (9001, "周五", "administrator")]
BOTH = (3002, "郑十", "stock-keeper", "personalizer")
RETURN = ROOT / "Fixtures/import/factory-return.csv"
BATCH = "DW-2026-17"


def run(bench, checks):
    """All checks of this section."""
    by_the_tool(bench, checks)
    site = bench.site("version: window-intake-test\nstock-book: true\n")
    service = Service(bench, site)
    for operator in [*OPERATORS, BOTH]:
        service.add(*operator)
    with service.running():
        turned_away(service, checks)
        judged(bench, service, checks)
        browsed(service, checks)
        returned(service, checks)
    with checks.check("no person stands in the service's log, nothing of a file is left, and the log of acts is whole") as check:
        for row in people():
            check.true(row[0] not in service.log and row[1] not in service.log, "a person")
        check.equal(list((site.data / "intake").iterdir()), [])
        check.exits(site.run("registry", "verify"), 0)
        check.exits(site.run("registry", "rebuild"), 0)


def people():
    """The rows of the employer's list."""
    return list(csv.reader(io.StringIO(EMPLOYER.read_bytes().decode("gb18030"))))[1:]


def by_the_tool(bench, checks):
    """`sscard` asks the service that runs over its data folder."""
    site, stopped = bench.site(), bench.site()
    service = Service(bench, site)
    load = ("registry", "import", EMPLOYER, "--mapping", MAPPING, "--batch", BATCH, *IDENTITY, "--json")
    with service.running():
        with checks.check("the tool imports a list in GBK while the service runs, and reports what it does without") as check:
            for dry in (("--dry-run",), ()):
                result, alone = site.run(*load, *dry), stopped.run(*load, *dry)
                check.exits(result, 0)
                check.equal(result.json, alone.json)
        with checks.check("the same list once more changes nothing, and no second program opens the registry") as check:
            before = events(site)
            result = site.run(*load)
            check.equal((result.json["same"], result.json["registered"], result.json["served"]), (5, 0, 0))
            check.equal(events(site), before)
            told(check, site.run("registry", "verify"), 5, ["registry.in-use"])
        with checks.check("every fault of a bad file is told with the file's own name, line and field, and on paper") as check:
            path, report = bad_file(bench), bench.path("faults.csv")
            bad = ("registry", "import", path, "--mapping", MAPPING, "--report", report)
            result = site.run(*bad)
            paper = report.read_bytes()
            check.exits(result, 2)
            check.holds(result.error, f"{path}:3:3", "import.person-twice")
            alone = stopped.run(*bad)
            check.equal((result.codes, paper), (alone.codes, report.read_bytes()))
            check.equal(events(site), before)
        with checks.check("a file whose columns are wrong is refused as a whole") as check:
            told(check, site.run("registry", "import", RETURN, "--mapping", MAPPING), 2,
                 stopped.run("registry", "import", RETURN, "--mapping", MAPPING).codes)
        with checks.check("a factory's return comes in beside the service, and once") as check:
            approve(service, site)
            take = ("stock", "factory-return", RETURN, "--layout", "national-2.0", "--batch", BATCH, "--officer", "3001",
                    "--proof", "paper", "--json")
            result = site.run(*take)
            check.exits(result, 0)
            check.equal((result.json["finished"], result.json["failed"], result.json["missing"]), (4, 1, []))
            before = events(site)
            check.equal(site.run(*take).json["bookedBefore"], 5)
            check.equal(events(site), before)
    with checks.check("what came in beside the service stands in a whole log") as check:
        check.exits(site.run("registry", "verify"), 0)
        check.equal(len(site.run("stock", "show", "--owner", "3001", "--json").json["finished"]), 4)


def approve(service, site):
    """Every application of the batch is approved, at the window."""
    service.add(2009, "钱七", "supervisor")
    window = service.program(2009, "supervisor")
    for entry in window("GET", "/api/applications")[1]:
        place = f"/api/applications/{urllib.parse.quote(entry['application'], safe='')}/steps/approve"
        status, answer = window("POST", place, {}, f"approve-{uuid.uuid4()}")
        if status != 201:
            raise RuntimeError(f"{site.data}: {answer}")


def bad_file(bench):
    """The employer's list with a sex against the number, a group that is none, and a person twice."""
    header, *rows = csv.reader(io.StringIO(EMPLOYER.read_bytes().decode("gb18030")))
    rows[1][2] = "男"
    rows[2][3] = "外星人"
    rows.append(rows[0])
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return bench.write("bad.csv", out.getvalue(), "gb18030")


def events(site):
    """How many events the log has, read beside the service."""
    with site.registry() as registry:
        return registry.execute("SELECT count(*) FROM log").fetchone()[0]


class Sender:
    """An officer's browser that sends files, without a browser."""

    def __init__(self, service, number, role):
        self.service = service
        self.cookie, self.token = service.logged_in(number, role)

    def send(self, fields, files, token=None, headers=None):
        """Sends a form with files; status, where it led, and the page."""
        boundary = uuid.uuid4().hex
        body = b""
        for name, value in {"form-token": token or self.token, **fields}.items():
            body += f"--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n".encode()
        for name, (file, content) in files.items():
            body += (f"--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n"
                     "Content-Type: application/octet-stream\r\n\r\n").encode() + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        status, told, page = self.service.request("POST", "/intake", body, {
            "Content-Type": f"multipart/form-data; boundary={boundary}", "Cookie": f"sscard-session={self.cookie}",
            **(headers or {})})
        return status, told.get("Location"), page

    def page(self, path):
        """A page when its work is done."""
        end = time.monotonic() + PATIENCE
        while True:
            status, headers, page = self.service.request("GET", path, headers={"Cookie": f"sscard-session={self.cookie}"})
            if "again=1" not in headers.get("Refresh", "again=1"):
                raise AssertionError(f"a page that looks again keeps the session alive: {headers['Refresh']}")
            if "Refresh" not in headers or time.monotonic() > end:
                return status, page

    def confirm(self, path):
        """The word that takes a file in."""
        return self.service.form(path, {"form-token": self.token}, self.cookie)


def persons(content, name="list.csv", mapping=None):
    """A form that sends a list of persons."""
    return ({"kind": "persons", "layout": "national-2.0", "batch": BATCH, "proof-identity-document": "on"},
            {"file": (name, content), "mapping": ("list.yaml", mapping or MAPPING.read_bytes())})


def at_once(service, teller, checks):
    """Files that one address sends at the same time."""
    head = (f"POST /api/intake HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\nCookie: sscard-session={teller.cookie}\r\n"
            f"X-Form-Token: {teller.token}\r\nIdempotency-Key: a-file-on-its-way-{{}}\r\n"
            "Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: 100000\r\n\r\n"
            "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\nname")

    def send(number):
        connection = socket.create_connection(("127.0.0.1", service.port), PATIENCE)
        connection.sendall(head.format(number).encode())
        return connection

    with checks.check("one address sends two files at once; a third is told to come again, and has its turn when one has gone") as check:
        under_way = [send(1), send(2)]
        deadline = time.monotonic() + PATIENCE
        while len(list((service.site.data / "intake").iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        with send(3) as third:
            answer = third.recv(4096).decode(errors="replace")
        check.holds(answer, "HTTP/1.1 503", "etry-")
        for connection in under_way:
            connection.close()
        while list((service.site.data / "intake").iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        check.equal(list((service.site.data / "intake").iterdir()), [], "left of a file that broke off")
        status, _, page = teller.send({"kind": "persons"}, {})
        check.equal(status, 422, page[:200])


def counts(page):
    """The table of a page."""
    return {name: int(count) for name, count in
            re.findall(r'<th scope="row">([^<]*)</th><td class="number">(\d+)</td>', page)}


def turned_away(service, checks):
    """Who may not send, and what is too much."""
    teller = Sender(service, 1001, "teller")
    form = persons(EMPLOYER.read_bytes())
    with checks.check("a file without the session's token, from another site, or without a session is not kept") as check:
        status, _, page = teller.send(*form, token="0" * 64)
        check.equal(status, 403)
        check.holds(page, "counter.form-token")
        status, _, page = teller.send(*form, headers={"Origin": "http://evil.example"})
        check.equal(status, 403)
        status, place, _ = teller.send(*form, headers={"Cookie": "sscard-session=" + "0" * 64})
        check.equal((status, place), (303, "/login?ended=1&to=/intake"))
        check.equal(list((service.site.data / "intake").iterdir()), [])
    with checks.check("a file of more than 64 MiB is turned away, and nothing of it stays") as check:
        status, _, page = teller.send(form[0], {"file": ("large.csv", b"x" * (65 << 20))})
        check.equal(status, 413)
        check.holds(page, "counter.too-large")
        check.equal(list((service.site.data / "intake").iterdir()), [])
    with checks.check("who neither registers persons nor keeps stock sends nothing") as check:
        administrator = Sender(service, 9001, "administrator")
        status, _, page = administrator.send(*form)
        check.equal(status, 403)
        check.holds(page, "counter.no-role")
        check.holds(administrator.page("/intake")[1], "不办理批量导入")
    with checks.check("a form without a file is told, and keeps what was filled in") as check:
        status, _, page = teller.send(form[0], {})
        check.equal(status, 422)
        check.holds(page, "intake.no-file", BATCH)
    at_once(service, teller, checks)
    check_register(service, checks)


def check_register(service, checks):
    """A stock keeper takes no persons in."""
    with checks.check("a stock keeper takes in no persons") as check:
        status, _, page = Sender(service, 3001, "stock-keeper").send(*persons(EMPLOYER.read_bytes()))
        check.equal(status, 403)
        check.holds(page, "counter.no-role")


def judged(bench, service, checks):
    """Dry run, faults, confirmation, twice."""
    teller = Sender(service, 1001, "teller")
    site = service.site
    before = events(site)
    with checks.check("a bad list tells every fault on the page and in a file, cannot be confirmed, and changes nothing") as check:
        status, place, _ = teller.send(*persons(bad_file(bench).read_bytes(), "bad.csv"))
        check.equal(status, 303)
        status, page = teller.page(place)
        check.equal(status, 422)
        check.holds(page, "applicant.sex-differs", "ethnic-group.unknown", "import.person-twice", "bad.csv")
        _, table = teller.page(place + "/faults.csv")
        check.holds(page, "行 3 · ", "行 7 · ")
        check.true(table.startswith("\ufeff"), "a spreadsheet takes it for another encoding")
        rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
        check.equal([(row["行"], row["列序号"], row["代码"]) for row in rows],
                    [("3", "3", "applicant.sex-differs"), ("4", "4", "ethnic-group.unknown"), ("7", "1", "import.person-twice")])
        status, _, page = teller.confirm(place)
        check.equal(status, 422)
        check.holds(page, "intake.not-judged")
        check.equal(events(site), before)
    with checks.check("wrong columns and a list without its mapping are told as such") as check:
        _, place, _ = teller.send(*persons(RETURN.read_bytes()))
        check.holds(teller.page(place)[1], "import.column-unmapped", "person-file.column-missing")
        fields, files = persons(EMPLOYER.read_bytes())
        del files["mapping"]
        _, place, _ = teller.send(fields, files)
        check.holds(teller.page(place)[1], "person-file.column-unknown")
        check.equal(events(site), before)
    with checks.check("a good list in GBK is judged first and changes nothing until it is confirmed") as check:
        _, place, _ = teller.send(*persons(EMPLOYER.read_bytes()))
        _, page = teller.page(place)
        check.equal(counts(page)["新登记"], 5)
        check.equal(counts(page)["提交申领"], 5)
        check.equal(events(site), before)
    with checks.check("and nobody of it can be read in any file of the data folder while it waits") as check:
        check.true(any((site.data / "intake").iterdir()), "no file waits")
        planted = [text.encode(encoding) for row in people() for text in row[:2] for encoding in ("utf-8", "gb18030")]
        held = [path.name for path in site.data.rglob("*") if path.is_file() and any(text in path.read_bytes() for text in planted)]
        check.equal(held, [])
    with checks.check("another officer neither sees nor confirms it") as check:
        other = Sender(service, 2001, "supervisor")
        check.holds(other.page(place)[1], "intake.unknown")
        check.equal(other.confirm(place)[0], 422)
        check.equal(events(site), before)
    with checks.check("confirmed twice it is taken in once") as check:
        for _ in range(2):
            check.equal(teller.confirm(place)[0], 303)
        _, page = teller.page(place)
        check.holds(page, "已导入")
        check.equal(events(site), before + 10)
        check.equal(teller.confirm(place)[0], 303)
        check.equal(events(site), before + 10)
    with checks.check("the same list sent once more finds all on record, and changes nothing") as check:
        _, place, _ = teller.send(*persons(EMPLOYER.read_bytes()))
        check.equal(counts(teller.page(place)[1])["已登记且相同"], 5)
        teller.confirm(place)
        teller.page(place)
        check.equal(events(site), before + 10)


def browsed(service, checks):
    """The page in a browser, without any script of its own."""
    browser = Browser(service)
    try:
        with checks.check("the supervisor chooses a file in the browser, sees what it would give, and takes it in") as check:
            browser.log_in(2001, "supervisor")
            browser.go("/people/new")
            browser.follow("批量导入")
            page_is_good(browser, check, "intake")
            browser.driver.find_element("id", "file").send_keys(str(EMPLOYER))
            browser.driver.find_element("id", "mapping").send_keys(str(MAPPING))
            browser.press("上传并检查")
            browser.wait(lambda _: "检查完毕" in browser.text)
            page_is_good(browser, check, "intake-judged")
            browser.press("确认导入")
            browser.wait(lambda _: "已导入。" in browser.text)
            page_is_good(browser, check, "intake-taken")
    finally:
        browser.close()


def returned(service, checks):
    """回盘 at the window: by who keeps the stock and answers for the making."""
    approve(service, service.site)
    fields = {"kind": "factory-return", "layout": "national-2.0", "batch": BATCH, "proof-paper": "on"}
    files = {"file": ("return.csv", RETURN.read_bytes())}
    with checks.check("a factory's return is taken in by nobody who is stock keeper alone") as check:
        status, _, page = Sender(service, 3001, "stock-keeper").send(fields, files)
        check.equal(status, 409)
        check.holds(page, "intake.maker-wanted")
    keeper = Sender(service, 3002, "stock-keeper")
    with checks.check("it is judged against the order, taken in once, and its cards are the keeper's") as check:
        _, place, _ = keeper.send(fields, files)
        page = keeper.page(place)[1]
        check.equal(counts(page).get("成品卡入库"), 4, re.findall("<code>[^<]*", page))
        before = events(service.site)
        for _ in range(2):
            keeper.confirm(place)
        keeper.page(place)
        done = events(service.site)
        check.true(done > before, "nothing was booked")
        _, place, _ = keeper.send(fields, files)
        check.equal(counts(keeper.page(place)[1])["以前已入账"], 5)
        keeper.confirm(place)
        keeper.page(place)
        check.equal(events(service.site), done)
        with service.site.registry() as registry:
            owners = registry.execute("SELECT DISTINCT owner FROM stock WHERE kind = 2").fetchall()
        check.equal(owners, [(3002,)])
    with checks.check("a return that contradicts what is booked is told and changes nothing") as check:
        failed = f"citizenNumber,failure\n{people()[0][0]},芯片坏\n"
        _, place, _ = keeper.send(fields, {"file": ("again.csv", failed.encode())})
        check.holds(keeper.page(place)[1], "factory-return.not-ordered")
        check.equal(events(service.site), done)
