#!/bin/sh
# Wrong SQL is refused while the house is built: each case shows the wrong use and the sentence that refuses it, and
# the right uses beside them pass. Run by meson: sqlgen.sh SQLGEN
set -u
sqlgen=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 n=0

cat >"$work/floor.sql" <<'SQL'
CREATE TABLE unit (
	id {id},
	name TEXT NOT NULL,
	class {i64} NOT NULL DEFAULT 3
) {strict};
CREATE TABLE person (
	id {id},
	name TEXT NOT NULL,             -- personal
	unit {i64} REFERENCES unit (id),
	manager {i64},
	box {blob}                      -- secret
) {strict};
-- log
CREATE TABLE audit_leaf (
	id {id},
	leaf TEXT NOT NULL
) {strict};
-- volatile
CREATE TABLE budget (
	name TEXT NOT NULL PRIMARY KEY,
	tries {i64} NOT NULL
) {strict};
SQL
cat >"$work/access.sql" <<'SQL'
CREATE TABLE access_grant (
	id {id},
	person {i64} NOT NULL REFERENCES person (id),
	until {i64}
) {strict};
SQL
cat >"$work/rules.sql" <<'SQL'
CREATE TABLE rules_read (
	person {i64} NOT NULL REFERENCES person (id),
	version {i64} NOT NULL,
	PRIMARY KEY (person, version)
) {strict};
SQL

run() { # COMPONENT < SQL
	cat >"$work/x.sql"
	"$sqlgen" --sql "$work/x.sql" --own "$1" --schema floor=1="$work/floor.sql" --schema access=1="$work/access.sql" \
		--schema rules=1="$work/rules.sql" "$work/x.h" "$work/x.c" >"$work/said" 2>&1
}
bad() { failed=$((failed + 1)); echo "not ok $1: $2"; sed 's/^/  | /' "$work/said"; }
# The sentence must be there, and the exit status 1 (an abort or a sanitizer's complaint is no refusal).
refused() { # NAME COMPONENT SENTENCE < SQL
	n=$((n + 1))
	run "$2"
	status=$?
	if [ $status -ne 1 ]; then bad "$1" "exit $status, not refused"
	elif ! grep -qF -- "$3" "$work/said"; then bad "$1" "another sentence than: $3"
	else echo "ok $1: $(head -1 "$work/said" | sed "s|$work/||")"; fi
}
accepted() { # NAME COMPONENT FILE TEXT < SQL
	n=$((n + 1))
	run "$2" || { bad "$1" "refused"; return; }
	# Several lines are one text: newlines become ~ on both sides.
	tr '\n' '~' <"$work/$3" | grep -qF -- "$(printf %s "$4" | tr '\n' '~')" && echo "ok $1" ||
		{ cp "$work/$3" "$work/said"; bad "$1" "does not contain: $4"; }
}
schema_refused() { # NAME COMPONENT SENTENCE < DDL
	n=$((n + 1))
	cat >"$work/new.sql"
	"$sqlgen" --tables --schema floor=1="$work/floor.sql" --schema access=1="$work/access.sql" --schema rules=1="$work/rules.sql" \
		--schema "$2=2=$work/new.sql" "$work/t.c" >"$work/said" 2>&1
	status=$?
	if [ $status -ne 1 ]; then bad "$1" "exit $status, not refused"
	elif ! grep -qF -- "$3" "$work/said"; then bad "$1" "another sentence than: $3"
	else echo "ok $1: $(head -1 "$work/said" | sed "s|$work/||")"; fi
}

