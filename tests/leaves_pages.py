"""tests/leaves_pages.sh runs this: every address that takes a POST and every act there (`samordna route list`), played with right input by
somebody who may; what it leaves in the log; and the same refused: another role, no session, a wrong token, another site, an act unknown."""
import json, os, re, sys, tempfile, time, urllib.parse
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import CODE, Home, PASSWORD, check

# What leaves no leaf or more than one, and why.
NONE = {
    ("/login", "password"): "the right password opens nothing yet: the second factor does, and that is the leaf",
    ("/setup", ""): "a start code and a password open nothing before the second factor stands: /setup/otp is the leaf",
    ("/me/security/phone", "key"): "a new key counts when its first code is right, and that is the leaf",
    ("/access/ask", "check"): "shows what would be asked for",
    ("/access/ask", "change"): "shows the form again",
    ("/people/import", ""): "checks a file and shows what it would change",
    ("/people/imported", "skip"): "checks the file anew without its wrong rows",
    ("/admin/audit", "verify"): "reads the log",
    ("/admin/outbox", "again_all"): "nothing has failed",
    ("/lank", ""): "answers about a link",
    ("/access/login/:", ""): "how many go on is counted, and a leaf would say who",
    ("/akta", ""): "answers about a call",
    ("/access/call", ""): "answers about a call",
    ("/akta/:", ""): "a link that is none changes nothing",
    ("/logins/link", ""): "answers about a link",
    ("/api/v1/gate/ask", ""): "explains; takes no place",
    ("/api/v1/gate/freeradius", "refused"): "a refusal promises nothing",
}
MORE = {
    ("/people/imported", "apply"): "the accepted file, and each of its steps of at most 1,000 rows",
    ("/access/verification/:", "call"): "who has answered gets her code in the same press: the call and the code are an act each",
    ("/access/review/:", "two answers"): "an answer a grant: each is an act of its own",
    ("/api/v1/gate/freeradius", "a new gateway"): "a gateway that asks for the first time gets its row, once, in a leaf of its own",
    ("/decisions/:", "with a code"): "a code in the same form is a step-up, and that is one of its own",
}
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
chef,Eva Strand,eva@ex.example,,Ledning,,,management employee,,
bo,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,
anna,Anna Åberg,anna@ex.example,+46701740605,Arkiv,bo,,employee,,
nils,Nils Dag,nils@ex.example,,Arkiv,bo,,employee,,
siv,Siv Ek,siv@ex.example,,IT,,,system_owner employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
pia,Pia Rask,pia@ex.example,,IT,,,support employee,,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
olle,Olle Berg,olle@ex.example,,Arkiv,bo,,employee,,
rev,Rut Vik,rut@ex.example,,IT,,,auditor employee,,
"""
day = lambda n: time.strftime("%Y-%m-%d", time.localtime(time.time() + n * 86400))
played = set()


def routes(home):
    return [json.loads(line) for line in home.run("route", "list").stdout.splitlines()]


def leaves(home, since):
    """Acts of people and programs; what the clock does by itself (seals, notices) is nobody's."""
    found = [json.loads(row[0]) for row in home.sql("SELECT leaf FROM audit_leaf WHERE id >= ? ORDER BY id", since)]
    return [leaf for leaf in found if leaf["actor"] != "system"]


def size(home):
    return home.sql("SELECT count(*) FROM audit_leaf")[0][0]


class Played:
    """One address of the table, played: act(...) sends, and looks at what the log has got."""

    def __init__(self, home):
        self.home = home

    def play(self, path, act, do, actions="", actor=None, variant=None, fine=(200, 303)):
        """`actions`: of the leaves wanted, in their order, blank between; "" for none. `variant`: another way through the same act."""
        played.add((path, act))
        key = (path, act if variant is None else variant)
        since = size(self.home)
        page = do()
        new, want = leaves(self.home, since), actions.split()
        if key in MORE and len(want) == 1:          # at least one, all of them that
            is_right = len(new) > 1 and all(leaf["action"].startswith(want[0]) for leaf in new)
        else:
            is_right = [leaf["action"] for leaf in new] == want and len(want) == (0 if key in NONE else len(want) if key in MORE else 1)
        who = {leaf["actor"] for leaf in new}
        is_right = is_right and page.status in fine and (not actor or who <= {actor})
        check("%s %s: %s" % (path, " ".join(key[1:]) or "-", "no leaf" if not want else "one leaf" if key not in MORE else "%d leaves" % len(new)),
              is_right, "status %d to %s, leaves %s by %s, wanted %s: %s" % (page.status, page.location, [l["action"] for l in new], who, want, page.words()))
        return page


