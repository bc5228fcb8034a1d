"""Where the counter's keys are: a store, a token or a hardware module behind a gateway; the PSAM of a terminal has a section of its own."""

import contextlib
import os
import subprocess
import sys

from .bench import PATIENCE, ROOT
from .browser import Service
from .tokens import MODULE, Shelf, USER
from .windowpin import found, with_keys

GATEWAY = ROOT / "Tests/RemoteKeyServiceTests/Gateway/gateway.py"
PROOFS = {"proofs": ["identity-document", "signature", "card-read"]}
SECRET = "gateway-key-81640"


def run(bench, checks):
    """All checks of this section."""
    site = bench.site("version: window-keys-test\nstock-book: false\n")
    service = Service(bench, site)
    service.add(1001, "张一", "teller")
    service.add(2001, "李二", "supervisor")
    cards = [bench.blank() for _ in range(2)]
    numbers = []
    for card, person in zip(cards, bench.people):
        with card.inserted():
            numbers.append(site.make(bench.people_file(person)).json[0]["cardNumber"])
    configured(service, checks)
    token(bench, checks, service, cards[0], numbers[0])
    gateway(bench, checks, service, cards[1], numbers[1])


def hand_over(service, number, name):
    """Hands a card in the reader over, which wants the card to prove itself; the status and the answer."""
    return service.program(1001, "teller")("POST", f"/api/cards/{number}/acts/hand-over", PROOFS, f"window-keys-{name}")


def uses(site):
    """The proofs of cards that the key log has."""
    log = site.run("keys", "audit", "show", "--kind", "use", "--limit", "1000", "--json").json
    return [entry for entry in log if entry["fields"]["op"] == "internal-authentication"]


def configured(service, checks):
    """What is wrong with a place is told with its line."""
    with checks.check("a place of keys that is none is told with its line; a PIN in it is not shown") as check:
        for place, code in [("pkcs11:object=x", "token.location"), ("pkcs11:token=x?pin-value=739146", "token.pin-in-location"),
                            ("'gateway:'", "data-file.empty-value")]:
            with_keys(service, place)
            result = service.run("check")
            check.equal(result.returncode, 2)
            check.holds(result.stderr, f"[{code}]", "counter.yaml:5:")
            check.true("739146" not in result.stderr, "the PIN is shown")
    with checks.check("a PSAM is opened by no passphrase") as check:
        with_keys(service, "psam:SAM", "keys-passphrase: file:passphrase\n")
        check.holds(service.run("check").stderr, "[counter.module-passphrase]", "counter.yaml:6:")


