# Backups of a running server, restored elsewhere and into the other engine; what is refused; what is left after a refusal.
set -u
S=$BUILD/samordna V=$BUILD/samordna-verify H=$WORK/home
LC_ALL=en_US.UTF-8; export LC_ALL
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null; wait 2>/dev/null' EXIT
is() { # NAME WANTED GOT: the wanted text stands somewhere in what came
	case "$3" in *"$2"*) echo "ok $1" ;; *) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;; esac
}
exits() { # NAME STATUS COMMAND...: $WORK/said is what it said
	name=$1 want=$2; shift 2
	"$@" >"$WORK/said" 2>&1; got=$?
	[ $got = "$want" ] && echo "ok $name" || { echo "not ok $name"; echo "exit $got, wanted $want: $*" >&2; cat "$WORK/said" >&2; }
}
root_in() { sed -n 's/.*"size":\([0-9]*\),"root":"\([^"]*\)".*/\1 \2/p' "$1"; }
# What every table of ours that is not volatile holds, a line a row, in the order of its lines: the same from both engines.
volatile=$(cat "$TOP"/src/floor/schema/*.sql "$TOP"/src/points/*/schema/*.sql | awk '/^-- volatile/ { getline; sub(/\(.*/, "", $3); print $3 }')
tables() { cat "$TOP"/src/floor/schema/*.sql "$TOP"/src/points/*/schema/*.sql | sed -n 's/^CREATE TABLE \([a-z_]*\).*/\1/p' | grep -vxF "$volatile" | sort; }
# Blobs as hex and texts as they are; columns by name.
columns() { sqlite3 "$1" "SELECT group_concat(name || ' ' || type, char(10)) FROM (SELECT name, type FROM pragma_table_info('$2') ORDER BY name)"; }
dump_sqlite() { # DB
	tables | while read -r t; do
		list=$(columns "$1" "$t" | awk '{ printf "%s%s", n++ ? "||chr(31)||" : "", $2 == "BLOB" ? "coalesce(lower(hex(\"" $1 "\")),\x27~\x27)" : "coalesce(cast(\"" $1 "\" as text),\x27~\x27)" }' | sed 's/chr(31)/char(31)/g')
		echo "SELECT '$t', replace(replace($list, char(10), '\\n'), char(13), '\\r') FROM $t;"
	done | sqlite3 "$1" | LC_ALL=C sort
}
dump_postgres() { # CONNINFO DB-of-the-same-schema
	tables | while read -r t; do
		list=$(columns "$2" "$t" | awk '{ printf "%s%s", n++ ? "||chr(31)||" : "", $2 == "BLOB" ? "coalesce(encode(\"" $1 "\",\x27hex\x27),\x27~\x27)" : "coalesce(\"" $1 "\"::text,\x27~\x27)" }')
		echo "SELECT '$t', replace(replace($list, chr(10), '\\n'), chr(13), '\\r') FROM $t;"
	done | LC_ALL=C psql -X -A -t -F '|' "$1" -f - | LC_ALL=C sort
}

pg_part() {
	made=$(cat "$WORK/made")
	exits "a log with rows in every table goes into PostgreSQL and back" 0 "$BUILD/src/audit_test" move "$SAMORDNA_TEST_POSTGRES"
	is "and is whole and equal row for row" "moved there and back" "$(cat "$WORK/said")"
	LC_ALL=C psql -X -q "$SAMORDNA_TEST_POSTGRES" -c 'SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public' >/dev/null
	printf 'http.listen = 127.0.0.1:28198\nstore = postgres:%s\n' "$SAMORDNA_TEST_POSTGRES" >"$WORK/pg/samordna.conf"
	exits "postgres: restore" 0 "$S" backup restore "$WORK/b1" --home "$WORK/pg" --json
	is "postgres: the same size and root" "$made" "$(root_in "$WORK/said")"
	dump_postgres "$SAMORDNA_TEST_POSTGRES" "$H/store/samordna.db" | grep -v '^audit_\(leaf\|frontier\)|' >"$WORK/d1"
	grep -v '^audit_\(leaf\|frontier\)|' "$WORK/d0" >"$WORK/d0.rows"
	cmp -s "$WORK/d0.rows" "$WORK/d1" && echo "ok postgres: equal row for row ($(wc -l <"$WORK/d1") rows)" || { echo "not ok postgres: equal row for row"; diff "$WORK/d0.rows" "$WORK/d1" | head -5 >&2; }
	exits "postgres: whole, row for row" 0 "$S" audit verify --replay --home "$WORK/pg" --json
	exits "postgres: it works on" 0 "$S" people unit IT --class 2 --home "$WORK/pg"
	exits "postgres: seals" 0 "$S" audit seal --home "$WORK/pg"
	mkdir -p "$WORK/pg2"; cp "$WORK/pg/samordna.conf" "$WORK/pg2/"
	exits "postgres: not over tables" 5 "$S" backup restore "$WORK/b1" --home "$WORK/pg2"
	exits "postgres: backup" 0 "$S" backup create "$WORK/b5" --home "$WORK/pg" --json
	made5=$(root_in "$WORK/said")
	exits "postgres: the backup is whole" 0 "$S" backup verify "$WORK/b5" --json
	is "postgres: and the same" "$made5" "$(root_in "$WORK/said")"
	exits "back: restore into SQLite" 0 "$S" backup restore "$WORK/b5" --home "$WORK/r5"
	exits "back: whole, row for row" 0 "$S" audit verify --replay --home "$WORK/r5" --json
	dump_postgres "$SAMORDNA_TEST_POSTGRES" "$H/store/samordna.db" | grep -v '^audit_\(leaf\|frontier\)|' >"$WORK/d2"
	dump_sqlite "$WORK/r5/store/samordna.db" | grep -v '^audit_\(leaf\|frontier\)|' >"$WORK/d3"
	cmp -s "$WORK/d2" "$WORK/d3" && echo "ok back: equal row for row" || { echo "not ok back: equal row for row"; diff "$WORK/d2" "$WORK/d3" | head -5 >&2; }
}
if [ "${PART-}" = postgres ]; then pg_part; exit 0; fi

cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected,login
p1,"Anna ""A"" Åberg",anna@ex.example,+46701740605,Arkiv,p2,,employee,no,EX\anna
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,"EX\bo;bo.o"
p3,Siv Ek,siv@ex.example,,IT,p2,,system_owner,,
p4,Per Holm,per@ex.example,,IT,p2,,support,,
CSV
quiet() { "$@" >/dev/null 2>&1; }
quiet "$S" init --home "$H" --org Provkommunen
echo 'http.listen = 127.0.0.1:28199' >>"$H/samordna.conf"
quiet "$S" people import "$WORK/people.csv" --home "$H"
quiet "$S" access grant p1 --service vpn --from "$(date -u -d yesterday +%F)" --to "$(date -u -d "300 days" +%F)" --requested-by p2 --approved-by p3 --executed-by p4 --home "$H"
quiet "$S" audit seal --home "$H"
quiet "$S" people unit Arkiv --class 1 --home "$H"
quiet "$S" people recover p1 --home "$H"
grep -v ^p4, "$WORK/people.csv" >"$WORK/fewer.csv"
quiet "$S" people import "$WORK/fewer.csv" --vanish 50 --home "$H"

# No server runs: one without doors is started.
exits create 0 "$S" backup create "$WORK/b1" --home "$H" --json
is "create: says what it holds" '"seconds":' "$(cat "$WORK/said")"
is "create: says that it is not sealed" 'not sealed' "$(cat "$WORK/said")"
made=$(root_in "$WORK/said")
exits "create: overwrites nothing" 5 "$S" backup create "$WORK/b1" --home "$H"
is "create: mode 0600" 600 "$(stat -c %a "$WORK/b1")"
exits verify 0 "$S" backup verify "$WORK/b1" --json
is "verify: the same size and root" "$made" "$(root_in "$WORK/said")"
exits "restore: not over a store" 5 "$S" backup restore "$WORK/b1" --home "$H"
exits restore 0 "$S" backup restore "$WORK/b1" --home "$WORK/r1" --json
is "restore: the same size and root" "$made" "$(root_in "$WORK/said")"
exits "restore: only once" 5 "$S" backup restore "$WORK/b1" --home "$WORK/r1"
exits "restored: whole, row for row" 0 "$S" audit verify --replay --home "$WORK/r1" --json
exits "restored: goes on and seals" 0 "$S" audit seal --home "$WORK/r1"
quiet "$S" audit export "$WORK/e1" --home "$WORK/r1"
exits "restored: samordna-verify" 0 "$V" "$WORK/e1" --key "$WORK/e1/key" --since "$(echo "$made" | tr ' ' ':')"
is "restored: a leaf says so" "\"action\":\"audit.restored\",\"subject\":\"$(echo "$made" | tr ' ' ':')\"" "$(cat "$WORK/e1/leaves.ndjson")"
is "restored: the same persons" "$("$S" people list --home "$H" --json)" "$("$S" people list --home "$WORK/r1" --json)"
dump_sqlite "$H/store/samordna.db" >"$WORK/d0"

# Two histories from one moment on: what --since is for.
quiet "$S" people unit Arkiv --class 2 --home "$H"
"$S" audit seal --home "$H" --json >"$WORK/known"
is "a fork is found by who knows a later checkpoint" '"fault":"since"' "$("$V" "$WORK/e1" --key "$WORK/e1/key" --json --since "$(root_in "$WORK/known" | tr ' ' ':')")"

echo "a passphrase of some length" >"$WORK/pass"
echo "another of the same length" >"$WORK/pass2"
exits "sealed: create" 0 "$S" backup create "$WORK/b2" --home "$H" --passphrase "$WORK/pass"
case "$(cat "$WORK/said")" in *"not sealed"*) echo "not ok sealed: no warning" ;; *) echo "ok sealed: no warning" ;; esac
exits "sealed: not without its passphrase" 4 "$S" backup verify "$WORK/b2"
exits "sealed: not with another" 4 "$S" backup verify "$WORK/b2" --passphrase "$WORK/pass2"
exits "sealed: verify" 0 "$S" backup verify "$WORK/b2" --passphrase "$WORK/pass"
if LC_ALL=C grep -qaF -e Åberg -e 'SQLite format' "$WORK/b2"; then echo "not ok sealed: nothing to be read"; else echo "ok sealed: nothing to be read"; fi
exits "a short passphrase is refused" 2 sh -c "echo short >'$WORK/short'; '$S' backup create '$WORK/b3' --home '$H' --passphrase '$WORK/short'"
[ ! -e "$WORK/b3" ] && [ ! -e "$WORK/b3.part" ] && echo "ok and leaves no file" || echo "not ok and leaves no file"

