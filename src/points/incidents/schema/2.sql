-- Watched logs: how far each was read, and how it goes. Volatile, but in the same commit as what the lines caused.

-- volatile
CREATE TABLE incidents_log (
	name TEXT NOT NULL PRIMARY KEY, -- as samordna.conf names it
	kind {i64} NOT NULL,            -- 1 a file, 2 syslog over UDP, 3 over TCP
	lines {i64} NOT NULL,           -- read, since it is watched
	logins {i64} NOT NULL,          -- of which told of a login
	unreadable {i64} NOT NULL,      -- told no time and nothing that is known
	dropped {i64} NOT NULL,         -- thrown away: its sender sent too much
	last_at {i64},                  -- when a line last came
	since {i64} NOT NULL,
	silent_since {i64}              -- that it is silent has been said
) {strict};

-- volatile
CREATE TABLE incidents_log_place (
	name TEXT NOT NULL,
	device {i64} NOT NULL,
	inode {i64} NOT NULL,
	place {i64} NOT NULL,           -- bytes that have been read
	head {i64} NOT NULL,            -- hash of its first bytes
	head_length {i64} NOT NULL,
	PRIMARY KEY (name, device, inode)
) {keyed};
