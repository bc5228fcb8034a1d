#!/usr/bin/env python3
"""Makes psec.json: key blocks of an implementation that is not ours (PyPI: psec 1.3.0).

    python3 -m venv /tmp/psec && /tmp/psec/bin/pip install psec && /tmp/psec/bin/python make-psec-blocks.py > psec.json

Every run gives other blocks, for the filler is random. For the SM4 version, which is this project's own, cryptography's SM4 takes
the place of AES in the same steps, written out here once more.
"""

import json
import os

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from psec import tr31

KEYS = {8: "0123456789ABCDEF", 16: "0123456789ABCDEFFEDCBA9876543210", 24: "0123456789ABCDEFFEDCBA987654321089ABCDEF01234567",
        32: "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4"}
CASES = [("A", 16, "M3", "T", "C", 16), ("A", 24, "P0", "T", "E", 24), ("B", 16, "E2", "T", "X", 16), ("B", 24, "K0", "T", "B", 24),
         ("C", 16, "E6", "T", "X", 16), ("C", 24, "D0", "D", "E", 8), ("D", 16, "E2", "T", "X", 16), ("D", 24, "K1", "A", "B", 24),
         ("D", 32, "D0", "A", "B", 32), ("D", 32, "E0", "T", "X", 24), ("B", 16, "E2", "T", "X", 16, "E", "STK", "01"),
         ("D", 16, "E2", "T", "X", 16, "S", "STKDF02", "01")]


def standard(version, length, usage, algorithm, mode, size, flag="N", label="UKSSSE", number="02"):
    """A block by psec."""
    protection, key = os.urandom(length), bytes.fromhex(KEYS[size])
    header = tr31.Header(version_id=version, key_usage=usage, algorithm=algorithm, mode_of_use=mode, version_num=number, exportability=flag)
    header.blocks["LB"] = label
    block = tr31.KeyBlock(protection, header).wrap(key)
    return {"name": f"{version}, protection of {length} bytes", "protection": protection.hex().upper(), "key": KEYS[size],
            "usage": usage, "label": label, "block": block}


def block_sm4(key, data):
    """SM4 of whole blocks."""
    encryptor = Cipher(SM4(key), modes.ECB()).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def shifted(block):
    """Doubling in the field of CMAC (NIST SP 800-38B)."""
    value = int.from_bytes(block, "big") << 1
    return ((value & (1 << 128) - 1) ^ (0x87 if value >> 128 else 0)).to_bytes(16, "big")


def cmac(key, message):
    """CMAC with SM4."""
    first = shifted(block_sm4(key, bytes(16)))
    whole = message and len(message) % 16 == 0
    padded = message if whole else message + b"\x80" + bytes(-(len(message) + 1) % 16)
    mask = first if whole else shifted(first)
    padded = padded[:-16] + bytes(a ^ b for a, b in zip(padded[-16:], mask))
    chain = bytes(16)
    for start in range(0, len(padded), 16):
        chain = block_sm4(key, bytes(a ^ b for a, b in zip(chain, padded[start:start + 16])))
    return chain


def own():
    """The SM4 version, as D with SM4."""
    protection, key = os.urandom(16), bytes.fromhex(KEYS[16])
    encryption, authentication = (cmac(protection, bytes([1, 0, use, 0, 0x80, 0x04, 0x00, 0x80])) for use in (0, 1))
    header = "40128E24X01E0200" + "LB0BSTKDF01" + "PB050"
    plain = (128).to_bytes(2, "big") + key + os.urandom(14)
    mac = cmac(authentication, header.encode() + plain)
    encryptor = Cipher(SM4(encryption), modes.CBC(mac)).encryptor()
    block = header + (encryptor.update(plain) + encryptor.finalize() + mac).hex().upper()
    assert len(block) == 128
    return {"name": "4, SM4", "protection": protection.hex().upper(), "key": KEYS[16], "usage": "E2", "label": "STKDF01", "block": block}


print(json.dumps({
    "source": "psec 1.3.0 (PyPI); the SM4 case from cryptography's SM4 by make-psec-blocks.py",
    "cases": [standard(*case) for case in CASES] + [own()]}, indent=2))
