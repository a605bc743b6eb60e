"""The doors are open before the gate is. In a build with sanitizers core rests for some seconds between having read everyone and opening the gate
(SAMORDNA_SLOW_GATE). Meanwhile pages say so, the log-ins that come by every way wait, two rights change; when it opens every answer is the one that is
right then. Then core is killed in the middle, and a store whose people cannot be read ends the start with a sentence and an exit status."""
import os, signal, sqlite3, subprocess, sys, time
os.environ["BUILD"] = os.environ["BUILD_TEST"]
from served import Home, check, has, S
import json, urllib.error, urllib.request

PORT, AUTH, ACCT = 28290, 28291, 28292
CONF = """radius.listen = 127.0.0.1:%d
radius.accounting = 127.0.0.1:%d
radius.client = nac 127.0.0.1 testing456 authorise-only
""" % (AUTH, ACCT)
PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected
p1,Anna Åberg,anna@ex.example,,Arkiv,p2,,employee,no
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,
p3,Siv Ek,siv@ex.example,,IT,p2,,system_owner,
p4,Per Holm,per@ex.example,,IT,p2,,support,
p5,Eva Ros,eva@ex.example,,IT,p2,,employee,
p6,Ola Lind,ola@ex.example,,IT,p2,,coordinator,
"""
SLOW = 12
os.environ.pop("SAMORDNA_SLOW_GATE", None)


def begin(command, text):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    process.stdin.write(text)
    process.stdin.close()
    process.stdin = None
    return process


def log_in(person):
    return begin(["radclient", "-x", "-r", "1", "-t", "60", "127.0.0.1:%d" % AUTH, "auth", "testing456"],
                 "User-Name=%s,Message-Authenticator=0x00\n" % person)


def account(session):
    return begin(["radclient", "-x", "-r", "1", "-t", "60", "127.0.0.1:%d" % ACCT, "acct", "testing456"],
                 "User-Name=p1,Acct-Status-Type=Start,Acct-Session-Id=%s\n" % session)


def by_http(token, person):
    return begin(["curl", "-s", "-m", "60", "-H", "Authorization: Bearer " + token, "-H", "Content-Type: application/json", "-d",
                  json.dumps({"user": person}), "http://localhost:%d/api/v1/gate/freeradius" % PORT], "")


def status_of(path):
    try:
        return urllib.request.urlopen("http://localhost:%d%s" % (PORT, path), timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_for(path, status, seconds):
    until = time.time() + seconds
    while time.time() < until and status_of(path) != status:
        time.sleep(0.1)
    return status_of(path) == status


def grant(home, person):
    said = home.run("access", "grant", person, "--service", "vpn", "--from", time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400)), "--to",
                    time.strftime("%Y-%m-%d", time.gmtime(time.time() + 200 * 86400)), "--requested-by", "p2", "--approved-by", "p3", "--executed-by", "p4")
    return json.loads(said.stdout)["grant"] if "grant" in said.stdout else said.stdout + said.stderr


home = Home(PORT, PEOPLE, CONF)
first = grant(home, "p1")
token = json.loads(home.run("token", "make", "vpn1").stdout)["token"]
grant(home, "p5")
with home:
    web = home.logged_in("p6")

os.environ["SAMORDNA_SLOW_GATE"] = str(SLOW)
began = time.time()
with home:
    wait_for("/login", 200, 10)
    check("a page is answered while the gate loads", status_of("/login") == 200)
    check("and not called ready", status_of("/readyz") == 503, status_of("/readyz"))
    has("the start page says that the gate is loading", web.get("/"), "The gate is loading")
    has("so does /admin", web.get("/admin"), "The gate is loading", "Loading:")
    has("and one's own page gives no verdict", web.get("/me"), "The gate is starting")
    asked = {"p1": log_in("p1"), "p2": log_in("p2"), "p5": log_in("p5"), "nobody": log_in("nobody")}
    over_http = {"p1": by_http(token, "p1"), "p5": by_http(token, "p5")}
    told = account("s1")
    explained = begin([S, "gate", "ask", "p2", "--home", home.at, "--json"], "")
    # Two rights change, and somebody comes, while nothing has been judged.
    done = home.run("access", "revoke", str(first), "--by", "p3", "--because", "prov")
    check("a right is taken back meanwhile", done.returncode == 0, done.stdout + done.stderr)
    check("another is given", isinstance(grant(home, "p2"), int))
    check("nobody has been answered", all(p.poll() is None for p in [*asked.values(), *over_http.values(), told, explained]) and
          time.time() - began < SLOW, time.time() - began)
    check("the gate opens", wait_for("/readyz", 200, 60))
    said = {who: p.communicate(timeout=60)[0] for who, p in asked.items()}
    check("who had a right before and has none now is refused", "Access-Reject" in said["p1"], said["p1"])
    check("who got one meanwhile is let in", "Received Access-Accept" in said["p2"], said["p2"])
    check("who had one all the time is let in", "Received Access-Accept" in said["p5"], said["p5"])
    check("a stranger is refused", "Access-Reject" in said["nobody"], said["nobody"])
    said = {who: p.communicate(timeout=60)[0] for who, p in over_http.items()}
    check("over HTTP alike: refused", '"refuse"' in said["p1"], said["p1"])
    check("over HTTP alike: let in", '"permit"' in said["p5"], said["p5"])
    said = told.communicate(timeout=60)[0]
    check("accounting is acknowledged", "Accounting-Response" in said, said)
    said = explained.communicate(timeout=60)[0]
    check("gate ask waited for the truth", '"verdict":"pass"' in said, said)
    has("and the pages say no more of it", web.get("/me"), "May")
    check("the banner is gone", "The gate is loading" not in web.get("/").words())

# Killed in the middle: keeper starts it again, and what was asked is answered right, or by nobody.
with home:
    wait_for("/login", 200, 10)
    asked = log_in("p5")
    time.sleep(1)
    core = [int(p) for p in os.listdir("/proc") if p.isdigit() and open("/proc/%s/cmdline" % p, "rb").read().startswith(b"samordna-core\0")
            and os.stat("/proc/%s/root" % p) and int(open("/proc/%s/stat" % p).read().rsplit(")", 1)[1].split()[1]) == home.process.pid]
    check("core is there to be killed", len(core) == 1, core)
    for pid in core:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
    check("keeper stays", home.process.poll() is None)
    check("the gate opens after a kill", wait_for("/readyz", 200, 90))
    said = log_in("p5").communicate(timeout=70)[0]
    check("and answers right", "Received Access-Accept" in said, said)
    said = log_in("p1").communicate(timeout=70)[0]
    check("and refuses right", "Received Access-Reject" in said, said)
    asked.kill()
    check("the one asked before the kill was not refused", "Access-Reject" not in asked.communicate()[0])

# Stopped in the middle: in order, at once.
with home:
    wait_for("/login", 200, 10)
    began = time.time()
check("a stop does not wait for the gate", time.time() - began < 5 and home.process.returncode == 0, (time.time() - began, home.process.returncode))

# People that cannot be read: the sentence and the exit status of a broken store, after the doors were open.
del os.environ["SAMORDNA_SLOW_GATE"]
home.is_whole()
store = sqlite3.connect(home.at + "/store/samordna.db")
page = store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'login'").fetchone()[0]
size = store.execute("PRAGMA page_size").fetchone()[0]
store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
store.close()
with open(home.at + "/store/samordna.db", "r+b") as f:
    f.seek((page - 1) * size)
    f.write(b"\xff" * 64)
try:
    done = subprocess.run([S, "serve", "--home", home.at], capture_output=True, text=True, timeout=60)
    check("people that cannot be read: exit 6 and a sentence", done.returncode == 6 and "broken" in done.stderr, (done.returncode, done.stderr))
except subprocess.TimeoutExpired as late:
    check("people that cannot be read: exit 6 and a sentence", False, late.stderr)
