"""The README's lines, pasted in their order as somebody does who knows nothing else: each does what it says.

One bash on a pseudo-terminal gets the lines of the sections below, another one, as the README wants, those of the counter's
window. What a line asks for at the terminal is typed; it ends with 0, or with the code that the README says, and a telling line
of what it says is looked for. What is not pasted is named with its reason.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import time

from .bench import PATIENCE, ROOT
from .checks import short
from .console import Console, Unanswered
from .pasted import BUILT, CODES, INTERRUPTED, REPLACED, TOLD, UNPASTED

README = ROOT / "README.md"
SECTIONS = ("For whoever makes cards", "For the counter", "For the pharmacist", "For key custodians", "For auditors and engineers")
WINDOW = "The counter's window in a browser"
TABLES = {"UNPASTED": UNPASTED, "CODES": CODES, "INTERRUPTED": INTERRUPTED, "TOLD": TOLD}
PINS = ("739146280515", "482617930264", "620417935182")


def run(bench, checks):
    """All checks of this section."""
    blocks = shell_blocks(README.read_text(encoding="utf-8"))
    with checks.check("each section of the README that leads somebody has lines to paste") as check:
        check.equal(sorted({block.section for block in blocks}), sorted(SECTIONS))
        check.true(any(block.heading == WINDOW for block in blocks), f"none below “{WINDOW}”")
    used = {name: set() for name in TABLES}
    shell = [block for block in blocks if block.heading != WINDOW]
    window = [block for block in blocks if block.heading == WINDOW]
    for place, part in ((ROOT, shell), (checkout(bench), window)):
        paste_all(Room(bench, place, used), checks, part)
    tables(checks, used)


class Block:
    """The lines between two fences that name no language, and where they stand."""

    def __init__(self, section, heading, first):
        self.section, self.heading, self.first = section, heading, first
        self.lines = []


def shell_blocks(text):
    """The blocks of the sections, in their order."""
    blocks, section, heading, block = [], None, None, None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            if block is not None:
                block = None
            else:
                block = Block(section, heading, number + 1)
                if line == "```" and section in SECTIONS:
                    blocks.append(block)
        elif block is not None:
            block.lines.append(line)
        elif found := re.match(r"(##+) (.*)", line):
            heading = found[2]
            section = heading if len(found[1]) == 2 else section
    return blocks


def checkout(bench):
    """A checkout to write into: the counter's window puts its configuration and its data there."""
    folder = bench.path("checkout")
    folder.mkdir()
    for entry in ROOT.iterdir():
        if not entry.name.startswith("counter"):
            (folder / entry.name).symlink_to(entry)
    return folder


class Room:
    """A shell in a folder, and what whoever pastes knows by then."""

    def __init__(self, bench, folder, used):
        self.programs = str(pathlib.Path(bench.tool).parent)
        self.used = used
        self.words, self.last, self.pins, self.pin, self.root = {}, None, iter(PINS), None, None
        self.command = ""
        temporary = bench.path("tmp")
        temporary.mkdir()
        variables = {name: value for name, value in os.environ.items() if not name.startswith("SSCARD_")}
        self.console = Console(bench.path("home"), folder, self.answer, {**variables, "TMPDIR": str(temporary)})

    QUESTIONS = (
        (r"^(.+) (?:新口令 New passphrase \(.*\)|新密码 New password|新令牌口令.*New token PIN): $", "new_words"),
        (r"请输入新密码 New PIN: $", "new_pin"),
        (r"请再输入一次 Again: $", "again"),
        (r"密码 PIN: $", "old_pin"),
        (r"^令牌口令 Token PIN: $", "token"),
        (r"^密钥库 Key store 口令 Passphrase: $", "store"),
        (r"^(.+) 口令 Passphrase: $", "old_words"),
        (r"^根校验值 Root: $", "told_root"),
    )

    def answer(self, question):
        """What is typed at a question; None where none is known."""
        for pattern, name in self.QUESTIONS:
            if found := re.search(pattern, question):
                return getattr(self, name)(*found.groups())
        return None

    def new_words(self, whose):
        """A passphrase of somebody, which nothing else is by chance."""
        self.last = self.words[whose] = f"nobody reads this {len(self.words)} aloud"
        return self.last

    def new_pin(self):
        """A PIN that the holder has not had."""
        self.last = self.pin = next(self.pins)
        return self.last

    def again(self):
        """What was typed just now."""
        return self.last

    def old_pin(self):
        """The PIN of the card in hand."""
        return self.pin

    def old_words(self, whose):
        """The passphrase that somebody has chosen."""
        return self.words.get(whose)

    def token(self):
        """The PIN of the token's user."""
        return self.words.get("令牌用户 Token user")

    def store(self):
        """The passphrase of the store that the command names."""
        return self.words.get(re.search(r"--keys (\S+)", self.command)[1])

    def told_root(self):
        """What hand-down printed."""
        return self.root

    def entry(self, table, command):
        """What a table says of a command: the longest beginning that fits it counts."""
        fitting = [beginning for beginning in TABLES[table] if (command + " ").startswith(beginning)]
        if not fitting:
            return None
        beginning = max(fitting, key=len)
        self.used[table].add(beginning)
        return TABLES[table][beginning]

    def paste(self, command, line):
        """Pastes a line of a command; gives what the console gives, and what the counter's service answers meanwhile."""
        self.command = command
        answered = []
        serves = command.startswith("sscardd counter")
        for place in REPLACED:
            line = line.replace(place, self.programs)
        code, output = self.console.paste(
            line.replace(BUILT, ""), self.entry("INTERRUPTED", command), lambda: serves and answered.append(health()))
        if found := re.search(r"根 root (enc-zero:[0-9A-F]+)", output):
            self.root = found[1]
        return code, output, answered


