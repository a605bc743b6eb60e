# Many at once and those who mean no good: see tests/faults/crowd.py.
# alone: slow clients are judged by the clock.
set -u
cd "$TOP/tests/faults"
chmod 755 "$WORK" "$(dirname "$WORK")"
exec python3 crowd.py
