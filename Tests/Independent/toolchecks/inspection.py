"""Looking at cards: dumps against their schemas, comparison, verification, traces, the shell, and two clients that are not ours."""

import json
import re
import subprocess

import jsonschema

from .bench import LAYOUT, LAYOUT_3, PATIENCE, PIN, PROFILE, PROFILE_3, ROOT
from .rules import ENVIRONMENT, changing

CARDS = [(PROFILE, LAYOUT), (PROFILE_3, LAYOUT_3)]
CLIENTS_ONLY = ["timecos", "t514", "fmcos", "mcos"]  # further systems, looked at by clients that are not ours

# What SELECT of the environment answers: T=0 cards announce it, plain FMCOS gives it at once: 6F {84 name, A5 {9F0C {86 01 01}}}.
ANNOUNCED = rb"61.."
AT_ONCE = ("6F19840F" + ENVIRONMENT.hex().upper() + "A5069F0C038601019000").encode()


def run(bench, checks):
    """One card of each profile."""
    for profile, layout in CARDS:
        site, card = bench.site(), bench.blank(profile)
        with card.inserted() as wire:
            made = site.make("Fixtures/people.csv", 1, layout, more=("--trace", "--trace-to", bench.path("made.trace")))
            count = len(wire.commands)
            secrets(bench, checks, profile, site, made, wire.commands[:count])
            dumps = dumped(bench, checks, profile, site)
            shut(checks, profile, site)
            compared(bench, checks, profile, site, layout, dumps)
            verified(checks, profile, site, layout)
            traced = shell(bench, checks, profile, site, layout, made)
            with checks.check(f"{profile}: dump, diff, verify and shell sent nothing that changes a card") as check:
                sent = wire.commands[count:]
                check.true(len(sent) > 100, f"{len(sent)} commands")
                check.equal([command.hex() for command in changing(sent)], [])
            probed(checks, profile, site, layout, card, wire)
            unchanged(bench, checks, profile, site, layout, card, wire)
            by_scriptor(bench, checks, profile, layout, made)
            by_explorer(checks, profile)
        replayed(checks, profile, site, traced)
    region(bench, checks)
    first_visit(bench, checks)
    for profile in CLIENTS_ONLY:
        site, card, layout = bench.site(), bench.blank(profile), f"{LAYOUT}@{profile}"
        with card.inserted() as wire:
            made = site.make("Fixtures/people.csv", 1, layout, more=("--trace", "--trace-to", bench.path("made.trace")))
            secrets(bench, checks, profile, site, made, list(wire.commands))
            before = card.bytes
            by_scriptor(bench, checks, profile, layout, made, AT_ONCE if profile == "fmcos" else ANNOUNCED)
            by_explorer(checks, profile)
            with checks.check(f"{profile}: two clients that are not ours left the card as it was") as check:
                check.equal(card.bytes, before)


def region(bench, checks):
    """A region's card by the nation's layout: what the layout does not have is told, by SELECT alone."""
    site, card = bench.site(), bench.blank("fmcos-ssse-region")
    layout, places = "national-3.0@fmcos-ssse-region", ["SSSE/EF0C", "DF0A"]
    with card.inserted() as wire:
        site.make("Fixtures/people.csv", 1, "example-region")
        count = len(wire.commands)
        own = site.run("card", "dump", "--layout", "example-region", "--json")
        files = {}
        for name, more in (("card-dump", ()), ("card-hex-dump", ("--hex",))):
            with checks.check(f"region: {name} tells the places that the layout does not have, and fits its schema") as check:
                dump = site.run("card", "dump", "--layout", layout, "--json", *more)
                check.exits(dump, 0)
                check.equal(dump.json["notInLayout"], places)
                check.true("notInLayout" not in own.json, "the region's own layout has them")
                schema = json.loads((ROOT / f"CardLayouts/schemas/{name}.schema.json").read_text(encoding="utf-8"))
                check.equal([fault.message for fault in jsonschema.Draft202012Validator(schema).iter_errors(dump.json)], [])
                files[name] = bench.write(f"region-{name}.json", dump.output)
                text = site.run("card", "dump", "--layout", layout, *more).output
                check.holds(text, *(f"{place}  –  不在卡结构中" for place in places))
        with checks.check("region: two such cards are not called the same, and one without them differs") as check:
            both = site.run("card", "diff", "--layout", layout, "--dump", files["card-dump"], "--json")
            check.exits(both, 3)
            check.equal(both.json["verdict"], "unknown")
            plain = json.loads(files["card-hex-dump"].read_text(encoding="utf-8"))
            del plain["notInLayout"]
            less = site.run("card", "diff", "--layout", layout, "--dump", bench.write("less.json", json.dumps(plain)), "--json")
            check.exits(less, 1)
            check.equal([[row["kind"], row["directory"], row.get("file"), row["title"]] for row in less.json["differences"]],
                        [["only-first", "SSSE", "EF0C", "不在卡结构中"], ["only-first", "DF0A", None, "不在卡结构中"]])
        with checks.check("region: card verify does not find every rule kept") as check:
            verified_by = site.run("card", "verify", "--layout", layout, "--json")
            check.exits(verified_by, 1)
            found = [row for row in verified_by.json["findings"] if row["rule"] == "not-in-layout"]
            check.equal([reason["code"] for row in found for reason in row["reasons"]], ["card-verify.not-in-layout"] * 2)
            check.exits(site.run("card", "verify", "--layout", "example-region"), 0)
        with checks.check("region: looking changed nothing on the card") as check:
            check.equal([command.hex() for command in changing(wire.commands[count:])], [])


