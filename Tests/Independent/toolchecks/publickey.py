"""The key pair that a card makes for itself: rights, request, signatures; openssl alone checks what the card signed."""

import subprocess

from .bench import LAYOUT_3, PIN, PROFILE_3, opensc
from .refusals import told
from .rules import ENVIRONMENT

IDENTIFIER = "1234567812345678"
MAKE, SIGN = "80C40103", "002A9E9A20"


def run(bench, checks):
    """All checks of this section."""
    site = bench.site()
    card, _ = site.made(bench.people[0], profile=PROFILE_3, layout=LAYOUT_3)
    with card.inserted() as wire:
        rights(bench, checks, site, card)
        key = made(bench, checks, site, card, wire)
        signed(bench, checks, site, key)
        requested(bench, checks, site, key)
        with checks.check("the holder's PIN can be changed on a card that has made a pair") as check:
            check.exits(site.run("card", "pin", "change", "--pin", "fd:PIN", "--new-pin", "fd:PIN", pin=f"{PIN}\n481952730146"), 0)
    elsewhere(bench, checks)


def pair(site, *arguments, pin=None):
    """`sscard card public-key`, with the PIN from a descriptor where there is one."""
    return site.run("card", "public-key", *arguments, *(("--pin", "fd:PIN") if pin else ()), "--json", pin=pin)


