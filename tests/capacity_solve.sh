# capacity solve and capacity check as they are called: exit codes, the place of every error, nothing printed beside it, the same
# bytes for the same file, and a plan of a million people in time.
set -u
S=$BUILD/samordna
cd "$WORK"
unset LC_ALL LC_MESSAGES
export LANG=en

# refuses NAME PLACE PROBLEM: exit 2, nothing on standard output, one line on standard error with the place.
refuses() {
	printf '%s' "$3" >bad.json
	"$S" capacity solve bad.json >out 2>err
	code=$?
	if [ $code = 2 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] && grep -qF -- "$2" err; then echo "ok capacity $1"
	else echo "exit $code, wanted the place $2 in: $(cat err)" >&2; echo "not ok capacity $1"; fi
}
is() { if [ "$2" = "$3" ]; then echo "ok capacity $1"; else echo "wanted $2, got $3" >&2; echo "not ok capacity $1"; fi; }

G='{"id":"g1","places":[2,1]}'
T='{"id":"a","class":1,"need":1,"members":3,"windows":[[0,2]],"gateways":["g1"]}'
problem() { printf '{"slots":%s,"gateways":[%s],"types":[%s]}' "$1" "$2" "$3"; }
# type KEY VALUE: the good type with another value.
type() { printf '%s' "$T" | jq -c --argjson v "$2" ".$1 = \$v"; }

problem 2 "$G" "$T" >good.json
is "solves" 0 "$("$S" capacity solve good.json >plan.ndjson 2>err; echo $?)"
is "serves all places" 3 "$(jq -s '.[0].served["1"]' plan.ndjson)"
is "checks" 0 "$("$S" capacity check good.json plan.ndjson >out 2>err; echo $?)"
is "needs no home" 0 "$(env -u HOME SAMORDNA_HOME=/nonexistent "$S" capacity solve good.json --json >out 2>err; echo $?)"
is "no such file is exit 3" 3 "$("$S" capacity solve none.json >out 2>err; echo $?)"
is "no file is exit 2" 2 "$("$S" capacity solve >out 2>err; echo $?)"
is "unknown option is exit 2" 2 "$("$S" capacity solve good.json --nonsense >out 2>err; echo $?)"
is "a malformed problem is exit 2 in check too" 2 "$(echo '{' >bad.json; "$S" capacity check bad.json plan.ndjson >out 2>err; echo $?)"

refuses "no JSON at all" "line 2, column 13" '{"slots":2,
 "gateways":,"types":[]}'
refuses "NaN" "line 1, column 10" '{"slots":NaN,"gateways":[],"types":[]}'
refuses "text behind the end" "line 1, column" "$(problem 2 "$G" "$T") x"
refuses "an empty file" "line 1, column 1" ''
refuses "a list" "line 1" '[]'
refuses "a key twice" "slots" '{"slots":2,"slots":2,"gateways":[],"types":[]}'
refuses "a key of a type twice" "types[0].need" "$(problem 2 "$G" "$(printf '%s' "$T" | sed 's/"need":1/"need":1,"need":1/')")"
refuses "a missing part" "types" '{"slots":2,"gateways":[]}'
refuses "a missing key" "types[0].class" "$(problem 2 "$G" "$(printf '%s' "$T" | jq -c 'del(.class)')")"
refuses "no slots" "slots" "$(problem 0 "$G" "$T")"
refuses "too many slots" "slots" "$(problem 1001 "$G" "$T")"
refuses "negative places" "gateways[0].places[1]" "$(problem 2 '{"id":"g1","places":[2,-1]}' "$T")"
refuses "places in halves" "gateways[0].places[0]" "$(problem 2 '{"id":"g1","places":[0.5,1]}' "$T")"
refuses "too few places" "gateways[0].places" "$(problem 2 '{"id":"g1","places":[2]}' "$T")"
refuses "too many places" "gateways[0].places" "$(problem 2 '{"id":"g1","places":[2,1,1]}' "$T")"
refuses "a gateway twice" "gateways[1].id" "$(problem 2 "$G,$G" "$T")"
refuses "a type twice" "types[1].id" "$(problem 2 "$G" "$T,$T")"
refuses "an empty id" "types[0].id" "$(problem 2 "$G" "$(type id '""')")"
refuses "class 0" "types[0].class" "$(problem 2 "$G" "$(type class 0)")"
refuses "class 10" "types[0].class" "$(problem 2 "$G" "$(type class 10)")"
refuses "need 0" "types[0].need" "$(problem 2 "$G" "$(type need 0)")"
refuses "a billion members" "types[0].members" "$(problem 2 "$G" "$(type members 1000000000)")"
refuses "members as text" "types[0].members" "$(problem 2 "$G" "$(type members '"3"')")"
refuses "a billion members in all" "types[99].members" "$(problem 2 "$G" "$(i=0; while [ $i -lt 100 ]; do [ $i = 0 ] || printf ,; type id "\"t$i\"" | jq -c '.members = 10000000'; i=$((i + 1)); done)")"
refuses "an empty window" "types[0].windows[0]" "$(problem 2 "$G" "$(type windows '[[1,1]]')")"
refuses "a window backwards" "types[0].windows[0]" "$(problem 2 "$G" "$(type windows '[[2,0]]')")"
refuses "a window past the day" "types[0].windows[0][1]" "$(problem 2 "$G" "$(type windows '[[0,3]]')")"
refuses "overlapping windows" "types[0].windows[1]" "$(problem 2 "$G" "$(type windows '[[0,2],[1,2]]')")"
refuses "an unknown gateway" "types[0].gateways[0]" "$(problem 2 "$G" "$(type gateways '["g2"]')")"
refuses "before, for too few slots" "types[0].before" "$(problem 2 "$G" "$(type before '[1]')")"
refuses "fewer than none before" "types[0].before[1]" "$(problem 2 "$G" "$(type before '[1,-1]')")"
refuses "no gateway" "types[0].gateways" "$(problem 2 "$G" "$(type gateways '[]')")"
problem 2 "$G" "$(type windows '[[1,2],[0,1]]')" >touching.json
is "touching windows in any order" 0 "$("$S" capacity solve touching.json >out 2>err; echo $?)"

