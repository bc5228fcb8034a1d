"""Builds event-v1.hex without the Swift code: one line per event, its name and its bytes in hexadecimal.

Written from the table of the event's fields in lifecycle-and-sync.md section 6 and the field tags of its bodies.
Run: python3 make-event-v1.py > event-v1.hex
"""
import struct


def field(tag, value):
    return struct.pack(">BH", tag, len(value)) + value


def event(counter, sequence, previous, epoch, hybrid, wall, clock_error, officer, second, card, seen, kind, slip, body,
          algorithm=0, signature=b""):
    following = struct.pack(">QQ", counter, sequence) + previous
    following += struct.pack(">QQQI", epoch, hybrid, wall, clock_error)
    following += struct.pack(">QQ", officer, second) + card + struct.pack(">QHQ", seen, kind, slip)
    following += struct.pack(">I", len(body)) + body
    following += struct.pack(">BH", algorithm, len(signature)) + signature
    return b"SCE1" + struct.pack(">I", len(following)) + following


def handling(role, proofs, second=None, policy=b"default-1"):
    body = field(0x01, bytes([role]))
    if second is not None:
        body += field(0x02, bytes([second]))
    return body + field(0x03, struct.pack(">H", proofs)) + field(0x04, policy)


NONE = bytes(32)
NO_CARD = bytes(16)
CARD = bytes.fromhex("990100D1560000050000000111223344")
SUCCESSOR = bytes.fromhex("990100D1560000050000000255667788")
PERSON = bytes(range(32))
WALL = 1_760_000_000_000

events = {
    "person-registered": event(
        7, 1, NONE, 0, WALL << 16, WALL, 0xFFFFFFFF, 1001, 0, NO_CARD, 0, 0x0101, 0,
        handling(1, 0) + field(0x10, PERSON) + field(0x11, b"\x01sealed number") + field(0x12, b"\x01sealed name")
        + field(0x13, b"\x01sealed details")),
    "person-looked-up": event(
        7, 2, bytes([0xA5]) * 32, 0, (WALL << 16) + 1, WALL, 12, 1001, 0, NO_CARD, 0, 0x0102, 0,
        handling(1, 0) + field(0x10, PERSON) + field(0x14, b"\x01") + field(0x15, b"\x00")),
    "card-number-reserved": event(
        7, 3, bytes([0xA6]) * 32, 0, (WALL << 16) + 2, WALL, 12, 1002, 0, NO_CARD, 0, 0x0201, 0,
        handling(4, 0) + field(0x20, b"D2143569X") + field(0x28, b"journal-1")),
    "personalized": event(
        7, 4, bytes([0xA7]) * 32, 0, (WALL << 16) + 3, WALL, 12, 1002, 0, CARD, 0, 0x0301, 0,
        handling(4, 0) + field(0x10, PERSON) + field(0x20, b"D2143569X") + field(0x21, b"national-3.0")
        + field(0x22, b"fmcos") + field(0x23, b"990100") + field(0x24, b"20251009") + field(0x25, b"20351008")
        + field(0x26, bytes([0x5A]) * 32) + field(0x27, bytes.fromhex("0102030405060708"))),
    "spoiled": event(
        7, 5, bytes([0xA8]) * 32, 0, (WALL << 16) + 4, WALL, 12, 1002, 1003, CARD, 4, 0x0302, 0,
        handling(4, 0, second=2) + field(0x27, bytes.fromhex("0102030405060708")) + field(0x30, b"\x02")),
    "handed-over": event(
        7, 6, bytes([0xA9]) * 32, 0, (WALL << 16) + 5, WALL, 12, 1001, 0, CARD, 4, 0x0303, 31,
        handling(1, 0x0005)),
    "enabled": event(
        7, 7, bytes([0xAA]) * 32, 0, (WALL << 16) + 6, WALL, 12, 1001, 0, CARD, 6, 0x0304, 0, handling(1, 0x0018)),
    "temporary-loss": event(
        7, 8, bytes([0xAB]) * 32, 3, (WALL << 16) + 7, WALL, 12, 1004, 0, CARD, 7, 0x0401, 32,
        handling(5, 0) + field(0x31, b"\x02") + field(0x32, b"\x01") + field(0x33, b"\x02")
        + field(0x34, struct.pack(">Q", WALL - 3_600_000))),
    "formal-loss": event(
        7, 9, bytes([0xAC]) * 32, 3, (WALL << 16) + 8, WALL, 12, 1001, 0, CARD, 8, 0x0402, 33,
        handling(1, 0x0101) + field(0x31, b"\x01") + field(0x32, b"\x02") + field(0x33, b"\x01")),
    "held": event(
        7, 10, bytes([0xAD]) * 32, 3, (WALL << 16) + 9, WALL, 12, 1001, 1003, CARD, 9, 0x0403, 0,
        handling(1, 0x0040, second=2) + field(0x30, b"\x02")),
    "pin-locked": event(
        7, 11, bytes([0xAE]) * 32, 3, (WALL << 16) + 10, WALL, 12, 1001, 0, CARD, 10, 0x0404, 0, handling(1, 0)),
    "released": event(
        7, 12, bytes([0xAF]) * 32, 3, (WALL << 16) + 11, WALL, 12, 1001, 1003, CARD, 11, 0x0405, 34,
        handling(1, 0x0009, second=2) + field(0x35, struct.pack(">QQQQ", 7, 8, 7, 9))),
    "replaced, signed with P-256": event(
        7, 13, bytes([0xB0]) * 32, 3, (WALL << 16) + 12, WALL, 12, 1001, 1003, CARD, 12, 0x0501, 35,
        handling(1, 0x0081, second=2) + field(0x30, b"\x0b") + field(0x36, SUCCESSOR), 1, bytes(range(64))),
    "cancelled, signed with SM2": event(
        7, 14, bytes([0xB1]) * 32, 3, (WALL << 16) + 13, WALL, 12, 1001, 1003, SUCCESSOR, 0, 0x0502, 36,
        handling(1, 0x0040, second=2, policy="甲市-2".encode()) + field(0x30, b"\x01"), 2, bytes(range(64, 128))),
    "pin-served, a reset": event(
        7, 15, bytes([0xB2]) * 32, 3, (WALL << 16) + 14, WALL, 12, 1001, 1003, CARD, 12, 0x0406, 37,
        handling(1, 0x0009, second=2) + field(0x37, b"\x02") + field(0x38, "工单 17".encode())),
    "pin-served, a change": event(
        7, 16, bytes([0xB3]) * 32, 3, (WALL << 16) + 15, WALL, 12, 1001, 0, CARD, 15, 0x0406, 38,
        handling(7, 0x0008) + field(0x37, b"\x01")),
}

for name, encoded in events.items():
    print(name + ": " + encoded.hex().upper())