def first_visit(bench, checks):
    """A card of another place, seen here for the first time: its proof stands in the trace."""
    site, card, trace = bench.site(), bench.blank(PROFILE_3), bench.path("first.trace")
    with card.inserted():
        site.make("Fixtures/people.csv", 1, LAYOUT_3)
        read = bench.site().run("card", "read", "--json", "--trace-to", trace, "--trace-personal-data")
    with checks.check("the trace of a first visit is replayed, its proof as recorded and told so, never as proved") as check:
        check.exits(read, 0)
        check.holds(trace.read_text(encoding="utf-8").replace(" ", ""), "0088")
        played = bench.site().run("card", "read", "--json", "--replay", trace)
        check.exits(played, 0)
        check.equal(played.json, read.json)
        check.equal(played.codes, ["trace.proof-as-recorded"])
        check.holds(played.error, "照记录")


def secrets(bench, checks, profile, site, made, sent):
    """What a personalisation leaves behind."""
    with checks.check(f"{profile}: no key, cryptogram or PIN of a personalisation stands in its trace, its output or its data folder") as check:
        check.exits(made, 0)
        secret = [command[5:] for command in sent if command[1] in (0x20, 0x82, 0xD4) or command[1:4] == b"\xE0\x03\x00"]
        check.true(len(secret) > 60, f"{len(secret)} secret commands")
        trace = next(bench.folder.glob("*made.trace")).read_text(encoding="utf-8")
        texts = [made.output.encode(), made.error.encode(), trace.encode()]
        texts += [path.read_bytes() for path in site.data.rglob("*") if path.is_file()]
        for text in texts:
            check.true(PIN.encode() not in text, "the PIN stands there")
            for data in secret:
                for piece in {data.hex(), data.hex().upper()}:
                    check.true(piece.encode() not in text, f"a command's data of {len(data)} bytes stands there")
        check.true("‹secret›" in trace and trace.startswith("sscard-trace 1\n"), "the trace has no secrets to mask")
        for path in bench.folder.glob("*made.trace"):
            check.equal(path.stat().st_mode & 0o077, 0, "others may read the trace")
            path.unlink()


def dumped(bench, checks, profile, site):
    """Both forms of a dump."""
    files = []
    for name, more in (("card-dump", ()), ("card-hex-dump", ("--hex",))):
        with checks.check(f"{profile}: {name} fits its published schema") as check:
            result = site.run("card", "dump", "--json", "--pin", "fd:PIN", *more, pin=PIN)
            check.exits(result, 0)
            schema = json.loads((ROOT / f"CardLayouts/schemas/{name}.schema.json").read_text(encoding="utf-8"))
            jsonschema.Draft202012Validator.check_schema(schema)
            faults = [fault.message for fault in jsonschema.Draft202012Validator(schema).iter_errors(result.json)]
            check.equal(faults, [])
            wrong = {"SSSE": {"EF05": {"cardClass": 3}}, "format": 1}
            check.true(not jsonschema.Draft202012Validator(schema).is_valid(wrong), "the schema takes anything")
            files.append(bench.write(f"{name}.json", result.output))
    return files


