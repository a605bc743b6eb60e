#!/bin/sh
# Remote logins that need a right, as a real OpenVPN writes them: without a grant, before it, after its end, after it was revoked, suspended by nobody, in quarantine
# after a reset, outside the booked time, and with an account that has rested. Each is told once, at once; who may is told of never.
set -u
exec python3 - <<'PY'
import json, os, re, sqlite3, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, WORK, until

PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
""" + "".join("%s,%s Ek,%s@ex.example,0470-11,Arkiv,bo,,employee,,\n" % (p, p.title(), p) for p in ("may", "none", "early", "ended", "gone", "reset", "booked", "intime", "rested")) + """bo,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,
sven,Sven Ros,sven@ex.example,,IT,,,system_owner employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
"""
os.environ["TZ"] = "Europe/Stockholm"    # a time that tells no zone is the municipality's
time.tzset()
VPN = WORK + "/openvpn.log"
home = Home(28684, PEOPLE, conf="radius.listen = 127.0.0.1:28685\nradius.client = vpn1 127.0.0.1 secret-vpn authorise-only\nwatch.file = vpn1 %s openvpn\n"
            "mail.server = localhost:28686 starttls\nmail.from = samordna@ex.example\n" % VPN)

def came_in(user, n):
    """What openvpn 2.6 logs of a log-in by name and password (tests/lines_vpn.sh has a real one's)."""
    at, peer = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime()), "203.0.113.%d:5%04d" % (n, n)
    with open(VPN, "a") as f:
        f.write("%s %s TLS: Username/Password authentication succeeded for username '%s' \n" % (at, peer, user))
        f.write("%s %s Control Channel: TLSv1.3, cipher TLSv1.3 TLS_AES_256_GCM_SHA384\n" % (at, peer))
        f.write("%s %s [%s] Peer Connection Initiated with [AF_INET]%s\n" % (at, peer, user, peer))
        f.write("%s %s/%s MULTI: primary virtual IP for %s/%s: 10.8.0.%d\n" % (at, user, peer, user, peer, n))

def rules():
    return sorted(r[0] + " " + r[1] for r in home.sql("SELECT DISTINCT rule, key FROM incidents_event WHERE source = 'watch'"))

def run(*words):
    said = home.run(*words)
    if said.returncode:
        sys.exit(" ".join(words) + ": " + said.stdout + said.stderr)
    return said.stdout

def day(n):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * 86400))

def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))

def grant(person, start, end):
    said = run("access", "grant", person, "--service", "vpn", "--from", start, "--to", end, "--requested-by", "bo", "--approved-by", "sven", "--executed-by", "per")
    return str(json.loads(said)["grant"])

open(VPN, "w").close()
with home:
    for person in ("may", "reset", "booked", "intime", "rested"):
        grant(person, day(-1), day(80))
    grant("early", day(3), day(80))
    grant("ended", day(-1), moment(5))
    run("access", "revoke", grant("gone", day(-1), day(80)), "--by", "sven")
    # The token of a reset is used: the connection is held for a day.
    web = home.logged_in("reset")
    run("access", "verification", "start", "reset", "--errand", "password", "--by", "per")
    run("access", "verification", "call", "1", "--by", "per")
    run("access", "verification", "code", "1", "--by", "per")
    run("access", "verification", "code", "1", "--by", "per", "--read", "".join(re.search(r'class="big">(\d{3}) (\d{3})<', web.get("/me").text).groups()))
    run("access", "verification", "present", "1", "--by", "per", "--shown", "passport")
    token = json.loads(run("access", "verification", "approve", "1", "--by", "per").splitlines()[-1])["token"]
    run("access", "verification", "use", "1", "--by", "per", "--token", token)
    # Booked: one now, one in some hours.
    run("capacity", "limit", "vpn1", "--licence", "20")
    slot = time.time() // 1200 * 1200
    run("capacity", "slot", "book", "booked", "--gateway", "vpn1", "--at", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(slot + 3 * 1200)))
    run("setting", "set", "incidents.idle_days", "45")
    time.sleep(6)

# When an account was last used is kept in a table of its own: the rested one sixty days ago, the other yesterday.
store = sqlite3.connect(home.at + "/store/samordna.db")
people = dict(store.execute("SELECT code, id FROM person"))
today = int(time.time() // 86400)
for person, ago in (("rested", 60), ("may", 1)):
    store.execute("INSERT INTO incidents_seen (person, day) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET day = excluded.day", (people[person], today - ago))
store.commit()
store.close()

WANTED = ["R10.idle rested", "R9.early early", "R9.ended ended", "R9.grant gone", "R9.grant none", "R9.quarantine reset", "R9.slot booked"]
with home:
    for n, person in enumerate(("may", "none", "early", "ended", "gone", "reset", "booked", "rested", "stranger"), 10):
        came_in(person, n)
    check("each deviation, and nobody else", until(lambda: len(rules()) == len(WANTED)) and rules() == WANTED, rules())
    for n, person in enumerate(("may", "none", "early", "ended", "gone", "reset", "booked", "rested"), 40):
        came_in(person, n)
    time.sleep(2.5)
    check("again is the same", rules() == WANTED and home.sql("SELECT count(*) FROM incidents_event WHERE source = 'watch'")[0][0] == len(WANTED), rules())
    grave = dict(home.sql("SELECT e.rule, i.severity FROM incidents_event e JOIN incidents_incident i ON i.id = e.incident WHERE e.source = 'watch'"))
    check("in quarantine is the gravest", grave["R9.quarantine"] == 1 and grave["R9.slot"] == 4 and grave["R9.grant"] == 2, grave)
home.is_whole()
PY
