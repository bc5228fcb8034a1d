"""At the till: is this card genuine, alive, in use?"""

from .bench import PROFILE_3, LAYOUT_3
from .keys import EXTERNAL_AUTHENTICATE, OTHER_CITY
from .refusals import told
from .registry import HOLDER_AND_CARD, IDENTITY, SECOND, UPPER_SECOND
from .rules import changing
from .training import image

PROOFS = (*HOLDER_AND_CARD, *SECOND)

# An act, its arguments, and what the till says then: exit code, verdict, reasons.
LIFE = [
    (None, (), 1, "stop", ["state-sealed"]),
    ("hand-over", (*IDENTITY, "--proof", "signature"), 1, "stop", ["state-sealed"]),
    ("enable", ("--proof", "card-read", "--proof", "pin-changed"), 0, "normal", []),
    ("temporary-loss", (), 1, "stop", ["state-temp-loss"]),
    ("release", HOLDER_AND_CARD, 0, "normal", []),
    ("formal-loss", IDENTITY, 1, "stop", ["state-loss"]),
    ("release", PROOFS, 0, "normal", []),
    ("cancel", ("--reason", "moved", *SECOND, "--proof", "paper"), 1, "stop", ["state-hold"]),
    ("confirm-cancellation", ("--officer", "4001", *UPPER_SECOND), 1, "stop", ["state-ended"]),
]


def run(bench, checks):
    """All checks of this section."""
    for layout, profile in (("national-2.0", "fmcos-ssse"), (LAYOUT_3, PROFILE_3)):
        life(bench, checks, layout, profile)
    elsewhere(bench, checks)
    begun(bench, checks)
    expired(bench, checks)
    forged(bench, checks)
    without_keys(bench, checks)


def ask(check, site, code, verdict, reasons, *more):
    """Asks at the till."""
    result = site.run("pharmacy", "check", "--json", *more)
    check.exits(result, code)
    check.equal((result.json["verdict"], [reason["code"] for reason in result.json["reasons"]]), (verdict, reasons))
    for reason in result.json["reasons"]:
        for text in ("zh", "zhNext", "en", "enNext"):
            check.true(reason.get(text), f"{reason['code']} does not say {text}")
    return result


def life(bench, checks, layout, profile):
    """A card's life, as the till sees it."""
    site, card = bench.site(), bench.blank(profile)
    with card.inserted() as wire:
        made = site.make(bench.people_file(bench.people[0]), layout=layout).json[0]
        image = card.bytes
        sent = len(wire.commands)
        for act, arguments, code, verdict, reasons in LIFE:
            with checks.check(f"{layout}: the till says {verdict} after {act or 'the card was made'}") as check:
                if act:
                    check.exits(site.act(act, made["cardNumber"], *arguments), 0)
                result = ask(check, site, code, verdict, reasons)
                check.equal(result.json["identificationCode"], made["identificationCode"])
        with checks.check(f"{layout}: a check takes at most ten commands, changes nothing, and costs no try") as check:
            seen = wire.commands[sent:]
            check.true(len(seen) <= 10 * len(LIFE), f"{len(seen)} commands for {len(LIFE)} checks")
            check.equal([command.hex() for command in changing(seen)], [])
            check.equal([command.hex() for command in seen if command[1] == EXTERNAL_AUTHENTICATE], [])
            check.equal(card.bytes, image, "the card")


def elsewhere(bench, checks):
    """A place that does not know the card."""
    card, _ = bench.site().made(bench.people[0])
    with card.inserted():
        with checks.check("a card that the registry does not know is unknown, with 5") as check:
            ask(check, bench.site(), 5, "unknown", ["not-in-registry"])
    blank = bench.blank()
    with blank.inserted():
        with checks.check("a blank is stopped, with 1") as check:
            ask(check, bench.site(), 1, "stop", ["blank"])
    for name, reason in (("torn@60", "not-personalized"), ("yes-to-everything", "senseless-answers")):
        card, made = image(bench, name)
        with card.inserted():
            with checks.check(f"{name} is stopped, with 1, for a reason of its own") as check:
                check.exits(made, 0)
                ask(check, bench.site(), 1, "stop", [reason])
    with card.inserted():
        for command in (("card", "read", "--without-keys"), ("card", "dump", "--without-keys"), ("card", "read")):
            with checks.check(f"{' '.join(command)} of a card that says yes to everything is refused, with 3") as check:
                told(check, bench.site().run(*command), 3, ["card.senseless"])


