# What the command line says of itself: help from the tables, the nearest names, both languages, exit codes, the manual page; and that every
# command which README, the other papers and the manual name is one.
set -u
S=$BUILD/samordna
unset LC_ALL LC_MESSAGES SAMORDNA_HOME
LANG=en_GB.UTF-8; export LANG
check() { name=$1; shift; if "$@" >"$WORK/said" 2>&1; then echo "ok $name"; else echo "not ok $name"; tail -20 "$WORK/said" >&2; fi; }
exits() { want=$1; shift; "$@" >"$WORK/out" 2>"$WORK/err"; got=$?; [ $got = "$want" ] || { echo "exit $got, wanted $want: $*"; cat "$WORK/out" "$WORK/err"; return 1; }; }
says() { grep -qF -- "$1" "$2" || { echo "wanted: $1"; cat "$2"; return 1; }; }

"$S" help >"$WORK/help"
check "help: exit 0" exits 0 "$S" help
check "help: so does --help" sh -c '"$0" --help | cmp - "$1"' "$S" "$WORK/help"
check "help: -h too" sh -c '"$0" -h | cmp - "$1"' "$S" "$WORK/help"
check "help: examples come first" sh -c 'sed -n 4p "$0" | grep -qx Examples' "$WORK/help"
for word in "--home DIR" "--json" "6  the check found problems" "samordna init [--org NAME]" "samordna serve [--port N]" "samordna demo wipe"; do
	check "help: has $word" says "$word" "$WORK/help"
done

# Every row answers --help with itself, in both languages. What comes before the first option or placeholder are its words.
sed -n '/^Commands$/,/^Every command/s/^  samordna //p' "$WORK/help" | sed 's/ \[.*//; s/ --.*//; s/ [A-Z].*//; s/ [a-z]*|.*//' | sort -u >"$WORK/commands"
bad=0
while read -r words; do
	"$S" $words --help >"$WORK/out" 2>&1 </dev/null && grep -q "samordna $words" "$WORK/out" || { echo "$words --help" >&2; bad=1; }
done <"$WORK/commands"
check "help: each of $(wc -l <"$WORK/commands") commands has its own" test $bad = 0
check "help: a noun alone shows what there is, exit 2" exits 2 "$S" access
check "help: ... on standard error" says "samordna access grant" "$WORK/err"
check "help: a noun with --help is exit 0" exits 0 "$S" access --help
check "help: part of a noun is not one" exits 2 "$S" acc --help
check "help: no command is shown short, exit 2" exits 2 "$S"
check "help: ... with examples" says "Examples" "$WORK/err"
check "version" sh -c '"$0" --version | grep -qx "samordna [0-9][0-9.]*"' "$S"

check "unknown: exit 2" exits 2 "$S" acess lsit
check "unknown: the nearest" says "nearest: samordna access list" "$WORK/err"
check "unknown: nothing on standard output" test ! -s "$WORK/out"
check "unknown: with an option it does not have either" exits 2 "$S" acces list --state active
check "unknown: ... the command is what is wrong" says 'no command "acces list"' "$WORK/err"
check "unknown: nothing near, nothing named" sh -c '! "$0" xyzzyplugh 2>&1 | grep -q nearest' "$S"
check "unknown: control characters are not shown" sh -c '"$0" "$(printf "a\033[2Jb")" 2>&1 | grep -qF "a?[2Jb"' "$S"
check "unknown: an option" exits 2 "$S" gate ask x --factr weak
check "unknown: ... is named" says "--factr" "$WORK/err"
check "a home that is not there is exit 3" exits 3 "$S" status --home "$WORK/none"
check "... and says how to make one" says "samordna init" "$WORK/err"

# Swedish unless the environment asks for English; LC_ALL before LC_MESSAGES before LANG.
tongue() { # NAME WANTED VAR=VALUE...
	name=$1 wanted=$2
	shift 2
	check "language: $name" sh -c 'w=$1; s=$2; shift 2; env -u LANG "$@" "$s" help | grep -qx "$w"' sh "$wanted" "$S" "$@"
}
tongue "Swedish when nothing is set" Exempel A=b
tongue "Swedish for sv_SE" Exempel LANG=sv_SE.UTF-8
tongue "Swedish for C" Exempel LANG=C
tongue "English for en_GB" Examples LANG=en_GB.UTF-8
tongue "LC_ALL wins" Exempel LANG=en_GB.UTF-8 LC_ALL=sv_SE.UTF-8
tongue "LC_MESSAGES is next" Examples LANG=sv_SE.UTF-8 LC_MESSAGES=en_US.UTF-8

check "manual: has every command" sh -c 'sed "s/\\\\-/-/g" "$0" >"$2"; while read -r words; do grep -q "^.B samordna $words" "$2" || exit 1; done <"$1"' \
	"$BUILD/samordna.1" "$WORK/commands" "$WORK/manual"
check "manual: groff finds nothing to say" sh -c '! command -v groff >/dev/null || ! groff -man -Tutf8 -wall "$0" "$1" 2>&1 >/dev/null | grep .' \
	"$BUILD/samordna.1" "$TOP/man/samordna-verify.1"

# Commands that the papers name, in `samordna ...` or on a line of their own in an example, are commands.
cd "$TOP"
for paper in README.md HACKING.md SECURITY.md CHANGELOG.md src/points/*/README.md packaging/* man/*.in; do
	[ -f "$paper" ] || continue
	{ grep -o '`\(build/\)\{0,1\}samordna [^`]*`' "$paper"; grep -E '^ *(\$ |    )(build/)?samordna ' "$paper"; grep -o 'ExecStart=.*samordna .*' "$paper"; } |
		sed 's/^.*samordna /samordna /; s/`.*//; s/^samordna //' | while read -r line; do
			case $line in -* | '') continue ;; esac
			while read -r words; do
				case "$line " in "$words "*) continue 2 ;; esac
			done <"$WORK/commands"
			# A noun or its beginning may stand for all that it has.
			grep -q "^${line%% *} " "$WORK/commands" && [ "${line#* }" = "$line" ] || echo "$paper: samordna $line"
		done
done >"$WORK/wrong"
check "papers: every command that they name is one" sh -c 'cat "$0"; [ ! -s "$0" ]' "$WORK/wrong"
exit 0
