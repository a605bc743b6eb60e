-- Capacity: plans for a day, what they are made of, and the places that they give.

-- --- what units need ---

--: capacity_day_needs() -> many (unit int, name text, minutes int, from_minute int, until_minute int, is_whole bool)
SELECT n.unit, u.name, n.minutes, n.from_minute, n.until_minute, n.is_whole FROM capacity_need n JOIN unit u ON u.id = n.unit ORDER BY u.name;

--: capacity_day_need_set(unit int, minutes int, from_minute int, until_minute int, is_whole bool)
INSERT INTO capacity_need (unit, minutes, from_minute, until_minute, is_whole) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (unit) DO UPDATE SET minutes = excluded.minutes, from_minute = excluded.from_minute, until_minute = excluded.until_minute,
  is_whole = excluded.is_whole;

-- --- what a plan is made of ---

-- Who has booked a time of that day by hand: they keep it, and are in no plan.
--: capacity_day_by_hand(first instant, last instant) -> many (person int)
SELECT DISTINCT person FROM capacity_slot WHERE from_at >= $1 AND from_at < $2 AND cancelled_at IS NULL ORDER BY person;

-- The latest days before this one that have an adopted plan.
--: capacity_day_before(day_at instant) -> many (id int, day_at instant)
SELECT id, day_at FROM capacity_plan WHERE day_at < $1 AND adopted_at IS NOT NULL AND undone_at IS NULL ORDER BY day_at DESC LIMIT 3;

-- What that plan gave each person, and when it began.
--: capacity_day_given(plan int) -> each (person int, n int, from_at instant)
SELECT person, sum(slots) AS n, min(from_at) AS from_at FROM capacity_seat WHERE plan = $1 GROUP BY person ORDER BY person;

-- --- plans ---

--: capacity_day_plan_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM capacity_plan;

--: capacity_day_plan_add(id int, day_at instant, digest text, made_at instant, people int, seats int, kept int, laid int)
INSERT INTO capacity_plan (id, day_at, digest, made_at, people, seats, kept, laid) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

--: capacity_day_plan_get(id int) -> one (id int, day_at instant, digest text, made_at instant, people int, seats int, kept int, adopted_at instant?, laid int, undone_at instant?)
SELECT id, day_at, digest, made_at, people, seats, kept, adopted_at, laid, undone_at FROM capacity_plan WHERE id = $1;

--: capacity_day_plans() -> many (id int, day_at instant, made_at instant, people int, adopted_at instant?, seats int, laid int, undone_at instant?)
SELECT id, day_at, made_at, people, adopted_at, seats, laid, undone_at FROM capacity_plan ORDER BY id DESC LIMIT 20;

-- The plan that counts for a day.
--: capacity_day_plan_of(day_at instant) -> one (id int)
SELECT max(id) AS id FROM capacity_plan WHERE day_at = $1 AND adopted_at IS NOT NULL AND undone_at IS NULL HAVING count(*) > 0;

--: capacity_day_plan_adopt(adopted_at instant, id int)
UPDATE capacity_plan SET adopted_at = $1 WHERE id = $2;

--: capacity_day_plan_laid(laid int, id int)
UPDATE capacity_plan SET laid = $1 WHERE id = $2;

--: capacity_day_plan_undo(undone_at instant, id int)
UPDATE capacity_plan SET undone_at = $1 WHERE id = $2;

--: capacity_day_unit_add(plan int, unit int, class int, people int, needed int, served int, less int)
INSERT INTO capacity_plan_unit (plan, unit, class, people, needed, served, less) VALUES ($1, $2, $3, $4, $5, $6, $7);

--: capacity_day_classes(plan int) -> many (class int, people int, needed int, served int, less int)
SELECT class, sum(people) AS people, sum(needed) AS needed, sum(served) AS served, sum(less) AS less
FROM capacity_plan_unit WHERE plan = $1 GROUP BY class ORDER BY class;

