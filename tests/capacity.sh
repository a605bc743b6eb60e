#!/bin/sh
# Places with real processes and a real RADIUS client: a full pool refuses with the Swedish reason, a critical person gets in by what is kept,
# a resent packet counts once, many at once never pass the limit, a kill loses no place, accounting that never comes is repaired by the lease,
# and the page shows it. The gateway has checked the credentials itself (authorise-only), so nothing else takes part.
set -u
exec python3 - <<'PY'
import hashlib, hmac, json, os, re, socket, struct, subprocess, sys, threading, time, signal, urllib.error, urllib.request
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import until
from web_client import Web
S, W = os.environ["BUILD"] + "/samordna", os.environ["WORK"]
H, PORT, AUTH, ACCT, NAS = W + "/home", 28711, 28712, 28713, 28714

def check(name, is_right, seen=""):
    print(("ok " if is_right else "not ok ") + name, flush=True)
    if not is_right:
        print(str(seen)[:2000], file=sys.stderr)

def run(*words):
    return subprocess.run([S, *words, "--home", H, "--json"], capture_output=True, text=True)

def radius(port, kind, text, *more):
    return subprocess.run(["radclient", "-x", "-r", "1", "-t", "3", *more, "127.0.0.1:%d" % port, kind, "secret1"], input=text, capture_output=True, text=True).stdout

def ask(user, session="", *more):
    text = "User-Name=%s,NAS-Identifier=vpn1,Message-Authenticator=0x00" % user
    return radius(AUTH, "auth", text + (",Acct-Session-Id=%s" % session if session else "") + "\n", *more)

def tell(user, session, kind, *more):
    return radius(ACCT, "acct", ",".join(["User-Name=%s" % user, "Acct-Status-Type=%s" % kind, "Acct-Session-Id=%s" % session, "NAS-Identifier=vpn1", *more]) + "\n")

def taken():
    return json.loads(run("capacity", "show", "vpn1").stdout)["taken"]

class Server(threading.Thread):
    """A VPN server's end of RFC 5176: checks each Disconnect-Request and answers as `says` has it: None silence, 41 ACK, 42 NAK, -41 a forged ACK."""
    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", NAS))
        self.seen, self.wrong, self.says, self.names = [], [], {}, {}
    def run(self):
        while True:
            packet, where = self.socket.recvfrom(4096)
            attributes, at = {}, 20
            while at < len(packet):
                attributes[packet[at]] = (at, packet[at + 2:at + packet[at + 1]])
                at += packet[at + 1]
            name = attributes[44][1].decode()
            zeroed = packet[:4] + bytes(16) + packet[20:]
            at, signature = attributes[80]
            unsigned = zeroed[:at + 2] + bytes(16) + zeroed[at + 18:]
            self.names[name] = {kind: value for kind, (_, value) in attributes.items()}
            is_right = packet[0] == 40 and packet[4:20] == hashlib.md5(zeroed + b"secret1").digest() \
                and hmac.new(b"secret1", unsigned, hashlib.md5).digest() == signature and abs(struct.unpack(">I", attributes[55][1])[0] - time.time()) < 30
            (self.seen if is_right else self.wrong).append(name)
            says = self.says.get(name)
            if says is None:
                continue
            body = struct.pack(">BBI", 101, 6, 503) if says == 42 else b""
            head = struct.pack(">BBH", abs(says), packet[1], 20 + len(body))
            key = b"secret1" if says > 0 else b"other"
            self.socket.sendto(head + hashlib.md5(head + packet[4:20] + body + key).digest() + body, where)

MANY = 60
rows = ["id,name,email,phone,unit,manager,employment_end,roles,protected"]
rows += ["bo,Bo Öberg,,,Arkiv,,,manager employee,", "siv,Siv Ek,,,IT,bo,,system_owner,", "per,Per Holm,,,IT,bo,,support,"]
rows += ["k%d,Kritisk %d,,,Ambulans,bo,,employee," % (i, i) for i in range(3)] + ["a%d,Person %d,,,Arkiv,bo,,employee," % (i, i) for i in range(MANY)]
open(W + "/p.csv", "w").write("\n".join(rows) + "\n")
code = json.loads(run("init", "--org", "Provkommunen").stdout)["code"]
open(H + "/samordna.conf", "a").write("http.listen = 127.0.0.1:%d\nradius.listen = 127.0.0.1:%d\nradius.accounting = 127.0.0.1:%d\n"
    "radius.client = vpn1 127.0.0.1 secret1 authorise-only disconnect=%d\n" % (PORT, AUTH, ACCT, NAS))
