"""The same inside the server: while a request of each kind is answered, the n-th time that anything asks for memory there is none, once, and then for as
long as the request takes; n = 1, 2, ... until the request comes through without. The answer is the right one, or says that there is none, or the
server falls and is started again; the next asker gets what is right; and in the end every accept that was answered is in the log, and the log is whole.

The server runs in one process (serve --one): behind walls nothing from outside can steer a process of it. The code is the same; that a process
which fell is started again by keeper is what tests/kills.sh shows.

no_memory_inside.py LIBRARY PLACES: at most so many places of each kind; 0: every one."""
import http.client, mmap, os, random, struct, sys, time, urllib.error, urllib.request
from house import WORK, Asker, House, grant, judge, say

LIBRARY, PLACES = sys.argv[1], int(sys.argv[2])
NO_MEMORY = (None, 500, 503, 504, 507)          # None: the connection was closed


class One(House):
    def start(self, *before, env=None):
        wrap = WORK + "/one.sh"
        with open(wrap, "w") as f:
            f.write('#!/bin/sh\nexec "$@" --one\n')
        os.chmod(wrap, 0o755)
        return super().start(wrap, env=env)


class Control:
    """What the library shares with the server: is_on, left, goes_on, asked, failed."""

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(bytes(4096))
        with open(path, "r+b") as f:
            self.at = mmap.mmap(f.fileno(), 4096)

    def arm(self, left, goes_on):
        self.at[0:8] = bytes(8)
        self.at[8:40] = struct.pack("4l", left, goes_on, 0, 0)
        self.at[0:8] = struct.pack("l", 1)

    def disarm(self):
        """How often memory was asked for, and how often there was none."""
        self.at[0:8] = bytes(8)
        return struct.unpack("5l", self.at[0:40])[3:]


def page(house, path):
    try:
        with urllib.request.urlopen("http://localhost:%d%s" % (house.port, path), timeout=8) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()
    except (OSError, http.client.HTTPException):
        return None, b""


# A try gives True when the answer is right, False when it is wrong, None when it was refused, and what was seen.

def command(house, *words, same=True):
    def ask(right):
        code, out, err = house.run(*words, timeout=30)
        if code == 0:
            return not same or right is None or out == right, out
        return (None if err.strip() else False), "exit %d: %s" % (code, err)
    return ask


def whole_page(house, path):
    def ask(right):
        status, body = page(house, path)
        if status == 200:
            return body.rstrip().endswith(b"</html>"), body
        return (None if status in NO_MEMORY else False), "%s %r" % (status, body[-100:])
    return ask


def kinds(house):
    csv = WORK + "/people.csv"
    return [
        ("people list", command(house, "people", "list", "--json")),
        ("gate ask", command(house, "gate", "ask", "p7", "--json", same=False)),
        ("access grant", command(house, *grant("p8"), same=False)),
        ("people import", command(house, "people", "import", csv, "--json", same=False)),
        ("audit seal", command(house, "audit", "seal", "--json", same=False)),
        ("audit verify", command(house, "audit", "verify", "--json", same=False)),
        ("mail outbox", command(house, "mail", "outbox", "--json", same=False)),
        ("the log-in page", whole_page(house, "/login")),
        ("a page of help", whole_page(house, "/help")),
        ("an accept", lambda right: (time.sleep(0.2), (True, ""))[1]),
    ]


class Play:
    def __init__(self):
        self.control, self.tries, self.fell, self.how = Control(WORK + "/control"), 0, 0, []
        self.house = One("inside", port=28380)
        self.env = dict(os.environ, LD_PRELOAD=LIBRARY, FAIL_CONTROL=WORK + "/control")
        self.house.start(env=self.env)
        self.house.fill()
        self.asker = Asker(self.house.radius, window=2)
        self.asker.start()

    def answers(self):
        """Whether the server serves again: a page, a command, an accept. One that fell, perhaps a moment later, is started first."""
        house, at, until = self.house, len(self.asker.accepts), time.time() + 60
        while time.time() < until:
            if house.serve.poll() is not None:
                self.fell += 1
                if house.serve.returncode not in (-6, 1):      # abort() with a word, or an end of its own
                    self.how.append("it ended with %d: %s" % (house.serve.returncode, open(house.log).read()[-300:]))
                house.start(env=self.env)
            if page(house, "/healthz")[0] == 200 and len(self.asker.accepts) > at and house.run("gate", "ask", "p7", "--json", timeout=10)[0] == 0:
                return True
            time.sleep(0.05)
        return False

    def kind(self, name, ask):
        house, fell = self.house, self.fell
        self.answers()
        right = ask(None)
        self.control.arm(0, 0)
        ask(right[1])
        total = self.control.disarm()[0]
        places = list(range(1, total + 1))
        if PLACES and total > PLACES:
            places = sorted(set(places[:PLACES // 2] + random.sample(places, PLACES // 2)))
        wrong, refused, hit, tries = [] if right[0] is True else ["without a fault: %s" % right[1]], 0, 0, 0
        for at in places:
            for goes_on in (0, 1):
                self.control.arm(at, goes_on)
                verdict, seen = ask(right[1])
                failed = self.control.disarm()[1]
                tries += 1
                hit += failed > 0
                refused += verdict is None
                how = "%d%s" % (at, " and on" if goes_on else "")
                if verdict is False:
                    wrong.append("%s: %s" % (how, str(seen)[-300:]))
                if not self.answers():
                    wrong.append("%s: it does not serve again: %s" % (how, open(house.log).read()[-400:]))
                    house.stop()
        wrong += self.how
        self.how = []
        say("no memory inside: %s" % name, not wrong and hit > 0, "%d tries, %d without memory: %s" % (tries, hit, "\n".join(wrong[:6])))
        print("%s: %d places, %d tries, %d without memory, %d refused, it fell %d times" % (name, total, tries, hit, refused, self.fell - fell), file=sys.stderr)
        self.tries += tries


def main():
    play = Play()
    for name, ask in kinds(play.house):
        play.kind(name, ask)
    play.asker.end()
    lost, twice = judge(play.house.leaves(), play.asker.accepts)
    say("no memory inside: every accept that was answered is in the log, once", not lost and not twice and len(play.asker.accepts) > 100,
        "%d accepts, lost %s, twice %d" % (len(play.asker.accepts), lost[:10], twice))
    why = play.house.is_whole()
    say("no memory inside: the log is whole", not why, why)
    play.house.stop()
    print("%d tries inside" % play.tries, file=sys.stderr)


main()
