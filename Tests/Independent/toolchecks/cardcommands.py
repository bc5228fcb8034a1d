"""What the card commands ask and tell before they do anything: reports of loss, torn cards, layouts, a full disk, plans of many people."""

import os
import unicodedata

from .bench import PIN, ROOT
from .migration import SHIPPED
from .refusals import told
from .registry import HOLDER_AND_CARD, IDENTITY
from .rules import changing

PEOPLE = ROOT / "Fixtures/people.csv"
EXTERNAL_AUTHENTICATE = 0x82
UPDATE = ("card", "update", "DF01/EF08/maritalStatus", "--value", "2")
APPEND = ("card", "append", "DF02/EF07", "--value", "startDate=20260901;employerName=示范厂")
CHANGE_PIN = ("card", "pin", "change", "--pin", "fd:PIN", "--new-pin", "fd:PIN")


def run(bench, checks):
    """All checks of this section."""
    lost(bench, checks)
    torn(bench, checks)
    migrating(bench, checks)
    regions(bench, checks)
    other_kind(bench, checks)
    read_only(bench, checks)
    plans(bench, checks)
    slips(bench, checks)


def lost(bench, checks):
    """A card that was reported lost, in the hand of whoever found it."""
    site = bench.site()
    card, number = site.made(bench.people[0])
    with card.inserted() as wire:
        with checks.check("card state of a card in use tells holder, number, layout and state") as check:
            state = site.run("card", "state", "--json")
            check.exits(state, 0)
            found = {name: state.json.get(name) for name in ("state", "stateZh", "cardNumber", "layout", "lifecycle", "lifecycleZh", "isLost")}
            check.equal(found, {"state": "issued", "stateZh": "已制成", "cardNumber": number, "layout": "national-2.0",
                                "lifecycle": "normal", "lifecycleZh": "正常", "isLost": False})
            check.holds(state.json["holder"], bench.people[0]["name"][0], "*")
            check.true(bench.people[0]["citizenNumber"] not in state.output, "the whole number")
            check.holds(site.run("card", "state").output, "已制成 issued", "正常 normal", "否 no")
        site.act("temporary-loss", number)
        before, count = card.bytes, len(wire.commands)
        for command in (UPDATE, APPEND):
            with checks.check(f"{' '.join(command[:2])} of a card that was reported lost is refused with 1, and no key is presented") as check:
                told(check, site.run(*command), 1, ["lifecycle.restricted"])
                check.equal([sent.hex() for sent in wire.commands[count:] if sent[1] == EXTERNAL_AUTHENTICATE], [])
                check.equal(card.bytes, before)
        with checks.check("card state says that it was reported lost") as check:
            state = site.run("card", "state", "--json").json
            check.equal((state["lifecycle"], state["isLost"]), ("temp-loss", True))
        site.act("release", number, *HOLDER_AND_CARD)
        with checks.check("after the release it is changed as before") as check:
            check.exits(site.run(*UPDATE), 0)


def torn(bench, checks):
    """Cards of which a part is written: without an environment, and with name and number already there."""
    total = len(bench.site().run("card", "plan", "--layout", "national-2.0", "--people", PEOPLE, "--row", 1, "--json").json["steps"])
    for point in (60, 135, total - 20):
        site, card = bench.site(), bench.blank()
        with card.inserted(before=lambda number, command, point=point: None if number == point else command):
            site.make(PEOPLE, 1)
        with card.inserted() as wire:
            image = card.bytes
            with checks.check(f"torn at {point} of {total}: read and dump say so, and end with 3") as check:
                for command in (("card", "read"), ("card", "dump")):
                    result = site.run(*command)
                    check.exits(result, 3)
                    check.equal(result.codes[:1], ["card.torn"])
                    check.true("card.not-personalized" not in result.codes, f"{result.codes}")
            with checks.check(f"torn at {point} of {total}: update, migrate and PIN change are refused as for a torn card") as check:
                told(check, site.run(*UPDATE), 3, ["card.torn"])
                told(check, site.run("card", "migrate", "--to", "national-2.0", "--plan-only"), 1, ["migrate.card-torn"])
                told(check, site.run(*CHANGE_PIN, pin=f"{PIN}\n481952"), 3, ["card.torn"])
                check.equal([command.hex() for command in changing(wire.commands)], [])
                check.equal(card.bytes, image)


