"""Issuer keys in a PKCS#11 token: loaded, looked at with OpenSC's pkcs11-tool, used for cards, lost in the middle of one."""

import os
import pathlib
import re
import signal
import subprocess

from .bench import PIN, ROOT, finish
from .keys import PRODUCTION
from .refusals import told

PEOPLE = ROOT / "Fixtures/people.csv"
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
OFFICER, USER = "officer-8305561972", "user-4471890263"
AREA = "990101"


def run(bench, checks):
    """All checks of this section."""
    shelf = Shelf(bench)
    site = bench.site()
    filling(checks, shelf, site)
    objects(checks, shelf)
    probing(bench, checks, shelf, site)
    refused(bench, checks, shelf, site)
    twins(bench, checks, shelf, site)
    staying_inside(bench, checks, shelf, site)
    crash(bench, checks, shelf)


class Shelf:
    """A folder of SoftHSM2 tokens of the checks' own."""

    def __init__(self, bench):
        folder = bench.path("softhsm")
        (folder / "tokens").mkdir(parents=True)
        self.settings = folder / "softhsm2.conf"
        self.settings.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n", encoding="utf-8")
        self.environment = {"SOFTHSM2_CONF": str(self.settings)}

    def run(self, site, *arguments, secret=None):
        """Runs the tool with these tokens."""
        return site.run(*arguments, pin=secret, environment=self.environment)

    def token(self, site, verb, label, *more, secret=USER):
        """`keys token VERB` for one token."""
        return self.run(site, "keys", "token", verb, "--token", label, "--token-pin", "fd:PIN", *more, secret=secret)

    def filled(self, site, label, *more):
        """Makes a token and loads the keys of the counter's city; SoftHSM2 takes its time for each on a busy machine."""
        made = self.token(site, "init", label, "--officer-pin", "fd:PIN", secret=f"{OFFICER}\n{USER}")
        loading = site.start("keys", "token", "load", "--token", label, "--token-pin", "fd:PIN", "--area", AREA, *more,
                             pin=USER, environment=self.environment)
        return made, finish(loading, patience=900)


def using(label):
    """The options that name a token; its PIN comes first from the open file."""
    return ("--keys", f"pkcs11:token={label}?module-path={MODULE}", "--keys-passphrase", "fd:PIN")


def filling(checks, shelf, site):
    """A token is made, loaded and listed."""
    made, loaded = shelf.filled(site, "city", "--purpose", "card-making", "--json")
    with checks.check("keys token init and load fill a token with the keys of a city and compare them with the store") as check:
        check.exits(made, 0)
        check.exits(loaded, 0)
        token = loaded.json["token"]
        check.equal((token["level"], token["area"], token["purpose"]), ("city", AREA, "card-making"))
        check.equal(loaded.json["compared"], len(token["keys"]))
        check.true(len(token["keys"]) > 80, "few keys")
        check.equal(token["opaqueKeys"], [])
    with checks.check("keys token list shows tokens without a PIN, and with it what one holds") as check:
        listed = shelf.run(site, "keys", "token", "list", "--json")
        check.exits(listed, 0)
        check.equal([row["pin"] for row in listed.json if row["label"] == "city"], ["ready"])
        held = shelf.token(site, "list", "city", "--json")
        check.exits(held, 0)
        check.equal(held.json["keys"], loaded.json["token"]["keys"])
    with checks.check("a token that is loaded is not loaded again, with 4") as check:
        told(check, shelf.token(site, "load", "city", "--area", AREA, "--purpose", "authentication"), 4, ["token.already-loaded"])
    with checks.check("one card's check values are those of the store") as check:
        asked = ("keys", "check", "--factor", "8649990100000001", "--json")
        check.equal(shelf.run(site, *asked, *using("city"), secret=USER).json, site.run(*asked).json)


