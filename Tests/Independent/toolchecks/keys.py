"""Keys and PINs: another city's, development ones in production, and where none of them may ever show."""

import base64
import pathlib
import stat

from .bench import PIN, ROOT, finish, opensc
from .reading import SELECT
from .refusals import told
from .torn import cutting

PEOPLE = ROOT / "Fixtures/people.csv"
OTHER_CITY = 'version: other-city-1\narea: "990102"\n'
PRODUCTION = 'version: production-1\nmode: production\narea: "310100"\n'
EXTERNAL_AUTHENTICATE, INTERNAL_AUTHENTICATE, VERIFY = 0x82, 0x88, 0x20


def run(bench, checks):
    """All checks of this section."""
    another_city(bench, checks)
    wrong_pin(bench, checks)
    production(bench, checks)
    planted(bench, checks)
    slip(bench, checks)


def spent(before, after):
    """The counters that are lower now, and by how much."""
    return sorted(before[name] - after[name] for name in before if before[name] != after[name])


def another_city(bench, checks):
    """A card is read with the keys of another city."""
    site, neighbour, elsewhere, card = bench.site(), bench.site(), bench.site(OTHER_CITY), bench.blank()
    with card.inserted():
        site.make(PEOPLE, 1)
    for command in (["card", "dump"], ["card", "read"]):
        before = card.image.counters()
        with card.inserted() as wire:
            result = elsewhere.run(*command)
            tries = [sent for sent in wire.commands if sent[1] == EXTERNAL_AUTHENTICATE]
        with checks.check(f"{' '.join(command)} of another city's card presents no key, shows what is free, and says so") as check:
            check.exits(result, 0)
            check.equal(result.codes, ["card.other-area-free"])
            check.holds(result.error, "990101", "990102", "--without-keys")
            check.holds(result.output, bench.people[0]["citizenNumber"])
            check.equal(tries, [], "external authentications")
            check.equal(spent(before, card.image.counters()), [], "tries lost")
        with card.inserted():
            with checks.check(f"the right keys open the card after that {command[1]}") as check:
                check.exits(site.run("card", "dump"), 0)
        with checks.check(f"all tries are there again after the {command[1]}") as check:
            check.equal(spent(before, card.image.counters()), [])
    for command in (["card", "update", "DF01/EF08/maritalStatus", "--value", "2"],
                    ["card", "migrate", "--layout", "national-2.0", "--to", "national-2.0", "--plan-only"]):
        before, image = card.image.counters(), card.bytes
        with card.inserted() as wire:
            result = elsewhere.run(*command)
            tries = [sent for sent in wire.commands if sent[1] == EXTERNAL_AUTHENTICATE]
        with checks.check(f"{' '.join(command[:2])} of another city's card is refused with 4 before a key is presented") as check:
            told(check, result, 4, ["card.other-area"])
            check.equal((tries, spent(before, card.image.counters()), card.bytes), ([], [], image))
    with card.inserted() as wire:
        with checks.check("a layout of another algorithm is refused with 2 before a key is presented, and the right one named") as check:
            for command in (["card", "read"], ["card", "dump"], ["card", "update", "DF01/EF08/maritalStatus", "--value", "2"]):
                result = site.run(*command, "--layout", "national-3.0")
                told(check, result, 2, ["card.other-layout"])
                check.holds(result.error, "national-2.0")
            check.equal(wire.commands, [])
        with checks.check("in production what uses no key asks for nobody's name") as check:
            check.true("tool.officer-missing" not in site.run("card", "read", "--without-keys").codes, "asked for an officer")
    for proved, which in ((1, "first"), (0, "second")):
        with card.inserted() as wire:
            result = neighbour.run("card", "read")
            proofs = [sent for sent in wire.commands if sent[1] == INTERNAL_AUTHENTICATE]
        with checks.check(f"a counter of the same city that has never seen the card has it prove itself {proved} times at its {which} visit") as check:
            check.exits(result, 0)
            check.equal(len(proofs), proved, "internal authentications")
    with card.inserted() as wire:
        with checks.check("the counter that made the card asks for no proof") as check:
            check.exits(site.run("card", "read"), 0)
            check.equal([sent for sent in wire.commands if sent[1] == INTERNAL_AUTHENTICATE], [])
    with card.inserted() as wire:
        with checks.check("card read --without-keys spends no try anywhere") as check:
            check.exits(elsewhere.run("card", "read", "--without-keys"), 0)
            check.equal([sent for sent in wire.commands if sent[1] == EXTERNAL_AUTHENTICATE], [])


