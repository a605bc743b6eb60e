# Every fuzzer in tests/fuzz over its corpus, then 5 seconds of its own (60 with --all), two at a time. A finding stays in build-fuzz/found/.
set -u
cd "$TOP"
if [ ! -f build-fuzz/build.ninja ]; then
	CC=clang meson setup build-fuzz -Dfuzz=true -Dwerror=false -Db_sanitize=address,undefined -Db_lundef=false >"$WORK/setup" 2>&1 ||
		{ cat "$WORK/setup" >&2; exit 1; }
fi
mkdir -p build-fuzz/found
names=$(ls tests/fuzz/*_fuzz.c | sed 's,.*/\(.*\)_fuzz.c,\1,')
targets=
for name in $names; do targets="$targets tests/fuzz/${name}_fuzz"; done
# One that does not build keeps none of the others from running.
ninja --quiet -k 0 -C build-fuzz $targets >"$WORK/build" 2>&1 || { cat "$WORK/build" >&2; echo "not ok fuzz build"; }

fuzz() { # NAME
	mkdir -p "$WORK/$1" "tests/fuzz/corpus/$1"
	[ -x "build-fuzz/tests/fuzz/${1}_fuzz" ] || return
	if build-fuzz/tests/fuzz/"${1}_fuzz" -max_total_time="$([ -n "$ALL" ] && echo 60 || echo 5)" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
		-artifact_prefix=build-fuzz/found/"$1"- "$WORK/$1" "tests/fuzz/corpus/$1" >"$WORK/$1.log" 2>&1; then
		echo "ok fuzz $1 ($(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$WORK/$1.log") runs)"
	else
		tail -n 40 "$WORK/$1.log" >&2
		echo "not ok fuzz $1"
	fi
}
set -- $names
while [ $# -gt 0 ]; do
	fuzz "$1" &
	[ $# -gt 1 ] && fuzz "$2"
	wait
	shift $(($# > 1 ? 2 : 1))
done
