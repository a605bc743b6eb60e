# lines read and lines replay as they are called: options, exit codes, carriers, a table of lines of every format with what must come out.
set -u
S=$BUILD/samordna
cd "$WORK"
unset LC_ALL LC_MESSAGES
export LANG=en TZ=America/New_York
now=2026-11-28T12:00:00Z
is() { if [ "$2" = "$3" ]; then echo "ok lines $1"; else echo "wanted $2, got $3" >&2; echo "not ok lines $1"; fi; }
code() { "$S" "$@" >out 2>err; echo $?; }

# Every format: line, outcome, service, user, address.
"$S" lines read --all --now $now "$TOP/tests/lines/formats.log" | jq -r '[.line,.outcome,.service,.user,.address]|map(tostring)|join("\t")' >got
if diff "$TOP/tests/lines/formats.want" got >&2; then echo "ok lines every format"; else echo "not ok lines every format"; fi
# The same with CRLF, through a pipe, and each line alone.
sed 's/$/\r/' "$TOP/tests/lines/formats.log" | "$S" lines read --all --now $now - | jq -r '[.line,.outcome,.service,.user,.address]|map(tostring)|join("\t")' >got
if diff "$TOP/tests/lines/formats.want" got >&2; then echo "ok lines CRLF through a pipe"; else echo "not ok lines CRLF through a pipe"; fi

L='Nov 24 08:00:00 gw sshd[1]: Failed password for root from 192.0.2.1 port 22 ssh2'
echo "$L" >one
is "a line" '{"line":1,"time":"2026-11-24T07:00:00Z","service":"sshd","outcome":"failure","user":"root","address":"192.0.2.1","reason":"password","count":1}' \
	"$("$S" lines read --now $now one)"
is "--json changes nothing" "$("$S" lines read --now $now one)" "$("$S" lines read --json --now $now one)"
is "--zone" 2026-11-24T13:00:00Z "$("$S" lines read --zone America/New_York --now $now one | jq -r .time)"
is "--zone UTC" 2026-11-24T08:00:00Z "$("$S" lines read --zone UTC --now $now one | jq -r .time)"
is "--year" 2019-11-24T07:00:00Z "$("$S" lines read --year 2019 one | jq -r .time)"
is "never in the future" 2025-11-24T07:00:00Z "$("$S" lines read --now 2026-11-24T06:59:59Z one | jq -r .time)"
printf 'Dec 31 23:59:59 g sshd[1]: %s\nJan  1 00:00:01 g sshd[1]: %s\n' 'Failed password for a from 192.0.2.1 port 1 ssh2' 'Failed password for a from 192.0.2.1 port 1 ssh2' >year
is "over New Year" "2025-12-31T22:59:59Z 2025-12-31T23:00:01Z" "$("$S" lines read --now $now year | jq -r .time | paste -sd' ')"
is "over New Year through a pipe" "2025-12-31T22:59:59Z 2025-12-31T23:00:01Z" "$("$S" lines read --now $now - <year | jq -r .time | paste -sd' ')"
is "over New Year with --year" "2023-12-31T22:59:59Z 2023-12-31T23:00:01Z" "$("$S" lines read --year 2023 - <year | jq -r .time | paste -sd' ')"
is "the clocks going back" "2026-10-25T00:30:00Z" "$(echo 'Oct 25 02:30:00 g sshd[1]: Failed password for a from 192.0.2.1 port 1 ssh2' | "$S" lines read --now $now - | jq -r .time)"
is "the clocks going forward" "2026-03-29T01:30:00Z" "$(echo 'Mar 29 02:30:00 g sshd[1]: Failed password for a from 192.0.2.1 port 1 ssh2' | "$S" lines read --now $now - | jq -r .time)"

