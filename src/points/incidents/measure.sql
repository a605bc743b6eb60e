-- Countermeasures.

--: measure_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_measure;

--: measure_add(id int, incident int?, kind int, network text, person int?, is_critical bool, because text, made_at instant, made_by int?, until instant, decided_at instant?, decided_by int?)
INSERT INTO incidents_measure (id, incident, kind, network, person, is_critical, because, made_at, made_by, until, decided_at, decided_by, asked_why, removed_why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', '');

--: measure_decided(decided_at instant, decided_by int?, id int)
UPDATE incidents_measure SET decided_at = $1, decided_by = $2 WHERE id = $3;

--: measure_asked(asked_at instant, asked_by int?, asked_why text, id int)
UPDATE incidents_measure SET asked_at = $1, asked_by = $2, asked_why = $3 WHERE id = $4;

--: measure_removed(removed_at instant, removed_by int?, removed_why text, id int)
UPDATE incidents_measure SET removed_at = $1, removed_by = $2, removed_why = $3 WHERE id = $4;

--: measure_get(id int) -> one (id int, incident int?, kind int, network text, person int?, is_critical bool, because text, made_at instant, made_by int?, until instant, decided_at instant?, decided_by int?, asked_at instant?, asked_by int?, asked_why text, removed_at instant?, removed_by int?, removed_why text)
SELECT id, incident, kind, network, person, is_critical, because, made_at, made_by, until, decided_at, decided_by,
  asked_at, asked_by, asked_why, removed_at, removed_by, removed_why
FROM incidents_measure WHERE id = $1;

-- All that is not over: pending, active, asked to be removed. The newest first.
--: measure_running(now instant) -> many (id int)
SELECT id FROM incidents_measure WHERE removed_at IS NULL AND until > $1 ORDER BY id DESC LIMIT 200;

-- Those that are over, newest first.
--: measure_over(now instant, before int) -> many (id int)
SELECT id FROM incidents_measure WHERE (removed_at IS NOT NULL OR until <= $1) AND id < $2 ORDER BY id DESC LIMIT 51;

--: measure_of_incident(incident int?) -> many (id int)
SELECT id FROM incidents_measure WHERE incident = $1 ORDER BY id DESC LIMIT 100;

-- What acts, for the gate; a few more than there is room for, so that it is seen.
--: measure_stand(now instant) -> many (id int, kind int, network text, person int?, is_critical bool, decided_at instant?, until instant)
SELECT id, kind, network, person, is_critical, decided_at, until FROM incidents_measure
WHERE removed_at IS NULL AND until > $1 AND decided_at IS NOT NULL ORDER BY id LIMIT 2050;

--: measure_acting(now instant) -> one (n int)
SELECT count(*) AS n FROM incidents_measure WHERE removed_at IS NULL AND until > $1 AND decided_at IS NOT NULL;

--: measure_waiting(now instant) -> many (id int, made_at instant, is_critical bool, asked_at instant?)
SELECT id, made_at, is_critical, asked_at FROM incidents_measure
WHERE removed_at IS NULL AND until > $1 AND (decided_at IS NULL OR asked_at IS NOT NULL) ORDER BY id LIMIT 100;

-- What acts on this person's account.
--: measure_of_person(person int?, now instant) -> many (id int, kind int, until instant)
SELECT id, kind, until FROM incidents_measure
WHERE person = $1 AND removed_at IS NULL AND until > $2 AND decided_at IS NOT NULL ORDER BY id LIMIT 10;

-- Who has come in lately, and from where.
--: measure_callers(since instant) -> each (person int?, calling text, until instant, closed_at instant?)
SELECT person, calling, until, closed_at FROM session WHERE offered_at > $1 AND person IS NOT NULL ORDER BY offered_at DESC LIMIT 50000;

-- A source that the watch has stopped already, or that somebody let go again since then.
--: measure_of_network(network text, since instant) -> one (n int)
SELECT count(*) AS n FROM incidents_measure WHERE network = $1 AND made_at > $2;
