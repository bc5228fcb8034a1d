"""Several readers at once, and readers that are watched through a restart of their service."""

import contextlib
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import threading
import time

from .bench import PATIENCE, ROOT, finish, wait_for_reader
from .wire import ANSWER_TO_RESET, receive, send

PEOPLE = ROOT / "Fixtures/people.csv"
RESTARTED = ROOT / ".build/restarted-pcscd.log"


def run(bench, checks):
    """All checks of this section."""
    eight_cards(bench, checks)
    two_readers(bench, checks)
    stopping(bench, checks)
    second_blank(bench, checks)
    waiting(bench, checks)
    watching(bench, checks)


@contextlib.contextmanager
def rack(bench, *cards, baud=None):
    """Puts cards into the readers from the first on, all in one process."""
    arguments = [bench.tool, "virtual-card", "run"]
    for card in cards:
        arguments += ["--state", str(card.state)]
    if baud:
        arguments += ["--simulate-baud", str(baud)]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for slot in range(len(cards)):
            wait_for_reader(bench, slot, "present")
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)
        for slot in range(len(cards)):
            wait_for_reader(bench, slot, "empty")


def slots(count):
    """So many listening sockets on consecutive ports, as vpcd's slots are."""
    for base in range(41000, 60000, count):
        opened = []
        try:
            for port in range(base, base + count):
                opened.append(socket.create_server(("127.0.0.1", port)))
                opened[-1].settimeout(PATIENCE)
            return base, opened
        except OSError:
            for taken in opened:
                taken.close()
    raise RuntimeError("no consecutive ports are free")


