-- Practice calls and practice links. A link is the floor's row (floor/practice_link.h), with a number of the same sequence.

--: practice_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM (SELECT max(id) AS id FROM access_practice UNION ALL SELECT max(id) FROM practice_link) AS practices;

-- person: of a call; token: of a link; unit: of a link, or of the team that answered a call.
--: practice_get(id int) -> one (id int, person int?, planned_by int, planned_at instant, from_at instant, until instant, agreed_at instant?, agreed_by int?, cancelled_at instant?, verification int?, unit int?, token text?)
SELECT id, person, planned_by, planned_at, from_at, until, agreed_at, agreed_by, cancelled_at, verification, unit, NULL AS token FROM access_practice WHERE id = $1
UNION ALL SELECT id, NULL, planned_by, planned_at, from_at, until, agreed_at, agreed_by, cancelled_at, NULL, unit, token FROM practice_link WHERE id = $1;

--: practice_all() -> many (id int)
SELECT id FROM access_practice UNION ALL SELECT id FROM practice_link ORDER BY id DESC LIMIT 100;

-- What waits for somebody to agree.
--: practice_waits(now instant) -> many (id int, until instant)
SELECT id, until FROM access_practice WHERE agreed_at IS NULL AND cancelled_at IS NULL AND until > $1
UNION ALL SELECT id, until FROM practice_link WHERE agreed_at IS NULL AND cancelled_at IS NULL AND until > $1 ORDER BY id LIMIT 50;

-- The one that a call about this person is now: agreed on before it, and not used.
--: practice_now(person int, now instant) -> one (id int)
SELECT id FROM access_practice
WHERE person = $1 AND from_at <= $2 AND until > $2 AND agreed_at IS NOT NULL AND agreed_at < $2 AND agreed_by <> planned_by AND cancelled_at IS NULL AND verification IS NULL
ORDER BY id LIMIT 1;

-- Is this call one?
--: practice_of(verification int?) -> one (id int)
SELECT id FROM access_practice WHERE verification = $1;

-- By team, of those that were called and are over: how many, and how many were stopped. What is under way counts for nothing yet.
--: practice_by_unit(since instant, before instant) -> many (unit_name text, n int, stopped int)
SELECT u.name AS unit_name, count(*) AS n, count(CASE WHEN v.approved_at IS NULL THEN 1 END) AS stopped
FROM access_practice p JOIN access_verification v ON v.id = p.verification JOIN unit u ON u.id = p.unit
WHERE v.started_at > $1 AND (v.approved_at IS NOT NULL OR v.ended_at IS NOT NULL OR v.started_at <= $2) GROUP BY u.name ORDER BY u.name;

-- By team, of the links that have begun: how often they were reported, and how often somebody went on.
--: practice_links_by_unit(since instant, now instant) -> many (unit_name text, n int, reported int, gone int)
SELECT u.name AS unit_name, count(*) AS n, coalesce(sum(c.reported), 0) AS reported, coalesce(sum(c.gone), 0) AS gone
FROM practice_link l JOIN unit u ON u.id = l.unit LEFT JOIN practice_link_count c ON c.link = l.id
WHERE l.from_at > $1 AND l.from_at <= $2 AND l.agreed_at IS NOT NULL GROUP BY u.name ORDER BY u.name;

--: practice_add(id int, person int, planned_by int, planned_at instant, from_at instant, until instant)
INSERT INTO access_practice (id, person, planned_by, planned_at, from_at, until) VALUES ($1, $2, $3, $4, $5, $6);

--: practice_set_agreed(agreed_at instant?, agreed_by int?, id int)
UPDATE access_practice SET agreed_at = $1, agreed_by = $2 WHERE id = $3;

--: practice_set_cancelled(cancelled_at instant?, id int)
UPDATE access_practice SET cancelled_at = $1 WHERE id = $2;

--: practice_set_call(verification int?, unit int?, id int)
UPDATE access_practice SET verification = $1, unit = $2 WHERE id = $3;
