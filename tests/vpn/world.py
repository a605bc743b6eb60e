"""A small world for tests with real VPN servers: two network namespaces, certificates, FreeRADIUS as the organisation's own server, Samordna.

Needs root and /dev/net/tun; `World.why_not()` says what is missing. All is made in WORK and ended by `close()`."""
import json, os, random, re, shutil, signal, socket, subprocess, sys, threading, time

S, WORK = os.environ["BUILD"] + "/samordna", os.environ["WORK"]

def check(name, is_right, seen=""):
    print(("ok " if is_right else "not ok ") + name, flush=True)
    if not is_right:
        print(str(seen)[-3000:], file=sys.stderr)

def until(what, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        if what():
            return True
        time.sleep(0.1)
    return bool(what())

def text_of(path):
    try:
        return open(path, encoding="utf-8", errors="replace").read()
    except FileNotFoundError:
        return ""

class World:
    @staticmethod
    def why_not(*programs):
        if os.geteuid() != 0:
            return "needs root: it makes network namespaces"
        if not os.path.exists("/dev/net/tun"):
            return "needs /dev/net/tun"
        for program in ("ip", "openssl", "freeradius", *programs):
            if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
                return "needs " + program
        probe = "sprobe%d" % os.getpid()
        if subprocess.run(["ip", "netns", "add", probe], capture_output=True).returncode:
            return "network namespaces cannot be made here"
        subprocess.run(["ip", "netns", "del", probe])
        return None

    def __init__(self, port):
        n = os.getpid()
        self.server, self.client, self.running = "s%dv" % n, "s%dc" % n, []
        self.home, self.port, self.log = WORK + "/home", port, WORK + "/log"
        def ip(*words):
            subprocess.run(["ip", *words], check=True)
        for name in (self.server, self.client):
            ip("netns", "add", name)
        ip("link", "add", "v%d" % n, "netns", self.server, "type", "veth", "peer", "name", "w%d" % n, "netns", self.client)
        ip("-n", self.server, "addr", "add", "10.199.0.1/24", "dev", "v%d" % n)
        ip("-n", self.client, "addr", "add", "10.199.0.2/24", "dev", "w%d" % n)
        for name, device in ((self.server, "v%d" % n), (self.client, "w%d" % n)):
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", device, "up")

    def start(self, where, words, out, **more):
        process = subprocess.Popen((["ip", "netns", "exec", where] if where else []) + words, stdout=open(out, "a"), stderr=subprocess.STDOUT, **more)
        self.running.append(process)
        return process

    def end(self, process, how=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.running:
            self.running.remove(process)

    def close(self):
        for process in list(reversed(self.running)):
            self.end(process)
        for name in (self.server, self.client):
            subprocess.run(["ip", "netns", "del", name])

    # --- certificates ---
    def make_certificates(self, *names):
        """ca, server, and one for each name; files WORK/NAME.crt and .key."""
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=WORK, check=True, capture_output=True)
        openssl("req", "-x509", *ec, "-keyout", "ca.key", "-out", "ca.crt", "-days", "3", "-subj", "/CN=ca")
        for name in ("server", *names):
            open(WORK + "/ext", "w").write("extendedKeyUsage=%s\nkeyUsage=digitalSignature\n" % ("serverAuth" if name == "server" else "clientAuth"))
            openssl("req", *ec, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
            openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3", "-extfile", "ext",
                    "-out", name + ".crt")

    # --- the organisation's own RADIUS server ---
    def start_freeradius(self, users, port=18121):
        folder = WORK + "/freeradius"
        os.makedirs(folder, exist_ok=True)
        open(folder + "/users", "w").write(users)
        open(folder + "/dictionary", "w").write("$INCLUDE /usr/share/freeradius/dictionary\n")
        open(folder + "/radiusd.conf", "w").write("""prefix = /usr
logdir = %(f)s
run_dir = %(f)s
libdir = /usr/lib/freeradius
modconfdir = %(f)s
thread pool {
  start_servers = 2
  max_servers = 4
}
client samordna {
  ipaddr = 127.0.0.1
  secret = upsecret
}
modules {
  files {
    filename = %(f)s/users
  }
  pap {
  }
}
server default {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = %(port)d
  }
  authorize {
    files
    pap
  }
  authenticate {
    pap
  }
}
""" % {"f": folder, "port": port})
        subprocess.run(["chown", "-R", "freerad:", folder])
        os.chmod(WORK, 0o755)
        return self.start(self.server, ["freeradius", "-f", "-d", folder, "-l", folder + "/said"], WORK + "/freeradius.out")

    # --- Samordna ---
    def run(self, *words):
        return subprocess.run([S, *words, "--home", self.home, "--json"], capture_output=True, text=True)

    def init(self, people, settings):
        """people: rows behind the head id,name,unit; bo, siv and per, who decide, come besides."""
        self.code = json.loads(self.run("init", "--org", "Provkommunen").stdout)["code"]
        open(self.home + "/samordna.conf", "a").write("http.listen = 127.0.0.1:%d\n" % self.port + settings)
        rows = ["id,name,email,phone,unit,manager,employment_end,roles,protected"]
        rows += ["bo,Bo Öberg,,,Arkiv,,,manager employee,", "siv,Siv Ek,,,IT,bo,,system_owner,", "per,Per Holm,,,IT,bo,,support,"]
        rows += ["%s,%s,,,%s,bo,,employee," % person for person in people]
        open(WORK + "/people.csv", "w").write("\n".join(rows) + "\n")
        said = self.run("people", "import", WORK + "/people.csv")
        assert said.returncode == 0, said

    def serve(self):
        open(self.log, "a").write("--- start\n")
        n = text_of(self.log).count("answers")
        self.samordna = self.start(self.server, [S, "serve", "--home", self.home], self.log)
        assert until(lambda: text_of(self.log).count("answers") > n, 60), text_of(self.log)

    def grant(self, *who):
        day = lambda days: time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86400))
        for person in who:
            self.run("access", "grant", person, "--service", "vpn", "--from", day(-1), "--to", day(100), "--requested-by", "bo", "--approved-by", "siv",
                     "--executed-by", "per")

    def revoke(self, who):
        for line in self.run("access", "list").stdout.splitlines():
            grant = json.loads(line)
            if grant["person"] == who:
                self.run("access", "revoke", str(grant["grant"]), "--by", "bo")

    def shown(self, gateway):
        return json.loads(self.run("capacity", "show", gateway).stdout)

    def process(self, name):
        """The pid of one of Samordna's processes."""
        for pid in subprocess.run(["pgrep", "-f", "samordna-" + name], capture_output=True, text=True).stdout.split():
            try:
                parent = int(re.search(r"PPid:\s*(\d+)", text_of("/proc/%s/status" % pid)).group(1))
            except AttributeError:
                continue
            if parent == self.samordna.pid:
                return int(pid)
        return None

    # --- OpenVPN ---
    def start_openvpn(self, name, port, net, *more):
        """WORK/NAME.log, NAME.status (layout 3, every second)."""
        config = ["port %d" % port, "proto udp", "dev tun", "disable-dco", "ca ca.crt", "cert server.crt", "key server.key", "dh none",
                  "server %s 255.255.255.0" % net, "topology subnet", "management-client-auth", "keepalive 3 15", "explicit-exit-notify 1", "verb 3",
                  "status %s/%s.status 1" % (WORK, name), "status-version 3", *more]
        open("%s/%s.conf" % (WORK, name), "w").write("\n".join(config) + "\n")
        process = self.start(self.server, ["openvpn", "--cd", WORK, "--config", name + ".conf"], "%s/%s.log" % (WORK, name))
        assert until(lambda: "Initialization Sequence Completed" in text_of("%s/%s.log" % (WORK, name)) or "hold release" in text_of("%s/%s.log" % (WORK, name))), \
            text_of("%s/%s.log" % (WORK, name))
        return process

