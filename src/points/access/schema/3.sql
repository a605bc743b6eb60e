-- Resets as a directory's or a gateway's log tells them, each compared with the verifications here when it was read in.
CREATE TABLE access_reset (
	id {id},
	at {i64} NOT NULL,
	person {i64} REFERENCES person (id),    -- NULL: nobody here is called that
	name TEXT NOT NULL,             -- personal
	kind TEXT NOT NULL,
	by_name TEXT NOT NULL,          -- personal
	verification {i64} REFERENCES access_verification (id),     -- NULL: there was none, and an incident was opened
	imported_at {i64} NOT NULL
) {strict};
CREATE UNIQUE INDEX access_reset_same ON access_reset (at, name, kind);
CREATE INDEX access_reset_verification ON access_reset (verification, kind);
