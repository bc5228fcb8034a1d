"""No service, no reader, no card, and cards that are none of ours."""

import random
import subprocess
import threading

from .bench import LAYOUT, PATIENCE, ROOT, Result, finish, wait_for_reader
from .image import Image
from .refusals import told
from .wire import RogueCard

OTHER_CARD = bytes.fromhex("3B9F958131FE9F006646530523002571DF0000000000B2")  # an answer to reset of no card of ours
OUR_CARD = bytes.fromhex("3B6D0000009046533186499901FFFFFFFF")  # as profile fmcos-ssse has it
SCRIPT = ROOT / "Fixtures/shell/looking-around.txt"
NEED_A_CARD = [
    ["card", "personalize", "--layout", LAYOUT, "--people", "Fixtures/people.csv", "--row", "1", "--pin", "generate"],
    ["card", "read"], ["card", "dump"], ["pharmacy", "check"], ["card", "state"],
    ["card", "verify", "--layout", LAYOUT, "--keys", "Keys/development"],
    ["card", "diff", "--layout", LAYOUT, "--people", "Fixtures/people.csv", "--row", "1"],
    ["card", "migrate", "--to", LAYOUT, "--layout", LAYOUT], ["card", "shell", "--script", SCRIPT],
]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site()
    site.shown()
    before = site.snapshot()
    for arguments in [["readers"], *NEED_A_CARD]:
        with checks.check(f"{' '.join(arguments[:2])} without the reader service ends with 3 and says how to start it") as check:
            result = site.run(*arguments, environment={"PCSCLITE_CSOCK_NAME": "/nowhere"})
            told(check, result, 3, ["reader.service-not-running"])
            check.holds(result.error, "systemctl start pcscd")
    for arguments in NEED_A_CARD:
        with checks.check(f"{' '.join(arguments[:2])} without a reader ends with 3") as check:
            told(check, without_readers(bench, arguments), 3, ["reader.none"])
        with checks.check(f"{' '.join(arguments[:2])} without a card ends with 3") as check:
            told(check, site.run(*arguments), 3, ["reader.no-card"])
    with checks.check("none of this changed the data folder") as check:
        check.equal(site.snapshot(), before)
    unwritable(bench, checks)
    other_card(bench, checks, site)
    rogues(bench, checks, site)
    silent(bench, checks, site)
    twisted(bench, checks)