def begun(bench, checks):
    """A card that was begun on a system whose blanks have a master file of the maker's, and torn before its environment was made."""
    site, card = bench.site(), bench.blank("timecos")
    with card.inserted(before=lambda number, command: None if command[:2] == b"\x80\xe0" else command):
        torn = site.make(bench.people_file(bench.people[0]), layout="national-2.0@timecos")
    with card.inserted():
        with checks.check("a card torn before its environment is told as unfinished where it was begun, and as a blank elsewhere") as check:
            check.exits(torn, 3)
            check.equal(site.run("card", "state", "--layout", "national-2.0@timecos", "--json").json["state"], "torn")
            ask(check, site, 1, "stop", ["not-personalized"])
            ask(check, bench.site(), 1, "stop", ["blank"])


def expired(bench, checks):
    """A card whose time is over."""
    site = bench.site()
    row = dict(bench.people[0], issueDate="20100101", expiryDate="20200101")
    card, _ = site.made(row)
    with card.inserted():
        with checks.check("an expired card is stopped, with 1, and the date is told") as check:
            result = ask(check, site, 1, "stop", ["expired"])
            check.holds(result.output, "20200101")


def forged(bench, checks):
    """The right data on a card with other keys, and a card that repeats what it heard."""
    site = bench.site(OTHER_CITY)
    card, _ = site.made(bench.people[0])
    right = bench.write("policy.yaml", 'version: city-1\narea: "990101"\n')
    with card.inserted():
        with checks.check("a card of another area is unknown, with 4: the keys here do not judge it, and it is not kept") as check:
            ask(check, site, 0, "normal", [])
            ask(check, site, 4, "unknown", ["issued-elsewhere"], "--policy", right)
            check.true("留下卡" not in site.run("pharmacy", "check", "--policy", right).output, "it says to keep the card")
    claiming, false = bench.site(OTHER_CITY), dict(bench.people[1], identificationCode="990101D15600000504000001A1B2C3D4")
    other, _ = claiming.made(false)
    with other.inserted():
        with checks.check("a card that shows this area's code under other keys is not genuine, with 1, though the registry knows the code") as check:
            ask(check, claiming, 1, "stop", ["not-genuine"], "--policy", right)

    heard = []

    def repeat(_, command, answer):
        if command[1] in (0x88, 0xC0) and len(answer) == 10:
            heard.append(answer)
            return heard[0]
        return answer

    with card.inserted(after=repeat):
        with checks.check("a card that repeats an earlier answer is not genuine, with 1") as check:
            ask(check, site, 0, "normal", [])
            ask(check, site, 1, "stop", ["not-genuine"])
    with card.inserted(after=lambda _, command, answer: b"\x6D\x00" if command[1] == 0x88 else answer):
        with checks.check("a card that refuses to prove itself is not genuine, with 1") as check:
            ask(check, site, 1, "stop", ["not-genuine"])


def without_keys(bench, checks):
    """A till whose key store does not open."""
    site = bench.site()
    card, number = site.made(bench.people[0])
    nowhere = ("--keys", bench.folder / "nowhere")
    with card.inserted():
        with checks.check("a card in use is unknown without keys, with 4") as check:
            result = site.run("pharmacy", "check", "--json", *nowhere)
            check.equal((result.code, result.json["verdict"]), (4, "unknown"))
            check.true(result.json["identificationCode"], "the code was not read")
        with checks.check("a lost card is stopped without keys as well, with 1") as check:
            check.exits(site.act("formal-loss", number, *IDENTITY), 0)
            result = site.run("pharmacy", "check", "--json", *nowhere)
            check.equal((result.code, result.json["verdict"], result.json["reasons"][0]["code"]), (1, "stop", "state-loss"))
