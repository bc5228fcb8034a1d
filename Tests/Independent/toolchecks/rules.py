"""Rules of the published documents, written down once more."""

ENVIRONMENT = bytes.fromhex("7378312E73682E") + "社会保障".encode("gbk")  # the name of the environment

# Tags and lengths of the records of EF05 and EF06, in the order in which they stand there (specification version 2.0, table 9).
ISSUER_RECORDS = [(0x01, 0x10), (0x02, 0x01), (0x03, 0x04), (0x04, 0x0C), (0x05, 0x04), (0x06, 0x04), (0x07, 0x09)]
HOLDER_RECORDS = [
    (0x08, 0x12), (0x09, 0x1E), (0x4E, 0x14), (0x0A, 0x01), (0x0B, 0x01), (0x0C, 0x03), (0x0D, 0x04),
]

# Instructions that change a card, to be looked for in what is sent: erase, create, write key, update, append, PIN, block; INSTALL and DELETE.
CHANGING = {0x0E, 0xE0, 0xD4, 0xDC, 0xD2, 0xD6, 0xD0, 0xE2, 0x24, 0x5E, 0x16, 0x18, 0x1E, 0xE4, 0xE6}


def card_number_check(body):
    """The check character of a card number's first eight characters (specification version 2.0, appendix A)."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2)))
    value = 11 - total % 11
    return {10: "X", 11: "0"}.get(value, str(value))


def citizen_number_check(body):
    """The check character of a citizen number's first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    remainder = 0
    for digit in body:
        remainder = (remainder + int(digit)) * 2 % 11
    return "0123456789X"[(12 - remainder) % 11]


def citizen_number(area, birth_date, sequence):
    """A citizen number from its parts."""
    body = f"{area}{birth_date}{sequence:03}"
    return body + citizen_number_check(body)


def records_of(row, version):
    """The values of EF05 and EF06 as bytes by tag, as a row asks for them; those that the issuer gives are left out."""
    name = row["name"].encode("gbk")
    return {
        0x02: row["cardClass"].encode(),
        0x03: version.encode(),
        0x04: bytes.fromhex(row["initializingInstitution"]),
        0x05: bytes.fromhex(row["issueDate"]),
        0x06: bytes.fromhex(row["expiryDate"]),
        0x08: row["citizenNumber"].encode().ljust(0x12, b"\0"),
        0x09: name,
        0x0A: row["sex"].encode(),
        0x0B: bytes.fromhex(row["ethnicGroup"]),
        0x0C: bytes.fromhex(row["birthPlace"]),
        0x0D: bytes.fromhex(row["birthDate"]),
    }


def changing(commands):
    """The commands that would change a card."""
    return [command for command in commands if command[1] in CHANGING]
