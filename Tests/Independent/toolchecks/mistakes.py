"""What a stranger gets wrong in the first hour: another folder, another layout, another reader, a chip that was somebody's."""

import subprocess

from .bench import LAYOUT, LAYOUT_3, PROFILE_3, ROOT, finish
from .keys import PEOPLE
from .refusals import told
from .till import ask
from .training import image

# What reads, verifies, backs up or records, and begins no counter.
NO_BEGINNING = [
    ("registry", "verify"), ("registry", "log"), ("registry", "show"), ("registry", "rebuild"),
    ("registry", "backup", "BACKUP", "--passphrase", "fd:PIN"), ("keys", "ledger"),
    ("keys", "incident", "--key", "STKDF03", "--version", "1"), ("lease", "list"), ("stock", "show"), ("application", "list"),
    ("lifecycle", "hand-over", "--card", "D00000005", "--proof", "identity-document", "--proof", "signature"),
]


def run(bench, checks):
    """All checks of this section."""
    folders(bench, checks)
    versions(bench, checks)
    wiped(bench, checks)
    taken(bench, checks)
    holder(bench, checks)


def folders(bench, checks):
    """A mistyped data folder, and one that nobody named."""
    typo = bench.path("typo")
    for arguments in NO_BEGINNING:
        with checks.check(f"{' '.join(arguments[:2])} makes no registry of a mistyped folder") as check:
            words = [bench.path("backup") if word == "BACKUP" else word for word in arguments]
            told(check, bench.site().run(*words, "--data", typo, pin="three words here"), 5, ["registry.none-here"])
            check.true(not typo.exists(), "the folder was made")
    with checks.check("a folder that is empty in the environment is refused, also by what begins a counter") as check:
        here = {path.name for path in (ROOT / "data").rglob("*")}
        for arguments in (("registry", "verify"), ("registry", "import", PEOPLE)):
            told(check, bench.site().run(*arguments, environment={"SSCARD_DATA": ""}), 2, ["tool.data-unnamed"])
        check.equal({path.name for path in (ROOT / "data").rglob("*")}, here, "files in ./data")
    with checks.check("the command that begins a counter tells that it does, once") as check:
        site = bench.site()
        first, second = (site.run("registry", "import", PEOPLE) for _ in range(2))
        check.exits(first, 0)
        check.holds(first.error, "新建了计数点 1 的登记库", f"new registry of counter 1 made in {site.data}")
        check.true("new registry" not in second.error, "told again")


def versions(bench, checks):
    """A layout of another version than the card's."""
    site, card = bench.site(), bench.blank()
    with card.inserted() as wire:
        check_made = site.make(PEOPLE, 1)
        for arguments in (("read",), ("dump",), ("update", "DF01/EF08/maritalStatus", "--value", "2")):
            with checks.check(f"card {arguments[0]} of version 2.00 by a layout of 1.00 is refused before a key is shown") as check:
                check.exits(check_made, 0)
                before, sent = card.bytes, len(wire.commands)
                told(check, site.run("card", *arguments, "--layout", "national-1.0"), 2, ["card.other-version"])
                check.equal([command.hex() for command in wire.commands[sent:] if command[1] not in (0xA4, 0xB2, 0xB0)], [])
                check.equal(card.bytes, before, "the card")
        with checks.check("by the layout of its own version it is read") as check:
            check.exits(site.run("card", "read", "--layout", LAYOUT), 0)


def wiped(bench, checks):
    """A chip that was somebody's card and is empty."""
    site, card = bench.site(), bench.blank()
    with card.inserted():
        number = site.make(PEOPLE, 1).json[0]["cardNumber"]
    empty, _ = image(bench, "blank", site, "--serial", card.number)
    with empty.inserted():
        with checks.check("an empty chip that the registry has a card of is no blank: its number is told, and to keep it") as check:
            result = site.run("card", "state", "--json")
            check.exits(result, 1)
            check.equal((result.json["state"], result.json["cardNumber"]), ("unknown", number))
            check.holds(result.json["en"], f"{number[:-1]}-{number[-1]}", "Keep it")
            check.holds(result.json["zh"], f"{number[:-1]}-{number[-1]}", "收存")
            ask(check, site, 1, "stop", ["not-personalized"])
            check.exits(site.make(PEOPLE, 2), 2)
        with checks.check("where nothing is known of it, it is a blank") as check:
            check.equal(bench.site().run("card", "state", "--json").json["state"], "blank")


def taken(bench, checks):
    """A reader that holds another card, and a card that is in another reader."""
    first, second = bench.blank(), bench.blank()

    def inserting(state, port):
        command = [bench.tool, "virtual-card", "run", "--state", state, "--vpcd", f"127.0.0.1:{port}"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    with first.inserted():
        with checks.check("a card that a reader does not take is not said to be in it") as check:
            process = inserting(second.state, 35963)
            lines = [process.stderr.readline().decode() for _ in range(3)]
            process.terminate()
            result = finish(process)
            check.holds("".join(lines), "[virtual-reader.taken]", "127.0.0.1:35963", "waits")
            check.true("card in reader" not in result.error, result.error)
        with checks.check("a card's file is in one reader at a time, and the path is told") as check:
            told(check, finish(inserting(first.state, 35964)), 5, ["virtual-card.in-use"])
    with checks.check("a lock that a killed process left holds nobody up, and goes with the last use") as check:
        lock = first.state.with_name(first.state.name + ".lock")
        lock.write_bytes(b"")
        with first.inserted():
            check.true(lock.exists(), "no lock while it is in the reader")
        check.true(not lock.exists(), "the lock stays")


def holder(bench, checks):
    """Whose a card is that shows it to nobody without a key."""
    site, card = bench.site(), bench.blank(PROFILE_3)
    with card.inserted():
        site.make(PEOPLE, 1, layout=LAYOUT_3)
        with checks.check("a card that does not show its holder is told by the registry, masked") as check:
            result = site.run("card", "state", "--json")
            check.exits(result, 0)
            check.holds(result.json["holder"] or "", "*", bench.people[0]["citizenNumber"][-2:])
            check.true(bench.people[0]["citizenNumber"] not in result.output, "the whole number")
