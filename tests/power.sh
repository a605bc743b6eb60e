# The power goes off under load, again and again: see tests/faults/power.py. 15 cuts, 500 with --all.
# alone: what was in flight when the power went is counted by the second.
set -u
cd "$TOP/tests/faults"
[ "$(id -u)" = 0 ] || { echo "skip power: mounting wants root"; exit 0; }
chmod 755 "$WORK" "$(dirname "$WORK")"
exec unshare --mount python3 power.py "$([ -n "$ALL" ] && echo 500 || echo 15)"
