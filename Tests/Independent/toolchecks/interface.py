"""Help, usage, JSON: what a new user and a script meet first."""

import re

from .bench import LAYOUT
from .refusals import told

COMMANDS = """
application; application approve; application ask-supplement; application list; application reject;
application submit; application supplement; application withdraw; issue; issue abandon; issue begin; issue continue;
issue list; issue put-aside; issue settle-fee; issue show; card; card append; card block; card diff; card dump; card migrate;
card personalize; card pin; card pin approval; card pin approval request;
card pin approval show; card pin approval sign; card pin change; card pin reset; card pin unblock; card plan; card plan-diff; card public-key;
card public-key make; card public-key request; card public-key show; card public-key sign; card public-key verify; card read;
card shell; card spoil; card state; card update; card verify; keys; keys audit; keys audit checkpoint;
keys audit rollover; keys audit show; keys audit start; keys audit verify; keys backup; keys block; keys block export;
keys block import; keys block show; keys ceremony;
keys ceremony commit; keys ceremony finish; keys ceremony open; keys ceremony status; keys check; keys custodian;
keys custodian new; keys custodian roster; keys custodian show; keys destroy; keys destroy cancel;
keys destroy execute; keys destroy request; keys destroy status; keys drill; keys hand-down; keys incident;
keys ledger; keys lineage; keys lint; keys list; keys policy; keys policy check; keys policy lint;
keys policy officer; keys policy sign; keys psam; keys psam load; keys psam make; keys psam show; keys receive;
keys recover; keys share-words; keys show; keys token; keys token init; keys token list; keys token load;
keys token probe; keys transcript; keys transcript verify; keys tree; keys vectors; layout; layout lint; layout list;
layout manual; layout schema; layout show; lease; lease grant; lease list; lease return; lifecycle; lifecycle arrive;
lifecycle cancel; lifecycle confirm-cancellation; lifecycle correct; lifecycle destroy; lifecycle dispatch; lifecycle duplicate;
lifecycle enable; lifecycle end-unclaimed; lifecycle formal-loss; lifecycle give-back; lifecycle hand-over;
lifecycle hold; lifecycle miss; lifecycle policy; lifecycle policy sign; lifecycle policy verify; lifecycle recover;
lifecycle release; lifecycle seen-blocked; lifecycle table; lifecycle temporary-loss; pharmacy; pharmacy check; readers; registry; registry backup;
registry import; registry log; registry rebuild; registry restore; registry show; registry verify; stock; stock close-day; stock destroy; stock factory-return;
stock hand-over; stock install; stock miss; stock receive; stock return; stock show; stock take-out; virtual-card; virtual-card image; virtual-card new;
virtual-card run
"""

# What prints no data, or data in a form of its own: a running card, a conversation, a page, a secret for paper.
WITHOUT_JSON = [
    ["virtual-card", "run"], ["card", "shell"], ["layout", "manual"], ["layout", "schema"], ["keys", "share-words"],
]

USAGE = [
    ("an unknown command", ["nonsense"], "usage.unknown-command"),
    ("an unknown subcommand", ["card", "nonsense"], "usage.unknown-command"),
    ("an unknown option", ["card", "read", "--nonsense"], "usage.unknown-option"),
    ("a missing option", ["card", "personalize", "--people", "Fixtures/people.csv", "--pin", "generate"],
     "usage.missing-argument"),
    ("a missing argument", ["registry", "import"], "usage.missing-argument"),
    ("an argument too many", ["card", "read", "739146"], "usage.unexpected-argument"),
    ("an option without its value", ["registry", "show", "--card"], "usage.missing-value"),
    ("a value that a flag does not take", ["registry", "show", "--json=1"], "usage.takes-no-value"),
    ("a number that is none", ["registry", "log", "--limit", "many"], "usage.wrong-value"),
    ("a PIN on the command line", ["card", "personalize", "--layout", LAYOUT, "--people", "Fixtures/people.csv",
                                   "--pin", "739146"], "usage.wrong-value"),
    ("options that exclude each other", ["card", "personalize", "--layout", LAYOUT, "--people", "Fixtures/people.csv",
                                         "--pin", "generate", "--all-readers", "--reader", "x"], "usage.refused"),
    ("a trace in the place of a card that is to be changed",
     ["card", "update", "DF01/EF08/maritalStatus", "--value", "2", "--replay", "x.trace"], "usage.refused"),
    ("a change without keys", ["card", "update", "DF01/EF08/maritalStatus", "--value", "2", "--without-keys"], "usage.refused"),
    ("a card of a trace without a trace", ["card", "read", "--replay-card", "2"], "usage.refused"),
    ("a reader and a trace", ["card", "read", "--replay", "x.trace", "--reader", "x"], "usage.refused"),
    ("a profile for a card that has one", ["virtual-card", "run", "--profile", "fmcos", "--state", "x.card"], "usage.refused"),
    ("a damaged journal without its chip", ["card", "spoil", "--layout", LAYOUT, "--damaged"], "usage.refused"),
]

# Commands that need no card, with the keys of their JSON.
DOCUMENTS = [
    (["readers"], {"name", "card", "samSlot"}),
    (["registry", "show"], {"events", "persons", "cards", "blanksUsed", "blanksSpoiled"}),
    (["registry", "verify"], {"good", "events", "signatures", "head"}),
    (["registry", "log"], None),
    (["card", "plan", "--layout", LAYOUT, "--people", "Fixtures/people.csv", "--row", "1"],
     {"layout", "profile", "commands", "minimumCommands", "resumingCommands", "bytes", "hash", "notices", "steps", "secondsAt9600",
      "secondsAt115200"}),
]


