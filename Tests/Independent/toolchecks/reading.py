"""A card made by the tool, read by others."""

import json
import re
import subprocess

from .bench import LAYOUT, LAYOUT_3, PIN, PROFILE_3, ROOT, opensc
from .rules import (
    ENVIRONMENT, HOLDER_RECORDS, ISSUER_RECORDS, card_number_check, citizen_number_check, records_of,
)

SELECT = bytes([0x00, 0xA4, 0x04, 0x00, len(ENVIRONMENT)]) + ENVIRONMENT


def run(bench, checks):
    """All checks of this section."""
    people = bench.people
    everybody(bench, checks)
    site = bench.site('version: city-1\narea: "990101"\n')
    cases = [
        ("an ordinary name", people[0]),
        ("a name that needs the extension", next(row for row in people if len(row["name"].encode("gbk")) > 30)),
        ("a rare character", next(row for row in people if not fits(row["name"], "gb2312"))),
        ("a foreigner", next(row for row in people if row["citizenNumber"][0].isalpha())),
        ("a foreigner with a long name", next(
            row for row in people if row["citizenNumber"][0].isalpha() and len(row["name"]) > 30)),
    ]
    images = []
    for name, row in cases:
        card = bench.blank()
        with card.inserted() as wire:
            report = site.make(ROOT / "Fixtures/people.csv", people.index(row) + 1)
            sent = list(wire.commands)
            made(checks, name, report)
            by_hand(checks, name, row, report)
            by_script(checks, name, row, report)
            by_tool(checks, name, row, report, site)
            if not images:
                protection(checks)
        images.append(card.image)
        if len(images) == 1:
            on_the_wire(checks, sent, report, site, card)
    in_the_chip(checks, images)
    version_3(bench, checks)


def fits(name, encoding):
    """Whether the name can be written in a character set."""
    try:
        name.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def everybody(bench, checks):
    """The fixture's people, and their import."""
    with checks.check("every citizen number of Fixtures/people.csv has the check character of GB 11643") as check:
        for row in bench.people:
            number = row["citizenNumber"]
            if number[0].isdigit():
                check.equal(number[17], citizen_number_check(number[:17]), number)
    with checks.check("importing Fixtures/people.csv registers everybody once, and once only") as check:
        site = bench.site()
        for _ in range(2):
            check.exits(site.run("registry", "import", "Fixtures/people.csv"), 0)
            check.equal(site.counts()["persons"], len(bench.people))


def made(checks, name, report):
    """What the tool says of the card it made."""
    with checks.check(f"{name}: personalising ends with 0 and gives a card number with a right check character") as check:
        check.exits(report, 0)
        number = report.json[0]["cardNumber"]
        check.true(re.fullmatch(r"[A-Z][0-9A-Z]{7}[0-9X]", number), f"{number} is no card number")
        check.equal(number[8], card_number_check(number[:8]))


def by_hand(checks, name, row, report):
    """With plain commands by opensc-tool."""
    commands = [SELECT]
    for file, records in ((0x05, ISSUER_RECORDS), (0x06, HOLDER_RECORDS)):
        for number, (_, length) in enumerate(records, 1):
            commands.append(bytes([0x00, 0xB2, number, file << 3 | 4, length + 2]))
    answers = opensc(*commands)
    with checks.check(f"{name}: opensc-tool reads every record of EF05 and EF06 with the published tag and length") as check:
        check.equal(len(answers), len(commands), "answers")
        values = {}
        for command, (data, status), (tag, length) in zip(commands[1:], answers[1:], ISSUER_RECORDS + HOLDER_RECORDS):
            check.equal(status, "9000", command.hex())
            check.equal((data[:2].hex(), len(data)), (bytes([tag, length]).hex(), length + 2), command.hex())
            values[tag] = data[2:]
    with checks.check(f"{name}: opensc-tool reads what the row says") as check:
        asked = records_of(row, "2.00")
        full_name = asked.pop(0x09)
        for tag, value in asked.items():
            check.equal(values[tag], value, f"tag {tag:02X}")
        first = values[0x09].rstrip(b"\0")
        check.equal((first + values[0x4E].rstrip(b"\0")).decode("gbk"), row["name"], "name and extension")
        check.equal(len(values[0x4E].rstrip(b"\0")) > 0, len(full_name) > 30, "the extension is used")
        check.equal(values[0x01][:8].hex().upper(), "990101D156000005", "area and identifier of the identification code")
        check.equal(values[0x01].hex().upper(), report.json[0]["identificationCode"], "identification code")
    with checks.check(f"{name}: READ RECORD 00B2072C0B gives tag 07, length 09 and the card number") as check:
        (_, selected), (data, status) = opensc(SELECT, "00B2072C0B")
        check.equal((selected, status), ("9000", "9000"))
        check.equal(data, b"\x07\x09" + report.json[0]["cardNumber"].encode())


def by_script(checks, name, row, report):
    """With the independent reader."""
    with checks.check(f"{name}: read_card.py reads who the card belongs to") as check:
        found = subprocess.run(
            ["/usr/bin/python3", str(ROOT / "Tests/Independent/read_card.py"), "0"], capture_output=True, text=True,
            check=False)
        check.equal(found.returncode, 0, found.stderr)
        check.equal(json.loads(found.stdout), {
            "cardNumber": report.json[0]["cardNumber"], "citizenNumber": row["citizenNumber"], "name": row["name"],
        })


