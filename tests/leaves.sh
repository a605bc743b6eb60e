# Each act on the command line leaves exactly one leaf, and what only looks leaves none. The commands are those of `samordna --help`: one
# that has no case below fails this test.
set -u
S=$BUILD/samordna H=$WORK/home
LC_ALL=en_US.UTF-8; export LC_ALL
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null; wait 2>/dev/null' EXIT
: >"$WORK/seen"
# The clock's own seal, some seconds after a start, is nobody's act.
ours="leaf NOT LIKE '%\"actor\":\"system\",\"action\":\"audit.seal\"%'"
leaves() { sqlite3 "$H/store/samordna.db" "PRAGMA busy_timeout=5000; SELECT count(*) FROM audit_leaf WHERE $ours" | tail -n 1; }
newest() { sqlite3 "$H/store/samordna.db" "SELECT leaf FROM audit_leaf WHERE $ours ORDER BY id DESC LIMIT ${1:-1}" | sed 's/.*"action":"\([^"]*\)".*/\1/' | sort | uniq -c | tr '\n' ' '; }
# WANTED ACTION WORDS... -- ARGUMENTS: how many leaves, of which action (- for none). WANTED may be a range: 1-9.
case_of() {
	want=$1 action=$2; shift 2
	words=
	while [ "$1" != -- ]; do words="$words${words:+ }$1"; shift; done
	shift
	echo "$words" >>"$WORK/seen"
	before=$(leaves)
	"$S" $words "$@" --home "$H" --json >"$WORK/said" 2>&1; got=$?
	made=$(($(leaves) - before))
	[ "${REFUSED-}" ] && wanted_exit="not 0" || wanted_exit=0
	is_good=1
	case $got in 0) [ -z "${REFUSED-}" ] || is_good=0 ;; *) [ "${REFUSED-}" ] || is_good=0 ;; esac
	[ $made -ge "${want%-*}" ] && [ $made -le "${want#*-}" ] || is_good=0
	[ $made = 0 ] || [ -n "$(newest $made | awk -v a="$action" 'BEGIN { n = split(a, w, ",") } { for (i = 2; i <= NF; i += 2) { for (k = 1; k <= n; k++) if ($i == w[k]) break; if (k > n) exit } print "all" }')" ] || is_good=0
	if [ $is_good = 1 ]; then echo "ok $words ${REFUSED:+(refused) }leaves $made"; else
		echo "not ok $words${REFUSED:+ (refused)}"
		echo "exit $got (wanted $wanted_exit), $made leaves (wanted $want of $action): $([ $made = 0 ] || newest $made)" >&2
		cat "$WORK/said" >&2
	fi
}
refused() { REFUSED=1; case_of 0 - "$@"; REFUSED=; }
looks() { case_of 0 - "$@"; }
act() { action=$1; shift; case_of 1 "$action" "$@"; }
grant_of() { sed -n 's/.*"grant":\([0-9]*\).*/\1/p' "$WORK/said" | head -n 1; }

cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected,login
p1,Anna Åberg,anna@ex.example,+46701740605,Arkiv,p2,,employee,no,EX\anna
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,"EX\bo;bo.o"
p3,Siv Ek,siv@ex.example,,IT,p2,,system_owner,,
p4,Per Holm,per@ex.example,,IT,p2,,support,,
p5,Eva Ros,eva@ex.example,,IT,p2,,coordinator,,
p7,Maj Ask,maj@ex.example,,Arkiv,,,management,,
p6,Ulf Lid,ulf@ex.example,,Badhuset,p2,,employee,,
CSV
sed 's/Anna/Anna-Karin/' "$WORK/people.csv" >"$WORK/changed.csv"
sed 's/,IT,p2/,IT,nobody/' "$WORK/people.csv" >"$WORK/bad.csv"
echo init >>"$WORK/seen"; echo serve >>"$WORK/seen"
"$S" init --home "$H" --org Provkommunen >/dev/null
actions=$(sqlite3 "$H/store/samordna.db" "SELECT leaf FROM audit_leaf ORDER BY id" | sed 's/.*"action":"\([^"]*\)".*/\1/' | uniq | tr '\n' ' ')
[ "$actions" = "schema.apply init " ] && echo "ok init leaves one leaf, after those of the schemas" || { echo "not ok init leaves one leaf, after those of the schemas"; echo "$actions" >&2; }
cat >>"$H/samordna.conf" <<'CONF'
http.listen = 127.0.0.1:28196
radius.listen = 127.0.0.1:28195
radius.accounting = 127.0.0.1:28194
radius.client = vpn1 127.0.0.1 testing123 authorise-only
mail.server = 127.0.0.1:28193 plain-loopback-only
mail.from = samordna@ex.example
webhook = http://127.0.0.1:28193/hook 0123456789abcdef
CONF
before=$(leaves)
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q answers "$WORK/serve.log" && break; sleep 0.2; done
[ "$(($(leaves) - before)) $(newest)" = "1       1 core.start " ] && echo "ok serve leaves one leaf" || { echo "not ok serve leaves one leaf"; newest $(($(leaves) - before)) >&2; }

