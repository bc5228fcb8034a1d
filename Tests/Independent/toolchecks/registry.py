"""The registry: acts and what they lead to, what is refused, and a log that tells when somebody changed it."""

import contextlib
import fcntl
import shutil
import sqlite3

from .bench import Site
from .refusals import told

IDENTITY = ("--proof", "identity-document")
HOLDER_AND_CARD = (*IDENTITY, "--proof", "card-read")
SECOND = ("--second", "2001")
# Whose word a cancellation waits for: two of the upper tier, of whom none had a hand in it.
UPPER_SECOND = ("--second", "4002", "--second-role", "upper-tier")

# Acts in order, with the national code AAZ502 of the card afterwards; 1 refused, and why.
LIFE = [
    ("enable", ("--proof", "card-read", "--proof", "pin-changed"), 1, "lifecycle.physical-state", 0),
    ("hand-over", (), 1, "lifecycle.proof-missing", 0),
    ("hand-over", IDENTITY, 1, "lifecycle.proof-missing", 0),
    ("hand-over", (*IDENTITY, "--proof", "signature", "--role", "stock-keeper"), 1, "lifecycle.role-not-allowed", 0),
    ("hand-over", (*IDENTITY, "--proof", "signature"), 0, None, 0),
    ("hand-over", (*IDENTITY, "--proof", "signature"), 1, "lifecycle.physical-state", 0),
    ("enable", ("--proof", "card-read"), 1, "lifecycle.proof-missing", 0),
    ("enable", ("--proof", "card-read", "--proof", "pin-changed"), 0, None, 1),
    ("enable", ("--proof", "card-read", "--proof", "pin-changed"), 1, "lifecycle.already-enabled", 1),
    ("release", HOLDER_AND_CARD, 1, "tool.nothing-to-release", 1),
    ("confirm-cancellation", (), 1, "tool.no-cancellation", 1),
    ("temporary-loss", (), 0, None, 4),
    ("temporary-loss", (), 0, None, 4),  # it may have run out upstream; one release lifts both
    ("release", (), 1, "lifecycle.proof-missing", 4),
    ("release", HOLDER_AND_CARD, 0, None, 1),
    ("formal-loss", (), 1, "lifecycle.proof-missing", 1),
    ("formal-loss", IDENTITY, 0, None, 2),
    ("release", HOLDER_AND_CARD, 1, "lifecycle.second-person-missing", 2),
    ("release", (*HOLDER_AND_CARD, "--second", "1001"), 1, "lifecycle.second-person-is-the-same", 2),
    ("release", (*HOLDER_AND_CARD, *SECOND), 0, None, 1),
    ("temporary-loss", (), 0, None, 4),
    ("formal-loss", IDENTITY, 0, None, 2),
    ("cancel", ("--reason", "death", "--proof", "paper"), 1, "lifecycle.second-person-missing", 2),
    ("cancel", ("--reason", "death", *SECOND), 1, "lifecycle.proof-missing", 2),
    ("cancel", ("--reason", "boredom", *SECOND, "--proof", "paper"), 2, "tool.unknown-word", 2),
    ("cancel", ("--reason", "death", *SECOND, "--proof", "paper"), 0, None, 2),
    ("confirm-cancellation", ("--role", "teller", *UPPER_SECOND), 1, "lifecycle.role-not-allowed", 2),
    ("destroy", (*SECOND, "--proof", "card-read"), 1, "lifecycle.physical-state", 2),
    ("confirm-cancellation", UPPER_SECOND, 1, "lifecycle.confirms-own", 2),
    ("confirm-cancellation", ("--officer", "4001"), 1, "lifecycle.second-person-missing", 2),
    ("confirm-cancellation", ("--officer", "4001", *UPPER_SECOND), 0, None, 9),
    ("release", (*HOLDER_AND_CARD, *SECOND), 1, "lifecycle.ended", 9),
    ("temporary-loss", (), 1, "lifecycle.ended", 9),
    ("confirm-cancellation", ("--officer", "4001", *UPPER_SECOND), 1, "lifecycle.ended", 9),
    ("recover", ("--reason", "handedIn", "--proof", "card-read"), 0, None, 9),
    ("destroy", ("--proof", "card-read"), 1, "lifecycle.second-person-missing", 9),
    ("destroy", (*SECOND, "--proof", "card-read"), 0, None, 9),
]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site()
    with bench.blank().inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    life(checks, site, number)
    replacement(bench, checks, site)
    whole(checks, site)
    changed(bench, checks, site)
    held(checks, site)