def shut(checks, profile, site):
    """The table of a dump."""
    with checks.check(f"{profile}: the table of a dump names the files that stayed closed, as its bytes do") as check:
        text = site.run("card", "dump", "--without-keys").output
        files = site.run("card", "dump", "--without-keys", "--hex", "--json").json["files"]
        closed = {f"{directory}/{name}" for directory, held in files.items() for name, file in held.items()
                  if file.get("state") == "not-open"}
        check.true(len(closed) > 15, f"{len(closed)} files")
        check.equal(set(re.findall(r"^(\w+/\w+)  .*未打开 not open$", text, re.MULTILINE)), closed)


def compared(bench, checks, profile, site, layout, dumps):
    """Card, record and dumps."""
    with checks.check(f"{profile}: the card is what its row asks for, and both dumps say so") as check:
        people = ("--layout", layout, "--people", "Fixtures/people.csv", "--row")
        result = site.run("card", "diff", *people, 1, "--pin", "fd:PIN", "--json", pin=PIN)
        check.exits(result, 0)
        check.equal((result.json["same"], result.json["notCompared"]), (True, []))
        for path in dumps:
            check.exits(site.run("card", "diff", "--dump", path), 0)
        check.exits(site.run("card", "diff", "--dump", dumps[0], "--dump", dumps[1]), 0)
    with checks.check(f"{profile}: another row differs in what the rows differ in") as check:
        result = site.run("card", "diff", *people, 2, "--json")
        check.exits(result, 1)
        rows = bench.people[:2]
        wanted = {name for name in ("citizenNumber", "name", "sex", "ethnicGroup", "birthPlace", "birthDate") if rows[0][name] != rows[1][name]}
        found = {row["element"] for row in result.json["differences"] if row["file"] == "EF06"}
        check.equal(found, wanted)
        check.true(all(row["title"] for row in result.json["differences"]), "a difference has no Chinese title")
    with checks.check(f"{profile}: where nobody's identity was compared nothing is called the same") as check:
        closed = layout == LAYOUT_3
        result = site.run("card", "diff", *people, 1, "--without-keys", "--json")
        check.exits(result, 3 if closed else 0)
        check.equal(result.json["verdict"], "unknown" if closed else "same")
        result = site.run("card", "diff", "--layout", layout, "--dump", bench.write("empty.json", "{}"), "--json")
        check.exits(result, 3)
        check.equal((result.json["verdict"], result.json["same"], result.json["files"]), ("unknown", False, 0))
    with checks.check(f"{profile}: what is no dump is refused") as check:
        result = site.run("card", "diff", "--dump", bench.write("no.json", '{"SSSE": {"EF05": 1}}'))
        check.exits(result, 2)
        check.equal(result.codes, ["card-dump.form"])


def verified(checks, profile, site, layout):
    """The layout's rules on the card."""
    with checks.check(f"{profile}: every rule of the layout is kept, and write rules are not probed") as check:
        result = site.run(
            "card", "verify", "--layout", layout, "--keys", "Keys/development", "--pin", "fd:PIN", "--json", pin=PIN)
        check.exits(result, 0)
        check.equal(result.json["violated"], 0)
        left = {row["reasons"][0]["code"] for row in result.json["findings"] if row["verdict"] == "not-probed"}
        check.equal(left, {"would-write", "never-written"})
    with checks.check(f"{profile}: without a key store no key is presented") as check:
        result = site.run("card", "verify", "--layout", layout, "--json")
        check.exits(result, 0)
        check.equal(result.json["findings"][0]["reasons"][0]["code"], "no-keys")
    with checks.check(f"{profile}: 2.0 and 3.0 cannot become each other, and nothing is sent that changes the card") as check:
        other = LAYOUT if layout == LAYOUT_3 else LAYOUT_3
        result = site.run("card", "migrate", "--to", other, "--json")
        check.exits(result, 1)
        check.true("migrate.other-chip" in result.codes, f"{result.codes}")
        check.equal([row["code"] for row in result.json["obstacles"]], result.codes)


