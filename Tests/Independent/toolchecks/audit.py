"""The key log and the guard: verified here once more, taken away, filled up, and searched for what must not be in it."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import tempfile

from .bench import PIN, ROOT, finish
from .keys import PEOPLE, PRODUCTION, everything, found_in
from .refusals import told
from .schedules import schedules

CHECK = ["keys", "check", "--factor", "8649990100000001"]
OFFICER_SECRET = "an officer's own words"
SEED = b"SSCard development key set 1: public keys, never for a real card"


def run(bench, checks):
    """All checks of this section."""
    uses(bench, checks)
    altered(bench, checks)
    taken_away(bench, checks)
    full(bench, checks)
    killed(bench, checks)
    production(bench, checks)
    planted(bench, checks)
    remembered(bench, checks)
    crash(bench, checks)


def log_of(site):
    """The file of a site's key log."""
    return site.data / "key-log" / "key-log.txt"


def entries(path):
    """The entries of a log, with the chain worked out anew: SM3 over the hash before and the line."""
    previous, found = bytes(32), []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        text, _, stated = line.rpartition(b"\t")
        before = previous
        previous = hashlib.new("sm3", before + text + b"\t").digest()
        if previous.hex().upper().encode() != stated:
            raise ValueError(f"line {number}: the hash does not follow")
        sequence, time, kind, *fields = text.decode().split("\t")
        found.append({"sequence": int(sequence), "time": int(time), "kind": kind, "before": before, "line": text + b"\t",
                      **dict(field.split("=", 1) for field in fields)})
    return found


def signed_by_openssl(entry, pem, folder):
    """Whether OpenSSL alone accepts a checkpoint's signature."""
    raw = bytes.fromhex(entry["signature"])

    def integer(number):
        number = number.lstrip(b"\0") or b"\0"
        number = b"\0" * (number[0] >> 7) + number
        return b"\x02" + bytes([len(number)]) + number

    body = integer(raw[:32]) + integer(raw[32:])
    line = entry["line"]
    message = b"sscard-key-log-1 checkpoint\n" + entry["before"] + line[:line.index(b"\tsignature=") + 1]
    signature, text = folder / "signature", folder / "message"
    signature.write_bytes(b"\x30" + bytes([len(body)]) + body)
    text.write_bytes(message)
    return subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", pem, "-rawin", "-digest", "sm3", "-in", text, "-sigfile", signature,
         "-pkeyopt", "distid:1234567812345678"], capture_output=True, check=False).returncode == 0


def verify(site, *more):
    """The tool's own verification."""
    return site.run("keys", "audit", "verify", "--json", *more)


def uses(bench, checks):
    """A card is made: the log tells it, and stands before auditors of another kind."""
    site, card = bench.site(), bench.blank()
    with card.inserted():
        made = site.make(PEOPLE, 1)
    log = entries(log_of(site))
    used = [entry for entry in log if entry["kind"] == "use"]
    with checks.check("making a card leaves an entry for each key it loads, in a chain that stands") as check:
        check.exits(made, 0)
        loaded = [entry["loads"] for entry in used if entry["op"] == "key-loading"]
        check.true(len(loaded) > 50 and len(set(loaded)) > 50, f"{len(loaded)} keys loaded")
        check.equal([entry["sequence"] for entry in log], list(range(1, len(log) + 1)))
        check.equal({entry["operator"] for entry in used}, {"1001", "engine-comparison"})
        check.equal(len([entry for entry in used if entry["op"] == "first-pin"]), 1)
        check.true(all(entry["card"].startswith("8649") for entry in used), "another card factor")
        check.equal(log[-1]["kind"], "checkpoint")
    with checks.check("the reservation of uses stands before the first of them") as check:
        reserved = {}
        for entry in log:
            if entry["kind"] == "reserve":
                reserved[entry["session"]] = reserved.get(entry["session"], 0) + int(entry["count"])
            if entry["kind"] == "use":
                reserved[entry["session"]] = reserved.get(entry["session"], 0) - 1
                check.true(reserved[entry["session"]] >= 0, f"entry {entry['sequence']} was not reserved")
    pem = site.data / "key-log/checkpoint.pem"
    with checks.check("OpenSSL accepts every checkpoint with the public key") as check:
        checkpoints = [entry for entry in log if entry["kind"] == "checkpoint"]
        check.true(len(checkpoints) >= 2, "fewer than two checkpoints")
        for entry in checkpoints:
            check.true(signed_by_openssl(entry, pem, bench.folder), f"entry {entry['sequence']}")
    with checks.check("keys audit verify says so too, without a secret, from a copy elsewhere") as check:
        copy = bench.path("copy")
        copy.mkdir()
        shutil.copy(log_of(site), copy / "log")
        result = bench.site().run("keys", "audit", "verify", "--log", copy / "log", "--key", pem, "--json")
        check.exits(result, 0)
        check.equal(result.json["stands"], True)
        check.equal(result.json["entries"]["use"], len(used))
    with card.inserted(), checks.check("reading a card is routine work: nothing of it is refused") as check:
        check.exits(site.run("card", "read", "--json"), 0)
        check.equal([entry for entry in entries(log_of(site)) if entry["kind"] == "refused"], [])
    log = entries(log_of(site))
    used = [entry for entry in log if entry["kind"] == "use"]
    head = verify(site).json["head"]
    with checks.check("keys audit show tells the uses for one card") as check:
        shown = site.run("keys", "audit", "show", "--card", used[-1]["card"], "--limit", "5", "--json")
        check.exits(shown, 0)
        check.equal([entry["sequence"] for entry in shown.json],
                    [entry["sequence"] for entry in log if entry.get("card") == used[-1]["card"]][-5:])
    with checks.check("after a rollover of the key the first public key still verifies the log, and a noted head is there") as check:
        first = bench.path("first.pem")
        shutil.copy(pem, first)
        check.exits(site.run("keys", "audit", "rollover"), 0)
        check.exits(site.run(*CHECK), 0)
        check.exits(verify(site, "--key", first, "--known", head), 0)
        check.equal(verify(site, "--key", pem).json["faults"], ["key-log.other-key"])


