"""What DES, SM4 and AES make of a key of 16 bytes, and DES of one of 8, before they use it: the bytes to look for where no key may be.

The round keys are worked out from the standards: FIPS 46-3, GB/T 32907, FIPS 197.
"""

PC1 = [57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
       63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4]
PC2 = [14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
       41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32]
SHIFTS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
SM4_BOX = bytes.fromhex(
    "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6"
    "4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d351e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e"
    "eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
    "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948")
SM4_FAMILY = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)


def des_rounds(key):
    """The 16 round keys of one DES key, 6 bytes each."""
    bits = [key[(number - 1) // 8] >> (7 - (number - 1) % 8) & 1 for number in PC1]
    rounds = []
    for shift in SHIFTS:
        bits = bits[shift:28] + bits[:shift] + bits[28 + shift:] + bits[28:28 + shift]
        chosen = int("".join(str(bits[number - 1]) for number in PC2), 2)
        rounds.append(chosen.to_bytes(6, "big"))
    return rounds


def sm4_rounds(key):
    """The 32 round keys of SM4 as numbers."""
    words = [int.from_bytes(key[4 * i:4 * i + 4], "big") ^ SM4_FAMILY[i] for i in range(4)]
    for number in range(32):
        constant = int.from_bytes(bytes((4 * number + j) * 7 % 256 for j in range(4)), "big")
        mixed = words[-3] ^ words[-2] ^ words[-1] ^ constant
        boxed = int.from_bytes(bytes(SM4_BOX[byte] for byte in mixed.to_bytes(4, "big")), "big")
        turned = boxed ^ rotated(boxed, 13) ^ rotated(boxed, 23)
        words.append(words[-4] ^ turned)
    return words[4:]


def rotated(word, count):
    """A word of 32 bits turned to the left."""
    return (word << count | word >> (32 - count)) & 0xFFFFFFFF


def aes_box():
    """The substitution box of AES."""
    box, p, q = [0] * 256, 1, 1
    while True:
        p = p ^ (p << 1 & 0xFF) ^ (0x1B if p & 0x80 else 0)
        q ^= q << 1 & 0xFF
        q ^= q << 2 & 0xFF
        q ^= q << 4 & 0xFF
        q ^= 0x09 if q & 0x80 else 0
        turned = [(q << n | q >> (8 - n)) & 0xFF for n in range(5)]
        box[p] = turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


AES_BOX = aes_box()


def aes_rounds(key):
    """The round keys of AES-128 behind the key itself, 16 bytes each."""
    words, constant = [key[4 * i:4 * i + 4] for i in range(4)], 1
    for number in range(4, 44):
        word = words[-1]
        if number % 4 == 0:
            word = bytes(AES_BOX[byte] for byte in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = constant << 1 ^ (0x11B if constant & 0x80 else 0)
        words.append(bytes(a ^ b for a, b in zip(words[-4], word)))
    return [b"".join(words[i:i + 4]) for i in range(4, 44, 4)]


def schedules(key):
    """Pieces of the schedules, long enough never to stand anywhere by chance: any of them shows that a schedule was written."""
    pieces = []
    for half in (key[:8], key[8:]):
        rounds = des_rounds(half) if half else []
        pieces += [b"".join(rounds[:2]), b"".join(rounds[-2:])] if half else []
    if len(key) < 16:
        return pieces
    sm4 = sm4_rounds(key)
    for order in ("big", "little"):
        pieces += [b"".join(word.to_bytes(4, order) for word in sm4[:4]), b"".join(word.to_bytes(4, order) for word in sm4[-4:])]
    aes = aes_rounds(key)
    return pieces + [aes[0], aes[-1]]