@contextlib.contextmanager
def environment(variables):
    """Variables of the environment, for a while."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def token(bench, checks, service, card, number):
    """Keys in SoftHSM2."""
    site, shelf = service.site, Shelf(bench)
    made, loaded = shelf.filled(site, "window", "--purpose", "authentication", "--json")
    with checks.check("a token is filled for the window") as check:
        check.exits(made, 0)
        check.exits(loaded, 0)
    place = f"pkcs11:token=window?module-path={MODULE}"
    secret = service.folder / "token-pin"
    secret.write_text(f"{USER}\n", encoding="utf-8")
    secret.chmod(0o600)
    with environment(shelf.environment):
        with checks.check("a token wants its user PIN; with it the self-test names the token, and no PIN") as check:
            with_keys(service, place)
            check.equal(found(service, "keys"), "counter.token-pin")
            with_keys(service, place, "keys-passphrase: file:token-pin\n")
            check.equal(found(service, "keys"), None)
            told = service.run("check").stdout
            check.holds(told, "keys: pkcs11:token=window")
            check.true(USER not in told, "the PIN is shown")
        with checks.check("the window has a card prove itself with the token's keys, and it stands in the key log") as check:
            before = len(uses(site))
            with card.inserted(), service.running():
                check.equal(hand_over(service, number, "token")[0], 201)
            check.equal(len(uses(site)) - before, 1)
            check.exits(site.run("keys", "audit", "verify"), 0)
        with checks.check("keys that are not in the token are told as such before the card is touched: no card is made with it") as check:
            with_keys(service, f"pkcs11:token=nobody?module-path={MODULE}", "keys-passphrase: file:token-pin\n")
            check.equal(found(service, "keys"), "token.not-found")


class Gateway:
    """The gateway of the tests of the remote key service, with papers of its own."""

    def __init__(self, bench):
        self.folder = bench.path("gateway")
        self.folder.mkdir()
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self.openssl("req", "-x509", *key, "-keyout", "centre.key", "-out", "centre.pem", "-subj", "/CN=centre", "-days", "2")
        for holder, names in [("gateway", "subjectAltName=IP:127.0.0.1\n"), ("counter", "basicConstraints=CA:FALSE\n")]:
            (self.folder / f"{holder}.ext").write_text(names, encoding="utf-8")
            self.openssl("req", "-new", *key, "-keyout", f"{holder}.key", "-out", f"{holder}.csr", "-subj", f"/CN={holder}")
            self.openssl("x509", "-req", "-in", f"{holder}.csr", "-CA", "centre.pem", "-CAkey", "centre.key", "-CAcreateserial",
                         "-days", "2", "-extfile", f"{holder}.ext", "-out", f"{holder}.pem")
        self.openssl("pkey", "-aes256", "-in", "counter.key", "-out", "sealed.key", "-passout", f"pass:{SECRET}")
        (self.folder / "sealed.key").chmod(0o600)
        self.process = subprocess.Popen(
            [sys.executable, "-u", GATEWAY, self.folder / "centre.pem", self.folder / "gateway.pem", self.folder / "gateway.key"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[-1])
        self.settings = self.folder / "gateway.yaml"
        self.settings.write_text(f"host: 127.0.0.1\nport: {self.port}\nauthorities: centre.pem\ncertificate: counter.pem\n"
                                 "private-key: sealed.key\n", encoding="utf-8")

    def openssl(self, *arguments):
        """Makes papers."""
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def plan(self, text):
        """What it does with the next connection."""
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def told(self):
        """What happened in a connection, up to its end."""
        lines = []
        while not lines or lines[-1] != "closed":
            lines.append(self.process.stdout.readline().rstrip("\n"))
            if not lines[-1]:
                raise RuntimeError("the gateway has ended")
        return lines[:-1]

    def close(self):
        """Ends it."""
        self.process.stdin.close()
        self.process.wait(PATIENCE)


def gateway(bench, checks, service, card, number):
    """A hardware module behind a gateway."""
    other = Gateway(bench)
    try:
        beyond(checks, service, other, card, number)
    finally:
        other.close()
    with checks.check("a gateway that is not there is told by the self-test, and does not keep the window from opening") as check:
        check.equal(found(service, "keys"), "gateway.unreachable")
        with card.inserted(), service.running():
            status, problem = hand_over(service, number, "gone")
            check.true(status >= 500, f"{status}")
            check.equal(problem["faults"][0]["code"], "gateway.unreachable")


def beyond(checks, service, other, card, number):
    """What goes through the gateway."""
    secret = service.folder / "gateway-passphrase"
    secret.write_text("another one\n", encoding="utf-8")
    secret.chmod(0o600)
    with_keys(service, f"gateway:{other.settings}", "keys-passphrase: file:gateway-passphrase\n")
    with checks.check("the private key for the gateway wants its passphrase; then the self-test greets it and asks nothing") as check:
        check.equal(found(service, "keys"), "gateway.private-key")
        secret.write_text(f"{SECRET}\n", encoding="utf-8")
        other.plan("greet")
        check.equal(found(service, "keys"), None)
        check.equal(other.told(), ["greeted TLSv1.3 counter"])
    with checks.check("a gateway whose certificate ends within two weeks is told by the self-test") as check:
        other.plan("greet")
        check.equal(found(service, "certificate"), "counter.certificate-ends")
        other.told()
    with checks.check("the window asks the gateway whether the card in the reader is genuine, by its code; its refusal is told") as check:
        code = service.site.run("registry", "show", "--card", number, "--json").json["identificationCode"]
        with card.inserted(), service.running():
            other.plan("answer -2201|")
            status, problem = hand_over(service, number, "refused")
        greeting, asked = other.told()
        check.equal(greeting, "greeted TLSv1.3 counter")
        check.true(asked.startswith("asked ") and code in asked, asked)
        check.true(status >= 500, f"{status}")
        check.equal(problem["faults"][0]["code"], "gateway.refused")
        check.equal(service.site.run("registry", "show", "--card", number, "--json").json["state"], "sealed")
    with checks.check("an answer that is not the card's makes it no genuine one") as check:
        with card.inserted(), service.running():
            other.plan(f"answer {'00' * 8}|{'11' * 8}|")
            status, problem = hand_over(service, number, "wrong")
        check.true(len(other.told()) == 2, "not asked once")
        check.true(status >= 400, f"{status}")
        check.true(problem["faults"][0]["code"] in ("gateway.malformed", "chip.not-genuine"), f"{problem}")
