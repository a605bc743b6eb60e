#!/usr/bin/env python3
"""tests/login.sh runs this; BUILD and WORK stand in the environment, and SAMORDNA_TEST_POSTGRES for the share that runs there."""
import hashlib, html, json, os, re, signal, sqlite3, subprocess, sys, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_client import Web, totp

S, WORK = os.environ["BUILD"] + "/samordna", os.environ["WORK"]
BASE = "http://localhost:28097"
LONG = "hund lampa regn cykel"


def check(name, good, got=""):
    print(("ok " if good else "not ok ") + name, flush=True)
    if not good:
        print("%s: %s" % (name, str(got)[:1500]), file=sys.stderr, flush=True)


def cli(home, *words):
    done = subprocess.run([S, *words, "--home", home, "--json"], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Server:
    def __init__(self, home, base=BASE):
        self.home = home
        self.log = open(home + ".log", "a")
        self.process = subprocess.Popen([S, "serve", "--home", home, "--port", "28097"], stderr=self.log)
        for _ in range(100):
            try:
                if Web(base).request("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        sys.exit("the server did not come up")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def sql(self, statement, *args):
        """Straight into the store, for volatile rows alone: time passes, budgets are forgotten."""
        store = sqlite3.connect(self.home + "/store/samordna.db", timeout=10)
        rows = store.execute(statement, args).fetchall()
        store.commit()
        store.close()
        return rows

    def forget_budgets(self):
        self.sql("DELETE FROM budget")

    def fresh(self, *webs):
        """Half a minute passes: the phones show new codes. (That one works once is tested where it is tested.)"""
        self.sql("DELETE FROM totp_used")
        for web in webs:
            web.used.clear()

    def seal_cpu(self):
        """Milliseconds of processor time that seal has used: argon2id is all that costs it anything."""
        for pid in subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True).stdout.split():
            if b"seal" in open("/proc/%s/cmdline" % pid, "rb").read():
                part = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
                return (int(part[11]) + int(part[12])) * 1000 // os.sysconf("SC_CLK_TCK")
        sys.exit("no process is called seal")


def leaves(server):
    return [json.loads(r[0]) for r in server.sql("SELECT leaf FROM audit_leaf ORDER BY id")]


def acts(server, since=0):
    return [(l["action"], l["actor"], l["subject"]) for l in leaves(server)[since:] if not l["action"].startswith(("core.", "audit.", "schema."))]


PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected
p1,Anna Lind,anna@ex.example,,Arkiv,p2,,employee,
p2,Bo Berg,bo@ex.example,,Arkiv,,,manager employee,
p3,Siv Ros,siv@ex.example,,IT,p2,,support,
p4,Per Holm,per@ex.example,,IT,p2,,coordinator,
p5,Eva Sund,eva@ex.example,,IT,p2,,management,
"""


def set_up(server, code):
    for lang, words in (("en", "There is a problem"), ("sv", "Det finns ett problem")):
        web = Web(BASE, lang)
        page = web.post("/setup", {"code": "AAAA-AAAA-AAAA-AAAA", "name": "Ulla Ek", "email": "ulla@ex.example", "password": LONG,
                                   "password_again": LONG})
        check("setup.wrong_code." + lang, page.status == 422 and words in page.text and 'id="code-error"' in page.text, page.words())
    web = Web(BASE)
    check("setup.stranger_is_sent_there", web.get("/").path.startswith("/setup"))
    check("setup.no_second_step_without_the_first", web.get("/setup/otp").path == "/setup")

    def wrong(label, field, **fields):
        page = web.post("/setup", {"code": code.lower().replace("-", " "), "name": "Ulla Ekman", "email": "ulla@ex.example", "password": LONG,
                                   "password_again": LONG} | fields)
        check("setup." + label, page.status == 422 and 'id="%s-error"' % field in page.text and LONG not in page.text, page.words())
    wrong("short", "password", password="hund lampa r", password_again="hund lampa r")
    wrong("common", "password", password="P@ssw0rd!P@ssw0rd!2026", password_again="P@ssw0rd!P@ssw0rd!2026")
    wrong("own_name", "password", password="Ulla.Ekman.2026!!", password_again="Ulla.Ekman.2026!!")
    wrong("organisation", "password", password="Provkommunen 2026", password_again="Provkommunen 2026")
    wrong("differs", "password_again", password_again=LONG + "!")
    wrong("email", "email", email="ulla")
    wrong("name", "name", name=" ")
    page = web.post("/setup", {"code": code.lower().replace("-", ""), "name": "Ulla Ekman", "email": "ulla@ex.example", "password": LONG,
                               "password_again": LONG})
    check("setup.key_in_text_and_drawing", "otpauth://totp/" in page.text and page.text.count("<rect") > 100 and page.path == "/setup/otp", page.words())
    check("setup.csp", "default-src 'none'" in page.header("Content-Security-Policy") and "style=" not in page.text and "data:" not in page.text)
    key = re.search(r"secret=([A-Z2-7]+)", page.text).group(1)
    wrong_otp = web.send("/setup/otp", {"token": page.token(), "otp": "000000"})
    check("setup.wrong_otp", wrong_otp.status == 422 and key in wrong_otp.text and "4 tries left" in wrong_otp.text, wrong_otp.words())
    other = Web(BASE)
    other.get("/setup")
    check("setup.anothers_session_has_no_key", other.get("/setup/otp").path == "/setup")
    check("setup.nobody_before_the_second_factor", web.get("/access", follow=False).status == 303)
    before = dict(web.cookies)
    web.key = web.enrol(web.get("/setup/otp"))
    check("setup.token_is_new", web.cookies["samordna"] != before["samordna"])
    check("setup.logged_in", web.get("/").status == 200 and "Ulla Ekman" in web.get("/").text)
    check("setup.code_works_once", Web(BASE).post("/setup", {"code": code, "name": "B", "email": "b@ex.example", "password": LONG,
                                                             "password_again": LONG}).status == 422)
    did = acts(server)
    check("setup.one_leaf", [a for a in did if a[0] == "account.setup"] == [("account.setup", "person:local:0", "first coordinator")], did)
    text = "\n".join(json.dumps(l) for l in leaves(server))
    check("setup.no_secret_in_the_log", not any(s in text for s in (LONG, code, web.key, *web.codes, "ulla@ex.example")))
    return web


def strangers(server):
    """Nothing tells whether there is such a person: not the answer, not the work."""
    pages, work = {}, {}
    for name, user, password in (("unknown", "nobody@ex.example", "x" * 20), ("without_login", "p1", "x" * 20), ("known", "ulla@ex.example", "x" * 20)):
        server.forget_budgets()
        web = Web(BASE)
        page = web.get("/login")
        before = server.seal_cpu()
        answers = [web.send("/login", {"token": page.token(), "user": user, "password": password}) for _ in range(4)]
        work[name] = server.seal_cpu() - before
        pages[name] = answers[-1].text.replace(user, "USER").replace(web.cookies["samordna"], "C")
        pages[name] = re.sub(r'name="token" value="[^"]+"', "", pages[name])
        check("stranger.%s" % name, all(a.status == 422 for a in answers), answers[0].words())
    check("stranger.same_text", len(set(pages.values())) == 1)
    check("stranger.same_work", min(work.values()) > 150 and max(work.values()) < 1.6 * min(work.values()), work)
    for lang, words in (("en", "Too many tries"), ("sv", "För många försök")):
        for name, user in (("unknown", "nobody@ex.example"), ("known", "ulla@ex.example")):
            server.forget_budgets()
            web = Web(BASE, lang)
            token = web.get("/login").token()
            codes = [web.send("/login", {"token": token, "user": user, "password": "x" * 20}).status for _ in range(9)] if lang == "en" else []
            if lang == "sv":
                server.sql("DELETE FROM budget")
                codes = [web.send("/login", {"token": token, "user": user, "password": "x" * 20}).status for _ in range(9)]
            last = web.send("/login", {"token": token, "user": user, "password": "x" * 20})
            before = server.seal_cpu()
            spent = web.send("/login", {"token": token, "user": user, "password": LONG})
            check("budget.%s.%s" % (name, lang), codes == [422] * 9 and last.status == 422 and spent.status == 429 and words in spent.text, codes)
            check("budget.%s.%s.costs_nothing" % (name, lang), server.seal_cpu() - before < 100)
    server.forget_budgets()


def second_factor(server, ulla):
    key = ulla.key
    web = Web(BASE)
    page = web.post("/login", {"user": "ULLA@ex.example ", "password": LONG})
    check("otp.asked", 'name="otp"' in page.text and "Where we stand" not in page.text)
    check("otp.password_alone_is_nobody", web.get("/access", follow=False).status == 303)
    now = int(time.time()) // 30
    server.fresh(ulla)
    used = dict(web.cookies)
    page = web.send("/login", {"token": page.token(), "otp": " %s %s " % (totp(key, now)[:3], totp(key, now)[3:])})
    check("otp.in", page.status == 200 and "Ulla Ekman" in page.text, page.words())
    check("otp.token_is_new", web.cookies != used)
    web2 = Web(BASE)
    page = web2.post("/login", {"user": "ulla@ex.example", "password": LONG})
    page = web2.send("/login", {"token": page.token(), "otp": totp(key, now)})
    check("otp.counter_works_once", page.status == 422 and "does not match" in page.text, page.words())
    page = web2.send("/login", {"token": page.token(), "otp": totp(key, now - 1)})
    check("otp.no_older_counter", page.status == 422)
    for n in range(3):
        page = web2.send("/login", {"token": page.token(), "otp": "12345%d" % n})
    check("otp.budget", page.status in (422, 429))
    server.fresh(ulla)
    page = web2.send("/login", {"token": page.token(), "otp": totp(key, int(time.time()) // 30)})
    check("otp.budget_spent_even_when_right", page.status == 429, page.words())
    server.forget_budgets()
    # Whoever tries all day has the password from elsewhere.
    name = "second day " + hashlib.sha256(b"0").hexdigest()[:32]
    server.sql("INSERT INTO budget VALUES (?, 30, ?)", name, int(time.time() * 1000) - 3600000)
    page = Web(BASE).log_in("ulla@ex.example", LONG, saved=ulla.codes[0])
    check("otp.budget_of_a_day", page.status == 429 and "Ask a coordinator" in page.text, page.words())
    server.sql("UPDATE budget SET since = since - 24 * 3600000 WHERE name = ?", name)
    page = Web(BASE, "sv").log_in("ulla@ex.example", LONG, key, saved="ZZZZ-ZZZZ-ZZZZ-ZZZZ")
    check("saved.wrong", page.status == 422 and "Koden stämmer inte" in page.text, page.words())
    web3 = Web(BASE)
    page = web3.log_in("ulla@ex.example", LONG, saved=ulla.codes[0].lower().replace("-", " "))
    check("saved.in", page.path.startswith("/me/security") and "9 saved codes" in page.text, page.words())
    page = Web(BASE).log_in("ulla@ex.example", LONG, saved=ulla.codes[0])
    check("saved.works_once", page.status == 422, page.words())
    server.sql("UPDATE web_session SET made_at = made_at - 11 * 60000 WHERE waiting_for IS NOT NULL")
    page = web2.get("/login")
    check("otp.waits_ten_minutes", 'name="password"' in page.text and "took too long" in page.text, page.words())
    return web


def sessions(server, web):
    server.fresh(web)
    hashes = "SELECT count(*) FROM web_session WHERE person IS NOT NULL"
    server.sql("UPDATE web_session SET seen_at = seen_at - 16 * 60000 WHERE person IS NOT NULL")
    page = web.get("/")
    check("session.idle", page.path.startswith("/login") and "away too long" in page.text, page.words())
    check("session.comes_back_to", "next=%2Ftasks" in web.get("/tasks", follow=False).location or web.get("/access", follow=False).location == "/login?next=%2Faccess")
    page = web.post("/login", {"user": "ulla@ex.example", "password": LONG, "next": "//evil.example/"})
    page = web.send("/login", {"token": page.token(), "otp": web.code(web.key), "next": "https://evil.example/"}, follow=False)
    check("session.no_open_redirect", page.status == 303 and page.location == "/", page.location)
    cookie = page.header("Set-Cookie")
    check("session.cookie", "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie, cookie)
    server.sql("UPDATE web_session SET made_at = made_at - 12 * 3600000 - 1000")
    check("session.absolute", web.get("/").path.startswith("/login"))
    server.fresh(web)
    check("session.relogin", web.log_in("ulla@ex.example", LONG).status == 200)
    token = web.cookies["samordna"]
    check("session.hash_only", token not in str(server.sql("SELECT hex(hash) FROM web_session")) and
          open(server.home + "/store/samordna.db", "rb").read().find(token.encode()) < 0)
    page = web.request("POST", "/logout", b"token=" + web.get("/").token().encode())
    check("logout", page.status == 303 and "Max-Age=0" in page.header("Set-Cookie") and "cookies" in page.header("Clear-Site-Data"))
    web.cookies["samordna"] = token
    check("logout.token_is_dead", web.get("/").path.startswith("/login"))
    server.fresh(web)
    web.log_in("ulla@ex.example", LONG)
    check("session.count", server.sql(hashes)[0][0] >= 1)


def hidden(page):
    """The fields that a page's form carries along."""
    return {html.unescape(n): html.unescape(v) for n, v in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)}


