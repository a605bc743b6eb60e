#!/bin/sh
# Shows that pagegen refuses each wrong page of pages.txt with its file, its line and the reason, and writes nothing.
#     tests/guards/pages.sh PAGEGEN
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One file a page, X.html, and what its refusal must say, X.expect. A page that does not open with a comment gets the usual fields.
awk -v work="$work/" '
	/^# / && !name { next }
	/^== / {
		name = $2; sub(/:$/, "", name)
		expect = $0; sub(/^== [^:]*: /, "", expect)
		print expect > (work name ".expect")
		is_first = 1
		next
	}
	name && is_first && $0 !~ /^<!--page/ && name != "no_header" {
		printf "<!--page %s\ntext t\nlink l\nnumber n\nmoment m\nflag f\nhtml h\nlist rows { text a }\n-->\n", name > (work name ".html")
	}
	name && (is_first || NF) { is_first = 0; print > (work name ".html") }
' "$here/pages.txt"

failed=0 n=0
for expect in "$work"/*.expect; do
	page=${expect%.expect}.html
	n=$((n + 1))
	if "$1" "$page" "$work/out.h" "$work/out.c" 2>"$work/said"; then
		echo "accepted, but must be refused: $page"
		failed=1
	elif ! grep -qF -- "$(cat "$expect")" "$work/said" || ! grep -q "^$page:[0-9]*: " "$work/said"; then
		echo "refused for another reason: $page"
		cat "$expect" "$work/said"
		failed=1
	elif [ -e "$work/out.h" ]; then
		echo "wrote something all the same: $page"
		failed=1
	fi
done
echo "$n pages"
[ "$n" -ge 50 ] || failed=1
exit $failed
