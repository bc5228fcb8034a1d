"""Several lanes at work on a terminal: a line for each and one for the whole, which are gone when the work is done."""

import os
import pty
import re
import select
import subprocess
import time

from .bench import PATIENCE, ROOT, finish
from .lanes import making, rack

COUNT = 493  # commands of a card of national-2.0 on fmcos-ssse


class Screen:
    """The lines of a terminal as far as a display of progress uses them, drawn anew for each piece that was written."""

    def __init__(self):
        self.rows = [""]
        self.line = 0

    def feed(self, text):
        """Draws what the program wrote."""
        for part in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|.", text, re.DOTALL):
            count = int(re.sub(r"\D", "", part) or 1) if part.startswith("\x1b[") else 0
            if part == "\n":
                self.line += 1
                if self.line == len(self.rows):
                    self.rows.append("")
            elif part == "\r":
                pass  # all that is written begins at the left
            elif part.endswith("A") and count:
                self.line = max(self.line - count, 0)
            elif part.endswith("K") and count:
                self.rows[self.line] = ""
            elif part.endswith("J") and count:
                self.rows[self.line:] = [""]
            else:
                self.rows[self.line] += part


def run(bench, checks):
    """Two cards in two readers, one run."""
    site, cards = bench.site(), [bench.blank(), bench.blank()]
    names = [reader["name"] for reader in finish(subprocess.Popen(
        [bench.tool, "readers", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)).json]
    with rack(bench, *cards):
        code, frames = watched(bench, site, making(bench.people_file(*bench.people[:2])))
    with checks.check("on a terminal each lane has a line and all together have one, which count the same commands") as check:
        check.equal(code, 0)
        seen = [counts(frame, names) for frame in frames]
        both = [(lanes, total) for lanes, total in seen if len(lanes) == 2 and total]
        check.true(len(both) > COUNT, f"{len(both)} frames with two lanes and a total; the last: {frames[-1:]}")
        # A lane may have counted a command that the whole has not drawn yet.
        apart = [abs(sum(done for done, _ in lanes.values()) - total[0]) for lanes, total in both]
        check.true(max(apart, default=9) <= 2, f"lanes and total are apart by {max(apart, default=None)}")
        check.equal({whole for lanes, _ in both for _, whole in lanes.values()}, {COUNT}, "commands of a card")
        check.equal({total[1] for _, total in both}, {2 * COUNT}, "commands of all")
        totals = [total[0] for _, total in seen if total]
        # The lanes tell side by side: one may be drawn behind the other, and so a command too few.
        back = [one - other for one, other in zip(totals, totals[1:])]
        check.equal((max(totals, default=None), max(back, default=9) <= 1), (2 * COUNT, True), "the total, and that it goes forward")
    with checks.check("each lane says in which reader it works, and with which row") as check:
        lanes = [row for frame in frames for row in frame if any(row.startswith(name) for name in names) and f"/{COUNT}" in row]
        check.equal({name for name in names if any(row.startswith(name) for row in lanes)}, set(names))
        check.equal({found[1] for row in lanes if (found := re.search(r"  (\d)/2  \d+/\d+  \S", row))}, {"1", "2"}, "rows")
    with checks.check("when the work is done its progress is gone, and what was said stays") as check:
        left = [row for row in frames[-1] if row]
        check.true(not any(f"/{COUNT}" in row or "合计" in row for row in left), f"{left}")
        check.equal(len([row for row in left if any(row.startswith(name) for name in names)]), 2, f"{left}")


def counts(frame, names):
    """What the lines of a frame count: by reader, and all together."""
    lanes, total = {}, None
    for row in frame:
        name = next((name for name in names if row.startswith(name)), None)
        if name and (found := re.search(rf"  \d/2  (\d+)/({COUNT})  ", row)):
            lanes[name] = (int(found[1]), int(found[2]))
        elif found := re.match(r"合计 total  (\d+)/(\d+)$", row):
            total = (int(found[1]), int(found[2]))
    return lanes, total


def watched(bench, site, arguments):
    """Runs the tool with a terminal for its errors: how it ended, and the screen after each thing that it drew."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [bench.tool, *map(str, arguments)], cwd=ROOT, env={**os.environ, "SSCARD_DATA": str(site.data)}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    screen, frames, rest = Screen(), [], b""
    deadline = time.monotonic() + PATIENCE
    while select.select([master], [], [], max(deadline - time.monotonic(), 0))[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        rest += piece
        # One drawing begins by going back over the one before.
        *whole, rest = re.split(rb"(?=\x1b\[\d+A)", rest)
        for drawing in whole:
            screen.feed(drawing.decode())
            frames.append(list(screen.rows))
    screen.feed(rest.decode())
    frames.append(list(screen.rows))
    os.close(master)
    return process.wait(PATIENCE), frames
