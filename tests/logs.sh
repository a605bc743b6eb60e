#!/bin/sh
# Watched logs with a real server: a file that grows, is renamed and is copied and cut off; syslog over UDP and TCP by logger(1), over TLS; reader and core
# killed in the middle; a sender that floods. Each line counts once, each attack is one incident, whoever died.
set -u
command -v logger >/dev/null || { echo "skip logs no logger"; exit 0; }
exec python3 - <<'PY'
import json, os, re, shutil, signal, socket, ssl, subprocess, sys, threading, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has, WORK, until

LOG = WORK + "/auth.log"
UDP, TCP, TLS = 25514, 25515, 25516
subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", WORK + "/log.key", "-out", WORK + "/log.crt", "-days", "3",
    "-subj", "/CN=log", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
home = Home(28671, conf="watch.file = ssh %s\nwatch.file = vpn %s/vpn.log openvpn\nwatch.syslog = 127.0.0.1:%d udp\nwatch.syslog = 127.0.0.1:%d tcp\n"
    "watch.syslog = 127.0.0.1:%d tls\nwatch.certificate = %s/log.crt\nwatch.key = %s/log.key\n" % (LOG, WORK, UDP, TCP, TLS, WORK, WORK))
pid = 0

def stamp():
    return time.strftime("%b %e %H:%M:%S")

def failed(address, user="root"):
    global pid
    pid += 1
    return "%s gw sshd[%d]: Failed password for %s from %s port 4022 ssh2\n" % (stamp(), 100000 + pid, user, address)

def write(text, path=LOG):
    with open(path, "a") as f:
        f.write(text)

def events(rule, key):
    return home.sql("SELECT i.number, e.id FROM incidents_event e JOIN incidents_incident i ON i.id = e.incident WHERE e.source = 'watch' AND e.rule = ? AND e.key = ?", rule, key)

open(LOG, "w").close()
write("".join(failed("192.0.2.1") for _ in range(5)))
with home:
    until(lambda: home.logs().get("ssh", {}).get("lines") == 5)
    check("what stood there is read", home.logs()["ssh"]["logins"] == 5, home.logs())
    check("five failures are no incident", home.watched("192.0.2.1") == [])
    began = time.time()
    write(failed("192.0.2.1"))
    check("the sixth is", until(lambda: home.watched("192.0.2.1") == ["R1"], 5))
    print("an incident %d ms after its line" % ((time.time() - began) * 1000), file=sys.stderr)

    # A line that comes in two pieces is one.
    half = failed("192.0.2.2")
    write(half[:40])
    time.sleep(0.4)
    write(half[40:])
    check("a line in two pieces", until(lambda: home.logs()["ssh"]["lines"] == 7), home.logs())

    # Rotation by a new name: what the daemon still writes to the old one counts too.
    write("".join(failed("192.0.2.3") for _ in range(3)))
    old = open(LOG, "a")
    os.rename(LOG, LOG + ".1")
    old.write("".join(failed("192.0.2.3") for _ in range(2)))
    old.flush()
    write(failed("192.0.2.3"))
    check("renamed: six in two files", until(lambda: home.watched("192.0.2.3") == ["R1"]), home.logs())
    time.sleep(0.5)
    old.write(failed("192.0.2.31"))
    old.close()
    check("and the late line", until(lambda: home.logs()["ssh"]["lines"] == 14), home.logs())

    # Copied and cut off, with lines that nobody has read yet: the reader is stopped meanwhile.
    reader = home.child("reader")
    os.kill(reader, signal.SIGSTOP)
    write("".join(failed("192.0.2.4") for _ in range(4)))
    shutil.copy(LOG, LOG + ".new")
    os.rename(LOG + ".new", LOG + ".1")
    open(LOG, "r+").truncate(0)
    write("".join(failed("192.0.2.4") for _ in range(2)))
    time.sleep(0.6)
    os.kill(reader, signal.SIGCONT)
    check("copied and cut off: six over the cut", until(lambda: home.watched("192.0.2.4") == ["R1"]), home.logs())
    check("none lost, none twice", until(lambda: home.logs()["ssh"]["lines"] == 20, 6), home.logs())

    # Killed in the middle, under load.
    total, stop = [20], threading.Event()
    def load():
        while not stop.is_set():
            write("".join(failed("198.51.100.%d" % (k % 250), "u%d" % k) for k in range(20)))
            total[0] += 20
            time.sleep(0.02)
    writer = threading.Thread(target=load)
    writer.start()
    for name in ("reader", "reader", "core", "reader", "core"):
        time.sleep(1.0)
        home.kill(name)
        if name == "core":
            until(lambda: home.run("incidents", "logs").returncode == 0)
    time.sleep(1)
    stop.set()
    writer.join()
    check("killed again and again: no line lost or doubled", until(lambda: home.logs()["ssh"]["lines"] == total[0], 30), (home.logs(), total))
    check("one attack is one incident", len({n for n, _ in events("R1", "192.0.2.1")}) == 1 and len(events("R1", "192.0.2.1")) == 1, events("R1", "192.0.2.1"))

    # The rules remember over a restart: four before, two after.
    write("".join(failed("192.0.2.5") for _ in range(4)))
    until(lambda: home.logs()["ssh"]["lines"] == total[0] + 4)
    time.sleep(2.5)
    write("\n")
    time.sleep(0.5)
    home.kill("core")
    until(lambda: home.run("incidents", "logs").returncode == 0)
    write("".join(failed("192.0.2.5") for _ in range(2)))
    check("four before a crash and two after it", until(lambda: home.watched("192.0.2.5") == ["R1"]), home.logs())

    # Rotated while nobody served.
    have = home.logs()["ssh"]["lines"]
