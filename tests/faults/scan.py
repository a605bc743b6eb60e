"""What scanners look for, at a home that is served over TLS: which TLS it speaks, the headers of every page (the Observatory's table), and what
each address and each field of each form makes of hostile words, as a coordinator who is logged in. With ALL also the scanners themselves,
where they are installed: testssl, wapiti with all its modules, sqlmap at level 5. None may find anything of medium weight or more."""
import html, json, os, re, shutil, ssl, socket, subprocess, sys, time, urllib.parse
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests"))
from served import PASSWORD, WORK, Home, check

ALL, PORT = bool(os.environ.get("ALL")), 28890
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected
p1,Siv Ek,siv@ex.example,+46701740605,Arkiv,,,coordinator employee,no
p2,Bo Öberg,bo@ex.example,,Arkiv,p1,,manager employee,no
p3,Eva Ström,eva@ex.example,,Vård,p2,,system_owner employee,no
"""
HEADERS = {"Content-Security-Policy": "default-src 'none'", "Strict-Transport-Security": "max-age=31536000", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
           "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}
MARK = "zq7Kx"
HOSTILE = ["%s'\"><script>alert(1)</script>" % MARK, "' OR '1'='1' --", "1; DROP TABLE person; --", "../../../../etc/passwd", "%s\r\nX-Injected: 1" % MARK, "{{7*7}}${7*7}", "javascript:alert(1)",
           "http://127.0.0.1:1/", "//evil.example/", "a" * 5000, "`id`; sleep 5", "=cmd|'/C calc'!A0", "\u202e\u0000%s" % MARK, "-1", "99999999999999999999"]


def tls(version, ciphers=None):
    """What a client with that TLS alone gets: the cipher, or None."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        context.minimum_version = context.maximum_version = version
        context.set_ciphers(ciphers or "ALL:@SECLEVEL=0")
        with context.wrap_socket(socket.create_connection(("127.0.0.1", PORT), timeout=5), server_hostname="localhost") as link:
            return link.cipher()[0]
    except (ssl.SSLError, OSError, ValueError):
        return None


def look_at_tls():
    check("scan: TLS 1.3 is spoken", tls(ssl.TLSVersion.TLSv1_3))
    good = tls(ssl.TLSVersion.TLSv1_2)
    check("scan: TLS 1.2 with ECDHE and AEAD", good and good.startswith("ECDHE-") and ("GCM" in good or "CHACHA20" in good), good)
    check("scan: no TLS 1.0, no 1.1", not tls(ssl.TLSVersion.TLSv1) and not tls(ssl.TLSVersion.TLSv1_1))
    weak = [w for w in ("kRSA:@SECLEVEL=0", "SHA1:!AEAD:@SECLEVEL=0", "SHA256:!AEAD:@SECLEVEL=0", "SHA384:!AEAD:@SECLEVEL=0", "aNULL:@SECLEVEL=0", "eNULL:@SECLEVEL=0", "3DES:@SECLEVEL=0", "kDHE:@SECLEVEL=0")
            if tls(ssl.TLSVersion.TLSv1_2, w)]
    check("scan: no weak cipher of TLS 1.2", not weak, weak)


def look_at_renegotiation():
    """A client that begins a second handshake within TLS 1.2 is cut off: each would cost the server more than the client."""
    script = "{ sleep 1; echo R; sleep 2; printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost:%d\\r\\nConnection: close\\r\\n\\r\\n'; sleep 1; } | openssl s_client -tls1_2 -connect 127.0.0.1:%d 2>&1"
    said = subprocess.run(["sh", "-c", script % (PORT, PORT)], capture_output=True, text=True, timeout=30).stdout
    check("scan: a client's renegotiation is refused", "RENEGOTIATING" in said and "HTTP/1.1 200" not in said, said[-600:])
    said = subprocess.run(["sh", "-c", (script % (PORT, PORT)).replace("echo R", "true")], capture_output=True, text=True, timeout=30).stdout
    check("scan: one that does not is answered", "HTTP/1.1 200" in said, said[-600:])


