#!/bin/sh
# Grants on the command line, to the letter: keys, exit codes, the three names, and that what has ended is refused at the next ask.
set -u
S=$BUILD/samordna H=$WORK/home

is() { case "$3" in *"$2"*) echo "ok $1" ;; *) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;; esac; }
exits() { # NAME CODE COMMAND...
	n=$1 want=$2; shift 2
	"$S" "$@" --home "$H" >"$WORK/out" 2>"$WORK/err"; got=$?
	if [ $got = "$want" ] && { [ $got = 0 ] || [ -s "$WORK/err" ]; }; then echo "ok $n"; else echo "not ok $n"; echo "exit $got, wanted $want: $*" >&2; cat "$WORK/out" "$WORK/err" >&2; fi
}
json() { "$S" "$@" --home "$H" --json 2>&1; }

cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected,login
p1,Anna Åberg,anna@ex.example,,Arkiv,p2,,employee,no,EX\anna
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,"EX\bo;bo.o"
p3,Siv Ek,siv@ex.example,,IT,p2,,system_owner,,siv.ek
p4,Per Holm,per@ex.example,,IT,p2,,support,,
p5,Eva Ros,eva@ex.example,,IT,p2,,employee,,
p6,Åke Östman,ake@ex.example,,IT,p2,,employee,,
p7,Ida Lund,ida@ex.example,,IT,p2,,system_owner manager,,
CSV
"$S" init --home "$H" --org Provkommunen >/dev/null
printf 'http.listen = 127.0.0.1:28299\n' >>"$H/samordna.conf"
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
trap 'kill $server 2>/dev/null; wait 2>/dev/null' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do curl -sf -o /dev/null http://127.0.0.1:28299/readyz && break; sleep 0.1; done
"$S" people import "$WORK/people.csv" --home "$H" >/dev/null
from=$(date -u -d yesterday +%F) to=$(date -u -d '200 days' +%F)
span="--service vpn --from $from --to $to"
three="--requested-by p2 --approved-by p3 --executed-by p4"

# --- grant ---
is grant '{"grant":1,"state":"active"}' "$(json access grant p1 $span $three)"
is grant.by_login_and_mail '{"grant":2,"state":"active"}' "$(json access grant 'EX\anna' --service files --from "$from" --to "$to" --requested-by 'ex\BO' --approved-by siv.ek --executed-by PER@ex.example)"
is grant.request '{"grant":3,"state":"requested"}' "$(json access grant p5 $span)"
is grant.request.asked_by '{"grant":4,"state":"requested"}' "$(json access grant p6 $span --requested-by p2)"
is grant.coming '"state":"approved"' "$(json access grant p6 --service later --from "$(date -u -d '10 days' +%F)" --to "$to" $three)"
exits grant.requester_approves 4 access grant p5 $span --requested-by p3 --approved-by p3 --executed-by p4
exits grant.approver_executes 4 access grant p5 $span --requested-by p2 --approved-by p4 --executed-by p4
exits grant.requester_executes 4 access grant p5 $span --requested-by p4 --approved-by p3 --executed-by p4
exits grant.same_by_other_name 4 access grant p5 $span --requested-by p3 --approved-by siv@ex.example --executed-by p4
exits grant.approver_without_role 4 access grant p5 $span --requested-by p2 --approved-by p6 --executed-by p4
exits grant.executor_without_role 4 access grant p5 $span --requested-by p2 --approved-by p3 --executed-by p6
exits grant.requester_without_role 4 access grant p5 $span --requested-by p6 --approved-by p3 --executed-by p4
exits grant.for_herself 4 access grant p3 $span --requested-by p2 --approved-by p3 --executed-by p4
exits grant.two_names 2 access grant p5 $span --requested-by p2 --approved-by p3
exits grant.unknown_person 3 access grant nobody $span $three
exits grant.unknown_approver 3 access grant p5 $span --requested-by p2 --approved-by nobody --executed-by p4
exits grant.no_person 2 access grant $span $three
exits grant.no_service 2 access grant p5 --from "$from" --to "$to" $three
exits grant.no_end 2 access grant p5 --service vpn --from "$from" $three
exits grant.no_date 2 access grant p5 --service vpn --from someday --to "$to" $three
exits grant.no_such_date 2 access grant p5 --service vpn --from 2026-02-30 --to "$to" $three
exits grant.backwards 2 access grant p5 --service vpn --from "$to" --to "$from" $three
exits grant.unknown_option 2 access grant p5 $span --approve-by p3