from=$(date -u -d yesterday +%F) to=$(date -u -d "300 days" +%F) soon=$(date -u -d "20 days" +%F)
# An import: the leaf of the accepted file, a leaf for each of its steps of about 1,000 rows, and one for each leaver's event.
refused people import -- "$WORK/bad.csv"
case_of 2-3 people.import,people.import.step people import -- "$WORK/people.csv"
case_of 2-3 people.import,people.import.step people import -- "$WORK/changed.csv"
looks people list --
act people.unit people unit -- Arkiv --class 2
refused people unit -- Nowhere --class 2
act account.recover people recover -- p5
refused people recover -- nobody
act people.body people body make -- Bolaget
looks people body list --
act people.body.unit people body unit -- Badhuset --body Bolaget
act mandate.give people mandate -- p2 --level 2 --body Provkommunen --by p7
looks people mandate --
act mandate.end people mandate end -- 0 --by p7
act mandate.give people mandate -- p7 --level 2 --body Provkommunen
# To ask is two acts: a draft, and the question. Nothing on the command line signs, so nothing there can be revoked either.
wish() { set -- "$@" --person p1 --title "May Anna connect?" --because "It cannot wait." --yes Theft --yes-likely Seldom --no Delay --no-likely Certain
	case_of "$wish" "decision.draft,decision.ask" decision ask -- access.no_grant "$@" --measures Logging --level 2 \
	--until "$(date -u -d "20 days" +%F)" --decider p7 --by p2; }
wish=1; wish --draft
act decision.ask decision tell -- 1 --by p2
act decision.more decision more -- 1 --by p7 --because "What has been tried?"
act decision.tell decision tell -- 1 --by p2 --answer "All of it."
act decision.refuse decision refuse -- 1 --by p7 --because "Too dear."
wish=2; wish
refused decision refuse -- 2 --by p2 --because "mine"
refused decision sign -- 2 --by p7
refused decision revoke -- 2 --because "no"
refused decision follow -- 2 --by p2 --how "well"
act decision.withdraw decision withdraw -- 2 --by p2
looks decision list --
looks decision show -- 1
looks gate ask -- p1
looks gateway list --
act gateway.watch gateway watch -- vpn1
act gateway.enforce gateway enforce -- vpn1
act gateway.language gateway language -- vpn1 en
act gateway.service gateway service -- vpn1 vpn
refused gateway watch -- nowhere
echo '[]' >"$WORK/listed.json"; looks gateway listed -- "$WORK/listed.json" --gateway vpn1
refused gateway listed -- "$WORK/listed.json" --gateway nowhere

looks capacity show --
act capacity.limit capacity limit -- vpn1 --licence 100
refused capacity limit -- vpn1 --licence many
refused capacity limit -- nowhere --licence 1
act capacity.order capacity order -- vpn1 --places 50 --delivery 2035-01-01 --cost 12000
act capacity.order capacity order -- vpn1 --places 10 --delivery 2035-01-01
refused capacity order -- vpn1 --places 0 --delivery 2035-01-01
looks capacity orders --
looks capacity warned --
act capacity.delivered capacity delivered -- 1
refused capacity delivered -- 1
act capacity.cancelled capacity cancel -- 2
refused capacity cancel -- 99
act capacity.unit capacity unit -- IT --instead "Work locally."
refused capacity unit -- Nowhere --reserve yes
act capacity.slot.book capacity slot book -- p2 --gateway vpn1 --at "$(date -u -d "tomorrow 12:20" +%FT%TZ)"
refused capacity slot book -- p2 --gateway vpn1 --at "$(date -u -d "tomorrow 12:25" +%FT%TZ)"
looks capacity slot list -- p2
act capacity.slot.cancel capacity slot cancel -- 1
refused capacity slot cancel -- 1
# Mail: nobody takes it at that port, so it waits.
REFUSED=1; case_of 1 mail.test mail test -- anna@ex.example; REFUSED=
refused mail test -- nobody
looks mail outbox --
act mail.again mail again -- 1
looks mail again --
act mail.give_up mail drop -- 1
refused mail drop -- 1
refused mail again -- 1
act webhook.test webhook test --
looks webhook list --
act webhook.again webhook again -- 1
refused webhook again -- 999
looks setting list --
act setting.set setting set -- organisation.name Annankommunen
refused setting set -- no.such x
act token.make token make -- nac
looks token list --
act token.end token end -- nac
refused token end -- nac
looks status --
looks tasks list --

