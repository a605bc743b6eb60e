# A store that is newer than the program, broken, read-only, missing or on a full disk; a seal's state that is missing or broken: each says
# a sentence and has its exit code, nothing is lost, and what can come back comes back by itself.
set -u
S=$BUILD/samordna
LC_MESSAGES=en LC_ALL=; export LC_ALL LC_MESSAGES
if [ "${INSIDE-}" = "" ]; then
	INSIDE=1 unshare -m -- sh "$TOP/tests/broken.sh" 2>"$WORK/why"; code=$?
	cat "$WORK/why" >&2
	exit $code
fi
mount --make-rprivate / 2>/dev/null || { echo "skip broken: no mounts are allowed here"; exit 0; }
server=
trap '[ -z "$server" ] || kill $server 2>/dev/null; wait 2>/dev/null' EXIT
is() { case "$3" in *"$2"*) echo "ok $1" ;; *) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;; esac; }
# NAME STATUS SENTENCE COMMAND...
says() {
	name=$1 want=$2 sentence=$3; shift 3
	timeout 60 "$@" >"$WORK/said" 2>&1; got=$?
	if [ $got = "$want" ] && grep -q "$sentence" "$WORK/said" && ! grep -qi 'signal\|assert\|sanitizer\|core dumped' "$WORK/said"; then echo "ok $name"; else
		echo "not ok $name"; echo "exit $got, wanted $want with \"$sentence\": $*" >&2; cat "$WORK/said" >&2
	fi
}
cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected
p1,Anna Åberg,anna@ex.example,+46701740605,Arkiv,p2,,employee,no
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,
CSV
"$S" init --home "$WORK/good" --org Provkommunen >/dev/null
echo 'http.listen = 127.0.0.1:28089' >>"$WORK/good/samordna.conf"
"$S" people import "$WORK/people.csv" --home "$WORK/good" >/dev/null
"$S" audit seal --home "$WORK/good" >/dev/null
fresh() { rm -rf "$WORK/home"; cp -r "$WORK/good" "$WORK/home"; rm -f "$WORK/home/control.sock"; }
DB=$WORK/home/store/samordna.db
both() { # NAME STATUS SENTENCE SWEDISH: the command line and the server, in both languages
	says "$1: a command" "$2" "$3" "$S" people list --home "$WORK/home"
	says "$1: serve" "$2" "$3" "$S" serve --home "$WORK/home"
	says "$1: a command, in Swedish" "$2" "$4" env LC_MESSAGES=sv "$S" people list --home "$WORK/home"
	says "$1: serve, in Swedish" "$2" "$4" env LC_MESSAGES=sv "$S" serve --home "$WORK/home"
}

