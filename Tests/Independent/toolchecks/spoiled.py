"""A card that is given up in the making: its chip is blocked where it has its key for that, and booked together with the card."""

from .bench import LAYOUT
from .torn import PEOPLE, cutting, whole

# What `sscard card state` calls a card that refuses every command.
BLOCKED = "blocked"


def run(bench, checks):
    """All checks of this section."""
    total = whole(bench)
    with checks.check("a card on which all is written and of which the registry has not heard is blocked, and both are booked together") as check:
        site, card = torn(bench, total)
        with card.inserted():
            result = site.run("card", "spoil", "--layout", LAYOUT, "--json")
            check.exits(result, 0)
            check.equal((result.json["state"], result.json["chip"]), ("spoiled", "blocked"))
            check.equal(site.run("card", "state", "--json").json["state"], BLOCKED)
        check.equal(acts(site), ["spoiled", "chip-ended"])
        check.exits(site.run("registry", "verify"), 0)
    with checks.check("one that was torn before is told: it has no key for its block yet, and is booked as spoiled all the same") as check:
        site, card = torn(bench, total // 2)
        with card.inserted():
            result = site.run("card", "spoil", "--layout", LAYOUT, "--json")
            check.exits(result, 0)
            check.equal(result.codes, ["issuing.nothing-to-block"])
            check.equal((result.json["state"], result.json["chip"]), ("spoiled", "unblocked"))
            check.true(site.run("card", "state", "--json").json["state"] != BLOCKED, "blocked without a key")
        check.equal(acts(site), ["spoiled"])
    with checks.check("one that lies in no reader is booked alone, and nothing is said of its chip") as check:
        site, card = torn(bench, total)
        chip = next((site.data / "journal").glob("*.journal")).stem
        result = site.run("card", "spoil", "--chip", chip, "--json")
        check.exits(result, 0)
        check.true("chip" not in result.json, "a chip that nobody has asked")
        check.equal(acts(site), ["spoiled"])
    with checks.check("whom the rules do not let spoil a card blocks no chip") as check:
        site, card = torn(bench, total)
        with card.inserted():
            refused = site.run("card", "spoil", "--layout", LAYOUT, "--role", "stock-keeper")
            check.exits(refused, 1)
            check.true(site.run("card", "state", "--json").json["state"] != BLOCKED, "blocked all the same")
        check.equal(acts(site), [])


def torn(bench, command):
    """A site and a card that was pulled when it had done a command of its making."""
    site, card = bench.site(), bench.blank()
    with card.inserted(after=cutting(command, True)):
        site.make(PEOPLE, 1)
    return site, card


def acts(site):
    """What is on record of cards."""
    rows = site.run("registry", "log", "--limit", "100", "--json").json
    return [row["act"] for row in rows if row["act"] in ("personalized", "spoiled", "chip-ended")]
