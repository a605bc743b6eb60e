-- Gateways: what stands before the organisation's net and asks.

-- All, in the order of their numbers.
--: gateway_all() -> many (id int, name text, is_watch bool, service text, language text?)
SELECT id, name, is_watch, service, language FROM gateway ORDER BY id;

-- A gateway that samordna.conf names for the first time.
--: gateway_add(id int, name text, is_watch bool, service text)
INSERT INTO gateway (id, name, is_watch, service) VALUES ($1, $2, $3, $4);

-- How its own list of who is in was last read.
--: gateway_contact_listed(gateway int, listed_at instant, listed int)
INSERT INTO gateway_contact (gateway, listed_at, listed, lost_at) VALUES ($1, $2, $3, NULL)
ON CONFLICT (gateway) DO UPDATE SET listed_at = excluded.listed_at, listed = excluded.listed, lost_at = NULL;

--: gateway_contact_lost(gateway int, lost_at instant)
INSERT INTO gateway_contact (gateway, lost_at) VALUES ($1, $2) ON CONFLICT (gateway) DO UPDATE SET lost_at = excluded.lost_at;

--: gateway_contacts() -> many (gateway int, listed_at instant?, listed int?, lost_at instant?)
SELECT gateway, listed_at, listed, lost_at FROM gateway_contact ORDER BY gateway;

-- Watch or enforce.
--: gateway_set_watch(is_watch bool, id int)
UPDATE gateway SET is_watch = $1 WHERE id = $2;

-- Which service a grant must be for; empty: any.
--: gateway_set_service(service text, id int)
UPDATE gateway SET service = $1 WHERE id = $2;

-- In which language it tells people why not; NULL: Swedish.
--: gateway_set_language(language text?, id int)
UPDATE gateway SET language = $1 WHERE id = $2;

-- What a gateway does when we are silent: the newest decision.
--: gateway_silence_of(gateway int) -> one (id int, product text, text text, decided_by int, decider text, decided_at instant)
SELECT s.id, s.product, s.text, s.decided_by, p.name AS decider, s.decided_at
FROM gateway_silence s JOIN person p ON p.id = s.decided_by
WHERE s.gateway = $1 ORDER BY s.id DESC LIMIT 1;

--: gateway_silence_most() -> one (n int)
SELECT coalesce(max(id), -1) AS n FROM gateway_silence;

--: gateway_silence_add(id int, gateway int, product text, text text, decided_by int, decided_at instant)
INSERT INTO gateway_silence (id, gateway, product, text, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6);

-- Those of which nothing has been decided.
--: gateway_undecided() -> many (name text)
SELECT g.name FROM gateway g WHERE NOT EXISTS (SELECT 1 FROM gateway_silence s WHERE s.gateway = g.id) ORDER BY g.id;
