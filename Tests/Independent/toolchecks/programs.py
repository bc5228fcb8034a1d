"""What programs do that pages have screens for: registration, names, the issue of a card step by step, PIN, replacement, slips.

The document that describes the interface is a source of expectations: what it calls required is refused when it is missing.
"""

import json
import time

import jsonschema

from .bench import PATIENCE, ROOT
from .browser import Service, password
from .issue import child
from .pin import accepted
from .windowpin import with_keys

CHOSEN, AFTER = "48195207", "6201938475"
COLUMNS = ["citizenNumber", "name", "sex", "ethnicGroup", "birthDate", "birthPlace"]
OPERATORS = [(1001, "张一", ("teller", "personalizer")), (1003, "孙七", ("teller",)), (2001, "李二", ("supervisor",)),
             (9001, "周五", ("administrator",))]
SECOND = {"number": 2001, "password": password("supervisor")}


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: programs-test\nstock-book: false\nunclaimed-months: 0\n")
    service = Service(bench, site)
    for number, name, roles in OPERATORS:
        service.add(number, name, *roles)
    with_keys(service, ROOT / "Keys/development")
    person = child(bench)
    card, successor = bench.blank(), bench.blank()
    with service.running():
        interface = Interface(service, 1001, "teller")
        found = registered(bench, service, interface, checks, person)
        with card.inserted():
            number = issued(service, interface, checks, found, person)
            slips(interface, checks, number)
            pins(service, interface, checks, number)
        required(bench, service, interface, checks, number, found)
        with successor.inserted():
            replaced(interface, checks, number)
    with checks.check("no PIN, no whole number and no name stands in the service's log; the log is whole") as check:
        for planted in (CHOSEN, AFTER, person["citizenNumber"], person["name"]):
            check.true(planted not in service.log, planted)
        check.exits(site.run("registry", "verify"), 0)


class Interface:
    """A program that holds every answer against the document."""

    def __init__(self, service, number, role):
        self.call_service = service.program(number, role)
        _, _, text = service.request("GET", "/api/openapi.json")
        self.document = json.loads(text)
        self.keys = 0

    def schema(self, path, method, status):
        """What the document says of an answer."""
        answers = self.document["paths"][path][method]["responses"]
        answer = answers.get(str(status)) or answers["default"]
        (content,) = answer["content"].values()
        return {**content["schema"], "components": self.document["components"]}

    def get(self, check, path, **parts):
        """One reading."""
        status, answer = self.call_service("GET", path.format(**parts))
        jsonschema.validate(answer, self.schema(path, "get", status))
        check.equal(status, 200, answer)
        return answer

    def post(self, check, path, fields, expected, key=None, **parts):
        """One call with a key of its own; the answer as the document describes it."""
        if key is None:
            self.keys += 1
            key = f"program-key-{self.keys:08}"
        status, answer = self.call_service("POST", path.format(**parts), fields, key)
        jsonschema.validate(answer, self.schema(path, "post", status))
        check.equal(status, expected, answer)
        return answer


def code(problem):
    """The first fault of problem details."""
    return problem["faults"][0]["code"]


def registered(bench, service, interface, checks, person):
    """Persons taken in and found."""
    wish = {name: person[name] for name in COLUMNS}
    events = lambda: int(json.loads(service.request("GET", "/health")[2])["head"])
    with checks.check("a program registers a person once for each key; every wrong field is told at once") as check:
        problem = interface.post(check, "/api/people", {**wish, "sex": "7", "birthDate": "20010230", "name": ""}, 422)
        check.true(len(problem["faults"]) >= 3, f"{[fault['code'] for fault in problem['faults']]}")
        before = events()
        answers = [interface.post(check, "/api/people", wish, 201, "register-this-person") for _ in range(2)]
        check.equal(answers[0], answers[1])
        check.equal(events(), before + 1)
        check.true(person["citizenNumber"] not in json.dumps(answers), "a whole number")
        problem = interface.post(check, "/api/people", {**wish, "name": "另一人"}, 409, "register-this-person")
        check.equal(code(problem), "counter.form-used")
    with checks.check("who handles no act registers nobody, and finds nobody by name") as check:
        other = Interface(service, 9001, "administrator")
        check.equal(code(other.post(check, "/api/people", wish, 403)), "counter.no-role")
        check.equal(code(other.post(check, "/api/people/search", {"name": person["name"][:2], "purpose": "issuing"}, 403)), "counter.no-role")
    with checks.check("a search by name finds masked persons; of each a look-up is recorded, of nobody as well") as check:
        before = events()
        found = interface.post(check, "/api/people/search", {"name": person["name"][:2], "purpose": "issuing"}, 200)
        check.equal([match["person"] for match in found["matches"]], [answers[0]["person"]])
        check.true(person["name"] not in json.dumps(found, ensure_ascii=False), "a whole name")
        check.true(events() > before, "no look-up")
        before = events()
        check.equal(code(interface.post(check, "/api/people/search", {"name": "无此", "purpose": "issuing"}, 422)), "counter.no-such-name")
        check.true(events() > before, "no look-up of nobody")
        check.equal(code(interface.post(check, "/api/people/search", {"name": "无", "purpose": "issuing"}, 422)), "counter.name-short")
    return answers[0]["person"]


