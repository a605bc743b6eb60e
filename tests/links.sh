# Reported links and the block list with a daemon: the reader reads the link of a report, siblings stand together, one act decides about them, and
# the files say what a person decided: a hosts file, CSV, and STIX 2.1 by the rules of its standard.
set -u
export PYTHONDONTWRITEBYTECODE=1
python3 - "$TOP/tests" <<'EOP'
import json, re, sys, uuid
sys.path.insert(0, sys.argv[1])
from served import Home, check, has
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
anna,Anna Åberg,anna@ex.example,,Arkiv,,,employee,no,anna
per,Per Holm,per@ex.example,,IT,,,support,no,per
karin,Karin Ros,karin@ex.example,,IT,,,coordinator,no,karin
rev,Rut Ek,rev@ex.example,,IT,,,auditor,no,rev
"""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
PATTERN = re.compile(r"\[(domain-name:value = '[a-z0-9.-]+'( OR domain-name:value LIKE '%\.[a-z0-9.-]+')?|ipv4-addr:value = '[0-9.]+'|ipv6-addr:value = '[0-9a-f:]+')\]$")


def stix(text):
    """What the standard asks of a bundle of indicators, sections 2.9, 3.2, 4.7 and 8; the first fault as text."""
    bundle = json.loads(text)
    ids = [bundle["id"]] + [one["id"] for one in bundle.get("objects", [])]
    if bundle["type"] != "bundle" or "spec_version" in bundle or set(bundle) - {"type", "id", "objects"}:
        return "the bundle: %s" % sorted(bundle)
    if len(set(ids)) != len(ids):
        return "an id twice"
    for one, kind in zip(ids, ["bundle"] + ["indicator"] * len(ids)):
        named, _, number = one.partition("--")
        if named != kind or str(uuid.UUID(number)) != number or uuid.UUID(number).variant != uuid.RFC_4122 or uuid.UUID(number).version != 4:
            return "id " + one
    for one in bundle.get("objects", []):
        lacks = {"type", "spec_version", "id", "created", "modified", "pattern", "pattern_type", "valid_from"} - set(one)
        if lacks or one["type"] != "indicator" or one["spec_version"] != "2.1" or one["pattern_type"] != "stix":
            return "lacks %s: %s" % (lacks, one)
        if not all(MOMENT.match(one[key]) for key in ("created", "modified", "valid_from", "valid_until")):
            return "a moment in %s" % one
        if not one["created"] <= one["modified"] or not one["valid_from"] < one["valid_until"] or not PATTERN.match(one["pattern"]):
            return "order or pattern: %s" % one
        if one.get("revoked", True) is not True or not set(one["indicator_types"]) <= {"malicious-activity"}:
            return "words of %s" % one
    return ""


home = Home(28756, PEOPLE)
home.run("setting", "set", "logins.own_hosts", "login.storvik.se, *.lillby-kommun.se, räksmörgås.se")
with home:
    def report(what, text="Konstigt brev", kind="link"):
        page = home.web(lang="sv").post("/rapportera", {"kind": kind, "text": text, "what": what})
        found = re.search(r"Ditt ärende är (\d+-\d+)", page.words())
        return found and found.group(1)

    first = report("https://login.st0rvik.se/in")
    check("the same host again joins the incident", first and report("HTTPS://LOGIN.st0rvik.se:443/other") == first)
    www = report("www.st0rvik.se")
    check("another host of the same domain has its own", www not in (None, first))
    report("", text="Någon skrev: klicka på http://login.storvik.se@evil.example/x nu")
    report("https://login.storvik.se/")
    report("http://192.0.2.9/storvik", kind="clicked")
    check("what is no link is reported all the same", report("070-123 45 67") not in (None, first))
    check("a call's number is not read as a link", report("evil-call.example", kind="call") is not None)
    groups = [json.loads(line) for line in home.run("incidents", "links").stdout.splitlines()]
    by = {one["domain"]: one for one in groups}
    check("siblings stand together", by["st0rvik.se"]["reports"] == 3 and by["st0rvik.se"]["hosts"] == 2 and by["st0rvik.se"]["verdict"] == "imitates"
          and by["st0rvik.se"]["imitates"] == "login.storvik.se", groups)
    check("each as the reader read it", set(by) == {"st0rvik.se", "evil.example", "storvik.se", "192.0.2.9"} and by["storvik.se"]["verdict"] == "ours", groups)
    per, rev, anna = home.logged_in("per"), home.logged_in("rev"), home.logged_in("anna")
    has("the groups, in English", per.get("/incidents/links"), "st0rvik.se", "Imitates us", "To be decided", "No reported link has been blocked")
    has("the auditor reads", rev.get("/incidents/links/st0rvik.se"), "www.st0rvik.se", "3 reports")
    check("and decides nothing", "Decide for the whole group" not in rev.get("/incidents/links/st0rvik.se").words()
          and rev.post("/incidents/links/st0rvik.se", {"act": "block", "host": "*.st0rvik.se", "because": "x", "days": "9"}).status == 403)
    check("an employee sees none of it", anna.get("/incidents/links").status == 403 and anna.get("/incidents/blocks/export").status == 403)
    has("it waits among the tasks", per.get("/tasks"), "Decide whether st0rvik.se is blocked")

    page = per.post("/incidents/links/st0rvik.se", {"act": "block", "host": "*.st0rvik.se", "because": "", "days": "30"})
    has("without a reason nothing is blocked, and the rest is kept", page, "Error: ", "Say why.", 'value="30"', 'value="*.st0rvik.se" id="host" checked', status=422)
    for host in ("login.storvik.se", "*.storvik.se", "storvik.se", "LOGIN.STORVIK.SE.", "https://login.storvik.se/x", "a.lillby-kommun.se", "*.lillby-kommun.se",
                 "xn--rksmrgs-5wao1o.se", "räksmörgås.se", "com.se", "*.login.st0rvik.se", "", "not a host", "http://"):
        page = per.post("/incidents/links/st0rvik.se", {"act": "block", "host": host, "because": "x", "days": "9"})
        check("never blocked: %r" % host, page.status == 422 and "Error: " in page.text, page.words())
    for days in ("0", "366", "-1", "x", ""):
        page = per.post("/incidents/links/st0rvik.se", {"act": "block", "host": "*.st0rvik.se", "because": "x", "days": days})
        check("days %r are refused" % days, page.status == 422 and "from 1 to 365" in page.words(), page.words())
    check("nothing is blocked yet", json.loads(home.run("incidents", "blocks", "--format", "stix").stdout) == json.loads(per.get("/incidents/blocks/export?as=stix").text)
          and "objects" not in json.loads(home.run("incidents", "blocks", "--format", "stix").stdout))
    page = per.post("/incidents/links/st0rvik.se", {"act": "block", "host": "*.st0rvik.se", "because": "Frågar efter lösenord", "days": "30"})
    check("one act blocks the group", page.status == 200 and "Blocked:" in page.words(), page.words())
    has("and the page says so, with the time it took", per.get("/incidents/links/st0rvik.se"), "Blocked:", "From the first report it took 0 minutes", "with all names below it")
    for number in (first, www):
        has("incident %s has the line" % number, per.get("/incidents/" + number), "A host was blocked", "Frågar efter lösenord")
    check("the same twice is refused", "blocked already" in per.post("/incidents/links/st0rvik.se", {"act": "block", "host": "*.st0rvik.se", "because": "x", "days": "9"}).words())
    check("by command, of a number", home.run("incidents", "block", "http://192.0.2.9/", "--by", "per", "--because", "Kit").returncode == 0)
    check("not by whom it is not for", home.run("incidents", "block", "evil.example", "--by", "anna", "--because", "x").returncode not in (0, 1))
    check("left alone", home.run("incidents", "leave", "evil.example", "--by", "karin", "--because", "An exercise").returncode == 0)
    text = per.get("/incidents/blocks/export?as=hosts").text
    check("the hosts file", text.splitlines()[1:] == ["0.0.0.0 st0rvik.se", "0.0.0.0 login.st0rvik.se", "0.0.0.0 www.st0rvik.se", "# 192.0.2.9"], text)
    page = per.get("/incidents/blocks/export?as=stix")
    check("STIX by its standard", stix(page.text) == "" and len(json.loads(page.text)["objects"]) == 2, stix(page.text))
    check("the same file twice", page.text == home.run("incidents", "blocks", "--format", "stix").stdout)
    ids = {one["name"]: one["id"] for one in json.loads(page.text)["objects"]}
    text = per.get("/incidents/blocks/export?as=csv").text
    check("CSV", text.startswith("host,all_below,") and "st0rvik.se,yes," in text and "Frågar efter lösenord" in text and text.count("\r\n") == 3, text)
    has("the list", rev.get("/incidents/blocks"), "st0rvik.se", "192.0.2.9", "Frågar efter lösenord", "from the first report to the block")
    check("the list by command has the minutes", '"minutes":0' in home.run("incidents", "blocks").stdout)

    home.run("setting", "set", "logins.own_hosts", "login.storvik.se *.st0rvik.se")
    text = per.get("/incidents/blocks/export").text
    check("what has become ours is in no file", "st0rvik" not in text and "192.0.2.9" in text, text)
    has("and the page says so", per.get("/incidents/blocks"), "1 host has become ours")
    home.run("setting", "set", "logins.own_hosts", "login.storvik.se")
    page = per.post("/incidents/links/st0rvik.se", {"act": "unblock", "host": "st0rvik.se", "because": "Taken down"})
    check("the block is ended", page.status == 200 and "st0rvik" not in per.get("/incidents/blocks/export").text, page.words())
    objects = json.loads(per.get("/incidents/blocks/export?as=stix").text)["objects"]
    gone = [one for one in objects if one["name"] == "st0rvik.se"]
    check("whoever has taken it in is told", gone and gone[0].get("revoked") is True and gone[0]["id"] == ids["st0rvik.se"] and stix(json.dumps({"type": "bundle",
          "id": "bundle--" + str(uuid.UUID(int=0x4 << 76 | 0x8 << 60)), "objects": objects})) == "", objects)
    sv = home.logged_in("karin")
    has("in Swedish", sv.get("/incidents/links/st0rvik.se?lang=sv"), "Besluta för hela gruppen", "Härmar oss", "Spärra", "Lämna i fred")
    has("the block list in Swedish", sv.get("/incidents/blocks?lang=sv"), "Spärrlista", "Hämta:")
    check("no such host", per.get("/incidents/links/nothing").status == 404 and per.get("/incidents/links/%3Cscript%3E.se").status == 404)
home.is_whole()
EOP