def altered(bench, checks):
    """A log that somebody has worked on."""
    site = bench.site()
    site.run(*CHECK)
    path, right = log_of(site), log_of(site).read_bytes()
    lines = right.splitlines(keepends=True)
    head = verify(site).json["head"]
    for name, text, code in (
            ("a changed operator", right.replace(b"operator=1001", b"operator=1002", 1), "key-log.hash"),
            ("a missing entry", b"".join(lines[:5] + lines[6:]), "key-log.sequence"),
            ("a missing end", b"".join(lines[:-1]), "key-log.unsigned-end")):
        path.write_bytes(text)
        with checks.check(f"keys audit verify finds {name}, with 1") as check:
            result = verify(site)
            check.exits(result, 1)
            check.equal(result.json["faults"], [code])
    path.write_bytes(b"".join(lines[:2]))
    with checks.check("a log that was put back to an older state is found by the head that the auditor noted") as check:
        check.exits(verify(site), 0)
        result = verify(site, "--known", head)
        check.exits(result, 1)
        check.equal(result.json["faults"], ["key-log.rolled-back"])
    path.write_bytes(right.replace(b"day=", b"day=1", 1))
    path.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b"counts=1", b"counts=2")]))
    with checks.check("no key is used on a log whose end was altered") as check:
        told(check, site.run(*CHECK), 4, ["key-log.altered"])


def taken_away(bench, checks):
    """The log is removed while a card is made."""
    site, card = bench.site(), bench.blank()
    log = log_of(site)
    sent = []

    def take(number, command):
        sent.append(number)
        if number == 120 and log.exists():
            log.unlink()
        return command

    with card.inserted(before=take):
        result = site.make(PEOPLE, 1)
    with checks.check("a log that is removed while a card is made stops the card at its next key, and says why") as check:
        told(check, result, 4, ["personalization.keys-failed", "key-log.removed"])
        check.true(sent[-1] < 140, f"{sent[-1]} commands were sent")
    with checks.check("no new log takes the place of one that was removed") as check:
        told(check, site.run(*CHECK), 4, ["key-log.removed"])
        check.true(not log.exists(), "there is a log again")


@contextlib.contextmanager
def small_disk(path):
    """A file system of 64 KiB."""
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def full(bench, checks):
    """The disk below the log is full, or read-only."""
    site = bench.site()
    with small_disk(bench.path("disk")) as disk:
        environment = {"SSCARD_KEY_LOG": str(disk / "log")}
        with checks.check("on a disk without room for the entries of its uses no key is used, with 4") as check:
            told(check, site.run(*CHECK, environment=environment), 4, ["key-log.cannot-write"])
        with checks.check("what is on the full disk is a log without a use, and stands") as check:
            check.equal([entry["kind"] for entry in entries(disk / "log/key-log.txt")], ["start", "checkpoint"])
    with small_disk(bench.path("disk")) as disk:
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
        environment = {"SSCARD_KEY_LOG": str(disk / "log")}
        with checks.check("with room it is used; on a disk that became read-only it is not") as check:
            check.exits(site.run(*CHECK, environment=environment), 0)
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            told(check, site.run(*CHECK, environment=environment), 4, ["key-log.cannot-write"])
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


