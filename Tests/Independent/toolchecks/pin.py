"""The holder's PIN: changed, reset, unblocked, and never tried twice."""

import json
import re
import shutil

from .bench import LAYOUT_3, PIN, PROFILE, PROFILE_3, ROOT, opensc
from .refusals import told
from .rules import ENVIRONMENT

CARDS = [(PROFILE, "national-2.0"), (PROFILE_3, LAYOUT_3)] + [
    (profile, f"national-2.0@{profile}") for profile in ("timecos", "t514", "mcos")]
OWN_PINS = {"timecos"}  # applications with PINs of their own, and no unblocking without a new PIN
NEW = "48195207"
TICKET = ("--ticket", "2026-0017")
COUNTER = ("--second", "2001", "--proof", "identity-document")
VERIFY, CHANGE, UNBLOCK = 0x20, 0x5E, 0x24


def run(bench, checks):
    """All checks of this section."""
    for profile, layout in CARDS:
        services(bench, checks, profile, layout)
    last_try(bench, checks)
    refused(bench, checks)
    approved(bench, checks)
    sent_once(bench, checks)
    interrupted(bench, checks)
    elsewhere(bench, checks)


def change(site, old, new, *more):
    """The holder changes the PIN."""
    return site.run("card", "pin", "change", "--pin", "fd:PIN", "--new-pin", "fd:PIN", "--json", *more, pin=f"{old}\n{new}")


def reset(site, new, *more):
    """The counter sets a new PIN."""
    return site.run("card", "pin", "reset", "--new-pin", "fd:PIN", "--json", *more, pin=new)


def accepted(digits, directory=None):
    """What the card says to a PIN, asked by opensc-tool: past the tool and whatever it remembers."""
    packed = bytes.fromhex(digits + "F" * (len(digits) % 2))
    commands = [bytes([0, 0xA4, 4, 0, len(ENVIRONMENT)]) + ENVIRONMENT]
    if directory:
        commands.append(bytes.fromhex("00A4000002" + directory))
    return opensc(*commands, bytes([0, VERIFY, 0, 0, len(packed)]) + packed)[-1][1]


def services(bench, checks, profile, layout):
    """The three services on a card in use."""
    site = bench.site()
    card, number = site.made(bench.people[0], profile=profile, layout=layout)
    with card.inserted():
        with checks.check(f"{profile}: the holder changes the PIN, and the log says so without it") as check:
            result = change(site, PIN, NEW)
            check.exits(result, 0)
            served = ["SSSE", "DF01", "DF02", "DF03", "DF04"] if profile in OWN_PINS else ["SSSE"]
            check.equal((result.json["service"], result.json["cardNumber"], result.json["directories"]), ("change", number, served))
            check.equal([accepted(NEW), accepted(PIN)], ["9000", "63C5"])
            if profile in OWN_PINS:
                check.equal(accepted(NEW, "DF04"), "9000")
        with checks.check(f"{profile}: a wrong old PIN costs one try, is told with 1, and changes nothing") as check:
            accepted(NEW)
            told(check, change(site, PIN, "64810275"), 1, ["card.wrong-pin"])
            check.equal(accepted(NEW), "9000")
        for _ in range(6):
            accepted("11112222")
        with checks.check(f"{profile}: a blocked PIN is told and booked") as check:
            told(check, change(site, NEW, PIN), 1, ["card.pin-blocked", "pin.booked"])
            check.equal(site.run("registry", "show", "--card", number, "--json").json["state"], "pin-lock")
        with checks.check(f"{profile}: unblocking gives the tries back and lifts the lock") as check:
            result = site.run("card", "pin", "unblock", *TICKET, *COUNTER, "--json")
            if profile in OWN_PINS:
                told(check, result, 3, ["pin.no-command"])
            else:
                check.exits(result, 0)
                check.equal((result.json["ticket"], result.json["state"], len(result.json["lifted"])), (TICKET[1], "normal", 1))
                check.equal(accepted(NEW), "9000")
        with checks.check(f"{profile}: a reset draws a PIN, tells it on a slip alone, and the card has it") as check:
            result = site.run("card", "pin", "reset", "--new-pin", "generate", *TICKET, *COUNTER, "--json")
            check.exits(result, 0)
            slip = site.data / "pin-slips" / f"{number}.txt"
            check.equal((result.json["pinSlip"], slip.stat().st_mode & 0o777, result.json["state"]), (str(slip), 0o600, "normal"))
            drawn = re.search(r"新密码 (\d{6})\n", slip.read_text(encoding="utf-8")).group(1)
            check.equal(accepted(drawn), "9000")
            check.true(drawn not in result.output + result.error, "the PIN is shown")
            log = site.run("registry", "log", "--card", number, "--json")
            check.equal([row["ticket"] for row in log.json if row.get("service") == "reset"], [TICKET[1]])
            check.true(drawn not in log.output, "the PIN stands in the log")
            check.exits(site.run("registry", "verify"), 0)