def openssl(*arguments):
    """How openssl ended, and all it said."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def rights(bench, checks, site, card):
    """What the card itself refuses, asked past the tool."""
    select = bytes([0, 0xA4, 4, 0, len(ENVIRONMENT)]) + ENVIRONMENT
    verify = bytes.fromhex("00200000" + f"{len(PIN) // 2:02X}" + PIN)
    before = card.bytes
    with checks.check("a card that made no pair says so, with 1") as check:
        told(check, pair(site, "show"), 1, ["public-key.none"])
        told(check, pair(site, "sign", bench.write("letter", "x"), "--out", bench.path("sig"), pin=PIN), 1, ["public-key.none"])
    with checks.check("the card makes no pair without the issuer's update key, not for the holder's PIN either") as check:
        check.equal([status for _, status in opensc(select, MAKE, verify, MAKE)][1:], ["6982", "9000", "6982"])
        check.equal(opensc(select, SIGN + "00" * 32)[1][1], "9403")
        check.equal(card.image is not None and card.bytes == before, True)


def made(bench, checks, site, card, wire):
    """The pair is made inside and only its public half comes out."""
    key = bench.path("card.pub.pem")
    del wire.commands[:]
    result = pair(site, "make", "--out", key)
    with checks.check("under the update key the card makes a pair, and openssl reads its public half") as check:
        check.exits(result, 0)
        code, text = openssl("pkey", "-pubin", "-in", key, "-noout", "-text")
        check.equal(code, 0)
        check.equal(result.json["publicKey"][2:].lower(), text.partition("pub:")[2].partition("ASN1")[0].replace(":", "").replace(" ", "")
                    .replace("\n", "")[2:])
        check.true(any(command.hex().upper().startswith(MAKE) for command in wire.commands), "no command to make a pair")
    with checks.check("a second pair is not made by mistake, with 1") as check:
        before = card.bytes
        told(check, pair(site, "make"), 1, ["public-key.there-already"])
        check.equal(card.bytes, before)
        check.equal(pair(site, "show").json["publicKey"], result.json["publicKey"])
    with checks.check("the card signs for the holder alone: not without the PIN, not for another length") as check:
        select = bytes([0, 0xA4, 4, 0, len(ENVIRONMENT)]) + ENVIRONMENT
        check.equal(opensc(select, SIGN + "11" * 32)[1][1], "6982")
        verify = bytes.fromhex("00200000" + f"{len(PIN) // 2:02X}" + PIN)
        check.equal(opensc(select, verify, "002A9E9A10" + "11" * 16)[2][1], "6700")
        told(check, site.run("card", "public-key", "sign", bench.write("letter", "x"), "--out", bench.path("sig")), 2, ["card.pin-needed"])
    return key


def signed(bench, checks, site, key):
    """Signatures under the default identifier and another, checked by openssl and by the tool."""
    letter = bench.write("letter.txt", "医疗保险关系转移 a letter\n")
    for identifier in (IDENTIFIER, "ALICE123@YAHOO.COM"):
        out, der = bench.path("letter.sig"), bench.path("letter.der")
        result = pair(site, "sign", letter, "--out", out, "--identifier", identifier, "--der", pin=PIN)
        with checks.check(f"openssl finds the card's signature right under {identifier}, and under no other") as check:
            check.exits(result, 0)
            der.write_bytes(bytes.fromhex(out.read_text(encoding="utf-8")))
            for distid, good in ((identifier, True), ("another identifier", False)):
                code, text = openssl("pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-digest", "sm3", "-in", letter, "-sigfile", der,
                                     "-pkeyopt", f"distid:{distid}")
                check.equal(code == 0, good, text)
        with checks.check(f"the tool verifies it too, against the file and the card, and refuses another file, under {identifier}") as check:
            asked = ("--signature", out, "--identifier", identifier)
            check.exits(pair(site, "verify", letter, *asked, "--key", key), 0)
            check.exits(pair(site, "verify", letter, *asked), 0)
            told(check, pair(site, "verify", bench.write("other.txt", "x"), *asked, "--key", key), 1, ["public-key.other"])
            told(check, pair(site, "verify", letter, "--signature", out, "--identifier", "nobody", "--key", key), 1, ["public-key.other"])
    raw = bench.path("letter.raw")
    with checks.check("r ‖ s has 64 bytes; what is no signature and no key is bad input") as check:
        check.exits(pair(site, "sign", letter, "--out", raw, pin=PIN), 0)
        check.equal(len(raw.read_text(encoding="utf-8").strip()), 128)
        check.exits(pair(site, "verify", letter, "--signature", raw, "--key", key), 0)
        told(check, pair(site, "verify", letter, "--signature", letter, "--key", key), 2, ["public-key.signature"])
        told(check, pair(site, "verify", letter, "--signature", raw, "--key", letter), 2, ["public-key.file"])
        told(check, pair(site, "sign", letter, "--out", raw, pin=PIN), 2, ["record.exists"])


def requested(bench, checks, site, key):
    """A certificate request that openssl reads, verifies, and finds to be of the card's key."""
    request = bench.path("card.csr")
    result = pair(site, "request", "--out", request, pin=PIN)
    with checks.check("openssl req verifies the card's certificate request and reads the holder from it") as check:
        check.exits(result, 0)
        code, text = openssl("req", "-verify", "-in", request, "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus", "-vfyopt",
                             f"distid:{IDENTIFIER}")
        check.equal(code, 0, text)
        check.holds(text, "OK", "C=CN", "CN=" + bench.people[0]["name"], "serialNumber=" + bench.people[0]["citizenNumber"])
        check.equal(openssl("req", "-in", request, "-noout", "-pubkey")[1].split(), key.read_text(encoding="utf-8").split())
    with checks.check("an altered request is not") as check:
        lines = request.read_text(encoding="utf-8").splitlines()
        lines[2] = lines[2][:20] + ("A" if lines[2][20] != "A" else "B") + lines[2][21:]
        code, text = openssl("req", "-verify", "-in", bench.write("bad.csr", "\n".join(lines) + "\n"), "-noout", "-vfyopt",
                             f"distid:{IDENTIFIER}")
        check.true("verify OK" not in text, text)
    with checks.check("a wrong PIN signs nothing and costs one try") as check:
        wrong = pair(site, "request", "--out", bench.path("no.csr"), pin="482915")
        told(check, wrong, 1, ["card.wrong-pin"])


def elsewhere(bench, checks):
    """Cards whose profile has no such command."""
    site = bench.site()
    card, _ = site.made(bench.people[1])
    with card.inserted() as wire:
        del wire.commands[:]
        with checks.check("cards of version 2.0 have no key pair: refused with 2, and no command was sent") as check:
            before = card.bytes
            told(check, pair(site, "make"), 2, ["public-key.not-offered"])
            told(check, pair(site, "sign", bench.write("letter", "x"), "--out", bench.path("sig"), pin=PIN), 2, ["public-key.not-offered"])
            check.equal([command.hex() for command in wire.commands if command[1] in (0xC4, 0x2A)], [])
            check.equal(card.bytes, before)
