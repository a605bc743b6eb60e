# A thousand secrets go in through the doors where people and programs give them, and are then looked for where they must not stand.
set -u
exec python3 "$TOP/tests/planted.py" "$BUILD/samordna" "$WORK"