def status(site, number):
    """The national code of the card's state."""
    with site.registry() as registry:
        return registry.execute("SELECT status FROM cards WHERE number = ?", (number,)).fetchone()[0]


def life(checks, site, number):
    """A card's life, with what is refused on the way."""
    with checks.check("a card that was made is sealed (AAZ502 0)") as check:
        check.equal(status(site, number), 0)
    for place, (act, arguments, code, reason, state) in enumerate(LIFE, 1):
        outcome = f"leads to AAZ502 {state}" if code == 0 else f"is refused ({reason})"
        with checks.check(f"act {place}, {' '.join([act, *arguments])}, {outcome}") as check:
            before = site.counts()["events"]
            result = site.act(act, number, *arguments)
            if code == 0:
                check.exits(result, 0)
                shown = site.run("registry", "show", "--card", number, "--json").json
                check.equal(shown["applicationStatus"], state, "AAZ502 as shown")
            else:
                told(check, result, code, [reason])
            check.equal(status(site, number), state, "AAZ502")
            check.equal(site.counts()["events"] - before, 1 if code == 0 else 0, "events")


def replacement(bench, checks, site):
    """A lost card is replaced."""
    row = bench.people[1]
    old_card, old = site.made(row)
    people = bench.people_file(row)
    wanted = ("--replaces", old, "--reason", "lost")
    proofs = (*SECOND, *IDENTITY, "--proof", "fee-settled")
    new_card = bench.blank()
    with new_card.inserted():
        with checks.check("a card that is not lost is not replaced as lost") as check:
            told(check, site.make(people, more=(*wanted, *proofs)), 1, ["lifecycle.restriction-missing"])
            check.equal((status(site, old), site.counts()["blanksUsed"]), (1, 2))
        site.act("formal-loss", old, *IDENTITY)
        with checks.check("a replacement without the second person is refused") as check:
            told(check, site.make(people, more=(*wanted, *IDENTITY, "--proof", "fee-settled")), 1,
                 ["lifecycle.second-person-missing"])
            check.equal((status(site, old), site.counts()["blanksUsed"]), (2, 2))
        with checks.check("a lost card is replaced: the old one is ended and names the new one, which is sealed") as check:
            made = site.make(people, more=(*wanted, *proofs))
            check.exits(made, 0)
            new = made.json[0]["cardNumber"]
            check.true(new != old, "the new card has the old number")
            check.equal((status(site, old), status(site, new)), (9, 0))
            shown = site.run("registry", "show", "--card", old, "--json").json
            check.equal(shown["successor"], made.json[0]["identificationCode"])
    del old_card


def whole(checks, site):
    """The log as it should be."""
    with checks.check("the log is whole and its views follow from it") as check:
        verified = site.run("registry", "verify", "--json")
        check.exits(verified, 0)
        check.equal(verified.json["good"], True)
        check.equal(verified.json["events"], site.counts()["events"])
    with checks.check("registry show counts what the registry holds, by the national codes of the cards' states") as check:
        check.equal(site.shown(), site.counts())
        check.equal(sum(site.counts()["cards"].values()), site.counts()["blanksUsed"])
    with checks.check("rebuilding the views changes nothing") as check:
        rebuilt = site.run("registry", "rebuild", "--json")
        check.exits(rebuilt, 0)
        check.equal((rebuilt.json["same"], rebuilt.json["before"]), (True, rebuilt.json["after"]))
        check.exits(site.run("registry", "verify"), 0)
    with checks.check("the log lists every event in order, once") as check:
        log = site.run("registry", "log", "--limit", "1000", "--json").json
        check.equal([row["sequence"] for row in log], list(range(1, site.counts()["events"] + 1)))


