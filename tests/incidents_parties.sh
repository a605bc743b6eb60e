#!/bin/sh
# Others in an incident, from a real server: the supplier with what it says and its clock; two legal bodies with a filled report each, decided and handed in by
# each for itself; vulnerabilities that refer to a gateway, shown at both ends; the papers by command, also when nothing serves.
set -u
exec python3 - <<'PY'
import json, os, re, subprocess, sys
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, WORK, check, has

home = Home(28781, """id,name,email,phone,unit,manager,employment_end,roles,protected,login
per,Per Holm,per@ex.example,070-174 06 05,IT,,,support employee,,
bea,Bea Falk,bea@ex.example,,Vatten,,,coordinator employee,,
""", "radius.listen = 127.0.0.1:28782\nradius.accounting = 127.0.0.1:28783\nradius.client = vpn1 127.0.0.1 testing123 authorise-only\n")
run = home.run
with home:
    web = home.web()
    web.set_up(home.code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")
    boss = home.sql("SELECT code FROM person WHERE name = 'Karin Nyberg'")[0][0]
    check("a second body", run("people", "body", "make", "Vattenbolaget").returncode == 0 and run("people", "body", "unit", "Vatten", "--body", "Vattenbolaget").returncode == 0)
    number = json.loads(run("incidents", "report", "--kind", "other", "--text", "Ärendesystemet är nere").stdout)["incident"]
    at, parties = "/incidents/" + number, "/incidents/parties/" + number
    for words in (("assign", "--owner", "per"), ("assess",), ("classify", "--severity", "2", "--rsit", "availability/outage", "--effect", "T", "--title", "Ärendesystemet är nere"), ("confirm",)):
        check("prepared: " + words[0], run("incidents", words[0], number, *words[1:], "--by", "per").returncode == 0)
    run("incidents", "note", number, "--text", "Leverantören har startat om", "--kind", "mitigation", "--by", "per")
    run("incidents", "facts", number, "--facts", "limited=600; systems=ärendesystemet", "--by", "per")

    # The supplier.
    has("nobody is named yet", web.get(parties), "No supplier is named in this incident.", "Name the supplier", "Legal bodies", "Vattenbolaget")
    page = web.post(at, {"act": "supplier", "from": "parties", "supplier_name": "", "supplier_hours": "many"}, at=parties)
    has("a supplier has a name", page, "There is a problem", 'href="#supplier_name"', 'value="many"', status=422)
    has("the supplier", web.post(at, {"act": "supplier", "from": "parties", "supplier_name": "Molnbolaget AB", "supplier_contract": "AVT-17", "supplier_contact": "070-174 06 48", "supplier_hours": "4",
        "supplier_knew": "2026-01-02 08:00"}, at=parties), "Done: Save the supplier", "Molnbolaget AB", "AVT-17", "4 hours", "Late", "not yet")
    has("what it has said, entered afterwards", web.post(at, {"act": "said", "from": "parties", "said_text": "En disk har gått sönder", "said_at": "2026-01-02 09:00", "said_next": "2031-01-01"}, at=parties),
        "Done: Save what it said", "En disk har gått sönder", "entered", "More is promised for", "Runs")
    has("its page in Swedish", web.get(parties + "?lang=sv"), "Leverantör, nämnder och bolag", "Vad leverantören har sagt", "Vattenbolaget")
    web.get(parties + "?lang=en")
    has("the incident names it", web.get(at), "Molnbolaget AB", "Supplier and legal bodies")
    has("who answers for it is to ask", home.logged_in("per").get("/tasks"), "Ask Molnbolaget AB what it has to say on incident " + number)
    check("by command", run("incidents", "said", number, "--text", "Ny disk på plats", "--by", "per").returncode == 0)
    shown = json.loads(run("incidents", "show", number).stdout)
    check("for machines", shown["supplier"]["contract"] == "AVT-17" and [s["text"] for s in shown["supplier"]["said"]] == ["Ny disk på plats", "En disk har gått sönder"], shown.get("supplier"))

    # A report for each body.
    bodies = dict((name, id) for id, name in home.sql("SELECT id, name FROM body"))
    has("none was chosen", web.post(at, {"act": "share", "from": "parties"}, at=parties), "Choose at least one legal body", status=422)
    page = web.post(at, {"act": "share", "from": "parties", **{"share_body%d" % id: "1" for id in bodies.values()}}, at=parties)
    has("each has its own", page, "Done: Make a report for each", "2 duties to decide", "First notice")
    own = {b["body"]: b["incident"] for b in json.loads(run("incidents", "show", number).stdout)["bodies"]}
    check("two bodies, two incidents", set(own) == set(bodies) and len(set(own.values()) | {number}) == 3, own)
    water, town = own["Vattenbolaget"], own[(set(bodies) - {"Vattenbolaget"}).pop()]
    has("a body's own says whose it is", web.get("/incidents/" + water), "Reported for", "Vattenbolaget", number)
    check("nobody decides for another", web.post("/incidents/" + water, {"act": "track", "track_pack": "gdpr", "track_applies": "no", "track_because": "x"}, at="/incidents/" + water).status == 403
          and "Decide whether a duty applies" not in web.get("/incidents/" + water).text and "Decide whether a duty applies" in web.get("/incidents/" + town).text)
    check("not by command either", run("incidents", "track", water, "--pack", "gdpr", "--applies", "no", "--because", "x", "--by", boss).returncode == 4, run("incidents", "track", water, "--pack", "gdpr", "--applies", "no", "--because", "x", "--by", boss))
    bea = home.logged_in("bea")
    has("its own coordinator decides", bea.post("/incidents/" + water, {"act": "track", "track_pack": "se-csl-2026", "track_applies": "yes", "track_because": "Dricksvatten"}, at="/incidents/" + water), "Done: Save the decision")
    has("and hands in", bea.post("/incidents/" + water, {"act": "handed", "handed_which": "se-csl-2026/early_warning", "handed_receipt": "MCF-V1"}, at="/incidents/" + water), "MCF-V1")
    check("the other's receipt is its own", "MCF-V1" not in web.get("/incidents/" + town).text and home.sql("SELECT count(*) FROM incidents_handed")[0][0] == 1)
    text = web.get("/incidents/paper/%s?pack=se-csl-2026&step=notification&lang=sv" % water).body.decode()
    for words in ("Vattenbolaget →", "ärendesystemet", "Leverantören har startat om", "Molnbolaget AB (AVT-17)", "Ärendesystemet är nere"):
        check("the body's text is filled from the shared one: " + words, words in text, text)
    web.get(parties + "?lang=en")
    has("the shared one counts them", web.get(parties), "1 handed in", "3 reports to hand in")
    check("it waits for each before it is closed", "duties" in json.loads(run("incidents", "show", number).stdout)["missing"])

    # Vulnerabilities refer to records, at both ends.
    run("capacity", "limit", "vpn1", "--licence", "10")
    page = web.post(at, {"act": "weakness", "weakness_text": "En enda port", "weakness_cause": "Alla hemma", "weakness_owner": "per", "weakness_due": "2031-01-01", "weakness_capacity": "vpn9"}, at=at)
    has("a gateway that is none", page, "There is no gateway called", 'href="#weakness_capacity"', "vpn9", status=422)
    has("refers to three", web.post(at, {"act": "weakness", "weakness_text": "En enda port", "weakness_cause": "Alla hemma", "weakness_owner": "per", "weakness_due": "2031-01-01",
        "weakness_capacity": "vpn1", "weakness_rule": "R-12", "weakness_change": "2026-17"}, at=at), "Done: Add the vulnerability", "R-12", "2026-17", "vpn1", "(not checked: there is no register yet)")
    weak = [t for t in json.loads(run("incidents", "show", number).stdout)["tasks"] if t["kind"] == "vulnerability"][0]
    check("for machines too", weak["cause"] == "Alla hemma" and [(b["point"], b["name"], b["checked"]) for b in weak["belongs_to"]]
          == [("rules", "R-12", False), ("changes", "2026-17", False), ("capacity", "vpn1", True)], weak)
    has("the gateway shows it", web.get("/capacity/limit/vpn1"), "Vulnerabilities from changed circumstances", number + ": En enda port (not fixed yet)")

def papers(name, *words):
    path = os.path.join(WORK, name)
    done = subprocess.run([home_program, "incidents", "paper", path, *words, "--home", home.at, "--json"], capture_output=True, text=True, timeout=120, env=dict(os.environ, LC_ALL="sv_SE.UTF-8"))
    check(name + ": written", done.returncode == 0, done.stdout + done.stderr)
    return path, sorted(os.listdir(path))
from served import S as home_program
path, files = papers("papers")                      # nothing serves now
check("the form, while nothing serves", files == ["incident-form.pdf", "incident-form.txt"], files)
text = open(path + "/incident-form.txt").read()
check("whom to call and what to write", "Per Holm: 070-174 06 05" in text and "Karin Nyberg" in text and text.count("____") > 20, text[:900])
check("as PDF", subprocess.run(["pdftotext", path + "/incident-form.pdf", "-"], capture_output=True, text=True).stdout.count("Per Holm") == 1)
path, files = papers("papers2", number)
check("the filled reports of each body", all("%s-%s.%s" % (n, d, e) in files for n in (water, town, number) for d in ("gdpr-notification", "se-csl-2026-final_report") for e in ("txt", "pdf")), files)
check("each for itself", "Vattenbolaget" in open("%s/%s-gdpr-notification.txt" % (path, water)).read() and "Vattenbolaget" not in open("%s/%s-gdpr-notification.txt" % (path, town)).read())
check("not over others' files", subprocess.run([home_program, "incidents", "paper", path, "--home", home.at], capture_output=True).returncode == 5)
home.is_whole()
PY
