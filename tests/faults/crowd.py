"""Many at once, and those who mean no good: slow clients, a crowd on the pages, Monday morning at the gate, one gateway that floods, a network
that loses and delays, little memory. Each time: who is honest is answered, in time, and the processes live.

The shares are small enough for a busy machine of two cores, so the times are bounds that a fault would break, not figures: those are ./bench's."""
import hashlib, os, random, re, select, socket, subprocess, sys, threading, time, urllib.request
from house import SECRET, WORK, Asker, House, grant, say
sys.path.insert(0, os.path.join(os.environ["TOP"], "tests", "radius"))
from wire import ACCEPT, USER, request

ALL = bool(os.environ.get("ALL"))


def one_get(port, path="/login", timeout=20):
    """Seconds until a page was there whole, on a connection of its own; None when it was not."""
    began = time.time()
    try:
        with urllib.request.urlopen("http://localhost:%d%s" % (port, path), timeout=timeout) as answer:
            answer.read()
            return time.time() - began if answer.status == 200 else None
    except OSError:
        return None


def pids(house):
    return {name: house.child(name) for name in ("web", "gateway", "reader", "core", "post", "seal")}


def end(name, house, before, more=()):
    say("%s: no process fell" % name, pids(house) == before, "%s, then %s: %s" % (before, pids(house), open(house.log).read()[-600:]))
    house.stop()


# --- slow clients ---

