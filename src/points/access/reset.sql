-- Resets seen in other systems' logs.

--: reset_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM access_reset;

--: reset_add(id int, at instant, person int?, name text, kind text, by_name text, verification int?, imported_at instant)
INSERT INTO access_reset (id, at, person, name, kind, by_name, verification, imported_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- The same row, read in before.
--: reset_same(at instant, name text, kind text) -> one (id int)
SELECT id FROM access_reset WHERE at = $1 AND name = $2 AND kind = $3;

-- The same reset, told by another line about then, perhaps of another directory that knows the person by another name.
--: reset_near(name text, person int?, kind text, least instant, most instant) -> one (id int)
SELECT id FROM access_reset WHERE (name = $1 OR person = $2) AND kind = $3 AND at >= $4 AND at <= $5 ORDER BY id LIMIT 1;

-- A verification of that person whose token was good then, or was used about then, and which answers for no other reset of that kind.
--: reset_verified(person int, used_least instant, used_most instant, at instant, kind text) -> many (id int, errand text)
SELECT v.id, v.errand FROM access_verification v
WHERE v.person = $1 AND ((v.used_at >= $2 AND v.used_at <= $3) OR (v.used_at IS NULL AND v.approved_at <= $4 AND v.token_until >= $4)) AND v.outcome = 0
  AND NOT EXISTS (SELECT 1 FROM access_reset r WHERE r.verification = v.id AND r.kind = $5)
ORDER BY v.approved_at DESC, v.id DESC LIMIT 20;

--: reset_count(since instant) -> one (n int, unverified int)
SELECT count(*) AS n, count(*) - count(verification) AS unverified FROM access_reset WHERE at >= $1;

--: reset_latest() -> many (id int, at instant, person int?, name text, kind text, by_name text, verification int?)
SELECT id, at, person, name, kind, by_name, verification FROM access_reset ORDER BY at DESC, id DESC LIMIT 100;

-- By whom, since then: how many with and without.
--: reset_by_agent(since instant) -> many (by_name text, n int, verified int)
SELECT by_name, count(*) AS n, count(verification) AS verified FROM access_reset WHERE at >= $1 GROUP BY by_name ORDER BY by_name LIMIT 200;

-- The same of one week.
--: reset_of_week(from_at instant, until instant) -> many (by_name text, n int, verified int)
SELECT by_name, count(*) AS n, count(verification) AS verified FROM access_reset WHERE at >= $1 AND at < $2 GROUP BY by_name ORDER BY by_name LIMIT 200;

-- What a sample is drawn from: what was known when a checkpoint was signed.
--: reset_sampled(from_at instant, until instant, known_at instant) -> many (id int)
SELECT id FROM access_reset WHERE at >= $1 AND at < $2 AND imported_at <= $3 ORDER BY id LIMIT 100000;

--: reset_verifications(from_at instant, until instant, known_at instant) -> many (id int)
SELECT id FROM access_verification WHERE started_at >= $1 AND started_at < $2 AND started_at <= $3 ORDER BY id LIMIT 100000;

--: reset_get(id int) -> one (at instant, person int?, name text, kind text, by_name text, verification int?)
SELECT at, person, name, kind, by_name, verification FROM access_reset WHERE id = $1;