def wrong_pin(bench, checks):
    """The holder's PIN, wrongly given."""
    site, card = bench.site(), bench.blank()
    with card.inserted():
        site.make(PEOPLE, 1)
    before = card.image.counters()
    with card.inserted() as wire:
        result = site.run("card", "dump", "--pin", "fd:PIN", pin="846273")
        tries = [sent for sent in wire.commands if sent[1] == VERIFY]
    with checks.check("a wrong PIN is told with 1 and the tries left, after one try") as check:
        told(check, result, 1, ["card.wrong-pin"])
        check.equal(len(tries), 1, "PINs sent to the card")
        check.equal(spent(before, card.image.counters()), [1])
        check.holds(result.error, "tries left: 5")
        check.true("846273" not in result.error, "the PIN is in the message")
    with card.inserted():
        with checks.check("the right PIN opens the card and gives the tries back") as check:
            check.exits(site.run("card", "dump", "--pin", "fd:PIN", pin=PIN), 0)
            wrong = ["card", "dump", "--pin", "fd:PIN"]
            results = [site.run(*wrong, pin="846273") for _ in range(6)]
        with checks.check("after five wrong PINs the last try is kept") as check:
            check.equal([result.codes for result in results[:5]], [["card.wrong-pin"]] * 5)
            told(check, results[5], 4, ["card.last-try"])
            check.equal(spent(before, card.image.counters()), [5])
        with checks.check("two officers may spend it; then the PIN is blocked, and the next says so") as check:
            permission = ["--spend-last-try", "--officer", "1001", "--second", "2001"]
            told(check, site.run(*wrong, *permission, pin="846273"), 1, ["card.pin-blocked"])
            told(check, site.run(*wrong, *permission, pin="846273"), 1, ["card.pin-blocked"])
        with checks.check("what is free to read stays free when the PIN is blocked") as check:
            check.exits(site.run("card", "read"), 0)


def production(bench, checks):
    """Production mode."""
    site = bench.site(PRODUCTION)
    make = ["card", "personalize", "--layout", "national-2.0", "--people", PEOPLE, "--row", "1", "--pin", "generate", "--officer", "1001"]
    plan = ["card", "plan", "--layout", "national-2.0", "--people", PEOPLE, "--row", "1"]
    card = bench.blank()
    with card.inserted() as wire:
        named = ["--officer", "1001"]
        for command in (make[:-2], plan, ["card", "read"], ["card", "dump"], ["card", "diff", "--layout", "national-2.0", "--people", PEOPLE],
                        ["card", "verify", "--keys", "Keys/development"], ["card", "shell", "--script", "/dev/null"],
                        ["card", "update", "DF01/EF08/maritalStatus", "--value", "2"],
                        ["card", "append", "DF02/EF07", "--value", "occupation=2010100"], ["card", "migrate", "--to", "national-2.0"],
                        ["pharmacy", "check"], ["keys", "check", "--factor", "8649990100000001"]):
            with checks.check(f"in production {' '.join(command[:2])} uses keys in nobody's name but that of who is named, or not at all") as check:
                told(check, site.run(*command), 2, ["tool.officer-missing"])
        with checks.check("nobody named and nothing used: there is no log of keys") as check:
            check.true(not (site.data / "key-log/key-log.txt").exists(), "a log was begun")
        for command in (make, plan + named, ["card", "read", *named], ["card", "dump", *named], ["pharmacy", "check", *named],
                        ["keys", "check", "--factor", "8649990100000001", *named]):
            with checks.check(f"production mode refuses the development keys for {' '.join(command[:2])}, with 4") as check:
                told(check, site.run(*command), 4, ["key-store.development-in-production"])
        with checks.check("a copy of the development keys under another name is refused all the same") as check:
            copy = bench.path("keys")
            copy.mkdir()
            (copy / "keyset.yaml").write_bytes((ROOT / "Keys/development/keyset.yaml").read_bytes())
            told(check, site.run("card", "read", "--keys", copy, *named), 4, ["key-store.development-in-production"])
        with checks.check("development keys with a changed head are not opened") as check:
            file = copy / "keyset.yaml"
            file.write_text(file.read_text(encoding="utf-8").replace("7DD73FF6F8", "7DD73FF6F9"), encoding="utf-8")
            told(check, site.run("card", "read", "--keys", copy, *named), 4, ["key-store.not-opened"])
        with checks.check("nothing was sent to the card meanwhile") as check:
            check.equal(wire.commands, [])
    with checks.check("production mode refuses people of the training areas, with 2, and registers nobody") as check:
        told(check, site.run("registry", "import", PEOPLE, "--officer", "1001"), 2, ["applicant.training-area"])
        check.true(not (site.data / "registry.sqlite").exists() or site.counts()["persons"] == 0, "people were registered")
    with checks.check("production mode refuses a training area as the counter's own, with 2") as check:
        told(check, bench.site("version: x\nmode: production\n").run("registry", "show"), 2, ["tool.training-area"])
    with checks.check("a city that the tables do not have is refused, with 2") as check:
        told(check, bench.site('version: x\narea: "990200"\n').run("registry", "show"), 2, ["area-code.unknown"])


