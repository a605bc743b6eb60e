#!/bin/sh
# `people import`, `list` and `unit` as the interface has them: exit statuses, JSON keys, and every kind of bad file.
set -u
S=$BUILD/samordna H=$WORK/home F=$WORK/file.csv
unset LC_ALL; export LC_MESSAGES=en

is() { # NAME WANTED GOT: the wanted text stands somewhere in what came
	case "$3" in
	*"$2"*) echo "ok $1" ;;
	*) echo "not ok $1"; printf 'wanted: %s\ngot: %s\n' "$2" "$3" >&2 ;;
	esac
}
nobody() { [ -z "$2" ] && echo "ok $1" || { echo "not ok $1"; echo "got: $2" >&2; }; }
is_not() { case "$3" in *"$2"*) echo "not ok $1"; printf 'unwanted: %s in: %s\n' "$2" "$3" >&2 ;; *) echo "ok $1" ;; esac; }
import() { "$S" people import "$F" --home "$H" --json "$@" 2>"$WORK/err"; echo "exit $?"; }
HEAD=id,name,email,phone,unit,manager,employment_end,roles,protected
rows() { printf '%s\n' "$HEAD" "$@" >"$F"; }
# A bad file: its problem in that row and column, exit 6, and nobody has come in.
bad() { # NAME ROW COLUMN PROBLEM
	got=$(import)
	is "$1" "exit 6" "$got"
	is "$1: nothing comes in" '{"added":0,"changed":0,"unchanged":0,"left":0,"bad":' "$got"
	case "$got" in
	*"{\"row\":$2,\"column\":$3,\"problem\":"*"$4"*) echo "ok $1: where and why" ;;
	*) echo "not ok $1: where and why"; printf 'wanted row %s column %s %s\ngot: %s\n' "$2" "$3" "$4" "$got" >&2 ;;
	esac
}

"$S" init --home "$H" --json >/dev/null
"$S" serve --home "$H" 2>"$WORK/serve.log" &
server=$!
trap 'kill $server 2>/dev/null; wait 2>/dev/null' EXIT
for _ in $(seq 40); do grep -q answers "$WORK/serve.log" && break; sleep 0.1; done

# The command line itself.
"$S" people import --home "$H" >/dev/null 2>&1; is "no argument" 2 $?
"$S" people import "$WORK/none.csv" --home "$H" >/dev/null 2>&1; is "no such file" 3 $?
"$S" people import "$F" --nonsense --home "$H" >/dev/null 2>&1; is "an unknown option" 2 $?
rows 'a,A,,,U,,,,'
"$S" people import "$F" --vanish 101 --home "$H" >/dev/null 2>&1; is "--vanish above 100" 2 $?

# Bad files.
: >"$F"; bad "an empty file" 1 null "empty"
printf '\357\273\277' >"$F"; bad "nothing but a BOM" 1 null "empty"
printf 'id,name\nx,y\n' >"$F"; bad "missing columns" 1 '"email"' "missing"
printf '%s,shoe\n' "$HEAD" >"$F"; printf 'a,A,,,U,,,,,42\n' >>"$F"; bad "an unknown column" 1 '"shoe"' "not known"
printf '%s,id\n' "$HEAD" >"$F"; bad "a column twice" 1 '"id"' "twice"
rows 'a,A,,,U,,,'; bad "too few fields" 2 null "number of fields"
rows 'a,A,,,U,,,,' 'a,B,,,U,,,,'; bad "an id twice, first row" 2 '"id"' "another row"
is "an id twice, second row" '{"row":3,"column":"id"' "$(import)"
rows 'a,A,,,U,b,,,' 'b,B,,,U,c,,,' 'c,C,,,U,a,,,' 'd,D,,,U,a,,,'; bad "a ring of managers" 2 '"manager"' "own manager"
got=$(import); is "a ring: every row on it" '"bad":3}' "$got"
rows 'a,A,,,U,a,,,'; bad "one's own manager" 2 '"manager"' "own manager"
rows 'a,A,,,U,zz,,,'; bad "an unknown manager" 2 '"manager"' "nobody has"
rows 'a,A,,,U,,,chef,'; bad "an unknown role" 2 '"roles"' "no role"
rows 'a,A,,,U,,,,maybe'; bad "protected" 2 '"protected"' "yes, no"
rows 'a,A,,,U,,31/12/2026,,'; bad "a date" 2 '"employment_end"' "date"
for cell in '=1+1' '-1' '@x' '+x'; do rows "a,$cell,,,U,,,,"; bad "a cell that begins with $cell" 2 '"name"' "formula"; done
printf '%s\na,"\tA",,,U,,,,\n' "$HEAD" >"$F"; bad "a cell that begins with a tab" 2 '"name"' "formula"
printf '%s\na,A\007,,,U,,,,\n' "$HEAD" >"$F"; bad "a control character" 2 '"name"' "control"
printf '%s\na,\303\205ke,,,U,,,,\nb,\305ke,,,U,,,,\n' "$HEAD" >"$F"; bad "mixed encodings" 3 null "encoding"
rows "$(printf 'i%.0s' $(seq 65)),A,,,U,,,,"; bad "an id of 65 characters" 2 '"id"' "longer"
python3 -c 'import sys; print(sys.argv[1]); print("a," + "x" * 10_000_000 + ",,,U,,,,")' "$HEAD" >"$F"; bad "a field of 10 MB" 2 '"name"' "longer"
rows 'a,"A,,,U,,,,' 'b,B,,,U,,,,'; bad "a quotation mark that is not closed" 2 null "not closed"
rows 'local:9,A,,,U,,,,'; bad "an id of Samordna's own" 2 '"id"' "own"
nobody "nobody is there" "$("$S" people list --home "$H" --json)"

