"""The model behind tests/sessions.sh: what is true at a gateway, and what the server must have counted.

A step is 20 seconds of the held clock. The gateway keeps each session until its Session-Timeout, as a gateway does, and tells of it by packets that the network
treats badly. The reconcile is its own list, handed over every minute; or, for one that speaks RADIUS alone, its answers when it is asked about one session after the other (CoA),
which get lost too. Truth: the sessions that are in at the gateway. What must hold:

    truth <= places        at every moment, also right after a kill: nobody is over-committed
    count >= truth         at every moment
    count == truth         after a list, but for what was offered and has not begun (it counts until its lease), and for what was heard of less than the age
                           of a list before it; without a list, but for what nothing was heard of for less than two interims and some rounds of questions
"""
import concurrent.futures, hashlib, threading, importlib.machinery, importlib.util, json, os, random, struct, sys, time, datetime

HERE = os.path.dirname(os.path.abspath(__file__))
loader = importlib.machinery.SourceFileLoader("scenario_run", os.path.join(HERE, "../scenarios/run"))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("scenario_run", loader))
loader.exec_module(run)

PLACES, PEOPLE, STEP, STEPS, INTERIM, LEASE, LIST_AGE, SILENT = 8, 24, 20, 110, 300, 360, 30, 630 + 10 * 20
START, STOP, INTERIM_UPDATE, ON = 1, 2, 3, 7


