-- The end that a session's gateway is to be told of while the session goes on (RFC 5176, CoA). Gone with the session: at its moment the session is
-- ended whether the gateway knew or not.
-- volatile
CREATE TABLE session_limit (
	session {i64} NOT NULL PRIMARY KEY,
	until {i64} NOT NULL,
	say TEXT NOT NULL,              -- what whom it concerns is told; empty: nothing
	told_at {i64},                  -- when the gateway answered
	refusal {i64}                   -- with told_at: its Error-Cause when it would not; 0: it did not say why
) {strict};
