#!/bin/sh
# serve --one: all parts as threads of one process, for a debugger. It serves pages, log-ins and commands like the seven processes do,
# says at the start and in doctor that it has no walls, and ends in order.
set -u
S=$BUILD/samordna H=$WORK/home
is() { [ "$2" = "$3" ] && echo "ok $1" || { echo "not ok $1"; echo "$1: $3, not $2" >&2; }; }
has() { printf '%s' "$3" | grep -q -- "$2" && echo "ok $1" || { echo "not ok $1"; echo "$1: no $2 in $3" >&2; }; }
code=$("$S" init --home "$H" --json | sed -n 's/.*"code":"\([^"]*\)".*/\1/p')
printf 'radius.listen = 127.0.0.1:28521\nradius.accounting = 127.0.0.1:28531\nradius.client = vpn 127.0.0.1 onesecret authorise-only\n' >>"$H/samordna.conf"
LC_ALL=en_US.UTF-8 "$S" serve --one --home "$H" --port 28599 2>"$WORK/log" & server=$!
trap 'kill $server 2>/dev/null; wait' EXIT
for _ in $(seq 200); do ! grep -q answers "$WORK/log" || break; sleep 0.05; done
has "said at the start" "all parts in one process and no walls" "$(cat "$WORK/log")"
is "no other process" "" "$(pgrep -P $server)"
is "a thread a part" "core gateway post reader seal web " "$(cat /proc/$server/task/*/comm | grep -E '^(core|gateway|post|reader|seal|web)$' | sort -u | tr '\n' ' ')"
is "ready" "ready" "$(curl -s http://localhost:28599/readyz)"
python3 - "$TOP/tests" "$code" <<'PY' && echo "ok a log-in, through seal" || echo "not ok a log-in, through seal"
import sys
sys.path.insert(0, sys.argv[1])
from web_client import Web
web = Web("http://localhost:28599")
web.set_up(sys.argv[2], "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")
assert "Karin Nyberg" in web.get("/people").text
PY
printf 'User-Name = "nobody", Message-Authenticator = 0x00\n' | radclient -r 1 -t 3 127.0.0.1:28521 auth onesecret >"$WORK/radius" 2>&1
has "RADIUS, through the gateway" "Access-Reject" "$(cat "$WORK/radius")"
printf 'id,name,email,phone,unit,manager,employment_end,roles,protected\np1,Siv Ek,siv@ex.example,,IT,,,employee,\n' >"$WORK/people.csv"
is "an import, through the reader" '{"added":1,' "$("$S" people import "$WORK/people.csv" --home "$H" --json | cut -c1-11)"
said=$("$S" doctor --home "$H" --json); status=$?
is "doctor fails" 6 $status
for part in core seal web; do has "doctor says that $part has no walls" "process.$part\",\"state\":\"fail" "$said"; done
kill -TERM $server
wait $server
is "SIGTERM ends it in order" 0 $?
is "the log is whole" 0 "$("$S" audit verify --home "$H" >"$WORK/verified" 2>&1; echo $?)"
is "and seven processes open the same home" "Siv Ek" "$("$S" people list --home "$H" --json | sed -n 's/.*"id":"p1","name":"\([^"]*\)".*/\1/p')"
