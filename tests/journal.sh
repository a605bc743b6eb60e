#!/bin/sh
# The systemd journal read by itself, with a real journald in namespaces of its own: rotated, vacuumed and killed while the reader and core are killed under
# load; long fields, which it compresses; archived files from before; a real sshd; and files that systemd-journal-remote and a stranger wrote.
# Each login line counts once.
set -u
if [ "$(id -u)" != 0 ] || ! unshare -n -m -p -f true 2>/dev/null; then echo "skip journal needs root and namespaces of its own"; exit 0; fi
for one in /lib/systemd/systemd-journald /lib/systemd/systemd-journal-remote /usr/sbin/sshd ssh; do
	command -v $one >/dev/null || { echo "skip journal no $one"; exit 0; }
done
if [ -z "${INSIDE:-}" ]; then
	INSIDE=1 exec unshare -n -m -p -f --kill-child --mount-proc sh "$0"
fi
# /run, /var/log/journal and /dev of our own: nothing of the machine's is touched.
mount --make-rprivate /
ip link set lo up
mkdir -p "$WORK/dev/shm"
for node in null zero random urandom tty full; do : >"$WORK/dev/$node"; mount --bind /dev/$node "$WORK/dev/$node"; done
ln -sf /proc/self/fd "$WORK/dev/fd"
ln -sf /run/systemd/journal/dev-log "$WORK/dev/log"
mount --rbind "$WORK/dev" /dev
mount -t tmpfs none /run
mount -t tmpfs none /var/log
mkdir -p /run/systemd/journal /var/log/journal /run/sshd
exec python3 - <<'PY'
import glob, json, os, shutil, signal, socket, subprocess, sys, threading, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has, WORK, until

MACHINE = open("/etc/machine-id").read().strip()
DIR, REMOTE = "/var/log/journal/" + MACHINE, "/var/log/journal/remote"
os.makedirs(DIR)
os.makedirs(REMOTE)
journald, total, pid = None, 0, 0

def start_journald():
    global journald
    try:
        os.unlink("/run/systemd/journal/flushed")
    except OSError:
        pass
    open("/run/systemd/journal/flushed", "w").close()
    journald = subprocess.Popen(["/lib/systemd/systemd-journald"], stderr=open(WORK + "/journald.log", "a"))
    until(lambda: os.path.exists("/run/systemd/journal/dev-log") and subprocess.run(["journalctl", "--sync"], capture_output=True).returncode == 0)

def said():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.connect("/run/systemd/journal/dev-log")
    return s

def fail(address, n=1, user="root"):
    """Failed log-ins, as sshd tells them; each counted in `total`."""
    global total, pid
    with said() as s:
        for _ in range(n):
            pid += 1
            s.send(("<38>%s sshd[%d]: Failed password for %s from %s port 4022 ssh2" % (time.strftime("%b %e %H:%M:%S"), 100000 + pid, user, address)).encode())
    total += n

def journalctl(*words):
    subprocess.run(["journalctl", *words], check=True, capture_output=True)

def all_read(name="journal"):
    return until(lambda: home.logs().get(name, {}).get("logins") == total, 30)

def kill(name):
    home.kill(name)
    until(lambda: home.run("incidents", "logs").returncode == 0)

start_journald()
if not os.path.exists("/run/systemd/journal/dev-log"):
    print("skip journal journald does not start here: " + open(WORK + "/journald.log").read()[-300:])
    sys.exit(0)
