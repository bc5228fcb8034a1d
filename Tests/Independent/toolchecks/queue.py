"""The queue of a counter and the search by name: by the keyboard, at two windows and a display."""

import socket
import time

from .bench import PATIENCE
from .browser import Browser, Service
from .counter import page_is_good


def run(bench, checks):
    """All checks of this section."""
    service = Service(bench, bench.site())
    people = [{**row, "name": name} for row, name in zip(bench.people[:4], ["王小明", "王小红", "王大力", "欧阳修"])]
    service.site.run("registry", "import", bench.people_file(*people))
    service.add(1001, "张一", "teller")
    service.add(1002, "陈四", "teller")
    service.add(1003, "钱五", "teller")
    with service.running():
        browser, display = Browser(service), Browser(service)
        try:
            served(browser, display, checks)
            crossed(service, checks)
            held(service, checks)
            tabs(browser, checks)
            names(service, browser, checks, people)
        finally:
            browser.close()
            display.close()
    with service.running():
        with checks.check("a restart forgets no number of the day") as check:
            queue = service.program(1001, "teller")("GET", "/api/queue")[1]
            check.equal([row["label"] for row in queue["waiting"]], ["B006"])
            check.equal([row["label"] for row in queue["absent"]], ["A002", "D003", "D004", "D005"])
            check.equal(queue["done"], 1)
        remembered(service, checks)


def served(browser, display, checks):
    """From number to done without a mouse."""
    browser.log_in(1001, "teller")
    with checks.check("a number is taken at a window; the home page and the display show it without a reload") as check:
        display.go("/queue/board")
        page_is_good(display, check, "queue-board-empty")
        browser.go("/queue")
        page_is_good(browser, check, "queue-empty")
        browser.tick("挂失解挂")
        browser.press("取号")
        check.holds(browser.text, "已取号", "B001")
        page_is_good(browser, check, "queue-taken")
        display.wait(lambda b: "排队等候 1" in b.text)
        browser.go("/")
        check.equal(browser.named("//*[@id='tile-queueWaiting']").text.split(), ["1", "排队等候"])
        page_is_good(browser, check, "home-queue")
    with checks.check("call, begin, done: three times Enter; the display shows number and window, and no operator's number") as check:
        browser.go("/queue")
        check.holds(browser.text, "还没有登记窗口号")
        browser.type("本人所在窗口", "3号")
        browser.press("登记窗口号")
        check.equal(browser.focused, "叫下一位")
        browser.leave(lambda: browser.keys("\ue007"))
        display.wait(lambda b: "B001" in b.text and "已叫号" in b.text and "3号" in b.text)
        check.true("1001" not in display.text, "the operator's number in the hall")
        page_is_good(display, check, "queue-board")
        check.equal(browser.focused, "开始办理")
        page_is_good(browser, check, "queue-called")
        browser.leave(lambda: browser.keys("\ue007"))
        check.equal(browser.focused, "办结")
        browser.leave(lambda: browser.keys("\ue007"))
        check.holds(browser.text, "本窗口空闲")
        display.wait(lambda b: "B001" not in b.text)
    with checks.check("who did not come is passed over and recalled; nobody waiting is told") as check:
        browser.press("叫下一位")
        check.holds(browser.text, "没有人等候")
        browser.tick("申领领卡")
        browser.press("取号")
        browser.press("叫下一位")
        browser.press("过号")
        page_is_good(browser, check, "queue-absent")
        browser.press("过号重叫")
        check.holds(browser.text, "A002")
        browser.press("过号")


def crossed(service, checks):
    """Two windows, and a form that arrives twice."""
    first, second = service.program(1001, "teller"), service.program(1002, "teller")
    with checks.check("a number taken twice by one form is one number; under two keys it would be two") as check:
        answers = [first("POST", "/api/queue/take", {"errand": "other"}, "one-number-by-this-form") for _ in range(2)]
        check.equal(answers, [(201, {"ticket": 3})] * 2)
        check.equal(first("POST", "/api/queue/take", {"errand": "other"}, "another-form-altogether"), (201, {"ticket": 4}))
    with checks.check("two windows that call at once never get one number") as check:
        answers = [call("POST", "/api/queue/next", {"errand": "other"}, "a-key-of-this-window") for call in (first, second)]
        check.equal(answers, [(201, {"ticket": 3}), (201, {"ticket": 4})])
        status, problem = first("POST", "/api/queue/serve", {"ticket": 4}, "somebody-elses-number")
        check.equal((status, problem["faults"][0]["code"]), (409, "queue.not-so"))
        for call, ticket in ((first, 3), (second, 4)):
            call("POST", "/api/queue/absent", {"ticket": ticket}, f"absent-number-{ticket}-today")
    with checks.check("what a window has in hand waits again when it logs out, and a free window takes over what another left") as check:
        first("POST", "/api/queue/take", {"errand": "other", "priority": True}, "somebody-who-goes-first")
        second("POST", "/api/queue/next", {}, "called-by-the-second")
        check.equal(first("POST", "/api/queue/take-over", {"ticket": 5}, "taken-over-by-the-first"), (201, {"ticket": 5}))
        check.equal([(row["ticket"], row["window"]) for row in first("GET", "/api/queue")[1]["called"]], [(5, 1001)])
        leaving = service.program(1003, "teller")
        check.equal(leaving("POST", "/api/queue/take-over", {"ticket": 5}, "taken-over-once-more")[0], 201)
        check.equal(leaving.log_out(), 303)
        waiting = first("GET", "/api/queue")[1]["waiting"]
        check.equal([(row["ticket"], row["priority"]) for row in waiting], [(5, "优先")])
        first("POST", "/api/queue/next", {}, "called-once-more")
        first("POST", "/api/queue/absent", {"ticket": 5}, "not-there-any-more")
    with checks.check("the display has numbers and no name, and needs no log-in; the list does") as check:
        status, _, text = service.request("GET", "/queue/board")
        check.equal(status, 200)
        check.true("张一" not in text and "form" not in text, "more than numbers")
        check.equal(service.request("GET", "/queue")[0], 303)
        check.equal(service.request("GET", "/api/queue")[0], 401)


