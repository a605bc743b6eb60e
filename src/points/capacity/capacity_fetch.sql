-- Capacity: fetch lists.

--: capacity_fetch_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM capacity_fetch;

--: capacity_fetch_add(id int, person int, gateway int, what text, device text, megabytes int, level int, erase_at instant, made_at instant)
INSERT INTO capacity_fetch (id, person, gateway, what, device, megabytes, level, erase_at, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

--: capacity_fetch_get(id int) -> one (id int, person int, gateway int, megabytes int, made_at instant, began_at instant?, over_at instant?, is_fetched bool, erased_at instant?)
SELECT id, person, gateway, megabytes, made_at, began_at, over_at, coalesce(is_fetched, 0) AS is_fetched, erased_at FROM capacity_fetch WHERE id = $1;

--: capacity_fetch_begin(began_at instant, until instant, id int)
UPDATE capacity_fetch SET began_at = $1, until = $2 WHERE id = $3;

--: capacity_fetch_end(over_at instant, is_fetched int, id int)
UPDATE capacity_fetch SET over_at = $1, is_fetched = $2 WHERE id = $3;

--: capacity_fetch_erase(erased_at instant, id int)
UPDATE capacity_fetch SET erased_at = $1 WHERE id = $2;

-- How many of a person's are neither over nor done.
--: capacity_fetch_waiting(person int) -> one (n int)
SELECT count(*) AS n FROM capacity_fetch WHERE person = $1 AND over_at IS NULL;

-- A person's, the latest first.
--: capacity_fetch_of(person int) -> many (id int, gateway_name text, what text, device text, megabytes int, level int, erase_at instant, made_at instant, began_at instant?, until instant?, over_at instant?, is_fetched bool, erased_at instant?)
SELECT f.id, g.name AS gateway_name, f.what, f.device, f.megabytes, f.level, f.erase_at, f.made_at, f.began_at, f.until, f.over_at,
  coalesce(f.is_fetched, 0) AS is_fetched, f.erased_at
FROM capacity_fetch f JOIN gateway g ON g.id = f.gateway WHERE f.person = $1 ORDER BY f.id DESC LIMIT 20;

-- Fetched, and still on somebody's computer after its day.
--: capacity_fetch_kept(now instant) -> many (id int, person int, erase_at instant)
SELECT id, person, erase_at FROM capacity_fetch WHERE is_fetched = 1 AND erased_at IS NULL AND erase_at <= $1 ORDER BY erase_at, id LIMIT 500;

-- How many are fetching now.
--: capacity_fetch_now(now instant) -> one (n int)
SELECT count(*) AS n FROM capacity_fetch WHERE over_at IS NULL AND until > $1;

-- Her session there, the latest that is open.
--: capacity_fetch_session(person int?, gateway int, now instant) -> one (id int, until instant)
SELECT id, until FROM session WHERE person = $1 AND gateway = $2 AND opened_at IS NOT NULL AND closed_at IS NULL AND until > $3
ORDER BY offered_at DESC, id DESC LIMIT 1;

-- Since when she has been warned that her place there is needed.
--: capacity_fetch_warned(person int, gateway int) -> one (made_at instant?)
SELECT min(made_at) AS made_at FROM capacity_notice WHERE person = $1 AND gateway = $2 AND over_at IS NULL;