def without_readers(bench, arguments):
    """Runs the tool beside a service without readers."""
    ended = subprocess.run(
        [ROOT / "Scripts/reader-namespace", "--readers", "0", bench.tool, *arguments, "--data", bench.path("data")],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return Result(ended.returncode, ended.stdout, ended.stderr)


def unwritable(bench, checks):
    """A data folder in which nothing can be written: looking is answered, and nothing made."""
    folder = bench.path("unwritable")
    folder.mkdir()

    def state():
        ended = subprocess.run(
            ["unshare", "-m", "sh", "-c", 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"', folder, bench.tool,
             "card", "state", "--json", "--data", folder], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return Result(ended.returncode, ended.stdout, ended.stderr)

    with bench.blank().inserted():
        with checks.check("card state answers in a folder where nothing can be written, and makes nothing there") as check:
            result = state()
            check.exits(result, 0)
            check.equal((result.json["state"], result.json["journalsRead"]), ("blank", True))
            check.equal(list(folder.iterdir()), [])
        with checks.check("journals that cannot be looked at are told with what is told without them, and the card is not called usable") as check:
            (folder / "journal").mkdir()
            key = folder / "journal/journal.key"
            key.write_bytes(bytes(32))
            key.chmod(0o644)
            result = state()
            check.exits(result, 3)
            check.equal((result.json["state"], result.json["journalsRead"]), ("blank", False))
            check.equal([row["code"] for row in result.json["hindrances"]], ["journal.key-unfit"])
            check.equal(list((folder / "journal").iterdir()), [key])


def other_card(bench, checks, site):
    """A bank card, say."""
    sent = []

    def answer(command):
        sent.append(command)
        return b"\x6A\x82"

    card = RogueCard(0, OTHER_CARD, answer)
    try:
        wait_for_reader(bench, 0, "present")
        before = site.snapshot()
        codes = ["personalization.foreign-card"] * 3
        for arguments, code in zip(NEED_A_CARD, codes):
            with checks.check(f"{' '.join(arguments[:2])} on a card of another kind ends with 3") as check:
                told(check, site.run(*arguments), 3, [code])
        with checks.check("pharmacy check of a card of another kind is unknown, with 3") as check:
            result = site.run("pharmacy", "check", "--json")
            check.exits(result, 3)
            check.equal(result.json["verdict"], "unknown")
        with checks.check("a card of another kind gets no command, and nothing is kept of it") as check:
            check.equal(sent, [])
            check.equal(site.snapshot(), before)
    finally:
        card.pull()
        wait_for_reader(bench, 0, "empty")


def rogues(bench, checks, site):
    """Cards that look like ours and answer nonsense."""
    chance = random.Random(20261122)
    nonsense = [
        ("refuses everything", lambda command: b"\x6D\x00"),
        ("agrees to everything", lambda command: b"\x90\x00"),
        ("answers one byte", lambda command: b"\x90"),
        ("always has more", lambda command: b"\x61\x10"),
        ("always wants another length", lambda command: b"\x6C\x10"),
        ("answers 256 zeros", lambda command: bytes(256) + b"\x90\x00"),
        ("answers at random", lambda command: chance.randbytes(chance.choice([0, 1, 2, 2, 10, 18, 200]) + 2)),
        ("answers at random and says it went well",
         lambda command: chance.randbytes(chance.choice([0, 8, 16, 18, 34, 200])) + b"\x90\x00"),
        ("answers 65,535 bytes", lambda command: chance.randbytes(65_533) + b"\x90\x00"),
    ]
    for name, answer in nonsense:
        card = RogueCard(0, OUR_CARD, answer)
        try:
            wait_for_reader(bench, 0, "present")
            counts = site.counts()
            with checks.check(f"a card that {name} is refused: no crash, no endless loop, nothing issued, never normal") as check:
                for arguments in NEED_A_CARD:
                    result = site.run(*arguments)
                    stopped(check, arguments, result)
                after = site.counts()
                check.equal(after["cards"], counts["cards"])
        finally:
            card.pull()
            wait_for_reader(bench, 0, "empty")
        for journal in (site.data / "journal").glob("*.journal"):
            journal.unlink()


def silent(bench, checks, site):
    """A card that takes a command and says nothing, which the virtual reader's driver waits for without end."""
    card = RogueCard(0, OUR_CARD, lambda command: None)
    wait_for_reader(bench, 0, "present")
    with checks.check("a card that gives no answer is told after a while, and taking it out ends the wait: unknown, with 3") as check:
        process = site.start("pharmacy", "check", "--json")
        limit = threading.Timer(PATIENCE, process.kill)
        limit.start()
        said = b""
        while b"reader.still-silent" not in said:
            line = process.stderr.readline()
            if not line:
                break
            said += line
        card.pull()
        result = finish(process)
        limit.cancel()
        check.holds(said.decode(), "reader.still-silent")
        check.exits(result, 3)
        check.equal(result.json["verdict"], "unknown")
    wait_for_reader(bench, 0, "empty")


def stopped(check, arguments, result):
    """A command stopped by itself and said why, and took the card for nothing that it is not."""
    name = arguments[1]
    # Looking at a card may end with an answer about it; only making one may not.
    # A migration asks for values that it cannot read from the card.
    allowed = {"personalize": {3, 4}, "check": {1, 3, 4}, "migrate": {0, 1, 2, 3, 4}}.get(name, {0, 1, 3, 4})
    check.true(result.code in allowed, f"{' '.join(arguments[:2])} ended with {result.code}: {result.error}")
    check.true("Fatal" not in result.error and "程序错误" not in result.error, result.error)
    check.true(result.code == 0 or result.error or result.output, f"{name} ended with {result.code} and said nothing")


def twisted(bench, checks):
    """An issued card whose every answer is changed on the way."""
    ways = [
        ("another first byte", lambda data: bytes([data[0] ^ 0x55]) + data[1:]),
        ("another second byte", lambda data: data[:1] + bytes([data[1] ^ 0xFF]) + data[2:]),
        ("five bytes more", lambda data: data + bytes(5)),
        ("three bytes less", lambda data: data[:-3]),
        ("tags for ever", lambda data: b"\x6F" * min(len(data), 200)),
    ]
    site, card = bench.site(), bench.blank()
    with card.inserted():
        site.make("Fixtures/people.csv", 1)
    before = card.bytes
    for name, change in ways:
        def twist(number, command, answer, change=change):
            return change(answer[:-2]) + answer[-2:] if len(answer) > 5 else answer

        with card.inserted(after=twist):
            with checks.check(f"an issued card that answers with {name}: each command stops with a clear word, and writes nothing") as check:
                for arguments in NEED_A_CARD:
                    stopped(check, arguments, site.run(*arguments))
    with checks.check("an issued card whose answers were changed is the one it was") as check:
        check.equal(card.image.contents, Image(before).contents)
