"""A served home for the fault tests: start, stop, its processes by name, its doors; and a RADIUS client that keeps a list of what it was told.

Every accept that the client got is judged later against the log: the list is the client's own, so nothing that the server
says of itself can hide a loss. Speaks to loopback only."""
import atexit, hashlib, hmac, json, os, random, select, signal, socket, struct, subprocess, sys, threading, time

BUILD, WORK = os.environ["BUILD"], os.environ["WORK"]
SAMORDNA = os.path.join(BUILD, "samordna")
SECRET = b"testing123"
PEOPLE = 60


def say(name, is_good, why=""):
    print(("ok " if is_good else "not ok ") + name, flush=True)
    if not is_good and why:
        print(why, file=sys.stderr, flush=True)
    return is_good


def run(*words, home=None, timeout=60, env=None):
    """Exit status, standard output, standard error."""
    line = [SAMORDNA, *words] + (["--home", home] if home else [])
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, env=env)
    except subprocess.TimeoutExpired:
        return 99, "", "no answer within %d s: %s" % (timeout, " ".join(words))
    return done.returncode, done.stdout, done.stderr


class House:
    def __init__(self, name, port=28300, extra="", where=None):
        self.home, self.port, self.radius = os.path.join(where or WORK, name), port, port + 1
        self.log = os.path.join(WORK, name + ".log")
        self.serve = None
        atexit.register(self.stop)     # also when a test falls
        code, out, err = run("init", home=self.home) if "store =" not in extra else (os.mkdir(self.home), "", "")    # that one is restored into
        if code:
            raise SystemExit("init: " + err)
        with open(self.home + "/samordna.conf", "a") as f:
            f.write("http.listen = 127.0.0.1:%d\nradius.listen = 127.0.0.1:%d\nradius.accounting = 127.0.0.1:%d\n"
                    "radius.client = vpn1 127.0.0.1 %s authorise-only\n%s" % (port, port + 1, port + 2, SECRET.decode(), extra))

    def start(self, *before, env=None):
        """Until it answers; a port that the dead still hold is waited for."""
        until = time.time() + 60
        while time.time() < until:
            at = os.path.getsize(self.log) if os.path.exists(self.log) else 0
            self.serve = subprocess.Popen([*before, SAMORDNA, "serve", "--home", self.home], stderr=open(self.log, "a"), env=env)
            for _ in range(1200):
                if self.serve.poll() is not None:
                    break
                if b"answers" in open(self.log, "rb").read()[at:]:      # bytes: the log speaks Swedish
                    return self
                time.sleep(0.01)
            if self.serve.poll() is None:
                self.serve.kill()
                self.serve.wait()
            time.sleep(0.05)
        raise SystemExit("serve does not start: " + open(self.log).read()[-2000:])

    def keeper(self):
        """serve's own process, also when something stands in front of it."""
        return self.serve.pid

    def child(self, name, patience=5.0):
        """pid of a process by its name; None when it does not come within patience."""
        until = time.time() + patience
        while True:
            try:
                for pid in open("/proc/%d/task/%d/children" % (self.keeper(), self.keeper())).read().split():
                    if open("/proc/%s/cmdline" % pid, "rb").read().split(b"\0")[0] == b"samordna-" + name.encode():
                        return int(pid)
            except OSError:
                pass
            if time.time() > until:
                return None
            time.sleep(0.01)

    def stop(self):
        if self.serve and self.serve.poll() is None:
            self.serve.terminate()
            try:
                self.serve.wait(30)
            except subprocess.TimeoutExpired:
                self.serve.kill()
                self.serve.wait()

    def run(self, *words, timeout=60):
        return run(*words, home=self.home, timeout=timeout)

    def fill(self):
        """People with grants for a year, so that the gate lets them in."""
        path = os.path.join(WORK, "people.csv")
        with open(path, "w") as f:
            f.write("id,name,email,phone,unit,manager,employment_end,roles,protected\n")
            for i in range(PEOPLE):
                roles = {0: "manager employee", 1: "system_owner", 2: "support"}.get(i, "employee")
                f.write("p%d,Person Nummer %d,p%d@ex.example,,Arkiv,%s,,%s,no\n" % (i, i, i, "" if i == 0 else "p0", roles))
        for words in [("people", "import", path)] + [grant("p%d" % i) for i in range(3, PEOPLE)]:
            code, out, err = self.run(*words)
            if code:
                raise SystemExit("%s: %s" % (" ".join(words), err))

    def is_whole(self):
        """The log, and every table from it. Empty when all is well."""
        code, out, err = self.run("audit", "verify", "--replay", "--json", timeout=300)
        try:
            good = json.loads(out.splitlines()[0])["ok"]
        except (IndexError, ValueError, KeyError):
            good = False
        return "" if code == 0 and good else "verify: exit %d\n%s%s" % (code, out[:2000], err)

    def leaves(self):
        """index -> (action, subject), from an export."""
        to = os.path.join(WORK, "export-%d" % random.getrandbits(40))
        code, out, err = self.run("audit", "export", to, timeout=300)
        if code:
            raise SystemExit("export: " + err)
        found = {}
        with open(to + "/leaves.ndjson") as f:
            for line in f:
                leaf = json.loads(line)
                found[leaf["index"]] = (leaf["action"], leaf["subject"])
        return found


