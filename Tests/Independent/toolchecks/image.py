"""Reads the state file of a virtual card: what the chip holds without power."""

import hashlib


class Image:
    """Key records by directory, and all record and file contents in one heap of bytes.

    Magic SSVC, version 0002, then profile, answer to reset, flags and the master file with all below it, at the end the
    SHA-256 of all that; numbers most significant byte first, byte strings with four bytes of length.
    """

    def __init__(self, data):
        self.data = data
        self.place = 0
        self.keys = {}
        self.contents = []
        if self.take(6) != b"SSVC\0\x02":
            raise ValueError("not a state file of version 2")
        if hashlib.sha256(data[:-32]).digest() != data[-32:]:
            raise ValueError("the state file's checksum is wrong")
        self.profile = self.counted().decode()
        self.answer_to_reset = self.counted()
        self.take(1)
        if self.number(1):
            self.directory()

    def take(self, count):
        """So many bytes."""
        piece = self.data[self.place:self.place + count]
        if len(piece) != count:
            raise ValueError("the state file ends too early")
        self.place += count
        return piece

    def number(self, size):
        """A number of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def counted(self):
        """A byte string."""
        return self.take(self.number(4))

    def directory(self):
        """One directory with its keys, files and children."""
        identifier = self.number(2)
        self.counted()
        self.take(3 + 4)
        self.take(2)  # lock, failures in a row
        if self.number(1):
            self.take(4 + 1)
            for _ in range(self.number(2)):
                kind, key, _, _, _, counter = self.take(6)
                self.keys[identifier, kind & 0x3F, key] = (kind, counter, self.counted())
        for _ in range(self.number(2)):
            self.file()
        for _ in range(self.number(2)):
            self.directory()

    def file(self):
        """One elementary file."""
        self.take(2 + 5 + 4 + 1)
        self.take(2 * self.number(1))
        self.take(1)
        self.contents.append(self.counted())
        for _ in range(self.number(2)):
            self.contents.append(self.counted())

    def counters(self):
        """The tries left of every external authentication key (39) and PIN (3A), by directory, type and identifier."""
        return {name: slot[1] & 0x0F for name, slot in self.keys.items() if name[1] in (0x36, 0x37, 0x38, 0x39, 0x3A)}
