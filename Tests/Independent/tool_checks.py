#!/usr/bin/env python3
"""Checks the command line from outside, as a stranger would: what it writes, what it refuses, what it remembers.

    Scripts/reader-namespace --readers 2 python3 Tests/Independent/tool_checks.py [TOOL] [SECTION...]

Cards are read back with opensc-tool and read_card.py; check characters, record lengths and the card's memory are worked out
here once more. Every command to a virtual card passes through this script, which counts, cuts and changes them. Prints one
line a check, the differences below those that fail, and at the end "N passed, N failed"; ends with 1 when any failed.
"""

import importlib
import os
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from toolchecks.bench import ROOT, Bench  # noqa: E402
from toolchecks.checks import SKIPPED, Checks  # noqa: E402

# The longest first, so that two runs that share them end together.
SECTIONS = [
    "torn",
    "unreadable",
    "pages",
    "reach",
    "globalplatform",
    "interface",
    "signposts",
    "migration",
    "refusals",
    "tokens",
    "lanes",
    "hotplug",
    "eight",
    "secrecy",
    "reading",
    "keys",
    "ceremony",
    "keyring",
    "audit",
    "registry",
    "office",
    "backup",
    "faults",
    "powercut",
    "officecut",
    "windows",
    "issue",
    "publickey",
    "blocks",
    "counter",
    "chips",
    "windowpin",
    "windowkeys",
    "windowissue",
    "windowtwo",
    "windowrules",
    "windowlimits",
    "windowchange",
    "windowwaiting",
    "windowtier",
    "windowchanges",
    "nightly",
    "spoiled",
    "windowfactory",
    "windowclerk",
    "windowforms",
    "windowintake",
    "windowstock",
    "windowfields",
    "walks",
    "slips",
    "paper",
    "practice",
    "transport",
    "operatorcards",
    "programs",
    "windowfaults",
    "keyboard",
    "selfcheck",
    "lists",
    "queue",
    "passwords",
    "intake",
    "till",
    "pin",
    "psam",
    "inspection",
    "shell",
    "training",
    "append",
    "replay",
    "shellanswers",
    "lanescreen",
    "readerlimit",
    "cardcommands",
    "mistakes",
    "endings",
]


def claimed(queue, name):
    """Whether this process is the first of those that share a queue to take a section."""
    try:
        (queue / name).mkdir()
    except FileExistsError:
        return False
    return True


def main(tool=ROOT / ".build/debug/sscard", *wanted):
    """Runs the sections, or those that are named; SSCARD_CHECKS_QUEUE is a folder that several processes share them by."""
    checks = Checks()
    queue = os.environ.pop("SSCARD_CHECKS_QUEUE", None)  # what a section starts shares nothing
    with tempfile.TemporaryDirectory(prefix="sscard-checks-") as folder:
        bench = Bench(str(pathlib.Path(tool).resolve()), pathlib.Path(folder))
        for name in SECTIONS:
            if (wanted and name not in wanted) or (queue and not claimed(pathlib.Path(queue), name)):
                continue
            started = time.monotonic()
            try:
                importlib.import_module(f"toolchecks.{name}").run(bench, checks)
            except Exception as error:  # pylint: disable=broad-except
                with checks.check(f"{name} runs to its end"):
                    raise error
            print(f"  {name}: {time.monotonic() - started:.0f} s")
    for (what, why), places in SKIPPED.items():
        print(f"⚠ skipped: {what} at {len(places)} places: {why}")
    sys.stdout.flush()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed or not (checks.passed or queue) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
