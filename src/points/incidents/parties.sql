-- Suppliers, and incidents that several legal bodies share.

--: parties_supplier(incident int) -> one (name text, contract text, contact text, hours int?, knew_at instant?, told_at instant?, set_by int, set_at instant)
SELECT name, contract, contact, hours, knew_at, told_at, set_by, set_at FROM incidents_supplier WHERE incident = $1;

--: parties_supplier_set(incident int, name text, contract text, contact text, hours int?, knew_at instant?, told_at instant?, set_by int, set_at instant)
INSERT INTO incidents_supplier (incident, name, contract, contact, hours, knew_at, told_at, set_by, set_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (incident) DO UPDATE SET name = excluded.name, contract = excluded.contract, contact = excluded.contact, hours = excluded.hours,
  knew_at = excluded.knew_at, told_at = excluded.told_at, set_by = excluded.set_by, set_at = excluded.set_at;

--: parties_said_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_supplier_said;

--: parties_said_add(id int, incident int, at instant, text text, next_at instant?, made_by int, made_at instant)
INSERT INTO incidents_supplier_said (id, incident, at, text, next_at, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- The latest first.
--: parties_said(incident int) -> many (id int, at instant, text text, next_at instant?, made_by int, made_at instant)
SELECT id, at, text, next_at, made_by, made_at FROM incidents_supplier_said WHERE incident = $1 ORDER BY at DESC, id DESC LIMIT 100;

-- Open incidents at suppliers, with the moment until which the supplier's latest word stands.
--: parties_waiting() -> many (incident int, number text, owner int?, is_confidential bool, name text, hours int?, knew_at instant?, told_at instant?, next_at instant?)
SELECT s.incident, i.number, i.owner, i.is_confidential, s.name, s.hours, s.knew_at, s.told_at, w.next_at
FROM incidents_supplier s JOIN incidents_incident i ON i.id = s.incident
LEFT JOIN incidents_supplier_said w ON w.id = (SELECT max(x.id) FROM incidents_supplier_said x WHERE x.incident = s.incident)
WHERE i.closed_at IS NULL ORDER BY s.incident LIMIT 200;

--: parties_share_add(incident int, parent int, body int, made_by int, made_at instant)
INSERT INTO incidents_share (incident, parent, body, made_by, made_at) VALUES ($1, $2, $3, $4, $5);

-- Whose own report this is, of which shared incident.
--: parties_of(incident int) -> one (parent int, body int, body_name text)
SELECT s.parent, s.body, b.name AS body_name FROM incidents_share s JOIN body b ON b.id = s.body WHERE s.incident = $1;

--: parties_shares(parent int) -> many (incident int, body int, body_name text)
SELECT s.incident, s.body, b.name AS body_name FROM incidents_share s JOIN body b ON b.id = s.body WHERE s.parent = $1 ORDER BY b.name, s.incident LIMIT 100;

-- Seen by few, or by all who work with incidents: each body's own follows the shared one.
--: parties_confidential(is_confidential bool, id int)
UPDATE incidents_incident SET is_confidential = $1 WHERE id = $2;

-- When an exercise was last taken to its end (state 7, closed), and since when there are incidents at all.
--: parties_exercise() -> one (last_at instant?, first_at instant?)
SELECT (SELECT max(i.closed_at) FROM incidents_incident i WHERE i.rsit = 'test/test' AND i.state = 7 AND i.closed_at IS NOT NULL) AS last_at,
  (SELECT f.opened_at FROM incidents_incident f ORDER BY f.id LIMIT 1) AS first_at;
