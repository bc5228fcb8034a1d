"""What the shell's commands answer on an issued card: the holder's values, selections, the list of commands, and a reset that takes rights back."""

import re

from .bench import PIN, PROFILE, ROOT

SCRIPT = ROOT / "Fixtures/shell/looking-around.txt"
COMMANDS = {"ls", "cd", "select", "cat", "read", "verify", "apdu", "reset", "history", "help", "exit"}


def run(bench, checks):
    """All checks of this section."""
    site, card, row = bench.site(), bench.blank(PROFILE), {**bench.people[0], "maritalStatus": "2"}
    with card.inserted():
        made = site.make(bench.people_file(row)).json[0]
        readme(checks, site, row, made)
        commands(bench, checks, site, row)
        reset(bench, checks, site)


def answers(output):
    """What was said after each line that was typed, by the line."""
    found, line = {}, None
    for text in output.splitlines():
        if typed := re.match(r"/\S* > (.*)$", text):
            line = typed[1]
            found[line] = []
        elif line is not None:
            found[line].append(text)
    return found


def values(rows):
    """A table of values: the last column by the title before it."""
    return {cells[-2]: cells[-1] for cells in (re.split(r"\s{2,}", row.strip()) for row in rows[1:])}


def readme(checks, site, row, made):
    """The script that the README has."""
    with checks.check("the README's script shows the identification code and the holder's values of an issued card") as check:
        result = site.run("card", "shell", "--script", SCRIPT)
        check.exits(result, 0)
        found = answers(result.output)
        check.equal(found["read EF05 1"], [f"0110{made['identificationCode']} 9000"])
        shown = values(found["cat EF06"])
        wanted = {"社会保障号码": "citizenNumber", "姓名": "name", "性别": "sex", "民族": "ethnicGroup", "出生地": "birthPlace", "出生日期": "birthDate"}
        check.equal({title: shown.get(title) for title in wanted}, {title: row[name] for title, name in wanted.items()})
        # the application opens to the PIN alone, and a challenge is anybody's
        check.equal(found["apdu 00B2014400"], ["6982"])
        check.true(re.fullmatch(r"[0-9A-F]{16} 9000", "".join(found["apdu 0084000008"])), f"{found['apdu 0084000008']}")
        check.true(any(line.startswith("DF01/") for line in found["ls"]) and any(line.startswith("EF06 ") for line in found["ls"]), f"{found['ls']}")


def commands(bench, checks, site, row):
    """`help`, `select` and `cat`, each with a good answer."""
    lines = ["help", "select 3F00", "select 7378312E73682EC9E7BBE1B1A3D5CF", "select EF06", "apdu 00B2023400", "select DF01", "verify", "cat EF08"]
    with checks.check("help lists every command, select says 9000 or moves, and cat shows a file of the holder's after the PIN") as check:
        result = site.run(
            "card", "shell", "--script", bench.write("good.txt", "\n".join(lines)), "--pin", "fd:PIN", pin=PIN)
        check.exits(result, 0)
        found = answers(result.output)
        check.equal({line.split()[0] for line in found["help"][1:]}, COMMANDS)
        check.equal(found["select EF06"], ["9000"])
        check.equal(found["select 3F00"] + found["select 7378312E73682EC9E7BBE1B1A3D5CF"] + found["select DF01"], [])
        prompts = re.findall(r"^(/\S*) > ", result.output, re.M)
        check.equal(prompts, ["/", "/", "/", "/SSSE", "/SSSE", "/SSSE", "/SSSE/DF01", "/SSSE/DF01"])
        # the name stands in the file that was selected, in GBK
        name = row["name"].encode("gbk").hex().upper()
        check.true(name in "".join(found["apdu 00B2023400"]), f"{found['apdu 00B2023400']}")
        check.equal(found["verify"], ["9000"])
        check.equal(values(found["cat EF08"]), {"婚姻状况": "2"})


def reset(bench, checks, site):
    """The PIN's right ends with a reset."""
    # Straight after it no such file is selected; a directory that is entered anew would take the right as well.
    lines = ["cd SSSE", "cd DF01", "verify", "apdu 00B2014405 = 9000", "reset", "apdu 00B2014405 = 6A82", "ls", "cd SSSE", "cd DF01",
             "apdu 00B2014405 = 6982", "history"]
    with checks.check("reset goes back to the master file and takes the PIN's right") as check:
        result = site.run(
            "card", "shell", "--script", bench.write("reset.txt", "\n".join(lines)), "--pin", "fd:PIN", pin=PIN)
        check.exits(result, 0)
        prompts = re.findall(r"^(/\S*) > (\w+)", result.output, re.M)
        check.equal(prompts[4:8], [("/SSSE/DF01", "reset"), ("/", "apdu"), ("/", "ls"), ("/", "cd")])
        check.equal(answers(result.output)["reset"], [])
        check.equal([line.split("  ", 1)[1] for line in answers(result.output)["history"]], lines)
