-- People: persons, their names, units, legal bodies.

-- How many persons there are: their numbers have no gaps.
-- kept
--: people_count() -> one (n int)
SELECT coalesce(max(id), -1) + 1 AS n FROM person;

-- A person by number.
-- kept
--: people_get(id int) -> one (id int, code text, name text, email text, phone text, email_changed_at instant, phone_changed_at instant, unit int, unit_name text, class int, body int, manager int?, employment_end instant?, roles int, is_protected bool, left_at instant?)
SELECT p.id, p.code, p.name, p.email, p.phone, p.email_changed_at, p.phone_changed_at, p.unit, u.name AS unit_name, u.class, u.body,
  p.manager, p.employment_end, p.roles, p.is_protected, p.left_at
FROM person p JOIN unit u ON u.id = p.unit WHERE p.id = $1;

-- Who is called that, in canonical form.
--: people_named(name text) -> one (person int)
SELECT person FROM login WHERE name = $1;

-- Everyone, for lists and for the import's comparison.
--: people_all() -> each (id int, code text, name text, email text, phone text, unit text, class int, manager int?, employment_end instant?, roles int, kept_roles int, is_protected bool, left_at instant?)
SELECT p.id, p.code, p.name, p.email, p.phone, u.name AS unit, u.class, p.manager, p.employment_end, p.roles, p.kept_roles, p.is_protected,
  p.left_at
FROM person p JOIN unit u ON u.id = p.unit ORDER BY p.id;

-- All names, for the import's comparison.
--: people_logins() -> each (name text, person int, kind int)
SELECT name, person, kind FROM login ORDER BY person, place;

-- One person's names.
--: people_logins_of(person int) -> many (place int, name text, kind int)
SELECT place, name, kind FROM login WHERE person = $1 ORDER BY kind, place;

--: people_login_named(name text) -> one (person int, place int)
SELECT person, place FROM login WHERE name = $1;

--: people_units() -> many (id int, name text, body int, class int)
SELECT id, name, body, class FROM unit ORDER BY id;

--: people_unit_count() -> one (n int)
SELECT count(*) AS n FROM unit;

--: people_unit_named(name text) -> one (id int, class int)
SELECT id, class FROM unit WHERE name = $1;

--: people_unit_add(id int, name text, body int, class int)
INSERT INTO unit (id, name, body, class) VALUES ($1, $2, $3, $4);

--: people_unit_class(class int, id int)
UPDATE unit SET class = $1 WHERE id = $2;

-- Whom a change of the unit's class touches.
--: people_of_unit(unit int) -> many (id int)
SELECT id FROM person WHERE unit = $1 ORDER BY id;

--: people_body_add(id int, name text)
INSERT INTO body (id, name) VALUES ($1, $2);

--: people_body_name(name text, id int)
UPDATE body SET name = $1 WHERE id = $2;

--: people_bodies() -> many (id int, name text)
SELECT id, name FROM body ORDER BY id;