class Gateway:
    def __init__(self, seed, is_alone):
        self.chance, self.seed, self.is_alone, self.answers, self.is_over, self.answering = random.Random(seed), seed, is_alone, 0, False, None
        self.with_class = seed % 2 == 0                  # a gateway that brings our Class back, and one that does not
        self.inside, self.offered, self.late, self.heard = {}, {}, [], {}
        self.history = []
        self.n, self.step, self.accepts, self.refusals, self.kills, self.most, self.wrong = 0, 0, 0, 0, 0, 0, []
        self.play = run.Play(os.path.join(os.environ["WORK"], "seed%d%s.txt" % (seed, "a" if is_alone else "")))
        self.play.gateways.append("vpn1")

    # --- the house ---

    def begin(self):
        play = self.play
        for who, role in (("bo", "manager"), ("siv", "system_owner"), ("per", "support")):
            play.people[who] = {"id": who, "name": who, "unit": "It", "roles": role + " employee"}
        for i in range(PEOPLE):
            play.people["p%d" % i] = {"id": "p%d" % i, "name": "P %d" % i, "unit": ("Vard", "Vard", "Arkiv", "Bygg")[i % 4], "roles": "employee", "manager": "bo"}
        play.classes = {"Vard": "1", "Arkiv": "2", "Bygg": "3"}
        play.is_changed = True
        if self.is_alone:
            serve = play.serve
            def serve_with_coa():
                conf = open(play.home + "/samordna.conf").read()
                open(play.home + "/samordna.conf", "w").write(conf.replace("disconnect=%d\n" % run.ENDS, "disconnect=%d coa\n" % run.ENDS))
                serve()
            play.serve = serve_with_coa
        play.settle()
        if self.is_alone:
            self.answering = threading.Thread(target=self.answer, args=(play.ends.sockets["vpn1"],))
            self.answering.start()
        play.must("capacity", "limit", "vpn1", "--licence", str(PLACES))
        for i in range(PEOPLE):
            play.must("access", "grant", "p%d" % i, "--service", "vpn", "--from", "2026-03-02", "--to", "2026-12-01", "--requested-by", "bo", "--approved-by", "siv", "--executed-by", "per")
        self.address = play.address("vpn1")

    def now(self):
        return int(self.play.clock.moment.timestamp())

    # --- packets ---

    def ask(self, who, sid):
        return run.radius(self.address, 1, [(1, who.encode()), (44, sid.encode()), (31, b"192.0.2.9")], run.RADIUS)

    def tell(self, kind, sid, s):
        attributes = [(40, struct.pack("!I", kind))]
        if kind != ON:
            attributes += [(1, s["who"].encode()), (44, sid.encode()), (46, struct.pack("!I", max(0, self.now() - s["began"])))]
            attributes += [(25, s["class"])] if self.with_class and s["class"] else []
        else:
            attributes += [(41, struct.pack("!I", self.now() - s["began"]))]
        if not run.radius(self.address, 4, attributes, run.ACCOUNTING):
            self.wrong.append("accounting was not acknowledged")
        if kind != ON:
            self.heard[sid] = self.now()
        self.history.append((self.step, kind, sid))

    def send(self, kind, sid, s):
        """Lost; or sent once or twice, at once or up to a minute late."""
        if self.chance.random() < 0.35:
            return
        for _ in range(1 + (self.chance.random() < 0.3)):
            if self.chance.random() < 0.4:
                self.late.append((self.step + self.chance.randint(1, 3), kind, sid, dict(s)))
            else:
                self.tell(kind, sid, s)

    # --- questions ---

    def answer(self, sock):
        """RFC 5176: is this session there? What is asked or answered gets lost as all else does."""
        lost = random.Random(self.seed)
        sock.settimeout(0.3)
        while not self.is_over:
            try:
                packet, where = sock.recvfrom(4096)
            except TimeoutError:
                continue
            said, at = {}, 20
            while at < len(packet):
                said[packet[at]] = packet[at + 2:at + packet[at + 1]]
                at += packet[at + 1]
            if packet[0] != 43 or lost.random() < 0.35:
                continue
            is_there = said.get(44, b"").decode() in self.inside
            body = b"" if is_there else struct.pack("!BBI", 101, 6, 503)
            head = struct.pack("!BBH", 44 if is_there else 45, packet[1], 20 + len(body))
            sock.sendto(head + hashlib.md5(head + packet[4:20] + body + run.SECRET).digest() + body, where)
            self.answers += 1

    # --- a step ---

    def log_in(self, who, sid):
        answer = self.ask(who, sid)
        if answer and answer[0] == 2 and self.chance_of[sid] < 0.2:
            again = self.ask(who, sid)                  # the accept was lost: asked once more, and one place
            if not again or again[0] != 2:
                self.wrong.append("an accept that was asked for again is refused")
        return who, sid, answer

    def arrivals(self):
        busy = {s["who"] for s in list(self.inside.values()) + list(self.offered.values())}
        free = [w for w in ("p%d" % i for i in range(PEOPLE)) if w not in busy]
        wanted = []
        for who in self.chance.sample(free, min(len(free), self.chance.randint(0, 7))):
            self.n += 1
            wanted.append((who, "s%d-%d" % (self.seed, self.n)))
        self.chance_of = {sid: self.chance.random() for _, sid in wanted}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda w: self.log_in(*w), wanted))
        for who, sid, answer in answers:
            if not answer:
                self.wrong.append("no answer")
            elif answer[0] == 2:
                self.accepts += 1
                s = {"who": who, "began": self.now(), "until": self.now() + struct.unpack("!I", answer[1][27][0])[0], "told": self.now(), "class": answer[1].get(25, [b""])[0]}
                self.offered[sid] = s
                if self.chance.random() > 0.15:         # else it never begins
                    self.inside[sid] = s
                    self.send(START, sid, s)
            else:
                self.refusals += 1

    def live(self):
        for sid, s in list(self.inside.items()):
            if self.now() >= s["until"] or self.chance.random() < 0.02:
                del self.inside[sid]
                self.send(STOP, sid, s)
            elif self.now() - s["told"] >= INTERIM:
                s["told"] = self.now()
                self.send(INTERIM_UPDATE, sid, s)
        # Of what was let in and not heard of nobody knows yet whether it has begun: its place is taken until the lease is over.
        self.offered = {sid: s for sid, s in self.offered.items() if self.now() - s["began"] < LEASE and sid not in self.heard}
        if self.chance.random() < 0.02:                 # the gateway restarts: nobody is in any more, and it may not get that across
            self.inside.clear()
            self.send(ON, "", {"began": self.now()})

    def deliver(self):
        due = [p for p in self.late if p[0] <= self.step]
        self.late = [p for p in self.late if p[0] > self.step]
        self.chance.shuffle(due)
        for _, kind, sid, s in due:
            self.tell(kind, sid, s)

    def reconcile(self):
        path = self.play.home + ".list"
        with open(path, "w") as f:
            json.dump([{"ID": i + 1, "Username": s["who"], "Full session": sid, "Remote IP": "192.0.2.9", "IPv4": "10.9.0.%d" % (i + 2), "State": "connected"}
                       for i, (sid, s) in enumerate(self.inside.items())], f)
        while self.play.command("gateway", "listed", path, "--gateway", "vpn1").returncode == 8:
            time.sleep(0.05)                            # just started: it is handed over again
        for sid in self.inside:
            self.heard[sid] = self.now()

    def kill(self):
        self.play.server.kill()
        self.play.server.wait()
        self.kills += 1
        self.play.serve()

    def count(self):
        return self.play.must("capacity", "show", "vpn1")[0]["taken"]

    def check(self, is_reconciled):
        truth, count = len(self.inside), self.count()
        self.most = max(self.most, truth)
        offered = sum(1 for sid in self.offered if sid not in self.inside and sid not in self.heard)
        recent = sum(1 for sid, at in self.heard.items() if sid not in self.inside and self.now() - at <= (SILENT if self.is_alone else LIST_AGE))
        for is_right, what in ((truth <= PLACES, "more are in than there are places"), (count >= truth, "the count is below the truth"),
                               (not is_reconciled or count <= truth + offered + recent, "the count is above the truth after a reconcile")):
            if not is_right:
                self.wrong.append("step %d: %s: %d in, %d counted, %d offered, %d heard of lately" % (self.step, what, truth, count, offered, recent))

    def run(self):
        self.begin()
        steps = 45 if self.is_alone else STEPS
        for self.step in range(steps):
            self.play.clock.set(self.play.clock.moment + datetime.timedelta(seconds=STEP))
            self.deliver()
            self.live()
            if self.step < steps - 25:
                self.arrivals()
            if self.chance.random() < 0.03:
                self.kill()
            is_reconciled = self.is_alone or self.step % 3 == 2
            if self.is_alone:
                time.sleep(1.3)                         # the house asks every second of the true clock, a round every 20 of the held one
            elif is_reconciled:
                self.reconcile()
            self.check(is_reconciled)
            if self.wrong:
                break
        if not self.wrong:
            self.inside.clear()                         # all are gone, and not a word of it
            self.late.clear()
            for _ in range(12 if self.is_alone else 2):
                self.play.clock.set(self.play.clock.moment + datetime.timedelta(seconds=SILENT / 8 if self.is_alone else LEASE))
                time.sleep(1.3) if self.is_alone else self.reconcile()
            if self.count():
                self.wrong.append("%d are counted when all have left" % self.count())
            verified = self.play.command("audit", "verify", "--replay").stdout
            if '"ok":true' not in verified:
                self.wrong.append("the log does not replay: " + verified)

    def show(self):
        """For whoever looks for the cause: what is stored of those that are counted and not in."""
        import sqlite3
        rows = sqlite3.connect(self.play.home + "/store/samordna.db").execute(
            "SELECT s.id, p.code, s.nas_session, s.offered_at / 1000, s.opened_at / 1000, s.closed_at / 1000, s.cause FROM session s LEFT JOIN person p ON p.id = s.person ORDER BY s.id").fetchall()
        for row in rows:
            if row[5] is None and row[2] not in self.inside:
                print("not in: ", row[:3], [x and x - self.now() for x in row[3:]], row[2] in self.offered, self.heard.get(row[2], 0) - self.now(), [h for h in self.history if h[2] in ("", row[2])], self.step, file=sys.stderr)

    def end(self):
        if self.play.server:
            self.play.server.kill()
            self.play.server.wait()
        self.is_over = True
        if self.answering:
            self.answering.join()
        if self.play.ends:
            self.play.ends.close()


def turns():
    """A seed, and whether its gateway has a list: "3" has one, "3a" is alone."""
    for word in os.environ.get("SEEDS", "1,2,3,4,5,6,1a,2a,3a" if os.environ.get("ALL") else "1,2,1a").split(","):
        yield int(word.rstrip("a")), word.endswith("a")


for seed, is_alone in turns():
    gateway = Gateway(seed, is_alone)
    try:
        gateway.run()
    except Exception as error:
        gateway.wrong.append(repr(error))
    finally:
        if gateway.wrong and not run.POSTGRES:
            gateway.show()
        gateway.end()
    name = "the count holds against the model, %s, seed %d" % ("asked about one by one" if is_alone else "with a list", seed)
    print("%s %s" % ("not ok" if gateway.wrong else "ok", name), flush=True)
    print("%s: %d let in, %d refused, at most %d of %d in, %d kills, %d answers%s" % (name, gateway.accepts, gateway.refusals, gateway.most, PLACES, gateway.kills, gateway.answers,
          "".join("; " + w for w in gateway.wrong[:3])), file=sys.stderr, flush=True)
    if not gateway.wrong and not gateway.refusals:
        print("not ok %s: the limit was met" % name)
