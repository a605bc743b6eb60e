#!/bin/sh
# Impossible travel with a real server: a file in MaxMind's form that is written here, in each of its widths; journeys that cannot be and that can, exits that
# many share or that are marked, and what is said of a file that is old, broken, without coordinates, or not there. mmdblookup, a reader of
# another hand, reads the same file.
set -u
exec python3 - <<'PY'
import json, os, shutil, subprocess, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has, WORK, until
import mmdb

LOG, FILE = WORK + "/auth.log", WORK + "/places.mmdb"
STOCKHOLM, MALMO, SAO_PAULO, PARIS = (59.33, 18.07), (55.60, 13.00), (-23.55, -46.63), (48.85, 2.35)
NETWORKS = {"192.0.2.0/25": mmdb.place(*STOCKHOLM), "192.0.2.128/25": mmdb.place(*STOCKHOLM), "198.51.100.0/24": mmdb.place(*MALMO), "203.0.113.0/25": mmdb.place(*SAO_PAULO, "BR"),
    "203.0.113.128/26": mmdb.place(*SAO_PAULO, "BR", is_anonymous_vpn=True), "203.0.113.192/26": mmdb.place(*SAO_PAULO, "BR", radius=1000),
    "2001:db8::/32": mmdb.place(*PARIS, "FR"), "100.64.0.0/10": {"country": {"iso_code": "SE"}}}
DAY = 86400
pid = 0

def put(networks=NETWORKS, **how):
    how.setdefault("built", int(time.time()) - 5 * DAY)
    mmdb.write(FILE + ".new", networks, **how)
    os.rename(FILE + ".new", FILE)

def came_in(user, address, ago=0):
    global pid
    pid += 1
    with open(LOG, "a") as f:
        f.write("%s gw sshd[%d]: Accepted publickey for %s from %s port 4022 ssh2\n" % (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago)), pid, user, address))

def travelled():
    return sorted(r[0] for r in home.sql("SELECT DISTINCT key FROM incidents_event WHERE source = 'watch' AND rule = 'R8'"))

def all_read(n):
    return until(lambda: home.logs()["ssh"]["logins"] == n)

def rule():
    return next(o["on"] for o in map(json.loads, home.run("incidents", "rules").stdout.splitlines()) if o["rule"] == "R8")

def doctor():
    return next((o for o in map(json.loads, home.run("doctor").stdout.splitlines()) if o["check"] == "watch.places"), None)

