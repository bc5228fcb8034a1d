"""One bash on a pseudo-terminal, to which lines are pasted as a user pastes them."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

from .bench import PATIENCE

ROWS, COLUMNS = 50, 500  # wide, so that no pasted line is broken by its echo
# What each shell says between commands, those within it too: the last exit code, or that it wants more.
STARTUP = "PS1='⟦$?⟧ '\nPS2='⟦more⟧ '\nunset PROMPT_COMMAND\nHISTFILE=\n"
READY, MORE = re.compile(r"⟦(\d+)⟧ "), "⟦more⟧ "
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>][0-9A-B]?")
CONTROL_C = b"\x03"


class Unanswered(Exception):
    """A program waits, and nobody knows for what."""


class Console:
    """The shell; `answer` gives what is typed at a question, which is the text of the line on which the cursor stands."""

    def __init__(self, home, folder, answer, environment):
        home.mkdir()
        (home / ".bashrc").write_text(STARTUP, encoding="utf-8")
        self.answer = answer
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        variables = {**environment, "HOME": str(home), "TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            ["bash"], cwd=folder, env=variables, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=own)  # pylint: disable=subprocess-popen-preexec-fn
        os.close(slave)
        self.text, self.pending, self.everything = "", b"", ""
        self.wait()

    def close(self):
        """Hangs up, as a window that is closed; everything that was started in it ends with it."""
        os.close(self.master)
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()

    def paste(self, line, until=None, meanwhile=lambda: None):
        """Pastes a line and waits for what comes of it: the exit code, or None where the shell wants more, and the output.

        Where `until` is a pattern, Ctrl-C is pressed as soon as it has come and `meanwhile` was done.
        """
        self.text = ""
        os.write(self.master, line.encode() + b"\n")
        return self.wait(until, meanwhile)

    def give_up(self):
        """Presses Ctrl-C and waits for the shell."""
        os.write(self.master, CONTROL_C)
        self.wait()

    def wait(self, until=None, meanwhile=lambda: None):
        """Answers what is asked until the shell is ready."""
        answered = 0
        while True:
            ready = READY.search(self.text)
            if ready:
                return int(ready[1]), lines(self.text[:ready.start()])
            if self.text.endswith(MORE):
                return None, ""
            if until and re.search(until, lines(self.text)):
                until = None
                meanwhile()
                os.write(self.master, CONTROL_C)
            question = re.split(r"[\r\n]", self.text[answered:])[-1]
            words = self.answer(question) if question and "\n" in self.text else None
            if words is not None:
                answered = len(self.text)
                os.write(self.master, words.encode() + b"\n")
            self.read()

    def read(self):
        """Takes what comes, without the codes that move the cursor."""
        if not select.select([self.master], [], [], PATIENCE)[0]:
            raise Unanswered(f"nothing comes any more after: {self.text[-300:]}")
        self.pending += os.read(self.master, 65536)
        try:
            piece, self.pending = self.pending.decode(), b""
        except UnicodeDecodeError:
            return
        self.text += CONTROLS.sub("", piece)
        self.everything += piece


def lines(text):
    """What came after the echo of the pasted line; what was written over by a carriage return is a line of its own."""
    return text.replace("\r\n", "\n").partition("\n")[2].replace("\r", "\n")


def own():
    """Makes the terminal on standard input the one that the new session is controlled by."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