def killed(bench, checks):
    """The tool is killed at work."""
    site, card, process = bench.site(), bench.blank(), []

    def kill(number, command):
        if number == 150 and process:
            process[0].kill()
        return command

    with card.inserted(before=kill):
        process.append(site.start(*site.making(PEOPLE, 1), pin=PIN))
        finish(process[0])
        used = len([entry for entry in entries(log_of(site)) if entry["kind"] == "use"])
        with checks.check("a killed tool leaves the entries of all its uses; verify tells that the end is not signed") as check:
            check.true(used > 20, f"{used} uses")
            result = verify(site)
            check.exits(result, 1)
            check.equal(result.json["faults"], ["key-log.unsigned-end"])
            check.true(result.json["openSessions"], "no session without an end")
        with checks.check("the next run takes the log up, finishes the card, and signs all of it") as check:
            check.exits(site.make(PEOPLE, 1), 0)
            check.exits(verify(site), 0)


def production(bench, checks):
    """Production: a log that was started, a policy that two officers signed."""
    site, keys = bench.site(PRODUCTION), bench.path("keys")
    keys.mkdir()
    policy = keys / "use-policy.yaml"
    shutil.copy(ROOT / "Keys/use-policy.yaml", policy)
    lines = []
    for officer in ("2001", "2002"):
        made = site.run("keys", "policy", "officer", officer, "--to", bench.folder / f"{officer}.key", "--passphrase", "fd:PIN",
                        pin=OFFICER_SECRET)
        lines.append(made.output.rstrip("\n"))
    (keys / "officers.yaml").write_text("officers:\n" + "\n".join(lines) + "\n", encoding="utf-8")

    def signed():
        return site.run("keys", "policy", "check", "--keys", keys)

    def sign(officer, secret=OFFICER_SECRET):
        return site.run("keys", "policy", "sign", policy, "--officer-key", bench.folder / f"{officer}.key", "--passphrase", "fd:PIN",
                        pin=secret)

    with checks.check("a policy is in force once two officers have signed it") as check:
        told(check, signed(), 4, ["use-policy.not-signed"])
        check.exits(sign("2001"), 0)
        told(check, signed(), 4, ["use-policy.not-signed"])
        check.exits(sign("2002"), 0)
        check.exits(signed(), 0)
    with checks.check("a policy that was altered after that is not") as check:
        policy.write_text(policy.read_text(encoding="utf-8").replace("per-day: 60", "per-day: 61"), encoding="utf-8")
        told(check, signed(), 4, ["use-policy.signature"])
    with checks.check("an officer's key file is sealed: another passphrase and an altered file sign nothing, with 4") as check:
        key = bench.folder / "2001.key"
        check.equal(key.stat().st_mode & 0o077, 0)
        text = key.read_text(encoding="utf-8")
        check.holds(text, "sscard-officer-1", "sealed")
        told(check, sign("2001", "another passphrase"), 4, ["officer-key.not-opened"])
        key.write_text(text.replace('"officer": "2001"', '"officer": "2002"'), encoding="utf-8")
        told(check, sign("2001"), 4, ["officer-key.not-opened"])
        key.write_text(text, encoding="utf-8")
        told(check, site.run("keys", "policy", "officer", "2001", "--to", key, "--passphrase", "fd:PIN", pin=OFFICER_SECRET), 2,
             ["record.exists"])
    checkpoint_key(bench, checks, site)
    with checks.check("keys policy lint tells every fault of a policy, with 2") as check:
        policy.write_text("version: x\noperations: {dance: {roles: []}}\nkeys: {NOKEY: {commands: [fly]}}\n", encoding="utf-8")
        result = site.run("keys", "policy", "lint", policy)
        check.exits(result, 2)
        check.holds(result.error, "dance", "fly", "NOKEY", "use-policy.missing")
    with checks.check("an operator's quota holds across runs of the tool") as check:
        text = (ROOT / "Keys/use-policy.yaml").read_text(encoding="utf-8")
        home = bench.path("home")
        (home / "Keys").mkdir(parents=True)
        (home / "CardLayouts").symlink_to(ROOT / "CardLayouts")
        for entry in (ROOT / "Keys").iterdir():
            (home / "Keys" / entry.name).symlink_to(entry)
        (home / "Keys/use-policy.yaml").unlink()
        (home / "Keys/use-policy.yaml").write_text(text.replace("custodian], per-day: 100000", "custodian], per-day: 100"),
                                                   encoding="utf-8")
        counted = bench.site()
        check.exits(counted.run(*CHECK, "--home", home), 0)
        told(check, counted.run(*CHECK, "--home", home), 4, ["key-log.quota"])


