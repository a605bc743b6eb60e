# The lines of real VPN daemons and of a real RADIUS server, good and bad logins at them: each attempt told once, with its user and its address, as it
# came, as bare messages, and as a journal's export. What a daemon's line does not tell (OpenVPN's failure: who) is not made up.
set -u
chmod 755 "$WORK" "$(dirname "$WORK")"
exec python3 - <<'PY'
import base64, collections, hashlib, os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/vpn")
from world import *

why = World.why_not("openvpn", "ocserv", "openconnect", "radclient")
if why:
    print("skip lines_vpn", why)
    sys.exit(0)
HERE, THERE = "10.199.0.1", "10.199.0.2"

def events(text, *words):
    open(WORK + "/lines", "w").write(text)
    said = subprocess.run([S, "lines", "read", *words, WORK + "/lines"], capture_output=True, text=True)
    return [json.loads(line) for line in said.stdout.splitlines()]

def told(some):
    """Attempts of each outcome, user and address: as often as the message said it that came most often."""
    count = collections.defaultdict(collections.Counter)
    for e in some:
        kind = "failure" if e["outcome"] == "refused" else e["outcome"]
        if e["reason"] != "AUTH_FAILED":     # OpenVPN sends it, and says so, several times
            count[kind, e["user"], e["address"]][e["reason"]] += e["count"]
    return {key: max(reasons.values()) for key, reasons in count.items()}

def journal(program, text):
    return "".join(json.dumps({"__REALTIME_TIMESTAMP": "1795503600000000", "SYSLOG_IDENTIFIER": program, "_PID": "77", "MESSAGE": line}) + "\n" for line in text.splitlines())

def judge(name, program, text, wanted, bare=None):
    bare = text if bare is None else bare
    ways = {"as it came": events(text), "with its name": events(text, "--format", name), "in syslog": events("".join("Nov 24 08:00:00 gw %s[77]: %s\n" % (program, l) for l in bare.splitlines())),
            "in a journal": events(journal(program, bare))}
    # What the rules count: as many failures from there as there were, whatever lines told of them.
    failed = sum(n for (kind, _, address), n in wanted.items() if kind == "failure" and address == THERE)
    open(WORK + "/rules", "w").write("R1.failed = %d\nR1.window = 10 min\n" % max(failed, 1))
    if failed:
        events("".join("Nov 24 08:00:00 gw %s[77]: %s\n" % (program, l) for l in bare.splitlines()))
        said = subprocess.run([S, "lines", "replay", "--rules", WORK + "/rules", WORK + "/lines"], capture_output=True, text=True)
        found = [i["events"] for i in map(json.loads, said.stdout.splitlines()) if i["rule"] == "R1"]
        check("%s: the rules count each failed attempt once" % name, found == [failed], (failed, said, text[-6000:]))
    for way, some in ways.items():
        seen = told(some)
        wrong = [(key, n, seen.get(key, 0)) for key, n in wanted.items() if seen.get(key, 0) != n]
        strange = [key for key in seen if key not in wanted and (key[0] == "success" or key[2] not in (None, HERE, THERE))]
        check("%s %s: each attempt, who and from where" % (name, way), not wrong and not strange, (wrong, strange, seen, text[-6000:]))