refused "misspelt column" access 'x.sql:3: x_get: no such column: untill' <<'SQL'
-- Prose.
--: x_get(id int) -> one (until instant?)
SELECT untill AS until FROM access_grant WHERE id = $1;
SQL
refused "misspelt column, line by line" access 'x.sql:5: x_get: no such column: persn' <<'SQL'
--: x_get(id int) -> one (until instant?)
SELECT until
-- a comment; with a semicolon and $9
FROM access_grant
WHERE persn = $1;
SQL
refused "another point's table" access 'table "rules_read" belongs to "rules"' <<'SQL'
--: x_get(person int) -> many (id int)
SELECT id FROM access_grant WHERE EXISTS (SELECT version FROM rules_read WHERE person = $1);
SQL
refused "another point's table, no column read" access 'table "rules_read" belongs to "rules"' <<'SQL'
--: x_n() -> one (n int)
SELECT count(*) AS n FROM rules_read;
SQL
refused "writing another point's table" access 'table "rules_read" belongs to "rules"' <<'SQL'
--: x_drop(person int)
DELETE FROM rules_read WHERE person = $1;
SQL
refused "a point writes the floor's table" access 'writes through the floor' <<'SQL'
--: x_set(name text, id int)
UPDATE person SET name = $1 WHERE id = $2;
SQL
refused "the database's own tables" floor 'table "sqlite_master" is not ours to touch' <<'SQL'
--: x_all() -> many (name text)
SELECT name FROM sqlite_schema;
SQL
refused "a pragma as a table" floor 'is not ours to touch' <<'SQL'
--: x_all() -> many (name text)
SELECT name FROM pragma_table_info('person');
SQL
refused "placeholders out of order" floor '$2 appears before $1: placeholders first appear in ascending order' <<'SQL'
--: x_get(id int, unit int) -> many (id int)
SELECT id FROM person WHERE unit = $2 AND id = $1;
SQL
refused "an argument that is not used" floor '2 arguments declared, $1 to $1 used' <<'SQL'
--: x_get(id int, unit int) -> many (id int)
SELECT id FROM person WHERE unit = $1;
SQL
refused "a placeholder in a text is none" floor '1 arguments declared, $1 to $0 used' <<'SQL'
--: x_get(id int) -> many (id int)
SELECT id FROM person WHERE name = '$1';
SQL
accepted "a placeholder used twice" floor x.h 'enum err x_get(struct rq *rq, int64_t id, struct x_get_row **ret, size_t *ret_n);' <<'SQL'
--: x_get(id int) -> many (id int)
SELECT id FROM person WHERE unit = $1 OR manager = $1;
SQL
refused "missing NULL mark" floor 'column "unit" may be NULL: write "unit int?"' <<'SQL'
--: x_get(id int) -> one (unit int)
SELECT unit FROM person WHERE id = $1;
SQL
refused "missing NULL mark of an outer join" floor 'column "unit_name" may be NULL (outer join): write "unit_name text?"' <<'SQL'
--: x_get(id int) -> one (id int, unit_name text)
SELECT p.id, u.name AS unit_name FROM person p LEFT JOIN unit u ON u.id = p.unit WHERE p.id = $1;
SQL
accepted "a NULL mark is respected" floor x.h 'struct maybe_int unit;' <<'SQL'
--: x_get(id int) -> one (unit int?)
SELECT unit FROM person WHERE id = $1;
SQL
accepted "a NULL that only the run can tell is said" floor x.c 'x_most: \"n\" is NULL' <<'SQL'
--: x_most() -> one (n int)
SELECT max(id) AS n FROM person;
SQL
accepted "what is NOT NULL is not asked again" floor x.c '{
	row_->name = str_copy(rq->arena, store_text(c_, 0));
	return OK;' <<'SQL'
--: x_get(id int) -> one (name text)
SELECT name FROM person WHERE id = $1;
SQL
refused "another type" floor 'column "name" is declared int and stored as TEXT' <<'SQL'
--: x_get(id int) -> one (name int)
SELECT name FROM person WHERE id = $1;
SQL
refused "another name" floor 'column 1 is declared "title" and comes as "name"' <<'SQL'
--: x_get(id int) -> one (title text)
SELECT name FROM person WHERE id = $1;
SQL
refused "another number of columns" floor '1 columns declared, the statement gives 2' <<'SQL'
--: x_get(id int) -> one (id int)
SELECT id, name FROM person WHERE id = $1;
SQL
refused "a clock" floor 'no clock in a statement' <<'SQL'
--: x_get() -> many (id int)
SELECT id FROM person WHERE manager < unixepoch();
SQL
refused "chance" floor 'no chance in a statement' <<'SQL'
--: x_get() -> many (id int)
SELECT id FROM person ORDER BY random();
SQL
refused "LIKE" floor 'LIKE knows case in one engine' <<'SQL'
--: x_get(name text) -> many (id int)
SELECT id FROM person WHERE name LIKE $1;
SQL
refused "a function of one engine" floor 'printf() is not among the functions known' <<'SQL'
--: x_get(id int) -> one (n text)
SELECT printf('%d', id) AS n FROM person WHERE id = $1;
SQL
refused "rowid" floor 'no rowid in a statement: name the key' <<'SQL'
--: x_get() -> many (id int)
SELECT id FROM person ORDER BY rowid;
SQL
refused "a write that replaces" floor 'no INSERT OR' <<'SQL'
--: x_add(id int, name text)
INSERT OR REPLACE INTO unit (id, name) VALUES ($1, $2);
SQL
refused "a key left to the engine" floor 'the key unit.id must be set: ids come from the application' <<'SQL'
--: x_add(name text)
INSERT INTO unit (name) VALUES ($1);
SQL
refused "a column that must be set" floor 'unit.name must be set' <<'SQL'
--: x_add(id int)
INSERT INTO unit (id) VALUES ($1);
SQL
refused "a key that changes" floor 'the key unit.id never changes' <<'SQL'
--: x_move(to int, id int)
UPDATE unit SET id = $1 WHERE id = $2;
SQL
refused "a write with a result" floor 'a write gives nothing back' <<'SQL'
--: x_add(id int, name text) -> one (id int)
INSERT INTO unit (id, name) VALUES ($1, $2);
SQL
refused "a hand-written RETURNING" floor 'sqlgen writes that clause itself' <<'SQL'
--: x_add(id int, name text)
INSERT INTO unit (id, name) VALUES ($1, $2) RETURNING id;
SQL
refused "a read without its columns" floor 'a read needs -> one, many or each' <<'SQL'
--: x_get(id int)
SELECT id FROM person WHERE id = $1;
SQL
refused "the log in a point" access 'the floor' <<'SQL'
--: x_add(id int, leaf text)
INSERT INTO audit_leaf (id, leaf) VALUES ($1, $2);
SQL
refused "a second statement" floor 'behind ; a new line begins' <<'SQL'
--: x_get(id int) -> one (id int)
SELECT id FROM person WHERE id = $1; DROP TABLE person;
SQL
refused "other commands" floor 'only SELECT, INSERT, UPDATE and DELETE stand in an x.sql' <<'SQL'
--: x_drop()
DROP TABLE person;
SQL
refused "a statement without a name" floor 'needs a signature line' <<'SQL'
SELECT id FROM person;
SQL
refused "a foreign name" floor 'statements of this file are named x_...' <<'SQL'
--: people_get(id int) -> one (id int)
SELECT id FROM person WHERE id = $1;
SQL
refused "a name twice" floor 'this name stands twice' <<'SQL'
--: x_get(id int) -> one (id int)
SELECT id FROM person WHERE id = $1;
--: x_get(id int) -> one (id int)
SELECT id FROM unit WHERE id = $1;
SQL
refused "a statement without an end" floor 'does not end with ;' <<'SQL'
--: x_get(id int) -> one (id int)
SELECT id FROM person WHERE id = $1
SQL

