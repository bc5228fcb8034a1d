"""A PSAM in the terminal's second slot does the work of the key store, without giving a key out."""

import contextlib
import re
import signal
import subprocess
import sys

from .bench import PATIENCE, PIN, ROOT, finish, wait_for_reader
from .browser import Service
from .checks import short
from .pin import COUNTER
from .refusals import told
from .till import ask
from .windowkeys import hand_over
from .windowpin import found, with_keys
from .wire import await_empty_poll, Wire

PEOPLE = ROOT / "Fixtures/people.csv"
OTHER_CITY = 'version: other-city-1\narea: "990102"\n'
KEYS = ("--keys", "psam:SAM")
TERMINAL = "990100000081"
NEW_PIN = "482617"
TICKET = ("--ticket", "2026-17")
ELEMENT = "DF01/EF08/maritalStatus"
DERIVE, SESSION, CALCULATE, WRITE_KEY = b"\x80\x1A", b"\xBF\xDE", b"\x80\xFA", b"\x84\xD4"


def run(bench, checks):
    """All checks of this section, beside a service that has a slot for security modules."""
    slot = module_slot(bench)
    if slot is None:
        return elsewhere(bench, checks)
    state = bench.path("psam")
    made = bench.site().run("keys", "psam", "make", "--serial", TERMINAL, "--state", state, "--json")
    blank(bench, checks, state, made)
    with inserted(bench, state, slot) as wire:
        load(bench, checks, wire)
    foreign(bench, checks, state)
    work(bench, checks, state, slot)
    refuses(bench, checks, state, slot)
    window(bench, checks, state, slot)
    return None


def elsewhere(bench, checks):
    """Runs this section once more beside a service of its own that has such a slot."""
    result = subprocess.run(
        [ROOT / "Scripts/reader-namespace", "--readers", "2", "--sam", sys.executable,
         ROOT / "Tests/Independent/tool_checks.py", bench.tool, "psam"], capture_output=True, text=True, check=False)
    counts = re.search(r"^(\d+) passed, (\d+) failed$", result.stdout, re.MULTILINE)
    print(re.sub(r"^(\d+ passed, \d+ failed|  psam: .*)\n", "", result.stdout, flags=re.MULTILINE), end="")
    if counts is None:
        with checks.check("the checks of the PSAM run to their end") as check:
            check.true(False, short(result.stdout + result.stderr))
        return
    checks.passed += int(counts[1])
    checks.failed += int(counts[2])


