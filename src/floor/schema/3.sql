-- What a standing decision allows in urgent cases: by whom, for how many hours, how often. Part of the text that is signed.
CREATE TABLE urgent_terms (
	decision {i64} NOT NULL PRIMARY KEY REFERENCES decision (id),
	hours {i64} NOT NULL,           -- at most
	weekly {i64} NOT NULL,          -- uses in seven days, at most
	users {i64} NOT NULL            -- enum role bits: the two who together use it hold one of these, each
) {strict};

-- An urgent case: one asks, another confirms, and one reason is lowered for one person, for hours. Its state follows from its moments.
CREATE TABLE urgent_use (
	id {id},
	decision {i64} NOT NULL REFERENCES decision (id),
	person {i64} NOT NULL REFERENCES person (id),
	gateway {i64} REFERENCES gateway (id),
	why TEXT NOT NULL,
	hours {i64} NOT NULL,
	asker {i64} NOT NULL REFERENCES person (id),
	asked_at {i64} NOT NULL,
	answered_at {i64},              -- confirmed or refused
	answered_by {i64} REFERENCES person (id),
	is_yes {i64} NOT NULL,
	until {i64} NOT NULL,           -- of the effect; 0 before it is confirmed
	withdrawn_at {i64},
	reversed_at {i64},
	reversed_by {i64} REFERENCES person (id),       -- NULL with reversed_at: the account on the server
	words TEXT NOT NULL,            -- why it was refused or reversed
	reviewed_at {i64},
	reviewed_by {i64} REFERENCES person (id),
	is_right {i64} NOT NULL,        -- the review's answer
	review TEXT NOT NULL,
	cleaned_at {i64},               -- after a review that said no: what had to be done is done
	cleaned TEXT NOT NULL
) {strict};
CREATE INDEX urgent_use_of ON urgent_use (decision, id);
CREATE INDEX urgent_use_until ON urgent_use (until);