def last_try(bench, checks):
    """The last try is not spent by one person."""
    site = bench.site()
    card, _ = site.made(bench.people[0])
    with card.inserted():
        codes = [change(site, "11112222", NEW).codes for _ in range(6)]
        with checks.check("the last try of the PIN is kept, and spent when two officers say so") as check:
            check.equal(codes, [["card.wrong-pin"]] * 5 + [["card.last-try"]])
            told(check, change(site, PIN, NEW, "--spend-last-try"), 2, ["card.last-try-second"])
            check.exits(change(site, PIN, NEW, "--spend-last-try", "--second", "2001"), 0)
            check.equal(accepted(NEW), "9000")


def refused(bench, checks):
    """What is not done, with the card untouched."""
    site = bench.site()
    card, number = site.made(bench.people[0])
    with card.inserted() as wire:
        before = card.bytes
        cases = [
            ("without a ticket", reset(site, NEW, *COUNTER), 2, ["usage.missing-argument"]),
            ("with an empty ticket", reset(site, NEW, "--ticket", " ", *COUNTER), 2, ["pin.ticket"]),
            ("without a second officer", reset(site, NEW, *TICKET, *COUNTER[2:]), 1, ["lifecycle.second-person-missing"]),
            ("without the identity document", reset(site, NEW, *TICKET, *COUNTER[:2]), 1, ["lifecycle.proof-missing"]),
            ("with the default PIN of other places", reset(site, "123456", *TICKET, *COUNTER), 2, ["pin.trivial"]),
            ("with the holder's birthday", reset(site, bench.people[0]["birthDate"][2:], *TICKET, *COUNTER), 2, ["pin.birth-date"]),
            ("with digits of the holder's number", change(site, PIN, bench.people[0]["citizenNumber"][:6]), 2, ["pin.in-number"]),
            ("of a card that is made, with the holder's birthday",
             site.make(bench.people_file(bench.people[1]), pin=bench.people[1]["birthDate"][2:]), 2, ["pin.birth-date"]),
            ("without a new PIN", site.run("card", "pin", "reset", *TICKET, *COUNTER), 2, ["usage.missing-argument"]),
            ("with the PIN as an argument", site.run("card", "pin", "change", "--pin", "135790", "--new-pin", "481952"), 2,
             ["usage.wrong-value"]),
            ("with a drawn old PIN", site.run("card", "pin", "change", "--pin", "generate", "--new-pin", "generate"), 2,
             ["pin.not-drawn"]),
            ("to the same PIN", change(site, PIN, PIN), 2, ["pin.same"]),
        ]
        for name, result, code, codes in cases:
            with checks.check(f"PIN services {name} are refused") as check:
                check.exits(result, code)
                check.equal(result.codes, codes)
        site.act("temporary-loss", number)
        with checks.check("a card that was reported lost gets no PIN") as check:
            for result in (reset(site, NEW, *TICKET, *COUNTER), change(site, PIN, NEW)):
                check.exits(result, 1)
                check.equal(result.codes, ["lifecycle.restricted"])
        with checks.check("no PIN command was sent for what was refused, and the card is as it was") as check:
            check.equal([command.hex() for command in wire.commands if command[1] in (VERIFY, CHANGE, UNBLOCK)], [])
            check.equal(card.bytes, before)


