# A ninth point, made by tools/new-point in a copy of the tree: it builds and passes its own tests and the guards, is found wherever
# points are walked, and leaves nothing behind when its folder and its two lines go.
#
# While it is compiled the copy lies over the checkout, in a mount namespace of its own, so that the release build that is there is
# carried on with and only what differs is compiled. Where that is not allowed the copy is built from the beginning.
set -u
COPY=$WORK/tree NAME=hello S=$WORK/tree/build/samordna H=$WORK/home
LANG=en_GB.UTF-8; export LANG
check() { name=$1; shift; if "$@" >"$WORK/said" 2>&1; then echo "ok $name"; else echo "not ok $name (exit $?)"; tail -30 "$WORK/said" >&2; fi; }
is() { # NAME WANTED GOT: the wanted text stands somewhere in what came
	case "$3" in
	*"$2"*) echo "ok $1" ;;
	*) echo "not ok $1"; echo "wanted: $2" >&2; echo "got: $3" >&2 ;;
	esac
}
exits() { want=$1; shift; "$@" >"$WORK/out" 2>&1; got=$?; [ $got = "$want" ] || { echo "exit $got, wanted $want: $*"; cat "$WORK/out"; return 1; }; }

mkdir "$COPY"
(cd "$TOP" && git ls-files --cached --others --exclude-standard | while read -r f; do [ ! -f "$f" ] || echo "$f"; done >"$WORK/files" &&
	tar -cf - -T "$WORK/files" | tar -xf - -C "$COPY")
private=
for try in "unshare -m" "unshare -rm"; do
	[ -n "$private" ] || ! $try mount --bind "$COPY" "$TOP" 2>/dev/null || private=$try
done
if [ -n "$private" ]; then cp -a "$BUILD" "$COPY/build"; else meson setup "$COPY/build" "$COPY" >"$WORK/setup" 2>&1; fi
compile() { # TARGET...
	if [ -n "$private" ]; then
		$private sh -c 'mount --bind "$1" "$2" && cd "$2" && shift 2 && ninja --quiet -C build "$@"' sh "$COPY" "$TOP" "$@"
	else
		ninja --quiet -C "$COPY/build" "$@"
	fi
}

cd "$COPY"
for bad in "" ab Hello hello2 ../x aaaaaaaaaaaaaaaa; do
	check "new-point: \"$bad\" is no name" exits 2 tools/new-point "$bad"
done
for taken in access people admin gate audit demo base; do
	check "new-point: $taken is taken" exits 5 tools/new-point $taken
done
check "new-point: a question is one line of plain text" exits 2 tools/new-point $NAME 'Is it "so"?' "Ja?"
check "new-point: refused, nothing is changed" cmp src/points.c "$TOP/src/points.c"
check "new-point: makes one" tools/new-point $NAME "Has everybody said hello?" "Har alla hälsat?"
is "new-point: six files" 6 "$(find src/points/$NAME -type f | wc -l)"
lines() { diff "$TOP/$1" "$1" | grep -c '^[<>]'; }
is "new-point: two lines" "1 1" "$(lines src/points.c) $(lines src/meson.build)"
check "new-point: a second time is refused" exits 5 tools/new-point $NAME

check "ninth: builds without a warning" compile samordna src/${NAME}_test
[ -x "build/src/${NAME}_test" ] || exit 1
check "ninth: its own tests pass" "build/src/${NAME}_test"
check "ninth: keeps the layers" tools/layers "$COPY" "$COPY/build"
check "ninth: its Swedish is complete" tools/po-update --check "$COPY/build"

"$S" init --home "$H" --org Prov --json >"$WORK/init"
is "ninth: in the help of the command line" "samordna $NAME add" "$("$S" --help)"
is "ninth: its command acts" '{"hello":1}' "$("$S" $NAME add "Greet the archive" --until 2020-01-01 --home "$H" --json)"
is "ninth: its act is a leaf, and replays" '"ok":true' "$("$S" audit verify --replay --home "$H" --json)"
"$S" audit export "$WORK/export" --home "$H" >/dev/null 2>&1
check "ninth: the leaf has its name" grep -q '"action":"hello.add"' "$WORK/export/leaves.ndjson"

"$S" setting list --home "$H" >"$WORK/settings" 2>&1
check "ninth: its setting is one" grep -q "^$NAME.days" "$WORK/settings"
is "ninth: its question stands on the command line" "Has everybody said hello?" "$("$S" status --home "$H")"
is "ninth: its task waits" "Greet the archive" "$("$S" tasks list --home "$H")"

# In the browser, in both languages.
"$S" serve --home "$H" --port 28980 2>"$WORK/serve.log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q answers "$WORK/serve.log" && break; sleep 0.3; done
PYTHONPATH=$TOP/tests timeout 60 python3 - "$WORK/init" <<'PY' || echo "not ok ninth: in the browser"
import json, re, sys
from web_client import Web
web = Web("http://localhost:28980", lang="en")
web.set_up(json.load(open(sys.argv[1]))["code"], "Siv Ek", "siv@ex.example", "four words in a row here")
def check(name, is_good, page):
    print(("ok " if is_good else "not ok ") + "ninth: " + name)
    if not is_good:
        print(page.status, page.words()[:1500], file=sys.stderr)
for lang, question, failing in (("en", "Has everybody said hello?", "1 open, 1 of them late."), ("sv", "Har alla hälsat?", "1 öppna, 1 av dem försenade.")):
    web.lang = lang
    home = web.get("/?lang=" + lang)
    nav = re.search(r"<nav.*?</nav>", home.text, re.S)
    check(f"on the start page ({lang})", question in home.words() and failing in home.words(), home)
    check(f"in the menu ({lang})", bool(nav) and 'href="/hello"' in nav[0], home)
    page = web.get("/hello")
    check(f"has its page ({lang})", page.status == 200 and "Greet the archive" in page.words(), page)
    tasks = web.get("/tasks")
    check(f"among the tasks ({lang})", "Greet the archive" in tasks.words(), tasks)
    help_page = web.get("/help")
    check(f"in the help ({lang})", question in help_page.words() and "samordna hello add" in help_page.words(), help_page)
    admin = web.get("/admin")
    check(f"among the settings ({lang})", "hello.days" in admin.words(), admin)
PY
kill $server; wait $server 2>/dev/null

# Gone: the folder and the two lines, and nothing of it is left.
rm -r src/points/$NAME
for file in src/points.c src/meson.build; do sed "/\<$NAME\>/d" $file >"$WORK/file" && cat "$WORK/file" >$file; done
tools/po-update "$COPY/build" >/dev/null
check "removed: the lines are as before" cmp src/points.c "$TOP/src/points.c"
check "removed: so is the Swedish" sh -c 'cd "$0" && tools/po-update --check "$0/build" && ! grep -q "Har alla hälsat" po/sv.po' "$COPY"
check "removed: builds" compile samordna
check "removed: its command is unknown" exits 2 "$S" $NAME add x --home "$WORK/none"
exit 0