def migrating(bench, checks):
    """A card that was torn on its way to another layout."""
    first, second = SHIPPED
    site, card = bench.site(), bench.blank("fmcos-ssse-region")
    migrate = ("card", "migrate", "--layout", first, "--to", second, "--create-directories")
    with card.inserted():
        site.make(PEOPLE, 1, layout=first)

    def cut(number, command):
        # the first file of the new directory
        return None if command[:4] == bytes.fromhex("80E0EF05") else command

    with card.inserted(before=cut):
        torn = site.run(*migrate)
    with card.inserted() as wire:
        image = card.bytes
        with checks.check("torn in a migration: read and dump say so, with what finishes it, and end with 3") as check:
            check.exits(torn, 3)
            for command in (("card", "read"), ("card", "dump")):
                result = site.run(*command, "--layout", first)
                check.exits(result, 3)
                check.equal(result.codes[:1], ["card.torn-migration"])
                check.holds(result.error, "sscard card migrate")
        with checks.check("torn in a migration: update, append and PIN change are refused") as check:
            for command in (UPDATE, APPEND):
                told(check, site.run(*command, "--layout", first), 3, ["card.torn-migration"])
            told(check, site.run(*CHANGE_PIN, "--layout", first, pin=f"{PIN}\n481952"), 3, ["card.torn-migration"])
            check.equal([command.hex() for command in changing(wire.commands)], [])
            check.equal(card.bytes, image)
        with checks.check("torn in a migration: card migrate goes on with it, and then it is changed as before") as check:
            show = ("registry", "show", "--card", "D00000005", "--json")
            check.equal(site.run(*show).json["layout"], first)
            check.exits(site.run(*migrate), 0)
            check.equal(site.run(*show).json["layout"], second)
            check.exits(site.run(*UPDATE, "--layout", second), 0)


def regions(bench, checks):
    """Two layouts of one kind and one version: which of them a card was made by stands in the registry alone."""
    first, second = SHIPPED
    site, card = bench.site(), bench.blank("fmcos-ssse-region")
    with card.inserted():
        site.make(PEOPLE, 1, layout=first)
        with checks.check("card migrate without --layout takes the layout from the registry") as check:
            plan = site.run("card", "migrate", "--to", second, "--create-directories", "--plan-only", "--json")
            check.exits(plan, 0)
            check.equal((plan.json["newDirectories"], plan.json["commands"] > 0), (["DF0B"], True))
        with checks.check("where no registry knows the card it asks for --layout, and does not say that all is done") as check:
            other = bench.site()
            result = other.run("card", "migrate", "--to", second, "--plan-only")
            told(check, result, 2, ["migrate.which-layout"])
            check.holds(result.error, first, second, "--layout")
        booked(checks, site, second)


def booked(checks, site, second):
    """The registry takes a migrated card for one of its new layout, and everything that asks it does so."""
    with checks.check("a migrated card is one of its new layout, for the registry, state, dump, verify and the next migration") as check:
        done = site.run("card", "migrate", "--to", second, "--create-directories", "--json")
        check.exits(done, 0)
        check.equal(done.json["booked"], True)
        state = site.run("card", "state", "--json").json
        check.equal(state["layout"], second)
        check.equal(site.run("registry", "show", "--card", "D00000005", "--json").json["layout"], second)
        check.true("DF0B" in site.run("card", "dump", "--json").json, "card dump leaves the new directory out")
        findings = site.run("card", "verify", "--all", "--json").json["findings"]
        found = {(finding.get("directory"), finding["verdict"]) for finding in findings}
        check.true(("DF0B", "ok") in found, "card verify leaves the new directory out")
        again = site.run("card", "migrate", "--to", second, "--json")
        check.exits(again, 0)
        check.equal((again.json["commands"], again.json["booked"]), (0, False))
    with checks.check("the log tells of the migration once, and is whole") as check:
        log = site.run("registry", "log", "--json").json
        told_of = [entry for entry in log if entry["act"] == "migrated"]
        check.equal([(entry["actZh"], entry["layout"], entry["officer"]) for entry in told_of], [("卡结构迁移", second, 1001)])
        check.exits(site.run("registry", "verify"), 0)
        check.exits(site.run("registry", "rebuild"), 0)
        check.equal(site.run("card", "state", "--json").json["layout"], second)


def other_kind(bench, checks):
    """A card of another kind than the layout says, blank, and begun."""
    site, card = bench.site(), bench.blank("timecos")
    with card.inserted():
        with checks.check("a blank of another kind is refused with the layouts that it has") as check:
            result = site.make(PEOPLE, 1)
            told(check, result, 3, ["personalization.foreign-card"])
            check.holds(result.error, "national-2.0@timecos")
    with card.inserted(before=lambda number, command: None if number == 60 else command):
        site.make(PEOPLE, 1, layout="national-2.0@timecos")
    with card.inserted():
        with checks.check("one that was begun by another layout is told by that layout") as check:
            result = site.make(PEOPLE, 1)
            told(check, result, 2, ["personalization.begun-by-another-layout"])
            check.holds(result.error, "national-2.0@timecos")


