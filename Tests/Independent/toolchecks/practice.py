"""A counter for practice: started with one command, marked on every page and slip, and never mixed with real data."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess

from .bench import PATIENCE, ROOT, Site
from .browser import Browser, Service
from .counter import page_is_good
from .slips import enlarged, read_code

PORT = 8090
PASSWORD = "practice-only"
# An invented child of the people of practice, who needs no photo.
CHILD = "99012420260125311X"


def run(bench, checks):
    """All checks of this section."""
    folder = bench.path("practice")
    with Practice(folder) as practice:
        browser = Browser(practice)
        try:
            marked(practice, browser, checks)
            box(browser, checks)
            day(browser, checks)
        finally:
            browser.close()
    with checks.check("SIGTERM ends practice, whatever page is open, and a second day goes on in the same folder") as check:
        check.equal(practice.process.returncode, 0)
        with Practice(folder) as again:
            check.equal(http_get(again, "/health")[0], 200)
    stopped(bench, checks, folder)
    apart(bench, checks, folder)


class Practice:
    """`Scripts/training`, spoken to from outside its own network."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, PORT, None

    def __enter__(self):
        # In a group of its own, as a shell starts it: Ctrl-C is a signal to the whole group.
        self.process = subprocess.Popen([ROOT / "Scripts/training", "--no-build", "--port", str(PORT), self.folder], cwd=ROOT,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
        line = self.process.stdout.readline().decode()
        if f"http://127.0.0.1:{PORT}/" not in line:
            raise RuntimeError(f"practice did not start: {line}")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


def left_of(folder):
    """The processes that were started for a folder and still run: their numbers and what they are."""
    found = {}
    for process in pathlib.Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            with contextlib.suppress(OSError):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if str(folder) in command:
                    found[int(process.name)] = command
    return found


def end_of(number):
    """Waits for the end of a process that is no child of this one."""
    with contextlib.suppress(ProcessLookupError):
        process = os.pidfd_open(number)
        ended, _, _ = select.select([process], [], [], PATIENCE)
        os.close(process)
        return ended != []
    return True


def stopped(bench, checks, folder):
    """Ctrl-C, as a terminal sends it, and the death of the script."""
    with checks.check("Ctrl-C ends practice as it should: all that was started is gone, the key log is ended, the exit code is 0") as check:
        practice = Practice(folder)
        with practice:
            check.true(left_of(folder) != {}, "nothing runs")
            os.killpg(practice.process.pid, signal.SIGINT)
            said = practice.process.communicate(timeout=PATIENCE)[0].decode()
        check.equal(practice.process.returncode, 0)
        check.holds(said, "practice has ended")
        check.equal(left_of(folder), {})
        log = bench.site().run("keys", "audit", "verify", "--log", folder / "data/key-log/key-log.txt", "--json").json
        check.equal((log["stands"], log["unsigned"], log["openSessions"]), (True, 0, {}))
        with socket.create_server(("127.0.0.1", PORT)):
            pass
    with checks.check("and when the script itself is killed, nothing of it is left either") as check:
        practice = Practice(folder)
        with practice:
            started = left_of(folder)
            practice.process.kill()
            for number, command in started.items():
                if number != practice.process.pid:
                    check.true(end_of(number), f"still there: {command}")


def http_get(practice, path):
    """Status, headers and text of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", practice.port, timeout=PATIENCE)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()


def enter(browser, number):
    """Logs in as one of the operators for practice."""
    browser.driver.delete_all_cookies()
    browser.go("/login")
    browser.keys(str(number), "\ue004", PASSWORD)
    browser.leave(lambda: browser.keys("\ue007"))


def marked(practice, browser, checks):
    """Nobody can take a page or a slip of practice for a real one."""
    with checks.check("the log-in page of practice names its operators and their password, and every answer is marked") as check:
        status, headers, text = http_get(practice, "/login")
        check.equal(status, 200)
        check.equal(headers.get("SSCard-Training"), "true")
        check.holds(text, PASSWORD, "1001", "2001", "3001", "【培训】")
        check.holds(http_get(practice, "/nonsense")[2], "【培训】")
        browser.go("/login")
        page_is_good(browser, check, "training-login")
    with checks.check("every page of practice says so in words, in both languages") as check:
        enter(browser, 3001)
        for path in ["/", "/people/new", "/applications", "/stock", "/stock/receive", "/readers", "/card-box", "/nonsense"]:
            browser.go(path)
            check.holds(browser.text, "【培训】 虚拟卡、虚构人员")
            check.true(browser.driver.title.startswith("【培训】"), browser.driver.title)
        browser.follow("English")
        check.holds(browser.text, "[TRAINING]")
        page_is_good(browser, check, "training-english")
        browser.follow("中文")
    with checks.check("a slip of practice says that it is not valid, and its code is none of a real counter") as check:
        browser.go("/stock/receive")
        browser.type("芯片号", "009046533186499901000000F1")
        browser.tick("已收凭证材料")
        browser.press("确认入库")
        window = browser.driver.current_window_handle
        browser.named("//main//form[contains(@action, '/slip')]//button").click()
        browser.wait(lambda b: len(b.driver.window_handles) == 2)
        browser.driver.switch_to.window([h for h in browser.driver.window_handles if h != window][0])
        browser.wait(lambda b: b.driver.find_elements("css selector", "svg.code"))
        check.holds(browser.text, "培训用，无效")
        code = read_code(enlarged(browser, browser.driver.find_element("css selector", "svg.code")))
        check.true(code.startswith("sscard-training:9999/"), code)
        page_is_good(browser, check, "training-slip")
        browser.driver.close()
        browser.driver.switch_to.window(window)


def box(browser, checks):
    """Virtual cards go in and out as real ones do."""
    enter(browser, 1001)
    with checks.check("a card of the box is put into a reader and taken out again, and the readers show it") as check:
        browser.go("/card-box")
        page_is_good(browser, check, "card-box")
        check.equal(len(browser.driver.find_elements("css selector", "main table tbody tr")), 4)
        browser.press("放入读卡器 1")
        check.holds(browser.text, "取出 990100000001")
        # The whole number of the chip: the historical bytes of its answer to reset, as readers tell them (3B6D 0000 in front of them).
        row = browser.named("//main//table//tr[td[contains(., '990100000001')]]").text
        check.holds(row, "00904653318649990100000001")
        page_is_good(browser, check, "card-box-in")
        browser.go("/readers")
        browser.wait(lambda b: "有卡，用后请取回" in b.text)
        browser.go("/card-box")
        browser.press("取出 990100000001")
        check.true("取出 9901" not in browser.text, "the card is still in")
        browser.go("/readers")
        browser.wait(lambda b: "有卡" not in b.text)


def day(browser, checks):
    """What the README leads a stranger through: a card is issued, lost, released, lost for good and replaced, and the day is closed
    from the chips that are left."""
    def go_to(number, purpose):
        browser.go("/")
        browser.type("社会保障号码或卡号", number)
        browser.choose("查询事由", purpose)
        browser.press("查询")

    def put_in(serial, slot):
        browser.go("/card-box")
        browser.leave(browser.named(f"//button[@aria-label='{serial}: 放入读卡器 {slot}']").click)

    def sign(number):
        browser.type("复核人编号", str(number))
        browser.type("复核人密码", PASSWORD)

    def issue_card():
        for step in ("检查空白卡", "查人", "照片"):
            browser.press("确认" + step)
        browser.tick("身份证件已核对", "持卡人已核对以上内容并同意")
        browser.press("持卡人确认")
        browser.press("确认制卡")
        browser.wait(lambda b: "设密码" in b.text and "正在制卡" not in b.text and b.driver.find_elements("id", "new-pin"))
        for label in ("新密码", "再输入一次新密码"):
            browser.type(label, "48195207")
        browser.press("确认设密码")
        browser.tick("身份证件已核对", "持卡人或代办人（监护人）已签字")
        browser.press("确认领卡")
        browser.press("确认启用")
        browser.press("确认回执")

    enter(browser, 1001)
    with checks.check("a stranger issues a card in front of its holder, in practice") as check:
        put_in("990100000002", 1)
        go_to(CHILD, "制卡")
        browser.press("即时制卡")
        issue_card()
        check.holds(browser.text, "这一笔已结束：完成", "正常")
        page_is_good(browser, check, "training-issued")
    with checks.check("reports it lost and releases it, in practice") as check:
        browser.go("/card-box")
        link = browser.driver.find_element("css selector", "main table a")
        browser.leave(link.click)
        card = browser.path
        browser.go(card + "/temporary-loss")
        browser.tick("持卡人本人")
        browser.press("确认临时挂失")
        check.holds(browser.text, "临时挂失，已办结")
        browser.go(card + "/release")
        browser.tick("身份证件已核对")
        for box_ in browser.driver.find_elements("css selector", "input[name^=restriction-]"):
            if not box_.is_selected():
                browser.freed(box_).click()
        browser.press("确认解挂")
        check.holds(browser.text, "解挂，已办结")
        page_is_good(browser, check, "training-released")
    with checks.check("reports it lost for good: the card stays stopped, and the slip can be printed") as check:
        browser.go(card + "/formal-loss")
        browser.tick("持卡人本人", "身份证件已核对")
        browser.press("确认正式挂失")
        check.holds(browser.text, "正式挂失，已办结")
        check.true(browser.driver.find_elements("xpath", "//main//form[contains(@action, '/slip')]") != [], "no slip")
        browser.go(card)
        check.holds(browser.text, "正式挂失")
        page_is_good(browser, check, "training-lost")
    with checks.check("and replaces it: the new card is made by the same steps, and the old one ends with it") as check:
        browser.go("/card-box")
        browser.press("取出 990100000002")
        put_in("990100000003", 1)
        browser.go(card)
        browser.follow("补换卡")
        browser.tick("遗失补领", "身份证件已核对", "费用已结清或免收")
        sign(2001)
        browser.press("确认补换卡")
        issue_card()
        check.holds(browser.text, "这一笔已结束：完成", "正常")
        browser.go(card)
        check.holds(browser.text, "补领")
        page_is_good(browser, check, "training-replaced")
    with checks.check("a loss that was entered on the wrong card is undone, and the second supervisor signs") as check:
        browser.go("/card-box")
        browser.leave(browser.driver.find_elements("css selector", "main table a")[-1].click)
        new = browser.path
        browser.go(new + "/temporary-loss")
        browser.tick("持卡人本人")
        browser.press("确认临时挂失")
        enter(browser, 2001)
        browser.go(new + "/correct")
        browser.named("//input[@name='event']").click()
        browser.tick("办错卡", "已收凭证材料")
        sign(2002)
        browser.press("确认更正")
        check.holds(browser.text, "更正，已办结")
    with checks.check("and closes the day from the chips that are left: two of four were used, and nothing is typed") as check:
        enter(browser, 1001)
        browser.go("/card-box")
        browser.press("取出 990100000003")
        put_in("990100000001", 1)
        browser.go("/stock/close-day")
        browser.press("读取读卡器中的芯片")
        sign(2001)
        browser.press("确认日终")
        check.holds(browser.text, "990100000004")
        check.true("日终，已办结" not in browser.text, "closed without one of the blanks")
        put_in("990100000004", 2)
        browser.go("/stock/close-day")
        browser.press("读取读卡器中的芯片")
        page_is_good(browser, check, "training-close-day")
        sign(2001)
        browser.press("确认日终")
        check.holds(browser.text, "日终，已办结")
    with checks.check("another blank that is added to the box is in the hands of who added it, in the stock book too") as check:
        browser.go("/card-box")
        browser.press("添一张空白卡")
        check.equal(len(browser.driver.find_elements("css selector", "main table tbody tr")), 5)
        browser.go("/stock")
        check.holds(browser.text, "990100000005")


def apart(bench, checks, folder):
    """Neither folder nor database of one goes with the other."""
    real = Service(bench, bench.site())
    unmarked, marked_on = bench.path("unmarked"), bench.path("marked")
    real.add(1001, "张一", "teller")
    real.site.run("stock", "receive", "--serial", "009046533186499901000000AA", "--officer", "3001", "--proof", "paper")

    def told(check, data, is_training, code, commands=("counter", "check")):
        real.config.write_text(f"office: x\ncounter: {9999 if is_training else 1}\ndata: {data}\ntraining: {json.dumps(is_training)}\n"
                               "listen: 127.0.0.1:0\n", encoding="utf-8")
        for command in commands:
            result = real.run(command)
            check.equal(result.returncode, 5)
            check.holds(result.stderr, f"[{code}]")

    with checks.check("a real counter refuses a folder of practice, the tool does too, and practice refuses a real folder") as check:
        before = sorted((path.name, path.stat().st_mtime_ns) for path in (folder / "data").iterdir())
        told(check, folder / "data", False, "registry.training-folder")
        result = Site(bench, folder / "data", None).run("registry", "verify")
        check.exits(result, 5)
        check.holds(result.error, "[registry.training-folder]")
        check.equal(sorted((path.name, path.stat().st_mtime_ns) for path in (folder / "data").iterdir()), before)
        told(check, real.site.data, True, "registry.not-training-folder")
    with checks.check("with the folder's mark taken away or put on, the database itself still refuses") as check:
        shutil.copytree(folder / "data", unmarked, ignore=shutil.ignore_patterns("*.socket"))
        (unmarked / "training").unlink()
        told(check, unmarked, False, "registry.training-folder", ["counter"])
        shutil.copytree(real.site.data, marked_on, ignore=shutil.ignore_patterns("*.socket"))
        (marked_on / "training").touch()
        told(check, marked_on, True, "registry.not-training-folder", ["counter"])
    with checks.check("and with both marks taken away it would be let through: they are what keeps the two apart") as check:
        database = unmarked / "registry.sqlite"
        subprocess.run(["python3", "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
                        "c.execute('PRAGMA application_id = 0'); c.close()", database], check=True)
        real.config.write_text(f"office: x\ncounter: 9999\ndata: {unmarked}\nlisten: 127.0.0.1:0\n", encoding="utf-8")
        result = real.run("check")
        check.true(re.search("✔ registry: ", result.stdout) is not None, result.stdout + result.stderr)