def objects(checks, shelf):
    """What another program finds on the token."""
    result = subprocess.run(
        ["pkcs11-tool", "--module", MODULE, "--token-label", "city", "--login", "--pin", "env:TOKEN_PIN",
         "--list-objects", "--type", "secrkey"],
        env=dict(os.environ, TOKEN_PIN=USER, **shelf.environment), capture_output=True, text=True, check=False)
    with checks.check("pkcs11-tool finds 3DES masters only, sensitive, never to be taken out, imported") as check:
        found = result.stdout.split("Secret Key Object;")[1:]
        check.true(len(found) > 80, f"{len(found)} keys: {result.stderr}")
        for key in found:
            check.holds(key, "sensitive")
            check.true("extractable" not in key.replace("never extractable", "") and "VALUE" not in key, key)
            check.true(re.search(r"label:\s+[A-Z0-9]+/01/[123]", key), key)
            check.true("decrypt" not in key and "sign" not in key and "wrap" not in key, key)


def probing(bench, checks, shelf, site):
    """The trial of the token, and the policy that judges it."""
    with checks.check("keys token probe tells what SoftHSM2 refuses and the one thing it does") as check:
        result = shelf.token(site, "probe", "city", "--json")
        check.exits(result, 0)
        check.equal({row["probe"]: row["outcome"] for row in result.json if row["outcome"] != "refused"},
                    {"derived-key-read": "done"})
    home = bench.path("home")
    (home / "Keys").mkdir(parents=True)
    (home / "CardLayouts").symlink_to(ROOT / "CardLayouts")
    for entry in (ROOT / "Keys").iterdir():
        if entry.name != "token-policy.yaml":
            (home / "Keys" / entry.name).symlink_to(entry)
    policy = (ROOT / "Keys/token-policy.yaml").read_text(encoding="utf-8")
    (home / "Keys/token-policy.yaml").write_text(policy.replace("derived-key-read: tolerate", "derived-key-read: refuse"),
                                                 encoding="utf-8")
    with checks.check("a policy that does not bear it: probe ends with 1, and the token is not used, with 4") as check:
        check.exits(shelf.token(site, "probe", "city", "--home", home), 1)
        told(check, shelf.run(site, "keys", "check", "--factor", "8649990100000001", "--home", home, *using("city"),
                              secret=USER), 4, ["token.probe-refused"])


def refused(bench, checks, shelf, site):
    """Wrong PINs, wrong names, development keys in production."""
    check_values = ("keys", "check", "--factor", "8649990100000001")
    with checks.check("a wrong PIN is told with 4 after one try, and shows at the token") as check:
        result = shelf.run(site, *check_values, *using("city"), secret="user-0000000000")
        told(check, result, 4, ["token.wrong-pin"])
        check.true("user-0000000000" not in result.error, "the PIN is in the message")
        states = [row["pin"] for row in shelf.run(site, "keys", "token", "list", "--json").json if row["label"] == "city"]
        check.equal(states, ["some-tries-spent"])
        check.exits(shelf.run(site, *check_values, *using("city"), secret=USER), 0)
    with checks.check("a PIN that is too short for a token is told in a token's words, and no token is made") as check:
        told(check, shelf.token(site, "init", "short", "--officer-pin", "fd:PIN", secret=f"{OFFICER}\n7391468"), 2,
             ["token.pin-short"])
        check.true("short" not in [row["label"] for row in shelf.run(site, "keys", "token", "list", "--json").json], "made")
    with checks.check("a token that is not there, a module that is not there, a PIN in the location") as check:
        told(check, shelf.run(site, *check_values, *using("nowhere"), secret=USER), 4, ["token.not-found"])
        location = ("--keys", "pkcs11:token=city?module-path=/nowhere.so", "--keys-passphrase", "fd:PIN")
        told(check, shelf.run(site, *check_values, *location, secret=USER), 4, ["token.module-missing"])
        result = shelf.run(site, *check_values, "--keys", f"pkcs11:token=city;pin-value={USER}")
        told(check, result, 2, ["token.pin-in-location"])
        check.true(USER not in result.error, "the PIN is in the message")
    with checks.check("SM4 is beyond a token and said to be, with 4") as check:
        told(check, shelf.run(site, *check_values, "--algorithm", "03", *using("city"), secret=USER), 4, ["token.beyond-token"])
    with checks.check("production mode refuses development keys in a token, with 4") as check:
        told(check, shelf.run(bench.site(PRODUCTION), *check_values, "--officer", "1001", *using("city"), secret=USER), 4,
             ["key-store.development-in-production"])