def read_only(bench, checks):
    """A data folder whose key log cannot be written: a file lies in the place of its folder."""
    site = bench.site()
    card, number = site.made(bench.people[0])
    blocked = bench.write("no-log", "")
    with card.inserted() as wire:
        with checks.check("card state needs no key log") as check:
            state = site.run("card", "state", "--json", "--key-log", blocked)
            check.exits(state, 0)
            check.equal((state.json["state"], state.json["cardNumber"]), ("issued", number))
        with checks.check("card read shows what is free where the key log cannot be written, says so, and presents no key") as check:
            count = len(wire.commands)
            result = site.run("card", "read", "--json", "--key-log", blocked)
            check.exits(result, 0)
            check.equal(result.json["SSSE"]["EF05"]["cardNumber"], number)
            check.holds(result.error, "[key-log.cannot-write]", "--without-keys")
            check.equal([sent.hex() for sent in wire.commands[count:] if sent[1] == EXTERNAL_AUTHENTICATE], [])


def plans(bench, checks):
    """Plans of several people on a screen."""
    site = bench.site()
    photo = bench.path("empty.jpg")
    photo.write_bytes(b"")
    with checks.check("card plan of a file has a heading for each person, masked, and lines that fit a screen of 160 columns") as check:
        people = bench.people_file(*bench.people[:3])
        result = site.run("card", "plan", "--layout", "national-2.0", "--people", people)
        check.exits(result, 0)
        heads = [line for line in result.output.splitlines() if line.startswith("===")]
        check.equal(len(heads), 3)
        check.holds(heads[1], "2 / 3", bench.people[1]["name"][0])
        check.true(bench.people[1]["citizenNumber"] not in heads[1], "the whole number")
        widest = max(sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) for line in result.output.splitlines())
        check.true(widest <= 160, f"a line of {widest} places")
    with checks.check("a photo that is empty or too large is told with its file, its size and its column") as check:
        large = bench.path("large.jpg")
        large.write_bytes(b"\xff\xd8\xff" + bytes(5000))
        row = dict(bench.people[0])
        rows = bench.people_file({**row, "photo": photo.name}, {**bench.people[1], "photo": large.name})
        result = site.run("card", "plan", "--layout", "national-2.0", "--people", rows)
        told(check, result, 2, ["attachment.empty", "attachment.too-large"])
        column = list({**row, "photo": ""}).index("photo") + 1
        check.holds(result.error, f"{rows}:2:{column}", f"{rows}:3:{column}", "5003", "large.jpg", "压缩或裁剪")
    with checks.check("a fault of a value stands at the column of its value") as check:
        rows = bench.people_file({**bench.people[0], "ethnicGroup": "57"})
        result = site.run("card", "plan", "--layout", "national-2.0", "--people", rows)
        check.holds(result.error, f"{rows}:2:{list(bench.people[0]).index('ethnicGroup') + 1}: [ethnic-group.unknown]")


def slips(bench, checks):
    """Slips of the pen on the command line and in spreadsheets."""
    site = bench.site()
    with checks.check("a word that is no command is told before the option behind it") as check:
        told_of = site.run("lifecycle", "show", "--card", "D00000005")
        check.exits(told_of, 2)
        check.equal(told_of.codes, ["usage.unknown-command"])
        check.holds(told_of.error, "show")
    for name, text, code in (("semicolons.csv", "citizenNumber;name\n1;a\n", "csv.other-separator"), ("book.xlsx", "PK\x03\x04\x14", "file.spreadsheet")):
        with checks.check(f"{name} is told as what it is") as check:
            path = bench.write(name, text)
            told(check, site.run("card", "plan", "--layout", "national-2.0", "--people", path), 2, [code])
    with checks.check("a proof that is missing is told as it is typed") as check:
        _, number = site.made(bench.people[5])
        result = site.run("lifecycle", "formal-loss", "--card", number)
        check.exits(result, 1)
        check.holds(result.error, "--proof", IDENTITY[1])
    with checks.check("what the system says in English is said in Chinese words") as check:
        blocked = bench.write("no-folder", "")
        result = site.run("registry", "import", "Fixtures/people.csv", "--data", os.path.join(blocked, "data"))
        check.exits(result, 5)
        chinese = result.error.splitlines()[0]
        check.true("Not a directory" not in chinese and "不是目录" in chinese, chinese)
