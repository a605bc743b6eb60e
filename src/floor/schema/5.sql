-- A unit's people in Swedish order, so that a page of its list is read and not sorted.
DROP INDEX person_unit;
CREATE INDEX person_unit ON person (unit, sort, id);

-- The latest session of a name is the last in its index: no sorting for each record of accounting.
DROP INDEX session_nas;
CREATE INDEX session_nas ON session (gateway, nas_session, offered_at);
