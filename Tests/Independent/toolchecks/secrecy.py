"""What stands in traces, logs and files of a card that is made, read and changed, for every kind of encipherment and secure channel.

A known person, a known PIN and the card's keys are planted. Traces mask contents of files, unless they are asked for, and keep keys and PINs never;
journals, registry, key log and what is said on standard error have none of either. What a command is asked to print is no leak.
"""

from .audit import development_masters, forms
from .bench import LAYOUT, LAYOUT_3, PIN
from .keys import everything, found_in
from .torn import cutting

PHONE = "13900996521"
NEW_PIN = "846273915048"
# Layout and profile: plain and MAC-ed commands of each family, protected and enciphered files, SCP02 with MAC and with encryption, SCP03.
CARDS = [
    (LAYOUT, "fmcos-ssse"), (LAYOUT, "fmcos"), (LAYOUT, "timecos"), (LAYOUT, "t514"), (LAYOUT, "mcos"), (LAYOUT_3, "fmcos-ssse-sm4"),
    ("example-region", "fmcos-ssse-region"), (LAYOUT, "globalplatform"), (LAYOUT, "globalplatform-i55"), (LAYOUT_3, "globalplatform-scp03"),
]


def run(bench, checks):
    """All checks of this section."""
    masters = forms(development_masters())
    for layout, profile in CARDS:
        planted(bench, checks, layout, profile, masters)


def spelled(name, value):
    """A text as it may stand somewhere: as bytes, in GBK, and as hexadecimal digits of either."""
    found = {}
    for spelling in {value.encode(), value.encode("gbk")}:
        found[name, spelling] = spelling
        found[name, spelling, "hexadecimal"] = spelling.hex().encode()
        found[name, spelling, "HEXADECIMAL"] = spelling.hex().upper().encode()
    return found


def planted(bench, checks, layout, profile, masters):
    """One kind of card: made, torn and finished, read, dumped, and its PIN presented wrong."""
    name = f"{layout}@{profile}"
    site, card, row = bench.site(), bench.blank(profile), {**bench.people[0], "phoneNumber": PHONE}
    people, folder = bench.people_file(row), bench.path("traces")
    folder.mkdir()
    said, read = {}, {}

    def traced(what, *arguments, pin=PIN):
        shown = ("--trace-personal-data",) if what.startswith("shown") else ()
        result = site.run(*arguments, "--trace", "--trace-to", folder / f"{what}.trace", *shown, pin=pin)
        said[what] = result.error.encode()
        return result

    making = site.making(people, None, name)
    with card.inserted(before=cutting(260, False)):
        cut = traced("cut", *making)
    with card.inserted():
        made = traced("shown-made", *making)
        for what in ("masked", "shown"):
            read[what] = traced(f"{what}-dump", "card", "dump", "--layout", name, "--json", "--pin", "fd:PIN")
        traced("masked-read", "card", "read", "--layout", name, "--json")
        traced("masked-wrong", "card", "dump", "--layout", name, "--json", "--pin", "fd:PIN", pin=NEW_PIN)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    kept = {place: text for place, text in everything(site).items() if "pin-slips" not in place}
    with checks.check(f"{name}: it was torn, finished and read, and each command left a trace") as check:
        check.exits(cut, 3)
        check.exits(made, 0)
        check.exits(read["masked"], 0)
        check.holds(read["masked"].output, row["citizenNumber"], row["name"])
        check.equal(len(files), 6)
        texts = {**files, **{f"{place} shown": text for place, text in said.items()}}
        check.equal([place for place, text in texts.items() if text.count("µs".encode()) < 5], [], "traces without commands")
    person = {**spelled("citizen number", row["citizenNumber"]), **spelled("name", row["name"]), **spelled("phone", PHONE),
              **spelled("card number", made.json[0]["cardNumber"])}
    with checks.check(f"{name}: no name and no number stands in a masked trace, a log or a file") as check:
        masked = {place: text for place, text in files.items() if not place.startswith("shown")}
        texts = {**masked, **{f"{place} shown": said[place] for place in ("masked-dump", "masked-read", "shown-dump", "masked-wrong")}}
        check.equal([(what[0], place) for what, place in found_in(person, texts)], [])
        holder = {what: value for what, value in person.items() if what[0] != "card number"}
        check.equal([(what[0], place) for what, place in found_in(holder, {**kept, **said})], [])
    pins = {**spelled("PIN", PIN), **spelled("wrong PIN", NEW_PIN), ("PIN", "packed"): bytes.fromhex(PIN),
            ("wrong PIN", "packed"): bytes.fromhex(NEW_PIN)}
    secrets = {**pins, **masters}
    if not profile.startswith("globalplatform"):  # whose applications keep their keys to themselves
        for key, (_, _, value) in card.image.keys.items():
            if len(value) == 16:
                secrets |= {(key, "bytes"): value, (key, "hexadecimal"): value.hex().encode(), (key, "HEXADECIMAL"): value.hex().upper().encode()}
    with checks.check(f"{name}: no PIN and no key stands in any trace, log or file, also where personal data were asked for") as check:
        check.equal([(what[0], place) for what, place in found_in(secrets, {**files, **said, **kept})], [])
    with checks.check(f"{name}: the search finds what is there where personal data were asked for") as check:
        found = {what[0] for what, _ in found_in(person, {"trace": files["shown-dump.trace"].replace(b" ", b"")})}
        check.equal(found, {"citizen number", "name", "phone", "card number"})