def sent_late(server, web):
    """A form sent when the second factor is no longer fresh: asked for in its place, nothing typed is lost, and it is done once."""
    token, n = web.get("/").token(), len(leaves(server))
    at, wish = "/people/role/1", {"token": token, "support": "1", "why": 'Å "<b>&'}
    server.sql("UPDATE web_session SET stepped_up_at = 0")
    page = web.send(at, wish)
    check("late.asks", page.status == 200 and 'name="otp"' in page.text and 'action="%s"' % at in page.text and "What you wrote is kept" in page.text, page.text)
    check("late.keeps", hidden(page) == wish, hidden(page))
    check("late.nothing_is_done", acts(server, n) == [])
    page = web.send(at, wish | {"otp": "000000"})
    check("late.wrong_code", page.status == 422 and hidden(page) == wish and "does not match" in page.text and acts(server, n) == [], page.text)
    check("late.forged", web.send(at, wish | {"otp": web.code(web.key), "token": "x" * 43}).status == 403 and acts(server, n) == [])
    server.fresh(web)
    page = web.send(at, hidden(page) | {"otp": web.code(web.key)}, follow=False)
    check("late.done", page.status == 303 and acts(server, n) == [("account.step_up", "person:local:0", "local:0"), ("people.roles", "person:local:0", "p1")],
          (page.status, page.words(), acts(server, n)))
    check("late.fresh_again", web.get(at).path == at)
    server.sql("UPDATE web_session SET stepped_up_at = 0")
    page = web.send("/me/security/password", {"token": token, "old": "hemligt ett", "password": "hemligt två", "password_again": "hemligt två"})
    check("late.no_password_goes_along", page.path.startswith("/step-up") and "hemligt" not in page.text, page.text)
    server.fresh(web)
    web.post("/step-up", {"otp": web.code(web.key)}, at="/step-up")
    web.send(at, {"token": token})       # and the role is taken back


