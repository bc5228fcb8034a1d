"""Issued Java cards brought to another layout: what they get, what they keep, and cards that are pulled on the way."""

import shutil

from .bench import PIN, ROOT, opensc
from .globalplatform import profiles
from .refusals import told
from .rules import changing
from .torn import cutting

FIRST, SECOND = "example-region", "example-region-1.1"
TRANSIT = "D1560000059902"  # the name of DF0B in the layout
NUMBER = "9901000000000017"


def migrations(bench, checks):
    """Both protocols; then what stands on a card, by the profile's setting."""
    for profile in ("globalplatform", "globalplatform-scp03"):
        shipped(bench, checks, profile)
    standing(bench, checks)


def pattern(bench, layout, profile, home=None):
    """An issued card of a layout and its site, to be copied."""
    site, card = bench.site(), bench.blank(profile, home)
    with card.inserted():
        made = site.make("Fixtures/people.csv", 1, layout=f"{layout}@{profile}", more=("--home", home) if home else ())
        assert made.code == 0, made.error

    def copied():
        other, copy = bench.site(), bench.blank(profile, home)
        shutil.copytree(site.data, other.data)
        shutil.copy(card.state, copy.state)
        return other, copy

    return copied


def shipped(bench, checks, profile):
    """A card of the region's first layout is brought to the second."""
    first, second = f"{FIRST}@{profile}", f"{SECOND}@{profile}"
    copied = pattern(bench, FIRST, profile)
    people = bench.people_file({"transitNumber": NUMBER, "transitClass": "A1"}, name="values.csv")
    arguments = ("card", "migrate", "--layout", first, "--to", second, "--people", people, "--create-directories", "--json")

    def dumped(site, layout):
        dump = site.run("card", "dump", "--layout", layout, "--hex", "--json")
        return dump.json["files"]

    site, card = copied()
    path = bench.path("before")
    with card.inserted() as wire:
        before = dumped(site, first)
        path.write_text(site.run("card", "dump", "--layout", first, "--json").output, encoding="utf-8")
        with checks.check(f"{first} to {second}: the plan states its commands and the fewest, and changes nothing") as check:
            sent = len(wire.commands)
            plan = site.run(*arguments, "--plan-only")
            check.exits(plan, 0)
            check.equal((plan.json["possible"], plan.json["newDirectories"], plan.json["obstacles"]), (True, ["DF0B"], []))
            # domain, channel, INSTALL; SELECT, channel, keys, two records; SELECT, two records read; and DELETE, to be resumable
            check.equal((plan.json["minimumCommands"], plan.json["resumingCommands"], plan.json["commands"]), (13, 1, 14))
            check.equal([command.hex() for command in changing(wire.commands[sent:])], [])
        with checks.check(f"{first} to {second}: without being asked for no application is installed") as check:
            sent = len(wire.commands)
            unasked = site.run(*[argument for argument in arguments if argument != "--create-directories"])
            told(check, unasked, 2, ["migrate.creates-directories"])
            check.equal([command.hex() for command in changing(wire.commands[sent:])], [])
        sent = len(wire.commands)
        with checks.check(f"{first} to {second}: run with as many commands as planned; all that the card had is there") as check:
            check.exits(site.run(*arguments, "--expect-hash", plan.json["hash"]), 0)
            start = next(number for number, command in enumerate(wire.commands[sent:]) if command[1] == 0x50) - 1
            check.equal(len(wire.commands) - sent - start, 14)
            after = dumped(site, second)
            check.equal(sorted(set(after) - set(before)), ["DF0B"])
            check.equal({name: after[name] for name in before}, before)
            check.equal(after["DF0B"]["EF05"]["records"], [f"E808{NUMBER}", "E9024131"])
        with checks.check(f"{first} to {second}: opensc-tool reads the new records, and the PIN is the old one") as check:
            answers = opensc(f"00A4040007{TRANSIT}", "00B2012C0A", "00B2022C04")
            check.equal(answers[1:], [(bytes.fromhex(f"E808{NUMBER}"), "9000"), (bytes.fromhex("E9024131"), "9000")])
            check.true(bytes([0x20 | len(PIN)]) + bytes.fromhex(PIN) in card.bytes, "the card has not the PIN")
        with checks.check(f"{first} to {second}: read, verify and diff find nothing") as check:
            read = site.run("card", "read", "--layout", second, "--json")
            check.exits(read, 0)
            check.equal(read.json["SSSE"]["EF06"]["name"], bench.people[0]["name"])
            report = site.run("card", "verify", "--layout", second, "--keys", ROOT / "Keys/development", "--json")
            check.exits(report, 0)
            check.equal(report.json["violated"], 0)
            check.exits(site.run("card", "diff", "--layout", first, "--dump", path), 0)
        with checks.check(f"{first} to {second}: run again nothing is left to do") as check:
            sent = len(wire.commands)
            again = site.run(*arguments)
            check.exits(again, 0)
            check.equal((again.json["commands"], again.json["newDirectories"]), (0, []))
            check.equal([command.hex() for command in changing(wire.commands[sent:])], [])
    # in turns: the command never arrives, or its answer is lost; INSTALL and the last record both ways
    points = (0, 3, 4, 5, 8, 9, 10, 13) if profile == "globalplatform" else (4, 10)
    for place, point in enumerate(points):
        for lost in (False, True) if point in (4, 10) else (bool(place % 2),):
            site, card = copied()
            label = f"{first} to {second}: pulled {'after' if lost else 'before'} command {point + 1} of 14"
            with card.inserted(**{("after" if lost else "before"): cutting(start + 1 + point, lost)}):
                torn = site.run(*arguments)
            with checks.check(f"{label}: told with 3, and the same command heals the card") as check:
                told(check, torn, 3, [])
                check.equal(len(list((site.data / "journal").glob("*.migration"))), 1)
                with card.inserted() as wire:
                    state = site.run("card", "state", "--json").json
                    check.equal((state["state"], state["layout"]), ("migrating", second))
                    check.exits(site.run(*arguments), 0)
                    failed = [command.hex() for command, answer in zip(wire.commands, wire.answers)
                              if command[1] == 0x82 and answer != b"\x90\x00"]
                    check.equal(failed, [], "authentications that failed")
                    check.equal(dumped(site, second), after)
                check.equal(list((site.data / "journal").glob("*.migration")), [])


