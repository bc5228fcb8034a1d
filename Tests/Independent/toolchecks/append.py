"""Cyclic files of issued cards: a row by command, and the log that only the card itself writes."""

from .bench import PIN, opensc
from .reading import SELECT
from .refusals import told
from .training import TRAINING_PIN, image

ROW = "occupation=2010100;startDate=20260901;employerName=示范厂"
# an 07 · cn 04 · cn 04 (blank) · an 46 (hexadecimal), text filled with 00 (card.md §1.5, DF02 EF07)
RECORD = b"2010100" + bytes.fromhex("20260901FFFFFFFF") + "示范厂".encode("gbk").ljust(0x46, b"\0")


def run(bench, checks):
    """All checks of this section."""
    append(bench, checks)
    purchases(bench, checks)


def pin_bytes(pin):
    """VERIFY of a PIN: digits, filled with F."""
    digits = bytes.fromhex(pin + "F" * (len(pin) % 2))
    return bytes([0x00, 0x20, 0x00, 0x00, len(digits)]) + digits


def read(identifier, number, file, length, pin):
    """READ RECORD of a file of an application, after the PIN, with opensc-tool; 61xx it follows itself."""
    select = bytes.fromhex("00A4000002" + identifier)
    return opensc(SELECT, select, pin_bytes(pin), bytes([0x00, 0xB2, number, file << 3 | 4, length]))[-1]


def append(bench, checks):
    """A row of DF02/EF07."""
    site = bench.site()
    card, _ = site.made(bench.people[0])
    with card.inserted() as wire:
        with checks.check("card append adds a row, reads it back, and opensc-tool finds it as record 1") as check:
            result = site.run("card", "append", "DF02/EF07", "--value", ROW, "--json")
            check.exits(result, 0)
            check.equal((result.json["changed"], result.json["records"], result.json["readBack"]), (True, 1, True))
            check.equal(read("DF02", 1, 7, 0x55, PIN), (RECORD, "9000"))
        with checks.check("the newest row is not added twice, so that the command can be run again") as check:
            count = len(wire.commands)
            result = site.run("card", "append", "DF02/EF07", "--value", ROW, "--json")
            check.exits(result, 0)
            check.equal((result.json["changed"], result.json["readBack"]), (False, True))
            check.equal([command.hex() for command in wire.commands[count:] if command[1] in (0xDC, 0xE2)], [])
        with checks.check("the oldest of five rows falls out of four, and card dump shows the newest first") as check:
            for year in range(2001, 2005):
                check.exits(site.run("card", "append", "DF02/EF07", "--value", f"startDate={year}0101"), 0)
            rows = site.run("card", "dump", "--json").json["DF02"]["EF07"]
            check.equal([row["startDate"] for row in rows], ["20040101", "20030101", "20020101", "20010101"])
        for place, value, code in (
                ("DF04/EF08", "kind=2", "layout.written-by-card"), ("DF01/EF08", "maritalStatus=2", "layout.not-cyclic"),
                ("DF02/EF99", "kind=2", "card.append-file"), ("DF02/EF07", "occupation=", "layout.row-empty"),
                ("DF02/EF07", "startDate=20010101|startDate=20020101", "element.too-many"),
                ("DF02/EF07", "beginning=20010101", "element.unknown-inner")):
            with checks.check(f"card append {place} with {value} is refused, and the card left alone") as check:
                before = card.bytes
                told(check, site.run("card", "append", place, "--value", value), 2, [code])
                check.equal(card.bytes, before)


def purchases(bench, checks):
    """A card whose log it wrote itself."""
    site = bench.site()
    card, made = image(bench, "purchases", site)
    with checks.check("a card that paid 32 times is made") as check:
        check.exits(made, 0)
    with card.inserted():
        with checks.check("card dump shows the 30 newest transactions, for which the PIN is wanted") as check:
            result = site.run("card", "dump", "--pin", "fd:PIN", "--json", pin=TRAINING_PIN)
            check.exits(result, 0)
            rows = result.json["DF04"]["EF08"]
            check.equal([row["transactionNumber"] for row in rows], [f"{number:04X}" for number in range(31, 1, -1)])
            check.equal(rows[0], {
                "transactionNumber": "001F", "kind": "2", "terminalNumber": "990101000001", "time": "20260401090000",
                "accountAmount": "00000000", "selfPaidAmount": f"{1250 + 375 * 31:08X}", "pooledAmount": f"{(1250 + 375 * 31) // 2:08X}",
            })
        with checks.check("opensc-tool reads the newest as 28 bytes") as check:
            data, status = read("DF04", 1, 8, 0x1C, TRAINING_PIN)
            check.equal((data[:3].hex(), len(data), status), ("001f32", 28, "9000"))
        with checks.check("card dump --hex shows it as the card has it") as check:
            result = site.run("card", "dump", "--hex", "--json", "--pin", "fd:PIN", pin=TRAINING_PIN)
            check.exits(result, 0)
            check.equal(len(result.json["files"]["DF04"]["EF08"]["records"]), 30)
        with checks.check("without the PIN the log is closed") as check:
            without = site.run("card", "dump", "--json")
            check.true("EF08" not in without.json.get("DF04", {}), "the log is shown without the PIN")
    with checks.check("a card without purchase keys pays nothing, and nothing is left") as check:
        card, made = image(bench, "purchases", None, "--layout", "national-2.0@t514")
        told(check, made, 2, ["training-card.no-purchases"])
        check.true(not card.state.exists(), "a state file")