def health():
    """What the counter's service says of itself, by its own address."""
    connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=PATIENCE)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def paste_all(room, checks, blocks):
    """Pastes the blocks, each of which is a check; nothing that is typed unseen is to be read on the screen."""
    before = services()
    try:
        for block in blocks:
            lines = to_paste(room, block)
            if not lines:
                continue
            first = short(re.sub(r"\s+#.*", "", lines[0][1]), 60)
            with checks.check(f"README, “{block.heading}”, “{first}” and what follows: each line does what is said") as check:
                paste_lines(room, check, lines)
    except Unanswered as error:
        with checks.check("the README's lines are pasted to their end") as check:
            check.true(False, str(error))
    finally:
        room.console.close()
    with checks.check(f"no passphrase and no PIN is on the screen on which “{blocks[0].heading}” and what follows was pasted") as check:
        check.true(room.words, "none was asked for")
        check.equal([secret for secret in (*room.words.values(), *PINS) if secret in room.console.everything], [])
    with checks.check("with the terminal's window the readers and cards end that were started in it") as check:
        until = time.monotonic() + PATIENCE
        while services() != before and time.monotonic() < until:
            time.sleep(0.1)
        check.equal(services(), before)


def services():
    """The readers' services and virtual cards that run here."""
    found = set()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"pcscd") or words[1:3] == [b"virtual-card", b"run"]:
                found.add(int(folder.name))
    return found


def to_paste(room, block):
    """The lines of a block with their numbers, without those that are not pasted, which are named."""
    lines = []
    for number, line in enumerate(block.lines, block.first):
        reason = room.entry("UNPASTED", line)
        if reason:
            print(f"  not pasted, line {number}, {re.split('  +', line)[0]}: {reason}")
        elif line.strip():
            lines.append((number, line))
    return lines


def paste_lines(room, check, lines):
    """Pastes lines; a command may be several."""
    pending = None
    for number, line in lines:
        command = f"{pending} {line.strip()}" if pending else line
        try:
            code, output, answered = room.paste(command, line)
        except Unanswered as error:
            check.true(False, f"line {number}: {error}")
            room.console.give_up()
            pending = None
            continue
        pending = command if code is None else None
        if code is not None and not line.lstrip().startswith("#"):
            judge(room, check, number, command, code, output)
        for status, told in answered:
            check.equal((status, told.get("status")), (200, "up"), f"line {number}: /health")


def judge(room, check, number, command, code, output):
    """How a command ended, and what it said."""
    codes, _ = room.entry("CODES", command) or ({0}, None)
    check.true(code in codes, f"line {number}: expected {sorted(codes)}, found {code} of {short(command, 80)}: {short(output[-500:])}")
    pattern = room.entry("TOLD", command)
    if pattern and code in codes:
        check.true(re.search(pattern, output, re.MULTILINE), f"line {number}: no {pattern} in what {short(command, 80)} said: {short(output)}")


def tables(checks, used):
    """The tables of this section say nothing of lines that are gone, and no code that the README does not say."""
    for name, table in TABLES.items():
        with checks.check(f"each line that {name} tells of stands in the README") as check:
            check.equal(sorted(set(table) - used[name]), [])
    text = " ".join(README.read_text(encoding="utf-8").split())
    with checks.check("each exit code that is not 0 is said in the README") as check:
        check.equal([words for _, words in CODES.values() if words not in text], [])
