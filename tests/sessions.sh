# The count of sessions against a model, with the real server, a clock that is held, and a gateway of our own: packets that are lost, come twice, late and in another
# order, log-ins at once from many, accepts that never begin, a gateway that restarts, a server that is killed. At every moment: no more sessions than places, the count not
# below the truth; and equal to it within one reconcile. `SEEDS=1,2` plays those alone.
set -u
WORK=$(mktemp -d /tmp/samordna-sessions-XXXXXX)
trap 'rm -rf "$WORK"' EXIT
chmod 755 "$WORK"
export WORK
python3 "$TOP/tests/load/sessions.py"