request() { case_of 1 access.ask access grant -- p1 --service "$1" --from "$from" --to "$to" --purpose proof; }
request journal
g=$(grant_of)
act access.return access return -- "$g" --by p3 --because "say why"
act access.withdraw access withdraw -- "$g"
request mail
act access.reject access reject -- "$(grant_of)" --by p3 --because "not needed"
request vpn
g=$(grant_of)
act access.approve access approve -- "$g" --by p3
refused access execute -- "$g" --by p3
act access.execute access execute -- "$g" --by p4
act access.suspend access suspend -- "$g" --by p4 --because "lost telephone"
act access.lift access lift -- "$g" --by p4 --because "found again"
# A plan of a day, for the one who may connect.
refused capacity plan make -- 2001-01-01
act capacity.need capacity need -- Arkiv --minutes 40 --from 8:00 --until 16:00
refused capacity need -- Nowhere --minutes 40
act capacity.plan.make capacity plan make -- "$(date -d "2 days" +%F)"
looks capacity plan list --
looks capacity plan show -- 1
act capacity.plan.adopt capacity plan adopt -- 1
refused capacity plan adopt -- 1
act capacity.plan.undo capacity plan undo -- 1
refused capacity plan undo -- 1
looks capacity raised --
looks capacity shared --
looks capacity team -- p2
act capacity.limit capacity limit -- vpn1 --throughput 100 --share 2330
act capacity.fetch.order capacity fetch order -- p1 --gateway vpn1 --what "Letters" --megabytes 1 --level 1 --device LAP-1 --managed yes --erase-on "$(date -d "5 days" +%F)"
refused capacity fetch order -- p1 --gateway vpn1 --what "Letters" --megabytes 1 --level 1 --device mine --managed no --erase-on "$(date -d "5 days" +%F)"
refused capacity fetch begin -- 1
refused capacity fetch done -- 1
refused capacity fetch erased -- 1
act capacity.fetch.cancel capacity fetch cancel -- 1
looks capacity fetch list -- p1
looks capacity whatif -- --fiction --more 40
refused capacity whatif -- --fiction --lost nowhere
act access.review access review -- "Yearly" --due "$soon" --by p5
looks access reviews --
act access.review.answer access answer -- 1 "$g" keep --by p3
act access.keep access keep -- "$g" --by p3
act access.revoke access revoke -- "$g" --by p3
act access.state access grant -- p2 --service vpn --from "$from" --to "$to" --requested-by p2 --approved-by p3 --executed-by p4
refused access grant -- p2 --service vpn --from "$from" --to "$to" --requested-by p3 --approved-by p3 --executed-by p4
looks access list --
printf 'time,person,kind,by\n2026-11-24T08:00:00Z,p1,password,helpdesk\n' >"$WORK/resets.csv"
act access.reset.import access reset import -- "$WORK/resets.csv"
looks access reset import -- "$WORK/resets.csv"
looks access reset list --
act access.assess access assess -- A1 --met --rule "Grants end" --owner p5 --evidence "the list"

# Urgent cases: the two who ask and confirm are logged in, so here it is said no; tests/leaves_pages.py plays them.
refused decision urgent use -- 1 --by p4
looks decision urgent list --
refused decision urgent show -- 1
for move in "refuse -- 1 --by p4 --because no" "withdraw -- 1 --by p4" "reverse -- 1 --because no" "review -- 1 --right --by p7 --because fine" "clean -- 1 --by p4 --how so"; do
	refused decision urgent $move
done

act access.practice_plan access practice plan -- p6 --until "$(date -u -d "2 days" +%F)" --by p5
refused access practice plan -- p6 --until "$soon" --by p5
refused access practice agree -- 1 --by p5
act access.practice_agree access practice agree -- 1 --by p7
act setting.set setting set -- practice.host login.example
refused access practice link -- IT --until "$soon" --by p4
act access.practice_cancel access practice cancel -- 1 --by p5
looks access practice list --
looks access practice results --

