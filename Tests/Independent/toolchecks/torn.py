"""Cards pulled, programs ended and answers falsified while a card is made."""

import os
import signal
import time

from .bench import PATIENCE, PIN, PROFILE, ROOT, finish
from .refusals import told
from .rules import changing

PEOPLE = ROOT / "Fixtures/people.csv"


def run(bench, checks):
    """All checks of this section."""
    total = whole(bench)
    cuts(bench, checks, total)
    another_row(bench, checks, total)
    ended_tool(bench, checks, total)
    falsified(bench, checks, total)
    batch(bench, checks)
    second_of_three(bench, checks, total)


def whole(bench):
    """How many commands a card takes."""
    with bench.blank().inserted() as wire:
        bench.site().make(PEOPLE, 1)
        return len(wire.commands)


def row_of(site):
    """What stands on the card, as the tool reads it."""
    environment = site.run("card", "read", "--json").json["SSSE"]
    return {**environment["EF05"], **environment["EF06"]}


def expect_row(check, found, row, report):
    """Compares a card with the row that was asked for."""
    for element in ("citizenNumber", "name", "sex", "ethnicGroup", "birthPlace", "birthDate", "issueDate", "expiryDate"):
        check.equal(found[element], row[element], element)
    check.equal(found["cardNumber"], report.json[0]["cardNumber"], "card number")


def cuts(bench, checks, total):
    """The card is pulled before or after a command; the same command line finishes it."""
    points = [1, 2, 4, 7, 12, 40, 150, 300, total - 20, total - 4, total - 2, total - 1, total]
    for place, point in enumerate(points):
        lost = bool(place % 2)  # in turns: the command never arrives, or its answer is lost
        name = f"the card is pulled at command {point} of {total}, {'after' if lost else 'before'} it was done"
        site, card = bench.site(), bench.blank()
        row = bench.people[place]
        cut = {("after" if lost else "before"): cutting(point, lost)}
        with card.inserted(**cut):
            torn = site.make(PEOPLE, place + 1)
        with checks.check(f"{name}: told with 3, nothing booked as made") as check:
            told(check, torn, 3, [])
            check.holds(torn.error, "[card.removed]", "重新插入同一张卡", "Insert the same card")
            counts = site.counts()
            check.equal((counts["cards"], counts["blanksUsed"], counts["blanksSpoiled"]), ({}, 0, 0))
        with checks.check(f"{name}: the same command finishes it, as asked, or books the blank as spoiled") as check:
            with card.inserted():
                again = site.make(PEOPLE, place + 1)
                counts = site.counts()
                if "personalization.spoiled" in again.codes:
                    check.exits(again, 3)
                    check.equal((counts["blanksUsed"], counts["blanksSpoiled"]), (0, 1), "blanks used and spoiled")
                    check.true(point < 15, "the card was spoiled although its first key was already made")
                else:
                    check.exits(again, 0)
                    check.equal((counts["blanksUsed"], counts["blanksSpoiled"]), (1, 0), "blanks used and spoiled")
                    expect_row(check, row_of(site), row, again)
                    check.exits(site.run("card", "dump", "--pin", "fd:PIN", pin=PIN), 0)
            check.equal([path.name for path in (site.data / "journal").glob("*.journal")], [], "journals left")
            check.exits(site.run("registry", "verify"), 0)


def cutting(point, lost):
    """A function for the wire that cuts it at a command."""
    if lost:
        return lambda number, command, answer: None if number == point else answer
    return lambda number, command: None if number == point else command


