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
EARLIER = struct.pack(">QQ", 7, 8)
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
    "dispatched": event(
        7, 15, bytes([0xB2]) * 32, 3, (WALL << 16) + 14, WALL, 12, 1001, 0, CARD, 0, 0x0305, 0,
        handling(1, 0x0040)),
    "arrived": event(
        7, 16, bytes([0xB2]) * 32, 3, (WALL << 16) + 15, WALL, 12, 1001, 0, CARD, 0, 0x0306, 0,
        handling(1, 0x0040)),
    "missing": event(
        7, 17, bytes([0xB2]) * 32, 3, (WALL << 16) + 16, WALL, 12, 1001, 0, CARD, 0, 0x0307, 0,
        handling(1, 0x0040)),
    "recovered": event(
        7, 18, bytes([0xB2]) * 32, 3, (WALL << 16) + 17, WALL, 12, 1001, 0, CARD, 0, 0x0308, 0,
        handling(1, 0x0040) + field(0x30, b"\x01")),
    "destroyed": event(
        7, 19, bytes([0xB2]) * 32, 3, (WALL << 16) + 18, WALL, 12, 1001, 0, CARD, 0, 0x0309, 0,
        handling(1, 0x0040)),
    "given-back": event(
        7, 20, bytes([0xB2]) * 32, 3, (WALL << 16) + 19, WALL, 12, 1001, 0, CARD, 0, 0x030A, 0,
        handling(1, 0x0040)),
    "data-changed": event(
        7, 21, bytes([0xB2]) * 32, 3, (WALL << 16) + 20, WALL, 12, 1001, 0, CARD, 0, 0x030B, 0,
        handling(1, 0x0040) + field(0x3b, b"phone\naddress")),
    "ran-out": event(
        7, 22, bytes([0xB2]) * 32, 3, (WALL << 16) + 21, WALL, 12, 1001, 0, CARD, 0, 0x0406, 0,
        handling(1, 0x0040) + field(0x30, b"\x01") + field(0x39, EARLIER)),
    "seen-blocked": event(
        7, 23, bytes([0xB2]) * 32, 3, (WALL << 16) + 22, WALL, 12, 1001, 0, CARD, 0, 0x0407, 0,
        handling(1, 0x0040)),
    "cancellation-confirmed": event(
        7, 24, bytes([0xB2]) * 32, 3, (WALL << 16) + 23, WALL, 12, 1001, 0, CARD, 0, 0x0503, 0,
        handling(1, 0x0040) + field(0x39, EARLIER)),
    "unclaimed": event(
        7, 25, bytes([0xB2]) * 32, 3, (WALL << 16) + 24, WALL, 12, 1001, 0, CARD, 0, 0x0504, 0,
        handling(1, 0x0040)),
    "expired": event(
        7, 26, bytes([0xB2]) * 32, 3, (WALL << 16) + 25, WALL, 12, 1001, 0, CARD, 0, 0x0505, 0,
        handling(1, 0x0040)),
    "duplicate": event(
        7, 27, bytes([0xB2]) * 32, 3, (WALL << 16) + 26, WALL, 12, 1001, 0, CARD, 0, 0x0506, 0,
        handling(1, 0x0040) + field(0x36, SUCCESSOR)),
    "pin-served, a change": event(
        7, 28, bytes([0xB2]) * 32, 3, (WALL << 16) + 27, WALL, 12, 1001, 0, CARD, 0, 0x0601, 0,
        handling(1, 0x0040) + field(0x37, b"\x01")),
    "pin-served, a reset": event(
        7, 29, bytes([0xB2]) * 32, 3, (WALL << 16) + 28, WALL, 12, 1001, 0, CARD, 0, 0x0601, 0,
        handling(1, 0x0040) + field(0x37, b"\x02") + field(0x38, "工单 17".encode())),
    "corrected": event(
        7, 30, bytes([0xB2]) * 32, 3, (WALL << 16) + 29, WALL, 12, 1001, 0, CARD, 0, 0x0701, 0,
        handling(1, 0x0040) + field(0x30, b"\x01") + field(0x39, EARLIER) + field(0x3a, b"\x03\x04")),
    "submitted": event(
        7, 31, bytes([0xB2]) * 32, 3, (WALL << 16) + 30, WALL, 12, 1001, 0, NO_CARD, 0, 0x0801, 0,
        handling(1, 0x0040) + field(0x10, PERSON) + field(0x31, b"\x01") + field(0x51, b"\x01") + field(0x52, b"\x01") + field(0x53, b"school-1")),
    "supplement-asked": event(
        7, 32, bytes([0xB2]) * 32, 3, (WALL << 16) + 31, WALL, 12, 1001, 0, NO_CARD, 0, 0x0802, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "supplemented": event(
        7, 33, bytes([0xB2]) * 32, 3, (WALL << 16) + 32, WALL, 12, 1001, 0, NO_CARD, 0, 0x0803, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "approved": event(
        7, 34, bytes([0xB2]) * 32, 3, (WALL << 16) + 33, WALL, 12, 1001, 0, NO_CARD, 0, 0x0804, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "rejected": event(
        7, 35, bytes([0xB2]) * 32, 3, (WALL << 16) + 34, WALL, 12, 1001, 0, NO_CARD, 0, 0x0805, 0,
        handling(1, 0x0040) + field(0x30, b"\x04") + field(0x50, EARLIER)),
    "withdrawn": event(
        7, 36, bytes([0xB2]) * 32, 3, (WALL << 16) + 35, WALL, 12, 1001, 0, NO_CARD, 0, 0x0806, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "production-begun": event(
        7, 37, bytes([0xB2]) * 32, 3, (WALL << 16) + 36, WALL, 12, 1001, 0, NO_CARD, 0, 0x0807, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "production-failed": event(
        7, 38, bytes([0xB2]) * 32, 3, (WALL << 16) + 37, WALL, 12, 1001, 0, NO_CARD, 0, 0x0808, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "ready": event(
        7, 39, bytes([0xB2]) * 32, 3, (WALL << 16) + 38, WALL, 12, 1001, 0, NO_CARD, 0, 0x0809, 0,
        handling(1, 0x0040) + field(0x36, CARD) + field(0x50, EARLIER)),
    "collected": event(
        7, 40, bytes([0xB2]) * 32, 3, (WALL << 16) + 39, WALL, 12, 1001, 0, NO_CARD, 0, 0x080A, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "lapsed": event(
        7, 41, bytes([0xB2]) * 32, 3, (WALL << 16) + 40, WALL, 12, 1001, 0, NO_CARD, 0, 0x080B, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "stock-received": event(
        7, 42, bytes([0xB2]) * 32, 3, (WALL << 16) + 41, WALL, 12, 1001, 0, NO_CARD, 0, 0x0901, 0,
        handling(1, 0x0040) + field(0x60, b"\x01") + field(0x61, b"\x02\x99\x01\x02\x99\x02")),
    "stock-handed-over": event(
        7, 43, bytes([0xB2]) * 32, 3, (WALL << 16) + 42, WALL, 12, 1001, 0, NO_CARD, 0, 0x0902, 0,
        handling(1, 0x0040) + field(0x60, b"\x01") + field(0x61, b"\x02\x99\x01") + field(0x62, struct.pack(">Q", 1)) + field(0x63, struct.pack(">Q", 2))),
    "stock-missed": event(
        7, 44, bytes([0xB2]) * 32, 3, (WALL << 16) + 43, WALL, 12, 1001, 0, NO_CARD, 0, 0x0903, 0,
        handling(1, 0x0040) + field(0x60, b"\x04") + field(0x61, b"\x02\x99\x03")),
    "day-closed": event(
        7, 45, bytes([0xB2]) * 32, 3, (WALL << 16) + 44, WALL, 12, 1001, 0, NO_CARD, 0, 0x0904, 0,
        handling(1, 0x0040) + field(0x64, struct.pack(">I", 20261128)) + field(0x65, struct.pack(">Q", 1)) + field(0x66, b"\x02\x99\x01\x02\x99\x02")),
    "lease-granted": event(
        7, 46, bytes([0xB2]) * 32, 3, (WALL << 16) + 45, WALL, 12, 1001, 0, NO_CARD, 0, 0x0A01, 0,
        handling(1, 0x0040) + field(0x23, b"990101") + field(0x70, struct.pack(">Q", 9)) + field(0x71, b"D" + struct.pack(">II", 100, 299)) + field(0x72, struct.pack(">III", 24, 30, 200))),
    "lease-returned": event(
        7, 47, bytes([0xB2]) * 32, 3, (WALL << 16) + 46, WALL, 12, 1001, 0, NO_CARD, 0, 0x0A02, 0,
        handling(1, 0x0040) + field(0x39, EARLIER)),
    "registry-restored": event(
        7, 48, bytes([0xB2]) * 32, 3, (WALL << 16) + 47, WALL, 12, 1001, 0, NO_CARD, 0, 0x0B01, 0,
        handling(1, 0x0040) + field(0x78, b"\x5a" * 32) + field(0x79, struct.pack(">Q", 48))),
    "chip-ended": event(
        7, 49, bytes([0xB2]) * 32, 3, (WALL << 16) + 48, WALL, 12, 1001, 0, CARD, 0, 0x030C, 0,
        handling(1, 0x0040) + field(0x30, b"\x02")),
    "fee-answered": event(
        7, 50, bytes([0xB2]) * 32, 3, (WALL << 16) + 49, WALL, 12, 1001, 0, CARD, 0, 0x0702, 0,
        handling(1, 0x0040) + field(0x30, b"\x02") + field(0x3C, b"00112233AABBCCDD") + field(0x3D, struct.pack(">I", 1600))),
    "stock-destroyed": event(
        7, 51, bytes([0xB2]) * 32, 3, (WALL << 16) + 50, WALL, 12, 1001, 0, NO_CARD, 0, 0x0905, 0,
        handling(1, 0x0040) + field(0x60, b"\x03") + field(0x61, b"\x02\x99\x04")),
    "stock-returned": event(
        7, 52, bytes([0xB2]) * 32, 3, (WALL << 16) + 51, WALL, 12, 1001, 0, NO_CARD, 0, 0x0906, 0,
        handling(1, 0x0040) + field(0x60, b"\x01") + field(0x61, b"\x02\x99\x05")),
    "stock-installed": event(
        7, 53, bytes([0xB2]) * 32, 3, (WALL << 16) + 52, WALL, 12, 1001, 0, NO_CARD, 0, 0x0907, 0,
        handling(1, 0x0040) + field(0x60, b"\x04") + field(0x61, b"\x02\x99\x06") + field(0x6B, b"T-4401")),
    "stock-taken-out": event(
        7, 54, bytes([0xB2]) * 32, 3, (WALL << 16) + 53, WALL, 12, 1001, 0, NO_CARD, 0, 0x0908, 0,
        handling(1, 0x0040) + field(0x60, b"\x04") + field(0x61, b"\x02\x99\x06") + field(0x6B, b"T-4401")),
    "held until a last day": event(
        7, 55, bytes([0xB2]) * 32, 3, (WALL << 16) + 54, WALL, 12, 1001, 0, CARD, 0, 0x0403, 0,
        handling(1, 0x0040) + field(0x30, b"\x02") + field(0x3E, b"20270131")),
    "collection-undone": event(
        7, 56, bytes([0xB2]) * 32, 3, (WALL << 16) + 55, WALL, 12, 1001, 0, NO_CARD, 0, 0x080C, 0,
        handling(1, 0x0040) + field(0x50, EARLIER)),
    "corrected, with the place before": event(
        7, 57, bytes([0xB2]) * 32, 3, (WALL << 16) + 56, WALL, 12, 1001, 0, CARD, 0, 0x0701, 0,
        handling(1, 0x0040) + field(0x30, b"\x01") + field(0x39, EARLIER) + field(0x3a, b"\x03\x03") + field(0x3f, b"personalized")),
    "registry-restored, with numbers withheld": event(
        7, 58, bytes([0xB2]) * 32, 3, (WALL << 16) + 57, WALL, 12, 1001, 0, NO_CARD, 0, 0x0B01, 0,
        handling(1, 0x0040) + field(0x78, b"\x5a" * 32) + field(0x79, struct.pack(">Q", 48)) + field(0x7a, b"D" + struct.pack(">II", 100, 1099) + b"E" +  struct.pack(">II", 7, 7))),
    "migrated": event(
        7, 59, bytes([0xB2]) * 32, 3, (WALL << 16) + 58, WALL, 12, 1001, 0, CARD, 0, 0x030D, 0,
        handling(1, 0x0040) + field(0x21, b"national-3.0") + field(0x22, b"fmcos-ssse-sm4")),
}

for name, encoded in events.items():
    print(name + ": " + encoded.hex().upper())
