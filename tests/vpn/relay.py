"""relay.py ADDRESS:PORT ADDRESS:PORT FILE SECRET: carries RADIUS accounting from the first to the second and the answers back. While FILE is there
nothing passes and all is answered as if it had, as by a server that loses what it has acknowledged."""
import hashlib, os, select, socket, sys

def place(text):
    address, port = text.rsplit(":", 1)
    return address, int(port)

here, there, lost, secret = place(sys.argv[1]), place(sys.argv[2]), sys.argv[3], sys.argv[4].encode()
front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
front.bind(here)
back = {}
while True:
    for ready in select.select([front, *back.values()], [], [])[0]:
        try:
            if ready is front:
                data, who = front.recvfrom(4096)
                if os.path.exists(lost):
                    head = bytes([5, data[1], 0, 20])
                    front.sendto(head + hashlib.md5(head + data[4:20] + secret).digest(), who)
                    continue
                if who not in back:
                    back[who] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    back[who].bind((here[0], 0))
                    back[who].connect(there)
                back[who].send(data)
            else:
                data = ready.recv(4096)
                front.sendto(data, next(who for who, s in back.items() if s is ready))
        except OSError:
            pass