home = Home(28661, PEOPLE, "mail.server = 127.0.0.1:28664 plain-loopback-only\nmail.from = samordna@ex.example\nwebhook = http://127.0.0.1:28664/hook 0123456789abcdef\n" + "".join("ciba.%s\n" % line for line in (
    "issuer = http://127.0.0.1:28664", "ask = http://127.0.0.1:28664/ask", "token = http://127.0.0.1:28664/token", "client = samordna", "secret = secret", "person = email email")) + "radius.listen = 127.0.0.1:28662\nradius.accounting = 127.0.0.1:28663\nradius.client = vpn1 127.0.0.1 testing123 authorise-only\n")
with home:
    it = Played(home)
    play = it.play
    for words in (("people", "mandate", "chef", "--level", "3"), ("setting", "set", "logins.own_hosts", "kommun.example"), ("gateway", "service", "vpn1", "vpn")):
        home.run(*words)
    token = json.loads(home.run("token", "make", "nac").stdout)["token"]

    # --- a login of one's own ---
    first = home.web()
    form = {"code": home.code, "name": "Ulla Ek", "email": "ulla@ex.example", "password": PASSWORD, "password_again": PASSWORD}
    page = play("/setup", "", lambda: first.post("/setup", form))
    otp = lambda web, page: {"token": page.token(), "otp": web.code(web.key)}
    first.key = urllib.parse.parse_qs(urllib.parse.urlsplit(re.search(r"otpauth://[^\s<]+", page.text).group(0).replace("&amp;", "&")).query)["secret"][0]
    page = play("/setup/otp", "", lambda: first.send("/setup/otp", otp(first, page)), "account.setup")
    first.codes = re.findall(CODE, page.text)
    page = play("/logout", "", lambda: first.log_out(), "account.logout")
    page = play("/login", "", lambda: first.post("/login", {"user": "ulla@ex.example", "password": PASSWORD}), variant="password")
    play("/login", "", lambda: first.send("/login", {"token": page.token(), "otp": first.code(first.key)}), "account.login")
    first.log_out()
    page = first.post("/login", {"user": "ulla@ex.example", "password": PASSWORD})
    play("/login", "", lambda: first.send("/login", {"token": page.token(), "otp": first.codes.pop()}), "account.login_saved_code")
    play("/step-up", "", lambda: first.post("/step-up", {"otp": first.codes.pop()}), "account.step_up")
    play("/me/security/password", "", lambda: first.post("/me/security/password", {"old": PASSWORD, "password": PASSWORD + " till", "password_again": PASSWORD + " till"}),
         "account.password")
    play("/me/security/codes", "", lambda: first.post("/me/security/codes", {}), "account.saved_codes")
    page = play("/me/security/phone", "", lambda: first.post("/me/security/phone", {}), variant="key")
    first.key = urllib.parse.parse_qs(urllib.parse.urlsplit(re.search(r"otpauth://[^\s<]+", page.text).group(0).replace("&amp;", "&")).query)["secret"][0]
    play("/me/security/phone", "", lambda: first.send("/me/security/phone", otp(first, page)), "account.phone")
    play("/me/security", "", lambda: first.post("/me/security", {}), "account.logout_everywhere")

    webs = {who: home.logged_in(who) for who in ("chef", "bo", "anna", "siv", "per", "karin", "rev")}
    chef, bo, anna, siv, per, karin, rev = webs.values()
    number = {code: id for id, code in home.sql("SELECT id, code FROM person")}
    me = lambda who: "person:" + who

    # --- people ---
    play("/people/invite", "", lambda: karin.post("/people/invite", {"person": "nils"}, at="/people/invite?person=nils"), "account.invite", me("karin"))
    page = play("/people/invite", "invite", lambda: karin.post("/people/invite", {"person": "nils", "act": "invite"}, at="/people/invite?person=nils"), "account.invite", me("karin"))
    webs["nils"] = nils = home.web()
    nils.start(re.search(CODE, page.text).group(1), PASSWORD)
    page = play("/people/invite", "log_out", lambda: karin.post("/people/invite", {"person": "nils", "act": "log_out"}, at="/people/invite?person=nils"), "account.end_sessions", me("karin"))
    play("/people/invite", "mail", lambda: karin.post("/people/invite", {"person": "olle", "act": "mail"}, at="/people/invite?person=olle"), "account.invite", me("karin"))
    play("/people/role/:", "", lambda: karin.post("/people/role/%d" % number["nils"], {"auditor": "yes"}), "people.roles", me("karin"))
    play("/people/deputy/:", "add", lambda: bo.post("/people/deputy/%d" % number["bo"], {"act": "add", "deputy": "nils", "from": day(0), "until": day(9)}), "people.deputy", me("bo"))
    play("/people/deputy/:", "end", lambda: bo.post("/people/deputy/%d" % number["bo"], {"act": "end", "number": home.sql("SELECT max(id) FROM deputy")[0][0]}), "people.deputy.end", me("bo"))
    play("/people/mandates/give", "", lambda: chef.post("/people/mandates/give", {"person": "siv", "level": "1", "from": day(0), "until": day(30)}), "mandate.give", me("chef"))
    mandate = home.sql("SELECT max(id) FROM mandate")[0][0]
    play("/people/mandates/end/:", "", lambda: chef.post("/people/mandates/end/%d" % mandate, {}), "mandate.end", me("chef"))
    unit = home.sql("SELECT id FROM unit WHERE name = 'Arkiv'")[0][0]
    play("/people/unit/:", "", lambda: karin.post("/people/unit/%d" % unit, {"class": "2"}), "people.unit", me("karin"))

    def done():
        for _ in range(400):
            page = karin.get("/me/job/1?follow=1")
            if not page.header("Refresh"):
                return page
            time.sleep(0.02)
    def send_file(content):
        def do():
            page = karin.upload("/people/import", "file", "p.csv", content.encode())
            done()
            return page
        return do
    def decide(act):
        def do():
            page = karin.get("/people/imported")
            page = karin.send("/people/imported", {"token": page.token(), "document": re.search(r'name="document" value="(\w+)"', page.text).group(1), "act": act})
            done()
            return page
        return do
    play("/people/import", "", send_file(PEOPLE.replace("Anna Åberg", "=Anna") + "ny,Ny Person,,,Arkiv,bo,,employee,,\n"))
    play("/people/imported", "skip", decide("skip"))
    play("/people/imported", "apply", decide("apply"), "people.import", me("karin"))

    # --- access ---
    def ask(person="anna", service="vpn"):
        form = {"person": person, "service": service, "purpose": "Work at home", "from": day(0), "until": day(60)}
        return lambda act: bo.post("/access/ask", form | {"act": act}, at="/access/ask")
    asks = ask()
    play("/access/ask", "check", lambda: asks("check"))
    play("/access/ask", "change", lambda: asks("change"))
    play("/access/ask", "send", lambda: asks("send"), "access.ask", me("bo"))
    newest = lambda: home.sql("SELECT max(id) FROM access_grant")[0][0]
    g = newest()
    def move(web, who, name, **fields):
        at = "/access/grant/%d" % g
        play("/access/grant/:", name, lambda: web.post(at, fields | {"act": name}), "access." + name, me(who))
    move(siv, "siv", "return", reason="Say why")
    move(bo, "bo", "again", purpose="Work at home, Fridays", **{"from": day(0), "until": day(50)})
    move(siv, "siv", "approve")
    move(per, "per", "execute")
    move(per, "per", "suspend", reason="Lost telephone")
    move(per, "per", "lift", reason="Found")
    move(siv, "siv", "keep")
    ask("nils", "mail")("send")
    g = newest()
    move(bo, "bo", "withdraw")
    ask("nils", "post")("send")
    g = newest()
    move(siv, "siv", "reject", reason="Not needed")
    grants = []
    for service in ("journal", "karta"):
        ask("anna", service)("send")
        grants.append(newest())
        for web, act in ((siv, "approve"), (per, "execute")):
            web.post("/access/grant/%d" % grants[-1], {"act": act})
    play("/access/review", "begin", lambda: karin.post("/access/review", {"act": "begin", "name": "Yearly", "due": day(20)}), "access.review", me("karin"))
    review = "/access/review/%d" % home.sql("SELECT max(id) FROM access_review")[0][0]
    first_grant = home.sql("SELECT min(id) FROM access_grant")[0][0]
    play("/access/review/:", "answer", lambda: siv.post(review, {"act": "answer", "answer-%d" % first_grant: "keep"}), "access.review.answer", me("siv"))
    play("/access/review/:", "answer", lambda: siv.post(review, {"act": "answer"} | {"answer-%d" % n: "keep" for n in grants}), "access.review.answer", me("siv"), "two answers")
    play("/access/review/:", "close", lambda: karin.post(review, {"act": "close"}), "access.review.close", me("karin"))
    play("/access/step/:", "", lambda: karin.post("/access/step/1", {"met": "yes", "rule": "Grants end", "owner": "siv", "evidence": "The list"}), "access.assess", me("karin"))

    # --- the gate ---
    machine = {"Authorization": "Bearer " + token, "Content-Type": "application/json", "Origin": None, "Sec-Fetch-Site": None, "Cookie": None}
    api = lambda path, body: home.web().request("POST", path, json.dumps(body).encode(), machine)
    play("/api/v1/gate/ask", "", lambda: api("/api/v1/gate/ask", {"person": "anna"}))
    play("/api/v1/gate/freeradius", "", lambda: api("/api/v1/gate/freeradius", {"User-Name": "anna", "NAS-Identifier": "vpn1"}), "gateway.known gate.accept", "token:nac", "a new gateway")
    play("/api/v1/gate/freeradius", "", lambda: api("/api/v1/gate/freeradius", {"User-Name": "anna", "NAS-Identifier": "vpn1"}), "gate.accept", "token:nac")
    play("/api/v1/gate/freeradius", "", lambda: api("/api/v1/gate/freeradius", {"User-Name": "nils", "NAS-Identifier": "vpn1"}), variant="refused")
    gateway = "/admin/gateway/vpn1"
    for act, fields in (("watch", {}), ("enforce", {}), ("service", {"service": "vpn"}),
                        ("silence", {"product": "Exempel VPN 7", "silence": "It refuses. Accepted.", "decider": "chef", "day": day(-1)})):
        play("/admin/gateway/:", act, lambda: karin.post(gateway, fields | {"act": act}), "gateway." + act, me("karin"))
    play("/admin/setting/:", "", lambda: karin.post("/admin/setting/organisation.support_phone", {"value": "0471-550 00"}), "setting.set", me("karin"))
    play("/admin/audit", "verify", lambda: rev.post("/admin/audit", {"act": "verify"}))

    # --- mail: nobody takes it at that port, so it waits ---
    mails = lambda: home.sql("SELECT max(id) FROM mail WHERE sent_at IS NULL")[0][0]
    play("/admin/outbox", "again", lambda: karin.post("/admin/outbox", {"act": "again", "mail": mails()}), "mail.again", me("karin"))
    play("/admin/outbox", "again_all", lambda: karin.post("/admin/outbox", {"act": "again_all"}, at="/me"))
    play("/admin/outbox", "give_up", lambda: karin.post("/admin/outbox", {"act": "give_up", "mail": mails()}), "mail.give_up", me("karin"))
    play("/me/mail", "", lambda: anna.post("/me/mail", {"language": "en", "digest": "yes"}), "mail.wish", me("anna"))

    play("/admin/webhooks", "test", lambda: karin.post("/admin/webhooks", {"act": "test"}), "webhook.test", me("karin"))
    play("/admin/webhooks", "again", lambda: karin.post("/admin/webhooks", {"act": "again", "delivery": "1"}), "webhook.again", me("karin"))

    # --- capacity ---
    limit = "/capacity/limit/vpn1"
    play("/capacity/limit/:", "limit", lambda: karin.post(limit, {"act": "limit", "licence": "40"}), "capacity.limit", me("karin"))
    for act in ("delivered", "cancel"):
        play("/capacity/limit/:", "order", lambda: karin.post(limit, {"act": "order", "places": "50", "delivery": "2035-01-01"}), "capacity.order", me("karin"))
        order = home.sql("SELECT max(id) FROM capacity_order")[0][0]
        play("/capacity/limit/:", act, lambda: karin.post(limit, {"act": act, "order": order}), "capacity." + ("cancelled" if act == "cancel" else act), me("karin"))
    play("/capacity/unit", "", lambda: karin.post("/capacity/unit", {"unit": "Arkiv", "instead": "Fetch documents at two", "reserve": "yes"}), "capacity.unit", me("karin"))
    play("/capacity/need", "", lambda: karin.post("/capacity/need", {"unit": "Arkiv", "need": "40", "from": "8:00", "until": "16:00", "whole": "yes"}), "capacity.need", me("karin"))
    play("/capacity/plan", "", lambda: karin.post("/capacity/plan", {"day": day(3)}), "capacity.plan.make", me("karin"))
    plan = "/capacity/plan/%d" % home.sql("SELECT max(id) FROM capacity_plan")[0][0]
    play("/capacity/plan/:", "adopt", lambda: karin.post(plan, {"act": "adopt"}), "capacity.plan.adopt", me("karin"))
    seat = home.sql("SELECT max(s.id) FROM capacity_seat s WHERE s.person = ?", number["anna"])[0][0]
    play("/capacity/slot", "cancel", lambda: anna.post("/capacity/slot", {"act": "cancel", "seat": seat}), "capacity.seat.cancel", me("anna"), "given by a plan")
    play("/capacity/plan/:", "undo", lambda: karin.post(plan, {"act": "undo"}), "capacity.plan.undo", me("karin"))
    page = anna.get("/capacity/slot?day=" + day(2))
    at = [dict(re.findall(r"(at|gateway)=([^&\"]*)", link.replace("&amp;", "&"))) for link in re.findall(r'href="(/capacity/slot\?at=[^"]*)"', page.text)][6:8]
    play("/capacity/slot", "book", lambda: anna.post("/capacity/slot", at[0] | {"act": "book"}), "capacity.slot.book", me("anna"))
    slot = home.sql("SELECT max(id) FROM capacity_slot")[0][0]
    play("/capacity/slot", "cancel", lambda: anna.post("/capacity/slot", {"act": "cancel", "slot": slot}), "capacity.slot.cancel", me("anna"))
    play("/capacity/slot", "feed", lambda: anna.post("/capacity/slot", {"act": "feed", "scope": "0"}), "capacity.feed.make", me("anna"))
    fetch = {"act": "order", "gateway": "vpn1", "what": "Drawings", "megabytes": "12", "level": "1", "device": "LAP-1", "managed": "yes", "erase_on": day(5)}
    play("/capacity/fetch", "order", lambda: anna.post("/capacity/fetch", fetch), "capacity.fetch.order", me("anna"))
    with tempfile.NamedTemporaryFile("w", suffix=".json") as listed:
        json.dump([{"ID": 7, "Username": "anna", "Full session": "s7", "Remote IP": "192.0.2.7", "IPv4": "10.0.0.7", "State": "connected"}], listed)
        listed.flush()
        home.run("gateway", "listed", listed.name, "--gateway", "vpn1")
    for act in ("begin", "done", "erased", "cancel"):
        if act == "cancel":
            anna.post("/capacity/fetch", fetch)
        number_of = home.sql("SELECT max(id) FROM capacity_fetch")[0][0]
        play("/capacity/fetch", act, lambda: anna.post("/capacity/fetch", {"act": act, "list": number_of}), "capacity.fetch." + {"erased": "erase"}.get(act, act), me("anna"))
    play("/capacity/slot", "unfeed", lambda: anna.post("/capacity/slot", {"act": "unfeed", "scope": "0"}), "capacity.feed.end", me("anna"))

    # --- verifying a caller: the code and the vouching come from the pages of those whose they are ---
    def call(who, errand):
        play("/access/verification", "", lambda: per.post("/access/verification", {"who": number[who], "errand": errand}), "access.verify_start", me("per"))
        return "/access/verification/%d" % home.sql("SELECT max(id) FROM access_verification")[0][0]
    def step(at, act, **fields):
        return play("/access/verification/:", act, lambda: per.post(at, {"act": act} | fields), "access.verify" if act == "call" else "access.verify_" + act, me("per"))
    def code(web):
        return re.search(r'class="big">(\d{3} \d{3})<', web.get("/me").text).group(1)
    def vouch(act, leaf):
        request = home.sql("SELECT max(id) FROM access_verification_voucher")[0][0]
        play("/access/vouch/:", act, lambda: bo.post("/access/vouch/%d" % request, {"act": act}), leaf, me("bo"))
    at = call("anna", "password")
    step(at, "call")
    step(at, "code")
    step(at, "read", code=code(anna))
    step(at, "app")
    step(at, "bound", otp=anna.code(anna.key))
    step(at, "ask")
    vouch("vouch", "access.verify_vouch")
    page = step(at, "approve")
    step(at, "use", said=re.search(r'name="said" value="([^"]+)"', per.get(at).text).group(1))
    handed = call("olle", "unlock")
    step(handed, "hand")
    pia = home.logged_in("pia")
    play("/access/verification/:", "take", lambda: pia.post(handed, {"act": "take"}), "access.verify_take", me("pia"))
    play("/access/denial/:", "", lambda: anna.post("/access/denial/" + at.rpartition("/")[2], {}, at="/me"), "access.verify_not_me", me("anna"))
    at = call("siv", "phone")
    step(at, "code")
    step(at, "read", code=code(siv))
    step(at, "present", shown="Identity card, at the reception")
    step(at, "ask", manager="bo")
    vouch("no", "access.verify_vouch_no")
    step(at, "deny", why="The manager knows nothing of it")
    step(call("nils", "unlock"), "abort", why="She hung up")
    play("/api/v1/access/verification", "", lambda: api("/api/v1/access/verification", {"person": "bo", "errand": "unlock", "agent": "per"}), "access.verify_start", "token:nac")
    visitor = home.web()
    for act, web, who in (("plan", karin, "karin"), ("agree", chef, "chef"), ("cancel", karin, "karin")):
        play("/access/practice", act, lambda: web.post("/access/practice", {"act": act, "person": "siv", "until": day(2), "practice": "1"}), "access.practice_" + act, me(who))
    home.run("setting", "set", "practice.host", "login.example")
    play("/access/practice", "link", lambda: karin.post("/access/practice", {"act": "link", "team": "IT", "link_until": day(2)}), "access.practice_plan", me("karin"))
    chef.post("/access/practice", {"act": "agree", "practice": "2"})
    token = home.sql("SELECT token FROM practice_link")[0][0]
    play("/access/login/:", "", lambda: visitor.post("/access/login/" + token, {}))
    for path in ("/akta", "/access/call"):
        play(path, "", lambda: visitor.post(path, {"number": "000 000"}))
    play("/akta/:", "", lambda: visitor.post("/akta/no-such-link", {}, at="/akta"))
    play("/api/v1/access/verification", "", lambda: api("/api/v1/access/verification", {"person": "nils", "errand": "unlock", "agent": "per", "ticket": "1"}), "access.verify_start", "token:nac")

    # --- decisions ---

    wish = {"title": "May Nils connect?", "why": "It cannot wait.", "reason": "access.no_grant", "person": "nils", "yes": "Theft", "yes_likely": "seldom", "no": "Delay",
            "no_likely": "certain", "measures": "Logging", "proposal": "yes", "level": "2", "decider": "chef", "from": day(0), "until": day(20)}
    def wished(**more):
        page = play("/decisions/ask", "", lambda: bo.post("/decisions/ask", wish | more), "decision.draft", me("bo"))
        return "/decisions/%d" % home.sql("SELECT max(id) FROM decision")[0][0]
    def decision(at, web, who, act, action, variant=None, **fields):
        page = web.get(at)
        hash_of = (re.search(r'name="hash" value="([0-9a-f]+)"', page.text) or ["", ""])[1]
        play("/decisions/:", act, lambda: web.send(at, fields | {"token": page.token(), "hash": hash_of, "act": act}), action, me(who), variant)
    one = wished()
    decision(one, bo, "bo", "ask", "decision.ask")
    decision(one, chef, "chef", "answer", "decision.more", answer="more", terms="What has been tried?")
    decision(one, bo, "bo", "tell", "decision.tell", tell="All of it.")
    decision(one, chef, "chef", "answer", "decision.sign", answer="yes", words="Weighed.")
    check("a renewal is filled in as it was", "It cannot wait." in bo.get("/decisions/ask?renews=" + one.split("/")[-1]).text)
    karin.post("/people/unit/%d" % unit, {"class": "3"})
    decision(one, chef, "chef", "keep", "decision.keep", words="Still so.")
    decision(one, bo, "bo", "withdraw", "decision.end")
    decision(one, bo, "bo", "follow", "decision.follow", how="Well.")
    two = wished(person="anna")
    decision(two, bo, "bo", "ask", "decision.ask")
    decision(two, chef, "chef", "answer", "decision.sign", answer="terms", terms="At daytime", words="Weighed.")
    decision(two, chef, "chef", "revoke", "decision.revoke", because="No more.")
    three = wished(person="siv")
    decision(three, bo, "bo", "ask", "decision.ask")
    home.run("people", "recover", "chef")
    chef = webs["chef"] = home.logged_in("chef")
    decision(three, chef, "chef", "answer", "decision.refuse", answer="no", words="Too dear.")

    # --- urgent cases, under a standing decision ---
    four = wished(person="", standing="yes", hours="4", weekly="9", users_support="yes", users_manager="yes")
    decision(four, bo, "bo", "ask", "decision.ask")
    decision(four, chef, "chef", "answer", "decision.sign", answer="yes", words="Weighed.")
    check("a standing decision is filled in as it was", 'name="standing" value="yes" checked' in bo.get("/decisions/ask?renews=" + four.split("/")[-1]).text)
    def urgent():
        play("/decisions/urgent", "", lambda: per.post("/decisions/urgent", {"standing": four.split("/")[-1], "person": "olle", "why": "The pumps stand still.", "hours": "2"}),
             "decision.urgent_ask", me("per"))
        return "/decisions/urgent/%d" % home.sql("SELECT max(id) FROM urgent_use")[0][0]
    def case(at, web, who, act, **fields):
        play("/decisions/urgent/:", act, lambda: web.post(at, fields | {"act": act}), "decision.urgent_" + act, me(who))
    case(urgent(), per, "per", "withdraw")
    case(urgent(), bo, "bo", "refuse", refuse="Not urgent.")
    five = urgent()
    home.run("people", "recover", "bo")
    bo = webs["bo"] = home.logged_in("bo")
    case(five, bo, "bo", "confirm")
    case(five, per, "per", "reverse", reverse="A trick.")
    case(five, chef, "chef", "review", verdict="wrong", review="It could have waited.")
    case(five, per, "per", "clean", clean="The password is new.")

    # --- incidents ---
    reports = home.web()
    play("/rapportera", "", lambda: reports.post("/rapportera", {"kind": "call", "text": "He wanted my code"}), "incidents.report", "visitor")
    play("/incidents/report", "", lambda: anna.post("/incidents/report", {"kind": "lost", "text": "A telephone"}), "incidents.report", me("anna"))
    other, it_is = [row[0] for row in home.sql("SELECT number FROM incidents_incident ORDER BY id DESC LIMIT 2")]
    def incident(act, web=karin, who="karin", at=it_is, **fields):
        play("/incidents/:", act, lambda: web.post("/incidents/" + at, fields | {"act": act}), "incidents." + act, me(who))
    incident("assign", assign_owner="per")
    incident("assess")
    incident("classify", classify_boxes="1", classify_severity="3", classify_rsit="fraud/masquerade", classify_cert="7", classify_effect_k="1", classify_confidential="no",
             classify_title="A false call")
    incident("times", times_occurred=day(-1), times_because="Told by telephone")
    incident("confirm")
    incident("merge", at=other, move_into=it_is, move_because="The same")
    incident("note", per, "per", note_text="Two calls", note_kind="observation")
    incident("task", task_text="Call Anna", task_owner="per", task_due=day(9))
    incident("weakness", weakness_text="No proof by telephone", weakness_cause="All at home", weakness_owner="per", weakness_due=day(9))
    for task in json.loads(home.run("incidents", "show", it_is).stdout)["tasks"]:
        incident("work", work_task=task["task"], work_move="cancel", work_because="Done already")
    play("/incidents/evidence/import", "evidence", lambda: per.upload("/incidents/evidence/import", "evidence_file", "calls.txt", b"070 at 09:12",
         {"incident": it_is, "act": "evidence", "evidence_name": "Call list", "evidence_place": "Exchange"}, at="/incidents/" + it_is), "incidents.evidence", me("per"))
    incident("evidence", per, "per", evidence_name="Call list", evidence_place="Exchange", evidence_content="070 at 09:14")
    def measure(act, web, who, **fields):
        play("/incidents/measures", act, lambda: web.post("/incidents/measures", fields | {"act": act}), "incidents.measure." + act, me(who))
    measure("make", per, "per", kind="hold", target="nils", hours="2", because="Seen in the log", incident=it_is)
    home.run("incidents", "measure", "make", "203.0.113.7", "--kind", "block", "--because", "Guesses", "--critical", "--by", "per")
    measure("decide", karin, "karin", measure="2")
    measure("ask", webs["siv"], "siv", measure="1", why="He stands here")
    measure("remove", karin, "karin", measure="1", why="Verified at the desk")
    for act in ("contain", "eradicate", "recover"):
        incident(act, per, "per")
    incident("back", per, "per", move_because="Not quite")
    incident("recover", per, "per")
    incident("review")
    incident("supplier", supplier_name="Molnbolaget", supplier_hours="4", supplier_knew=day(-1))
    incident("said", said_text="A disk has failed", said_next=day(1))
    incident("facts", facts_sector="public", facts_limited="30", facts_risk="yes")
    incident("track", track_pack="gdpr", track_applies="yes", track_because="Names")
    incident("track", track_pack="se-csl-2026", track_applies="no", track_because="Below")
    incident("track", track_pack="se-csl-2026", track_applies="yes", track_because="Above")
    incident("handed", handed_which="gdpr/notification", handed_receipt="IMY-7")
    play("/incidents/handed/import", "handed", lambda: karin.upload("/incidents/handed/import", "handed_file", "receipt.pdf", b"%PDF", {"incident": it_is, "act": "handed",
         "handed_which": "se-csl-2026/early_warning", "handed_receipt": "MCF-8"}, at="/incidents/" + it_is), "incidents.handed", me("karin"))
    play("/incidents/clocks", "make", lambda: karin.post("/incidents/clocks", {"act": "make"}), "incidents.calendar", me("karin"))
    play("/incidents/clocks", "revoke", lambda: karin.post("/incidents/clocks", {"act": "revoke"}), "incidents.calendar.end", me("karin"))
    incident("told", told_how="Called back")
    incident("share", at=home.run("incidents", "report", "--kind", "other", "--text", "Shared").stdout.split('"')[3], **{"share_body%d" % home.sql("SELECT id FROM body")[0][0]: "1"})
    incident("follow", follow_cause="No rule", follow_class="routine", follow_changed="yes", follow_why="All at home", follow_review="held", follow_note="Friday", follow_touched="none",
             follow_lesson="Call back")
    incident("close")
    incident("reopen", move_because="Again")
    incident("dismiss", move_because="A mistake")

    home.web().post("/rapportera", {"kind": "link", "what": "https://login-kommun.example.evil.test/in"})
    def host(act, action, **fields):
        play("/incidents/links/:", act, lambda: per.post("/incidents/links/evil.test", fields | {"act": act, "because": "Asks for passwords"}), action, me("per"))
    host("leave", "incidents.leave", host="*.evil.test", days="30")
    host("unblock", "incidents.unblock", host="evil.test")
    host("block", "incidents.block", host="*.evil.test", days="30")

    for path in ("/lank", "/logins/link"):
        play(path, "", lambda: home.web().post(path, {"url": "https://kommun.example/"}))

    g = first_grant
    move(bo, "bo", "revoke")

    # --- refused: each address, by each role that may not; by those who may, with what is wrong ---
    roles = {"coordinator": karin, "management": chef, "support": per, "system_owner": siv, "employee": anna, "auditor": rev, "manager": bo}
    with_token = {role: (web, web.get("/me").token()) for role, web in roles.items()}
    check("each role has a token", all(token for _, token in with_token.values()))
    since, tries, wrong = size(home), 0, []
    example = {"/people/mandates/end/:": "0", "/admin/setting/:": "organisation.name", "/admin/gateway/:": "vpn1", "/capacity/limit/:": "vpn1", "/incidents/:": it_is, "/incidents/links/:": "evil.test", "/access/review/:": "1",
               "/access/step/:": "1", "/access/grant/:": str(g), "/decisions/:": "1", "/decisions/urgent/:": "1"}
    for route in routes(home):
        path = route["path"].replace(":", example.get(route["path"], "1"))
        what = {"act": route["acts"][-1]} if route["acts"] else {}
        def sent(name, wanted, web, fields, headers=None):
            global tries
            tries += 1
            page = web.send(path, fields, False, headers)
            if page.status not in wanted:
                wrong.append((path, name, page.status, page.words()[:200]))
        if route["path"].startswith("/api/"):
            for role, (web, token) in with_token.items() if route["act"] and not route["path"].endswith("freeradius") else ():
                sent(role, (401, 403, 404, 405, 415), web, {"token": token, "person": "anna"})
            continue
        for role, (web, token) in with_token.items():
            # An employee's own page may be everybody's; who may is asked with what is wrong in the form.
            if role not in route["act"]:
                sent(role, (403, 404, 405), web, what | {"token": token})
                continue
            sent(role + " with a wrong token", (403,), web, what | {"token": "x" * 43})
            sent(role + " without a token", (403,), web, what)
            sent(role + " from another site", (403, 421), web, what | {"token": token}, {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"})
            if route["acts"] != [""]:
                sent(role + " with an act that is none", (400,), web, {"act": "no_such_act", "token": token})
        stranger = home.web()
        sent("a stranger", (303, 403, 404, 405), stranger, what)
        sent("a program's token on a page", (401, 403, 404, 405, 415), stranger, what, {"Authorization": "Bearer " + token, "Origin": None, "Sec-Fetch-Site": None})
    check("refused: %d forms at all addresses are refused" % tries, not wrong and tries > 500, "\n".join(map(str, wrong[:40])))
    check("refused: none leaves a leaf", not leaves(home, since), [(l["action"], l["actor"], l["subject"]) for l in leaves(home, since)])

    # Reading leaves none either.
    since, n = size(home), 0
    for route in routes(home):
        for role, (web, _) in with_token.items():
            if role in route["read"] and not route["path"].startswith(("/api", "/metrics")):
                web.get(route["path"].replace(":", example.get(route["path"], "1")))
                n += 1
    check("reading: %d pages leave no leaf" % n, not leaves(home, since) and n > 100, [(l["action"], l["actor"], l["subject"]) for l in leaves(home, since)])

    # Nor does any address show itself to a role that may not read it, or to a stranger, whatever object it is asked for.
    since, tries, wrong = size(home), 0, []
    for route in routes(home):
        for number in {example.get(route["path"], "1"), "1", "999999", "x"} if route["path"].endswith(":") else {""}:
            path = route["path"].replace(":", number)
            for role, (web, _) in list(with_token.items()) + [("visitor", (home.web(), ""))]:
                if role in route["read"] or "visitor" in route["read"] or "machine" in route["read"]:
                    continue
                page = web.get(path, False)
                tries += 1
                if page.status not in ((401, 403, 404, 405) if role != "visitor" else (303, 401, 403, 404, 405)) or (page.status == 303 and not page.location.startswith("/login")):
                    wrong.append((path, role, page.status, page.location))
    check("reading: %d looks by who may not are refused" % tries, not wrong and tries > 300, "\n".join(map(str, wrong[:40])))
    check("reading: and leave no leaf", not leaves(home, since))
    table = routes(home)
home.is_whole()

# In the exercise alone.
home = Home(28661, name="exercise")
home.run("demo")
with home:
    web = home.web()
    web.set_up(home.code, "Karin Nyberg", "karin@ex.example", PASSWORD)
    it = Played(home)
    become = re.search(r'name="become" value="([^"]+)"', web.get("/exercise").text).group(1)
    it.play("/exercise", "", lambda: web.post("/exercise", {"become": become}), "exercise.become")
    it.play("/exercise", "self", lambda: web.post("/exercise", {"act": "self"}), "exercise.be_oneself")

there = {(route["path"], act) for route in table for act in route["acts"] if route["act"]}
check("every act of `route list` has a case (%d)" % len(there), there and there <= played, sorted(there - played))
check("every case is an act of `route list`", played <= there, sorted(played - there))