def links_of(page):
    return {html.unescape(a) for a in re.findall(r'(?:href|action)="(/[^"#]*)', page.text)}


def crawl(web):
    """Every page that a link or a form leads to: path -> page. One of each shape is enough."""
    found, waiting, shapes = {}, ["/", "/login", "/help", "/me"], set()
    while waiting and len(found) < 250:
        path = waiting.pop(0)
        shape = re.sub(r"\d+", "0", re.sub(r"=[^&]*", "=", path))
        if shape in shapes or path.startswith(("/logout", "/exercise")) or re.search(r"\.(css|js|svg|png|ico|pdf|ics)", path):
            continue
        shapes.add(shape)
        page = found[path] = web.get(path, follow=False)
        waiting += sorted(links_of(page))
    return found


def is_bad(page, word, took):
    """What is wrong with an answer to a hostile word; empty when nothing is."""
    if page.status >= 500:
        return "status %d" % page.status
    if took > 5:
        return "%.1f s" % took
    if page.header("X-Injected"):
        return "a header was injected"
    if "<script>alert" in page.text or re.search(r"""(?:href|src|action)=["']?\s*javascript:""", page.text, re.I):
        return "the word stands in the page as it came"
    if "root:x:0" in page.text or re.search(r'near "|SQLITE_|syntax error|SQLSTATE|unrecognized token|the store failed', page.text, re.I):
        return "words of the machine's"
    if page.status in (301, 302, 303, 307, 308) and not (page.location.startswith("/") and not page.location.startswith("//")):
        return "it leads away: " + page.location
    return ""


def fields_of(form):
    return {html.unescape(n): html.unescape(v) for n, v in re.findall(r'<input[^>]*\bname="([^"]+)"(?:[^>]*\bvalue="([^"]*)")?', form)} | \
           {html.unescape(n): "" for n in re.findall(r'<(?:select|textarea)[^>]*\bname="([^"]+)"', form)}


def probe(web, pages):
    """Hostile words in each query field and each field of each form."""
    bad, tries = [], 0
    words = HOSTILE if ALL else HOSTILE[:6]
    for path, page in pages.items():
        at, _, query = path.partition("?")
        given = dict(urllib.parse.parse_qsl(query, keep_blank_values=True)) or {"q": "", "page": ""}
        for name in given:
            for word in words:
                began = time.time()
                got = web.get(at + "?" + urllib.parse.urlencode(given | {name: word}), follow=False)
                tries += 1
                why = is_bad(got, word, time.time() - began)
                if why:
                    bad.append("%s %s=%r: %s" % (at, name, word[:40], why))
        for action, form in re.findall(r'<form[^>]*method="?post"?[^>]*action="([^"]*)"[^>]*>(.*?)</form>', page.text, re.S | re.I) + \
                            [(at, f) for f in re.findall(r'<form[^>]*method="?post"?(?![^>]*action=)[^>]*>(.*?)</form>', page.text, re.S | re.I)]:
            given, where = fields_of(form), html.unescape(action) or path
            if "logout" in where or "file" in given or "multipart" in form:
                continue
            for name in [n for n in given if n not in ("token", "act")]:
                for word in words:
                    began = time.time()
                    got = web.send(where, given | {"token": page.token(), name: word}, follow=False)
                    tries += 1
                    why = is_bad(got, word, time.time() - began)
                    if why:
                        bad.append("POST %s %s=%r: %s" % (where, name, word[:40], why))
    check("scan: %d hostile words at %d pages: none breaks out, none breaks it" % (tries, len(pages)), not bad and tries > 300, "\n".join(bad[:20]))


def scanner(name, words, seconds):
    """Runs one that is installed. None: it is not."""
    path = shutil.which(words[0])
    if not path or not ALL:
        print("skip scan: %s (%s)" % (name, "it is not installed" if not path else "with --all"), flush=True)
        return None
    try:
        done = subprocess.run([path, *words[1:]], capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL, cwd=WORK)
        return done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return "it did not end within %d s" % seconds