def slow(port, how, n, made):
    """n connections from several addresses that never get done: a head, a body or a reading that goes a byte at a time."""
    for i in range(n):
        one = socket.socket()
        one.setblocking(False)
        try:
            one.bind(("127.0.%d.%d" % (1 + i // 250 % 250, 1 + i % 250), 0))
            one.connect_ex(("127.0.0.1", port))
        except OSError:
            continue
        made.append((one, how))


def drip(made, is_over):
    """A byte now and then, as long as it lasts; who was cut off comes again, as an attacker's program does."""
    text = {"head": b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "read": b"GET /help HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" * 20,
            "body": b"POST /login HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\nuser="}
    begun = set()
    while not is_over.is_set():
        for i, (one, how) in enumerate(made):
            try:
                if i in begun:
                    if how != "read":
                        one.send(b"x")
                else:
                    port = one.getpeername()[1]
                    one.send(text[how].replace(b"%d", str(port).encode()))
                    begun.add(i)
            except BlockingIOError:
                pass
            except OSError:
                begun.discard(i)
        is_over.wait(1)


def slow_clients():
    house = House("slow", port=28330).start()
    house.fill()
    before = pids(house)
    asker = Asker(house.radius, window=4)
    asker.start()
    plain = sorted(filter(None, (one_get(house.port) for _ in range(40))))
    made, is_over = [], threading.Event()
    for how in ("head", "body", "read"):
        slow(house.port, how, 1200 if ALL else 400, made)
    worker = threading.Thread(target=drip, args=(made, is_over), daemon=True)
    worker.start()
    time.sleep(6)                     # the door is as full as it gets
    at, began = len(asker.accepts), time.time()
    took = [one_get(house.port) for _ in range(60)]
    good = sorted(t for t in took if t is not None)
    rate = (len(asker.accepts) - at) / (time.time() - began)
    is_over.set()
    worker.join()
    for one, _ in made:
        one.close()
    say("slow clients: %d of them, and every honest request is answered" % len(made), len(good) == len(took), "%d of %d" % (len(good), len(took)))
    say("slow clients: in time", good and good[-1] < 8 and good[len(good) // 2] < max(1.0, 20 * plain[len(plain) // 2]),
        "median %.3f s, longest %.3f s, without them %.3f s" % (good[len(good) // 2] if good else -1, good[-1] if good else -1, plain[len(plain) // 2]))
    say("slow clients: the gate does not notice", rate > 50, "%.0f accepts a second" % rate)
    asker.end()
    time.sleep(1)
    say("slow clients: gone, all is as before", one_get(house.port) is not None)
    end("slow clients", house, before)


# --- a crowd on the pages, with little memory ---

def memory_group(bytes):
    """A group that holds whoever is put into it to that memory, and how to ask whether it had to kill: (folder, file of ids), or None."""
    for base, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        at = "%s/samordna-test-%d" % (base, os.getpid())
        try:
            os.mkdir(at)
            open(os.path.join(at, limit), "w").write(str(bytes))
            return at
        except OSError:
            try:
                os.rmdir(at)
            except OSError:
                pass
    return None


def crowd():
    group = memory_group(256 << 20) if os.getuid() == 0 else None
    if group is None:
        print("skip crowd in 256 MiB: no group for memory can be made here", flush=True)
    house = House("crowd", port=28340)
    code, out, err = house.run("demo", timeout=240)
    if code:
        raise SystemExit("demo: " + err)
    enter = ("sh", "-c", 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"', "sh", group) if group else ()
    house.start(*enter)
    before = pids(house)
    code, out, err = house.run("people", "list", "--json")
    say("crowd: 5,000 people are there", out.count("\n") > 4900, "%d" % out.count("\n"))
    n = 800 if not ALL else 5000
    subprocess.run(["prlimit", "--pid", str(os.getpid()), "--nofile=20000:20000"], stderr=subprocess.DEVNULL)
    said = subprocess.run(["wrk", "-t2", "-c%d" % n, "-d%ds" % (20 if ALL else 4), "--timeout", "15s", "--latency", "-H", "Host: localhost:%d" % house.port,
                           "-s", os.path.join(WORK, "spread.lua"), "http://127.0.0.1:%d/login" % house.port], capture_output=True, text=True).stdout
    done = int((re.search(r"(\d+) requests in", said) or [0, 0])[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    say("crowd: %d at once are answered, none with an error" % min(n, 300), done > 500 and not bad, said)
    time.sleep(0.5)
    say("crowd: one more is answered after them", one_get(house.port) is not None)
    end("crowd", house, before)
    if group:
        for _ in range(50):
            try:
                os.rmdir(group)
                break
            except OSError:
                time.sleep(0.1)


# --- the gate ---

def monday():
    """A pool that is far too small and everybody at once, half of it kept for class 1: which gets in, and never waits for one of class 3."""
    house = House("monday", port=28350).start()
    path = os.path.join(WORK, "monday.csv")
    with open(path, "w") as f:
        f.write("id,name,email,phone,unit,manager,employment_end,roles,protected\n")
        for i in range(123):
            roles = {0: "manager employee", 1: "system_owner", 2: "support"}.get(i, "employee")
            f.write("p%d,Person Nummer %d,,,%s,%s,,%s,no\n" % (i, i, "Hemtjänst" if 3 <= i < 23 else "Kontor", "" if i == 0 else "p0", roles))
    for words in (("people", "import", path), ("people", "unit", "Hemtjänst", "--class", "1"), ("people", "unit", "Kontor", "--class", "3"), ("gateway", "enforce", "vpn1"),
                  ("capacity", "limit", "vpn1", "--licence", "40"), ("setting", "set", "capacity.kept_from_class_3", "50")):
        code, out, err = house.run(*words)
        if code:
            raise SystemExit("%s: %s" % (" ".join(words), err))
    for i in range(3, 123):
        code, out, err = house.run(*grant("p%d" % i))
        if code:
            raise SystemExit("grant: " + err)
    before = pids(house)
    door, let_in, waits, times = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), {}, {}, []
    door.settimeout(3)
    first, inverted = {"p%d" % i for i in range(3, 23)}, 0
    order = list(range(3, 123)) * 3
    random.shuffle(order)
    for i in order:                      # the crowd, each again and again until in
        who = "p%d" % i
        if who in let_in:
            continue
        packet = request(SECRET, [(USER, who.encode())])
        began = time.time()
        door.sendto(packet, ("127.0.0.1", house.radius))
        answer = door.recv(4096)
        times.append(time.time() - began)
        inverted += answer[0] == ACCEPT and who not in first and bool(first & set(waits))
        (let_in if answer[0] == ACCEPT else waits).setdefault(who, 0)
        (let_in if answer[0] == ACCEPT else waits)[who] += 1
    times.sort()
    say("monday: class 1 is let in, every one of it", first <= set(let_in), "waiting: %s" % sorted(first - set(let_in)))
    say("monday: nobody of class 3 was let in while one of class 1 waited", inverted == 0, inverted)
    say("monday: of class 1 nobody had to wait", not first & set(waits), sorted(first & set(waits)))
    say("monday: never more than the limit", len(let_in) <= 40 and len(waits) > 40, "%d in, %d waiting" % (len(let_in), len(waits)))
    say("monday: an answer takes at most a quarter of a second, 99 of 100", times[len(times) * 99 // 100] < 0.25, "%.3f s" % times[len(times) * 99 // 100])
    end("monday", house, before)


def flood():
    """One gateway with a right secret asks as fast as it can; another one's people are answered as always."""
    house = House("flood", port=28360, extra="radius.client = loud 127.0.0.2 loud-secret authorise-only\n").start()
    house.fill()
    before = pids(house)
    loud = subprocess.Popen([sys.executable, "-c", """
import os, socket, sys, time
sys.path.insert(0, sys.argv[2])
from wire import USER, request
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.bind(("127.0.0.2", 0))
one.setblocking(False)
packets = [request(b"loud-secret", [(USER, b"nobody%d" % i)]) for i in range(2000)]
sent, until = 0, time.time() + float(sys.argv[3])
while time.time() < until:
    for packet in packets:
        try:
            one.sendto(packet, ("127.0.0.1", int(sys.argv[1])))
            sent += 1
        except OSError:
            time.sleep(0.0005)
print(sent)
""", str(house.radius), os.path.join(os.environ["TOP"], "tests", "radius"), "30" if ALL else "5"], stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    door, lost, took = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0, []
    door.settimeout(1)
    while loud.poll() is None:
        packet = request(SECRET, [(USER, b"p%d" % random.randrange(3, 60))])
        began = time.time()
        for _ in range(4):               # as a gateway does: the same packet again after a second
            door.sendto(packet, ("127.0.0.1", house.radius))
            try:
                while door.recv(4096)[1] != packet[1]:
                    pass
                took.append(time.time() - began)
                break
            except TimeoutError:
                pass
        else:
            lost += 1
    sent = int(loud.communicate()[0])
    took.sort()
    say("flood: %d a second from one gateway, and none of another's is lost" % (sent // (30 if ALL else 5)), lost == 0 and len(took) > 20, "lost %d of %d" % (lost, len(took)))
    say("flood: nor late, but for a packet that is sent again", len(took) > 20 and took[len(took) // 2] < 0.25, "median %.3f s" % (took[len(took) // 2] if took else -1))
    end("flood", house, before)


def lossy():
    """A network between gateway and us that loses a fifth each way, delays, doubles and changes the order. Who is answered is answered once."""
    house = House("lossy", port=28370).start()
    house.fill()
    before = pids(house)
    there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    there.connect(("127.0.0.1", house.radius))
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    here.bind(("127.0.0.1", 0))
    is_over, gateway = threading.Event(), []

    def between():
        later = []
        while not is_over.is_set():
            ready, _, _ = select.select([here, there], [], [], 0.01)
            for one in ready:
                try:
                    if one is here:
                        packet, gateway[:] = one.recvfrom(4096)
                        gateway[:] = [gateway[0], gateway[1]] if len(gateway) == 2 else gateway
                    else:
                        packet = one.recv(4096)
                except OSError:
                    continue
                for _ in range(2 if random.random() < 0.1 else 1):
                    if random.random() >= 0.2:
                        later.append((time.time() + random.choice((0, 0, 0.02, random.uniform(0.05, 0.5))), one, packet))
            for entry in [e for e in later if e[0] <= time.time()]:
                later.remove(entry)
                try:
                    there.send(entry[2]) if entry[1] is here else here.sendto(entry[2], tuple(gateway))
                except OSError:
                    pass

    threading.Thread(target=between, daemon=True).start()
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect(here.getsockname())
    n = 400 if ALL else 60
    waiting = {}
    for i in range(n):
        packet = bytearray(request(SECRET, [(USER, b"p%d" % (3 + i % 57))]))
        waiting[bytes(packet[4:20])] = bytes(packet)
    answers, until = {}, time.time() + (120 if ALL else 25)
    while len(answers) < n and time.time() < until:
        for key, packet in waiting.items():
            if key not in answers:
                client.send(packet)
        back = time.time() + 1.0
        while time.time() < back:
            ready, _, _ = select.select([client], [], [], 0.05)
            if ready:
                packet = client.recv(4096)
                for key, sent in waiting.items():
                    if sent[1] == packet[1] and is_answer(packet, key):
                        answers.setdefault(key, set()).add(packet)
    is_over.set()
    say("lossy network: all %d are answered in the end" % n, len(answers) == n, "%d" % len(answers))
    say("lossy network: a packet that came again got the same bytes", all(len(a) == 1 for a in answers.values()), sorted(map(len, answers.values()))[-5:])
    leaves = sum(1 for action, _ in house.leaves().values() if action == "gate.accept")
    say("lossy network: one accept in the log for each", leaves == n, "%d leaves of %d" % (leaves, n))
    why = house.is_whole()
    say("lossy network: the log is whole", not why, why)
    end("lossy network", house, before)


def is_answer(packet, authenticator):
    return hashlib.md5(packet[:4] + authenticator + packet[20:] + SECRET).digest() == packet[4:20]


def soak():
    """Two minutes of pages, accepts and seals: what the processes hold does not grow with what they have answered."""
    if not ALL:
        return
    house = House("soak", port=28396).start()
    house.fill()
    before = pids(house)
    held = lambda pid: int(re.search(r"VmRSS:\s+(\d+)", open("/proc/%d/status" % pid).read())[1])
    open_files = lambda pid: len(os.listdir("/proc/%d/fd" % pid))
    asker = Asker(house.radius, window=16)
    asker.start()
    page = subprocess.Popen(["wrk", "-t1", "-c8", "-d140s", "-H", "Host: localhost:%d" % house.port, "http://127.0.0.1:%d/login" % house.port], stdout=subprocess.DEVNULL)
    time.sleep(30)                    # warm
    at, answered = {n: (held(p), open_files(p)) for n, p in before.items()}, len(asker.accepts)
    for _ in range(10):
        time.sleep(10)
        house.run("audit", "seal")
    now = {n: (held(p), open_files(p)) for n, p in before.items()}
    page.terminate()
    page.wait()
    grown = {n: (at[n], now[n]) for n in at if now[n][0] > at[n][0] * 1.1 + 4096 or now[n][1] > at[n][1] + 8}
    asker.end()
    say("soak: %d accepts and the pages beside them, and nobody has grown" % (len(asker.accepts) - answered), not grown and len(asker.accepts) > answered + 1000, grown)
    end("soak", house, before)


TESTS = dict(slow=slow_clients, crowd=crowd, monday=monday, flood=flood, lossy=lossy, soak=soak)
open(os.path.join(WORK, "spread.lua"), "w").write("-- each thread asks for the same page\n")
for one in os.environ.get("ONLY", " ".join(TESTS)).split():
    TESTS[one]()
