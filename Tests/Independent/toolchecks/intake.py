"""Files from elsewhere: employers' lists, factory returns; and pieces counted from their chips."""

import csv
import io

from .bench import LAYOUT, ROOT
from .refusals import told
from .rules import card_number_check, citizen_number

EMPLOYER, MAPPING = ROOT / "Fixtures/import/employer.csv", ROOT / "Fixtures/import/employer.yaml"
IDENTITY = ("--proof", "identity-document")


def run(bench, checks):
    """All checks of this section."""
    imported(bench, checks)
    encodings(bench, checks)
    faults(bench, checks)
    mappings(bench, checks)
    returned(bench, checks)
    counted(bench, checks)


def imported(bench, checks):
    """A list in GBK, its batch, and the same list once more."""
    site = bench.site()
    site.shown()
    load = ("registry", "import", EMPLOYER, "--mapping", MAPPING)
    with checks.check("a dry run judges every row and changes nothing") as check:
        result = site.run(*load, "--dry-run", "--json")
        check.exits(result, 0)
        check.equal((result.json["encoding"], result.json["rows"], result.json["registered"]), ("gb18030", 5, 5))
        check.equal(site.counts()["events"], 0)
    with checks.check("a dry run refuses what the real run would, and counts as it does") as check:
        told(check, site.run(*load, "--batch", "DW-17", "--dry-run"), 1, ["lifecycle.proof-missing"])
        result = site.run(*load, "--batch", "DW-17", *IDENTITY, "--dry-run", "--json")
        check.equal((result.json["registered"], result.json["applications"], result.json["changed"]), (5, 5, 0))
        check.equal(site.counts()["events"], 0)
    with checks.check("an employer's list is registered, and each person applies in its batch") as check:
        told(check, site.run(*load, "--batch", "DW-17"), 1, ["lifecycle.proof-missing"])
        check.equal(site.counts()["events"], 0)
        result = site.run(*load, "--batch", "DW-17", *IDENTITY, "--json")
        check.exits(result, 0)
        check.equal((result.json["registered"], result.json["applications"]), (5, 5))
        listed = site.run("application", "list", "--json").json
        check.equal({(entry["batch"], entry["way"]) for entry in listed}, {("DW-17", "factory")})
    with checks.check("the same list once more is no event") as check:
        before = site.counts()["events"]
        result = site.run(*load, "--batch", "DW-17", *IDENTITY, "--json")
        check.equal((result.json["registered"], result.json["same"], result.json["applications"]), (0, 5, 0))
        check.equal(site.counts()["events"], before)
        check.exits(site.run("registry", "verify"), 0)
    with checks.check("a dry run tells how many on record would be changed") as check:
        text = EMPLOYER.read_bytes().decode("gb18030")
        name = next(csv.DictReader(io.StringIO(text)))["姓名"]
        path = bench.write("list.csv", text.replace(f",{name},", ",欧阳改名,"))
        other = ("registry", "import", path, "--mapping", MAPPING, "--batch", "DW-17", *IDENTITY, "--json")
        foreseen, done = site.run(*other, "--dry-run"), site.run(*other)
        check.equal((foreseen.json["changed"], foreseen.json["same"]), (1, 4))
        check.equal({**foreseen.json, "dryRun": False, "known": 0}, {**done.json, "known": 0})


def encodings(bench, checks):
    """The same rows in every encoding are the same persons."""
    text = EMPLOYER.read_bytes().decode("gb18030")
    site = bench.site()
    site.run("registry", "import", EMPLOYER, "--mapping", MAPPING)
    for encoding, found in (("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030"), ("gb18030", "gb18030")):
        with checks.check(f"a list in {encoding} says the same as the first") as check:
            path = bench.write("list.csv", text, encoding)
            result = site.run("registry", "import", path, "--mapping", MAPPING, "--json")
            check.exits(result, 0)
            check.equal((result.json["encoding"], result.json["same"]), (found, 5))
    with checks.check("a spreadsheet's UTF-16 is told") as check:
        path = bench.write("list.csv", text, "utf-16")
        told(check, site.run("registry", "import", path, "--mapping", MAPPING), 2, ["file.encoding"])


