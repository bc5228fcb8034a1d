"""The office: applications, stock, leases, corrections, and a city's signed policy."""

import subprocess

from .refusals import told

SECOND = ("--second", "2001")
BLANKS = ["00904653318649990100000001", "00904653318649990100000002", "00904653318649990100000003"]


def run(bench, checks):
    """All checks of this section."""
    applications(bench, checks)
    joined(bench, checks)
    stock(bench, checks)
    owned(bench, checks)
    limits(bench, checks)
    conflicts(bench, checks)
    leases(bench, checks)
    corrections(bench, checks)
    policies(bench, checks)


def applications(bench, checks):
    """An application from handing in to its approval."""
    site = bench.site()
    people = bench.people_file(bench.people[0])
    submit = ("application", "submit", "--layout", "national-2.0", "--people", people, "--row", "1")
    with checks.check("an application of somebody who is not registered is refused") as check:
        told(check, site.run(*submit, "--proof", "identity-document"), 1, ["registry.person-unknown"])
    site.run("registry", "import", people)
    with checks.check("an application wants the identity document, and is then listed as submitted") as check:
        told(check, site.run(*submit), 1, ["lifecycle.proof-missing"])
        handed = site.run(*submit, "--proof", "identity-document", "--json")
        check.exits(handed, 0)
        listed = site.run("application", "list", "--json").json
        check.equal(listed, handed.json)
        check.equal(listed[0]["state"], "submitted")
    name = site.run("application", "list", "--json").json[0]["application"]
    with checks.check("who entered an application does not approve it, and it is approved once") as check:
        approve = ("application", "approve", name)
        told(check, site.run(*approve, "--officer", "1001"), 1, ["lifecycle.approves-own"])
        told(check, site.run(*approve, "--officer", "2001", "--role", "teller"), 1, ["lifecycle.role-not-allowed"])
        check.exits(site.run(*approve, "--officer", "2001"), 0)
        told(check, site.run(*approve, "--officer", "2001"), 1, ["lifecycle.application-state"])
    with checks.check("nobody applies for the same thing twice, and the row is named") as check:
        result = site.run(*submit, "--proof", "identity-document")
        told(check, result, 1, ["lifecycle.application-open"])
        check.holds(result.error, name, f"{people}:2")
        check.equal(len(site.run("application", "list", "--state", "approved", "--json").json), 1)
    with checks.check("names that are none are refused") as check:
        told(check, site.run("application", "approve", "seven"), 2, ["tool.event-name"])
        told(check, site.run("application", "approve", "1/9999"), 2, ["registry.application-unknown"])


def joined(bench, checks):
    """An application goes with the card that is made for it."""
    site = bench.site()
    people = bench.people_file(bench.people[0])
    site.run("registry", "import", people)
    submit = ("application", "submit", "--layout", "national-2.0", "--people", people, "--row", "1", "--proof", "identity-document")
    name = site.run(*submit, "--json").json[0]["application"]
    site.run("application", "approve", name, "--officer", "2001")

    def application(state):
        return [row for row in site.run("application", "list", "--state", state, "--json").json if row["application"] == name]

    with checks.check("a card that is made for somebody who has applied makes the application ready, and names the card in it") as check:
        with bench.blank().inserted():
            made = site.make(people)
        check.exits(made, 0)
        ready = application("ready")
        check.equal([row["card"] for row in ready], [made.json[0]["identificationCode"]])
    with checks.check("it is collected with the hand-over, and whoever has a card applies for no first one") as check:
        check.exits(site.act("hand-over", made.json[0]["cardNumber"], "--proof", "identity-document", "--proof", "signature"), 0)
        check.equal(len(application("collected")), 1)
        told(check, site.run(*submit), 1, ["lifecycle.person-has-card"])
        check.exits(site.run("registry", "rebuild"), 0)
        check.exits(site.run("registry", "verify"), 0)


