-- The outbox: what must happen outside. Written in the commit of what decided it, done when it is known to have happened.

-- What is to be done, as the one who carries it out calls it: session.end, subject the session.
--: outbox_add(id int, kind text, person int?, subject int, made_at instant)
INSERT INTO outbox (id, kind, person, subject, made_at) VALUES ($1, $2, $3, $4, $5);

-- The same with what whom it concerns is told: session.preempt, whose place is needed.
--: outbox_add_saying(id int, kind text, person int?, subject int, made_at instant, say text)
INSERT INTO outbox (id, kind, person, subject, made_at, say) VALUES ($1, $2, $3, $4, $5, $6);

--: outbox_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM outbox;

--: outbox_done(done_at instant, id int)
UPDATE outbox SET done_at = $1 WHERE id = $2;

-- Is it waiting already?
--: outbox_waiting(kind text, subject int) -> one (id int)
SELECT id FROM outbox WHERE done_at IS NULL AND kind = $1 AND subject = $2 ORDER BY id LIMIT 1;

-- Sessions that are to end, and what is known of them.
--: outbox_sessions() -> many (id int, made_at instant, session int, person int?, gateway int, gateway_name text, until instant, opened_at instant?, closed_at instant?, nas_session text, calling text, say text?)
SELECT o.id, o.made_at, s.id AS session, s.person, s.gateway, g.name AS gateway_name, s.until, s.opened_at, s.closed_at, s.nas_session, s.calling, o.say
FROM outbox o JOIN session s ON s.id = o.subject JOIN gateway g ON g.id = s.gateway
WHERE o.done_at IS NULL AND o.kind IN ('session.end', 'session.preempt') ORDER BY o.id LIMIT 500;
