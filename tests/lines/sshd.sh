#!/bin/sh
# sshd.sh DIR NAME PAM: a real sshd, and good and bad logins at it, IPv4 and IPv6. DIR/wanted: one line an attempt, "outcome user address".
set -u
dir=$1 name=$2 pam=$3
port=4022
cd "$dir"
[ -f hostkey ] || ssh-keygen -q -t ed25519 -N '' -f hostkey
[ -f key ] || ssh-keygen -q -t ed25519 -N '' -f key
[ -f other ] || ssh-keygen -q -t ed25519 -N '' -f other
cp key.pub authorized; chmod 644 authorized
cat >"$name.conf" <<CONF
Port $port
ListenAddress 127.0.0.1
ListenAddress ::1
HostKey $dir/hostkey
PidFile $dir/$name.pid
AuthorizedKeysFile $dir/authorized
StrictModes no
UsePAM $pam
PermitRootLogin prohibit-password
DenyUsers dora
MaxAuthTries 6
KbdInteractiveAuthentication $pam
LogLevel INFO
UseDNS no
CONF
: >syslog
: >wanted
/usr/sbin/sshd -f "$dir/$name.conf" -D &
sshd=$!
i=0; while ! grep -q listening syslog 2>/dev/null && [ $i -lt 100 ]; do sleep 0.05; i=$((i + 1)); done

# login OUTCOME USER ADDRESS PASSWORD
login() {
	timeout 20 sshpass -p "$4" ssh -F none -p $port -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o PreferredAuthentications=password \
		-o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 -o LogLevel=ERROR -l "$2" "$3" true </dev/null >/dev/null 2>&1
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>wanted
}
key() {
	timeout 20 ssh -F none -p $port -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o PreferredAuthentications=publickey -o IdentitiesOnly=yes \
		-i "$4" -o LogLevel=ERROR -o BatchMode=yes -l "$2" "$3" true </dev/null >/dev/null 2>&1
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>wanted
}
for at in ::1 ${ALL:+127.0.0.1}; do
	login success anna $at 'ratt losenord'
	login failure anna $at fel
	login failure spoke $at fel
	login failure 'x from 1.2.3.4 port 22 ssh2' $at fel
	login failure 'a b' $at fel
	login refused dora $at 'ratt losenord'
	login failed carl $at 'ratt losenord'
	login failed gammal $at 'ratt losenord'
	login failure root $at fel
	key success anna $at key
	key success bo $at key
	login success bo $at 'ratt losenord'
done
kill $sshd
wait $sshd 2>/dev/null
sleep 0.3
cp syslog "$name.log"
