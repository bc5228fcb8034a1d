"""Bytes of directories and key files as cos-dialects 2.1 counts them, from the layout and the profile, without the program under test.

    python3 Tests/Independent/creation_sizes.py national-2.0 fmcos

Golden tests of creation commands (Tests/PersonalizationTests/ProfileScriptTests.swift) have their sizes from it.
"""

import pathlib
import sys

import yaml

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "CardLayouts"


class Text(yaml.SafeLoader):
    """Every scalar as it is written: 10 is hexadecimal in one place and decimal in another."""


Text.yaml_implicit_resolvers = {}


def merged(low, high):
    """What an extending file makes of the extended one."""
    if not (isinstance(low, dict) and isinstance(high, dict)):
        return high
    return {**low, **{name: merged(low.get(name), value) for name, value in high.items()}}


def read(folder, name):
    """A file with all that it extends."""
    content = yaml.load((folder / f"{name}.yaml").read_text(encoding="utf-8"), Text)  # a SafeLoader
    return merged(read(folder, content["extends"]), content) if "extends" in content else content


def body(file):
    """Bytes of a file's content: records with tag and length, or one byte more than their length in rings and fixed files."""
    match file["structure"]:
        case "transparent":
            return int(file["size"], 16)
        case "variable-record":
            return sum(int(element.get("repeat", "1")) * (2 + int(element["length"], 16)) for element in file["elements"].values())
        case _:
            return int(file["records"]) * (1 + int(file["length"], 16))


def key_file(keys, overhead):
    """Bytes of a key file: 16 a key, 8 a PIN, and what each record takes beside it."""
    return sum((8 if name.startswith("3A") else 16) + overhead for name in keys)


def main():
    """Prints directory, key file and whole size in hexadecimal digits."""
    layout = read(FOLDER, sys.argv[1])["directories"]
    profile = read(FOLDER / "profiles", sys.argv[2])
    header, overhead = int(profile["fileHeaderSize"]), int(profile["keyRecordOverhead"])
    sizes = {}

    def size(name):
        directory, security = layout[name], profile["directories"][name]
        files = [file for file in directory["files"].values() if file.get("class") != "reference"]
        keys = key_file(security["keys"], overhead)
        information = header + 3 if security["shortIdentifier"] == "95" else 0
        below = sum(size(other) for other, value in layout.items() if value.get("parent") == name and made(value))
        name_length = len(str(directory["select"]).split()[0]) // 2
        whole = header + name_length + header + keys + information + sum(body(file) + header for file in files) + below
        sizes[name] = (keys, whole)
        return whole

    def made(directory):
        return any(file.get("class") != "reference" for file in directory["files"].values())

    for name, directory in layout.items():
        if directory.get("parent") is None and made(directory):
            size(name)
    sizes["MF"] = (key_file(profile["directories"]["MF"]["keys"], overhead), 0)
    for name, (keys, whole) in sizes.items():
        print(f"{name:5} key file {keys:04X}  directory {whole:04X}")


main()
