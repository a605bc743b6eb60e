# Meddling with a store by the sqlite3 program: one changed, one removed, one added row in every table that the log speaks of, each
# found and located; the log's own tables too. Which tables there are is read from the store and from the marks in the schemas, so
# that a new table is covered by itself. Then the same on a home, with a server and without, and what verify, seal and export say.
set -u
S=$BUILD/samordna V=$BUILD/samordna-verify T=$BUILD/src/audit_test H=$WORK/home
LC_ALL=en_US.UTF-8; export LC_ALL
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null; wait 2>/dev/null' EXIT
is() { case "$3" in *"$2"*) echo "ok $1" ;; *) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;; esac; }
exits() { # NAME STATUS COMMAND...: $WORK/said is what it said
	name=$1 want=$2; shift 2
	"$@" >"$WORK/said" 2>&1; got=$?
	[ $got = "$want" ] && echo "ok $name" || { echo "not ok $name"; echo "exit $got, wanted $want: $*" >&2; cat "$WORK/said" >&2; }
}
schemas=$(ls "$TOP"/src/floor/schema/*.sql "$TOP"/src/points/*/schema/*.sql)
marked() { awk -v mark="-- $1" '$0 == mark { getline; sub(/\(.*/, "", $3); print $3 }' $schemas | sort; }

# Volatile tables leave no trace: each was put here by somebody who had thought about it.
cat >"$WORK/volatile" <<'LIST'
access_verification_call
audit_verified
budget
enrolment
gateway_contact
incidents_log
incidents_log_place
incidents_seen
job
post_peer
post_try
practice_link_count
search_word
session_counter
session_limit
session_name
totp_used
web_session
LIST
marked volatile | diff "$WORK/volatile" - >"$WORK/said" 2>&1 && echo "ok volatile tables are those that are listed here" || { echo "not ok volatile tables are those that are listed here"; cat "$WORK/said" >&2; }
marked log >"$WORK/log"

"$T" make "$WORK/store" >"$WORK/said" 2>&1 || cat "$WORK/said" >&2
is "a store with rows in every table is whole" "none" "none$("$T" check "$WORK/store" 2>&1)"
sqlite3 "$WORK/store" "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name" >"$WORK/tables"
grep -vxF -f "$WORK/volatile" "$WORK/tables" | grep -vxF -f "$WORK/log" >"$WORK/logged"
n=$(wc -l <"$WORK/logged")
[ "$n" -ge 15 ] && echo "ok $n logged tables" || echo "not ok $n logged tables"

# A round is one column of every table, or one row gone, or one more; with --all each of them by itself. A check reads the whole log.
bad=0 done=0
meddle() { # ROUND WANTED SQL: what is done in a round, and the text by which it is found
	[ -z "$ALL" ] || set -- "$done" "$2" "$3"
	echo "$3;" >>"$WORK/round.$1.sql"
	echo "$2" >>"$WORK/round.$1.wanted"
	done=$((done + 1))
}
play() { # ROUND: each is found, and nothing else
	cp "$WORK/store" "$WORK/one"
	{ echo "PRAGMA foreign_keys=OFF;"; cat "$WORK/round.$1.sql"; } | sqlite3 -bail "$WORK/one" >"$WORK/said" 2>&1 || { bad=1; cat "$WORK/round.$1.sql" "$WORK/said" >&2; return; }
	"$T" check "$WORK/one" >"$WORK/said" 2>&1
	[ "$(grep -c . "$WORK/said")" = "$(wc -l <"$WORK/round.$1.sql")" ] || { bad=1; echo "wanted so many faults as there are here:" >&2; cat "$WORK/round.$1.sql" "$WORK/said" >&2; }
	while read -r wanted; do
		[ "$(grep -c "$wanted" "$WORK/said")" = 1 ] || { bad=1; echo "wanted one fault with $wanted" >&2; cat "$WORK/said" >&2; }
	done <"$WORK/round.$1.wanted"
}
row_of() { keys=$(sqlite3 "$WORK/store" "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('$1') WHERE pk > 0"); echo "($keys) = (SELECT $keys FROM $1 ORDER BY $keys LIMIT 1)"; }
while read -r table; do
	sqlite3 "$WORK/store" "SELECT name, type, pk FROM pragma_table_info('$table')" >"$WORK/columns"
	more= first=$(row_of "$table") n=0
	while IFS='|' read -r column type pk; do
		case $type in
		INTEGER) other="coalesce(\"$column\", 0) + 5000" ;;
		TEXT) other="coalesce(\"$column\", '') || 'y'" ;;
		*) other="CAST(coalesce(CAST(\"$column\" AS TEXT), '') || 'y' AS BLOB)" ;;
		esac
		more="$more${more:+, }$other"
		n=$((n + 1))
		[ "$pk" != 0 ] || meddle "column$n" "^replay leaf [0-9]*: $table .*: $column is not what the log says" "UPDATE $table SET \"$column\" = $other WHERE $first"
	done <"$WORK/columns"
	meddle gone "^replay leaf [0-9]*: $table .*: the row is gone" "DELETE FROM $table WHERE $first"
	meddle more "^replay leaf -1: $table .*: a row that the log does not have" "INSERT INTO $table SELECT $more FROM $table WHERE $first"
