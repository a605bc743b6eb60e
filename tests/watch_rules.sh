#!/bin/sh
# Watched logs and what Samordna knows, with a real server and a real RADIUS client: a login that the gate would have refused opens an incident, one that it let
# in does not, nor does a name that a stranger typed; countermeasures refuse the next login at once, and let others be.
set -u
command -v radclient >/dev/null || { echo "skip watch_rules no radclient"; exit 0; }
exec python3 - <<'PY'
import json, os, re, subprocess, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has, WORK, until

VPN, OFFICE = WORK + "/vpn.log", WORK + "/office.log"
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
anna,Anna Åberg,anna@ex.example,,Arkiv,bo,,employee,,EX\\anna
bo,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,
nils,Nils Dag,nils@ex.example,,Arkiv,bo,,employee,,
siv,Siv Ek,siv@ex.example,,Larm,,,system_owner employee,,
sven,Sven Ros,sven@ex.example,,IT,,,system_owner employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
left,Lars Lund,lars@ex.example,,Arkiv,bo,2020-01-01,employee,,
"""
home = Home(28681, PEOPLE, conf="radius.listen = 127.0.0.1:28682\nradius.client = vpn1 127.0.0.1 secret-vpn authorise-only\n"
            "watch.file = vpn1 %s\nwatch.file = office %s\n" % (VPN, OFFICE))
pid = [1000]

def write(path, text, stamp=None):
    pid[0] += 1
    with open(path, "a") as f:
        f.write("%s gw sshd[%d]: %s\n" % (stamp or time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()), pid[0], text))

def came_in(user, address, path=VPN, **more):
    write(path, "Accepted password for %s from %s port 4022 ssh2" % (user, address), **more)

def failed(user, address, path=VPN):
    write(path, "Failed password for %s from %s port 4022 ssh2" % (user, address))

def rules(key=None):
    return sorted(r[0] + " " + r[1] for r in home.sql("SELECT DISTINCT rule, key FROM incidents_event WHERE source = 'watch'") if key in (None, r[1]))

def lines():
    return {o["log"]: o["lines"] for o in map(json.loads, home.run("incidents", "logs").stdout.splitlines())}

def connect(user, calling):
    """By radclient: accepted, or the sentence of the refusal."""
    packet = 'User-Name = "%s", NAS-Identifier = "vpn1", Service-Type = Authorize-Only, Message-Authenticator = 0x00%s' % (user, ', Calling-Station-Id = "%s"' % calling if calling else "")
    said = subprocess.run(["radclient", "-x", "-r", "1", "-t", "5", "127.0.0.1:28682", "auth", "secret-vpn"], input=packet, capture_output=True, text=True)
    got = re.search(r'Reply-Message = "(.*)"', said.stdout)
    return "accept" if "Access-Accept" in said.stdout else got[1] if got else said.stdout + said.stderr

def measure(*words):
    return home.run("incidents", "measure", *words)

for path in (VPN, OFFICE):
    open(path, "w").close()
with home:
    # Nobody has been granted anything: no login can be without a grant.
    came_in("bo", "192.0.2.10")
    until(lambda: lines().get("vpn1") == 1)
    time.sleep(1)
    check("R9 is silent before the first grant", rules() == [], rules())
    home.run("people", "unit", "Larm", "--class", "1")
    for person in ("anna", "siv", "nils"):
        done = home.run("access", "grant", person, "--service", "vpn", "--from", time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400)),
                        "--to", time.strftime("%Y-%m-%d", time.gmtime(time.time() + 80 * 86400)), "--requested-by", "bo", "--approved-by", "sven", "--executed-by", "per")
        done.returncode and print(done.stderr, file=sys.stderr)
    home.run("setting", "set", "incidents.idle_days", "45")
    time.sleep(61)                       # the register is asked again once a minute
    came_in("anna", "192.0.2.1")
    came_in("EX\\anna", "192.0.2.1")
    came_in("stranger", "192.0.2.2")
    came_in("bo", "192.0.2.10", path=OFFICE)
    failed("bo", "198.51.100.1")
    failed("bo from 192.0.2.66 port 22 ssh2", "198.51.100.2")
    came_in("karin", "192.0.2.3", stamp="2026-01-05T08:00:00+00:00")
    came_in("bo", "192.0.2.10")
    check("a remote login without a grant", until(lambda: rules() == ["R9.grant bo"]), rules())
    check("its severity, and what it says", home.sql("SELECT severity, title FROM incidents_incident") == [(2, "En fjärrinloggning utan behörighet: Bo Öberg")],
          home.sql("SELECT severity, title FROM incidents_incident"))
    time.sleep(2.5)
    check("nobody else: with a grant, at the office, a stranger's name, an old line", rules() == ["R9.grant bo"], rules())
    for _ in range(5):
        came_in("bo", "192.0.2.10")
    came_in("per", "192.0.2.11")         # support without a grant: a role of trust weighs more
    until(lambda: "R9.grant per" in rules())
    check("again is the same incident, told once", len(home.sql("SELECT id FROM incidents_event WHERE rule = 'R9.grant' AND key = 'bo'")) == 1)
    check("a role of trust weighs more", home.sql("SELECT i.severity FROM incidents_incident i JOIN incidents_event e ON e.incident = i.id WHERE e.key = 'per'") == [(1,)])
    # Who has left: any login; what strangers try counts for where they are.
    failed("lars@ex.example", "203.0.113.200", path=OFFICE)
    check("a leaver's account is tried", until(lambda: rules("203.0.113.200") == ["R10.tried 203.0.113.200"]), rules())
    came_in("left", "192.0.2.12", path=OFFICE)
    check("and used", until(lambda: rules("left") == ["R10.left left"]), rules())

    # Countermeasures by a real client.
    check("anna connects", connect("anna", "192.0.2.1") == "accept", connect("anna", "192.0.2.1"))
    # What the gate let in a moment ago is no deviation, though its grant is revoked by now.
    check("nils connects", connect("nils", "192.0.2.30") == "accept")
    home.run("access", "revoke", "3", "--by", "siv")
    came_in("nils", "192.0.2.30")
    number = home.sql("SELECT number FROM incidents_incident ORDER BY id LIMIT 1")[0][0]
    done = measure("make", "anna", "--kind", "hold", "--because", "Her password is sold", "--incident", number, "--by", "per")
    check("held", json.loads(done.stdout or "{}").get("state") == "active", done)
    said = connect("anna", "192.0.2.1")
    check("the next login is refused, with what to do", "hålls inne medan en incident hanteras" in said, said)
    anna = home.logged_in("anna")
    has("her own page says what to do", anna.get("/me"), "Your remote connection is held", "You have done nothing wrong. Call the support")
    has("and in Swedish", anna.get("/me?lang=sv"), "Din fjärranslutning hålls inne", "Du har inte gjort något fel.")
    time.sleep(1.1)                      # the line says whole seconds: it must lie after the decision
    came_in("anna", "192.0.2.1", path=OFFICE)
    check("a held account that is used elsewhere", until(lambda: rules("anna") == ["R10.held anna"]), rules())
    check("on the incident's timeline", "Her password is sold" in home.run("incidents", "show", number).stdout)
    measure("do", "1", "remove", "--by", "per", "--because", "New password")
    check("lifted: in at once", connect("anna", "192.0.2.1") == "accept")
    done = measure("make", "192.0.2.0/24", "--kind", "block", "--because", "Guesses", "--by", "per")
    check("not where our own people come from", done.returncode == 5 and ("own people" in done.stderr or "våra egna" in done.stderr), done)
    measure("make", "203.0.113.0/24", "--kind", "block", "--because", "Guesses", "--by", "per")
    said = connect("anna", "203.0.113.9")
    check("from a blocked network", "Anslutningar från nätet där du är stoppas en tid" in said, said)
    check("from another", connect("anna", "203.0.114.9") == "accept")
    check("without an address", connect("anna", "") == "accept")
    check("a critical unit comes in all the same", connect("siv", "203.0.113.9") == "accept")
    done = measure("make", "siv", "--kind", "hold", "--because", "Odd", "--by", "per")
    check("nothing holds a critical unit without a coordinator", json.loads(done.stdout or "{}").get("state") == "pending" and connect("siv", "") == "accept", done)
    check("for firewalls", home.run("incidents", "measure", "blocks").stdout.startswith('{"network":"203.0.113.0/24","until":"'))

    # By the watch itself, when the setting says so; never where our own people come from.
    home.run("setting", "set", "incidents.block_minutes", "30")
    for address in ("198.51.100.77", "203.0.114.9"):
        for i in range(6):
            failed("root", address)
    check("guessing", until(lambda: "R1 198.51.100.77" in rules() and "R1 203.0.114.9" in rules()), rules())
    said = connect("anna", "198.51.100.77")
    check("is blocked by the watch", "stoppas en tid" in said, said)
    check("but not where anna was today", connect("anna", "203.0.114.9") == "accept")
    check("nils, whom the gate had let in, is no deviation", rules("nils") == [], rules())
    web = home.logged_in("karin")
    has("the page", web.get("/incidents/measures"), "Countermeasures", "198.51.100.77", "The watch", "Waits for a decision", "203.0.113.0/24")
    has("the rules", web.get("/incidents/rules"), "Rules of the watch", "R9.quarantine", "6 failed logins", "1 min", "Off: no places")
    has("the rules in Swedish", web.get("/incidents/rules?lang=sv"), "Bevakningens regler", "Fjärr")
    has("and in logs", web.get("/incidents/logs?lang=en"), "Rules of the watch")
    home.is_whole()
PY