# Times and lines of an array, on one line and over several.
A='{"userPrincipalName":"a@b.se","ipAddress":"192.0.2.1","createdDateTime":"2026-11-24T07:00:00.1234567Z","status":{"errorCode":50126}}'
is "an array on one line" "1 1" "$(echo "[$A,$A]" | "$S" lines read - | jq -r .line | paste -sd' ')"
is "an array over lines" "2 3" "$(printf '[\n%s,\n%s\n]\n' "$A" "$A" | "$S" lines read - | jq -r .line | paste -sd' ')"
is "a list printed prettily" "2 10" "$(echo "[$A,$A]" | jq . | "$S" lines read - | jq -r .line | paste -sd' ')"
is "records" "failure failure" "$(echo "{\"records\":[{\"properties\":$A},{\"properties\":$A}]}" | "$S" lines read - | jq -r .outcome | paste -sd' ')"
is "JSON that breaks off does not swallow the rest" "3" "$(printf '[\n{"a":1,\n%s\n' "$L" | "$S" lines read --now $now - | jq -r .line)"
is "a broken list does not swallow the rest" "2" "$(printf '[{"a":"b\n%s\n' "$L" | "$S" lines read --now $now - | jq -r .line)"

is "an empty file" 0 "$(: >empty; code lines read empty)"
is "bytes of chance" 0 "$(head -c 3000000 /dev/urandom >chance; code lines read --all chance)"
is "no such file is exit 3" 3 "$(code lines read none.log)"
is "no file is exit 2" 2 "$(code lines read)"
is "an unknown format is exit 2" 2 "$(code lines read --format nonsense one)"
is "an unknown zone is exit 2" 2 "$(code lines read --zone ../../etc/passwd one)"
is "a year that is none is exit 2" 2 "$(code lines read --year soon one)"
is "a now that is none is exit 2" 2 "$(code lines read --now today one)"
for format in auto sshd openvpn ocserv strongswan freeradius fortigate asa paloalto sonicwall windows entra keycloak pam dropbear cockpit pfsense guacamole vaultwarden xrdp; do
	[ "$(code lines read --format $format one)" = 0 ] || echo "not ok lines --format $format"
done
is "another format sees nothing" 0 "$("$S" lines read --format openvpn one | wc -l)"
is "a disk that is full is exit 1" 1 "$("$S" lines read --all "$TOP/tests/lines/formats.log" >/dev/full 2>err; echo $?)"

# Rules
i=0; while [ $i -lt 6 ]; do echo "Nov 24 08:00:0$i gw sshd[$i]: Failed password for root from 192.0.2.1 port 22 ssh2"; i=$((i + 1)); done >six
is "an incident" '{"rule":"R1","key":"192.0.2.1","severity":"medium","first":"2026-11-24T07:00:00Z","last":"2026-11-24T07:00:05Z","events":6,"users":["root"],"addresses":["192.0.2.1"],"lines":[1,6]}' \
	"$("$S" lines replay --now $now six 2>err | jq -c 'del(.title)')"
is "what is off says so" "rule R8 off: no places" "$(head -n 1 err)"
is "lines count over files" "1 7" "$("$S" lines replay --now $now one six 2>err | jq -r '.lines|join(" ")')"
echo 'R1.failed = 7' >rules
is "--rules" "" "$("$S" lines replay --rules rules --now $now six 2>err)"
echo 'R99.failed = 7' >rules
is "an unknown rule is exit 2" 2 "$(code lines replay --rules rules six)"
is "and says where" 1 "$(grep -c 'line 1' err)"
printf 'network,country,latitude,longitude\n192.0.2.0/24,SE,59.3,18.1\n203.0.113.0/24,BR,-23.5,-46.6\n' >places.csv
printf 'Nov 24 08:00:00 g sshd[1]: Accepted password for a from 192.0.2.1 port 1 ssh2\nNov 24 09:00:00 g sshd[2]: Accepted password for a from 203.0.113.1 port 1 ssh2\n' >travel
is "--places" "R8 a" "$("$S" lines replay --places places.csv --now $now travel 2>err | jq -r '.rule + " " + .key')"
is "then R8 is on" 0 "$(grep -c R8 err)"
is "no places file is exit 3" 3 "$(code lines replay --places none.csv six)"