# Verifying a caller: p4 is the agent. What needs the employee's or the manager's own page is refused here for ever.
act access.verify_start access verification start -- p1 --errand password --by p4 --ticket GLPI-1 --caller 070-1740642
refused access verification start -- p4 --errand unlock --by p4
refused access verification code -- 1 --by p4
TOP=$TOP python3 - "$("$S" people recover p1 --home "$H" --json | sed -n 's/.*"code":"\([^"]*\)".*/\1/p')" <<'PY'
import os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests")
from web_client import Web
Web("http://localhost:28196", "en").start(sys.argv[1], "four words in a row")
PY
act access.verify_call access verification call -- 1 --by p4
refused access verification call -- 1 --by p4
act access.verify_code access verification code -- 1 --by p4
act access.verify_read access verification code -- 1 --by p4 --read 000000
refused access verification code -- 1 --by p4 --read 12
refused access verification vouch -- 1 --by p4
refused access verification app -- 1 --by p4
refused access verification present -- 1 --by p4 --shown passport
refused access verification approve -- 1 --by p4
refused access verification take -- 1 --by p4
act access.verify_hand access verification hand -- 1 --by p4
refused access verification hand -- 1 --by p4
refused access verification use -- 1 --by p4 --token 0000-0000-0000-0000
looks access verification list --
looks access verification show -- 1
# The denial opens an incident in the same leaf.
act access.verify_deny access verification close -- 1 --by p4 --outcome deny --because "Did not know the words"
refused access verification close -- 1 --by p4 --outcome abort --because "again"

# Incidents: p5 is coordinator, p4 support.
act incidents.report incidents report -- --kind call --text "Somebody wanted my code"
i=$(sed -n 's/.*"incident":"\([^"]*\)".*/\1/p' "$WORK/said")
looks incidents report -- --kind call --text "Somebody wanted my code"
refused incidents report -- --kind nothing
act incidents.report incidents report -- --kind lost --text "A telephone, on the bus"
other=$(sed -n 's/.*"incident":"\([^"]*\)".*/\1/p' "$WORK/said")
looks incidents list -- --state open
"$S" setting set logins.own_hosts kommun.example --home "$H" >/dev/null
act incidents.report incidents report -- --kind link --what "https://kommun-login.test/"
act incidents.leave incidents leave -- kommun-login.test --by p4 --because "An exercise"
act incidents.block incidents block -- kommun-login.test --by p4 --because "It was none" --days 9 --below
refused incidents block -- kommun-login.test --by p4 --because "Twice"
refused incidents block -- kommun.example --by p4 --because "Ours"
looks incidents links --
looks incidents blocks -- --format stix
refused incidents blocks -- --format xml
act incidents.unblock incidents unblock -- kommun-login.test --by p5 --because "Taken down"
refused incidents unblock -- kommun-login.test --by p5 --because "Twice"
looks incidents logs --
refused incidents logs -- ssh
looks incidents rules --
looks incidents clocks --
looks incidents show -- "$i"
refused incidents show -- 1999-1
act incidents.assign incidents assign -- "$i" --owner p4 --by p5
act incidents.assess incidents assess -- "$i" --by p4
refused incidents confirm -- "$i" --by p4
act incidents.classify incidents classify -- "$i" --severity 4 --rsit fraud/masquerade --cert 7 --effect KR --by p4
act incidents.times incidents times -- "$i" --occurred "$from" --because "Told by telephone" --by p4
refused incidents times -- "$i" --aware "$soon" --because "Not yet" --by p4
act incidents.confirm incidents confirm -- "$i" --by p4
act incidents.merge incidents merge -- "$other" --into "$i" --because "The same" --by p4
act incidents.note incidents note -- "$i" --text "It was two calls" --by p4
act incidents.task incidents task -- "$i" --text "Block the number" --owner p4 --due "$soon" --by p5
act incidents.weakness incidents weakness -- "$i" --text "No proof by telephone" --cause "All at home" --owner p3 --due "$soon" --by p5
act incidents.work incidents work -- "$i" --task 1 --move done --by p4
refused incidents work -- "$i" --task 1 --move verify --by p4
act incidents.work incidents work -- "$i" --task 1 --move verify --by p5
echo "call list" >"$WORK/evidence.txt"
act incidents.evidence incidents evidence -- "$WORK/evidence.txt" "$i" --name "Call list" --place "the exchange" --by p4
act incidents.contain incidents contain -- "$i" --by p4
act incidents.eradicate incidents eradicate -- "$i" --by p4
act incidents.recover incidents recover -- "$i" --by p4
act incidents.back incidents back -- "$i" --because "Not quite" --by p4
act incidents.recover incidents recover -- "$i" --by p4
act incidents.review incidents review -- "$i" --by p5
refused incidents close -- "$i" --by p5
act incidents.follow incidents follow -- "$i" --cause "No rule" --class routine --changed yes --why "All at home" --review held --note "Friday" --touched none --by p5
act incidents.track incidents track -- "$i" --pack gdpr --applies yes --because "Names leaked" --by p5
act incidents.track incidents track -- "$i" --pack se-csl-2026 --applies no --because "Below the thresholds" --by p5
act incidents.facts incidents facts -- "$i" --by p4 --facts "cross_border=no"
refused incidents facts -- "$i" --by p4 --facts "speed=4"
act incidents.handed incidents handed -- "$i" --pack gdpr --step notification --receipt IMY-1 --by p5
act incidents.supplier incidents supplier -- "$i" --name Molnbolaget --hours 4 --by p4
refused incidents supplier -- "$i" --name "" --by p4
act incidents.said incidents said -- "$i" --text "A disk has failed" --next "$soon" --by p4
act incidents.report incidents report -- --kind other --text "At what we share"
shared=$(sed -n 's/.*"incident":"\([^"]*\)".*/\1/p' "$WORK/said" | head -n 1)
act incidents.share incidents share -- "$shared" --bodies Bolaget --by p5
refused incidents share -- "$shared" --bodies Bolaget --by p5
looks incidents paper -- "$WORK/papers" "$i"
act incidents.measure.make incidents measure make -- 198.51.100.66 --kind block --because "Guesses" --incident "$i" --by p4
refused incidents measure make -- nobody --kind hold --because "Guesses" --by p4
act incidents.measure.remove incidents measure do -- 1 remove --because "It was ours" --by p4
refused incidents measure do -- 1 decide --by p5
looks incidents measure list -- --over
looks incidents measure blocks --
act incidents.told incidents told -- "$i" --how "Called back" --by p4
act incidents.close incidents close -- "$i" --by p5
act incidents.reopen incidents reopen -- "$i" --because "Again" --by p4
act incidents.dismiss incidents dismiss -- "$i" --because "A mistake" --by p4

looks audit verify --
looks audit verify -- --replay
act audit.seal audit seal --
looks access sample --
looks audit erase --
mkdir "$WORK/export"
act audit.seal audit export -- "$WORK/export"
looks backup create -- "$WORK/backup"
looks backup verify -- "$WORK/backup"
refused backup restore -- "$WORK/backup"
refused demo --
refused demo wipe --
looks help --
looks doctor --
act clock.confirm clock confirm --
# Pure commands know no home.
cat >"$WORK/problem.json" <<'JSON'
{"slots":2,"gateways":[{"id":"g1","places":[1,1]}],"types":[{"id":"t","class":1,"need":1,"members":2,"windows":[[0,2]],"gateways":["g1"]}]}
JSON
pure() { words=$1; shift; echo "$words" >>"$WORK/seen"; "$S" $words "$@" --json >"$WORK/said" 2>&1 </dev/null && echo "ok $words is pure" || { echo "not ok $words is pure"; cat "$WORK/said" >&2; }; }
pure "capacity solve" "$WORK/problem.json"
cp "$WORK/said" "$WORK/plan.ndjson"
pure "capacity check" "$WORK/problem.json" "$WORK/plan.ndjson"
pure "route list"
pure "incidents deadlines" --pack gdpr --aware 2026-03-16T08:00:00Z
echo 'Mar 16 08:00:00 host sshd[1]: Failed password for root from 192.0.2.7 port 22 ssh2' >"$WORK/lines"
pure "lines read" "$WORK/lines"
pure "lines replay" "$WORK/lines"
echo kommun.example >"$WORK/own"
pure "link check" --own "$WORK/own" https://kommun.example/

# Who has no case.
"$S" --help | sed -n 's/^  samordna //p' | awk '{ w = ""; for (i = 1; i <= NF; i++) { if ($i !~ /^[a-z]+$/) break; w = w (w == "" ? "" : " ") $i } print w }' | sort -u >"$WORK/all"
sort -u "$WORK/seen" | comm -23 "$WORK/all" - >"$WORK/missing"
if [ -s "$WORK/all" ] && [ ! -s "$WORK/missing" ]; then echo "ok every command of --help has a case ($(wc -l <"$WORK/all"))"; else echo "not ok every command of --help has a case"; sed 's/^/no case: /' "$WORK/missing" >&2; fi
"$S" audit verify --replay --home "$H" --json >"$WORK/said" 2>&1 && echo "ok the log is whole after all that" || { echo "not ok the log is whole after all that"; cat "$WORK/said" >&2; }
