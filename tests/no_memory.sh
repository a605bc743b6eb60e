# There is no memory, at each place in turn where a command asks for some (tests/faults/no_memory.py), and where a process of the server does
# while it answers (tests/faults/no_memory_inside.py). A share of the places; of commands all with --all.
set -u
ninja --quiet -C "$BUILD" tests/faults/no_memory.so >&2 || exit 1
cd "$TOP/tests/faults"
python3 no_memory.py "$BUILD/tests/faults/no_memory.so" "$([ -n "$ALL" ] && echo 0 || echo 40)"
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$WORK" "$(dirname "$WORK")"     # the server's processes are others than we
fi
exec python3 no_memory_inside.py "$BUILD/tests/faults/no_memory.so" "$([ -n "$ALL" ] && echo 80 || echo 6)"