class Signers:
    """The development keys with officers who may approve: 1001 and 2001; 2002 has a key and may not."""

    WORDS = "an officer's own words"

    def __init__(self, bench, site):
        self.bench, self.site, self.keys = bench, site, bench.path("keys")
        self.keys.mkdir()
        shutil.copy(ROOT / "Keys/development/keyset.yaml", self.keys)
        lines = []
        for officer in ("1001", "2001", "2002"):
            made = site.run("keys", "policy", "officer", officer, "--to", self.keys / f"{officer}.key", "--passphrase", "fd:PIN",
                            pin=self.WORDS)
            lines.append(made.output.rstrip("\n"))
        (self.keys / "officers.yaml").write_text("officers:\n" + "\n".join(lines[:2]) + "\n", encoding="utf-8")

    def ask(self, service, ticket):
        """A request for the card in the reader: what the tool said, and the file."""
        path = self.bench.path("approval.json")
        asked = self.site.run("card", "pin", "approval", "request", "--service", service, "--ticket", ticket, "--officer", "1001",
                              "--out", path)
        return asked, path

    def sign(self, path, officer, words=WORDS):
        """One officer signs."""
        return self.site.run("card", "pin", "approval", "sign", path, "--officer-key", self.keys / f"{officer}.key", "--json",
                             "--passphrase", "fd:PIN", pin=words)

    def signed(self, service, ticket):
        """The file of a request for the card in the reader that both have signed."""
        _, path = self.ask(service, ticket)
        for officer in ("1001", "2001"):
            self.sign(path, officer)
        return path


def approved(bench, checks):
    """Two officers sign for one card, one service and one ticket, and one of them serves it."""
    site = bench.site()
    signers = Signers(bench, site)
    keys, sign = signers.keys, signers.sign

    def ask(service, ticket=TICKET[1]):
        return signers.ask(service, ticket)

    def serve(path, ticket=TICKET, *more):
        return reset(site, NEW, "--approval", path, *ticket, "--proof", "identity-document", "--keys", keys, *more)

    card, number = site.made(bench.people[0])
    other, _ = site.made(bench.people[1])
    with other.inserted():
        elsewhere_asked, for_other = ask("reset")
    with card.inserted() as wire:
        before = card.bytes
        asked, path = ask("reset")
        _, unblocking = ask("unblock")
        _, alone = ask("reset")
        with checks.check("a request is written for the card in the reader, and shows what it is for; the card is not changed") as check:
            check.exits(asked, 0)
            check.exits(elsewhere_asked, 0)
            shown = json.loads(path.read_text(encoding="utf-8"))
            check.equal((shown["operation"], shown["details"]["ticket"], shown["requester"]), ("pin-reset", TICKET[1], "1001"))
            check.equal(card.bytes, before)
        with checks.check("two officers sign it, each once, each with their own words") as check:
            check.exits(sign(path, "1001"), 0)
            told(check, sign(path, "1001"), 4, ["approval.approved-twice"])
            told(check, sign(path, "2001", "somebody else's words"), 4, ["officer-key.not-opened"])
            check.exits(sign(path, "2001"), 0)
            result = site.run("card", "pin", "approval", "show", path, "--keys", keys, "--json")
            check.exits(result, 0)
            check.equal(result.json["signedBy"], ["1001", "2001"])
        for one in (for_other, unblocking):
            sign(one, "1001")
            sign(one, "2001")
        sign(alone, "1001")
        altered = bench.write("altered.json", path.read_text(encoding="utf-8").replace(TICKET[1], "2026-0018"))
        stranger = bench.write("stranger.json", alone.read_text(encoding="utf-8"))
        sign(stranger, "2002")
        for name, result, codes in [
                ("one signature", serve(alone), ["approval.too-few-persons"]),
                ("a signature of nobody here", serve(stranger), ["approval.unknown-officer"]),
                ("an altered ticket", serve(altered, ("--ticket", "2026-0018")), ["approval.not-authentic"]),
                ("another ticket", serve(path, ("--ticket", "2026-0018")), ["approval.other-request"]),
                ("another card", serve(for_other), ["approval.other-request"]),
                ("another service", serve(unblocking), ["approval.other-request"]),
                ("another officer than asked for it", serve(path, TICKET, "--officer", "3001"), ["approval.other-request"]),
                ("a second person who has not signed", serve(path, TICKET, "--second", "2002"), ["pin-approval.second"])]:
            with checks.check(f"an approval with {name} serves no PIN, and says why") as check:
                check.true(result.code in (2, 3, 4), f"exit code {result.code}")
                check.equal(result.codes, codes)
                check.equal([command for command in wire.commands if command[1] == UNBLOCK], [])
        with checks.check("with both signatures the PIN is set, and log and registry name both officers and the ticket") as check:
            result = serve(path)
            check.exits(result, 0)
            check.equal(accepted(NEW), "9000")
            log = (site.data / "key-log/key-log.txt").read_text(encoding="utf-8")
            lines = [line for line in log.splitlines() if "\tapproval\t" in line and "op=pin-reset" in line]
            check.equal(len(lines), 1)
            check.holds(lines[0], "officers=1001,2001", "ticket=" + TICKET[1], "about-card=")
            check.equal(result.json["cardNumber"], number)
        with checks.check("an approval serves once") as check:
            result = serve(path)
            check.true(result.code in (3, 4), f"exit code {result.code}")
            check.equal(result.codes, ["approval.spent"])


