"""RADIUS packets by hand, for tests that send what no honest client would: RFC 2865, 2866, 3579."""
import hashlib, hmac, os, socket, struct, threading

REQUEST, ACCEPT, REJECT, ACCOUNTING, RESPONSE, CHALLENGE = 1, 2, 3, 4, 5, 11
USER, PASSWORD, CHAP, REPLY, STATE, CLASS, VENDOR, TIMEOUT, PROXY, CHAP_CHALLENGE, EAP, SIGNATURE = 1, 2, 3, 18, 24, 25, 26, 27, 33, 60, 79, 80
STATUS, SESSION = 40, 44


def hide(secret, authenticator, password):
    text, last, out = password + b"\0" * (-len(password) % 16 or (16 if not password else 0)), authenticator, b""
    for i in range(0, len(text), 16):
        last = bytes(a ^ b for a, b in zip(text[i:i + 16], hashlib.md5(secret + last).digest()))
        out += last
    return out


def show(secret, authenticator, hidden):
    last, out = authenticator, b""
    for i in range(0, len(hidden), 16):
        out += bytes(a ^ b for a, b in zip(hidden[i:i + 16], hashlib.md5(secret + last).digest()))
        last = hidden[i:i + 16]
    return out.rstrip(b"\0")


def put(attributes):
    return b"".join(bytes([t, len(v) + 2]) + v for t, v in attributes)


def read(packet):
    at, out = 20, []
    while at < len(packet):
        out.append((packet[at], packet[at + 2:at + packet[at + 1]]))
        at += packet[at + 1]
    return out


def first(packet, kind):
    return next((v for t, v in read(packet) if t == kind), None)


def head(code, ident, authenticator, body):
    return struct.pack("!BBH", code, ident, 20 + len(body)) + authenticator + body


def request(secret, attributes, ident=None, authenticator=None, signature="right", where=0):
    """signature: right, wrong, None (absent), twice. where: its place among the attributes."""
    ident = os.urandom(1)[0] if ident is None else ident
    authenticator = authenticator or os.urandom(16)
    attributes = [(t, hide(secret, authenticator, v) if t == PASSWORD else v) for t, v in attributes]
    if signature is None:
        return head(REQUEST, ident, authenticator, put(attributes))
    attributes.insert(where, (SIGNATURE, b"\0" * 16))
    if signature == "twice":
        attributes.append((SIGNATURE, b"\0" * 16))
    packet = head(REQUEST, ident, authenticator, put(attributes))
    right = hmac.new(secret, packet, hashlib.md5).digest()
    if signature == "wrong":
        right = bytes([right[0] ^ 1]) + right[1:]
    attributes[where] = (SIGNATURE, right)
    return head(REQUEST, ident, authenticator, put(attributes))


def reply(secret, asked, code, attributes, signature="right", spoil=False):
    body = put(([(SIGNATURE, b"\0" * 16)] if signature else []) + attributes)
    if signature:
        sign = hmac.new(secret, head(code, asked[1], asked[4:20], body), hashlib.md5).digest()
        body = put([(SIGNATURE, sign if signature == "right" else b"\1" * 16)] + attributes)
    answer = hashlib.md5(head(code, asked[1], asked[4:20], body) + secret).digest()
    return head(code, asked[1], b"\2" * 16 if spoil else answer, body)


def accounting(secret, attributes, ident=None):
    body = put(attributes)
    ident = os.urandom(1)[0] if ident is None else ident
    return head(ACCOUNTING, ident, hashlib.md5(head(ACCOUNTING, ident, b"\0" * 16, body) + secret).digest(), body)


def is_right(secret, asked, answer):
    """Response Authenticator, and Message-Authenticator as the first attribute."""
    if hashlib.md5(answer[:4] + asked[4:20] + answer[20:] + secret).digest() != answer[4:20] or answer[1] != asked[1]:
        return False
    if answer[0] == RESPONSE:
        return True
    if answer[20] != SIGNATURE:
        return False
    blank = answer[:4] + asked[4:20] + answer[20:22] + b"\0" * 16 + answer[38:]
    return hmac.compare_digest(hmac.new(secret, blank, hashlib.md5).digest(), answer[22:38])


class Client:
    """A socket at one loopback address."""

    def __init__(self, address, secret, port):
        self.secret, self.to = secret, ("127.0.0.1", port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))

    def send(self, packet):
        self.socket.sendto(packet, self.to)

    def wait(self, seconds=2.0):
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(8192)
        except (socket.timeout, ConnectionRefusedError):
            return None

    def ask(self, packet, seconds=2.0):
        self.send(packet)
        return self.wait(seconds)


class Upstream(threading.Thread):
    """Answers as `answer(self, packet, password)` says: bytes, or None for silence. Keeps what came."""

    def __init__(self, port, secret, answer):
        super().__init__(daemon=True)
        self.secret, self.answer, self.seen, self.is_silent = secret, answer, [], False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.start()

    def run(self):
        while True:
            packet, came = self.socket.recvfrom(8192)
            self.seen.append(packet)
            if self.is_silent:
                continue
            hidden = first(packet, PASSWORD)
            out = self.answer(self, packet, show(self.secret, packet[4:20], hidden) if hidden else None)
            if out:
                self.socket.sendto(out, came)
