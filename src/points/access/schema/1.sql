-- Access, first schema: grants and the review of them. A grant's state is never stored: it follows from its moments.

-- What a grant can be for. The number is what the gate compares, so it is never used again for another name.
CREATE TABLE access_service (
	id {id},                        -- from 1
	name TEXT NOT NULL,             -- as it was first written
	folded TEXT NOT NULL            -- in the one canonical form of names: Journal and journal are one service
) {strict};
CREATE UNIQUE INDEX access_service_folded ON access_service (folded);

-- One person's right to one service for a time. What was asked for is never changed; each move sets its own columns, once.
CREATE TABLE access_grant (
	id {id},
	person {i64} NOT NULL REFERENCES person (id),
	service {i64} NOT NULL REFERENCES access_service (id),
	purpose TEXT NOT NULL,
	from_at {i64} NOT NULL,         -- whole seconds
	until {i64} NOT NULL,           -- the first moment when it no longer opens
	requested_by {i64},             -- NULL: the account on the server, as the leaf says
	requested_at {i64} NOT NULL,
	returned_at {i64},              -- sent back with a comment; asked again: NULL
	returned_by {i64},
	return_reason TEXT,
	approved_by {i64},
	approved_at {i64},
	rejected_by {i64},
	rejected_at {i64},
	reject_reason TEXT,
	withdrawn_at {i64},
	executed_by {i64},
	executed_at {i64},
	rule_version {i64},             -- of the rules for remote work that it follows; NULL while none are adopted
	is_stated {i64} NOT NULL,       -- 1: decided elsewhere, or at the command line in somebody's name
	suspended_by {i64},             -- lifted: NULL again
	suspended_at {i64},
	suspend_reason TEXT,
	ended_by {i64},                 -- NULL with ended_at: the system
	ended_at {i64},
	end_reason TEXT,
	review_due_at {i64} NOT NULL
) {strict};
CREATE INDEX access_grant_person ON access_grant (person, id);
CREATE INDEX access_grant_until ON access_grant (until);
-- What the standing reads for everyone: answered from the index alone.
CREATE INDEX access_grant_open ON access_grant (person, until, from_at, service, suspended_at)
	WHERE executed_at IS NOT NULL AND ended_at IS NULL;
-- What waits for somebody.
CREATE INDEX access_grant_waiting ON access_grant (requested_at, id)
	WHERE executed_at IS NULL AND rejected_at IS NULL AND withdrawn_at IS NULL AND ended_at IS NULL;

-- Persons with more grants than their slice of the standing has room for; what they hold stands in the common record.
CREATE TABLE access_crowd (
	person {i64} NOT NULL PRIMARY KEY REFERENCES person (id)
) {strict};

-- A yearly review: all grants that were executed and not ended when it began. Nothing is written for what nobody has answered.
CREATE TABLE access_review (
	id {id},
	name TEXT NOT NULL,
	began_at {i64} NOT NULL,
	due_at {i64} NOT NULL,
	started_by {i64},
	closed_at {i64}
) {strict};

-- An answer. A grant without one is unanswered, which never means "keep".
CREATE TABLE access_review_item (
	id {id},
	review {i64} NOT NULL REFERENCES access_review (id),
	grant_id {i64} NOT NULL REFERENCES access_grant (id),
	answer {i64} NOT NULL,          -- enum access_answer
	note TEXT NOT NULL,
	reviewer {i64} NOT NULL,
	answered_at {i64} NOT NULL
) {strict};
CREATE UNIQUE INDEX access_review_item_grant ON access_review_item (review, grant_id);

-- Self-assessment of the five steps A1-A5: is there a rule, who owns it, what shows it.
CREATE TABLE access_step (
	id {id},                        -- 1 to 5
	is_met {i64} NOT NULL,
	rule TEXT NOT NULL,
	owner {i64},
	evidence TEXT NOT NULL,
	assessed_by {i64},
	assessed_at {i64} NOT NULL
) {strict};