def sent_once(bench, checks):
    """A card that wants another length after it has compared."""
    for name, instruction in (("VERIFY", VERIFY), ("CHANGE PIN", CHANGE), ("PIN UNBLOCK", UNBLOCK), ("EXTERNAL AUTHENTICATE", 0x82)):
        site = bench.site()
        card, _ = site.made(bench.people[0])

        def other_length(_, command, answer, instruction=instruction):
            return b"\x6C\x08" if command[1] == instruction else answer

        with card.inserted(after=other_length) as wire:
            result = (change(site, PIN, NEW) if instruction in (VERIFY, CHANGE) else reset(site, NEW, *TICKET, *COUNTER))
            with checks.check(f"{name} that is answered with 6Cxx is not sent again") as check:
                check.exits(result, 3)
                check.equal(len([command for command in wire.commands if command[1] == instruction]), 1)


def interrupted(bench, checks):
    """The answer to the decisive command is lost."""
    site = bench.site()
    card, number = site.made(bench.people[0])
    with card.inserted(after=lambda _, command, answer: None if command[1] == UNBLOCK else answer):
        result = site.run("card", "pin", "reset", "--new-pin", "generate", *TICKET, *COUNTER, "--json")
    slip = site.data / "pin-slips" / f"{number}.new.txt"
    with checks.check("a reset whose answer is lost says so, is booked, and keeps the slip") as check:
        check.exits(result, 3)
        check.equal(result.codes[-2:], ["pin.uncertain", "pin.booked"])
        check.holds(result.error, str(slip))
        log = site.run("registry", "log", "--card", number, "--json").json
        check.equal(log[-1].get("service"), "reset")
        drawn = re.search(r"新密码 (\d{6})\n", slip.read_text(encoding="utf-8")).group(1)
        with card.inserted():
            check.equal(accepted(drawn), "9000")


def elsewhere(bench, checks):
    """A counter that does not know the card."""
    card, _ = bench.site().made(bench.people[0])
    site = bench.site()
    with card.inserted():
        site.shown()
        with checks.check("a card of another registry is the holder's to change, and not reset") as check:
            told(check, reset(site, NEW, *TICKET, *COUNTER), 1, ["pin.not-registered"])
            result = change(site, PIN, NEW)
            check.exits(result, 0)
            check.equal(result.json["isBooked"], False)