def remembered(service, checks):
    """The desk's browser knows at which window of the hall it stands."""
    with checks.check("where a browser stands is said once: whoever logs in at it next sits there, and types nothing") as check:
        cookie, token = service.logged_in(1001, "teller")
        status, headers, _ = service.form("/queue/sit", {"form-token": token, "key": "a-window-of-the-hall", "place": "5号"}, cookie)
        kept = headers["Set-Cookie"].partition(";")[0]
        check.equal((status, "HttpOnly" in headers["Set-Cookie"]), (303, True))
        cookie, token = service.logged_in(1003, "teller")
        both = {"Cookie": f"sscard-session={cookie}; {kept}"}
        page = service.request("GET", "/queue", headers=both)[2]
        check.true('value="5号"' in page and "还没有登记窗口号" not in page, "the window is asked for")
        check.holds(service.request("GET", "/queue", headers={"Cookie": f"sscard-session={cookie}"})[2], "还没有登记窗口号")
        check.equal(service.form("/queue/next", {"form-token": token, "key": "called-from-there"}, headers={
            **both, "Content-Type": "application/x-www-form-urlencoded"})[0], 303)
        called = service.program(1001, "teller")("GET", "/api/queue")[1]["called"]
        check.equal([row["place"] for row in called if row["window"] == 1003], ["5号"])
    with checks.check("a cookie that names no window is none") as check:
        for wrong in ("zz", "ff", "00" * 200):
            page = service.request("GET", "/queue", headers={"Cookie": f"sscard-session={cookie}; window-place={wrong}"})
            check.equal(page[0], 200)


def held(service, checks):
    """What anybody on the network can hold open takes nothing from the windows."""
    def opened(path, cookie=""):
        connection = socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sscard-session={cookie}\r\n\r\n".encode())
        return connection, int(connection.recv(4096).split()[1])

    with checks.check("one address has as many displays as a hall, and leaves the windows' own streams open; one that goes makes room") as check:
        cookie, _ = service.logged_in(1001, "teller")
        displays = []
        while len(displays) < 100:
            connection, status = opened("/queue/board/events")
            if status != 200:
                break
            displays.append(connection)
        # One more is the display in its browser.
        check.equal((len(displays) + 1, status), (8, 503))
        check.equal(opened("/live", cookie)[1], 200)
        displays.pop().close()
        again = wait_for(lambda: opened("/queue/board/events"), lambda answer: answer[1] == 200)
        check.equal(again[1], 200)
        for connection in displays:
            connection.close()
    with checks.check("a connection that says nothing is closed by the service") as check:
        silent = socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)
        check.equal(silent.recv(1), b"")


def wait_for(ask, is_wanted):
    """Asks until the answer is wanted, as long as patience lasts; gives the last one."""
    end = time.monotonic() + PATIENCE
    answer = ask()
    while not is_wanted(answer) and time.monotonic() < end:
        answer = ask()
    return answer


def tabs(browser, checks):
    """A browser gives one service six connections: pages that nobody looks at hold none of them."""
    with checks.check("eight first pages are open in one browser, and the next click is answered; the page in front still moves") as check:
        first = browser.driver.current_window_handle
        browser.log_in(1001, "teller")
        browser.driver.set_page_load_timeout(PATIENCE)
        for _ in range(7):
            browser.driver.switch_to.new_window("tab")
            browser.go("/")
            browser.wait(lambda b: b.driver.execute_script("return document.readyState") == "complete")
        browser.go("/stock")
        check.equal(browser.heading, "库存与日终")
        browser.go("/queue")
        waiting = browser.named("//*[@data-queue='count']").text
        browser.service.program(1002, "teller")("POST", "/api/queue/take", {"errand": "loss"}, "a-number-while-tabs-are-open")
        browser.wait(lambda b: b.named("//*[@data-queue='count']").text == str(int(waiting) + 1))
        for handle in browser.driver.window_handles:
            if handle != first:
                browser.driver.switch_to.window(handle)
                browser.driver.close()
        browser.driver.switch_to.window(first)


def names(service, browser, checks, people):
    """Persons by how their name begins."""
    def search(text):
        browser.go("/")
        browser.type("社会保障号码或卡号", text)
        browser.press("查询")

    with checks.check("a name is found by its first two characters; everybody shown is masked and stands in the log") as check:
        before = service.program(1001, "teller")("GET", "/api/home")[1]["head"]
        search("王小")
        check.holds(browser.text, "姓名相符的人员", "王*")
        check.equal(len(browser.driver.find_elements("css selector", "main table tbody tr")), 2)
        for row in people:
            check.true(row["citizenNumber"] not in browser.driver.page_source, "a whole number")
        check.equal(service.program(1001, "teller")("GET", "/api/home")[1]["head"], before + 2)
        page_is_good(browser, check, "names")
        browser.leave(browser.driver.find_element("css selector", "main table a").click)
        check.true(browser.path.startswith("/people/"), browser.path)
    with checks.check("one person alone is gone to; one character, and a name that nobody has, are told") as check:
        search("欧阳")
        check.true(browser.path.startswith("/people/"), browser.path)
        search("王")
        check.holds(browser.driver.page_source, "counter.name-short")
        search("赵钱孙")
        check.holds(browser.driver.page_source, "counter.no-such-name")