def by_tool(checks, name, row, report, site):
    """With the tool itself."""
    with checks.check(f"{name}: card read --json gives directory, file and element, with dates YYYYMMDD") as check:
        read = site.run("card", "read", "--json")
        check.exits(read, 0)
        environment = read.json["SSSE"]
        issuer, holder = environment["EF05"], environment["EF06"]
        for element in ("citizenNumber", "name", "sex", "ethnicGroup", "birthPlace", "birthDate"):
            check.equal(holder[element], row[element], element)
        for element in ("cardClass", "issueDate", "expiryDate", "initializingInstitution"):
            check.equal(issuer[element], row[element], element)
        check.equal(issuer["cardNumber"], report.json[0]["cardNumber"])
        check.equal(issuer["specificationVersion"], "2.00")


def protection(checks):
    """What a finished card must refuse everybody who has no key."""
    refused = [
        ("to change the name", "00DC09302009" + "1E" + "41" * 30),
        ("to change the card number", "00DC07280B0709" + "41" * 9),
        ("to read the fingerprints", "00B0870010"),
        ("to read the photograph", "00B0880010"),
        ("to write a key in the clear", "80D4010015" + "39F0F0AA33" + "00" * 16),
        ("to erase the environment", "800E000000"),
        ("to create a file", "80E000110728000FF0F0FFFF"),
    ]
    with checks.check("a finished card refuses everybody without keys to read and to change what is protected") as check:
        for what, command in refused:
            answers = opensc(SELECT, command)
            check.equal(len(answers), 2, f"answers to {command}")
            check.true(answers[1][1][:2] in ("69", "6A", "93", "94", "6D"), f"{what}: the card answered {answers[1][1]}")
    with checks.check("the PIN on the card is the one that was given, and neither the default nor stored otherwise") as check:
        wrong, right = opensc(SELECT, "0020000003123456")[1][1], opensc(SELECT, "0020000006" + PIN)[1][1]
        check.equal(wrong[:3], "63C", "the answer to 123456")
        check.equal(right, "9000", "the answer to the PIN given")


def on_the_wire(checks, sent, report, site, card):
    """What went to the card while it was made."""
    with checks.check("only the published transport value goes to the card in the clear, once for each directory") as check:
        plain = [command for command in sent if command[:2] == b"\x80\xD4"]
        enciphered = [command for command in sent if command[:2] == b"\x84\xD4"]
        check.true(all(command[2:4] == b"\x39\x00" or command[2] == 0x01 and command[5] in (0x39, 0xF9) for command in plain),
                   f"plain keys other than 39/00: {[command.hex() for command in plain]}")
        check.true(all(command[-16:] == b"\xFF" * 16 for command in plain), "a plain key is not the transport value")
        check.true(len(enciphered) > len(plain), f"{len(enciphered)} enciphered keys, {len(plain)} plain ones")
    with checks.check("the card gets the commands of the printed plan, and two before it that ask what card it is") as check:
        plan = site.run(
            "card", "plan", "--layout", LAYOUT, "--people", "Fixtures/people.csv", "--row", 1,
            "--serial", card.number, "--json")
        check.exits(plan, 0)
        got = [command for command in sent if command[1] != 0xC0]
        check.equal(len(got), len(plan.json["steps"]) + 2)
        check.equal(report.json[0]["commands"], len(plan.json["steps"]))
        for command, step in zip(got[2:], plan.json["steps"]):
            fixed = re.match("[0-9A-F]*", step["command"]).group()
            if command[1] == 0x20:  # the plan is for a PIN of six digits, this one has twelve
                fixed = fixed[:8]
            check.equal(command.hex().upper()[: len(fixed)], fixed)


def in_the_chip(checks, images):
    """The memory of several cards side by side."""
    with checks.check("no finished card holds the transport value, and no two cards share a key") as check:
        for image in images:
            for name, (_, _, value) in image.keys.items():
                check.true(set(value) != {0xFF}, f"key {name} still has the transport value")
        first, second = images[:2]
        check.equal(sorted(first.keys), sorted(second.keys), "keys")
        for name in first.keys:
            if name[1] != 0x3A:
                check.true(first.keys[name][2] != second.keys[name][2], f"key {name} is the same on two cards")
        by_value = {}
        for name, (_, _, value) in first.keys.items():
            by_value.setdefault(value, []).append(name)
        # The environment's STK stands there for both its uses; the key for PIN and RK1DF04 together is RK1DF04 once more.
        known = [[(0x3F01, 0x36, 0), (0x3F01, 0x37, 0)], [(0xDF04, 0x39, 0xA1), (0xDF04, 0x39, 0xA9)]]
        check.equal([names for names in by_value.values() if len(names) > 1], known, "keys that are the same on one card")


def version_3(bench, checks):
    """A card of specification version 3.00, which keeps the holder's data behind a key."""
    site, row = bench.site(), bench.people[0]
    card = bench.blank(PROFILE_3)
    with card.inserted():
        report = site.make(ROOT / "Fixtures/people.csv", 1, layout=LAYOUT_3)
        with checks.check("version 3.00: the card number and the holder's data are refused to those without the key") as check:
            check.exits(report, 0)
            answers = opensc(SELECT, "00B2032C06", "00B2072C0B", "00B2013414", "00B2023420")
            check.equal(answers[1], (b"\x03\x043.00", "9000"))
            check.equal([status for _, status in answers[2:]], ["6982"] * 3)
        with checks.check("version 3.00: the tool reads them with the key") as check:
            read = site.run("card", "read", "--json")
            check.exits(read, 0)
            check.equal(read.json["SSSE"]["EF06"]["name"], row["name"])
            check.equal(read.json["SSSE"]["EF06"]["citizenNumber"], row["citizenNumber"])
            check.equal(read.json["SSSE"]["EF05"]["cardNumber"], report.json[0]["cardNumber"])
