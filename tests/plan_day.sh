# A plan for a day against a real server: made from people, rights, needs, limits and booked times; looked at; adopted in one act; seen on each
# person's own page, in the calendar and at the gate; undone, made anew; the next day's plan lets first who got less.
set -u
exec python3 - <<'PY'
import collections, datetime, json, os, re, sys, time
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has

N = 60
PEOPLE = "id,name,email,phone,unit,manager,employment_end,roles,protected,login\nkarin,Karin Nyberg,,,Ledning,,,coordinator employee,,\n" \
    "eva,Eva Ek,,,Ledning,,,system_owner employee,,\nsiv,Siv Ask,,,Ledning,,,support employee,,\n" + "".join("p%d,Person %d,,,%s,karin,,employee,,\n" % (i, i, "Arkiv" if i < 40 else "Bygg") for i in range(N))
home = Home(28671, PEOPLE, "radius.listen = 127.0.0.1:28672\nradius.accounting = 127.0.0.1:28673\nradius.client = vpn1 127.0.0.1 testing123 authorise-only\n")
out = lambda *words: [json.loads(line) for line in home.run(*words).stdout.splitlines()]
day = lambda n: (datetime.date.today() + datetime.timedelta(days=n)).isoformat()

with home:
    for words in (("gateway", "service", "vpn1", "vpn"), ("capacity", "limit", "vpn1", "--licence", "10"), ("setting", "set", "cli.state", "yes")):
        home.run(*words)
    made = home.run("capacity", "plan", "make", day(2))
    check("without rights nobody is planned", made.returncode == 5 and "Ingen behöver" in made.stderr, made)
    for i in range(N):
        done = home.run("access", "grant", "p%d" % i, "--service", "vpn", "--purpose", "work", "--requested-by", "karin", "--approved-by", "eva",
                        "--executed-by", "siv", "--from", day(-1), "--to", day(60))
        if done.returncode:
            sys.exit("access grant: " + done.stderr)
    # 10 places, of which 2 reserve; of 8 half can be booked: 4 at a time, for 60 people in the four slots of 8:00 to 9:20, one of them booked by hand.
    home.run("setting", "set", "capacity.day_from", "8")
    home.run("setting", "set", "capacity.day_until", "9")
    check("a unit's need is written down", home.run("capacity", "need", "Bygg", "--minutes", "40", "--from", "8:00", "--until", "9:20").returncode == 0)
    check("a need that ends before it begins is refused", home.run("capacity", "need", "Bygg", "--minutes", "40", "--from", "10", "--until", "9").returncode == 2)
    home.run("capacity", "slot", "book", "p0", "--gateway", "vpn1", "--at", day(2) + " 08:00")
    karin, other = home.logged_in("karin"), home.logged_in("eva")
    page = karin.post("/capacity/plan", {"day": day(2)})
    plan = int(page.path.rsplit("/", 1)[1]) if page.path.startswith("/capacity/plan/") else -1
    has("a plan is made on the page and shown before it counts", page, "does not count yet", "Where more places would help", "Who gets less", "Adopt the plan")
    shown = out("capacity", "plan", "show", str(plan))
    classes = [row for row in shown if "class" in row]
    check("who has booked by hand is in no plan, and her place is not given twice", shown[0]["people"] == N - 1 and sum(row["served"] for row in classes) == 15, shown)
    check("the proof names the hours that are full", [row["from"][11:16] for row in shown if "full_for_classes_to" in row] == ["08:00"], shown)
    seats = lambda p: home.sql("SELECT person, from_at, slots FROM capacity_seat WHERE plan = ? AND cancelled_at IS NULL", p)
    check("a plan that is not adopted gives nobody a time", seats(plan) == [])
    again = out("capacity", "plan", "make", day(2))
    digests = [row[0] for row in home.sql("SELECT digest FROM capacity_plan ORDER BY id")]
    check("the same facts make the same plan", len(digests) == 2 and digests[0] == digests[1], digests)
    size = home.sql("SELECT count(*) FROM audit_leaf")[0][0]
    page = karin.post("/capacity/plan/%d" % plan, {"act": "adopt"})
    has("it is adopted on the page", page, "The plan is adopted", "Undo the plan")
    check("adopting is one leaf", home.sql("SELECT count(*) FROM audit_leaf WHERE id >= ? AND leaf LIKE '%capacity.plan%'", size)[0][0] == 1)
    held = collections.Counter(at + i * 1200000 for _, at, slots in seats(plan) for i in range(slots))
    check("no time holds more than can be booked", held and max(held.values()) <= 4 and sum(held.values()) == 15, held)
    check("another plan for that day is refused", home.run("capacity", "plan", "adopt", str(again[0]["plan"])).returncode == 5)
    person = {id: code for id, code in home.sql("SELECT id, code FROM person")}
    who = person[min(seats(plan))[0]]
    lucky = home.logged_in(who)
    has("who has got a time sees it on her own page", lucky.get("/me"), "A place at vpn1", "Your time to connect")
    page = lucky.get("/capacity/slot")
    has("... and among her times, to give back", page, "the plan has given you", "Give this time back")
    check("... and in the calendar file", "UID:seat-" in lucky.get("/capacity/slot.ics").text)
    check("a time that plans fill cannot be booked by hand", home.run("capacity", "slot", "book", "p0", "--gateway", "vpn1", "--at", day(2) + " 08:20").returncode != 0)
    seat = home.sql("SELECT min(s.id) FROM capacity_seat s JOIN person p ON p.id = s.person WHERE p.code = ? AND s.cancelled_at IS NULL", who)[0][0]
    page = other.post("/capacity/slot", {"act": "cancel", "seat": seat})
    check("nobody gives another's time back", page.status == 404, page.status)
    has("a time is given back", lucky.post("/capacity/slot", {"act": "cancel", "seat": seat}), "cancelled")
    check("then it can be booked", home.run("capacity", "slot", "book", "p0", "--gateway", "vpn1", "--at",
          datetime.datetime.fromtimestamp(home.sql("SELECT from_at FROM capacity_seat WHERE id = ?", seat)[0][0] / 1000).astimezone().isoformat()).returncode == 0)

    # --- the next day: who got less comes first ---
    given = {row[0] for row in home.sql("SELECT DISTINCT person FROM capacity_seat WHERE plan = ?", plan)}
    whole = {row[0] for row in home.sql("SELECT person FROM capacity_seat WHERE plan = ? GROUP BY person HAVING sum(slots) >= 1", plan)}
    next_plan = out("capacity", "plan", "make", day(3))[0]["plan"]
    check("the next day is adopted by command", home.run("capacity", "plan", "adopt", str(next_plan)).returncode == 0)
    arkiv = {id for id, code in person.items() if code.startswith("p") and int(code[1:]) < 40 and code != "p0"}
    second = {row[0] for row in seats(next_plan)}
    check("of those who need the same, none who had it yesterday is before one who had not", not (second & arkiv & whole) or arkiv - whole <= second,
          (sorted(second & arkiv & whole), len(arkiv - whole - second)))

    # --- undone, and made anew ---
    page = karin.post("/capacity/plan/%d" % next_plan, {"act": "undo"})
    has("a plan is undone", page, "The plan is undone", "Undone")
    check("its times are called off", seats(next_plan) == [])
    anew = out("capacity", "plan", "make", day(3))[0]["plan"]
    home.run("capacity", "limit", "vpn1", "--licence", "20")
    refused = home.run("capacity", "plan", "adopt", str(anew))
    check("a plan whose facts have changed is not adopted", refused.returncode == 5 and "har ändrats" in refused.stderr, refused)
    anew = out("capacity", "plan", "make", day(3))[0]["plan"]
    check("made anew it is", home.run("capacity", "plan", "adopt", str(anew)).returncode == 0 and seats(anew))
    check("a plan that is not there: exit 3", home.run("capacity", "plan", "show", "99").returncode == 3)
    check("a day that is over: exit 2", home.run("capacity", "plan", "make", day(-2)).returncode == 2)
    # Today's, if the day has times left: /capacity tells where it is tight.
    home.run("setting", "set", "capacity.day_from", "0")
    home.run("setting", "set", "capacity.day_until", "24")
    home.run("capacity", "limit", "vpn1", "--licence", "4")
    today = home.run("capacity", "plan", "make", day(0))
    if today.returncode == 0:
        number = json.loads(today.stdout.splitlines()[0])["plan"]
        home.run("capacity", "plan", "adopt", str(number))
        has("the question's page tells of today's plan", karin.get("/capacity"), "Where more places would help today", "Today")
    begins, held = collections.Counter(), collections.Counter()
    for at, slots in home.sql("SELECT from_at, slots FROM capacity_seat WHERE cancelled_at IS NULL"):
        begins[at] += 1
        held.update(at + i * 1200000 for i in range(slots))
    kept = home.sql("SELECT at, begins, held FROM capacity_held")
    check("the sums that the gate reads are those of the seats", kept and all(begins[at] == b and held[at] == h for at, b, h in kept)
          and sum(row[2] for row in kept) == sum(held.values()), kept)

    # --- what if ---
    nothing = home.run("capacity", "whatif", "--more", "40")
    check("without recorded sessions there is a sentence, not a figure", nothing.returncode == 3 and nothing.stdout == "", nothing)
    now, more, lost = (out("capacity", "whatif", "--fiction", *words) for words in ((), ("--more", "40"), ("--lost", "vpn1")))
    of = lambda rows, key: sum(row[key] for row in rows if "class" in row)
    check("40 per cent more people are 40 per cent more log-ins, and more must wait", of(more, "asked_then") == of(now, "asked") * 140 // 100
          and of(more, "refused_then") > of(now, "refused"), (now[0], more[0]))
    check("when the only gateway is gone all must wait", of(lost, "refused_then") == of(lost, "asked"), lost[0])
    check("a gateway that is not there: exit 3", home.run("capacity", "whatif", "--fiction", "--lost", "vpn9").returncode == 3)
    check("no number: exit 2", home.run("capacity", "whatif", "--more", "many").returncode == 2)
    page = karin.get("/capacity/whatif?fiction=yes&places=20&gateway=vpn1&more=40&lost=")
    has("the page answers, says what it played and what is assumed", page, "What would happen", "Made up", "What is assumed", "<svg", "By hour")
    csv = karin.get("/capacity/whatif?fiction=yes&places=20&gateway=vpn1&more=40&lost=&format=csv")
    check("the same as CSV", csv.text.startswith("hour,most,refused,most_then,refused_then\r\n") and csv.text.count("\r\n") == 25, csv.text[:200])
    has("a wish that cannot be is answered at the field", karin.get("/capacity/whatif?places=x&more=9999&lost="), "A whole number; a minus sign", "from -100 to 400", status=422)
    replay = home.run("audit", "verify", "--replay")
    check("every table is the fold of the log", replay.returncode == 0, replay.stdout[-400:])
PY
