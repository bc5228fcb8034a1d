"""Instant issue from outside: the steps in their order, each gone on with by another run of the tool."""

from .bench import LAYOUT, PIN
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
            for step, after in (("check-blank", "find-person"), ("find-person", "check-duplicates"), ("photo", "confirm")):
                result = site.run(*go_on, "--until", step, pin=PIN)
                check.exits(result, 0)
                check.equal((result.json["done"], result.json["next"]), (step, after))
            told(check, site.run("issue", "continue", issue, "--people", people), 1, ["issue.not-confirmed"])
            check.equal(site.run("issue", "show", issue, "--json").json["failedCode"], "issue.not-confirmed")
        with checks.check("a person who is another is refused") as check:
            other = bench.people_file(bench.people[1])
            told(check, site.run("issue", "continue", issue, "--people", other, *IDENTITY, "--confirmed"), 1,
                 ["issue.another-person"])
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
            text = (site.data / "issue" / f"{issue}.issue").read_text(encoding="utf-8")
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
