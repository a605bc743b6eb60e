-- Gateways: what stands before the organisation's net and asks.

-- All, in the order of their numbers.
--: gateway_all() -> many (id int, name text, is_watch bool, service text, language text?)
SELECT id, name, is_watch, service, language FROM gateway ORDER BY id;

-- A gateway that samordna.conf names for the first time.
--: gateway_add(id int, name text, is_watch bool, service text)
INSERT INTO gateway (id, name, is_watch, service) VALUES ($1, $2, $3, $4);

-- Watch or enforce.
--: gateway_set_watch(is_watch bool, id int)
UPDATE gateway SET is_watch = $1 WHERE id = $2;

-- Which service a grant must be for; empty: any.
--: gateway_set_service(service text, id int)
UPDATE gateway SET service = $1 WHERE id = $2;

-- In which language it tells people why not; NULL: Swedish.
--: gateway_set_language(language text?, id int)
UPDATE gateway SET language = $1 WHERE id = $2;
