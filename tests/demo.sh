# The fictional municipality: what is in it, that the same clock makes the same one, that it says so on every page, and that it
# can be wiped with one command while nothing else can.
set -u
S=$BUILD/samordna CLOCKED=$BUILD/tests/scenarios/samordna-clocked
LANG=en_GB.UTF-8; export LANG
check() { name=$1; shift; if "$@" >"$WORK/said" 2>&1; then echo "ok $name"; else echo "not ok $name"; tail -20 "$WORK/said" >&2; fi; }
exits() { want=$1; shift; "$@" >"$WORK/out" 2>&1; got=$?; [ $got = "$want" ] || { echo "exit $got, wanted $want: $*"; cat "$WORK/out"; return 1; }; }

# Two homes under one clock: 2026-11-24 08:00 UTC.
python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("<q", 1795507200000).ljust(4096, b"\0"))' >"$WORK/clock"
SAMORDNA_CLOCK=$WORK/clock; export SAMORDNA_CLOCK
for home in one two; do
	"$CLOCKED" init --home "$WORK/$home" --org Prov --json >"$WORK/$home.init"
	"$CLOCKED" demo --home "$WORK/$home" --json >"$WORK/$home.demo"
	"$CLOCKED" people list --home "$WORK/$home" --json >"$WORK/$home.people"
	"$CLOCKED" access list --home "$WORK/$home" --json >"$WORK/$home.access"
done
check "5,000 people" test "$(wc -l <"$WORK/one.people")" = 5000
check "the same clock makes the same people" cmp "$WORK/one.people" "$WORK/two.people"
check "... and the same grants" cmp "$WORK/one.access" "$WORK/two.access"
check "... and the same sessions" cmp "$WORK/one.demo" "$WORK/two.demo"
check "nobody in it is real: every address ends in .example" sh -c '[ -z "$(jq -r .email "$0" | grep -v "\.example$" | grep .)" ]' "$WORK/one.people"
check "home care has staff without a mail address" sh -c '[ "$(jq -r "select((.unit | startswith(\"Hemtjänst\")) and .email == \"\") | .id" "$0" | wc -l)" -gt 100 ]' "$WORK/one.people"
for role in coordinator management support system_owner auditor manager employee; do
	check "there is a $role" grep -q "\"roles\":\"[^\"]*$role" "$WORK/one.people"
done
for state in requested returned approved active suspended revoked rejected withdrawn; do
	check "there is a grant that is $state" grep -q "\"state\":\"$state\"" "$WORK/one.access"
done
"$CLOCKED" status --home "$WORK/one" --json >"$WORK/status"
for question in access capacity incidents; do
	check "question $question lives" sh -c 'jq "select(.question == \"$1\") | .sentence != null and .measured_at != null" "$0" | grep -x true' "$WORK/status" $question
done
"$CLOCKED" incidents list --home "$WORK/one" --json >"$WORK/one.incidents"
check "eight incidents: closed, dismissed, merged, being evaluated, and one that runs" sh -c '[ "$(jq -r .state "$0" | sort | uniq -c | tr -s " \n" " ")" = " 4 closed 1 contained 1 dismissed 1 merged 1 reviewing " ]' "$WORK/one.incidents"
check "its legal clock runs" sh -c '"$0" incidents clocks --home "$1" --json | jq -e "select(.pack == \"se-csl-2026\" and .step == \"early_warning\") | .applies" | grep -x true' "$CLOCKED" "$WORK/one"
check "more than 3,000 sessions" sh -c 'jq -e ".sessions > 3000" "$0"' "$WORK/one.demo"
check "the log is whole and replays" sh -c '"$0" audit verify --replay --home "$1" --json | head -1 | jq -e .ok' "$CLOCKED" "$WORK/one"
check "a second one in the same home is refused" exits 5 "$CLOCKED" demo --home "$WORK/one"

# A home that is no exercise can neither become one nor be wiped.
"$CLOCKED" init --home "$WORK/real" >/dev/null
printf 'id,name,email,phone,unit,manager,employment_end,roles,protected\np1,Anna,,,Arkiv,,,employee,\n' >"$WORK/people.csv"
"$CLOCKED" people import "$WORK/people.csv" --home "$WORK/real" >/dev/null
check "a home with people takes no fiction" exits 5 "$CLOCKED" demo --home "$WORK/real"
check "the mark cannot be set by hand" sh -c '! "$0" setting set demo.is_on yes --home "$1"' "$CLOCKED" "$WORK/real"
check "a real home is not wiped" exits 4 "$CLOCKED" demo wipe --home "$WORK/real"
check "... its people are there" sh -c '[ "$("$0" people list --home "$1" --json | wc -l)" = 1 ]' "$CLOCKED" "$WORK/real"

# On every page, in both languages, with the release; and it is not wiped under a server that runs.
unset SAMORDNA_CLOCK
"$S" serve --home "$WORK/one" --port 28970 2>"$WORK/serve.log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q answers "$WORK/serve.log" && break; sleep 0.3; done
PYTHONPATH=$TOP/tests timeout 60 python3 - "$WORK/one.init" <<'PY' || echo "not ok banner: in the browser"
import json, sys
from web_client import Web
web = Web("http://localhost:28970", lang="en")
def check(name, page, word):
    good = word in page.words()
    print(("ok " if good else "not ok ") + name)
    if not good:
        print(page.status, page.words()[:600], file=sys.stderr)
check("banner: before the log-in", web.get("/login"), "Exercise.")
web.set_up(json.load(open(sys.argv[1]))["code"], "Siv Ek", "siv@ex.example", "four words in a row here")
for path in ("/", "/access", "/people", "/tasks", "/admin", "/help", "/me", "/admin/audit"):
    check(f"banner: {path}", web.get(path), "Exercise.")
check("banner: in Swedish", web.get("/?lang=sv"), "Övning.")
PY
check "not wiped while a server runs" exits 5 "$S" demo wipe --home "$WORK/one"
kill $server; wait $server 2>/dev/null
check "wiped with one command" exits 0 "$S" demo wipe --home "$WORK/one" --json
check "... it gives a new code" grep -q '"code"' "$WORK/out"
check "... nobody is left" sh -c '[ "$("$0" people list --home "$1" --json | wc -l)" = 0 ]' "$S" "$WORK/one"
check "... and it can be filled again" exits 0 "$S" demo --home "$WORK/one"
exit 0
