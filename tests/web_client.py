#!/usr/bin/env python3
"""A small browser without a window, for tests: cookies, redirects, forms with their tokens, TOTP.

In Python (sys.path.insert(0, "tests")):
    from web_client import Web
    web = Web("http://localhost:8080")           # lang="en" or "sv"
    key = web.set_up(code, "Siv Ek", "siv@ex.example", "four words in a row")    # the first coordinator; key: the TOTP secret, base32
    web.start(code, "four words in a row")       # an invited person: the same without name and address
    web.log_in("siv@ex.example", "four words in a row", key)                     # or key=None, saved="7KQ2-..."
    page = web.get("/people")                    # .status .text .location .headers; redirects are followed unless follow=False
    page = web.post("/people/invite", {"person": "p1"}, at="/people")            # fetches `at` for the form's token first
    page = web.upload("/people/import", "file", "p.csv", b"id,name...")          # a form with a file
    web.log_out()

From a shell (the session lives in FILE):
    tests/web_client.py FILE BASE setup CODE NAME EMAIL PASSWORD     start CODE PASSWORD    login USER PASSWORD [KEY]
    tests/web_client.py FILE BASE get PATH       post PATH AT name=value ...       logout
It prints the page, and `HTTP status location` on standard error; exit 0 when the status is below 400. KEY is kept in FILE.

A TOTP counter is used once, so more than two log-ins with one key in half a minute wait."""
import base64, hashlib, hmac, html, http.client, json, os, re, ssl, struct, sys, time, urllib.parse


def totp(key, counter):
    key = base64.b32decode(key + "=" * (-len(key) % 8))
    digest = hmac.new(key, struct.pack(">Q", counter), hashlib.sha1).digest()
    at = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[at:at + 4])[0] & 0x7FFFFFFF) % 10**6)


class Page:
    def __init__(self, status, headers, body, path):
        self.status, self.headers, self.body, self.path = status, headers, body, path
        self.text = body.decode("utf-8", "replace")
        self.location = next((v for k, v in headers if k.lower() == "location"), "")

    def header(self, name):
        return ", ".join(v for k, v in self.headers if k.lower() == name.lower())

    def token(self):
        found = re.search(r'name="token" value="([^"]+)"', self.text)
        return found.group(1) if found else ""

    def words(self):
        """The page's text without tags."""
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", self.text)))


