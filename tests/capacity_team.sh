# A manager's view against a real server: who of her people may connect when, who has which time; booked, changed and called off for them there; as CSV,
# by command and as calendars of a unit. Nobody else's people.
set -u
exec python3 - <<'PY'
import csv, datetime, io, json, os, re, sys, urllib.error, urllib.request
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has

PEOPLE = "id,name,email,phone,unit,manager,employment_end,roles,protected,login\n" \
    "karin,Karin Nyberg,,,Ledning,,,coordinator employee,,\neva,Eva Ek,,,Ledning,,,system_owner employee,,\nsiv,Siv Ask,,,Ledning,,,support employee,,\n" \
    "bo,Bo Berg,,,Arkiv,,,manager employee,,\ncia,Cia Dal,,,Bygg,,,manager employee,,\nanna,Anna Asp,anna@kommun.example,,Arkiv,bo,,employee,,\nulf,Ulf Ull,,,Bygg,bo,,employee,,\n" \
    "pia,Pia Hemlig,,,Arkiv,bo,,employee,yes,\nivar,Ivar Alm,,,Bygg,cia,,employee,,\n" + "".join("m%d,Medarbetare %02d,,,Bygg,cia,,employee,,\n" % (i, i) for i in range(60))
home = Home(28761, PEOPLE, "radius.listen = 127.0.0.1:28762\nradius.client = vpn1 127.0.0.1 testing123 authorise-only\nmail.from = samordna@kommun.example\nmail.server = 127.0.0.1:28763 plain-loopback-only\n")
day = lambda n: (datetime.date.today() + datetime.timedelta(days=n)).isoformat()
numbers = lambda: dict(home.sql("SELECT code, id FROM person"))


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def follow(address):
    try:
        with urllib.request.urlopen("http://127.0.0.1:28761" + address) as got:
            return got.read().decode()
    except urllib.error.HTTPError as error:
        return str(error.code)