run("people", "import", W + "/p.csv")
log = W + "/log"

def start():
    server = subprocess.Popen([S, "serve", "--home", H], stderr=open(log, "w"))
    for _ in range(400):
        if "answers" in open(log).read():
            return server
        time.sleep(0.05)
    return server

server = start()
try:
    today, later = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400)), time.strftime("%Y-%m-%d", time.gmtime(time.time() + 100 * 86400))
    for who in ["k%d" % i for i in range(3)] + ["a%d" % i for i in range(MANY)]:
        run("access", "grant", who, "--service", "vpn", "--from", today, "--to", later, "--requested-by", "bo", "--approved-by", "siv", "--executed-by", "per")
    run("people", "unit", "Ambulans", "--class", "1")
    said = run("capacity", "limit", "vpn1", "--licence", "8", "--tested", "8", "--tested-on", today)
    check("limit", '"places":8,"reserve":2,"open":6' in said.stdout, said)
    run("capacity", "unit", "Arkiv", "--instead", "Hämta dokument kl. 14, arbeta sedan lokalt.")

    # Sixty at once, each a packet of its own: six get in, and no more.
    open(W + "/many", "w").write("\n\n".join("User-Name=a%d,NAS-Identifier=vpn1,Acct-Session-Id=s%d,Message-Authenticator=0x00" % (i, i) for i in range(MANY)) + "\n")
    came = radius(AUTH, "auth", "", "-p", str(MANY), "-f", W + "/many")
    accepts = len(re.findall(r"^Received Access-Accept", came, re.M))
    check("sixty at once: six get in", accepts == 6, came)
    check("the others are refused", len(re.findall(r"^Received Access-Reject", came, re.M)) == MANY - 6, came)
    check("six are counted", taken() == 6, taken())
    text = ask("a59", "again")
    check("full: refused with the Swedish reason", "Access-Reject" in text and "Alla anslutningar används av eller hålls för verksamhet som går först." in text, text)
    check("full: a moment to try again", "Försök igen från" in text, text)
    check("full: what can be done instead", "Hämta dokument kl. 14, arbeta sedan lokalt." in text, text)
    same = json.loads(run("gate", "ask", "a59", "--gateway", "vpn1").stdout)
    check("explained the same way", same["verdict"] == "wait" and any(r["code"] == "capacity.full" for r in same["reasons"]), same)

    # Those who are in: a renewal of the same log-in keeps its place, also in a full pool.
    wanted = [m for m in re.findall(r"^Received Access-Accept.*?samordna:(\d+)|Class = 0x([0-9a-f]+)", came, re.M | re.S)]
    inside = [i for i in range(MANY) if json.loads(run("gate", "ask", "a%d" % i, "--gateway", "vpn1").stdout) and "Access-Accept" in ask("a%d" % i, "s%d" % i)][:6]
    check("a renewal keeps its place in a full pool", len(inside) == 6, inside)
    check("and counts once", taken() == 6, taken())
    for i in inside:
        check("accounting start s%d" % i, "Accounting-Response" in tell("a%d" % i, "s%d" % i, "Start"))
    text = ask("k0", "c0")
    check("critical: in by what is kept", "Access-Accept" in text, text)
    check("seven", taken() == 7, taken())

    # Killed on the spot: the next core counts the same places.
    pids = subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True).stdout.split()
    for pid in pids:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:          # the keeper has ended it, because another had fallen
            pass
    for _ in range(100):
        time.sleep(0.2)
        text = ask("a59", "after", "-r", "1")
        if "Access-Re" in text or "Access-Accept" in text:
            break
    check("after a kill: still full", "Access-Reject" in text and "Alla anslutningar" in text, text)
    check("after a kill: seven", taken() == 7, taken())

    # A start that never comes: the place comes back after the lease. Here the shortest.
    run("setting", "set", "gate.lease_seconds", "5")
    text = ask("k1", "c1")
    check("critical: the last place of all", "Access-Accept" in text, text)
    check("critical: nobody is let in above the limit", "Access-Accept" in ask("k1", "c1") and "Access-Reject" in ask("k2", "c2"), taken())
    time.sleep(6)
    check("lost accounting: the lease frees what never began", taken() == 6, run("capacity", "show", "vpn1").stdout)
    check("lost accounting: an interim counts it again", "Accounting-Response" in tell("k0", "c0", "Interim-Update", "Acct-Session-Time=20") and taken() == 7, taken())
    for i in inside[:3]:
        tell("a%d" % i, "s%d" % i, "Stop")
        tell("a%d" % i, "s%d" % i, "Stop")
    tell("a%d" % inside[0], "s%d" % inside[0], "Start")
    check("stops, twice, and a late start: four left", taken() == 4, taken())
    check("then who waited gets in", "Access-Accept" in ask("a59", "later"))

    # The page, in both languages, and a limit changed there.
    web = Web("http://localhost:%d" % PORT)
    web.set_up(code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")
    page = web.get("/capacity?free=2")
    words = page.words()
    check("page: the head", page.status == 200 and "5 of 6 places are used. The reserve is 2." in words, words)
    check("page: who had to wait, by unit", "Arkiv" in words and "Nobody has had to wait" not in words and "Person 5" not in words, words)
    check("page: whom to ask", "Hämta dokument kl. 14" in words and "Ask these units" in words, words)
    check("page: the chart and its table", "<svg class=\"chart\"" in page.text and "Connections by class at vpn1" in words, words)
    page = web.post("/capacity/limit/vpn1", {"act": "limit", "licence": "many"}, at="/capacity/limit/vpn1")
    check("page: a wrong number is said beside its field", 'id="licence-error"' in page.text, page.text)
    page = web.post("/capacity/limit/vpn1", {"act": "limit", "licence": "3"}, at="/capacity/limit/vpn1")
    check("page: the limit is changed", "3 places for everybody and 0 in reserve" in page.words(), page.words())
    check("page: that there is no reserve stands in red", '<b class="state fail">None</b>' in web.get("/capacity").text, web.get("/capacity").text)
    check("page: and holds at the gate", "Access-Reject" in ask("a58", "x"))
    page = web.post("/capacity/limit/vpn1", {"act": "order", "places": "50", "delivery": "2035-01-01", "cost": "12000"}, at="/capacity/limit/vpn1")
    check("page: an order is written down", "12,000 kronor" in page.words() or "12000 kronor" in page.words(), page.words())
    sv = Web("http://localhost:%d" % PORT, lang="sv")
    sv.cookies = dict(web.cookies)
    words = sv.get("/capacity?lang=sv").words()
    check("page: in Swedish", "Kapacitet" in words and "Fick vänta, och varför" in words and "Now against" not in words, words)
    # Times: booked by hand on the page, changed in one act, cancelled, and as a calendar file.
    page = web.get("/capacity/slot?day=" + time.strftime("%Y-%m-%d", time.localtime(time.time() + 2 * 86400)))
    links = re.findall(r'href="(/capacity/slot\?at=[^"]*)"', page.text)
    check("slots: a table of links", len(links) == 42 and "1 place" in page.words(), page.words())
    chosen = [dict(re.findall(r"(at|gateway)=([^&]*)", link.replace("&amp;", "&"))) for link in links[6:8]]
    page = web.post("/capacity/slot", chosen[0] | {"act": "book"}, at="/capacity/slot")
    check("slots: booked", "The time is booked" in page.words() and "Coming" in page.words(), page.words())
    number = re.search(r'name="slot" value="(\d+)"', page.text).group(1)
    page = web.post("/capacity/slot", chosen[1] | {"act": "book", "slot": number}, at="/capacity/slot")
    check("slots: changed", "Called off" in page.words() and "Coming" in page.words(), page.words())
    page = web.post("/capacity/slot", chosen[1] | {"act": "book"}, at="/capacity/slot")
    check("slots: the same again is said", "You have booked that time already." in page.words(), page.words())
    calendar = web.get("/capacity/slot.ics")
    check("slots: a calendar file", "text/calendar" in calendar.header("Content-Type") and calendar.text.count("BEGIN:VEVENT\r\n") == 2
        and calendar.text.count("STATUS:CANCELLED") == 1 and re.search(r"DTSTART:\d{8}T\d{6}Z\r\n", calendar.text) is not None, calendar.text)

    # The same at a secret address, for a calendar program that cannot log in.
    def follow(address, more=""):
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d%s%s" % (PORT, address, more)) as got:
                return got.status, got.headers.get("Content-Type", ""), got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Content-Type", ""), error.read().decode()
    def address_of(page):
        found = re.search(r"/capacity/slot\.ics\?key=[0-9a-f]{40}", page.text)
        return found.group(0) if found else "/none"
    first = address_of(web.post("/capacity/slot", {"act": "feed", "scope": "0"}, at="/capacity/slot"))
    status, kind, text = follow(first)
    check("feed: read without a log-in", status == 200 and kind.startswith("text/calendar") and text.count("BEGIN:VEVENT\r\n") == 2, (first, status, text))
    check("feed: every line is short and ends in CRLF", all(len(line.encode()) <= 75 for line in text.split("\r\n")) and "\n" not in text.replace("\r\n", ""), text)
    check("feed: the address is shown this once", first not in web.get("/capacity/slot").text)
    check("feed: the key is not in the store", all(first[-40:].encode() not in open(H + "/store/" + name, "rb").read() for name in os.listdir(H + "/store") if name.startswith("samordna.db")))
    second = address_of(web.post("/capacity/slot", {"act": "feed", "scope": "0"}, at="/capacity/slot"))
    check("feed: a new address makes the old one void", follow(second)[0] == 200 and follow(first)[0] == 404 and first != second, (follow(first), follow(second)))
    check("feed: it stands on her own page", "Calendar address" in web.get("/me").words(), web.get("/me").words())
    check("feed: without a key one is asked to log in", "/login" in urllib.request.urlopen("http://127.0.0.1:%d/capacity/slot.ics" % PORT).url)
    tried = [follow("/capacity/slot.ics?key=%040x" % n)[0] for n in range(62)]
    check("feed: who tries keys is stopped", tried[0] == 404 and tried[-1] == 429 and tried.count(404) in (58, 59, 60), tried)
    check("feed: others' right keys are not", follow(second)[0] == 200)
    web.post("/capacity/slot", {"act": "unfeed", "scope": "0"}, at="/capacity/slot")
    check("feed: made void", follow(second)[0] in (404, 429), follow(second))
    check("feed: another's times are not to be had", web.post("/capacity/slot", {"act": "feed", "scope": "1"}, at="/capacity/slot").status in (200, 403))

    # A grant is revoked: the session is ended at the gateway, told again until it is over; an acknowledgement is no end.
    nas = Server()
    nas.start()
    web.post("/capacity/limit/vpn1", {"act": "limit", "licence": "50"}, at="/capacity/limit/vpn1")
    grants = {g["person"]: g["grant"] for g in map(json.loads, run("access", "list").stdout.splitlines())}
    for who in ["a10", "a11", "a12", "a13"]:
        check("in: " + who, "Access-Accept" in ask(who, "e-" + who)
            and "Response" in tell(who, "e-" + who, "Start", "Framed-IP-Address=10.8.0.9", "NAS-IP-Address=192.0.2.1"))
    run("access", "grant", "a13", "--service", "also", "--from", today, "--to", later, "--requested-by", "bo", "--approved-by", "siv", "--executed-by", "per")
    time.sleep(6)        # what was offered before and never began
    before = taken()
    nas.says = {"e-a11": 42, "e-a12": -41}
    for who in ["a10", "a11", "a12", "a13"]:
        run("access", "revoke", str(grants[who]), "--by", "bo")
    check("end: the gateway is told", until(lambda: "e-a10" in nas.seen and "e-a11" in nas.seen), (nas.seen, nas.wrong))
    check("end: every request is rightly signed", not nas.wrong, nas.wrong)
    named = nas.names.get("e-a10", {})
    check("end: it is named as the gateway named it", (named.get(1), named.get(4), named.get(8), named.get(32)) == (b"a10", bytes([192, 0, 2, 1]), bytes([10, 8, 0, 9]), b"vpn1"), named)
    check("end: and why", "Du har ingen" in named.get(18, b"").decode(), named)
    check("end: a session that is not known there is over", until(lambda: taken() == before - 1), taken())
    check("end: silence is asked again, a forged answer too", until(lambda: nas.seen.count("e-a10") > 1 and nas.seen.count("e-a12") > 1), nas.seen)
    nas.says["e-a10"] = 41
    n = nas.seen.count("e-a10")
    check("end: acknowledged is not over", until(lambda: nas.seen.count("e-a10") > n) and taken() == before - 1, taken())
    words = web.get("/capacity").words()
    check("end: shown until it is over", "Being ended" in words, words)
    check("end: who has another right stays in", "e-a13" not in nas.seen, nas.seen)
    for who in ["a10", "a12"]:
        tell(who, "e-" + who, "Stop", "Acct-Terminate-Cause=Admin-Reset")
    check("end: over with the Stop", until(lambda: "Being ended" not in web.get("/capacity").words()) and taken() == before - 3, taken())
    said = len(nas.seen)
    time.sleep(6)
    check("end: and not told of any more", len(nas.seen) == said, nas.seen)
    verified = run("audit", "verify", "--replay")
    check("the log replays", '"ok":true' in verified.stdout, verified)
finally:
    server.terminate()
    server.wait()
PY
