-- Facts that significance is judged by, what the machine proposed, receipts, legal bodies, calendar, alarms.

-- A fact of the pack significance-se, as somebody last stated it; a row that says nothing was taken back. The log keeps those before.
CREATE TABLE incidents_fact (
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	fact TEXT NOT NULL,
	number {i64},                   -- of yes or no: 1 yes, 0 no
	text TEXT NOT NULL,             -- personal
	said_by {i64} NOT NULL,
	said_at {i64} NOT NULL,
	PRIMARY KEY (incident, fact)
) {keyed};

-- What the machine proposed about a legal duty, and from what. A person's decision stands in incidents_track.
CREATE TABLE incidents_proposal (
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	pack TEXT NOT NULL,
	says {i64} NOT NULL,            -- enum significance_says
	because TEXT NOT NULL,          -- criteria that are met
	needs TEXT NOT NULL,            -- facts that are missing
	made_at {i64} NOT NULL,
	PRIMARY KEY (incident, pack)
) {keyed};

-- The text as it was handed in, and the authority's receipt as a file: both stand in the log under their hash.
CREATE TABLE incidents_receipt (
	id {id},
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	pack TEXT NOT NULL,
	step TEXT NOT NULL,
	paper TEXT NOT NULL,            -- hash of the text
	file TEXT,                      -- hash of the receipt
	name TEXT NOT NULL,
	size {i64} NOT NULL
) {strict};
CREATE UNIQUE INDEX incidents_receipt_step ON incidents_receipt (incident, pack, step);

-- Secret addresses of the calendar of legal clocks: one in force a person, of which only the hash is kept.
CREATE TABLE incidents_calendar (
	id {id},
	person {i64} NOT NULL,
	hash {blob} NOT NULL,           -- secret
	made_at {i64} NOT NULL,
	ended_at {i64}
) {strict};
CREATE UNIQUE INDEX incidents_calendar_hash ON incidents_calendar (hash);
CREATE INDEX incidents_calendar_person ON incidents_calendar (person, id);

-- Alarms that have been said, of one report's clock: by enum clock_alarm.
CREATE TABLE incidents_alarm (
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	pack TEXT NOT NULL,
	step TEXT NOT NULL,
	which {i64} NOT NULL,
	said_at {i64} NOT NULL,
	PRIMARY KEY (incident, pack, step, which)
) {keyed};