with home:
    for words in (("gateway", "service", "vpn1", "vpn"), ("capacity", "limit", "vpn1", "--licence", "10"), ("setting", "set", "cli.state", "yes"), ("people", "unit", "Bygg", "--class", "2")):
        home.run(*words)
    for who, begins, ends in (("anna", day(-1), day(60)), ("pia", day(-1), day(60)), ("ulf", day(2) + " 10:00", day(2) + " 15:00"), ("ivar", day(-1), day(60))):
        done = home.run("access", "grant", who, "--service", "vpn", "--requested-by", "bo" if who != "ivar" else "cia", "--approved-by", "eva", "--executed-by", "siv", "--from", begins, "--to", ends)
        if done.returncode:
            sys.exit("access grant: " + done.stderr)
    karin, bo, cia, anna = (home.logged_in(who) for who in ("karin", "bo", "cia", "anna"))
    id = numbers()

    page = bo.get("/capacity/team?day=" + day(2))
    has("a manager sees her people, their class and their hours", page, "Anna Asp", "Ulf Ull", "06:00–20:00", "10:00–15:00", "Protected identity")
    check("... and nobody else's, and no protected name", "Ivar" not in page.text and "Hemlig" not in page.text, page.words())
    has("a day without the right is said", bo.get("/capacity/team?day=" + day(3)), "Ulf Ull", ", Bygg 2 No")
    check("staff have no such page", anna.get("/capacity/team").status == 403)
    has("a coordinator names a unit", karin.get("/capacity/team?unit=Bygg&day=" + day(2)), "Ivar Alm", "Next page")
    check("a unit that is not there", karin.get("/capacity/team?unit=Ingen").status == 404)
    check("a manager names no unit", "Ivar" not in bo.get("/capacity/team?unit=Bygg&day=" + day(2)).text)

    # Booked for somebody else, changed in one act, called off.
    page = bo.get("/capacity/slot?for=%d&day=%s" % (id["anna"], day(2)))
    has("her row leads to her times", page, "Book a time for Anna Asp", "Free times")
    chosen = [dict(re.findall(r"(at|gateway|for)=([^&]*)", link.replace("&amp;", "&"))) for link in re.findall(r'href="(/capacity/slot\?at=[^"]*)"', page.text)][12:14]
    size = home.sql("SELECT count(*) FROM audit_leaf")[0][0]
    page = bo.post("/capacity/slot", chosen[0] | {"act": "book"})
    has("a manager books a time for one of her people", page, "The time is booked", "Book a time for Anna Asp", "Coming")
    leaf = home.sql("SELECT leaf FROM audit_leaf WHERE id >= ? AND leaf LIKE '%capacity.slot.book%'", size)
    check("... in her own name", len(leaf) == 1 and "person:bo" in str(leaf[0][0]), leaf)
    slot = home.sql("SELECT max(id) FROM capacity_slot WHERE person = ?", id["anna"])[0][0]
    has("... whose time it is sees it", anna.get("/capacity/slot"), "Coming")
    has("it stands in the table", bo.get("/capacity/team?day=" + day(2)), "10:00–10:20")
    bo.post("/capacity/slot", chosen[1] | {"act": "book", "slot": slot})
    check("changed in one act", [row[0] is None for row in home.sql("SELECT cancelled_at FROM capacity_slot WHERE person = ? ORDER BY id", id["anna"])] == [False, True])
    slot = home.sql("SELECT max(id) FROM capacity_slot WHERE person = ?", id["anna"])[0][0]
    for name, page in (("another manager reads nothing of it", cia.get("/capacity/slot?for=%d" % id["anna"])), ("... and books nothing", cia.post("/capacity/slot", chosen[0] | {"act": "book"}, at="/capacity/slot")),
                       ("... and calls nothing off", cia.post("/capacity/slot", {"act": "cancel", "slot": slot, "for": id["anna"]}, at="/capacity/slot")), ("an employee books for nobody else", anna.post("/capacity/slot", chosen[0] | {"act": "book", "for": id["ulf"]}, at="/capacity/slot"))):
        check(name, page.status == 403, (page.status, page.words()))
    check("another's number does not help", bo.post("/capacity/slot", {"act": "cancel", "slot": slot, "for": id["ulf"]}).status == 404)

    check("... who is told of each change by mail", home.sql("SELECT count(*) FROM mail WHERE kind = 'capacity.slot' AND person = ?", id["anna"])[0][0] == 3,
          home.sql("SELECT * FROM mail"))

    # CSV and command.
    got = rows(bo.get("/capacity/team?format=csv&day=" + day(2)).text)
    check("as CSV", [(row["person"], row["kind"], row["from"][11:16], row["until"][11:16], row["class"]) for row in got if row["person"] in ("anna", "ulf")]
          == [("anna", "may", "06:00", "20:00", "3"), ("anna", "booked", "10:20", "10:40", "3"), ("ulf", "may", "10:00", "15:00", "2")], got)
    check("... without the protected name", [row["name"] for row in got if row["person"] == "pia"] == [""], got)
    got = [json.loads(line) for line in home.run("capacity", "team", "bo", "--day", day(2)).stdout.splitlines()]
    check("by command", {row["person"]: len(row["times"]) for row in got} == {"anna": 1, "pia": 0, "ulf": 0} and [row["may"][0]["from"][11:16] for row in got if row["person"] == "ulf"] == ["10:00"], got)
    check("a whole unit as CSV", len({row["person"] for row in rows(karin.get("/capacity/team?unit=Bygg&format=csv&day=" + day(2)).text)}) == 63)

    # Calendars of a unit.
    scope = {name: number + 2 for name, number in home.sql("SELECT name, id FROM unit")}
    page = bo.get("/capacity/team")
    check("a manager is offered the units of her people", all('value="%d"' % scope[name] in page.text for name in ("Arkiv", "Bygg")) and 'value="%d"' % scope["Ledning"] not in page.text, page.text)
    address = lambda web, unit: (re.findall(r"/capacity/slot\.ics\?key=[0-9a-f]{40}", web.post("/capacity/slot", {"act": "feed", "scope": scope[unit]}, at="/capacity/slot").text) or ["/none"])[0]
    arkiv, bygg, of_cia, of_karin = address(bo, "Arkiv"), address(bo, "Bygg"), address(cia, "Arkiv"), address(karin, "Arkiv")
    check("a unit's calendar has the names of those who report to her", "Anna Asp" in follow(arkiv) and follow(arkiv).count("BEGIN:VEVENT") == 1 and "VEVENT" not in follow(bygg), (follow(arkiv), follow(bygg)))
    check("... another manager's of that unit has none of them", "BEGIN:VCALENDAR" in follow(of_cia) and "VEVENT" not in follow(of_cia), follow(of_cia))
    check("... a coordinator's has all", "Anna Asp" in follow(of_karin), follow(of_karin))
    has("it stands among the calendar addresses, to be made void", bo.get("/capacity/slot"), "Times of unit Arkiv, with names")
    bo.post("/capacity/slot", {"act": "unfeed", "scope": scope["Arkiv"]}, at="/capacity/slot")
    check("... and is void then", follow(arkiv) == "404", follow(arkiv))
    check("an employee has none", anna.post("/capacity/slot", {"act": "feed", "scope": scope["Arkiv"]}, at="/capacity/slot").status == 403)

    page = bo.post("/capacity/slot", {"act": "cancel", "slot": slot, "for": id["anna"]})
    has("called off", page, "The time is cancelled", "Called off")
    sv = home.web(lang="sv")
    sv.cookies = dict(bo.cookies)
    has("in Swedish", sv.get("/capacity/team?lang=sv&day=" + day(2)), "Vem får ansluta när", "06.00–20.00", "Skyddade")
home.is_whole()
PY