def probed(checks, profile, site, layout, card, wire):
    """Write rules, by writes that the card must refuse."""
    with checks.check(f"{profile}: with --write-rules what was read is sent back without a key, refused each time, and the card is as before") as check:
        before, count = card.bytes, len(wire.commands)
        result = site.run(
            "card", "verify", "--layout", layout, "--keys", "Keys/development", "--pin", "fd:PIN", "--write-rules", "--json", pin=PIN)
        check.exits(result, 0)
        rows = [row for row in result.json["findings"] if row["rule"] == "write"]
        kept = [row for row in rows if row["verdict"] == "ok"]
        written = [command for command in wire.commands[count:] if command[1] in (0xDC, 0xD6)]
        check.true(len(kept) > 20, f"{len(kept)} rules")
        check.equal(len(written), len(kept))
        check.true(all(command[0] == 0x00 for command in written), "a protected write")
        rings = {row["reasons"][0]["code"] for row in rows if (row["directory"], row["file"]) == ("DF02", "EF07")}
        check.equal(rings, {"would-append"})
        check.equal(card.bytes, before)
        check.true("--write-rules" not in result.error, "it says that they were not probed")
    with checks.check(f"{profile}: without the option it says that write rules were not probed") as check:
        result = site.run("card", "verify", "--layout", layout)
        check.holds(result.error, "Write rules were not probed", "--write-rules")


def unchanged(bench, checks, profile, site, layout, card, wire):
    """An update to what the card holds already."""
    element = "DF01/EF08/maritalStatus"
    with checks.check(f"{profile}: card update writes one element with its update key, and reads it back") as check:
        count = len(wire.commands)
        result = site.run("card", "update", element, "--value", "2", "--json")
        check.exits(result, 0)
        check.equal((result.json["changed"], result.json["records"], result.json["readBack"]), (True, 1, True))
        written = [command[3] for command in wire.commands[count:] if command[1] == 0x82]
        check.equal(len(set(written)), 2, "the read key and the update key")
    with checks.check(f"{profile}: card update of what the card holds sends no write and presents no update key") as check:
        before, count = card.bytes, len(wire.commands)
        result = site.run("card", "update", element, "--value", "2", "--json")
        check.exits(result, 0)
        check.equal((result.json["changed"], result.json["records"], result.json["readBack"]), (False, 0, True))
        sent = wire.commands[count:]
        check.equal([command.hex() for command in changing(sent)], [])
        check.equal([command[3] for command in sent if command[1] == 0x82], written[:1], "keys")
        check.equal(card.bytes, before)
    with checks.check(f"{profile}: what is kept on the record of issue or holder is not rewritten on the chip alone") as check:
        before, count = card.bytes, len(wire.commands)
        for name, value, code in (
                ("EF05/identificationCode", "00" * 16, "card.update-issue"), ("EF05/cardNumber", "D00000005", "card.update-issue"),
                ("EF05/expiryDate", "20991231", "card.update-issue"), ("EF06/citizenNumber", bench.people[1]["citizenNumber"], "card.update-issue"),
                ("EF06/sex", "2", "card.update-holder"), ("EF06/birthDate", "19900101", "card.update-holder"),
                ("EF06/name", "李四", "card.update-holder"), ("EF06/ethnicGroup", "15", "card.update-holder")):
            result = site.run("card", "update", f"SSSE/{name}", "--value", value)
            check.exits(result, 1)
            check.equal(result.codes, [code], name)
            check.holds(result.error, "资料变更" if code == "card.update-holder" else "--replaces")
        check.equal(([command.hex() for command in wire.commands[count:] if command[1] == 0x82], card.bytes), ([], before))
    with checks.check(f"{profile}: card migrate to the card's own layout writes nothing") as check:
        count = len(wire.commands)
        result = site.run("card", "migrate", "--layout", layout, "--to", layout, "--pin", "fd:PIN", pin=PIN)
        check.exits(result, 0)
        check.holds(result.output, "nothing written")
        check.equal([command.hex() for command in changing(wire.commands[count:])], [])


