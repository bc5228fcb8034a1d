"""Bad input: one message with all that is wrong, the right exit code, and nothing half done."""

import os
import re

from .bench import LAYOUT, LAYOUT_3, PROFILE_3, ROOT
from .rules import citizen_number

NUMBER = citizen_number("990101", "19900307", 11)
WRONG_CHECK = NUMBER[:17] + ("6" if NUMBER[17] != "6" else "7")

# What is changed in a good row, and what must be said of it.
ROWS = [
    ("a wrong check digit", {"citizenNumber": WRONG_CHECK}, ["citizen-number.check-character"]),
    ("a birth date against the number", {"birthDate": "19900308"}, ["applicant.birth-date-differs"]),
    ("a sex against the number", {"sex": "2"}, ["applicant.sex-differs"]),
    ("an unknown area", {"birthPlace": "990200"}, ["area-code.unknown"]),
    ("a number of an unknown area", {"citizenNumber": citizen_number("990201", "19900307", 11)}, ["area-code.unknown"]),
    ("a name that is too long", {"name": "长" * 26}, ["name.too-long"]),
    ("a name that GBK does not have", {"name": "𠮷"}, ["name.not-in-gbk"]),
    ("a name with a control character", {"name": "张\u0007三"}, ["name.control-character"]),
    ("no name", {"name": ""}, ["applicant.value-missing"]),
    ("a day that does not exist", {"birthDate": "19900230"}, ["date.calendar"]),
    ("an expiry date before the issue", {"expiryDate": "20200101"}, ["applicant.expiry-not-after-issue"]),
    ("an unknown ethnic group", {"ethnicGroup": "57"}, ["ethnic-group.unknown"]),
    ("a card number with a wrong check character", {"cardNumber": "D2143569A"}, ["card-number.check-character"]),
    ("a value of the layout that is too long", {"phoneNumber": "1" * 16}, ["element.too-long"]),
    ("a value that its code table does not have", {"maritalStatus": "7"}, ["element.code-unknown"]),
    ("four faults at once",
     {"citizenNumber": WRONG_CHECK, "name": "𠮷", "ethnicGroup": "00", "cardClass": "5"},
     ["citizen-number.check-character", "name.not-in-gbk", "ethnic-group.unknown", "card-class.unknown"]),
    ("a fault of the person and one of the layout at once",
     {"ethnicGroup": "57", "maritalStatus": "7"}, ["ethnic-group.unknown", "element.code-unknown"]),
]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site()
    card = bench.blank()
    good = dict(bench.people[0], citizenNumber=NUMBER, birthDate="19900307", birthPlace="990101", sex="1")
    site.shown()
    with card.inserted():
        for name, change, codes in ROWS:
            people = bench.people_file(bench.people[1], dict(good, **change))
            before = site.snapshot(card)
            result = site.make(people, 2)
            with checks.check(f"{name} is refused, with its line, before anything is done") as check:
                told(check, result, 2, codes)
                check.equal(sorted(set(result.codes)), sorted(codes), "codes")
                check.holds(result.error, f"{people}:3")
                check.equal(site.snapshot(card), before, "registry, data folder and card")
        with checks.check("a fault in the last row of a file keeps the first card from being made") as check:
            before = site.snapshot(card)
            people = bench.people_file(bench.people[1], bench.people[2], dict(good, name="𠮷"))
            told(check, site.make(people), 2, ["name.not-in-gbk"])
            check.equal(site.snapshot(card), before, "registry, data folder and card")
        with checks.check("importing a file with bad rows tells every fault of every row, and registers nobody") as check:
            before = site.snapshot(card)
            result = site.run("registry", "import", "Fixtures/people-bad.csv")
            told(check, result, 2, [])
            lines = {int(line) for line in re.findall(r"people-bad\.csv:(\d+)", result.error)}
            check.equal(lines, set(range(2, 15)), "lines with faults")
            check.equal(site.snapshot(card), before, "registry, data folder and card")
        files(bench, checks, site, card, good)
        options(bench, checks, site, card)
    wrong_kinds(bench, checks, site)
    layouts(bench, checks, site)


