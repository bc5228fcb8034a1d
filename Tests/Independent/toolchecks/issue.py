"""Instant issue from outside: the steps in their order, each gone on with by another run of the tool."""

from .bench import LAYOUT, PIN
from .pin import CHANGE, COUNTER, TICKET, Signers, accepted
from .refusals import told
from .rules import citizen_number

IDENTITY = ("--proof", "identity-document", "--proof", "signature")


def child(bench):
    """An invented child, who needs no photo."""
    number = citizen_number("990165", "20220101", 681)
    return {**bench.people[0], "citizenNumber": number, "name": "小明", "birthDate": "20220101", "birthPlace": "990165",
            "sex": "1", "cardNumber": "", "cardClass": "", "issueDate": "", "expiryDate": ""}


def run(bench, checks):
    """All checks of this section."""
    steps(bench, checks)
    damaged(bench, checks)
    unknown_pin(bench, checks)
    renewed(bench, checks)
    renewed_at_once(bench, checks)


def damaged(bench, checks):
    """A file of an issue that is not as it was written."""
    site = bench.site()
    people = bench.people_file(child(bench))

    def begun():
        return site.run("issue", "begin", "--layout", LAYOUT, "--json").json["issue"]

    card, first = bench.blank(), begun()
    with card.inserted():
        site.run("issue", "continue", first, "--people", people, "--until", "check-duplicates")
    path = site.data / "issue" / f"{first}.issue"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[:whole.index("end:")], encoding="utf-8")
    with checks.check("a file that is cut off is listed beside the issues that can be read, and ends the list with 1") as check:
        second = begun()
        listed = site.run("issue", "list", "--json")
        check.exits(listed, 1)
        check.equal([entry["issue"] for entry in listed.json["issues"]], [second])
        check.equal([entry["issue"] for entry in listed.json["damaged"]], [first])
        check.equal(listed.codes, ["issue.damaged"])
        told(check, site.run("issue", "show", first), 5, ["issue.file"])
        shown = site.run("issue", "show", "--json")
        check.exits(shown, 0)
        check.equal([entry["issue"] for entry in shown.json], [second])
    with checks.check("it stops nobody else: the next issue goes on to its slip") as check:
        with bench.blank().inserted():
            result = site.run("issue", "continue", second, "--people", people, *IDENTITY, "--confirmed", "--pin", "fd:PIN", "--json", pin=PIN)
            check.exits(result, 0)
            check.equal(result.json["end"], "finished")
    with checks.check("a file that tells its chip keeps that chip from a new issue until it is put aside, which leaves it in damaged/") as check:
        path.write_text(whole.replace("officer: 1001", "officer: 1002"), encoding="utf-8")
        third = begun()
        with card.inserted():
            told(check, site.run("issue", "continue", third), 1, ["issue.damaged-concerns"])
            told(check, site.run("issue", "put-aside", third), 1, ["issue.not-damaged"])
            aside = site.run("issue", "put-aside", first, "--json")
            check.exits(aside, 0)
            check.equal(aside.json["issue"], first)
            check.true((site.data / "issue/damaged" / path.name).exists() and not path.exists(), "not put aside")
            check.exits(site.run("issue", "continue", third, "--until", "check-blank"), 0)
        check.exits(site.run("issue", "list"), 0)
    with checks.check("what has ended lies in ended/, and is still found by its number") as check:
        check.equal([path.stem for path in (site.data / "issue/ended").iterdir()], [second])
        check.equal(site.run("issue", "show", second, "--json").json["end"], "finished")


