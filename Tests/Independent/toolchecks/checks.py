"""Counts checks and prints one line for each."""

import contextlib
import traceback


# What was not looked at, and why: by what it is, the places that were passed over.
SKIPPED = {}


def skip(what, why, place):
    """Notes that something was not looked at at a place; the end of the run says so."""
    if (what, why) not in SKIPPED:
        print(f"⚠ skipped: {what}: {why}", flush=True)
    SKIPPED.setdefault((what, why), []).append(place)


class Check:
    """One check: everything that is not as it should be is gathered and shown."""

    def __init__(self):
        self.differences = []

    def equal(self, found, expected, what=""):
        """Notes a difference between what was found and what was expected."""
        if found != expected:
            self.differences.append(f"{what}: " * bool(what) + f"expected {short(expected)}, found {short(found)}")

    def true(self, condition, what):
        """Notes `what` unless the condition holds."""
        if not condition:
            self.differences.append(what)

    def holds(self, text, *parts):
        """Notes the parts that the text does not hold."""
        for part in parts:
            self.true(part in text, f"“{part}” is not in: {short(text)}")

    def exits(self, result, code):
        """Notes another exit code than the expected one, with what the tool said."""
        if result.code != code:
            said = (result.error or result.output).strip()
            self.differences.append(f"expected exit code {code}, found {result.code}: {short(said)}")


class Checks:
    """All checks of a run."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    @contextlib.contextmanager
    def check(self, name):
        """Runs the block as one check; an exception within makes it fail and does not end the run."""
        check = Check()
        try:
            yield check
        except Exception as error:  # pylint: disable=broad-except
            place = traceback.extract_tb(error.__traceback__)[-1]
            check.differences.append(f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})")
        if check.differences:
            self.failed += 1
            print(f"✘ {name}")
            for difference in check.differences:
                print(f"    {difference}")
        else:
            self.passed += 1
            print(f"✔ {name}")


def short(value, most=600):
    """A value as text that fits a line or two."""
    text = value if isinstance(value, str) else repr(value)
    text = text.replace("\n", " ⏎ ")
    return text if len(text) <= most else text[:most] + " …"