def readers(bench):
    """The readers as the tool lists them."""
    return finish(subprocess.Popen(
        [bench.tool, "readers", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)).json


def module_slot(bench):
    """The number of the first slot for security modules; None where there is none."""
    slots = [number for number, reader in enumerate(readers(bench)) if reader["samSlot"]]
    return slots[0] if slots else None


@contextlib.contextmanager
def inserted(bench, state, slot):
    """Puts the PSAM into its slot for a while; gives the wire between them."""
    wire = Wire(slot)
    process = subprocess.Popen(
        [bench.tool, "virtual-card", "run", "--state", state, "--vpcd", f"127.0.0.1:{wire.port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_reader(bench, slot, "present")
        yield wire
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        wire.join(PATIENCE)
        await_empty_poll(slot)
        wait_for_reader(bench, slot, "empty")


def blank(bench, checks, state, made):
    """A module without keys."""
    site = bench.site()
    with checks.check("a blank PSAM has the answer to reset of its profile, is not overwritten, and holds no key, with 1") as check:
        check.exits(made, 0)
        check.equal(made.json["answerToReset"], "3B6C00020090505386" + "49" + TERMINAL)
        told(check, site.run("keys", "psam", "make", "--serial", TERMINAL, "--state", state), 2, ["virtual-card.exists-already"])
        told(check, site.run("virtual-card", "new", "--profile", "psam", "--serial", TERMINAL, "--state", state), 2,
             ["virtual-card.exists-already"])
        shown = site.run("keys", "psam", "show", "--state", state, "--json")
        check.exits(shown, 1)
        check.true(not any(key["held"] for key in shown.json["keys"]), "a blank holds keys")
    with checks.check("a place must be named, and only one; a terminal's number has twelve digits: with 2") as check:
        told(check, site.run("keys", "psam", "show"), 2, ["psam.one-place"])
        told(check, site.run("keys", "psam", "show", "--state", state, "--reader", "SAM"), 2, ["psam.one-place"])
        told(check, site.run("keys", "psam", "load", "--state", state, "--terminal", "12"), 2, ["psam.terminal-number"])


def load(bench, checks, wire):
    """A city's keys go in through the reader."""
    site = bench.site()
    with checks.check("a slot for security modules is told as one") as check:
        check.true(any(reader["samSlot"] for reader in readers(bench)), "no slot")
    loaded = site.run("keys", "psam", "load", "--reader", "SAM", "--terminal", TERMINAL, "--json")
    with checks.check("a city's keys are loaded as WRITE KEY cryptograms, 3DES and SM4, and compared with the store") as check:
        check.exits(loaded, 0)
        report = loaded.json
        check.equal(sorted(report["loaded"]), ["3des", "sm4"])
        count = sum(len(names) for names in report["loaded"].values())
        writes = [command for command in wire.commands if command[:2] == WRITE_KEY]
        check.equal(len(writes), count + 1, "WRITE KEY: one a key and one for the master key")
        check.equal({len(command) for command in writes}, {5 + 0x24}, "lengths")
        check.equal(len({bytes(command) for command in writes}), count + 1, "different cryptograms")
        check.true(report["compared"] > 100 and report["differing"] == [], short(report))
    shown = site.run("keys", "psam", "show", "--reader", "SAM", "--json")
    with checks.check("then every key with a place is there, with area and terminal number") as check:
        check.exits(shown, 0)
        check.true(all(key["held"] for key in shown.json["keys"]), "a key is missing")
        check.equal((shown.json["area"], shown.json["terminalNumber"]), ("990101", TERMINAL))
    with checks.check("check values of a card's keys are the same from PSAM and store, where the PSAM gives them") as check:
        factor = ("keys", "check", "--factor", "8649990100000001", "--json")
        store, module = site.run(*factor).json, site.run(*factor, *KEYS).json
        check.true(len(module) > 50, f"{len(module)} values")
        check.equal({name: store[name] for name in module}, module)
        check.true("IRK" in module and "MKSSSE" not in module, "IRK in, master keys not")


def foreign(bench, checks, state):
    """Another city's store, run after run: the module keeps its last try."""
    other = bench.site(OTHER_CITY)
    with checks.check("nine runs with another city's keys lose seven tries and never the last, which two officers alone may spend") as check:
        codes = []
        for _ in range(9):
            result = other.run("keys", "psam", "load", "--state", state)
            check.exits(result, 4)
            codes += result.codes
        check.equal(codes, ["psam.foreign-master"] * 7 + ["psam.last-try"] * 2)
        told(check, other.run("keys", "psam", "load", "--state", state, "--spend-last-try"), 2, ["card.last-try-second"])
        record = list((other.data / "tries").glob("*.visits"))
        check.equal([path.name for path in record], ["3B6C0002009050538649" + TERMINAL + ".visits"])
        check.holds(record[0].read_text(encoding="utf-8").split("\0")[0], "tries module-master 1\n", "told module-master\n")
    with checks.check("the city's own keys open it still, and give it all its tries") as check:
        check.exits(bench.site().run("keys", "psam", "load", "--state", state), 0)


def work(bench, checks, state, slot):
    """Data, PIN and authentication on an initialised card."""
    site, card = bench.site(), bench.blank()
    with card.inserted():
        number = site.make(PEOPLE, 1).json[0]["cardNumber"]
        site.hand_over(number)
        stored, read = site.run("card", "dump", "--json").json, site.run("card", "read", "--json").json
    with card.inserted(), inserted(bench, state, slot) as wire:
        with checks.check("pharmacy check with a PSAM: genuine, normal, 0") as check:
            ask(check, site, 0, "normal", [], *KEYS)
            check.true(any(command[:2] == SESSION for command in wire.commands), "no BF DE")
        with checks.check("card read and card dump say the same with a PSAM as with the key store") as check:
            check.equal(site.run("card", "read", "--json", *KEYS).json, read)
            dump = site.run("card", "dump", "--json", *KEYS)
            check.exits(dump, 0)
            check.equal(dump.json, stored)
        with checks.check("the only SAM slot with a module is found without its name") as check:
            check.exits(site.run("card", "read", "--keys", "psam:"), 0)
        old, image = stored["DF01"]["EF08"].get("maritalStatus"), card.bytes
        new = "2" if old != "2" else "1"
        with checks.check("card update changes data with the PSAM's update key and reads it back") as check:
            result = site.run("card", "update", ELEMENT, "--value", new, "--json", *KEYS)
            check.exits(result, 0)
            check.equal(result.json["readBack"], True)
            check.true(card.bytes != image, "the card is unchanged")
        with checks.check("the key store reads what the PSAM wrote, and nothing else has changed") as check:
            after = site.run("card", "dump", "--json").json
            check.equal(after["DF01"]["EF08"].get("maritalStatus"), new)
            after["DF01"]["EF08"]["maritalStatus"] = old
            check.equal({key: value for key, value in after["DF01"]["EF08"].items() if value is not None},
                        {key: value for key, value in stored["DF01"]["EF08"].items() if value is not None})
        with checks.check("the PIN opens the card in the same visit") as check:
            check.exits(site.run("card", "dump", "--pin", "fd:PIN", "--json", *KEYS, pin=PIN), 0)
        with checks.check("card pin reset gives the holder a new PIN through the PSAM, and card pin unblock its tries") as check:
            reset = site.run("card", "pin", "reset", "--new-pin", "fd:PIN", "--json", *TICKET, *COUNTER, *KEYS, pin=NEW_PIN)
            check.exits(reset, 0)
            check.exits(site.run("card", "dump", "--pin", "fd:PIN", "--json", *KEYS, pin=NEW_PIN), 0)
            told(check, site.run("card", "dump", "--pin", "fd:PIN", *KEYS, pin=PIN), 1, ["card.wrong-pin"])
            check.exits(site.run("card", "pin", "unblock", "--json", *TICKET, *COUNTER, *KEYS), 0)
            check.exits(site.run("card", "dump", "--pin", "fd:PIN", "--json", *KEYS, pin=NEW_PIN), 0)
        with checks.check("no key crosses the wire of the PSAM: only derivations, calculations and their answers") as check:
            allowed = {b"\x00\xA4", b"\x00\xB0", b"\x00\xC0", DERIVE, SESSION, CALCULATE}
            check.equal({bytes(command[:2]) for command in wire.commands} - allowed, set())
            check.true(all(len(answer) <= 66 for answer in wire.answers), "a long answer")
    keep = set(card.image.keys)
    with checks.check("the card has all its keys and tries as before") as check:
        check.true(keep and all(tries > 0 for tries in card.image.counters().values()), "a try was lost")


def refuses(bench, checks, state, slot):
    """What a PSAM cannot, and whose it is not."""
    card, site = bench.blank(), bench.site()
    with card.inserted() as holder, inserted(bench, state, slot):
        with checks.check("a card is not made with a PSAM: it says why, with 4, and nothing is sent to the card") as check:
            result = site.run(*site.making(PEOPLE, 1), *KEYS, pin=PIN)
            told(check, result, 4, ["psam.cannot"])
            check.equal([command.hex() for command in holder.commands if command[0] in (0x80, 0x84)], [])
    other = bench.site(OTHER_CITY)
    with card.inserted():
        other.make(PEOPLE, 1)
    with card.inserted() as holder, inserted(bench, state, slot):
        with checks.check("another city's card gets no authentication from this PSAM, with 4, and loses no try") as check:
            result = other.run("card", "dump", *KEYS)
            told(check, result, 4, ["psam.area"])
            check.equal([command.hex() for command in holder.commands if command[1] == 0x82], [])
        with checks.check("a card in the SAM's place is no PSAM, with 3") as check:
            result = other.run("card", "dump", "--keys", "psam:PCD 0 00 00")
            told(check, result, 3, ["psam.not-a-module"])
            check.holds(result.error, "Virtual PCD 0 00 00")
    with card.inserted():
        with checks.check("an empty SAM slot is told, with 3") as check:
            check.exits(other.run("card", "read", "--keys", "psam:"), 3)
            check.exits(other.run("card", "read", *KEYS), 3)


def window(bench, checks, state, slot):
    """The counter's window with a PSAM in the place of a key store."""
    site, cards = bench.site(), [bench.blank() for _ in range(2)]
    service = Service(bench, site)
    service.add(1001, "张一", "teller")
    service.add(2001, "李二", "supervisor")
    numbers = []
    for row, card in enumerate(cards, 1):
        with card.inserted():
            numbers.append(site.make(PEOPLE, row).json[0]["cardNumber"])
    with_keys(service, "psam:SAM")
    with checks.check("the self-test tells that the PSAM is not there") as check:
        check.equal(found(service, "keys"), "reader.no-card")
    with cards[0].inserted(), inserted(bench, state, slot) as wire:
        with checks.check("with a PSAM the self-test is content, and the window has a card prove itself by it") as check:
            check.equal(found(service, "keys"), None)
            with service.running():
                check.equal(hand_over(service, numbers[0], "psam")[0], 201)
            check.true(any(command[:2] == SESSION for command in wire.commands), "no BF DE")
    with_keys(service, "psam:PCD 0 00 01")
    with cards[1].inserted(), inserted(bench, state, 1):
        with checks.check("a PSAM in a slot for cards is none of the cards that the window chooses from") as check:
            with service.running():
                program = service.program(1001, "teller")
                check.equal(hand_over(service, numbers[1], "psam-in-reader")[0], 201)
                told_as = {reader["name"]: reader["isSecurityModule"] for reader in program("GET", "/api/readers")[1]["readers"]}
                check.equal((told_as["Virtual PCD 0 00 00"], told_as["Virtual PCD 0 00 01"]), (False, True))
                cookie, _ = service.logged_in(1001, "teller")
                page = service.request("GET", f"/cards/{numbers[1]}/temporary-loss", headers={"Cookie": f"sscard-session={cookie}"})[2]
                check.true("临时挂失" in page, "no page of the act")
                page = service.request("GET", f"/cards/{numbers[1]}/recover", headers={"Cookie": f"sscard-session={cookie}"})[2]
                check.true("Virtual PCD 0 00 00" in page and "Virtual PCD 0 00 01" not in page, "offered for cards")
