# No way in gives a deviation effect before its signature: every command, every page that takes a form, the API, imports, settings;
# and SQL by hand is found. A decision is asked for, everything is tried against it, and each time the gate must still say no.
set -u
S=$BUILD/samordna H=$WORK/home
LANG=en_US.UTF-8; export LANG
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null; wait 2>/dev/null' EXIT
check() { name=$1; shift; if "$@"; then echo "ok $name"; else echo "not ok $name"; fi; }
run() { timeout 60 "$S" "$@" --home "$H"; }
serve() {
	: >"$WORK/serve.log"
	"$S" serve --home "$H" 2>"$WORK/serve.log" &
	server=$!
	for _ in $(seq 50); do grep -q answers "$WORK/serve.log" && break; sleep 0.2; done
}
stop() { kill $server; wait $server 2>/dev/null; server=; }
cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected
chef,Eva Strand,eva@ex.example,,Ledning,,,management employee,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,
bo,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,
anna,Anna Åberg,anna@ex.example,,Arkiv,bo,,employee,
siv,Siv Ek,siv@ex.example,,IT,,,system_owner employee,
per,Per Holm,per@ex.example,,IT,,,support employee,
pia,Pia Rask,pia@ex.example,,IT,,,support employee,
rev,Rut Vik,rut@ex.example,,IT,,,auditor employee,
CSV
run init --org Provkommunen >/dev/null
printf 'http.listen = 127.0.0.1:28577\nradius.listen = 127.0.0.1:28578\nradius.client = vpn1 127.0.0.1 testing123 authorise-only\n' >>"$H/samordna.conf"
serve
run people import "$WORK/people.csv" >/dev/null
run people mandate chef --level 3 >/dev/null
until=$(date -u -d "20 days" +%F)
ask() { run decision ask access.no_grant --title "May Anna connect?" --because "It cannot wait." --yes Theft --yes-likely Seldom --no Delay \
	--no-likely Certain --measures Logging --level 2 --until "$until" --decider chef --by bo "$@"; }
ask --person anna >/dev/null
# What the gate says of the three whom it could be about, and how the decision stands.
stands() { for who in anna bo siv; do run gate ask $who --json | sed -n 's/^{"verdict":"\([a-z]*\)".*/\1/p'; done | sort | uniq -c | tr -s ' '
	run decision list --json | sed 's/.*"state":"\([a-z]*\)".*"signed_at":\([^,]*\),.*/\1 \2/'; }
before=$(stands)
check "begin: asked, and the gate says no" [ "$before" = " 3 deny
asked null" ]
still() { now=$(stands); if [ "$now" = "$before" ]; then echo "ok $1"; else echo "not ok $1"; echo "$now" >&2; fi; }

# Every command there is, in the decider's name, with the decision's number and with words that would sign if anything did; but those that take back
# or refuse, which are other tests', and those that are no act upon this home.
run --help | sed -n 's/^  samordna \([a-z-][a-z-]*\( [a-z-][a-z-]*\)*\).*/\1/p' | sort -u >"$WORK/help"
n=0
while read -r words; do
	case $words in serve|init|help|demo*|backup*|"audit export"|"capacity "*|completion|"decision refuse"|"decision more"|"decision withdraw") continue ;; esac
	case $words in "decision urgent refuse"|"decision urgent withdraw") continue ;; esac
	for more in "1" "1 --by chef" "1 --by chef --because yes" "1 yes --by chef"; do
		run $words $more >/dev/null 2>&1 </dev/null
		n=$((n + 1))
	done
done <"$WORK/help"
check "command line: $n tries" [ $n -gt 100 ]
still "command line: and none had an effect"
check "command line: its help knows the decisions" grep -q "^decision sign$" "$WORK/help"
run decision sign 1 >"$WORK/said" 2>&1
check "command line: signing says where it is done" grep -q "/decisions/1" "$WORK/said"

# Settings: each switch there is, turned over.
run setting list --json >"$WORK/settings"
sed -n 's/.*"setting":"\([^"]*\)".*/\1/p;s/.*"name":"\([^"]*\)".*/\1/p' "$WORK/settings" | sort -u >"$WORK/names"
check "settings: there are some" test -s "$WORK/names"
while read -r name; do
	case $name in demo.*) continue ;; esac
	for value in yes no 1; do run setting set "$name" $value >/dev/null 2>&1; done
