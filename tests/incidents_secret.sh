#!/bin/sh
# A confidential incident, and everybody who may not see it: every page, list, count, task, calendar, CSV, export and entry of the log that they can open reads
# as it did before there was one, or says of it what it says of what is not there.
set -u
exec python3 - <<'PY'
import json, os, re, sys
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, WORK, check, has

home = Home(28771, """id,name,email,phone,unit,manager,employment_end,roles,protected,login
anna,Anna Lind,anna@ex.example,,Arkiv,,,employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
siv,Siv Ek,siv@ex.example,,IT,,,system_owner employee,,
chef,Eva Strand,eva@ex.example,,Ledning,,,management employee,,
rev,Rut Vik,rut@ex.example,,IT,,,auditor employee,,
nils,Nils Dag,nils@ex.example,,Arkiv,,,employee,,
""")
PAGES = ["/", "/tasks", "/me", "/incidents", "/incidents?view=all", "/incidents?view=mine", "/incidents?view=all&sort=severity", "/incidents?view=all&severity=2",
         "/incidents?view=all&state=assessing", "/incidents?view=all&owner=-", "/incidents?view=all&format=csv", "/incidents/links", "/incidents/links/hemlig.test", "/incidents/links/annan.test",
         "/incidents/blocks", "/incidents/blocks/export?format=csv", "/incidents/blocks/export?format=stix", "/incidents/clocks", "/incidents/clocks/download", "/incidents/measures",
         "/incidents/measures?view=over", "/incidents/logs", "/incidents/form", "/people", "/decisions", "/capacity"]
WHO = ("per", "siv", "chef", "rev", "anna")
WORDS = ("Hemligord", "hemlig.test")

def run(*words):
    done = home.run("incidents", *words)
    return json.loads(done.stdout.splitlines()[0]) if done.returncode == 0 and done.stdout else check("incidents " + " ".join(words), done.returncode == 0, done.stderr)

def bare(page):
    """What does not change by itself from one look to the next is left."""
    text = re.sub(r'name="token" value="[^"]*"|nonce-[^" ]*|nonce="[^"]*"', "", page.text)
    return str(page.status) + re.sub(r"\d+ h \d+ min|datetime=\"[^\"]*\"|\d\d[:.]\d\d(:\d\d)?|DTSTAMP:\w+|\d+ (minute|hour|minut|timm)\w*|\"(id|created|modified|valid_from)\":\"[^\"]*\"", "", text)

