# Real daemons, good and bad logins at them, and what we make of their lines: each attempt found once, with its user and its address, by the
# lines as they came, as bare messages and as a journal's export.
set -u
cd "$WORK"
S=$BUILD/samordna
if [ "$(id -u)" != 0 ] || ! unshare -n -m true 2>/dev/null; then echo "skip lines_real needs root and namespaces of its own"; exit 0; fi
for one in /usr/sbin/sshd sshpass ssh-keygen openssl python3; do
	command -v $one >/dev/null || { echo "skip lines_real no $one"; exit 0; }
done

cat >judge.py <<'PY'
"""judge.py WANTED EVENTS: an attempt of one kind by one person at one address is told by some line, once as often as it was made."""
import collections, json, sys

wanted = collections.Counter()
for line in open(sys.argv[1]):
    wanted[tuple(line.rstrip("\n").split("\t"))] += 1
said = collections.defaultdict(lambda: collections.defaultdict(int))
faults = 0
for line in open(sys.argv[2]):
    event = json.loads(line)
    kind = "failure" if event["outcome"] == "refused" else event["outcome"]
    if event["address"] not in ("127.0.0.1", "::1", None):
        print("a foreign address:", line)
        faults += 1
    said[kind, event["user"], event["address"]][event["service"], event["reason"]] += event["count"]
for (outcome, user, address), n in wanted.items():
    kind = "success" if outcome == "success" else "failure"
    told = max(said[kind, user, address].values(), default=0)
    if kind == "success":                # of all reasons together: key and password
        told = sum(said[kind, user, address].values())
    if told < n or (kind == "success" and told != n):
        print("wanted", n, outcome, user, address, "told", dict(said[kind, user, address]))
        faults += 1
for (kind, user, address), _ in said.items():
    if kind == "success" and not any(o == "success" and u == user for o, u, a in wanted):
        print("a success that was none:", user, address)
        faults += 1
print(sum(wanted.values()), "attempts,", faults, "faults")
sys.exit(faults != 0)
PY

judge() { # NAME WANTED EVENTS
	if python3 judge.py "$2" "$3" >"judged" 2>&1; then echo "ok lines_real $1 ($(tail -n 1 judged))"
	else cat judged >&2; echo "not ok lines_real $1"; fi
}
# Failures wait two seconds each, so the short share is one server and one address.
for pam in yes ${ALL:+no}; do
	mkdir -p "$WORK/sshd_$pam"
	chmod 755 "$WORK" "$WORK/sshd_$pam"
	timeout 200 unshare -n -m -p -f --mount-proc sh -c 'ip link set lo up && exec "$@"' sh "$TOP/tests/lines/world.sh" "$WORK/sshd_$pam" \
		"$TOP/tests/lines/sshd.sh" "$WORK/sshd_$pam" sshd $pam >world.log 2>&1 || tail -n 20 world.log >&2
	log=sshd_$pam/sshd.log
	[ -s $log ] || { echo "not ok lines_real sshd pam $pam: it logged nothing"; continue; }
	"$S" lines read $log >events
	judge "sshd, PAM $pam" sshd_$pam/wanted events
	sed 's/^<[0-9]*>... .. ..:..:.. \(sshd\[[0-9]*\]\): //' $log >bare
	"$S" lines read bare >events
	judge "sshd, PAM $pam, bare" sshd_$pam/wanted events
	python3 -c '
import json, re, sys
for line in open(sys.argv[1], errors="surrogateescape"):
    m = re.match(r"<\d+>(.{15}) (\w+)\[(\d+)\]: (.*)", line)
    if m: print(json.dumps({"__REALTIME_TIMESTAMP": "1795503600000000", "SYSLOG_IDENTIFIER": m[2], "_PID": m[3], "MESSAGE": m[4]}))' $log >journal
	"$S" lines read journal >events
	judge "sshd, PAM $pam, journal" sshd_$pam/wanted events
	"$S" lines replay $log >incidents 2>/dev/null || echo "not ok lines_real replay"
	# Seven failed attempts an address: whatever the rules make of them, it is never somebody else's.
	if [ "$(jq -r '.addresses[]' incidents | grep -cvE '^(127.0.0.1|::1)$')" = 0 ]; then echo "ok lines_real incidents name the attacker alone, PAM $pam"
	else cat incidents >&2; echo "not ok lines_real incidents name the attacker alone, PAM $pam"; fi
done
