"""tests/secrets.sh runs this: python3 planted.py SAMORDNA WORK.

Passwords (of log-ins, right and wrong ones; of RADIUS, through an upstream that says yes or no), TOTP seeds, start codes, saved codes,
session tokens, bearer tokens, RADIUS secrets, a backup's passphrase: each is random, each is remembered, and each is looked for as it
stands, in hex, in base64 and as it would stand in a form, in: every file of the home but samordna.conf, the export, both backups, the
operations log, what commands print afterwards, the answers of RADIUS, pages of others."""
import base64, json, os, secrets, socket, subprocess, sys, threading, time, urllib.parse
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(sys.path[0], "radius"))
import wire
from web_client import Web

S, WORK = sys.argv[1], sys.argv[2]
HOME, BASE, HTTP, AUTH, UP = WORK + "/home", "http://localhost:28093", 28093, 28092, 28091
STAFF, TRIES = 18, 520
planted, seen = {}, []          # secret -> what it is; bytes that came out where no secret belongs
lock = threading.Lock()


def check(name, good, got=""):
    print(("ok " if good else "not ok ") + name, flush=True)
    if not good:
        print("%s: %s" % (name, str(got)[:1500]), file=sys.stderr, flush=True)


def plant(kind, secret):
    with lock:
        planted[secret] = kind
    return secret


def word(kind, n=18):
    return plant(kind, secrets.token_urlsafe(n))


