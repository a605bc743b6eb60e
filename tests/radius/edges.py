"""What the RADIUS door does at its edges, on the real processes. Usage: edges.py PORT ACCOUNTING-PORT METRICS-URL UPSTREAM-PORT UPSTREAM-PORT"""
import os, re, struct, sys, time, urllib.request
sys.path.insert(0, os.path.dirname(__file__))
from wire import *

port, accounting_port, metrics_url, port_a, port_b = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
vpn, nac, old, watch = (Client(a, s, port) for a, s in
    (("127.0.0.1", b"secret-vpn"), ("127.0.0.2", b"secret-nac"), ("127.0.0.3", b"secret-old"), ("127.0.0.4", b"secret-watch")))


def check(name, good, what=""):
    print(("ok " if good else "not ok ") + name, flush=True)
    if not good:
        print("    got:", what if not isinstance(what, (bytes, type(None))) else (what and what.hex()), file=sys.stderr, flush=True)


def counters():
    """As the gateway process last told core; it tells every five seconds."""
    text = urllib.request.urlopen(metrics_url, timeout=5).read().decode()
    return {k: int(v) for k, v in re.findall(r"^samordna_radius_(\w+)_total (\d+)$", text, re.M)}


def answer(self, packet, password):
    user = first(packet, USER)
    proxies = [(PROXY, v) for t, v in read(packet) if t == PROXY]
    def say(code, attributes=(), **how):
        return reply(self.secret, packet, code, list(attributes) + proxies, **how)
    if user == b"challenge" and first(packet, STATE) is None:
        return say(CHALLENGE, [(STATE, b"talk" + self.secret), (REPLY, b"code?")])
    if user == b"challenge":
        return say(ACCEPT if first(packet, STATE) == b"talk" + self.secret else REJECT, [(USER, b"p1")])
    if user == b"large":
        return say(CHALLENGE, [(EAP, os.urandom(253)) for _ in range(4)] + [(STATE, b"large")])
    if first(packet, EAP) is not None:
        return say(ACCEPT, [(EAP, b"\3\x07\0\4"), (USER, b"p1" if user == b"anonymous" else user)])
    how = {b"unsigned": {"signature": None}, b"missigned": {"signature": "wrong"}, b"spoilt": {"spoil": True}}.get(user, {})
    if user == b"renamed":
        return say(ACCEPT, [(USER, b"p2")])
    if user == b"two":
        return say(ACCEPT, [(USER, b"p1"), (USER, b"p2")])
    if user in (b"unsigned", b"missigned", b"spoilt"):
        return say(ACCEPT, [(USER, b"p1")], **how)
    if user == b"keys":
        salted = b"\x80\x01" + hide(self.secret, packet[4:20] + b"\x80\x01", b"\xff" * 16)      # says 255 octets, has 15
        return say(ACCEPT, [(USER, b"p1"), (VENDOR, struct.pack("!IBB", 311, 17, 20) + salted)])
    if password is not None and password != b"right":
        return say(REJECT, [(REPLY, b"no")])
    return say(ACCEPT, [(CLASS, b"theirs"), (TIMEOUT, struct.pack("!I", 7200)), (230, b"unknown")])


a, b = Upstream(port_a, b"upstream-a", answer), Upstream(port_b, b"upstream-b", answer)


def login(client, user, password=b"right", more=(), seconds=2.0, **how):
    packet = request(client.secret, [(USER, user)] + ([(PASSWORD, password)] if password is not None else []) + list(more), **how)
    return packet, client.ask(packet, seconds)


def code(got):
    return got[0] if got else None


# --- accept, refuse, what stands in them ---
asked, got = login(vpn, b"p1", more=[(PROXY, b"one"), (PROXY, b"two"), (PROXY, b"three")])
check("accept", code(got) == ACCEPT, got)
check("accept is signed, Message-Authenticator first", bool(got) and is_right(vpn.secret, asked, got), got)
check("Proxy-State comes back unchanged and in order", bool(got) and [v for t, v in read(got) if t == PROXY] == [b"one", b"two", b"three"], got)
classes = [v for t, v in read(got) if t == CLASS] if got else []
check("our Class stands behind the upstream's", len(classes) == 2 and classes[0] == b"theirs" and re.fullmatch(rb"samordna:\d+", classes[1]), classes)
check("an unknown attribute passes", bool(got) and first(got, 230) == b"unknown", got)
check("the shorter session time counts", bool(got) and struct.unpack("!I", first(got, TIMEOUT))[0] <= 7200, got)
check("the upstream is asked with a signature first and our Proxy-State last",
      a.seen[-1][20] == SIGNATURE and read(a.seen[-1])[-1][0] == PROXY and [v for t, v in read(a.seen[-1]) if t == PROXY][:3] == [b"one", b"two", b"three"])
