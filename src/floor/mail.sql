-- Mail that goes out: what waits, what could not be delivered and why. core_post.c carries it out.

--: mail_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM mail;

--: mail_add(id int, kind text, person int?, address text, title text, message blob?, made_at instant, failed_at instant?, cause text)
INSERT INTO mail (id, kind, person, address, title, message, made_at, failed_at, cause) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- Delivered: what it said is forgotten.
--: mail_sent(message blob?, sent_at instant, id int)
UPDATE mail SET message = $1, sent_at = $2, failed_at = NULL, cause = '' WHERE id = $3 AND sent_at IS NULL;

--: mail_failed(failed_at instant, cause text, id int)
UPDATE mail SET failed_at = $1, cause = $2 WHERE id = $3 AND sent_at IS NULL;

-- Tried again after a failure.
--: mail_revive(id int)
UPDATE mail SET failed_at = NULL, cause = '' WHERE id = $1 AND sent_at IS NULL;

-- Given up by somebody: it is shown as failed no more, and nothing of it is kept.
--: mail_drop(message blob?, sent_at instant, cause text, id int)
UPDATE mail SET message = $1, sent_at = $2, cause = $3 WHERE id = $4 AND sent_at IS NULL;

--: mail_get(id int) -> one (kind text, person int?, address text, title text, message blob?, made_at instant, sent_at instant?, failed_at instant?, cause text)
SELECT kind, person, address, title, message, made_at, sent_at, failed_at, cause FROM mail WHERE id = $1;

-- What may go out now: by mail, and by SMS.
--: mail_due(now instant) -> many (id int, address text, message blob?, made_at instant)
SELECT m.id, m.address, m.message, m.made_at FROM mail m LEFT JOIN post_try t ON t.kind = 0 AND t.id = m.id
WHERE m.sent_at IS NULL AND m.failed_at IS NULL AND coalesce(t.next_at, 0) <= $1 AND (m.address < 'tel:' OR m.address >= 'tel;') ORDER BY m.id LIMIT 16;

--: mail_sms_due(now instant) -> many (id int, address text, message blob?, made_at instant)
SELECT m.id, m.address, m.message, m.made_at FROM mail m LEFT JOIN post_try t ON t.kind = 0 AND t.id = m.id
WHERE m.sent_at IS NULL AND m.failed_at IS NULL AND coalesce(t.next_at, 0) <= $1 AND m.address >= 'tel:' AND m.address < 'tel;' ORDER BY m.id LIMIT 16;

-- The outbox: all that is not sent, failures first.
--: mail_unsent() -> many (id int, kind text, person int?, address text, title text, made_at instant, failed_at instant?, cause text, tries int, next_at instant, last text)
SELECT m.id, m.kind, m.person, m.address, m.title, m.made_at, m.failed_at, m.cause, coalesce(t.tries, 0) AS tries, coalesce(t.next_at, 0) AS next_at,
coalesce(t.cause, '') AS last FROM mail m LEFT JOIN post_try t ON t.kind = 0 AND t.id = m.id
WHERE m.sent_at IS NULL ORDER BY CASE WHEN m.failed_at IS NULL THEN 1 ELSE 0 END, m.id LIMIT 200;

--: mail_count() -> one (waiting int, failed int, oldest int?)
SELECT count(*) - count(failed_at) AS waiting, count(failed_at) AS failed, min(CASE WHEN failed_at IS NULL THEN made_at END) AS oldest FROM mail WHERE sent_at IS NULL;

-- Sent since then, for the page.
--: mail_sent_since(sent_at instant) -> one (n int)
SELECT count(*) AS n FROM mail WHERE sent_at >= $1 AND cause = '';

-- Has this person been told of this kind of thing since then?
--: mail_told(person int?, kind text, made_at instant) -> one (id int)
SELECT id FROM mail WHERE person = $1 AND kind = $2 AND made_at >= $3 ORDER BY id LIMIT 1;

-- Whom a role is told through.
--: mail_role(role int) -> many (id int)
SELECT id FROM person WHERE (roles & $1) <> 0 AND left_at IS NULL ORDER BY id LIMIT 50;

--: mail_wish_of(person int) -> one (language text, no_digest bool)
SELECT language, no_digest FROM mail_wish WHERE person = $1;

--: mail_wish_add(person int, language text, no_digest bool)
INSERT INTO mail_wish (person, language, no_digest) VALUES ($1, $2, $3);

--: mail_wish_set(language text, no_digest bool, person int)
UPDATE mail_wish SET language = $1, no_digest = $2 WHERE person = $3;

-- Tries.
--: mail_try_set(kind int, id int, tries int, next_at instant, cause text)
INSERT INTO post_try (kind, id, tries, next_at, cause) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (kind, id) DO UPDATE SET tries = excluded.tries, next_at = excluded.next_at, cause = excluded.cause;

--: mail_try_get(kind int, id int) -> one (tries int, next_at instant, cause text)
SELECT tries, next_at, cause FROM post_try WHERE kind = $1 AND id = $2;

--: mail_try_drop(kind int, id int)
DELETE FROM post_try WHERE kind = $1 AND id = $2;

--: mail_peer_set(id int, since instant, tries int, next_at instant, cause text)
INSERT INTO post_peer (id, since, tries, next_at, cause) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET since = excluded.since, tries = excluded.tries, next_at = excluded.next_at, cause = excluded.cause;

--: mail_peer_get(id int) -> one (since instant, tries int, next_at instant, cause text)
SELECT since, tries, next_at, cause FROM post_peer WHERE id = $1;

--: mail_peer_drop(id int)
DELETE FROM post_peer WHERE id = $1;