def renewed(bench, checks):
    """A card is taken back: its chip is blocked before the new one is handed over."""
    site = bench.site()
    people = bench.people_file(child(bench))

    def begin(*more):
        return site.run("issue", "begin", "--layout", LAYOUT, "--json", *more).json["issue"]

    def go_on(issue, *more):
        return site.run("issue", "continue", issue, "--people", people, *IDENTITY, "--confirmed", "--pin", "fd:PIN", "--json", *more, pin=PIN)

    def in_force():
        with site.registry() as registry:
            return registry.execute("SELECT number FROM cards WHERE status = 1").fetchone()[0]

    old, new, third = bench.blank(), bench.blank(), bench.blank()
    with old.inserted():
        go_on(begin())
        number = in_force()
    replacing = ("--reason", "damaged", "--proof", "identity-document", "--proof", "old-card-taken")
    issue = begin("--replaces", number, *replacing)
    with new.inserted():
        with checks.check("a renewal stops before the hand-over, and the new card in the reader is not blocked") as check:
            result = go_on(issue)
            told(check, result, 1, ["chip.another-card"])
            check.equal(site.run("issue", "show", issue, "--json").json["next"], "block-old")
            check.equal(site.run("card", "state", "--json").json["state"], "issued")
    with old.inserted() as wire:
        with checks.check("with the old card in the reader it is blocked; what is handed over is the new one, which has to be read") as check:
            told(check, go_on(issue), 1, ["chip.not-issued"])
            check.equal(site.run("issue", "show", issue, "--json").json["next"], "hand-over")
            check.equal(len([command for command in wire.commands if command[1] == 0x16]), 1)
            check.equal(site.run("card", "state", "--json").json["state"], "blocked")
    with new.inserted():
        with checks.check("with the new card in the reader it is handed over and enabled, and the log says so") as check:
            result = go_on(issue)
            check.exits(result, 0)
            check.equal((result.json["end"], len(result.json["events"])), ("finished", 3))
            acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
            check.equal([act for act in acts if act in ("replaced", "chip-ended", "handed-over")],
                        ["handed-over", "replaced", "chip-ended", "handed-over"])
    issue = begin("--replaces", in_force(), *replacing)
    with third.inserted():
        go_on(issue, "--until", "set-pin")
    with checks.check("an old card that gives no answer is taken back with the reason, and no card is asked for") as check:
        told(check, go_on(issue, "--old-card", "asleep"), 2, ["tool.unknown-word"])
        told(check, go_on(issue, "--old-card", "silent"), 1, ["lifecycle.proof-missing"])
        result = go_on(issue, "--old-card", "silent", "--proof", "old-card-taken", "--until", "block-old")
        check.exits(result, 0)
        check.equal(result.json["next"], "hand-over")
    with checks.check("and the new card, which has to be read for it, is handed over") as check:
        told(check, go_on(issue), 3, ["reader.no-card"])
        with third.inserted():
            check.equal(go_on(issue).json["end"], "finished")
        check.exits(site.run("registry", "verify"), 0)


def renewed_at_once(bench, checks):
    """A card is renewed by the command that makes cards: it does not leave the old chip as good as new."""
    site = bench.site()
    people = bench.people_file(bench.people[0])
    old, new, third = bench.blank(), bench.blank(), bench.blank()
    with old.inserted():
        number = site.make(people).json[0]["cardNumber"]
    site.hand_over(number)
    renewal = ("--replaces", number, "--reason", "damaged", "--proof", "identity-document", "--proof", "old-card-taken")
    with new.inserted():
        with checks.check("a renewal that does not say what becomes of the old chip is refused before anything is made") as check:
            told(check, site.make(people, more=renewal), 2, ["usage.refused"])
            told(check, site.make(people, more=(*renewal, "--old-card", "asleep")), 2, ["tool.unknown-word"])
            check.equal(site.run("card", "state", "--json").json["state"], "blank")
        with old.inserted(slot=1) as wire:
            with checks.check("with the old card in another reader the new one is made, the old one blocked, and the log says both") as check:
                made = site.make(people, more=(*renewal, "--old-card", "blocked", "--reader", "PCD 0 00 00", "--old-reader", "PCD 0 00 01"))
                check.exits(made, 0)
                check.equal(made.json[0]["oldCard"], "blocked")
                check.equal(len([command for command in wire.commands if command[1] == 0x16]), 1)
                check.equal(site.run("card", "state", "--reader", "PCD 0 00 01", "--json").json["state"], "blocked")
                check.equal(site.run("card", "state", "--reader", "PCD 0 00 00", "--json").json["state"], "issued")
    number = made.json[0]["cardNumber"]
    site.hand_over(number)
    again = ("--replaces", number, *renewal[2:], "--old-card", "blocked", "--old-reader", "PCD 0 00 01")
    with third.inserted():
        with checks.check("where the old card is not there the new one is made all the same, and it is told how to make up for it") as check:
            made = site.make(people, more=(*again, "--reader", "PCD 0 00 00"))
            check.exits(made, 3)
            check.equal(len(made.json), 1)
            check.holds(made.error, f"sscard card block --card {number}")
        with checks.check("card block blocks no other card, and is done once") as check:
            told(check, site.run("card", "block", "--card", number), 1, ["chip.another-card"])
    with new.inserted():
        with checks.check("card block ends the old chip afterwards, once however often it is asked") as check:
            block = ("card", "block", "--card", number, "--json")
            first = site.run(*block)
            check.exits(first, 0)
            check.equal(site.run(*block).json, first.json)
            check.equal(site.run("card", "state", "--json").json["state"], "blocked")
    with checks.check("card block leaves a card alone that nobody took back") as check:
        living = made.json[0]["cardNumber"]
        with third.inserted():
            check.exits(site.run("card", "block", "--card", living), 1)
            check.equal(site.run("card", "state", "--json").json["state"], "issued")
        acts = [row["act"] for row in site.run("registry", "log", "--limit", "1000", "--json").json]
        check.equal(acts.count("chip-ended"), 2)
        check.exits(site.run("registry", "verify"), 0)


