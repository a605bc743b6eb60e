# Each process played as taken over, in pid, mount, network and user namespaces of its own: see tests/faults/hostile.py.
# 5,000 messages to each neighbour, 1,000,000 with --all.
set -u
if [ "${1-}" = inside ]; then
	mount -t proc proc /proc
	ip link set lo up
	cd "$TOP/tests/faults"
	exec python3 hostile.py "$2"
fi
program=$BUILD/tests/hostile/samordna-hostile
ninja --quiet -C "$BUILD" tests/hostile/samordna-hostile >&2 || exit 1
# The release knows nothing of it.
for one in "$BUILD/samordna" "$BUILD/samordna-verify"; do
	if grep -q SAMORDNA_HOSTILE "$one"; then echo "not ok hostile: nothing of it in $(basename "$one")"; else echo "ok hostile: nothing of it in $(basename "$one")"; fi
done
if grep -q samordna-hostile "$BUILD/meson-info/intro-installed.json"; then echo "not ok hostile: installed nowhere"; else echo "ok hostile: installed nowhere"; fi
grep -q SAMORDNA_HOSTILE "$program" || { echo "not ok hostile: the program is built"; exit 1; }
if [ "$(id -u)" != 0 ]; then echo "skip hostile: processes with ids of their own in a user namespace want root to map them"; exit 0; fi
chmod 755 "$WORK" "$(dirname "$WORK")"
mkfifo "$WORK/go"
unshare --user --pid --mount --net --fork --kill-child sh -c 'read -r word <"$1"; shift; exec "$@"' sh "$WORK/go" \
	sh "$0" inside "${MESSAGES:-$([ -n "$ALL" ] && echo 1000000 || echo 5000)}" &
outer=$!
# The map of users, once it stands in its own namespace: all the ids that the processes take.
for _ in $(seq 100); do [ "$(readlink /proc/$outer/ns/user)" != "$(readlink /proc/self/ns/user)" ] && break; sleep 0.05; done
echo "0 0 65536" >/proc/$outer/gid_map && echo "0 0 65536" >/proc/$outer/uid_map || { echo "skip hostile: no user namespace can be had here"; kill $outer; exit 0; }
echo go >"$WORK/go"
wait $outer
