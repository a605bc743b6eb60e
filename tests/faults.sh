# What the machine can do to us: see tests/faults/faults.py. In a mount namespace of its own, for the small disk.
set -u
cd "$TOP/tests/faults"
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$WORK" "$(dirname "$WORK")"
	exec unshare --mount python3 faults.py
fi
exec python3 faults.py