def sent_too_late(server, web):
    """A form sent when the session has ended: the log-in stands in its place, what was typed comes through both steps, and is sent when she says so."""
    token, at = web.get("/").token(), "/people/role/1"
    wish = {"support": "1", "why": 'Ett längre skäl, med "<b>& i'}
    server.sql("UPDATE web_session SET seen_at = 0, made_at = 0")
    n = len(leaves(server))
    page = web.send(at, wish | {"token": token})
    carried = hidden(page)
    check("ended.login_in_its_place", page.status == 200 and 'name="password"' in page.text and "What you wrote is kept" in page.text and acts(server, n) == [], page.words())
    check("ended.kept", {k[5:]: v for k, v in carried.items() if k.startswith("kept.")} == wish and carried["kept_at"] == at, carried)
    page = web.send("/login", carried | {"user": "ulla@ex.example", "password": "wrong altogether"})
    check("ended.wrong_password_keeps", page.status == 422 and hidden(page) == carried, hidden(page))
    page = web.send("/login", carried | {"user": "ulla@ex.example", "password": LONG})
    second = hidden(page)
    check("ended.code_in_its_place", page.status == 200 and 'name="otp"' in page.text and {k: v for k, v in second.items() if k != "token"}
          == {k: v for k, v in carried.items() if k != "token"} and second["token"] != carried["token"], second)
    page = web.send("/login", second | {"otp": "000000"})
    check("ended.wrong_code_keeps", page.status == 422 and hidden(page) == second, hidden(page))
    server.fresh(web)
    page = web.send("/login", second | {"otp": web.code(web.key)})
    last = hidden(page)
    check("ended.shown", page.status == 200 and 'action="%s"' % at in page.text and {k: v for k, v in last.items() if k != "token"} == wish
          and wish["why"] in html.unescape(page.text) and [a[0] for a in acts(server, n)] == ["account.login"], (page.words(), last, acts(server, n)))
    check("ended.forged", web.send(at, last | {"token": "x" * 43}).status == 403)
    page = web.send(at, last, follow=False)
    check("ended.sent", page.status == 303 and [a[0] for a in acts(server, n)] == ["account.login", "people.roles"], acts(server, n))
    web.send(at, {"token": last["token"]})
    stranger = Web(web.base)
    page = stranger.send(at, wish | {"token": token}, follow=False)
    check("ended.not_without_its_session", page.status == 303 and page.location.startswith("/login") and "längre" not in page.text, page.text)
    page = stranger.get("/login")
    page = stranger.send("/login", {"token": page.token(), "kept_at": "//evil.example/", "kept.a": "b", "user": "", "password": ""})
    check("ended.goes_nowhere_else", "evil.example" not in page.text and "kept.a" not in page.text, page.text)