asked, got = login(vpn, b"p2", more=[(PROXY, b"x")])
check("refuse holds signature, reason and Proxy-State alone", code(got) == REJECT and [t for t, v in read(got)] == [SIGNATURE, REPLY, PROXY], got)
check("the reason is Swedish, at most 253 octets, and names nobody", bool(got) and "behörighet" in first(got, REPLY).decode() and len(first(got, REPLY)) <= 253
      and not re.search("Bo|Öberg|p2", first(got, REPLY).decode()), got)
check("a wrong password is the upstream's reject", code(login(vpn, b"p1", b"wrong")[1]) == REJECT)
long = b"x" * 128
check("a long password arrives whole", code(login(vpn, b"p1", long)[1]) == REJECT and show(a.secret, a.seen[-1][4:20], first(a.seen[-1], PASSWORD)) == long)

# --- resent: the same bytes, once ---
asked, once = login(vpn, b"p1", more=[(PROXY, b"again")])
n = len(a.seen)
again = vpn.ask(asked)
check("resent: the same bytes", once == again and once is not None, again)
check("resent: the upstream is not asked again", len(a.seen) == n)
other = Client("127.0.0.1", vpn.secret, port)
check("resent from another port: the same bytes", other.ask(asked) == once)
leaf = int(re.search(rb"samordna:(\d+)", once).group(1))
next_leaf = int(re.search(rb"samordna:(\d+)", login(vpn, b"p1")[1]).group(1))
check("resent: one leaf", next_leaf == leaf + 1, (leaf, next_leaf))
asked = request(vpn.secret, [(USER, b"large"), (EAP, b"\2\1\0\5\1")])
once = vpn.ask(asked)
check("a large challenge passes", code(once) == CHALLENGE and len(once) > 1000, once)
check("a large challenge resent: the same bytes", vpn.ask(asked) == once)

if os.environ.get("ALL"):
    asked, once = login(vpn, b"p1")
    time.sleep(31)
    check("replayed after 30 s: silence", code(once) == ACCEPT and vpn.ask(asked, 1) is None)

# --- who may ask, and how ---
stranger = Client("127.0.0.9", vpn.secret, port)
check("unknown client: silence", login(stranger, b"p1", seconds=0.5)[1] is None)
check("wrong secret: silence", Client("127.0.0.1", b"other", port).ask(request(b"other", [(USER, b"p1"), (PASSWORD, b"right")]), 0.5) is None)
check("no Message-Authenticator: silence", login(vpn, b"p1", signature=None, seconds=0.5)[1] is None)
check("wrong Message-Authenticator: silence", login(vpn, b"p1", signature="wrong", seconds=0.5)[1] is None)
check("two Message-Authenticators: silence", login(vpn, b"p1", signature="twice", seconds=0.5)[1] is None)
check("Message-Authenticator last is as good as first", code(login(vpn, b"p1", where=2)[1]) == ACCEPT)
check("relaxed: without Message-Authenticator", code(login(old, b"p1", signature=None)[1]) == ACCEPT)
check("relaxed: a wrong one is still wrong", login(old, b"p1", signature="wrong", seconds=0.5)[1] is None)
check("relaxed: never with a Proxy-State", login(old, b"p1", more=[(PROXY, b"x")], signature=None, seconds=0.5)[1] is None)
check("relaxed: never with EAP", login(old, b"p1", None, [(EAP, b"\2\1\0\5\1")], signature=None, seconds=0.5)[1] is None)

# --- malformed ---
good = request(vpn.secret, [(USER, b"p1"), (PASSWORD, b"right")])
for name, bytes_ in (("empty", b""), ("19 octets", good[:19]), ("length beyond the packet", good[:2] + b"\x0f\xff" + good[4:]), ("length under the head", good[:2] + b"\0\x13" + good[4:]),
                     ("an attribute of length 1", head(REQUEST, 1, os.urandom(16), b"\x01\x01")), ("an attribute of length 0", head(REQUEST, 1, os.urandom(16), b"\x01\x00")),
                     ("an attribute beyond the packet", head(REQUEST, 1, os.urandom(16), b"\x01\xffp1")), ("half an attribute", head(REQUEST, 1, os.urandom(16), b"\x01")),
                     ("over 4096 octets", head(REQUEST, 1, os.urandom(16), put([(USER, b"p1")] + [(PROXY, b"x" * 253)] * 18))),
                     ("an Access-Accept", head(ACCEPT, 1, os.urandom(16), put([(USER, b"p1")]))), ("chance", os.urandom(200))):
    check("malformed: " + name, vpn.ask(bytes_, 0.15) is None)
