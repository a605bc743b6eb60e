#!/bin/sh
# Events to other systems, against an HTTPS server: signed so that somebody else's code can check it, in order, once when all goes well; put off, refused, down,
# with a wrong certificate, redirected; post killed in the middle; sent again by hand.
set -u
exec python3 - <<'PY'
import base64, hashlib, hmac, http.server, json, os, signal, ssl, sys, threading, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from exim import Exim
from served import Home, WORK, check, until
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
bo,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,
anna,Anna Åberg,anna@ex.example,,Arkiv,bo,,employee,,
siv,Siv Ek,siv@ex.example,,IT,,,system_owner employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
""" + "".join("x%d,Person %d,,,Arkiv,bo,,employee,,\n" % (i, i) for i in range(60))
SECRET = b"0123456789abcdef-hemlig"
got, mode = [], {"status": 204, "wait": 0}

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        got.append((self.path, dict((k.lower(), v) for k, v in self.headers.items()), body))
        time.sleep(mode["wait"])
        self.send_response(mode["status"])
        if mode["status"] == 302:
            self.send_header("Location", "https://localhost:28703/elsewhere")
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")      # a connection that is kept would outlive the server
        self.end_headers()
    do_GET = do_POST
    def log_message(self, *args):
        pass

class Server:
    """HTTPS on loopback, with one of the certificates that exim.py makes."""
    def __init__(self, certificate="srv"):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 28702), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("%s/tls/%s.pem" % (WORK, certificate), "%s/tls/%s.key" % (WORK, certificate))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
    def stop(self):
        self.server.shutdown()
        self.server.server_close()

def signed(one):
    path, head, body = one
    text = ("%s.%s." % (head["webhook-id"], head["webhook-timestamp"])).encode() + body
    return head["webhook-signature"] == "v1," + base64.b64encode(hmac.new(SECRET, text, hashlib.sha256).digest()).decode() and abs(int(head["webhook-timestamp"]) - time.time()) < 60

os.makedirs(WORK + "/tls")
Exim(WORK + "/tls", 1)             # its certificates alone
open(WORK + "/secret", "wb").write(SECRET + b"\n")
os.chmod(WORK + "/secret", 0o600)
home = Home(28701, PEOPLE, "webhook = https://localhost:28702/hooks/samordna?desk=1 file:%s/secret\nmail.ca = %s/tls/ca.pem\n" % (WORK, WORK))
deliveries = lambda: [json.loads(l) for l in home.run("webhook", "list").stdout.splitlines()]
server = Server()
with home:
    home.run("setting", "set", "mail.wait_seconds", "1")
    check("a test event goes out", home.run("webhook", "test").returncode == 0 and until(lambda: len(got) == 1), deliveries())
    check("signed, so that another's code can check it", got and signed(got[0]) and got[0][0] == "/hooks/samordna?desk=1" and got[0][1]["content-type"] == "application/json", got)
    check("known as delivered", until(lambda: deliveries()[0]["state"] == "sent"), deliveries())
    # What happens: a grant ends, somebody leaves.
    home.run("access", "grant", "anna", "--service", "vpn", "--from", "2026-01-01", "--to", "2026-12-31", "--requested-by", "bo", "--approved-by", "siv", "--executed-by", "per")
    home.run("access", "revoke", "1", "--by", "siv")
    until(lambda: len(got) == 2)
    body = json.loads(got[-1][2])
    check("a grant that ended is told", body["type"] == "grant.ended" and body["data"] == {"grant": 1, "person": "anna"}, got[-1])
    open(WORK + "/p2.csv", "w").write("\n".join(l for l in PEOPLE.splitlines() if not l.startswith("anna")) + "\n")
    home.run("people", "import", WORK + "/p2.csv")
    until(lambda: len(got) >= 3)
    check("a leaver is told, in the order in which it happened", [json.loads(g[2])["type"] for g in got] == ["samordna.test", "grant.ended", "person.left"], got)
    check("no name is told", not any("Åberg".encode() in g[2] for g in got))

    # Put off: tried again, the same number, signed anew.
    n, mode["status"] = len(got), 503
    home.run("webhook", "test")
    until(lambda: len(got) >= n + 2)
    mode["status"] = 204
    check("put off: comes again", until(lambda: deliveries()[0]["state"] == "sent") and len({g[1]["webhook-id"] for g in got[n:]}) == 1 and all(map(signed, got)), deliveries())
    mode["status"] = 410
    home.run("webhook", "test")
    check("gone: failed and shown", until(lambda: deliveries()[0]["state"] == "failed") and "410" in deliveries()[0]["cause"], deliveries())
    n, mode["status"] = len(got), 302
    home.run("webhook", "test")
    until(lambda: len(got) > n)
    check("a redirect is not followed", all(g[0].startswith("/hooks") for g in got) and deliveries()[0]["state"] == "waiting", deliveries())
    mode["status"] = 204
    check("and it comes when it is over", until(lambda: deliveries()[0]["state"] == "sent"), deliveries())

    # Down; and somebody else in its place.
    server.stop()
    home.run("webhook", "test")
    home.run("webhook", "test")
    time.sleep(2)
    n = len(got)
    check("down: waits, none is charged", [d["state"] for d in deliveries()[:2]] == ["waiting", "waiting"] and deliveries()[0]["tries"] == 0, deliveries())
    server = Server("self")
    time.sleep(4)
    check("a certificate of no authority: nothing is told", len(got) == n, got[n:])
    server.stop()
    server = Server("other")
    time.sleep(4)
    check("a certificate of another name: nothing is told", len(got) == n, got[n:])
    server.stop()
    server = Server()
    check("back: both come, in order", until(lambda: all(d["state"] == "sent" for d in deliveries()[:2]), 30) and [g[1]["webhook-id"] for g in got[n:n + 2]] == sorted(
        (str(d["delivery"]) for d in deliveries()[:2]), key=int), deliveries())

    # post is killed while the receiver has it.
    mode["wait"] = 3
    n = len(got)
    home.run("webhook", "test")
    until(lambda: len(got) > n)
    for pid in os.listdir("/proc"):
        try:
            if pid.isdigit() and open("/proc/%s/cmdline" % pid, "rb").read().startswith(b"samordna-post") and int(open("/proc/%s/stat" % pid).read().split()[3]) == home.process.pid:
                os.kill(int(pid), signal.SIGKILL)
        except OSError:
            pass
    mode["wait"] = 0
    check("post is killed: it is told again, with the same number", until(lambda: deliveries()[0]["state"] == "sent", 30) and len({g[1]["webhook-id"] for g in got[n:]}) == 1, got[n:])

    # By hand.
    n, last = len(got), deliveries()[0]["delivery"]
    check("sent again by hand", home.run("webhook", "again", str(last)).returncode == 0 and until(lambda: len(got) == n + 1) and got[-1][1]["webhook-id"] == str(last), got[n:])
    check("a number that is none", home.run("webhook", "again", "9999").returncode != 0)
    karin = home.logged_in("karin")
    page = karin.get("/admin/webhooks")
    check("the page shows them", "localhost:28702" in page.text and "person.left" in page.text and "desk=1" not in page.text and SECRET.decode() not in page.text, page.words())
server.stop()
home.is_whole()
PY