def faults(bench, checks):
    """All that is wrong, each with line and field, also on paper."""
    header, *rows = csv.reader(io.StringIO(EMPLOYER.read_bytes().decode("gb18030")))
    rows[1][2] = "男"  # against the number
    rows[2][3] = "外星人"
    rows[3] = rows[3][:4]
    rows.append(rows[0])
    rows.append([citizen_number("990101", "19900307", 11), "𠮷", "男", "汉族", "1990-2-30", ""])
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    path, report = bench.write("bad.csv", out.getvalue()), bench.path("faults.csv")
    site = bench.site()
    site.shown()
    with checks.check("every fault of a list is told with line and field, and nothing is registered") as check:
        result = site.run("registry", "import", path, "--mapping", MAPPING, "--report", report)
        check.exits(result, 2)
        with open(report, encoding="utf-8", newline="") as file:
            found = [(row["line"], row["field"], row["code"]) for row in csv.DictReader(file)]
        check.equal(found, [
            ("3", "3", "applicant.sex-differs"), ("4", "4", "ethnic-group.unknown"), ("5", "1", "person-file.field-count"),
            ("7", "1", "import.person-twice"), ("8", "2", "name.not-in-gbk"), ("8", "5", "date.calendar"),
        ])
        check.holds(result.error, f"{path}:3:3", f"{path}:8:2", "性别")
        check.equal(site.counts()["persons"], 0)
    with checks.check("a list of ten thousand bad rows shows a hundred and reports all") as check:
        number = citizen_number("990101", "19900307", 11)
        many = "身份证号,姓名,性别,民族,出生日期,备注\n" + f"{number},,男,汉族,1990-3-7,\n" * 10000
        report = bench.path("faults.csv")
        result = site.run("registry", "import", bench.write("many.csv", many), "--mapping", MAPPING, "--report", report)
        check.exits(result, 2)
        check.equal(len(result.codes), 101)
        check.equal(result.codes[-1], "import.more-faults")
        check.equal(len(report.read_text(encoding="utf-8").splitlines()), 10001)


def mappings(bench, checks):
    """A mapping is judged before the file."""
    site = bench.site()
    text = MAPPING.read_text(encoding="utf-8")
    for what, change, codes in (
            ("an element that is none", ("citizenNumber", "citizenNumbre"),
             ["mapping.element-unknown", "mapping.element-missing"]),
            ("an element given twice", ("姓名: name", "姓名: citizenNumber"),
             ["mapping.element-twice", "mapping.element-missing"]),
            ("a column the file has not", ("姓名: name", "名字: name"), ["import.column-unmapped",
                                                                        "person-file.column-missing"]),
            ("a column that nothing is said of", ("ignore: [备注]", "ignore: []"), ["import.column-unmapped"]),
            ("a word that is none", ("yyyy-mm-dd", "dd.mm.yyyy"), ["mapping.word", "mapping.element-missing"])):
        with checks.check(f"a mapping with {what} is refused") as check:
            path = bench.write("map.yaml", text.replace(*change))
            told(check, site.run("registry", "import", EMPLOYER, "--mapping", path), 2, codes)