def cli(*words):
    done = subprocess.run([S, *words, "--home", HOME, "--json"], capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


class Upstream(threading.Thread):
    """The organisation's own RADIUS: yes to passwords that it knows."""
    def __init__(self, secret, right):
        super().__init__(daemon=True)
        self.secret, self.right, self.passwords = secret.encode(), right, set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", UP))

    def run(self):
        while True:
            packet, peer = self.socket.recvfrom(4096)
            password = wire.show(self.secret, packet[4:20], wire.first(packet, wire.PASSWORD)).decode("utf-8", "replace")
            self.passwords.add(password)
            proxy = [(t, v) for t, v in wire.read(packet) if t == wire.PROXY]
            self.socket.sendto(wire.reply(self.secret, packet, wire.ACCEPT if password in self.right else wire.REJECT, proxy), peer)


def ask(link, n, user, password, secret):
    link.sendto(wire.request(secret.encode(), [(wire.USER, user.encode()), (wire.PASSWORD, password.encode())], ident=n % 256), ("127.0.0.1", AUTH))
    try:
        answer = link.recv(4096)
        seen.append(answer)
        return answer[0]
    except socket.timeout:
        return 0


def prepare():
    code = json.loads(subprocess.run([S, "init", "--home", HOME, "--org", "Provkommunen", "--json"], capture_output=True).stdout)["code"]
    plant("start code", code)
    secret, upstream = word("RADIUS secret"), word("RADIUS secret")
    with open(HOME + "/samordna.conf", "a") as conf:
        conf.write("http.listen = 127.0.0.1:%d\nradius.listen = 127.0.0.1:%d\nradius.accounting = 127.0.0.1:28090\n" % (HTTP, AUTH))
        conf.write("radius.client = vpn0 127.0.0.1 %s\nradius.upstream = 127.0.0.1:%d %s\n" % (secret, UP, upstream))
        for n in range(1, 60):
            conf.write("radius.client = vpn%d 192.0.2.%d %s\n" % (n, n, word("RADIUS secret")))
    with open(WORK + "/people.csv", "w") as file:
        file.write("id,name,email,phone,unit,manager,employment_end,roles,protected\nb0,Bo Berg,bo@ex.example,,Arkiv,,,manager employee,\n"
                   "s0,Siv Ek,siv@ex.example,,IT,b0,,system_owner,\nt0,Per Holm,per@ex.example,,IT,b0,,support,\n")
        for n in range(STAFF):
            file.write("p%d,Anna Namn%d,anna%d@ex.example,,Arkiv,b0,,employee,\n" % (n, n, n))
    return code, secret, upstream


def give_radius(secret, upstream_secret):
    right = {word("RADIUS password") for _ in range(TRIES // 2)}
    wrong = [word("RADIUS password") for _ in range(TRIES // 2)]
    upstream = Upstream(upstream_secret, right)
    upstream.start()
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.settimeout(3)
    codes = [ask(link, n, "p0", password, secret) for n, password in enumerate(sorted(right) + wrong)]
    check("RADIUS passwords go to the upstream and back", len(upstream.passwords & set(planted)) >= TRIES * 0.9 and codes.count(2) >= TRIES * 0.4
          and codes.count(3) >= TRIES * 0.4, (len(upstream.passwords), codes.count(2), codes.count(3)))


def person(n):
    """One enrols, logs in, and mistypes a password in both places."""
    status, out, err = cli("people", "recover", "p%d" % n)
    if status:
        return check("recover", False, err)
    code = plant("start code", json.loads(out)["code"])
    password = word("password")
    web = Web(BASE)
    plant("TOTP seed", web.start(code, password))
    for saved in web.codes:
        plant("saved code", saved)
    plant("session", web.cookies["samordna"])
    other = Web(BASE)
    page = other.post("/login", {"user": "p%d" % n, "password": word("mistyped password")})
    with lock:
        seen.append(page.body)
        seen.append(web.get("/me").body)


def give_web(code):
    ulla = Web(BASE)
    password = word("password")
    plant("TOTP seed", ulla.set_up(code, "Ulla Ekman", "ulla@ex.example", password))
    for saved in ulla.codes:
        plant("saved code", saved)
    plant("session", ulla.cookies["samordna"])
    for n in range(STAFF):
        person(n)
        subprocess.run(["sqlite3", HOME + "/store/samordna.db", "PRAGMA busy_timeout=5000; DELETE FROM budget"], capture_output=True)
    return ulla


def give_tokens():
    for n in range(70):
        status, out, err = cli("token", "make", "program%d" % n)
        if status:
            return check("token", False, err)
        token = plant("bearer token", json.loads(out)["token"])
        page = Web(BASE).request("POST", "/api/v1/gate/ask", b'{"person":"p0"}', {"Authorization": "Bearer " + token, "Content-Type": "application/json",
                                 "Origin": None, "Sec-Fetch-Site": None})
        seen.append(page.body)
    for n in range(90):
        page = Web(BASE).request("POST", "/api/v1/gate/ask", b'{"person":"p0"}', {"Authorization": "Bearer " + word("wrong bearer token"),
                                 "Content-Type": "application/json", "Origin": None, "Sec-Fetch-Site": None})
        seen.append(page.body)


def look(ulla):
    passphrase = word("passphrase")
    open(WORK + "/passphrase", "w").write(passphrase + "\n")
    ran = [cli("audit", "seal"), cli("audit", "export", WORK + "/export"), cli("backup", "create", WORK + "/plain"),
           cli("backup", "create", WORK + "/sealed", "--passphrase", WORK + "/passphrase"), cli("audit", "verify", "--replay"), cli("people", "list"),
           cli("access", "list"), cli("token", "list"), cli("setting", "list"), cli("gateway", "list"), cli("gate", "ask", "p0"), cli("status")]
    check("commands", all(status == 0 for status, _, _ in ran), ran)
    for _, out, err in ran:
        seen.extend((out, err))
    for path in ("/", "/people", "/people/p0", "/admin", "/admin/audit", "/me", "/access", "/tasks", "/help"):
        seen.append(ulla.get(path).body)


def haystacks():
    out = {"what came out": b"\n".join(seen)}
    for top in ("home", "export"):
        for folder, _, files in os.walk(WORK + "/" + top):
            for name in files:
                path = folder + "/" + name
                if name != "samordna.conf" and os.path.isfile(path):
                    out[path[len(WORK) + 1:]] = open(path, "rb").read()
    for name in ("plain", "sealed", "serve.log"):
        out[name] = open(WORK + "/" + name, "rb").read()
    return out


def forms(secret, kind):
    raw = secret.encode()
    each = {raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), urllib.parse.quote(secret, safe="").encode(), raw.replace(b"-", b""),
            raw.hex().upper().encode()}
    if kind == "TOTP seed":
        key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        each |= {key, key.hex().encode(), base64.b64encode(key).rstrip(b"="), raw.lower()}
    return each


def main():
    code, secret, upstream = prepare()
    log = open(WORK + "/serve.log", "w")
    server = subprocess.Popen([S, "serve", "--home", HOME], stderr=log, stdout=log)
    try:
        for _ in range(100):
            try:
                if Web(BASE).request("GET", "/readyz").status == 200:
                    break
            except OSError:
                pass
            time.sleep(0.1)
        check("people", cli("people", "import", WORK + "/people.csv")[0] == 0)
        today = time.time()
        day = lambda n: time.strftime("%Y-%m-%d", time.gmtime(today + n * 86400))
        check("grant", cli("access", "grant", "p0", "--service", "vpn", "--from", day(-1), "--to", day(90), "--requested-by", "b0", "--approved-by", "s0",
                           "--executed-by", "t0")[0] == 0)
        give_radius(secret, upstream)
        ulla = give_web(code)
        give_tokens()
        look(ulla)
        memory = b""
        for pid in subprocess.run(["ps", "-o", "pid=", "--ppid", str(server.pid)], capture_output=True, text=True).stdout.split():
            for name in ("cmdline", "environ"):
                try:
                    memory += open("/proc/%s/%s" % (pid, name), "rb").read()
                except OSError:
                    pass
        seen.append(memory)
    finally:
        server.terminate()
        server.wait(20)
    kinds = {}
    for kind in planted.values():
        kinds[kind] = kinds.get(kind, 0) + 1
    check("1,000 secrets are planted (%d: %s)" % (len(planted), ", ".join("%d %s" % (n, k) for k, n in sorted(kinds.items()))), len(planted) >= 1000)
    places = haystacks()
    # That looking finds what is there: a name stands in the store and the backup, a subject in leaves and the export.
    check("what is no secret is found where it stands", all(any(n in data for where, data in places.items() if where.startswith(at)) for n, at in
          ((b"Anna Namn7", "home/store"), (b"Anna Namn7", "plain"), (b"account.recover", "export"), (b"account.recover", "home/store"), (b"p7", "what came"))))
    check("a sealed backup tells nothing", b"Anna Namn7" not in places["sealed"] and b"SQLite" not in places["sealed"])
    for where in ("home", "export", "plain", "sealed", "serve.log", "what came out"):
        data = b"\0".join(bytes_ for name, bytes_ in places.items() if name.startswith(where))
        found = {"%s (%s)" % (kind, form[:60]) for secret_, kind in planted.items() for form in forms(secret_, kind) if form in data}
        check("none stands in %s (%d bytes)" % (where, len(data)), not found and len(data) > 0, sorted(found)[:5])


main()
