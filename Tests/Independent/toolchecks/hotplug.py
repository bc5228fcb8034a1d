"""Readers that are plugged in and pulled under the real PC/SC service, while they are watched and while a batch runs.

pcscd of Debian never looks into its reader configuration again: `pcscd --hotplug` (SIGUSR1) is taken and nothing follows, since the build with
libudev has no call to that code. What it does follow is the USB bus, as libudev tells of it. So the service runs here with a bus of its own: a
folder in the place of /sys, the messages of udev's daemon sent from here, and a driver for the readers on it (pullable_reader.c) that hands
everything on to vpcd's. All of it lies in the service's own mount namespace.
"""

import contextlib
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

from .bench import PATIENCE, ROOT, finish
from .checks import skip
from .lanes import kill_service, making, service
from .wire import FIRST_PORT, Wire

SOURCE = pathlib.Path(__file__).with_name("pullable_reader.c")
LOG = ROOT / ".build/hotplug-pcscd.log"
VENDOR = "9901"  # nobody's

# In its own mount namespace: the folder of drivers, the bus, and the file by which libudev knows that udev's daemon is there.
BEGIN = """
mount --bind "$0/drivers" /usr/lib/pcsc/drivers && mount --bind "$0/sys" /sys &&
mount --bind /run/pcscd "$0/ipc" && mount -t tmpfs tmpfs /run && mkdir /run/pcscd /run/udev &&
mount --bind "$0/ipc" /run/pcscd && touch /run/udev/control &&
exec pcscd --foreground --debug --config "$0/none"
"""
DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
	<key>CFBundleName</key>
	<string>PULLABLE</string>
	<key>CFBundleExecutable</key>
	<string>libpullable.so</string>
	<key>ifdCapabilities</key>
	<string>0x00000000</string>
	<key>ifdVendorID</key>
	<array>
{vendors}	</array>
	<key>ifdProductID</key>
	<array>
{products}	</array>
	<key>ifdFriendlyName</key>
	<array>
{names}	</array>
</dict>
</plist>
"""


def run(bench, checks):
    """All checks of this section."""
    if os.geteuid() != 0:
        return skip("hot-plug of readers", "only root may give the service a bus of its own", "hotplug")
    with bus(bench) as readers:
        watched(bench, checks, readers)
        joined(bench, checks, readers)
        pulled(bench, checks, readers)


class Readers:
    """The readers of one slot each on a bus; all pulled at first."""

    def __init__(self, folder, count):
        self.folder = folder
        self.count = count
        self.messages = 1000

    @staticmethod
    def name(number):
        """The beginning of the reader's name."""
        return f"Pullable {number}"

    def device(self, number):
        """What the system tells of a reader on its bus."""
        return self.folder / f"sys/devices/usb1/1-{number}"

    def plug(self, number):
        """Plugs a reader in."""
        device, interface = self.device(number), self.device(number) / f"1-{number}:1.0"
        interface.mkdir(parents=True)
        files = {
            device / "uevent": f"MAJOR=189\nMINOR={number}\nDEVNAME=bus/usb/001/00{number}\nDEVTYPE=usb_device\n",
            device / "idVendor": VENDOR, device / "idProduct": f"000{number}",
            interface / "uevent": "DEVTYPE=usb_interface\n", interface / "bInterfaceNumber": "00",
        }
        for path, text in files.items():
            path.write_text(text, encoding="ascii")
        for place in (device, interface):
            (place / "subsystem").symlink_to("/sys/bus/usb")
        self.tell("add", number)

    def pull(self, number):
        """Pulls a reader."""
        self.vanish(number)
        self.tell("remove", number)

    def vanish(self, number):
        """A reader is gone; the system has not told so yet."""
        self.device(number).rename(self.folder / f"pulled-{number}")
        shutil.rmtree(self.folder / f"pulled-{number}")

    def tell(self, action, number):
        """What udev's daemon says to all who listen, in the form of libudev's own monitors."""
        self.messages += 1
        properties = {
            "ACTION": action, "DEVPATH": f"/devices/usb1/1-{number}/1-{number}:1.0", "SUBSYSTEM": "usb", "DEVTYPE": "usb_interface",
            "SEQNUM": self.messages, "USEC_INITIALIZED": 1,
        }
        body = b"".join(f"{name}={value}".encode() + b"\0" for name, value in properties.items())
        head = b"libudev\0" + struct.pack("!I", 0xFEEDCAFE) + struct.pack("=III", 40, 40, len(body)) + struct.pack(
            "!IIII", digest(b"usb"), digest(b"usb_interface"), 0, 0)
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_KOBJECT_UEVENT if hasattr(
                socket, "NETLINK_KOBJECT_UEVENT") else 15) as daemon:
            daemon.bind((0, 0))
            daemon.sendto(head + body, (0, 2))