with open(LOG, "a") as f:
    f.write("".join(failed("192.0.2.6") for _ in range(4)))
os.rename(LOG, LOG + ".1")
write("".join(failed("192.0.2.6") for _ in range(2)))
with home:
    check("renamed while nobody served", until(lambda: home.watched("192.0.2.6") == ["R1"]), home.logs())
    check("each line once", until(lambda: home.logs()["ssh"]["lines"] == have + 6), (have, home.logs()))

    # Syslog from others, by logger(1).
    def logger(port, *how):
        for _ in range(6):
            subprocess.run(["logger", "-n", "127.0.0.1", "-P", str(port), "-t", "sshd", *how, "Failed password for root from 203.0.113.%d port 22 ssh2" % (port % 200)], check=True)
    logger(UDP, "-d", "--rfc3164")
    check("syslog over UDP, RFC 3164", until(lambda: home.watched("203.0.113.%d" % (UDP % 200)) == ["R1"]), home.logs())
    logger(TCP, "-T", "--rfc5424")
    check("syslog over TCP, RFC 5424", until(lambda: home.watched("203.0.113.%d" % (TCP % 200)) == ["R1"]), home.logs())
    with socket.create_connection(("127.0.0.1", TCP)) as s:
        for i in range(6):
            text = "<34>1 - gw sshd %d - - Failed password for root from 203.0.113.9 port 22 ssh2" % i
            s.sendall(b"%d %s" % (len(text), text.encode()))
    check("octet counts", until(lambda: home.watched("203.0.113.9") == ["R1"]), home.logs())
    with socket.create_connection(("127.0.0.1", TCP)) as s:
        for i in range(6):
            s.sendall(b"%s gw sshd[%d]: Failed password for root from 203.0.113.10 port 22 ssh2\n" % (time.strftime("%Y-%m-%dT%H:%M:%S").encode(), 500 + i))
    check("lines that begin with digits", until(lambda: home.watched("203.0.113.10") == ["R1"]), home.logs())
    # The journal, line by line as JSON: journalctl --follow --output=json | socat - TCP:...
    with socket.create_connection(("127.0.0.1", TCP)) as s:
        for i in range(6):
            s.sendall(json.dumps({"__REALTIME_TIMESTAMP": "%d" % (time.time() * 1e6), "_HOSTNAME": "gw", "SYSLOG_IDENTIFIER": "sshd", "_PID": "%d" % (600 + i),
                "MESSAGE": "Failed password for root from 203.0.113.11 port 22 ssh2"}).encode() + b"\n")
    check("the journal as JSON", until(lambda: home.watched("203.0.113.11") == ["R1"]), home.logs())

    # TLS: frames in one record, a frame over two, a sender that checks the certificate, and what is no TLS.
    trust = ssl.create_default_context(cafile=WORK + "/log.crt")
    def frames(address, n):
        for i in range(n):
            text = "<34>1 - gw sshd %d - - Failed password for root from %s port 22 ssh2" % (i, address)
            yield ("%d %s" % (len(text), text)).encode()
    for address, version in (("203.0.113.21", ssl.TLSVersion.TLSv1_3), ("203.0.113.22", ssl.TLSVersion.TLSv1_2)):
        trust.maximum_version = version
        with trust.wrap_socket(socket.create_connection(("127.0.0.1", TLS)), server_hostname="127.0.0.1") as s:
            all_of_it = b"".join(frames(address, 6))
            s.sendall(all_of_it[:100])
            time.sleep(0.2)
            s.sendall(all_of_it[100:])
            check("syslog over TLS, %s" % s.version(), until(lambda: home.watched(address) == ["R1"]), home.logs())
    trust.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    with trust.wrap_socket(socket.create_connection(("127.0.0.1", TLS)), server_hostname="127.0.0.1") as s:
        for piece in frames("203.0.113.23", 3000):       # records larger than what is read at once
            s.sendall(piece)
        s.sendall(b"".join(frames("203.0.113.24", 600)))
        check("many frames over TLS", until(lambda: "R1" in home.watched("203.0.113.24") and "R1" in home.watched("203.0.113.23")), home.logs())
    tls = "127.0.0.1:%d/tls" % TLS
    check("each counted once", until(lambda: home.logs()[tls]["lines"] == 3612, 10), home.logs())
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        old.wrap_socket(socket.create_connection(("127.0.0.1", TLS)))
        check("TLS 1.1 is refused", False)
    except (ssl.SSLError, OSError):
        check("TLS 1.1 is refused", True)
    with socket.create_connection(("127.0.0.1", TLS)) as s:
        s.settimeout(10)
        s.sendall(next(frames("203.0.113.25", 1)) * 10)
        try:
            while s.recv(100):
                pass
        except OSError:
            pass
    silent = socket.create_connection(("127.0.0.1", TLS))    # says nothing, and holds up nobody
    with trust.wrap_socket(socket.create_connection(("127.0.0.1", TLS)), server_hostname="127.0.0.1") as s:
        s.sendall(b"".join(frames("203.0.113.26", 6)))
        check("what is no TLS, and who says nothing, hold up nobody", until(lambda: home.watched("203.0.113.26") == ["R1"]) and home.watched("203.0.113.25") == [], home.logs())
    silent.close()
    with socket.create_connection(("127.0.0.1", TCP)) as s:
        try:
            s.sendall(b"x" * 200000)
            seen = s.recv(1)
        except OSError:
            seen = b""
        check("a line without an end ends the connection", seen == b"")

    # One that floods: most is thrown away, another's messages are heard.
    flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    flood.bind(("127.0.0.2", 0))
    for _ in range(60000):
        flood.sendto(b"<34>Nov 24 08:00:00 gw x: nothing", ("127.0.0.1", UDP))
    for i in range(6):
        subprocess.run(["logger", "-n", "127.0.0.1", "-P", str(UDP), "-d", "-t", "sshd", "Failed password for root from 203.0.113.77 port 22 ssh2"])
    check("a flood harms no other sender", until(lambda: home.watched("203.0.113.77") == ["R1"]), home.logs())
    udp = "127.0.0.1:%d/udp" % UDP
    check("and is counted", until(lambda: home.logs()[udp]["dropped"] > 0 or home.logs()[udp]["lines"] > 50000), home.logs())

    # Lines that nobody can read, and what a stranger writes into them.
    write("\0\x1b[2J\xff no time, no program\n" + failed("192.0.2.7", "x from 192.0.2.8 port 1 ssh2"))
    check("unreadable lines are counted", until(lambda: home.logs()["ssh"]["unreadable"] >= 1), home.logs())
    write("".join(failed("192.0.2.7", "x\x1b[2J from 192.0.2.8 port 1 ssh2") for _ in range(6)))
    check("what a stranger typed is nobody else's incident", until(lambda: home.watched("192.0.2.7") == ["R1"]) and home.watched("192.0.2.8") == [], home.logs())
    text = home.sql("SELECT text FROM incidents_entry ORDER BY id DESC LIMIT 1")[0][0]
    # Times that cannot be, of a clock that is wrong or a sender that lies, hide no attack of today.
    for year in (1971, 2030, 2099):
        write("".join("%d-01-01T00:00:%02dZ gw sshd[%d]: Failed password for root from 192.0.2.9 port 1 ssh2\n" % (year, i, year + i) for i in range(4)))
    write("".join(failed("192.0.2.9") for _ in range(6)) + "".join(failed("192.0.2.11") for _ in range(6)))
    check("times of the future and of long ago hide nothing", until(lambda: home.watched("192.0.2.9") == ["R1"] and home.watched("192.0.2.11") == ["R1"]), (home.logs(), home.watched("192.0.2.9")))
    check("its text is tame", "\x1b" not in text and "192.0.2.7" in text, text)

    web = home.web()
    web.set_up(home.code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")
    has("the page of watched logs", web.get("/incidents/logs"), "Watched logs", "ssh", "In order", "nothing yet")
    has("in Swedish", web.get("/incidents/logs?lang=sv"), "Bevakade loggar")
home.is_whole()
PY
