-- Access, fourth schema: an agent calls a colleague in, and practice calls.

-- The agent has asked for somebody else to go on; until then nobody does.
CREATE TABLE access_verification_hand (
	id {id},
	verification {i64} NOT NULL REFERENCES access_verification (id),
	asked_at {i64} NOT NULL,
	asked_by {i64} NOT NULL REFERENCES person (id),
	taken_at {i64},
	taken_by {i64} REFERENCES person (id)
) {strict};
CREATE INDEX access_verification_hand_of ON access_verification_hand (verification, id);

-- A practice call that was agreed on beforehand: somebody will ring in this person's name, once, between these moments.
CREATE TABLE access_practice (
	id {id},
	person {i64} NOT NULL REFERENCES person (id),   -- whose name is used; she knows
	planned_by {i64} NOT NULL REFERENCES person (id),
	planned_at {i64} NOT NULL,
	from_at {i64} NOT NULL,
	until {i64} NOT NULL,
	agreed_at {i64},                -- by somebody who leads and did not plan it; without it nothing is practice
	agreed_by {i64} REFERENCES person (id),
	cancelled_at {i64},
	verification {i64} REFERENCES access_verification (id),     -- the one call that it became
	unit {i64} REFERENCES unit (id)         -- of the team that answered; never who
) {strict};
CREATE INDEX access_practice_person ON access_practice (person, until);
CREATE UNIQUE INDEX access_practice_call ON access_practice (verification) WHERE verification IS NOT NULL;
