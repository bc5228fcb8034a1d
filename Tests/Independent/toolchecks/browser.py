"""A browser that is used as a person does: by labels, button texts, headings, and the keyboard; and the counter service it visits."""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import urllib.parse

from . import sheets
from .bench import PATIENCE, ROOT
from .checks import skip

# Where Debian's python3-selenium lies, whichever Python runs these checks.
sys.path.append("/usr/lib/python3/dist-packages")

SCREENSHOTS = ROOT / ".build/screenshots"
# axe-core, as the PyPI package axe-core-python brings it; Scripts/test fetches it, for there is no network in here.
AXE = ROOT / ".build/axe/axe_core_python/axe.min.js"
PASSWORD = "柜面 battery {} staple"


class Service:
    """`sscardd counter` over a site's data folder, on a port that the system chooses."""

    def __init__(self, bench, site, office="示范市第一网点"):
        self.tool = pathlib.Path(bench.tool).parent / "sscardd"
        self.folder = bench.path("counter")
        self.folder.mkdir()
        self.site = site
        self.config = self.folder / "counter.yaml"
        self.write_config(f"office: {office}\ncounter: 1\ndata: {site.data}\nlisten: 127.0.0.1:0\n")
        self.port = 0
        self.process = None

    def write_config(self, text):
        """Replaces the configuration file; the site's policy goes with it. Operators keep the passwords that the tests give them, unless said."""
        policy = f"policy: {self.site.policy}\n" if self.site.policy else ""
        own = "" if "own-passwords" in text else "own-passwords: false\n"
        self.config.write_text(text + own + policy, encoding="utf-8")

    def run(self, *arguments, password=None):
        """Runs sscardd to its end."""
        passed = ()
        arguments = [*map(str, arguments)]
        if arguments[0] != "schema":
            arguments += ["--config", str(self.config)]
        if password is not None:
            reading, writing = os.pipe()
            os.write(writing, password.encode() + b"\n")
            os.close(writing)
            passed = (reading,)
            arguments += ["--password", f"fd:{reading}"]
        try:
            return subprocess.run([self.tool, *arguments], cwd=ROOT, pass_fds=passed, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=PATIENCE, check=False)
        finally:
            for descriptor in passed:
                os.close(descriptor)

    def add(self, number, name, *roles):
        """Adds an operator with the password that goes with the roles."""
        words = [word for role in roles for word in ("--role", role)]
        result = self.run("operator", "add", "--number", number, "--name", name, *words, password=password(roles[0]))
        if result.returncode != 0:
            raise RuntimeError(result.stderr)

    @contextlib.contextmanager
    def running(self):
        """Serves for a while; ends with SIGTERM, which must be answered with 0."""
        with open(self.folder / "service.log", "ab") as log:
            self.process = subprocess.Popen([self.tool, "counter", "--config", self.config], cwd=ROOT,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
            line = self.process.stdout.readline().decode()
            found = re.search(r"https?://[^/]+:(\d+)/", line)
            if not found:
                self.process.wait(PATIENCE)
                raise RuntimeError(f"the service did not start: {self.log[-600:]}")
            self.port = int(found.group(1))
            try:
                yield self
            finally:
                self.process.send_signal(signal.SIGTERM)
                self.process.wait(PATIENCE)

    @property
    def log(self):
        """What the service wrote about its work."""
        return (self.folder / "service.log").read_text(encoding="utf-8")

    def request(self, method, path, body=None, headers=None, source=None):
        """One request without a browser: status, headers, text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE, source_address=source and (source, 0))
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace")
        finally:
            connection.close()

    def form(self, path, fields, cookie=None, headers=None):
        """A form as a browser would send it, or not quite; where a page answers it, that page."""
        told = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        if cookie:
            told["Cookie"] = f"sscard-session={cookie}"
        return self.send(path, urllib.parse.urlencode(fields), told)

    def send(self, path, body, headers):
        """A form's body; where a page answers it, that page, to which browsers are sent on."""
        answer = self.request("POST", path, body, headers)
        if answer[0] != 303 or "?answer=" not in answer[1]["Location"]:
            return answer
        return self.request("GET", answer[1]["Location"], headers={name: headers[name] for name in ("Cookie",) if name in headers})

    def logged_in(self, number, role):
        """A session's cookie and form token, without a browser."""
        status, headers, _ = self.form("/login", {"number": number, "password": password(role)})
        if status != 303:
            raise RuntimeError(f"no login: {status}")
        cookie = re.search(r"sscard-session=([0-9A-F]+)", headers["Set-Cookie"]).group(1)
        _, _, page = self.request("GET", "/", headers={"Cookie": f"sscard-session={cookie}"})
        return cookie, re.search(r'name="form-token" value="([0-9A-F]+)"', page).group(1)

    def program(self, number, role):
        """A session of a program: a call that takes method, path and fields, and gives status and JSON."""
        status, headers, text = self.request(
            "POST", "/api/session", json.dumps({"number": number, "password": password(role)}),
            {"Content-Type": "application/json"})
        if status != 201:
            raise RuntimeError(f"no login: {status}")
        cookie = re.search(r"sscard-session=([0-9A-F]+)", headers["Set-Cookie"]).group(1)
        token = json.loads(text)["formToken"]

        def call(method, path, fields=None, key=None):
            told = {"Cookie": f"sscard-session={cookie}", "X-Form-Token": token, "Content-Type": "application/json"}
            if key:
                told["Idempotency-Key"] = key
            answer = self.request(method, path, None if fields is None else json.dumps(fields), told)
            return answer[0], json.loads(answer[2])

        call.log_out = lambda: self.request(
            "POST", "/logout", f"form-token={token}",
            {"Cookie": f"sscard-session={cookie}", "Content-Type": "application/x-www-form-urlencoded"})[0]
        return call


def password(role):
    """The password of operators with this first role."""
    return PASSWORD.format(role)


class Browser:
    """Headless Chromium, driven by what can be seen and read."""

    def __init__(self, service):
        # pylint: disable=import-outside-toplevel
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service as Driver

        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for word in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--window-size=1280,720", "--no-proxy-server", "--force-device-scale-factor=1"]:
            options.add_argument(word)
        self.driver = webdriver.Chrome(service=Driver("/usr/bin/chromedriver"), options=options)
        # The window's inside is what pages have to fit.
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": False})
        self.service = service
        self.shots = 0
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def close(self):
        """Ends the browser."""
        self.driver.quit()

    def go(self, path):
        """Opens an address of the service."""
        self.driver.get(f"http://127.0.0.1:{self.service.port}{path}")

    @property
    def path(self):
        """Where the browser is."""
        return urllib.parse.urlparse(self.driver.current_url).path

    @property
    def text(self):
        """All that can be read on the page, also on one that looks again by itself."""
        from selenium.common.exceptions import WebDriverException  # pylint: disable=import-outside-toplevel
        for _ in range(9):
            # The next page may come between finding the body and reading it, which the driver tells in more than one way.
            with contextlib.suppress(WebDriverException):
                return self.driver.find_element("tag name", "body").text
        return self.driver.find_element("tag name", "body").text

    @property
    def heading(self):
        """The page's first heading."""
        return self.driver.find_element("tag name", "h1").text

    def field(self, label):
        """The field with this label."""
        for element in self.driver.find_elements("tag name", "label"):
            text = element.text.strip()
            if text == label or text.startswith(label + " ·"):
                named = element.get_attribute("for")
                return self.freed(self.driver.find_element("id", named) if named else element.find_element("tag name", "input"))
        raise LookupError(f"no field “{label}” on {self.path}")

    def type(self, label, text):
        """Fills the field with this label."""
        element = self.field(label)
        element.clear()
        element.send_keys(text)

    def choose(self, label, option):
        """Chooses from the list with this label."""
        from selenium.webdriver.support.ui import Select  # pylint: disable=import-outside-toplevel
        Select(self.field(label)).select_by_visible_text(option)

    def tick(self, *labels):
        """Ticks boxes, or chooses one of several."""
        for label in labels:
            element = self.field(label)
            if not element.is_selected():
                element.click()

    def press(self, name):
        """Presses the button with this text and waits for the next page."""
        self.leave(self.named(f"//main//button[normalize-space()={quoted(name)}]"
                              f"|//header//button[normalize-space()={quoted(name)}]").click)

    def follow(self, name):
        """Follows the link that begins with this text."""
        self.leave(self.named(f"//a[normalize-space()={quoted(name)} or strong[normalize-space()={quoted(name)}]"
                              f" or span[normalize-space()={quoted(name)}]]").click)

    def named(self, path):
        """The one element at this place."""
        found = self.driver.find_elements("xpath", path)
        if not found:
            raise LookupError(f"nothing at {path} on {self.path}: {self.text[:300]}")
        return self.freed(found[0])

    def freed(self, element):
        """An element that was scrolled to, as by somebody who wants to use it: the driver takes what lies behind a form's buttons for seen."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'nearest'});", element)
        return element

    def leave(self, action):
        """Does what leads to another page, and waits until it is there."""
        from selenium.common.exceptions import WebDriverException  # pylint: disable=import-outside-toplevel
        from selenium.webdriver.support.ui import WebDriverWait  # pylint: disable=import-outside-toplevel

        def is_there(driver):
            # Between two pages the driver may know neither.
            try:
                return driver.execute_script("return document.readyState === 'complete' && !window.isLeft")
            except WebDriverException:
                return False

        self.driver.execute_script("window.isLeft = true")
        action()
        WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(is_there)

    def wait(self, condition):
        """Waits until the condition holds for the browser."""
        from selenium.webdriver.support.ui import WebDriverWait  # pylint: disable=import-outside-toplevel
        WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(lambda _: condition(self))

    def keys(self, *keys):
        """Types at whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    @property
    def focused(self):
        """The text or label of what has the focus."""
        element = self.driver.switch_to.active_element
        named = element.get_attribute("id")
        labels = self.driver.find_elements("css selector", f"label[for='{named}']") if named else []
        return labels[0].text if labels else element.text.strip()

    def tab_to(self, name, most=60):
        """Moves with the Tab key until what has the focus reads so."""
        for _ in range(most):
            if self.focused.startswith(name):
                return
            self.keys("\ue004")
        raise LookupError(f"Tab does not reach “{name}” on {self.path}")

    def log_in(self, number, role, language="zh"):
        """Logs in by the keyboard alone."""
        self.driver.delete_all_cookies()
        self.go("/login")
        self.driver.add_cookie({"name": "language", "value": language, "path": "/"})
        self.go("/login")
        self.keys(str(number), "\ue004", password(role))
        self.leave(lambda: self.keys("\ue007"))

    def shot(self, name):
        """Keeps a picture of the page."""
        self.shots += 1
        self.driver.save_screenshot(str(SCREENSHOTS / f"{self.shots:02}-{name}.png"))

    def fits(self):
        """Whether nothing sticks out to the right."""
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    def out_of_reach(self):
        """What is wrong with the place of the button that confirms the page's act: it is to be seen whole, and hit, before anybody scrolls."""
        return self.driver.execute_script("""
            const button = [...document.querySelectorAll("main form.sheet > .actions button:not(.second)")]
                .find((button) => button.checkVisibility());
            if (!button) return [];
            const before = scrollY;
            scrollTo(0, 0);
            const place = button.getBoundingClientRect();
            const inside = place.top >= 0 && place.bottom <= innerHeight && place.left >= 0 && place.right <= innerWidth;
            const hit = document.elementFromPoint((place.left + place.right) / 2, (place.top + place.bottom) / 2);
            scrollTo(0, before);
            const named = `“${button.textContent.trim()}” at ${Math.round(place.top)} to ${Math.round(place.bottom)} of ${innerHeight}`;
            return inside ? (button.contains(hit) ? [] : [`something lies on ${named}`]) : [`out of sight: ${named}`];
        """)

    def accessibility(self):
        """What axe finds wrong by WCAG 2 A and AA: identifier and place of each; where axe could not be had, that is told as skipped."""
        if not AXE.exists():
            skip("accessibility", f"no axe-core at {AXE}", self.path)
            return []
        self.driver.execute_script(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[0];"
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
            ".then((result) => done(result.violations)).catch((error) => done([{id: String(error), nodes: []}]));")
        return [f"{rule['id']}: {', '.join(node['html'][:120] for node in rule['nodes'][:2])}" for rule in found]

    def printed(self):
        """The sheets that the printer gives of the page."""
        pdf = self.driver.execute_cdp_cmd("Page.printToPDF", {
            "preferCSSPageSize": True, "paperWidth": 8.27, "paperHeight": 11.69, "generateTaggedPDF": False})
        return sheets.read(base64.b64decode(pdf["data"]))


def quoted(text):
    """A text for XPath."""
    return f'"{text}"' if '"' not in text else f"'{text}'"

