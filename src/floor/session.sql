-- Remote sessions, from the accept on.

-- An accept: offered, until the gateway says that it began.
--: session_offer(id int, person int?, gateway int, offered_at instant, until instant, nas_session text, calling text, against text?)
INSERT INTO session (id, person, gateway, offered_at, until, nas_session, calling, against)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- What gateways that only watch let in since then and would have refused.
--: session_against(since instant) -> many (gateway int, n int)
SELECT gateway, count(*) AS n FROM session WHERE offered_at > $1 AND against IS NOT NULL GROUP BY gateway ORDER BY gateway;

-- The id that the leaf of an accept names.
--: session_person(id int) -> one (code text)
SELECT code FROM person WHERE id = $1;

-- Accounting-Start.
--: session_open(opened_at instant, nas_session text, id int)
UPDATE session SET opened_at = $1, nas_session = $2 WHERE id = $3;

-- Accounting-Stop.
--: session_close(closed_at instant, cause int, id int)
UPDATE session SET closed_at = $1, cause = $2 WHERE id = $3;

-- A session that accounting names by its gateway and its own number.
--: session_named(gateway int, nas_session text) -> one (id int, person int?, until instant, opened_at instant?, closed_at instant?, cause int?)
SELECT id, person, until, opened_at, closed_at, cause FROM session
WHERE gateway = $1 AND nas_session = $2 ORDER BY offered_at DESC, id DESC LIMIT 1;

-- One that was offered to this person here, and has not been named by the gateway: for gateways that bring no Class back.
--: session_unnamed(gateway int, person int?, since instant, calling text) -> one (id int, person int?, until instant, opened_at instant?, closed_at instant?, cause int?)
SELECT id, person, until, opened_at, closed_at, cause FROM session
WHERE gateway = $1 AND person = $2 AND offered_at > $3 AND opened_at IS NULL AND closed_at IS NULL AND nas_session = ''
  AND (calling = $4 OR calling = '' OR $4 = '')
ORDER BY offered_at, id LIMIT 1;

-- A session by the leaf of its accept.
--: session_get(id int) -> one (id int, person int?, until instant, opened_at instant?, closed_at instant?, cause int?, gateway int)
SELECT id, person, until, opened_at, closed_at, cause, gateway FROM session WHERE id = $1;

-- One that accounting tells of and nobody had offered.
--: session_adopt(id int, person int?, gateway int, offered_at instant, until instant, opened_at instant, nas_session text, calling text)
INSERT INTO session (id, person, gateway, offered_at, until, opened_at, nas_session, calling)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

--: session_lowest() -> one (id int)
SELECT coalesce(min(id), 0) AS id FROM session;

-- Sessions of a gateway that had begun by then and are still open: closed by Accounting-On and Off. What was offered since may begin yet.
--: session_still_open(gateway int, before instant) -> many (id int)
SELECT id FROM session WHERE gateway = $1 AND closed_at IS NULL AND opened_at <= $2 ORDER BY id;

-- All that may hold a place: not ended, and either not over or heard of since `heard`. For the gate's count when it starts.
--: session_live(now instant, heard instant) -> each (id int, person int?, gateway int, offered_at instant, until instant, opened_at instant?, heard_at instant?, nas_session text)
SELECT s.id, s.person, s.gateway, s.offered_at, s.until, s.opened_at, c.at AS heard_at, s.nas_session
FROM session s LEFT JOIN session_counter c ON c.session = s.id
WHERE s.closed_at IS NULL AND (s.until > $1 OR c.at > $2)
ORDER BY s.id;

-- What has been open since a moment, for how long each person has been connected.
--: session_past(since instant, now instant) -> each (person int?, opened_at instant?, closed_at instant?, until instant, heard_at instant?)
SELECT s.person, s.opened_at, s.closed_at, s.until, c.at AS heard_at
FROM session s LEFT JOIN session_counter c ON c.session = s.id
WHERE s.offered_at > $1 AND s.offered_at <= $2 AND s.opened_at IS NOT NULL;

-- The same of one person.
--: session_past_of(person int?, since instant) -> many (opened_at instant?, closed_at instant?, until instant, heard_at instant?)
SELECT s.opened_at, s.closed_at, s.until, c.at AS heard_at
FROM session s LEFT JOIN session_counter c ON c.session = s.id
WHERE s.person = $1 AND s.offered_at > $2 AND s.opened_at IS NOT NULL ORDER BY s.offered_at LIMIT 500;

-- Which gateways tell when sessions begin.
--: session_telling(since instant) -> many (gateway int)
SELECT DISTINCT gateway FROM session WHERE offered_at > $1 AND opened_at IS NOT NULL ORDER BY gateway;

