#!/bin/sh
# OpenVPN with real servers and clients over network namespaces, through its management interface: passwords go to a real FreeRADIUS, a full pool
# refuses with the Swedish reason in the client's own log, who loses a grant is ended, and the count is what the server's own list
# says, whatever events are lost, doubled or late on the way, and after the connection was gone.
set -u
exec python3 - <<'PY'
import os, sys
sys.path.insert(0, os.environ["TOP"] + "/tests/vpn")
from world import *
from mangle import Mangler

why = World.why_not("openvpn")
if why:
    print("skip openvpn", why)
    sys.exit(0)
world = World(28721)
try:
    names = ["anna", "eva", "ida", "lisa", "kort", "utan", "ulf"]
    world.make_certificates("anna", "eva")
    open(WORK + "/pw", "w").write("hemligt lösen\n")
    os.chmod(WORK + "/pw", 0o600)
    world.init([(n, n.capitalize() + " Ek", "Ambulans" if n == "ulf" else "Arkiv") for n in names],
        "radius.listen = 127.0.0.1:18120\nradius.accounting = 127.0.0.1:18130\n"
        "radius.upstream = 127.0.0.1:18121 upsecret no-message-authenticator\n"
        "openvpn.management = vpn2 unix %s/mangled.sock - every=2\n"
        "openvpn.management = vpn3 127.0.0.1:7505 file:%s/pw authorise-only every=2\n" % (WORK, WORK))
    world.start_freeradius("".join('%s Cleartext-Password := "pw-%s"\n%s' % (n, n, "   Session-Timeout = 6\n" if n == "kort" else "") for n in names))
    world.start_openvpn("vpn2", 1194, "10.8.0.0", "management %s/real.sock unix" % WORK, "verify-client-cert none", "username-as-common-name")
    world.start_openvpn("vpn3", 1195, "10.8.1.0", "management 127.0.0.1 7505 %s/pw" % WORK, "management-hold", "auth-user-pass-optional")
    mangler = Mangler(WORK + "/real.sock", WORK + "/mangled.sock")
    mangler.start()
    world.serve()
    check("connected to both", until(lambda: "connected to vpn2" in text_of(world.log) and "connected to vpn3" in text_of(world.log)), text_of(world.log))
    world.grant("anna", "eva", "ida", "lisa", "kort", "ulf")
    world.run("capacity", "limit", "vpn2", "--licence", "2")
    world.run("capacity", "unit", "Arkiv", "--instead", "Hämta \"dokument\" kl. 14, arbeta sedan lokalt.")
    world.run("people", "unit", "Ambulans", "--class", "1")
    taken = lambda gateway="vpn2": world.shown(gateway)["taken"]
    def truth():
        return sum(1 for line in text_of(WORK + "/vpn2.status").splitlines() if line.startswith("CLIENT_LIST\t") and line.split("\t")[3])

    # In by the upstream's word and ours; out with a reason.
    anna = Visitor(world, "anna", "pw-anna")
    check("who has a grant gets in", anna.is_in(), anna.said() + text_of(world.log) + text_of(WORK + "/vpn2.log"))
    check("and is counted", until(lambda: taken() == 1), world.shown("vpn2"))
    wrong = Visitor(world, "eva", "not-hers")
    check("a wrong password is told", wrong.is_out() and "AUTH_FAILED,Fel användarnamn eller lösenord." in wrong.said(), wrong.said())
    none = Visitor(world, "utan", "pw-utan")
    check("without a grant: refused in Swedish", none.is_out() and "AUTH_FAILED,Du har ingen" in none.said(), none.said())
    eva = Visitor(world, "eva", "pw-eva")
    check("the second gets in", eva.is_in(), eva.said())
    ida = Visitor(world, "ida", "pw-ida")
    check("full: the Swedish reason reaches the client", ida.is_out()
        and "Alla anslutningar används av eller hålls för verksamhet som går först. Försök igen från" in ida.said(), ida.said())
    check("full: what can be done instead, with its quotation marks", 'Hämta "dokument" kl. 14, arbeta sedan lokalt.' in ida.said(), ida.said())
    time.sleep(7)            # the late DISCONNECT of those who were refused
    check("those who were refused take no place, now or later", taken() == 2 and truth() == 2, (world.shown("vpn2"), text_of(WORK + "/vpn2.status")))
    check("its own list is read", until(lambda: world.shown("vpn2").get("listed") == 2), world.shown("vpn2"))

    # A right is lost: out, told why.
    world.revoke("anna")
    check("revoked: the client is ended", anna.is_out(15), anna.said())
    check("revoked: and told why", re.search(r"HALT|Du har ingen|giltig", anna.said()) is not None and "Du har ingen" in anna.said(), anna.said())
    check("revoked: the place is free when the server says so", until(lambda: taken() == 1 and truth() == 1, 12), (taken(), truth()))

    # The server ends a session by itself at its time, whoever lives.
    kort = Visitor(world, "kort", "pw-kort")
    check("a short time: in", kort.is_in(), kort.said())
    check("a short time: the server ends it by itself", until(lambda: truth() == 1, 25), text_of(WORK + "/vpn2.log"))
    kort.leave()
    check("a short time: and the place is free", until(lambda: taken() == 1, 10), taken())

    # The connection is lost; meanwhile somebody leaves without a word, and knocks in vain.
    mangler.cut()
    eva.leave()
    check("lost: it is said", until(lambda: world.shown("vpn2").get("list_lost_at")), world.shown("vpn2"))
    check("lost: nobody is forgotten", until(lambda: truth() == 0, 45) and taken() == 1, (taken(), truth()))
    mangler.mend()
    check("back: the list repairs the count", until(lambda: taken() == 0 and not world.shown("vpn2").get("list_lost_at"), 10), world.shown("vpn2"))

    # Events lost, doubled, late: within one reading of the list the count is the server's own.
    random.seed(7)
    world.run("capacity", "limit", "vpn2", "--licence", "50")
    wrong_for, inside = [], {}
    for turn in range(8):
        mangler.mode = ["lose", "double", "late", "mixed"][turn % 4]
        for name in random.sample(["eva", "ida", "ulf"], 2):
            if name in inside:
                inside.pop(name).leave(random.choice([signal.SIGTERM, signal.SIGTERM, signal.SIGKILL]))
            else:
                inside[name] = Visitor(world, name, "pw-" + name)
                inside[name].is_in(8)
        if not until(lambda: taken() == truth() and world.shown("vpn2").get("listed") == truth(), 8):
            wrong_for.append((turn, mangler.mode, world.shown("vpn2"), text_of(WORK + "/vpn2.status")))
    check("lost, doubled, late, mixed: the count is the server's own list", not wrong_for, (wrong_for, mangler.done))
    check("and the way did mangle", sum(mangler.done.values()) >= 8, mangler.done)
    mangler.mode = "pass"
    for visitor in inside.values():
        visitor.leave()
    check("all have left", until(lambda: taken() == 0, 40), (taken(), truth()))

    # Critical work comes in at once; who can wait is warned, ended at her time, and told when to come back.
    world.run("setting", "set", "capacity.kept_from_class_3", "0")
    world.run("setting", "set", "capacity.warning_seconds", "8")
    world.run("capacity", "limit", "vpn2", "--licence", "4")
    first = [Visitor(world, name, "pw-" + name) for name in ("eva",)]
    check("relief: the first is in", first[0].is_in(), first[0].said())
    first += [Visitor(world, name, "pw-" + name) for name in ("ida", "lisa")]
    check("relief: three are in", all(v.is_in() for v in first) and until(lambda: taken() == 3), world.shown("vpn2"))
    ulf = Visitor(world, "ulf", "pw-ulf")
    check("relief: class 1 comes in at once", ulf.is_in(), ulf.said())
    warned = lambda: [json.loads(line) for line in world.run("capacity", "warned").stdout.splitlines()]
    check("relief: who has been in longest of those who can wait is warned", until(lambda: [w["person"] for w in warned()] == ["eva"], 5), warned())
    began = time.time()
    check("relief: nobody is ended before the time", first[0].process.poll() is None and taken() == 4, first[0].said())
    check("relief: then she is ended", first[0].is_out(15) and time.time() - began > 5, first[0].said())
    check("relief: and told when to come back", "Din plats behövs för verksamhet som går först. Du kan ansluta igen från" in first[0].said(), first[0].said())
    check("relief: the place is free soon after", until(lambda: taken() == 3, 8) and not warned(), (taken(), warned()))
    check("relief: the others stay", all(v.process.poll() is None for v in first[1:] + [ulf]))
    for visitor in first[1:] + [ulf]:
        visitor.leave()
    check("relief: all have left", until(lambda: taken() == 0, 40), (taken(), truth()))

    # Our own process dies: who is in stays in, is known, and can be ended.
    eva = Visitor(world, "eva", "pw-eva")
    check("before the kill: in", eva.is_in() and until(lambda: taken() == 1), eva.said())
    os.kill(world.process("gateway"), signal.SIGKILL)
    check("killed: connected again", until(lambda: text_of(world.log).count("connected to vpn2") >= 3, 15), text_of(world.log))
    time.sleep(2.5)
    check("killed: one is one", taken() == 1, world.shown("vpn2"))
    world.revoke("eva")
    check("killed: a revoked grant still ends it", eva.is_out(20) and until(lambda: taken() == 0, 12), eva.said())

    # Certificates alone, over TCP with a password; a typed name is nobody's word.
    ida = Visitor(world, None, None, 1195, "anna")
    check("a certificate: without a grant refused", ida.is_out() and "Du har ingen" in ida.said(), ida.said() + text_of(WORK + "/vpn3.log"))
    world.grant("anna")
    by_certificate = Visitor(world, None, None, 1195, "anna")
    check("a certificate: in", by_certificate.is_in(), by_certificate.said() + text_of(WORK + "/vpn3.log"))
    check("a certificate: counted", until(lambda: taken("vpn3") == 1), world.shown("vpn3"))
    typed = Visitor(world, "ulf", "anything", 1195, "eva")
    check("a certificate and a wrong password: refused", typed.is_out() and "AUTH_FAILED" in typed.said(), typed.said())
    by_certificate.leave()
    check("a certificate: left", until(lambda: taken("vpn3") == 0, 12), world.shown("vpn3"))
    verified = world.run("audit", "verify", "--replay")
    check("the log replays", '"ok":true' in verified.stdout, verified)
    check("no password stands in a log", "pw-eva" not in text_of(world.log) and "hemligt" not in text_of(world.log))
finally:
    world.close()
PY
