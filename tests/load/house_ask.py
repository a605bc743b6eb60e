"""What house.bench asks of the home that it serves, from one client.

    house_ask.py radius PORT SECRET BEGAN     waits for the first answer to an Access-Request; prints the seconds since BEGAN
    house_ask.py search BASE CODE             logs in as support with a start code and searches among people by the page, each wish fifteen
                                              times; prints the slowest wish's median in milliseconds"""
import hashlib, hmac, os, socket, statistics, struct, sys, time, urllib.parse
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

WISHES = ["Anna", "Anna Ek", "Öberg", "Ek Åke", "an ek", "u123456", "u999999@ex.example", "Holm Ör", "Zorro", "A"]


def radius(port, secret, began):
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("127.0.0.2", 0))
    door.settimeout(0.05)
    asked = 0
    while True:
        # One request, sent again every second; while nobody listens, a new try.
        if time.time() - asked > 1:
            attributes = b"\x01\x04u5" + b"\x50\x12"
            head = struct.pack(">BBH", 1, 7, 20 + len(attributes) + 16) + hashlib.md5(str(began).encode()).digest()
            sign = hmac.new(secret.encode(), head + attributes + bytes(16), "md5").digest()
            door.sendto(head + attributes + sign, ("127.0.0.1", port))
            asked = time.time()
        try:
            door.recv(4096)
            print(round(time.time() - began, 2))
            return
        except ConnectionRefusedError:
            asked = 0
            time.sleep(0.01)
        except TimeoutError:
            pass


def search(base, code):
    from web_client import Web
    web = Web(base)
    web.start(code, "fyra ord i en lång rad")
    medians = {}
    for wish in WISHES:
        took = []
        for _ in range(15):
            began = time.time()
            page = web.get("/people?q=" + urllib.parse.quote(wish))
            took.append((time.time() - began) * 1000)
            if page.status != 200:
                sys.exit("search: %d at %s" % (page.status, page.path))
        medians[wish] = statistics.median(took)
    slowest = max(medians, key=medians.get)
    print(round(medians[slowest], 1), slowest.replace(" ", "_"))


if sys.argv[1] == "radius":
    radius(int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
else:
    search(sys.argv[2], sys.argv[3])
