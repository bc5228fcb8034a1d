"""Issued cards brought to another layout: pulled, killed and finished, refused where they must be, and changed meanings of tags."""

import shutil
import signal

from .applications import migrations
from .bench import LAYOUT, PIN, PROFILE, ROOT, finish
from .refusals import told
from .rules import CHANGING, changing
from .torn import cutting

TARGET = "area-2.0"
FIRST_KEY = 7  # SELECT, challenge, authentication, directory, SELECT, key file, first key


def run(bench, checks):
    """All checks of this section."""
    home = region(bench)
    commands = whole(bench, checks, home)
    pulled(bench, checks, home, commands)
    killed(bench, checks, home)
    readback(bench, checks, home)
    refused(bench, checks, home, commands[0])
    meanings(bench, checks)
    shipped(bench, checks)
    migrations(bench, checks)


SHIPPED = ("example-region", "example-region-1.1")


def shipped(bench, checks):
    """The region's two shipped layouts: a card of the first brought to the second, and one that was torn on the way."""
    first, second = SHIPPED
    migrating_shipped = ("card", "migrate", "--layout", first, "--to", second, "--create-directories", "--json")
    pattern_site, pattern = bench.site(), bench.blank("fmcos-ssse-region")
    with pattern.inserted():
        with checks.check(f"{first}: a card of it is made") as check:
            check.exits(pattern_site.make("Fixtures/people.csv", 1, layout=first), 0)

    def copied():
        site, card = bench.site(), bench.blank("fmcos-ssse-region")
        shutil.copytree(pattern_site.data, site.data)
        shutil.copy(pattern.state, card.state)
        return site, card

    def dumped(site, layout):
        dump = site.run("card", "dump", "--layout", layout, "--hex", "--json", "--pin", "fd:PIN", pin=PIN)
        return dump.json["files"]

    site, card = copied()
    with card.inserted() as wire:
        before = dumped(site, first)
        with checks.check(f"{first} to {second}: the plan names the new directory and changes nothing") as check:
            count = len(wire.commands)
            plan = site.run(*migrating_shipped, "--plan-only")
            check.exits(plan, 0)
            check.equal((plan.json["possible"], plan.json["newDirectories"], plan.json["obstacles"]), (True, ["DF0B"], []))
            check.equal([command.hex() for command in changing(wire.commands[count:])], [])
        count = len(wire.commands)
        with checks.check(f"{first} to {second}: run, the card has the directory and all that it had") as check:
            check.exits(site.run(*migrating_shipped), 0)
            after = dumped(site, second)
            check.equal(sorted(set(after) - set(before)), ["DF0B"])
            check.equal({name: after[name] for name in before}, before)
            check.equal(len(after["DF0B"]["EF05"]["records"]), 2)
        start = next(number for number, command in enumerate(wire.commands[count:]) if command[:4] == bytes.fromhex("80E0DF0B")) - 3
    whole_card = card.image.contents
    for place, point in enumerate((4, 9, 13, 16)):
        lost = bool(place % 2)
        site, card = copied()
        with card.inserted(**{("after" if lost else "before"): cutting(start + point, lost)}):
            torn = site.run(*migrating_shipped)
        with checks.check(f"{first} to {second}: torn at command {point}, the same command heals the card") as check:
            told(check, torn, 3, [])
            with card.inserted():
                check.equal(site.run("card", "state", "--json").json["state"], "migrating")
                check.exits(site.run(*migrating_shipped), 0)
            check.equal(card.image.contents, whole_card)


def region(bench):
    """A home with the layout of a region beside the national ones."""
    home = bench.path("home")
    shutil.copytree(ROOT / "CardLayouts", home / "CardLayouts")
    (home / "Keys").symlink_to(ROOT / "Keys")
    area = ROOT / "Fixtures/layouts/area"
    shutil.copy(area / "area-2.0.yaml", home / "CardLayouts")
    shutil.copy(area / "fmcos-ssse-area.yaml", home / "CardLayouts/profiles")
    return home


def values(bench):
    """What is written beside the card's own values."""
    return bench.people_file({"regionNumber": "A123", "maritalStatus": "2"}, name="values.csv")


def migrating(bench, home):
    """The arguments."""
    return ("card", "migrate", "--home", home, "--to", TARGET, "--people", values(bench), "--create-directories", "--json")


def made(bench, once={}):  # pylint: disable=dangerous-default-value
    """An issued card and its site; made once, and then copied."""
    if bench not in once:
        once[bench] = bench.site(), bench.blank()
        with once[bench][1].inserted():
            once[bench][0].make("Fixtures/people.csv", 1)
    first, pattern = once[bench]
    site, card = bench.site(), bench.blank()
    shutil.copytree(first.data, site.data)
    shutil.copy(pattern.state, card.state)
    return site, card


