"""TLS of the counter service: by openssl and Python's ssl as the other side, with good papers and every kind of bad ones."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import time

from .bench import PATIENCE
from .browser import Service, password

NAME = "counter.example.org"
DAY = 86_400


def run(bench, checks):
    """All checks of this section."""
    papers = Papers(bench)
    good = papers.leaf("good", NAME)
    plain(bench, checks, good)
    served(bench, checks, papers, good)
    versions(bench, checks, papers, good)
    refused(bench, checks, papers, good)
    exchanged(bench, checks, papers, good)
    terminator(bench, checks, papers)


class Papers:
    """A root, an authority below it, and certificates for servers, all made by openssl."""

    def __init__(self, bench):
        self.folder = bench.path("papers")
        self.folder.mkdir()
        self.serial = 100
        self.root = self.folder / "root.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=root",
                      "-days", "3650", "-keyout", "root.key", "-out", "root.pem")
        self._request("middle", "middle")
        self._sign("middle", "root", 3650, "basicConstraints=critical,CA:TRUE")

    def _openssl(self, *words, before=()):
        subprocess.run([*before, "openssl", *map(str, words)], cwd=self.folder, check=True, capture_output=True)

    def _request(self, stem, name):
        self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                      "-keyout", f"{stem}.key", "-out", f"{stem}.csr")

    def _sign(self, stem, issuer, days, extension, start=None):
        self.serial += 1
        (self.folder / "extension").write_text(extension + "\n")
        before = ("faketime", start) if start else ()
        self._openssl("x509", "-req", "-in", f"{stem}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-set_serial",
                      self.serial, "-days", days, "-extfile", "extension", "-out", f"{stem}.pem", before=before)

    def leaf(self, stem, *names, days=365, start=None):
        """A server's certificate with what leads up from it, and its key; a pair of paths."""
        self._request(stem, names[0])
        self._sign(stem, "middle", days, "subjectAltName=" + ",".join(f"DNS:{name}" for name in names), start)
        self.join(f"{stem}.chain", stem, "middle")
        (self.folder / f"{stem}.key").chmod(0o600)
        return self.folder / f"{stem}.chain", self.folder / f"{stem}.key"

    def join(self, name, *stems):
        """A file with several certificates, in this order."""
        (self.folder / name).write_text("".join((self.folder / f"{stem}.pem").read_text() for stem in stems))
        return self.folder / name


