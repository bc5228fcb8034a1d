"""The shell at a real terminal: history, completion, editing keys, Ctrl-C, Ctrl-D, the PIN, a window of 80 columns, Chinese characters."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
import unicodedata

from .bench import PATIENCE, PIN, ROOT

COLUMNS = 80
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE, KEYPAD_HOME, KEYPAD_END, CONTROL_RIGHT = "\x1b[1~", "\x1b[4~", "\x1b[3~", "\x1bOH", "\x1bOF", "\x1b[1;5C"
CTRL_A, CTRL_C, CTRL_D, CTRL_E, CTRL_K, CTRL_L, CTRL_U, CTRL_W = "\x01", "\x03", "\x04", "\x05", "\x0b", "\x0c", "\x15", "\x17"


class Screen:
    """The row of a terminal on which the cursor stands, as far as a line editor uses it; and everything that scrolled by."""

    def __init__(self):
        self.cells = []
        self.column = 0
        self.rows = []
        self.wrapped = 0

    def feed(self, text):
        """Draws what the program wrote."""
        for part in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|.", text, re.DOTALL):
            if part == "\r":
                self.column = 0
            elif part == "\n":
                self.rows.append(self.row)
                self.cells, self.column = [], 0
            elif part.startswith("\x1b["):
                self.control(part)
            else:
                self.put(part)

    def control(self, part):
        """Clearing and moving."""
        count = int(re.sub(r"\D", "", part) or 1)
        if part.endswith("K"):
            self.cells = []
        elif part.endswith("C"):
            self.column += count
        elif part.endswith("D"):
            self.column -= count
        elif part.endswith("J"):
            self.rows, self.cells = [], []
        elif part.endswith("H"):
            self.column = 0

    def put(self, character):
        """One character; a wide one takes two cells."""
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if self.column + width > COLUMNS:
            self.wrapped += 1
        while len(self.cells) < self.column + width:
            self.cells.append(" ")
        self.cells[self.column] = character
        for place in range(1, width):
            self.cells[self.column + place] = ""
        self.column += width

    @property
    def row(self):
        """The text of the row."""
        return "".join(self.cells).rstrip()


def own():
    """Makes the terminal on standard input the one that the new session is controlled by."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Session:
    """The shell with a pseudo-terminal of its own, which is `/dev/tty` to it where it owns it."""

    def __init__(self, bench, site, owns=False):
        self.screen = Screen()
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        self.settings = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [bench.tool, "card", "shell", "--data", str(site.data)], cwd=ROOT, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=own if owns else None)  # pylint: disable=subprocess-popen-preexec-fn
        self.pending = b""

    def read(self, until):
        """Draws what comes until the condition holds for the screen; False when it never does."""
        deadline = time.monotonic() + PATIENCE
        while not until(self.screen):
            ready, _, _ = select.select([self.master], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                return False
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                return until(self.screen)
            if not piece:
                return until(self.screen)
            self.pending += piece
            try:
                text, self.pending = self.pending.decode(), b""
            except UnicodeDecodeError:
                continue
            self.screen.feed(text)
        return True

    def type(self, keys):
        """Keys as they are pressed."""
        os.write(self.master, keys.encode())

    def shows(self, check, row, column=None, keys=""):
        """Presses keys and expects a row, with the cursor in a column."""
        self.type(keys)

        def right(screen):
            return screen.row == row and (column is None or screen.column == column)

        check.true(self.read(right), f"after {keys!r}: {self.screen.row!r} column {self.screen.column}, expected {row!r} {column}")

    def end(self):
        """How the shell ended."""
        code = self.process.wait(PATIENCE)
        restored = termios.tcgetattr(self.slave) == self.settings
        os.close(self.master)
        os.close(self.slave)
        return code, restored


def run(bench, checks):
    """All checks of this section."""
    site = bench.site()
    card, _ = site.made(bench.people[0])
    with card.inserted():
        editing(bench, checks, site)
        wide(bench, checks, site)
        commands(bench, checks, site)
        unseen(bench, checks, site)
        counted(bench, checks, site)
        acquainted(bench, checks, site)


def editing(bench, checks, site):
    """Keys that change the line."""
    session = Session(bench, site)
    with checks.check("the shell's prompt stands at the left") as check:
        session.shows(check, "/ >", 4)
    with checks.check("editing keys do what they say, and leave no letters behind") as check:
        session.shows(check, "/ > abcdef", 10, "abcdef")
        session.shows(check, "/ > abcdef", 8, LEFT + LEFT)
        session.shows(check, "/ > abcdf", 8, DELETE)
        session.shows(check, "/ > abcf", 7, "\x7f")
        session.shows(check, "/ > abcf", 4, HOME)
        session.shows(check, "/ > abcf", 8, END)
        session.shows(check, "/ > abcf", 4, KEYPAD_HOME)
        session.shows(check, "/ > abcf", 8, KEYPAD_END)
        session.shows(check, "/ > abcf", 4, CTRL_A)
        session.shows(check, "/ > abcf", 5, CONTROL_RIGHT)
        session.shows(check, "/ > a", 5, CTRL_K)
        session.shows(check, "/ > a b cd", 10, " b cd")
        session.shows(check, "/ > a b", 8, CTRL_W)
        session.shows(check, "/ > a", 6, CTRL_W)
        session.shows(check, "/ >", 4, CTRL_U)
        session.shows(check, "/ > xy", 4, "xy" + CTRL_A)
        session.shows(check, "/ > y", 4, CTRL_D)
        session.shows(check, "/ > y", 4, "\x1b[24~" + "\x1b[200~")
    with checks.check("Ctrl-C gives the line up and not the shell") as check:
        session.shows(check, "/ >", 4, CTRL_C)
        session.shows(check, "/ >", 4, CTRL_L)
        check.true(session.process.poll() is None, "the shell has ended")
    with checks.check("Ctrl-D on an empty line ends the shell with 0 and leaves the terminal as it was") as check:
        session.type(CTRL_D)
        check.equal(session.end(), (0, True))


def wide(bench, checks, site):
    """Chinese characters and long lines."""
    session = Session(bench, site)
    with checks.check("a Chinese character takes two places, and is deleted whole") as check:
        session.shows(check, "/ >", 4)
        session.shows(check, "/ > 读卡a", 9, "读卡a")
        session.shows(check, "/ > 读卡a", 6, LEFT + LEFT)
        session.shows(check, "/ > 卡a", 4, "\x7f")
        session.shows(check, "/ >", 4, CTRL_E + CTRL_U)
    with checks.check("a line longer than the window stays in one row and follows the cursor") as check:
        session.type("1234567890" * 12)
        check.true(session.read(lambda screen: screen.row.endswith("67890") and screen.column >= COLUMNS - 2), session.screen.row)
        session.shows(check, "/ > " + ("1234567890" * 12)[:COLUMNS - 5], 4, CTRL_A)
        session.type(CTRL_E)
        check.true(session.read(lambda screen: screen.row.endswith("67890")), session.screen.row)
        session.type(CTRL_U + "读" * 60)
        check.true(session.read(lambda screen: screen.row.endswith("读") and screen.column >= COLUMNS - 3), session.screen.row)
        check.equal((session.screen.wrapped, len(session.screen.rows)), (0, 0), "rows that ran over, rows that scrolled")
        session.shows(check, "/ >", 4, CTRL_C)
    session.type(CTRL_D)
    session.end()


def commands(bench, checks, site):
    """History and completion."""
    session = Session(bench, site)
    with checks.check("Tab completes commands, directories and files, and lists what it cannot decide") as check:
        session.shows(check, "/ >", 4)
        session.shows(check, "/ > history", 12, "hi\t")
        session.shows(check, "/ > cd", 7, CTRL_U + "cd\t")
        session.shows(check, "/ > cd SSSE", 12, "ss\t")
        session.type("\r")
        session.shows(check, "/SSSE >", 8)
        session.shows(check, "/SSSE > cat EF0", 15, "ca\tef\t\t")
        listed = session.read(lambda screen: any("EF05  EF06" in row for row in screen.rows))
        check.true(listed, f"{session.screen.rows}")
        session.shows(check, "/SSSE >", 8, CTRL_U)
    with checks.check("the arrows bring earlier lines back, and what was being typed") as check:
        session.type("apdu 0084000004\r")
        check.true(session.read(lambda screen: any(re.fullmatch(r"[0-9A-F]{8} 9000", row) for row in screen.rows)), "no challenge")
        session.shows(check, "/SSSE > half", 12, "half")
        session.shows(check, "/SSSE > apdu 0084000004", 23, UP)
        session.shows(check, "/SSSE > cd SSSE", None, UP)
        session.shows(check, "/SSSE > cd SSSE", None, UP)
        session.shows(check, "/SSSE > half", 12, DOWN + DOWN + DOWN)
    with checks.check("a mistake is told, and the shell goes on") as check:
        session.type(CTRL_U + "dance\r")
        check.true(session.read(lambda screen: any("[shell.usage]" in row for row in screen.rows)), f"{session.screen.rows[-5:]}")
        session.shows(check, "/SSSE >", 8)
    with checks.check("exit ends the shell with 0 and leaves the terminal as it was") as check:
        session.type("exit\r")
        check.equal(session.end(), (0, True))


def unseen(bench, checks, site):
    """The PIN, asked for in the midst of the shell."""
    session = Session(bench, site, owns=True)

    def ask(check):
        session.type("verify\r")
        check.true(session.read(lambda screen: screen.row.startswith("密码 PIN:")), f"no question: {session.screen.row!r}")

    with checks.check("Ctrl-C where the shell asks for the PIN gives the entry up and not the shell") as check:
        session.shows(check, "/ >", 4)
        session.type("cd SSSE\r")
        session.shows(check, "/SSSE >", 8)
        ask(check)
        session.type(PIN[:6] + CTRL_C)
        check.true(session.read(lambda screen: any("[secret.given-up]" in row for row in screen.rows)), f"{session.screen.rows[-5:]}")
        session.shows(check, "/SSSE >", 8)
        check.true(session.process.poll() is None, "the shell has ended")
    with checks.check("the PIN is typed unseen and taken, and is no part of the history") as check:
        ask(check)
        session.type(PIN + "\r")
        check.true(session.read(lambda screen: "9000" in screen.rows), f"{session.screen.rows[-5:]}")
        session.shows(check, "/SSSE >", 8)
        session.shows(check, "/SSSE > verify", 14, UP)
        check.equal([row for row in [*session.screen.rows, session.screen.row] if PIN[:6] in row], [], "rows with the PIN")
        session.shows(check, "/SSSE >", 8, CTRL_U)
    session.type(CTRL_D)
    session.process.wait(PATIENCE)
    os.close(session.master)
    os.close(session.slave)


def counted(bench, checks, site):
    """Wrong PINs of `verify` and typed ones are one count: the card's last try is not sent, whoever asks."""
    session = Session(bench, site, owns=True)
    with checks.check("after five wrong PINs of verify, a typed VERIFY is refused for the last try") as check:
        session.shows(check, "/ >", 4)
        session.type("cd SSSE\r")
        session.shows(check, "/SSSE >", 8)
        for left in range(5, 0, -1):
            session.type("verify\r")
            check.true(session.read(lambda screen: screen.row.startswith("密码 PIN:")), f"no question: {session.screen.row!r}")
            session.type("111111\r")
            told = session.read(lambda screen, count=6 - left: sum("[card.wrong-pin]" in row for row in screen.rows) == count)
            check.true(told, f"{session.screen.rows[-5:]}")
            session.shows(check, "/SSSE >", 8)
        session.type("apdu 0020000003222222\r")
        check.true(session.read(lambda screen: any("[card.last-try]" in row for row in screen.rows)), f"{session.screen.rows[-5:]}")
        session.shows(check, "/SSSE >", 8)
    with checks.check("the last try is still there: the right PIN is taken where two officers let it be") as check:
        session.type(CTRL_D)
        session.process.wait(PATIENCE)
        result = site.run("card", "dump", "--without-keys", "--pin", "fd:PIN", pin=PIN)
        check.equal((result.code, result.codes[:1]), (4, ["card.last-try"]))
        result = site.run("card", "dump", "--without-keys", "--pin", "fd:PIN", "--spend-last-try", "--officer", 1001, "--second", 2001, pin=PIN)
        check.equal(result.code, 0, result.error)
    os.close(session.master)
    os.close(session.slave)


def acquainted(bench, checks, site):
    """A typed authentication asks what every command asks: whether the books have the card, or it has proved itself."""
    wrong = "5A" * 16
    script = bench.write("typed.txt", "\n".join([
        "cd SSSE", "apdu 0084000008 = 9000", "apdu 0084000008 = 9000", f"apdu 0082000A10{wrong} = 63CX", "cd SSSE", "verify", "cd DF01",
        "apdu 0084000008 = 9000", "apdu 0084000008 = 9000", f"apdu 0082009110{wrong} = 63CX"]))
    for place, proofs in ((bench.site(), 1), (site, 0)):
        words = "has proved itself, to a place that does not know it" if proofs else "is in the books"
        with checks.check(f"a typed authentication needs nobody's word where the card {words}") as check:
            trace = bench.path(f"typed-{proofs}.trace")
            result = place.run("card", "shell", "--script", script, "--pin", "fd:PIN", "--trace-to", trace, pin=PIN)
            check.exits(result, 0)
            check.equal(trace.read_text(encoding="utf-8").count("  008800"), proofs)
