# From a fresh clone with nothing installed by hand: the checkout builds, starts, answers and tests its commands inside a Debian 12 made by mmdebstrap
# that holds only the list in `packages` (its sections run and build). With --all alone: it takes minutes and the Debian mirror.
#
# The mirror, its keys and any proxy are those of this machine's apt; only Debian's own archives of bookworm are taken from there.
# alone: it asks the mirror, so it needs the network of this machine.
set -u
[ -n "$ALL" ] || { echo "skip fresh: with --all alone (minutes, and the Debian mirror)"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "skip fresh: making a Debian wants root"; exit 0; }
check() { name=$1; shift; if "$@"; then echo "ok $name"; else echo "not ok $name"; fi; }
cd "$TOP"
root=$WORK/debian
chmod 755 "$WORK" "$(dirname "$WORK")"

# Of a|b the first that bookworm has: the first of each line. Nothing but these and what they depend on.
list=$(tools/need --list run build | cut -d'|' -f1 | paste -sd, -)
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed -n 's#^\(deb\|URIs:\) .*\(https*://[^ ]*/debian\)/* *.*#\2#p; s#^\(deb\|URIs:\) \(https*://[^ ]*/debian\)/*$#\2#p' | head -n 1)
[ -n "$mirror" ] || { echo "skip fresh: apt names no mirror of Debian here"; exit 0; }
apt-config dump | grep -i '^Acquire::\(http\|https\)::\(Proxy\|CaInfo\)' >"$WORK/apt.conf"
if ! timeout 1500 mmdebstrap --variant=apt --include="$list,ca-certificates" --aptopt="$WORK/apt.conf" bookworm "$root" "deb $mirror bookworm main" >"$WORK/made" 2>&1; then
	echo "skip fresh: no Debian could be made from $mirror: $(tail -n 1 "$WORK/made")"
	exit 0
fi
mkdir "$root/samordna"
{ git ls-files -z; } | tar -c --null -T - | tar -x -C "$root/samordna"
# A network of its own with loopback alone: whatever still lacked could not be fetched.
inside() { timeout 1500 unshare --net --mount --pid --fork --kill-child sh -c 'ip link set lo up; mount -t proc proc "$1/proc"; shift; exec chroot "$@"' sh "$root" "$root" \
	/bin/sh -c 'cd /samordna && HOME=/root LC_ALL=C.UTF-8 "$@"' sh "$@" >"$WORK/said" 2>&1 || { tail -n 30 "$WORK/said" >&2; return 1; }; }
check "fresh: nothing lacks and no network is asked" inside tools/need run build
check "fresh: ./run --build builds" inside ./run --build
check "fresh: init, import, serve, doctor and verify" inside sh -euc '
	S=build/samordna
	$S init --home /tmp/home --org Provkommunen
	printf "id,name,email,phone,unit,manager,employment_end,roles,protected\np1,Anna,a@ex.example,,Arkiv,,,employee,no\n" >/tmp/p.csv
	$S people import /tmp/p.csv --home /tmp/home
	$S serve --home /tmp/home & pid=$!
	for i in $(seq 100); do $S doctor --home /tmp/home >/tmp/said && break; sleep 0.2; done
	cat /tmp/said
	$S audit verify --replay --home /tmp/home
	kill $pid; wait $pid'
check "fresh: ./run makes the fiction and answers" inside sh -euc '
	./run --port 8088 >/tmp/run.log 2>&1 & pid=$!
	for i in $(seq 600); do grep -q "Samordna answers" /tmp/run.log && break; sleep 0.5; done
	cat /tmp/run.log
	exec 3<>/dev/null
	printf "GET /healthz HTTP/1.1\r\nHost: localhost:8088\r\nConnection: close\r\n\r\n" >/tmp/ask
	perl -MIO::Socket::INET -e "my \$s = IO::Socket::INET->new(q(127.0.0.1:8088)) or die; print \$s do { local (@ARGV, \$/) = q(/tmp/ask); <> }; print <\$s>" | tee /tmp/answer
	head -n 1 /tmp/answer | grep -q " 200 "
	kill $pid; wait $pid || :'
rm -rf --one-file-system "$root"