def run(bench, checks):
    """All checks of this section."""
    site = bench.site()
    commands = [command.split() for command in COMMANDS.replace("\n", " ").split(";")]
    with checks.check("--help ends with 0 everywhere and shows an example") as check:
        for command in [[], *commands]:
            result = site.run(*command, "--help")
            check.exits(result, 0)
            check.true(re.search(r"例 Examples?:\s+sscard", result.output), f"no example in {' '.join(command)} --help")
            check.true("USAGE" in result.output, f"no usage in {' '.join(command)} --help")
    with checks.check("the list of commands checked here is the tool's own") as check:
        found, groups = set(), [[]]
        while groups:
            group = groups.pop()
            listed = site.run(*group, "--help").output.partition("SUBCOMMANDS:")[2]
            for name in re.findall(r"^  ([a-z-]+)  ", listed, re.MULTILINE):
                found.add(" ".join([*group, name]))
                groups.append([*group, name])
        check.equal(sorted(found), sorted(" ".join(command) for command in commands))
    with checks.check("the tool without anything shows its commands") as check:
        result = site.run()
        check.exits(result, 0)
        check.holds(result.output, "SUBCOMMANDS")
    for name, arguments, code in USAGE:
        with checks.check(f"{name} is answered in both languages, with a code, the usage and 2") as check:
            result = site.run(*arguments)
            told(check, result, 2, [code])
            check.equal(result.codes, [code])
            check.holds(result.error, "Usage: sscard")
            check.true("739146" not in result.error, "what may be a PIN is repeated")
    site.shown()
    for arguments, keys in DOCUMENTS:
        with checks.check(f"{' '.join(arguments[:2])} --json is JSON with the documented keys") as check:
            result = site.run(*arguments, "--json")
            check.exits(result, 0)
            document = result.json
            if keys:
                document = document[0] if isinstance(document, list) else document
                check.true(keys <= set(document), f"missing: {sorted(keys - set(document))}")
    with checks.check("every command that prints something prints JSON when asked") as check:
        for command in commands:
            usage = site.run(*command, "--help").output
            is_group = "SUBCOMMANDS:" in usage
            if not is_group and command not in WITHOUT_JSON:
                check.true("--json" in usage, f"{' '.join(command)} has no --json")
    with checks.check("card plan prints one JSON document for a file of several people") as check:
        people = bench.people_file(*bench.people[:2])
        result = site.run("card", "plan", "--layout", LAYOUT, "--people", people, "--json")
        check.exits(result, 0)
        check.equal(len(result.json), 2)
    with checks.check("a plan is the same plan each time, another person's is another") as check:
        arguments = ["card", "plan", "--layout", LAYOUT, "--people", "Fixtures/people.csv", "--json", "--row"]
        first, again, other = (site.run(*arguments, row).json["hash"] for row in (1, 1, 2))
        check.equal(again, first)
        check.true(other != first, "two people have one plan")
    with checks.check("plans and their differences name each step in both languages, and to programs by its kind") as check:
        people = ["--layout", LAYOUT, "--people", "Fixtures/people.csv", "--row", "1"]
        plan = site.run("card", "plan", *people)
        check.exits(plan, 0)
        check.holds(plan.output, "选择目录 select the directory SSSE", "写入数据 write the data SSSE/EF06/name")
        difference = site.run("card", "plan-diff", *people, "--against-row", "2")
        check.exits(difference, 1)
        check.holds(difference.output, "写入数据 write the data SSSE/EF06/name")
        check.true("writeElement" not in plan.output + difference.output, "a kind's own name is shown to people")
        for command in (["plan", *people], ["plan-diff", *people, "--against-row", "2"]):
            rows = site.run("card", *command, "--json").json
            rows = rows["steps"] if "steps" in rows else rows["differences"]
            check.true("writeElement" in {row["purpose"] for row in rows}, f"{command[0]}: {rows[:1]}")
            check.true("title" not in rows[0], f"{command[0]}: {rows[0]}")
    with checks.check("a plan says for each step its bytes, its time at 9600 baud and which key fills it, and they add up") as check:
        plan = site.run("card", "plan", *people, "--json").json
        check.equal(sum(step["bytes"] for step in plan["steps"]), plan["bytes"])
        # every step is cut to a tenth of a millisecond; 0.6 s are the card's way into the reader
        apart = plan["secondsAt9600"] - 0.6 - sum(step["millisecondsAt9600"] for step in plan["steps"]) / 1000
        check.true(0 <= apart <= 0.0001 * len(plan["steps"]) + 0.001, f"{apart} s")
        # 2 ms, 12 bit times a byte, and the card's 37 ms for an authentication
        step = next(step for step in plan["steps"] if step["purpose"] == "authenticate")
        check.true(abs(2 + step["bytes"] * 12 / 9.6 + 37 - step["millisecondsAt9600"]) <= 0.11, f"{step}")
        check.true(step["slot"].split()[-1] in ("plain", "session"), step["slot"])
    with checks.check("planning changes nothing") as check:
        check.equal(site.shown()["events"], 0)
    with checks.check("a people file in GBK, or with a byte order mark and CRLF, is read as the same file in UTF-8") as check:
        text = bench.people_file(*bench.people[:1]).read_text(encoding="utf-8")
        files = [bench.write("a.csv", text), bench.write("b.csv", text, "gbk"), bench.write("c.csv", text, "utf-8-sig"),
                 bench.write("d.csv", text.replace("\r\n", "\n"))]
        hashes = []
        for file in files:
            result = site.run("card", "plan", "--layout", LAYOUT, "--people", file, "--row", 1, "--json")
            check.exits(result, 0)
            hashes.append(result.json["hash"])
        check.equal(hashes, [hashes[0]] * 4)