# Good files in every dress.
rows 'a,Åke Ärla,ake@ex.example,+4670,Arkiv,,,manager employee,' 'b,Bo,bo@ex.example,,"Arkiv, norra",a,2027-01-31,,no' 'c,Siv,,,Arkiv,a,,,yes' \
	'd,Per,,,Arkiv,a,,,'
is "a dry run" '{"added":4,"changed":0,"unchanged":0,"left":0,"bad":0}' "$(import --dry-run)"
nobody "a dry run changes nothing" "$("$S" people list --home "$H" --json)"
is "a dry run shows what would come" '+ a Åke Ärla' "$("$S" people import "$F" --dry-run --home "$H")"
is "a good file" '{"added":4,"changed":0,"unchanged":0,"left":0,"bad":0}' "$(import)"
list=$("$S" people list --home "$H" --json)
is "list" '{"id":"b","name":"Bo","email":"bo@ex.example","phone":"","unit":"Arkiv, norra","manager":"a","employment_end":"2027-01-31","roles":"","protected":false,"left":false,"class":3}' "$list"
is "list: four" 4 "$(echo "$list" | grep -c '^{')"
sed 's/,/;/g; s/"Arkiv; norra"/"Arkiv, norra"/' "$F" >"$F.2"; mv "$F.2" "$F"
is "semicolons" '"unchanged":4' "$(import)"
iconv -f UTF-8 -t WINDOWS-1252 "$F" >"$F.2"; mv "$F.2" "$F"
is "Windows-1252" '"unchanged":4' "$(import)"
{ printf '\357\273\277'; iconv -f WINDOWS-1252 -t UTF-8 "$F" | sed 's/$/\r/'; } >"$F.2"; mv "$F.2" "$F"
is "BOM and CRLF" '"unchanged":4' "$(import)"
sed 's/Per/Pär/' "$F" >"$F.2"; mv "$F.2" "$F"
is "a change" '"changed":1' "$(import)"
printf 'protected,roles,employment_end,manager,unit,phone,email,name,id\r\n,,,a,Arkiv,,,Pär,d\n,manager employee,,,Arkiv,+4670,ake@ex.example,Åke Ärla,a\nno,,2027-01-31,a,"Arkiv, norra",,bo@ex.example,Bo,b\nyes,,,a,Arkiv,,,Siv,c\n' >"$F"
is "columns in another order" '"unchanged":4' "$(import)"

# Who vanishes, and rows that are passed over.
rows 'a,Åke Ärla,ake@ex.example,+4670,Arkiv,,,manager employee,' 'b,Bo,bo@ex.example,,"Arkiv, norra",a,2027-01-31,,no' 'c,Siv,,,Arkiv,a,,,yes'
got=$(import); is "one of four would vanish" "exit 5" "$got"
is "the sentence names the percentage" "--vanish 25" "$(cat "$WORK/err")"
is "the stop holds below the number" "exit 5" "$(import --vanish 24)"
is "the stop: nobody has left" '"left":false' "$("$S" people list --home "$H" --json | grep '"id":"d"')"
printf 'd,=Per,,,Arkiv,a,,,\n' >>"$F"
got=$(import --skip-bad); is "--skip-bad" '"unchanged":3,"left":0,"bad":1}' "$got"
is "--skip-bad: exit 0" "exit 0" "$got"
is "--skip-bad: the row is told" '{"row":5,"column":"name"' "$got"
sed '$d' "$F" >"$F.2"; mv "$F.2" "$F"
is "--vanish" '"left":1' "$(import --vanish 25)"
is "who has left stands in the list" '"left":true' "$("$S" people list --home "$H" --json | grep '"id":"d"')"
printf 'd,Per,,,Arkiv,a,,,\n' >>"$F"
is "who comes back" '"changed":1' "$(import)"

# Units.
is "unit" '{"unit":"Arkiv","class":1}' "$("$S" people unit Arkiv --class 1 --home "$H" --json)"
is "unit: the people are of that class" '"class":1' "$("$S" people list --home "$H" --json | grep '"id":"c"')"
"$S" people unit Arkiv --class 5 --home "$H" >/dev/null 2>&1; is "unit: class 5" 2 $?
"$S" people unit Nowhere --class 2 --home "$H" >/dev/null 2>&1; is "unit: no such unit" 3 $?

# A terminal sees a bar; a pipe does not.
python3 -c 'import sys; print(sys.argv[1]); [print("m%d,Namn %d,,,Enhet %d,,,," % (i, i, i % 9)) for i in range(3000)]' "$HEAD" >"$F"
script -qec "'$S' people import '$F' --vanish 100 --home '$H'" "$WORK/typescript" >/dev/null 2>&1
is "a bar on a terminal" "##] 100 %" "$(tr '\r' '\n' <"$WORK/typescript")"
is "and then the counts" "3000 added" "$(cat "$WORK/typescript")"
sed -i 's/Namn/Nytt/' "$F"; import >/dev/null
is_not "no bar in a file" "##" "$(cat "$WORK/err")"
is "the log holds it all" '"ok":true' "$("$S" audit verify --replay --home "$H" --json)"
exit 0
