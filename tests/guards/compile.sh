#!/bin/sh
# What must not compile does not, and says why. Run by meson: compile.sh SOURCE_ROOT BUILD_ROOT CC...
# Each case is a few lines of C against the real headers, compiled with the house's warnings; the right use beside it passes.
set -u
top=$1 build=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 n=0

# HEAP: -DNO_HEAP as floor and points are compiled, or empty.
compile() { "$@" -std=gnu2x -D_GNU_SOURCE -Wall -Wextra -Werror $heap -I"$top/src" -I"$build/src" -fsyntax-only "$work/x.c" >"$work/said" 2>&1; }
accepted() { # NAME CC... < C
	name=$1; shift; n=$((n + 1)); cat >"$work/x.c"
	if compile "$@"; then echo "ok $name"; else failed=$((failed + 1)); echo "not ok $name: refused"; sed 's/^/  | /' "$work/said"; fi
}
refused() { # NAME MESSAGE CC... < C
	name=$1 message=$2; shift 2; n=$((n + 1)); cat >"$work/x.c"
	if compile "$@"; then failed=$((failed + 1)); echo "not ok $name: it compiles"
	elif ! grep -qE -- "$message" "$work/said"; then failed=$((failed + 1)); echo "not ok $name: another message than: $message"; sed 's/^/  | /' "$work/said"
	else echo "ok $name: $(grep -E -- "$message" "$work/said" | head -1 | sed "s|$work/||")"; fi
}
heap=-DNO_HEAP

accepted "a write with a change" "$@" <<'C'
#include "floor/people.sql.h"
enum err test_class(struct rq *rq, int64_t unit);
enum err test_class(struct rq *rq, int64_t unit)
{
	struct change *change;
	TRY(audit_begin(rq, "test", STR("unit"), &change));
	return people_unit_class(change, 1, unit);
}
C
refused "a write without a change" 'incompatible-pointer-types|incompatible pointer type' "$@" <<'C'
#include "floor/people.sql.h"
enum err test_class(struct rq *rq, int64_t unit);
enum err test_class(struct rq *rq, int64_t unit)
{
	return people_unit_class(rq, 1, unit);
}
C
refused "a change made by hand" "storage size of .change.|incomplete type" "$@" <<'C'
#include "floor/people.sql.h"
enum err test_class(int64_t unit);
enum err test_class(int64_t unit)
{
	struct change change = { 0 };
	return people_unit_class(&change, 1, unit);
}
C
refused "an ignored error" 'unused-result|unused-value|ignoring return value' "$@" <<'C'
#include "floor/people.sql.h"
void test_class(struct change *change, int64_t unit);
void test_class(struct change *change, int64_t unit)
{
	people_unit_class(change, 1, unit);
}
C
refused "an instant where a span belongs" 'incompatible type' "$@" <<'C'
#include "base/when.h"
struct instant test_later(struct instant a, struct instant b);
struct instant test_later(struct instant a, struct instant b)
{
	return instant_plus(a, b);
}
C
refused "a number where an instant belongs" 'incompatible type' "$@" <<'C'
#include "floor/people.sql.h"
enum err test_offer(struct rq *rq, struct people_get_row *row, int64_t seconds);
enum err test_offer(struct rq *rq, struct people_get_row *row, int64_t seconds)
{
	row->email_changed_at = seconds;
	return people_get(rq, 1, row);
}
C
for name in strcpy strcat sprintf vsprintf gets strtok atoi atol atoll system popen \
	malloc calloc realloc free strdup strndup asprintf time gettimeofday clock_gettime localtime gmtime; do
	refused "poisoned: $name" "poisoned \"$name\"" "$@" <<C
#include "floor/rq.h"
void *test_use(void);
void *test_use(void)
{
	return (void *)$name;
}
C
done
heap=
accepted "base may ask for memory" "$@" <<'C'
#include "base/base.h"
void *test_use(void);
void *test_use(void)
{
	return malloc(1);
}
C
refused "but not strcpy" 'poisoned "strcpy"' "$@" <<'C'
#include "base/base.h"
void *test_use(void);
void *test_use(void)
{
	return (void *)strcpy;
}
C

# Every header compiles alone, and compiles with its neighbours in any order that matters: itself first.
heap=-DNO_HEAP
for header in $(cd "$top/src" && find base floor doors -name '*.h' | sort) point.h; do
	case $header in floor/fixture.h) heap= ;; *) heap=-DNO_HEAP ;; esac
	accepted "alone: $header" "$@" <<C
#include "$header"
C
done

echo "$n cases, $failed failed"
[ $failed -eq 0 ]