with home:
    karin = home.web()
    karin.set_up(home.code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")
    boss = home.sql("SELECT code FROM person WHERE name = 'Karin Nyberg'")[0][0]
    webs = {who: home.logged_in(who) for who in WHO}
    open_one = run("report", "--kind", "link", "--text", "An open one", "--what", "https://annan.test/x")["incident"]
    run("assess", open_one, "--by", "per"); run("classify", open_one, "--severity", "3", "--rsit", "fraud/phishing", "--by", "per"); run("assign", open_one, "--owner", "per", "--by", "per")
    run("follow", open_one, "--cause", "x", "--class", "attack", "--by", "per")
    before = {(who, at): bare(web.get(at, follow=False)) for who, web in webs.items() for at in PAGES + ["/incidents/" + open_one, "/incidents/law/" + open_one]}

    # One that is seen by few, with all that could be told of it.
    secret = run("report", "--kind", "link", "--text", "Hemligord om en kollega", "--what", "https://inlogg.hemlig.test/in", "--contact", "x@ex.example")["incident"]
    for words in (("assess",), ("classify", "--severity", "1", "--rsit", "fraud/phishing", "--confidential", "yes", "--title", "Hemligord"), ("confirm",),
                  ("task", "--text", "Hemligord 1", "--owner", "nils", "--due", "2031-01-01"), ("weakness", "--text", "Hemligord 2", "--cause", "Hemligord", "--rule", "R-1", "--owner", "nils", "--due", "2031-01-01"),
                  ("track", "--pack", "gdpr", "--applies", "yes", "--because", "Hemligord"), ("facts", "--facts", "limited=900"), ("supplier", "--name", "Hemligord AB", "--hours", "1", "--knew", "2026-01-01"),
                  ("handed", "--pack", "gdpr", "--step", "notification", "--receipt", "Hemligord"), ("follow", "--cause", "Hemligord", "--class", "attack"),
                  ("share", "--bodies", home.sql("SELECT name FROM body")[0][0])):
        run(words[0], secret, *words[1:], "--by", boss)
    with open(WORK + "/calls.txt", "w") as f:
        f.write("Hemligord")
    done = home.run("incidents", "evidence", WORK + "/calls.txt", secret, "--name", "Hemligord", "--place", "x", "--by", boss)
    check("evidence is kept", done.returncode == 0, done.stderr)
    own = home.sql("SELECT i.number FROM incidents_share s JOIN incidents_incident i ON i.id = s.incident")[0][0]
    for kind, target in (("block", "203.0.113.9"), ):
        home.run("incidents", "measure", "make", target, "--kind", kind, "--because", "Guesses", "--incident", secret, "--by", boss)

    for at in PAGES + ["/incidents/" + open_one, "/incidents/law/" + open_one]:
        for who, web in webs.items():
            page = web.get(at, follow=False)
            seen = [w for w in WORDS + (secret, own) if w in page.text and w not in at]
            check("%s at %s: neither number nor word" % (who, at), not seen, (seen, page.words()[:600]))
            if "/measures" not in at:                    # that a source is blocked is shown to those who work with incidents, without why
                check("%s at %s: as it was" % (who, at), bare(page) == before[who, at], (before[who, at][-900:], bare(page)[-900:]))
    check("the coordinator sees it", secret in karin.get("/incidents").text and "hemlig.test" in karin.get("/incidents/links").text and secret in karin.get("/incidents/clocks").text)

    # What is asked for by name is answered like what is not there.
    evidence, receipt = home.sql("SELECT id FROM incidents_evidence")[0][0], home.sql("SELECT id FROM incidents_receipt")[0][0]
    for who, web in webs.items():
        for there, not_there in (("/incidents/" + secret, "/incidents/2026-999"), ("/incidents/" + own, "/incidents/2026-999"), ("/incidents/law/" + secret, "/incidents/law/2026-999"),
                                 ("/incidents/parties/" + secret, "/incidents/parties/2026-999"), ("/incidents/paper/%s?pack=gdpr&step=notification" % secret, "/incidents/paper/2026-999?pack=gdpr&step=notification"),
                                 ("/incidents/evidence/%d" % evidence, "/incidents/evidence/999"), ("/incidents/receipt/%d" % receipt, "/incidents/receipt/999"),
                                 ("/incidents/receipt/%d?which=paper" % receipt, "/incidents/receipt/999?which=paper")):
            a, b = web.get(there, follow=False), web.get(not_there, follow=False)
            same = bare(a).replace(secret, "N").replace(own, "N").replace(str(evidence), "K").replace(str(receipt), "K")
            check("%s: %s is not there" % (who, there.split("?")[0]), a.status == b.status and a.status in (403, 404) and "Hemligord" not in a.text, (a.status, b.status, a.words()))
            if "evidence" in there or "receipt" in there:
                check("%s: %s in the same words" % (who, there.split("?")[0]), secret not in a.text and a.words() == b.words(), (a.words(), b.words()))
    check("merging into it is refused as into none", home.run("incidents", "merge", open_one, "--into", secret, "--by", "per").returncode in (2, 3))

    # A stranger who reports the same host gets a number of her own.
    page = home.web().post("/rapportera", {"kind": "link", "text": "Me too", "what": "https://inlogg.hemlig.test/in"}, at="/rapportera")
    check("a report of the same host is told another number", secret not in page.text and "Thank you" in page.text, page.words())

    # The log: read on pages by system owners and auditors.
    for who in ("siv", "rev"):
        for at in ("/admin/audit", "/admin/audit?format=csv", "/admin/audit?action=incidents.", "/admin/audit?subject=" + secret):
            page = webs[who].get(at)
            check("%s at %s" % (who, at), page.status == 200 and "Hemligord" not in page.text and not re.search(r">\s*%s\s*<|,%s\r" % (secret, secret), page.text), page.words()[:500])
        hidden = [row[0] for row in home.sql("SELECT id FROM audit_leaf WHERE leaf LIKE ?", '%"action":"incidents.%"subject":"' + secret + '"%')]
        check("%s opens no entry about it" % who, len(hidden) > 8 and all(webs[who].get("/admin/audit/%d" % id, follow=False).status == 404 for id in hidden), hidden)
    check("the coordinator reads them", karin.get("/admin/audit/%d" % hidden[0]).status == 200)
    for name in ("people", "incidents"):
        page = webs["anna"].get("/people?q=Hemligord")
        check("searched by " + name, "Hemligord AB" not in page.text)
home.is_whole()
PY