def unknown_pin(bench, checks):
    """The answer to the change of the PIN is lost: two officers sign for its reset."""
    site = bench.site()
    signers = Signers(bench, site)
    people = bench.people_file(child(bench))
    issue = site.run("issue", "begin", "--layout", LAYOUT, "--json").json["issue"]
    go_on = ("issue", "continue", issue, "--people", people, *IDENTITY, "--confirmed", "--pin", "fd:PIN", "--json", "--keys", signers.keys)
    reset = (*go_on, "--pin-reset-ticket", "2026-0412")
    card = bench.blank()
    with card.inserted(after=lambda _, command, answer: None if command[1] == CHANGE else answer):
        broken = site.run(*go_on, pin=PIN)
    with card.inserted() as wire:
        with checks.check("a PIN that may have been set is not tried blindly") as check:
            check.exits(broken, 3)
            told(check, site.run(*go_on, pin=PIN), 1, ["issue.pin-unknown"])
        right, wrong = signers.signed("reset", "2026-0412"), signers.signed("reset", "2026-0413")
        for name, arguments, codes in [
                ("nobody's signature", reset, ["lifecycle.second-person-missing"]),
                ("an approval for another ticket", (*reset, "--approval", wrong), ["approval.other-request"]),
                ("a second person who has not signed", (*reset, "--approval", right, "--second", "2002"), ["pin-approval.second"])]:
            with checks.check(f"with {name} the PIN is not reset, and it stays known as unknown") as check:
                result = site.run(*arguments, pin=PIN)
                check.true(result.code in (1, 2, 3, 4), f"exit code {result.code}")
                check.equal(result.codes, codes)
                check.equal(site.run("issue", "show", issue, "--json").json["next"], "set-pin")
                check.equal([command for command in wire.commands if command[1] == 0x24], [])
        with checks.check("with what two officers signed for this card and ticket it is, and the issue goes on to its slip") as check:
            result = site.run(*reset, "--approval", right, pin="48195207")
            check.exits(result, 0)
            check.equal(result.json["end"], "finished")
            check.equal(accepted("48195207"), "9000")
            log = (site.data / "key-log/key-log.txt").read_text(encoding="utf-8")
            lines = [line for line in log.splitlines() if "\tapproval\t" in line and "op=pin-reset" in line]
            check.equal(len(lines), 1)
            check.holds(lines[0], "officers=1001,2001", "ticket=2026-0412")