def whole(bench, checks, home):
    """One migration without a tear: how many commands that change the card, and after how many in all it begins."""
    site, card = made(bench)
    before = card.image
    with card.inserted() as wire:
        with checks.check("migrate: a plan is shown and nothing is changed") as check:
            plan = site.run(*migrating(bench, home), "--plan-only")
            check.exits(plan, 0)
            check.equal((plan.json["done"], plan.json["newDirectories"]), (False, ["DF0A"]))
            check.equal([command.hex() for command in changing(wire.commands)], [])
        with checks.check("migrate: a directory is not made unasked, and another plan than the seen one is not run") as check:
            arguments = [argument for argument in migrating(bench, home) if argument != "--create-directories"]
            told(check, site.run(*arguments), 2, ["migrate.creates-directories"])
            told(check, site.run(*migrating(bench, home), "--expect-hash", "00"), 1, ["migrate.other-plan"])
            check.equal([command.hex() for command in changing(wire.commands)], [])
        count = len(wire.commands)
        with checks.check("migrate: the seen plan is run, and the card holds the new directory and values") as check:
            done = site.run(*migrating(bench, home), "--expect-hash", plan.json["hash"])
            check.exits(done, 0)
            check.true(done.json["done"], "not done")
            first = next(number for number, command in enumerate(wire.commands[count:]) if command[:4] == bytes.fromhex("80E0DF0A"))
            sent = len(wire.commands) - count
            dump = site.run("card", "dump", "--home", home, "--layout", TARGET, "--json", "--pin", "fd:PIN", pin=PIN)
            check.exits(dump, 0)
            check.equal(dump.json["DF0A"]["EF05"], {"regionNumber": "A123"})
            check.equal(dump.json["DF01"]["EF08"]["maritalStatus"], "2")
            check.equal([path.name for path in (site.data / "journal").glob("*.migration")], [])
        with checks.check("migrate: run again nothing is left to do") as check:
            count = len(wire.commands)
            again = site.run(*migrating(bench, home))
            check.exits(again, 0)
            check.equal((again.json["commands"], again.json["newDirectories"]), (0, []))
            check.equal([command.hex() for command in changing(wire.commands[count:])], [])
    after = card.image
    with checks.check("migrate: the card has the keys of the new directory and all of its old ones") as check:
        check.equal({name[0] for name in set(after.keys) - set(before.keys)}, {0xDF0A})
        check.equal({name for name in before.keys if before.keys[name] != after.keys[name]}, set())
    return first - 3, sent, after.contents


def readback(bench, checks, home):
    """What only the holder's PIN opens: DF04/EF06 is read with the PIN and RK1DF04 together."""
    site, card = made(bench)
    people = bench.people_file({"offlineAllowed": "1"}, name="values.csv")
    arguments = ("card", "migrate", "--home", home, "--to", TARGET, "--people", people, "--create-directories")
    with card.inserted() as wire:
        with checks.check("migrate: what only the PIN opens is not written over unseen") as check:
            result = site.run(*arguments, "--json")
            check.exits(result, 1)
            check.true("migrate.not-open" in result.codes, f"{result.codes}")
            check.equal([command.hex() for command in changing(wire.commands)], [])
        with checks.check("migrate: the plan names its steps in both languages, and those that the PIN is presented for") as check:
            result = site.run(*arguments, "--plan-only", "--pin", "fd:PIN", pin=PIN)
            check.exits(result, 0)
            check.holds(result.output, "写入数据 write the data DF04/EF06/offlineAllowed", "验证密码 verify the PIN",
                        "读回核对 read back and compare DF04/EF06/offlineAllowed", "凭密码读回 read back with the PIN")
            check.equal([command.hex() for command in changing(wire.commands)], [])
        with checks.check("migrate: with the PIN it is written, and read back after everything else") as check:
            count = len(wire.commands)
            result = site.run(*arguments, "--json", "--pin", "fd:PIN", pin=PIN)
            check.exits(result, 0)
            check.equal(result.json["notReadBack"], [])
            steps = [step["subject"] for step in result.json["readBack"] if step["purpose"] == "readBack"]
            check.equal(steps, ["DF04/EF06/offlineAllowed"])
            instructions = [command[1] for command in wire.commands[count:]]
            last = max(place for place, instruction in enumerate(instructions) if instruction in CHANGING)
            check.equal(instructions[last:].count(0x20), 1, "presentations of the PIN behind the last change")