def told(check, result, code, codes):
    """A refusal as it has to be: on standard error only, in both languages, without the inside of the program."""
    check.exits(result, code)
    check.equal(result.output, "", "standard output")
    check.holds(result.error, *(f"[{code}]" for code in codes))
    check.true(re.search("[\u4E00-\u9FFF]", result.error), f"nothing in Chinese: {result.error}")
    check.true(re.search(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z0-9]+", result.error), f"nothing in English: {result.error}")
    check.true(not re.search(r"NSError|Domain=|Fatal|Optional\(|\{[a-z]+\}|our bug|程序错误", result.error),
               f"the program's inside shows: {result.error}")


def files(bench, checks, site, card, good):
    """People files that are no people files."""
    missing = {key: value for key, value in good.items() if key != "birthDate"}
    text = bench.people_file(good).read_text(encoding="utf-8")
    bad = [
        ("a missing column", bench.people_file(missing), ["person-file.column-missing"]),
        ("an unknown column", bench.people_file(dict(good, colour="red")), ["person-file.column-unknown"]),
        ("a row with too few values", bench.write("short.csv", text.rsplit(",", 1)[0] + "\n"), ["person-file.field-count"]),
        ("an empty file", bench.write("empty.csv", ""), ["csv.empty"]),
        ("a file without a row", bench.write("head.csv", text.splitlines()[0] + "\n"), ["tool.no-rows"]),
        ("a quotation mark without its pair", bench.write("quote.csv", text.replace("张三", '"张三')), ["csv.quotation"]),
        ("a file that is not there", bench.folder / "nowhere.csv", ["file.unreadable"]),
        ("a folder", "Fixtures", ["file.unreadable"]),
        ("a program", "/bin/ls", ["file.encoding"]),
    ]
    for name, people, codes in bad:
        before = site.snapshot(card)
        with checks.check(f"{name} as people file is refused") as check:
            told(check, site.make(people), 2, codes)
            check.equal(site.snapshot(card), before, "registry, data folder and card")


def options(bench, checks, site, card):
    """Options with impossible values."""
    people = ROOT / "Fixtures/people.csv"
    make = ["card", "personalize", "--people", people, "--layout", LAYOUT]
    bad = [
        ("a row that is not there", [*make, "--row", "9999", "--pin", "generate"], 2, ["tool.no-such-row"]),
        ("row 0", [*make, "--row", "0", "--pin", "generate"], 2, ["tool.no-such-row"]),
        ("an unknown layout", [*make[:-1], "national-9.0", "--row", "1", "--pin", "generate"], 2, ["layout.unknown"]),
        ("a layout outside its folder", [*make[:-1], "../Keys/hierarchy", "--row", "1", "--pin", "generate"], 2,
         ["layout.unknown"]),
        ("an unknown reader", [*make, "--row", "1", "--pin", "generate", "--reader", "nowhere"], 3, ["reader.not-found"]),
        ("a reader's name that fits two", [*make, "--row", "1", "--pin", "generate", "--reader", "virtual"], 2,
         ["reader.ambiguous"]),
        ("an unknown role", [*make, "--row", "1", "--pin", "generate", "--role", "king"], 2, ["tool.unknown-word"]),
        ("an unknown proof", [*make, "--row", "1", "--pin", "generate", "--proof", "word"], 2, ["tool.unknown-proof"]),
        ("no terminal to ask for the PIN", [*make, "--row", "1", "--pin", "ask"], 2, ["pin.no-terminal"]),
        ("a closed file descriptor for the PIN", [*make, "--row", "1", "--pin", "fd:77"], 2, ["secret.descriptor"]),
        ("a card number with a wrong form", ["registry", "show", "--card", "D1"], 2, ["card-number.length"]),
        ("a card number with a wrong check character", ["registry", "show", "--card", "D00000006"], 2,
         ["card-number.check-character"]),
        ("a card that the registry does not have", ["registry", "show", "--card", "D00000005"], 2, ["tool.no-such-card"]),
        ("another counter's number", ["registry", "show", "--counter", "2"], 5, ["registry.another-counter"]),
        ("a data folder that is a file", ["registry", "import", people, "--data", "/bin/ls"], 5, ["tool.data-folder"]),
        ("a data folder that cannot be made", ["registry", "import", people, "--data", "/proc/nowhere"], 5, ["tool.data-folder"]),
        ("a data folder without a registry", ["registry", "show", "--data", "/proc/nowhere"], 5, ["registry.none-here"]),
        ("a policy that is not there", ["registry", "show", "--policy", "/nowhere.yaml"], 2, ["data-file.not-readable"]),
        ("a policy with three faults",
         ["registry", "show", "--policy", bench.write("policy.yaml", "version: x\nmode: prod\narea: 12\ncolour: 1\n")], 2,
         ["policy.mode", "policy.area", "data-file.unknown-key"]),
        ("a home without layouts", ["layout", "list", "--home", "/proc"], 2, []),
        ("a key store that is not there", ["card", "read", "--keys", "/nowhere"], 4, ["key-store.not-found"]),
        ("a serial number of the wrong length",
         ["virtual-card", "new", "--profile", "fmcos-ssse", "--serial", "99", "--state", bench.folder / "x"], 2,
         ["virtual-card.serial-number"]),
        ("an unknown profile",
         ["virtual-card", "new", "--profile", "nowhere", "--serial", "990100000001", "--state", bench.folder / "x"], 2,
         ["layout.unknown-profile"]),
        ("a card's state file that is there already",
         ["virtual-card", "new", "--profile", "fmcos-ssse", "--serial", "990100000001", "--state", card.state], 2,
         ["virtual-card.exists-already"]),
        ("a state file that is none", ["virtual-card", "run", "--state", "Package.swift"], 2,
         ["virtual-card.not-a-state-file"]),
        ("an address that is none", ["virtual-card", "run", "--state", card.state, "--vpcd", "nowhere"], 2, ["tool.address"]),
        ("a virtual reader that is not there",
         ["virtual-card", "run", "--state", bench.blank().state, "--vpcd", "127.0.0.1:1"], 3, ["virtual-reader.unreachable"]),
        ("a card factor that is none", ["keys", "check", "--factor", "zz"], 2, ["tool.card-factor"]),
        ("an algorithm that only hardware has", ["keys", "check", "--factor", "8649990100000001", "--algorithm", "02"], 4,
         ["card-key.algorithm-not-available"]),
    ]
    for name, arguments, code, codes in bad:
        before = site.snapshot(card)
        with checks.check(f"{name} is refused with {code}") as check:
            told(check, site.run(*arguments), code, codes)
            check.equal(site.snapshot(card), before, "registry, data folder and card")
    for pin, code in (("123456", "pin.trivial"), ("000000", "pin.trivial"), ("12a456", "pin.malformed"), ("123", "pin.malformed")):
        before = site.snapshot(card)
        with checks.check(f"the PIN {pin} is refused and not repeated") as check:
            result = site.make(people, 1, pin=pin)
            told(check, result, 2, [code])
            advice = "123456" if code == "pin.trivial" else "nothing"
            check.true(pin in (advice, "000000", "123") or pin not in result.error, "the message repeats the PIN")
            check.equal(site.snapshot(card), before, "registry, data folder and card")
    with checks.check("a registry without its key is not opened, and no other key is made") as check:
        other = bench.site()
        other.shown()
        os.remove(other.data / "counter.key")
        told(check, other.run("registry", "show"), 4, ["registry.key-missing"])
        check.true(not (other.data / "counter.key").exists(), "a new key was made")


def wrong_kinds(bench, checks, site):
    """A layout that the card in the reader is not made for."""
    people = ROOT / "Fixtures/people.csv"
    for layout, card in ((LAYOUT_3, bench.blank()), (LAYOUT, bench.blank(PROFILE_3))):
        with card.inserted() as wire:
            before = site.snapshot(card)
            with checks.check(f"{layout} on a blank of profile {card.profile} is refused") as check:
                told(check, site.make(people, 1, layout=layout), 3, ["personalization.foreign-card"])
                check.equal(site.snapshot(card), before, "registry, data folder and card")
                check.equal(len(wire.commands), 0, "commands that the card got")
    card = bench.blank()
    with card.inserted() as wire:
        site.make(people, 1)
        before = site.counts(), card.bytes
        sent = len(wire.commands)
        with checks.check("a card that is issued is refused as a blank") as check:
            told(check, site.make(people, 2), 3, ["personalization.already-issued"])
            check.equal((site.counts(), card.bytes), before, "registry and card")
            check.true(len(wire.commands) - sent < 5, "more than a look at the card")
    with bench.blank().inserted():
        before = site.counts()
        with checks.check("a replacement of a card that the person does not have is refused with 2") as check:
            for row, number in ((3, "D00000005"), (3, "D0000003X")):
                told(check, site.make(people, row, more=("--replaces", number)), 2, ["issuing.not-their-card"])
            check.equal({**site.counts(), "events": 0}, {**before, "events": 0}, "counts")
        before = site.counts()
        with checks.check("a second card for the same person is refused with 1") as check:
            told(check, site.make(people, 1), 1, ["issuing.has-card"])
            after = site.counts()
            check.equal(after["events"] - before["events"], 1, "events (the look-up of the person is one)")
            check.equal({**after, "events": 0}, {**before, "events": 0}, "counts")
            check.equal([path.name for path in (site.data / "journal").iterdir() if path.suffix == ".journal"], [])


def layouts(bench, checks, site):
    """Layouts with faults."""
    with checks.check("layout lint tells overlapping tags with file and line") as check:
        path = "Fixtures/layouts/broken.yaml"
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        line = [number for number, text in enumerate(lines, 1) if "tag: 01" in text][1]
        result = site.run("layout", "lint", path)
        told(check, result, 2, ["layout.tag-twice"])
        check.holds(result.error, f"{path}:{line}:")
        check.true(re.search(rf"{path}:{line}:\d+: \[layout\.tag-twice\]", result.error), f"no tag-twice at line {line}")
    with checks.check("layout lint tells faults of form with file and line, all at once") as check:
        result = site.run("layout", "lint", "Fixtures/layouts/broken-form.yaml")
        told(check, result, 2, [])
        check.true(len(set(re.findall(r"broken-form\.yaml:(\d+):", result.error))) > 5, result.error)
    with checks.check("layout lint finds no fault in the layouts of this home") as check:
        check.exits(site.run("layout", "lint"), 0)
    with checks.check("a new element in a layout is written and read without a line of code") as check:
        home = bench.layouts(lambda text: text.replace(
            "          maritalStatus:", "          favouriteColour: {tag: 1F, title: 颜色, type: an, length: 05}\n"
            "          maritalStatus:"))
        people = bench.people_file(dict(bench.people[5], favouriteColour="green"))
        with bench.blank().inserted():
            check.exits(site.run("layout", "lint", "--home", home), 0)
            check.exits(site.make(people, 1, more=("--home", home)), 0)
            dump = site.run("card", "dump", "--json", "--home", home)
            check.exits(dump, 0)
            check.equal(dump.json["DF01"]["EF08"]["favouriteColour"], "green")
