-- Capacity: limits, orders, units, and how many are connected.

-- --- for the gate ---

--: capacity_stand(first int, last int) -> each (id int, class int, unit int, roles int, is_reserve int?)
SELECT p.id, CASE WHEN k.class > u.class THEN k.class ELSE u.class END AS class, p.unit, p.roles, c.is_reserve
FROM person p JOIN unit u ON u.id = p.unit LEFT JOIN capacity_unit c ON c.unit = p.unit LEFT JOIN capacity_class k ON k.unit = p.unit
WHERE p.id >= $1 AND p.id < $2 ORDER BY p.id;

--: capacity_limits() -> many (gateway int, licence int?, tested int?, tested_at instant?, addresses int?, throughput int?, share int?, logins int?, reduced int?, changed_at instant)
SELECT gateway, licence, tested, tested_at, addresses, throughput, share, logins, reduced, changed_at FROM capacity_limit ORDER BY gateway;

--: capacity_units_said() -> many (unit int, is_reserve bool, instead text)
SELECT unit, is_reserve, instead FROM capacity_unit ORDER BY unit;

-- --- limits ---

--: capacity_limit_get(gateway int) -> one (gateway int, licence int?, tested int?, tested_at instant?, addresses int?, throughput int?, share int?, logins int?, reduced int?, changed_at instant)
SELECT gateway, licence, tested, tested_at, addresses, throughput, share, logins, reduced, changed_at FROM capacity_limit WHERE gateway = $1;

