#!/usr/bin/env python3
"""tests/link.sh runs this; BUILD, WORK and ALL stand in the environment.

Twelve names as Swedish municipalities have them are made up at random, their imitations by dnstwist and by the classes here, ordinary
names from Debian's word lists. Recall is counted per class, as most of dnstwist's fakes are homoglyphs. SEED in the environment picks
other names.
"""
import json, os, random, re, subprocess, sys, unicodedata
sys.path.insert(0, "/usr/lib/python3/dist-packages")
import dnstwist

S, WORK, ALL = os.environ["BUILD"] + "/samordna", os.environ["WORK"], os.environ.get("ALL")
SEED = int(os.environ.get("SEED") or 2026)
os.chdir(WORK)


def check(name, good, got=""):
    print(("ok " if good else "not ok ") + "link " + name, flush=True)
    if not good:
        print("%s (SEED=%d): %s" % (name, SEED, str(got)[:3000]), file=sys.stderr, flush=True)


def call(*words, text="", json_=True):
    done = subprocess.run([S, "link", "check", *words] + (["--json"] if json_ else []), input=text.encode("utf-8", "surrogateescape"),
                          capture_output=True, timeout=300, env={"PATH": "/usr/bin:/bin", "LANG": "en", "SAMORDNA_HOME": "/nonexistent"})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def answers(own, urls):
    with open("own", "w") as to:
        to.write("\n".join(own) + "\n")
    code, out, err = call("--own", "own", "-", text="\n".join(urls) + "\n")
    rows = [json.loads(line) for line in out.splitlines()]
    if len(rows) != len(urls):
        raise SystemExit("%d answers to %d links: %s" % (len(rows), len(urls), err))
    return code, rows


def interface():
    with open("own", "wb") as to:
        to.write("\ufeff# våra\r\n\r\nLOGIN.storvik.se # här\r\n*.Räksmörgås.se\r\n".encode())
    code, out, err = call("--own", "own", "https://login.storvik.se/", "https://example.com/")
    rows = [json.loads(line) for line in out.splitlines()]
    check("one answer for each, in order, with the fixed keys",
          code == 0 and err == "" and [r["verdict"] for r in rows] == ["ours", "not_ours"]
          and all({"url", "host", "verdict", "imitates", "reasons"} <= set(r) for r in rows)
          and all(isinstance(r["reasons"], list) and r["reasons"] for r in rows), (code, out, err))
    code, out, err = call("--own", "own", "-", text="\ufeffhttps://LOGIN.storvik.se/\r\n\r\n\nhttps://x.xn--rksmrgs-5wao1o.se/\nhttps://räksmörgås.se/\nhttps:// /")
    rows = [json.loads(line) for line in out.splitlines()]
    check("lines: CRLF, BOM, empty lines, none at the end; below a domain, not the domain itself",
          code == 0 and [(r["url"], r["verdict"], r["host"]) for r in rows] == [
              ("https://LOGIN.storvik.se/", "ours", "login.storvik.se"), ("https://x.xn--rksmrgs-5wao1o.se/", "ours", "x.xn--rksmrgs-5wao1o.se"),
              ("https://räksmörgås.se/", "not_ours", "xn--rksmrgs-5wao1o.se"), ("https:// /", "not_ours", None)], (code, out, err))
    code, out, err = call("--own", "own", "https://st0rvik.se/", "https://a b/")
    check("6 when one imitates, and which", code == 6 and json.loads(out.splitlines()[0])["imitates"] == "login.storvik.se", (code, out, err))
    code, out, err = call("--own", "own", "-", text="https://raksmorgas.se/\n")
    check("the imitated host without *.", code == 6 and json.loads(out)["imitates"] == "xn--rksmrgs-5wao1o.se", (code, out, err))
    code, out, err = call("--own", "own", "-", text="https://login.storvik.se/" + "å" * 3000 + "\n" + "\udcff\udcfe\x00\n")
    rows = [json.loads(line) for line in out.splitlines()]
    check("a long link is cut, bytes that are no text are no crash",
          len(rows) == 2 and 1900 <= len(rows[0]["url"].encode()) <= 4000 and len(rows[0]["url"]) <= 2000 and rows[1]["verdict"] == "not_ours", (code, out, err))
    check("no such list is exit 3", call("--own", "none", "x")[0] == 3)
    check("no link is exit 2", call("--own", "own")[0] == 2)
    with open("bad", "w") as to:
        to.write("ok.se\nhttps://login.storvik.se/\n")
    code, out, err = call("--own", "bad", "x")
    check("a list with a bad line says which", code == 2 and out == "" and "line 2" in err, (code, out, err))
    code, out, err = call("--own", "own", "https://st0rvik.se/\x1b[2J", json_=False)
    check("people read words, no codes and no controls", code == 6 and "IMITATES US" in out and "\x1b" not in out and "look_alike" not in out, out)