open(LOG, "w").close()
home = Home(28673, conf="watch.file = ssh %s\nwatch.places = %s\n" % (LOG, FILE))
with home:
    # No file yet: the rule is off and says so.
    check("without a file it says so", until(lambda: home.logs().get("places", {}).get("state") == "useless") and doctor()["state"] == "warn" and not rule(), (home.logs(), doctor()))
    came_in("early", "192.0.2.1")
    came_in("early", "203.0.113.1")
    check("and the rule is off", all_read(2) and travelled() == [], travelled())

    n, done = 2, []
    for bits in (24, 28, 32):
        put(bits=bits)
        if shutil.which("mmdblookup"):
            seen = subprocess.run(["mmdblookup", "--file", FILE, "--ip", "192.0.2.200", "location", "latitude"], capture_output=True, text=True)
            check("another reader of %d bits" % bits, "59.33" in seen.stdout, seen)
        check("a file of %d bits is taken" % bits, until(lambda: home.logs()["places"]["state"] == "ok") and rule() and doctor()["state"] == "ok", (home.logs(), doctor()))
        who = "w%d" % bits
        came_in(who, "192.0.2.1", 600)
        came_in(who, "203.0.113.1")                      # 10,500 km in ten minutes
        came_in(who + "six", "192.0.2.200", 600)
        came_in(who + "six", "2001:db8::1")              # Paris: 1,540 km, by IPv6
        done += [who, who + "six"]
        n += 4
        check("an impossible journey, %d bits" % bits, until(lambda: travelled() == sorted(done)) and all_read(n), (travelled(), home.logs()))
        put(bits=bits, built=1)                          # so that the next is seen to be taken
        until(lambda: home.logs()["places"]["state"] == "old")
    put(version=4, networks={k: v for k, v in NETWORKS.items() if ":" not in k})
    check("a tree of IPv4 alone", until(lambda: home.logs()["places"]["state"] == "ok"), home.logs())
    came_in("four", "192.0.2.1", 600)
    came_in("four", "203.0.113.1")
    done.append("four")
    n += 2
    check("finds one too", until(lambda: travelled() == sorted(done)) and all_read(n), travelled())
    put()
    until(lambda: home.logs()["places"]["state"] == "ok")
    time.sleep(0.6)

    # Journeys that can be, and places that say nothing.
    came_in("train", "192.0.2.1", 3 * 3600)
    came_in("train", "198.51.100.1")                     # Stockholm to Malmö in three hours
    came_in("flight", "192.0.2.1", 14 * 3600)
    came_in("flight", "203.0.113.1")                     # to São Paulo in fourteen
    for address in ("203.0.113.130", "203.0.113.200", "100.64.0.1", "10.0.0.1", "gw.example"):
        came_in("guarded", "192.0.2.1", 600)             # a marked exit, a vague one, no coordinates, no network of the file, a name
        came_in("guarded", address)
    for i in range(14):
        came_in("crowd%d" % i, "203.0.113.9")            # an exit that many share
    came_in("mobile", "192.0.2.1", 600)
    came_in("mobile", "203.0.113.9")
    came_in("mobile", "192.0.2.1")                       # and back from it
    n += 2 + 2 + 10 + 14 + 3
    check("what can be, and what says nothing, is no incident", all_read(n) and not until(lambda: travelled() != sorted(done), 2), travelled())

    # Files of no use.
    def is_useless(name):
        check(name, until(lambda: home.logs()["places"]["state"] == "useless") and not rule() and doctor()["state"] == "warn", (home.logs(), doctor()))
        put()
        until(lambda: home.logs()["places"]["state"] == "ok")
    whole = open(FILE, "rb").read()
    for name, text in (("empty", b""), ("cut off", whole[:len(whole) // 2]), ("no such file", b"network,country\n" * 100), ("torn", whole[:200] + bytes(200) + whole[400:-60] + bytes(60))):
        with open(FILE + ".new", "wb") as f:
            f.write(text)
        os.rename(FILE + ".new", FILE)
        is_useless("a file that is " + name)
    put({"192.0.2.0/24": {"country": {"iso_code": "SE"}}}, kind="Test-Country")
    is_useless("a file of countries, without coordinates")

    put(built=int(time.time()) - 120 * DAY)
    check("an old file is said to be old, and counts", until(lambda: home.logs()["places"]["state"] == "old") and rule() and doctor()["state"] == "warn", (home.logs(), doctor()))
    web = home.web()
    web.set_up(home.code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")
    has("the page says so", web.get("/incidents/logs"), "places", "where addresses are", "Old")
    has("in Swedish", web.get("/incidents/logs?lang=sv"), "var adresser finns", "Gammal")
    web.get("/incidents/logs?lang=en")
    has("the rule with its numbers", web.get("/incidents/rules"), "500 km, 800 km/h, not from an address of 12 accounts")
    check("it is a task", "newer file of where addresses are" in web.get("/tasks").words(), web.get("/tasks").words())
    check("and is no silent log", "logs are silent" not in web.get("/").words())
    said = {o["question"]: o for o in map(json.loads, home.run("status").stdout.splitlines())}["logins"]
    check("question 7 says which logs are watched, and stays unknown", said["state"] == "unknown" and said["evidence_at"] == "/incidents/logs"
          and said["sentence"].startswith("1 ") and said["measured_at"], said)

# One that is named no more is forgotten.
with open(home.at + "/samordna.conf") as f:
    kept = [line for line in f if not line.startswith("watch.")]
with open(home.at + "/samordna.conf", "w") as f:
    f.writelines(kept)
with home:
    check("what is named no more is forgotten", until(lambda: home.logs() == {}), home.logs())
home.is_whole()
PY