-- A new person.
--: people_add(id int, code text, name text, email text, phone text, sort text, email_changed_at instant, phone_changed_at instant, unit int, manager int?, employment_end instant?, roles int, is_protected bool, left_at instant?)
INSERT INTO person (id, code, name, email, phone, sort, email_changed_at, phone_changed_at, unit, manager, employment_end, roles, is_protected, left_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- What HR's file says now of somebody known. All personal columns are set together: one hash stands for them.
--: people_change(name text, email text, phone text, sort text, email_changed_at instant, phone_changed_at instant, unit int, manager int?, employment_end instant?, roles int, is_protected bool, left_at instant?, id int)
UPDATE person SET name = $1, email = $2, phone = $3, sort = $4, email_changed_at = $5, phone_changed_at = $6, unit = $7, manager = $8,
  employment_end = $9, roles = $10, is_protected = $11, left_at = $12
WHERE id = $13;

-- A person made here by hand turns up in HR's file: takes HR's id, keeps the roles given here.
--: people_adopt(code text, kept_roles int, id int)
UPDATE person SET code = $1, kept_roles = $2 WHERE id = $3;

-- No longer in HR's file.
--: people_leave(left_at instant?, id int)
UPDATE person SET left_at = $1 WHERE id = $2;

--: people_login_add(person int, place int, name text, kind int)
INSERT INTO login (person, place, name, kind) VALUES ($1, $2, $3, $4);

--: people_login_drop(person int, place int)
DELETE FROM login WHERE person = $1 AND place = $2;

-- How many have a role: two coordinators, one decider who is neither.
--: people_with_role(role int) -> one (n int)
SELECT count(*) AS n FROM person WHERE (roles & $1) <> 0 AND left_at IS NULL;

-- Pages of the list, in Swedish order from a sort key on: all, of a unit, of a manager. They give the same columns;
-- what units and managers are called comes from people_unit_get and people_name, which are kept.
--: people_page(after text, after_id int) -> many (id int, code text, name text, unit int, manager int?, sort text, left_at instant?, employment_end instant?, is_protected bool, roles int)
SELECT id, code, name, unit, manager, sort, left_at, employment_end, is_protected, roles FROM person
WHERE (sort, id) > ($1, $2) ORDER BY sort, id LIMIT 51;

--: people_page_unit(unit int, after text, after_id int) -> many (id int, code text, name text, unit int, manager int?, sort text, left_at instant?, employment_end instant?, is_protected bool, roles int)
SELECT id, code, name, unit, manager, sort, left_at, employment_end, is_protected, roles FROM person
WHERE unit = $1 AND (sort, id) > ($2, $3) ORDER BY sort, id LIMIT 51;

--: people_page_manager(manager int?, after text, after_id int) -> many (id int, code text, name text, unit int, manager int?, sort text, left_at instant?, employment_end instant?, is_protected bool, roles int)
SELECT id, code, name, unit, manager, sort, left_at, employment_end, is_protected, roles FROM person
WHERE manager = $1 AND (sort, id) > ($2, $3) ORDER BY sort, id LIMIT 51;

-- One row of such a page.
--: people_row(id int) -> one (id int, code text, name text, unit int, manager int?, sort text, left_at instant?, employment_end instant?, is_protected bool, roles int)
SELECT id, code, name, unit, manager, sort, left_at, employment_end, is_protected, roles FROM person
WHERE id = $1;

-- What somebody is called.
-- kept
--: people_name(id int) -> one (name text, is_protected bool)
SELECT name, is_protected FROM person WHERE id = $1;

-- The walk in Swedish order, for a search that would find too many to sort: what is needed to tell who matches.
--: people_walk(after text, after_id int, before text, most int) -> each (id int, code text, name text, unit int, manager int?, sort text, is_protected bool)
SELECT id, code, name, unit, manager, sort, is_protected FROM person
WHERE (sort, id) > ($1, $2) AND sort < $3 ORDER BY sort, id LIMIT $4;

-- kept
--: people_unit_size(unit int) -> one (n int)
SELECT count(*) AS n FROM person WHERE unit = $1;

-- kept
--: people_managed_count(manager int?) -> one (n int)
SELECT count(*) AS n FROM person WHERE manager = $1 AND left_at IS NULL;

-- Units with how many they hold, and in which body.
--: people_unit_list() -> many (id int, name text, body text, class int, n int)
SELECT u.id, u.name, b.name AS body, u.class, (SELECT count(*) FROM person p WHERE p.unit = u.id) AS n
FROM unit u JOIN body b ON b.id = u.body ORDER BY u.id;

-- kept
--: people_unit_get(id int) -> one (name text, body text, class int)
SELECT u.name, b.name AS body, u.class FROM unit u JOIN body b ON b.id = u.body WHERE u.id = $1;

-- Search. Words of names stand in search_word, codes and names to log in with in login; both are asked by prefix range.
--: people_word_add(kind int, word text, id int)
INSERT INTO search_word (kind, word, id) VALUES ($1, $2, $3) ON CONFLICT (kind, word, id) DO NOTHING;

--: people_word_drop(kind int, word text, id int)
DELETE FROM search_word WHERE kind = $1 AND word = $2 AND id = $3;

--: people_word_any(kind int) -> one (id int)
SELECT id FROM search_word WHERE kind = $1 LIMIT 1;

--: people_words(kind int, from_word text, to_word text, most int) -> many (id int)
SELECT id FROM search_word WHERE kind = $1 AND word >= $2 AND word < $3 LIMIT $4;

--: people_names(from_name text, to_name text, most int) -> many (id int, kind int)
SELECT person AS id, kind FROM login WHERE name >= $1 AND name < $2 LIMIT $3;

-- Names in the order of numbers, for the words to be made anew.
--: people_named_from(first int) -> many (id int, name text, is_protected bool)
SELECT id, name, is_protected FROM person WHERE id >= $1 ORDER BY id LIMIT 1000;

-- A role given here, or taken back: no file changes it.
--: people_roles_set(roles int, kept_roles int, id int)
UPDATE person SET roles = $1, kept_roles = $2 WHERE id = $3;

--: people_roles_of(id int) -> one (roles int, kept_roles int)
SELECT roles, kept_roles FROM person WHERE id = $1;

-- Who stands in for whom.
--: people_deputy_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM deputy;

--: people_deputy_add(id int, person int, deputy int, from_at instant, until instant)
INSERT INTO deputy (id, person, deputy, from_at, until) VALUES ($1, $2, $3, $4, $5);

--: people_deputy_end(until instant, id int)
UPDATE deputy SET until = $1 WHERE id = $2;

--: people_deputy_get(id int) -> one (person int, deputy int, from_at instant, until instant)
SELECT person, deputy, from_at, until FROM deputy WHERE id = $1;

--: people_deputies(person int) -> many (id int, deputy int, code text, name text, is_protected bool, from_at instant, until instant)
SELECT d.id, d.deputy, p.code, p.name, p.is_protected, d.from_at, d.until FROM deputy d JOIN person p ON p.id = d.deputy
WHERE d.person = $1 ORDER BY d.from_at DESC, d.id DESC LIMIT 50;

-- For whom somebody stands in, or did or will: the 50 that end last. Whoever asks looks at the time.
-- kept
--: people_deputised(deputy int) -> many (person int, from_at instant, until instant)
SELECT person, from_at, until FROM deputy WHERE deputy = $1 ORDER BY until DESC, id LIMIT 50;

--: people_deputy_for(deputy int, now instant) -> many (id int, person int, name text, is_protected bool, from_at instant, until instant)
SELECT d.id, d.person, p.name, p.is_protected, d.from_at, d.until FROM deputy d JOIN person p ON p.id = d.person
WHERE d.deputy = $1 AND d.until > $2 ORDER BY d.from_at, d.id LIMIT 50;

-- Those who may decide on risks and do not coordinate: management, still employed.
--: people_deciders(management int, coordinator int) -> one (n int)
SELECT count(*) AS n FROM person WHERE (roles & $1) <> 0 AND (roles & $2) = 0 AND left_at IS NULL;
