"""tests/unstored.sh runs this: the disk of a served home is full, and real RADIUS packets ask."""
import atexit, json, os, re, struct, subprocess, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
sys.path.insert(0, os.environ["TOP"] + "/tests/radius")
import served
from served import Home, check, has
from wire import ACCEPT, CLASS, REJECT, REPLY, SESSION, TIMEOUT, USER, Client, first, request

PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected
chef,Eva Strand,eva@ex.example,,Ledning,,,management employee,
bo,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,
anna,Anna Åberg,anna@ex.example,,Arkiv,bo,,employee,
nils,Nils Dag,nils@ex.example,,Arkiv,bo,,employee,
ulf,Ulf Lund,ulf@ex.example,,Ambulans,bo,,employee,
ola,Ola Dal,ola@ex.example,,Ambulans,bo,,employee,
siv,Siv Ek,siv@ex.example,,IT,,,system_owner employee,
per,Per Holm,per@ex.example,,IT,,,support employee,
karin,Karin Nyberg,karin@ex.example,,IT,,,coordinator employee,
"""
SECRET, PORT = b"testing123", 28671
day = lambda n: time.strftime("%Y-%m-%d", time.localtime(time.time() + n * 86400))


class Full:
    """The disk of the home is full: what room its log still had is used up by log-ins of the same session."""
    def __enter__(self):
        self.at = os.path.join(DISK, "ballast")
        fd = os.open(self.at, os.O_CREAT | os.O_WRONLY)
        try:
            while True:
                os.write(fd, bytes(4096))
        except OSError:
            os.close(fd)
        for _ in range(5000):
            if connects("nils", "n0")[0] != ACCEPT:
                break

    def __exit__(self, *why):
        os.remove(self.at)
        time.sleep(2.5)


def connects(person, session):
    """Code, Session-Timeout, Reply-Message, Class."""
    got = vpn.ask(request(SECRET, [(USER, person.encode()), (SESSION, session.encode())]), 5)
    if not got:
        return None, 0, "", b""
    seconds = first(got, TIMEOUT)
    return got[0], struct.unpack("!I", seconds)[0] if seconds else 0, (first(got, REPLY) or b"").decode(), first(got, CLASS)


DISK = os.path.join(os.environ["WORK"], "disk")
os.mkdir(DISK)
os.chmod(DISK, 0o755)
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", DISK], stderr=subprocess.DEVNULL).returncode:
    print("skip unstored: no tmpfs can be mounted here")
    sys.exit(0)
atexit.register(lambda: subprocess.run(["umount", "-l", DISK]))
served.WORK = DISK
home = Home(PORT, PEOPLE, "radius.listen = 127.0.0.1:%d\nradius.accounting = 127.0.0.1:%d\nradius.client = vpn1 127.0.0.1 testing123 authorise-only\n" % (PORT + 1, PORT + 2))
with home:
    vpn = Client("127.0.0.1", SECRET, PORT + 1)
    home.run("people", "unit", "Ambulans", "--class", "1")
    home.run("people", "mandate", "chef", "--level", "3")
    home.run("capacity", "limit", "vpn1", "--licence", "50")
    for who in ("anna", "nils", "ulf", "ola"):
        home.run("access", "grant", who, "--service", "vpn", "--from", day(-1), "--to", day(90), "--requested-by", "bo", "--approved-by", "siv", "--executed-by", "per")
    check("before: everybody with a right gets in", connects("ulf", "u0")[0] == ACCEPT and connects("anna", "a0")[0] == ACCEPT)

    # By itself: nobody, and each is told.
    with Full():
        code, seconds, said, _ = connects("ulf", "u1")
        check("without a decision class 1 is refused in words, with when", code == REJECT and "kunde inte skrivas ned" in said and "Försök igen från" in said, (code, said))
        check("and so is class 3", connects("anna", "a1")[0] == REJECT)
    check("with the store back it goes on by itself", connects("ulf", "u2")[0] == ACCEPT)

    # The decision: what is to happen then, at this gateway, signed.
    bo, chef, karin = (home.logged_in(who) for who in ("bo", "chef", "karin"))
    bo.post("/decisions/ask", {"title": "May class 1 and 2 in without a store?", "why": "Ambulances cannot wait.", "reason": "gate.cannot_store", "gateway": "vpn1",
        "yes": "Not written down at once", "yes_likely": "seldom", "no": "Ambulances stand still", "no_likely": "certain", "measures": "15 minutes",
        "proposal": "yes", "level": "2", "decider": "chef", "from": day(0), "until": day(20)})
    at = "/decisions/%d" % home.sql("SELECT max(id) FROM decision")[0][0]
    for web, fields in ((bo, {"act": "ask"}), (chef, {"act": "answer", "answer": "yes", "words": "Weighed."})):
        page = web.get(at)
        hash_of = (re.search(r'name="hash" value="([0-9a-f]+)"', page.text) or ["", ""])[1]
        web.send(at, fields | {"token": page.token(), "hash": hash_of})
    check("the decision is signed", home.sql("SELECT count(*) FROM decision WHERE signed_at IS NOT NULL")[0][0] == 1)
    time.sleep(0.2)
    before = home.sql("SELECT count(*) FROM audit_leaf")[0][0]
    with Full():
        code, seconds, said, class_of = connects("ola", "o1")
        check("with it class 1 is let in for 15 minutes, without a Class", code == ACCEPT and 0 < seconds <= 900 and class_of is None, (code, seconds, said, class_of))
        check("asked once more it is one place", connects("ola", "o1")[0] == ACCEPT)
        code, _, said, _ = connects("anna", "a2")
        check("class 3 waits", code == REJECT and "kunde inte skrivas ned" in said, (code, said))
        page = karin.get("/capacity")
        has("/capacity says so", page, "log-ins cannot be written down", "By decision")
    for _ in range(40):
        leases = [json.loads(row[0]) for row in home.sql("SELECT leaf FROM audit_leaf WHERE id >= ?", before)]
        leases = [leaf for leaf in leases if leaf["action"] == "gate.lease"]
        if leases:
            break
        time.sleep(0.25)
    check("with the store back each lease has its leaf", leases and {leaf["subject"] for leaf in leases} == {"ola"}, leases)
    rows = home.sql("SELECT count(*) FROM session WHERE against = 'gate.cannot_store' AND closed_at IS NULL")[0][0]
    check("and one session stands, with why", rows == 1, home.sql("SELECT id, person, closed_at, against FROM session"))
    has("/capacity says from when to when", karin.get("/capacity"), "log-ins could not be written down")
    home.is_whole()