done <"$WORK/logged"
for round in "$WORK"/round.*.sql; do
	round=${round##*/round.}
	play "${round%.sql}"
done
[ $bad = 0 ] && echo "ok each of $done changed, removed and added rows is found, and nothing else" || echo "not ok each of $done changed, removed and added rows is found, and nothing else"

# The log's own tables.
bad=0 done=0
own() { # WANTED SQL: found with this text, perhaps among others
	cp "$WORK/store" "$WORK/one"
	sqlite3 "$WORK/one" "$2" >"$WORK/said" 2>&1 || { bad=1; echo "$2: $(cat "$WORK/said")" >&2; return; }
	"$T" check "$WORK/one" >"$WORK/said" 2>&1
	done=$((done + 1))
	grep -q "$1" "$WORK/said" || { bad=1; echo "$2: wanted $1" >&2; head -5 "$WORK/said" >&2; }
}
own "^leaf leaf 7: " "UPDATE audit_leaf SET leaf = replace(leaf, 'test:coordinator', 'test:Coordinator') WHERE id = 7"
own "^leaf leaf 7: " "UPDATE audit_leaf SET hash = X'00' WHERE id = 7"
own "^index leaf 7: " "DELETE FROM audit_leaf WHERE id = 7"
own "^index leaf 9" "INSERT INTO audit_leaf SELECT 9999, hash, leaf FROM audit_leaf WHERE id = 7"
own "^part leaf [0-9]*: " "UPDATE audit_part SET columns = replace(columns, 'name', 'Name') WHERE (leaf, write) = (SELECT leaf, write FROM audit_part ORDER BY leaf, write LIMIT 1)"
own "^part leaf [0-9]*: .*no leaf lists" "UPDATE audit_part SET salt = NULL, columns = NULL WHERE (leaf, write) = (SELECT leaf, write FROM audit_part ORDER BY leaf, write LIMIT 1)"
own "^part leaf [0-9]*: .*no leaf lists" "DELETE FROM audit_part WHERE (leaf, write) = (SELECT leaf, write FROM audit_part ORDER BY leaf, write LIMIT 1)"
own "^part leaf 9999: " "INSERT INTO audit_part SELECT 9999, write, salt, columns FROM audit_part LIMIT 1"
own "^document " "UPDATE audit_document SET body = X'00' WHERE hash = (SELECT min(hash) FROM audit_document)"
own "^document leaf [0-9]*: .*missing" "DELETE FROM audit_document WHERE hash = (SELECT min(hash) FROM audit_document)"
own "^document leaf -1: .*no leaf" "INSERT INTO audit_document VALUES ('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', CAST('abc' AS BLOB))"
own "^document leaf -1: .*its name" "INSERT INTO audit_document VALUES ('aa7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', CAST('abc' AS BLOB))"
own "^frontier " "UPDATE audit_frontier SET size = size + 1"
own "^frontier " "DELETE FROM audit_frontier"
own "^checkpoint leaf 6: .*no seal" "INSERT INTO audit_checkpoint VALUES (7, 'a note')"
own "^schema " "DELETE FROM schema_applied WHERE component = 'floor'"
own "newer Samordna" "INSERT INTO schema_applied VALUES ('floor', 99, 0)"
own "^schema " "UPDATE schema_applied SET at = at + 1 WHERE component = 'floor'"
[ $bad = 0 ] && echo "ok each of $done ways of meddling with the log's own tables is found" || echo "not ok each of $done ways of meddling with the log's own tables is found"

# A home: without a server, then with one.
cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected,login
p1,Anna Åberg,anna@ex.example,+46701740605,Arkiv,p2,,employee,no,EX\anna
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,"EX\bo;bo.o"
p3,Siv Ek,siv@ex.example,,IT,p2,,system_owner,,
p4,Per Holm,per@ex.example,,IT,p2,,support,,
CSV
quiet() { "$@" >/dev/null 2>&1; }
quiet "$S" init --home "$H" --org Provkommunen
echo 'http.listen = 127.0.0.1:28197' >>"$H/samordna.conf"
quiet "$S" people import "$WORK/people.csv" --home "$H"
quiet "$S" access grant p1 --service vpn --from "$(date -u -d yesterday +%F)" --to "$(date -u -d "300 days" +%F)" --requested-by p2 --approved-by p3 --executed-by p4 --home "$H"
at_home() { # with|without
	exits "$1 a server: verify" 0 "$S" audit verify --home "$H" --json
	is "$1 a server: verify's answer" '"ok":true}' "$(jq -c 'select(.size > 0 and (.root | length) == 44 and .ok)' "$WORK/said" && cat "$WORK/said")"
	exits "$1 a server: verify --replay" 0 "$S" audit verify --replay --home "$H" --json
	exits "$1 a server: seal" 0 "$S" audit seal --home "$H" --json
	before=$(jq -r .size "$WORK/said")
	jq -r .checkpoint "$WORK/said" | sed '$d' >"$WORK/note"
	is "$1 a server: the checkpoint is the note of that size" "$before" "$(sed -n 2p "$WORK/note")"
	is "$1 a server: and of that root" "$(jq -r .root "$WORK/said")" "$(sed -n 3p "$WORK/note")"
	exits "$1 a server: seal again, an epoch in which nothing happened" 0 "$S" audit seal --home "$H" --json
	is "$1 a server: one leaf more" $((before + 1)) "$(jq -r .size "$WORK/said")"
	rm -rf "$WORK/export"
	exits "$1 a server: export" 0 "$S" audit export "$WORK/export" --home "$H" --json
	exits "$1 a server: samordna-verify" 0 "$V" "$WORK/export" --key "$WORK/export/key" --since "$WORK/note" --json
	is "$1 a server: all files" "checkpoint checkpoints documents key leaves.ndjson " "$(ls "$WORK/export" | tr '\n' ' ')"
	cmp -s "$WORK/export/checkpoint" "$WORK/export/checkpoints/$(printf %012d "$(sed -n 2p "$WORK/export/checkpoint")")" &&
		echo "ok $1 a server: the newest checkpoint is byte for byte the last" || echo "not ok $1 a server: the newest checkpoint is byte for byte the last"
	is "$1 a server: it covers all leaves" "$(wc -l <"$WORK/export/leaves.ndjson")" "$(sed -n 2p "$WORK/export/checkpoint")"
	exits "$1 a server: not into a directory that holds something" 5 "$S" audit export "$WORK/export" --home "$H"
}
at_home without
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q answers "$WORK/serve.log" && break; sleep 0.2; done
at_home with
# K24: tables changed under a running server.
sqlite3 "$H/store/samordna.db" "PRAGMA busy_timeout=5000; UPDATE access_grant SET until = until + 86400000" >/dev/null
exits "K24: verify alone does not see it" 0 "$S" audit verify --home "$H" --json
exits "K24: --replay does" 6 "$S" audit verify --replay --home "$H" --json
is "K24: and names table, key and column" '"text":"access_grant 1: until is not what the log says"}' "$(cat "$WORK/said")"
is "K24: with its leaf" '"ok":false}' "$(cat "$WORK/said")"
kill $server; wait $server 2>/dev/null; server=
# The log cut back to an older checkpoint: the seal remembers.
sqlite3 "$H/store/samordna.db" "UPDATE access_grant SET until = until - 86400000" >/dev/null
exits "put right again" 0 "$S" audit verify --replay --home "$H"
sqlite3 "$H/store/samordna.db" "DELETE FROM audit_leaf WHERE id >= $before - 1; DELETE FROM audit_checkpoint WHERE id >= $before"
exits "a log cut short: the seal has signed more" 6 "$S" audit verify --home "$H" --json
is "and says so" '"text":"the seal has signed' "$(cat "$WORK/said")"
