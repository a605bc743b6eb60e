"""A mail server of Debian's (exim4) with a configuration of its own, on loopback: for tests of mail that goes out.

    exim = Exim(work, 28025)            makes a small authority, certificates and the configuration in `work`
    exim.start(); exim.stop()
    exim.mails()                        what was delivered, as email.message.Message, oldest first
    exim.flag("slow"), exim.unflag()    how it behaves from now on, without a restart:
        defer      who is called slow@ is put off (451)
        wait       it answers the end of each message after some seconds

nobody@ is refused (550); so is a title with REFUSE in it. User samordna, password hemligt; without them nothing is taken. It answers as
localhost; `other.pem` is of another name, `self.pem` of no authority.
"""
import email, email.policy, os, pwd, signal, subprocess, time

CONF = """spool_directory = {dir}/spool
log_file_path = {dir}/exim-%slog
pid_file_path = {dir}/exim.pid
primary_hostname = mail.test.example
exim_user = {user}
exim_group = {group}
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
{tls}
auth_advertise_hosts = *
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data
trusted_users = {user}
smtp_accept_max = 50
begin acl
check_rcpt:
  deny    message = no such person here
          local_parts = nobody
  defer   message = come back later
          condition = ${{if exists{{{dir}/defer}}}}
          local_parts = slow
  deny    message = say who you are first
          !authenticated = *
  accept
check_data:
  deny    message = this text is refused
          condition = ${{if match{{$h_subject:}}{{REFUSE}}}}
  accept  condition = ${{if exists{{{dir}/wait}}}}
          delay = 3s
  accept
begin routers
all:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  directory = {dir}/mail
  user = {user}
  group = {group}
  maildir_format
  envelope_to_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_advertise_condition = ${{if def:tls_in_cipher}}
  server_condition = ${{if and{{{{eq{{$auth2}}{{samordna}}}}{{eq{{$auth3}}{{hemligt}}}}}}}}
  server_set_id = $auth2
"""

def make(work, *words):
    subprocess.run(["openssl", *words], cwd=work, check=True, capture_output=True)

class Exim:
    def __init__(self, work, port):
        self.dir, self.port, self.daemon = work, port, None
        os.makedirs(work + "/mail", exist_ok=True)
        os.makedirs(work + "/spool", exist_ok=True)
        # exim delivers as nobody who is root: as its own account, which must reach its folder.
        self.user = pwd.getpwuid(os.getuid()).pw_name if os.getuid() else "Debian-exim"
        make(work, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test CA")
        for name, host in (("srv", "localhost"), ("other", "other.example")):
            make(work, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + host)
            open(work + "/ext", "w").write("subjectAltName=DNS:%s\n" % host)
            make(work, "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "ext", "-out", name + ".pem")
        make(work, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "self.key", "-out", "self.pem", "-days", "30", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost")
        if not os.getuid():
            subprocess.run(["chown", "-R", self.user, work], check=True)
            while work != "/":
                os.chmod(work, os.stat(work).st_mode | 0o055)
                work = os.path.dirname(work)
                if os.stat(work).st_mode & 0o001:
                    break

    def start(self, certificate="srv", on_connect=False):
        tls = "tls_advertise_hosts =" if not certificate else "tls_advertise_hosts = *\ntls_certificate = {0}/{1}.pem\ntls_privatekey = {0}/{1}.key".format(self.dir, certificate)
        if on_connect:
            tls += "\ntls_on_connect_ports = %d" % self.port
        with open(self.dir + "/exim.conf", "w") as f:
            f.write(CONF.format(dir=self.dir, user=self.user, group=self.group(), port=self.port, tls=tls))
        os.chmod(self.dir + "/exim.conf", 0o644)
        self.daemon = subprocess.Popen(["/usr/sbin/exim4", "-C", self.dir + "/exim.conf", "-bdf", "-q1s"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       start_new_session=True)
        import socket
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise Exception("exim does not start: " + self.log())

    def stop(self):
        """With all its children: a connection that is kept open would outlive the daemon."""
        if self.daemon:
            os.killpg(self.daemon.pid, signal.SIGKILL)
            self.daemon.wait()
        self.daemon = None

    def group(self):
        import grp
        return grp.getgrgid(pwd.getpwnam(self.user).pw_gid).gr_name

    def log(self):
        name = self.dir + "/exim-mainlog"
        return open(name, errors="replace").read() if os.path.exists(name) else ""

    def flag(self, name):
        open(self.dir + "/" + name, "w").close()

    def unflag(self, *names):
        for name in names or ("defer", "wait"):
            if os.path.exists(self.dir + "/" + name):
                os.remove(self.dir + "/" + name)

    def mails(self):
        new = self.dir + "/mail/new"
        names = sorted(os.listdir(new), key=lambda n: os.stat(new + "/" + n).st_mtime) if os.path.isdir(new) else []
        return [email.message_from_bytes(open(new + "/" + n, "rb").read(), policy=email.policy.default) for n in names]

    def wait(self, n, seconds=20):
        """Until n mails are there."""
        for _ in range(seconds * 10):
            if len(self.mails()) >= n:
                break
            time.sleep(0.1)
        return self.mails()
