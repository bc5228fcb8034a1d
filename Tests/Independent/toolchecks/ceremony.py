"""The key ceremony as custodians and auditors meet it: roster, steps, pauses, refusals, transcript, city keys.

Signatures and hashes of the transcript are checked here once more with openssl alone.
"""

import hashlib
import json
import os
import pathlib
import pty
import re
import select
import stat
import subprocess
import tempfile
import time

from . import slip39
from .bench import PATIENCE, ROOT, Result, finish
from .refusals import told

SECRETS = {1001: "first custodian's words", 1002: "second custodian's words", 1003: "third custodian's words"}
NAMES = {1001: "张一", 1002: "李二", 1003: "王三"}
COMPONENTS = {1001: "0123456789ABCDEFFEDCBA9876543210", 1002: "00112233445566778899AABBCCDDEEFF"}
STORE_SECRET = "the province's own passphrase"
PREHEAD = "1234567812345678"  # SM2's default identifier


def run(bench, checks):
    """All checks of this section."""
    room = Room(bench)
    custodians(room, checks)
    steps(room, checks)
    refused(room, checks)
    transcript(room, checks)
    handed_down(room, checks)
    shared(room, checks)
    destroyed(room, checks)
    at_the_terminal(room, checks)


class Room:
    """The key room: a folder, the custodians' key files, the tool."""

    def __init__(self, bench):
        self.bench = bench
        self.folder = bench.path("key-room")
        self.folder.mkdir(mode=0o700)
        self.roster = self.folder / "roster.json"
        self.state = self.folder / "ceremony.json"
        self.store = self.folder / "province"
        self.transcript = self.folder / "transcript.json"

    def key(self, number):
        """The file of a custodian's key."""
        return self.folder / f"{number}.key"

    def run(self, *arguments, lines=(), descriptors=None):
        """Runs the tool; `{0}`, `{1}` … in the arguments become descriptors from which these groups of lines can be read."""
        groups = [lines] if descriptors is None else descriptors
        passed = []
        for group in groups:
            reading, writing = os.pipe()
            os.write(writing, "".join(f"{line}\n" for line in group).encode())
            os.close(writing)
            passed.append(reading)
        named = [re.sub(r"\{(\d)\}", lambda found: str(passed[int(found.group(1))]), str(part)) for part in arguments]
        try:
            process = subprocess.Popen(
                [self.bench.tool, *named], cwd=ROOT, pass_fds=passed, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=dict(os.environ, SSCARD_DATA=str(self.folder / "data")))
        finally:
            for descriptor in passed:
                os.close(descriptor)
        return finish(process)

    def open(self, state, *numbers, level="province", area="990000", name="province"):
        """Opens a ceremony."""
        people = [part for number in numbers for part in ("--custodian", str(number))]
        return self.run("keys", "ceremony", "open", "--state", state, "--roster", self.roster, *people, "--name", name,
                        "--level", level, "--area", area, "--json")

    def commit(self, state, number, *more, lines=()):
        """One custodian's step."""
        return self.run("keys", "ceremony", "commit", "--state", state, "--custodian-key", self.key(number),
                        "--passphrase", "fd:{0}", "--json", *more, lines=[SECRETS[number], *lines])

    def finish(self, state, *numbers, store=None, transcript=None, secrets=None, store_secret=STORE_SECRET):
        """The common step of all."""
        keys = [part for number in numbers for part in ("--custodian-key", self.key(number))]
        lines = secrets or [SECRETS[number] for number in numbers]
        return self.run("keys", "ceremony", "finish", "--state", state, *keys, "--passphrase", "fd:{0}", "--store",
                        store or self.store, "--store-passphrase", "fd:{1}", "--transcript", transcript or self.transcript,
                        "--json", descriptors=[lines, [store_secret]])


