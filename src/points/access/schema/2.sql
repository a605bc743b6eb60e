-- Access, second schema: verifying a caller, and holding remote connections afterwards. Where a verification stands is never stored: it
-- follows from its moments.

-- Somebody rang the support and said who she is. Each step sets its own columns.
CREATE TABLE access_verification (
	id {id},
	person {i64} NOT NULL REFERENCES person (id),   -- who the caller says she is
	errand TEXT NOT NULL,           -- of the pack verification
	agent {i64} NOT NULL REFERENCES person (id),
	ticket TEXT NOT NULL,           -- of the desk that sent us here; empty: none
	caller {blob},                  -- secret: hash of the number that was shown; it can be forged and proves nothing
	caller_end TEXT NOT NULL,       -- personal: its last two digits
	is_stated {i64} NOT NULL,       -- 1: a step was typed on the server in the agent's name
	number_counts {i64} NOT NULL,   -- 1: there was a number on record, and it was old enough
	started_at {i64} NOT NULL,
	called_at {i64},                -- rung up on the number on record, and she answered
	code_at {i64},                  -- the latest code
	code_until {i64},
	codes {i64} NOT NULL,           -- how many there have been
	wrong {i64} NOT NULL,           -- wrong digits read back
	right_at {i64},
	bound_at {i64},                 -- a code of the second factor that is still hers
	present_at {i64},               -- in person
	present_how TEXT NOT NULL,      -- what was shown
	approved_at {i64},
	token {blob},                   -- secret: hash of the token
	token_until {i64},
	used_at {i64},
	ended_at {i64},                 -- denied, given up
	outcome {i64} NOT NULL,         -- enum verify_outcome; 0 none
	why TEXT NOT NULL
) {strict};
CREATE INDEX access_verification_person ON access_verification (person, started_at);
CREATE INDEX access_verification_started ON access_verification (started_at, id);

-- A manager is asked to vouch, and answers herself.
CREATE TABLE access_verification_voucher (
	id {id},
	verification {i64} NOT NULL REFERENCES access_verification (id),
	person {i64} NOT NULL REFERENCES person (id),
	asked_at {i64} NOT NULL,
	until {i64} NOT NULL,
	answered_at {i64},
	is_yes {i64} NOT NULL
) {strict};
CREATE INDEX access_verification_voucher_of ON access_verification_voucher (verification, id);
CREATE INDEX access_verification_voucher_person ON access_verification_voucher (person, until);

-- What the employee, and her manager, are told. Cannot be switched off.
CREATE TABLE access_verification_notice (
	id {id},
	verification {i64} NOT NULL REFERENCES access_verification (id),
	person {i64} NOT NULL REFERENCES person (id),   -- to whom
	kind {i64} NOT NULL,            -- enum verify_notice
	made_at {i64} NOT NULL
) {strict};
CREATE INDEX access_verification_notice_person ON access_verification_notice (person, made_at);

-- The call that is going on: words, number and code, all as hashes under a key that lies in memory alone, so a start makes them void.
-- volatile
CREATE TABLE access_verification_call (
	id {i64} NOT NULL PRIMARY KEY,  -- of the verification
	number {blob} NOT NULL,         -- what the employee types on /akta
	link {blob} NOT NULL,           -- of /akta/TOKEN
	code {blob} NOT NULL,           -- what she reads back; made anew with each code
	until {i64} NOT NULL
) {strict};
CREATE UNIQUE INDEX access_verification_call_number ON access_verification_call (number);
CREATE UNIQUE INDEX access_verification_call_link ON access_verification_call (link);

-- Remote connections held for a time: after a reset, a changed number, a suspected fraud. Ends by itself.
CREATE TABLE access_quarantine (
	id {id},
	person {i64} NOT NULL REFERENCES person (id),
	kind {i64} NOT NULL,            -- enum quarantine_kind
	from_at {i64} NOT NULL,
	until {i64} NOT NULL,
	verification {i64}
) {strict};
CREATE INDEX access_quarantine_person ON access_quarantine (person, until);

-- While this lasts the desk is stricter: what was class B is C.
CREATE TABLE access_strict (
	id {id},
	from_at {i64} NOT NULL,
	until {i64} NOT NULL,
	verification {i64} NOT NULL
) {strict};
CREATE INDEX access_strict_until ON access_strict (until);
