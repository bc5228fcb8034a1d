"""Versions, lineage, hand-over, ledger, incidents and vectors, as custodians and auditors use them.

The development keys are public: here they are made once more from their text, and brought down with openssl.
"""

import hashlib
import hmac
import json
import re
import subprocess

from .bench import PIN, ROOT
from .ceremony import RECEIVER, SECRETS, Room, custodians, hand_down, receivers
from .keys import PEOPLE
from .refusals import told

SEED = b"SSCard development key set 1: public keys, never for a real card"
ROOT_VALUE = "enc-zero:7DD73FF6F8"
CARD_FACTOR = "9901000000000001"
OWN = "the city's own passphrase"
SWITCHED = "\nversions: {1: {stage: old, since: 20260101}, 2: {stage: live, since: 20261101}, 3: {stage: next}}"


def run(bench, checks):
    """All checks of this section."""
    hierarchy(bench, checks)
    lineage(bench, checks)
    handed_down(bench, checks)
    vectors(bench, checks)
    cards(bench, checks)


def master(name, algorithm, version=1):
    """A development key: HKDF-SHA256 of the public text (RFC 5869)."""
    info = f"key {algorithm} {name}" + ("" if version == 1 else f" version {version}")
    pseudorandom = hmac.new(b"sscard development", SEED, hashlib.sha256).digest()
    return hmac.new(pseudorandom, info.encode() + b"\x01", hashlib.sha256).digest()[:16]


def encrypt(algorithm, key, data):
    """Whole blocks by openssl."""
    cipher = {"3des": "-des-ede", "sm4": "-sm4-ecb"}[algorithm]
    return subprocess.run(["openssl", "enc", cipher, "-K", key.hex(), "-nopad"], input=data, capture_output=True, check=True).stdout


def chain(name, algorithm, version, *factors):
    """The check values on the way down, the master's first."""
    key = master(name, algorithm, version)
    values = [encrypt(algorithm, key, bytes(16))[:3].hex().upper()]
    for factor in factors:
        key = encrypt(algorithm, key, factor + bytes(255 - byte for byte in factor))
        values.append(encrypt(algorithm, key, bytes(16))[:3].hex().upper())
    return values


def home(bench, change):
    """A home with a hierarchy of its own, whose text `change` has made."""
    folder = bench.path("home")
    (folder / "Keys").mkdir(parents=True)
    (folder / "CardLayouts").symlink_to(ROOT / "CardLayouts")
    for entry in (ROOT / "Keys").iterdir():
        if entry.name != "hierarchy.yaml":
            (folder / "Keys" / entry.name).symlink_to(entry)
    text = (ROOT / "Keys/hierarchy.yaml").read_text(encoding="utf-8")
    (folder / "Keys/hierarchy.yaml").write_text(change(text), encoding="utf-8")
    return folder


def switched(text):
    """The hierarchy with every key's version 2 live."""
    return re.sub(r"\nversions:\n(  \d.*\n)+", SWITCHED + "\n", text)


def hierarchy(bench, checks):
    """Versions in the hierarchy."""
    site = bench.site()
    with checks.check("keys tree shows the levels, their factors, and three versions of every key, one live") as check:
        result = site.run("keys", "tree", "--json")
        check.exits(result, 0)
        check.equal([level["level"] for level in result.json["levels"]], ["ministry", "province", "city", "card"])
        check.equal(result.json["levels"][3]["cardFactors"]["fmcos-ssse"], "T6–TD")
        for key in result.json["keys"]:
            check.equal(key["versions"], {"1": "live", "2": "next", "3": "next"}, key["name"])
        text = site.run("keys", "tree")
        check.exits(text, 0)
        check.holds(text.output, "省级 province", "内部认证密钥")
    with checks.check("keys show tells places, time and the check values of all versions that are held") as check:
        result = site.run("keys", "show", "IRK", "--json")
        check.exits(result, 0)
        check.equal([version["moduleAddress"] for version in result.json["versions"]], ["0170", "0171", "0172"])
        for version in result.json["versions"]:
            for algorithm, value in version["checkValues"].items():
                check.equal(value, "enc-zero:" + chain("IRK", algorithm, version["version"])[0], f"{algorithm} {version['version']}")
        told(check, site.run("keys", "show", "IRQ"), 4, ["card-key.unknown"])
    with checks.check("keys lint tells every fault of a hierarchy with its line") as check:
        check.exits(site.run("keys", "lint"), 0)
        broken = home(bench, lambda text: switched(text).replace("2: {stage: live", "2: {stage: next").replace("pin: 1825", "pin: 0"))
        result = site.run("keys", "lint", "--home", broken)
        told(check, result, 2, ["key-hierarchy.stages", "key-hierarchy.period"])
        lines = (broken / "Keys/hierarchy.yaml").read_text(encoding="utf-8").splitlines()
        check.holds(result.error, f"hierarchy.yaml:{1 + next(i for i, line in enumerate(lines) if line.startswith('versions'))}:")


