-- Urgent cases under standing decisions.

--: urgent_terms(decision int) -> one (hours int, weekly int, users int)
SELECT hours, weekly, users FROM urgent_terms WHERE decision = $1;

--: urgent_terms_add(decision int, hours int, weekly int, users int)
INSERT INTO urgent_terms (decision, hours, weekly, users) VALUES ($1, $2, $3, $4);

-- Signed with yes and not over: what can be used, if its time has begun and the reader may.
--: urgent_standing(now instant) -> many (id int)
SELECT d.id FROM urgent_terms t JOIN decision d ON d.id = t.decision JOIN deviation v ON v.decision = d.id
WHERE v.until > $1 AND d.is_yes = 1 AND d.signed_at IS NOT NULL AND d.revoked_at IS NULL AND v.ended_at IS NULL ORDER BY d.id LIMIT 100;

--: urgent_get(id int) -> one (id int, decision int, person int, gateway int?, why text, hours int, asker int, asked_at instant, answered_at instant?, answered_by int?, is_yes bool, until instant, withdrawn_at instant?, reversed_at instant?, reversed_by int?, words text, reviewed_at instant?, reviewed_by int?, is_right bool, review text, cleaned_at instant?, cleaned text)
SELECT id, decision, person, gateway, why, hours, asker, asked_at, answered_at, answered_by, is_yes, until, withdrawn_at, reversed_at, reversed_by, words, reviewed_at,
  reviewed_by, is_right, review, cleaned_at, cleaned
FROM urgent_use WHERE id = $1;

--: urgent_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM urgent_use;

-- The newest first, of all or of one standing decision (-1: all).
--: urgent_numbers(decision int) -> many (id int)
SELECT id FROM urgent_use WHERE $1 < 0 OR decision = $1 ORDER BY id DESC LIMIT 100;

-- What somebody has still to do something about: asked a short time ago; confirmed and not reviewed, or reviewed with no and not cleaned up.
--: urgent_open(since instant) -> many (id int)
SELECT id FROM urgent_use
WHERE (answered_at IS NULL AND withdrawn_at IS NULL AND asked_at > $1)
  OR (is_yes = 1 AND (reviewed_at IS NULL OR (is_right = 0 AND cleaned_at IS NULL))) ORDER BY id LIMIT 500;

-- Asked for this person under this decision and not answered.
--: urgent_waits(decision int, person int, since instant) -> one (id int)
SELECT id FROM urgent_use WHERE decision = $1 AND person = $2 AND answered_at IS NULL AND withdrawn_at IS NULL AND asked_at > $3 ORDER BY id LIMIT 1;

-- How often it has been used since then.
--: urgent_used(decision int, since instant) -> one (n int)
SELECT count(*) AS n FROM urgent_use WHERE decision = $1 AND is_yes = 1 AND answered_at > $2;

-- What the gate must know: confirmed, not over, not reversed, under a decision that is signed and neither revoked nor over.
--: urgent_in_force(now instant) -> many (id int, decision int, body int, reason text, person int, gateway int?, confirmed_at instant?, until instant, latest instant, signed_at instant?, stale_at instant?)
SELECT u.id, u.decision, d.body, v.reason, u.person, u.gateway, u.answered_at AS confirmed_at, u.until, v.until AS latest, d.signed_at, d.stale_at
FROM urgent_use u JOIN decision d ON d.id = u.decision JOIN deviation v ON v.decision = d.id
WHERE u.until > $1 AND u.answered_at IS NOT NULL AND u.answered_by IS NOT NULL AND u.answered_by <> u.asker AND u.is_yes = 1 AND u.reversed_at IS NULL
  AND v.until > $1 AND d.signed_at IS NOT NULL AND d.signed_at < u.asked_at AND d.is_yes = 1 AND d.revoked_at IS NULL AND d.withdrawn_at IS NULL AND v.ended_at IS NULL
ORDER BY u.id;

--: urgent_in_force_count(now instant) -> one (n int)
SELECT count(*) AS n FROM urgent_use WHERE until > $1 AND is_yes = 1 AND reversed_at IS NULL;

-- Whom the effect of a decision's uses is for now.
--: urgent_inside(decision int, now instant) -> many (person int)
SELECT DISTINCT person FROM urgent_use WHERE decision = $1 AND until > $2 AND is_yes = 1 AND reversed_at IS NULL ORDER BY person;

--: urgent_add(id int, decision int, person int, gateway int?, why text, hours int, asker int, asked_at instant)
INSERT INTO urgent_use (id, decision, person, gateway, why, hours, asker, asked_at, is_yes, until, words, is_right, review, cleaned)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, '', 0, '', '');

--: urgent_set_answered(answered_at instant?, answered_by int?, is_yes bool, until instant, words text, id int)
UPDATE urgent_use SET answered_at = $1, answered_by = $2, is_yes = $3, until = $4, words = $5 WHERE id = $6;

--: urgent_set_withdrawn(withdrawn_at instant?, id int)
UPDATE urgent_use SET withdrawn_at = $1 WHERE id = $2;

--: urgent_set_reversed(reversed_at instant?, reversed_by int?, words text, id int)
UPDATE urgent_use SET reversed_at = $1, reversed_by = $2, words = $3 WHERE id = $4;

--: urgent_set_reviewed(reviewed_at instant?, reviewed_by int?, is_right bool, review text, id int)
UPDATE urgent_use SET reviewed_at = $1, reviewed_by = $2, is_right = $3, review = $4 WHERE id = $5;

--: urgent_set_cleaned(cleaned_at instant?, cleaned text, id int)
UPDATE urgent_use SET cleaned_at = $1, cleaned = $2 WHERE id = $3;