done <"$WORK/names"
still "settings: turning each over has no effect"
run setting set cli.state yes >/dev/null

# An import that says more than it may: no column and no role signs anything.
sed '1s/$/,decision,signed_at/;2,$s/$/,1,2026-01-01/' "$WORK/people.csv" >"$WORK/more.csv"
run people import "$WORK/more.csv" >/dev/null 2>&1
still "import: unknown columns have no effect"
sed '/^anna/s/employee/management coordinator/' "$WORK/people.csv" >"$WORK/roles.csv"
run people import "$WORK/roles.csv" --vanish 100 >/dev/null 2>&1
still "import: roles have no effect"
run people import "$WORK/people.csv" --vanish 100 >/dev/null 2>&1

# Pages and the API.
token=$(run token make nac --json | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
TOP=$TOP python3 - "$S" "$H" "$token" <<'PY'
import json, os, re, subprocess, sys
sys.path.insert(0, os.environ["TOP"] + "/tests")
from web_client import Web
S, H, token = sys.argv[1:]
BASE = "http://localhost:28577"

def run(*words):
    return subprocess.run([S, *words, "--home", H, "--json"], capture_output=True, text=True, timeout=60).stdout

def stands():
    return [json.loads(line)["state"] for line in run("decision", "list").splitlines()], json.loads(run("gate", "ask", "anna"))["verdict"]

def ok(name, is_right, why=""):
    print(("ok " if is_right else "not ok ") + name)
    if not is_right:
        print(name, why, file=sys.stderr)

before = stands()
# A program with a token: every address of openapi.json, and those of the pages.
web = Web(BASE, "en")
paths = json.loads(web.request("GET", "/api/openapi.json").text)["paths"]
machine = {"Authorization": "Bearer " + token, "Content-Type": "application/json", "Origin": None, "Sec-Fetch-Site": None, "Cookie": None}
yes = {"decision": 1, "answer": "yes", "act": "answer", "by": "chef", "person": "chef", "signed_by": "chef", "is_yes": True, "words": "yes", "user": "anna"}
seen = []
for path in [*paths, "/decisions/1", "/decisions/ask", "/api/v1/decisions/1", "/api/v1/decisions/1/sign", "/api/v1/decisions"]:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        seen.append((path, method, web.request(method, path.replace(":", "1"), json.dumps(yes).encode(), machine).status))
ok("api: %d tries with a token have no effect" % len(seen), stands() == before, seen)
ok("api: no decision's address takes a token", all(s >= 400 for p, m, s in seen if "decision" in p), seen)

# Everybody in a browser, in fresh step-up, with each button that there is and fields that no form has.
people = {}
for who in ("karin", "bo", "anna", "siv", "per", "rev"):
    people[who] = Web(BASE, "en")
    people[who].start(json.loads(run("people", "recover", who))["code"], "four words in a row")
tries = 0
for who, web in people.items():
    page = web.get("/decisions/1")
    hash_of = (re.search(r"<code>([0-9a-f]{64})</code>", page.text) or ["", ""])[1]
    for act in ("answer", "keep", "sign", "approve", "yes", "follow", ""):
        for answer in ("yes", "terms"):
            web.send("/decisions/1", {"token": page.token() or web.get("/me").token(), "hash": hash_of, "act": act, "answer": answer, "words": "yes", "terms": "none", "tell": "x",
                     "how": "well", "by": "chef", "person": "chef", "actor": "chef", "stepped_up_at": "1", "signed_by": "0", "is_yes": "1"}, follow=False)
            tries += 1
ok("pages: %d forms by those who may not decide have no effect" % tries, stands() == before, stands())
# The decider: without the form's token, from another place, with the hash of another text, after a code that is wrong.
chef = Web(BASE, "en")
chef.start(json.loads(run("people", "recover", "chef"))["code"], "four words in a row")
page = chef.get("/decisions/1")
right = {"token": page.token(), "hash": re.search(r'name="hash" value="([0-9a-f]+)"', page.text)[1], "act": "answer", "answer": "yes", "words": "Weighed."}
for name, fields, headers in (("no token", right | {"token": ""}, None), ("another place", right, {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}),
        ("another text", right | {"hash": "0" * 64}, None), ("no hash", right | {"hash": ""}, None), ("no reasons", right | {"words": ""}, None),
        ("no answer", right | {"answer": ""}, None), ("reading", None, None)):
    if fields is None:
        page = chef.request("GET", "/decisions/1?act=answer&answer=yes&words=yes&hash=" + right["hash"] + "&token=" + right["token"])
    else:
        page = chef.send("/decisions/1", fields, headers=headers)
    ok("decider: %s has no effect" % name, stands() == before and (fields is None or page.status >= 400), (page.status, stands()))
page = chef.send("/decisions/1", right)
ok("decider: rightly signed it is in force", stands() == (["active"], "pass"), (page.status, page.words()[:400], stands()))
ok("decider: what was signed is not signed again", chef.send("/decisions/1", right).status == 409)
PY

# Urgent cases: a standing decision that is asked for, then signed, then a case that one has asked for: each time everything is tried, and the gate still says no.
run decision revoke 1 --because "The test goes on." >/dev/null
TOP=$TOP python3 - "$S" "$H" "$token" <<'PY'
import json, os, re, subprocess, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from web_client import Web
S, H, token = sys.argv[1:]
BASE = "http://localhost:28577"

def run(*words):
    return subprocess.run([S, *words, "--home", H, "--json"], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

def verdicts():
    return [json.loads(run("gate", "ask", who).stdout)["verdict"] for who in ("anna", "bo", "siv", "per", "pia", "chef", "karin")]

def ok(name, is_right, why=""):
    print(("ok " if is_right else "not ok ") + name)
    if not is_right:
        print(name, why, file=sys.stderr)

NOBODY = ["deny"] * 7
webs = {}
def fresh(who):
    webs[who] = Web(BASE, "en")
    webs[who].start(json.loads(run("people", "recover", who).stdout)["code"], "four words in a row")
    return webs[who]
for who in ("karin", "bo", "anna", "siv", "rev", "chef", "per", "pia"):
    fresh(who)
day = time.strftime("%Y-%m-%d", time.localtime(time.time() + 20 * 86400))
asked = run("decision", "ask", "access.no_grant", "--title", "May support let somebody in at night?", "--because", "Nights.", "--yes", "Theft", "--yes-likely", "Seldom",
            "--no", "Delay", "--no-likely", "Certain", "--measures", "Two people", "--level", "2", "--until", day, "--decider", "chef", "--by", "bo",
            "--standing", "--hours", "4", "--weekly", "5", "--users", "support")
standing = json.loads(asked.stdout)["decision"]
words = sorted(set(re.findall(r"^  samordna ([a-z-]+(?: [a-z-]+)*)", subprocess.run([S, "--help"], capture_output=True, text=True).stdout, re.M)))
spared = re.compile(r"serve|init|help|demo|backup|audit export|capacity |completion|decision (refuse|more|withdraw|revoke)|decision urgent (refuse|withdraw)")
case = {"standing": str(standing), "person": "anna", "why": "The pumps stand still.", "hours": "4", "act": "confirm", "by": "pia", "actor": "pia", "asker": "per",
        "answered_by": "pia", "is_yes": "1", "stepped_up_at": "1"}
machine = {"Authorization": "Bearer " + token, "Content-Type": "application/json", "Origin": None, "Sec-Fetch-Site": None, "Cookie": None}

def try_all(name, at, people):
    """Every command, as a program every address, and in a browser everybody who may not, with each act. Nothing may have an effect."""
    tries = 0
    for line in words:
        if not spared.match(line):
            for more in (["1", "--by", "pia"], ["1", "--right", "--by", "chef", "--because", "yes"]) if line.startswith("decision") else (["1"], ["1", "--by", "pia"]):
                run(*line.split(), *more)
                tries += 1
    ok("urgent, %s: %d commands have no effect" % (name, tries), verdicts() == NOBODY, verdicts())
    web, tries = Web(BASE, "en"), 0
    for path in [*json.loads(web.request("GET", "/api/openapi.json").text)["paths"], "/decisions/urgent", "/decisions/urgent/1", "/api/v1/decisions/urgent"]:
        for method in ("POST", "PUT"):
            web.request(method, path.replace(":", "1"), json.dumps(case | {"user": "anna"}).encode(), machine)
            tries += 1
    ok("urgent, %s: %d tries with a token have no effect" % (name, tries), verdicts() == NOBODY, verdicts())
    tries = 0
    for who in people:
        for act in ("confirm", "review", "clean", "sign", "answer", ""):
            form = webs[who].get("/me").token()
            webs[who].send(at, case | {"token": form, "act": act, "verdict": "right", "review": "yes", "clean": "yes", "answer": "yes", "words": "yes"}, follow=False)
            tries += 1
    ok("urgent, %s: %d forms by those who may not have no effect" % (name, tries), verdicts() == NOBODY, verdicts())

ok("urgent: asked for, the gate says no", asked.returncode == 0 and verdicts() == NOBODY, asked)
try_all("unsigned", "/decisions/urgent", ("per", "pia", "karin", "bo", "anna", "siv", "rev", "chef"))
ok("urgent: without a signed decision there is no case", run("decision", "urgent", "list").stdout == "")
chef = fresh("chef")
page = chef.get("/decisions/%d" % standing)
page = chef.send("/decisions/%d" % standing, {"token": page.token(), "hash": re.search(r'name="hash" value="([0-9a-f]+)"', page.text)[1], "act": "answer", "answer": "yes", "words": "Weighed."})
state = json.loads(run("decision", "show", str(standing)).stdout)["state"]
ok("urgent: the standing decision is signed, and by itself lets nobody in", state == "active" and verdicts() == NOBODY, (state, verdicts(), page.words()))
try_all("signed", "/decisions/urgent", ("karin", "bo", "anna", "siv", "rev", "chef"))
page = webs["per"].post("/decisions/urgent", case)
at = "/decisions/urgent/%d" % json.loads(run("decision", "urgent", "list").stdout.splitlines()[0])["urgent"]
ok("urgent: one has asked, and the gate says no", verdicts() == NOBODY, verdicts())
fresh("per")
try_all("asked", at, ("per", "karin", "bo", "anna", "siv", "rev", "chef"))
pia = fresh("pia")
for name, fields, headers in (("no token", {"token": ""}, None), ("another place", {}, {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}), ("reading", None, None)):
    if fields is None:
        pia.request("GET", at + "?act=confirm&token=" + pia.get(at).token())
    else:
        pia.send(at, {"token": pia.get(at).token(), "act": "confirm"} | fields, headers=headers)
    ok("urgent: the second person with %s has no effect" % name, verdicts() == NOBODY, verdicts())
page = pia.post(at, {"act": "confirm"})
ok("urgent: confirmed by a second person, for her alone", verdicts() == ["pass"] + NOBODY[1:], (verdicts(), page.words()[:300]))
told = [json.loads(line) for line in run("tasks", "list").stdout.splitlines()]
ok("urgent: whoever signed has a task at once", any(at in json.dumps(task) for task in told), told)
began = time.time()
webs["per"].post(at, {"act": "reverse", "reverse": "It was a trick."})
ok("urgent: reversed by one of them, and the gate says no within a second", verdicts()[0] == "deny" and time.time() - began < 1.5, verdicts())
PY

# SQL by hand: into a decision that nobody has signed. The log does not say so, and that is found.
ask --person siv >/dev/null
three=$(run decision list --json | sed -n 's/^{"decision":\([0-9]*\),.*/\1/p' | head -1)
check "log: whole before" sh -c '"$0" audit verify --replay --home "$1" >/dev/null' "$S" "$H"
stop
sqlite3 "$H/store/samordna.db" "UPDATE decision SET signed_at = 1, signed_by = 0, is_yes = 1, frozen_unit = 1 WHERE id = $three"
run audit verify --replay --json >"$WORK/verify"
check "SQL by hand: replay finds it" [ $? -eq 6 ]
check "SQL by hand: and says which table" grep -q "decision" "$WORK/verify"
# In the source, one statement can set it, and one place runs it.
check "source: one place signs" [ "$(grep -l 'decide_set_signed(' "$TOP"/src/*.c "$TOP"/src/*/*.c "$TOP"/src/points/*/*.c | wc -l)" = 1 ]
check "source: one statement sets it" [ "$(grep -hc 'is_yes = \$' "$TOP"/src/floor/decide.sql)" = 1 ]
exit 0