# Cut, changed, put together: found, and nothing is left in the home.
for one in b1 b2; do
	size=$(stat -c %s "$WORK/$one") bad=0
	for at in 3 17 21 50 100 9000 $((size / 2)) $((size - 20)); do
		cp "$WORK/$one" "$WORK/broken"
		byte=$(dd if="$WORK/broken" bs=1 skip=$at count=1 2>/dev/null | od -An -tu1 | tr -d ' ')
		printf "\\$(printf %o $(((byte + 1) % 256)))" | dd of="$WORK/broken" bs=1 seek=$at conv=notrunc 2>/dev/null
		"$S" backup verify "$WORK/broken" --passphrase "$WORK/pass" >"$WORK/said" 2>&1; got=$?
		# A byte of the head beyond those in use is covered by the foot's hash too.
		case $got in 4 | 6) ;; *) bad=1; echo "$one, byte $at: exit $got" >&2; cat "$WORK/said" >&2 ;; esac
	done
	for at in 0 40 70 9000 $((size / 2)) $((size - 1)); do
		head -c $at "$WORK/$one" >"$WORK/broken"
		"$S" backup verify "$WORK/broken" --passphrase "$WORK/pass" >"$WORK/said" 2>&1; got=$?
		[ $got = 6 ] || { bad=1; echo "$one cut to $at: exit $got" >&2; cat "$WORK/said" >&2; }
	done
	[ $bad = 0 ] && echo "ok $one: changed or cut is found" || echo "not ok $one: changed or cut is found"