# One place in each of two slots, and two who each want one: who had the second before has it again, and nobody gets less.
for had in a b; do
	problem 2 '{"id":"g1","places":[1,1]}' "$(printf '%s' "$T" | jq -c --arg had $had '.members = 1 | if .id == $had then .before = [0,1] else . end'),$(printf '%s' "$T" | jq -c --arg had $had '.id = "b" | .members = 1 | if .id == $had then .before = [0,1] else . end')" >again.json
	"$S" capacity solve again.json >plan.ndjson
	is "where it was before: $had" "1 true 2 $had" "$(jq -s -r '"\(.[0].as_before) \(.[0].as_before_is_most) \(.[0].served["1"]) \([.[] | .flow // empty | select(.slot == 1) | .type] | join(","))"' plan.ndjson)"
	is "where it was before, checked: $had" 0 "$("$S" capacity check again.json plan.ndjson >out 2>err; echo $?)"
done

# Swedish is the language unless the environment says otherwise.
LANG=sv_SE.UTF-8 "$S" capacity solve bad.json >out 2>err2
is "says it in Swedish" 1 "$(grep -c 'minst en anslutningspunkt' err2)"

# A plan with a line less is found out, whichever line it is; without the seats it is whole.
"$S" capacity solve good.json --deal >plan.ndjson
n=$(wc -l <plan.ndjson) bad=0 i=1
while [ $i -le "$n" ]; do
	sed "${i}d" plan.ndjson >less.ndjson
	"$S" capacity check good.json less.ndjson >out 2>err
	[ $? = 6 ] || { bad=$((bad + 1)); echo "line $i is not missed" >&2; }
	i=$((i + 1))
done
is "every missing line is missed" 0 $bad
grep -v '"seat"' plan.ndjson >less.ndjson
is "seats are optional" 0 "$("$S" capacity check good.json less.ndjson >out 2>err; echo $?)"
printf 'no plan\n' >less.ndjson
is "no JSON is no plan" 6 "$("$S" capacity check good.json less.ndjson >out 2>err; echo $?)"
is "the finding stands in the answer" false "$(jq .ok out)"

# A million people, 2,000 types; dealt, checked, the same twice but for the time.
python3 - >large.json <<'PY'
import json, random
r = random.Random(5)
types = []
for k in range(2000):
    first = r.randrange(16, 60)
    types.append({"id": "t%d" % k, "class": r.randint(1, 4), "need": r.randint(1, 8), "members": r.randint(1, 1000),
                  "windows": [[first, min(96, first + r.randint(6, 40))]], "gateways": r.sample(["g0", "g1", "g2", "g3"], r.randint(1, 3))})
print(json.dumps({"slots": 96, "gateways": [{"id": "g%d" % g, "places": [r.randint(0, 9000) for t in range(96)]} for g in range(4)], "types": types}))
PY
is "a million people" 0 "$("$S" capacity solve large.json --deal >one.ndjson 2>err; echo $?)"
"$S" capacity solve large.json --deal >two.ndjson
is "the same plan twice" "$(sed 's/"seconds":[0-9.]*//' one.ndjson | cksum)" "$(sed 's/"seconds":[0-9.]*//' two.ndjson | cksum)"
is "a million people, checked" 0 "$("$S" capacity check large.json one.ndjson >out 2>err; echo $?)"
is "a million people, fairly" true "$(jq .fair out)"
is "in time" true "$(head -1 two.ndjson | jq '.seconds <= 0.5')"
