"""The nightly verification: at its time the service proves its registry while its windows go on, and tells what it found."""

import contextlib
import datetime
import json
import sqlite3
import time

from .bench import PATIENCE
from .browser import Service

CHINA = datetime.timezone(datetime.timedelta(hours=8))


def run(bench, checks):
    """All checks of this section."""
    good, bad = (counter(bench) for _ in range(2))
    with contextlib.closing(sqlite3.connect(bad.site.data / "registry.sqlite")) as registry:
        registry.execute("UPDATE card_facts SET expires = '20991231'")
        registry.commit()
    # The next minute that both have begun to wait for by then; faketime stops the timers of Swift's runtime.
    night = datetime.datetime.now(CHINA) + datetime.timedelta(seconds=75)
    for service in (good, bad):
        service.write_config(service.config.read_text(encoding="utf-8").partition("own-passwords")[0] + f'verify-at: "{night:%H:%M}"\n')
    with good.running(), bad.running():
        with checks.check("before its time nothing is verified, and a changed view of the file is not seen by the start") as check:
            for service in (good, bad):
                health = health_of(service)
                check.equal((health["status"], health["verification"]), ("up", "none"))
        with checks.check("at its time the registry is proved; administrators, machines and the self-test are told") as check:
            health = looked(good)
            check.equal((health["status"], health["verification"]), ("up", "good"))
            check.holds(page(good, 4001, "administrator"), "登记库无误", f"{night:%H:%M}:")
            check.holds(good.request("GET", "/metrics")[2], "sscard_registry_verification_good 1")
            check.holds(good.log, "registry verified")
            check.equal(finding(good)["good"], True)
        with checks.check("a card whose last day somebody has put off in the file is found and told everywhere, and windows go on") as check:
            health = looked(bad)
            check.equal((health["status"], health["verification"]), ("degraded", "bad"))
            check.holds(page(bad, 1001, "teller"), "counter.night-views")
            check.holds(page(bad, 4001, "administrator"), "counter.night-views", "登记库有误")
            check.holds(bad.request("GET", "/metrics")[2], "sscard_registry_verification_good 0")
            check.holds(bad.log, "registry not in order")
            found = finding(bad)
            check.equal((found["good"], found.get("code")), (False, "counter.night-bad"))
            window = bad.program(1001, "teller")
            check.equal(window("POST", "/api/queue/take", {"errand": "other"}, "a-number-after-the-night")[0], 201)


def counter(bench):
    """A counter with a card on record and three operators."""
    site = bench.site("version: nightly-test\nstock-book: false\n")
    with bench.blank().inserted():
        site.make(bench.people_file(bench.people[0]))
    service = Service(bench, site)
    service.add(1001, "张一", "teller")
    service.add(2001, "李二", "supervisor")
    service.add(4001, "赵六", "administrator")
    return service


def health_of(service):
    """How the service says it is."""
    return json.loads(service.request("GET", "/health")[2])


def looked(service):
    """The same once the night's look is over; up to two minutes are no night yet."""
    end = time.monotonic() + 120 + PATIENCE
    health = health_of(service)
    while health["verification"] in ("none", "running") and time.monotonic() < end:
        time.sleep(0.5)
        health = health_of(service)
    return health


def page(service, number, role):
    """Somebody's first page."""
    cookie, _ = service.logged_in(number, role)
    return service.request("GET", "/", headers={"Cookie": f"sscard-session={cookie}"})[2]


def finding(service):
    """What `sscardd check` says of it."""
    rows = json.loads(service.run("check", "--json").stdout)
    return next(row for row in rows if row["subject"] == "verification")
