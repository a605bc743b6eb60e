#!/bin/sh
# Who is told what by mail: a decision that waits (the decider and her deputy), its answer, an invitation, a reset login, the digest in the morning; each in the
# recipient's language, with what is secret left out.
set -u
exec python3 - <<'PY'
import json, os, re, subprocess, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from exim import Exim
from served import CODE, Home, PASSWORD, WORK, check
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
chef,Eva Strand,eva@ex.example,,Ledning,,,management employee,,
vice,Vera Lund,vera@ex.example,,Ledning,,,management employee,,
bo,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,
anna,Anna Åberg,anna@ex.example,,Arkiv,bo,,employee,,
nils,Nils Dag,,,Arkiv,bo,,employee,,
siv,Siv Ek,siv@ex.example,,IT,,,system_owner employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
"""
day = lambda n: time.strftime("%Y-%m-%d", time.localtime(time.time() + n * 86400))
os.makedirs(WORK + "/exim")
exim = Exim(WORK + "/exim", 28692)
home = Home(28691, PEOPLE, "mail.server = localhost:28692 starttls\nmail.from = samordna@ex.example\nmail.user = samordna\nmail.password = hemligt\nmail.ca = %s/exim/ca.pem\n" % WORK)
exim.start()

def to(who, title, n=1):
    """Waits for the n-th mail to somebody with that in its title."""
    for _ in range(100):
        mine = [m for m in exim.mails() if who + "@" in m["to"] and title in m["subject"]]
        if len(mine) >= n:
            return mine[n - 1]
        time.sleep(0.1)

with home:
    home.run("people", "mandate", "chef", "--level", "3")
    bo, karin, chef = home.logged_in("bo"), home.logged_in("karin"), home.logged_in("chef")
    number = {code: id for id, code in home.sql("SELECT id, code FROM person")}
    chef.post("/people/deputy/%d" % number["chef"], {"act": "add", "deputy": "vice", "from": day(0), "until": day(9)})
    home.logged_in("vice").post("/me/mail", {"language": "en", "digest": "yes"})

    # A decision.
    wish = {"title": "May Anna connect?", "why": "It cannot wait.", "reason": "access.no_grant", "person": "anna", "yes": "Theft", "yes_likely": "seldom", "no": "Delay",
            "no_likely": "certain", "measures": "Logging", "proposal": "yes", "level": "2", "decider": "chef", "from": day(0), "until": day(20)}
    bo.post("/decisions/ask", wish)
    page = bo.get("/decisions/1")
    bo.send("/decisions/1", {"token": page.token(), "act": "ask", "hash": (re.search(r'name="hash" value="([0-9a-f]+)"', page.text) or ["", ""])[1]})
    mail = to("eva", "väntar på dig")
    text = mail.get_content() if mail else ""
    check("the decider is told in Swedish", "nivå 2" in text and "/decisions/1" in text and "Svara före" in text, text)
    check("and nothing of what it is about", "Anna" not in text and "cannot wait" not in text, text)
    mail = to("vera", "waits for you")
    check("her deputy is told in her own language", mail and "level 2" in mail.get_content(), [m["subject"] for m in exim.mails()])
    page = chef.get("/decisions/1")
    answer = {"token": page.token(), "act": "answer", "answer": "yes", "words": "Weighed.", "hash": re.search(r'name="hash" value="([0-9a-f]+)"', page.text).group(1)}
    chef.get("/decisions/1")
    check("reading it, however often, answers nothing", home.sql("SELECT signed_at FROM decision")[0][0] is None)
    chef.send("/decisions/1", answer)
    mail = to("bo", "har fått svar")
    check("the asker is told of the answer", mail and "Svaret är ja" in mail.get_content(), home.sql("SELECT signed_at FROM decision"))

    # An invitation.
    page = karin.get("/people/invite?person=anna")
    check("an invitation may go by mail", "Send it by mail" in page.text, page.words())
    page = karin.post("/people/invite", {"person": "anna", "act": "mail"}, at="/people/invite?person=anna")
    mail = to("anna", "engångskod")
    found = re.search(r"([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})", mail.get_content()) if mail else None
    check("the code is in the mail and nowhere on the page", found and not re.search(CODE, page.text) and found.group(1) not in page.text, page.words())
    anna = home.web()
    anna.start(found.group(1), PASSWORD)
    check("it opens", anna.get("/me").status == 200)
    time.sleep(1)
    check("no row keeps the code", not home.sql("SELECT id FROM mail WHERE message IS NOT NULL"))
    for who, why in (("per", "a role of trust"), ("nils", "no address"), ("anna", "a login that there is")):
        page = karin.post("/people/invite", {"person": who, "act": "mail"}, at="/people/invite?person=" + who)
        check("%s: refused" % why, page.status == 403, page.words())
    check("and the login that there is stands", anna.get("/me").status == 200)
    # Somebody's address changes in HR's file: no code goes there the same week.
    open(WORK + "/p2.csv", "w").write(PEOPLE.replace("nils,Nils Dag,,", "nils,Nils Dag,nils@evil.example,"))
    home.run("people", "import", WORK + "/p2.csv")
    page = karin.post("/people/invite", {"person": "nils", "act": "mail"}, at="/people/invite?person=nils")
    check("an address that has just changed: refused", page.status == 403, page.words())

    # A reset.
    karin.post("/people/invite", {"person": "anna", "act": "invite"}, at="/people/invite?person=anna")
    mail = to("anna", "återställd")
    check("who is reset is told and can say no", mail and "/rapportera" in mail.get_content(), [m["subject"] for m in exim.mails()])

    # What no page has asked for.
    check("nothing has failed", '"state":"failed"' not in home.run("mail", "outbox").stdout, home.run("mail", "outbox").stdout)
home.is_whole()
exim.stop()
PY