def shell(bench, checks, profile, site, layout, made):
    """A session by script; hands back its trace."""
    trace = bench.path("session.trace")
    closed = layout == LAYOUT_3
    # by other line ends too, as another system's editor leaves them
    script = bench.write("session.txt", "\r\n".join([
        "# a session", "cd SSSE", "apdu 00B2072C0B = 6982" if closed else "read EF05 7", "apdu 00B0870001 = 6982", "apdu 0084000004 = 9xxx",
        "cd DF01", "apdu 00B2014405 = 6982", "verify", "read EF08 1", "cd ..", "ls", "exit", "no such command",
    ]))
    number = made.json[0]["cardNumber"].encode()
    with checks.check(f"{profile}: a script of the shell gets what the card has for it, before and after the PIN") as check:
        result = site.run(
            "card", "shell", "--script", script, "--pin", "fd:PIN", "--trace-to", trace, "--trace-personal-data", pin=PIN)
        check.exits(result, 0)
        answers = re.findall(r"^(?:([0-9A-F]+) )?([0-9A-F]{4})$", result.output, re.M)
        first = ("", "6982") if closed else ((b"\x07\x09" + number).hex().upper(), "9000")
        check.equal(answers[:2], [first, ("", "6982")])
        check.equal((len(answers[2][0]), answers[2][1]), (8, "9000"))
        check.equal(answers[3:], [("", "6982"), ("", "9000"), ("2B0100", "9000")])
        check.true("DF01/" in result.output and "公共应用" in result.output, "ls shows no directory")
    with checks.check(f"{profile}: a script stops at its first mistake and names the line") as check:
        result = site.run("card", "shell", "--script", bench.write("wrong.txt", "cd SSSE\nread EF99\nls\n"))
        check.exits(result, 2)
        check.equal(result.codes, ["shell.no-such-name"])
        check.true("wrong.txt:2:1" in result.error and "DF01" not in result.output, result.error)
        result = site.run("card", "shell", "--script", bench.write("root.txt", "read EF05\n"))
        check.exits(result, 2)
        check.equal(result.codes, ["shell.no-file-here"])
        check.holds(result.error, "cd", "SSSE")
    with checks.check(f"{profile}: a script stops where the card refuses, or answers otherwise than it was to") as check:
        for line, code, fault in (
                ("read EF07", 3, "shell.right-missing"), ("select 0099", 3, "shell.refused"), ("apdu 0084000004 = 6982", 1, "shell.other-status-word"),
                ("apdu 0084000004 = 90", 2, "shell.usage")):
            result = site.run("card", "shell", "--script", bench.write("refused.txt", f"cd SSSE\n{line}\nls\n"))
            check.exits(result, code)
            check.equal(result.codes, [fault])
            check.true("refused.txt:2:1" in result.error and "DF01" not in result.output, result.error)
    with checks.check(f"{profile}: a run that is killed leaves the trace of what passed") as check:
        killed = bench.path("killed.trace")
        shell = site.start("card", "shell", "--trace-to", killed, stdin=subprocess.PIPE)
        shell.stdin.write(b"apdu 0084000004\n")
        shell.stdin.flush()
        line = next((text for text in shell.stdout if re.search(rb"[0-9A-F]{8} 9000", text)), None)
        shell.kill()
        shell.communicate()
        check.true(line is not None, "no challenge")
        lines = killed.read_text(encoding="utf-8").splitlines()
        check.equal(lines[0], "sscard-trace 1")
        check.true(any("  00840000 le 4  < " in text for text in lines[3:]), f"{lines}")
    with checks.check(f"{profile}: numbers that no file has are refused, however large") as check:
        for words in ("EF08 -9223372036854775808", "EF08 9223372036854775807 1", "EF08 0 -9223372036854775808", "EF05 -9223372036854775808"):
            result = site.run("card", "shell", "--script", bench.write("far.txt", f"cd SSSE\nread {words}\n"))
            check.exits(result, 2)
            check.equal(result.codes, ["shell.no-such-name"])
    with checks.check(f"{profile}: a trace that cannot be written is told before the card is asked") as check:
        result = site.run("card", "read", "--trace-to", bench.path("nowhere") / "a.trace")
        check.exits(result, 5)
        check.equal(result.codes, ["trace.not-writable"])
        check.equal(result.output, "")
    return trace


