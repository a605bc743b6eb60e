-- A practice link that was agreed on beforehand: a false log-in link that a team is sent, to see whether it is reported. One link for the whole team.
CREATE TABLE practice_link (
	id {id},                        -- of one row of numbers with the practice calls of access
	unit {i64} NOT NULL REFERENCES unit (id),
	token TEXT NOT NULL,            -- secret: the last part of the link
	planned_by {i64} NOT NULL REFERENCES person (id),
	planned_at {i64} NOT NULL,
	from_at {i64} NOT NULL,
	until {i64} NOT NULL,
	agreed_at {i64},                -- by somebody who leads and did not plan it; without it nothing is practice
	agreed_by {i64} REFERENCES person (id),
	cancelled_at {i64}
) {strict};
CREATE UNIQUE INDEX practice_link_token ON practice_link (token);

-- How often it was reported, and how often somebody went on to log in. Counted and no more: a leaf would say who and when.
-- volatile
CREATE TABLE practice_link_count (
	link {i64} NOT NULL PRIMARY KEY,
	reported {i64} NOT NULL,
	gone {i64} NOT NULL
) {strict};

-- A question to an OpenID provider, which asks the person in her own app.
CREATE TABLE proof_ask (
	id {id},
	person {i64} NOT NULL REFERENCES person (id),
	subject {i64} NOT NULL,         -- of whoever asks: the number of a verification
	words TEXT NOT NULL,            -- secret: what she sees in her app
	asked_at {i64} NOT NULL,
	until {i64} NOT NULL,
	answered_at {i64},
	answer {i64} NOT NULL,          -- enum proof_answer; 0: none
	cause TEXT NOT NULL             -- of a failure, in the provider's words
) {strict};
CREATE INDEX proof_ask_subject ON proof_ask (subject, id);
CREATE INDEX proof_ask_open ON proof_ask (until) WHERE answered_at IS NULL;
