-- Countermeasures.

-- A countermeasure: what the gate does against a source or for an account, for a time. Its state follows from its moments; it ends by itself.
CREATE TABLE incidents_measure (
	id {id},
	incident {i64} REFERENCES incidents_incident (id),
	kind {i64} NOT NULL,            -- enum measure_kind
	network TEXT NOT NULL,          -- personal
	person {i64},                   -- which account
	is_critical {i64} NOT NULL,     -- it stops people of units of class 1 too: never without a person's decision
	because TEXT NOT NULL,          -- personal
	made_at {i64} NOT NULL,
	made_by {i64},                  -- NULL: the watch
	until {i64} NOT NULL,
	decided_at {i64},               -- it acts from here; NULL: pending
	decided_by {i64},               -- NULL with a moment: the watch, as the setting allows
	asked_at {i64},                 -- that it be removed
	asked_by {i64},
	asked_why TEXT NOT NULL,        -- personal
	removed_at {i64},
	removed_by {i64},
	removed_why TEXT NOT NULL       -- personal
) {strict};
CREATE INDEX incidents_measure_until ON incidents_measure (until, id) WHERE removed_at IS NULL;
CREATE INDEX incidents_measure_person ON incidents_measure (person, id) WHERE person IS NOT NULL;
CREATE INDEX incidents_measure_incident ON incidents_measure (incident, id) WHERE incident IS NOT NULL;

-- The day on which a person last logged in, as watched logs tell it: for accounts that have rested.
-- volatile
CREATE TABLE incidents_seen (
	person {i64} NOT NULL PRIMARY KEY,
	day {i64} NOT NULL              -- since 1970
) {strict};
