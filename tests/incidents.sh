#!/bin/sh
# The pages of incidents, fetched from a real server as a browser without script does: a stranger reports, what was typed is kept, the budget;
# a coordinator assigns, assesses, is refused the closing with what is missing, mends it and closes; who sees what; evidence; both languages.
set -u
exec python3 - <<'PY'
import os, re, sys, json
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has

home = Home(28651, "id,name,email,phone,unit,manager,employment_end,roles,protected,login\np1,Anna Lind,anna@ex.example,,Arkiv,,,employee,,\n"
    "p4,Per Holm,per@ex.example,,IT,,,support,,\n")
run, base, code = home.run, home.base, home.code

def show(number):
    return json.loads(run("incidents", "show", number).stdout)

with home:
    web = home.web()
    web.set_up(code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")

    # A stranger: nothing but the report page, wrong first, then right.
    stranger = home.web()
    has("a stranger sees the report page", stranger.get("/rapportera"), "Report something suspicious", "What has happened?", "Send")
    page = stranger.post("/rapportera", {"text": "He wanted <my> code", "contact": "anna.lind@"}, at="/rapportera")
    has("wrong: the summary leads to the field", page, "There is a problem", 'href="#kind-link"', 'href="#contact"', "Select what has happened", status=422)
    has("wrong: what was typed is kept", page, "He wanted &lt;my&gt; code", 'value="anna.lind@"', "<title>Error: ", status=422)
    page = stranger.post("/incidents/report", {"kind": "call", "text": "He wanted <my> code", "what": "070", "contact": "anna@ex.example"}, at="/rapportera")
    has("right: a number, and what to do now", page, "Thank you. Your case is 20", "Hang up.")
    number = re.search(r"\d{4}-\d+", page.words())[0]
    check("a stranger sees no incident", stranger.get("/incidents/" + number, follow=False).status == 303)
    check("a receipt that was made up shows no number", "Thank you" not in stranger.get("/rapportera?sent=%3Cb%3E&kind=call").text)
    has("in Swedish", home.web("sv").get("/rapportera"), "Rapportera något misstänkt", "Jag har fått ett konstigt samtal", "Skicka")
    page = stranger.get("/incidents", follow=False)
    check("nor the list", page.status == 303, page.status)

    # The coordinator.
    at = "/incidents/" + number
    has("the list", web.get("/incidents"), number, "He wanted <my> code", "1 open incident, 0 without an owner for an hour, 1 not assessed.")
    has("the page", web.get(at), "He wanted <my> code", "To be handed in to the authorities", "Cybersecurity Act", "23 h 59 min left", "Nobody yet", "anna@ex.example")
    has("the page in Swedish", web.get(at + "?lang=sv"), "Det här ska lämnas till myndigheterna", "Innan incidenten kan stängas", "Cybersäkerhetslagen")
    web.get(at + "?lang=en")
    def act(name, fields, done=None):
        page = web.post(at, dict(fields, act=name), at=at)
        if done:
            has(name, page, "Done: " + done)
        return page
    has("nobody of that name", act("assign", {"assign_owner": "nobody"}), "Nobody is called \"nobody\".", 'href="#assign_owner"', '<details id="assign" open>', 'value="nobody"', status=422)
    act("assign", {"assign_owner": "p4"}, "Assign an owner")
    act("assess", {}, "Begin the assessment")
    has("not confirmed before it is assessed", act("confirm", {}), "Say first how severe it is", status=422)
    act("classify", {"classify_boxes": "1", "classify_severity": "3", "classify_rsit": "fraud/masquerade", "classify_cert": "7", "classify_effect_k": "1",
                     "classify_confidential": "no", "classify_title": "A false call"}, "Save the assessment")
    for name, button in (("confirm", "Confirm the incident"), ("contain", "It is contained"), ("eradicate", "It is remedied"), ("recover", "All works again"),
                         ("review", "Begin the evaluation")):
        act(name, {}, button)
    has("no step back without a reason", act("back", {}), "There is a problem", 'href="#move_because"', status=422)
    has("the closing says what is missing", act("close", {}), "It cannot be closed yet. Missing: cause, changed circumstances, legal duties, evaluation, answer to the reporter, rules and plans.", status=422)
    check("and it is not closed", show(number)["state"] == "reviewing")
    act("track", {"track_pack": "gdpr", "track_applies": "no", "track_because": "No names"}, "Save the decision")
    act("track", {"track_pack": "se-csl-2026", "track_applies": "yes", "track_because": "Essential"}, "Save the decision")
    act("handed", {"handed_which": "se-csl-2026/early_warning", "handed_receipt": "MCF-7"}, "It has been handed in")
    has("the receipt stands with the clock", web.get(at), "MCF-7", "Handed in")
    has("the texts to hand in have a page", web.get(at), "/incidents/law/" + number, "Facts, proposals and texts to hand in")
    act("task", {"task_text": "Call Anna", "task_owner": "p4", "task_due": "2031-01-01"}, "Add the task")
    act("weakness", {"weakness_text": "No proof by telephone", "weakness_cause": "All at home", "weakness_owner": "p4", "weakness_due": "2031-01-01"}, "Add the vulnerability")
    has("a task's own day", act("task", {"task_text": "x", "task_owner": "p4", "task_due": "2001-01-01"}), "The day has already passed.", 'href="#task_due"', status=422)
    task = show(number)["tasks"][0]["task"]
    act("work", {"work_task": str(task), "work_move": "cancel", "work_because": "Done already"}, "Change its state")
    act("told", {"told_how": "Called back"}, "The reporter has been told")
    act("note", {"note_text": "A \"quoted\" <b>note</b>", "note_kind": "observation"}, "Add to the timeline")
    has("no time in the future", act("note", {"note_text": "x", "note_at": "2031-01-01"}), "None of the times may lie in the future.", status=422)
    page = web.upload("/incidents/evidence/import", "evidence_file", "calls.txt", b"070 at 09:12", {"incident": number, "act": "evidence", "evidence_name": "Call list", "evidence_place": "Exchange"}, at=at)
    has("evidence with its hash", page, "Call list", "SHA-256")
    link = re.search(r'href="(/incidents/evidence/\d+)"', page.text)
    check("evidence comes back as it was", link and web.get(link[1]).body == b"070 at 09:12", link)
    act("follow", {"follow_cause": "No rule", "follow_class": "routine", "follow_changed": "yes", "follow_why": "All at home", "follow_review": "held",
                   "follow_note": "Friday", "follow_touched": "none", "follow_lesson": "Call back"}, "Save the follow-up")
    act("close", {}, "Close the incident")
    has("closed", web.get(at), "Closed", "Reopen it")
    has("the list is empty now", web.get("/incidents"), "No open incidents. The last one was closed on")
    page = web.get("/incidents?view=all&format=csv")
    check("CSV", page.status == 200 and number + ",A false call,closed,3,p4," in page.text, page.text)
    check("a filter that fits nothing", number not in web.get("/incidents?view=all&state=merged").text)
    check("numbers that are none", web.get("/incidents/2026-999999", follow=False).status == 404 and web.get("/incidents/x%27", follow=False).status == 404)

    # A confidential one is seen by who works with it; an employee sees what she answers for.
    has("what is missing is known before", web.get("/"), "Are incidents taken care of?")
    secret = json.loads(run("incidents", "report", "--kind", "other", "--text", "About a colleague").stdout)["incident"]
    run("incidents", "assess", secret, "--by", "p4")
    check("made confidential", run("incidents", "classify", secret, "--confidential", "yes", "--by", "p4").returncode == 0)
    check("support does not see it now", run("incidents", "classify", secret, "--severity", "2", "--by", "p4").returncode == 3)

    # The budget: 30 reports of one network in a quarter of an hour; then another way is shown, and what was typed is kept.
    last = None
    for i in range(30):
        last = stranger.post("/rapportera", {"kind": "other", "text": "Flood %d" % i}, at="/rapportera")
    has("a flood is stopped, with another way", last, "Call support instead", "Flood 29", status=429)
    check("all that was thanked for is kept", run("incidents", "list").stdout.count("Flood") == 29, run("incidents", "list").stdout.count("Flood"))
    page = web.get("/incidents?sort=severity")
    has("fifty a page", web.get("/incidents"), "Flood 28")
home.is_whole()
PY