def custodians(room, checks):
    """The custodians' own keys, and the roster."""
    made = [room.run("keys", "custodian", "new", "--number", number, "--name", NAMES[number], "--out", room.key(number),
                     "--passphrase", "fd:{0}", "--json", lines=[SECRETS[number]]) for number in SECRETS]
    with checks.check("each custodian makes a key of their own, in a file that only its owner can read") as check:
        for number, result in zip(SECRETS, made):
            check.exits(result, 0)
            check.equal((result.json[0]["number"], result.json[0]["name"]), (number, NAMES[number]))
            check.equal(stat.S_IMODE(room.key(number).stat().st_mode), 0o600)
            check.true(SECRETS[number] not in room.key(number).read_text(), "the passphrase is in the file")
    with checks.check("a key file is never overwritten, and a short passphrase is refused") as check:
        before = room.key(1001).read_bytes()
        told(check, room.run("keys", "custodian", "new", "--number", 1001, "--name", "张一", "--out", room.key(1001),
                             "--passphrase", "fd:{0}", lines=[SECRETS[1001]]), 2, ["record.exists"])
        told(check, room.run("keys", "custodian", "new", "--number", 9, "--name", "九", "--out", room.folder / "9.key",
                             "--passphrase", "fd:{0}", lines=["short"]), 2, ["secret.too-short"])
        check.equal(room.key(1001).read_bytes(), before)
        check.true(not (room.folder / "9.key").exists(), "a file was made")
    keys = [room.key(number) for number in SECRETS]
    with checks.check("the roster names everyone once") as check:
        check.exits(room.run("keys", "custodian", "roster", *keys, "--out", room.roster), 0)
        shown = room.run("keys", "custodian", "show", room.roster, "--json")
        check.equal([row["number"] for row in shown.json], list(SECRETS))
        told(check, room.run("keys", "custodian", "roster", keys[0], keys[0], "--out", room.folder / "twice.json"),
             2, ["custodian.twice"])


def steps(room, checks):
    """A whole ceremony, each step a program of its own."""
    with checks.check("a ceremony is opened, and each custodian commits when it is their turn") as check:
        check.exits(room.open(room.state, 1001, 1002, 1003), 0)
        first = room.commit(room.state, 1001, "--component", "fd:{0}", lines=[COMPONENTS[1001]] * 2)
        check.exits(first, 0)
        check.equal(first.json["custodians"][0]["checkValue"], "enc-zero:" + check_value(COMPONENTS[1001]))
        second = room.commit(room.state, 1002, "--component", "fd:{0}", "--kcv", check_value(COMPONENTS[1002]),
                             lines=[COMPONENTS[1002]])
        check.exits(second, 0)
        check.exits(room.commit(room.state, 1003), 0)
    with checks.check("between the steps no component lies in the clear, and the state tells how far it is") as check:
        text = room.state.read_text(encoding="utf-8")
        for component in COMPONENTS.values():
            check.true(component not in text, "a component is in the state file")
        status = room.run("keys", "ceremony", "status", "--state", room.state, "--json")
        check.equal([step["checkValue"] is not None for step in status.json["custodians"]], [True] * 3)
        check.equal(stat.S_IMODE(room.state.stat().st_mode), 0o600)
    before = room.state.read_bytes()
    with checks.check("a wrong passphrase, another order or a missing custodian end nothing and change nothing") as check:
        wrong = [SECRETS[1001], SECRETS[1002], "not the third one's words"]
        told(check, room.finish(room.state, 1001, 1002, 1003, secrets=wrong), 4, ["custodian.not-opened"])
        told(check, room.finish(room.state, 1002, 1001, 1003), 2, ["ceremony.out-of-order"])
        told(check, room.finish(room.state, 1001, 1002), 2, ["ceremony.missing-key"])
        check.equal(room.state.read_bytes(), before)
        check.true(not room.store.exists() and not room.transcript.exists(), "something was made")
    ended = room.finish(room.state, 1001, 1002, 1003)
    with checks.check("together they make the sealed key set and the transcript") as check:
        check.exits(ended, 0)
        check.true(ended.json["keyCount"] > 150, "too few keys")
        store = (room.store / "keyset.yaml").read_text(encoding="utf-8")
        check.holds(store, "level: province", 'area: ', f"root: {ended.json['root']}")
        check.equal(stat.S_IMODE(room.store.stat().st_mode), 0o700)
        check.equal(json.loads(room.state.read_text(encoding="utf-8"))["envelopes"], [])
    with checks.check("a ceremony that is over takes no more steps") as check:
        told(check, room.commit(room.state, 1003), 2, ["ceremony.finished"])
        told(check, room.finish(room.state, 1001, 1002, 1003, store=room.folder / "again",
                                transcript=room.folder / "again.json"), 2, ["ceremony.finished"])
        told(check, room.finish(room.state, 1001, 1002, 1003), 2, ["record.exists"])