def checkpoint_key(bench, checks, site):
    """The key that signs the log: sealed under the site's passphrase; one that lies open is put out of use."""
    key, secret = site.data / "key-log/checkpoint.key", "the words of the log's keeper"

    def audit(command, *more, pin=secret, of=site):
        return of.run("keys", "audit", command, "--key-log-passphrase", "fd:PIN", *more, pin=pin)

    with checks.check("in production the log's key is sealed under a passphrase of the site's own, and opens with no other") as check:
        told(check, audit("start", pin="sscard development keys are public"), 4, ["key-log.public-passphrase"])
        told(check, audit("start", pin="short"), 2, ["secret.too-short"])
        check.true(not key.exists(), "a key was made")
        check.exits(audit("start"), 0)
        check.equal(key.stat().st_mode & 0o077, 0)
        check.holds(key.read_text(encoding="utf-8"), "sscard-checkpoint-1", "sealed")
        told(check, audit("checkpoint", pin="the words of somebody else"), 4, ["key-log.key-not-opened"])
        check.exits(audit("checkpoint"), 0)
        check.exits(verify(site), 0)
    with checks.check("without a terminal production asks for it in vain, and uses nothing") as check:
        told(check, site.run("keys", "audit", "checkpoint"), 2, ["secret.no-terminal"])
    old = bench.site()
    with checks.check("a log whose key lies open, as earlier editions left it, is told in development; a rollover seals the next") as check:
        check.exits(old.run(*CHECK), 0)
        file = old.data / "key-log/checkpoint.key"
        opened = unsealed(file, b"sscard development keys are public")
        check.equal(opened[0], 0x30)
        file.write_bytes(opened)
        result = old.run(*CHECK)
        check.exits(result, 0)
        check.holds(result.error, "key-log.key-lies-open")
        check.exits(old.run("keys", "audit", "rollover", "--new-passphrase", "fd:PIN", pin=secret), 0)
        check.true(opened[-32:].hex().upper() not in file.read_text(encoding="utf-8"), "the old key is still there")
        told(check, old.run(*CHECK), 4, ["key-log.key-not-opened"])
        result = old.run(*CHECK, "--key-log-passphrase", "fd:PIN", pin=secret)
        check.exits(result, 0)
        check.true("key-log.key-lies-open" not in result.error, "still told")
        check.exits(verify(old), 0)
    with checks.check("production refuses a key that lies open, until a rollover seals the next") as check:
        key.write_bytes(unsealed(key, secret.encode()))
        told(check, audit("checkpoint"), 4, ["key-log.key-open"])
        check.exits(audit("rollover"), 0)
        check.exits(audit("checkpoint"), 0)
        check.exits(verify(site), 0)


def unsealed(path, passphrase):
    """What a sealed checkpoint key holds: scrypt by Python, AES-256-GCM without its tag by OpenSSL as counter mode."""
    text = json.loads(path.read_text(encoding="utf-8"))
    lock, box = text["lock"], bytes.fromhex(text["sealed"])
    key = hashlib.scrypt(passphrase, salt=bytes.fromhex(lock["salt"]), n=lock["cost"], r=lock["blockSize"], p=lock["parallelization"],
                         maxmem=1 << 28, dklen=32)
    return subprocess.run(["openssl", "enc", "-aes-256-ctr", "-K", key.hex(), "-iv", box[:12].hex() + "00000002"], input=box[12:-16],
                          capture_output=True, check=True).stdout


def development_masters():
    """The development masters: HKDF with SHA-256, as Keys/development says how they are made."""
    key = hmac.new(b"sscard development", SEED, hashlib.sha256).digest()
    names = [line.split(":")[0].strip() for line in (ROOT / "Keys/hierarchy.yaml").read_text(encoding="utf-8").splitlines()
             if "{group:" in line]
    return {(name, algorithm): hmac.new(key, f"key {algorithm} {name}".encode() + b"\x01", hashlib.sha256).digest()[:16]
            for name in names for algorithm in ("3des", "sm4")}