done
exits "restore: a broken one" 6 "$S" backup restore "$WORK/broken" --passphrase "$WORK/pass" --home "$WORK/r2"
[ ! -e "$WORK/r2/seal/state" ] && [ -z "$(ls "$WORK/r2/store")" ] && echo "ok and leaves nothing" || echo "not ok and leaves nothing"
exits "no such file" 3 "$S" backup verify "$WORK/nothing"
exits "not a backup" 6 "$S" backup verify "$WORK/people.csv"
exits "which file?" 2 "$S" backup create --home "$H"

# A store that somebody has changed is backed up as it is, and found out when it is looked at.
cp -r "$H" "$WORK/changed"
rm -f "$WORK/changed/control.sock"
sqlite3 "$WORK/changed/store/samordna.db" "UPDATE unit SET class = 4 WHERE name = 'Arkiv'"
quiet "$S" backup create "$WORK/b4" --home "$WORK/changed"
exits "a changed table is found" 6 "$S" backup verify "$WORK/b4" --json
is "and named" '"fault":"replay"' "$(cat "$WORK/said")"
exits "and not restored" 6 "$S" backup restore "$WORK/b4" --home "$WORK/r2"
[ ! -e "$WORK/r2/store/samordna.db" ] && echo "ok and nothing is put in place" || echo "not ok and nothing is put in place"

