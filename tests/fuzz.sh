# Every fuzzer in tests/fuzz over its corpus, then 5 seconds of its own (60 with --all). A finding stays in build-fuzz/found/.
set -u
cd "$TOP"
if [ ! -f build-fuzz/build.ninja ]; then
	CC=clang meson setup build-fuzz -Dfuzz=true -Dwerror=false -Db_sanitize=address,undefined -Db_lundef=false >"$WORK/setup" 2>&1 ||
		{ cat "$WORK/setup" >&2; exit 1; }
fi
mkdir -p build-fuzz/found
names=$(ls tests/fuzz/*_fuzz.c | sed 's,.*/\(.*\)_fuzz.c,\1,')
for name in $names; do
	ninja --quiet -C build-fuzz "tests/fuzz/${name}_fuzz" >"$WORK/build" 2>&1 || { cat "$WORK/build" >&2; echo "not ok fuzz $name"; continue; }
	mkdir -p "$WORK/$name" "tests/fuzz/corpus/$name"
	if build-fuzz/tests/fuzz/"${name}_fuzz" -max_total_time="$([ -n "$ALL" ] && echo 60 || echo 5)" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
		-artifact_prefix=build-fuzz/found/"$name"- "$WORK/$name" "tests/fuzz/corpus/$name" >"$WORK/log" 2>&1; then
		echo "ok fuzz $name ($(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$WORK/log") runs)"
	else
		tail -n 40 "$WORK/log" >&2
		echo "not ok fuzz $name"
	fi
done
