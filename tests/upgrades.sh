# Stores of older programs: each opens, is copied first, is brought up to date with a leaf for each schema file, and replays. Cut off in
# the middle at any moment it is the old store or the new one. `sh tests/upgrades.sh make NAME` keeps a store of the present schema: the
# home in which tests/leaves_pages.py has played every act there is, so that nearly every table has rows.
set -u
if [ "${1-}" = make ]; then
	TOP=$(cd "$(dirname "$0")/.." && pwd) WORK=$(mktemp -d)
	BUILD=$TOP/build
	export TOP BUILD WORK
	S=$BUILD/samordna H=$WORK/home
	python3 "$TOP/tests/leaves_pages.py" >"$WORK/said" 2>&1 || { cat "$WORK/said" >&2; exit 1; }
	! grep "^not ok" "$WORK/said" >&2 || exit 1
	"$S" audit seal --home "$H" >/dev/null && "$S" backup create "$WORK/backup" --home "$H" && gzip -n9c "$WORK/backup" >"$TOP/tests/upgrades/$2.backup.gz" &&
		sqlite3 "$H/store/samordna.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null &&
		tar -C "$WORK" --owner=0 --group=0 -czf "$TOP/tests/upgrades/$2.tar.gz" home/samordna.conf home/store/samordna.db home/seal/state
	code=$?
	rm -rf "$WORK"
	exit $code
fi
S=$BUILD/samordna T=$BUILD/src/audit_test
LC_MESSAGES=en LC_ALL=; export LC_ALL LC_MESSAGES
is() { case "$3" in *"$2"*) echo "ok $1" ;; *) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;; esac; }
exits() {
	name=$1 want=$2; shift 2
	"$@" >"$WORK/said" 2>&1; got=$?
	[ $got = "$want" ] && echo "ok $name" || { echo "not ok $name"; echo "exit $got, wanted $want: $*" >&2; cat "$WORK/said" >&2; }
}
"$T" older "$WORK/older.db" >"$WORK/said" 2>&1 || cat "$WORK/said" >&2
old() { # HOME: an older program's
	"$S" init --home "$1" >/dev/null 2>&1
	rm -f "$1"/store/*
	cp "$WORK/older.db" "$1/store/samordna.db"
}
applied() { sqlite3 "$1" 'SELECT component || number FROM schema_applied ORDER BY component, number' | tr '\n' ' '; }
before=$(sqlite3 "$WORK/older.db" 'SELECT count(*) FROM audit_leaf')
is "the older store has one schema" "floor1 " "$(applied "$WORK/older.db")"
old "$WORK/home"
exits "it opens" 0 "$S" people list --home "$WORK/home" --json
is "with its people" '"id":"p1"' "$(cat "$WORK/said")"
all=$(applied "$WORK/home/store/samordna.db")
n=$(echo "$all" | wc -w)
[ "$n" -gt 1 ] && echo "ok it has all $n schemas" || echo "not ok it has all $n schemas"
is "a leaf for each" "$((n - 1))" "$(sqlite3 "$WORK/home/store/samordna.db" "SELECT count(*) FROM audit_leaf WHERE id >= $before AND leaf LIKE '%\"action\":\"schema.apply\"%'")"
exits "and replays" 0 "$S" audit verify --replay --home "$WORK/home" --json
exits "and seals" 0 "$S" audit seal --home "$WORK/home"
copy=$(ls "$WORK"/home/store/before-*.db)
is "the store as it was lies beside it" "floor1 $before" "$(applied "$copy")$(sqlite3 "$copy" 'SELECT count(*) FROM audit_leaf')"
exits "a second start changes nothing" 0 "$S" people list --home "$WORK/home"
is "and copies nothing" 1 "$(ls "$WORK"/home/store/before-*.db | wc -l)"

# Cut off: after some milliseconds all its processes are killed.
rounds=12; [ -z "$ALL" ] || rounds=300
bad=0 whole=0 i=0
while [ $i -lt $rounds ]; do
	i=$((i + 1))
	rm -rf "$WORK/cut"
	old "$WORK/cut"
	setsid "$S" serve --doorless --home "$WORK/cut" >/dev/null 2>&1 &
	one=$!
	sleep "0.$(printf %03d $((i * 37 % 350 + 10)))"
	kill -9 -$one 2>/dev/null; wait $one 2>/dev/null
	sleep 0.05
	[ "$(applied "$WORK/cut/store/samordna.db")" != "$all" ] || whole=$((whole + 1))
	"$S" audit verify --replay --home "$WORK/cut" >"$WORK/said" 2>&1 && [ "$(applied "$WORK/cut/store/samordna.db")" = "$all" ] || { bad=1; cat "$WORK/said" >&2; }
done
[ $bad = 0 ] && echo "ok cut off $rounds times, $whole of them behind the last schema: old or new, and it goes on" || echo "not ok cut off $rounds times"

# Kept stores: restored from the backup, which lays every table anew; and the home itself, as a machine has it after an upgrade.
people() { "$S" people list --home "$1" --json 2>/dev/null | wc -l; }
for kept in "$TOP"/tests/upgrades/*.backup.gz; do
	[ -e "$kept" ] || { echo "not ok there is a kept store"; break; }
	which=$(basename "$kept" .backup.gz)
	gzip -dc "$kept" >"$WORK/backup"
	rm -rf "$WORK/kept" "$WORK/there"
	exits "$which: restored and brought up to date" 0 "$S" backup restore "$WORK/backup" --home "$WORK/kept"
	exits "$which: replays" 0 "$S" audit verify --replay --home "$WORK/kept"
	mkdir "$WORK/there"
	tar -C "$WORK/there" --no-same-owner -xzf "${kept%.backup.gz}.tar.gz"
	exits "$which: the home opens" 0 "$S" people list --home "$WORK/there/home"
	is "$which: with all its people" "$(people "$WORK/kept")" "$(people "$WORK/there/home")"
	is "$which: it has all schemas" "$all" "$(applied "$WORK/there/home/store/samordna.db")"
	exits "$which: the home replays" 0 "$S" audit verify --replay --home "$WORK/there/home"
	exits "$which: and seals" 0 "$S" audit seal --home "$WORK/there/home"
	exits "$which: each question answers" 0 "$S" status --home "$WORK/there/home"
	exits "$which: it serves" 0 sh -c '"$1" serve --doorless --home "$2" & one=$!; sleep 1; "$1" gate ask anna --home "$2" --json; code=$?; kill $one; wait $one; exit $code' sh "$S" "$WORK/there/home"
done
