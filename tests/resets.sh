#!/bin/sh
# Resets in a directory's log, compared with the verifications here: what has none opens an incident, once; and the auditor's sample, drawn by the sealed root
# and drawn again by somebody else's code.
set -u
exec python3 - <<'PY'
import base64, datetime, hashlib, json, os, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, WORK, check, has
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
bo,Bo Öberg,bo@ex.example,0470-11,Arkiv,,,manager employee,,
anna,Anna Åberg,anna@ex.example,0470-12,Arkiv,bo,,employee,,EX\\anna
nils,Nils Dag,nils@ex.example,0470-13,Arkiv,bo,,employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
"""
home = Home(28711, PEOPLE)
at = lambda minutes: (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

def log(*rows, head="time,person,kind,by"):
    with open(WORK + "/resets.csv", "w") as f:
        f.write("\n".join([head, *rows]) + "\n")
    said = home.run("access", "reset", "import", WORK + "/resets.csv")
    lines = [json.loads(l) for l in said.stdout.splitlines()]
    return said, lines

incidents = lambda: [json.loads(l) for l in home.run("incidents", "list").stdout.splitlines()]
with home:
    rows = ["%s,nils,mfa,helpdesk2" % at(1), "%s,nobody.here,password,root" % at(2), "%s,EX\\anna,mfa,helpdesk1" % at(1), "%s,anna,password,helpdesk1" % at(-180)]
    said, lines = log(*rows)
    check("without a verification: told", said.returncode == 0 and lines[0] == {"new": 4, "known": 0, "verified": 0, "unverified": 4, "bad": 0}, (lines, said.stderr))
    found = incidents()
    check("each without opens an incident", len(found) == 4, found)
    number = found[0]["incident"]
    told = json.loads(home.run("incidents", "show", number).stdout.splitlines()[0])
    check("which says what the log said", any(w in json.dumps(told) for w in ("helpdesk", "root")), told)
    said, lines = log(*rows)
    check("the same rows again are known", lines[0] == {"new": 0, "known": 4, "verified": 0, "unverified": 0, "bad": 0} and len(incidents()) == 4, lines)
    said, lines = log("yesterday,nils,mfa,x", "%s,,mfa,x" % at(0), "%s,nils,mfa" % at(0), "%s,per,mfa,x" % at(0))
    check("bad rows are said with their number, good ones are taken", said.returncode == 0 and lines[0]["bad"] == 3 and lines[0]["new"] == 1 and [l["row"] for l in lines[1:]] == [2, 3, 4], lines)
    said, lines = log("x,y", head="when,who")
    check("another file is refused", said.returncode != 0 and lines[0]["bad"] == 1, (said.stdout, said.stderr))
    karin = home.logged_in("karin")
    has("the page says it", karin.get("/access/resets"), "helpdesk2", "Without verification", "5 resets of 30 days had no verification here")
    has("and so does the question", karin.get("/?lang=en"), "reset")

    # The sample.
    for i in range(30):
        home.run("access", "verification", "start", "nils" if i % 2 else "anna", "--errand", "password", "--by", "per")
        last = home.sql("SELECT max(id) FROM access_verification")[0][0]
        home.run("access", "verification", "close", str(last), "--by", "per", "--outcome", "abort", "--because", "Hung up")
    time.sleep(1.1)
    home.run("audit", "seal")
    day = lambda n: (datetime.date.today() + datetime.timedelta(days=n)).isoformat()
    words = ["access", "sample", "--from", day(-1), "--until", day(2)]
    one = json.loads(home.run(*words).stdout)
    check("25 of them", len(one["drawn"]) == 25 and one["all"] == home.sql("SELECT count(*) FROM access_verification")[0][0] and len(set(one["drawn"])) == 25, one)
    home.run("access", "verification", "start", "nils", "--errand", "password", "--by", "per")
    home.run("audit", "seal")
    again = json.loads(home.run(*words, "--checkpoint", str(one["checkpoint"])).stdout)
    check("the same words draw the same again, whatever has happened since", again == one, (one, again))
    other = json.loads(home.run(*words).stdout)
    check("another checkpoint draws another", other["drawn"] != one["drawn"], other)
    seed = hashlib.sha256(("samordna-sample/1\n%s\nverifications\n%s\n%s\n" % (one["root"], one["from"], one["until"])).encode()).digest()
    ids = [row[0] for row in home.sql("SELECT id FROM access_verification ORDER BY id") if row[0] <= one["all"]]
    mine = sorted(ids, key=lambda i: (hashlib.sha256(seed + str(i).encode()).digest(), i))[:25]
    check("somebody else's code draws the same", mine == one["drawn"], (mine, one))
    note = home.run("audit", "verify").stdout
    check("of resets too", json.loads(home.run("access", "sample", "--of", "resets").stdout)["all"] == home.sql("SELECT count(*) FROM access_reset")[0][0])
    check("wrong words are refused", all(home.run("access", "sample", *w).returncode == 2 for w in (("--of", "people"), ("--from", "yesterday"), ("--size", "many"))))
    check("no such checkpoint", home.run("access", "sample", "--checkpoint", "99999").returncode != 0)
home.is_whole()
PY
