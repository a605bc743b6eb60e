# ThreadSanitizer on the unit tests in which threads meet: the writer, the standing, the web and files doors, an import. With --all alone: a build of
# its own, build-tsan/. seal's test forks with threads running, which this sanitizer cannot follow: its threads are looked at by none.
set -u
[ -n "$ALL" ] || { echo "skip races: with --all alone (a build of its own)"; exit 0; }
cd "$TOP"
[ -f build-tsan/build.ninja ] || meson setup build-tsan -Db_sanitize=thread >&2 || exit 1
tests="web files people_import writer"
ninja --quiet -C build-tsan $(for one in $tests; do echo "src/${one}_test"; done) >&2 || exit 1
for one in $tests; do
	# setarch: gcc 12's runtime does not know how far newer kernels spread addresses.
	if TSAN_OPTIONS=exitcode=66 setarch -R "build-tsan/src/${one}_test" >"$WORK/$one" 2>&1; then
		echo "ok races: $one"
	else
		echo "not ok races: $one"
		grep -A12 'WARNING: ThreadSanitizer' "$WORK/$one" >&2 || tail -n 20 "$WORK/$one" >&2
	fi
done
