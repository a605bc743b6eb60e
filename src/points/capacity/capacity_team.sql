-- Capacity: a manager's people, and their times of a day.

-- A person's times that begin in the day, booked or given by a plan. The id says which: slots count from 1, seats are below 0.
--: capacity_team_times(person int, first instant, last instant) -> many (id int, from_at instant, slots int, gateway_name text)
SELECT t.id, t.from_at, t.slots, g.name AS gateway_name FROM (
  SELECT b.id, b.gateway, b.from_at, 1 AS slots FROM capacity_slot b
    WHERE b.person = $1 AND b.from_at >= $2 AND b.from_at < $3 AND b.cancelled_at IS NULL
  UNION ALL SELECT -a.id, a.gateway, a.from_at, a.slots FROM capacity_seat a
    WHERE a.person = $1 AND a.from_at >= $2 AND a.from_at < $3 AND a.cancelled_at IS NULL) t
JOIN gateway g ON g.id = t.gateway ORDER BY t.from_at, t.id;

-- Units in which a manager's people work.
--: capacity_team_units(manager int?) -> many (id int, name text)
SELECT DISTINCT u.id, u.name FROM person p JOIN unit u ON u.id = p.unit WHERE p.manager = $1 AND p.left_at IS NULL ORDER BY u.name, u.id LIMIT 50;

-- Times of a unit's people from a moment on, as capacity_times_under gives a manager's; is_all 0: of those alone who report to that manager.
--: capacity_team_times_unit(after instant, unit int, is_all int, manager int?) -> many (id int, from_at instant, slots int, gateway_name text, name text)
SELECT t.id, t.from_at, t.slots, g.name AS gateway_name, p.name FROM (
  SELECT b.id, b.person, b.gateway, b.from_at, 1 AS slots FROM capacity_slot b WHERE b.from_at > $1 AND b.cancelled_at IS NULL
  UNION ALL SELECT -a.id, a.person, a.gateway, a.from_at, a.slots FROM capacity_seat a WHERE a.from_at > $1 AND a.cancelled_at IS NULL) t
JOIN person p ON p.id = t.person JOIN gateway g ON g.id = t.gateway
WHERE p.unit = $2 AND ($3 = 1 OR p.manager = $4) AND p.left_at IS NULL ORDER BY t.from_at, p.sort, t.id LIMIT 1000;