check("two user names: silence", vpn.ask(request(vpn.secret, [(USER, b"p1"), (USER, b"p2"), (PASSWORD, b"right")]), 0.5) is None)
for name, value in (("empty", b""), ("15 octets", b"x" * 15), ("129 octets", b"x" * 129)):
    body = put([(SIGNATURE, b"\0" * 16), (USER, b"p1"), (PASSWORD, value)])
    raw = head(REQUEST, 9, os.urandom(16), body)
    raw = raw[:22] + hmac.new(vpn.secret, raw, hashlib.md5).digest() + raw[38:]
    check("a User-Password of " + name + ": no accept", code(vpn.ask(raw, 0.3)) != ACCEPT)
check("after all that it still answers", code(login(vpn, b"p1")[1]) == ACCEPT)

# --- methods ---
challenge, ident = os.urandom(16), 7
packet = request(vpn.secret, [(USER, b"p1"), (CHAP, bytes([ident]) + hashlib.md5(bytes([ident]) + b"right" + challenge).digest())], authenticator=challenge)
check("CHAP without a challenge", code(vpn.ask(packet)) == ACCEPT and first(a.seen[-1], CHAP_CHALLENGE) == challenge, a.seen[-1])
packet = request(vpn.secret, [(USER, b"p1"), (CHAP, b"\7" + b"x" * 16), (CHAP_CHALLENGE, b"c" * 20)])
check("CHAP with its challenge", code(vpn.ask(packet)) == ACCEPT and [v for t, v in read(a.seen[-1]) if t == CHAP_CHALLENGE] == [b"c" * 20])
mschap = struct.pack("!IBB", 311, 25, 52) + b"\x2a\0" + b"x" * 48
got = vpn.ask(request(vpn.secret, [(USER, b"p2"), (VENDOR, struct.pack("!IBB", 311, 11, 18) + b"c" * 16), (VENDOR, mschap)]))
error = first(got, VENDOR) if got else b""
check("MS-CHAP refused: MS-CHAP-Error with the reason, no Reply-Message", code(got) == REJECT and first(got, REPLY) is None
      and error[4:5] == b"\2" and error[6:7] == b"\x2a" and error[7:].startswith(b"E=691 R=0") and "behörighet".encode() in error, got)
got = vpn.ask(request(vpn.secret, [(USER, b"anonymous"), (EAP, b"\2\7\0\5\1")]))
check("EAP: the upstream's name counts, not the outer one", code(got) == ACCEPT and first(got, EAP) == b"\3\7\0\4", got)
got = vpn.ask(request(vpn.secret, [(USER, b"p2"), (EAP, b"\2\7\0\5\1")]))
check("EAP refused: EAP-Failure with the success's identifier, no Reply-Message", code(got) == REJECT and first(got, EAP) == b"\4\7\0\4" and first(got, REPLY) is None, got)
got = login(vpn, b"renamed")[1]
check("the upstream's User-Name binds: its p2 is refused", code(got) == REJECT, got)
check("an accept with two names: silence", login(vpn, b"two", seconds=0.5)[1] is None)
got = login(vpn, b"keys", seconds=0.5)[1]
check("keys that cannot be opened: silence", got is None, got)
for name in (b"unsigned", b"missigned", b"spoilt"):
    check("an upstream's answer " + name.decode() + ": silence", login(vpn, name, seconds=0.5)[1] is None)

# --- challenge ---
asked, got = login(vpn, b"challenge")
check("a challenge passes with its State", code(got) == CHALLENGE and first(got, STATE) == b"talk" + a.secret and is_right(vpn.secret, asked, got), got)
asked, got = login(vpn, b"challenge", b"123456", [(STATE, first(got, STATE))])
check("the round trip ends in an accept", code(got) == ACCEPT, got)

# --- authorise only ---
n, m = len(a.seen), len(b.seen)
asked, got = login(nac, b"p1", None, [(PROXY, b"one"), (PROXY, b"two")])
check("authorise-only: accept without upstream", code(got) == ACCEPT and is_right(nac.secret, asked, got) and len(a.seen) == n, got)
check("authorise-only: Proxy-State in order", bool(got) and [v for t, v in read(got) if t == PROXY] == [b"one", b"two"], got)
check("authorise-only: Class and Session-Timeout", bool(got) and first(got, CLASS).startswith(b"samordna:") and first(got, TIMEOUT) is not None, got)
check("authorise-only: refuse", code(login(nac, b"p2", None)[1]) == REJECT)
check("authorise-only: nobody", code(nac.ask(request(nac.secret, [(SESSION, b"s")]))) == REJECT)
a.is_silent = b.is_silent = True
for name, attribute in (("User-Password", (PASSWORD, b"right")), ("CHAP", (CHAP, b"\1" * 17)), ("MS-CHAP", (VENDOR, mschap)), ("MS-CHAP, half", (VENDOR, struct.pack("!IBB", 311, 1, 3) + b"x")),
                        ("EAP", (EAP, b"\2\1\0\5\1")), ("ARAP", (70, b"x" * 16)), ("a digest", (103, b"x" * 32)), ("State", (STATE, b"x"))):
    n = len(a.seen) + len(b.seen)
    got = nac.ask(request(nac.secret, [(USER, b"p1"), attribute]), 0.3)
    check("authorise-only with " + name + ": the upstream is asked, silence is no accept", got is None and len(a.seen) + len(b.seen) > n, got)