def pulled(bench, checks, home, commands):
    """Pulled before or after a command, and finished by the same command line."""
    start, sent, contents = commands
    points = [4, FIRST_KEY - 1, FIRST_KEY, 15, 19, 20, sent - start]
    for place, point in enumerate(points):
        lost = bool(place % 2)
        name = f"migrate: pulled {'after' if lost else 'before'} command {point} of the plan"
        site, card = made(bench)
        with card.inserted(**{("after" if lost else "before"): cutting(start + point, lost)}):
            torn = site.run(*migrating(bench, home))
        with checks.check(f"{name}: told with 3, and its journal stays") as check:
            told(check, torn, 3, [])
            check.equal(len(list((site.data / "journal").glob("*.migration"))), 1)
        with card.inserted() as wire:
            with checks.check(f"{name}: card state tells it") as check:
                state = site.run("card", "state", "--home", home, "--json")
                check.exits(state, 0)
                check.equal((state.json["state"], state.json["layout"]), ("migrating", TARGET))
                check.equal([command.hex() for command in changing(wire.commands)], [])
            with checks.check(f"{name}: finished by the same command") as check:
                again = site.run(*migrating(bench, home))
                if "migrate.directory-lost" in again.codes:
                    check.exits(again, 3)
                    # The card has the key file and not its first key.
                    check.true((point, lost) in ((FIRST_KEY - 1, True), (FIRST_KEY, False)), "lost at another command")
                    check.exits(site.run("card", "read", "--json"), 0)
                    continue
                check.exits(again, 0)
                check.true(again.json["done"], "not done")
        with checks.check(f"{name}: the card holds the same as one that was not pulled") as check:
            check.equal(card.image.contents, contents)


def killed(bench, checks, home):
    """The program is killed while it waits for the card's answer."""
    for point in (12,):
        site, card = made(bench)
        processes = []

        def kill(number, command, point=point, processes=processes):
            if number == point + 40 and processes and command[:1] != b"\x00":
                processes[0].send_signal(signal.SIGKILL)
            return command

        with card.inserted(before=kill):
            processes.append(site.start(*migrating(bench, home)))
            finish(processes[0])
        with card.inserted():
            with checks.check(f"migrate: killed on the way ({point}), the same command finishes it") as check:
                again = site.run(*migrating(bench, home))
                check.exits(again, 0)
                dump = site.run("card", "dump", "--home", home, "--layout", TARGET, "--json")
                check.equal(dump.json["DF0A"]["EF05"], {"regionNumber": "A123"})


def refused(bench, checks, home, start):
    """Other targets and cards that are not finished."""
    site, card = made(bench)
    with card.inserted(before=cutting(start + 15, False)):
        site.run(*migrating(bench, home))
    with card.inserted() as wire:
        with checks.check("migrate: what was begun is bound to its target and its values") as check:
            told(check, site.run("card", "migrate", "--home", home, "--to", LAYOUT), 1, ["migrate.begun-otherwise"])
            other = bench.people_file({"regionNumber": "B456"}, name="values.csv")
            arguments = ("card", "migrate", "--home", home, "--to", TARGET, "--people", other)
            told(check, site.run(*arguments), 1, ["migrate.begun-otherwise"])
            check.equal([command.hex() for command in changing(wire.commands)], [])
    with checks.check("migrate: another office without the journal changes nothing") as check:
        with card.inserted() as wire:
            elsewhere = bench.site()
            refused = elsewhere.run(*migrating(bench, home))
            check.exits(refused, 1)
            check.holds(refused.output + refused.error, "migrate.half-made")
            check.equal([command.hex() for command in changing(wire.commands)], [])
    site, card = bench.site(), bench.blank(PROFILE)
    with card.inserted(before=cutting(200, False)):
        site.make("Fixtures/people.csv", 1)
    with checks.check("migrate: a card that is not finished is finished first") as check:
        with card.inserted() as wire:
            told(check, site.run(*migrating(bench, home)), 1, ["migrate.card-torn"])
            check.equal([command.hex() for command in changing(wire.commands)], [])


def meanings(bench, checks):
    """A card of version 1.00 gets the later meaning of a tag, filled with EE."""
    site = bench.site()
    card = bench.blank()
    card.state.unlink()
    made_image = site.run("virtual-card", "image", "v1", "--state", card.state)
    with card.inserted():
        with checks.check("migrate: on a card of version 1.00 a later meaning is filled with EE, and read back as such") as check:
            check.exits(made_image, 0)
            people = bench.people_file({"nationality": "CHN", "politicalStatus": "01"}, name="values.csv")
            result = site.run("card", "migrate", "--to", "national-1.0", "--people", people, "--json")
            check.exits(result, 0)
            written = [step["subject"] for step in result.json["steps"] if step["purpose"] == "writeElement"]
            check.equal(written, ["DF01/EF0A/wage", "DF01/EF0A/averageWage"])
            dump = site.run("card", "dump", "--hex", "--json").json
            check.equal(dump["files"]["DF01"]["EF0A"]["records"][:2], ["370443484EEE", "38043031EEEE"])
            values_read = site.run("card", "dump", "--json").json["DF01"]["EF0A"]
            check.equal(values_read, {"nationality": "CHN", "politicalStatus": "01"})
        with checks.check("migrate: a follower without its companion is refused, and version 2.00 has no room") as check:
            people = bench.people_file({"registrationCertificateDate": "20200101"}, name="values.csv")
            result = site.run("card", "migrate", "--to", "national-1.0", "--people", people)
            told(check, result, 2, ["layout.companion-missing"])
            result = site.run("card", "migrate", "--to", LAYOUT, "--json")
            check.exits(result, 1)
            places = [row["code"] for row in result.json["obstacles"]]
            check.true("migrate.size" in places and "migrate.no-room" in places, f"{places}")
