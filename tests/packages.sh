# Whatever the tree uses stands in `packages`: each header that our sources name, each library that the release is linked with, each
# dependency() of meson, each program that a script or a test starts. "Belongs" means: the owner is listed, or a listed package
# depends on it directly, or it is one that every Debian has (Essential).
set -u
cd "$TOP"
PATH=/usr/sbin:/usr/bin:/sbin:/bin   # what somebody has put before Debian's own does not count
tools/need --list run build test | tr '|' '\n' >"$WORK/listed"
{
	cat "$WORK/listed"
	xargs -a "$WORK/listed" dpkg-query -W -f '${Depends}, ${Pre-Depends}\n' 2>/dev/null | tr ',|' '\n\n' | awk 'NF { sub(/:.*/, "", $1); print $1 }'
	dpkg-query -W -f '${Essential} ${Package}\n' | sed -n 's/^yes //p'
} | sort -u >"$WORK/allowed"

# Owner of a file; both names where /bin is /usr/bin.
owner() {
	for path in "$1" "${1#/usr}" "$(readlink -f "$1")"; do
		dpkg -S "$path" 2>/dev/null | grep -v "^diversion" && return
	done
	path=$(readlink -f "$1")
	dpkg -S "${path#/usr}" 2>/dev/null
}
judge() { # name, then lines "WHAT PATH" on standard input
	bad=0 n=0
	while read -r what path; do
		n=$((n + 1))
		found=$(owner "$path" | grep -v "^diversion" | head -n 1 | sed 's/:.*//')
		[ -n "$found" ] && grep -qxF "$found" "$WORK/allowed" && continue
		echo "$what: $path belongs to '$found', which is not in packages" >&2
		bad=1
	done
	if [ $n = 0 ]; then echo "nothing was looked at" >&2; bad=1; fi
	if [ $bad = 0 ]; then echo "ok $1 ($n)"; else echo "not ok $1"; fi
}

sources=$(git ls-files --cached --others --exclude-standard 'src/*.[ch]' 'tools/*.[ch]' 'tests/*.[ch]')
flags=$(sed -n "s/.*dependency('\([a-z0-9.+-]*\)'.*/\1/p" meson.build src/meson.build src/*/meson.build tests/meson.build 2>/dev/null |
	grep -vx threads | sort -u | tee "$WORK/dependencies" | xargs pkg-config --cflags-only-I)
cat $sources | sed -n 's/^[ \t]*#[ \t]*include[ \t]*<\([^>]*\)>.*/\1/p' | sort -u | while read -r header; do
	path=$(echo "#include <$header>" | gcc -D_GNU_SOURCE $flags -M -x c - 2>/dev/null | tr ' \\' '\n\n' | grep -F "/$header" | head -n 1)
	case "$path" in /usr/lib/gcc/*) ;; *) echo "$header ${path:-?}" ;; esac   # the compiler's own
done >"$WORK/headers"
judge "headers belong to listed packages" <"$WORK/headers"

while read -r one; do
	echo "$one $(pkg-config --variable=pcfiledir "$one")/$one.pc"
done <"$WORK/dependencies" >"$WORK/pc"
judge "dependencies belong to listed packages" <"$WORK/pc"

for binary in "$BUILD"/samordna "$BUILD"/samordna-verify; do
	[ ! -x "$binary" ] || ldd "$binary" | awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }'
	[ ! -x "$binary" ] || readelf -d "$binary" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >>"$WORK/needed"
done | sort -u >"$WORK/linked"
if [ -s "$WORK/needed" ]; then
	# Only what we link ourselves: what those need is their packages' affair.
	grep -F -w -f "$WORK/needed" "$WORK/linked" | judge "libraries belong to listed packages"
else
	echo "skip libraries belong to listed packages: there is no build/samordna yet"
fi

# Programs: the first word of every command in our scripts (what stands in a here-document is none, nor what a `case` compares with, nor
# a function of the scripts' own), of every argument vector in a Python or JavaScript test, and every absolute path to a program in a C source.
sed -n 's/^[ \t]*\([a-z][a-z0-9_]*\)() *{.*/\1/p' run test bench .ci/run tools/need tools/build tests/*.sh tests/load/*.bench 2>/dev/null | sort -u >"$WORK/functions"
{
	cat run test bench .ci/run tools/need tools/build tests/*.sh tests/load/*.bench 2>/dev/null |
		awk 'end != "" { if ($0 == end) end = ""; next }
			match($0, /<<[-]?.?[A-Z]+/) { end = substr($0, RSTART, RLENGTH); gsub(/[^A-Z]/, "", end) }
			{ print }' |
		sed "s/'[^']*'//g; s/\(^\|[ \t;]\)#.*//; s/ in [^()]*)/ in /g" |
		sed 's/\$(/\n/g; s/[|&;(){}!]/\n/g' | sed 's/^[ \t]*//; s/^\(if\|then\|else\|elif\|while\|do\|until\|exec\|env\|xargs\|timeout\)[ \t]\+//' |
		sed 's/^\([A-Za-z_]*=[^ ]* \)*//' | awk '{ print $1 }' | grep -x '[a-z][a-z0-9_+.-]*' | sort -u | grep -vxF -f "$WORK/functions" | while read -r word; do
		case $(command -v "$word") in /*) echo "$word $(command -v "$word")" ;; esac
	done
	{
		cat tests/*.py tests/*/*.py tests/scenarios/run | grep -ohE '(run|Popen|start|check_output|check_call|scanner)\((self\.|[a-z_.]+, |"[a-z]+", )*\["[a-z][a-z0-9_+.-]*"' | sed 's/.*\["//; s/"$//'
		cat tests/browser/*.mjs | grep -oE "(execFileSync|spawnSync|spawn|execFile)\('[a-z][a-z0-9_+.-]*'" | sed "s/.*('//; s/'$//"
	} | sort -u | while read -r word; do
		case $(command -v "$word") in /*) echo "$word $(command -v "$word")" ;; esac
	done
	cat $sources | grep -o '"/usr/s\?bin/[A-Za-z0-9_+.-]*"' | tr -d '"' | sort -u | while read -r path; do echo "$path $path"; done
} >"$WORK/programs"
judge "programs belong to listed packages" <"$WORK/programs"