def until_made(check, interface, issue):
    """The issue once its card is made, or is not."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        state = interface.get(check, "/api/issues/{issue}", issue=issue)
        if not state.get("run", {}).get("isRunning"):
            return state
    raise TimeoutError("the card is not made")


def walk(check, interface, issue, steps):
    """Steps in their turn, each with what it wants."""
    state = interface.get(check, "/api/issues/{issue}", issue=issue)
    for step, fields in steps:
        check.equal(state["next"], step)
        seen = {"seen": state["seen"]} if "seen" in state else {}
        state = interface.post(check, "/api/issues/{issue}/steps/{step}", {**fields, **seen}, 200, issue=issue, step=step)
        if step == "personalize":
            state = until_made(check, interface, issue)
    return state


BEFORE = [("check-blank", {}), ("find-person", {}), ("photo", {}), ("confirm", {"confirmed": True, "proofs": ["identity-document"]})]


def issued(service, interface, checks, person, row):
    """A card made in front of its holder, by a program."""
    with checks.check("a program that makes no cards begins no issue, and a person that it has not looked up is nobody's issue") as check:
        other = Interface(service, 1003, "teller")
        check.equal(code(other.post(check, "/api/people/{person}/issues", {"layout": "national-2.0"}, 422, person=person)),
                    "counter.person-not-looked-up")
        other.post(check, "/api/people/look-up", {"number": row["citizenNumber"], "purpose": "issuing"}, 200)
        check.equal(code(other.post(check, "/api/people/{person}/issues", {"layout": "national-2.0"}, 403, person=person)), "counter.no-role")
    steps = [(step, {**fields, "person": person} if step == "find-person" else fields) for step, fields in BEFORE]
    with checks.check("an issue that is given up before its card is begun ends so; one key begins one issue") as check:
        begun = [interface.post(check, "/api/people/{person}/issues", {"layout": "national-2.0"}, 201, "begin-this-issue-once", person=person)
                 for _ in range(2)]
        check.equal(begun[0]["issue"], begun[1]["issue"])
        issue = begun[0]["issue"]
        check.equal([open_issue["issue"] for open_issue in interface.get(check, "/api/issues")["issues"]], [issue])
        problem = interface.post(check, "/api/issues/{issue}/steps/{step}", {"confirmed": True}, 409, issue=issue, step="hand-over")
        check.true(code(problem).startswith("issue."), code(problem))
        walk(check, interface, issue, steps[:2])
        ended = interface.post(check, "/api/issues/{issue}/abandon", {"abandon": True}, 200, issue=issue)
        check.equal(ended["end"], "abandoned")
    with checks.check("a card is issued step by step, the holder's PIN with it, and every answer is as the document says") as check:
        issue = interface.post(check, "/api/people/{person}/issues", {"layout": "national-2.0"}, 201, person=person)["issue"]
        walk(check, interface, issue, steps)
        made = walk(check, interface, issue, [("personalize", {})])
        check.equal((made["next"], made["run"]["faults"] if "run" in made else []), ("set-pin", []))
        problem = interface.post(check, "/api/issues/{issue}/steps/{step}",
                                 {"new-pin": "123456", "new-pin-again": "123456", "seen": made["seen"]}, 422, issue=issue, step="set-pin")
        check.equal(code(problem), "pin.trivial")
        ended = walk(check, interface, issue, [
            ("set-pin", {"new-pin": CHOSEN, "new-pin-again": CHOSEN}), ("hand-over", {"proofs": ["identity-document", "signature"]}),
            ("enable", {}), ("slip", {})])
        check.equal(ended["end"], "finished")
        check.equal(accepted(CHOSEN), "9000")
        cards = interface.post(check, "/api/people/look-up", {"number": row["citizenNumber"], "purpose": "inquiry"}, 200)["cards"]
        check.equal([(found["state"], found["identificationCode"]) for found in cards], [("normal", ended["card"])])
    return cards[0]["cardNumber"]


def slips(interface, checks, number):
    """Slips on paper of a program's own."""
    with checks.check("a slip is an original once, then a copy; its code is the event's place and hash, its holder is masked") as check:
        events = interface.get(check, "/api/cards/{card}", card=number)["events"]
        event = [row for row in events if row["slip"]][-1]
        sequence = event["event"].rpartition("/")[2]
        prints = [interface.post(check, "/api/events/{sequence}/slip", {}, 200, sequence=sequence) for _ in range(2)]
        check.equal([print["isCopy"] for print in prints], [False, True])
        check.equal(prints[0]["code"], f"sscard:{event['event']}:{event['hash']}")
        check.holds(prints[0]["holderName"], "*")
        without = [row for row in events if not row["slip"]]
        if without:
            problem = interface.post(check, "/api/events/{sequence}/slip", {}, 422, sequence=without[0]["event"].rpartition("/")[2])
            check.equal(code(problem), "counter.no-slip")
        interface.post(check, "/api/events/{sequence}/slip", {}, 404, sequence=999_999)


