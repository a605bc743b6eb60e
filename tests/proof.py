"""tests/proof.sh runs this."""
import base64, http.server, json, os, re, ssl, sys, threading, time, urllib.parse
sys.path.insert(0, os.environ["TOP"] + "/tests")
from exim import Exim
from served import Home, WORK, check, has, until

PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
chef,Eva Strand,eva@ex.example,,Ledning,,,management manager employee,,
bo,Bo Öberg,bo@ex.example,,Arkiv,chef,,manager employee,,
anna,Anna Åberg,Anna@ex.example,070-174 06 05,Arkiv,bo,,employee,,
nils,Nils Dag,nils@ex.example,070-174 06 06,Arkiv,bo,,employee,,
siv,Siv Ek,siv@ex.example,,IT,,,system_owner employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
"""
PORT, URL = 28712, "https://localhost:28712"
asked, polled, texts, words = [], [], [], []
play = {}                                    # how the provider answers from now on
sms = {"status": 200}


def jwt(claims):
    part = lambda o: base64.urlsafe_b64encode(json.dumps(o).encode()).rstrip(b"=").decode()
    return "%s.%s.%s" % (part({"alg": "RS256"}), part(claims), "c2lnbmF0dXJl")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def say(self, status, what):
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/sms":
            texts.append((self.headers["Authorization"], json.loads(body)))
            return self.say(sms["status"], {})
        form = dict(urllib.parse.parse_qsl(body, strict_parsing=True))
        if self.headers["Authorization"] != "Basic " + base64.b64encode(b"samordna:hem%20ligt%2F1").decode():
            return self.say(401, {"error": "invalid_client"})
        if self.path == "/ask":
            asked.append(form)
            play["polls"] = 0
            return self.say(*play.get("ask", (200, {"auth_req_id": "req-%d" % len(asked), "expires_in": 120, "interval": 1})))
        polled.append((time.monotonic(), form))
        play["polls"] += 1
        if play["polls"] <= play.get("pending", 1):
            return self.say(400, {"error": play.get("wait", "authorization_pending")})
        if "error" in play:
            return self.say(400, {"error": play["error"]})
        claims = {"iss": URL, "aud": "samordna", "sub": "4711", "email": asked[-1]["login_hint"].lower(), "iat": int(time.time()), "exp": int(time.time()) + 300} | play.get("claims", {})
        self.say(200, {"access_token": "x", "token_type": "Bearer", "id_token": jwt({k: v for k, v in claims.items() if v is not None})} if not play.get("bare") else {"access_token": "x"})

    def log_message(self, *args):
        pass


class Server:
    def __init__(self, certificate="srv"):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("%s/tls/%s.pem" % (WORK, certificate), "%s/tls/%s.key" % (WORK, certificate))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


os.makedirs(WORK + "/tls")
Exim(WORK + "/tls", 1)                       # its certificates alone
for name, secret in (("ciba", b"hem ligt/1\n"), ("sms", b"Bearer abc\n")):
    with open(WORK + "/" + name, "wb") as f:
        f.write(secret)
    os.chmod(WORK + "/" + name, 0o600)
CONF = """mail.ca = %s/tls/ca.pem
ciba.issuer = %s
ciba.ask = %s/ask
ciba.token = %s/token
ciba.client = samordna
ciba.secret = file:%s/ciba
ciba.person = email email
sms.url = %s/sms
sms.authorization = file:%s/sms
sms.body = {"to": "{to}", "message": "{text}"}
""" % (WORK, URL, URL, URL, WORK, URL, WORK)
home = Home(28711, PEOPLE, CONF)
server = Server()
incidents = lambda title: [row for row in home.run("incidents", "list").stdout.splitlines() if title in row]
newest = lambda: home.sql("SELECT max(id) FROM access_verification")[0][0]
answer = lambda: home.sql("SELECT answer, cause FROM proof_ask ORDER BY id DESC LIMIT 1")[0]

with home:
    home.run("setting", "set", "mail.wait_seconds", "1")
    per, anna, nils, bo, karin = (home.logged_in(who) for who in ("per", "anna", "nils", "bo", "karin"))

    def begun(who, web, errand="password"):
        """As far as the right code."""
        page = per.get("/access/verification?q=" + who)
        number = home.sql("SELECT id FROM person WHERE code = ?", who.lower())[0][0]
        before = newest()
        page = per.send("/access/verification", {"token": page.token(), "who": number, "errand": errand})
        if newest() == before:
            check("%s: begun" % who, False, page.words())
        at = "/access/verification/%d" % newest()
        words.append(re.search(r'<p class="big">([^<\d]+)</p>', per.post(at, {"act": "call"}).text)[1])
        has("%s: nothing can be asked before the code" % who, per.post(at, {"act": "app"}), "Give a code first", status=422)
        code = re.search(r'class="big">(\d{3} \d{3})<', web.get("/me").text).group(1)
        return at, per.post(at, {"act": "read", "code": code})

    def ends(at, how="abort"):
        per.post(at, {"act": how, "why": "The test goes on"})

    # --- SMS: who is called is told at once, with no code and no words ---
    at, page = begun("Anna", anna)
    check("SMS: she is told of the call", until(lambda: texts), texts)
    check("SMS: to her number, signed for, with the link and without the code", texts and texts[0][0] == "Bearer abc" and texts[0][1]["to"] == "0701740605"
          and "/akta/" in texts[0][1]["message"] and "kod" not in texts[0][1]["message"].lower(), texts)
    has("it may be asked in her app", page, "Ask in the app", "A second proof is missing")

    # --- yes ---
    play = {"pending": 2}
    page = per.post(at, {"act": "app"})
    has("asked", page, "is asked")
    check("not twice at a time", "asked already" in per.post(at, {"act": "app"}).words())
    check("the provider hears whom and which words", until(lambda: asked) and asked[0]["login_hint"] == "Anna@ex.example" and asked[0]["binding_message"] == words[0]
          and asked[0]["scope"] == "openid" and 0 < int(asked[0]["requested_expiry"]) <= 300, asked)
    check("yes: taken", until(lambda: answer()[0] == 1), (answer(), polled))
    check("polled with its name, no faster than allowed", polled[0][1]["auth_req_id"] == "req-1" and polled[1][0] - polled[0][0] > 0.9, polled)
    has("yes: it may be approved", per.get(at), "The person said yes in the app", "Approve for")
    has("approved", per.post(at, {"act": "approve"}), "Token")
    check("SMS: she is told what was approved", until(lambda: len(texts) >= 2) and "new password" in texts[-1][1]["message"] or "lösenord" in texts[-1][1]["message"], texts[-1:])

    # --- no: an incident, and no second question ---
    play = {"error": "access_denied"}
    at, page = begun("Nils", nils)
    per.post(at, {"act": "app"})
    check("no: taken", until(lambda: answer()[0] == 2), answer())
    check("no: an incident", until(lambda: incidents("svarade nej i sin app")) , home.run("incidents", "list").stdout)
    page = per.get(at)
    has("no: nothing to approve, nothing more to ask", page, "said no", "A second proof is missing")
    check("no: not once more", "was no" in per.post(at, {"act": "app"}).words())
    ends(at)

    # --- what is no yes ---
    now = int(time.time())
    for name, how, want in (
            ("another person's token", {"claims": {"email": "anna@ex.example"}}, "another person"),
            ("a token without the claim", {"claims": {"email": None}}, "another person"),
            ("another issuer's", {"claims": {"iss": "https://evil.example"}}, "another issuer"),
            ("for another client", {"claims": {"aud": ["shop", "bank"]}}, "somebody else"),
            ("a stale one", {"claims": {"iat": now - 86400, "exp": now - 80000}}, "not of now"),
            ("of another question", {"claims": {"urn:openid:params:jwt:claim:auth_req_id": "req-0"}}, "another question"),
            ("no ID token", {"bare": True}, "no ID token"),
            ("an error that nobody knows", {"error": "server_error"}, "server_error"),
            ("whom the provider does not know", {"ask": (400, {"error": "unknown_user_id"})}, "unknown_user_id"),
            ("no name for the question", {"ask": (200, {"expires_in": 60})}, "names no question"),
            ("no JSON", {"ask": (500, "x")}, "HTTP 500")):
        play = {"pending": 0} | how
        at, page = begun("Nils", nils)
        per.post(at, {"act": "app"})
        check("%s: no yes" % name, until(lambda: answer()[0] == 4 and want in answer()[1]), answer())
        check("%s: nothing to approve" % name, "Approve for" not in per.get(at).words())
        if name == "no JSON":
            has("and the page says why", per.get(at), "could not be asked", "HTTP 500")
        ends(at)
    play = {"pending": 0, "error": "expired_token"}
    at, page = begun("Nils", nils)
    per.post(at, {"act": "app"})
    check("nobody answers: late", until(lambda: answer()[0] == 3), answer())
    ends(at)
    play, polled = {"pending": 1, "wait": "slow_down"}, polled[:0]
    at, page = begun("Nils", nils)
    per.post(at, {"act": "app"})
    check("slow_down: slower", until(lambda: len(polled) == 2 and answer()[0] == 1) and polled[1][0] - polled[0][0] > 5, (polled, answer()))
    ends(at)

    # --- too late: the call is over when the answer comes ---
    play = {"pending": 3}
    at, page = begun("Nils", nils)
    per.post(at, {"act": "app"})
    until(lambda: play.get("polls", 0) >= 1)
    ends(at)
    check("over: the yes is written down", until(lambda: answer()[0] == 1), answer())
    check("over: and opens nothing", home.sql("SELECT bound_at FROM access_verification WHERE id = ?", newest())[0][0] is None)

    # --- class C: not enough ---
    at, page = begun("Nils", nils, "factor")
    check("class C: it is not offered", "Ask in the app" not in page.words())
    has("class C: nor taken", per.post(at, {"act": "app"}), "not enough here", status=422)
    ends(at)

    # --- down, and somebody else in its place ---
    server.stop()
    at, page = begun("Anna", anna, "access")
    per.post(at, {"act": "app"})
    check("down: said with its cause", until(lambda: answer()[0] == 4) and answer()[1], answer())
    waiting = lambda: [json.loads(line) for line in home.run("mail", "outbox").stdout.splitlines()]
    check("down: the SMS waits and is not lost", any(row["to"] == "tel:0701740605" and row["state"] == "waiting" for row in waiting()), waiting())
    has("down: shown in the outbox", karin.get("/admin/outbox"), "The SMS gateway has taken no SMS since", "(SMS)")
    server, n = Server("self"), len(asked)
    per.post(at, {"act": "app"})
    check("a certificate of no authority: nobody is asked", until(lambda: answer()[0] == 4 and home.sql("SELECT count(*) FROM proof_ask WHERE answered_at IS NULL")[0][0] == 0)
          and len(asked) == n, answer())
    server.stop()
    server, n = Server(), len(texts)
    check("back: the SMS comes", until(lambda: len(texts) > n and not waiting(), 30), waiting())
    ends(at)
    sms["status"] = 410
    at, page = begun("Anna", anna, "access")
    check("refused for good: failed, with its cause", until(lambda: any(row["state"] == "failed" and "410" in row["cause"] for row in waiting())), waiting())
    sms["status"] = 200
    check("tried again by hand", home.run("mail", "again").returncode == 0 and until(lambda: not waiting()), waiting())
    said = open(home.log).read()
    check("no secret in what the server says", "hem ligt" not in said and "Bearer abc" not in said)
server.stop()
home.is_whole()