# While the server writes: each backup is one moment, and its log is whole.
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "$S" people list --home "$H" >/dev/null 2>&1 && grep -q answers "$WORK/serve.log" && break; sleep 0.2; done
( i=0; while [ ! -e "$WORK/enough" ] && [ $i -lt 5000 ]; do i=$((i + 1)); "$S" people unit Arkiv --class $((i % 4 + 1)) --home "$H" >/dev/null 2>&1; [ $((i % 7)) != 0 ] || "$S" audit seal --home "$H" >/dev/null 2>&1; done ) &
writing=$!
rounds=4; [ -z "$ALL" ] || rounds=200
bad=0 i=0
while [ $i -lt $rounds ]; do
	i=$((i + 1))
	"$S" backup create "$WORK/load" --home "$H" --json >"$WORK/said" 2>&1 || { bad=1; cat "$WORK/said" >&2; }
	"$S" backup verify "$WORK/load" --json >"$WORK/said2" 2>&1 || { bad=1; cat "$WORK/said2" >&2; }
	[ "$(root_in "$WORK/said")" = "$(root_in "$WORK/said2")" ] || { bad=1; cat "$WORK/said" "$WORK/said2" >&2; }
	[ $i = $rounds ] || rm -f "$WORK/load"
done
: >"$WORK/enough"
wait $writing
[ $bad = 0 ] && echo "ok under load: $rounds of $rounds whole" || echo "not ok under load"
exits "restore what was made under load" 0 "$S" backup restore "$WORK/load" --home "$WORK/r3"
exits "and it is whole" 0 "$S" audit verify --replay --home "$WORK/r3"
ls "$H/store" | grep -vx last-backup | grep -v '^samordna.db\(-wal\|-shm\)\{0,1\}$' >"$WORK/said"
[ ! -s "$WORK/said" ] && echo "ok no copies lie about" || { echo "not ok no copies lie about"; cat "$WORK/said" >&2; }
kill $server; wait $server 2>/dev/null; server=

# Into PostgreSQL and back: each row of each table that the log speaks of.
if [ -z "$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null)" ]; then echo "skip PostgreSQL: not installed"; exit 0; fi
echo "$made" >"$WORK/made"
mkdir -p "$WORK/pg"
# With PostgreSQL, as root, core is somebody who must be let through the folders above HOME.
chmod 755 "$(dirname "$WORK")" "$WORK" "$WORK/pg"
printf '#!/bin/sh\nPART=postgres exec sh "%s/tests/backup.sh"\n' "$TOP" >"$WORK/again"
chmod +x "$WORK/again"
"$TOP/tests/postgres" "$WORK/again"