def scanners(web):
    cookie = "; ".join("%s=%s" % c for c in web.cookies.items())
    if scanner("testssl", ["testssl", "--quiet", "--color", "0", "--jsonfile", WORK + "/testssl.json", "--severity", "MEDIUM", "127.0.0.1:%d" % PORT], 1800) is not None:
        # The certificate is the test's own: nobody vouches for it, it names no revocation and lives long.
        own = ("cert_", "engine_problem", "overall_grade", "final_score", "grade_cap", "DNS_CAArecord", "scanTime", "scanProblem", "HTTP_status", "ipv4", "security_headers",
               "secure_client_renego")      # it takes a connection that is cut off for one that goes on: look_at_renegotiation looks at it
        found = [f for f in json.load(open(WORK + "/testssl.json")) if f["severity"] in ("MEDIUM", "HIGH", "CRITICAL") and not f["id"].startswith(own)]
        check("scan: testssl finds nothing of medium weight or more", not found, found)
    # Not its module csrf: it sends no Origin, is refused for that with and without the token, and takes the two answers for a token that nobody looks at.
    said = scanner("wapiti", ["wapiti", "-u", "https://localhost:%d/" % PORT, "--scope", "folder", "--flush-session", "--no-bugreport", "--verify-ssl", "0", "-H", "Cookie: " + cookie,
                              "--max-scan-time", "900", "-m", "sql,xss,exec,file,ssrf,crlf,redirect,timesql,backup,htaccess,permanentxss", "-f", "json", "-o", WORK + "/wapiti.json"], 1800)
    if said is not None:
        try:
            found = {k: v for k, v in json.load(open(WORK + "/wapiti.json"))["vulnerabilities"].items() if v}
        except (OSError, ValueError) as e:
            found = {"no report": str(e) + said[-800:]}
        check("scan: wapiti finds nothing", not found, json.dumps(found)[:1500])
    said = scanner("sqlmap", ["sqlmap", "-u", "https://localhost:%d/people?q=a&unit=1" % PORT, "--cookie", cookie, "--batch", "--level", "5", "--risk", "2", "--flush-session", "--output-dir", WORK + "/sqlmap",
                              "--technique", "BEUS", "--threads", "4"], 3600)
    if said is not None:
        check("scan: sqlmap finds nothing", "is vulnerable" not in said and "injectable" in said and "all tested parameters do not appear to be injectable" in said, said[-1500:])


def main():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", WORK + "/tls.key", "-out", WORK + "/tls.crt"], check=True, stderr=subprocess.DEVNULL)
    home = Home(PORT, PEOPLE, "http.tls.certificate = %s/tls.crt\nhttp.tls.key = %s/tls.key\n" % (WORK, WORK))
    home.base = "https://localhost:%d" % PORT
    with home:
        look_at_tls()
        look_at_renegotiation()
        web = home.logged_in("p1")
        pages = crawl(web)
        lacks = ["%s: %s" % (path, name) for path, page in pages.items() for name, value in HEADERS.items() if value not in page.header(name)]
        lacks += ["%s: %s" % (path, name) for path, page in pages.items() for name in ("Server", "X-Powered-By") if page.header(name)]
        lacks += ["%s: unsafe in its policy" % path for path, page in pages.items() if re.search(r"unsafe|\*", page.header("Content-Security-Policy"))]
        lacks += ["%s: no-store" % path for path, page in pages.items() if page.status == 200 and "no-store" not in page.header("Cache-Control")]
        check("scan: %d pages, and each has every header of the table" % len(pages), not lacks and len(pages) > 20, lacks[:20])
        kept = [c for c in web.get("/login", follow=False).headers if c[0].lower() == "set-cookie" and not ("Secure" in c[1] and "HttpOnly" in c[1] and "SameSite=Strict" in c[1])]
        check("scan: the session's cookie is __Host-, and every cookie Secure, HttpOnly and SameSite", not kept and any(n.startswith("__Host-") for n in web.cookies), "%s %s" % (kept, list(web.cookies)))
        probe(web, pages)
        scanners(home.logged_in("p3"))
        page = web.get("/healthz", follow=False)
        check("scan: it is as well as before", page.status == 200 and "ended" not in open(home.log).read(), open(home.log).read()[-500:])
    home.is_whole()


main()
