#!/bin/sh
# Places with real processes and a real RADIUS client: a full pool refuses with the Swedish reason, a critical person gets in by what is kept,
# a resent packet counts once, many at once never pass the limit, a kill loses no place, accounting that never comes is repaired by the lease,
# and the page shows it. The gateway has checked the credentials itself (authorise-only), so nothing else takes part.
set -u
exec python3 - <<'PY'
import json, os, re, subprocess, sys, time, signal
sys.path.insert(0, os.environ["TOP"] + "/tests")
from web_client import Web
S, W = os.environ["BUILD"] + "/samordna", os.environ["WORK"]
H, PORT, AUTH, ACCT = W + "/home", 28711, 28712, 28713

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

MANY = 60
rows = ["id,name,email,phone,unit,manager,employment_end,roles,protected"]
rows += ["bo,Bo Öberg,,,Arkiv,,,manager employee,", "siv,Siv Ek,,,IT,bo,,system_owner,", "per,Per Holm,,,IT,bo,,support,"]
rows += ["k%d,Kritisk %d,,,Ambulans,bo,,employee," % (i, i) for i in range(3)] + ["a%d,Person %d,,,Arkiv,bo,,employee," % (i, i) for i in range(MANY)]
open(W + "/p.csv", "w").write("\n".join(rows) + "\n")
code = json.loads(run("init", "--org", "Provkommunen").stdout)["code"]
open(H + "/samordna.conf", "a").write("http.listen = 127.0.0.1:%d\nradius.listen = 127.0.0.1:%d\nradius.accounting = 127.0.0.1:%d\n"
    "radius.client = vpn1 127.0.0.1 secret1 authorise-only\n" % (PORT, AUTH, ACCT))
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
        os.kill(int(pid), signal.SIGKILL)
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
    check("page: and holds at the gate", "Access-Reject" in ask("a58", "x"))
    page = web.post("/capacity/limit/vpn1", {"act": "order", "places": "50", "delivery": "2035-01-01", "cost": "12000"}, at="/capacity/limit/vpn1")
    check("page: an order is written down", "12,000 kronor" in page.words() or "12000 kronor" in page.words(), page.words())
    sv = Web("http://localhost:%d" % PORT, lang="sv")
    sv.cookies = dict(web.cookies)
    words = sv.get("/capacity?lang=sv").words()
    check("page: in Swedish", "Kapacitet" in words and "Fick vänta, och varför" in words and "Now against" not in words, words)
    verified = run("audit", "verify", "--replay")
    check("the log replays", '"ok":true' in verified.stdout, verified)
finally:
    server.terminate()
    server.wait()
PY
