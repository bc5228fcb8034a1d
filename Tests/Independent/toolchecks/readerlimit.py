"""The most readers that the service has: whoever sees so many is told that another would stay invisible."""

import os
import subprocess

from .bench import LAYOUT, PATIENCE, ROOT, Result

CODE = "reader.limit-reached"


def run(bench, checks):
    """All checks of this section."""
    with checks.check("where sixteen readers are attached, who lists them is told that no more can be") as check:
        result = beside(bench, 16, "readers", "--json")
        check.exits(result, 0)
        check.equal((len(result.json), result.codes), (16, [CODE]))
        check.holds(result.error, "最多支持 16 个卡槽", "no more than 16 slots", "unplug one")
    with checks.check("beside fourteen nothing is said of a limit") as check:
        result = beside(bench, 14, "readers", "--json")
        check.exits(result, 0)
        check.equal((len(result.json), result.codes), (14, []))
    people = bench.people_file(*bench.people[:1])
    with checks.check("who watches sixteen readers, or makes cards in all of them, is told so once") as check:
        for arguments in (("readers", "--watch"), (
                "card", "personalize", "--layout", LAYOUT, "--people", people, "--all-readers", "--pin", "generate")):
            result = beside(bench, 16, *arguments, seconds=20)
            check.equal(result.codes.count(CODE), 1, f"{arguments[:2]}: {result.error[-400:]}")


def beside(bench, count, *arguments, seconds=None):
    """Runs the tool beside a service of its own with so many readers; what never ends by itself is interrupted."""
    limit = ["timeout", "--signal=INT", str(seconds)] if seconds else []
    ended = subprocess.run(
        [ROOT / "Scripts/reader-namespace", "--readers", str(count), *limit, bench.tool, *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "SSCARD_DATA": str(bench.path("data"))}, capture_output=True, text=True, timeout=PATIENCE,
        check=False, stdin=subprocess.DEVNULL)
    return Result(ended.returncode, ended.stdout, ended.stderr)