def returned(bench, checks):
    """A factory's cards come into stock against their order."""
    site = bench.site()
    site.run("registry", "import", EMPLOYER, "--mapping", MAPPING, "--batch", "DW-17", *IDENTITY)
    for entry in site.run("application", "list", "--json").json:
        site.run("application", "approve", entry["application"], "--officer", "2001")
    numbers = [row[0] for row in csv.reader(io.StringIO(EMPLOYER.read_bytes().decode("gb18030")))][1:]
    header = "citizenNumber,cardNumber,identificationCode,chipSerial,issueDate,expiryDate,failure\n"

    def row(index, serial):
        code = f"990101D156000005{index + 1:08X}{index + 1:08X}"
        return f"{numbers[index]},{card_number(index + 100)},{code},{serial},20261128,20361128,\n"

    good = header + row(0, "0090465331864999010000AA01") + row(1, "0090465331864999010000AA02") + f"{numbers[2]},,,,,,照片不清\n"
    take = ("stock", "factory-return", "--layout", LAYOUT, "--batch", "DW-17", "--officer", "3001", "--proof", "paper",
            "--json")
    with checks.check("every fault of a return is told and nothing is booked") as check:
        stranger = citizen_number("990101", "19900307", 11)
        bad = good + row(3, "0090465331864999010000AA01") + row(4, "").replace(",20261128", ",") + f"{stranger},,,,,,x\n"
        before = site.counts()["events"]
        result = site.run(*take, bench.write("return.csv", bad))
        told(check, result, 2, ["factory-return.twice", "factory-return.incomplete", "factory-return.not-ordered"])
        check.equal(site.counts()["events"], before)
    path = bench.write("return.csv", good)
    with checks.check("a dry run tells what would come in and what is missing") as check:
        result = site.run(*take, path, "--dry-run")
        check.exits(result, 0)
        check.equal((result.json["finished"], result.json["failed"], len(result.json["missing"])), (2, 1, 2))
    with checks.check("a return makes finished cards in stock, and failed ones go back to be made again") as check:
        check.exits(site.run(*take, path), 0)
        book = site.run("stock", "show", "--owner", "3001", "--json").json
        check.equal(book, {"finished": ["0090465331864999010000AA01", "0090465331864999010000AA02"]})
        check.equal(len(site.run("application", "list", "--state", "ready", "--json").json), 2)
        check.equal(len(site.run("application", "list", "--state", "approved", "--json").json), 3)
        shown = site.run("registry", "show", "--card", card_number(100), "--json").json
        check.equal((shown["layout"], shown["applicationStatus"]), (LAYOUT, 0))
    with checks.check("the return that comes with the employer's list comes in whole") as check:
        other = bench.site()
        other.run("registry", "import", EMPLOYER, "--mapping", MAPPING, "--batch", "DW-17", *IDENTITY)
        for entry in other.run("application", "list", "--state", "submitted", "--json").json:
            other.run("application", "approve", entry["application"], "--officer", "2001")
        result = other.run(*take, ROOT / "Fixtures/import/factory-return.csv")
        check.exits(result, 0)
        check.equal((result.json["finished"], result.json["failed"], result.json["missing"]), (4, 1, []))
    with checks.check("a failure that contradicts its row, or that answers no order, is told and not swallowed") as check:
        before = site.counts()["events"]
        failed = row(0, "0090465331864999010000AA01").rstrip("\n") + "芯片坏\n"
        told(check, site.run(*take, bench.write("bad.csv", header + failed)), 2, ["factory-return.contradicts"])
        anywhere = [word for word in take if word not in ("--batch", "DW-17")]
        alone = header + f"{numbers[0]},,,,,,芯片坏\n"
        told(check, site.run(*anywhere, bench.write("bad.csv", alone)), 1, ["factory-return.no-open-order"])
        check.equal(site.counts()["events"], before)
    with checks.check("the same return once more books nothing twice") as check:
        before = site.counts()
        again = site.run(*take, path)
        check.exits(again, 0)
        check.equal((again.json["finished"], again.json["failed"], again.json["bookedBefore"]), (0, 0, 3))
        check.equal(site.counts(), before)
        check.equal(len(again.json["missing"]), 2)
    with checks.check("another return that tells of the same person's next failure is booked") as check:
        check.exits(site.run(*take, bench.write("return.csv", header + f"{numbers[2]},,,,,,照片仍不清\n")), 0)
        check.equal(site.counts()["events"], before["events"] + 2)
    with checks.check("the older return after the newer one sends nothing back a second time") as check:
        before = site.counts()
        older = site.run(*take, bench.write("return.csv", good))
        check.exits(older, 0)
        check.equal((older.json["failed"], older.json["bookedBefore"]), (0, 3))
        check.equal(site.counts(), before)
    with checks.check("a card that came in earlier does not stand for its person's next order in the batch") as check:
        # What the old card's end wants is asked for with the order: it is out, lost for good, and the fee is settled.
        check.exits(site.act("hand-over", card_number(100), *IDENTITY, "--proof", "signature"), 0)
        check.exits(site.act("formal-loss", card_number(100), *IDENTITY), 0)
        again = dict(bench.people[0], citizenNumber=numbers[0], **ordered_first())
        check.exits(site.run("application", "submit", "--layout", LAYOUT, "--people", bench.people_file(again), "--batch", "DW-17",
                             "--factory", "--kind", "replacement", *IDENTITY, "--proof", "fee-settled"), 0)
        for entry in site.run("application", "list", "--state", "submitted", "--json").json:
            site.run("application", "approve", entry["application"], "--officer", "2001")
        result = site.run(*take, path, "--dry-run")
        check.exits(result, 0)
        check.equal(len(result.json["missing"]), 3)
    with checks.check("a row whose old card was held after it was ordered waits with its reason, and the sound rows come in") as check:
        hold = site.act("hold", card_number(100), "--reason", "court", "--second", "2001").json["event"]
        code = f"990101D156000005{26:08X}{26:08X}"
        more = header + f"{numbers[0]},{card_number(110)},{code},0090465331864999010000AA08,20261128,20361128,\n" + row(3, "0090465331864999010000AA09")
        report = bench.path("waiting.csv")
        mixed = bench.write("mixed.csv", more)
        result = site.run(*take, mixed, "--report", report)
        check.equal((result.code, result.codes), (1, ["lifecycle.restricted", "factory-return.row-waits"]))
        check.equal([result.json[key] for key in ("rows", "finished", "failed", "bookedBefore", "waiting")], [2, 1, 0, 0, 1])
        with open(report, encoding="utf-8", newline="") as file:
            check.equal([line["line"] for line in csv.DictReader(file)], ["2", "2"])
        book = site.run("stock", "show", "--owner", "3001", "--json").json["finished"]
        check.true("0090465331864999010000AA09" in book and "0090465331864999010000AA08" not in book, f"in the book: {book}")
    with checks.check("the same file once more takes it in when the hold is lifted, and nothing twice") as check:
        before = site.counts()
        result = site.run(*take, mixed)
        check.equal((result.code, result.codes), (1, ["lifecycle.restricted", "factory-return.row-waits"]))
        check.equal(site.counts(), before)
        check.exits(site.act("release", card_number(100), "--restriction", hold, "--proof", "paper", "--second", "2001"), 0)
        result = site.run(*take, mixed)
        check.exits(result, 0)
        check.equal([result.json[key] for key in ("finished", "bookedBefore", "waiting")], [1, 1, 0])
        check.equal(site.run("registry", "show", "--card", card_number(100), "--json").json["state"], "ended")
        check.exits(site.run("registry", "verify"), 0)
        check.exits(site.run("registry", "rebuild"), 0)