accepted "a write tells what it did" floor x.c 'RETURNING person.id, person.name, person.unit' <<'SQL'
--: x_set(name text, unit int?, id int)
UPDATE person SET name = $1, unit = $2 WHERE id = $3;
SQL
accepted "a plain insert is written as it was given" floor x.c '.given = x_new_given' <<'SQL'
--: x_new(name text, id int, unit int?)
INSERT INTO person (name, id, unit) VALUES ($1, $2, $3);
SQL
accepted "an insert that reckons is given back" floor x.c 'RETURNING id, name, unit' <<'SQL'
--: x_new(name text, id int, unit int?)
INSERT INTO person (name, id, unit) VALUES ($1, $2, coalesce($3, 0));
SQL
accepted "a delete tells the key" floor x.c 'RETURNING id"' <<'SQL'
--: x_drop(id int)
DELETE FROM person WHERE id = $1;
SQL
accepted "a write takes a change" floor x.h 'enum err x_set(struct change *change, struct str name, int64_t id);' <<'SQL'
--: x_set(name text, id int)
UPDATE person SET name = $1 WHERE id = $2;
SQL
accepted "a volatile write takes a request" floor x.h 'enum err x_count(struct rq *rq, struct str name, int64_t tries);' <<'SQL'
--: x_count(name text, tries int)
INSERT INTO budget (name, tries) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET tries = excluded.tries;
SQL
accepted "what is kept knows its tables" floor x.c 'static const struct table *const x_get_reads[] = { &table_unit, &table_person, NULL };' <<'SQL'
-- kept
--: x_get(id int) -> one (name text)
SELECT u.name FROM person p JOIN unit u ON u.id = p.unit WHERE p.id = $1;
SQL
accepted "prose stands above the prototype" floor x.h '/* Who is called that;
 * in two lines. */' <<'SQL'
-- Who is called that;
-- in two lines.
--: x_get(name text) -> each (id int)
SELECT id FROM person WHERE name = $1;
SQL

refused "a write is not kept" floor '"-- kept" is for reads' <<'SQL'
-- kept
--: x_drop(id int)
DELETE FROM person WHERE id = $1;
SQL
refused "rows handed on one by one are not kept" floor '"-- kept" is for reads' <<'SQL'
-- kept
--: x_all() -> each (id int)
SELECT id FROM person;
SQL

schema_refused "a schema refers to another point" access 'refers to "rules_read", which belongs to "rules"' <<'SQL'
CREATE TABLE access_rule (
	id {id},
	person {i64} NOT NULL,
	version {i64} NOT NULL,
	FOREIGN KEY (person, version) REFERENCES rules_read (person, version)
) {strict};
SQL
schema_refused "a table without its point's name" access 'table "grants" of "access" must be named access_...' <<'SQL'
CREATE TABLE grants (
	id {id}
) {strict};
SQL
schema_refused "a trigger" access 'TRIGGER is not for a schema' <<'SQL'
CREATE TRIGGER access_more AFTER DELETE ON access_grant BEGIN SELECT 1; END;
SQL
schema_refused "a cascade" access 'CASCADE is not for a schema' <<'SQL'
CREATE TABLE access_more (
	id {id},
	person {i64} REFERENCES person (id) ON DELETE CASCADE
) {strict};
SQL
schema_refused "a narrow integer" access 'INTEGER is not for a schema' <<'SQL'
CREATE TABLE access_more (
	id {id},
	n INTEGER
) {strict};
SQL
schema_refused "a table without a key" access 'has no primary key' <<'SQL'
CREATE TABLE access_more (
	n {i64}
) {strict};
SQL
schema_refused "a personal key" access 'cannot be personal or secret' <<'SQL'
CREATE TABLE access_more (
	name TEXT NOT NULL PRIMARY KEY  -- personal
) {strict};
SQL

echo "$n cases, $failed failed"
[ $failed -eq 0 ]