def found_in(secrets, texts):
    """Which secrets stand in which texts."""
    return [(name, place) for name, secret in secrets.items() for place, text in texts.items() if secret in text]


def everything(site):
    """Every file of the data folder."""
    return {str(path): path.read_bytes() for path in site.data.rglob("*") if path.is_file()}


def planted(bench, checks):
    """A known PIN, and a known person, are looked for wherever they must not be."""
    site, card, row, process, seen = bench.site(), bench.blank(), bench.people[0], [], {}
    pins = {"PIN": PIN.encode(), "packed PIN": bytes.fromhex(PIN), "PIN as hexadecimal digits": PIN.encode().hex().encode()}
    person = {
        "citizen number": row["citizenNumber"].encode(),
        "citizen number as hexadecimal digits": row["citizenNumber"].encode().hex().upper().encode(),
        "name": row["name"].encode(), "name in GBK": row["name"].encode("gbk"),
    }

    def look(number, command):
        if number == 250 and process:
            system = pathlib.Path("/proc") / str(process[0].pid)
            seen.update({name: (system / name).read_bytes() for name in ("cmdline", "environ")})
        return command

    with card.inserted(before=look):
        process.append(site.start(*site.making(PEOPLE, 1), "--trace", pin=PIN))
        made = finish(process[0])
        read = site.run("card", "dump", "--pin", "fd:PIN", "--trace", "--json", pin=PIN)
    torn = bench.site()
    with bench.blank().inserted(after=cutting(250, True)):
        cut = torn.make(PEOPLE, 1, more=("--trace",))
    said = {name: text.encode() for name, text in (
        ("output", made.output), ("errors", made.error), ("errors of the dump", read.error), ("errors of the cut", cut.error))}
    with checks.check("the PIN stands in no output, no trace, no process list, no environment") as check:
        check.exits(made, 0)
        check.exits(read, 0)
        check.equal(sorted(seen), ["cmdline", "environ"])
        check.holds(made.error, "00A40000 3F00")  # the trace is there
        check.equal(found_in(pins, {**said, **seen, "dump": read.output.encode()}), [])
    with checks.check("the PIN stands in no file of the data folder, also not while a card is torn") as check:
        check.true(any(path.suffix == ".journal" for path in torn.data.rglob("*")), "no journal to look into")
        check.equal(found_in(pins, {**everything(site), **everything(torn)}), [])
    with checks.check("name and citizen number stand in no file of the data folder and in no trace") as check:
        check.equal(found_in(person, {**everything(site), **everything(torn)}), [])
        del person["name"], person["name in GBK"]
        check.equal(found_in(person, said), [])
    with checks.check("no key of the card stands in any output, trace or file") as check:
        secrets = {}
        for name, (_, _, value) in card.image.keys.items():
            if len(value) == 16:
                secrets[name] = value
                secrets[name, "hexadecimal"] = value.hex().upper().encode()
                secrets[name, "Base64"] = base64.b64encode(value)
        check.true(len(secrets) > 100, "no keys to look for")
        check.equal(found_in(secrets, {**said, **everything(site)}), [])
    with checks.check("only the owner can look into data folder, keys and journals") as check:
        for path in [torn.data, *torn.data.rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            if path.suffix in (".key", ".journal") or path.is_dir():
                check.equal(mode & 0o077, 0, str(path))


def slip(bench, checks):
    """A PIN that the tool draws reaches the holder on a slip."""
    site = bench.site()
    with bench.blank().inserted():
        made = site.run("card", "personalize", "--layout", "national-2.0", "--people", PEOPLE, "--row", "1", "--pin", "generate",
                        "--json")
        with checks.check("a generated PIN stands on a slip for the owner's eyes, opens the card, and shows nowhere else") as check:
            check.exits(made, 0)
            path = pathlib.Path(made.json[0]["pinSlip"])
            pin = "".join(line.split()[1] for line in path.read_text(encoding="utf-8").splitlines() if "密码" in line and " " in line)
            check.true(len(pin) == 6 and pin.isdigit(), "no PIN of six digits on the slip")
            check.equal(stat.S_IMODE(path.stat().st_mode), 0o600)
            check.equal(stat.S_IMODE(path.parent.stat().st_mode), 0o700)
            check.equal(opensc(SELECT, "0020000003" + pin)[1][1], "9000")
            check.true(pin not in made.output.replace(made.json[0]["planHash"], "") + made.error, "the PIN is in the output")
