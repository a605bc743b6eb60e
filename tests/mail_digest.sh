#!/bin/sh
# The digest: on a Monday morning, by a clock that the test holds, whoever has something waiting gets one mail, and no more of them that day. Nobody takes the
# mail here: what stands in the outbox is looked at.
set -u
exec python3 - <<'PY'
import datetime, json, os, struct, subprocess, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
import served
from served import Home, WORK, check
served.S = os.environ["BUILD"] + "/tests/scenarios/samordna-clocked"
CLOCK = WORK + "/clock"
os.environ["SAMORDNA_CLOCK"] = CLOCK
open(CLOCK, "wb").write(b"\0" * 4096)
def hold(when):
    with open(CLOCK, "r+b") as f:
        f.write(struct.pack("<q", int(datetime.datetime.fromisoformat(when).timestamp() * 1000)))
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
bo,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,
anna,Anna Åberg,anna@ex.example,,Arkiv,bo,,employee,,
siv,Siv Ek,,,IT,,,system_owner employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
"""
hold("2026-11-29T08:00:00+01:00")       # a Sunday
home = Home(28721, PEOPLE, "mail.server = 127.0.0.1:28722 plain-loopback-only\nmail.from = samordna@ex.example\n")
digests = lambda: [d for d in (json.loads(l) for l in home.run("mail", "outbox").stdout.splitlines()) if d["kind"] == "digest"]
def wait_for(n, seconds=75):
    for _ in range(seconds * 2):
        if len(digests()) >= n:
            break
        time.sleep(0.5)
    return digests()
with home:
    home.run("access", "grant", "anna", "--service", "vpn", "--from", "2026-11-30", "--to", "2026-12-31")
    if os.environ["ALL"]:
        time.sleep(65)
        check("on a Sunday nobody is told", digests() == [])
    hold("2026-11-30T06:30:00+01:00")
    if os.environ["ALL"]:
        time.sleep(65)
        check("before seven nobody is told", digests() == [])
    hold("2026-11-30T08:00:00+01:00")
    seen = wait_for(2)
    to = sorted(d["to"] for d in seen)
    check("on a Monday morning: the manager who decides, and the coordinator", "bo@ex.example" in to and "karin@ex.example" in to, seen)
    check("nobody for whom nothing waits, and nobody without an address", "anna@ex.example" not in to and "" not in to, seen)
    if os.environ["ALL"]:
        time.sleep(65)
        check("nobody twice", sorted(d["to"] for d in digests()) == to)
        hold("2026-12-07T08:00:00+01:00")
        check("again the week after", len(wait_for(2 * len(to))) == 2 * len(to), digests())
home.is_whole()
PY