def des(key, block):
    """One block under two-key triple DES, by OpenSSL."""
    return subprocess.run(["openssl", "enc", "-des-ede", "-K", key.hex(), "-nopad"], input=block, capture_output=True,
                          check=True).stdout


def session_keys(site, masters):
    """The keys of 8 bytes that authentications made of the card's keys and its challenges, by the challenges in the key log."""
    cards, found = {}, {}
    for number, entry in enumerate(entries(log_of(site))):
        if entry["kind"] != "use" or not entry.get("op", "").endswith("-authentication") or len(entry.get("challenge", "")) != 32:
            continue
        name, card = entry["key"], entry["card"]
        if (name, card) not in cards:
            key = masters[name, "3des"]
            for factor in (entry["area"].encode() + bytes.fromhex("7378"), bytes.fromhex(card)):
                key = des(key, factor) + des(key, bytes(byte ^ 0xFF for byte in factor))
            cards[name, card] = key
        found[name, "session", number] = des(cards[name, card], bytes.fromhex(entry["challenge"])[:8])
    return found


def forms(secrets):
    """Each secret as bytes, in both kinds of hexadecimal digits, in Base64, and as what ciphers make of it."""
    found = {}
    for name, value in secrets.items():
        found[name, "bytes"] = value
        found[name, "hexadecimal"] = value.hex().encode()
        found[name, "HEXADECIMAL"] = value.hex().upper().encode()
        for shift in range(3):
            # wherever it begins in a longer text
            text = base64.b64encode(b"\0" * shift + value)
            found[name, "Base64", shift] = text[(shift * 8 + 5) // 6:-4]
        for number, part in enumerate(schedules(value)):
            found[name, "schedule", number] = part
    return found


def planted(bench, checks):
    """Known keys and a known PIN are looked for in everything that a made and a torn card leave behind."""
    temporary = bench.path("tmp")
    temporary.mkdir()
    site, card = bench.site(), bench.blank()
    environment = {"TMPDIR": str(temporary)}
    with card.inserted():
        process = site.start(*site.making(PEOPLE, 1), "--trace", pin=PIN, environment=environment)
        made = finish(process)
        dumped = site.run("card", "dump", "--pin", "fd:PIN", "--trace", pin=PIN, environment=environment)
        wrong = site.run("card", "dump", "--pin", "fd:PIN", pin="846273", environment=environment)
    checked = site.run(*CHECK, environment=environment)
    masters = development_masters()
    derived = {name: value for name, (_, _, value) in card.image.keys.items() if len(value) == 16}
    texts = {**everything(site), **{str(path): path.read_bytes() for path in temporary.rglob("*") if path.is_file()}}
    for name, result in (("made", made), ("dumped", dumped), ("wrong", wrong), ("checked", checked)):
        texts[name, "output"], texts[name, "error"] = result.output.encode(), result.error.encode()
    with checks.check("the masters worked out here are those that the tool uses") as check:
        check.exits(checked, 0)
        key = masters["IRK", "3des"]
        for factor in (b"990101" + bytes.fromhex("7378"), bytes.fromhex("8649990100000001")):
            key = des(key, factor) + des(key, bytes(byte ^ 0xFF for byte in factor))
        check.holds(checked.output, "enc-zero:" + des(key, bytes(8))[:3].hex().upper())
    with checks.check("no master, no card key, none of their schedules stands in key log, registry, journals, traces, temp files or texts") as check:
        check.exits(made, 0)
        check.true(len(derived) > 50 and len(masters) > 150, "too few keys to look for")
        check.true(any("key-log" in str(name) for name in texts) and any("registry" in str(name) for name in texts), "files missing")
        joined = b"\0\0\0\0".join(texts.values())
        hits = [name for name, value in forms({**masters, **derived}).items() if value in joined]
        check.equal(hits, [])
    sessions = session_keys(site, masters)
    with checks.check("nor does a session key of its authentications, worked out from the challenges in the key log") as check:
        check.true(len(sessions) > 20, f"{len(sessions)} session keys to look for")
        check.equal([name for name, value in forms(sessions).items() if value in joined], [])
    with checks.check("nor does the PIN, in digits, packed, or as hexadecimal digits of either") as check:
        pins = {"PIN": PIN.encode(), "packed": bytes.fromhex(PIN), "hexadecimal": PIN.encode().hex().encode(), "wrong PIN": b"846273"}
        check.equal(found_in(pins, texts), [])
    with checks.check("the search finds a key where there is one") as check:
        value = masters["IRK", "sm4"]
        for text in (value, value.hex().encode(), base64.b64encode(b"ab" + value + b"cd"), b"".join(schedules(value))):
            check.true(any(form in text for form in forms({"IRK": value}).values()), "not found in " + text[:20].hex())
    with checks.check("the key log holds no name and no citizen number") as check:
        row, text = bench.people[0], log_of(site).read_bytes()
        check.equal([value for value in (row["citizenNumber"], row["name"]) if value.encode() in text], [])


def image(process):
    """What a core dump of a process would hold: its memory that can be written, pages of nothing but zeros left out.

    The tool forbids dumps, so the memory is read over the system's back, which only root may.
    """
    pages = []
    with open(f"/proc/{process.pid}/mem", "rb", buffering=0) as memory:
        for line in pathlib.Path(f"/proc/{process.pid}/maps").read_text(encoding="ascii").splitlines():
            place, rights, *_ = line.split()
            start, end = (int(number, 16) for number in place.split("-"))
            if not rights.startswith("rw") or line.endswith("[vvar]"):
                continue
            memory.seek(start)
            with contextlib.suppress(OSError):
                piece = memory.read(end - start)
                pages += [piece[at:at + 4096] for at in range(0, len(piece), 4096) if piece.count(0, at, at + 4096) < 4096]
    return b"".join(pages)


def remembered(bench, checks):
    """The memory of the tool, between the commands of a card: no key of the card is left in it, and no session key."""
    site, card, process, images = bench.site(), bench.blank(), [], {}

    def look(number, command):
        if number in (150, 330) and process:
            images[number] = image(process[0])
        return command

    with card.inserted(before=look):
        process.append(site.start(*site.making(PEOPLE, 1), pin=PIN))
        made = finish(process[0])
    masters = development_masters()
    derived = {name: value for name, (_, _, value) in card.image.keys.items() if len(value) == 16}
    sessions = session_keys(site, masters)
    with checks.check("a core dump taken between two commands of a card would hold the store's masters, and whose card it is") as check:
        check.exits(made, 0)
        check.equal(len(images), 2)
        # the search finds what is there
        check.true(all(masters["UKSSSE", "3des"] in found for found in images.values()), "no master in memory: nothing was looked at")
    with checks.check("but no key of the card, no session key of its authentications, and none of their schedules") as check:
        check.true(len(derived) > 50 and len(sessions) > 5, f"{len(derived)} and {len(sessions)} keys to look for")
        sought = forms({**derived, **sessions})
        hits = {number: [name for name, value in sought.items() if value in found] for number, found in images.items()}
        check.equal({number: names for number, names in hits.items() if names}, {})


def crash(bench, checks):
    """The tool crashes with a card's keys in its memory."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sscard-core-", dir=bench.folder))
    site, card, process, sight = bench.site(), bench.blank(), [], {}

    def look(number, command):
        if number == 150 and process:
            status = pathlib.Path(f"/proc/{process[0].pid}")
            sight["limits"] = (status / "limits").read_text()
            sight["owner"] = (status / "mem").stat().st_uid
            process[0].send_signal(signal.SIGSEGV)
        return command

    master, slave = pty.openpty()
    with card.inserted(before=look):
        variables = dict(os.environ, SSCARD_DATA=str(site.data), SWIFT_BACKTRACE="enable=yes,color=no")
        reading, writing = os.pipe()
        os.write(writing, PIN.encode() + b"\n")
        os.close(writing)
        arguments = [f"fd:{reading}" if word == "fd:PIN" else str(word) for word in site.making(PEOPLE, 1)]
        process.append(subprocess.Popen(
            ["/bin/sh", "-c", f'ulimit -c unlimited; cd {folder}; exec "$@"', "sh", bench.tool, *arguments], env=variables,
            pass_fds=(reading,), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave))
        os.close(reading)
        os.close(slave)
        process[0].communicate(timeout=60)
    said = b""
    with contextlib.suppress(OSError):
        while chunk := os.read(master, 4096):
            said += chunk
    os.close(master)
    with checks.check("a crash leaves no core, and prints no registers, whatever the environment asks for") as check:
        check.equal(process[0].returncode, -signal.SIGSEGV)
        check.equal([path.name for path in folder.rglob("*") if "core" in path.name], [])
        check.holds(sight.get("limits", ""), "Max core file size        0                    0")
        check.true(b"rax" not in said.lower() and b"backtrace" not in said.lower(), said[:200].decode(errors="replace"))
