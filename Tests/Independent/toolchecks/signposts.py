"""What messages, help and README send people to: every command and option that they name is there."""

import itertools
import json
import pathlib
import re
import shlex
import subprocess

from .bench import ROOT

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
COMMAND = re.compile(r"\b(sscardd?)((?: [a-z][a-z-]*)+)((?: (?:--[a-z-]+|[A-Z0-9{}/]+(?![\w-])))*)")
ENDS = {"|", "||", "&&", "&", ";", ">", "<", "}", ")"}


class Tool:
    """The commands of a program with their options, as its parser tells them."""

    def __init__(self, program):
        self.name = pathlib.Path(program).name
        told = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True, encoding="utf-8")
        self.commands = {}
        self.discussions = {}
        self.gather((), json.loads(told.stdout)["command"])

    def gather(self, path, command):
        """Takes a command and those below it."""
        names = [name["name"] for argument in command.get("arguments") or [] for name in argument.get("names") or []]
        self.commands[path] = {f"--{name}" for name in names}
        self.discussions[path] = command.get("discussion") or ""
        for below in command.get("subcommands") or []:
            self.gather((*path, below["commandName"]), below)

    def is_group(self, path):
        """Whether commands lie below it."""
        return any(other[:-1] == path for other in self.commands if other)

    @property
    def options(self):
        """The options of all its commands."""
        return set().union(*self.commands.values())

    def fault(self, words, options=()):
        """What is wrong with naming this command and these options of it; None when nothing is."""
        path = ()
        for word in words:
            if (*path, word) not in self.commands:
                break
            path = (*path, word)
        named = " ".join([self.name, *words])
        if not path or (self.is_group(path) and len(words) > len(path)):
            return f"{named} is no command"
        missing = sorted(set(options) - self.commands[path])
        return f"{self.name} {' '.join(path)} has no {' '.join(missing)}" if missing else None


def mentions(text):
    """The commands that a text names: program, words that may be more than the command, and the options right behind them."""
    for program, words, rest in COMMAND.findall(text):
        yield program, words.split(), OPTION.findall(rest)


def command_lines(text):
    """The command lines of shell text: program, words before the first option, and all options."""
    for line in text.replace("\\\n", " ").splitlines():
        try:
            tokens = shlex.split(re.sub(r"\s#\s.*", "", line))
        except ValueError:  # a line of a text of several
            tokens = line.split()
        for index, token in enumerate(tokens):
            if token not in ("sscard", "sscardd") or (index and tokens[index - 1] not in ENDS):
                continue
            own = list(itertools.takewhile(lambda word: word not in ENDS, tokens[index + 1:]))
            words = list(itertools.takewhile(lambda word: re.fullmatch("[a-z][a-z-]*", word), own))
            yield token, words, [word.partition("=")[0] for word in own if word.startswith("--")]


def run(bench, checks):
    """All checks of this section."""
    tools = {tool.name: tool for tool in (Tool(bench.tool), Tool(pathlib.Path(bench.tool).parent / "sscardd"))}
    known = set().union(*(tool.options for tool in tools.values()))
    with checks.check("the parser tells the commands and their options") as check:
        check.true(("card", "pin", "change") in tools["sscard"].commands, "no card pin change")
        check.true("--new-pin" in tools["sscard"].commands["card", "pin", "change"], "no --new-pin")
    with checks.check("a command or option that is none is found") as check:
        for text in ("sscard registry leases", "sscard card nonsense", "sscard card read --nonsense"):
            faults = [tools[program].fault(words, options) for program, words, options in mentions(text)]
            check.true(any(faults), f"{text} passes")
            check.true(any(tools[program].fault(words, options) for program, words, options in command_lines(text)),
                       f"{text} passes as a command line")
    files = sorted((ROOT / "Sources/CardData/Resources").glob("messages*.yaml"))
    files += sorted((ROOT / "Sources/CounterService/Pages").glob("words*.yaml"))
    for file in files:
        text = file.read_text(encoding="utf-8")
        with checks.check(f"{file.name} names commands and options that there are") as check:
            for program, words, options in mentions(text):
                fault = tools[program].fault(words, options)
                check.true(fault is None, fault)
            check.equal(sorted(set(OPTION.findall(text)) - known), [])
    for tool in tools.values():
        with checks.check(f"the examples in the help of {tool.name} name commands and options that there are") as check:
            for discussion in tool.discussions.values():
                for program, words, options in command_lines(discussion):
                    fault = tools[program].fault(words, options)
                    check.true(fault is None, fault)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    fences = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    blocks = [text for language, text in fences.findall(readme) if not language]
    with checks.check("README names commands and options that there are") as check:
        check.true(sum(block.count("sscard ") for block in blocks) > 100, "few command lines were found")
        for block in blocks:
            for program, words, options in command_lines(block):
                fault = tools[program].fault(words, options)
                check.true(fault is None, fault)
        for code in re.findall(r"`([^`\n]+)`", fences.sub("", readme)):
            for program, words, options in mentions(code):
                fault = tools[program].fault(words, options)
                check.true(fault is None, fault)
