"""What the machine can do to a served home: a full disk, failing writes and syncs, a stopped neighbour, no descriptors left, a broken store,
ports and homes that are taken. Each time: a clear sentence, an exit code, the gate's word kept, and recovery without a hand."""
import json, os, random, shlex, shutil, signal, socket, subprocess, sys, time, urllib.request
from house import SAMORDNA, WORK, Asker, House, grant, judge, run, say


def count_of(asker, more, seconds):
    """Waits for `more` accepts; how long it took, None when they did not come."""
    at, began = len(asker.accepts), time.time()
    while time.time() < began + seconds:
        if len(asker.accepts) >= at + more:
            return time.time() - began
        time.sleep(0.01)
    return None


def end(name, house, asker):
    asker.end()
    lost, twice = judge(house.leaves(), asker.accepts)
    say("%s: every accept that was answered is in the log" % name, not lost and not twice and len(asker.accepts) > 100,
        "%d accepts, lost %s, twice %d" % (len(asker.accepts), lost[:10], twice))
    why = house.is_whole()
    say("%s: the log is whole" % name, not why, why)
    house.stop()


def full_disk():
    disk = os.path.join(WORK, "disk")
    os.mkdir(disk)
    os.chmod(disk, 0o755)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], stderr=subprocess.DEVNULL).returncode:
        print("skip full disk: no tmpfs can be mounted here", flush=True)
        return
    house = House("full", where=disk).start()
    house.fill()
    asker = Asker(house.radius)
    asker.start()
    count_of(asker, 200, 10)
    ballast = os.path.join(disk, "ballast")
    fd = os.open(ballast, os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(fd, bytes(4096))
    except OSError:
        os.close(fd)
    time.sleep(3)                      # what room the log still had is used up
    at = len(asker.accepts)
    time.sleep(2)
    say("full disk: no accept is promised", len(asker.accepts) == at, "%d more" % (len(asker.accepts) - at))
    # The log may have a last page free: a change that is small enough for it is kept, and is then there. One of the next is refused.
    kept = []
    for _ in range(200):
        code, out, err = house.run(*grant("p7"))
        if code:
            break
        kept.append(json.loads(out)["grant"])
    say("full disk: a change is refused with its reason", code == 1 and len(err) > 20 and "disk" in err.lower(),
        "%d kept, then exit %d: %s" % (len(kept), code, err))
    code, out, err = house.run("access", "list", "--json")
    there = {json.loads(line)["grant"] for line in out.splitlines()}
    say("full disk: a change that was answered is there", code == 0 and there.issuperset(kept), "exit %d: %s" % (code, err))
    code, out, err = house.run("people", "list", "--json")
    say("full disk: reading goes on", code == 0 and out.count("\n") >= 60, "exit %d: %s" % (code, err))
    code, out, err = house.run("gate", "ask", "p7", "--json")
    say("full disk: the gate explains", code == 0 and '"verdict":"pass"' in out, "exit %d: %s%s" % (code, out, err))
    code, out, err = house.run("doctor", "--json")
    disks = [c for c in map(json.loads, out.splitlines()) if c["check"] == "disk"]
    say("full disk: doctor says it", code == 6 and disks and disks[0]["state"] == "fail", "exit %d: %s" % (code, disks))
    os.remove(ballast)
    took = count_of(asker, 50, 15)
    say("full disk: with room again it goes on by itself", took is not None, open(house.log).read()[-1500:])
    code, out, err = house.run(*grant("p7"))
    say("full disk: changes go on too", code == 0, "exit %d: %s" % (code, err))
    end("full disk", house, asker)
    subprocess.run(["umount", "-l", disk])


def failing_calls():
    """strace lets one call of core's fail for a while: the writer's answers are what is judged."""
    ways = [("fdatasync", "EIO", "60..90"), ("pwrite64", "ENOSPC", "120..150"), ("pwrite64", "EIO", "120..150+2"), ("fdatasync", "EIO", "50+25")]
    for call, error, when in ways if os.environ.get("ALL") else ways[:2]:
        name = "%s fails with %s" % (call, error) + (" again and again" if "+25" in when else "")
        house = House("io-%s-%s-%s" % (call, error, "on" if "+" in when else "once"))
        house.start()
        house.fill()
        house.stop()
        traced = ["strace", "-f", "-qqq", "-o", os.path.join(WORK, "trace"), "--trace=" + call, "--inject=%s:error=%s:when=%s" % (call, error, when)]
        house.serve = None
        house.start(*traced)
        asker = Asker(house.radius, window=4)
        asker.start()
        # The more the writer gathers into one write, the more answers it takes until the call that fails comes.
        injected, until = 0, time.time() + 60
        while not injected and time.time() < until:
            count_of(asker, 300, 5)
            injected = open(os.path.join(WORK, "trace"), errors="replace").read().count("(INJECTED)")
        count_of(asker, 50, 2)
        say("%s: it did" % name, injected > 0, "nothing was injected")
        log = open(house.log).read()
        say("%s: it is said" % name, "could not be stored" in log or "ended" in log, log[-800:])
        asker.end()
        # strace's child is the keeper: end it, so that what counts is what stands on the disk.
        os.kill(int(open("/proc/%d/task/%d/children" % (house.serve.pid, house.serve.pid)).read().split()[0]), signal.SIGKILL)
        house.serve.wait()
        time.sleep(0.3)
        house.start()
        end(name, house, asker)


def stopped_neighbours():
    house = House("stopped").start()
    house.fill()
    asker = Asker(house.radius)
    asker.start()
    count_of(asker, 200, 10)
    seal = house.child("seal")
    os.kill(seal, signal.SIGSTOP)
    client = subprocess.Popen([SAMORDNA, "audit", "seal", "--home", house.home], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    longest, last, until = 0, time.time(), time.time() + 6
    while time.time() < until:
        took = count_of(asker, 1, 6)
        longest, last = max(longest, took or 6), time.time()
    say("stopped seal: the gate waits for it at most 3 seconds", longest < 3, "%.1f s" % longest)
    try:
        err = client.communicate(timeout=20)[1]
        say("stopped seal: who asks it is told", client.returncode in (1, 8) and len(err) > 20, "exit %d: %s" % (client.returncode, err))
    except subprocess.TimeoutExpired:
        client.kill()
        say("stopped seal: who asks it is told", False, "no answer within 20 seconds")
    now = house.child("seal")
    say("stopped seal: it is ended and started again", now and now != seal and "seal does not answer" in open(house.log).read())
    code, out, err = house.run("audit", "seal", "--json")
    for _ in range(10):
        if code != 8:
            break
        time.sleep(0.5)
        code, out, err = house.run("audit", "seal", "--json")
    say("stopped seal: sealing goes on", code == 0, "exit %d: %s" % (code, err))
    # core stopped for a moment: nobody is answered, nobody dies of it, all goes on.
    core = house.child("core")
    os.kill(core, signal.SIGSTOP)
    time.sleep(1.5)
    at = len(asker.accepts)
    time.sleep(1)
    say("stopped core: nothing is promised", len(asker.accepts) == at)
    os.kill(core, signal.SIGCONT)
    say("stopped core: goes on when it is let", count_of(asker, 100, 10) is not None and house.child("core") == core)
    # web stopped: the gate does not care.
    web = house.child("web")
    os.kill(web, signal.SIGSTOP)
    say("stopped web: the gate goes on", count_of(asker, 500, 10) is not None)
    os.kill(web, signal.SIGCONT)
    end("stopped neighbours", house, asker)


def processor_time(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def no_descriptors():
    """64 descriptors for everybody, and more visitors than that."""
    house = House("few").start("prlimit", "--nofile=64:64")
    house.fill()
    asker = Asker(house.radius)
    asker.start()
    visitors = []
    for _ in range(150):
        try:
            visitors.append(socket.create_connection(("127.0.0.1", house.port), timeout=1))
        except OSError:
            break
    time.sleep(1)
    web = house.child("web")
    before = processor_time(web)
    time.sleep(3)
    busy = (processor_time(web) - before) / 3
    say("no descriptors: web does not spin", busy < 0.2, "%.0f %% of a processor" % (busy * 100))
    say("no descriptors: the gate goes on", count_of(asker, 200, 10) is not None)
    for one in visitors:
        one.close()
    began, status = time.time(), None
    while time.time() < began + 5 and status != 200:
        try:
            status = urllib.request.urlopen("http://localhost:%d/healthz" % house.port, timeout=2).status
        except Exception as e:
            status = repr(e)
            time.sleep(0.05)
    say("no descriptors: web answers again when they are gone", status == 200 and house.child("web") == web, "%s" % status)
    end("no descriptors", house, asker)


def starts(name, house, wanted, *words):
    """serve must end by itself, with that status and a sentence that has these words."""
    try:
        done = subprocess.run([SAMORDNA, "serve", "--home", house.home], capture_output=True, text=True, timeout=20, env=dict(os.environ, LC_ALL="en_US.UTF-8"))
        code, err = done.returncode, done.stderr
    except subprocess.TimeoutExpired as e:
        code, err = "none", "it runs: %s" % e.stderr
    say("start: %s" % name, code == wanted and all(w in err for w in words), "exit %s: %s" % (code, err))


def starting():
    house = House("start").start()
    house.fill()
    starts("a home that is served already", house, 7, "running")
    other = House("start-other")
    starts("a port that is taken", other, 1, "28300")
    house.stop()
    store, conf = house.home + "/store/samordna.db", house.home + "/samordna.conf"
    away = os.path.join(WORK, "store-as-it-was")

    def put_back():
        """Store and its log of writes belong together."""
        shutil.rmtree(house.home + "/store")
        shutil.copytree(away, house.home + "/store")

    shutil.copytree(house.home + "/store", away)
    for name in os.listdir(house.home + "/store"):
        if name != "samordna.db":
            os.remove(house.home + "/store/" + name)
    good = open(store, "rb").read()
    text = open(conf).read()
    open(conf, "a").write("colour = red\n")
    starts("an unknown setting", house, 2, "samordna.conf:%d" % (text.count("\n") + 1), "colour")
    open(conf, "w").write(text)
    open(store, "wb").write(b"\0" * 4096 + good[4096:])
    starts("a store without a head", house, 6, "the store is broken", "backup restore")
    bad = bytearray(good)
    for page in range(2, len(good) // 4096):
        bad[page * 4096:page * 4096 + 64] = b"\xff" * 64
    open(store, "wb").write(bad)
    starts("a store with broken pages", house, 6, "the store is broken", "backup restore")
    put_back()
    os.rename(store, store + ".away")
    starts("a home without its store", house, 3, "samordna.db")
    os.rename(store + ".away", store)
    state = house.home + "/seal/state"
    os.rename(state, state + ".away")
    starts("a home without the log's keys", house, 1, "seal/state")
    os.rename(state + ".away", state)
    house.start()
    why = house.is_whole()
    say("start: put back, all is as it was", not why, why)
    house.stop()


def split_brain(house, conninfo):
    """Two servers of one home on one database: who comes second is refused, also when the first is only stuck; when the first has died the second takes
    over with the seal's state, and the first, revived, is refused in its turn. Every accept of either stands in the one log, once."""
    twin = House("twin", port=28390, extra="store = postgres:%s\n" % conninfo)
    accepts, refused, rounds = [], 0, 20 if os.environ.get("ALL") else 3

    def is_refused(other):
        try:
            done = subprocess.run([SAMORDNA, "serve", "--home", other.home], capture_output=True, text=True, timeout=30, env=dict(os.environ, LC_ALL="en_US.UTF-8"))
            return done.returncode != 0 and "another Samordna writes to this database" in done.stderr
        except subprocess.TimeoutExpired:
            return False

    def serve(one, last):
        shutil.rmtree(one.home + "/seal", ignore_errors=True)
        shutil.copytree(last.home + "/seal", one.home + "/seal")
        one.start()
        asker = Asker(one.radius)
        asker.start()
        came = count_of(asker, 50, 30) is not None
        return asker, came

    one, other, took_over = house, twin, 0
    os.makedirs(twin.home + "/store", exist_ok=True)
    shutil.copytree(house.home + "/seal", twin.home + "/seal")
    one.start()
    asker = Asker(one.radius)
    asker.start()
    count_of(asker, 50, 30)
    for _ in range(rounds):
        refused += is_refused(other)
        core = one.child("core")
        os.kill(core, signal.SIGSTOP)
        refused += is_refused(other)
        os.kill(core, signal.SIGCONT)
        children = open("/proc/%d/task/%d/children" % (one.keeper(), one.keeper())).read().split()
        for pid in [one.keeper(), *map(int, children)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        one.serve.wait()
        asker.end()
        accepts += asker.accepts
        asker, came = serve(other, one)
        took_over += came
        refused += is_refused(one)
        one, other = other, one
    asker.end()
    accepts += asker.accepts
    lost, twice = judge(one.leaves(), accepts)
    say("split brain: the second is refused, and the first when it comes back", refused == 3 * rounds, "%d of %d" % (refused, 3 * rounds))
    say("split brain: whoever is left takes over", took_over == rounds, "%d of %d" % (took_over, rounds))
    say("split brain: every accept of either is in the log, once", not lost and not twice and len(accepts) > 50 * rounds,
        "%d accepts, lost %s, twice %d" % (len(accepts), lost[:10], twice))
    why = one.is_whole()
    say("split brain: the log is whole", not why, why)
    one.stop()


def killed_postgres():
    """The store's own server is killed under load and comes back: nothing that was answered is lost, and it goes on by itself."""
    conninfo = os.environ.get("SAMORDNA_TEST_POSTGRES")
    if not conninfo:                 # tests/postgres starts one, and us again
        again = os.path.join(WORK, "again")
        with open(again, "w") as f:
            f.write('#!/bin/sh\nONLY=postgres exec python3 "%s"\n' % os.path.abspath(__file__))
        os.chmod(again, 0o755)
        if subprocess.run([os.environ["TOP"] + "/tests/postgres", again]).returncode == 77:
            print("skip killed PostgreSQL: none is installed", flush=True)
        return
    data = conninfo.split("host=")[1].split()[0] + "/data"
    first = House("sqlite", port=28380)
    first.fill()
    house = House("postgres", port=28384, extra="store = postgres:%s\n" % conninfo)
    for words in (("create", WORK + "/carried"), ("restore", WORK + "/carried")):
        code, out, err = run("backup", *words, home=first.home if words[0] == "create" else house.home)
        if code:
            raise SystemExit("backup %s: %s" % (words[0], err))
    command = shlex.split(open(data + "/postmaster.opts").read())
    as_whom = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--no-new-privs", "--"] if os.getuid() == 0 else []
    house.start()
    asker, servers, waits, none = Asker(house.radius), [], [], 0
    asker.start()
    count_of(asker, 200, 20)
    for _ in range(20 if os.environ.get("ALL") else 3):
        postmaster = int(open(data + "/postmaster.pid").readline())
        children = open("/proc/%d/task/%d/children" % (postmaster, postmaster)).read().split()
        for pid in [postmaster, *map(int, children)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.5)
        at = len(asker.accepts)
        code, out, err = house.run("people", "unit", "Arkiv", "--class", "2", timeout=30)
        none += code != 0 and len(err) > 20
        none += len(asker.accepts) == at
        for one in servers:
            one.wait()
        servers.append(subprocess.Popen([*as_whom, *command], stdout=subprocess.DEVNULL, stderr=open(WORK + "/postgres.log", "a"), cwd="/"))
        waits.append(count_of(asker, 50, 30))
    say("killed PostgreSQL: while it is gone no accept is promised and a change is refused with its reason", none == 2 * len(waits), "%d of %d: %s" % (none, 2 * len(waits), err))
    say("killed PostgreSQL: it goes on by itself each time", None not in waits, "%s: %s" % (waits, open(house.log).read()[-1500:]))
    end("killed PostgreSQL", house, asker)
    split_brain(house, conninfo)
    for one in servers[-1:]:
        one.send_signal(signal.SIGINT)
        one.wait()


def flipped_bits():
    """One bit of the store's files is another one: it is told in a sentence, or the log is as long as it was and nothing that is shown has changed."""
    house = House("flips", port=28388)
    folder = house.home + "/store/"

    def files():
        return [folder + name for name in os.listdir(folder) if name.startswith("samordna.db") and not name.endswith("-shm")]

    def asked(*words):
        """In bytes: what a bit has changed may be no text."""
        done = subprocess.run([SAMORDNA, *words, "--home", house.home, "--json"], capture_output=True, timeout=120, stdin=subprocess.DEVNULL, env=dict(os.environ, LC_ALL="en_US.UTF-8"))
        return done.returncode, done.stdout, done.stderr

    def lay(kept):
        for name in os.listdir(folder):
            if name.startswith("samordna.db"):
                os.remove(folder + name)
        for name, bytes_ in kept.items():
            with open(name, "wb") as f:
                f.write(bytes_)

    def seen():
        code, out, err = asked("audit", "verify", "--replay")
        return code, err, [json.loads(out.splitlines()[0])["size"], asked("people", "list")[1], asked("access", "list")[1]] if code == 0 else out

    house.start()
    house.fill()
    house.run("audit", "seal")
    for how, n in (("after a kill, with the log beside the database", 60), ("after an orderly end", 240)) if os.environ.get("ALL") else (("after a kill, with the log beside the database", 6), ("after an orderly end", 14)):
        if n in (60, 6):
            os.kill(house.keeper(), signal.SIGKILL)
            house.serve.wait()
            time.sleep(0.5)
        kept = {name: open(name, "rb").read() for name in files()}
        right, whole, told, silent, dumb = seen(), sum(map(len, kept.values())), 0, [], []
        for _ in range(n):
            changed, at = dict(kept), random.randrange(whole)
            for name, bytes_ in kept.items():
                if 0 <= at < len(bytes_):
                    where = "%s byte %d" % (os.path.basename(name), at)
                    changed[name] = bytes_[:at] + bytes([bytes_[at] ^ 1 << random.randrange(8)]) + bytes_[at + 1:]
                at -= len(bytes_)
            lay(changed)
            code, err, came = seen()
            told += code != 0
            if code and (code not in (1, 5, 6, 8) or len(err) < 20 and b'"text"' not in came):
                dumb.append("%s: exit %d, %r %r" % (where, code, came, err))
            if not code and came != right[2]:
                silent.append("%s: the log has %s leaves, not %s" % (where, came[0], right[2][0]))
        lay(kept)
        asked("people", "list")            # starts and ends in good order
        say("flipped bits, %s: of %d in %d bytes %d are told, and the others change nothing" % (how, n, whole, told), right[0] == 0 and not silent, "\n".join(silent[:5]))
        say("flipped bits, %s: what is told is a sentence" % how, not dumb and (told or n < 14), "\n".join(dumb[:5]))


TESTS = dict(flips=flipped_bits, disk=full_disk, calls=failing_calls, stopped=stopped_neighbours, descriptors=no_descriptors, starting=starting, postgres=killed_postgres)
for one in os.environ.get("ONLY", " ".join(TESTS)).split():
    TESTS[one]()
