-- Practice links: what access plans and incidents recognises.

--: practice_link_named(token text) -> one (id int, unit int, from_at instant, until instant, agreed_at instant?, cancelled_at instant?)
SELECT id, unit, from_at, until, agreed_at, cancelled_at FROM practice_link WHERE token = $1;

--: practice_link_add(id int, unit int, token text, planned_by int, planned_at instant, from_at instant, until instant)
INSERT INTO practice_link (id, unit, token, planned_by, planned_at, from_at, until) VALUES ($1, $2, $3, $4, $5, $6, $7);

--: practice_link_set_agreed(agreed_at instant?, agreed_by int?, id int)
UPDATE practice_link SET agreed_at = $1, agreed_by = $2 WHERE id = $3;

--: practice_link_set_cancelled(cancelled_at instant?, id int)
UPDATE practice_link SET cancelled_at = $1 WHERE id = $2;

--: practice_link_count_of(link int) -> one (reported int, gone int)
SELECT reported, gone FROM practice_link_count WHERE link = $1;

--: practice_link_count_set(link int, reported int, gone int)
INSERT INTO practice_link_count (link, reported, gone) VALUES ($1, $2, $3)
ON CONFLICT (link) DO UPDATE SET reported = excluded.reported, gone = excluded.gone;

-- Who work in a unit now: a team that is too small cannot be told from its people.
--: practice_link_team(unit int, now instant) -> one (n int)
SELECT count(*) AS n FROM person WHERE unit = $1 AND left_at IS NULL AND (employment_end IS NULL OR employment_end > $2);