def steps(bench, checks):
    """From the blank to the slip."""
    site = bench.site()
    people = bench.people_file(child(bench))
    with checks.check("an issue that is begun is listed as open, and nothing else is changed") as check:
        begun = site.run("issue", "begin", "--layout", LAYOUT, "--json")
        check.exits(begun, 0)
        check.equal((begun.json["next"], begun.json.get("done")), ("check-blank", None))
        check.equal([entry["issue"] for entry in site.run("issue", "show", "--json").json], [begun.json["issue"]])
        check.equal(site.counts()["events"], 0)
    issue = begun.json["issue"]
    go_on = ("issue", "continue", issue, "--people", people, *IDENTITY, "--confirmed", "--pin", "fd:PIN", "--json")
    with checks.check("without a card in the reader nobody is asked for anything") as check:
        check.exits(site.run(*go_on, pin=PIN), 3)
        check.equal(site.run("issue", "show", issue, "--json").json["next"], "check-blank")
    card = bench.blank()
    with card.inserted():
        with checks.check("each run does the steps it is told, and what is missing is said") as check:
            for step, after in (("check-blank", "find-person"), ("find-person", "check-duplicates")):
                result = site.run(*go_on, "--until", step, pin=PIN)
                check.exits(result, 0)
                check.equal((result.json["done"], result.json["next"]), (step, after))
        other = bench.people_file(bench.people[1])
        with checks.check("a row of another person is told as such, also where the step looks at nobody's row") as check:
            told(check, site.run("issue", "continue", issue, "--people", other, "--until", "check-duplicates"), 1,
                 ["issue.another-person"])
        with checks.check("the next runs go on, and what is missing is said") as check:
            result = site.run(*go_on, "--until", "photo", pin=PIN)
            check.exits(result, 0)
            check.equal((result.json["done"], result.json["next"]), ("photo", "confirm"))
            told(check, site.run("issue", "continue", issue, "--people", people), 1, ["issue.not-confirmed"])
            check.equal(site.run("issue", "show", issue, "--json").json["failedCode"], "issue.not-confirmed")
            told(check, site.run("issue", "continue", issue, "--people", other, *IDENTITY, "--confirmed"), 1,
                 ["issue.another-person"])
        with checks.check("a PIN that nobody would be told is not drawn") as check:
            check.exits(site.run(*go_on, "--until", "read-back", pin=PIN), 0)
            told(check, site.run(*go_on[:-3], "--pin", "generate"), 2, ["pin.not-drawn"])
        with checks.check("a card never leaves with an open issue: no act hands it over or sends it out beside its own issue") as check:
            check.exits(site.run(*go_on, "--until", "set-pin", pin=PIN), 0)
            with site.registry() as registry:
                number = registry.execute("SELECT number FROM cards").fetchone()[0]
            events = site.counts()["events"]
            told(check, site.run("lifecycle", "hand-over", "--card", number, *IDENTITY), 1, ["issue.card-open"])
            told(check, site.run("lifecycle", "dispatch", "--card", number, "--officer", "3001", "--second", "1001",
                                 "--second-role", "teller"), 1, ["issue.card-open"])
            told(check, site.run("card", "pin", "reset", "--new-pin", "generate", *TICKET, *COUNTER), 1, ["issue.card-open"])
            check.equal(site.counts()["events"], events)
        with checks.check("another run goes on to the slip: the card is made, handed over and enabled") as check:
            result = site.run(*go_on, pin=PIN)
            check.exits(result, 0)
            check.equal((result.json["end"], len(result.json["events"])), ("finished", 2))
            acts = [row["act"] for row in site.run("registry", "log", "--json").json]
            check.equal(acts[-4:], ["personalized", "pin-served", "handed-over", "enabled"])
            check.equal(site.run("issue", "show", "--json").json, [])
            check.exits(site.run("pharmacy", "check"), 0)
        with checks.check("what has ended is neither gone on with nor given up, and nothing personal stands in its file") as check:
            told(check, site.run("issue", "abandon", issue), 1, ["issue.ended"])
            check.equal(site.run(*go_on, pin=PIN).json["end"], "finished")
            text = (site.data / "issue/ended" / f"{issue}.issue").read_text(encoding="utf-8")
            for planted in (child(bench)["citizenNumber"], "小明", PIN):
                check.true(planted not in text, f"{planted} in the open")
        with checks.check("a card that was issued is no blank for the next") as check:
            second = site.run("issue", "begin", "--layout", LAYOUT, "--json").json["issue"]
            told(check, site.run("issue", "continue", second), 1, ["issue.not-blank"])
            check.equal(site.run("issue", "abandon", second, "--json").json["end"], "abandoned")
    with checks.check("names that are none are refused") as check:
        told(check, site.run("issue", "show", "seven"), 2, ["issue.unknown"])
    with checks.check("a grown person without a photo gets no card, and the log is whole") as check:
        third = site.run("issue", "begin", "--layout", LAYOUT, "--json").json["issue"]
        grown = bench.people_file(bench.people[2])
        with bench.blank().inserted():
            told(check, site.run("issue", "continue", third, "--people", grown, "--json"), 1, ["issue.photo-missing"])
        check.exits(site.run("registry", "verify"), 0)