def digest(text):
    """MurmurHash2 with seed 0, by which listeners sort messages."""
    factor, mask = 0x5BD1E995, 0xFFFFFFFF
    value = len(text)
    while len(text) >= 4:
        word = int.from_bytes(text[:4], "little") * factor & mask
        value = (value * factor & mask) ^ ((word ^ word >> 24) * factor & mask)
        text = text[4:]
    if text:
        value = (value ^ int.from_bytes(text, "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return value ^ value >> 15


@contextlib.contextmanager
def bus(bench, count=3):
    """A service with readers that can be pulled, in the place of the namespace's own, which comes back at the end."""
    folder = bench.path("hotplug")
    library = folder / "drivers/pullable.bundle/Contents/Linux"
    for path in (library, folder / "sys/bus/usb/devices", folder / "sys/devices", folder / "ipc", folder / "none", folder / "vpcd"):
        path.mkdir(parents=True)
    numbers = range(count)
    (library.parent / "Info.plist").write_text(DESCRIPTION.format(**{
        name: "".join(f"\t\t<string>{text}</string>\n" for text in texts) for name, texts in {
            "vendors": [f"0x{VENDOR}" for _ in numbers], "products": [f"0x000{number}" for number in numbers],
            "names": [Readers.name(number) for number in numbers]}.items()}), encoding="ascii")
    for number in numbers:
        # The namespace's copy of vpcd's driver.
        shutil.copy("/run/pcscd/drivers/libifdvpcd-0.so", folder / f"vpcd/vpcd-{number}.so")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-I/usr/include/PCSC", f'-DDRIVERS="{folder}/vpcd"', f"-DPORT={FIRST_PORT}", SOURCE, "-ldl", "-o",
         library / "libpullable.so"], check=True)
    killed, _, _ = service()
    restart = kill_service()
    await_end(killed)
    with open(LOG, "wb") as log:
        # The readers' files are in no real sysfs.
        own = subprocess.Popen(
            ["unshare", "--mount", "bash", "-c", BEGIN, folder], env={**os.environ, "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    readers = Readers(folder, count)
    try:
        await_readers(bench, 0)
        for number in numbers:
            readers.plug(number)
        await_readers(bench, count)
        yield readers
    finally:
        own.kill()
        own.wait()
        restart()
        await_readers(bench, 2)


def await_end(process):
    """Waits until nothing is left of a killed process: a new service takes one that nobody has noticed for running, and gives up."""
    until = time.monotonic() + PATIENCE
    while process.exists() and time.monotonic() < until:
        # One that was started from here has nobody else to notice it.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(int(process.name), os.WNOHANG)
        time.sleep(0.01)


def listed(bench):
    """The readers as the tool lists them; nothing while the service is away."""
    result = finish(subprocess.Popen([bench.tool, "readers", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    return result.json if result.code == 0 else None


def await_readers(bench, count, card=None):
    """Waits until the service lists so many readers, and a card in the one of that number."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = listed(bench)
        if found is not None and len(found) == count and (card is None or any(
                reader["name"].startswith(Readers.name(card)) and reader["card"] == "present" for reader in found)):
            return
    raise TimeoutError(f"{count} readers are not there: {listed(bench)}")


class Lines:
    """What a process says, a JSON document a line, as it says it."""

    def __init__(self, stream):
        self.lines = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(json.loads(line)) for line in stream], daemon=True).start()

    def next(self):
        """The next line."""
        return self.lines.get(timeout=PATIENCE)


@contextlib.contextmanager
def carded(bench, card, number, before=None):
    """A card in a reader until the end, or until the reader is pulled."""
    wire = Wire(number, before)
    process = subprocess.Popen(
        [bench.tool, "virtual-card", "run", "--state", str(card.state), "--vpcd", f"127.0.0.1:{wire.port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield wire
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        wire.join(PATIENCE)


def watched(bench, checks, readers):
    """`sscard readers --watch` while the last reader goes and comes."""
    process = subprocess.Popen(
        [bench.tool, "readers", "--watch", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines, card, last = Lines(process.stdout), bench.blank(), readers.count - 1

    def expect(check, *events):
        told = [lines.next() for _ in events]
        check.equal([(line["event"], line["reader"][:len("Pullable 0")]) for line in told],
                    [(event, Readers.name(last)) for event in events])

    try:
        for _ in range(readers.count):
            lines.next()  # attached already
        with checks.check("a reader that is pulled is told as gone, once the service has noticed") as check:
            readers.pull(last)
            expect(check, "reader-detached")
            check.equal(len(listed(bench)), readers.count - 1)
        with checks.check("plugged in again it is told, and so is the card in it") as check:
            readers.plug(last)
            expect(check, "reader-attached")
            with carded(bench, card, last):
                expect(check, "card-inserted")
                readers.pull(last)
                expect(check, "card-removed", "reader-detached")
            readers.plug(last)
            expect(check, "reader-attached")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def joined(bench, checks, readers):
    """A reader is plugged in while a batch waits for the next card of its only other one."""
    last = readers.count - 1
    readers.pull(last)
    await_readers(bench, last)
    site, cards = bench.site(), [bench.blank(), bench.blank()]
    with carded(bench, cards[0], 0):
        await_readers(bench, last, card=0)
        process = site.start(*making(bench.people_file(*bench.people[:2])))
        told = next(line for line in process.stderr if b" 1/2 " in line)  # the first card is made
        readers.plug(last)
        with carded(bench, cards[1], last):
            result = finish(process)
    with checks.check("a reader that is plugged in during a batch becomes a lane and makes the next card") as check:
        check.holds(told.decode(), Readers.name(0))
        check.exits(result, 0)
        rows = result.json
        check.equal([row["outcome"] for row in rows], ["made", "made"])
        check.equal([row["reader"][:len("Pullable 0")] for row in rows], [Readers.name(0), Readers.name(last)])
        check.equal(site.counts()["blanksUsed"], 2)


def pulled(bench, checks, readers):
    """A reader is pulled in the midst of a card; another lane goes on, and the torn card is finished in the reader that came back."""
    last, site, cards = readers.count - 1, bench.site(), [bench.blank(), bench.blank()]

    def pulling(number, command):
        if number == 250 and readers.device(last).exists():
            readers.vanish(last)
        return command

    with carded(bench, cards[0], 0), carded(bench, cards[1], last, pulling):
        await_readers(bench, readers.count, card=0)
        await_readers(bench, readers.count, card=last)
        result = finish(site.start(*making(bench.people_file(*bench.people[:2]))))
        readers.tell("remove", last)
        await_readers(bench, last)
    with checks.check("a reader that is pulled in the midst of a card costs the other lane nothing, and its person is told") as check:
        check.exits(result, 3)
        check.equal(sorted(row["outcome"] for row in result.json), ["made", "unfinished"])
        check.equal(result.codes, ["personalization.interrupted", "card.reader-removed"])
        check.equal(site.counts()["blanksUsed"], 1)
    torn = next(row["row"] for row in result.json if row["outcome"] == "unfinished")
    readers.plug(last)
    with carded(bench, cards[1], last):
        await_readers(bench, readers.count, card=last)
        again = finish(site.start(*making(bench.people_file(bench.people[torn - 1]))))
    with checks.check("in the reader that came back the card is finished by the same command") as check:
        check.exits(again, 0)
        check.equal([(row["outcome"], row["reader"][:len("Pullable 0")]) for row in again.json], [("made", Readers.name(last))])
        check.equal(site.counts()["blanksUsed"], 2)
        check.exits(site.run("registry", "verify"), 0)
