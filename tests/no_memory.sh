# There is no memory, at each place in turn where a command asks for some: see tests/faults/no_memory.py. A share of the places; all with --all.
set -u
ninja --quiet -C "$BUILD" tests/faults/no_memory.so >&2 || exit 1
cd "$TOP/tests/faults"
exec python3 no_memory.py "$BUILD/tests/faults/no_memory.so" "$([ -n "$ALL" ] && echo 0 || echo 40)"