def forged(server, web):
    body = b"token=" + web.get("/").token().encode()
    for name, headers, wanted in (
            ("cross_site", {"Sec-Fetch-Site": "cross-site"}, 403), ("same_site", {"Sec-Fetch-Site": "same-site"}, 403),
            ("none", {"Sec-Fetch-Site": "none"}, 403), ("foreign_origin", {"Sec-Fetch-Site": None, "Origin": "http://evil.example"}, 403),
            ("null_origin", {"Sec-Fetch-Site": None, "Origin": "null"}, 403), ("nothing", {"Sec-Fetch-Site": None, "Origin": None}, 403),
            ("foreign_host", {"Host": "evil.example"}, 421)):
        page = web.request("POST", "/logout", body, headers)
        check("forged." + name, page.status == wanted, page.status)
    for name, token in (("no_token", b""), ("wrong_token", b"token=" + b"A" * 43)):
        check("forged." + name, web.request("POST", "/logout", token).status == 403)
    other = Web(BASE)
    check("forged.anothers_token", web.request("POST", "/logout", b"token=" + other.get("/login").token().encode()).status == 403)
    check("forged.login_too", Web(BASE).request("POST", "/login", b"user=a&password=b").status == 403)
    check("forged.still_here", web.get("/").status == 200 and "Ulla" in web.get("/").text)
    check("forged.get_changes_nothing", web.request("GET", "/logout").status == 405)


