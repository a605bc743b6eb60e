#!/bin/sh
# beside: it waits for the minute at which core looks, several times
# Alarms of legal clocks by real mail, by a clock that the test holds: at half the time to the coordinator and to who answers for the incident, two hours before
# to their deputies too, and when it is late; each once, with nothing of what anybody wrote.
set -u
exec python3 - <<'PY'
import datetime, json, os, struct, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
import served, web_client
from exim import Exim
from served import Home, WORK, check
served.S = os.environ["BUILD"] + "/tests/scenarios/samordna-clocked"
CLOCK = WORK + "/clock"
os.environ["SAMORDNA_CLOCK"] = CLOCK
open(CLOCK, "wb").write(b"\0" * 4096)
class held:
    sleep = time.sleep
    time = staticmethod(lambda: held.now)
def hold(when):
    held.now = datetime.datetime.fromisoformat(when).timestamp()
    with open(CLOCK, "r+b") as f:
        f.write(struct.pack("<q", int(held.now * 1000)))
web_client.time = held                      # its codes are of the same moment
hold("2026-10-24T10:00:00+02:00")           # the night before the hour that comes twice
os.makedirs(WORK + "/exim")
exim = Exim(WORK + "/exim", 28792)
home = Home(28791, """id,name,email,phone,unit,manager,employment_end,roles,protected,login
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,,
per,Per Holm,per@ex.example,,IT,,,support employee,,
vice,Vera Lund,vera@ex.example,,IT,,,support employee,,
anna,Anna Lind,anna@ex.example,,IT,,,employee,,
rev,Rut Vik,rut@ex.example,,IT,,,auditor employee,,
""", "mail.server = localhost:28792 starttls\nmail.from = samordna@ex.example\nmail.user = samordna\nmail.password = hemligt\nmail.ca = %s/exim/ca.pem\n" % WORK)
exim.start()

def mails(title, least):
    """Who got a mail with that in its title, when there are so many."""
    for _ in range(170):
        found = [m for m in exim.mails() if title in m["subject"]]
        if len(found) >= least:
            break
        time.sleep(0.5)
    time.sleep(1)
    found = [m for m in exim.mails() if title in m["subject"]]
    return sorted(m["to"].split("@")[0].strip("<") for m in found), found

with home:
    karin = home.logged_in("karin")
    number = {code: id for id, code in home.sql("SELECT id, code FROM person")}
    karin.post("/people/deputy/%d" % number["karin"], {"act": "add", "deputy": "vice", "from": "2026-10-24", "until": "2026-10-30"})
    check("there is a deputy", home.sql("SELECT count(*) FROM deputy")[0][0] == 1)
    incident = json.loads(home.run("incidents", "report", "--kind", "call", "--text", "Hemligt ord").stdout)["incident"]
    for words in (("assign", "--owner", "per"), ("assess",), ("classify", "--severity", "2", "--title", "Hemligt ord")):
        home.run("incidents", words[0], incident, *words[1:], "--by", "per")
    home.run("incidents", "track", incident, "--pack", "gdpr", "--applies", "no", "--because", "x", "--by", "karin")
    hold("2026-10-24T22:05:00+02:00")        # half of 24 hours
    to, found = mails("Halva tiden", 2)
    check("at half the time: the coordinator and who answers for it", to == ["karin", "per"], to)
    text = found[0].get_content().replace("\u00a0", " ") if found else ""
    check("with the moment, right over the hour that comes twice, and the page", "25 oktober 2026" in text and "09.00" in text and "/incidents/law/" + incident in text, text)
    check("and nothing that anybody wrote", "Hemligt" not in text + found[0]["subject"] if found else False)
    hold("2026-10-25T07:05:00+01:00")        # two hours before nine, by winter time
    to, found = mails("Snart", 3)
    check("two hours before: the deputy too", to == ["karin", "per", "vera"], to)
    if os.environ["ALL"]:
        hold("2026-10-25T09:01:00+01:00")
        to, found = mails("Försenad", 3)
        check("when it is late", to == ["karin", "per", "vera"], (to, [m["subject"] for m in exim.mails()]))
        time.sleep(65)
        check("each once", len(mails("", 0)[1]) == 8, [m["subject"] for m in exim.mails()])
exim.stop()
home.is_whole()
PY
