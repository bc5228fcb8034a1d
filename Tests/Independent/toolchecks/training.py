"""Training cards that are torn, and what a till says of every card."""

import json
import re

from .bench import PIN, Card, wait_for_reader
from .refusals import told
from .unreadable import OTHER_CARD, OUR_CARD
from .wire import RogueCard

TORN_AT = 120
TRAINING_PIN = "135790"


def run(bench, checks):
    """All checks of this section."""
    two(bench, checks)
    torn(bench, checks)
    without_data(bench, checks)
    versions(bench, checks)
    slow(bench, checks)
    every_card(bench, checks)


def image(bench, name, site=None, *more):
    """A training card and what the tool said of it."""
    card = Card(bench, "fmcos-ssse")
    card.state = bench.path("image")
    arguments = ("virtual-card", "image", name, "--state", card.state, "--json", *more)
    environment = None if site else {"SSCARD_DATA": None}
    return card, (site or bench.site()).run(*arguments, environment=environment)


def two(bench, checks):
    """Two images that nobody gave a serial."""
    with checks.check("two images made without a serial are two cards, with numbers of their own, and one with a serial has it") as check:
        site, first = bench.site(), bench.path("image")
        answers = [site.run("virtual-card", "image", "issued", "--state", path, "--json") for path in (first, bench.path("image"))]
        for made in answers:
            check.exits(made, 0)
        check.equal(len({made.json["answerToReset"] for made in answers}), 2)
        check.true(all("9901" in made.json["answerToReset"][-12:-8] for made in answers), "a serial outside the training area")
        given = site.run("virtual-card", "image", "blank", "--serial", "990100000042", "--state", bench.path("image"), "--json")
        check.holds(given.json["answerToReset"], "990100000042")


def torn(bench, checks):
    """A torn card that the same counter finishes."""
    site = bench.site()
    card, made = image(bench, f"torn@{TORN_AT}", site)
    with checks.check("a torn training card leaves its journal and says how it is finished") as check:
        check.exits(made, 0)
        check.holds(made.json["finishedBy"], "sscard card personalize --layout national-2.0 --people ", made.json["people"])
        check.equal(len(list((site.data / "journal").glob("*.journal"))), 1, "journals")
        check.equal(site.counts()["blanksUsed"], 0)
    with card.inserted():
        with checks.check("it stands at the command it was pulled after") as check:
            state = site.run("card", "state", "--json").json
            check.equal((state["state"], state["step"], state["holder"] is not None), ("torn", TORN_AT, True))
        with checks.check("it is finished, with the PIN it was begun with, by the command it named") as check:
            result = site.make(made.json["people"], pin=PIN)
            check.exits(result, 0)
            check.equal((result.json[0]["resumed"], list((site.data / "journal").glob("*.journal"))), (True, []))
            check.exits(site.run("card", "dump", "--pin", "fd:PIN", pin=TRAINING_PIN), 0)
            check.equal(site.counts()["blanksUsed"], 1)
            check.exits(site.run("registry", "verify"), 0)


def without_data(bench, checks):
    """A torn card for whoever names no data folder."""
    _, made = image(bench, f"torn@{TORN_AT}")
    with checks.check("without a data folder a torn card has no journal, and nothing is made beside it") as check:
        check.exits(made, 0)
        check.true("people" not in made.json, made.output)
    with checks.check("whoever asks for no training card that there is gets all their names, as in the help") as check:
        card, made = image(bench, "nonsense")
        told(check, made, 2, ["training-card.unknown"])
        names = bench.site().run("virtual-card", "image", "--help").output.partition("State: ")[2].partition(".")[0]
        check.true("yes-to-everything" in names, names)
        check.holds(made.error, *re.split(r",\s+", names.strip()))
    with checks.check("a tear behind the end of the plan is refused, and nothing is left") as check:
        site = bench.site()
        card, made = image(bench, "torn@9999", site)
        check.true(made.code != 0 and not card.state.exists(), made.output)
        check.equal(list((site.data / "journal").glob("*.journal")), [], "journals")
        check.equal(site.shown()["cards"], {}, "cards in the registry")


