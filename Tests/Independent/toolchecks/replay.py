"""Readings that were recorded are read again without card, reader or service."""

from .bench import LAYOUT, LAYOUT_3, PIN, PROFILE, PROFILE_3

CARDS = [(PROFILE, LAYOUT), (PROFILE_3, LAYOUT_3), ("globalplatform", f"{LAYOUT}@globalplatform")]


def run(bench, checks):
    """One card of each profile."""
    for profile, layout in CARDS:
        read_again(bench, checks, profile, layout)
    with_layout(bench, checks)


def with_layout(bench, checks):
    """A reading by a layout that was named asks for the card's version first, and so does its replay; one without does not."""
    site, card = bench.site(), bench.blank(PROFILE)
    recorded, plain = bench.path("layout.trace"), bench.path("plain.trace")
    with card.inserted():
        site.make("Fixtures/people.csv", 1, LAYOUT)
        live = site.run("card", "read", "--json", "--layout", LAYOUT, "--trace-to", recorded, "--trace-personal-data")
        site.run("card", "read", "--json", "--trace-to", plain, "--trace-personal-data")
    for name, trace in (("with", recorded), ("without", plain)):
        for more in ((), ("--trace",)):
            words = " ".join(("a reading that was recorded", name, "--layout is played with it", *more))
            with checks.check(words) as check:
                played = site.run("card", "read", "--replay", trace, "--json", "--layout", LAYOUT, *more)
                check.exits(played, 0)
                check.equal(played.json, live.json)


def read_again(bench, checks, profile, layout):
    """A reading that was recorded, without the card."""
    site, card, row = bench.site(), bench.blank(profile), bench.people[0]
    for more, pin in ((("--pin", "fd:PIN"), PIN), ((), None)):
        recorded, masked = bench.path("read.trace"), bench.path("masked.trace")
        with card.inserted():
            if not site.data.exists():
                site.make("Fixtures/people.csv", 1, layout)
            live = site.run("card", "read", "--json", "--trace-to", recorded, "--trace-personal-data", *more, pin=pin)
            site.run("card", "read", "--json", "--trace-to", masked, *more, pin=pin)
        words = "with the PIN" if pin else "without a PIN"
        with checks.check(f"{profile}: card read --replay tells what the live reading told, {words}") as check:
            check.exits(live, 0)
            check.equal(live.json["SSSE"]["EF06"]["name"], row["name"])
            # neither a reader nor its service is there
            played = site.run(
                "card", "read", "--replay", recorded, "--json", *more, pin=pin, environment={"PCSCLITE_CSOCK_NAME": "/nowhere"})
            check.exits(played, 0)
            check.equal(played.json, live.json)
        with checks.check(f"{profile}: a recording without the personal data is refused, {words}") as check:
            played = site.run("card", "read", "--replay", masked, "--json", *more, pin=pin)
            check.exits(played, 2)
            check.equal((played.output, len(played.codes)), ("", 1), f"{played.codes}")
