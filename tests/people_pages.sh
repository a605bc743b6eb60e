#!/bin/sh
# The pages of people and of what waits, fetched from a real server as a browser without script does: lists, search, a person, roles,
# deputies, classes, HR's file sent in a form, checked, refused, confirmed and applied; who may see what; both languages.
set -u
exec python3 - <<'PY'
import os, re, sys, time, json, urllib.parse
sys.path.insert(0, os.environ["TOP"] + "/tests")
from served import Home, check, has

PEOPLE = """id,name,email,phone,unit,manager,employment_end,roles,protected,login
p1,Anna Åberg,anna@ex.example,+46701740605,Arkiv,p2,,employee,no,EX\\anna
p2,Bo Öberg,bo@ex.example,,Arkiv,,,manager employee,,"EX\\bo;bo.o"
p3,Siv Hemlig,siv@ex.example,+46701740606,IT,p2,,employee,yes,
p4,Per Holm,per@ex.example,,IT,p2,2035-01-31,support,,
p5,Eva Åkesson-Ros,eva@ex.example,,IT,p4,,auditor,,
p6,Åke Ärla,,,IT,p2,,employee,,
"""
home = Home(28611, PEOPLE)
run, base, code = home.run, home.base, home.code

def size():
    return json.loads(run("audit", "verify").stdout.splitlines()[0])["size"]

