-- Mandates and deputies: who may decide at which level of the consequence scale, for which legal body.

-- The highest level of a person's own mandates for a body, in force at that moment.
--: mandate_own(person int, body int, at instant) -> one (level int)
SELECT coalesce(max(level), 0) AS level FROM mandate
WHERE person = $1 AND body = $2 AND from_at <= $3 AND (until IS NULL OR until > $3);

-- For whom this person stands in at that moment.
--: mandate_stands_in(deputy int, at instant) -> many (person int)
SELECT person FROM deputy WHERE deputy = $1 AND from_at <= $2 AND until > $2 ORDER BY id;

-- Who holds a mandate of at least that level for the body, at that moment.
--: mandate_holders(body int, level int, at instant) -> many (person int, code text, name text, is_protected bool, level int)
SELECT m.person, p.code, p.name, p.is_protected, m.level FROM mandate m JOIN person p ON p.id = m.person
WHERE m.body = $1 AND m.level >= $2 AND m.from_at <= $3 AND (m.until IS NULL OR m.until > $3) AND p.left_at IS NULL
ORDER BY m.level, m.id LIMIT 20;

--: mandate_get(id int) -> one (id int, person int, code text, body int, level int, from_at instant, until instant?)
SELECT m.id, m.person, p.code, m.body, m.level, m.from_at, m.until FROM mandate m JOIN person p ON p.id = m.person WHERE m.id = $1;

-- Those that are not over: in force or to come.
--: mandate_open(at instant) -> many (id int, person int, code text, name text, is_protected bool, body int, body_name text, level int, from_at instant, until instant?, left_at instant?, employment_end instant?, own_body int, roles int)
SELECT m.id, m.person, p.code, p.name, p.is_protected, m.body, b.name AS body_name, m.level, m.from_at, m.until, p.left_at,
  p.employment_end, u.body AS own_body, p.roles
FROM mandate m JOIN person p ON p.id = m.person JOIN unit u ON u.id = p.unit JOIN body b ON b.id = m.body
WHERE m.until IS NULL OR m.until > $1
ORDER BY m.body, m.level DESC, m.id LIMIT 500;

-- The same mandate, not over yet.
--: mandate_same(person int, body int, level int, at instant) -> one (id int)
SELECT id FROM mandate WHERE person = $1 AND body = $2 AND level = $3 AND (until IS NULL OR until > $4) ORDER BY id LIMIT 1;

--: mandate_most() -> one (n int)
SELECT coalesce(max(id), -1) AS n FROM mandate;

--: mandate_add(id int, person int, body int, level int, from_at instant, until instant?)
INSERT INTO mandate (id, person, body, level, from_at, until) VALUES ($1, $2, $3, $4, $5, $6);

--: mandate_set_until(until instant?, id int)
UPDATE mandate SET until = $1 WHERE id = $2;

--: mandate_body_named(name text) -> one (id int)
SELECT id FROM body WHERE name = $1 ORDER BY id LIMIT 1;

--: mandate_body_get(id int) -> one (name text)
SELECT name FROM body WHERE id = $1;

--: mandate_body_most() -> one (n int)
SELECT coalesce(max(id), -1) AS n FROM body;

-- Bodies with how many units and people each has.
--: mandate_bodies() -> many (id int, name text, units int, people int)
SELECT b.id, b.name, (SELECT count(*) FROM unit u WHERE u.body = b.id) AS units,
  (SELECT count(*) FROM person p JOIN unit v ON v.id = p.unit WHERE v.body = b.id AND p.left_at IS NULL) AS people
FROM body b ORDER BY b.id;

-- A unit belongs to exactly one legal body.
--: mandate_unit_body(body int, id int)
UPDATE unit SET body = $1 WHERE id = $2;
