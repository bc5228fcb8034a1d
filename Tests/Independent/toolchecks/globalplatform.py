"""Java cards with a security domain: made, torn, read, judged by the same commands as all others."""

from .bench import PIN, ROOT, opensc
from .refusals import told
from .till import ask
from .torn import cutting

PEOPLE = ROOT / "Fixtures/people.csv"
ENVIRONMENT = "7378312E73682EC9E7BBE1B1A3D5CF"  # "sx1.sh." and 社会保障 in GBK
PUBLISHED = bytes.fromhex("404142434445464748494A4B4C4D4E4F")
CARDS = [("national-2.0", "globalplatform"), ("national-2.0", "globalplatform-i55"), ("national-3.0", "globalplatform-scp03")]
EXTERNAL_AUTHENTICATE = 0x82
LOOKS = 8  # commands before the first of a plan: the domain, the code, and each application, to tell a blank


def run(bench, checks):
    """All checks of this section."""
    for layout, profile in CARDS:
        whole(bench, checks, layout, profile)
    cuts(bench, checks)
    wrong_settings(bench, checks)
    refused(bench, checks)
    images(bench, checks)


def whole(bench, checks, layout, profile):
    """A card's way from blank to the till."""
    name = f"{layout}@{profile}"
    site, card, row = bench.site(), bench.blank(profile), bench.people[0]
    with checks.check(f"{name}: the plan states each command and its own count, and what the card leaves open") as check:
        plan = site.run("card", "plan", "--layout", name, "--people", PEOPLE, "--row", "1", "--json")
        check.exits(plan, 0)
        check.equal(plan.json["commands"], len(plan.json["steps"]))
        check.equal(plan.json["notices"], ["globalplatform.left-open"])
        check.true(PUBLISHED.hex().upper() not in plan.output, "the published key stands in the plan")
    with checks.check(f"{name}: a blank holds the published key") as check:
        check.true(PUBLISHED in card.bytes, "not in the state file")
    with card.inserted() as wire:
        with checks.check(f"{name}: a blank is told as one") as check:
            check.equal(site.run("card", "state", "--json").json["state"], "blank")
        sent = len(wire.commands)
        with checks.check(f"{name}: the card is made with as many commands as planned") as check:
            made = site.make(PEOPLE, 1, layout=name)
            check.exits(made, 0)
            check.equal(made.json[0]["commands"], plan.json["commands"])
            check.equal(len(wire.commands) - sent, LOOKS + plan.json["commands"])
            check.holds(made.error, "SSSE/EF08", "the application's own affair")
        number, code = made.json[0]["cardNumber"], made.json[0]["identificationCode"]
        with checks.check(f"{name}: no published key is left on the card, and the PIN never stood on the wire in plain") as check:
            check.true(PUBLISHED not in card.bytes, "the published key is still in the state file")
            block = bytes([0x20 | len(PIN)]) + bytes.fromhex(PIN) + b"\xff" * (7 - len(PIN) // 2)
            check.true(not any(block in command for command in wire.commands), "the PIN block was sent in plain")
            check.true(block in card.bytes, "the card has not the PIN")
        with checks.check(f"{name}: read, dump and state tell the card without its layout being named") as check:
            read = site.run("card", "read", "--json")
            check.exits(read, 0)
            check.equal(read.json["SSSE"]["EF06"]["name"], row["name"])
            check.equal(read.json["SSSE"]["EF05"]["cardNumber"], number)
            check.exits(site.run("card", "dump", "--json"), 0)
            state = site.run("card", "state", "--json").json
            check.equal((state["state"], state["identificationCode"], state["isRegistered"]), ("issued", code, True))
        with checks.check(f"{name}: opensc-tool reads the same identification code") as check:
            answers = opensc(f"00A404000F{ENVIRONMENT}", "00B2012C12")
            check.equal(answers[1], (bytes.fromhex("0110" + code), "9000"))
        with checks.check(f"{name}: verify finds nothing violated, and says what nobody can ask") as check:
            report = site.run("card", "verify", "--layout", name, "--keys", ROOT / "Keys/development", "--json")
            check.exits(report, 0)
            check.equal(report.json["violated"], 0)
            genuine = [finding for finding in report.json["findings"] if finding["rule"] == "genuine"]
            check.equal(genuine[0]["verdict"], "ok")
            reasons = {reason["code"] for finding in report.json["findings"] for reason in finding["reasons"]}
            check.true("own-affair" in reasons, f"own-affair is not among {reasons}")
        sent = len(wire.commands)
        with checks.check(f"{name}: the till finds it genuine, in six commands and without authenticating") as check:
            site.hand_over(number)
            ask(check, site, 0, "normal", [])
            seen = wire.commands[sent:]
            check.equal(len(seen), 6)  # several versions share the kind, so the version is read
            check.equal([command.hex() for command in seen if command[1] == EXTERNAL_AUTHENTICATE], [])
        with checks.check(f"{name}: it is not made again, becomes no card of another kind, and has nothing to migrate") as check:
            told(check, site.make(PEOPLE, 1, layout=name), 3, ["personalization.already-issued"])
            migration = site.run("card", "migrate", "--layout", name, "--to", "national-3.0", "--plan-only")
            check.exits(migration, 1)
            check.true("migrate.other-chip" in migration.codes, f"{migration.codes}")
            same = site.run("card", "migrate", "--layout", name, "--to", name, "--json")
            check.exits(same, 0)
            check.equal((same.json["commands"], same.json["obstacles"]), (0, []))


def cuts(bench, checks):
    """The card is pulled before or after a command; the same command line finishes it."""
    name = "national-2.0@globalplatform"
    total = bench.site().run(
        "card", "plan", "--layout", name, "--people", PEOPLE, "--row", "1", "--json").json["commands"]
    for place, point in enumerate([2, 3, 5, 12, 40, 200, total - 6, total - 3, total - 2, total - 1, total]):
        lost = bool(place % 2)
        site, card = bench.site(), bench.blank("globalplatform")
        label = f"globalplatform: pulled at command {point} of {total}, {'after' if lost else 'before'} it was done"
        cut = {("after" if lost else "before"): cutting(LOOKS + point, lost)}
        with card.inserted(**cut):
            torn = site.make(PEOPLE, place + 1, layout=name)
        with checks.check(f"{label}: told with 3, and finished by the same command") as check:
            told(check, torn, 3, [])
            check.holds(torn.error, "[card.removed]")
            with card.inserted() as wire:
                again = site.make(PEOPLE, place + 1, layout=name)
                check.exits(again, 0)
                check.true(again.json[0]["resumed"], "not told as resumed")
                failed = [command.hex() for command, answer in zip(wire.commands, wire.answers)
                          if command[1] == EXTERNAL_AUTHENTICATE and answer != b"\x90\x00"]
                check.equal(failed, [], "authentications that failed")
                read = site.run("card", "read", "--json").json["SSSE"]
                check.equal(read["EF06"]["name"], bench.people[place]["name"])
                check.equal(read["EF05"]["cardNumber"], again.json[0]["cardNumber"])
            check.true(PUBLISHED not in card.bytes, "the published key is still in the state file")
            check.equal(site.counts()["blanksUsed"], 1)


def profiles(bench, text):
    """A home with a profile of its own, `globalplatform-own`."""
    home = bench.path("home")
    (home / "CardLayouts" / "profiles").mkdir(parents=True)
    for entry in (ROOT / "CardLayouts").iterdir():
        if entry.name != "profiles":
            (home / "CardLayouts" / entry.name).symlink_to(entry)
    for entry in (ROOT / "CardLayouts/profiles").iterdir():
        (home / "CardLayouts" / "profiles" / entry.name).symlink_to(entry)
    (home / "Keys").symlink_to(ROOT / "Keys")
    own = home / "CardLayouts" / "profiles" / "globalplatform-own.yaml"
    own.write_text(f"name: globalplatform-own\nextends: globalplatform\n{text}\n", encoding="utf-8")
    return home


def wrong_settings(bench, checks):
    """What the profile says of a card and the card is not: told with its cause, and nothing is authenticated."""
    cases = [
        ("the protocol", "secureChannel: {protocol: 03, parameter: 70, level: 33}\ndiversification: {issuer: counter}",
         "globalplatform.protocol-not-known", 3),
        ("the key set", "secureChannel: {keySet: issuer}", "globalplatform.key-version", 3),
        ("a key set that no hierarchy has", "secureChannel: {keySet: nobody}\ndiversification: {nobody: emv}",
         "globalplatform.unknown-key-set", 4),
    ]
    for what, text, cause, code in cases:
        site, card = bench.site(), bench.blank("globalplatform")
        home = profiles(bench, text)
        with card.inserted() as wire, checks.check(f"globalplatform: {what} is another than the card's: told, no try spent") as check:
            result = site.make(
                PEOPLE, 1, layout="national-2.0@globalplatform-own", more=("--home", home))
            check.exits(result, code)
            check.true(cause in result.codes, f"{cause} is not among {result.codes}")
            check.equal([command.hex() for command in wire.commands if command[1] == EXTERNAL_AUTHENTICATE], [])
            check.true(PUBLISHED.hex().upper() not in result.error, "a key stands in the message")
    site = bench.site()
    home = profiles(bench, "keyReplacement: {keySet: card-maker}")
    card = bench.blank("globalplatform")
    with card.inserted(), checks.check("globalplatform: published keys never become the final ones") as check:
        result = site.make(PEOPLE, 1, layout="national-2.0@globalplatform-own", more=("--home", home))
        check.exits(result, 4)
        check.true("globalplatform.published-keys" in result.codes, f"{result.codes}")
    with checks.check("globalplatform: the lint tells faults of a profile and what such a card leaves open") as check:
        lint = site.run("layout", "lint", "--profile", "globalplatform", "--json", ROOT / "CardLayouts/national-2.0.yaml")
        check.exits(lint, 0)
        codes = [notice["code"] for notice in lint.json["notices"]]
        check.true({"globalplatform.file-left-out", "globalplatform.rule-left-open"} <= set(codes), f"{codes}")
        wrong = site.run(
            "layout", "lint", "--profile", "globalplatform-own", "--home",
            profiles(bench, "secureChannel: {keySet: nobody}\ndiversification: {nobody: emv}"),
            ROOT / "CardLayouts/national-2.0.yaml")
        check.true("globalplatform.unknown-key-set" in wrong.codes, f"{wrong.codes}")
        check.true(wrong.code != 0, "the exit code is 0")


def refused(bench, checks):
    """A failed authentication is counted and not repeated; a trace shows no secret."""
    site, card = bench.site(), bench.blank("globalplatform")
    name = "national-2.0@globalplatform"

    def spoil(_, command):
        return command[:5] + bytes([command[5] ^ 1]) + command[6:] if command[1] == EXTERNAL_AUTHENTICATE else command

    with card.inserted(before=spoil) as wire, checks.check("globalplatform: a failed authentication is sent once and told") as check:
        result = site.make(PEOPLE, 1, layout=name)
        check.exits(result, 4)
        check.true("card.authentication-failed" in result.codes, f"{result.codes}")
        check.equal(len([command for command in wire.commands if command[1] == EXTERNAL_AUTHENTICATE]), 1)
    trace = bench.path("trace")
    with card.inserted(), checks.check("globalplatform: a trace masks keys and PIN even where personal data is shown") as check:
        result = site.make(PEOPLE, 1, layout=name, more=("--trace-to", trace, "--trace-personal-data"))
        check.exits(result, 0)
        text = trace.read_text(encoding="utf-8").replace(" ", "").upper()
        check.true("80E26000" not in text and "84E26000" in text, "STORE DATA of keys is not in the trace")
        for line in text.splitlines():
            if "84E26000" in line:
                check.holds(line, "‹SECRET›")


def images(bench, checks):
    """Cards in given states."""
    # A code that this registry does not know: issued or begun elsewhere, nobody here can tell.
    for name, state in (("issued", "unknown"), ("blank", "blank"), ("torn@20", "torn")):
        with checks.check(f"globalplatform: an image {name} is told as {state}") as check:
            site, card = bench.site(), bench.blank("globalplatform")
            card.state.unlink()
            made = site.run(
                "virtual-card", "image", name, "--layout", "national-2.0@globalplatform", "--state", card.state)
            check.exits(made, 0)
            with card.inserted():
                check.equal(site.run("card", "state", "--json").json["state"], state)
                if state == "torn":
                    # The journal is where the command that was printed looks for it.
                    check.holds(made.output, "sscard card personalize --layout national-2.0@globalplatform --people ")
                    finished = site.make(f"{card.state}.csv", layout="national-2.0@globalplatform")
                    check.exits(finished, 0)
                    check.true(finished.json[0]["resumed"], "made anew")
                    check.equal(site.run("card", "state", "--json").json["state"], "issued")
