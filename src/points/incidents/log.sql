-- Watched logs.

--: log_source_put(name text, kind int, lines int, logins int, unreadable int, dropped int, last_at instant?, since instant)
INSERT INTO incidents_log (name, kind, lines, logins, unreadable, dropped, last_at, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, lines = excluded.lines, logins = excluded.logins, unreadable = excluded.unreadable,
  dropped = excluded.dropped, last_at = excluded.last_at,
  silent_since = CASE WHEN excluded.last_at = incidents_log.last_at THEN incidents_log.silent_since ELSE NULL END;

--: log_source_all() -> many (name text, kind int, lines int, logins int, unreadable int, dropped int, last_at instant?, since instant, silent_since instant?)
SELECT name, kind, lines, logins, unreadable, dropped, last_at, since, silent_since FROM incidents_log ORDER BY name;

--: log_source_silent(silent_since instant?, name text)
UPDATE incidents_log SET silent_since = $1 WHERE name = $2;

-- One that samordna.conf names no more.
--: log_source_end(name text)
DELETE FROM incidents_log WHERE name = $1;

--: log_place_put(name text, device int, inode int, place int, head int, head_length int)
INSERT INTO incidents_log_place (name, device, inode, place, head, head_length) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name, device, inode) DO UPDATE SET place = excluded.place, head = excluded.head, head_length = excluded.head_length;

--: log_place_end(name text, device int, inode int)
DELETE FROM incidents_log_place WHERE name = $1 AND device = $2 AND inode = $3;

--: log_place_all() -> many (name text, device int, inode int, place int, head int, head_length int)
SELECT name, device, inode, place, head, head_length FROM incidents_log_place ORDER BY name, device, inode;

--: log_seen(person int) -> one (day int)
SELECT day FROM incidents_seen WHERE person = $1;

--: log_seen_put(person int, day int)
INSERT INTO incidents_seen (person, day) VALUES ($1, $2)
ON CONFLICT (person) DO UPDATE SET day = CASE WHEN excluded.day > incidents_seen.day THEN excluded.day ELSE incidents_seen.day END;