class Web:
    def __init__(self, base, lang="en"):
        part = urllib.parse.urlsplit(base)
        self.host, self.port, self.base, self.lang = part.hostname, part.port or 80, base.rstrip("/"), lang
        self.cookies, self.used, self.key, self.codes = {}, {}, None, []

    def request(self, method, path, body=None, headers=None):
        """One request; nothing is followed. `headers` replace those a browser sends; a value None leaves one out."""
        send = {"Host": "%s:%d" % (self.host, self.port), "Accept": "text/html", "Accept-Language": self.lang,
                "Cookie": "; ".join("%s=%s" % c for c in self.cookies.items()) or None}
        if method != "GET":
            send |= {"Origin": self.base, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        send |= headers or {}
        at = "127.0.0.1" if self.host == "localhost" else self.host
        if self.base.startswith("https:"):      # a certificate of the test's own: nobody vouches for it
            link = http.client.HTTPSConnection(at, self.port, timeout=30, context=ssl._create_unverified_context())
        else:
            link = http.client.HTTPConnection(at, self.port, timeout=30)
        link.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in send.items():
            if value is not None:
                link.putheader(name, value)
        if body is not None:
            link.putheader("Content-Length", str(len(body)))
        link.endheaders(body)
        answer = link.getresponse()
        page = Page(answer.status, answer.getheaders(), answer.read(), path)
        link.close()
        for name, value in page.headers:
            if name.lower() == "set-cookie":
                name, _, value = value.split(";")[0].partition("=")
                self.cookies[name] = value
                if not value:
                    del self.cookies[name]
        return page

    def follow(self, page):
        for _ in range(8):
            if page.status != 303:
                break
            page = self.request("GET", page.location.partition("#")[0])
        return page

    def get(self, path, follow=True):
        page = self.request("GET", path)
        return self.follow(page) if follow else page

    def send(self, path, fields, follow=True, headers=None):
        """Fields as they are, the token among them."""
        page = self.request("POST", path, urllib.parse.urlencode(fields).encode(), headers)
        return self.follow(page) if follow else page

    def post(self, path, fields, at=None, follow=True):
        return self.send(path, {"token": self.get(at or path).token()} | fields, follow)

    def upload(self, path, name, filename, content, fields={}, at=None, follow=True):
        """A form with a file, as browsers send it."""
        mark, parts = "----samordnaTest7MA4YWxk", []
        for key, value in ({"token": self.get(at or path).token()} | fields).items():
            parts.append(b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (mark.encode(), key.encode(), value.encode()))
        parts.append(b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: text/csv\r\n\r\n%s\r\n'
                     % (mark.encode(), name.encode(), filename.encode(), content))
        body = b"".join(parts) + b"--%s--\r\n" % mark.encode()
        page = self.request("POST", path, body, {"Content-Type": "multipart/form-data; boundary=" + mark})
        return self.follow(page) if follow else page

    def code(self, key):
        """A counter is used once: when the present one has been, that of the coming 30 seconds, which the server takes too."""
        counter = max(self.used.get(key, 0) + 1, int(time.time()) // 30)
        while counter > int(time.time()) // 30 + 1:
            time.sleep(0.2)
        self.used[key] = counter
        return totp(key, counter)

    def enrol(self, page):
        found = re.search(r"otpauth://[^\s<]+", page.text)
        if not found:
            raise AssertionError("no otpauth:// at %s: %s" % (page.path, page.words()[:600]))
        self.key = urllib.parse.parse_qs(urllib.parse.urlsplit(html.unescape(found.group(0))).query)["secret"][0]
        page = self.send("/setup/otp", {"token": page.token(), "otp": self.code(self.key)})
        self.codes = re.findall(r"<code>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>", page.text)
        if page.status != 200 or len(self.codes) != 10:
            raise AssertionError("set-up refused: " + page.words()[:600])
        return self.key

    def set_up(self, code, name, email, password):
        return self.enrol(self.post("/setup", {"code": code, "name": name, "email": email, "password": password,
                                               "password_again": password}))

    def start(self, code, password):
        return self.enrol(self.post("/setup", {"code": code, "password": password, "password_again": password}))

    def log_in(self, user, password, key=None, saved=None):
        page = self.post("/login", {"user": user, "password": password})
        if 'name="otp"' not in page.text:
            return page
        return self.send("/login", {"token": page.token(), "otp": saved or self.code(key or self.key)})

    def step_up(self, key=None):
        return self.post("/step-up", {"otp": self.code(key or self.key)})

    def log_out(self):
        return self.post("/logout", {}, at="/me")


def main(file, base, what, *args):
    web = Web(base)
    if os.path.exists(file):
        kept = json.load(open(file))
        web.cookies, web.used, web.key = kept["cookies"], kept["used"], kept["key"]
    page = None
    if what == "setup":
        print(web.set_up(*args), *web.codes, sep="\n")
    elif what == "start":
        print(web.start(*args), *web.codes, sep="\n")
    elif what == "login":
        page = web.log_in(*args)
    elif what == "get":
        page = web.get(*args)
    elif what == "post":
        page = web.post(args[0], dict(a.split("=", 1) for a in args[2:]), at=args[1])
    elif what == "logout":
        page = web.log_out()
    else:
        sys.exit(__doc__)
    json.dump({"cookies": web.cookies, "used": web.used, "key": web.key}, open(file, "w"))
    if page:
        sys.stdout.write(page.text)
        print("HTTP", page.status, page.path, page.location, file=sys.stderr)
        sys.exit(page.status >= 400)


if __name__ == "__main__":
    main(*sys.argv[1:])