class Secure(Service):
    """`sscardd counter` that speaks TLS itself, at every address."""

    def __init__(self, bench, site, pair, more="", names=NAME):
        super().__init__(bench, site)
        self.names = names
        self.configure(pair, more)

    def configure(self, pair, more=""):
        """Another certificate and key."""
        self.write_config(f"office: 网点\ncounter: 1\ndata: {self.site.data}\nlisten: 0.0.0.0:0\npublic-names: [{self.names}]\n"
                          f"tls:\n  certificate: {pair[0]}\n  private-key: {pair[1]}\n{more}")

    def start_fails(self):
        """Starts the service, which must refuse; exit code and what it said."""
        result = subprocess.run([self.tool, "counter", "--config", self.config], stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, timeout=PATIENCE, check=False)
        return result.returncode, result.stderr

    def s_client(self, *words, root):
        """The other side by openssl."""
        return subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-servername", NAME, "-verify_hostname", NAME,
             "-CAfile", root, "-verify_return_error", "-brief", *words], input="", capture_output=True, text=True,
            timeout=PATIENCE, check=False)

    def shown(self):
        """The certificate that a new connection is shown, DER, whoever signed it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as wire:
            with context.wrap_socket(wire, server_hostname=NAME) as secure:
                return secure.getpeercert(binary_form=True)

    def connect(self, root, source="127.0.0.1"):
        """A connection that checks chain and name, from an address."""
        context = ssl.create_default_context(cafile=root)
        wire = context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), PATIENCE, (source, 0)), server_hostname=NAME)
        connection = http.client.HTTPSConnection(NAME, self.port, timeout=PATIENCE)
        connection.sock = wire
        return connection


def ask(connection, method, path, body=None, headers=None):
    """One request: status, headers, text."""
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()


def der(path):
    """The first certificate of a file as its bytes."""
    text = path.read_text()
    return ssl.PEM_cert_to_DER_cert(text[:text.index("-----END CERTIFICATE-----") + 25])


def findings(service):
    """What the self-test says: by subject whether it is good, and the codes of all that is not."""
    rows = json.loads(service.run("check", "--quick", "--json").stdout)
    return {row["subject"]: row for row in rows}, sorted(row["code"] for row in rows if not row["good"])


def plain(bench, checks, good):
    """What the configuration refuses."""
    service = Service(bench, bench.site())
    start = f"office: 网点\ncounter: 1\ndata: {service.site.data}\n"
    papers = f"tls: {{certificate: {good[0]}, private-key: {good[1]}}}\n"
    with checks.check("plain HTTP at an address that others reach is refused, and TLS in two ways, or halfway") as check:
        for text, code in [("listen: 0.0.0.0:80\n", "counter.not-this-machine"), ("listen: 192.0.2.1:80\n", "counter.not-this-machine"),
                           ("listen: 0.0.0.0:443\n" + papers, "transport.names-wanted"), (papers + "behind-tls: true\n", "transport.twice"),
                           ("terminator-certificate: x.pem\n", "transport.no-terminator"), ("tls: {certificate: x.pem}\n", "data-file.missing-key"),
                           (papers.replace("}", ", least-version: '1.1'}"), "counter.setting"), ("listen: 256.0.0.1:80\n" + papers, "counter.listen")]:
            service.config.write_text(start + text, encoding="utf-8")
            result = service.run("check")
            check.equal(result.returncode, 2, text)
            check.holds(result.stderr, f"[{code}]")


def served(bench, checks, papers, good):
    """The windows over TLS."""
    service = Secure(bench, bench.site(), good, "metrics-from: [127.0.0.6]\n")
    service.add(1001, "张一", "teller")
    service.add(2001, "李二", "supervisor")
    with service.running():
        with checks.check("openssl and Python find chain and name good, at another address of the machine too") as check:
            result = service.s_client(root=papers.root)
            check.equal(result.returncode, 0, result.stderr)
            check.holds(result.stderr, "Verification: OK", f"Verified peername: {NAME}", "Protocol version: TLSv1.3")
            socket.create_connection(("127.0.0.2", service.port), PATIENCE).close()
            status, _, _ = ask(service.connect(papers.root), "GET", "/login")
            check.equal(status, 200)
        with checks.check("a session over TLS: its cookie is for TLS alone, and browsers are told to stay with it") as check:
            status, headers, _ = ask(service.connect(papers.root), "POST", "/login", f"number=1001&password={password('teller')}".encode(),
                                     {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}:{service.port}"})
            check.equal(status, 303)
            check.holds(headers["Set-Cookie"], "Secure", "HttpOnly", "SameSite=Strict")
            check.equal(headers["Strict-Transport-Security"], "max-age=31536000")
            status, _, text = ask(service.connect(papers.root), "POST", "/login", b"number=1001&password=x",
                                  {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{NAME}:{service.port}"})
            check.equal(status, 403)
            check.holds(text, "counter.foreign-page")
            status, _, _ = ask(service.connect(papers.root), "GET", "/login", headers={"Host": "other.example.org"})
            check.equal(status, 421)
        with checks.check("how much is done here is told to this machine and to those that the file names, and to no other") as check:
            for source, wanted in (("127.0.0.1", 200), ("127.0.0.6", 200), ("127.0.0.7", 404)):
                check.equal((source, ask(service.connect(papers.root, source), "GET", "/metrics")[0]), (source, wanted))
            check.equal(ask(service.connect(papers.root, "127.0.0.7"), "GET", "/health")[0], 200)
        with checks.check("whoever speaks no TLS gets no page") as check:
            with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as wire:
                wire.sendall(f"GET /login HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
                check.true(b"HTTP/1.1" not in wire.recv(65_536), "an answer in plain")
        with checks.check("a self-test asks the service that runs, and looks at its certificate") as check:
            rows, bad = findings(service)
            check.equal(bad, [])
            check.holds(rows["registry"]["what"], "服务运行中")
            days = int(re.search(r"还有 (\d+) 天", rows["tls"]["what"]).group(1))
            check.true(363 <= days <= 365, f"{days} days")
    with checks.check("the service's socket is gone when it ended, and only its owner could have come to it") as check:
        folder = service.site.data / "operators"
        check.true(not (folder / "service.socket").exists(), "a socket")
        check.equal(service.site.data.stat().st_mode & 0o777, 0o700)
    with checks.check("without TLS nothing is said of it") as check:
        bare = Service(bench, bench.site())
        bare.add(1001, "张一", "teller")
        with bare.running():
            _, headers, _ = bare.form("/login", {"number": 1001, "password": password("teller")})
            check.true("Secure" not in headers["Set-Cookie"] and "Strict-Transport-Security" not in headers, f"{headers}")
            check.true((bare.site.data / "operators/service.socket").is_socket(), "no socket")


def versions(bench, checks, papers, good):
    """Which versions of TLS are spoken."""
    for least, spoken, unspoken in (("1.2", ["-tls1_2", "-tls1_3"], ["-tls1_1", "-tls1"]), ("1.3", ["-tls1_3"], ["-tls1_2"])):
        service = Secure(bench, bench.site(), good, f"  least-version: '{least}'\n")
        with checks.check(f"from TLS {least} on every version is spoken, and none before it") as check:
            with service.running():
                for words, expected in ((spoken, True), (unspoken, False)):
                    for word in words:
                        # Level 0 lets openssl itself offer what is old.
                        result = service.s_client(word, "-cipher", "DEFAULT:@SECLEVEL=0", root=papers.root)
                        check.equal(result.returncode == 0, expected, f"{word}: {result.stderr}")


def refused(bench, checks, papers, good):
    """Papers that are not good: the self-test tells what is wrong, and the service does not start with them."""
    other = papers.leaf("other", NAME)
    sealed, wide = papers.folder / "sealed.key", papers.folder / "wide.key"
    subprocess.run(["openssl", "pkey", "-in", good[1], "-aes256", "-passout", "pass:x", "-out", sealed], check=True)
    sealed.chmod(0o600)
    shutil.copy(good[1], wide)
    wide.chmod(0o640)
    rubbish = bench.write("rubbish.pem", good[0].read_text().replace("MII", "MIJ", 1))
    cases = [
        ("has ended", papers.leaf("ended", NAME, days=30, start="2024-01-01"), ["transport.ended"]),
        ("has not begun", papers.leaf("later", NAME, days=400, start=f"@{time.time() + 40 * DAY:.0f}"), ["transport.not-yet"]),
        ("is for another name", papers.leaf("named", "elsewhere.example.org"), ["transport.name"]),
        ("has a part of the name as a wildcard", papers.leaf("wild", "c*.example.org"), ["transport.name"]),
        ("is not the key's", (good[0], other[1]), ["transport.key-of-another"]),
        ("stands behind its authority's", (papers.join("turned", "middle", "good"), good[1]),
         ["transport.chain-order", "transport.key-of-another", "transport.name"]),
        ("has a stranger behind it", (papers.join("strange", "good", "root"), good[1]), ["transport.chain-order"]),
        ("has a key that others may read", (good[0], wide), ["transport.key-open"]),
        ("has a sealed key", (good[0], sealed), ["transport.key-file"]),
        ("has no key", (good[0], papers.folder / "none.key"), ["transport.key-missing"]),
        ("is none", (rubbish, good[1]), ["transport.certificate-file"]),
        ("has ended, for another name, with a key that others may read",
         (papers.leaf("bad", "elsewhere.example.org", days=30, start="2024-01-01")[0], wide),
         ["transport.ended", "transport.key-open", "transport.name"]),
    ]
    service = Secure(bench, bench.site(), good)
    service.add(1001, "张一", "teller")
    service.add(2001, "李二", "supervisor")
    for what, pair, codes in cases:
        with checks.check(f"a certificate that {what} is told by the self-test, and nothing is served with it") as check:
            service.configure(pair)
            _, bad = findings(service)
            check.equal(bad, codes)
            code, said = service.start_fails()
            check.true(code in (2, 6), f"exit code {code}")
            for word in codes:
                check.holds(said, f"[{word}]")
    with checks.check("a certificate that ends soon is told, and served with all the same; a whole label as a wildcard is good") as check:
        service.configure(papers.leaf("soon", "*.example.org", days=10))
        rows, bad = findings(service)
        check.equal(bad, ["transport.ends-soon"])
        check.holds(rows["tls"]["what"], "不足 14 天")
        with service.running():
            check.equal(ask(service.connect(papers.root), "GET", "/login")[0], 200)


def exchanged(bench, checks, papers, good):
    """Another certificate while the service runs."""
    service = Secure(bench, bench.site(), good)
    current = papers.folder / "current.chain", papers.folder / "current.key"
    for source, target in zip(good, current):
        shutil.copy(source, target)
    service.configure(current)
    following, stranger = papers.leaf("following", NAME), papers.leaf("stranger", "elsewhere.example.org")
    with service.running():
        kept = service.connect(papers.root)
        ask(kept, "GET", "/login")

        def exchange(pair, word):
            before = service.log.count(word)
            for source, target in zip(pair, current):
                shutil.copy(source, target)
            service.process.send_signal(1)
            for _ in range(PATIENCE * 20):
                if service.log.count(word) > before:
                    return
                time.sleep(0.05)

        with checks.check("at SIGHUP new connections are shown the new certificate, and one that is open goes on") as check:
            check.equal(service.shown(), der(good[0]))
            exchange(following, "certificate read again")
            check.equal(service.shown(), der(following[0]))
            check.equal(ask(service.connect(papers.root), "GET", "/login")[0], 200)
            check.equal(ask(kept, "GET", "/login")[0], 200)
        with checks.check("one that is not good is not taken: the one before stays, and the log says why") as check:
            exchange(stranger, "certificate kept")
            check.equal(service.shown(), der(following[0]))
            exchange((good[0], following[1]), "certificate kept")
            check.equal(service.shown(), der(following[0]))
            check.holds(service.log, "transport.name", "transport.key-of-another")
            check.equal(ask(kept, "GET", "/login")[0], 200)
        kept.close()


def terminator(bench, checks, papers):
    """The certificate of what stands in front."""
    service = Service(bench, bench.site())
    service.add(1001, "张一", "teller")
    service.add(2001, "李二", "supervisor")
    for stem, name, days, start, codes in (("front", NAME, 100, None, []), ("late", NAME, 30, "2024-01-01", ["transport.ended"]),
                                           ("foreign", "elsewhere.example.org", 100, None, ["transport.name"]),
                                           ("short", NAME, 5, None, ["transport.ends-soon"])):
        with checks.check(f"the self-test looks at a terminator's certificate: {', '.join(codes) or 'nothing is wrong'}") as check:
            pair = papers.leaf(stem, name, days=days, start=start)
            service.write_config(f"office: 网点\ncounter: 1\ndata: {service.site.data}\nlisten: 127.0.0.1:0\nbehind-tls: true\n"
                                 f"public-names: [{NAME}]\nterminator-certificate: {pair[0]}\n")
            rows, bad = findings(service)
            check.equal(bad, codes)
            check.equal("terminator" in rows, True)