-- Who gets less, by unit: most first.
--: capacity_day_less(plan int) -> many (name text, class int, people int, needed int, served int, less int)
SELECT u.name, p.class, p.people, p.needed, p.served, p.less
FROM capacity_plan_unit p JOIN unit u ON u.id = p.unit WHERE p.plan = $1 AND p.less > 0 ORDER BY p.less DESC, u.name LIMIT 30;

--: capacity_day_full_add(plan int, class int, gateway int, from_at instant, until instant)
INSERT INTO capacity_plan_full (plan, class, gateway, from_at, until) VALUES ($1, $2, $3, $4, $5);

--: capacity_day_full(plan int) -> many (class int, gateway text, from_at instant, until instant)
SELECT f.class, g.name AS gateway, f.from_at, f.until FROM capacity_plan_full f JOIN gateway g ON g.id = f.gateway
WHERE f.plan = $1 ORDER BY f.class, f.from_at, g.name LIMIT 200;

-- --- seats ---

--: capacity_day_seat_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM capacity_seat;

--: capacity_day_seat_add(id int, plan int, person int, gateway int, from_at instant, slots int)
INSERT INTO capacity_seat (id, plan, person, gateway, from_at, slots) VALUES ($1, $2, $3, $4, $5, $6);

--: capacity_day_seat_get(id int) -> one (id int, person int, gateway int, from_at instant, slots int, cancelled_at instant?)
SELECT id, person, gateway, from_at, slots, cancelled_at FROM capacity_seat WHERE id = $1;

--: capacity_day_seat_end(cancelled_at instant, id int)
UPDATE capacity_seat SET cancelled_at = $1 WHERE id = $2;

-- Of an undone plan: what has not begun yet and is still there.
--: capacity_day_seats_left(plan int, last_id int, after instant) -> many (id int, person int, gateway int, from_at instant, slots int)
SELECT id, person, gateway, from_at, slots FROM capacity_seat
WHERE plan = $1 AND id > $2 AND from_at > $3 AND cancelled_at IS NULL ORDER BY id LIMIT 2000;

-- A person's, from a moment on.
--: capacity_day_seats_of(person int, after instant) -> many (id int, from_at instant, slots int, gateway_name text)
SELECT s.id, s.from_at, s.slots, g.name AS gateway_name
FROM capacity_seat s JOIN gateway g ON g.id = s.gateway
WHERE s.person = $1 AND s.from_at > $2 AND s.cancelled_at IS NULL ORDER BY s.from_at LIMIT 20;

-- For the gate: whose, and how many begin.
--: capacity_day_stand(first int, last int, after instant) -> each (person int, from_at instant, gateway int, slots int)
SELECT person, from_at, gateway, slots FROM capacity_seat
WHERE person >= $1 AND person < $2 AND from_at > $3 AND cancelled_at IS NULL ORDER BY person, from_at;

--: capacity_day_coming(after instant) -> many (from_at instant, gateway int, n int)
SELECT at AS from_at, gateway, begins AS n FROM capacity_held WHERE at > $1 AND begins > 0 ORDER BY at, gateway LIMIT 2048;

-- Seats that hold a slot: their sum.
--: capacity_day_held_add(gateway int, at instant, begins int, held int)
INSERT INTO capacity_held (gateway, at, begins, held) VALUES ($1, $2, $3, $4)
ON CONFLICT (gateway, at) DO UPDATE SET begins = capacity_held.begins + excluded.begins, held = capacity_held.held + excluded.held;

--: capacity_day_held(gateway int, first instant, last instant) -> many (at instant, n int)
SELECT at, held AS n FROM capacity_held WHERE gateway = $1 AND at >= $2 AND at < $3 AND held > 0 ORDER BY at;

-- Those of one person.
--: capacity_day_has(person int, after instant, at instant) -> one (n int)
SELECT count(*) AS n FROM capacity_seat WHERE person = $1 AND from_at > $2 AND from_at <= $3 AND from_at + slots * 1200000 > $3 AND cancelled_at IS NULL;
