# Administration with real processes, in both languages: settings, gateways, the written decision, the log, help, mandates; what is refused
# and what each act leaves in the log.
set -u
S=$BUILD/samordna H=$WORK/home
count=0
is() { # NAME WANTED GOT
	count=$((count + 1))
	case "$3" in *"$2"*) echo "ok $1" ;; *) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;; esac
}
LANG=en; unset LC_ALL LC_MESSAGES; export LANG

cat >"$WORK/people.csv" <<'CSV'
id,name,email,phone,unit,manager,employment_end,roles,protected
chef,Karin Ek,karin@ex.example,,Ledning,,,management,
anna,Anna Åberg,anna@ex.example,,Arkiv,,,system_owner,
bo,Bo Öberg,bo@ex.example,,Arkiv,,,employee,
kalle,Kalle Holm,kalle@ex.example,,Energi,,,management,
siv,Siv Lund,siv@ex.example,,Arkiv,,,coordinator,
rev,Rut Vik,rut@ex.example,,Revision,,,auditor,
CSV
code=$("$S" init --home "$H" --org Provkommunen --json | sed 's/.*"code":"\([^"]*\)".*/\1/')
cat >>"$H/samordna.conf" <<'CONF'
http.listen = 127.0.0.1:28470
radius.listen = 127.0.0.1:28471
radius.accounting = 127.0.0.1:28472
radius.client = vpn1 127.0.0.1 testing123 no-message-authenticator
radius.client = nac 127.0.0.2 testing456 authorise-only
CONF
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
trap 'kill $server 2>/dev/null; wait 2>/dev/null' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do curl -fso /dev/null http://localhost:28470/readyz && break; sleep 0.3; done
run() { "$S" "$@" --home "$H" 2>&1; }
fails() { # NAME EXIT WORDS...
	name=$1 want=$2; shift 2
	out=$("$S" "$@" --home "$H" 2>&1); got=$?
	[ $got = "$want" ] && [ -n "$out" ] && echo "ok $name" || { echo "not ok $name"; echo "exit $got, wanted $want: $out" >&2; }
}
run people import "$WORK/people.csv" >/dev/null

# Settings.
is setting.list '"setting":"access.longest_months","value":"12"' "$(run setting list --json)"
is setting.set '"value":"6","standard":"12"' "$(run setting set access.longest_months 6 --json)"
fails setting.unknown 3 setting set access.nothing 1
fails setting.range 2 setting set access.longest_months 99
fails setting.fixed 4 setting set demo.is_on yes
fails setting.usage 2 setting set access.longest_months
is setting.sentence 'whole number from 1 to 24' "$(run setting set access.longest_months x)"

# Legal bodies and mandates.
is body.make '"body":"Energi AB"' "$(run people body make "Energi AB" --json)"
fails body.twice 5 people body make "Energi AB"
is body.unit '"body":"Energi AB","units":1,"people":1' "$(run people body unit Energi --body "Energi AB" --json)"
fails mandate.which_body 2 people mandate anna --level 3
is mandate.give '{"mandate":0}' "$(run people mandate anna --level 3 --body Provkommunen --until 2030-12-31 --json)"
is mandate.list '"person":"anna","body":"Provkommunen","level":3' "$(run people mandate --json)"
fails mandate.other_body 4 people mandate anna --level 1 --body "Energi AB"
fails mandate.coordinator 5 people mandate siv --level 1 --body Provkommunen
fails mandate.level 2 people mandate bo --level 5 --body Provkommunen
fails mandate.by_other_management 4 people mandate bo --level 1 --body Provkommunen --by kalle
is mandate.by_own_management '{"mandate":1}' "$(run people mandate bo --level 1 --body Provkommunen --by chef --json)"
is mandate.end '{"mandate":1}' "$(run people mandate end 1 --by chef --json)"
fails mandate.end_twice 5 people mandate end 1

# Nothing is stated when the setting forbids it; to take away is always possible.
run setting set cli.state no >/dev/null
fails stated.mandate 4 people mandate bo --level 1 --body Provkommunen
fails stated.grant 4 access grant bo --service vpn --from 2026-01-01 --to 2027-01-01 --requested-by chef --approved-by anna --executed-by bo
is stated.end '{"mandate":0}' "$(run people mandate end 0 --json)"
run setting set cli.state yes >/dev/null
run people mandate anna --level 3 --body Provkommunen >/dev/null

