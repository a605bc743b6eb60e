#!/bin/sh
# A new end for a session that goes on (CoA, RFC 5176), told to a real FreeRADIUS that plays the VPN server: who is warned, for class 1 needs her place, has her
# session's new end at the server too, with the words; a server that refuses is not asked again, and her session is told to end at its moment all the same.
set -u
command -v freeradius >/dev/null 2>&1 || { echo "skip capacity_coa needs freeradius"; exit 0; }
exec python3 - <<'PY'
import json, os, re, subprocess, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import until
S, W, TOP = os.environ["BUILD"] + "/samordna", os.environ["WORK"], os.environ["TOP"]
H, PORT, AUTH, ACCT, NAS = W + "/home", 28741, 28742, 28743, 28744

def check(name, is_right, seen=""):
    print(("ok " if is_right else "not ok ") + name, flush=True)
    if not is_right:
        print(str(seen)[-3000:], file=sys.stderr)

def run(*words):
    return subprocess.run([S, *words, "--home", H, "--json"], capture_output=True, text=True)

def radius(port, kind, text):
    return subprocess.run(["radclient", "-x", "-r", "1", "-t", "5", "127.0.0.1:%d" % port, kind, "secret1"], input=text, capture_output=True, text=True).stdout

def enter(user):
    said = radius(AUTH, "auth", "User-Name=%s,NAS-Identifier=vpn1,Message-Authenticator=0x00,Acct-Session-Id=s-%s\n" % (user, user))
    tell(user, "Start")
    return "Access-Accept" in said

def tell(user, kind):
    return radius(ACCT, "acct", "User-Name=%s,Acct-Status-Type=%s,Acct-Session-Id=s-%s,NAS-Identifier=vpn1,NAS-IP-Address=192.0.2.1,Framed-IP-Address=10.8.0.9\n" % (user, kind, user))

def text_of(path):
    return open(path, encoding="utf-8", errors="replace").read() if os.path.exists(path) else ""

