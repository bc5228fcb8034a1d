#!/usr/bin/python3
"""Reads who a social security card belongs to, with plain APDUs and nothing of this project's code.

It is a second opinion on what stands on a personalised card and knows only what the published documents say. The
environment is selected by its name; EF05 and EF06 are read record by record (READ RECORD by number with the short file
identifier); each record is tag, length, value. Prints one JSON object:

    {"cardNumber": "...", "citizenNumber": "...", "name": "..."}

A value that is not there is null, and so is one that the card does not give freely: version 3.00 keeps the card number
and EF06 behind a key. Takes the number of the reader, 0 unless given. Ends with 0 when a card was read, else with 3.
"""

import json
import sys

from smartcard.Exceptions import SmartcardException
from smartcard.System import readers

ENVIRONMENT = bytes.fromhex("7378312E73682E") + "社会保障".encode("gbk")
ISSUER_FILE, HOLDER_FILE = 0x05, 0x06
CARD_NUMBER, CITIZEN_NUMBER, NAME, NAME_EXTENSION = 0x07, 0x08, 0x09, 0x4E


def transmit(card, command):
    """Sends a command; repeats it with the right Le after 6Cxx and fetches what waits after 61xx."""
    data, sw1, sw2 = card.transmit(list(command))
    if sw1 == 0x6C:
        data, sw1, sw2 = card.transmit(list(command[:4]) + [sw2])
    while sw1 == 0x61:
        more, sw1, sw2 = card.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
        data += more
    return bytes(data), sw1 << 8 | sw2


def read_records(card, file):
    """The elements of a file that may be read freely, as a dictionary from tag to value. No file has 16 records."""
    values = {}
    for number in range(1, 17):
        record, status = transmit(card, bytes([0x00, 0xB2, number, file << 3 | 4, 0x00]))
        if status in (0x6A83, 0x6A82):  # no such record, no such file
            break
        if status == 0x6982:  # behind a key
            continue
        if status != 0x9000:
            raise ValueError(f"record {number} of EF{file:02X} cannot be read: {status:04X}")
        if len(record) < 2 or len(record) != 2 + record[1]:
            raise ValueError(f"record {number} of EF{file:02X} is not tag, length, value")
        values[record[0]] = record[2:]
    return values


def text(value, encoding):
    """The text of an element without its padding of 00, null when the element is not there."""
    return None if value is None else value.rstrip(b"\0").decode(encoding)


def main():
    """Reads the card and prints what was found."""
    card = readers()[int(sys.argv[1]) if len(sys.argv) > 1 else 0].createConnection()
    card.connect()
    _, status = transmit(card, bytes([0x00, 0xA4, 0x04, 0x00, len(ENVIRONMENT)]) + ENVIRONMENT)
    if status != 0x9000:
        raise ValueError(f"the environment cannot be selected: {status:04X}")
    issuer, holder = read_records(card, ISSUER_FILE), read_records(card, HOLDER_FILE)
    name = holder.get(NAME)
    if name is not None:  # the extension takes up where the 30 bytes of the name end, perhaps within a character
        name += holder.get(NAME_EXTENSION, b"")
    found = {
        "cardNumber": text(issuer.get(CARD_NUMBER), "ascii"),
        "citizenNumber": text(holder.get(CITIZEN_NUMBER), "ascii"),
        "name": text(name, "gbk"),
    }
    print(json.dumps(found, ensure_ascii=False))
    card.disconnect()


if __name__ == "__main__":
    try:
        main()
    except (SmartcardException, ValueError, IndexError) as error:
        print(f"read_card: {error}", file=sys.stderr)
        sys.exit(3)