def owned(bench, checks):
    """Where the stock book is kept, nobody acts on what is another's in it."""
    site = bench.site("version: owners-test\nstock-book: true\n")
    people = bench.people_file(bench.people[0])
    receive = ("stock", "receive", "--readers", "--officer", "3001", "--proof", "paper")
    give = ("stock", "hand-over", "--readers", "--officer", "3001", "--second", "1002", "--second-role", "personalizer")
    collect = ("--proof", "identity-document", "--proof", "signature")
    with bench.blank().inserted():
        with checks.check("no card is made of somebody else's blank: it is told whose it is, and the blank stays one") as check:
            check.exits(site.run(*receive), 0)
            result = site.make(people, more=("--officer", "1002"))
            told(check, result, 1, ["stock.piece-of-another"])
            check.holds(result.error, "3001", "1002")
            check.equal(site.counts()["cards"], {})
            check.exits(site.run(*give), 0)
            made = site.make(people, more=("--officer", "1002"))
            check.exits(made, 0)
        with checks.check("what is in the book as a card is not received as a blank or a security module") as check:
            for kind in ("blank", "finished"):
                told(check, site.run(*receive, "--kind", kind), 1, ["stock.piece-in-book"])
            told(check, site.run(*receive, "--kind", "psam"), 2, ["stock.serial-length"])
        number = made.json[0]["cardNumber"]
        with checks.check("nobody hands over a card that is another's in the book") as check:
            told(check, site.act("hand-over", number, *collect, "--officer", "1001"), 1, ["stock.piece-of-another"])
            check.exits(site.run("stock", "hand-over", "--readers", "--kind", "finished", "--officer", "1002", "--role",
                                 "personalizer", "--second", "1001", "--second-role", "teller"), 0)
            check.exits(site.act("hand-over", number, *collect, "--officer", "1001"), 0)
            check.equal(site.run("stock", "show", "--json").json, [])
        with checks.check("a card in its holder's hands comes in as nothing but by its recovery, into the book of who takes it") as check:
            for kind in ("blank", "finished", "spoiled"):
                told(check, site.run(*receive, "--kind", kind), 1, ["stock.piece-is-card"])
            check.exits(site.act("recover", number, "--reason", "handedIn", "--proof", "paper", "--officer", "1001"), 0)
            counts = site.run("stock", "show", "--json").json
            check.equal([(count["owner"], count["kind"], count["count"]) for count in counts], [(1001, "finished", 1)])
    with checks.check("and all of it is the same after a rebuild") as check:
        check.exits(site.run("registry", "rebuild"), 0)
        check.equal(site.run("stock", "show", "--json").json, counts)
        check.exits(site.run("registry", "verify"), 0)


def stock(bench, checks):
    """Blanks come in, go over, and the day closes only when it adds up."""
    site = bench.site()
    keeper = ("--officer", "3001")
    over = ("stock", "hand-over", *keeper, "--second", "1002", "--second-role", "personalizer")
    with checks.check("blanks are received once, with a paper") as check:
        serials = [word for blank in BLANKS for word in ("--serial", blank)]
        told(check, site.run("stock", "receive", *serials, *keeper), 1, ["lifecycle.proof-missing"])
        check.exits(site.run("stock", "receive", *serials, *keeper, "--proof", "paper"), 0)
        told(check, site.run("stock", "receive", "--serial", BLANKS[0], *keeper, "--proof", "paper"), 1,
             ["stock.piece-in-book"])
        told(check, site.run("stock", "receive", *keeper, "--proof", "paper"), 2, ["tool.chip-serials"])
    with checks.check("a hand-over is signed by both sides and gives only what the giver has") as check:
        told(check, site.run("stock", "hand-over", "--serial", BLANKS[0], *keeper), 1,
             ["lifecycle.second-person-missing"])
        check.exits(site.run(*over, "--serial", BLANKS[0], "--serial", BLANKS[1]), 0)
        told(check, site.run(*over, "--serial", BLANKS[0]), 1, ["stock.piece-not-owned"])
        counts = site.run("stock", "show", "--json").json
        check.equal([(count["owner"], count["count"]) for count in counts], [(1002, 2), (3001, 1)])
    close = ("stock", "close-day", "--officer", "1002", "--role", "personalizer", *SECOND)
    with checks.check("a day closes only when what was read is what the book says") as check:
        told(check, site.run(*close, "--blank", BLANKS[0]), 1, ["stock.piece-not-read"])
        told(check, site.run(*close, "--blank", BLANKS[0], "--blank", BLANKS[1], "--blank", BLANKS[2]), 1,
             ["stock.piece-not-owned"])
        both = ("--blank", BLANKS[0], "--blank", BLANKS[1])
        told(check, site.run(*close, *both), 1, ["stock.typed-without-reason"])
        check.exits(site.run(*close, *both, "--proof", "paper", "--json"), 0)
    with checks.check("where the policy says so, what was typed closes no day") as check:
        strict = bench.site("version: strict-test\ntyped-pieces: refused\n")
        strict.run("stock", "receive", "--serial", BLANKS[0], *keeper, "--proof", "paper")
        told(check, strict.run("stock", "close-day", *keeper, *SECOND, "--blank", BLANKS[0], "--proof", "paper"), 1,
             ["stock.piece-typed"])
    with checks.check("the views are the same after a rebuild, and the log is whole") as check:
        check.exits(site.run("registry", "rebuild"), 0)
        check.exits(site.run("registry", "verify"), 0)
        check.equal(site.run("stock", "show", "--owner", "3001", "--json").json, {"blank": [BLANKS[2].upper()]})


