# /lank, where staff check a link: without a log-in, through web, core and the reader in its jail; both addresses, both languages.
set -u
S=$BUILD/samordna H=$WORK/home P=28093
"$S" init --home "$H" --org Provkommunen >"$WORK/init" 2>&1 || { cat "$WORK/init" >&2; echo "not ok link page: init"; exit; }
"$S" serve --home "$H" --port $P 2>"$WORK/serve.log" &
server=$!
trap 'kill $server 2>/dev/null; wait 2>/dev/null' EXIT
i=0; until curl -fs "http://localhost:$P/readyz" >/dev/null 2>&1; do i=$((i + 1)); [ $i -lt 200 ] || break; sleep .05; done
PYTHONDONTWRITEBYTECODE=1 python3 - "$TOP/tests" "http://localhost:$P" "$S" "$H" <<'EOP' || tail -n 20 "$WORK/serve.log" >&2
import subprocess, sys
sys.path.insert(0, sys.argv[1])
from web_client import Web
base, binary, home = sys.argv[2:]
failed = False


def check(name, good, page=None):
    global failed
    print(("ok" if good else "not ok") + " link page: " + name, flush=True)
    if not good:
        failed = True
        print(name, page and (page.status, page.words()[:1500]), file=sys.stderr)


web = Web(base, lang="en")
page = web.get("/lank")
check("says when no pages are listed", page.status == 200 and "has not said yet" in page.words() and 'name="url"' not in page.text, page)
done = subprocess.run([binary, "setting", "set", "logins.own_hosts", "login.storvik.se  *.lillby-kommun.se, not/a/host räksmörgås.se", "--home", home],
                      capture_output=True, text=True)
check("the setting takes the hosts", done.returncode == 0)


def ask(link, lang="en", at="/lank"):
    its = Web(base, lang=lang)
    return its.post(at, {"url": link}, at=at)


page = ask("https://login.storvik.se/start")
check("ours", page.status == 200 and "This is our page." in page.words() and "login.storvik.se" in page.words() and "Not ours" not in page.words(), page)
def cli(*words):
    return subprocess.run([binary, "link", "check", "--home", home, "--json", *words], capture_output=True, text=True)


said = cli("https://login.storvik.se/")
check("the command without a list: one that is no host is named", said.returncode == 2 and said.stdout == "" and "not/a/host" in said.stderr)
page = ask("https://räksmörgås.se/", lang="sv")
check("ours, in Swedish", "Det här är vår sida." in page.words(), page)
page = ask("https://st0rvik.se/", lang="sv")
check("an imitation, in Swedish", "Den härmar oss: logga inte in." in page.words() and "login.storvik.se" in page.words(), page)
page = ask("https://example.com/", lang="sv", at="/logins/link")
check("not ours, at the English address", "Inte vår: logga inte in där." in page.words() and "example.com" in page.words(), page)
page = ask('https://login.storvik.se@evil.example/"><script>alert(1)</script>')
check("hostile text is text", page.status == 200 and "imitates us" in page.words() and "<script>alert" not in page.text, page)
page = ask("")
check("nothing pasted is said beside the field", "Paste a link" in page.words() and "Error" in page.text, page)
page = ask("https://login.storvik.se/" + "a" * 9000)
check("too long is not ours", "it is not ours" in page.words(), page)
bare = Web(base, lang="en").request("POST", "/lank", b"url=https%3A%2F%2Flogin.storvik.se%2F")
check("without the form's token nothing is checked", bare.status == 403, bare)
subprocess.run([binary, "setting", "set", "logins.own_hosts", "login.storvik.se, *.lillby-kommun.se", "--home", home], capture_output=True)
said = cli("https://a.lillby-kommun.se/", "https://st0rvik.se/")
check("the command without a list asks for the same hosts", said.returncode == 6 and '"ours"' in said.stdout and '"login.storvik.se"' in said.stdout)
import time
took = []
for link in ("https://login.storvik.se/" + "a" * (1 << 20), "https://" + "a." * 4000 + "se/", "%2f" * 2700 + "\\\\login.storvik.se", "\u202e" * 2700, "https://login.storvik.se@" * 320,
             "https://" + "\u00e5" * 4000):
    its = Web(base, lang="en")
    token = its.get("/lank").token()
    began = time.monotonic()
    try:
        page = its.send("/lank", {"token": token, "url": link})
        is_good = page.status in (200, 413, 422) and "This is our page" not in page.words()
    except (BrokenPipeError, ConnectionResetError):
        is_good, page = True, None          # refused by its length, before it was read
    took.append(round((time.monotonic() - began) * 1000))
    check("what is long and hostile is never ours", is_good, page)
check("and is answered at once, on a busy machine too: %s ms" % took, max(took) < 1000)
page = None
for i in range(310):
    page = ask("https://example.com/%d" % i) if page is None or page.status == 200 else page
check("too many are stopped for a while", page.status == 429 and "Too many links" in page.words(), page)
check("the page itself still opens", web.get("/lank").status == 200)
sys.exit(failed)
EOP
