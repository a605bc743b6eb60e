#!/bin/sh
# Resets in a watched log of the directory, with a real server: who was verified here opens no incident, who was not does, at once and once, whoever is killed; as
# Windows, Entra and Keycloak write them. What one does oneself, an old log, and what a stranger types is none.
set -u
exec python3 - <<'PY'
import json, os, re, signal, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has, WORK, until

PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
bo,Bo Öberg,bo@ex.example,0470-11,Arkiv,,,manager employee,,
anna,Anna Åberg,anna@ex.example,0470-12,Arkiv,bo,,employee,,EX\\anna;anna-uuid
nils,Nils Dag,nils@ex.example,0470-13,Arkiv,bo,,employee,,nils-uuid
per,Per Holm,per@ex.example,,IT,,,support employee,,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
"""
LOG = WORK + "/directory.ndjson"
home = Home(28674, PEOPLE, conf="watch.file = directory %s\nmail.server = localhost:28675 starttls\nmail.from = samordna@ex.example\n" % LOG)
stamp = lambda ago=0: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago))

def write(*lines):
    with open(LOG, "a") as f:
        f.write("".join((l if isinstance(l, str) else json.dumps(l)) + "\n" for l in lines))

def windows(person, by="helpdesk1", event=4724, ago=0):
    return {"@timestamp": stamp(ago), "winlog": {"event_id": event, "keywords": ["Audit Success"], "event_data": {"TargetUserName": person, "SubjectUserName": by}}}

def entra(person, act="Reset user password", by="per@ex.example", ago=0):
    return {"activityDisplayName": act, "activityDateTime": stamp(ago), "result": "success", "initiatedBy": {"user": {"userPrincipalName": by}},
        "targetResources": [{"userPrincipalName": person}]}

def keycloak(person, ago=0):
    return {"time": int((time.time() - ago) * 1000), "operationType": "ACTION", "resourceType": "USER", "resourcePath": "users/%s/reset-password" % person,
        "authDetails": {"userId": "admin-1", "ipAddress": "192.0.2.3"}}

def resets():
    return [(o["person"], o["kind"], o["by"], o.get("verification") is not None) for o in reversed([json.loads(l) for l in home.run("access", "reset", "list").stdout.splitlines()])]

def accused():
    return home.sql("SELECT count(*) FROM incidents_event WHERE source = 'access' AND rule = 'reset.unverified'")[0][0]

def verify(person, errand="password", use=True):
    def do(*words):
        said = home.run("access", "verification", *words)
        if said.returncode:
            sys.exit(" ".join(words) + ": " + said.stdout + said.stderr)
        return said.stdout
    do("start", person, "--errand", errand, "--by", "per")
    number = str(home.sql("SELECT max(id) FROM access_verification")[0][0])
    do("call", number, "--by", "per")
    do("code", number, "--by", "per")
    seen = re.search(r'class="big">(\d{3}) (\d{3})<', nils.get("/me").text)
    do("code", number, "--by", "per", "--read", "".join(seen.groups()))
    do("present", number, "--by", "per", "--shown", "passport")
    token = json.loads(do("approve", number, "--by", "per").splitlines()[-1])["token"]
    if use:
        do("use", number, "--by", "per", "--token", token)

write(windows("anna", ago=2 * 86400), windows("old.hand", ago=400 * 86400))
with home:
    until(lambda: home.run("incidents", "logs").stdout and json.loads(home.run("incidents", "logs").stdout)["lines"] == 2)
    check("an old log tells no news", resets() == [] and accused() == 0, resets())

    began = time.time()
    write(windows("anna", ago=300))
    check("without a verification: an incident", until(lambda: accused() == 1), resets())
    print("an incident %d ms after its line" % ((time.time() - began) * 1000), file=sys.stderr)
    check("of whom and by whom", resets() == [("anna", "password", "helpdesk1", False)], resets())

    nils = home.logged_in("nils")
    # Verified: the errand done, or the token just given and the errand not yet.
    verify("nils")
    write(entra("nils@ex.example", ago=200), windows("nils", ago=210))     # two directories tell of one
    check("with one: none", until(lambda: len(resets()) == 2) and resets()[1] == ("nils@ex.example", "password", "per@ex.example", True) and accused() == 1, resets())
    verify("nils", use=False)
    write(keycloak("nils-uuid"))
    check("with a token that is good: none", until(lambda: len(resets()) == 3) and resets()[2][3] and accused() == 1, resets())
    write(entra("nils@ex.example", "Reset password (by admin)", ago=-20))
    time.sleep(1)
    check("another line of the same reset is the same", len(resets()) == 3 and accused() == 1, resets())
    write(keycloak("anna-uuid"), entra("anna@ex.example", "Admin deleted security info"), windows("nobody.here"))
    check("each without opens one, who is nobody here too", until(lambda: accused() == 4) and len(resets()) == 6, resets())

    # None: her own, a failed one, another's word.
    write(windows("per", "per", 4723), entra("per@ex.example", by="per@ex.example"), entra("per@ex.example", "Change user password"), windows("PC1$"),
        "%s gw sshd[7]: Invalid user operationType=ACTION, resourcePath=users/per/reset-password from 192.0.2.9 port 22" % stamp(),
        {"EventID": 4625, "TargetUserName": 'per","EventID":4724', "IpAddress": "192.0.2.9", "Status": "0xC000006D"})
    until(lambda: json.loads(home.run("incidents", "logs").stdout)["lines"] == 16)
    check("what is none", len(resets()) == 6 and accused() == 4, resets())

    # Killed on the spot after a line: told once, with the place in the same commit.
    children = open("/proc/%d/task/%d/children" % (home.process.pid, home.process.pid)).read().split()
    core = next(int(c) for c in children if b"--process=core" in open("/proc/%s/cmdline" % c, "rb").read())
    write(windows("bo"))
    os.kill(core, signal.SIGKILL)
    check("killed in between: once", until(lambda: home.run("incidents", "logs").returncode == 0 and accused() == 5) and [r[0] for r in resets()].count("bo") == 1, resets())
    time.sleep(1)
    check("and no more", accused() == 5 and len(resets()) == 7, resets())

    with open(WORK + "/resets.csv", "w") as f:
        f.write("time,person,kind,by\n%s,bo,password,helpdesk1\n" % stamp(5 * 3600))
    said = json.loads(home.run("access", "reset", "import", WORK + "/resets.csv").stdout)
    check("the import goes on beside it", said["new"] == 1 and said["unverified"] == 1, said)
    karin = home.logged_in("karin")
    has("the page has them", karin.get("/access/resets"), "helpdesk1", "nobody.here", "Without verification")
home.is_whole()
PY
