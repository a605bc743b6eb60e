#!/bin/sh
# tools/layers finds each way of knowing too much, and nothing in a tree that keeps the rules. Run by meson: layers.sh LAYERS CC...
set -u
layers=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 n=0

# A small house that keeps the rules; each case adds one file.
house() {
	rm -rf "$work/house"
	mkdir -p "$work/house/src/base" "$work/house/src/floor/schema" "$work/house/src/doors" "$work/house/build/src"
	for point in access rules; do
		mkdir -p "$work/house/src/points/$point/schema"
		printf '#include "%s.h"\n#include "point.h"\n#include "floor/rq.h"\n#include "base/str.h"\n#include "points/%s/%s.sql.h"\n' \
			$point $point $point >"$work/house/src/points/$point/$point.c"
		printf 'CREATE TABLE %s_read (\n\tid {id},\n\tperson {i64} REFERENCES person (id)\n) {strict};\n' $point \
			>"$work/house/src/points/$point/schema/1.sql"
	done
	: >"$work/house/src/point.h"; : >"$work/house/src/gate.h"
	printf 'CREATE TABLE person (\n\tid {id}\n) {strict};\n' >"$work/house/src/floor/schema/1.sql"
	printf '#include "floor/rq.h"\n#include "base/str.h"\n#include "doors/message.h"\n' >"$work/house/src/floor/people.c"
	printf '#include "doors/web.h"\n#include "doors/web_form.h"\n#include "doors/message.h"\n#include "base/str.h"\n' >"$work/house/src/doors/web.c"
	printf '#include "gate.h"\n#include "points/access/access.h"\n#include "doors/web.h"\n' >"$work/house/src/gate.c"
}
put() { cat >"$work/house/src/$1"; }
object() { name=$1; shift; cat >"$work/x.c"; "$@" -c -o "$work/house/build/src/$name" "$work/x.c"; }
refused() { # NAME SENTENCE [BUILD]
	n=$((n + 1))
	"$layers" "$work/house" ${3:-} >"$work/said" 2>&1
	status=$?
	if [ $status -ne 1 ] || ! grep -qF -- "$2" "$work/said"; then
		failed=$((failed + 1)); echo "not ok $1: exit $status, expected: $2"; sed 's/^/  | /' "$work/said"
	else echo "ok $1: $(grep -F -- "$2" "$work/said" | head -1)"; fi
}
accepted() { # NAME [BUILD]
	n=$((n + 1))
	if "$layers" "$work/house" ${2:-} >"$work/said" 2>&1; then echo "ok $1"
	else failed=$((failed + 1)); echo "not ok $1"; sed 's/^/  | /' "$work/said"; fi
}

house; accepted "a house that keeps the rules"

house; put points/access/ask.c <<'C'
#include "points/rules/rules.h"
C
refused "sideways" 'src/points/access/ask.c:1: "points/rules/rules.h": never sideways'
house; put points/access/ask.c <<'C'
#include "floor/rq.h"
#include "points/rules/rules.sql.h"
C
refused "another point's statements" 'src/points/access/ask.c:2: "points/rules/rules.sql.h": never sideways'
house; put points/access/ask.c <<'C'
#include "../rules/rules.h"
C
refused "sideways by climbing" 'src/points/access/ask.c:1: "../rules/rules.h" climbs'
house; put points/access/ask.c <<'C'
#include "doors/web.h"
C
refused "a point knows no door" 'points/access may not know doors'
house; put points/access/ask.c <<'C'
#include "gate.h"
C
refused "up from a point" 'src/points/access/ask.c:1: "gate.h": never up'
house; put floor/ask.c <<'C'
#include "points/access/access.h"
C
refused "up from the floor" 'src/floor/ask.c:1: "points/access/access.h": never up'
house; put floor/ask.c <<'C'
#include "point.h"
C
refused "the floor knows no points" 'src/floor/ask.c:1: "point.h": never up'
house; put floor/ask.c <<'C'
#include "doors/web.h"
C
refused "the floor knows no door" 'floor may not know doors'
house; put base/ask.c <<'C'
#include "floor/rq.h"
C
refused "base knows nothing of the house" 'base may not know floor'
house; put doors/web_ask.c <<'C'
#include "floor/rq.h"
C
refused "a door knows no floor" 'doors may not know floor'
house; put doors/web_ask.c <<'C'
#include "doors/radius.h"
C
refused "a door knows no other door" 'doors may not know doors'