def refused(room, checks):
    """People and components that no ceremony takes."""
    def state(name, *numbers):
        path = room.folder / f"{name}.json"
        room.open(path, *numbers)
        return path

    with checks.check("one person twice, one person alone, a stranger, a city are refused at the opening") as check:
        told(check, room.open(room.folder / "x", 1001, 1001), 2, ["custodian.twice"])
        told(check, room.open(room.folder / "x", 1001), 2, ["ceremony.custodian-count"])
        told(check, room.open(room.folder / "x", 1001, 4711), 2, ["ceremony.unknown-custodian"])
        told(check, room.open(room.folder / "x", 1001, 1002, level="city", area="99010"), 2,
             ["ceremony.level", "ceremony.area"])
        check.true(not (room.folder / "x").exists(), "a state file was made")
    path = state("refusals", 1001, 1002)
    before = path.read_bytes()
    good = COMPONENTS[1001]
    with checks.check("components that are zero, differ, have a wrong check value or wrong digits are not used") as check:
        for lines, more, code in [
                (["0" * 32] * 2, (), "component.zero"), ([good, COMPONENTS[1002]], (), "component.entries-differ"),
                ([good], ("--kcv", "000000"), "component.check-value"), ([good[:-1]] * 2, (), "component.digits")]:
            told(check, room.commit(path, 1001, "--component", "fd:{0}", *more, lines=lines), 2, [code])
        told(check, room.commit(path, 1002), 2, ["ceremony.out-of-order"])
        told(check, room.commit(path, 1003), 2, ["ceremony.stranger"])
        check.equal(path.read_bytes(), before)
    room.commit(path, 1001, "--component", "fd:{0}", lines=[good] * 2)
    before = path.read_bytes()
    with checks.check("an equal component and a second one of the same person are refused") as check:
        told(check, room.commit(path, 1002, "--component", "fd:{0}", lines=[good] * 2), 2, ["ceremony.equal-components"])
        told(check, room.commit(path, 1001), 2, ["ceremony.already-committed"])
        check.equal(path.read_bytes(), before)
    with checks.check("a state file that somebody changed is not taken up") as check:
        altered = room.folder / "altered.json"
        altered.write_bytes(before.replace(b"990000", b"980000"))
        told(check, room.commit(altered, 1002), 4, ["ceremony.state-altered"])