def standing(bench, checks):
    """A record that stands: written anew where the profile says that the application takes it, and told where it does not."""
    name = "national-2.0"
    people = bench.people_file({"maritalStatus": "2"}, name="values.csv")
    site, card = pattern(bench, name, "globalplatform")()
    layout = f"{name}@globalplatform"
    with card.inserted() as wire, checks.check(f"{layout}: a record that stands is told and left alone") as check:
        refused = site.run("card", "migrate", "--layout", layout, "--to", layout, "--people", people)
        check.exits(refused, 1)
        check.true("globalplatform.records-stay" in refused.codes, f"{refused.codes}")
        check.holds(refused.error, "DF01/EF08")
        check.equal([command.hex() for command in changing(wire.commands)], [])
    home = profiles(bench, "storeData: {afterPersonalization: records}")
    layout = f"{name}@globalplatform-own"
    state = pattern(bench, name, "globalplatform-own", home)
    for lost in (None, False, True):
        site, card = state()
        arguments = ("card", "migrate", "--home", home, "--layout", layout, "--to", layout, "--people", people, "--json")
        how = "written anew" if lost is None else f"pulled {'after' if lost else 'before'} it was done, then written anew"
        with checks.check(f"{layout}: a record that stands is {how}, and nothing else") as check:
            if lost is not None:
                with card.inserted(**{("after" if lost else "before"): storing(lost)}):
                    told(check, site.run(*arguments), 3, [])
            with card.inserted() as wire:
                if lost is None:
                    before = site.run("card", "dump", "--home", home, "--layout", layout, "--json").json
                    wire.commands.clear()
                done = site.run(*arguments)
                check.exits(done, 0)
                check.equal(len([command for command in wire.commands if command[1] == 0xE2]), 1)
                after = site.run("card", "dump", "--home", home, "--layout", layout, "--json").json
                before["DF01"]["EF08"]["maritalStatus"] = "2"
                check.equal(after, before)


def storing(lost):
    """Cuts the wire at STORE DATA."""
    if lost:
        return lambda number, command, answer: None if command[1] == 0xE2 else answer
    return lambda number, command: None if command[1] == 0xE2 else command