# The VPN server's part of FreeRADIUS: takes every change and end, but a change for ida.
F = W + "/nas"
os.makedirs(F)
os.chmod(W, 0o755)
open(F + "/dictionary", "w").write("$INCLUDE /usr/share/freeradius/dictionary\n")
open(F + "/radiusd.conf", "w").write("""prefix = /usr
logdir = %(f)s
run_dir = %(f)s
libdir = /usr/lib/freeradius
modconfdir = %(f)s
client samordna {
  ipaddr = 127.0.0.1
  secret = secret1
  require_message_authenticator = yes
}
modules {
  always ok {
    rcode = ok
  }
  always reject {
    rcode = reject
  }
}
server nas {
  listen {
    type = coa
    ipaddr = 127.0.0.1
    port = %(port)d
  }
  recv-coa {
    if ((&Packet-Type == CoA-Request) && (&User-Name == "ida")) {
      update reply {
        &Error-Cause := Unsupported-Attribute
      }
      reject
    }
    ok
  }
}
""" % {"f": F, "port": NAS})
nas = subprocess.Popen(["freeradius", "-X", "-d", F], stdout=open(W + "/nas.out", "w"), stderr=subprocess.STDOUT)
server = None
try:
    check("the other end is up", until(lambda: "Ready to process" in text_of(W + "/nas.out")), text_of(W + "/nas.out"))
    people = ["eva", "ida", "lisa", "ulf", "ola"]
    rows = ["id,name,email,phone,unit,manager,employment_end,roles,protected", "bo,Bo Öberg,,,Arkiv,,,manager employee,", "siv,Siv Ek,,,IT,bo,,system_owner,",
            "per,Per Holm,,,IT,bo,,support,"] + ["%s,%s Ek,,,%s,bo,,employee," % (p, p, "Ambulans" if p in ("ulf", "ola") else "Arkiv") for p in people]
    open(W + "/p.csv", "w").write("\n".join(rows) + "\n")
    run("init", "--org", "Provkommunen")
    conf = "http.listen = 127.0.0.1:%d\nradius.listen = 127.0.0.1:%d\nradius.accounting = 127.0.0.1:%d\nradius.client = vpn1 127.0.0.1 secret1 authorise-only " % (PORT, AUTH, ACCT)
    open(H + "/samordna.conf", "a").write(conf + "coa\n")
    said = subprocess.run([S, "serve", "--home", H], capture_output=True, text=True, timeout=60, env={**os.environ, "LC_ALL": "en_US.UTF-8"})
    check("coa without disconnect is refused", said.returncode != 0 and "coa wants the mark disconnect" in said.stderr, said)
    text = open(H + "/samordna.conf").read()
    open(H + "/samordna.conf", "w").write(text.replace("authorise-only coa", "authorise-only disconnect=%d coa" % NAS))
    run("people", "import", W + "/p.csv")
    server = subprocess.Popen([S, "serve", "--home", H], stderr=open(W + "/log", "w"))
    until(lambda: "answers" in text_of(W + "/log"))
    day = lambda n: time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * 86400))
    for who in people:
        run("access", "grant", who, "--service", "vpn", "--from", day(-1), "--to", day(100), "--requested-by", "bo", "--approved-by", "siv", "--executed-by", "per")
    run("people", "unit", "Ambulans", "--class", "1")
    run("setting", "set", "capacity.kept_from_class_3", "0")
    run("setting", "set", "capacity.warning_seconds", "12")
    run("capacity", "limit", "vpn1", "--licence", "4")
    for who in ("eva", "ida", "lisa"):
        check("in: " + who, enter(who), text_of(W + "/log"))
    check("class 1 comes in from the reserve", enter("ulf"))
    warned = lambda: {w["person"]: w for w in map(json.loads, run("capacity", "warned").stdout.splitlines())}
    check("who has been in longest is warned, and the server keeps her new end", until(lambda: warned().get("eva", {}).get("gateway_keeps_it") is True), (warned(), text_of(W + "/nas.out")))
    def asked(code, user):
        return [part for part in re.split(r"\n(?=\(\d+\) Received )", text_of(W + "/nas.out")) if re.match(r"\(\d+\) Received " + code, part) and 'User-Name = "%s"' % user in part]
    change = (asked("CoA-Request", "eva") or [""])[0]
    seconds = int((re.search(r"Session-Timeout = (\d+)", change) or [0, 0])[1])
    check("it was told what is left of the warning", 0 < seconds <= 12, change)
    check("and the words for her, and who she is there", "Din plats behövs" in change and 'Acct-Session-Id = "s-eva"' in change and "Framed-IP-Address = 10.8.0.9" in change
        and "NAS-IP-Address = 192.0.2.1" in change, change)
    n = len(asked("CoA-Request", "eva"))
    time.sleep(6)
    check("who has answered is not asked again", len(asked("CoA-Request", "eva")) == n, asked("CoA-Request", "eva"))
    check("nobody is ended before her time", not asked("Disconnect-Request", "eva"))
    check("at her time the session is told to end all the same", until(lambda: asked("Disconnect-Request", "eva")), text_of(W + "/nas.out"))
    tell("eva", "Stop")
    check("with the Stop she is out", until(lambda: json.loads(run("capacity", "show", "vpn1").stdout)["taken"] == 3), run("capacity", "show", "vpn1"))

    # A server that refuses.
    check("the next of class 1", enter("ola"), text_of(W + "/log"))
    check("the server refuses her new end: it is known", until(lambda: warned().get("ida", {}).get("gateway_keeps_it") is False), (warned(), text_of(W + "/nas.out")))
    check("and said in the log", until(lambda: "does not take the new end" in text_of(W + "/log")), text_of(W + "/log"))
    n = len(asked("CoA-Request", "ida"))
    check("she is ended at her time", until(lambda: asked("Disconnect-Request", "ida"), 25), text_of(W + "/nas.out"))
    check("and the server was not asked for the change again", len(asked("CoA-Request", "ida")) == n == 1, n)
    tell("ida", "Stop")

    # The place is not needed any more: the old end again.
    check("lisa's turn", enter("eva") or True)
    run("capacity", "limit", "vpn1", "--licence", "2")
    check("warned", until(lambda: any(w["gateway_keeps_it"] for w in warned().values())), (warned(), run("capacity", "show", "vpn1")))
    who = next(iter(warned()), "lisa")
    run("capacity", "limit", "vpn1", "--licence", "100")
    def back():
        changes = asked("CoA-Request", who)
        return changes and int((re.search(r"Session-Timeout = (\d+)", changes[-1]) or [0, 0])[1]) > 1000
    check("no longer needed: her old end is told again", until(back, 25), (who, asked("CoA-Request", who)[-1:], warned()))
    verified = run("audit", "verify", "--replay")
    check("the log replays", '"ok":true' in verified.stdout, verified)
finally:
    if server:
        server.terminate()
        server.wait()
    nas.terminate()
    nas.wait()
PY
