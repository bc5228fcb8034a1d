"""An operator's own password: changed in the browser at the first log-in, before anything else."""

from .browser import Browser, Service, password
from .counter import page_is_good

OWN = "an own phrase of 1001's colleague"


def run(bench, checks):
    """All checks of this section."""
    service = Service(bench, bench.site())
    service.write_config(f"office: 示范市第一网点\ncounter: 1\ndata: {service.site.data}\nlisten: 127.0.0.1:0\nown-passwords: true\n")
    service.add(3002, "钱五", "teller")
    with service.running():
        browser = Browser(service)
        try:
            with checks.check("a password that an administrator gave leads to the page where it is changed, whatever page was wanted") as check:
                browser.log_in(3002, "teller")
                check.equal(browser.path, "/password")
                page_is_good(browser, check, "password-given")
                browser.go("/stock")
                check.equal(browser.path, "/password")
                check.equal(browser.focused, "原密码")
            with checks.check("two entries that differ are told and nothing is changed; then the operator's own is taken, by the keyboard alone") as check:
                browser.keys(password("teller"), "\ue004", OWN, "\ue004", OWN + "x")
                browser.leave(lambda: browser.keys("\ue007"))
                check.holds(browser.driver.page_source, "operator.entries-differ")
                page_is_good(browser, check, "password-differs")
                # What was told has the focus; the form follows it.
                browser.tab_to("原密码")
                browser.keys(password("teller"), "\ue004", OWN, "\ue004", OWN)
                browser.leave(lambda: browser.keys("\ue007"))
                check.holds(browser.text, "密码已修改")
                browser.go("/")
                check.equal(browser.path, "/")
        finally:
            browser.close()
        with checks.check("the given password is no more, and neither stands in the log") as check:
            status, _, _ = service.form("/login", {"number": 3002, "password": password("teller")})
            check.equal(status, 401)
            check.equal(service.form("/login", {"number": 3002, "password": OWN})[0], 303)
            check.true(OWN not in service.log and password("teller") not in service.log, "a password")
