#!/bin/sh
# Mail out, against Debian's exim: delivered over STARTTLS with the certificate checked; wrong certificates, no TLS, wrong passwords refused; put off,
# refused for good, a server that is down: nothing lost, each with its cause; post and the whole program killed in the middle.
set -u
exec python3 - <<'PY'
import json, os, re, signal, subprocess, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import until
from exim import Exim
from web_client import Web
S, W, PORT, SMTP = os.environ["BUILD"] + "/samordna", os.environ["WORK"], 28681, 28682
H = W + "/home"

def check(name, is_right, seen=""):
    print(("ok " if is_right else "not ok ") + name, flush=True)
    if not is_right:
        print(str(seen)[:2000], file=sys.stderr)

def run(*words, language="en"):
    return subprocess.run([S, *words, "--home", H, "--json"], capture_output=True, text=True, timeout=200, env=dict(os.environ, LC_ALL=language + "_US.UTF-8"))

def conf(mode="starttls", more=""):
    text = "http.listen = 127.0.0.1:%d\nmail.server = localhost:%d %s\nmail.from = samordna@prov.example\nmail.user = samordna\nmail.password = file:%s/password\nmail.ca = %s/exim/ca.pem\n%s" % (
        PORT, SMTP, mode, W, W, more)
    open(H + "/samordna.conf", "w").write(text)
    os.chmod(H + "/samordna.conf", 0o600)

server, log = None, W + "/log"
def serve():
    global server
    server = subprocess.Popen([S, "serve", "--home", H], stderr=open(log, "w"), start_new_session=True)
    for _ in range(400):
        if "answers" in open(log).read():
            return
        time.sleep(0.05)

def stop(how=signal.SIGTERM):
    server.send_signal(how)
    server.wait()

def outbox():
    return [json.loads(line) for line in run("mail", "outbox").stdout.splitlines()]

def post_pid():
    for one in os.listdir("/proc"):
        try:
            if one.isdigit() and open("/proc/%s/cmdline" % one, "rb").read().startswith(b"samordna-post") and int(open("/proc/%s/stat" % one).read().split()[3]) == server.pid:
                return int(one)
        except OSError:
            pass

code = json.loads(run("init", "--org", "Provköping").stdout)["code"]
os.makedirs(W + "/exim")
exim = Exim(W + "/exim", SMTP)
open(W + "/password", "w").write("hemligt\n")
os.chmod(W + "/password", 0o600)

def want_sv(said):
    return any(word in said for word in ("okrypterat", "skriv", "minst", "kräver"))


# Settings that make no sense are said with their line, in the language of who starts the server.
for name, line, want in (("plain to elsewhere", "mail.server = smtp.example.org:25 plain-loopback-only", "in the clear"), ("no port", "mail.server = smtp.example.org", "HOST:PORT"),
                         ("a bad sender", "mail.from = a b@c", "address"), ("an http webhook elsewhere", "webhook = http://desk.example.org/x 0123456789abcdef", "in the clear"),
                         ("a short secret", "webhook = https://desk.example.org/x abc", "16 octets"), ("no sender", "mail.server = localhost:25 starttls", "mail.from")):
    open(H + "/samordna.conf", "w").write("http.listen = 127.0.0.1:%d\n%s\n" % (PORT, line))
    said = subprocess.run([S, "serve", "--home", H], capture_output=True, text=True, timeout=20, env=dict(os.environ, LC_ALL="en_US.UTF-8"))
    check("settings: " + name, said.returncode != 0 and want in said.stderr, said.stderr)

    said = subprocess.run([S, "serve", "--home", H], capture_output=True, text=True, timeout=20, env=dict(os.environ, LC_ALL="sv_SE.UTF-8"))
    check("settings, in Swedish: " + name, said.returncode != 0 and said.stderr.startswith("samordna:") and "samordna.conf:2:" in said.stderr and want_sv(said.stderr), said.stderr)