home = Home(28672, conf="watch.journal = journal\nwatch.journal = far %s\n" % REMOTE)
fail("192.0.2.1", 3)
journalctl("--rotate")
total = 0                                # archived before anybody watched
fail("192.0.2.2", 5)
with home:
    check("watching begins with the file that is written now", all_read(), home.logs())
    check("five failures are no incident", home.watched("192.0.2.2") == [])
    began = time.time()
    fail("192.0.2.2")
    check("the sixth is", until(lambda: home.watched("192.0.2.2") == ["R1"], 5), home.logs())
    print("an incident %d ms after its line" % ((time.time() - began) * 1000), file=sys.stderr)

    # A long name makes the field one that journald compresses; the address stands behind it.
    fail("192.0.2.3", 6, "x" * 900)
    check("a compressed message", until(lambda: home.watched("192.0.2.3") == ["R1"]) and all_read(), home.logs())

    # A real sshd. No password is asked: unknown users, six connections.
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", WORK + "/hostkey"], check=True)
    with open(WORK + "/sshd.conf", "w") as f:
        f.write("Port 4022\nListenAddress ::1\nHostKey %s/hostkey\nPidFile none\nUsePAM no\nUseDNS no\n" % WORK)
    sshd = subprocess.Popen(["/usr/sbin/sshd", "-f", WORK + "/sshd.conf", "-D"])
    time.sleep(0.5)
    before = total
    for i in range(6):
        subprocess.run(["ssh", "-F", "none", "-p", "4022", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-l", "nosuch%d" % i, "::1", "true"], capture_output=True, timeout=20)
    sshd.kill()
    sshd.wait()
    check("a real sshd by a real journald", until(lambda: "R1" in home.watched("::1")), home.logs())
    journalctl("--sync")
    time.sleep(0.5)
    total = home.logs()["journal"]["logins"]

    # Rotated twice while the reader stands still, with lines in each file.
    reader = home.child("reader")
    os.kill(reader, signal.SIGSTOP)
    fail("192.0.2.4", 2)
    journalctl("--rotate")
    fail("192.0.2.4", 2)
    journalctl("--rotate")
    fail("192.0.2.4", 2)
    os.kill(reader, signal.SIGCONT)
    check("rotated twice: six in three files", until(lambda: home.watched("192.0.2.4") == ["R1"]) and all_read(), (total, home.logs()))
    journalctl("--rotate", "--vacuum-files=1")
    fail("192.0.2.5", 6)
    check("vacuumed", until(lambda: home.watched("192.0.2.5") == ["R1"]) and all_read(), (total, home.logs()))

    # Killed again and again under load, journald with them.
    stop = threading.Event()
    def load():
        k = 0
        while not stop.is_set():
            for _ in range(20):
                k += 1
                fail("198.51.100.%d" % (k % 250), 1, "u%d" % k)
            if k % 600 == 0:
                journalctl("--rotate")
            time.sleep(0.02)
    writer = threading.Thread(target=load)
    writer.start()
    for name in ("reader", "core", "reader", "reader", "core"):
        time.sleep(0.8)
        kill(name)
    time.sleep(0.5)
    stop.set()
    writer.join()
    check("killed again and again: no line lost or doubled", all_read(), (total, home.logs()))
    journalctl("--sync")
    journald.kill()
    journald.wait()
    start_journald()
    fail("192.0.2.6", 6)
    check("journald killed, its file set aside: a new stream", until(lambda: home.watched("192.0.2.6") == ["R1"]) and all_read(), (total, home.logs(), glob.glob(DIR + "/*")))

    # The rules remember over a crash and a rotation: four before, two after.
    fail("192.0.2.7", 4)
    all_read()
    time.sleep(2.5)
    journalctl("--rotate")
    kill("core")
    fail("192.0.2.7", 2)
    check("four before a crash and two after it", until(lambda: home.watched("192.0.2.7") == ["R1"]), home.logs())

# Written and rotated while nobody served.
fail("192.0.2.8", 2)
journalctl("--rotate")
fail("192.0.2.8", 2)
journalctl("--rotate")
fail("192.0.2.8", 2)
with home:
    check("rotated while nobody served", until(lambda: home.watched("192.0.2.8") == ["R1"]) and all_read(), (total, home.logs()))
    time.sleep(1)
    check("each line once", home.logs()["journal"]["logins"] == total, (total, home.logs()))

    # Another machine's journal; what a logged-in person's own process says of others is passed over.
    def remote(address, more, n=6, name="remote-gw"):
        text = b""
        for i in range(n):
            text += ("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\nSYSLOG_IDENTIFIER=sshd\n_PID=%d\n_HOSTNAME=gw\n%s"
                "MESSAGE=Failed password for root from %s port 22 ssh2\n\n" % (time.time() * 1e6 + i, time.monotonic() * 1e6 + i, 700 + i, more, address)).encode()
        subprocess.run(["/lib/systemd/systemd-journal-remote", "-o", "%s/%s.journal" % (REMOTE, name), "-"], input=text, check=True, capture_output=True)
    remote("203.0.113.1", "_UID=0\n")
    remote("203.0.113.2", "_UID=1000\n_SYSTEMD_OWNER_UID=1000\n")
    remote("203.0.113.3", "_UID=0\n_SYSTEMD_OWNER_UID=1000\n")
    check("another machine's journal", until(lambda: home.watched("203.0.113.1") == ["R1"] and home.watched("203.0.113.3") == ["R1"]), home.logs())
    check("a person's own process accuses nobody", home.watched("203.0.113.2") == [] and home.logs()["far"]["lines"] == 18 and home.logs()["far"]["logins"] == 12, home.logs())

    # Bytes that are none: cut off, torn, and no journal at all.
    whole = open(REMOTE + "/remote-gw.journal", "rb").read()
    import random
    chance = random.Random(1)
    for i in range(40):
        torn = bytearray(whole[:4 << 20])
        for _ in range(200):
            torn[chance.choice((chance.randrange(264), chance.randrange(3700000, len(torn))))] = chance.randrange(256)
        torn[:8] = whole[:8]
        torn[72:88] = bytes([i]) * 16
        open("%s/torn%d.journal" % (REMOTE, i), "wb").write(torn[:chance.randrange(300, len(torn))] if i % 3 == 0 else torn)
    open(REMOTE + "/none.journal", "wb").write(b"nothing")
    os.mkfifo(REMOTE + "/pipe.journal")
    check("torn files are counted", until(lambda: home.logs()["far"]["unreadable"] > 0), home.logs())
    reader = home.child("reader")
    remote("203.0.113.4", "_UID=0\n", name="remote-other")
    check("and harm no other", until(lambda: home.watched("203.0.113.4") == ["R1"]) and home.child("reader") == reader, home.logs())

    web = home.web()
    web.set_up(home.code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")
    has("its page", web.get("/incidents/logs"), "journal", "systemd journal")
    has("in Swedish", web.get("/incidents/logs?lang=sv"), "systemd-journalen")
home.is_whole()
journald.terminate()
PY