# Tokens: the token itself stands nowhere in the home.
token=$(run token make radius-1 --json | sed 's/.*"token":"\([^"]*\)".*/\1/')
is token.long '1' "$([ ${#token} -ge 43 ] && echo 1)"
is token.kept_nowhere '0' "$(grep -rlaF "$token" "$H" | wc -l)"
fails token.twice 5 token make radius-1
is token.end '"ended":true' "$(run token end radius-1 --json)"
fails token.end_twice 3 token end radius-1

cat >"$WORK/pages.py" <<'PY'
import os, re, subprocess, sys
sys.path.insert(0, sys.argv[1] + "/tests")
from web_client import Web
S, H, code = sys.argv[2:5]
web = Web("http://localhost:28470")
def ok(name, good, why=""):
    print(("ok " if good else "not ok ") + "web." + name)
    if not good:
        print(name, why, file=sys.stderr)
def has(name, page, *texts):
    missing = [t for t in texts if t not in page.words()]
    ok(name, page.status < 300 and not missing, (page.status, missing, page.words()[:3000]))
def size():   # leaves but those of the clock
    return int(subprocess.run(["sqlite3", H + "/store/samordna.db", "SELECT count(*) FROM audit_leaf WHERE leaf NOT LIKE '%\"action\":\"audit.seal\"%'"],
        capture_output=True, text=True).stdout)
ok("help.visitor", web.get("/help").status == 200 and "112" in web.get("/help").text)
ok("help.visitor_sees_no_commands", "samordna setting" not in web.get("/help").text)
has("accessibility", web.get("/accessibility"), "Accessibility statement", "2018:1937", "partly compliant")
ok("admin.stranger", web.get("/admin", follow=False).status == 303)
web.set_up(code, "Siv Ek", "siv.ek@ex.example", "fyra ord i en lång rad")
web.log_in("siv.ek@ex.example", "fyra ord i en lång rad", web.key)
page = web.get("/admin")
has("admin", page, "Gateways", "vpn1", "authorise-only", "no-message-authenticator", "Not decided", "The longest that a grant may last", "1 to 24",
    "otherwise 12", "on the server, as")
page = web.get("/tasks")
has("tasks", page, "Write down what vpn1 does when we are silent", "Write down what nac does", "Give somebody a mandate: nobody may decide on risks for Energi AB")
ok("tasks.mandate_is_there", "risks for Provkommunen" not in page.words())
# Settings: step-up, a wrong value keeps what was typed, a right one is one leaf.
def stepped(path):
    page = web.get(path)
    if "step-up" in page.path or 'name="otp"' in page.text:
        web.step_up(web.key)
        page = web.get(path)
    return page
page = stepped("/admin/setting/access.longest_months")
has("setting", page, "Change a setting", "access.longest_months", "1 to 24")
before = size()
page = web.send("/admin/setting/access.longest_months", {"token": page.token(), "value": "77"})
ok("setting.wrong", page.status == 422 and 'value="77"' in page.text and "There is a problem" in page.text, page.words()[:800])
ok("setting.wrong_leaves_nothing", size() == before)
page = web.send("/admin/setting/access.longest_months", {"token": page.token(), "value": "9"})
has("setting.saved", page, "The setting is saved.", "9", "Siv Ek")
ok("setting.one_leaf", size() == before + 1, (before, size()))
ok("setting.unknown", web.get("/admin/setting/no.such").status == 404)
ok("setting.fixed", web.get("/admin/setting/demo.is_on").status == 404)
# Gateways.
page = stepped("/admin/gateway/vpn1")
has("gateway", page, "Gateway vpn1", "It enforces", "No Message-Authenticator demanded", "Not decided")
page = web.send("/admin/gateway/vpn1", {"token": page.token(), "act": "watch"})
has("gateway.watch", page, "The mode is changed", "It watches")
page = web.send("/admin/gateway/vpn1", {"token": page.token(), "act": "service", "service": "vpn"})
has("gateway.service", page, "The service is changed")
before = size()
bad = {"act": "silence", "product": "", "silence": "text", "decider": "bo", "day": "2199-01-01"}
page = web.send("/admin/gateway/vpn1", {"token": page.token()} | bad)
has_all = all(t in page.words() for t in ("Name the product", "That person may not decide on risks", "a day to come"))
ok("silence.wrong", page.status == 422 and has_all and size() == before, page.words()[:1500])
page = web.send("/admin/gateway/vpn1", {"token": page.token()} | bad | {"decider": "siv.ek@ex.example"})
ok("silence.own", "You cannot write down your own decision" in page.words())
page = web.send("/admin/gateway/vpn1", {"token": page.token(), "act": "silence", "product": "FortiGate 7.4", "silence": "It lets nobody in.",
    "decider": "chef", "day": "2026-11-20"})