a.is_silent = b.is_silent = False

# --- watch ---
check("watch: who would be refused gets in", code(login(watch, b"p2")[1]) == ACCEPT)
check("watch: a stranger that the upstream knows gets in", code(login(watch, b"whoever")[1]) == ACCEPT)
check("watch: the upstream's reject stays a reject", code(login(watch, b"p2", b"wrong")[1]) == REJECT)
check("enforce beside it: refused", code(login(vpn, b"whoever")[1]) == REJECT)

# --- fail-over ---
n = len(a.seen)
login(vpn, b"p1")
a, b = (a, b) if len(a.seen) > n else (b, a)      # a: the one that is asked now
a.is_silent, b.is_silent = True, False
asked = request(vpn.secret, [(USER, b"p1"), (PASSWORD, b"right")])
vpn.send(asked)
got = vpn.wait(0.5)
check("a silent upstream: silence", got is None, got)
time.sleep(2.2)
got = vpn.ask(asked)
check("asked again after two seconds: the next one answers", code(got) == ACCEPT, got)
check("new requests go there at once", code(login(vpn, b"p1", seconds=1)[1]) == ACCEPT)
asked, got = login(vpn, b"challenge")
check("a conversation with the second", code(got) == CHALLENGE and first(got, STATE) == b"talk" + b.secret, got)
state, b.is_silent, a.is_silent = first(got, STATE), True, False
vpn.ask(request(vpn.secret, [(USER, b"p1"), (PASSWORD, b"right")]), 0.3)
time.sleep(2.2)
check("back to the first", code(login(vpn, b"p1", seconds=1)[1]) == ACCEPT)
b.is_silent = False
asked, got = login(vpn, b"challenge", b"1", [(STATE, state)])
check("the conversation stays with who began it", code(got) == ACCEPT, got)

# --- accounting ---
acct = Client("127.0.0.1", vpn.secret, accounting_port)
start = [(USER, b"p1"), (STATUS, struct.pack("!I", 1)), (SESSION, b"edge-1"), (PROXY, b"hop")]
packet = accounting(vpn.secret, start)
got = acct.ask(packet)
check("accounting is acknowledged", code(got) == RESPONSE and is_right(vpn.secret, packet, got) and first(got, PROXY) == b"hop", got)
check("accounting resent: the same bytes", acct.ask(packet) == got)
check("accounting resent as a new packet", code(acct.ask(accounting(vpn.secret, start + [(41, struct.pack("!I", 5))]))) == RESPONSE)
check("accounting with a wrong secret: silence", acct.ask(accounting(b"other", start), 0.4) is None)
check("accounting without a status: silence", acct.ask(accounting(vpn.secret, [(USER, b"p1"), (SESSION, b"x")]), 0.4) is None)
check("accounting on the log-in port: silence", vpn.ask(accounting(vpn.secret, start), 0.4) is None)
check("Accounting-On is acknowledged", code(acct.ask(accounting(vpn.secret, [(STATUS, struct.pack("!I", 7)), (32, b"vpn1")]))) == RESPONSE)
check("Accounting-Off is acknowledged", code(acct.ask(accounting(vpn.secret, [(STATUS, struct.pack("!I", 8)), (32, b"vpn1")]))) == RESPONSE)

# --- one client's flood ---
a.is_silent = b.is_silent = True
flood = [request(nac.secret, [(USER, b"p1"), (PASSWORD, b"x")], ident=i & 255) for i in range(7000)]
for i, packet in enumerate(flood):
    nac.send(packet)
    if i % 100 == 99:
        time.sleep(0.004)
time.sleep(0.3)
a.is_silent = b.is_silent = False
check("a flood that nobody answers leaves room for others", code(login(vpn, b"p1", seconds=3)[1]) == ACCEPT)
time.sleep(6)
c = counters()
check("the flood was cut at its budget", c["over_budget"] > 0, c)
check("what was dropped is counted", c["unknown_client"] >= 1 and c["malformed"] >= 10 and c["bad_authenticator"] >= 3 and c["no_authenticator"] >= 2 and c["duplicates"] >= 4, c)