def eight_cards(bench, checks):
    """Eight cards in one process; the slots are this script's."""
    cards = [bench.blank() for _ in range(8)]
    base, opened = slots(len(cards))
    arguments = [bench.tool, "virtual-card", "run", "--vpcd", f"127.0.0.1:{base}"]
    for card in cards:
        arguments += ["--state", str(card.state)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    connections = [slot.accept()[0] for slot in opened]
    with checks.check("one process puts eight cards into eight slots, each file's card into its own") as check:
        for card, connection in zip(cards, connections):
            connection.settimeout(PATIENCE)
            send(connection, b"\x01")  # power on
            send(connection, ANSWER_TO_RESET)
            check.equal(receive(connection)[-6:].hex().upper(), card.number)
    with checks.check("each of them answers while the others wait") as check:
        for connection in reversed(connections):
            send(connection, bytes.fromhex("00A40000023F00"))
        check.equal([len(receive(connection)) >= 2 for connection in connections], [True] * 8)
    with checks.check("SIGTERM pulls all of them, and ends with 0") as check:
        process.send_signal(signal.SIGTERM)
        check.exits(finish(process), 0)
        check.equal([receive(connection) for connection in connections], [None] * 8)
    for open_end in connections + opened:
        open_end.close()


def making(*people):
    """The arguments of making cards in all readers."""
    return ("card", "personalize", "--layout", "national-2.0", "--people", *people, "--all-readers", "--pin", "generate", "--json")


def two_readers(bench, checks):
    """Two rows, two readers, one run."""
    site, cards = bench.site(), [bench.blank(), bench.blank()]
    traces = bench.path("batch.trace")
    with rack(bench, *cards):
        result = site.run(*making(bench.people_file(*bench.people[:2])), "--trace-to", traces)
    with checks.check("two readers make two cards in one run, told in the order of the rows") as check:
        check.exits(result, 0)
        rows = result.json
        check.equal([(row["row"], row["outcome"], row["commands"]) for row in rows], [(1, "made", 493), (2, "made", 493)])
        check.equal(len({row["reader"] for row in rows}), 2, "readers used")
        check.equal(len({row["cardNumber"] for row in rows}), 2, "card numbers")
        check.equal(site.counts()["blanksUsed"], 2)
        check.exits(site.run("registry", "verify"), 0)
        for row, person in zip(rows, bench.people):
            held = [card for card in cards if person["citizenNumber"].encode() in card.bytes]
            check.equal(len(held), 1, "cards that hold the person's number")
            check.true(pathlib.Path(row["pinSlip"]).exists(), "no PIN slip")
        check.equal(sorted(path.name for path in (site.data / "journal").iterdir()), ["journal.key"], "left in the journals' folder")


    with checks.check("each lane keeps the commands of its own card in a file of its own") as check:
        files = [pathlib.Path(str(traces).replace("batch.trace", f"batch-{number}.trace")) for number in (1, 2)]
        texts = [file.read_text(encoding="utf-8") for file in files]
        check.true(not pathlib.Path(traces).exists(), "a file of all lanes together")
        found = [[card.number for card in cards if card.number in text.replace(" ", "")] for text in texts]
        check.equal(sorted(found), sorted([card.number] for card in cards), "the chips in each")
        check.true(all(text.startswith("sscard-trace") for text in texts), "no trace files")


def stopping(bench, checks):
    """Ctrl-C in the middle of two cards of a file with three rows."""
    site, cards = bench.site(), [bench.blank(), bench.blank()]
    with rack(bench, *cards, baud=1_000_000):
        process = site.start(*making(bench.people_file(*bench.people[:3])))
        until = time.monotonic() + PATIENCE
        while len(list((site.data / "journal").glob("*.claim"))) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        result = finish(process)
    with checks.check("Ctrl-C finishes the cards in hand, takes no new one and says what is left") as check:
        check.exits(result, 1)
        check.equal([row["outcome"] for row in result.json], ["made", "made", "left"])
        check.equal(result.codes, ["batch.left"])
        check.holds(result.error, "1 rows were not begun: 3")
        check.equal(site.counts()["blanksUsed"], 2)
        check.equal(list((site.data / "journal").glob("*.journal")), [], "journals left")


def second_blank(bench, checks):
    """A person whose card was torn asks for another in a later run."""
    site, torn, blank = bench.site(), bench.blank(), bench.blank()
    with torn.inserted(before=lambda number, command: None if number == 200 else command):
        site.make(PEOPLE, 1)
    before = blank.bytes
    with blank.inserted():
        refused = site.make(PEOPLE, 1)
    chip = next((site.data / "journal").glob("*.journal")).stem
    with checks.check("a person whose card is unfinished is not begun on a second blank") as check:
        check.exits(refused, 1)
        check.equal(refused.codes, ["issuing.begun-on-another-card"])
        check.holds(refused.error, f"sscard card spoil --chip {chip}")
        check.true(blank.bytes == before, "the second blank was changed")
    with checks.check("a lost card is given up by its chip, and the person gets the second blank") as check:
        check.exits(site.run("card", "spoil", "--chip", "0"), 2)
        check.exits(site.run("card", "spoil", "--chip", chip), 0)
        with blank.inserted():
            check.exits(site.make(PEOPLE, 1), 0)
        counts = site.counts()
        check.equal((counts["blanksUsed"], counts["blanksSpoiled"]), (1, 1), "blanks used and spoiled")


def waiting(bench, checks):
    """The service is killed while the next card of a file is waited for."""
    site, first, second = bench.site(), bench.blank(), bench.blank()
    reader = finish(subprocess.Popen(
        [bench.tool, "readers", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)).json[0]["name"]
    with first.inserted():
        process = site.start(
            "card", "personalize", "--layout", "national-2.0", "--people", bench.people_file(*bench.people[:2]),
            "--reader", reader, "--pin", "generate")
        process.stdout.readline()  # the first card is made
    wait_until_idle(process)  # it waits for the second one; a restart before that goes by unseen
    kill_service()()
    wait_for_reader(bench, 0, "empty")
    with second.inserted():
        result = finish(process)
    with checks.check("whoever waits for the next card waits through a restart of the service, and is told") as check:
        check.exits(result, 0)
        check.equal(site.counts()["blanksUsed"], 2)
        check.holds(result.error, "[reader.waiting-for-service]", "[reader.service-restored]")


def wait_until_idle(process):
    """Waits until a program has used no processor time for half a second: it waits for something."""
    used, still = None, 0
    while still < 5 and process.poll() is None:
        fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        now = (fields[11], fields[12])
        still = still + 1 if now == used else 0
        used = now
        time.sleep(0.1)


def watching(bench, checks):
    """The service is killed and started again while its readers are watched."""
    card = bench.blank()
    process = subprocess.Popen(
        [bench.tool, "readers", "--watch", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    events = queue.Queue()
    threading.Thread(target=lambda: [events.put(json.loads(line)) for line in process.stdout], daemon=True).start()

    def expect(check, *names):
        found = [events.get(timeout=PATIENCE)["event"] for _ in names]
        check.equal(found, list(names), "events")

    try:
        with checks.check("readers, cards put in and cards pulled are told one a line") as check:
            expect(check, "reader-attached", "reader-attached")
            with card.inserted():
                expect(check, "card-inserted")
            expect(check, "card-removed")
        with checks.check("watching outlives the service: killed, started again, and cards are seen again") as check:
            restart = kill_service()
            expect(check, "service-lost")
            check.exits(finish(subprocess.Popen(
                [bench.tool, "readers"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)), 3)
            restart()
            expect(check, "service-restored", "reader-attached", "reader-attached")
            with card.inserted():
                expect(check, "card-inserted")
            expect(check, "card-removed")
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(PATIENCE)
    with checks.check("Ctrl-C ends watching with 0") as check:
        check.equal(code, 0)
    with checks.check("Ctrl-C ends watching however early it comes") as check:
        check.equal([ended_early(bench) for _ in range(30)], [0] * 30)
    with checks.check("watching ends when nobody reads what it tells any more") as check:
        process = subprocess.Popen([bench.tool, "readers", "--watch"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        check.true(process.stdout.readline() != b"", "nothing was told")
        process.stdout.close()
        try:
            check.equal(process.wait(PATIENCE), 0)
        finally:
            process.kill()


def ended_early(bench):
    """How watching ends that is asked to end as soon as it has told the first reader."""
    process = subprocess.Popen([bench.tool, "readers", "--watch"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
        return process.returncode
    finally:
        process.kill()


def service():
    """The namespace's pcscd: its folder in /proc, its command and its environment."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "comm").read_text().strip() == "pcscd":
                break
    else:
        raise RuntimeError("no pcscd in this namespace")
    command = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    pairs = (pair.partition(b"=") for pair in (folder / "environ").read_bytes().split(b"\0") if pair)
    return folder, command, {name: value for name, _, value in pairs}


def kill_service(changed=None, output=RESTARTED):
    """Kills the namespace's pcscd; gives what starts it again as it was started, or by another command."""
    folder, command, variables = service()
    os.kill(int(folder.name), signal.SIGKILL)

    def restart():
        # As long as its parent has not noticed its end, a new service takes the old one for running, and gives up.
        until = time.monotonic() + PATIENCE
        while folder.exists() and time.monotonic() < until:
            time.sleep(0.01)
        with open(output, "wb") as log:
            # It stays for the checks that follow, and ends with the namespace.
            subprocess.Popen(changed or command, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    return restart