def versions(bench, checks):
    """Two versions of the specification share a chip."""
    for name, layout, version in (("v1", "national-1.0", "1.00"), ("issued", "national-2.0", "2.00")):
        site = bench.site()
        card, _ = image(bench, name, site)
        with card.inserted():
            with checks.check(f"a card of {layout} is read by the layout of the version that stands on it") as check:
                result = site.run("pharmacy", "check", "--json")
                check.exits(result, 5)
                check.equal((result.json["layout"], [reason["code"] for reason in result.json["reasons"]]), (layout, ["not-in-registry"]))
                check.equal(site.run("card", "read", "--json").json["SSSE"]["EF05"]["specificationVersion"][:1], version[:1])
    for profile in ("t514", "timecos", "mcos"):
        site = bench.site()
        card, _ = site.made(bench.people[0], profile=profile, layout=f"national-2.0@{profile}")
        with card.inserted():
            with checks.check(f"{profile}: the till and card read know the card without its layout being named") as check:
                result = site.run("pharmacy", "check", "--json")
                check.exits(result, 0)
                check.equal(result.json["layout"], "national-2.0")
                check.exits(site.run("card", "read", "--json"), 0)


def slow(bench, checks):
    """A card that takes the time of one of plastic by itself, and is no other card for that."""
    site = bench.site()
    card, made = image(bench, "slow", site)
    with checks.check("a slow card says so in its state file, before what any other card has there") as check:
        check.exits(made, 0)
        check.equal(card.bytes[:16].hex(), "53535654" + "00002580" + "00003e80" + "53535643", "SSVT, 9600 baud, 16 ms, SSVC")
    with card.inserted():
        with checks.check("a slow card is told by its code, and is slow when it has been in a reader") as check:
            state = site.run("card", "state", "--json")
            check.exits(state, 3)
            check.equal((state.json["state"], state.json["isRegistered"]), ("unknown", False), "another office's, for all that is known here")
    with checks.check("the time of a slow card stays in its file") as check:
        check.equal(card.bytes[:4], b"SSVT")


def every_card(bench, checks):
    """A till that reads JSON gets a verdict whatever lies in the reader."""
    mute = object()
    cases = [
        ("a card of another kind", OTHER_CARD, lambda command: b"\x6A\x82", {"unknown"}),
        ("a card that answers one byte", OUR_CARD, lambda command: b"\x90", {"unknown"}),
        ("a card that always has more", OUR_CARD, lambda command: b"\x61\x10", {"unknown", "stop"}),
        ("a card that always wants another length", OUR_CARD, lambda command: b"\x6C\x10", {"unknown", "stop"}),
        ("a card that agrees to everything", OUR_CARD, lambda command: b"\x90\x00", {"unknown", "stop"}),
        ("a card that answers 256 zeros", OUR_CARD, lambda command: bytes(256) + b"\x90\x00", {"unknown", "stop"}),
        ("no card at all", None, mute, {"unknown"}),
    ]
    for name, answer_to_reset, answer, verdicts in cases:
        site = bench.site()
        card = answer_to_reset and RogueCard(0, answer_to_reset, answer)
        try:
            if card:
                wait_for_reader(bench, 0, "present")
            with checks.check(f"the till has a verdict in JSON for {name}") as check:
                result = site.run("pharmacy", "check", "--json")
                document = json.loads(result.output)
                check.true(document["verdict"] in verdicts, result.output)
                check.equal(result.code, 1 if document["verdict"] == "stop" else 3)
                check.true(document["reasons"] and all(reason["zh"] and reason["en"] for reason in document["reasons"]), result.output)
        finally:
            if card:
                card.pull()
                wait_for_reader(bench, 0, "empty")
    with checks.check("the till has a verdict in JSON without a key store, with 4") as check:
        result = bench.site().run("pharmacy", "check", "--json", "--keys", bench.folder / "nowhere")
        check.equal((result.code, result.json["verdict"]), (4, "unknown"))
