"""Each time that a command asks for memory there is none, once and from then on: it ends with a sentence or with the right answer, never with a
signal and never with half an answer.

no_memory.py LIBRARY PLACES: at most so many places of each command, spread over all of them; 0: every one."""
import os, random, subprocess, sys
from house import SAMORDNA, WORK, House, run, say

LIBRARY, PLACES = sys.argv[1], int(sys.argv[2])
VERIFY = os.path.join(os.environ["BUILD"], "samordna-verify")


def once(words, fail_at=0, goes_on=False):
    env = dict(os.environ, LD_PRELOAD=LIBRARY, FAIL_COUNT=WORK + "/count", LC_ALL="en_US.UTF-8", FAIL_AT=str(fail_at))
    if goes_on:
        env["FAIL_ON"] = "1"
    done = subprocess.run(words, capture_output=True, timeout=60, stdin=subprocess.DEVNULL, env=env)
    return done.returncode, done.stdout, done.stderr


def play(name, words):
    right = once(words)
    total, wrong, tries, told = int(open(WORK + "/count").read()), [], 0, 0
    places = range(1, total + 1)
    if PLACES and total > PLACES:
        places = sorted(set(list(range(1, PLACES // 2)) + random.sample(places, PLACES // 2)))
    for at in places:
        for goes_on in (False, True):
            code, out, err = once(words, at, goes_on)
            tries += 1
            told += code != right[0]
            if code < 0 or (code == right[0] and out != right[1]) or (code != right[0] and not err) or b"anitizer" in err:
                wrong.append("%d%s: exit %d, %d of %d bytes, %r" % (at, " and on" if goes_on else "", code, len(out), len(right[1]), err[-150:]))
    say("no memory: %s" % name, not wrong and total > 3, "%d of %d tries at %d places: %s" % (len(wrong), tries, total, "\n".join(wrong[:8])))
    return tries


def main():
    lines, own, problem = WORK + "/lines", WORK + "/own", WORK + "/problem.json"
    open(lines, "w").write("Mar 16 08:00:00 host sshd[1]: Failed password for root from 192.0.2.7 port 22 ssh2\n" * 50)
    open(own, "w").write("kommun.example\n*.kommun.example\n")
    open(problem, "w").write('{"slots":4,"gateways":[{"id":"g1","places":[2,2,1,1]}],"types":[{"id":"a","class":1,"need":1,"members":2,"windows":[[0,3]],"gateways":["g1"]},'
                             '{"id":"b","class":2,"need":2,"members":3,"windows":[[0,4]],"gateways":["g1"]}]}')
    plan = WORK + "/plan.ndjson"
    open(plan, "wb").write(subprocess.run([SAMORDNA, "capacity", "solve", problem, "--json"], capture_output=True).stdout)
    house = House("home")
    code, out, err = run("audit", "export", WORK + "/export", home=house.home)
    if code:
        raise SystemExit("export: " + err)
    tries = 0
    for name, words in (("help", ["help"]), ("route list", ["route", "list", "--json"]), ("link check", ["link", "check", "--own", own, "https://komun.example/", "--json"]),
                        ("lines read", ["lines", "read", "--json", lines]), ("lines replay", ["lines", "replay", "--json", lines]),
                        ("capacity check", ["capacity", "check", problem, plan, "--json"]), ("incidents deadlines", ["incidents", "deadlines", "--pack", "gdpr", "--aware", "2026-03-16T08:00:00Z", "--json"])):
        tries += play(name, [SAMORDNA, *words])
    tries += play("samordna-verify", [VERIFY, WORK + "/export", "--key", WORK + "/export/key", "--json"])
    print("%d tries" % tries, file=sys.stderr)


main()
