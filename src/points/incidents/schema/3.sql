-- Reported links by where they lead, and what was decided about their hosts.

-- The link of a report, as the reader process read it. A report whose link could not be read has no row.
CREATE TABLE incidents_link (
	report {id},
	host TEXT NOT NULL,             -- personal
	domain TEXT NOT NULL,           -- personal
	verdict {i64} NOT NULL,         -- enum link_verdict, by the list of our pages as it was then
	reasons {i64} NOT NULL,         -- bits: enum link_reason
	imitates TEXT NOT NULL,         -- the host of ours that it imitates; empty: none
	made_at {i64} NOT NULL
) {strict};
CREATE INDEX incidents_link_domain ON incidents_link (domain, report);
CREATE INDEX incidents_link_host ON incidents_link (host, report);
CREATE INDEX incidents_link_made ON incidents_link (made_at);

-- What a person decided about a host: to block it, or to leave it alone. Counts until its end, or until somebody ends it.
CREATE TABLE incidents_block (
	id {id},
	host TEXT NOT NULL,
	is_left {i64} NOT NULL,         -- 1: left alone, 0: blocked
	is_below {i64} NOT NULL,        -- 1: with all names below it
	because TEXT NOT NULL,
	first_at {i64},                 -- when it was first reported, since the decision before
	decided_at {i64} NOT NULL,
	decided_by {i64} NOT NULL,
	until_at {i64} NOT NULL,
	ended_at {i64},
	ended_by {i64},
	ended_because TEXT NOT NULL
) {strict};
CREATE INDEX incidents_block_host ON incidents_block (host, id);
CREATE INDEX incidents_block_open ON incidents_block (until_at) WHERE ended_at IS NULL;
CREATE INDEX incidents_block_decided ON incidents_block (decided_at);