# --- list ---
list=$(json access list)
is list.keys '{"grant":1,"person":"p1","service":"vpn","from":"' "$(printf '%s\n' "$list" | head -n 1)"
is list.sound sound "$(printf '%s\n' "$list" | python3 -c '
import datetime, json, sys
rows = [json.loads(line) for line in sys.stdin]
assert len(rows) == 5, rows
for r in rows:
    assert {"grant", "person", "service", "from", "to", "state"} <= set(r), r
    assert datetime.datetime.fromisoformat(r["from"].replace("Z", "+00:00")).tzinfo and datetime.datetime.fromisoformat(r["to"].replace("Z", "+00:00")).tzinfo
print("sound")' 2>&1)"
is list.of_a_person 2 "$(json access list --person anna@ex.example | grep -c .)"
exits list.of_nobody 3 access list --person nobody

# --- the gate sees it at once ---
is gate.in '"verdict":"pass"' "$(json gate ask p1)"
is gate.request_opens_nothing '"verdict":"deny"' "$(json gate ask p5)"
is gate.past 'not_known_then' "$(json gate ask p1 --at "$(date -u -d '2 days ago' +%FT%TZ)")"
is gate.past.before_it_began '"verdict":"wait"' "$(json gate ask p1 --at "$(date -u -d '3 days ago' +%FT%TZ)")"
is gate.future '"verdict":"pass"' "$(json gate ask p6 --at "$(date -u -d '20 days' +%FT%TZ)")"
is gate.future.says_so 'not_known_then' "$(json gate ask p6 --at "$(date -u -d '20 days' +%FT%TZ)")"
is gate.after_the_end '"code":"access.expired"' "$(json gate ask p1 --at "$(date -u -d '300 days' +%FT%TZ)")"
case "$(json gate ask p1 --at "$(date -u +%FT%TZ)")" in *not_known_then*) echo "not ok gate.now_is_known" ;; *) echo "ok gate.now_is_known" ;; esac
is gate.wait '"verdict":"wait"' "$(json gate ask p6)"
is gate.strong '"verdict":"pass"' "$(json gate ask p1 --factor strong)"
is gate.weak '"verdict":"pass"' "$(json gate ask p1 --factor weak)"
is gate.keys sound "$(json gate ask p1 | python3 -c '
import json, sys
a = json.loads(sys.stdin.read())
assert set(a) >= {"verdict", "until", "class", "reasons"} and 1 <= a["class"] <= 4 and a["until"]
for r in a["reasons"]:
    assert {"point", "code", "verdict", "text", "lowered_by"} <= set(r), r
print("sound")' 2>&1)"
exits gate.bad_factor 2 gate ask p1 --factor medium
exits gate.bad_time 2 gate ask p1 --at soon
exits gate.no_gateway 3 gate ask p1 --gateway nowhere
exits gate.nobody_is_an_answer 0 gate ask nobody

# --- revoke ---
exits revoke.without_role 4 access revoke 1 --by p6
exits revoke.unknown_grant 3 access revoke 99 --by p3
exits revoke.no_number 3 access revoke x --by p3
exits revoke.unknown_person 3 access revoke 1 --by nobody
is revoke '{"grant":1,"state":"revoked"}' "$(json access revoke 1 --by p3)"
exits revoke.twice 5 access revoke 1 --by p3
is revoke.other_grant_still_opens '"verdict":"pass"' "$(json gate ask p1)"
json access revoke 2 --by p3 >/dev/null
is revoke.refused_at_the_next_ask '"code":"access.' "$(json gate ask p1)"
is revoke.refused '"verdict":"deny"' "$(json gate ask p1)"
json access grant p1 --service third --from "$from" --to "$to" $three >/dev/null
is again '"verdict":"pass"' "$(json gate ask p1)"

# --- whoever leaves ---
sed "s/^p1,Anna Åberg,anna@ex.example,,Arkiv,p2,,/p1,Anna Åberg,anna@ex.example,,Arkiv,p2,$(date -u -d yesterday +%F),/" "$WORK/people.csv" >"$WORK/ended.csv"
is leaver.import '"changed":1' "$(json people import "$WORK/ended.csv")"
is leaver.employment_over '"code":"access.left"' "$(json gate ask p1)"
exits leaver.gets_nothing_new 5 access grant p1 --service fourth --from "$from" --to "$to" $three
grep -v '^p6,' "$WORK/ended.csv" >"$WORK/left.csv"
is leaver.left '"left":1' "$(json people import "$WORK/left.csv" --vanish 50)"
is leaver.left.refused '"verdict":"deny"' "$(json gate ask p6 --at "$(date -u -d '20 days' +%FT%TZ)")"
# A minute is what it may take; it is the next ask.
is leaver.grants_end 0 "$(json access list --person p6 --state active | grep -c .)"

# --- stated grants can be switched off ---
is replay '"ok":true' "$(json audit verify --replay)"
exit 0
