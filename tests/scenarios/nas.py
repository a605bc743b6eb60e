"""The gateways' end of RFC 5176 in a scenario: each waits for Disconnect-Requests at its own address, checks what it can, and answers nothing:
a session is over when its Stop says so."""
import hashlib, select, socket, time

PORT = 29014


class Ends:
    def __init__(self, gateways, secret):
        self.secret, self.sockets = secret, {}
        for i, name in enumerate(gateways):
            self.sockets[name] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sockets[name].bind((f"127.0.0.{i + 2}", PORT))

    def close(self):
        for one in self.sockets.values():
            one.close()

    def read(self, packet):
        said, at = {}, 20
        while at < len(packet):
            said[packet[at]] = packet[at + 2:at + packet[at + 1]]
            at += packet[at + 1]
        if packet[0] != 40 or packet[4:20] != hashlib.md5(packet[:4] + bytes(16) + packet[20:] + self.secret).digest():
            return "", "a request that is not signed with the secret"
        return said.get(44, b"").decode(), said.get(18, b"").decode()

    def told(self, session, seconds=0):
        """Why this session is to end, as a gateway was told since this was last asked; None: it was not."""
        until, why = time.monotonic() + seconds, None
        while True:
            for one in select.select(list(self.sockets.values()), [], [], max(0, min(0.1, until - time.monotonic())))[0]:
                number, text = self.read(one.recv(4096))
                why = text if number == session or not number else why
            if why is not None or time.monotonic() >= until:
                return why
