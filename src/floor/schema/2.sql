-- What a gateway calls whom a session is of, and itself: it is told of the session's end by these names. Gone with the session.
-- volatile
CREATE TABLE session_name (
	session {i64} NOT NULL PRIMARY KEY,
	user_name TEXT NOT NULL,
	nas TEXT NOT NULL,
	nas_ip TEXT NOT NULL,
	framed TEXT NOT NULL
) {strict};

-- Events for other systems: a row for each webhook that is told.
CREATE TABLE hook_delivery (
	id {id},
	hook {i64} NOT NULL,            -- number of the line in samordna.conf, from 0
	host TEXT NOT NULL,             -- as that line named it then
	event TEXT NOT NULL,
	body TEXT NOT NULL,             -- the JSON that is signed and sent
	made_at {i64} NOT NULL,
	sent_at {i64},
	failed_at {i64},
	cause TEXT NOT NULL
) {strict};
CREATE INDEX hook_delivery_unsent ON hook_delivery (hook, id) WHERE sent_at IS NULL;
