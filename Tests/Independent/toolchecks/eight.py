"""Eight virtual cards in one process, in eight readers at once, and eight cards made of them in one batch."""

import os

from .bench import PROFILE
from .checks import skip
from .hotplug import Readers, bus, listed
from .lanes import making, rack

COUNT = 8


def run(bench, checks):
    """All checks of this section."""
    if os.geteuid() != 0:
        return skip("eight readers", "only root may give the service so many of its own", "eight")
    with bus(bench, COUNT):
        site, cards = bench.site(), [bench.blank(PROFILE) for _ in range(COUNT)]
        with rack(bench, *cards):
            with checks.check("one process puts eight cards into eight readers, each file's card into its own") as check:
                found = listed(bench)
                check.equal([reader["name"][:len(Readers.name(0))] for reader in found], [Readers.name(slot) for slot in range(COUNT)])
                check.equal([reader["answerToReset"].replace(" ", "")[-12:] for reader in found], [card.number for card in cards])
            result = site.run(*making(bench.people_file(*bench.people[:COUNT])))
    with checks.check("eight cards are made in one batch, one in each reader") as check:
        check.exits(result, 0)
        rows = result.json
        check.equal([(row["row"], row["outcome"]) for row in rows], [(row, "made") for row in range(1, COUNT + 1)])
        check.equal(len({row["reader"] for row in rows}), COUNT, "readers used")
        check.equal(len({row["cardNumber"] for row in rows}), COUNT, "card numbers")
        check.equal(site.counts()["blanksUsed"], COUNT)
        check.exits(site.run("registry", "verify"), 0)
    with checks.check("each of the eight holds one person, and no two the same") as check:
        holders = [[number for number, person in enumerate(bench.people[:COUNT]) if person["citizenNumber"].encode() in card.bytes]
                   for card in cards]
        check.equal(sorted(holders), [[number] for number in range(COUNT)])