def ordered_first():
    """The first person of the employer's list, in a people file's columns."""
    row = list(csv.reader(io.StringIO(EMPLOYER.read_bytes().decode("gb18030"))))[1]
    digits = row[0]
    return {"name": row[1], "sex": "1" if int(digits[16]) % 2 else "2", "birthDate": digits[6:14]}


def card_number(serial):
    """A card number of the default range."""
    body = f"D{serial:07}"
    return body + card_number_check(body)


def counted(bench, checks):
    """Blanks in the readers are counted by their chips."""
    site = bench.site()
    keeper = ("--officer", "3001")
    close = ("stock", "close-day", *keeper, "--second", "2001", "--json")
    with checks.check("without a chip in any reader there is nothing to count") as check:
        told(check, site.run(*close, "--readers"), 3, ["stock.no-chip"])
    with bench.blank().inserted():
        with checks.check("a blank is received by its chip, and the day closes from what the reader read") as check:
            check.exits(site.run("stock", "receive", "--readers", *keeper, "--proof", "paper"), 0)
            book = site.run("stock", "show", "--owner", "3001", "--json").json["blank"]
            check.equal(len(book), 1)
            check.exits(site.run(*close, "--readers"), 0)
            check.true(typed_in_last(site) is None, "a chip that was read is told as typed")
        with checks.check("a serial that is not as long as the card's profile says is refused") as check:
            told(check, site.run("stock", "receive", "--serial", "9901000000AB", *keeper, "--proof", "paper"), 2, ["stock.serial-length"])
        with checks.check("what is missing and what is too much is named by its serial") as check:
            site.run("stock", "receive", "--serial", "009046533186499901000000AB", *keeper, "--proof", "paper")
            result = site.run(*close, "--readers")
            told(check, result, 1, ["stock.piece-not-read"])
            check.holds(result.error, "009046533186499901000000AB")
            other = bench.site()
            other.shown()
            result = other.run(*close, "--readers")
            told(check, result, 1, ["stock.piece-not-owned"])
            check.holds(result.error, book[0])
        with checks.check("a typed serial closes the day too, and the event says which was typed") as check:
            told(check, site.run(*close, "--readers", "--blank", "009046533186499901000000AB"), 1, ["stock.typed-without-reason"])
            check.exits(site.run(*close, "--readers", "--blank", "009046533186499901000000AB", "--proof", "paper"), 0)
            check.equal(typed_in_last(site), bytes.fromhex("0D009046533186499901000000AB"))
            check.exits(site.run("registry", "verify"), 0)


def typed_in_last(site):
    """The field 6A of the last event's body; None when it has none."""
    with site.registry() as registry:
        event = registry.execute("SELECT event FROM log ORDER BY sequence DESC LIMIT 1").fetchone()[0]
    place = 4 + 4 + 16 + 32 + 24 + 4 + 16 + 16 + 8 + 2 + 8
    length = int.from_bytes(event[place:place + 4], "big")
    body = event[place + 4:place + 4 + length]
    while body:
        size = int.from_bytes(body[1:3], "big")
        if body[0] == 0x6A:
            return body[3:3 + size]
        body = body[3 + size:]
    return None