--: capacity_limit_set(gateway int, licence int?, tested int?, tested_at instant?, addresses int?, throughput int?, share int?, logins int?, reduced int?, changed_at instant)
INSERT INTO capacity_limit (gateway, licence, tested, tested_at, addresses, throughput, share, logins, reduced, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (gateway) DO UPDATE SET licence = excluded.licence, tested = excluded.tested, tested_at = excluded.tested_at,
  addresses = excluded.addresses, throughput = excluded.throughput, share = excluded.share, logins = excluded.logins,
  reduced = excluded.reduced, changed_at = excluded.changed_at;

-- --- orders ---

--: capacity_order_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM capacity_order;

--: capacity_order_add(id int, gateway int, places int, delivery_at instant, cost int, note text, ordered_at instant)
INSERT INTO capacity_order (id, gateway, places, delivery_at, cost, note, ordered_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

--: capacity_order_get(id int) -> one (id int, gateway int, places int, delivery_at instant, cost int, note text, ended_at instant?)
SELECT id, gateway, places, delivery_at, cost, note, ended_at FROM capacity_order WHERE id = $1;

--: capacity_order_end(ended_at instant, is_delivered int, id int)
UPDATE capacity_order SET ended_at = $1, is_delivered = $2 WHERE id = $3;

-- What is still to come.
--: capacity_orders() -> many (id int, gateway int, gateway_name text, places int, delivery_at instant, cost int, note text)
SELECT o.id, o.gateway, g.name AS gateway_name, o.places, o.delivery_at, o.cost, o.note
FROM capacity_order o JOIN gateway g ON g.id = o.gateway WHERE o.ended_at IS NULL ORDER BY o.delivery_at, o.id;

-- --- units ---

--: capacity_unit_set(unit int, is_reserve bool, instead text)
INSERT INTO capacity_unit (unit, is_reserve, instead) VALUES ($1, $2, $3)
ON CONFLICT (unit) DO UPDATE SET is_reserve = excluded.is_reserve, instead = excluded.instead;

--: capacity_unit_get(unit int) -> one (is_reserve bool, instead text)
SELECT is_reserve, instead FROM capacity_unit WHERE unit = $1;

--: capacity_unit_count() -> one (n int)
SELECT count(*) AS n FROM capacity_unit;

-- --- classes that were raised by hand ---

--: capacity_class_get(unit int) -> one (unit int, class int, now int)
SELECT u.id AS unit, coalesce(k.class, 0) AS class, u.class AS now FROM unit u LEFT JOIN capacity_class k ON k.unit = u.id WHERE u.id = $1;

--: capacity_class_set(unit int, class int)
INSERT INTO capacity_class (unit, class) VALUES ($1, $2) ON CONFLICT (unit) DO UPDATE SET class = excluded.class;

-- Units whose class by hand is higher than the one that counts without a decision.
--: capacity_raised() -> many (unit int, name text, class int, counts int)
SELECT u.id AS unit, u.name, u.class, k.class AS counts FROM capacity_class k JOIN unit u ON u.id = k.unit WHERE u.class < k.class ORDER BY u.name;

-- --- sessions ---

-- Sessions that were open at some time since a moment, with what is known of their end.
--: capacity_since(since instant, now instant) -> each (opened_at instant?, closed_at instant?, until instant)
SELECT opened_at, closed_at, until FROM session
WHERE offered_at > $1 AND opened_at IS NOT NULL AND opened_at <= $2
ORDER BY offered_at, id;

-- Has anybody ever connected, and when did a gateway last tell of it?
--: capacity_latest() -> one (offered_at instant?)
SELECT max(offered_at) AS offered_at FROM session;

-- Those that are in or about to be, by gateway and class of their unit; class 0: strangers.
--: capacity_now(now instant, offered instant) -> many (gateway int, class int, n int, n_open int)
SELECT s.gateway, coalesce(u.class, 0) AS class, count(*) AS n, count(s.opened_at) AS n_open
FROM session s LEFT JOIN person p ON p.id = s.person LEFT JOIN unit u ON u.id = p.unit
WHERE s.closed_at IS NULL AND s.until > $1 AND (s.opened_at IS NOT NULL OR s.offered_at > $2)
GROUP BY s.gateway, coalesce(u.class, 0) ORDER BY s.gateway, coalesce(u.class, 0);

-- When each gateway last told anything of those that are open there, and how many they are. One that never reports after a beginning is not known.
--: capacity_heard(now instant) -> many (gateway int, n int, at instant?)
SELECT s.gateway, count(*) AS n, max(c.at) AS at
FROM session s LEFT JOIN session_counter c ON c.session = s.id
WHERE s.closed_at IS NULL AND s.until > $1 AND s.opened_at IS NOT NULL GROUP BY s.gateway ORDER BY s.gateway;

-- Those whom a lease let in that could not be written down then.
--: capacity_unstored(since instant) -> one (n int)
SELECT count(*) AS n FROM session WHERE offered_at > $1 AND against = 'gate.cannot_store';

-- Open, heard of once, and not since a moment, by gateway: they count.
--: capacity_silent(now instant, heard instant) -> many (gateway int, n int)
SELECT s.gateway, count(*) AS n FROM session s LEFT JOIN session_counter c ON c.session = s.id
WHERE s.closed_at IS NULL AND s.until > $1 AND s.opened_at IS NOT NULL AND c.at < $2 GROUP BY s.gateway ORDER BY s.gateway;

-- How many were in at a moment, by gateway.
--: capacity_in_at(since instant, at instant, offered instant) -> many (gateway int, n int)
SELECT gateway, count(*) AS n FROM session
WHERE offered_at > $1 AND offered_at <= $2 AND until > $2 AND (closed_at IS NULL OR closed_at > $2)
  AND (opened_at IS NOT NULL OR offered_at > $3)
GROUP BY gateway ORDER BY gateway;

-- Who is in at a gateway, by unit, the least critical first: whom to ask.
--: capacity_units_in(gateway int, now instant, offered instant) -> many (name text, class int, n int, instead text?)
SELECT u.name, u.class, count(*) AS n, c.instead
FROM session s JOIN person p ON p.id = s.person JOIN unit u ON u.id = p.unit LEFT JOIN capacity_unit c ON c.unit = u.id
WHERE s.gateway = $1 AND s.closed_at IS NULL AND s.until > $2 AND (s.opened_at IS NOT NULL OR s.offered_at > $3)
GROUP BY u.name, u.class, c.instead ORDER BY u.class DESC, count(*) DESC, u.name;

--: capacity_units_list() -> many (name text, class int, is_reserve bool, instead text)
SELECT u.name, u.class, c.is_reserve, c.instead FROM capacity_unit c JOIN unit u ON u.id = c.unit ORDER BY u.name;

-- Who has been connected since a moment, by class; little: of these, under 20 minutes in all.
--: capacity_shared(now instant, since instant) -> many (class int, people int, little int)
SELECT t.class, count(*) AS people, sum(CASE WHEN t.ms < 1200000 THEN 1 ELSE 0 END) AS little FROM (
  SELECT s.person, u.class, sum(CASE WHEN coalesce(s.closed_at, $1) < s.until THEN coalesce(s.closed_at, $1) ELSE s.until END - s.opened_at) AS ms
  FROM session s JOIN person p ON p.id = s.person JOIN unit u ON u.id = p.unit
  WHERE s.offered_at > $2 AND s.opened_at IS NOT NULL GROUP BY s.person, u.class) t
GROUP BY t.class ORDER BY t.class;

-- For one's own page.
--: capacity_instead_of(person int) -> one (instead text)
SELECT c.instead FROM person p JOIN capacity_unit c ON c.unit = p.unit WHERE p.id = $1 AND c.instead <> '';

-- --- room for critical work ---

--: capacity_notice_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM capacity_notice;

--: capacity_notice_add(id int, session int, person int, gateway int, class int, made_at instant, ends_at instant, back_at instant, slot int?)
INSERT INTO capacity_notice (id, session, person, gateway, class, made_at, ends_at, back_at, slot) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

--: capacity_notice_over(over_at instant, outcome text, id int)
UPDATE capacity_notice SET over_at = $1, outcome = $2 WHERE id = $3;

-- Warned here and not over; is_over: the session has ended by itself; is_booked: it is her booked time, or she fetches.
--: capacity_notices(now instant, slot instant, gateway int) -> many (id int, session int, person int, class int, ends_at instant, back_at instant, slot int?, is_over bool, is_booked bool)
SELECT n.id, n.session, n.person, n.class, n.ends_at, n.back_at, n.slot,
  CASE WHEN EXISTS (SELECT 1 FROM session s WHERE s.id = n.session AND s.closed_at IS NULL AND s.until > $1) THEN 0 ELSE 1 END AS is_over,
  CASE WHEN EXISTS (SELECT 1 FROM capacity_slot b WHERE b.person = n.person AND b.gateway = n.gateway AND b.from_at = $2 AND b.cancelled_at IS NULL)
    OR EXISTS (SELECT 1 FROM capacity_seat b WHERE b.person = n.person AND b.gateway = n.gateway AND b.from_at <= $2
      AND b.from_at > $2 - 19200000 AND b.from_at + b.slots * 1200000 > $2 AND b.cancelled_at IS NULL)
    OR EXISTS (SELECT 1 FROM capacity_fetch f WHERE f.person = n.person AND f.gateway = n.gateway AND f.until > $1 AND f.over_at IS NULL)
    THEN 1 ELSE 0 END AS is_booked
FROM capacity_notice n WHERE n.gateway = $3 AND n.over_at IS NULL ORDER BY n.ends_at, n.id;

-- All that are warned now, for pages.
-- told_at, refusal: what the gateway answered when it was told of the end by itself (CoA).
--: capacity_warned() -> many (person int, gateway_name text, class int, ends_at instant, back_at instant, told_at instant?, refusal int?)
SELECT n.person, g.name AS gateway_name, n.class, n.ends_at, n.back_at, l.told_at, l.refusal
FROM capacity_notice n JOIN gateway g ON g.id = n.gateway LEFT JOIN session_limit l ON l.session = n.session WHERE n.over_at IS NULL ORDER BY n.ends_at, n.id LIMIT 200;

--: capacity_warned_of(person int) -> many (gateway_name text, ends_at instant, back_at instant)
SELECT g.name AS gateway_name, n.ends_at, n.back_at
FROM capacity_notice n JOIN gateway g ON g.id = n.gateway WHERE n.person = $1 AND n.over_at IS NULL ORDER BY n.ends_at, n.id LIMIT 10;

-- Sessions that are being ended already, by gateway.
--: capacity_leaving() -> many (gateway int, n int)
SELECT s.gateway, count(*) AS n FROM outbox o JOIN session s ON s.id = o.subject
WHERE o.done_at IS NULL AND o.kind IN ('session.end', 'session.preempt') AND s.closed_at IS NULL GROUP BY s.gateway ORDER BY s.gateway;

-- Whose place is asked for next. A class that was raised by hand counts as it was (capacity_class), but for a unit that has a decision in force.
--: capacity_victim(now instant, gateway int, slot instant, today instant) -> one (session int, person int, class int)
SELECT s.id AS session, p.id AS person, CASE WHEN k.class > u.class THEN k.class ELSE u.class END AS class
FROM session s JOIN person p ON p.id = s.person JOIN unit u ON u.id = p.unit
LEFT JOIN capacity_class k ON k.unit = u.id AND NOT EXISTS (SELECT 1 FROM deviation v JOIN decision d ON d.id = v.decision
  WHERE v.reason = 'capacity.raised' AND v.unit = u.id AND v.from_at <= $1 AND v.until > $1 AND v.ended_at IS NULL
    AND d.signed_at IS NOT NULL AND d.is_yes = 1 AND d.revoked_at IS NULL AND d.withdrawn_at IS NULL)
LEFT JOIN capacity_unit c ON c.unit = u.id
WHERE s.gateway = $2 AND s.closed_at IS NULL AND s.opened_at IS NOT NULL AND s.until > $1 AND (u.class > 1 OR k.class > 1) AND coalesce(c.is_reserve, 0) = 0
  AND NOT EXISTS (SELECT 1 FROM capacity_notice n WHERE n.session = s.id AND n.over_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.subject = s.id AND o.done_at IS NULL AND o.kind IN ('session.end', 'session.preempt'))
  AND NOT EXISTS (SELECT 1 FROM capacity_slot b WHERE b.person = s.person AND b.gateway = s.gateway AND b.from_at = $3 AND b.cancelled_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM capacity_seat b WHERE b.person = s.person AND b.gateway = s.gateway AND b.from_at <= $3
    AND b.from_at > $3 - 19200000 AND b.from_at + b.slots * 1200000 > $3 AND b.cancelled_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM capacity_fetch f WHERE f.person = s.person AND f.gateway = s.gateway AND f.until > $1 AND f.over_at IS NULL)
ORDER BY CASE WHEN k.class > u.class THEN k.class ELSE u.class END DESC, (SELECT count(*) FROM capacity_notice m WHERE m.person = s.person AND m.made_at > $4), s.opened_at, s.id LIMIT 1;

-- --- slots ---

--: capacity_slot_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM capacity_slot;

--: capacity_slot_add(id int, person int, gateway int, from_at instant, made_at instant)
INSERT INTO capacity_slot (id, person, gateway, from_at, made_at) VALUES ($1, $2, $3, $4, $5);

--: capacity_slot_get(id int) -> one (id int, person int, gateway int, from_at instant, cancelled_at instant?)
SELECT id, person, gateway, from_at, cancelled_at FROM capacity_slot WHERE id = $1;

--: capacity_slot_end(cancelled_at instant, id int)
UPDATE capacity_slot SET cancelled_at = $1 WHERE id = $2;

-- How many times a person has ahead, and whether this one is among them.
--: capacity_slots_ahead(from_at instant, person int, after instant) -> one (n int, same int)
SELECT count(*) AS n, count(CASE WHEN from_at = $1 THEN 1 END) AS same
FROM capacity_slot WHERE person = $2 AND from_at > $3 AND cancelled_at IS NULL;

--: capacity_slot_count(gateway int, from_at instant) -> one (n int)
SELECT count(*) AS n FROM capacity_slot WHERE gateway = $1 AND from_at = $2 AND cancelled_at IS NULL;

--: capacity_slots_day(gateway int, first instant, last instant) -> many (from_at instant, n int)
SELECT from_at, count(*) AS n FROM capacity_slot
WHERE gateway = $1 AND from_at >= $2 AND from_at < $3 AND cancelled_at IS NULL GROUP BY from_at ORDER BY from_at;

-- A person's own, the latest first; has_session: somebody came.
--: capacity_slots_of(person int) -> many (id int, from_at instant, made_at instant, cancelled_at instant?, gateway_name text, has_session bool)
SELECT b.id, b.from_at, b.made_at, b.cancelled_at, g.name AS gateway_name,
  CASE WHEN EXISTS (SELECT 1 FROM session s WHERE s.person = b.person AND s.gateway = b.gateway AND s.opened_at IS NOT NULL
    AND s.offered_at < b.from_at + 1200000 AND (s.closed_at IS NULL OR s.closed_at > b.from_at) AND s.until > b.from_at) THEN 1 ELSE 0 END AS has_session
FROM capacity_slot b JOIN gateway g ON g.id = b.gateway WHERE b.person = $1 ORDER BY b.from_at DESC, b.id DESC LIMIT 20;

-- Times since a moment to which she did not come, and the latest of them.
--: capacity_slots_missed(now instant, person int, since instant) -> one (n int, from_at instant?)
SELECT count(*) AS n, max(b.from_at) AS from_at FROM capacity_slot b
WHERE b.from_at + 1200000 <= $1 AND b.person = $2 AND b.from_at >= $3 AND b.cancelled_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM session s WHERE s.person = b.person AND s.gateway = b.gateway AND s.opened_at IS NOT NULL
    AND s.offered_at < b.from_at + 1200000 AND (s.closed_at IS NULL OR s.closed_at > b.from_at) AND s.until > b.from_at);

-- For the gate: whose, and how many.
--: capacity_stand_slots(first int, last int, after instant) -> each (person int, from_at instant, gateway int)
SELECT person, from_at, gateway FROM capacity_slot
WHERE person >= $1 AND person < $2 AND from_at > $3 AND cancelled_at IS NULL ORDER BY person, from_at;

--: capacity_slots_coming(after instant) -> many (from_at instant, gateway int, n int)
SELECT from_at, gateway, count(*) AS n FROM capacity_slot
WHERE from_at > $1 AND cancelled_at IS NULL GROUP BY from_at, gateway ORDER BY from_at, gateway LIMIT 2048;

-- --- what if ---

-- Every session that was opened since then, and whose it was.
--: capacity_past(since instant, now instant) -> each (person int?, gateway int, opened_at instant?, closed_at instant?, until instant)
SELECT person, gateway, opened_at, closed_at, until FROM session WHERE offered_at > $1 AND offered_at <= $2 AND opened_at IS NOT NULL;

--: capacity_past_people() -> each (id int, class int)
SELECT p.id, u.class FROM person p JOIN unit u ON u.id = p.unit;

-- --- calendar feeds ---

--: capacity_feed_set(person int, scope int, hash blob, made_at instant)
INSERT INTO capacity_feed (person, scope, hash, made_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (person, scope) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at;

--: capacity_feed_end(person int, scope int)
DELETE FROM capacity_feed WHERE person = $1 AND scope = $2;

--: capacity_feed_find(hash blob) -> one (person int, scope int)
SELECT person, scope FROM capacity_feed WHERE hash = $1;

--: capacity_feeds(person int) -> many (scope int, made_at instant)
SELECT scope, made_at FROM capacity_feed WHERE person = $1 ORDER BY scope;

-- Times of all who report to a person, booked or given by a plan, from a moment on. The id says which: slots count from 1, seats are below 0.
--: capacity_times_under(after instant, manager int?) -> many (id int, from_at instant, slots int, gateway_name text, name text)
SELECT t.id, t.from_at, t.slots, g.name AS gateway_name, p.name FROM (
  SELECT b.id, b.person, b.gateway, b.from_at, 1 AS slots FROM capacity_slot b WHERE b.from_at > $1 AND b.cancelled_at IS NULL
  UNION ALL SELECT -a.id, a.person, a.gateway, a.from_at, a.slots FROM capacity_seat a WHERE a.from_at > $1 AND a.cancelled_at IS NULL) t
JOIN person p ON p.id = t.person JOIN gateway g ON g.id = t.gateway
WHERE p.manager = $2 AND p.left_at IS NULL ORDER BY t.from_at, p.sort, t.id LIMIT 1000;
