"""What a stranger gets wrong in the first hour: another folder, another layout, another reader, a chip that was somebody's."""

import subprocess
import threading

from .bench import LAYOUT, LAYOUT_3, PATIENCE, PROFILE_3, ROOT, finish
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
    traces(bench, checks)
    history(bench, checks)
    causes(bench, checks)
    store(bench, checks)
    scripts(checks)


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
        with checks.check("card migrate of version 2.00 by a layout of 1.00 is refused before a key is shown") as check:
            before = card.bytes
            told(check, site.run("card", "migrate", "--layout", "national-1.0", "--to", LAYOUT, "--plan-only"), 2, ["card.other-version"])
            check.equal(card.bytes, before, "the card")
        with checks.check("card verify and card shell by a layout of another version say so, and go on") as check:
            script = bench.write("session.txt", "ls\n")
            verified = site.run("card", "verify", "--layout", "national-1.0", "--json")
            check.exits(verified, 1)
            check.holds(verified.error, "[card.other-version]")
            shell = site.run("card", "shell", "--layout", "national-1.0", "--script", script)
            check.exits(shell, 0)
            check.holds(shell.error, "[card.other-version]")
            check.true("card.other-version" not in site.run("card", "shell", "--layout", LAYOUT, "--script", script).error, "told of the right layout")
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
            ending = threading.Timer(PATIENCE, process.terminate)
            ending.start()
            lines = [process.stderr.readline().decode() for _ in range(3)]
            ending.cancel()
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
        with checks.check("nobody is told from the registry by a card that does not show its holder: that would be a look-up without its event") as check:
            result = site.run("card", "state", "--json")
            check.exits(result, 0)
            check.equal((result.json.get("holder"), result.json["isRegistered"]), (None, True))
            check.true(bench.people[0]["name"][0] not in result.output, "the holder's name")


def traces(bench, checks):
    """Traces that have nothing to show, and a file that is there already."""
    site, card, kept = bench.site(), bench.blank(), bench.path("kept.trace")
    with card.inserted():
        site.make(PEOPLE, 1)
        with checks.check("a trace that masks what was read is not shown as an empty card") as check:
            check.exits(site.run("card", "read", "--trace-to", kept), 0)
            for name in ("read", "dump"):
                check.true(site.run("card", name, "--replay", kept).code != 0, f"card {name} shows nothing and ends with 0")
            told(check, site.run("card", "read", "--replay", kept), 2, ["trace.masked"])
        with checks.check("a trace is never written over a file that is there") as check:
            before = kept.read_bytes()
            told(check, site.run("card", "read", "--trace-to", kept), 2, ["trace.exists"])
            check.equal(kept.read_bytes(), before, "the file")
        with checks.check("without a SAM slot the holder's card is not taken for a PSAM") as check:
            told(check, site.run("card", "read", "--keys", "psam:"), 3, ["psam.no-slot"])


def history(bench, checks):
    """What the shell keeps of what was typed."""
    site, card = bench.site(), bench.blank()
    lines = ["apdu 0084000008", "apdu 0020000006313335373931 = xxxx", "apdu 00 20 00 00 06 31 33 35 37 39 31 = xxxx",
             "apdu 80D4000005AABBCCDDEE = xxxx", "history"]
    with card.inserted():
        with checks.check("the shell's history and its echo show no PIN and no key, and everything else") as check:
            result = site.run("card", "shell", "--script", bench.write("typed.txt", "\n".join(lines)))
            check.exits(result, 0)
            digits = result.output.replace(" ", "")
            for secret in ("313335373931", "AABBCCDDEE"):
                check.true(secret not in digits, f"{secret} is shown")
            check.holds(result.output, "1  apdu 0084000008", "2  apdu 00200000 ‹…› = xxxx", "apdu 80D40000 ‹…› = xxxx")


def causes(bench, checks):
    """Mistakes that are told by what they are."""
    site, empty, garbage = bench.site(), bench.path("empty"), bench.path("garbage")
    site.run("registry", "import", PEOPLE)
    empty.write_bytes(b"")
    garbage.write_bytes(bytes(range(128, 256)))
    folder = ROOT / "Fixtures"
    for name, arguments, code, fault in [
        ("a folder for a file", ("registry", "import", folder), 2, "file.is-folder"),
        ("an empty trace", ("card", "read", "--replay", empty), 2, "trace."),
        ("an empty dump", ("card", "diff", "--dump", empty, "--dump", empty), 2, "card-dump.syntax"),
        ("a dump that is none", ("card", "diff", "--dump", garbage, "--dump", garbage), 2, "card-dump.syntax"),
        ("a key block that is none", ("keys", "block", "show", garbage), 2, "key-block.malformed"),
        ("a backup that is none", ("registry", "verify", "--backup", folder), 2, "backup.none-here"),
        ("an area of one digit", ("keys", "check", "--factor", "8649990100000001", "--area", "1"), 2, "tool.area-digits"),
        ("a profile for a layout", ("layout", "lint", "CardLayouts/profiles/fmcos-ssse.yaml"), 2, "layout.is-profile"),
        ("a card torn behind its end", ("virtual-card", "image", "torn@99999", "--state", bench.path("torn")), 2,
         "training-card.too-late"),
        ("a version that no key has", ("keys", "incident", "--key", "STKDF03", "--version", "99"), 2, "keys.no-such-version"),
        ("a file of a heading alone", ("registry", "import", bench.write("heading.csv", "citizenNumber,name,sex,ethnicGroup,birthDate,birthPlace\n")),
         2, "tool.no-rows"),
    ]:
        with checks.check(f"{name} is told as that") as check:
            result = site.run(*arguments)
            told(check, result, code, [])
            check.holds(result.error, f"[{fault}")
            check.true("16 MiB" not in result.error and "512 MiB" not in result.error, result.error)
    with checks.check("a card that is torn before its first command is a blank, and no folder is asked for") as check:
        result = site.run("virtual-card", "image", "torn@0", "--state", bench.path("torn"), "--data", site.data)
        check.exits(result, 0)
        check.holds(result.output, "a blank still")


def store(bench, checks):
    """A registry's file that is none."""
    with checks.check("a database that is garbage is told as damaged, with what to do") as check:
        site = bench.site()
        site.run("registry", "import", PEOPLE)
        for path in site.data.glob("registry.sqlite*"):
            path.unlink()
        (site.data / "registry.sqlite").write_bytes(b"no database " * 500)
        result = site.run("registry", "verify")
        told(check, result, 5, ["registry.store-damaged"])
        check.holds(result.error, "sscard registry restore")


def scripts(checks):
    """Scripts that build for long say what they are at once, and refuse what they do not know."""
    for script in ("bench", "demo"):
        with checks.check(f"Scripts/{script} tells its use and refuses a word that it does not know, and builds nothing") as check:
            for words, code in ((["--help"], 0), (["nonsense"], 2)):
                done = subprocess.run([ROOT / "Scripts" / script, *words], capture_output=True, text=True, timeout=20, check=False)
                check.equal(done.returncode, code, str(words))
                check.holds(done.stdout + done.stderr, f"Scripts/{script}")
                check.true("Building" not in done.stdout, done.stdout)
