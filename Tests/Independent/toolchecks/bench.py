"""The tool, sites with a data folder, and cards in readers."""

import contextlib
import csv
import hashlib
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import time

from .image import Image
from .wire import Wire, await_empty_poll

ROOT = pathlib.Path(__file__).resolve().parents[3]
LAYOUT, PROFILE = "national-2.0", "fmcos-ssse"
LAYOUT_3, PROFILE_3 = "national-3.0", "fmcos-ssse-sm4"
PIN = "739146280515"  # long enough never to stand in a file by chance
PATIENCE = 60  # seconds that a command may take


class Result:
    """How a command ended and what it said."""

    def __init__(self, code, output, error):
        self.code = code
        self.output = output
        self.error = error

    @property
    def json(self):
        """The output as JSON."""
        return json.loads(self.output)

    @property
    def codes(self):
        """The codes of the faults on standard error, in their order."""
        return re.findall(r"\[([a-z0-9-]+\.[a-z0-9-]+)\]", self.error)


class Bench:
    """The place where everything lies that the checks make."""

    def __init__(self, tool, folder):
        self.tool = tool
        self.folder = folder
        self.count = 0
        with open(ROOT / "Fixtures/people.csv", encoding="utf-8", newline="") as file:
            self.people = list(csv.DictReader(file))

    def path(self, name):
        """A path of its own for something new."""
        self.count += 1
        return self.folder / f"{self.count:03}-{name}"

    def write(self, name, text, encoding="utf-8"):
        """A new file."""
        path = self.path(name)
        path.write_bytes(text.encode(encoding))
        return path

    def people_file(self, *rows, name="people.csv"):
        """A new people file with these rows."""
        path = self.path(name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)
        return path

    def site(self, policy=None):
        """A site with an empty registry; `policy` is the text of its policy file, which a city signs when it is for real cards."""
        site = Site(self, self.path("data"), policy and self.write("policy.yaml", policy))
        if policy and "mode: production" in policy:
            self.sign(site.policy)
        return site

    def sign(self, policy):
        """Signs a policy file with a new city's key, whose public part is left beside it."""
        key = policy.with_suffix(".key")
        openssl = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-outform", "DER"]
        subprocess.run([*openssl, "-out", key], check=True, capture_output=True)
        key.chmod(0o600)
        subprocess.run(["openssl", "pkey", "-inform", "DER", "-in", key, "-pubout", "-outform", "DER", "-out",
                        policy.with_suffix(".pub")], check=True, capture_output=True)
        subprocess.run([self.tool, "lifecycle", "policy", "sign", policy, "--key", key], check=True, cwd=ROOT,
                       capture_output=True)

    def blank(self, profile=PROFILE, home=None):
        """A blank card; `home` has the profile where the tree has not."""
        return Card(self, profile, home)

    def layouts(self, change):
        """A home of its own, with `change` made to the text of the layout of version 2.0."""
        home = self.path("home")
        (home / "CardLayouts").mkdir(parents=True)
        for entry in (ROOT / "CardLayouts").iterdir():
            (home / "CardLayouts" / entry.name).symlink_to(entry)
        (home / "Keys").symlink_to(ROOT / "Keys")
        layout = home / "CardLayouts" / f"{LAYOUT}.yaml"
        text = layout.read_text(encoding="utf-8")
        layout.unlink()
        layout.write_text(change(text), encoding="utf-8")
        return home


