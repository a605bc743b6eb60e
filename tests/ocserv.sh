#!/bin/sh
# ocserv with real openconnect clients over network namespaces, by RADIUS: passwords go to a real FreeRADIUS, a full pool refuses with the Swedish
# reason on the client's screen, accounting that is lost on the way is repaired by the next report, and a session that ends gives its place back.
set -u
# ocserv's workers are nobody, and open a socket here.
chmod 755 "$WORK" "$(dirname "$WORK")"
exec python3 - <<'PY'
import base64, hashlib, os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/vpn")
from world import *

why = World.why_not("ocserv", "openconnect", "occtl")
if why:
    print("skip ocserv", why)
    sys.exit(0)
world = World(28731)
try:
    names = ["anna", "eva", "ida"]
    world.init([(n, n.capitalize() + " Ek", "Arkiv") for n in names],
        "radius.listen = 10.199.0.1:18120\nradius.accounting = 10.199.0.1:18130\n"
        "radius.client = vpn4 10.199.0.1 ocsecret no-message-authenticator no-class\n"
        "radius.upstream = 127.0.0.1:18121 upsecret no-message-authenticator\n")
    world.start_freeradius("".join('%s Cleartext-Password := "pw-%s"\n' % (n, n) for n in names))
    world.serve()
    world.grant(*names)
    world.run("capacity", "limit", "vpn4", "--licence", "2")
    world.run("capacity", "unit", "Arkiv", "--instead", "Hämta dokument kl. 14, arbeta sedan lokalt.")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", WORK + "/oc.key", "-out", WORK + "/oc.crt", "-days", "3",
        "-subj", "/CN=10.199.0.1"], check=True, capture_output=True)
    open(WORK + "/servers", "w").write("10.199.0.1 ocsecret\n")
    os.chmod(WORK + "/servers", 0o600)
    open(WORK + "/rc.conf", "w").write("authserver 10.199.0.1:18120\nacctserver 10.199.0.1:18131\nservers %s/servers\ndictionary /etc/radcli/dictionary\n"
        "default_realm\nradius_timeout 5\nradius_retries 2\nbindaddr *\n" % WORK)
    open(WORK + "/oc.conf", "w").write("""auth = "radius[config=%(w)s/rc.conf,groupconfig=true]"
acct = "radius[config=%(w)s/rc.conf]"
stats-report-time = 5
tcp-port = 4443
udp-port = 4443
run-as-user = nobody
run-as-group = nogroup
socket-file = %(w)s/ocserv-socket
occtl-socket-file = %(w)s/occtl.socket
use-occtl = true
server-cert = %(w)s/oc.crt
server-key = %(w)s/oc.key
isolate-workers = false
max-clients = 10
max-same-clients = 2
keepalive = 300
dpd = 60
device = ocs
ipv4-network = 10.9.0.0/24
cookie-timeout = 30
tls-priorities = "NORMAL"
ping-leases = false
pid-file = %(w)s/oc.pid
""" % {"w": WORK})
    world.start(world.server, ["python3", os.environ["TOP"] + "/tests/vpn/relay.py", "10.199.0.1:18131", "10.199.0.1:18130", WORK + "/lost", "ocsecret"], WORK + "/relay.log")
    world.start(world.server, ["ocserv", "-f", "-d", "1", "-c", WORK + "/oc.conf"], WORK + "/ocserv.log")
    der = subprocess.run(["sh", "-c", "openssl x509 -in %s/oc.crt -pubkey -noout | openssl pkey -pubin -outform der" % WORK], capture_output=True).stdout
    pin = "pin-sha256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()
    open(WORK + "/vs.sh", "w").write("#!/bin/sh\n[ \"$reason\" = connect ] && { ip link set \"$TUNDEV\" up; ip addr add \"$INTERNAL_IP4_ADDRESS/24\" dev \"$TUNDEV\"; }\nexit 0\n")
    os.chmod(WORK + "/vs.sh", 0o755)
    check("ocserv listens", until(lambda: os.path.exists(WORK + "/oc.pid") or "listening" in text_of(WORK + "/ocserv.log")), text_of(WORK + "/ocserv.log"))
    time.sleep(1)

    class Connection:
        n = 0
        def __init__(self, user, password):
            Connection.n += 1
            self.log = "%s/oc%d.log" % (WORK, Connection.n)
            self.process = world.start(world.client, ["openconnect", "--passwd-on-stdin", "--non-inter", "-u", user, "--servercert", pin, "--script",
                WORK + "/vs.sh", "10.199.0.1:4443"], self.log, stdin=subprocess.PIPE)
            self.process.stdin.write(password.encode() + b"\n")
            self.process.stdin.close()
        def said(self):
            return text_of(self.log)
        def is_in(self, seconds=20):
            return until(lambda: self.process.poll() is not None or re.search("Connected as|Configured as", self.said()), seconds) \
                and re.search("Connected as|Configured as", self.said()) is not None
        def is_out(self, seconds=30):
            return until(lambda: self.process.poll() is not None, seconds)
        def leave(self):
            world.end(self.process, signal.SIGINT)

    taken = lambda: world.shown("vpn4")["taken"]
    def truth():
        said = subprocess.run(["occtl", "-s", WORK + "/occtl.socket", "-j", "show", "users"], capture_output=True, text=True).stdout
        try:
            return len([user for user in json.loads(said or "[]") if user.get("Username") not in (None, "(none)")])
        except json.JSONDecodeError:
            return -1

    anna = Connection("anna", "pw-anna")
    check("in by the upstream's word and ours", anna.is_in(), anna.said() + text_of(WORK + "/ocserv.log"))
    check("and counted", until(lambda: taken() == 1 and truth() == 1), (world.shown("vpn4"), truth()))
    wrong = Connection("eva", "not-hers")
    check("a wrong password is refused", wrong.is_out() and not wrong.is_in(1), wrong.said())
    wrong.leave()

    # The beginning of eva's session is lost behind whoever acknowledged it (ocserv lets nobody in without): the first report that comes through counts it.
    open(WORK + "/lost", "w").close()
    world.run("setting", "set", "gate.lease_seconds", "5")
    eva = Connection("eva", "pw-eva")
    check("lost accounting: in", eva.is_in(40), eva.said())
    check("lost accounting: the offered place is freed by its lease", until(lambda: taken() == 1, 15), taken())
    os.unlink(WORK + "/lost")
    check("lost accounting: the next report repairs the count", until(lambda: taken() == 2 and truth() == 2, 30), (world.shown("vpn4"), truth()))
    ida = Connection("ida", "pw-ida")
    check("full: the Swedish reason stands on the client's screen", ida.is_out() and "Alla anslutningar används av eller hålls för verksamhet som går först." in ida.said(),
        ida.said())
    check("full: and what can be done instead", "Hämta dokument kl. 14, arbeta sedan lokalt." in ida.said(), ida.said())
    check("full: who was refused takes no place", taken() == 2 and truth() == 2, (taken(), truth()))
    anna.leave()
    check("left: the place is free", until(lambda: taken() == 1 and truth() == 1, 20), (taken(), truth()))
    again = Connection("ida", "pw-ida")
    check("then who waited gets in", again.is_in(), again.said())
    subprocess.run(["occtl", "-s", WORK + "/occtl.socket", "disconnect", "user", "eva"], capture_output=True)
    check("ended there by hand: the place is free", until(lambda: taken() == 1 and truth() == 1, 20), (taken(), truth()))
    eva.leave()
    again.leave()
    check("all have left", until(lambda: taken() == 0, 20), (world.shown("vpn4"), truth()))

    # Its own list, as a timer on its machine hands it over: it counts whom accounting never told of, and closes whose end was lost.
    def listed(text=None):
        if text is None:
            text = subprocess.run(["occtl", "-s", WORK + "/occtl.socket", "-j", "show", "users"], capture_output=True, text=True).stdout
        open(WORK + "/listed", "w").write(text)
        return world.run("gateway", "listed", WORK + "/listed", "--gateway", "vpn4")
    open(WORK + "/lost", "w").close()
    anna, eva = Connection("anna", "pw-anna"), Connection("eva", "pw-eva")
    check("list: two are in, of whom accounting says nothing", anna.is_in(40) and eva.is_in(40) and until(lambda: taken() == 0 and truth() == 2, 20), (taken(), truth()))
    said = listed()
    check("list: the count is the list's own at once", said.returncode == 0 and '"listed":2' in said.stdout and taken() == 2 and world.shown("vpn4")["listed"] == 2,
        (said, world.shown("vpn4")))
    before = world.shown("vpn4")
    for wrong in ("", "[", "[{}]", text_of(WORK + "/listed").rstrip().rstrip("]")):
        said = listed(wrong)
        check("list: one that cannot be read changes nothing: %r" % wrong[:5], said.returncode == 2 and "Nothing was changed" in said.stderr + said.stdout
            or said.returncode == 2 and "Inget har ändrats" in said.stderr, said)
    check("list: as it was", world.shown("vpn4") == before, world.shown("vpn4"))
    world.revoke("eva")
    check("list: it tells who is to be ended there", until(lambda: '"user":"eva"' in listed().stdout, 10), listed())
    end = json.loads([line for line in listed().stdout.splitlines() if '"end"' in line][0])
    check("list: and why", "behörighet" in end["why"], end)
    subprocess.run(["occtl", "-s", WORK + "/occtl.socket", "disconnect", "id", str(end["end"])], capture_output=True)
    check("list: ended there", until(lambda: truth() == 1, 20), truth())
    check("list: whose end was lost is closed by it", until(lambda: listed().returncode == 0 and taken() == 1, 50), (taken(), truth()))
    check("list: and nobody is to be ended any more", '"end"' not in listed().stdout, listed())
    eva.leave()
    anna.leave()
    os.unlink(WORK + "/lost")
    verified = world.run("audit", "verify", "--replay")
    check("the log replays", '"ok":true' in verified.stdout, verified)
finally:
    world.close()
PY
