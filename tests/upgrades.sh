# Stores of older programs: each opens, is copied first, is brought up to date with a leaf for each schema file, and replays. Cut off in
# the middle at any moment it is the old store or the new one. `sh tests/upgrades.sh make NAME` keeps a store of the present schema.
set -u
if [ "${1-}" = make ]; then
	here=$(cd "$(dirname "$0")" && pwd) home=$(mktemp -d)
	S=$here/../build/samordna
	"$S" init --home "$home/h" --org "$2" >/dev/null && "$S" demo --home "$home/h" && "$S" audit seal --home "$home/h" >/dev/null &&
		"$S" backup create "$here/upgrades/$2.backup" --home "$home/h"
	code=$?
	rm -rf "$home"
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

for kept in "$TOP"/tests/upgrades/*.backup; do
	[ -e "$kept" ] || continue
	name=$(basename "$kept" .backup)
	rm -rf "$WORK/kept"
	exits "$name: restored and brought up to date" 0 "$S" backup restore "$kept" --home "$WORK/kept"
	exits "$name: replays" 0 "$S" audit verify --replay --home "$WORK/kept"
done