def another_row(bench, checks, total):
    """A torn card is inserted again, and somebody else is asked for."""
    site, card = bench.site(), bench.blank()
    first, second = bench.people[0], bench.people[1]
    with card.inserted(before=cutting(total // 2, False)):
        site.make(PEOPLE, 1)
    before = site.counts(), card.bytes
    with card.inserted() as wire:
        refused = site.make(PEOPLE, 2)
        sent = list(wire.commands)
        with checks.check("a card begun for one person is refused for another, and not touched") as check:
            told(check, refused, 2, ["personalization.begun-for-another"])
            check.equal([command.hex() for command in changing(sent)], [], "commands that change the card")
            check.equal((site.counts(), card.bytes), before, "registry and card")
            check.true(second["name"].encode("gbk") not in card.bytes, "the second person's name is on the card")
            check.true(second["citizenNumber"].encode() not in card.bytes, "the second person's number is on the card")
        with checks.check("it is still finished for the first person afterwards") as check:
            report = site.make(PEOPLE, 1)
            check.exits(report, 0)
            check.equal(report.json[0]["resumed"], True)
            expect_row(check, row_of(site), first, report)
    with checks.check("a torn card in another office, which has no journal of it, is refused untouched") as check:
        site, elsewhere, card = bench.site(), bench.site(), bench.blank()
        with card.inserted(before=cutting(total // 2, False)):
            site.make(PEOPLE, 1)
        before = card.bytes
        with card.inserted():
            told(check, elsewhere.make(PEOPLE, 1), 3, [])
        check.equal(card.bytes, before)


def ended_tool(bench, checks, total):
    """The tool itself is ended in the middle of a card."""
    asked = [("Ctrl-C", signal.SIGINT), ("SIGTERM", signal.SIGTERM)]
    for name, number in asked:
        site, card = bench.site(), bench.blank()
        ended = ended_at(site, card, {total // 3: number})
        with checks.check(f"{name} in the middle of a card finishes it") as check:
            check.exits(ended, 0)
            check.holds(ended.error, "finishing the card in hand")
            with card.inserted():
                expect_row(check, row_of(site), bench.people[0], ended)
            check.equal([path.name for path in (site.data / "journal").glob("*.journal")], [], "journals left")
            check.equal(site.counts()["blanksUsed"], 1)
    for name, number in [(f"a second {name}", number) for name, number in asked] + [("kill -9", signal.SIGKILL)]:
        site, card = bench.site(), bench.blank()
        ended = ended_at(site, card, {total // 3: number, total // 2: number})
        with checks.check(f"after {name} in the middle of a card the same command finishes it") as check:
            check.true(ended.code != 0, "the tool was not ended")
            with card.inserted():
                report = site.make(PEOPLE, 1)
                check.exits(report, 0)
                check.equal(report.json[0]["resumed"], True)
                expect_row(check, row_of(site), bench.people[0], report)
            check.exits(site.run("registry", "verify"), 0)
            check.equal(site.counts()["blanksUsed"], 1)


def ended_at(site, card, signals):
    """What became of the tool that makes a card and gets these signals, each before the command of its number."""
    process = []

    def end(count, command):
        if count in signals and process and process[0].poll() is None:
            if count != min(signals):
                wait_until_fatal(process[0], signals[count])
            process[0].send_signal(signals[count])
        return command

    with card.inserted(before=end):
        process.append(site.start(*site.making(PEOPLE, 1), pin=PIN))
        return finish(process[0])


def wait_until_fatal(process, number):
    """Waits until a signal is neither ignored nor caught any more: the first one was heard."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            kept = [line.split()[1] for line in status if line.startswith(("SigIgn", "SigCgt"))]
        if not any(int(mask, 16) >> (number - 1) & 1 for mask in kept):
            return
        time.sleep(0.01)


def falsified(bench, checks, total):
    """What comes back from the card is not what it sent."""

    def other_name(number, command, answer):
        return answer.replace(b"\xD5\xC5\xC8\xFD", b"\xC0\xEE\xCB\xC4") if command[1] == 0xB2 else answer

    def zero_challenges(number, command, answer):
        return bytes(len(answer) - 2) + answer[-2:] if command[1] == 0x84 else answer

    def one_challenge():
        first = {}

        def repeat(number, command, answer):
            return first.setdefault(len(answer), answer) if command[1] == 0x84 else answer
        return repeat

    def memory_failure(number, command, answer):
        return b"\x65\x81" if number == total // 2 else answer

    cases = [
        ("another name is read back", other_name, {3}, ["card.differs"]),
        ("the challenges are all zeros", zero_challenges, {3, 4}, []),
        ("the challenges repeat", one_challenge(), {3, 4}, []),
        ("the card reports a memory failure", memory_failure, {3}, []),
    ]
    for name, change, exit_codes, codes in cases:
        site, card = bench.site(), bench.blank()
        with card.inserted(after=change):
            result = site.make(PEOPLE, 1)
        with checks.check(f"{name}: the card is not booked as made, and can be finished later") as check:
            check.true(result.code in exit_codes, f"ended with {result.code}: {result.error}")
            check.holds(result.error, *(f"[{code}]" for code in codes))
            check.true("程序错误" not in result.error, result.error)
            check.equal(site.counts()["cards"], {})
            with card.inserted():
                report = site.make(PEOPLE, 1)
                check.exits(report, 0)
                expect_row(check, row_of(site), bench.people[0], report)


def batch(bench, checks):
    """Two cards in one run; the registry is held meanwhile."""
    site, first, second = bench.site(), bench.blank(), bench.blank()
    people = bench.people_file(*bench.people[:2])
    with first.inserted():
        process = site.start(*site.making(people), pin=f"{PIN}\n{PIN}")
        line = ""
        while "next card" not in line and (more := os.read(process.stderr.fileno(), 200)):
            line += more.decode()
        with checks.check("between two cards of a file the tool asks for the next") as check:
            check.holds(line, "请换卡", "next card: 2/2")
        with checks.check("a second process is told who holds the registry, with 5") as check:
            result = site.run("registry", "show")
            told(check, result, 5, ["registry.in-use"])
            check.holds(result.error, f"pid {process.pid}")
    with second.inserted():
        ended = finish(process)
        with checks.check("two cards of one file, made one after the other, are each for its own person") as check:
            check.exits(ended, 0)
            check.equal(len(ended.json), 2)
            check.true(ended.json[0]["cardNumber"] != ended.json[1]["cardNumber"], "one number for two cards")
            check.equal(row_of(site)["name"], bench.people[1]["name"])
            check.equal(site.counts()["blanksUsed"], 2)
    with first.inserted():
        with checks.check("the first of the two still says what it said") as check:
            check.equal(row_of(site)["name"], bench.people[0]["name"])
            check.equal(first.profile, PROFILE)


def second_of_three(bench, checks, total):
    """Ctrl-C is heard at every card of a run, not only at the first."""
    site, first, second = bench.site(), bench.blank(), bench.blank()
    people = bench.people_file(*bench.people[:3])
    process = []

    def ask(number, command):
        if number == total // 3:
            process[0].send_signal(signal.SIGINT)
        return command

    with first.inserted():
        process.append(site.start(*site.making(people), pin=f"{PIN}\n{PIN}\n{PIN}"))
        line = ""
        while "next card" not in line and (more := os.read(process[0].stderr.fileno(), 200)):
            line += more.decode()
    with second.inserted(before=ask):
        ended = finish(process[0])
    with checks.check("Ctrl-C in the middle of the second card of three finishes it, and leaves the third") as check:
        check.exits(ended, 1)
        check.equal(ended.codes, ["batch.left"])
        check.holds(ended.error, "finishing the card in hand")
        check.equal(len(ended.json), 2)
        check.equal(site.counts()["blanksUsed"], 2)
