"""What a command leaves behind and how it ends where its output, a descriptor, a reader or a folder is not as it should be."""

import os
import shutil
import subprocess

from .bench import LAYOUT, PATIENCE, PIN, ROOT, finish

PEOPLE = "Fixtures/people.csv"


def run(bench, checks):
    """All checks of this section."""
    site, card = bench.site(), bench.blank()
    outputs(bench, checks, site)
    folders(bench, checks)
    with card.inserted() as wire:
        descriptors(checks, site)
        traced(bench, checks, site, wire)
        two_readers(bench, checks, site, card)


def ended(bench, site, *arguments, output):
    """Runs the tool with its standard output somewhere else."""
    process = subprocess.Popen([bench.tool, *map(str, arguments)], cwd=ROOT, env={**os.environ, "SSCARD_DATA": str(site.data)},
                               stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE)
    error = process.communicate(timeout=PATIENCE)[1].decode()
    return process.returncode, error


def outputs(bench, checks, site):
    """A disk that is full, and a reader who has gone."""
    for arguments in (["layout", "manual", "national-3.0"], ["lifecycle", "table"], ["--help"]):
        with checks.check(f"`{' '.join(arguments)}` into a full disk is no success") as check, open("/dev/full", "wb") as full:
            code, error = ended(bench, site, *arguments, output=full)
            check.equal(code, 5)
            check.holds(error, "[tool.output-lost]", "No space left on device")
    with checks.check("whoever reads the first plan of two hundred and goes waits for no other") as check:
        reading, writing = os.pipe()
        process = subprocess.Popen([bench.tool, "card", "plan", "--layout", LAYOUT, "--people", PEOPLE], cwd=ROOT,
                                   env={**os.environ, "SSCARD_DATA": str(site.data)}, stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        check.true(os.read(reading, 4096) != b"", "nothing was written")
        os.close(reading)
        error = process.communicate(timeout=PATIENCE)[1]
        check.equal((process.returncode, b"200" in error), (0, False))


def descriptors(checks, site):
    """A PIN that is not where it was said to be is no PIN that is malformed."""
    make = [*site.making(PEOPLE, 1)]
    place = make.index("fd:PIN")
    for name, source, more, code in (("closed", "fd:77", {}, "secret.descriptor"), ("empty", "fd:0", {"stdin": subprocess.DEVNULL}, "secret.no-line")):
        with checks.check(f"a PIN's descriptor that is {name} is told as such") as check:
            make[place] = source
            result = finish(site.start(*make, **more))
            check.exits(result, 2)
            check.equal(result.codes, [code])


def folders(bench, checks):
    """A mistyped data folder is no new counter."""
    bad = bench.write("bad.csv", "citizenNumber,name\n1,x\n")
    for name, arguments, code in (
            ("a dry run", [PEOPLE, "--dry-run"], 0), ("a file that is not there", ["nowhere.csv"], 2),
            ("a file with faults in its rows", ["Fixtures/people-bad.csv"], 2), ("a file without its columns", [bad], 2)):
        with checks.check(f"importing where no registry is, {name} makes none") as check:
            site = bench.site()
            result = site.run("registry", "import", *arguments)
            check.exits(result, code)
            check.equal([path.name for path in site.data.rglob("*")] if site.data.exists() else [], [])
    with checks.check("a dry run there says that the real run makes one, and the real run does") as check:
        site = bench.site()
        check.holds(site.run("registry", "import", PEOPLE, "--dry-run").error, "there is no registry in it yet")
        check.exits(site.run("registry", "import", PEOPLE, "--json"), 0)
        check.equal(site.run("registry", "import", PEOPLE, "--dry-run", "--json").json["same"], 200)


def traced(bench, checks, site, wire):
    """A trace is there when it is needed: while the card works."""
    with checks.check("what passes is shown while it passes, not when the card is done") as check:
        screen = bench.path("screen.txt")
        seen = []

        def look(number, command):
            if len(wire.commands) - already == 60:
                seen.append(screen.read_text(encoding="utf-8"))
            return command

        already = len(wire.commands)
        wire.before = look
        reading, writing = os.pipe()
        os.write(writing, PIN.encode() + b"\n")
        make = [f"fd:{reading}" if word == "fd:PIN" else str(word) for word in site.making(PEOPLE, 1)]
        with open(screen, "wb") as errors:
            made = subprocess.run([bench.tool, *make, "--trace"], cwd=ROOT, env={**os.environ, "SSCARD_DATA": str(site.data)}, pass_fds=(reading,),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, timeout=PATIENCE, check=False)
        for descriptor in (reading, writing):
            os.close(descriptor)
        wire.before = lambda number, command: command
        check.equal(made.returncode, 0)
        check.true(seen != [] and seen[0].count(" µs") > 40, f"{seen[:1]}")
        whole = screen.read_text(encoding="utf-8")
        check.true(PIN not in whole and "‹secret›" in whole, "the trace masks nothing")
    with checks.check("a trace that finds no room is told in the exit code, and the reading is whole") as check:
        result = site.run("card", "read", "--trace-to", "/dev/full", "--pin", "fd:PIN", pin=PIN)
        check.true(result.code in (2, 5), f"{result.code} {result.error}")
        small = bench.path("small")
        small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", small], check=True)
        try:
            (small / "filler").write_bytes(bytes(4096))
            result = site.run("card", "read", "--trace-to", small / "t.trace", "--pin", "fd:PIN", pin=PIN)
            check.exits(result, 5)
            check.holds(result.error, "[trace.not-writable]")
            check.true(bench.people[0]["citizenNumber"] in result.output or "****" in result.output, result.output[:200])
        finally:
            subprocess.run(["umount", small], check=True)


def two_readers(bench, checks, site, card):
    """Two cards at once."""
    other = bench.blank()
    with other.inserted(slot=1):
        with checks.check("with a card in two readers it is told where they are, without a name that nobody typed") as check:
            result = site.run("card", "state")
            check.exits(result, 2)
            check.equal(result.codes, ["reader.several-cards"])
            check.true("*" not in result.error, result.error)
        made = site.make(PEOPLE, 2, more=("--reader", "00 01"))
        with checks.check("`card diff --other-reader` tells another holder's card by what is another on it, and chooses the first reader itself") as check:
            check.exits(made, 0)
            result = site.run("card", "diff", "--other-reader", "00 01", "--pin", "fd:PIN", "--json", pin=f"{PIN}\n{PIN}")
            check.exits(result, 1)
            check.true("reader." not in result.error, result.error)
            check.equal((result.json["verdict"], result.json["notCompared"]), ("differs", []))
            found = {(row["directory"], row["file"], row["element"]): row for row in result.json["differences"]}
            rows = bench.people[:2]
            holder = {name for name in ("citizenNumber", "name", "sex", "ethnicGroup", "birthPlace", "birthDate") if rows[0][name] != rows[1][name]}
            check.equal({element for _, file, element in found if file == "EF06"}, holder, "of the holder")
            check.equal({element for _, file, element in found if file == "EF05"}, {"identificationCode", "cardNumber"}, "of the card")
            sides = [found["SSSE", "EF06", "citizenNumber"][side] for side in ("first", "second")]
            check.equal(sides, [row["citizenNumber"] for row in rows], "the numbers of both")
            without = site.run("card", "diff", "--other-reader", "00 01", "--without-keys", "--json")
            check.exits(without, 1)
    copy = bench.blank()
    shutil.copyfile(card.state, copy.state)
    with copy.inserted(slot=1):
        with checks.check("two copies of one card are the same, and every file of both was compared") as check:
            result = site.run("card", "diff", "--other-reader", "00 01", "--pin", "fd:PIN", "--json", pin=f"{PIN}\n{PIN}")
            check.exits(result, 0)
            check.equal([result.json[name] for name in ("verdict", "same", "differences", "notCompared")], ["same", True, [], []])
            check.true(result.json["files"] > 20, f"{result.json['files']} files")
