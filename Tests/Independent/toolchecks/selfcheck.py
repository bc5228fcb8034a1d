"""`sscardd check` where something is missing: each trouble alone, told by its code, with what to do next and exit code 1."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess

from .bench import PATIENCE, Site, wait_for_reader
from .browser import Service
from .checks import skip
from .faults import receive, small_disk
from .lanes import kill_service

# So many events that the first of them are not among those which every start looks at.
LOGGED = 200
TELLER, SUPERVISOR = (1001, "张一", "teller"), (2001, "李二", "supervisor")
# Stands before the PC/SC library and answers one call as a machine would on which that is so.
SHIM = """
long {call} {{ return (long)0x{code:08X}; }}
"""
NO_READERS = SHIM.format(call="SCardListReaders(long a, const char *b, char *c, unsigned long *d)", code=0x8010002E)
NO_CARDS = SHIM.format(call="SCardConnect(long a, const char *b, unsigned long c, unsigned long d, long *e, unsigned long *f)", code=0x8010006A)


def run(bench, checks):
    """All checks of this section."""
    good = opened(bench, bench.site(), TELLER, SUPERVISOR)
    good.site.run("registry", "import", bench.people_file(*bench.people[:LOGGED]))
    for serial in range(1, 4):
        good.site.run(*receive(serial))
    with checks.check("a counter that lacks nothing is told so, with 0") as check:
        check.equal(told(good), (0, []))
    table = [
        ("a disk with little room", lambda: little_room(bench), [("disk", "counter.disk-low")]),
        ("a registry in which an event was changed", lambda: damaged(bench, good, change_event), [("registry", "counter.registry-damaged")]),
        ("a registry with a torn page that no act reads", lambda: damaged(bench, good, tear), [("registry", "registry.store-damaged")]),
        ("no operator", lambda: alone(bench), [("operators", "counter.no-operator")]),
        ("nobody who could sign second", lambda: alone(bench, TELLER), [("operators", "counter.no-second-operator")]),
        ("the readers' service stopped", lambda: stopped(bench, good), [("readers", "reader.service-not-running")]),
        ("no reader", lambda: before(bench, good, NO_READERS), [("readers", "reader.none")]),
        ("a user who sees readers and may not touch cards", lambda: before(bench, good, NO_CARDS), [("readers", "reader.cards-refused")]),
    ]
    for name, made, expected in table:
        with made() as service:
            if service is None:
                skip(f"sscardd check: {name}", "cannot be made here", "selfcheck")
                continue
            with checks.check(f"{name}: told alone, with 1, and what to do next in both languages") as check:
                check.equal(told(service), (1, expected))
                lines = service.run("check").stdout.splitlines()
                check.equal(len([line for line in lines if line.startswith("✘ " + expected[0][0])]), 1, lines)


def opened(bench, site, *people):
    """A counter with its operators."""
    service = Service(bench, site)
    for person in people:
        service.add(*person)
    return service


def told(service):
    """Exit code, and subject and code of what is not good."""
    result = service.run("check", "--json")
    bad = [finding for finding in json.loads(result.stdout) if not finding["good"]]
    for finding in bad:
        if not finding["next"].strip() or finding["next"].isascii():
            bad.append({"subject": finding["subject"], "code": "nothing to do next"})
    return result.returncode, [(finding["subject"], finding["code"]) for finding in bad]


@contextlib.contextmanager
def little_room(bench):
    """A data folder on a disk of 64 MiB."""
    with small_disk(bench, 64 << 20) as disk:
        yield disk and opened(bench, Site(bench, disk / "data", None), TELLER, SUPERVISOR)


@contextlib.contextmanager
def damaged(bench, good, change):
    """A copy of the registry after a clean end, in which somebody has changed something."""
    site = Site(bench, bench.path("changed"), None)
    shutil.copytree(good.site.data, site.data)
    change(site.data / "registry.sqlite")
    yield Service(bench, site)


def change_event(file):
    """Another first event."""
    with contextlib.closing(sqlite3.connect(file)) as registry:
        (event,) = registry.execute("SELECT event FROM log WHERE sequence = 1").fetchone()
        registry.execute("UPDATE log SET event = ? WHERE sequence = 1", (event[:-1] + bytes([event[-1] ^ 1]),))
        registry.commit()


def tear(file):
    """The header of an index's page is lost."""
    with contextlib.closing(sqlite3.connect(file)) as registry:
        (page,), (size,) = (registry.execute(text).fetchone() for text in
                            ("SELECT rootpage FROM sqlite_schema WHERE name = 'stock_owner'", "PRAGMA page_size"))
    with open(file, "r+b") as pages:
        pages.seek((page - 1) * size)
        pages.write(b"\xff" * 8)


@contextlib.contextmanager
def alone(bench, *people):
    """A counter with these operators alone."""
    yield opened(bench, bench.site(), *people)


@contextlib.contextmanager
def stopped(bench, good):
    """The service of the readers is not there meanwhile."""
    restart = kill_service()
    try:
        yield good
    finally:
        restart()
        wait_for_reader(bench, 0, "empty")


@contextlib.contextmanager
def before(bench, good, source):
    """A library of ours answers one call of PC/SC."""
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    if not compiler:
        yield None
        return
    library = bench.path("shim.so")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, bench.write("shim.c", source)], check=True, timeout=PATIENCE)
    os.environ["LD_PRELOAD"] = str(library)
    try:
        yield good
    finally:
        del os.environ["LD_PRELOAD"]
