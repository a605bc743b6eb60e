"""kill -9 on each process in turn while accepts and commands are in flight. The judge is the clients' own list of answers.

kills.py KILLS IMPORTS SEALS"""
import json, os, random, signal, subprocess, sys, threading, time
from house import House, Asker, WORK, grant, judge, run, say

KILLS, IMPORTS, SEALS = (int(w) for w in sys.argv[1:4])
seed = int(os.environ.get("SEED", random.getrandbits(32)))
random.seed(seed)
print("seed %d" % seed, file=sys.stderr)
TURN = ["core", "gateway", "seal", "web", "core", "reader", "post", "keeper"]
LEAST = 200                            # accepts a second, in flight when the blow falls


class Commander(threading.Thread):
    """Grants one after another on the command line; keeps those that were answered with a number."""

    def __init__(self, house):
        super().__init__(daemon=True)
        self.house, self.granted, self.failed, self.is_over = house, [], 0, False

    def run(self):
        while not self.is_over:
            # Only a running server: a command must not start one of its own while the keeper is down.
            code, out, err = self.house.run(*grant("p%d" % random.randrange(3, 60)), timeout=40)
            if code == 0:
                self.granted.append(json.loads(out)["grant"])
            elif code not in (7, 8):
                self.failed += 1
                print("a grant ended with %d: %s" % (code, err), file=sys.stderr)
            time.sleep(0.05)


def blow(house, name):
    pid = house.keeper() if name == "keeper" else house.child(name)
    if pid is None:
        return False
    os.kill(pid, signal.SIGKILL)
    if name == "keeper":
        house.serve.wait()
        house.start()
    return True


def kill_in_turn(house):
    asker, commander = Asker(house.radius), Commander(house)
    asker.start()
    commander.start()
    rates, waits, missed = [], [], 0
    for i in range(KILLS):
        name = TURN[i % len(TURN)]
        until = time.time() + 20
        time.sleep(random.uniform(0.25, 0.45))
        while asker.rate(0.25) < LEAST and time.time() < until:
            time.sleep(0.02)
        rates.append(asker.rate(0.25))
        before = len(asker.accepts)
        began = time.time()
        if not blow(house, name):
            missed += 1
        while len(asker.accepts) <= before + 60 and time.time() < began + 20:
            time.sleep(0.01)
        waits.append(time.time() - began)
    asker.end()
    commander.is_over = True
    commander.join(60)
    waits.sort()
    print("accepts %d, grants %d, rate at the blow: least %d, median %d; serving again: median %.2f s, longest %.2f s" % (
        len(asker.accepts), len(commander.granted), min(rates), sorted(rates)[len(rates) // 2], waits[len(waits) // 2], waits[-1]),
        file=sys.stderr)
    say("kills: every process was there to be killed", missed == 0, "%d were not" % missed)
    say("kills: %d blows fell on at least %d writes a second" % (KILLS, LEAST), min(rates) >= LEAST, "least %d" % min(rates))
    say("kills: served again within 10 seconds each time", waits[-1] < 10, "longest %.1f s" % waits[-1])
    leaves = house.leaves()
    lost, twice = judge(leaves, asker.accepts)
    made_up = judge(leaves, asker.accepts + [(asker.accepts[0][0], "p999"), (max(leaves) + 1, "p3")])
    say("kills: the judge finds an accept that the log does not have", len(made_up[0]) == len(lost) + 2 and made_up[1] == twice + 1)
    say("kills: each accept that the client got is in the log", not lost and len(asker.accepts) > KILLS * 50, "lost of %d: %s" % (len(asker.accepts), lost[:20]))
    say("kills: no leaf was given twice", twice == 0, "%d" % twice)
    say("kills: no answer was forged or garbled", asker.wrong == 0, "%d" % asker.wrong)
    say("kills: commands fail only as unreachable", commander.failed == 0)
    code, out, err = house.run("access", "list", "--json")
    there = {json.loads(line)["grant"] for line in out.splitlines()}
    lost = [g for g in commander.granted if g not in there]
    say("kills: each grant that the command line got is there", code == 0 and not lost and len(commander.granted) > 5,
        "exit %d, of %d lost: %s" % (code, len(commander.granted), lost))
    why = house.is_whole()
    say("kills: the log is whole and the tables are its fold", not why, why)


def people_of(house):
    code, out, err = house.run("people", "list", "--json", timeout=120)
    return None if code else {row["id"]: row for row in map(json.loads, out.splitlines())}


def kill_imports(house):
    """An accepted file is applied whole, at the latest after the restart; one that was not accepted changes nothing."""
    n, half, accepted = 12000, 0, 0
    for turn in range(IMPORTS):
        path = os.path.join(WORK, "import-%d.csv" % turn)
        with open(os.path.join(WORK, "people.csv")) as old, open(path, "w") as f:
            f.write(old.read())
            for i in range(n):
                f.write("t%dq%d,Ny Person %d,t%dq%d@ex.example,,Vård %d,p0,,employee,no\n" % (turn, i, i, turn, i, i % 50))
            for before in range(turn):
                for i in range(n):
                    f.write("t%dq%d,Ny Person %d,t%dq%d@ex.example,,Vård %d,p0,,employee,no\n" % (before, i, i, before, i, i % 50))
        client = subprocess.Popen([house_program, "people", "import", path, "--home", house.home, "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.15, 1.2))
        blow(house, random.choice(["core", "core", "reader", "keeper"]))
        client.wait(120)
        found, until = None, time.time() + 60
        while time.time() < until:
            now = people_of(house)
            count = None if now is None else sum(1 for p in now if p.startswith("t%dq" % turn))
            if count is not None and count == found and count in (0, n):
                break
            found = count
            time.sleep(0.5)
        accepted += found == n
        half += found not in (0, n)
        if found == 0:                 # what was refused is asked for again: the next file builds on it
            code, out, err = house.run("people", "import", path, timeout=120)
            half += code != 0
            if code:
                print("import again: exit %d %s" % (code, err), file=sys.stderr)
    print("imports cut off: %d, of these applied whole %d" % (IMPORTS, accepted), file=sys.stderr)
    say("kills: an import is applied whole or not at all", half == 0, "%d were half done" % half)
    why = house.is_whole()
    say("kills: the log is whole after cut imports", not why, why)


def kill_seals(house):
    bad = 0
    for turn in range(SEALS):
        client = subprocess.Popen([house_program, "audit", "seal", "--home", house.home], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, 0.06))
        blow(house, ["seal", "core", "keeper"][turn % 3])
        client.wait(60)
        code, out, err = house.run("audit", "seal", "--json")
        for _ in range(20):
            if code not in (7, 8):
                break
            time.sleep(0.2)
            code, out, err = house.run("audit", "seal", "--json")
        if code:
            bad += 1
            print("seal after a kill: exit %d %s" % (code, err), file=sys.stderr)
    say("kills: sealing goes on after %d kills within it" % SEALS, bad == 0)
    why = house.is_whole()
    say("kills: the log is whole after kills within sealing", not why, why)


from house import SAMORDNA as house_program
house = House("kills")
house.start()
house.fill()
kill_in_turn(house)
kill_imports(house)
kill_seals(house)
house.stop()