has("silence.written", page, "The decision is written down.", "FortiGate 7.4", "Karin Ek", "It lets nobody in.")
page = web.send("/admin/gateway/vpn1", {"token": page.token(), "act": "silence", "product": "FortiGate 7.6", "silence": "The same.",
    "decider": "anna", "day": "2026-11-21"})
has("silence.by_mandate", page, "FortiGate 7.6", "Anna Åberg")
ok("gateway.unknown", web.get("/admin/gateway/none").status == 404)
ok("gateway.no_act", web.post("/admin/gateway/vpn1", {"act": "fly"}).status in (400, 422))
# Backups: none, then one, with its age at the foot of every page.
ok("backup.none", "No backup has been made" in web.get("/admin").words())
made = subprocess.run([S, "backup", "create", H + "/../copy", "--home", H, "--json"], capture_output=True, text=True)
ok("backup.made", made.returncode == 0 and "/copy" in web.get("/admin").text and "Last backup" in web.get("/help").words(), made.stderr)
page = web.get("/admin")
said = subprocess.run([S, "doctor", "--home", H, "--json"], capture_output=True, text=True).stdout
ok("doctor.backup", '"check":"backup","state":"ok"' in said, said)
has("admin.checks", page, "process.core", "process.seal", "Seccomp 2, NoNewPrivs 1", "clock")
ok("tasks.silence_is_done", "what vpn1 does" not in web.get("/tasks").words() and "what nac does" in web.get("/tasks").words())
# The log.
page = web.get("/admin/audit")
has("log", page, "The log", "A setting was changed", "What a gateway does when we are silent was written down", "Siv Ek", "on the server, as")
page = web.get("/admin/audit?action=setting.")
rows = re.findall(r"<code>([a-z_.]+)</code></small>", page.text)
ok("log.filter", len(rows) == 4 and all(r == "setting.set" for r in rows), rows)
page = web.get("/admin/audit?subject=vpn1&actor=person:&format=csv")
lines = page.text.strip().split("\r\n")
ok("log.csv", lines[0] == "entry,at,actor,action,subject" and len(lines) == 5, page.text)
ok("log.day_to_come", "No entry fits" in web.get("/admin/audit?from=2199-01-01").words())
ok("log.until_before", "No entry fits" in web.get("/admin/audit?until=2001-01-01").words())
page = web.get("/admin/audit?from=yesterday")
ok("log.bad_day", page.status == 422 and "Enter the date like this" in page.words() and 'value="yesterday"' in page.text, page.words()[:500])
ok("log.bad_before", web.get("/admin/audit?before=x").status == 200)
newest = re.search(r'href="/admin/audit/(\d+)"', web.get("/admin/audit?action=gateway.silence").text).group(1)
page = web.get("/admin/audit/" + newest)
has("leaf", page, "What a gateway does when we are silent was written down", "Siv Ek", "FortiGate 7.6", "Anna Åberg (anna)", "vpn1", "Documents", '"action":"gateway.silence"')
ok("leaf.none", web.get("/admin/audit/999999999").status == 404 and web.get("/admin/audit/x").status == 404)
page = web.post("/admin/audit", {"act": "verify"})
has("log.verified", page, "The log is whole.")
has("admin.verified", web.get("/admin"), "Whole", "FortiGate 7.6")
# Every entry is reached once by following the pages.
seen, page = [], web.get("/admin/audit")
for _ in range(40):
    seen += [int(n) for n in re.findall(r'<a href="/admin/audit/(\d+)">\1</a>', page.text)]
    nxt = re.search(r'<a href="([^"]+)">Next page</a>', page.text)
    if not nxt:
        break
    page = web.get(nxt.group(1).replace("&amp;", "&"))
ok("log.all_pages", seen == list(range(seen[0], -1, -1)) and len(seen) > 10, seen)
has("help", web.get("/help"), "What each role does here", "a person has left", "Is access assigned in a safe way?", "samordna setting set", "significant", "90 days")
book = open(os.environ["TOP"] + "/packs/contacts-se.txt", encoding="utf-8").read()
said = {language: re.findall(r"^name\.%s = (.+)$" % language, book, re.M) for language in ("en", "sv")}
ok("help.contacts_are_some", len(said["en"]) >= 5 and len(said["en"]) == len(said["sv"]), said)
has("help.contacts", web.get("/help?lang=en"), *said["en"], "Contact book of", re.search(r"^source\.en = (.+)$", book, re.M)[1])
has("help.contacts_sv", web.get("/help?lang=sv"), *said["sv"], "Kontaktbok från", re.search(r"^source\.sv = (.+)$", book, re.M)[1])
web.get("/help?lang=en")
# Others: management gives and ends mandates; the auditor reads the log and nothing else here; an employee reads neither.
def enter(person):
    page = stepped("/people/invite?person=" + person)
    page = web.send("/people/invite", {"token": page.token(), "person": person})
    start = re.search(r"<code>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>", page.text)
    other = Web("http://localhost:28470")
    other.start(start.group(1), "fyra ord i en lång rad")
    other.log_in(person, "fyra ord i en lång rad", other.key)
    return other