def copy(bench, site):
    """The same site once more, to be spoiled."""
    data = bench.path("data")
    shutil.copytree(site.data, data)
    return Site(bench, data, site.policy)


def change(site, *statements):
    """Changes the registry's file behind the tool's back."""
    with contextlib.closing(sqlite3.connect(site.data / "registry.sqlite")) as registry:
        for statement, values in statements:
            registry.execute(statement, values)
        registry.commit()


def event(site, sequence):
    """The bytes of an event."""
    with contextlib.closing(sqlite3.connect(site.data / "registry.sqlite")) as registry:
        return registry.execute("SELECT event FROM log WHERE sequence = ?", (sequence,)).fetchone()[0]


def changed(bench, checks, site):
    """Somebody changed the file."""
    last = site.counts()["events"]
    length = len(event(site, last // 2))
    for sequence, byte in ((1, 0), (last // 2, length // 2), (last // 2, length - 1), (last, 40)):
        with checks.check(f"one changed bit in byte {byte} of event {sequence} is found and named") as check:
            other = copy(bench, site)
            spoiled = bytearray(event(other, sequence))
            spoiled[byte] ^= 0x01
            change(other, ("UPDATE log SET event = ? WHERE sequence = ?", (bytes(spoiled), sequence)))
            found(check, other, sequence)
    with checks.check("a missing event is found and named") as check:
        other = copy(bench, site)
        change(other, ("DELETE FROM log WHERE sequence = ?", (last // 2,)))
        found(check, other, last // 2)
    with checks.check("two exchanged events are found and named") as check:
        other = copy(bench, site)
        first, second = event(other, last // 2), event(other, last // 2 + 1)
        change(other, ("UPDATE log SET event = ? WHERE sequence = ?", (second, last // 2)),
               ("UPDATE log SET event = ? WHERE sequence = ?", (first, last // 2 + 1)))
        found(check, other, last // 2)
    with checks.check("a log whose last event was cut off is found, for its views know more") as check:
        other = copy(bench, site)
        change(other, ("DELETE FROM log WHERE sequence = ?", (last,)))
        check.exits(other.run("registry", "verify"), 1)
    with checks.check("a changed state of a card is found, and mended by rebuilding") as check:
        other = copy(bench, site)
        change(other, ("UPDATE card_states SET status = 1 WHERE status = 9", ()))
        check.exits(other.run("registry", "verify"), 1)
        mended(check, other)
    with checks.check("a row of a card that stands alone is found, though no view shows it, and mended by rebuilding") as check:
        other = copy(bench, site)
        change(other, ("INSERT INTO card_states SELECT 9999, physical, restrictions, bank, status, successor, 1 FROM card_states LIMIT 1", ()))
        check.exits(other.run("registry", "verify"), 1)
        mended(check, other)


def mended(check, site):
    """Rebuilding says that it changed something, and leaves a registry that is in order."""
    rebuilt = site.run("registry", "rebuild", "--json")
    check.exits(rebuilt, 0)
    check.equal(rebuilt.json["same"], False)
    check.exits(site.run("registry", "verify"), 0)


def found(check, site, sequence):
    """The log is known as damaged at this place."""
    verified = site.run("registry", "verify", "--json")
    check.exits(verified, 1)
    document = verified.json
    check.equal((document["good"], document.get("position")), (False, sequence))
    check.true(document.get("problem"), "no problem is named")
    shown = site.run("registry", "verify")
    check.exits(shown, 1)
    check.holds(shown.output, "日志有误", str(sequence))


def held(checks, site):
    """Another process has the registry."""
    with open(site.data / "registry.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in (["registry", "show"], ["registry", "verify"], ["pharmacy", "check"],
                        ["lifecycle", "temporary-loss", "--card", "D00000005"]):
            with checks.check(f"{' '.join(command[:2])} while another process holds the registry ends with 5") as check:
                told(check, site.run(*command), 5, ["registry.in-use"])
    with checks.check("the registry opens again once the other process is gone") as check:
        check.exits(site.run("registry", "show"), 0)