house; mkdir "$work/house/src/verify"; put verify/ask.c <<'C'
#include "base/str.h"
C
refused "the verifier shares no code" 'src/verify/ask.c:1: "base/str.h": samordna-verify shares no code with the server'
house; mkdir "$work/house/src/verify"; put verify/verify.h </dev/null; put gate.c <<'C'
#include "verify/verify.h"
C
refused "and none is taken from it" 'src/gate.c:1: "verify/verify.h": samordna-verify shares no code with the server'

house; printf 'CREATE TABLE grants (\n\tid {id}\n) {strict};\n' | put points/access/schema/2.sql
refused "a table without its point's name" 'src/points/access/schema/2.sql:1: table "grants" must be named access_...'
house; printf 'CREATE TABLE access_more (\n\tid {id},\n\trule {i64} REFERENCES rules_read (id)\n) {strict};\n' | put points/access/schema/2.sql
refused "a foreign key across points" 'src/points/access/schema/2.sql:3: refers to "rules_read" of points/rules'
house; printf 'CREATE TABLE unit (\n\tid {id},\n\tread {i64} REFERENCES rules_read (id)\n) {strict};\n' | put floor/schema/2.sql
refused "a foreign key upwards" 'src/floor/schema/2.sql:3: refers to "rules_read" of points/rules'

objects() {
	object base_str.c.o "$@" <<'C'
int str_length(void); int str_length(void) { return 1; }
C
	object floor_people.c.o "$@" <<'C'
int str_length(void); int people_get(void); int people_get(void) { return str_length(); }
C
	object points_rules_rules.c.o "$@" <<'C'
int people_get(void); int rules_read(void); int rules_read(void) { return people_get(); }
C
}
house; objects "$@"; accepted "calls downwards" "$work/house/build"
house; objects "$@"; object points_access_ask.c.o "$@" <<'C'
int rules_read(void); int access_ask(void); int access_ask(void) { return rules_read(); }
C
refused "a sideways call" 'points_access_ask.c.o: uses rules_read of points/rules: never sideways' "$work/house/build"
house; objects "$@"; object floor_ask.c.o "$@" <<'C'
int rules_read(void); int floor_ask(void); int floor_ask(void) { return rules_read(); }
C
refused "a call upwards" 'floor_ask.c.o: uses rules_read of points/rules: floor may not call points/rules' "$work/house/build"
house; objects "$@"; object base_ask.c.o "$@" <<'C'
int people_get(void); int base_ask(void); int base_ask(void) { return people_get(); }
C
refused "a call out of base" 'base_ask.c.o: uses people_get of floor' "$work/house/build"
house; objects "$@"; object points_access_ask.c.o "$@" <<'C'
int store_run_text(void); int access_ask(void); int access_ask(void) { return store_run_text(); }
C
refused "SQL by hand in a point" 'points_access_ask.c.o: calls store_run_text: a point runs no SQL by hand' "$work/house/build"
house; objects "$@"; object points_access_ask.c.o "$@" <<'C'
int sqlite3_exec(void); int access_ask(void); int access_ask(void) { return sqlite3_exec(); }
C
refused "the database itself in a point" 'points_access_ask.c.o: calls sqlite3_exec: that library is used by floor_store_sqlite alone' "$work/house/build"

echo "$n cases, $failed failed"
[ $failed -eq 0 ]