chef = enter("chef")
def chef_at(path):
    page = chef.get(path)
    if 'name="otp"' in page.text:
        chef.step_up(chef.key)
        page = chef.get(path)
    return page
has("mandates", chef.get("/people/mandates"), "Mandates", "Anna Åberg", "3 significant", "In force", "Energi AB", "Nobody holds a mandate here", "Give a mandate")
page = chef_at("/people/mandates/give")
has("mandates.form", page, "For Provkommunen, and nowhere else.", "4 serious")
before = size()
for name, fields, text in (("nobody", {"person": "nobody", "level": "1"}, "Nobody is called"), ("no_level", {"person": "bo"}, "Choose a level."),
        ("other_body", {"person": "kalle", "level": "1"}, "nobody decides for another's"), ("herself", {"person": "chef", "level": "1"}, "Nobody gives herself"),
        ("coordinator", {"person": "siv", "level": "1"}, "decides on no risk"), ("over", {"person": "bo", "level": "1", "until": "2020-01-01"}, "after start time"),
        ("day", {"person": "bo", "level": "1", "from": "31 February"}, "Enter the date like this")):
    page = chef.send("/people/mandates/give", {"token": page.token()} | fields)
    ok("mandates." + name, page.status == 422 and text in page.words(), page.words()[:900])
ok("mandates.refused_leave_nothing", size() == before, (before, size()))
page = chef.send("/people/mandates/give", {"token": page.token(), "person": "bo", "level": "2", "until": "2031-05-31"})
has("mandates.given", page, "The mandate is given.", "Bo Öberg", "2 moderate", "31 May 2031")
end = re.findall(r'href="(/people/mandates/end/[0-9]+)"', page.text)
page = chef.get(end[-1])
has("mandates.end_asks", page, "may then no longer decide at level 2")
page = chef.send(end[-1], {"token": page.token()})
has("mandates.ended", page, "The mandate is ended.")
ok("mandates.bo_is_gone", "Bo Öberg" not in page.words())
ok("mandates.coordinator_gives_none", web.get("/people/mandates/give").status == 403)
ok("admin.management_reads", chef.get("/admin").status == 200 and chef.get("/admin/setting/access.longest_months").status == 403)
rev = enter("rev")
ok("auditor.log", rev.get("/admin/audit").status == 200 and "Verify the log" in rev.get("/admin/audit").text)
ok("auditor.nothing_else", rev.get("/admin").status == 403 and rev.get("/admin/gateway/vpn1").status == 403)
bo = enter("bo")
ok("employee.neither", bo.get("/admin").status == 403 and bo.get("/admin/audit").status == 403 and bo.get("/admin/audit/1").status == 403 and bo.get("/people/mandates").status == 403)
has("more", web.get("/more"), "All pages", "Administration", "The log")
current = re.findall(r'aria-current="page"[^>]*>([^<]+)<', web.get("/admin/audit").text)
ok("menu.one_current", current in (["The log"], ["More"]), current)
web.lang = "sv"
has("admin.sv", web.get("/admin?lang=sv"), "Administration", "Anslutningspunkter", "Inställningar", "Bevakar")
has("log.sv", web.get("/admin/audit?lang=sv"), "En inställning ändrades", "Loggen")
has("help.sv", web.get("/help?lang=sv"), "betydande", "Vad varje roll gör här", "Integritetsskyddsmyndigheten")
has("mandates.sv", web.get("/people/mandates?lang=sv"), "Mandat", "3 betydande", "Gäller")
has("accessibility.sv", web.get("/accessibility?lang=sv"), "Tillgänglighetsredogörelse", "delvis förenlig")
PY
python3 "$WORK/pages.py" "$TOP" "$S" "$H" "$code" || echo "not ok web (it fell)"
is replay '"ok":true' "$(run audit verify --replay --json)"
exit 0
