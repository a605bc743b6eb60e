# nginx in front of us, and requests that two parsers could cut differently: see tests/faults/smuggle.py.
set -u
cd "$TOP/tests/faults"
chmod 755 "$WORK" "$(dirname "$WORK")"
exec python3 smuggle.py
