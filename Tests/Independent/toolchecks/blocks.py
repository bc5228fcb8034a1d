"""Keys on their way between systems: key blocks of another implementation come in, flags only tighten, changed ones are refused."""

import json
import re
import stat

from .bench import ROOT
from .ceremony import COMPONENTS, SECRETS, Room, custodians
from .refusals import told

PASSPHRASE = "a passphrase of the checks"
PROTECTION = "00112233445566778899AABBCCDDEEFF"


def run(bench, checks):
    """All checks of this section."""
    with open(ROOT / "Fixtures/key-blocks/psec.json", encoding="utf-8") as file:
        cases = {case["name"] + case["label"]: case for case in json.load(file)["cases"]}
    room = Room(bench)
    custodians(room, checks)
    arrives(room, bench, checks, cases)
    components(room, bench, checks, cases["B, protection of 16 bytesSTK"])
    forbidden(room, checks)
    altered(room, bench, checks, cases["B, protection of 16 bytesSTK"])


def divided(key):
    """A protection key as two persons hold it."""
    first = bytes((index * 37 + 11) & 0xFF for index in range(len(key) // 2))
    return [first.hex().upper(), bytes(a ^ b for a, b in zip(first, bytes.fromhex(key))).hex().upper()]


def take(room, file, key, store, *more):
    """Imports blocks under a protection key."""
    files = file if isinstance(file, list) else [file]
    return room.run("keys", "block", "import", *files, "--store", store, "--name", "city-1", "--protection-component", "fd:{0}",
                    "--protection-component", "fd:{0}", "--store-passphrase", "fd:{1}", "--json", *more,
                    descriptors=[divided(key), [PASSPHRASE]])


def leave(room, store, out, *more, people=(1001, 1002), protection=PROTECTION):
    """Exports a key under a protection key, with the approval of these people."""
    keys = [part for number in people for part in ("--custodian-key", room.key(number))]
    return room.run("keys", "block", "export", "--keys", store, "--keys-passphrase", "fd:{1}", "--protection-component", "fd:{0}",
                    "--protection-component", "fd:{0}", "--roster", room.roster, *keys, "--passphrase", "fd:{2}", "--out", out,
                    "--json", *more,
                    descriptors=[divided(protection), [PASSPHRASE], [SECRETS[number] for number in people]])


def arrives(room, bench, checks, cases):
    """Blocks come in, and leave again where their flag allows it and two people do."""
    store = bench.path("store")
    stk, sm4, variant = cases["B, protection of 16 bytesSTK"], cases["4, SM4STKDF01"], cases["C, protection of 16 bytesUKSSSE"]
    files = [bench.write("block", case["block"] + "\n") for case in (stk, sm4, variant)]
    with checks.check("a block's header is shown without its key, and with the protection key that it is authentic") as check:
        shown = room.run("keys", "block", "show", files[0], "--json")
        check.exits(shown, 0)
        check.equal((shown.json["usage"], shown.json["algorithm"], shown.json["exportability"], shown.json["blocks"]),
                    ("E2", "T", "E", {"LB": "STK"}))
        check.true(shown.json.get("authentic") is None, "called authentic without a key")
        shown = room.run("keys", "block", "show", files[0], "--protection-component", "fd:{0}", "--protection-component", "fd:{0}",
                         "--json", lines=divided(stk["protection"]))
        check.exits(shown, 0)
        check.equal(shown.json["authentic"], True)
        check.true(stk["key"] not in shown.output.upper(), "the key is in the output")
    for file, case, value in zip(files, (stk, sm4, variant), ("08D7B4", "2677F4", "08D7B4")):
        with checks.check(f"a block of version {case['block'][0]} of another implementation comes in, check value {value}") as check:
            result = take(room, file, case["protection"], store)
            check.exits(result, 0)
            check.equal([(key["name"], key["checkValue"]) for key in result.json["keys"]], [(case["label"], "enc-zero:" + value)])
    with checks.check("the block and the components that lie there for practice are those of the other implementation") as check:
        folder = ROOT / "Fixtures/key-blocks"
        components = (folder / "stk.components").read_text(encoding="ascii").split()
        check.equal((folder / "stk.block").read_text(encoding="ascii").strip(), stk["block"])
        check.equal(f"{int(components[0], 16) ^ int(components[1], 16):032X}", stk["protection"])
    with checks.check("the store is for its owner's eyes, and holds no key in plain") as check:
        text = (store / "keyset.yaml").read_text(encoding="utf-8")
        check.equal(stat.S_IMODE((store / "keyset.yaml").stat().st_mode), 0o600)
        check.true(stk["key"] not in text.upper(), "the key is in the file")
    out = bench.path("stk.block")
    with checks.check("one custodian alone lets nothing leave, nor one who is there twice, nor somebody of no roster") as check:
        told(check, leave(room, store, out, "--key", "STK", "--version", "B", people=(1001,)), 4, ["approval.too-few-persons"])
        told(check, leave(room, store, out, "--key", "STK", "--version", "B", people=(1001, 1001)), 4, ["approval.approved-twice"])
        check.true(not out.exists(), "a block was written")
    with checks.check("a key with flag E leaves with two custodians' approval, never again by default, and comes in elsewhere") as check:
        left = leave(room, store, out, "--key", "STK", "--version", "B")
        check.exits(left, 0)
        check.equal((left.json["block"][11], left.json["approvedBy"]), ("N", [1001, 1002]))
        check.equal(out.read_text(encoding="utf-8").strip(), left.json["block"])
        check.equal(stat.S_IMODE(out.stat().st_mode), 0o600)
        other = bench.path("store")
        result = take(room, out, PROTECTION, other)
        check.exits(result, 0)
        check.equal((result.json["keys"][0]["checkValue"], result.json["keys"][0]["exportability"]), ("enc-zero:08D7B4", "N"))
        told(check, leave(room, other, bench.path("again.block"), "--key", "STK", "--version", "D"), 4, ["key-block.export-forbidden"])
    with checks.check("the key log names the key, the check values and both custodians, and the auditor finds it whole") as check:
        log = (room.folder / "data/key-log/key-log.txt").read_text(encoding="utf-8")
        lines = [line for line in log.splitlines() if "\tapproval\t" in line and "op=key-block-export" in line]
        check.equal(len(lines), 1)
        check.holds(lines[0], "officers=1001,1002", "about-key=STK", "about-checkValue=enc-zero:08D7B4", "about-flag=N", "about-block=B")
        check.exits(room.run("keys", "audit", "verify"), 0)
    with checks.check("a flag is not loosened; A and C are not made; an SM4 key is not put under 3DES: all with their reasons") as check:
        path = bench.path("never.block")
        told(check, leave(room, store, path, "--key", "STK", "--version", "B", "--flag", "S"), 4, ["key-block.looser"])
        told(check, leave(room, store, path, "--key", "STK", "--version", "C"), 2, ["key-block.only-opened"])
        told(check, leave(room, store, path, "--key", "STKDF01", "--algorithm", "03", "--version", "B"), 4,
             ["key-block.weaker-protection"])
        told(check, leave(room, store, path, "--key", "UKSSSE", "--key-version", "2", "--version", "B"), 4,
             ["key-block.export-forbidden"])
        told(check, leave(room, store, out, "--key", "STK", "--version", "B"), 2, ["record.exists"])
        check.true(not path.exists(), "a block was written")


def components(room, bench, checks, case):
    """The protection key comes from two persons at least."""
    file, store = bench.write("block", case["block"]), bench.path("store")
    with checks.check("a protection key of one component, of equal ones, of other lengths or zeros is refused, with 2") as check:
        first, second = divided(case["protection"])
        for lines, code in [([first], "key-block.protection-components"), ([first, first], "key-block.protection-form"),
                            ([first, second[:-2]], "key-block.protection-form"), ([first, "0" * 32], "key-block.protection-form"),
                            ([first, "0011"], "key-block.protection-form"), ([first, "x" * 32], "key-block.protection-form")]:
            parts = [part for _ in lines for part in ("--protection-component", "fd:{0}")]
            told(check, room.run("keys", "block", "show", file, *parts, lines=lines), 2, [code])
    with checks.check("its check value is compared, before anything is opened") as check:
        told(check, take(room, file, case["protection"], store, "--protection-kcv", "000000"), 4, ["key-block.protection-check"])
        check.true(not store.exists(), "a store was written")


def forbidden(room, checks):
    """What never leaves."""
    with checks.check("no key of the development set leaves in a block, with 4") as check:
        result = room.run("keys", "block", "export", "--key", "IRK", "--version", "B", "--protection-component", "fd:{0}",
                          "--protection-component", "fd:{0}", "--roster", room.roster, "--custodian-key", room.key(1001),
                          "--passphrase", "fd:{1}", "--out", room.folder / "irk.block",
                          descriptors=[list(COMPONENTS.values()), [SECRETS[1001]]])
        told(check, result, 4, ["key-block.export-forbidden"])
        check.true(not (room.folder / "irk.block").exists(), "a block was written")


def altered(room, bench, checks, case):
    """Characters changed here and there, cuts, another protection key: refused, and nothing is written."""
    store, text = bench.path("store"), case["block"]
    with checks.check("a changed or cut block is refused with the reason, another good one beside it is not written either") as check:
        good = bench.write("block", text)
        for index in (3, 6, 11, 20, len(text) // 2, len(text) - 1):
            bad = bench.write("block", text[:index] + chr(ord(text[index]) ^ 1) + text[index + 1:])
            result = take(room, [good, bad], case["protection"], store)
            check.true(result.code in (2, 4), f"character {index}: exit code {result.code}")
            check.true(re.search(r"\[key-block\.", result.error), f"character {index}: {result.error}")
        told(check, take(room, bench.write("block", text[:-1]), case["protection"], store), 2, ["key-block.malformed"])
        told(check, take(room, good, PROTECTION, store), 4, ["key-block.not-authentic"])
        check.true(not (store / "keyset.yaml").exists(), "a store was written")
