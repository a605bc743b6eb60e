-- The supplier of an incident, and incidents that several legal bodies report each for itself.

-- The supplier at which an incident is: whom to ask, under which contract, and what that clock says. One an incident; the log keeps what stood before.
CREATE TABLE incidents_supplier (
	incident {id},
	name TEXT NOT NULL,
	contract TEXT NOT NULL,         -- its reference; empty: none
	contact TEXT NOT NULL,          -- personal
	hours {i64},                    -- within which the contract says that we are told; NULL: it does not say
	knew_at {i64},                  -- when the supplier got to know it, by its own account
	told_at {i64},                  -- when it told us
	set_by {i64} NOT NULL,
	set_at {i64} NOT NULL
) {strict};

-- What the supplier has said, and when it has promised to say more: only added to.
CREATE TABLE incidents_supplier_said (
	id {id},
	incident {i64} NOT NULL REFERENCES incidents_incident (id),
	at {i64} NOT NULL,
	text TEXT NOT NULL,             -- personal
	next_at {i64},
	made_by {i64} NOT NULL,
	made_at {i64} NOT NULL
) {strict};
CREATE INDEX incidents_supplier_said_incident ON incidents_supplier_said (incident, id);

-- One incident at what several legal bodies share: each body's own is an incident of its own, with its clocks, decider, texts and receipts.
CREATE TABLE incidents_share (
	incident {id},                  -- the body's own
	parent {i64} NOT NULL REFERENCES incidents_incident (id),
	body {i64} NOT NULL REFERENCES body (id),
	made_by {i64} NOT NULL,
	made_at {i64} NOT NULL
) {strict};
CREATE UNIQUE INDEX incidents_share_parent ON incidents_share (parent, body);

-- When an exercise was last closed.
CREATE INDEX incidents_incident_exercise ON incidents_incident (closed_at) WHERE rsit = 'test/test';