class Visitor:
    """One OpenVPN client."""
    n = 0
    def __init__(self, world, user, password=None, port=1194, certificate=None):
        Visitor.n += 1
        self.world, self.log = world, "%s/client%d.log" % (WORK, Visitor.n)
        config = ["client", "dev tun", "disable-dco", "proto udp", "remote 10.199.0.1 %d" % port, "ca ca.crt", "nobind", "route-nopull", "ifconfig-noexec",
                  "remote-cert-tls server", "verb 3", "connect-retry-max 1", "auth-retry none", "explicit-exit-notify 1", "hand-window 20"]
        if password is not None:
            open(WORK + "/up%d" % Visitor.n, "w").write("%s\n%s\n" % (user, password))
            os.chmod(WORK + "/up%d" % Visitor.n, 0o600)
            config.append("auth-user-pass up%d" % Visitor.n)
        if certificate:
            config += ["cert %s.crt" % certificate, "key %s.key" % certificate]
        open(WORK + "/client%d.conf" % Visitor.n, "w").write("\n".join(config) + "\n")
        self.process = world.start(world.client, ["openvpn", "--cd", WORK, "--config", "client%d.conf" % Visitor.n], self.log)
    def said(self):
        return text_of(self.log)
    def is_in(self, seconds=20):
        return until(lambda: "Initialization Sequence Completed" in self.said() or self.process.poll() is not None, seconds) \
            and "Initialization Sequence Completed" in self.said() and self.process.poll() is None
    def is_out(self, seconds=20):
        return until(lambda: self.process.poll() is not None, seconds)
    def leave(self, how=signal.SIGTERM):
        self.world.end(self.process, how)