def lineage(bench, checks):
    """How a key comes down."""
    site = bench.site()
    for algorithm, version in (("3des", 1), ("sm4", 1), ("sm4", 3)):
        with checks.check(f"keys lineage of {algorithm}, version {version}, is what openssl gives level by level") as check:
            result = site.run("keys", "lineage", "--key", "STKDF03", "--algorithm", algorithm, "--version", version,
                              "--area", "990100", "--factor", CARD_FACTOR, "--json")
            check.exits(result, 0)
            values = chain("STKDF03", algorithm, version, b"990100sx", bytes.fromhex(CARD_FACTOR))
            check.equal([record["level"] for record in result.json], ["city", "card"])
            check.equal([record["factor"] for record in result.json], [b"990100sx".hex().upper(), CARD_FACTOR])
            check.equal([record["parentCheckValue"] for record in result.json], ["enc-zero:" + value for value in values[:-1]])
            check.equal([record["childCheckValue"] for record in result.json], ["enc-zero:" + value for value in values[1:]])
    with checks.check("keys lineage refuses a factor of seven bytes with 2, and a version that is not held with 4") as check:
        told(check, site.run("keys", "lineage", "--key", "IRK", "--factor", CARD_FACTOR[2:]), 2, ["tool.card-factor"])
        told(check, site.run("keys", "lineage", "--key", "IRK", "--version", "9"), 4, ["key-store.not-in-set"])


