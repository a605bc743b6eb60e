-- Incidents, first schema: reports, events, incidents with their times, timeline, work, evidence, legal duties.

-- One incident. Its number is the year and a count within it: 2026-118. Times that mean different things are kept apart.
CREATE TABLE incidents_incident (
	id {id},
	number TEXT NOT NULL,
	kind {i64} NOT NULL,            -- what was reported first, enum incidents_kind; 0: seen by a watcher
	title TEXT NOT NULL,            -- personal
	state {i64} NOT NULL,           -- enum incidents_state
	severity {i64} NOT NULL,        -- 1 (most) to 5 on the one scale; 0: not assessed
	rsit TEXT NOT NULL,             -- ENISA's category, "fraud/phishing"; empty: none yet
	cert {i64} NOT NULL,            -- CERT-SE's, 1 to 10; 0: none yet
	effect {i64} NOT NULL,          -- bits: 1 confidentiality, 2 integrity, 4 availability
	personal_data {i64} NOT NULL,   -- 0 not said, 1 yes, 2 no
	is_confidential {i64} NOT NULL, -- 1: seen by coordinators and those who work with it, by nobody else
	owner {i64},
	packs TEXT NOT NULL,            -- the packs of legal clocks in use when it was opened, with blanks between
	opened_at {i64} NOT NULL,
	occurred_at {i64},
	detected_at {i64} NOT NULL,
	aware_at {i64} NOT NULL,        -- the legal clocks run from here
	significant_at {i64},           -- the first legal duty was found to apply
	contained_at {i64},
	recovered_at {i64},
	closed_at {i64},                -- closed, dismissed or merged: no longer open
	active_at {i64} NOT NULL,       -- something last happened
	merged_into {i64},
	cause TEXT NOT NULL,
	cause_class {i64} NOT NULL,     -- enum incidents_cause; 0 none
	unknown_because TEXT NOT NULL,
	changed {i64} NOT NULL,         -- did it arise from changed circumstances? 0 not answered, 1 yes, 2 no
	changed_why TEXT NOT NULL,
	review {i64} NOT NULL,          -- 0 neither, 1 held, 2 waived
	review_note TEXT NOT NULL,
	touched TEXT NOT NULL,          -- rules and plans that are changed because of it
	lesson TEXT NOT NULL
) {strict};
CREATE UNIQUE INDEX incidents_incident_number ON incidents_incident (number);
CREATE INDEX incidents_incident_severity ON incidents_incident (severity, id DESC);
CREATE INDEX incidents_incident_opened ON incidents_incident (opened_at, id);
CREATE INDEX incidents_incident_owner ON incidents_incident (owner, id);
CREATE INDEX incidents_incident_cause ON incidents_incident (cause_class, rsit, opened_at);
CREATE INDEX incidents_incident_open ON incidents_incident (severity, id DESC) WHERE closed_at IS NULL;
CREATE INDEX incidents_incident_open_id ON incidents_incident (id DESC) WHERE closed_at IS NULL;
CREATE INDEX incidents_incident_closed ON incidents_incident (closed_at) WHERE closed_at IS NOT NULL;

-- What somebody reported, with or without an account, and that the person was told how it went.
CREATE TABLE incidents_report (
	id {id},
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	kind {i64} NOT NULL,            -- enum incidents_kind
	text TEXT NOT NULL,             -- personal
	what TEXT NOT NULL,             -- personal
	contact TEXT NOT NULL,          -- personal
	reporter {i64},                 -- who was logged in; NULL: nobody
	made_at {i64} NOT NULL,
	told_at {i64},
	told TEXT                       -- personal
) {strict};
CREATE INDEX incidents_report_incident ON incidents_report (incident, id);
CREATE INDEX incidents_report_made ON incidents_report (made_at);

-- What happened, as it was seen once: by a person, or by a watcher's rule. One attack is many events and one incident.
CREATE TABLE incidents_event (
	id {id},
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	source TEXT NOT NULL,           -- "person", "gate", or a watched source
	rule TEXT NOT NULL,             -- empty from a person
	key TEXT NOT NULL,              -- what is grouped; empty: nothing is
	at {i64} NOT NULL,
	report {i64}
) {strict};
CREATE INDEX incidents_event_incident ON incidents_event (incident, id);
CREATE INDEX incidents_event_key ON incidents_event (source, rule, key, id);

-- The timeline: only added to. What was wrong is corrected by a later entry that names it.
CREATE TABLE incidents_entry (
	id {id},
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	kind {i64} NOT NULL,            -- enum incidents_entry
	at {i64} NOT NULL,              -- when it happened; never in the future
	made_at {i64} NOT NULL,
	made_by {i64},                  -- NULL: the system, or a visitor
	text TEXT NOT NULL,             -- personal
	act TEXT NOT NULL,              -- which act made it; empty: somebody wrote it
	corrects {i64}
) {strict};
CREATE INDEX incidents_entry_incident ON incidents_entry (incident, at, id);

-- Tasks of an incident, and vulnerabilities that changed circumstances have caused: both have an owner, a day and a state.
CREATE TABLE incidents_work (
	id {id},
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	is_weakness {i64} NOT NULL,
	text TEXT NOT NULL,
	cause TEXT NOT NULL,            -- of a vulnerability: which circumstance changed
	link TEXT NOT NULL,             -- the rule, change or capacity that it belongs to
	owner {i64},
	due_at {i64} NOT NULL,
	state {i64} NOT NULL,           -- enum incidents_work_state
	note TEXT NOT NULL,             -- why it waits or was cancelled
	asked_by {i64},
	asked_at {i64} NOT NULL,
	done_by {i64},
	done_at {i64},
	ended_by {i64},                 -- verified or cancelled by
	ended_at {i64}
) {strict};
CREATE INDEX incidents_work_incident ON incidents_work (incident, id);
CREATE INDEX incidents_work_owner ON incidents_work (owner, id);
CREATE INDEX incidents_work_open ON incidents_work (due_at, id) WHERE ended_at IS NULL;

-- Evidence: its bytes stand in the log under their hash.
CREATE TABLE incidents_evidence (
	id {id},
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	name TEXT NOT NULL,
	place TEXT NOT NULL,            -- where it was found
	hash TEXT NOT NULL,
	size {i64} NOT NULL,
	collected_by {i64} NOT NULL,
	collected_at {i64} NOT NULL
) {strict};
CREATE INDEX incidents_evidence_incident ON incidents_evidence (incident, id);

-- Whether a legal duty applies to an incident: the newest assessment; the log keeps those before.
CREATE TABLE incidents_track (
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	pack TEXT NOT NULL,
	applies {i64} NOT NULL,
	reason TEXT NOT NULL,
	assessed_by {i64} NOT NULL,
	assessed_at {i64} NOT NULL,
	PRIMARY KEY (incident, pack)
) {keyed};

-- What has been handed in to the authority, with its receipt.
CREATE TABLE incidents_handed (
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	pack TEXT NOT NULL,
	step TEXT NOT NULL,
	at {i64} NOT NULL,
	receipt TEXT NOT NULL,
	handed_by {i64} NOT NULL,
	made_at {i64} NOT NULL,
	PRIMARY KEY (incident, pack, step)
) {keyed};
