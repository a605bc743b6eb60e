#!/bin/sh
# The RADIUS door at its edges: packets by hand against the real processes, two upstreams that can be told to be silent.
set -u
S=$BUILD/samordna H=$WORK/home

cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected
p1,Anna Åberg,anna@ex.example,,Arkiv,p2,,employee,no
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,
p3,Siv Ek,siv@ex.example,,IT,p2,,system_owner,
p4,Per Holm,per@ex.example,,IT,p2,,support,
CSV
"$S" init --home "$H" --org Provkommunen >/dev/null
cat >>"$H/samordna.conf" <<'CONF'
http.listen = 127.0.0.1:28219
metrics.listen = 127.0.0.1:28218
radius.listen = 127.0.0.1:28220
radius.accounting = 127.0.0.1:28230
radius.client = vpn1 127.0.0.1 secret-vpn
radius.client = nac 127.0.0.2 secret-nac authorise-only
radius.client = old 127.0.0.3 secret-old no-message-authenticator
radius.client = watched 127.0.0.4 secret-watch
radius.upstream = 127.0.0.1:28221 upstream-a
radius.upstream = 127.0.0.1:28222 upstream-b
CONF
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
trap 'kill $server 2>/dev/null; wait 2>/dev/null' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do curl -sf -o /dev/null http://127.0.0.1:28219/readyz && break; sleep 0.1; done
"$S" people import "$WORK/people.csv" --home "$H" >/dev/null
"$S" access grant p1 --service vpn --from "$(date -u -d yesterday +%F)" --to "$(date -u -d '300 days' +%F)" --requested-by p2 --approved-by p3 --executed-by p4 --home "$H" >/dev/null
"$S" gateway watch watched --home "$H" >/dev/null
python3 tests/radius/edges.py 28220 28230 http://127.0.0.1:28218/metrics 28221 28222

is() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1"; echo "wanted: $2, got: $3" >&2; fi; }
is "a burst is a line or two in the operations log, not one a packet" yes "$([ "$(grep -c 'packets dropped' "$WORK/serve.log")" -le 12 ] && grep -q 'over budget [1-9]' "$WORK/serve.log" && echo yes)"
is "the operations log names nobody" 0 "$(grep -c 'p1\|p2\|anna\|secret-' "$WORK/serve.log")"
is "watch is counted" '"against":2' "$("$S" gateway list --home "$H" --json | grep '"watched"' | grep -o '"against":[0-9]*')"
is "nothing died" 0 "$(grep -c 'started again' "$WORK/serve.log")"
is "accounting sent three times is one session" "1|1" "$(sqlite3 -readonly "$H/store/samordna.db" "SELECT count(*), count(opened_at) FROM session WHERE nas_session = 'edge-1'")"
is "Accounting-On closed it" 1 "$(sqlite3 -readonly "$H/store/samordna.db" "SELECT count(closed_at) FROM session WHERE nas_session = 'edge-1'")"
told() { python3 -c '
import sys
sys.path.insert(0, "tests/radius")
from wire import *
got = Client("127.0.0.2", b"secret-nac", 28220).ask(request(b"secret-nac", [(USER, sys.argv[1].encode())]))
print(got[0], (first(got, REPLY) or b"").decode())' "$1"; }
"$S" gateway language nac en --home "$H" >/dev/null
is "a refusal in English" "3 You have no access to this connection. Ask your manager to request it." "$(told p2)"
"$S" gateway language nac sv --home "$H" >/dev/null
is "a refusal in Swedish" "3 Du har ingen behörighet för den här anslutningen. Be din chef begära den." "$(told p2)"
is "in before the grant is revoked" "2 " "$(told p1)"
"$S" access revoke 1 --by p3 --home "$H" >/dev/null
is "refused at the next ask after it" 3 "$(told p1 | cut -c1)"
is "the log holds" yes "$("$S" audit verify --replay --home "$H" --json | grep -q '"ok":true' && echo yes)"
exit 0
