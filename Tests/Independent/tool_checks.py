#!/usr/bin/env python3
"""Checks the command line from outside, as a stranger would: what it writes, what it refuses, what it remembers.

    Scripts/reader-namespace --readers 2 python3 Tests/Independent/tool_checks.py [TOOL] [SECTION...]

Cards are read back with opensc-tool and read_card.py; check characters, record lengths and the card's memory are worked out
here once more. Every command to a virtual card passes through this script, which counts, cuts and changes them. Prints one
line a check, the differences below those that fail, and at the end "N passed, N failed"; ends with 1 when any failed.
"""

import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from toolchecks import audit, backup, blocks, ceremony, counter, faults, inspection, intake, interface, issue  # noqa: E402
from toolchecks import keyring, keys, lanes, migration, office, pin, psam, publickey, reading, refusals  # noqa: E402
from toolchecks import registry, shell, till, tokens, torn  # noqa: E402
from toolchecks import training, unreadable  # noqa: E402
from toolchecks.bench import ROOT, Bench  # noqa: E402
from toolchecks.checks import Checks  # noqa: E402

SECTIONS = [
    interface, reading, refusals, unreadable, torn, keys, tokens, ceremony, keyring, blocks, audit, registry, office,
    intake, backup, faults, issue, till, pin, publickey, psam, inspection, shell, training, migration, lanes, counter,
]


def main(tool=ROOT / ".build/debug/sscard", *wanted):
    """Runs the sections, or those that are named."""
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="sscard-checks-") as folder:
        bench = Bench(str(pathlib.Path(tool).resolve()), pathlib.Path(folder))
        for section in SECTIONS:
            name = section.__name__.rpartition(".")[2]
            if wanted and name not in wanted:
                continue
            started = time.monotonic()
            try:
                section.run(bench, checks)
            except Exception as error:  # pylint: disable=broad-except
                with checks.check(f"{name} runs to its end"):
                    raise error
            print(f"  {name}: {time.monotonic() - started:.0f} s")
    sys.stdout.flush()
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed or not checks.passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
