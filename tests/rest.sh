#!/bin/sh
# The gate over HTTP: gate/ask, gate/freeradius, openapi.json, healthz, readyz, metrics; and a real FreeRADIUS that asks through rlm_rest
# with the configuration that packaging/freeradius gives to administrators.
set -u
S=$BUILD/samordna H=$WORK/home F=$WORK/freeradius A=http://127.0.0.1:28199

is() { case "$3" in *"$2"*) echo "ok $1" ;; *) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;; esac; }
is_not() { case "$3" in *"$2"*) echo "not ok $1"; echo "unwanted: $2 in: $3" >&2 ;; *) echo "ok $1" ;; esac; }

cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected,login
p1,Anna Åberg,anna@ex.example,+46701740605,Arkiv,p2,,employee,no,EX\anna
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,bo.o
p3,Siv Ek,siv@ex.example,,IT,p2,,system_owner,,
p4,Per Holm,per@ex.example,,IT,p2,,support,,
p5,Eva Ros,eva@ex.example,,IT,p2,,employee,,
CSV
"$S" init --home "$H" --org Provkommunen >/dev/null
cat >>"$H/samordna.conf" <<CONF
http.listen = 127.0.0.1:28199
metrics.listen = 127.0.0.1:28198
CONF
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
trap 'kill $server $radius 2>/dev/null; wait 2>/dev/null' EXIT
radius=
serve_waits() { for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do curl -sf -o /dev/null $A/readyz && return; sleep 0.1; done; }
serve_waits
"$S" people import "$WORK/people.csv" --home "$H" >/dev/null
"$S" access grant p1 --service vpn --from "$(date -u -d yesterday +%F)" --to "$(date -u -d "300 days" +%F)" --requested-by p2 --approved-by p3 --executed-by p4 --home "$H" >/dev/null

# --- tokens ---
token=$("$S" token make vpn1 --home "$H" --json | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
is token 43 "${#token}"
"$S" token make vpn1 --home "$H" >/dev/null 2>&1; is token.twice 5 $?
"$S" token make 'not a name' --home "$H" >/dev/null 2>&1; is token.bad_name 2 $?
is token.list '"name":"vpn1"' "$("$S" token list --home "$H" --json)"
is_not token.list_hides "$token" "$("$S" token list --home "$H" --json)"

post() { # PATH BODY [curl options]: body, then the status on a line of its own
	p=$1 b=$2; shift 2
	case "$*" in *Content-Type*) ;; *) set -- "$@" -H 'Content-Type: application/json' ;; esac
	curl -s -m 5 -w '\n%{http_code}\n' "$@" -d "$b" "$A$p"
}
B="Authorization: Bearer $token"
ask() { post /api/v1/gate/ask "$1" -H "$B"; }