-- Those that a gateway's own list did not name, though they had begun before it was read: not heard of since. What was offered lately may begin yet.
--: session_unlisted(gateway int, began instant, offered instant) -> many (id int)
SELECT s.id FROM session s LEFT JOIN session_counter c ON c.session = s.id
WHERE s.gateway = $1 AND s.closed_at IS NULL AND coalesce(c.at, s.opened_at, s.offered_at) < $2 AND (s.opened_at IS NOT NULL OR s.offered_at < $3)
ORDER BY s.id LIMIT 2000;

-- What the latest accounting said.
--: session_count_up(session int, at instant, in_octets int, out_octets int)
INSERT INTO session_counter (session, at, in_octets, out_octets) VALUES ($1, $2, $3, $4)
ON CONFLICT (session) DO UPDATE SET at = excluded.at, in_octets = excluded.in_octets, out_octets = excluded.out_octets;

-- It is there; nothing was said of how much it has carried.
--: session_heard(session int, at instant)
INSERT INTO session_counter (session, at, in_octets, out_octets) VALUES ($1, $2, 0, 0) ON CONFLICT (session) DO UPDATE SET at = excluded.at;

-- Of whom their gateway is to be asked: open and not heard of since `heard`; or offered between the two moments and not begun. With the end that it has.
--: session_doubtful(gateway int, now instant, heard instant, after instant, before instant, last int) -> many (id int, until instant, nas_session text)
SELECT s.id, coalesce(l.until, s.until) AS until, s.nas_session
FROM session s LEFT JOIN session_counter c ON c.session = s.id LEFT JOIN session_limit l ON l.session = s.id
WHERE s.gateway = $1 AND s.closed_at IS NULL AND s.until > $2 AND s.nas_session <> ''
  AND ((s.opened_at IS NOT NULL AND coalesce(c.at, s.opened_at) < $3) OR (s.opened_at IS NULL AND s.offered_at > $4 AND s.offered_at < $5))
  AND s.id > $6 ORDER BY s.id LIMIT 32;

--: session_named_there(id int) -> one (gateway int, nas_session text, opened_at instant?, closed_at instant?)
SELECT gateway, nas_session, opened_at, closed_at FROM session WHERE id = $1;

-- What the gateway calls it.
--: session_name_set(session int, user_name text, nas text, nas_ip text, framed text)
INSERT INTO session_name (session, user_name, nas, nas_ip, framed) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (session) DO UPDATE SET user_name = excluded.user_name, nas = excluded.nas, nas_ip = excluded.nas_ip, framed = excluded.framed;

--: session_name_get(session int) -> one (user_name text, nas text, nas_ip text, framed text)
SELECT user_name, nas, nas_ip, framed FROM session_name WHERE session = $1;

--: session_name_forget(session int)
DELETE FROM session_name WHERE session = $1;

-- Another end than was granted, of which its gateway is to be told.
--: session_limit_set(session int, until instant, say text)
INSERT INTO session_limit (session, until, say) VALUES ($1, $2, $3)
ON CONFLICT (session) DO UPDATE SET until = excluded.until, say = excluded.say, told_at = NULL, refusal = NULL;

-- Those that no gateway has answered.
--: session_limits() -> many (session int, until instant, say text, gateway_name text, nas_session text)
SELECT l.session, l.until, l.say, g.name AS gateway_name, s.nas_session
FROM session_limit l JOIN session s ON s.id = l.session JOIN gateway g ON g.id = s.gateway
WHERE l.told_at IS NULL AND s.closed_at IS NULL ORDER BY l.until, l.session LIMIT 500;

--: session_limit_told(told_at instant, refusal int?, session int)
UPDATE session_limit SET told_at = $1, refusal = $2 WHERE session = $3;

--: session_limit_forget(session int)
DELETE FROM session_limit WHERE session = $1;

-- Open now, with their persons: for /capacity and question 6.
--: session_open_now(now instant) -> one (n int)
SELECT count(*) AS n FROM session WHERE opened_at IS NOT NULL AND closed_at IS NULL AND until > $1;

-- A person's sessions that may still be going on.
--: session_live_of(person int?, now instant) -> many (id int)
SELECT id FROM session WHERE person = $1 AND closed_at IS NULL AND until > $2 ORDER BY id;

-- A person's latest sessions.
--: session_of(person int) -> many (id int, gateway int, offered_at instant, until instant, opened_at instant?, closed_at instant?)
SELECT id, gateway, offered_at, until, opened_at, closed_at FROM session
WHERE person = $1 ORDER BY offered_at DESC LIMIT 20;

-- Has the gate let this person in about then?
--: session_about(person int?, from_at instant, until instant) -> one (n int)
SELECT count(*) AS n FROM session WHERE person = $1 AND offered_at >= $2 AND offered_at <= $3;

-- When it last did, before that moment.
--: session_last(person int?, before instant) -> one (at instant?)
SELECT max(offered_at) AS at FROM session WHERE person = $1 AND offered_at < $2;