def handed_down(bench, checks):
    """From the development set to a city's, as its receiver checks it."""
    room = Room(bench)
    custodians(room, checks)
    envelope, own = room.folder / "city.envelope", room.folder / "own"

    def receive(*more, source=envelope, area="990101", value=ROOT_VALUE, store=own, senders=room.roster, key=None, secret=RECEIVER[2]):
        return room.run("keys", "receive", source, "--senders", senders, "--custodian-key", key or receivers(room)[0], "--passphrase",
                        "fd:{0}", "--root", value, "--area", area, "--store", store, "--json", "--store-passphrase", "fd:{1}", *more,
                        descriptors=[[secret], [OWN]])

    result = hand_down(room, envelope, "--area", "990101", "--name", "city-990101", "--json")
    with checks.check("an envelope says how every key came down, in lines that anybody can read") as check:
        check.exits(result, 0)
        text = envelope.read_text(encoding="utf-8")
        lines = re.findall(r"derivation-1 .*", text)
        check.equal(len(lines), result.json["derivations"])
        values = chain("IRK", "sm4", 2, b"990101sx")
        check.true(f"derivation-1 IRK sm4 2 city {b'990101sx'.hex().upper()} none enc-zero:{values[0]} enc-zero:{values[1]}" in lines,
                   "the line of IRK, SM4, version 2")
        check.true(master("IRK", "sm4").hex().upper() not in text, "a key in plain")
    with checks.check("the receiver is told when root, area or level are not the ones agreed, and nothing is written") as check:
        told(check, receive(value="enc-zero:7DD73FF6F9"), 4, ["keys.handed-down-other"])
        told(check, receive(area="990200"), 4, ["keys.handed-down-other"])
        told(check, receive("--level", "province"), 4, ["keys.handed-down-other"])
        told(check, receive(value="7DD73FF6F8"), 4, ["forbidden-roots.value"])
        check.true(not own.exists() or not (own / "keyset.yaml").exists(), "a set was written")
    with checks.check("a changed receipt, a changed letter anywhere, a cut: refused before anything is opened") as check:
        for place in (text.index(" none ") + 1, 3, len(text) // 2, text.index("sealed: ") + 40, len(text) - 9):
            bad = bench.write("bad.envelope", text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1:])
            refused = receive(source=bad)
            check.true(refused.code in (2, 4) and refused.codes[0].startswith("key-envelope."), f"{place}: {refused.codes}")
        told(check, receive(source=bench.write("cut.envelope", text[:-40])), 2, ["key-envelope.malformed"])
    with checks.check("another custodian opens nothing, and another house above has signed nothing") as check:
        told(check, receive(key=room.key(1003), secret=SECRETS[1003]), 4, ["key-envelope.other-receiver"])
        told(check, receive(senders=receivers(room)[1]), 4, ["key-envelope.not-authentic"])
        check.true(not (own / "keyset.yaml").exists(), "a set was written")
    with checks.check("what is as agreed is taken, with the same digest of its records, and gives cards the same keys") as check:
        taken = receive()
        check.exits(taken, 0)
        check.equal(taken.json["lineageDigest"], result.json["lineageDigest"])
        asked = ("keys", "check", "--factor", CARD_FACTOR, "--json", "--policy", bench.write("city.yaml", 'version: c-1\narea: "990101"\n'))
        mine = room.run(*asked, "--keys", own, "--keys-passphrase", "fd:{0}", lines=[OWN])
        check.exits(mine, 0)
        check.equal(mine.json, room.run(*asked).json)
        named = ("keys", "check", "--factor", CARD_FACTOR, "--json", "--area", "990101", "--keys", own, "--keys-passphrase", "fd:{0}")
        check.equal(room.run(*named, lines=[OWN]).json, mine.json)
        told(check, receive(), 2, ["record.exists"])


def vectors(bench, checks):
    """Files of test vectors."""
    site, files = bench.site(), sorted((ROOT / "Fixtures/vectors").glob("*.json"))
    count = sum(len(json.loads(file.read_text(encoding="utf-8"))["cases"]) for file in files)
    with checks.check("keys vectors passes every case of every published file") as check:
        result = site.run("keys", "vectors", *files)
        check.exits(result, 0)
        check.equal(result.output.strip(), f"{count} passed, 0 failed")
    with checks.check("a changed case and an unknown operation fail, one line each, with 1") as check:
        contents = json.loads((ROOT / "Fixtures/vectors/kcv.json").read_text(encoding="utf-8"))
        contents["cases"][0]["kcv"] = "08D7B5"
        contents["cases"].append({"op": "blink", "name": "no such operation"})
        result = site.run("keys", "vectors", bench.write("changed.json", json.dumps(contents)))
        check.exits(result, 1)
        lines = result.output.strip().splitlines()
        check.equal(lines[-1], f"{len(contents['cases']) - 2} passed, 2 failed")
        check.equal(len(lines), 3)
        check.holds(lines[0], contents["cases"][0]["name"], "08D7B5", "08D7B4")
        check.holds(lines[1], "no such operation", "unknown operation")
    with checks.check("what is no file of vectors is bad input") as check:
        told(check, site.run("keys", "vectors", bench.write("empty.json", "{}")), 2, ["vectors.malformed"])
        told(check, site.run("keys", "vectors", "no-such-file.json"), 2, ["tool.unreadable"])