def invitation(server, ulla):
    code_of = lambda page: (re.findall(r"<code>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>", page.text) or [None])[0]
    n = len(leaves(server))
    server.fresh(ulla)
    token = ulla.get("/people/invite?person=p1").token()
    server.sql("UPDATE web_session SET stepped_up_at = 0")
    page = ulla.send("/people/invite", {"token": token, "person": "p3"})
    if page.path.startswith("/step-up"):
        check("invite.trusted_needs_step_up", "second factor again" in page.text)
        page = ulla.send("/step-up", {"token": page.token(), "otp": ulla.code(ulla.key), "next": "/people/invite?person=p3"})
        check("invite.back_from_step_up", page.path == "/people/invite?person=p3" and "Siv Ros" in page.text, page.words())
        page = ulla.send("/people/invite", {"token": page.token(), "person": "p3"})
    else:
        check("invite.trusted_needs_step_up", False, page.words())
    first = code_of(page)
    check("invite.code", first is not None, page.words())
    check("invite.shown_once", ulla.get("/people/invite?person=p3").text.find(first) < 0)
    second = code_of(ulla.post("/people/invite", {"person": "p3"}, at="/people/invite?person=p3"))
    siv = Web(BASE, "sv")
    page = siv.post("/setup", {"code": first, "password": LONG, "password_again": LONG})
    check("invite.older_code_stops", page.status == 422)
    page = siv.post("/setup", {"code": second, "password": "fjorton tecken", "password_again": "fjorton tecken"})
    check("invite.support_needs_fifteen", page.status == 422 and "15 tecken" in page.text, page.words())
    siv.start(second, LONG)
    check("invite.in", "Siv Ros" in siv.get("/").text)
    made = [a for a in acts(server, n) if a[0] in ("account.invite", "account.setup")]
    check("invite.leaves", made == [("account.invite", "person:local:0", "p3")] * 2 + [("account.setup", "person:p3", "p3")], made)
    # Support: employees yes; a role of trust or a login no.
    page = siv.post("/people/invite", {"person": "p1"}, at="/people/invite?person=p1")
    anna_code = code_of(page)
    check("support.invites_an_employee", anna_code is not None, page.words())
    for who in ("p4", "p5", "local:0"):
        check("support.not_" + who, siv.post("/people/invite", {"person": who}, at="/people/invite?person=p1").status == 403)
    check("support.not_herself", siv.post("/people/invite", {"person": "p3"}, at="/people/invite?person=p1").status == 403)
    anna = Web(BASE)
    anna.start(anna_code, "elva tecken")
    check("employee.in", "Anna Lind" in anna.get("/me/security").text)
    check("employee.may_not_invite", anna.send("/people/invite", {"token": anna.get("/me/security").token(), "person": "p2"}).status == 403)
    check("support.no_reset", siv.get("/people/invite?person=p1").status == 403)
    check("coordinator.not_herself", ulla.get("/people/invite?person=local:0").status == 403)
    # Another coordinator resets a lost login: the sessions end, the old password opens nothing.
    page = ulla.get("/people/invite?person=p1")
    check("reset.asks", "Reset the login of Anna Lind?" in page.text, page.words())
    page = ulla.send("/people/invite", {"token": page.token(), "person": "p1"})
    check("reset.code", code_of(page) is not None, page.words())
    check("reset.sessions_end", anna.get("/me/security").path.startswith("/login"))
    check("reset.old_password_is_dead", Web(BASE).log_in("p1", "elva tecken").status == 422)
    server.sql("UPDATE web_session SET seen_at = seen_at - 16 * 60000")
    check("session.employees_have_longer", Web.get(siv, "/access").path == "/access" and ulla.get("/access").path.startswith("/login"))
    server.fresh(ulla)
    ulla.log_in("ulla@ex.example", LONG)
    server.sql("UPDATE web_session SET stepped_up_at = 0")
    check("reset.needs_step_up", ulla.get("/people/invite?person=p3").path.startswith("/step-up"))
    anna.start(code_of(page), "elva tecken igen")
    server.forget_budgets()
    # Who stands in for support today may what support may, and no longer.
    check("deputy.not_yet", anna.get("/people/invite?person=p2").status == 403)
    server.fresh(siv)
    siv.step_up()
    number = server.sql("SELECT id FROM person WHERE code = 'p3'")[0][0]
    day = lambda n: time.strftime("%Y-%m-%d", time.localtime(time.time() + n * 86400))
    for label, days, wanted in (("in_two_days", (2, 3), 403), ("today", (0, 2), 200)):
        page = siv.post("/people/deputy/%d" % number, {"act": "add", "deputy": "p1", "from": day(days[0]), "until": day(days[1])})
        got = anna.get("/people/invite?person=p2")
        check("deputy." + label, page.status == 200 and got.status == wanted, page.words() + got.words())
    return siv, anna