def transcript(room, checks):
    """What the auditor sees, with the tool and without it."""
    def verify(path, *more):
        return room.run("keys", "transcript", "verify", path, *more)

    with checks.check("the auditor verifies the transcript against the roster, without a secret") as check:
        result = verify(room.transcript, "--roster", room.roster, "--json")
        check.exits(result, 0)
        check.true(result.json["isValid"] and result.json["isRosterChecked"], "not valid")
    with checks.check("openssl alone finds the same: canonical bytes, chain and every signature") as check:
        openssl_verifies(check, json.loads(room.transcript.read_text(encoding="utf-8")))
    text = room.transcript.read_bytes()
    with checks.check("a transcript with a byte changed here and there ends with 1 and a reason") as check:
        altered = room.folder / "altered-transcript.json"
        for place in range(0, len(text), len(text) // 40):
            changed = bytearray(text)
            changed[place] ^= 1
            altered.write_bytes(changed)
            result = verify(altered)
            check.true(result.code == 1 and result.codes, f"byte {place}: {result.code} {result.codes}")
    with checks.check("a file of another kind is told as such, with 2, and not as a transcript that was altered") as check:
        for other in (room.roster, room.state, "Fixtures/people.csv", "/bin/true"):
            told(check, verify(other), 2, ["transcript.other-file"])
    with checks.check("another house's roster does not know the custodians") as check:
        other = room.folder / "other-roster.json"
        room.run("keys", "custodian", "roster", room.key(1001), room.key(1002), "--out", other)
        told(check, verify(room.transcript, "--roster", other), 1, ["transcript.not-in-roster"])


def openssl_verifies(check, record):
    """Follows the chain of a transcript and checks each signature with openssl's own command."""
    points = {one["number"]: one["publicKey"] for one in record["opening"]["custodians"]}
    head = sm3(canonical(record["opening"]))
    for entry in record["commitments"]:
        check.equal(entry["previous"], head.upper())
        signed = {name: value for name, value in entry.items() if name != "signature"}
        check.true(sm2_verifies(points[entry["custodian"]], canonical(signed), entry["signature"]), "a commitment's signature")
        head = sm3(canonical(entry))
    outcome = dict(record["outcome"])
    check.equal(outcome["previous"], head.upper())
    signatures = outcome.pop("signatures")
    for point, signature in zip(points.values(), signatures):
        check.true(sm2_verifies(point, canonical(outcome), signature), "an outcome's signature")
    check.equal(len(signatures), len(points))


def canonical(value):
    """The bytes that are signed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def sm3(data):
    """SM3 by openssl."""
    return subprocess.run(["openssl", "dgst", "-sm3", "-r"], input=data, capture_output=True, check=True).stdout.split()[0].decode()


def check_value(component):
    """The first three bytes of SM4(component, zeros) by openssl."""
    return subprocess.run(["openssl", "enc", "-sm4-ecb", "-nopad", "-K", component], input=bytes(16), capture_output=True,
                          check=True).stdout.hex().upper()[:6]


def sm2_verifies(point, message, signature):
    """Whether openssl finds a signature (r ‖ s) right under a public point."""
    def integer(text):
        data = bytes.fromhex(text).lstrip(b"\0") or b"\0"
        data = b"\0" * (data[0] >> 7) + data
        return b"\x02" + bytes([len(data)]) + data

    body = integer(signature[:64]) + integer(signature[64:])
    # SubjectPublicKeyInfo: ecPublicKey on the curve 1.2.156.10197.1.301
    spki = bytes.fromhex("3059301306072A8648CE3D020106082A811CCF5501822D034200" + point)
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "key.der").write_bytes(spki)
        (place / "signature").write_bytes(b"\x30" + bytes([len(body)]) + body)
        (place / "message").write_bytes(message)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.der", "-keyform", "DER", "-rawin", "-digest", "sm3",
             "-in", "message", "-sigfile", "signature", "-pkeyopt", f"distid:{PREHEAD}"],
            cwd=folder, capture_output=True, check=False)
        return done.returncode == 0


RECEIVER = (2001, "赵四", "the city custodian's words")


def receivers(room):
    """The custodian of a city, and the roster that the city sends to the province."""
    number, name, secret = RECEIVER
    key, roster = room.folder / f"{number}.key", room.folder / "city-roster.json"
    if not roster.exists():
        room.run("keys", "custodian", "new", "--number", number, "--name", name, "--out", key, "--passphrase", "fd:{0}", lines=[secret])
        room.run("keys", "custodian", "roster", key, "--out", roster)
    return key, roster


def hand_down(room, envelope, *more, people=(1001, 1002), opened=(), secrets=(), receiver=RECEIVER[0]):
    """Seals a set for the city's custodian; `opened` names the store and takes `secrets`."""
    keys = [part for number in people for part in ("--custodian-key", room.key(number))]
    return room.run("keys", "hand-down", *opened, "--receivers", receivers(room)[1], "--receiver", receiver, "--roster", room.roster,
                    *keys, "--passphrase", "fd:{0}", "--out", envelope, *more,
                    descriptors=[[SECRETS[number] for number in people], list(secrets)])


def handed_down(room, checks):
    """From the province's set to a city's in an envelope, and a card made with that."""
    city, envelope = room.folder / "city", room.folder / "city.envelope"
    opened = {"opened": ("--keys", room.store, "--keys-passphrase", "fd:{1}"), "secrets": [STORE_SECRET]}
    result = hand_down(room, envelope, "--area", "990101", "--name", "city-990101", "--json", **opened)
    with checks.check("the province hands a city its own keys down, sealed for its custodian, signed by two") as check:
        check.exits(result, 0)
        check.equal(result.json["signers"], [1001, 1002])
        text = envelope.read_text(encoding="utf-8")
        check.holds(text, "level: city", "area: 990101", "receiver: 2001")
        check.equal(stat.S_IMODE(envelope.stat().st_mode), 0o600)
    with checks.check("openssl alone verifies both signatures over all lines before them") as check:
        lines = text.splitlines(keepends=True)
        signed = "".join(line for line in lines if not line.startswith("signature: ")).encode()
        points = {one["number"]: one["publicKey"] for one in json.loads(room.roster.read_text(encoding="utf-8"))["custodians"]}
        found = [line.split() for line in lines if line.startswith("signature: ")]
        check.equal([int(line[1]) for line in found], [1001, 1002])
        for line in found:
            check.true(sm2_verifies(points[int(line[1])], signed, line[2]), f"the signature of {line[1]}")
    with checks.check("no set goes to another province's area, to a stranger, with one signer, or over an envelope that is there") as check:
        other = room.folder / "other.envelope"
        told(check, hand_down(room, other, "--area", "980100", "--name", "x", **opened), 4, ["key-store.level"])
        told(check, hand_down(room, other, "--area", "990101", "--name", "x", receiver=2002, **opened), 2, ["key-envelope.no-receiver"])
        told(check, hand_down(room, other, "--area", "990101", "--name", "x", people=(1001,), **opened), 4, ["approval.too-few-persons"])
        told(check, hand_down(room, envelope, "--area", "990101", "--name", "x", **opened), 2, ["record.exists"])
        check.true(not other.exists(), "an envelope was made")
    with checks.check("the key log says which set left, for whom, and who approved") as check:
        log = (room.folder / "data/key-log/key-log.txt").read_text(encoding="utf-8")
        check.holds(log, "op=key-hand-down", "officers=1001,1002", "about-set=city-990101")
    with checks.check("the city's custodian opens the envelope and checks every derivation") as check:
        root = re.search(r"^root: (\S+)$", text, re.MULTILINE)[1]
        taken = room.run("keys", "receive", envelope, "--senders", room.roster, "--custodian-key", receivers(room)[0], "--passphrase",
                         "fd:{0}", "--root", root, "--area", "990101", "--store", city, "--store-passphrase", "fd:{1}", "--json",
                         descriptors=[[RECEIVER[2]], ["the city's own passphrase"]])
        check.exits(taken, 0)
        check.equal(taken.json["lineageDigest"], result.json["lineageDigest"])
        check.holds((city / "keyset.yaml").read_text(encoding="utf-8"), "level: city", "990101")
    policy = room.bench.write("city.yaml", 'version: city-1\narea: "990101"\n')
    with checks.check("a card's keys have the same check values from the city's set as from the province's") as check:
        asked = ("keys", "check", "--factor", "8649990100000001", "--policy", policy, "--keys-passphrase", "fd:{0}", "--json")
        from_city = room.run(*asked, "--keys", city, lines=["the city's own passphrase"])
        check.exits(from_city, 0)
        check.equal(from_city.json, room.run(*asked, "--keys", room.store, lines=[STORE_SECRET]).json)


def shared(room, checks):
    """Shares in place of the passphrase: backup, drill, recovery."""
    folder = room.folder / "backup"
    keys = [part for number in SECRETS for part in ("--custodian-key", room.key(number))]
    made = room.run("keys", "backup", "--keys", room.store, "--keys-passphrase", "fd:{0}", "--threshold", 2, *keys,
                    "--passphrase", "fd:{1}", "--to", folder, "--json", descriptors=[[STORE_SECRET], list(SECRETS.values())])
    share = {number: folder / f"share-{number}.json" for number in SECRETS}
    with checks.check("what opens the store is divided among three custodians, each in a file of their own") as check:
        check.exits(made, 0)
        check.equal(made.json["threshold"], 2)
        for path in share.values():
            check.equal(stat.S_IMODE(path.stat().st_mode), 0o600)

    def words(number, by):
        return room.run("keys", "share-words", share[number], "--custodian-key", room.key(by), "--passphrase", "fd:{0}",
                        lines=[SECRETS[by]])

    spoken = {number: words(number, number).output.strip() for number in SECRETS}
    with checks.check("a share shows its words to its own custodian alone, and they lie in no file") as check:
        check.equal([len(text.split()) for text in spoken.values()], [33] * 3)
        told(check, words(1001, 1002), 4, ["custody.not-your-share"])
        for path in folder.iterdir():
            check.true(spoken[1001][:30] not in path.read_text(encoding="utf-8"), f"words in {path.name}")
    with checks.check("combined by SLIP-0039 worked out here, the shares give the key that scrypt makes of the passphrase") as check:
        text = (room.store / "keyset.yaml").read_text(encoding="utf-8")
        salt = bytes.fromhex(re.search(r"salt: ([0-9A-F]+)", text).group(1))
        cost = int(re.search(r"cost: (\d+)", text).group(1))
        expected = hashlib.scrypt(STORE_SECRET.encode(), salt=salt, n=cost, r=8, p=1, maxmem=1 << 28, dklen=32)
        for pair in ((1001, 1002), (1003, 1001)):
            check.equal(slip39.combine([spoken[number] for number in pair]), expected)

    def using(command, *numbers, more=(), lines=(), paper=()):
        parts = [part for number in numbers for part in ("--share", share[number], "--custodian-key", room.key(number))]
        for place, _ in enumerate(paper):
            parts += ["--words", f"fd:{{{place + 2}}}"]
        return room.run("keys", command, "--keys", room.store, "--backup", folder / "backup.json", *parts, "--passphrase",
                        "fd:{0}", *more, "--json", descriptors=[[SECRETS[number] for number in numbers], lines,
                                                                *([text] for text in paper)])

    report = room.folder / "drill.json"
    drill = using("drill", 1001, 1003, more=("--report", report))
    with checks.check("a drill compares every check value in a throw-away copy and signs its report") as check:
        check.exits(drill, 0)
        check.equal((drill.json["shares"], drill.json["signers"]), ([1, 3], [1001, 1003]))
        verified = room.run("keys", "transcript", "verify", report, "--roster", room.roster, "--json")
        check.exits(verified, 0)
        altered = room.folder / "altered-drill.json"
        altered.write_bytes(report.read_bytes().replace(b'"milliseconds": ', b'"milliseconds": 1'))
        told(check, room.run("keys", "transcript", "verify", altered), 1, ["transcript.signature"])
    with checks.check("too few shares, the same twice, and another's key are refused with the reason") as check:
        again = room.folder / "again.json"
        told(check, using("drill", 1001, more=("--report", again)), 4, ["share.too-few"])
        told(check, using("drill", 1001, more=("--report", again), paper=[spoken[1001]]), 2, ["share.duplicated"])
        wrong = spoken[1002].split()
        wrong[5], wrong[6] = wrong[6], wrong[5]
        told(check, using("drill", 1001, more=("--report", again), paper=[" ".join(wrong)]), 2, ["share.checksum"])
        check.true(not again.exists(), "a report was made")
    recovered = room.folder / "recovered"
    with checks.check("one share from its file and one from paper open the store, which is sealed anew with SM4") as check:
        result = using("recover", 1002, paper=[spoken[1003]], lines=["the recovered store's passphrase"],
                       more=("--store", recovered, "--store-passphrase", "fd:{1}", "--seal", "sm4-ctr-hmac-sm3"))
        check.exits(result, 0)
        check.holds((recovered / "keyset.yaml").read_text(encoding="utf-8"), "seal: sm4-ctr-hmac-sm3")
        asked = ("keys", "check", "--factor", "8649990100000001", "--policy",
                 room.bench.write("city.yaml", 'version: city-1\narea: "990101"\n'), "--keys-passphrase", "fd:{0}", "--json")
        found = room.run(*asked, "--keys", recovered, lines=["the recovered store's passphrase"])
        check.exits(found, 0)
        check.equal(found.json, room.run(*asked, "--keys", room.store, lines=[STORE_SECRET]).json)


def destroyed(room, checks):
    """A store is to be destroyed, later, by two."""
    store, city = room.folder / "recovered", room.folder / "city"

    def step(name, number, *more):
        return room.run("keys", "destroy", name, "--keys", store, "--roster", room.roster, "--custodian-key", room.key(number),
                        "--passphrase", "fd:{0}", "--json", *more, lines=[SECRETS[number]])

    with checks.check("a destruction waits, and says what still depends on the store") as check:
        told(check, step("request", 1001, "--reason", "轮换", "--wait-days", 0), 2, ["destruction.wait"])
        asked = step("request", 1001, "--reason", "轮换", "--below", city)
        check.exits(asked, 0)
        check.equal(asked.json["dependentStores"], ["city-990101 city 990101"])
        shown = room.run("keys", "destroy", "status", "--keys", store)
        check.holds(shown.output, "city-990101", "可以撤回")
        told(check, step("execute", 1002, "--below", city), 1, ["destruction.waiting"])
        told(check, step("request", 1001, "--reason", "轮换"), 2, ["record.exists"])
        check.true((store / "keyset.yaml").exists(), "the store is gone")
    with checks.check("until then anyone of the roster calls it off") as check:
        check.exits(step("cancel", 1003), 0)
        told(check, step("execute", 1002, "--below", city), 2, ["destruction.none"])
        told(check, step("cancel", 1003), 2, ["destruction.none"])


def at_the_terminal(room, checks):
    """What is typed shows nowhere, and Ctrl-C leaves the terminal as it was."""
    path = room.folder / "terminal.json"
    room.open(path, 1001, 1002)
    with checks.check("at a terminal passphrase and component are typed unseen, the component twice") as check:
        result = typing(room, ["keys", "ceremony", "commit", "--state", path, "--custodian-key", room.key(1001),
                               "--component", "ask", "--json"],
                        ["口令", SECRETS[1001]], ["分量", COMPONENTS[1001]], ["再输入", COMPONENTS[1001]])
        check.exits(result, 0)
        check.holds(result.output, "enc-zero:" + check_value(COMPONENTS[1001]))
        for secret in (SECRETS[1001], COMPONENTS[1001]):
            check.true(secret not in result.output, "what was typed is on the screen")
    before = path.read_bytes()
    with checks.check("corrections work unseen too") as check:
        other = room.folder / "corrected.json"
        room.open(other, 1001, 1002)
        result = typing(room, ["keys", "ceremony", "commit", "--state", other, "--custodian-key", room.key(1001), "--json"],
                        ["口令", "wrong\x15" + SECRETS[1001] + "xy\x7f\x7f"])
        check.exits(result, 0)
    with checks.check("Ctrl-C at a prompt gives up, changes nothing, and leaves echo on") as check:
        result = typing(room, ["keys", "ceremony", "commit", "--state", path, "--custodian-key", room.key(1002)],
                        ["口令", "half of it\x03"])
        check.exits(result, 2)
        check.holds(result.output, "secret.given-up")
        check.true(result.echo, "echo is off")
        check.equal(path.read_bytes(), before)


def typing(room, arguments, *answers):
    """Runs the tool at a terminal of its own; each answer is typed when its prompt has come. Output and errors come as one."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        os.environ["SSCARD_DATA"] = str(room.folder / "data")
        os.execv(room.bench.tool, [room.bench.tool, *map(str, arguments)])
    text = b""
    rest = list(answers)
    until = time.monotonic() + PATIENCE
    seen = 0
    echo = True
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        text += piece
        # the state of the terminal while the program still has it open
        echo = echo_is_on(terminal, echo)
        if rest and rest[0][0].encode() in text[seen:]:
            seen = len(text)
            answer = rest.pop(0)[1]
            os.write(terminal, answer.encode() + (b"" if answer.endswith("\x03") else b"\n"))
    os.close(terminal)
    _, status = os.waitpid(process, 0)
    result = Result(os.waitstatus_to_exitcode(status), text.decode(errors="replace"), text.decode(errors="replace"))
    result.echo = echo
    return result


def echo_is_on(terminal, otherwise):
    """Whether the terminal shows what is typed."""
    import termios  # pylint: disable=import-outside-toplevel
    try:
        return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
    except termios.error:
        return otherwise
