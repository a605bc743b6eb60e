# Stories of the leaflet, played on both engines: see tests/scenarios/README.md. And that their clock is in nothing that a user runs.
set -u
S=$BUILD/samordna CLOCKED=$BUILD/tests/scenarios/samordna-clocked
check() { name=$1; shift; if "$@"; then echo "ok $name"; else echo "not ok $name"; fi; }

# With PostgreSQL core keeps its own view of the file system, as a user id of its own: every folder above a home must let it pass.
WORK=$(mktemp -d /tmp/samordna-scenarios-XXXXXX)
trap 'rm -rf "$WORK"' EXIT
chmod 755 "$WORK"
"$TOP/tests/scenarios/run"
"$TOP/tests/postgres" "$TOP/tests/scenarios/run"
[ $? -ne 77 ] || echo "skip postgres: scenarios no PostgreSQL is installed"

# The runner can fail, and says where, what was expected and what came.
cat >"$WORK/wrong.txt" <<'TXT'
at 2026-03-16 08:00
given bo in Arkiv
ask gate bo
expect pass
TXT
"$TOP/tests/scenarios/run" "$WORK/wrong.txt" >"$WORK/said" 2>"$WORK/error"
check "runner: a wrong line fails" test $? -eq 1
check "runner: it says where and what was expected" grep -q "wrong.txt:4: expected: pass" "$WORK/error"
check "runner: it says what came" grep -q "wrong.txt:4: came: deny because" "$WORK/error"
printf 'at 2026-03-16 08:00\nbo dances\n' >"$WORK/unknown.txt"
"$TOP/tests/scenarios/run" "$WORK/unknown.txt" >"$WORK/said" 2>"$WORK/error"
check "runner: words it does not know fail" grep -q "unknown.txt:2: expected: a line that" "$WORK/error"
printf 'at 2026-03-16 08:00\ngiven bo in Arkiv\nbo revokes grant 7\nat 09:00\n' >"$WORK/quiet.txt"
"$TOP/tests/scenarios/run" "$WORK/quiet.txt" >"$WORK/said" 2>"$WORK/error"
check "runner: an act that fails unexpected fails" grep -q "quiet.txt:4: came: exit 3" "$WORK/error"

# The clock. Without its file the clocked program refuses; the real one does not know of it.
env -u SAMORDNA_CLOCK "$CLOCKED" --version >"$WORK/said" 2>&1
check "clock: refuses to begin without its file" test $? -eq 2
check "clock: the release does not know the variable" sh -c '! grep -q SAMORDNA_CLOCK "$0"' "$S"
check "clock: the clocked one does" grep -q SAMORDNA_CLOCK "$CLOCKED"
head -c 4096 /dev/zero >"$WORK/clock"
"$S" init --home "$WORK/home" >/dev/null 2>&1
SAMORDNA_CLOCK=$WORK/clock "$S" audit seal --home "$WORK/home" >/dev/null 2>&1
"$S" audit export "$WORK/export" --home "$WORK/home" >/dev/null 2>&1
check "clock: the release's leaves bear today's date" sh -c 'grep -q "\"at\":\"$(date -u +%Y-%m-%d)" "$0" && ! grep -q "\"at\":\"1970" "$0"' "$WORK/export/leaves.ndjson"
check "clock: it is installed nowhere" sh -c '! grep -q clocked "$0"/meson-info/intro-installed.json' "$BUILD"
exit 0