# --- names ---

ONSETS = "b br d dr f fl fr g gr h j k kl kr l m n p r s sk sl st str sv t tr v".split()
VOWELS, CODAS = "aeiouy" + "aeo", "l n r s t k m lj rg nd st ng".split()
ENDS = "vik by borg stad torp sund hem köping lund dal fors berga".replace("ö", "o").split()
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
DOUBLE = re.compile(r"^(.*)\1$")


def name(rng):
    n = rng.choice(ONSETS) + rng.choice(VOWELS)
    if rng.random() < .6:
        n += rng.choice(CODAS)
    n += rng.choice(ENDS) if rng.random() < .7 else rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS)
    return n + "-kommun" if rng.random() < .08 else n


def some_names(rng, count, avoid):
    found = []
    while len(found) < count:
        n = name(rng)
        if 5 <= len(n) and n not in found and n not in avoid:
            found.append(n)
    return found


# --- imitations ---

CYRILLIC = dict(zip("abcdefghijklmnopqrstuvwxyz", "аьсԁеғԍһіјкӏмпорԛгѕтцѵԝхуʐ"))
GREEK = dict(zip("abcdefghijklmnopqrstuvwxyz", "αβϲδεϝɡһιϳκιмηορϙгѕτυνωχγʐ"))   # what that script lacks is borrowed
SWEDISH_WORDS = "login logga-in inloggning konto support saker portal bekrafta lasupp kundtjanst nytt sverige hjalp faktura betala".split()


def accented(rng, letter):
    """A letter whose Unicode name says that it is this one with something: chosen by the name, among all that a host may hold."""
    pool = accented.pool.setdefault(letter, [
        chr(c) for block in ((0xc0, 0x250), (0x1e00, 0x1f00), (0x2c60, 0x2c80), (0xa740, 0xa800)) for c in range(*block)
        if unicodedata.name(chr(c), "").startswith("LATIN SMALL LETTER %s WITH" % letter.upper())])
    return rng.choice(pool) if pool else None


accented.pool = {}


def own_classes(rng, n, suffix):
    yield from (("suffix swap", n + "." + s) for s in ("com", "nu", "net", "org", "eu", "com.se", "co", "support", "tld") if s != suffix)
    yield from (("plural", n[:i] + e + n[i:] + "." + suffix) for i in range(2, len(n)) for e in ("s", "es"))
    for w in SWEDISH_WORDS:
        yield from (("added word", a + "." + suffix) for a in (n + w, n + "-" + w, w + n, w + "-" + n))
        yield "word and other suffix", w + "-" + n + ".com"
    for i, c in enumerate(n):
        if c.isalpha() and accented(rng, c):
            yield "accent", n[:i] + accented(rng, c) + n[i + 1:] + "." + suffix
    yield "all accents", "".join(accented(rng, c) or c for c in n) + "." + suffix
    yield "full Cyrillic", "".join(CYRILLIC.get(c, c) for c in n) + "." + suffix
    yield "full Greek", "".join(GREEK.get(c, c) for c in n) + "." + suffix
    yield "full width", "".join(chr(ord(c) + 0xfee0) for c in n) + "x." + suffix
    yield "mathematical", "".join(chr(0x1d41a + ord(c) - 97) if c.isalpha() else c for c in n) + ".com"
    host = n + "." + suffix
    yield from (("embedding", e) for e in ("login." + host + ".example.com", host.replace(".", "-") + ".example.com", host.replace(".", "") + ".com",
                                           "www-" + host, "https-" + host, host + ".evil.tld"))
    yield from (("user", host + u) for u in ("@evil.tld", ":443@evil.tld", "%2f@evil.tld"))
    yield from (("path", "evil.tld/" + p) for p in (n + "/login.php", "login/" + n, "sso/?org=" + n))


