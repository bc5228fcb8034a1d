"""Backups of the registry: whole, signed, found out when altered, restored only where nothing is lost in silence."""

import contextlib
import hashlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import threading

from .bench import Site
from .browser import Service
from .refusals import told

WORDS = "a passphrase for the backup"
RESTORE = ("--passphrase", "fd:PIN", "--officer", "2001", "--second", "2002", "--proof", "paper")


def run(bench, checks):
    """All checks of this section."""
    site = bench.site()
    site.run("registry", "import", bench.people_file(*bench.people[:5]))
    folder = bench.path("backups")
    folder.mkdir()
    first = folder / "first"
    whole(checks, site, first)
    altered(bench, checks, site, first)
    restored(bench, checks, site, first)
    older(bench, checks, site, folder)
    running(bench, checks)


def manifest(folder):
    """The lines of a manifest."""
    text = (folder / "backup.txt").read_text(encoding="ascii")
    return dict(line.split(": ", 1) for line in text.splitlines())


def whole(checks, site, first):
    """The manifest says what other programs find."""
    with checks.check("a backup is a folder with database, sealed keys and a signed manifest") as check:
        result = site.run("registry", "backup", first, "--passphrase", "fd:PIN", "--json", pin=WORDS)
        check.exits(result, 0)
        lines = manifest(first)
        database = (first / "registry.sqlite").read_bytes()
        check.equal(lines["database"], hashlib.sha256(database).hexdigest().upper())
        check.equal(int(lines["database-bytes"]), len(database))
        check.equal(lines["keys"], hashlib.sha256((first / "keys.sealed").read_bytes()).hexdigest().upper())
        check.equal(lines["office"], hashlib.sha256((first / "office.sealed").read_bytes()).hexdigest().upper())
        with sqlite3.connect(f"file:{first}/registry.sqlite?mode=ro", uri=True) as registry:
            events = registry.execute("SELECT count(*) FROM log").fetchone()[0]
            last = registry.execute("SELECT event FROM log ORDER BY sequence DESC LIMIT 1").fetchone()[0]
            check.equal(registry.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        check.equal((int(lines["events"]), lines["head"]), (events, hashlib.sha256(last).hexdigest().upper()))
        check.equal(result.json["events"], events)
        check.equal(oct(first.stat().st_mode & 0o777), "0o700")
    with checks.check("openssl finds the manifest's signature good") as check:
        text = (first / "backup.txt").read_bytes()
        signed = text[:text.index(b"signature: ")]
        raw = bytes.fromhex(manifest(first)["signature"])
        key, signature, data = (first.parent / name for name in ("key.der", "signature.der", "signed.txt"))
        key.write_bytes(bytes.fromhex(manifest(first)["public-key"]))
        signature.write_bytes(der(raw))
        data.write_bytes(signed)
        verdict = subprocess.run(["openssl", "dgst", "-sha256", "-verify", key, "-keyform", "DER", "-signature", signature,
                                  data], capture_output=True, text=True, check=False)
        check.equal(verdict.stdout.strip(), "Verified OK")
    with checks.check("a backup holds no key in the open, and is never written over another") as check:
        sealed = (first / "keys.sealed").read_bytes()
        check.true(b"PRIVATE KEY" not in sealed, "a private key in the open")
        told(check, site.run("registry", "backup", first, "--passphrase", "fd:PIN", pin=WORDS), 2, ["backup.place-taken"])
        told(check, site.run("registry", "backup", first.parent / "x", "--passphrase", "fd:PIN", pin="short"), 2,
             ["secret.too-short"])
        check.exits(site.run("registry", "verify", "--backup", first), 0)


def der(raw):
    """An ECDSA signature r ‖ s as DER."""
    def integer(number):
        data = number.lstrip(b"\0")
        data = b"\0" + data if data[0] & 0x80 else data
        return bytes([2, len(data)]) + data
    body = integer(raw[:32]) + integer(raw[32:])
    return bytes([0x30, len(body)]) + body


def altered(bench, checks, site, first):
    """One changed byte of any file."""
    for name, code in (("registry.sqlite", "backup.altered"), ("keys.sealed", "backup.altered"), ("office.sealed", "backup.altered"), ("backup.txt", None)):
        with checks.check(f"a backup with one changed byte in {name} is refused") as check:
            copy = bench.path("altered")
            shutil.copytree(first, copy)
            data = bytearray((copy / name).read_bytes())
            data[len(data) // 2] ^= 1
            (copy / name).write_bytes(data)
            result = site.run("registry", "verify", "--backup", copy)
            check.exits(result, 5)
            check.true(not code or result.codes == [code], f"told {result.codes}")
            fresh = Site(bench, bench.path("fresh"), None)
            check.exits(fresh.run("registry", "restore", copy, *RESTORE, pin=WORDS), 5)
            check.true(not fresh.data.exists(), "a data folder was made")


def restored(bench, checks, site, first):
    """Into an empty folder alone, by two, with the passphrase."""
    fresh = Site(bench, bench.path("restored"), None)
    with checks.check("restoring wants the passphrase, two persons and an empty folder") as check:
        told(check, fresh.run("registry", "restore", first, *RESTORE, pin="another passphrase"), 4,
             ["backup.keys-stay-shut"])
        told(check, fresh.run("registry", "restore", first, "--passphrase", "fd:PIN", "--officer", "2001", "--proof",
                              "paper", pin=WORDS), 1, ["lifecycle.second-person-missing"])
        told(check, site.run("registry", "restore", first, *RESTORE, pin=WORDS), 2, ["backup.folder-not-empty"])
        check.true(not fresh.data.exists(), "a data folder was made")
    with checks.check("what was restored is whole, says the same, and its log tells that it was restored") as check:
        check.exits(fresh.run("registry", "restore", first, *RESTORE, "--json", pin=WORDS), 0)
        check.exits(fresh.run("registry", "verify"), 0)
        before, after = (place.run("registry", "show", "--json").json for place in (site, fresh))
        check.equal(after["persons"], before["persons"])
        check.equal(after["events"], before["events"] + 1)
        check.equal(fresh.run("registry", "log", "--json", "--limit", "1000").json[-1]["act"], "registry-restored")
        check.exits(fresh.run("registry", "import", bench.people_file(bench.people[6])), 0)
        check.exits(fresh.run("registry", "verify"), 0)


def older(bench, checks, site, folder):
    """What is known elsewhere is not lost in silence."""
    site.run("registry", "import", bench.people_file(bench.people[7]))
    head = site.run("registry", "verify", "--json").json
    known = head["known"]
    fresh = Site(bench, bench.path("older"), None)
    with checks.check("the newest event is told in the form that a restoration takes") as check:
        check.equal(known, f"{head['events']}:{head['head']}")
        check.holds(site.run("registry", "verify").output, known)
    with checks.check("a backup older than an event that is known is refused unless said") as check:
        told(check, fresh.run("registry", "restore", folder / "first", *RESTORE, "--known", known, pin=WORDS), 1,
             ["backup.older"])
        told(check, fresh.run("registry", "restore", folder / "first", *RESTORE, "--known", "seven", pin=WORDS), 2,
             ["backup.known-event"])
        told(check, fresh.run("registry", "restore", folder / "first", *RESTORE, "--known", "2:" + "0" * 64, pin=WORDS),
             1, ["backup.another-log"])
        site.run("registry", "backup", folder / "second", "--passphrase", "fd:PIN", pin=WORDS)
        told(check, fresh.run("registry", "restore", folder / "first", *RESTORE, pin=WORDS), 1, ["backup.older"])
        result = fresh.run("registry", "restore", folder / "first", *RESTORE, "--although-older", "--json", pin=WORDS)
        check.exits(result, 0)
        check.equal(result.json["newestKnown"], head["events"])
        check.equal(len(result.json["withheld"]), 1)
    with checks.check("a log that was changed at its end is not worked with") as check:
        with sqlite3.connect(site.data / "registry.sqlite") as registry:
            registry.execute("UPDATE log SET kind = 3 WHERE sequence = (SELECT max(sequence) FROM log)")
        told(check, site.run("registry", "show"), 5, ["registry.damaged"])
        check.exits(site.run("registry", "verify"), 1)


def running(bench, checks):
    """A backup of a registry that a service is at work on."""
    site = bench.site()
    site.run("registry", "import", bench.people_file(*bench.people[:5]))
    service = Service(bench, site)
    service.add(1001, "张一", "teller")
    folder = bench.path("backups-of-a-service")
    folder.mkdir()
    with service.running():
        program = service.program(1001, "teller")
        done, stop = [], threading.Event()

        def work():
            while not stop.is_set():
                answer = program("POST", "/api/people/look-up", {"number": bench.people[1]["citizenNumber"], "purpose": "inquiry"})
                done.append(answer[0])

        worker = threading.Thread(target=work)
        worker.start()
        try:
            with checks.check("while a service is at work the tool's backup is made by it, whole, of one moment; the windows go on") as check:
                before = len(done)
                for name in ("first", "second"):
                    result = site.run("registry", "backup", folder / name, "--passphrase", "fd:PIN", "--json", pin=WORDS)
                    check.exits(result, 0)
                    check.exits(site.run("registry", "verify", "--backup", folder / name), 0)
                    check.equal(result.json["events"], int(manifest(folder / name)["events"]))
                check.true(int(manifest(folder / "second")["events"]) > int(manifest(folder / "first")["events"]), "no act in between")
                check.true(len(done) > before and set(done) == {200}, f"{len(done) - before} acts, {set(done)}")
            with checks.check("what stands against it is told as without a service: a place that is taken, one that cannot be written") as check:
                for place, code in ((folder / "first", "backup.place-taken"), (pathlib.Path("/proc/backup"), "backup.file")):
                    result = site.run("registry", "backup", place, "--passphrase", "fd:PIN", pin=WORDS)
                    check.true(result.code != 0 and code in result.codes, f"{place}: {result.code} {result.error}")
            with checks.check("other commands still say that the registry is another's, and that a backup can be made") as check:
                result = site.run("registry", "verify")
                check.exits(result, 5)
                check.holds(result.error, "[registry.in-use]")
        finally:
            stop.set()
            worker.join()
    with checks.check("no passphrase stands in the service's log, and a backup is noted there; restored it is a good registry") as check:
        check.true(WORDS not in service.log and "passphrase" not in service.log, "the passphrase")
        check.equal(sum(json.loads(line)["message"] == "backup" for line in service.log.splitlines()), 2)
        again = Site(bench, bench.path("restored-of-a-service"), None)
        # The registry has gone on since; whoever restores says that they know.
        check.exits(again.run("registry", "restore", folder / "second", "--data", again.data, *RESTORE, pin=WORDS), 0)
        check.exits(again.run("registry", "verify"), 0)
    with checks.check("after a service that was killed its socket stands in nobody's way") as check:
        with contextlib.suppress(AssertionError):
            with service.running():
                service.process.kill()
                service.process.wait()
        check.true((site.data / "operators/service.socket").exists(), "no socket was left")
        check.exits(site.run("registry", "backup", folder / "third", "--passphrase", "fd:PIN", pin=WORDS), 0)
        check.exits(site.run("registry", "verify"), 0)