conf()
serve()
run("setting", "set", "mail.wait_seconds", "1")
try:
    exim.start()
    said = run("mail", "test", "anna@prov.example")
    got = exim.wait(1)
    check("delivered", said.returncode == 0 and len(got) == 1, said.stdout + said.stderr + exim.log())
    mail = got[0]
    check("over TLS, as who it says it is", " X=TLS1" in exim.log() and "A=plain:samordna" in exim.log(), exim.log())
    check("its header", "anna@prov.example" in mail["to"] and mail["auto-submitted"] == "auto-generated" and "Provköping" in mail["from"]
          and mail["message-id"].endswith("@prov.example>") and mail["date"] and mail["content-language"] == "en", mail.as_string())
    check("its text", "This is a test" in mail.get_content() and "localhost:%d" % PORT in mail.get_content(), mail.get_content())
    run("mail", "test", "anna@prov.example", language="sv")
    mail = exim.wait(2)[1]
    check("in Swedish", mail["subject"] == "Prov av mejl från Samordna" and "Är du osäker?" in mail.get_content(), mail.as_string())
    check("the outbox is empty, and no text is kept", outbox() == [] and subprocess.run(["sqlite3", H + "/store/samordna.db", "select count(*) from mail where message is not null"],
          capture_output=True, text=True).stdout == "0\n", outbox())

    # Refused for good: it stops, with the server's words.
    said = run("mail", "test", "nobody@prov.example")
    check("refused: said with its cause", said.returncode != 0 and "550 no such person here" in said.stderr, said.stderr)
    time.sleep(2.5)
    rows = outbox()
    check("refused: shown as failed and not tried again", len(rows) == 1 and rows[0]["state"] == "failed" and "no such person" in rows[0]["cause"]
          and exim.log().count("rejected RCPT <nobody@") == 1, (rows, exim.log()))
    check("refused: others go on", run("mail", "test", "bo@prov.example").returncode == 0 and len(exim.wait(3)) == 3)
    run("mail", "again", str(rows[0]["mail"]))
    check("refused: tried again when somebody says so", until(lambda: exim.log().count("rejected RCPT <nobody@") == 2) and until(lambda: outbox()[0]["state"] == "failed"), exim.log())
    check("refused: given up", run("mail", "drop", str(rows[0]["mail"])).returncode == 0 and outbox() == [], outbox())
    check("given up once", run("mail", "drop", str(rows[0]["mail"])).returncode != 0)

    # Put off: it waits and comes.
    exim.flag("defer")
    said = run("mail", "test", "slow@prov.example")
    check("put off: said", said.returncode != 0 and "451" in said.stderr, said.stderr)
    check("put off: waits", outbox() and outbox()[0]["state"] == "waiting" and "come back later" in outbox()[0]["cause"], outbox())
    check("put off: does not hold up others", run("mail", "test", "bo@prov.example").returncode == 0)
    exim.unflag("defer")
    check("put off: comes by itself", until(lambda: outbox() == [], 30) and len(exim.wait(5)) == 5, outbox())

    # The server is down.
    exim.stop()
    said = run("mail", "test", "anna@prov.example")
    check("down: said", said.returncode != 0 and "connect" in said.stderr.lower(), said.stderr)
    doctor = subprocess.run([S, "doctor", "--home", H, "--json"], capture_output=True, text=True).stdout
    check("down: doctor sees it", '"check":"mail","state":"warn"' in doctor, doctor)
    for i in range(3):
        run("mail", "test", "a%d@prov.example" % i)
    check("down: all wait, none is charged", len(outbox()) == 4 and all(r["tries"] == 0 and r["state"] == "waiting" for r in outbox()), outbox())
    # Started again meanwhile: the queue is in the store.
    stop(signal.SIGKILL)
    serve()
    exim.start()
    check("down: all come when it is back", until(lambda: outbox() == [], 60) and len(exim.wait(9)) == 9, (outbox(), exim.log()[-800:]))
    exim.stop()

    # Who it is must be certain.
    for name, how, want in (("a certificate of no authority", dict(certificate="self"), "certificate"), ("a certificate of another name", dict(certificate="other"), "other.example"),
                            ("a server without STARTTLS", dict(certificate=None), "STARTTLS")):
        exim.start(**how)
        before = len(exim.log())
        said = run("mail", "test", "anna@prov.example")
        check("%s: refused" % name, said.returncode != 0 and outbox()[-1]["state"] == "waiting" and "A=plain" not in exim.log()[before:], said.stderr)
        print(said.stderr.strip(), file=sys.stderr)
        exim.stop()
    open(W + "/password", "w").write("fel\n")
    stop()
    exim.start()
    serve()
    said = run("mail", "test", "anna@prov.example")
    check("a wrong password: said, and nothing is lost", "535" in said.stderr and all(r["state"] == "waiting" for r in outbox()), said.stderr)
    open(W + "/password", "w").write("hemligt\n")
    stop()
    serve()
    check("when all is right again, what waited comes", until(lambda: outbox() == [], 60), outbox())
    n = len(exim.wait(13))
    check("each once", n == 13, n)

    # TLS from the start.
    stop()
    exim.stop()
    conf("tls")
    exim.start(on_connect=True)
    serve()
    check("TLS from the start", run("mail", "test", "anna@prov.example").returncode == 0, outbox())
    stop()
    exim.stop()
    conf()
    exim.start()
    serve()

    # Killed while the server has the message and has not said yes: it is sent again, the same message.
    exim.flag("wait")
    one = subprocess.Popen([S, "mail", "test", "kill@prov.example", "--home", H], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    os.kill(post_pid(), signal.SIGKILL)
    one.wait()
    check("post is killed: it comes all the same", until(lambda: outbox() == [], 40), outbox())
    one = subprocess.Popen([S, "mail", "test", "whole@prov.example", "--home", H], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(1.5)
    stop(signal.SIGKILL)
    one.wait()
    serve()
    check("all is killed: it comes all the same", until(lambda: outbox() == [], 40), outbox())
    exim.unflag()
    time.sleep(4)
    for who in ("kill", "whole"):
        mine = [m for m in exim.mails() if who + "@" in m["to"]]
        check("killed: %s got one message, perhaps twice" % who, 1 <= len(mine) <= 2 and len(set(m["message-id"] for m in mine)) == 1, [m["message-id"] for m in mine])

    # A line of the header cannot be begun from outside.
    run("setting", "set", "organisation.name", "Prov\r\nBcc: evil@prov.example\r\n\r\n<b>")
    run("mail", "test", "head@prov.example")
    until(lambda: any("head@" in m["to"] for m in exim.mails()))
    mine = [m for m in exim.mails() if "head@" in m["to"]]
    check("no line of the header is begun from outside", mine and mine[0]["bcc"] is None and "evil@" not in exim.log(), mine and mine[0].as_string())
    check("what cannot be an address", all(run("mail", "test", a).returncode == 2 for a in ("a", "a@b\nc", "a b@c", "a@b@c", "<a@b>", "å@b.example", "a@", "@b", "a@b,c@d")))

    # The pages.
    web = Web("http://localhost:%d" % PORT)
    web.set_up(code, "Karin Nyberg", "karin@prov.example", "fyra ord i en lång rad")
    run("mail", "test", "nobody@prov.example")
    page = web.get("/admin/outbox?lang=en")
    check("/admin/outbox shows it with its cause", "no such person here" in page.text and "Try again" in page.text, page.words())
    tasks = web.get("/tasks")
    check("and it waits for the coordinator", "could not be delivered" in tasks.words(), tasks.words())
    number = re.search(r'name="mail" value="(\d+)"', page.text).group(1)
    page = web.post("/admin/outbox", {"mail": number, "act": "give_up"})
    check("given up there", outbox() == [], page.words())
    web.post("/me/mail", {"language": "en", "digest": ""})
    check("the wish is kept", 'value="en" checked' in web.get("/me/mail").text and 'value="yes" checked' not in web.get("/me/mail").text)
    verified = run("audit", "verify", "--replay")
    check("the log is whole and replays", verified.returncode == 0, verified.stdout + verified.stderr)
finally:
    exim.stop()
    stop()
PY