def pins(service, interface, checks, number):
    """Services for the holder's PIN."""
    path = "/api/cards/{card}/pin/{service}"
    with checks.check("a PIN is changed with the old one and reset by two with a ticket; a wrong old one costs a try once for its key") as check:
        seen = interface.get(check, "/api/cards/{card}", card=number)["seen"]
        wish = {"old-pin": "11111119", "new-pin": AFTER, "new-pin-again": AFTER, "seen": seen}
        problems = [interface.post(check, path, wish, 409, "wrong-old-pin-once-only", card=number, service="change") for _ in range(2)]
        check.equal(problems[0]["faults"], problems[1]["faults"])
        event = interface.post(check, path, {**wish, "old-pin": CHOSEN}, 201, card=number, service="change")
        check.equal(event["act"], "pin-served")
        check.equal(accepted(AFTER), "9000")
        reset = {"new-pin": CHOSEN, "new-pin-again": CHOSEN, "ticket": "2026-0412", "proofs": ["identity-document"]}
        check.true(code(interface.post(check, path, reset, 409, card=number, service="reset")).startswith("lifecycle."), "reset alone")
        interface.post(check, path, {**reset, "second": SECOND}, 201, card=number, service="reset")
        check.equal(accepted(CHOSEN), "9000")
        interface.post(check, path, {}, 404, card=number, service="guess")


def required(bench, service, interface, checks, number, person):
    """What the document calls required."""
    good = {
        "/api/session": {"number": 1001, "password": password("teller")},
        "/api/people": {"citizenNumber": "x", "name": "x", "sex": "1", "ethnicGroup": "01", "birthDate": "20000101", "birthPlace": "110000"},
        "/api/people/search": {"name": "王小", "purpose": "issuing"},
        "/api/people/look-up": {"number": "x", "purpose": "issuing"},
        "/api/people/{person}/applications": {"kind": "replacement", "way": "factory"},
        "/api/people/{person}/issues": {"layout": "national-2.0"},
        "/api/cards/{card}/replacement": {"replacement": "lost", "layout": "national-2.0"},
        "/api/issues/{issue}/abandon": {"abandon": True},
        "/api/approvals/batch": {"batch": "DW-2026-1"},
        "/api/password": {"old-password": "not the password", "new-password": "another phrase 61", "new-password-again": "another phrase 61"},
    }
    with checks.check("what the document calls required is refused when it is missing, and nothing is written") as check:
        other = interface.post(check, "/api/people", {name: bench.people[1][name] for name in COLUMNS}, 201)["person"]
        begun = interface.post(check, "/api/people/{person}/issues", {"layout": "national-2.0"}, 201, person=other)["issue"]
        head = lambda: json.loads(service.request("GET", "/health")[2])["head"]
        before, tried = head(), set()
        for path, methods in interface.document["paths"].items():
            body = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            for name in body.get("required", []):
                fields = {other: value for other, value in good[path].items() if other != name}
                interface.keys += 1
                status, answer = interface.call_service("POST", path.format(person=person, card=number, issue=begun), fields,
                                                        f"without-{interface.keys:012}")
                check.true(400 <= status < 500, f"{path} without {name}: {status} {answer}")
                tried.add(path)
        check.equal(tried, set(good))
        check.equal(head(), before, "events")
        check.equal(interface.get(check, "/api/issues/{issue}", issue=begun)["next"], "check-blank")
        interface.post(check, "/api/issues/{issue}/abandon", {"abandon": True}, 200, issue=begun)


def replaced(interface, checks, number):
    """A lost card's successor."""
    with checks.check("a lost card is replaced: the old one ends in the transaction that records the new one") as check:
        interface.post(check, "/api/cards/{card}/acts/{act}", {"reporter": "holder", "proofs": ["identity-document"]}, 201, card=number, act="formal-loss")
        card = interface.get(check, "/api/cards/{card}", card=number)
        begun = interface.post(check, "/api/cards/{card}/replacement", {
            "replacement": "lost", "layout": "national-2.0", "seen": card["seen"], "proofs": ["identity-document", "fee-settled"],
            "second": SECOND}, 201, card=number)
        check.equal(begun["replaces"], number)
        steps = [(step, {**fields, "person": begun["person"]} if step == "find-person" else fields) for step, fields in BEFORE]
        made = walk(check, interface, begun["issue"], [*steps, ("personalize", {})])
        check.equal(made["next"], "set-pin", made)
        old = interface.get(check, "/api/cards/{card}", card=number)
        check.equal((old["state"] != "normal", old["successor"]), (True, made["card"]))
        ended = walk(check, interface, begun["issue"], [
            ("set-pin", {"new-pin": CHOSEN, "new-pin-again": CHOSEN}), ("hand-over", {"proofs": ["identity-document", "signature"]}),
            ("enable", {}), ("slip", {})])
        check.equal(ended["end"], "finished")