def own(server, anna):
    check("own.needs_step_up", (server.sql("UPDATE web_session SET stepped_up_at = 0"), anna.get("/me/security/password"))[1].path.startswith("/step-up"))
    page = anna.post("/step-up", {"otp": "000000"})
    check("own.step_up_wrong", page.status == 422 and "Confirm" in page.text, page.words())
    page = anna.post("/step-up", {"otp": anna.code(anna.key), "next": "/me/security/password"})
    check("own.step_up", page.path == "/me/security/password", page.words())
    server.fresh(anna)
    elsewhere = Web(BASE)
    elsewhere.used = anna.used
    elsewhere.log_in("anna@ex.example", "elva tecken igen", anna.key)
    page = anna.get("/me/security")
    n = len(leaves(server))
    check("own.where", page.text.count("127.0.0.1") == 2 and "(here)" in page.text, page.words())
    page = anna.post("/me/security/password", {"old": "fel", "password": "nio hundra tusen", "password_again": "nio hundra tusen"})
    check("own.old_password_asked", page.status == 422 and 'id="old-error"' in page.text, page.words())
    page = anna.post("/me/security/password", {"old": "elva tecken igen", "password": "kort", "password_again": "kort"})
    check("own.rules", page.status == 422 and 'id="password-error"' in page.text)
    page = anna.post("/me/security/password", {"old": "elva tecken igen", "password": "nio hundra tusen", "password_again": "nio hundra tusen"})
    check("own.password", page.path.startswith("/me/security") and "The password is changed." in page.text, page.words())
    check("own.others_end", elsewhere.get("/me/security").path.startswith("/login"))
    page = anna.post("/me/security/codes", {})
    new = re.findall(r"<code>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>", page.text)
    check("own.codes", len(new) == 10 and not set(new) & set(anna.codes), page.words())
    check("own.old_codes_stop", Web(BASE).log_in("p1", "nio hundra tusen", saved=anna.codes[0]).status == 422)
    page = anna.post("/me/security/phone", {})
    key = re.search(r"secret=([A-Z2-7]+)", page.text).group(1)
    wrong = anna.send("/me/security/phone", {"token": page.token(), "otp": "000000"})
    check("own.phone_wrong", wrong.status == 422 and key in wrong.text, wrong.words())
    check("own.phone_old_works_still", Web(BASE).log_in("p1", "nio hundra tusen", saved=new[0]).status == 200)
    done = anna.send("/me/security/phone", {"token": wrong.token(), "otp": anna.code(key)})
    check("own.phone", "The new phone is connected." in done.text, done.words())
    server.forget_budgets()
    again = Web(BASE)
    page = again.post("/login", {"user": "p1", "password": "nio hundra tusen"})
    page = again.send("/login", {"token": page.token(), "otp": totp(anna.key, int(time.time()) // 30 + 1)})
    check("own.old_phone_stops", page.status == 422)
    other = Web(BASE)
    server.fresh(other)
    check("own.new_phone_works", other.log_in("p1", "nio hundra tusen", key) and other.get("/me/security").status == 200)
    page = other.post("/me/security", {}, at="/me/security")
    check("own.log_out_everywhere", page.path == "/login" and anna.get("/me/security").path.startswith("/login"))
    did = [a[0] for a in acts(server, n)]
    check("own.each_act_one_leaf", did == ["account.password", "account.saved_codes", "account.login_saved_code", "account.phone", "account.login",
                                           "account.logout_everywhere"], did)


def last_resort(server, ulla, siv):
    status, out, err = cli(server.home, "people", "recover", "ulla@ex.example")
    code = json.loads(out)["code"] if status == 0 else ""
    check("recover.code", re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", code) is not None, err)
    check("recover.unknown", cli(server.home, "people", "recover", "nobody")[0] == 3)
    check("recover.no_argument", cli(server.home, "people", "recover")[0] == 2)
    check("recover.sessions_end", ulla.get("/").path.startswith("/login"))
    check("recover.password_is_dead", Web(BASE).log_in("ulla@ex.example", LONG).status == 422)
    web = Web(BASE)
    web.start(code, "fem skedar grus hatt")
    check("recover.banner", "A login was reset on the server" in web.get("/").text)
    check("recover.no_banner_for_support", "A login was reset on the server" not in siv.get("/", ).text)
    leaf = [l for l in leaves(server) if l["action"] == "account.recover" and l["subject"] != "first coordinator"]
    check("recover.leaf", len(leaf) == 1 and leaf[0]["actor"].startswith("cli:") and leaf[0]["subject"] == "local:0", leaf)
    # As another account the socket does not listen.
    done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", S, "people", "recover", "p1", "--home", server.home],
                          capture_output=True, text=True) if os.getuid() == 0 else None
    check("recover.only_the_owner", done is None or (done.returncode != 0 and not done.stdout), done and (done.returncode, done.stdout))


def over_tls():
    """Under TLS the cookie is bound to the host and the way, and browsers are told to come back that way."""
    home = WORK + "/tls"
    code = json.loads(cli(home, "init", "--org", "Provkommunen")[1])["code"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-keyout", home + "/key.pem", "-out", home + "/cert.pem"], check=True, capture_output=True)
    with open(home + "/samordna.conf", "a") as conf:
        conf.write("http.tls.certificate = %s/cert.pem\nhttp.tls.key = %s/key.pem\n" % (home, home))
    server = Server(home, "https://localhost:28097")
    try:
        web = Web("https://localhost:28097")
        web.set_up(code, "Ulla Ekman", "ulla@ex.example", LONG)
        page = web.request("POST", "/logout", b"token=" + web.get("/").token().encode())
        cookie = page.header("Set-Cookie")
        check("tls.cookie", cookie.startswith("__Host-samordna=") and "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie, cookie)
        check("tls.hsts", "max-age=31536000" in page.header("Strict-Transport-Security"))
        check("tls.plain_origin_is_foreign", web.request("POST", "/login", b"", {"Sec-Fetch-Site": None, "Origin": BASE}).status == 403)
    finally:
        server.stop()


def leaver(server):
    """HR's file ends the employment: the session ends with it, and the log-in is as if there never had been one."""
    code = json.loads(cli(server.home, "people", "recover", "p1")[1])["code"]
    anna = Web(BASE)
    anna.start(code, "elva tecken till")
    check("leaver.in", anna.get("/me/security").path == "/me/security")
    open(WORK + "/leavers.csv", "w").write("".join(l for l in PEOPLE.splitlines(True) if not l.startswith("p1,")))
    status, out, err = cli(server.home, "people", "import", WORK + "/leavers.csv", "--vanish", "50")
    check("leaver.import", status == 0 and '"left":1' in out, (out, err))
    check("leaver.session_ends", anna.get("/me/security").path.startswith("/login"))
    page = Web(BASE).log_in("p1", "elva tecken till")
    check("leaver.same_words", page.status == 422 and "User name or password is wrong" in page.text, page.words())
    check("leaver.no_recovery", cli(server.home, "people", "recover", "p1")[0] == 5)


def exercise():
    home = WORK + "/exercise"
    code = json.loads(cli(home, "init", "--org", "Provkommunen")[1])["code"]
    status, _, err = cli(home, "demo")
    if status:
        return check("exercise.made", False, err)
    server = Server(home)
    try:
        web = Web(BASE)
        web.set_up(code, "Ulla Ekman", "ulla@prov.example", LONG)
        page = web.get("/exercise")
        codes = re.findall(r'name="become" value="([^"]+)"', page.text)
        check("exercise.cast", len(codes) == 7 and "Exercise." in page.text, page.words())
        n = len(leaves(server))
        page = web.post("/exercise", {"become": codes[-1]}, at="/exercise")
        page = web.get("/exercise")
        check("exercise.become", "You are " in page.text and "Ulla" not in page.text and "You now" in page.text, page.words())
        check("exercise.employee_sees_less", web.get("/admin", follow=False).status in (403, 404))
        check("exercise.banner", "/exercise" in page.text)
        check("exercise.closed_while_acting", web.get("/me/security").status == 403)
        page = web.post("/exercise", {"become": codes[5]}, at="/exercise")
        page = web.post("/exercise", {"act": "self"})
        check("exercise.back", "Ulla Ekman" in page.text, page.words())
        did = acts(server, n)
        check("exercise.leaves", did == [("exercise.become", "person:local:5000", codes[-1]),
              ("exercise.become", "person:local:5000 as " + codes[-1], codes[5]),
              ("exercise.be_oneself", "person:local:5000 as " + codes[5], "local:5000")], did)
        check("exercise.nobody_else", web.post("/exercise", {"become": "local:5000"}, at="/exercise").status == 422)
        check("exercise.replay", cli(home, "audit", "verify", "--replay")[0] == 0)
    finally:
        server.stop()
    json.dump({"key": web.key, "used": web.used, "codes": web.codes}, open(WORK + "/ulla.json", "w"))


def on_postgres():
    """The exercise, carried over to PostgreSQL: the same acts through the same pages."""
    home, ulla = WORK + "/pg", json.load(open(WORK + "/ulla.json"))
    os.mkdir(home)
    with open(home + "/samordna.conf", "w") as conf:
        conf.write("store = postgres:%s\n" % os.environ["SAMORDNA_TEST_POSTGRES"])
    made = cli(WORK + "/exercise", "backup", "create", WORK + "/backup")
    put = cli(home, "backup", "restore", WORK + "/backup")
    check("postgres.carried_over", made[0] == 0 and put[0] == 0, (made, put))
    server = Server(home)
    try:
        web = Web(BASE)
        web.used = ulla["used"]
        check("postgres.wrong_password", web.log_in("ulla@prov.example", "x" * 20).status == 422)
        check("postgres.log_in", "Ulla Ekman" in web.log_in("ulla@prov.example", LONG, ulla["key"]).text)
        check("postgres.step_up", web.post("/step-up", {"otp": "000000"}).status == 422)
        codes = re.findall(r'name="become" value="([^"]+)"', web.get("/exercise").text)
        web.post("/exercise", {"become": codes[-1]})
        check("postgres.become", "You now" in web.get("/exercise").text)
        check("postgres.self", "Ulla Ekman" in web.post("/exercise", {"act": "self"}).text)
        page = web.post("/people/invite", {"person": codes[-1]}, at="/people/invite?person=" + codes[-1])
        code = re.search(r"<code>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>", page.text)
        check("postgres.invite", code is not None, page.words())
        employee = Web(BASE)
        employee.start(code.group(1), "elva tecken")
        check("postgres.start", employee.get("/me/security").path == "/me/security")
        page = web.post("/me/security/codes", {})
        new = re.findall(r"<code>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>", page.text)
        check("postgres.codes", len(new) == 10, page.words())
        check("postgres.saved_code", Web(BASE).log_in("ulla@prov.example", LONG, saved=new[3]).status == 200)
        page = web.post("/me/security/password", {"old": LONG, "password": LONG + " ny", "password_again": LONG + " ny"})
        check("postgres.password", "The password is changed." in page.text, page.words())
        check("postgres.phone", "otpauth://" in web.post("/me/security/phone", {}).text)
        check("postgres.recover", cli(home, "people", "recover", codes[-1])[0] == 0)
        check("postgres.session_ends", employee.get("/me/security").path.startswith("/login"))
        check("postgres.log_out_everywhere", web.post("/me/security", {}).path == "/login")
        said = cli(home, "audit", "verify", "--replay")
        check("postgres.replay", said[0] == 0, said)
    finally:
        server.stop()


def main():
    home = WORK + "/home"
    lost = json.loads(cli(home, "init", "--org", "Provkommunen")[1])["code"]
    server = Server(home)
    code = json.loads(cli(home, "people", "recover")[1])["code"]
    check("setup.lost_code_stops", Web(BASE).post("/setup", {"code": lost, "name": "Ulla Ekman", "email": "ulla@ex.example", "password": LONG,
                                                             "password_again": LONG}).status == 422)
    try:
        ulla = set_up(server, code)
        open(WORK + "/people.csv", "w").write(PEOPLE)
        check("import", cli(home, "people", "import", WORK + "/people.csv")[0] == 0)
        strangers(server)
        web = second_factor(server, ulla)
        web.key, web.used, web.codes = ulla.key, ulla.used, ulla.codes
        sessions(server, web)
        forged(server, web)
        sent_late(server, web)
        sent_too_late(server, web)
        siv, anna = invitation(server, web)
        own(server, anna)
        last_resort(server, web, siv)
        leaver(server)
        check("not_in_a_real_home", siv.get("/exercise").status == 404)
        check("replay", cli(home, "audit", "verify", "--replay")[0] == 0)
    finally:
        server.stop()
    over_tls()
    exercise()


if os.environ.get("SAMORDNA_TEST_POSTGRES"):
    on_postgres()
else:
    main()