def wanted_of(domain, rng):
    words = [w for w in open("/usr/share/dnstwist/dictionaries/english.dict").read().split() if not w.startswith("#")]
    suffixes = open("/usr/share/dnstwist/dictionaries/common_tlds.dict").read().split()
    twist = dnstwist.Fuzzer(domain, dictionary=words, tld_dictionary=suffixes)
    twist.generate()
    classes = {}
    for one in twist.domains:
        # What is a part of our own domain, or the domain itself, imitates nobody.
        if not one["domain"].endswith("." + domain) and one["domain"] != domain:
            classes.setdefault(one["fuzzer"], []).append(one["domain"])
    for kind, host in own_classes(rng, *domain.split(".", 1)):
        classes.setdefault(kind, []).append(host)
    for kind in list(classes):
        if len(classes[kind]) > 2000:
            classes[kind] = rng.sample(classes[kind], 2000)
    return classes


def recall():
    rng = random.Random(SEED)
    names = some_names(rng, 12, ())
    domains = [n + "." + rng.choice(["se", "se", "se", "nu", "org.se"]) for n in names]
    own = [rng.choice(["", "login.", "*.", "vpn."]) + d for d in domains]
    links, of = [], []
    for domain in domains:
        for kind, hosts in wanted_of(domain, rng).items():
            links += ["https://" + h + ("" if "/" in h else "/") for h in hosts]
            of += [(kind, domain)] * len(hosts)
    _, rows = answers(own, links)
    ours = [r["url"] for r in rows if r["verdict"] == "ours"]
    check("no imitation is ours (%d of them)" % len(links), not ours, ours[:20])
    found, missed, wrong = {}, {}, []
    for (kind, domain), row in zip(of, rows):
        hit = row["verdict"] == "imitates"
        found.setdefault(kind, []).append(hit)
        if not hit:
            missed.setdefault(kind, []).append(row["url"])
        elif row["imitates"] not in [o.replace("*.", "") for o in own]:
            wrong.append(row)
    check("the imitated host is one of ours", not wrong, wrong[:5])
    shares = {kind: sum(hits) / len(hits) for kind, hits in found.items()}
    for kind in sorted(shares):
        check("recall: %s %.1f %% of %d" % (kind, 100 * shares[kind], len(found[kind])), shares[kind] >= .92, missed.get(kind, [])[:30])
    mean = sum(shares.values()) / len(shares)
    check("recall: mean of %d classes %.2f %%" % (len(shares), 100 * mean), mean >= .98, (names, shares))


def innocent():
    rng = random.Random(SEED)
    lists = []
    for path, encoding in (("/usr/share/dict/swedish", "latin-1"), ("/usr/share/dict/american-english", "utf-8")):
        with open(path, encoding=encoding) as words:
            lists.append([w.strip().lower() for w in words if w.strip().isalpha() and 3 <= len(w.strip()) <= 14])
    known = {w for words in lists for w in words}
    own = [n + ".se" for n in some_names(rng, 12, known)]
    hosts = set()
    while len(hosts) < (60000 if ALL else 20000):
        words = rng.choice(lists)
        n, chance = rng.choice(words), rng.random()
        if chance < .35:
            n += rng.choice(words)
        elif chance < .5:
            n += "-" + rng.choice(words)
        if len(n) <= 25:
            hosts.add(n + "." + rng.choice("se se se com com nu net org eu info".split()))
    _, rows = answers(own, ["https://" + h + "/" for h in sorted(hosts)])
    alarms = [(r["url"], r["imitates"]) for r in rows if r["verdict"] != "not_ours"]
    check("false alarms: %d in %d ordinary names" % (len(alarms), len(hosts)), len(alarms) * 20000 <= 4 * len(hosts), (own, alarms))


interface()
recall()
innocent()