def replayed(checks, profile, site, trace):
    """The same session without a card in any reader."""
    with checks.check(f"{profile}: the recorded session is played without a card") as check:
        script = trace.parent / "played.txt"
        script.write_text("cd SSSE\ncd DF01\nread EF08 1\n", encoding="utf-8")
        script.write_text("cd SSSE\ncd DF01\n", encoding="utf-8")
        for keys in ((), ("--without-keys",)):
            result = site.run("card", "shell", "--replay", trace, "--script", script, *keys)
            check.exits(result, 0)
            check.holds(result.output, "cd DF01")
    with checks.check(f"{profile}: a card is not compared with itself where another reader is named") as check:
        result = site.run("card", "diff", "--replay", trace, "--other-reader", "no such reader")
        check.true(result.code not in (0, 1), f"{result.code} {result.error}")
    with checks.check(f"{profile}: a trace with other line ends is the same trace") as check:
        other = trace.parent / "crlf.trace"
        other.write_bytes(trace.read_bytes().replace(b"\n", b"\r\n"))
        result = site.run("card", "shell", "--replay", other, "--script", script)
        check.exits(result, 0)
    with checks.check(f"{profile}: keys are not presented to a recorded card, which cannot answer new challenges") as check:
        result = site.run("card", "verify", "--replay", trace, "--keys", "Keys/development")
        check.exits(result, 2)
        check.equal(result.codes, ["card-verify.keys-with-replay"])
        result = site.run("card", "verify", "--replay", trace)
        check.exits(result, 2)
        check.equal(result.codes[0], "card-verify.replay-with-keys")
    with checks.check(f"{profile}: of a file with several cards each can be played") as check:
        both = trace.parent / "both.trace"
        both.write_text(trace.read_text(encoding="utf-8") * 2, encoding="utf-8")
        result = site.run("card", "shell", "--replay", both, "--replay-card", 2, "--script", script)
        check.exits(result, 0)
        for number in (3, 0, -9223372036854775808):
            result = site.run("card", "shell", "--replay", both, f"--replay-card={number}", "--script", script)
            check.exits(result, 2)
            check.equal(result.codes, ["trace.no-such-card"])
    with checks.check(f"{profile}: a damaged trace is told with line and column") as check:
        damaged = trace.parent / "damaged.trace"
        damaged.write_text(trace.read_text(encoding="utf-8").replace(" s  ", " t  ", 1), encoding="utf-8")
        result = site.run("card", "read", "--replay", damaged)
        check.exits(result, 2)
        check.equal(result.codes, ["trace.malformed"])
        check.true("damaged.trace:4:11" in result.error, result.error)


def by_scriptor(bench, checks, profile, layout, made, selected=ANNOUNCED):
    """Plain commands by scriptor, from pcsc-tools."""
    closed = layout == LAYOUT_3
    number = made.json[0]["cardNumber"].encode()
    session = [
        (bytes([0x00, 0xA4, 0x04, 0x00, len(ENVIRONMENT)]) + ENVIRONMENT, selected),
        ("00B2032C06", re.escape((b"\x03\x04" + (b"3.00" if closed else b"2.00")).hex().upper().encode()) + b"9000"),
        ("00B2072C0B", b"6982" if closed else (b"\x07\x09" + number).hex().upper().encode() + b"9000"),
        ("00B0870001", b"6982"),
        ("00A4000002DF01", b"9000"),
        ("00B2014403", b"6982"),
        ("00A4000002DF0F", b"6A82"),
    ]
    lines = ["reset"] + [command if isinstance(command, str) else command.hex() for command, _ in session]
    script = bench.write("session.scriptor", "\n".join(lines) + "\n")
    with checks.check(f"{profile}: scriptor gets the expected answers") as check:
        done = subprocess.run(
            ["scriptor", "-r", reader(), str(script)], capture_output=True, text=True, timeout=PATIENCE, check=False,
            stdin=subprocess.DEVNULL)
        # An answer goes over several lines and ends with its meaning behind a colon.
        answers = [re.sub(r"[^0-9A-F]", "", text).encode() for text in re.findall(r"< ((?:[0-9A-F]{2}\s+)+):", done.stdout)]
        answers = answers[-len(session):]
        check.equal(len(answers), len(session), done.stdout + done.stderr)
        for (command, expected), answer in zip(session, answers):
            check.true(re.fullmatch(expected, answer), f"{command}: {answer}, expected {expected}")


def by_explorer(checks, profile):
    """Files and commands by opensc-explorer."""
    with checks.check(f"{profile}: opensc-explorer sends the commands and shows what it gets") as check:
        select = "00 A4 04 00 0F " + ENVIRONMENT.hex(" ")
        done = subprocess.run(
            ["opensc-explorer", "-c", "default", "-r", "0", "-"], capture_output=True, text=True, errors="replace",
            timeout=PATIENCE, check=False, input=f"apdu {select}\napdu 00 B2 03 2C 06\napdu 00 B0 87 00 01\nquit\n")
        text = done.stdout + done.stderr
        statuses = re.findall(r"SW1=0x([0-9A-F]{2}), SW2=0x([0-9A-F]{2})", text)
        check.equal([a + b for a, b in statuses], ["9000", "9000", "6982"], text)
        check.true("2.00" in text or "3.00" in text, "the version is not shown")


def reader():
    """The name of the first reader, as scriptor wants it."""
    listed = subprocess.run(["opensc-tool", "-l"], capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
    found = re.search(r"^0\s+Yes\s+(.*?)\s*$", listed, re.M)
    return found.group(1) if found else ""