def twins(bench, checks, shelf, site):
    """One blank made twice: with the software store and with the token."""
    first, second = bench.blank(), bench.blank()
    second.state.write_bytes(first.bytes)
    other = bench.site()
    with first.inserted():
        made = other.make(PEOPLE, 1)
    with second.inserted():
        twin = shelf.run(site, *site.making(PEOPLE, 1), *using("city"), secret=f"{USER}\n{PIN}")
    with checks.check("software store and SoftHSM2 make the same card of one blank: the images are identical to the byte") as check:
        check.exits(made, 0)
        check.exits(twin, 0)
        check.equal(second.image.keys, first.image.keys, "keys")
        check.equal(second.image.contents, first.image.contents, "files")
        check.equal(second.bytes, first.bytes, "image")
    number = twin.json[0]["cardNumber"]
    with second.inserted():
        with checks.check("card read, card dump and pharmacy check work over the token") as check:
            site.hand_over(number)
            for command in (["card", "read"], ["card", "dump"], ["pharmacy", "check", "--json"]):
                result = shelf.run(site, *command, *using("city"), secret=USER)
                check.exits(result, 0)
                check.true(USER not in result.output + result.error, "the PIN is shown")


def staying_inside(bench, checks, shelf, site):
    """A token for authentication."""
    made, loaded = shelf.filled(site, "online", "--purpose", "authentication", "--keep-opaque", "--json")
    with checks.check("SM4 keys are kept as opaque objects where that is wished") as check:
        check.exits(made, 0)
        check.exits(loaded, 0)
        check.true(len(loaded.json["token"]["opaqueKeys"]) > 80, "few keys")
    card, own = bench.blank(), bench.site()
    with card.inserted():
        with checks.check("a token for authentication makes no card, and says so before the blank is touched, with 4") as check:
            before = card.bytes
            told(check, shelf.run(own, *own.making(PEOPLE, 2), *using("online"), secret=f"{USER}\n{PIN}"), 4,
                 ["token.keys-stay-inside"])
            check.equal(card.bytes, before, "the blank")
            check.equal(list((own.data / "journal").glob("*.journal")), [], "journals")
            check.equal(own.counts()["blanksUsed"], 0, "cards made")
    card = bench.blank()
    with card.inserted():
        site.make(PEOPLE, 2)
        with checks.check("a token for authentication reads a card with all its keys") as check:
            check.equal(shelf.run(site, "card", "dump", "--json", *using("online"), secret=USER).output,
                        site.run("card", "dump", "--json").output)


def module_process(parent):
    """The process of the module that a program started."""
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            status = (entry / "status").read_text(encoding="utf-8")
        except OSError:
            continue
        if b"token-module" in words and f"\nPPid:\t{parent}\n" in status:
            return int(entry.name)
    raise LookupError("no module process")


def crash(bench, checks, shelf):
    """The module's process dies while a card is made."""
    site, card, started, seen = bench.site(), bench.blank(), [], {}

    def kill(number, command):
        if number == 300:
            process = module_process(started[0].pid)
            seen["arguments"] = (pathlib.Path("/proc") / str(process) / "cmdline").read_bytes()
            os.kill(process, signal.SIGKILL)
        return command

    with card.inserted(before=kill):
        started.append(site.start(*site.making(PEOPLE, 3), *using("city"), pin=f"{USER}\n{PIN}", environment=shelf.environment))
        result = finish(started[0])
    with checks.check("a module that dies in the middle of a card is a lost device, and not our end") as check:
        told(check, result, 4, ["personalization.keys-failed", "token.lost"])
        check.true(USER.encode() not in seen["arguments"], "the PIN is in the process list")
    with card.inserted():
        again = shelf.run(site, *site.making(PEOPLE, 3), *using("city"), secret=f"{USER}\n{PIN}")
        with checks.check("the same command finishes that card, and nothing is lost") as check:
            check.exits(again, 0)
            check.equal([row["resumed"] for row in again.json], [True])
            check.equal(site.counts()["blanksUsed"], 1)
            check.exits(site.run("card", "dump"), 0)