class Site:
    """A data folder and a policy, and the tool run with them."""

    def __init__(self, bench, data, policy):
        self.bench = bench
        self.data = data
        self.policy = policy

    def start(self, *arguments, pin=None, environment=None, stdin=subprocess.DEVNULL):
        """Starts the tool; a PIN is passed by an open file, whose number takes the place of `fd:PIN` in the arguments."""
        variables = {**os.environ, "SSCARD_DATA": str(self.data)}
        if self.policy:
            variables["SSCARD_POLICY"] = str(self.policy)
            if self.policy.with_suffix(".pub").exists():
                variables["SSCARD_POLICY_KEY"] = str(self.policy.with_suffix(".pub"))
        variables.update(environment or {})
        variables = {name: value for name, value in variables.items() if value is not None}
        passed = ()
        if pin is not None:
            reading, writing = os.pipe()
            os.write(writing, pin.encode() + b"\n")
            os.close(writing)
            passed = (reading,)
            arguments = [f"fd:{reading}" if argument == "fd:PIN" else argument for argument in arguments]
        try:
            return subprocess.Popen(
                [self.bench.tool, *map(str, arguments)], cwd=ROOT, env=variables, pass_fds=passed,
                stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        finally:
            for descriptor in passed:
                os.close(descriptor)

    def run(self, *arguments, pin=None, environment=None):
        """Runs the tool to its end."""
        process = self.start(*arguments, pin=pin, environment=environment)
        return finish(process)

    def make(self, people, row=None, layout=LAYOUT, pin=PIN, more=()):
        """Personalises the card in the reader."""
        return self.run(*self.making(people, row, layout), *more, pin=pin)

    @staticmethod
    def making(people, row=None, layout=LAYOUT):
        """The arguments of personalising."""
        rows = () if row is None else ("--row", str(row))
        return ("card", "personalize", "--layout", layout, "--people", people, *rows, "--pin", "fd:PIN", "--json")

    def act(self, name, number, *more):
        """One act of the life cycle."""
        return self.run("lifecycle", name, "--card", number, "--json", *more)

    def hand_over(self, number):
        """Hands a new card over and enables it."""
        self.act("hand-over", number, "--proof", "identity-document", "--proof", "signature")
        return self.act("enable", number, "--proof", "card-read", "--proof", "pin-changed")

    def shown(self):
        """The counts of the registry as the tool shows them, of an empty one where there was none."""
        if not (self.data / "registry.sqlite").exists():
            self.run("registry", "import", self.bench.write("nobody.csv", "citizenNumber,name,sex,ethnicGroup,birthPlace,birthDate\n"))
        return self.run("registry", "show", "--json").json

    def registry(self):
        """The registry's file, opened to be read beside the tool."""
        return contextlib.closing(sqlite3.connect(f"file:{self.data}/registry.sqlite?mode=ro", uri=True))

    def counts(self):
        """The same counts without the tool."""
        with self.registry() as registry:
            def count(what):
                return registry.execute(f"SELECT count(*) FROM {what}").fetchone()[0]

            cards = registry.execute("SELECT status, count(*) FROM cards GROUP BY status")
            return {
                "events": count("log"), "persons": count("persons"),
                "cards": {str(status): number for status, number in cards},
                "blanksUsed": count(f"log WHERE kind = {0x0301}"),
                "blanksSpoiled": count(f"log WHERE kind = {0x0302}"),
            }

    def snapshot(self, *cards):
        """Digests of what the registry holds, of every other file of the data folder, and of these cards' state files.

        The sealing key of the journals is left out, which is made on first need, and the key log, which tells refusals too.
        """
        files = [path for path in sorted(self.data.rglob("*"))
                 if path.is_file() and not path.name.startswith("registry.") and path.parent.name != "key-log"]
        found = {path.name: path.read_bytes() for path in [*files, *(card.state for card in cards)]}
        found.pop("journal.key", None)
        with self.registry() as registry:
            found["registry"] = "\n".join(registry.iterdump()).encode()
        return {name: hashlib.sha256(content).hexdigest()[:8] for name, content in found.items()}

    def made(self, row, **options):
        """A card of that row, personalised, in the hands of its holder and in use; and its number."""
        card = self.bench.blank(options.pop("profile", PROFILE))
        with card.inserted():
            report = self.make(self.bench.people_file(row), **options)
        number = report.json[0]["cardNumber"]
        self.hand_over(number)
        return card, number


class Card:
    """A virtual card with its state file."""

    serial = 0

    def __init__(self, bench, profile, home=None):
        Card.serial += 1
        self.bench = bench
        self.profile = profile
        self.home = ("--home", str(home)) if home else ()
        self.state = bench.path("card")
        self.number = f"9901{Card.serial:08X}"
        result = finish(subprocess.Popen(
            [bench.tool, "virtual-card", "new", "--profile", profile, "--serial", self.number,
             "--state", str(self.state), *self.home],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        if result.code != 0:
            raise RuntimeError(result.error)

    @property
    def bytes(self):
        """The state file's content."""
        return self.state.read_bytes()

    @property
    def image(self):
        """What the chip holds."""
        return Image(self.bytes)

    @contextlib.contextmanager
    def inserted(self, slot=0, before=None, after=None):
        """Puts the card into a reader for a while; gives the wire between them."""
        wire = Wire(slot, before, after)
        process = subprocess.Popen(
            [self.bench.tool, "virtual-card", "run", "--state", str(self.state), "--vpcd", f"127.0.0.1:{wire.port}",
             *self.home],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wire.process = process
        try:
            wait_for_reader(self.bench, slot, "present")
            yield wire
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            wire.join(PATIENCE)
            await_empty_poll(slot)
            wait_for_reader(self.bench, slot, "empty")


def finish(process, patience=PATIENCE):
    """Waits for a process and gives its result."""
    try:
        output, error = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        output, error = process.communicate()
        error += f"\nended after {patience} s".encode()
    return Result(process.returncode, output.decode(errors="replace"), error.decode(errors="replace"))


def wait_for_reader(bench, slot, state):
    """Waits until the service sees a card, or none."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        result = finish(subprocess.Popen(
            [bench.tool, "readers", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        if result.code == 0 and result.json[slot]["card"] == state:
            return
    raise TimeoutError(f"reader {slot} does not become {state}")


def opensc(*commands):
    """Sends commands with opensc-tool: for each the answer's data and its status word; 61xx it follows itself."""
    arguments = ["opensc-tool", "-c", "default", "-r", "0"]
    for command in commands:
        arguments += ["-s", command if isinstance(command, str) else command.hex()]
    text = subprocess.run(arguments, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False).stdout
    answers = []
    for part in text.split("Received (")[1:]:
        head, _, rest = part.partition("\n")
        status = "".join(re.findall(r"0x([0-9A-F]{2})", head))
        data = b""
        for line in rest.splitlines():
            found = re.match(r"(?:[0-9A-F]{2} ){1,16}", line)
            if not found or line.startswith("Sending"):
                break
            data += bytes.fromhex(found.group())
        answers.append((data, status))
    return answers
