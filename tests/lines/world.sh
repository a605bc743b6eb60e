#!/bin/sh
# world.sh DIR CMD...: runs CMD with accounts of its own and a /dev/log that is written to DIR/syslog; nothing of the machine's is touched.
# Runs as root inside namespaces of its own (network, mounts), which tests/lines_real.sh makes.
set -eu
dir=$1
shift
mount --make-rprivate /
mkdir -p "$dir/dev" "$dir/empty" "$dir/home"
for node in null zero random urandom tty full; do : >"$dir/dev/$node"; mount --bind /dev/$node "$dir/dev/$node"; done
mkdir -p "$dir/dev/pts" "$dir/dev/shm"
mount --bind /dev/pts "$dir/dev/pts"
ln -sf pts/ptmx "$dir/dev/ptmx"; ln -sf /proc/self/fd "$dir/dev/fd"
python3 "$(dirname "$0")/collect.py" "$dir/dev/log" "$dir/syslog" &
echo $! >"$dir/collector.pid"
i=0; while [ ! -S "$dir/dev/log" ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i + 1)); done
mount --rbind "$dir/dev" /dev
hash=$(openssl passwd -6 'ratt losenord')
for one in anna:1 bo:1 dora:1 carl:0 'gammal:2'; do
	name=${one%:*}
	id=$((5000 + $(printf %s "$name" | cksum | cut -c1-3)))
	echo "$name:x:$id:$id::$dir/home:/bin/sh"
done >"$dir/accounts"
cat /etc/passwd "$dir/accounts" >"$dir/passwd"
{ cat /etc/shadow
echo "anna:$hash:19000:0:99999:7:::"; echo "bo:$hash:19000:0:99999:7:::"; echo "dora:$hash:19000:0:99999:7:::"
echo "carl:!$hash:19000:0:99999:7:::"; echo "gammal:$hash:19000:0:99999:7::19001:"; } >"$dir/shadow"
chmod 644 "$dir/passwd"; chmod 600 "$dir/shadow"
mount --bind "$dir/passwd" /etc/passwd
mount --bind "$dir/shadow" /etc/shadow
mkdir -p /run/sshd
exec "$@"
