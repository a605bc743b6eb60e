-- Questions to an OpenID provider: is it she who is on the telephone?

--: proof_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM proof_ask;

--: proof_add(id int, person int, subject int, words text, asked_at instant, until instant)
INSERT INTO proof_ask (id, person, subject, words, asked_at, until, answer, cause) VALUES ($1, $2, $3, $4, $5, $6, 0, '');

--: proof_get(id int) -> one (id int, person int, subject int, asked_at instant, until instant, answered_at instant?, answer int)
SELECT id, person, subject, asked_at, until, answered_at, answer FROM proof_ask WHERE id = $1;

-- Of one subject, the oldest first.
--: proof_of(subject int) -> many (id int, asked_at instant, until instant, answered_at instant?, answer int, cause text)
SELECT id, asked_at, until, answered_at, answer, cause FROM proof_ask WHERE subject = $1 ORDER BY id LIMIT 8;

-- What is still to be asked, or being asked.
--: proof_due(now instant) -> many (id int, person int, words text, until instant)
SELECT id, person, words, until FROM proof_ask WHERE answered_at IS NULL AND until > $1 ORDER BY id LIMIT 8;

--: proof_answered(answered_at instant, answer int, cause text, id int)
UPDATE proof_ask SET answered_at = $1, answer = $2, cause = $3 WHERE id = $4;
