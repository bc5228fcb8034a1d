"""What stands on printed sheets: the PDF that a browser prints (ISO 32000-1, §7.8, §9), as far as Skia writes it, read letter by letter."""

import re
import unicodedata
import zlib


class Sheet:
    """One sheet: its size in points, and each letter with its place from the top left and its height."""

    def __init__(self, width, height, letters):
        self.width, self.height, self.letters = width, height, letters

    @property
    def text(self):
        """The lines from top to bottom, the letters of each from left to right."""
        lines = {}
        for left, top, _, letter in self.letters:
            lines.setdefault(round(top), []).append((left, letter))
        return "\n".join("".join(letter for _, letter in sorted(lines[top], key=lambda place: place[0])) for top in sorted(lines))

    def lines_with(self, *parts):
        """The lines that hold all of these."""
        return [line for line in self.text.splitlines() if all(part in line for part in parts)]

    @property
    def smallest(self):
        """The height of the smallest letters."""
        return min((size for _, _, size, letter in self.letters if letter.strip()), default=0)

    @property
    def filled(self):
        """How far down, of the whole, anything is written."""
        return max((top for _, top, _, letter in self.letters if letter.strip()), default=0) / self.height

    @property
    def sides(self):
        """The leftmost and the rightmost place where a letter begins."""
        places = [left for left, _, _, letter in self.letters if letter.strip()]
        return (min(places), max(places)) if places else (0, 0)


def read(pdf):
    """The sheets of a PDF."""
    objects = {int(number): body for number, body in re.findall(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", pdf, re.S)}
    pages = re.search(rb"/Type /Pages\s*/Count \d+\s*/Kids \[([^\]]*)\]", pdf)
    kids = [int(number) for number in re.findall(rb"(\d+) 0 R", pages.group(1))]
    return [sheet(objects, objects[kid]) for kid in kids]


def sheet(objects, page):
    """One page of a PDF."""
    _, _, width, height = (float(word) for word in re.search(rb"/MediaBox \[([^\]]+)\]", page).group(1).split())
    fonts = {}
    named = re.search(rb"/Font <<(.*?)>>", page, re.S)
    for name, number in re.findall(rb"/(\w+) (\d+) 0 R", named.group(1) if named else b""):
        fonts[name] = meanings(objects, objects[int(number)])
    contents = re.search(rb"/Contents (\d+) 0 R", page)
    letters = [(left, height - bottom, size, letter)
               for left, bottom, size, letter in drawn(stream(objects[int(contents.group(1))]), fonts)]
    return Sheet(width, height, letters)


def stream(body):
    """What is in an object's stream."""
    return zlib.decompress(body[body.index(b"stream") + 6:].lstrip(b"\r\n"))


def meanings(objects, font):
    """How many bytes name a letter of a font, and the text of each."""
    table = re.search(rb"/ToUnicode (\d+) 0 R", font)
    if not table:
        return 1, {}
    text, found = stream(objects[int(table.group(1))]), {}
    wide = len(re.search(rb"begincodespacerange\s*<(\w+)>", text).group(1)) // 2
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.S):
        for code, meaning in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            found[int(code, 16)] = letter(meaning)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.S):
        for first, last, meaning in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = letter(b"%0*X" % (len(meaning), int(meaning, 16) + step))
    return wide, found


# Radicals that fonts name in the place of the same sign, where Unicode says no more of them than their names (C-SIMPLIFIED SEE …).
RADICALS = dict(zip("\u2ec5\u2ec9\u2ecb\u2ed3\u2ed4\u2eda\u2edb\u2edc\u2ee2\u2ee5\u2ee6", "见贝车长门页风飞马鱼鸟"))


def letter(code):
    """A letter by its UTF-16, radicals as the signs that look the same."""
    text = bytes.fromhex(code.decode()).decode("utf-16-be")
    return RADICALS.get(text) or (unicodedata.normalize("NFKC", text) if "\u2f00" <= text <= "\u2fdf" else text)


def times(first, second):
    """Two matrices of six numbers, the first applied first."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def drawn(content, fonts):
    """Each letter that the operators of a page draw: where its line stands, how high it is, and what it is."""
    place, kept, line, font, size, waiting = (1, 0, 0, 1, 0, 0), [], None, (1, {}), 0, []
    for word in re.findall(rb"<<.*?>>|<[0-9A-Fa-f]*>|\[[^\]]*\]|[^\s<>\[\]]+", content, re.S):
        if word == b"q":
            kept.append(place)
        elif word == b"Q":
            place = kept.pop()
        elif word == b"cm":
            place = times(tuple(map(float, waiting[-6:])), place)
        elif word == b"BT":
            line = (1, 0, 0, 1, 0, 0)
        elif word == b"Tm":
            line = tuple(map(float, waiting[-6:]))
        elif word == b"Td":
            line = times((1, 0, 0, 1, *map(float, waiting[-2:])), line)
        elif word == b"Tf":
            font, size = fonts.get(waiting[-2][1:], (1, {})), float(waiting[-1])
        elif word == b"Tj":
            at, code = times(line, place), bytes.fromhex(waiting[-1][1:-1].decode())
            for step in range(0, len(code), font[0]):
                yield at[4], at[5], size * abs(at[3]), font[1].get(int.from_bytes(code[step:step + font[0]], "big"), "")
        else:
            waiting.append(word)
            continue
        waiting = []
