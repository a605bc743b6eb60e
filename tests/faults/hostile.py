"""Each process in turn is played as taken over (samordna-hostile): what passed its list of system calls, which paths it reached, and whether
its neighbours live, refuse and go on. Runs inside the namespaces that tests/hostile.sh makes.

hostile.py MESSAGES"""
import json, os, re, sys, time, urllib.request
import house
from house import Asker, House, WORK, say, run

MESSAGES = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
PROCESSES = ["web", "gateway", "reader", "core", "post", "seal", "keeper"]
LETTER = dict(web="W", gateway="G", reader="R", core="C", post="P", seal="S", keeper="K")
# Of the named paths: what a process may reach. keeper reads what it hands on; core has HOME/store alone, and sees the folder it stands in.
MAY = {"keeper": {"opens": {"/etc/passwd", "/etc/shadow", "/root/.ssh/id_rsa", "/proc/1/environ", "/proc/self/environ", "/dev/mem", "/dev/sda",
                            "%s/samordna.conf", "%s/seal/state", "%s/store/../seal/state", "/", ".."},
                  "writes": {"%s/samordna.conf", "%s/lock"}, "removes": {"%s/samordna.conf", "%s/lock"}}}


def allowed():
    """tests/hostile/allowed: the letters of the processes that may, then the calls."""
    found = {p: set() for p in PROCESSES}
    for line in open(os.path.join(HERE, "../hostile/allowed")):
        line = line.split("#")[0].split()
        for process in PROCESSES:
            if line and LETTER[process] in line[0]:
                found[process].update(line[1:])
    return found


def said(h, process, what):
    return set(re.findall(r"hostile: %s %s (\S*)" % (process, what), open(h.log, errors="replace").read()))


def play(process, may):
    home = os.path.join(WORK, "hostile-" + process)
    env = dict(os.environ, SAMORDNA_HOSTILE=process, SAMORDNA_HOSTILE_HOME=home, SAMORDNA_HOSTILE_MESSAGES=MESSAGES)
    h = House("hostile-" + process)
    h.start()
    h.fill()
    h.stop()
    open(h.log, "w").close()
    h.start(env=env)
    until = time.time() + 60 + int(MESSAGES) / 4000
    # core gives up a neighbour that sends nonsense where it wants an answer, and keeper ends it: that may come before it is done.
    ends = re.compile("hostile: %s done|%s does not answer core and is ended" % (process, process))
    while time.time() < until and not ends.search(open(h.log, errors="replace").read()):
        time.sleep(0.05)
    log = open(h.log, errors="replace").read()
    say("hostile: %s has tried all" % process, ends.search(log), log[-3000:])
    passed = said(h, process, "passes")
    say("hostile: %s passes its own calls and no others" % process, passed and passed <= may[process] , "outside: %s" % sorted(passed - may[process]))
    print("%s %s" % (LETTER[process], " ".join(sorted(passed))), file=sys.stderr)
    for what in ("opens", "writes", "removes"):
        found = said(h, process, what)
        say("hostile: %s %s no path that is not its own" % (process, what), found <= MAY.get(process, {}).get(what, set()), "%s" % sorted(found))
    if process == "core":
        while time.time() < until and open(h.log, errors="replace").read().count("answers") < 2:
            time.sleep(0.05)
    floods = re.findall(r"sent (\d+) to descriptor", log)
    if process != "keeper" and "hostile: %s done" % process in log:
        say("hostile: %s flooded its neighbours" % process, floods and max(map(int, floods)) >= 1000, "%s" % floods)
    # A hostile core may have its neighbours started again (STUCK), and they end with it; it cannot make one fall.
    log = open(h.log, errors="replace").read()
    asked = set(re.findall(r"samordna: (\w+) does not answer core", log)) if process == "core" else set()
    ended = set(re.findall(r"samordna: (\w+) ended \(signal (?!9\))" if process == "core" else r"samordna: (\w+) ended", log))
    say("hostile: the neighbours of %s live" % process, ended <= {process}, "ended: %s\n%s" % (sorted(ended), log[-2000:]))
    asker = Asker(h.radius)
    asker.start()
    until = time.time() + 20
    while len(asker.accepts) < 200 and time.time() < until:
        time.sleep(0.05)
    asker.end()
    say("hostile: the gate answers beside a hostile %s" % process, len(asker.accepts) >= 200, "%d accepts\n%s" % (len(asker.accepts), open(h.log).read()[-1500:]))
    try:
        status = urllib.request.urlopen("http://localhost:%d/healthz" % h.port, timeout=10).status
    except Exception as e:
        status = repr(e)
    say("hostile: the web answers beside a hostile %s" % process, status == 200, "%s" % status)
    if asked:
        time.sleep(6)                  # calm again
    code, out, err = h.run("doctor", "--json")
    bad = [c for c in map(json.loads, out.splitlines()) if c["state"] == "fail" and not (process == "keeper" and c["check"].startswith("home"))]   # it may remove what is in HOME
    say("hostile: doctor finds all walls beside a hostile %s" % process, not bad and code in (0, 6 if process == "keeper" else 0), "exit %d %s %s" % (code, bad, err))
    why = h.is_whole()
    for _ in range(5):                 # "busy": a seal that sent nonsense is being started again
        if "exit 8" not in why:
            break
        time.sleep(1)
        why = h.is_whole()
    say("hostile: the log is whole beside a hostile %s" % process, not why, why)
    h.stop()


house.SAMORDNA = os.path.join(os.environ["BUILD"], "tests/hostile/samordna-hostile")
may = allowed()
for one in os.environ.get("ONLY", " ".join(PROCESSES)).split():
    play(one, may)
