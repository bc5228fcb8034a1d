"""SLIP-0039 for shares of one group and no passphrase, from the text of the standard, with none of the tool's code."""

import hashlib
import hmac

from .bench import ROOT

WORDS = (ROOT / "Sources/IssuerKeys/Resources/slip39-words.txt").read_text(encoding="ascii").split()
DIGEST, SECRET = 254, 255  # where digest and secret lie on the polynomial


def product(left, right):
    """In the field of 256 elements with x^8 + x^4 + x^3 + x + 1."""
    result = 0
    while right:
        if right & 1:
            result ^= left
        left = left << 1 ^ (0x11B if left & 0x80 else 0)
        right >>= 1
    return result


def inverse(element):
    """The element whose product with this one is 1."""
    return next(other for other in range(1, 256) if product(element, other) == 1)


def interpolate(points, place):
    """The polynomials' bytes at a place, through these points."""
    total = bytes(len(next(iter(points.values()))))
    for own, value in points.items():
        weight = 1
        for other in points:
            if other != own:
                weight = product(weight, product(place ^ other, inverse(own ^ other)))
        total = bytes(sum_ ^ product(weight, byte) for sum_, byte in zip(total, value))
    return total


def combine(mnemonics):
    """The secret of as many shares as their threshold."""
    points, identifiers = {}, set()
    for mnemonic in mnemonics:
        number = 0
        words = mnemonic.split()
        for word in words:
            number = number << 10 | WORDS.index(word)
        number >>= 30  # the check words
        value_bits = 10 * (len(words) - 7)
        header = number >> value_bits
        length = value_bits // 16 * 2
        points[header >> 4 & 15] = (number & (1 << value_bits) - 1).to_bytes(length, "big")
        identifiers.add((header >> 25, header >> 24 & 1, header >> 20 & 15))
        assert header >> 8 & 0xFFF == 0, "one group"
    (identifier, extendable, exponent), = identifiers
    sealed, check = interpolate(points, SECRET), interpolate(points, DIGEST)
    assert check[:4] == hmac.new(check[4:], sealed, "sha256").digest()[:4], "digest"
    salt = b"" if extendable else b"shamir" + identifier.to_bytes(2, "big")
    half = len(sealed) // 2
    left, right = sealed[:half], sealed[half:]
    for turn in (3, 2, 1, 0):
        mask = hashlib.pbkdf2_hmac("sha256", bytes([turn]), salt + right, 2500 << exponent, half)
        left, right = right, bytes(a ^ b for a, b in zip(left, mask))
    return right + left