def limits(bench, checks):
    """What a city's policy says in numbers is held."""
    people = bench.people_file(bench.people[0])
    with checks.check("a card whose PIN locks after other tries than the policy's is not made") as check:
        site = bench.site("version: tries-test\npin-tries: 5\n")
        with bench.blank().inserted():
            result = site.make(people)
            told(check, result, 2, ["policy.pin-tries"])
            check.holds(result.error, "5", "6")
            check.equal(site.run("card", "state", "--json").json["state"], "blank")
    with checks.check("nobody ends a card as unclaimed that was issued today") as check:
        site = bench.site()
        with bench.blank().inserted():
            number = site.make(people).json[0]["cardNumber"]
        unclaimed = ("--officer", "3001", *SECOND)
        told(check, site.act("end-unclaimed", number, *unclaimed), 1, ["lifecycle.not-yet-unclaimed"])
    with checks.check("a counter that has a lease makes cards with its numbers, and no more than it says") as check:
        site = bench.site("version: lease-test\nlease: {register-hours: 24, cards-per-day: 1, cards: 2}\n")
        upper = ("--officer", "9001", "--second", "9002", "--second-role", "upper-tier")
        check.exits(site.run("lease", "grant", "--to", "1", "--first", "1000", "--last", "1009", *upper), 0)
        with bench.blank().inserted():
            made = site.make(people)
            check.exits(made, 0)
            check.true(made.json[0]["cardNumber"].startswith("D0001000"), made.json[0]["cardNumber"])
        with bench.blank().inserted():
            told(check, site.make(bench.people_file(bench.people[1])), 1, ["lease.day-used-up"])
            check.equal(site.run("card", "state", "--json").json["state"], "blank")


def conflicts(bench, checks):
    """What is ruled where acts crossed, printed from the code."""
    site = bench.site()
    with checks.check("the table of conflicts has every pair in both orders, and says what the specification says") as check:
        rows = site.run("lifecycle", "table", "--conflicts", "--json").json
        check.equal(len({(row["first"], row["second"]) for row in rows}), 14 * 14)
        found = {(row["first"], row["second"]): row for row in rows}
        check.equal(found["release", "formal-loss"]["card"]["state"], "loss")
        crossed = found["replace-lost", "formal-loss-of-person"]
        check.equal((crossed["card"]["end"], [card["state"] for card in crossed["newCards"]]), ("replaced", ["hold"]))
        twice = found["replace-lost", "replace-lost"]
        check.equal([card.get("end") for card in twice["newCards"]], [None, "duplicate"])
        text = site.run("lifecycle", "table").output
        check.holds(text, "personalize", "正式挂失（指人）", "重复补换")
    with checks.check("the table says of each act on the chip whether the program does it or tells it") as check:
        rows = {row["act"]: row for row in site.run("lifecycle", "table", "--json").json}
        done = {act for act, row in rows.items() if row.get("chipDone")}
        check.equal(done, {"personalize", "spoil", "renew", "end-chip", "destroy", "change-data", "migrate", "change-pin", "reset-pin", "unblock-pin",
                           "release-pin-lock"})
        check.true(all(("chip" in row) == ("chipDone" in row) for row in rows.values()), "an act on the chip without a word")
        check.holds(text, "set-in-use（提示 told）")


def leases(bench, checks):
    """What a counter may make while it is cut off."""
    site = bench.site()
    upper = ("--officer", "9001", "--second", "9002", "--second-role", "upper-tier")
    grant = ("lease", "grant", "--to", "7", "--first", "1000")
    with checks.check("a lease is granted by the upper tier alone, as large as the policy says, and ends once") as check:
        told(check, site.run(*grant, "--last", "1199", "--role", "teller", *SECOND), 1, ["lifecycle.role-not-allowed"])
        told(check, site.run(*grant, "--last", "1001", *upper), 2, ["tool.lease-too-small"])
        granted = site.run(*grant, "--last", "1199", *upper, "--json")
        check.exits(granted, 0)
        check.equal([granted.json[0][key] for key in ("counter", "numbers", "cards")], [7, "D1000-1199", 200])
        name = granted.json[0]["lease"]
        check.exits(site.run("lease", "return", name, "--officer", "9001"), 0)
        told(check, site.run("lease", "return", name, "--officer", "9001"), 2, ["registry.lease-unknown"])
        check.equal(site.run("lease", "list", "--json").json, [])


