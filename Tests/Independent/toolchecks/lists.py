"""What lists tell of people: whom a session has looked up, and of nobody else anything; opening what is in hand is a look-up."""

import re

from .bench import ROOT
from .browser import Service
from .issue import child
from .windowpin import with_keys

LOOKED_UP = 0x0102
MAKERS = [(1001, "张一"), (1002, "陈四")]


def run(bench, checks):
    """All checks of this section."""
    site, person = bench.site("version: lists-test\nstock-book: false\n"), child(bench)
    service = Service(bench, site)
    for number, name in MAKERS:
        service.add(number, name, "teller", "personalizer")
    service.add(2001, "李二", "supervisor")
    with_keys(service, ROOT / "Keys/development")
    site.run("registry", "import", bench.people_file(person, *bench.people[:2]))
    with service.running():
        applications(service, checks, bench.people[0])
        issues(service, checks, person)


class Officer:
    """One officer's session, and the look-ups in the log that are theirs."""

    def __init__(self, service, number, role):
        self.service, self.number = service, number
        self.cookie, self.token = service.logged_in(number, role)

    def get(self, path):
        """A page's text."""
        return self.service.request("GET", path, headers={"Cookie": f"sscard-session={self.cookie}"})[2]

    def post(self, path, fields):
        """Where a form leads."""
        return self.service.form(path, {"form-token": self.token, **fields}, self.cookie)[1]["Location"]

    @property
    def looks(self):
        """How often they have looked somebody up."""
        with self.service.site.registry() as registry:
            events = [event for event, in registry.execute("SELECT event FROM log WHERE kind = ?", (LOOKED_UP,))]
        return sum(self.number.to_bytes(8, "big") in event for event in events)


def shown(person):
    """A person as pages show them."""
    return person["citizenNumber"][:6] + "*" * 10 + person["citizenNumber"][-2:]


def found(officer, person, purpose):
    """The page of somebody who was searched for."""
    return officer.post("/search", {"query": person["citizenNumber"], "purpose": purpose, "key": f"a-search-for-{purpose}"})


def applications(service, checks, person):
    """A supervisor's list of applications."""
    teller, supervisor = Officer(service, 1001, "teller"), Officer(service, 2001, "supervisor")
    name = person["name"][0] + "*"
    teller.post(found(teller, person, "issuing") + "/apply",
                {"kind": "first", "way": "factory", "proof-identity-document": "on", "key": "an-application-0001"})
    with checks.check("a supervisor's list of applications names nobody, and is no look-up") as check:
        page = supervisor.get("/applications")
        path = re.search(r"/applications/([0-9-]+)\"", page).group(1)
        check.true(name not in page, "the applicant")
        check.true(name not in supervisor.get("/approvals"), "the applicant in the list of what waits")
        check.equal(supervisor.looks, 0)
    with checks.check("who rules on one sees whose it is, which is one look-up of the day, and then the list says it too") as check:
        for _ in range(2):
            check.holds(supervisor.get(f"/approvals/applications/{path}"), name)
        check.equal(supervisor.looks, 1)
        check.holds(supervisor.get("/applications"), name)
        check.true(name not in Officer(service, 2001, "supervisor").get("/applications"), "another session has not looked")
        check.equal(supervisor.looks, 1)


def issues(service, checks, person):
    """The list of open issues, of one's own and another's."""
    begun = Officer(service, 1001, "teller")
    issue = begun.post(found(begun, person, "issuing") + "/issue", {"layout": "national-2.0", "key": "an-issue-to-be-listed"}).partition("?")[0]
    for number, _ in MAKERS:
        officer = Officer(service, number, "teller")
        before = officer.looks
        whose = "one's own issue after a new login" if number == 1001 else "another's issue"
        with checks.check(f"the list of open issues does not say for whom {whose} is, and is no look-up; the issue itself is one") as check:
            page = officer.get("/issues")
            check.holds(page, issue, "本次登录未查询")
            check.true(shown(person) not in page, "the holder")
            check.equal(officer.looks, before)
            for _ in range(2):
                check.holds(officer.get(issue), shown(person))
            check.equal(officer.looks, before + 1)
            check.holds(officer.get("/issues"), shown(person))
            check.equal(officer.looks, before + 1)