# --- gate/ask ---
is ask.pass '"verdict":"pass"' "$(ask '{"person":"p1"}')"
is ask.same_as_cli "$("$S" gate ask p1 --at 2026-01-01T00:00:00Z --home "$H" --json)" "$(ask '{"person":"p1","at":"2026-01-01T00:00:00Z"}')"
is ask.by_login '"verdict":"pass"' "$(ask '{"user":"EX\\anna"}')"
is ask.deny '"code":"access.no_grant"' "$(ask '{"person":"p2"}')"
is ask.unknown '"code":"gate.unknown_person"' "$(ask '{"person":"nobody"}')"
is ask.english 'You have no access' "$(post /api/v1/gate/ask '{"person":"p2"}' -H "$B" -H 'Accept-Language: en')"
is ask.then 'not_known_then' "$(ask '{"person":"p1","at":"2027-01-01T08:00:00+01:00"}')"
is ask.no_token '
401' "$(post /api/v1/gate/ask '{"person":"p1"}')"
is ask.wrong_token '
401' "$(post /api/v1/gate/ask '{"person":"p1"}' -H 'Authorization: Bearer wrong')"
is ask.problem '"status":401' "$(post /api/v1/gate/ask '{"person":"p1"}')"
is ask.cookie_is_no_token '
401' "$(post /api/v1/gate/ask '{"person":"p1"}' -H "Cookie: samordna=$token")"
is ask.not_json '
400' "$(ask '{"person":')"
is ask.array '
400' "$(ask '["p1"]')"
is ask.twice '
400' "$(ask '{"person":"p1","person":"p2"}')"
is ask.unknown_key '"verdikt' "$(ask '{"person":"p1","verdikt":"pass"}')"
is ask.unknown_key.status '
400' "$(ask '{"person":"p1","verdikt":"pass"}')"
is ask.nobody '
422' "$(ask '{}')"
is ask.no_gateway '
404' "$(ask '{"person":"p1","gateway":"nowhere"}')"
is ask.bad_factor '
422' "$(ask '{"person":"p1","factor":"great"}')"
is ask.factor '"verdict":"pass"' "$(ask '{"person":"p1","factor":"weak"}')"
is ask.form '
415' "$(post /api/v1/gate/ask 'person=p1' -H "$B" -H 'Content-Type: application/x-www-form-urlencoded')"
head -c 1100000 /dev/zero | tr '\0' x >"$WORK/large"
large=$(curl -s -m 5 -w '\n%{http_code}\n' -H "$B" -H 'Content-Type: application/json' --data-binary @"$WORK/large" $A/api/v1/gate/ask)
is ask.large '
413' "$large"
is ask.large.problem '"status":413' "$large"
is ask.get 405 "$(curl -s -o /dev/null -w '%{http_code}' -H "$B" $A/api/v1/gate/ask)"
before=$("$S" audit seal --home "$H" --json | sed 's/.*"size":\([0-9]*\).*/\1/')
ask '{"person":"p1"}' >/dev/null
after=$("$S" audit seal --home "$H" --json | sed 's/.*"size":\([0-9]*\).*/\1/')
is ask.no_leaf $((before + 1)) "$after"      # the seal's own leaf

# --- gate/freeradius, as rlm_rest sees it ---
decide() { post /api/v1/gate/freeradius "$1" -H "$B"; }
permit=$(decide '{"user":"p1","nas":"192.0.2.1","calling":"198.51.100.7","session":"s1","timeout":"600"}')
is decide.permit '"control:Tmp-String-0":"permit"' "$permit"
is decide.class 'samordna:' "$permit"
is decide.timeout '"reply:Session-Timeout":{"op":":=","value":[600]}' "$permit"
leaf=$(printf '%s' "$permit" | sed -n 's/.*samordna:\([0-9]*\).*/\1/p')
"$S" audit export "$WORK/export" --home "$H" >/dev/null
is decide.leaf '"action":"gate.accept","subject":"p1"' "$(sed -n "$((leaf + 1))p" "$WORK/export/leaves.ndjson")"
is decide.leaf.actor '"actor":"token:vpn1"' "$(sed -n "$((leaf + 1))p" "$WORK/export/leaves.ndjson")"
for body in '{"user":"p2"}' '{"user":"nobody"}' '{"user":' '{}' '{"user":"p1","User-Password":"x"}' '{"user":"p1","unknown":"x"}' '{"user":"p1","timeout":"soon"}' '{"user":"p1","user":"p1"}'; do
	got=$(decide "$body")
	is "decide.refuse $body" '"control:Tmp-String-0":"refuse"' "$got"
	is "decide.always_200 $body" '
200' "$got"
	is_not "decide.no_permit $body" permit "$got"
done
is decide.attributes permit "$(decide '{"User-Name":{"type":"string","value":["EX\\anna"]},"NAS-Port":{"type":"integer","value":[7]}}')"
is decide.person permit "$(decide '{"person":"p1","gateway":"vpn1"}')"
is decide.other_gateway '"control:Tmp-String-0":"refuse"' "$(decide '{"user":"p1","gateway":"vpn2"}')"
is ask.same_body '"verdict":"pass"' "$(ask '{"user":"p1","nas":"192.0.2.1","calling":"198.51.100.7","session":"s1","timeout":"600"}')"
is decide.no_token refuse "$(post /api/v1/gate/freeradius '{"user":"p1"}')"
is decide.no_token.200 '
200' "$(post /api/v1/gate/freeradius '{"user":"p1"}')"
is decide.wrong_token refuse "$(post /api/v1/gate/freeradius '{"user":"p1"}' -H 'Authorization: Bearer wrong')"
is decide.reason 'chef' "$(decide '{"user":"p2"}')"
is decide.reason_in_english 'Ask your manager' "$(decide '{"user":"p2","language":"en"}')"
"$S" gateway language vpn1 en --home "$H" >/dev/null
is decide.gateways_language 'Ask your manager' "$(decide '{"user":"p2"}')"
"$S" gateway language vpn1 sv --home "$H" >/dev/null

# --- the rest ---
is openapi '"/api/v1/gate/freeradius"' "$(curl -s $A/api/openapi.json)"
check=$(curl -s $A/api/openapi.json | python3 -c '
import json, sys
d = json.load(sys.stdin)
keys = d["paths"]["/api/v1/gate/ask"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
assert {"/healthz", "/readyz", "/metrics", "/api/openapi.json"} <= set(d["paths"]) and "person" in keys and d["openapi"].startswith("3.")
print("sound")' 2>&1)
is openapi.sound sound "$check"
is healthz ok "$(curl -s $A/healthz)"
is readyz ready "$(curl -s $A/readyz)"
is metrics.elsewhere 404 "$(curl -s -o /dev/null -w '%{http_code}' $A/metrics)"
metrics=$(curl -s http://127.0.0.1:28198/metrics)
is metrics 'samordna_gate_refused_total{mode="enforce"}' "$metrics"
is metrics.standing 'samordna_standing_persons 5' "$metrics"
is_not metrics.no_names anna "$metrics"
is metrics.nothing_else 404 "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:28198/login)"
is metrics.no_api 404 "$(curl -s -o /dev/null -w '%{http_code}' -H "$B" -d '{"person":"p1"}' -H 'Content-Type: application/json' http://127.0.0.1:28198/api/v1/gate/ask)"

# --- a real FreeRADIUS ---
if ! command -v freeradius >/dev/null; then echo "skip rlm_rest freeradius is not installed"; exit 0; fi
mkdir -p "$F/log"
sed "s,http://127.0.0.1:8080,$A," packaging/freeradius/samordna >"$F/samordna"
sed "s,TOKEN,$token," packaging/freeradius/policy >"$F/policy"
cat >"$F/radiusd.conf" <<CONF
prefix = /usr
logdir = $F/log
run_dir = $F
libdir = /usr/lib/freeradius
modconfdir = $F
thread pool {
  start_servers = 2
  max_servers = 4
}
client here {
  ipaddr = 127.0.0.1
  secret = testing123
}
modules {
  files {
    filename = $F/users
  }
  pap {
  }
  always reject {
    rcode = reject
  }
  always updated {
    rcode = updated
  }
  \$INCLUDE $F/samordna
}
policy {
  \$INCLUDE $F/policy
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = 28191
  }
  authorize {
    files
    pap
  }
  authenticate {
    pap
  }
  post-auth {
    samordna
  }
}
CONF
cat >"$F/users" <<'USERS'
p1 Cleartext-Password := "pw1"
   Session-Timeout = 7200, Filter-Id = "inside"
anna@ex.example Cleartext-Password := "pw1"
p2 Cleartext-Password := "pw2"
   Session-Timeout = 7200, Filter-Id = "inside"
USERS
# Somebody whose account's name tries to add keys to the question.
printf '%s\n' '"p2\",\"session\":\"x" Cleartext-Password := "pw9"' >>"$F/users"
printf '$INCLUDE /usr/share/freeradius/dictionary\n' >"$F/dictionary"
chown -R freerad: "$F" 2>/dev/null; chmod 755 "$WORK"
radius_starts() {
	: >"$F/log/log"
	freeradius -f -d "$F" -l "$F/log/log" >"$F/out" 2>&1 &
	radius=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do grep -qs Ready "$F/log/log" && return; sleep 0.3; done
	cat "$F/out" "$F/log/log" >&2
}
radius_starts
log_in() { printf 'User-Name="%s",User-Password=%s,Acct-Session-Id=r1,Message-Authenticator=0x00\n' "$1" "$2" | radclient -x -r 1 -t 6 127.0.0.1:28191 auth testing123 2>&1 | grep -v '^Sent'; }
in=$(log_in p1 pw1)
is rlm_rest.permit Access-Accept "$in"
is rlm_rest.class 'Class = 0x73616d6f72646e613a' "$in"
is rlm_rest.timeout 'Session-Timeout = 7200' "$in"
is rlm_rest.by_mail Access-Accept "$(log_in anna@ex.example pw1)"
is rlm_rest.wrong_password Access-Reject "$(log_in p1 wrong)"
out=$(log_in p2 pw2)
is rlm_rest.refuse Access-Reject "$out"
is rlm_rest.reason 'Reply-Message = "Du har ingen' "$out"
is_not rlm_rest.refuse_carries_nothing Filter-Id "$out"
is_not rlm_rest.refuse_no_time Session-Timeout "$out"
"$S" gateway language vpn1 en --home "$H" >/dev/null
is rlm_rest.english 'Reply-Message = "You have no access' "$(log_in p2 pw2)"
out=$(log_in 'p2\",\"session\":\"x' pw9)
is rlm_rest.injected Access-Reject "$out"
is rlm_rest.injected.judged_as_one_name 'You are not known here' "$out"
is rlm_rest.injected_is_a_name 'gate.unknown_person' "$(ask '{"person":"p2\",\"session\":\"x"}')"

# Watch: in they go, counted; then enforced again.
"$S" gateway watch vpn1 --home "$H" >/dev/null
is watch.lets_in Access-Accept "$(log_in p2 pw2)"
is watch.counted '"against":1' "$("$S" gateway list --home "$H" --json)"
is watch.explained '"verdict":"deny"' "$("$S" gate ask p2 --gateway vpn1 --home "$H" --json)"
is watch.metrics 'samordna_gate_refused_total{mode="watch"} 1' "$(curl -s http://127.0.0.1:28198/metrics)"
"$S" gateway enforce vpn1 --home "$H" >/dev/null
is watch.enforced Access-Reject "$(log_in p2 pw2)"

# A wrong token, and nobody at home: FreeRADIUS rejects.
"$S" token end vpn1 --home "$H" >/dev/null
is rlm_rest.ended_token Access-Reject "$(log_in p1 pw1)"
is rlm_rest.back Access-Reject "$(log_in p1 pw1)"
kill -STOP $(pgrep -P $server -f process=core)
is rlm_rest.core_silent Access-Reject "$(log_in p1 pw1)"
is rlm_rest.core_silent_and_resent Access-Reject "$(log_in p1 pw1)"
kill -CONT $(pgrep -P $server -f process=core)
kill $server; wait $server 2>/dev/null
is rlm_rest.down Access-Reject "$(log_in p1 pw1)"
is replay '"ok":true' "$("$S" audit verify --home "$H" --replay --json 2>&1)"
exit 0