def corrections(bench, checks):
    """An act that was entered in error is undone by an act."""
    site = bench.site()
    with bench.blank().inserted():
        number = site.make(bench.people_file(bench.people[0])).json[0]["cardNumber"]
    loss = site.act("formal-loss", number, "--proof", "identity-document").json["event"]
    correct = ("--event", loss, "--reason", "wrongCard", "--officer", "2001", "--proof", "paper")
    with checks.check("a correction takes two supervisors and undoes the named act once") as check:
        told(check, site.act("correct", number, *correct), 1, ["lifecycle.second-person-missing"])
        result = site.act("correct", number, *correct, "--second", "2002")
        check.exits(result, 0)
        check.equal(result.json["state"], "sealed")
        told(check, site.act("correct", number, *correct, "--second", "2002"), 2, ["registry.event-unknown"])
    with checks.check("what a card hangs on is not corrected") as check:
        made = site.run("registry", "log", "--card", number, "--json").json[0]
        name = loss.partition("/")[0] + f"/{made['sequence']}"
        told(check, site.act("correct", number, "--event", name, "--reason", "wrongAct", "--officer", "2001", "--proof",
                             "paper", "--second", "2002"), 1, ["lifecycle.not-correctable"])


def policies(bench, checks):
    """A city's policy is signed with SM2; openssl makes the keys."""
    site = bench.site()
    folder = bench.folder / "policy"
    folder.mkdir()
    policy, key, public = folder / "city.yaml", folder / "city.key", folder / "city.pub"
    policy.write_text("version: city-2\nunclaimed-months: 6\n", encoding="utf-8")
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-outform", "DER", "-out",
                    key], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-inform", "DER", "-in", key, "-pubout", "-outform", "DER", "-out", public],
                   check=True, capture_output=True)
    verify = ("lifecycle", "policy", "verify", policy, "--key", public)
    with checks.check("a policy is signed with a key that its owner alone can read") as check:
        told(check, site.run(*verify), 2, ["policy.unsigned"])
        key.chmod(0o644)
        told(check, site.run("lifecycle", "policy", "sign", policy, "--key", key), 4, ["tool.key-file"])
        key.chmod(0o600)
        check.exits(site.run("lifecycle", "policy", "sign", policy, "--key", key), 0)
        check.exits(site.run(*verify, "--json"), 0)
    with checks.check("a policy that was changed after it was signed is refused") as check:
        policy.write_text("version: city-2\nunclaimed-months: 7\n", encoding="utf-8")
        told(check, site.run(*verify), 2, ["policy.signature-wrong"])
    with checks.check("no act is done by a production policy that is not signed, changed, or signed by another") as check:
        real = bench.site('version: real-1\nmode: production\narea: "310100"\n')
        check.exits(real.run("stock", "receive", "--serial", "00904653318649990100000002", "--proof", "paper", "--officer", "3001"), 0)
        check.exits(real.run("registry", "show"), 0)
        without = {"SSCARD_POLICY_KEY": ""}
        told(check, real.run("registry", "show", environment=without), 2, ["policy.city-key-missing"])
        told(check, real.run("registry", "show", "--policy-key", public), 2, ["policy.signature-wrong"])
        receive = ("stock", "receive", "--serial", "00904653318649990100000001", "--proof", "paper")
        told(check, real.run(*receive), 2, ["tool.officer-missing"])
        check.exits(real.run(*receive, "--officer", "3001"), 0)
        signature = real.policy.with_name(real.policy.name + ".sig")
        text = signature.read_text(encoding="ascii")
        signature.unlink()
        told(check, real.run("registry", "show"), 2, ["policy.unsigned"])
        signature.write_text(text, encoding="ascii")
        changed = real.policy.read_text(encoding="utf-8") + "pin-tries: 15\n"
        real.policy.write_text(changed, encoding="utf-8")
        told(check, real.run("registry", "show"), 2, ["policy.signature-wrong"])
    with checks.check("where the city's key is, a policy is not made harmless by another mode or by leaving it out") as check:
        real.policy.write_text(changed.replace("production", "development").replace("310100", "990101"), encoding="utf-8")
        told(check, real.run("registry", "show"), 2, ["policy.signature-wrong"])
        key_alone = {"SSCARD_POLICY": "", "SSCARD_POLICY_KEY": str(real.policy.with_suffix(".pub"))}
        told(check, bench.site().run("registry", "show", environment=key_alone), 2, ["policy.none-named"])
