#!/bin/sh
# Pages as people see them: Debian's chromium on the fictional municipality. Journeys first, then every page in both languages.
# SHOTS=DIR keeps a picture of each page. Needs the two libraries of tests/browser/package-lock.json, which npm brings.
# first: it takes longest.
set -u
S=$BUILD/samordna H=$WORK/home B=$TOP/tests/browser
export BASE=http://localhost:28399
if ! cmp -s "$B/package-lock.json" "$B/node_modules/.lock"; then
	(cd "$B" && npm ci --ignore-scripts --no-audit --no-fund) >"$WORK/npm" 2>&1 || { cat "$WORK/npm" >&2; echo "not ok npm ci"; exit 1; }
	cp "$B/package-lock.json" "$B/node_modules/.lock"
fi
code=$("$S" init --home "$H" --json | sed -n 's/.*"code":"\([^"]*\)".*/\1/p')
"$S" demo --home "$H" >/dev/null || { echo "not ok demo"; exit 1; }
printf 'radius.listen = 127.0.0.1:28312\nradius.accounting = 127.0.0.1:28313\nradius.client = vpn 127.0.0.1 vpnsecret authorise-only\nmail.server = localhost:28314 starttls\nmail.from = samordna@exempelkommunen.example\n' >>"$H/samordna.conf"
"$S" serve --home "$H" --port 28399 2>"$WORK/serve.log" &
server=$!
trap 'kill $server 2>/dev/null; wait 2>/dev/null' EXIT
for _ in $(seq 50); do grep -q answers "$WORK/serve.log" && break; sleep 0.2; done
export CODE=$code HOME_DIR=$H SAMORDNA=$S STATES=$WORK
mkdir -p "$WORK/chromium"
export XDG_CONFIG_HOME=$WORK/chromium XDG_CACHE_HOME=$WORK/chromium
cd "$B"
timeout --foreground 300 node journeys.mjs
timeout --foreground 300 node journeys_desk.mjs
[ -z "${JOURNEYS_ONLY-}" ] || exit 0
[ -n "${ALL-}" ] || export SEEN="$WORK/seen.json"     # with --all each role looks at everything that it sees
export KEY=$(cat "$WORK/key")
# An incident that is being worked with has the page with most on it.
who() { "$S" people list --home "$H" --json | grep "\"roles\":\"[^\"]*$1" | sed -n '1s/^{"id":"\([^"]*\)".*/\1/p'; }
support=$(who support) by=$(who coordinator)
incident() { "$S" incidents "$@" --home "$H" --json; }
number=$(incident report --kind call --text "Somebody who called himself the support wanted my code" | sed -n 's/.*"incident":"\([^"]*\)".*/\1/p')
{ incident assign "$number" --owner "$support" --by "$by" && incident assess "$number" --by "$by" && incident classify "$number" --severity 4 --rsit fraud/masquerade --cert 7 --effect KR --by "$by" &&
	incident confirm "$number" --by "$by" && incident task "$number" --text "Block the number" --owner "$support" --due "$(date -u -d "20 days" +%F)" --by "$by" &&
	incident note "$number" --text "It was two calls" --by "$by" && incident track "$number" --pack gdpr --applies yes --because "Names" --by "$by"; } >"$WORK/incident" 2>&1 ||
	{ echo "not ok an incident to look at"; cat "$WORK/incident" >&2; }
STATE=$WORK/enrolling.json ROLE=enrolling FIRST=/setup/otp timeout --foreground 300 node pages.mjs
FIRST='/login /setup /rapportera /lank /help /accessibility /no/such/page' ROLE=nobody timeout --foreground 300 node pages.mjs
for role in coordinator management system_owner support manager employee auditor; do
	[ -f "$WORK/$role.json" ] || continue
	first='/ /me'
	[ $role != coordinator ] || first="$first /me/job/1 /people/imported /people/invite?person=$support"
	EACH=${EACH:-$([ -n "${ALL-}" ] && echo 2 || echo 1)} STATE=$WORK/$role.json ROLE=$role FIRST=$first timeout --foreground 900 node pages.mjs
done