with home:
    web = home.web()
    web.set_up(code, "Karin Nyberg", "karin@ex.example", "fyra ord i en lång rad")

    # The list: Swedish order (Å before Ä before Ö, behind Z), a protected person in the place of the number, never the name.
    page = web.get("/people")
    has("the list", page, "7 people", "Protected identity", "Download as CSV")
    names = re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', page.text)
    check("in Swedish order", names == ["Anna Åberg", "Bo Öberg", "Eva Åkesson-Ros", "Karin Nyberg", "Protected identity", "Per Holm", "Åke Ärla"], names)
    check("no protected name in the list", "Hemlig" not in page.text and "siv@" not in page.text)
    def found(q):
        page = web.get("/people?q=" + urllib.parse.quote(q))
        return page.status, re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', page.text)
    for q, names in [("ann", ["Anna Åberg"]), ("ÅB", ["Anna Åberg"]), ("åk", ["Eva Åkesson-Ros", "Åke Ärla"]), ("ros", ["Eva Åkesson-Ros"]), ("eva ros", ["Eva Åkesson-Ros"]),
                     ("eva åb", []), ("p4", ["Per Holm"]), ("P", ["Anna Åberg", "Bo Öberg", "Eva Åkesson-Ros", "Protected identity", "Per Holm", "Åke Ärla"]),
                     ("ex\\", ["Anna Åberg", "Bo Öberg"]), ("bo.o", ["Bo Öberg"]), ("anna@ex", ["Anna Åberg"]), ("hemlig", []), ("siv", []), ("p3", ["Protected identity"]),
                     ("karin", ["Karin Nyberg"]), ("%", []), ("zzz", [])]:
        check("search " + q, found(q) == (200, names), found(q))
    has("search: nobody", web.get("/people?q=zzz"), "Nobody matches.", "Show everyone")
    check("the way to a unit", 'href="/people/units"' in web.get("/people").text)
    unit = re.search(r'/people/unit/(\d+)">IT<', web.get("/people/units").text).group(1)
    page = web.get("/people?q=&unit=" + unit)
    has("of a unit", page, "4 people in IT", "Clear the filter")
    check("a search stays in it", '<input type="hidden" name="unit" value="%s">' % unit in page.text
          and len(re.findall("<tr><th scope=.row", web.get("/people?q=p4&unit=" + unit).text)) == 1)
    has("of a manager", web.get("/people?manager=1"), "4 people", "with Bo Öberg as manager")
    csv = web.get("/people?format=csv")
    check("the copy", csv.text.splitlines()[0] == "id,name,unit,manager,roles,employment_end,protected,left" and len(csv.text.splitlines()) == 8
          and "Hemlig" not in csv.text and "p4,Per Holm,IT,Bo Öberg,support,2035-01-31,no,no" in csv.text and "people.csv" in csv.header("Content-Disposition"), csv.text)

    # A person.
    has("a person", web.get("/people/0"), "Anna Åberg", "Can this person connect now?", "May not connect", "anna@ex.example", "not changed since it was first read in",
        "ex\\anna", "Make a start code", "/access?person=0")
    has("a protected person, for a coordinator", web.get("/people/2"), "Siv Hemlig", "Protected identity", "siv@ex.example")
    check("nobody of that number", web.get("/people/999").status == 404 and web.get("/people/x").status == 404)
    has("access of a person", web.get("/access?person=0"), "What Anna Åberg has been granted.")

    # What is decided here: each act one leaf.
    def acts(name, leaves, do):
        before = size()
        page = do()
        grown = size() - before
        check(name + ": one leaf" if leaves else name + ": no leaf", grown == leaves, "%d leaves; %s" % (grown, page.words()))
        return page
    has("class", acts("class", 1, lambda: web.post("/people/unit/0", {"class": "1"})), "The class is set.")
    check("class 5 is none", acts("class 5", 0, lambda: web.post("/people/unit/0", {"class": "5"})).status == 422)
    has("roles", acts("roles", 1, lambda: web.post("/people/role/0", {"management": "yes"})), "The roles are set.", "given here: management")
    karin = re.search(r'/people/(\d+)">Karin', web.get("/people").text).group(1)
    page = acts("one's own roles", 0, lambda: web.post("/people/role/" + karin, {"management": "yes"}))
    check("nobody gives a role to herself", page.status == 422 and "Nobody gives a role to herself" in page.words(), page.words())
    day = lambda n: time.strftime("%Y-%m-%d", time.localtime(time.time() + n * 86400))
    has("deputy", acts("deputy", 1, lambda: web.post("/people/deputy/1", {"act": "add", "deputy": "p4", "from": day(0), "until": day(20)})), "The deputy is named.", "Per Holm")
    for name, fields, says in [("nobody", {"deputy": "", "from": "2030-01-01", "until": "2030-02-01"}, "Say who stands in."),
                               ("a stranger", {"deputy": "zz", "from": "2030-01-01", "until": "2030-02-01"}, "Nobody is called"),
                               ("herself", {"deputy": "p2", "from": "2030-01-01", "until": "2030-02-01"}, "Nobody stands in for herself."),
                               ("no date", {"deputy": "p4", "from": "x", "until": "2030-02-01"}, "Enter the date like this"),
                               ("backwards", {"deputy": "p4", "from": "2030-03-01", "until": "2030-02-01"}, "must not be before"),
                               ("too long", {"deputy": "p4", "from": "2030-03-01", "until": "2033-02-01"}, "At most 12 months")]:
        page = acts("deputy, " + name, 0, lambda: web.post("/people/deputy/1", {"act": "add"} | fields))
        check("deputy, %s: the sentence" % name, page.status == 422 and says in page.words(), page.words())
    has("deputy: the end", acts("deputy: the end", 1, lambda: web.post("/people/deputy/1", {"act": "end", "number": "1"})), "The deputyship has ended.")
    check("another's deputy is not there", web.post("/people/deputy/0", {"act": "end", "number": "1"}).status == 404)

    # HR's file.
    def ends():
        for _ in range(200):
            page = web.get("/me/job/1?follow=1")
            if not page.header("Refresh"):
                return page
            time.sleep(0.05)
        return page
    def send(content, name="personal.csv"):
        return web.upload("/people/import", "file", name, content.encode())
    def decide(page, **fields):
        return web.send("/people/imported", {"token": page.token(), "document": re.search(r'name="document" value="(\w+)"', page.text).group(1)} | fields)
    check("a file is asked for", web.post("/people/import", {}).status == 422 and send("").status == 422)
    more = PEOPLE.replace("+46701740605", "+46701740699") + "p7,Nils Ek,,,IT,p2,,employee,,\n"
    check("sent", send(more).path.startswith("/me/job/1"))
    has("checked", ends(), "The file is checked. Nothing has been changed yet.", "personal.csv", "See the result")
    page = web.get("/people/imported")
    has("what would change", page, "The file is right.", "Nils Ek", "is new", "+46701740605", "+46701740699")
    check("nothing has changed yet", "Nils" not in web.get("/people").text)
    decide(page, act="apply")
    has("applied", ends(), "The file is imported.", "New 1", "Changed 1", "Unchanged 5")
    has("a channel that changed says when", web.get("/people/0"), "+46701740699", "changed " + str(int(time.strftime("%d"))))
    has("the role that was given here is kept", web.get("/people/0"), "given here: management")
    check("the form is used up", web.get("/people/imported").path == "/people/import")
    send(more.replace("Nils Ek", "=Nils Ek"), "fel.csv")
    has("bad rows", ends(), "Rows are wrong. Nothing has been changed.", "Wrong 1")
    page = web.get("/people/imported")
    has("bad rows: where and why", page, "1 row is wrong.", "begins with = + - @ or a tab", "Pass over the wrong rows")
    check("bad rows: the copy", "8,name,\"begins with" in web.get("/people/imported?format=csv").text, web.get("/people/imported?format=csv").text)
    decide(page, act="skip")
    ends()
    has("bad rows passed over", web.get("/people/imported"), "The other rows are right.")
    send("\n".join(more.splitlines()[:4]) + "\n", "half.csv")
    has("too many would leave", ends(), "More people would leave than may without a question.")
    page = web.get("/people/imported")
    has("the percentage is told", page, "per cent of the people would leave. At most 5 per cent may.")
    percent = re.search(r"Write the number (\d+)", page.words()).group(1)
    check("it must be typed", decide(page, act="apply").status == 422 and decide(page, act="apply", vanish="5").status == 422)
    check("nobody has left", "Has left" not in web.get("/people").text)
    old = page
    send(more, "personal.csv"); ends()
    check("a form for another file decides nothing", decide(old, act="apply", vanish=percent).status == 409)
    send("\n".join(more.splitlines()[:4]) + "\n", "half.csv"); ends()
    decide(web.get("/people/imported"), act="apply", vanish=percent)
    has("with the percentage they leave", ends(), "The file is imported.")
    has("who has left", web.get("/people"), "Has left")
    send(more); ends(); decide(web.get("/people/imported"), act="apply"); ends()
    check("and come back", "Has left" not in web.get("/people").text)
    check("a file goes nowhere else", web.upload("/people", "file", "x", b"x", at="/people/import").status in (405, 415))
    check("a broken form is refused", web.request("POST", "/people/import", b"--x\r\nfoo", {"Content-Type": "multipart/form-data; boundary=x"}).status == 400)

    # What waits, and one's own page.
    has("what waits", web.get("/tasks"), "things wait for you")
    has("one's own page", web.get("/me"), "Hello, Karin Nyberg", "May not connect", "Name a deputy")
    sentence = json.loads(run("gate", "ask", "p1").stdout)["reasons"][0]["text"]
    swedish = home.web("sv"); swedish.cookies = dict(web.cookies)
    for path, words in [("/people", "7 personer"), ("/people/0", "Kan personen ansluta nu?"), ("/people/units", "Enheter och deras klass"), ("/people/unit/0", "Ange klassen"),
                        ("/people/role/0", "Roller som ges här"), ("/people/deputy/0", "Utse en ersättare"), ("/people/import", "Läs in personer"),
                        ("/me", "Din fjärranslutning just nu"), ("/tasks", "väntar på dig"), ("/me/job/1", "Filen är inläst.")]:
        page = swedish.get(path)
        has("in Swedish " + path, page, words if path != "/people" else "8 personer", 'lang="sv"')
    has("the gate's own words", swedish.get("/people/0"), sentence)

    # Who may see what.
    def invited(person):
        page = web.post("/people/invite", {"person": person}, at="/people/0")
        found = re.search(r"<code>([0-9A-Z-]{8,})</code>", page.text)
        other = home.web()
        other.start(found.group(1), "en annan lång rad av ord")
        return other
    if web.get("/people/0").text.count("/people/invite") and web.request("POST", "/people/invite", b"", {}).status != 404:
        manager, employee, auditor, support = invited("p2"), invited("p6"), invited("p5"), invited("p4")
        page = manager.get("/people")
        has("a manager sees her own", page, "Anna Åberg")
        check("and nobody else", "Karin" not in page.text and "Eva" not in page.text and manager.get("/people?q=karin").text.count("Karin") == 0
              and manager.get("/people?manager=%s" % karin).text.count("Eva") == 0)
        has("her protected one by name", manager.get("/people/2"), "Siv Hemlig")
        check("not those of others", manager.get("/people/4").status == 404 and manager.get("/people/units").status == 403)
        check("an employee sees no list", [employee.get(p).status for p in ("/people", "/people/1", "/people/import", "/people/role/1", "/me/job/1")] == [403, 403, 403, 403, 404])
        has("an employee's own page", employee.get("/me"), "Hello, Åke Ärla", "May not connect")
        check("an employee names a deputy for nobody else", employee.get("/people/deputy/1").status in (403, 404) and employee.get("/people/deputy/5").status == 200)
        has("an auditor sees the list", auditor.get("/people"), "8 people")
        check("but no contact, and changes nothing", "anna@" not in auditor.get("/people/0").text and "Siv" not in auditor.get("/people/2").words().replace("siv", "")
              and auditor.get("/people/import").status == 403 and auditor.get("/people/role/1").status == 403)
        check("support sees contact, not that of a protected person", "anna@" in support.get("/people/0").text and "siv@" not in support.get("/people/2").text)
    else:
        print("skip who may see what: no invitations here")
    stranger = home.web()
    check("a stranger sees nothing", all(stranger.get(p, follow=False).status == 303 for p in ("/people", "/people/0", "/me", "/tasks", "/people/import", "/me/job/1")))
    check("a stranger's file is not taken in", stranger.request("POST", "/people/import", b"--x\r\n" + b"x" * 100000,
          {"Content-Type": "multipart/form-data; boundary=x"}).status in (303, 403))
    home.is_whole()
PY
