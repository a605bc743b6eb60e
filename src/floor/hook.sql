-- Events for other systems, told by webhooks.

--: hook_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM hook_delivery;

--: hook_add(id int, hook int, host text, event text, body text, made_at instant, cause text)
INSERT INTO hook_delivery (id, hook, host, event, body, made_at, cause) VALUES ($1, $2, $3, $4, $5, $6, $7);

--: hook_sent(sent_at instant, id int)
UPDATE hook_delivery SET sent_at = $1, failed_at = NULL, cause = '' WHERE id = $2 AND sent_at IS NULL;

--: hook_failed(failed_at instant, cause text, id int)
UPDATE hook_delivery SET failed_at = $1, cause = $2 WHERE id = $3 AND sent_at IS NULL;

-- Sent again, also what was delivered: the receiver knows it by its number.
--: hook_revive(id int)
UPDATE hook_delivery SET failed_at = NULL, sent_at = NULL, cause = '' WHERE id = $1;

--: hook_get(id int) -> one (hook int, host text, event text, body text, made_at instant, sent_at instant?, failed_at instant?, cause text)
SELECT hook, host, event, body, made_at, sent_at, failed_at, cause FROM hook_delivery WHERE id = $1;

-- What may go out now to one of them.
--: hook_due(hook int, host text, now instant) -> many (id int, host text, event text, body text)
SELECT d.id, d.host, d.event, d.body FROM hook_delivery d LEFT JOIN post_try t ON t.kind = 1 AND t.id = d.id
WHERE d.sent_at IS NULL AND d.failed_at IS NULL AND d.hook = $1 AND d.host = $2 AND coalesce(t.next_at, 0) <= $3 ORDER BY d.id LIMIT 8;

-- The log of deliveries, the newest first.
--: hook_latest() -> many (id int, hook int, host text, event text, made_at instant, sent_at instant?, failed_at instant?, cause text, tries int, next_at instant, last text)
SELECT d.id, d.hook, d.host, d.event, d.made_at, d.sent_at, d.failed_at, d.cause, coalesce(t.tries, 0) AS tries, coalesce(t.next_at, 0) AS next_at,
coalesce(t.cause, '') AS last FROM hook_delivery d LEFT JOIN post_try t ON t.kind = 1 AND t.id = d.id ORDER BY d.id DESC LIMIT 100;

--: hook_count() -> one (waiting int, failed int)
SELECT count(*) - count(failed_at) AS waiting, count(failed_at) AS failed FROM hook_delivery WHERE sent_at IS NULL;