world = World(28751)
try:
    F, O = "failure", "success"
    # --- FreeRADIUS ---
    world.start_freeradius('anna Cleartext-Password := "pw-anna"\nbo Cleartext-Password := "pw-bo"\n')
    conf = WORK + "/freeradius/radiusd.conf"
    open(conf, "a").write("log {\n destination = files\n file = %s/freeradius/radius.log\n auth = yes\n auth_badpass = yes\n auth_goodpass = no\n}\n" % WORK)
    world.end(world.running[-1])
    world.start(world.server, ["freeradius", "-f", "-d", WORK + "/freeradius", "-l", WORK + "/freeradius/radius.log"], WORK + "/freeradius.out")
    check("freeradius listens", until(lambda: "Ready to process" in text_of(WORK + "/freeradius/radius.log"), 30), text_of(WORK + "/freeradius/radius.log"))
    wanted = {}
    for user, password, cli, kind in (("anna", "pw-anna", "192.0.2.7", O), ("anna", "fel", "192.0.2.7", F), ("ghost", "fel", "2001:db8::7", F), ("bo", "pw-bo", "192.0.2.8", O),
            ("bo", "x) cli 6.6.6.6)", "192.0.2.8", F), ("x (from client y port 0 cli 6.6.6.6)", "fel", "192.0.2.9", F), ("bo", "fel", "192.0.2.8", F)):
        request = 'User-Name = "%s", User-Password = "%s", Calling-Station-Id = "%s"' % (user, password, cli)
        subprocess.run(["ip", "netns", "exec", world.server, "radclient", "-x", "127.0.0.1:18121", "auth", "upsecret"], input=request, text=True, capture_output=True)
        key = (kind, user, cli)
        wanted[key] = wanted.get(key, 0) + 1
    time.sleep(1)
    text = text_of(WORK + "/freeradius/radius.log")
    judge("freeradius", "freeradius", text, wanted, re.sub(r"(?m)^.{24} : ", "", text))

    # --- OpenVPN ---
    world.make_certificates("anna", "eva")
    open(WORK + "/auth.sh", "w").write('#!/bin/sh\nread -r user <"$1"\npassword=$(sed -n 2p "$1")\n[ "$password" = "pw-$user" ]\n')
    os.chmod(WORK + "/auth.sh", 0o755)
    open(WORK + "/ovpn.conf", "w").write("""dev tun
topology subnet
server 10.8.0.0 255.255.255.0
port 1194
proto udp
ca %(w)s/ca.crt
cert %(w)s/server.crt
key %(w)s/server.key
dh none
verb 3
script-security 3
verify-client-cert none
username-as-common-name
auth-user-pass-verify %(w)s/auth.sh via-file
""" % {"w": WORK})
    world.start(world.server, ["openvpn", "--config", WORK + "/ovpn.conf", "--local", HERE], WORK + "/ovpn.log")
    check("openvpn listens", until(lambda: "Initialization Sequence Completed" in text_of(WORK + "/ovpn.log")), text_of(WORK + "/ovpn.log"))
    def openvpn(user, password):
        open(WORK + "/up", "w").write("%s\n%s\n" % (user, password))
        log = WORK + "/client.log"
        open(log, "w").close()
        it = world.start(world.client, ["openvpn", "--client", "--dev", "null", "--remote", HERE, "1194", "udp", "--nobind", "--ca", WORK + "/ca.crt", "--auth-user-pass", WORK + "/up",
            "--auth-retry", "none", "--connect-retry-max", "1", "--ifconfig-noexec", "--route-noexec", "--remote-cert-tls", "server"], log)
        until(lambda: it.poll() is not None or "Initialization Sequence Completed" in text_of(log), 20)
        world.end(it)
    openvpn("anna", "pw-anna")
    openvpn("anna", "fel")
    openvpn("eva", "pw-eva")
    openvpn("spoke", "fel")
    time.sleep(1)
    text = text_of(WORK + "/ovpn.log")
    judge("openvpn", "openvpn", text, {(O, "anna", THERE): 1, (O, "eva", THERE): 1, (F, None, THERE): 2}, re.sub(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", "", text))

    # --- ocserv ---
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", WORK + "/oc.key", "-out", WORK + "/oc.crt", "-days", "3", "-subj", "/CN=" + HERE],
        check=True, capture_output=True)
    for user in ("anna", "eva"):
        subprocess.run(["ocpasswd", "-c", WORK + "/ocpasswd", user], input="pw-%s\npw-%s\n" % (user, user), text=True, capture_output=True)
    subprocess.run(["ocpasswd", "-c", WORK + "/ocpasswd", "-l", "eva"], capture_output=True)
    open(WORK + "/oc.conf", "w").write("""auth = "plain[passwd=%(w)s/ocpasswd]"
tcp-port = 4443
run-as-user = nobody
run-as-group = nogroup
socket-file = %(w)s/ocserv-socket
server-cert = %(w)s/oc.crt
server-key = %(w)s/oc.key
isolate-workers = false
max-clients = 10
max-same-clients = 4
max-ban-score = 0
device = ocs
ipv4-network = 10.9.0.0/24
cookie-timeout = 30
pid-file = %(w)s/oc.pid
""" % {"w": WORK})
    world.start(world.server, ["ocserv", "-f", "-d", "3", "-c", WORK + "/oc.conf"], WORK + "/oc.log")
    check("ocserv listens", until(lambda: os.path.exists(WORK + "/oc.pid")), text_of(WORK + "/oc.log"))
    time.sleep(1)
    der = subprocess.run(["sh", "-c", "openssl x509 -in %s/oc.crt -pubkey -noout | openssl pkey -pubin -outform der" % WORK], capture_output=True).stdout
    pin = "pin-sha256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()
    for user, password in (("anna", "pw-anna"), ("anna", "fel"), ("spoke", "fel"), ("eva", "pw-eva")):
        log = WORK + "/openconnect.log"
        open(log, "w").close()
        it = world.start(world.client, ["openconnect", "--non-inter", "-u", user, "--form-entry", "main:password=" + password, "--no-dtls", "--script", "/bin/true", "--servercert", pin,
            HERE + ":4443"], log, stdin=subprocess.PIPE)
        it.stdin.close()
        until(lambda: it.poll() is not None or re.search("Connected as|Configured as", text_of(log)), 15)
        world.end(it, signal.SIGINT)
    time.sleep(1)
    text = text_of(WORK + "/oc.log")
    # Main process and sec-mod both say that she came in. Who fails is asked anew, and said to have failed once.
    judge("ocserv", "ocserv", text, {(O, "anna", THERE): 2, (F, "anna", THERE): 1, (F, "spoke", THERE): 1, (F, "eva", THERE): 1}, re.sub(r"(?m)^ocserv\[\d+\]: ", "", text))

    # --- strongSwan ---
    if not os.path.exists("/usr/lib/ipsec/charon") or not shutil.which("swanctl", path="/usr/sbin:/usr/bin") or not os.path.exists("/usr/sbin/charon-cmd"):
        print("skip lines_vpn needs charon, swanctl and charon-cmd for strongSwan")
        sys.exit(0)
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=WORK, check=True, capture_output=True)
    open(WORK + "/ext", "w").write("subjectAltName=IP:%s\nextendedKeyUsage=serverAuth\n" % HERE)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "ike.key", "-out", "ike.csr", "-subj", "/CN=" + HERE)
    openssl("x509", "-req", "-in", "ike.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3", "-extfile", "ext", "-out", "ike.crt")
    plugins = "random nonce x509 revocation constraints pubkey pkcs1 pkcs8 pem openssl gmp sha1 sha2 hmac kdf md4 eap-identity eap-mschapv2 kernel-netlink socket-default vici"
    log = WORK + "/charon.log"
    open(WORK + "/strongswan.conf", "w").write("""charon {
  load = %s
  install_routes = no
  filelog { f { path = %s
    time_format = %%b %%e %%T
    ike_name = yes
    default = 1
    flush_line = yes } }
  plugins { vici { socket = unix://%s/vici } }
}
charon-cmd { load = %s
  install_routes = no }
""" % (plugins, log, WORK, plugins.replace(" vici", "")))
    open(WORK + "/swanctl.conf", "w").write("""connections { rw { version = 2
  local_addrs = %(h)s
  pools = rw
  local { auth = pubkey
    certs = %(w)s/ike.crt
    id = %(h)s }
  remote { auth = eap-mschapv2
    eap_id = %%any }
  children { net { local_ts = 10.66.0.0/24 } } } }
pools { rw { addrs = 10.66.1.0/24 } }
secrets { eap-anna { id = anna
    secret = "pw-anna" }
  private-ike { file = %(w)s/ike.key } }
authorities { ca { cacert = %(w)s/ca.crt } }
""" % {"h": HERE, "w": WORK})
    env = dict(os.environ, STRONGSWAN_CONF=WORK + "/strongswan.conf", SWANCTL_DIR=WORK)
    private = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh"]
    world.start(world.server, private + ["/usr/lib/ipsec/charon"], WORK + "/charon.out", env=env)
    until(lambda: os.path.exists(WORK + "/vici"))
    for folder in ("private", "x509", "x509ca"):
        os.makedirs(WORK + "/" + folder, exist_ok=True)
    shutil.copy(WORK + "/ike.key", WORK + "/private/ike.key")
    said = subprocess.run(["ip", "netns", "exec", world.server, "swanctl", "--load-all", "--file", WORK + "/swanctl.conf", "--uri", "unix://%s/vici" % WORK], capture_output=True, text=True, env=env)
    check("charon listens", "loaded connection 'rw'" in said.stdout, (said, text_of(WORK + "/charon.out"), text_of(log)))
    for user, password in (("anna", "pw-anna"), ("anna", "fel"), ("spoke", "fel")):
        out = WORK + "/charon-cmd.log"
        open(out, "w").close()
        it = world.start(world.client, ["setsid"] + private + ["/usr/sbin/charon-cmd", "--host", HERE, "--identity", user, "--cert", WORK + "/ca.crt", "--profile", "ikev2-eap",
            "--remote-ts", "10.66.0.0/24"], out, stdin=subprocess.PIPE, env=env)
        it.stdin.write((password + "\n").encode())
        it.stdin.close()
        until(lambda: it.poll() is not None or "established with" in text_of(out) or "AUTHENTICATION_FAILED" in text_of(out) or "EAP authentication failed" in text_of(out), 15)
        time.sleep(0.5)
        world.end(it, signal.SIGINT)
    time.sleep(1)
    text = text_of(log)
    judge("strongswan", "charon", text, {(O, "anna", THERE): 1, (F, "anna", THERE): 1, (F, "spoke", THERE): 1}, re.sub(r"(?m)^.{15} ", "", text))
finally:
    world.close()
PY
