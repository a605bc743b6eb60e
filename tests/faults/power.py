"""The power goes off: what the disk holds at that moment is looked at as a machine finds it after a cut.

HOME lies on a small file system whose disk is a file; a cut is a copy of that file in one instant (a reflink), so what had not reached the
disk is gone, while the server goes on and is cut again. Each accept that the client had been told before the cut must be in the log of the
copy, and the copy must be whole. Sectors are not torn or reordered: that a disk which lies about its cache does, and no program can mend.

power.py CUTS"""
import os, random, sqlite3, subprocess, sys, time
from house import SAMORDNA, WORK, Asker, House, grant, run, say

CUTS = int(sys.argv[1])


def sh(*words):
    return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def rig():
    """The folder in which the home is to lie; None when this machine cannot do it."""
    os.chdir(WORK)
    for name in ("under", "live", "copy"):
        os.mkdir(name)
        os.chmod(name, 0o755)
    for words in (("truncate", "-s", "400M", "under.img"), ("mkfs.xfs", "-q", "-m", "reflink=1", "under.img"), ("mount", "-o", "loop", "under.img", "under"),
                  ("truncate", "-s", "96M", "under/disk.img"), ("mkfs.ext4", "-q", "-F", "under/disk.img"), ("mount", "-o", "loop", "under/disk.img", "live")):
        try:
            done = sh(*words)
        except FileNotFoundError as e:
            return print("skip power: %s" % e, flush=True)
        if done.returncode:
            return print("skip power: %s: %s" % (" ".join(words), done.stderr.strip()), flush=True)
    return os.path.join(WORK, "live")


def told_but_not_there(accepts):
    """Reads the copy's store, as SQLite finds it."""
    store = sqlite3.connect(WORK + "/copy/home/store/samordna.db")
    if store.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        return ["the store is broken"]
    newest = store.execute("SELECT max(id) FROM audit_leaf").fetchone()[0]
    lost = [a for a in accepts if a[0] > newest]
    for leaf, person in accepts[-200:]:
        row = store.execute("SELECT leaf FROM audit_leaf WHERE id = ?", (leaf,)).fetchone()
        if row and ('"action":"gate.accept","subject":"%s"' % person) not in (row[0].decode() if isinstance(row[0], bytes) else row[0]):
            lost.append((leaf, person))
    store.close()
    return lost


def cut(asker, is_whole_too):
    """One cut, and what was found wrong; "" for nothing."""
    accepts = asker.accepts[-2000:]                  # told before the power went
    for words in (("cp", "--reflink=always", "under/disk.img", "under/cut.img"), ("mount", "-o", "loop", "under/cut.img", "copy")):
        done = sh(*words)
        if done.returncode:
            return "%s: %s" % (" ".join(words), done.stderr)
    try:
        lost = told_but_not_there(accepts)
        if lost:
            return "lost %d of %d: %s" % (len(lost), len(accepts), lost[:5])
        if not told_but_not_there(accepts + [(1 << 40, "p3")]):
            return "the judge does not find an accept that is not there"
        if is_whole_too:
            if os.path.exists("copy/home/control.sock"):
                os.remove("copy/home/control.sock")      # the live server's: a socket is no file that a cut leaves usable
            code, out, err = run("audit", "verify", "--replay", home=WORK + "/copy/home")
            if code:
                return "verify: exit %d %s%s" % (code, out, err)
            code, out, err = run("audit", "seal", home=WORK + "/copy/home")
            if code:
                return "seal: exit %d %s%s" % (code, out, err)
        return ""
    finally:
        for _ in range(100):
            if sh("umount", "copy").returncode == 0:
                break
            time.sleep(0.05)
        os.remove("under/cut.img")


def main():
    where = rig()
    if not where:
        return
    house = House("home", port=28320, where=where).start()
    house.fill()
    asker = Asker(house.radius)
    asker.start()
    while len(asker.accepts) < 300:
        time.sleep(0.05)
    wrong, told = [], len(asker.accepts)
    for i in range(CUTS):
        time.sleep(random.uniform(0.01, 0.08))
        if i % 5 == 1:
            house.run("audit", "seal")               # so that cuts fall near a key that changes
        if i % 7 == 2:
            house.run(*grant("p%d" % random.randrange(3, 60)))
        why = cut(asker, i % 10 == 0)
        if why:
            wrong.append("cut %d: %s" % (i, why))
    told = len(asker.accepts) - told
    asker.end()
    say("power: cut %d times under %s accepts: each that was told is there, none by hand" % (CUTS, "load, thousands of" if told > 1000 else told), not wrong and told > CUTS,
        "%d told; %s" % (told, "\n".join(wrong[:10])))
    why = house.is_whole()
    say("power: and the live log is whole", not why, why)
    house.stop()
    for name in ("live", "under"):
        sh("umount", "-l", WORK + "/" + name)


main()