def grant(person):
    """For most of a year from yesterday on."""
    day = [time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * 86400)) for n in (-1, 300)]
    return ("access", "grant", person, "--service", "vpn", "--from", day[0], "--to", day[1], "--requested-by", "p0", "--approved-by", "p1", "--executed-by", "p2", "--json")


class Asker(threading.Thread):
    """Keeps `window` authorise-only requests in flight and a list of (leaf, person) of each accept whose authenticator is right."""

    def __init__(self, port, window=32):
        super().__init__(daemon=True)
        self.to, self.window = ("127.0.0.1", port), window
        self.accepts, self.rejects, self.wrong, self.times = [], 0, 0, []
        self.is_over = False
        self.sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]
        self.waiting = {}              # (socket, id) -> (person, authenticator, since)
        self.next = 0

    def send(self, now):
        n = self.next
        self.next += 1
        key = (n % 4, n // 4 % 256)
        person, authenticator = "p%d" % random.randrange(3, PEOPLE), os.urandom(16)
        attributes = b"\x01" + bytes([2 + len(person)]) + person.encode()
        head = struct.pack("!BBH", 1, key[1], 20 + 18 + len(attributes)) + authenticator
        sign = hmac.new(SECRET, head + b"\x50\x12" + bytes(16) + attributes, hashlib.md5).digest()
        self.waiting[key] = (person, authenticator, now)
        try:
            self.sockets[key[0]].sendto(head + b"\x50\x12" + sign + attributes, self.to)
        except OSError:
            pass                       # nobody listens this moment

    def take(self, index, now):
        try:
            packet = self.sockets[index].recv(4096)
        except OSError:
            return
        waited = self.waiting.pop((index, packet[1]), None)
        if not waited or len(packet) < 20:
            return
        person, authenticator, _ = waited
        if hashlib.md5(packet[:4] + authenticator + packet[20:] + SECRET).digest() != packet[4:20]:
            self.wrong += 1
            return
        if packet[0] == 3:
            self.rejects += 1
        at, leaf = 20, None
        while packet[0] == 2 and at + 2 <= len(packet) and packet[at + 1] >= 2:
            if packet[at] == 25:
                leaf = int(packet[at + 2:at + packet[at + 1]].split(b":")[1])
            at += packet[at + 1]
        if leaf is not None:
            self.accepts.append((leaf, person))
            self.times.append(now)

    def run(self):
        while not self.is_over:
            now = time.monotonic()
            for key in [k for k, w in self.waiting.items() if now - w[2] > 1.0]:
                del self.waiting[key]
            while len(self.waiting) < self.window:
                self.send(now)
            ready, _, _ = select.select(self.sockets, [], [], 0.05)
            for one in ready:
                self.take(self.sockets.index(one), time.monotonic())

    def rate(self, span=0.5):
        """Accepts a second in the last `span` seconds."""
        now, n = time.monotonic(), 0
        for at in reversed(self.times):
            if now - at > span:
                break
            n += 1
        return n / span

    def end(self):
        self.is_over = True
        self.join(5)


def judge(leaves, accepts):
    """Of the client's accepts: which the log does not have as accept of that person, and which it gave twice."""
    lost = [(leaf, person) for leaf, person in accepts if leaves.get(leaf) != ("gate.accept", person)]
    seen = [leaf for leaf, _ in accepts]
    return lost, len(seen) - len(set(seen))
