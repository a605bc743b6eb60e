"""A served home for tests of pages, and how they say what they saw.

    from served import Home, check, has
    home = Home(port, PEOPLE, conf="radius.listen = ...\\n")   # init, settings, the people of a CSV; .code is the first start code
    with home:                                                # serves until the end, also when the test falls
        web = home.web()                                      # a browser without a window (web_client); lang="sv"
        home.run("people", "list")                            # a command: .returncode .stdout .stderr
        home.logged_in("p4")                                  # a browser in which that person has set up a login
    home.logs(), home.watched(key), home.kill("reader")       # what the watch says; a process gone and come again
    home.is_whole()                                           # the log is whole and every table is its fold
"""
import json, os, re, signal, sqlite3, subprocess, sys, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from web_client import Web

S, WORK = os.environ["BUILD"] + "/samordna", os.environ["WORK"]
PASSWORD = "fyra ord i en lång rad"
CODE = r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4})+)</code>"


def check(name, is_right, seen=""):
    print(("ok " if is_right else "not ok ") + name, flush=True)
    if not is_right:
        print("%s: %s" % (name, str(seen)[:1500]), file=sys.stderr, flush=True)
    return is_right


def has(name, page, *texts, status=200):
    """A page of that status whose words, or whose source, have all the texts."""
    lacks = [t for t in texts if t not in page.words() and t not in page.text]
    return check(name, page.status == status and not lacks, "status %d at %s lacks %s in: %s" % (page.status, page.path, lacks, page.words()))


def until(what, seconds=20):
    """Asks until it is so; false when the time is out."""
    end = time.time() + seconds
    while time.time() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


class Home:
    def __init__(self, port, people=None, conf="", name="home", prepare=None):
        self.at, self.port, self.base, self.process = os.path.join(WORK, name), port, "http://localhost:%d" % port, None
        self.log = self.at + ".log"
        self.code = json.loads(self.run("init", "--org", "Provkommunen").stdout)["code"]
        with open(self.at + "/samordna.conf", "a") as f:
            f.write("http.listen = 127.0.0.1:%d\n%s" % (port, conf))
        if people:
            with open(self.at + ".csv", "w") as f:
                f.write(people)
            done = self.run("people", "import", self.at + ".csv")
            if done.returncode:
                sys.exit("people import: " + done.stdout + done.stderr)

    def run(self, *words, **more):
        return subprocess.run([S, *words, "--home", self.at, "--json"], capture_output=True, text=True, timeout=120, **more)

    def __enter__(self):
        self.process = subprocess.Popen([S, "serve", "--home", self.at], stderr=open(self.log, "w"))
        for _ in range(400):
            if "answers" in open(self.log).read():
                return self
            time.sleep(0.05)
        self.__exit__()
        sys.exit("serve does not answer: " + open(self.log).read()[-1500:])

    def __exit__(self, *why):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def web(self, lang="en"):
        return Web(self.base, lang)

    def logged_in(self, person, password=PASSWORD):
        """By a start code from the server's own account, so that nobody must be logged in before."""
        web = self.web()
        web.start(json.loads(self.run("people", "recover", person).stdout)["code"], password)
        return web

    def sql(self, statement, *args):
        """Reads the store beside the server; SQLite only."""
        store = sqlite3.connect("file:%s/store/samordna.db?mode=ro" % self.at, uri=True, timeout=10)
        try:
            return store.execute(statement, args).fetchall()
        finally:
            store.close()

    def logs(self):
        """What is said of each watched log, by its name."""
        return {o["log"]: o for o in map(json.loads, self.run("incidents", "logs").stdout.splitlines())}

    def watched(self, key):
        """The rules of the watch that found this key."""
        return sorted(r[0] for r in self.sql("SELECT DISTINCT rule FROM incidents_event WHERE source = 'watch' AND key = ?", key))

    def child(self, name):
        """The process of that name of this server; None when it is not there now."""
        children = open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)).read().split()
        return next((int(c) for c in children if ("--process=" + name).encode() in open("/proc/%s/cmdline" % c, "rb").read()), None)

    def kill(self, name):
        """It is there anew afterwards."""
        old = self.child(name)
        os.kill(old, signal.SIGKILL)
        return until(lambda: self.child(name) not in (None, old))

    def is_whole(self):
        said = self.run("audit", "verify", "--replay").stdout
        return check("the log is whole and every table is its fold", '"ok":true' in said, said)
