#!/bin/sh
# The law of an incident, from a real server: facts and what is proposed from them with what is missing, both logged beside the person's decision; the
# text and the PDF of each report (read back with pdftotext, pdfinfo and qpdf); the receipt as a file; who may see them.
set -u
exec python3 - <<'PY'
import json, os, re, subprocess, sys
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, WORK, check, has

home = Home(28731, "id,name,email,phone,unit,manager,employment_end,roles,protected,login\np1,Anna Lind,anna@ex.example,,Arkiv,,,employee,,\n"
    "p4,Per Holm,per@ex.example,,IT,,,support,,\n")
run = home.run

def pdf_of(page, name):
    path = os.path.join(WORK, name)
    with open(path, "wb") as f:
        f.write(page.body)
    tool = lambda *words: subprocess.run([*words], capture_output=True, text=True)
    return tool("pdftotext", "-layout", path, "-").stdout, tool("pdfinfo", path).stdout + tool("pdfinfo", "-struct", path).stdout, tool("qpdf", "--check", path)

with home:
    web = home.web()
    web.set_up(home.code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")
    number = json.loads(run("incidents", "report", "--kind", "call", "--text", "Någon ringde från \"supporten\" på Åsgatan").stdout)["incident"]
    at, law = "/incidents/" + number, "/incidents/law/" + number
    for words in (("assign", "--owner", "p4"), ("assess",), ("classify", "--severity", "2", "--rsit", "fraud/masquerade", "--cert", "7", "--effect", "KR", "--title", "Falskt samtal om lösenord, åäö ÅÄÖ é")):
        check("prepared: " + words[0], run("incidents", words[0], number, *words[1:], "--by", "p4").returncode == 0)
    run("incidents", "note", number, "--text", "Två samtal från samma nummer", "--by", "p4")
    run("incidents", "note", number, "--text", "Numret är spärrat", "--kind", "mitigation", "--by", "p4")

    # Nothing is known: nothing is proposed, and what is missing is named.
    page = web.get(law)
    has("what is missing is named", page, "Cannot be decided yet. Needs:", "For how many minutes has the activity been limited or down?", "Cannot decide",
        "Does it concern personal data?", "Verify with the source before you rely on it.", "When an incident is significant")
    check("not what another sector is asked", "ambulance" not in page.text and "Is control" not in page.text)
    has("in Swedish", web.get(law + "?lang=sv"), "Det går inte att avgöra än. Det som saknas:", "Hur många minuter har verksamheten varit begränsad eller nere?", "Första upplysning", "Ladda ner som PDF")
    web.get(law + "?lang=en")

    # A person states facts; the machine proposes; the person decides; all of it stands in the log.
    page = web.post(at, {"act": "facts", "from": "law", "facts_sector": "public", "facts_limited": "many"}, at=law)
    has("a figure that is none, with what was typed", page, "Write a whole number:", 'href="#facts_limited"', 'value="many"', status=422)
    page = web.post(at, {"act": "facts", "from": "law", "facts_sector": "public", "facts_limited": "250", "facts_malicious": "yes", "facts_systems": "e-posten"}, at=law)
    has("a proposal with its reason", page, "Done: Save the facts", "Proposal: it must be reported, because of: the activity limited for more than 4 hours.", "Must be reported")
    has("nothing new is refused", web.post(at, {"act": "facts", "from": "law", "facts_limited": "250"}, at=law), "There is nothing new in it.", status=422)
    check("the same by command, with a wrong name", run("incidents", "facts", number, "--by", "p4", "--facts", "speed=4").returncode == 2)
    done = run("incidents", "facts", number, "--by", "p4", "--facts", "cross_border=no; parties=Leverantören AB")
    check("the same by command", done.returncode == 0, done.stderr)
    rows = home.sql("SELECT pack, says, because, needs FROM incidents_proposal ORDER BY pack")
    check("proposals are kept", rows == [("gdpr", 0, "", "risk, personal_data"), ("se-csl-2026", 1, "public-limited", rows[1][3])] and "reserve" in rows[1][3], rows)
    web.post(at, {"act": "track", "track_pack": "se-csl-2026", "track_applies": "yes", "track_because": "Essential"}, at=at)
    has("proposal and decision on one timeline", web.get(at), "se-csl-2026: ✓. Essential", "(proposed:", "✓ public-limited")
    has("the decision stands by the proposal", web.get(law), "Decided: Yes. Essential Karin Nyberg")
    leaf = json.loads(home.sql("SELECT leaf FROM audit_leaf WHERE leaf LIKE '%incidents.track%' ORDER BY id DESC LIMIT 1")[0][0])
    check("both in one leaf", {"incidents_track", "incidents_proposal", "incidents_entry"} <= {w[0] for w in leaf["writes"]}, leaf["writes"])

    # The text and the PDF of each report.
    page = web.get(law)
    has("texts name what is missing", page, "First notice", "Incident notification", "Final report", "Happened: TO BE FILLED IN", "facts are to be filled in", "min left")
    for step in ("early_warning", "notification", "final_report"):
        paper = web.get("/incidents/paper/%s?pack=se-csl-2026&step=%s&as=pdf&lang=sv" % (number, step))
        text, about, whole = pdf_of(paper, step + ".pdf")
        check(step + ": a PDF with Swedish letters", paper.status == 200 and "Falskt samtal om lösenord, åäö ÅÄÖ é" in " ".join(text.split()), text)
        pages = int(re.search(r"Pages:\s+(\d+)", about)[1])
        check(step + ": tagged, A4, one or two pages, whole", "Tagged:          yes" in about and "(A4)" in about and pages <= 2 and "H1" in about and whole.returncode == 0,
              about + whole.stdout + whole.stderr)
        check(step + ": at most 100 KB", len(paper.body) < 100 * 1024, len(paper.body))
    text = web.get("/incidents/paper/%s?pack=se-csl-2026&step=notification&as=text&lang=sv" % number).body.decode()
    for words in ("Provkommunen → CSIRT-enheten", "Misstänks en olaglig eller avsiktlig handling? Ja", "Vilka andra parter berörs? Leverantören AB", "Numret är spärrat", "Två samtal från samma nummer",
                  "Påverkas andra länder? Nej", "SKA FYLLAS I"):
        check("the text holds: " + words, words in text, text)
    check("the first notice is short", "Numret är spärrat" not in web.get("/incidents/paper/%s?pack=se-csl-2026&step=early_warning" % number).body.decode())
    check("a report that is none", web.get("/incidents/paper/%s?pack=gdpr&step=final_report" % number, follow=False).status == 404)

    web.get(law + "?lang=en")
    # Handed in, with the receipt as a file; what was handed in stays as it was.
    page = web.upload("/incidents/handed/import", "handed_file", "kvitto.pdf", b"%PDF-receipt", {"incident": number, "act": "handed", "from": "law", "handed_which": "se-csl-2026/early_warning",
        "handed_receipt": "MCF-2026-77"}, at=law)
    has("handed in", page, "Done: It has been handed in", "MCF-2026-77", "The receipt", "The text as it was")
    link = re.search(r'href="(/incidents/receipt/\d+)"', page.text)[1]
    check("the receipt comes back as it was", web.get(link).body == b"%PDF-receipt")
    run("incidents", "classify", number, "--title", "Something else", "--by", "p4")
    check("so does the text", "Falskt samtal" in web.get(link + "?which=paper").body.decode())
    has("not twice", web.upload("/incidents/handed/import", "handed_file", "a", b"b", {"incident": number, "act": "handed", "from": "law", "handed_which": "se-csl-2026/early_warning",
        "handed_receipt": "x"}, at=law), "That report has already been handed in.", status=422)

    # The clocks of all, and their calendar: downloaded, and at a secret address that can be revoked.
    rows = [json.loads(line) for line in run("incidents", "clocks").stdout.splitlines()]
    check("clocks, the next first", [(r["pack"], r["step"], r["applies"]) for r in rows] == [("se-csl-2026", "notification", True), ("gdpr", "notification", None)], rows)
    page = web.get("/incidents/clocks")
    has("the page of clocks", page, "Incident notification", "Not decided", "Runs", "min left", "Make a secret address")
    page = web.get("/incidents/clocks/download")
    calendar = page.body.decode()
    check("a calendar with alarms", page.status == 200 and calendar.count("BEGIN:VEVENT") == 2 and calendar.count("BEGIN:VALARM") == 4 and "TRIGGER:-PT120M" in calendar
          and "TRIGGER:-PT2160M" in calendar and "STATUS:TENTATIVE" in calendar and "Incident notification\\, incident " + number in calendar, calendar)
    check("nothing that anybody wrote is in it", "samtal" not in calendar and "Something" not in calendar)
    page = web.post("/incidents/clocks", {"act": "make"}, at="/incidents/clocks")
    secret = re.search(r"<code>(http://[^<]+/incidents/clocks/([\w-]{30,}))</code>", page.text)
    check("a secret address, shown once", secret and secret[2] not in web.get("/incidents/clocks").text, page.text)
    stranger = home.web()
    check("a calendar program reads it", "BEGIN:VCALENDAR" in stranger.get("/incidents/clocks/" + secret[2]).body.decode())
    check("only its hash is kept", secret[2].encode() not in open(home.at + "/store/samordna.db", "rb").read() + open(home.at + "/store/samordna.db-wal", "rb").read())
    check("a guess is nothing", stranger.get("/incidents/clocks/" + secret[2][:-1] + "x", follow=False).status == 404 and stranger.get("/incidents/clocks/download", follow=False).status in (303, 404))
    web.post("/incidents/clocks", {"act": "revoke"}, at="/incidents/clocks")
    check("revoked", stranger.get("/incidents/clocks/" + secret[2], follow=False).status == 404)

    # Who may see it.
    anna = home.logged_in("p1")
    for path in (law, "/incidents/paper/%s?pack=gdpr&step=notification" % number, link, link + "?which=paper"):
        check("not for others: " + path.split("?")[0], anna.get(path, follow=False).status == 404)
    check("states no facts", anna.request("POST", at, b"act=facts&facts_limited=1&token=" + anna.get("/me").token().encode(), {"Content-Type": "application/x-www-form-urlencoded"}).status in (403, 404))
home.is_whole()
PY