fresh; sqlite3 "$DB" "INSERT INTO schema_applied VALUES ('floor', 99, 0)"; before=$(sha256sum <"$DB")
both newer 5 "newer Samordna" "databasen är gjord av ett nyare Samordna (schema floor 99"
is "newer: the file is as it was" "$before" "$(sha256sum <"$DB")"
fresh; rm "$DB"
both missing 3 "no store at .*/home/store/samordna.db" "finns ingen databas i .*/home/store/samordna.db"
fresh; printf 'This is no database, and it is quite long enough to be read as one, if one did not look.' >"$DB"
both "not a database" 6 "store is broken" "databasen är trasig (.*lägg tillbaka en säkerhetskopia"
fresh; head -c 20000 "$DB" >"$WORK/cut"; cat "$WORK/cut" >"$DB"
both "cut off" 6 "store is broken" "databasen är trasig"
fresh; sqlite3 "$DB" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
python3 - "$DB" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    data = f.read()
    at = data.find(b'"action":"people.import"')     # in the middle of a leaf's page: the page's head becomes nonsense
    f.seek(at // 4096 * 4096)
    f.write(b"\xff" * 64)
PY
says "a broken page: the check says so" 6 "store is broken" "$S" audit verify --home "$WORK/home"
says "a broken page: the check says so in Swedish" 6 "databasen är trasig" env LC_MESSAGES=sv "$S" audit verify --home "$WORK/home"
fresh; rm "$WORK/home/seal/state"
says "no seal state" 1 "seal" "$S" audit seal --home "$WORK/home"
fresh; printf 'x%.0s' 1 2 3 4 5 6 7 8 9 >"$WORK/home/seal/state"
says "a broken seal state, in Swedish" 8 "sigillets tillstånd är trasig" env LC_MESSAGES=sv "$S" audit seal --home "$WORK/home"
says "a broken seal state" 8 "seal.s state file is broken" "$S" audit seal --home "$WORK/home"

# A small disk of its own.
mkdir "$WORK/disk"
mount -t tmpfs -o size=6m samordna-test "$WORK/disk" || { echo "skip broken: no disk can be mounted here"; exit 0; }
cp -r "$WORK/good" "$WORK/disk/home"; rm -f "$WORK/disk/home/control.sock"
H=$WORK/disk/home
mount -o remount,ro "$WORK/disk"
says "read-only: a command" 1 "cannot be\|read-only\|Read-only" "$S" people unit Arkiv --class 2 --home "$H"
says "read-only: serve" 1 "cannot be\|read-only\|Read-only" "$S" serve --home "$H"
says "read-only: a command, in Swedish" 1 "kan inte\|går inte att skriva" env LC_MESSAGES=sv "$S" people unit Arkiv --class 2 --home "$H"
mount -o remount,rw "$WORK/disk"
says "writable again" 0 "." "$S" people unit Arkiv --class 2 --home "$H"

"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q answers "$WORK/serve.log" && break; sleep 0.2; done
# The clock's own seal, some seconds after a start, is nobody's act.
leaves() { sqlite3 "$H/store/samordna.db" "SELECT count(*) FROM audit_leaf WHERE leaf NOT LIKE '%\"actor\":\"system\",\"action\":\"audit.seal\"%'"; }
acknowledged=0 refused=0 codes=
before=$(leaves)
dd if=/dev/zero of="$WORK/disk/filler" bs=64k >/dev/null 2>&1
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	LC_MESSAGES=$([ $((i % 8)) -lt 4 ] && echo en || echo sv) "$S" people unit Arkiv --class $((i % 4 + 1)) --home "$H" >"$WORK/said" 2>&1; got=$?
	if [ $got = 0 ]; then acknowledged=$((acknowledged + 1)); else refused=$((refused + 1)) codes="$codes $got"; cat "$WORK/said" >>"$WORK/refusals"; fi
done
! grep -q "is of class" "$WORK/refusals" && echo "ok full disk: what is refused is not said to be done" || { echo "not ok full disk: what is refused is not said to be done"; head -5 "$WORK/refusals" >&2; }
[ $refused -gt 0 ] && echo "ok full disk: $refused of 40 refused" || echo "not ok full disk: $refused of 40 refused"
is "full disk: the sentence in Swedish" "disken med databasen är full; inget av det här sparades" "$(cat "$WORK/refusals" 2>/dev/null)"
is "full disk: the sentence" "disk that holds the store is full" "$(cat "$WORK/refusals" 2>/dev/null)"
[ -z "$(echo "$codes" | tr ' ' '\n' | grep -v '^$' | grep -vx 1)" ] && echo "ok full disk: exit 1" || { echo "not ok full disk: exit 1"; echo "$codes" >&2; }
says "full disk: it still reads" 0 "p1" "$S" people list --home "$H" --json
says "full disk: no backup, and no half one" 1 "full\|No space" "$S" backup create "$WORK/disk/backup" --home "$H"
[ ! -e "$WORK/disk/backup" ] && [ ! -e "$WORK/disk/backup.part" ] && ! ls "$H/store" | grep -q '^copy' && echo "ok full disk: nothing is left of it" || { echo "not ok full disk: nothing is left of it"; ls "$WORK/disk" "$H/store" >&2; }
kill -0 $server 2>/dev/null && echo "ok full disk: the server stays" || { echo "not ok full disk: the server stays"; cat "$WORK/serve.log" >&2; }
says "full disk: no backup, in Swedish" 1 "säkerhetskopian kan inte\|databasen är full\|kan inte skrivas" env LC_MESSAGES=sv "$S" backup create "$WORK/disk/backup" --home "$H"
rm "$WORK/disk/filler"
says "room again: it writes, without a restart" 0 "." "$S" people unit Arkiv --class 1 --home "$H"
says "room again: the log is whole" 0 '"ok":true' "$S" audit verify --replay --home "$H" --json
is "room again: every acknowledged act has its leaf, no other has" "$((before + acknowledged + 1))" "$(leaves)"
kill $server; wait $server 2>/dev/null; server=
says "and after a start" 0 '"ok":true' "$S" audit verify --replay --home "$H" --json
# init on a full disk
dd if=/dev/zero of="$WORK/disk/filler" bs=64k >/dev/null 2>&1
says "init on a full disk" 1 "full\|No space\|cannot be" "$S" init --home "$WORK/disk/new"
rm "$WORK/disk/filler"
says "init afterwards" 0 "." "$S" init --home "$WORK/disk/new"
umount "$WORK/disk"