def cards(bench, checks):
    """A card before a switch and one after it, in ledger and incident."""
    site, old, new = bench.site(), bench.blank(), bench.blank()
    after = ("--home", home(bench, switched))
    site.shown()
    with checks.check("without cards nothing depends on 3DES") as check:
        result = site.run("keys", "ledger", "--json")
        check.exits(result, 0)
        check.equal((result.json["cards"], result.json["cardsOnTripleDES"], result.json["rolesOnTripleDES"]), (0, 0, 0))
    with old.inserted():
        first = site.make(PEOPLE, 1)
    with new.inserted():
        second = site.run(*site.making(PEOPLE, 2), *after, pin=PIN)
        with checks.check("a card made after the switch has version 2 and is read with it") as check:
            check.exits(first, 0)
            check.exits(second, 0)
            check.exits(site.run("card", "dump", *after), 0)
    with old.inserted():
        with checks.check("a card made before the switch is read with its own version, and no try is lost") as check:
            before = old.image.counters()
            check.exits(site.run("card", "dump", *after), 0)
            check.equal(old.image.counters(), before)
    with checks.check("the till takes both cards for genuine") as check:
        for card in (old, new):
            with card.inserted():
                reasons = [reason["code"] for reason in site.run("pharmacy", "check", "--json", *after).json["reasons"]]
                check.true(not any("genuine" in code for code in reasons), f"{reasons}")
    with checks.check("the ledger counts what depends on 3DES and on old versions") as check:
        result = site.run("keys", "ledger", "--json", *after)
        check.exits(result, 0)
        check.equal((result.json["cards"], result.json["cardsOnTripleDES"], result.json["cardsOnOldVersions"]), (2, 2, 1))
        roles = {role["key"]: role for role in result.json["roles"]}
        check.equal((roles["IRK"]["tripleDES"], roles["IRK"]["oldVersions"], roles["IRK"]["live"]), (2, 1, 2))
        check.equal(sorted(group["versions"] for group in result.json["groups"]), ["1", "2"])
        check.holds(site.run("keys", "ledger", *after).output, "仍依赖 3DES Still on 3DES: 2")
    with checks.check("an incident lists the card that holds the version, where it was made, and the plan in order") as check:
        result = site.run("keys", "incident", "--key", "PUK", "--version", "1", "--json", *after)
        check.exits(result, 1)
        check.equal([card["number"] for card in result.json["cards"]], [first.json[0]["cardNumber"]])
        check.equal((result.json["counters"], result.json["successor"]), ([1], 2))
        check.equal([step["action"] for step in result.json["plan"]], ["terminals", "cards", "withdraw"])
        check.true(0 < result.json["cards"][0]["seconds"] < 5, f"{result.json['cards'][0]['seconds']} s to write one key")
        text = site.run("keys", "incident", "--key", "PUK", "--version", "1", *after)
        check.exits(text, 1)
        check.holds(text.output, first.json[0]["cardNumber"], "处置计划")
    with checks.check("cards of a suspect master key are to be made anew; a version that no card holds reaches none") as check:
        result = site.run("keys", "incident", "--key", "MKDF03", "--version", "1", "--json", *after)
        check.equal([card["remedy"] for card in result.json["cards"]], ["re-issue"])
        check.true(result.json["cards"][0]["seconds"] > 10, "the time of a whole card")
        check.exits(site.run("keys", "incident", "--key", "PUK", "--version", "3", "--json", *after), 0)
        told(check, site.run("keys", "incident", "--key", "PUK", "--version", "0"), 2, ["keys.version"])
    withdrawn = home(bench, lambda text: switched(text).replace("stage: old", "stage: withdrawn"))
    with old.inserted():
        with checks.check("a card whose version is withdrawn is refused with its reason, and keeps its tries") as check:
            before = old.image.counters()
            told(check, site.run("card", "dump", "--home", withdrawn), 4, ["card-key.version-withdrawn"])
            check.equal(old.image.counters(), before)
    overdue = home(bench, lambda text: text.replace("cut-off: {}", "cut-off: {3des: 20260101}"))
    with checks.check("an algorithm past its last day that cards still need makes the ledger end with 1") as check:
        result = site.run("keys", "ledger", "--json", "--home", overdue)
        check.exits(result, 1)
        check.true(result.json["overdue"], "overdue")
