-- Floor, first schema. Marks on the line above a table: "-- volatile", "-- log". Marks behind a column: "-- personal", "-- secret".
-- Tokens {id} {i64} {blob} {json} {strict} {keyed} are expanded for each engine. Moments are milliseconds since 1970, UTC.

-- The log itself. Written by audit.c alone; neither logged (it is the log) nor volatile.
-- log
CREATE TABLE audit_leaf (
	id {id},                        -- the leaf's index, from 0
	hash {blob} NOT NULL,           -- RFC 9162: SHA-256(0x00, leaf)
	leaf TEXT NOT NULL
) {strict};

-- Personal columns of a row that a leaf wrote, with their salt; the leaf holds only the hash of both.
-- log
CREATE TABLE audit_part (
	leaf {i64} NOT NULL,
	write {i64} NOT NULL,           -- which of the leaf's writes, from 0
	salt {blob},                    -- NULL with columns: erased
	columns TEXT,
	PRIMARY KEY (leaf, write)
) {keyed};

-- log
CREATE TABLE audit_checkpoint (
	id {id},                        -- tree size
	note TEXT NOT NULL
) {strict};

-- log
CREATE TABLE audit_document (
	hash TEXT NOT NULL PRIMARY KEY,
	body {blob} NOT NULL
) {strict};

-- Where the tree stands: rewritten in each commit, so that a start need not read every leaf.
-- log
CREATE TABLE audit_frontier (
	id {id},                        -- 0
	size {i64} NOT NULL,
	epoch {i64} NOT NULL,
	hashes {blob} NOT NULL
) {strict};

-- Schema files applied.
-- log
CREATE TABLE schema_applied (
	component TEXT NOT NULL,
	number {i64} NOT NULL,
	at {i64} NOT NULL,
	PRIMARY KEY (component, number)
) {strict};

-- Legal bodies: a nämnd, a bolag. Nobody decides for another's.
CREATE TABLE body (
	id {id},
	name TEXT NOT NULL
) {strict};

CREATE TABLE unit (
	id {id},
	name TEXT NOT NULL,
	body {i64} NOT NULL REFERENCES body (id),
	class {i64} NOT NULL            -- criticality 1 (most) to 4; 3 until somebody says otherwise
) {strict};
CREATE UNIQUE INDEX unit_name ON unit (name);

-- Persons have numbers without gaps from 0: the number is the place in the standing. That no two have one code is seen to by login,
-- where every code stands in canonical form.
CREATE TABLE person (
	id {id},
	code TEXT NOT NULL,             -- the organisation's own id, as HR writes it
	name TEXT NOT NULL,             -- personal
	email TEXT NOT NULL,            -- personal
	phone TEXT NOT NULL,            -- personal
	sort TEXT NOT NULL,             -- personal
	email_changed_at {i64} NOT NULL,
	phone_changed_at {i64} NOT NULL,
	unit {i64} NOT NULL REFERENCES unit (id),
	manager {i64},
	employment_end {i64},           -- NULL: no end known; the first moment when no longer employed
	roles {i64} NOT NULL,           -- enum role bits
	kept_roles {i64} NOT NULL DEFAULT 0, -- of these, those given here and not by HR: no file takes them away
	is_protected {i64} NOT NULL,
	left_at {i64}                   -- NULL: still in HR's file
) {strict};
CREATE INDEX person_sort ON person (sort, id);
CREATE INDEX person_unit ON person (unit, id);
CREATE INDEX person_manager ON person (manager, id);

-- Every name that a person may be called by at the gate or on the command line, in its one canonical form.
CREATE TABLE login (
	person {i64} NOT NULL REFERENCES person (id),
	place {i64} NOT NULL,           -- among the person's names, from 0
	name TEXT NOT NULL,             -- personal
	kind {i64} NOT NULL,            -- 1 code, 2 e-mail, 3 login name
	PRIMARY KEY (person, place)
) {keyed};
CREATE UNIQUE INDEX login_name ON login (name);

-- Who may decide at which level of the consequence scale, for which body.
CREATE TABLE mandate (
	id {id},
	person {i64} NOT NULL REFERENCES person (id),
	body {i64} NOT NULL REFERENCES body (id),
	level {i64} NOT NULL,           -- of the consequence scale: this one and all below
	from_at {i64} NOT NULL,
	until {i64}
) {strict};
CREATE INDEX mandate_person ON mandate (person, id);
CREATE INDEX mandate_body ON mandate (body, id);

CREATE TABLE deputy (
	id {id},
	person {i64} NOT NULL REFERENCES person (id),
	deputy {i64} NOT NULL REFERENCES person (id),
	from_at {i64} NOT NULL,
	until {i64} NOT NULL
) {strict};
CREATE INDEX deputy_person ON deputy (person);
CREATE INDEX deputy_deputy ON deputy (deputy);

-- Policy settings that differ from their default.
CREATE TABLE setting (
	name TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL,
	changed_at {i64} NOT NULL DEFAULT 0,    -- 0: by the program itself
	changed_by TEXT NOT NULL DEFAULT ''
) {strict};

-- Gateways as they are known from radius.client; mode and service are policy.
CREATE TABLE gateway (
	id {id},
	name TEXT NOT NULL,
	is_watch {i64} NOT NULL,        -- 1: decide, record and show, but pass what the upstream passed
	service TEXT NOT NULL,          -- empty: any grant opens it
	language TEXT                   -- of what it tells the person: sv or en; NULL: sv
) {strict};
CREATE UNIQUE INDEX gateway_name ON gateway (name);

-- What a gateway does when we are silent: the site's own risk decision, per product. The newest of a gateway counts.
CREATE TABLE gateway_silence (
	id {id},
	gateway {i64} NOT NULL REFERENCES gateway (id),
	product TEXT NOT NULL,
	text TEXT NOT NULL,
	decided_by {i64} NOT NULL REFERENCES person (id),
	decided_at {i64} NOT NULL
) {strict};
CREATE INDEX gateway_silence_gateway ON gateway_silence (gateway, id);

-- A risk decision: asked for, and signed by somebody with the mandate for its level, who is not the asker. Its state is read out of its moments.
CREATE TABLE decision (
	id {id},
	asker {i64} NOT NULL REFERENCES person (id),
	body {i64} NOT NULL REFERENCES body (id),
	title TEXT NOT NULL,
	why TEXT NOT NULL,
	proposal TEXT NOT NULL,
	measures TEXT NOT NULL,         -- that make up for it meanwhile
	level {i64} NOT NULL,           -- of the consequence scale
	decider {i64} NOT NULL REFERENCES person (id),
	answer_by {i64} NOT NULL,       -- no answer by then is no
	drafted_at {i64} NOT NULL,
	asked_at {i64},                 -- NULL: a draft, or returned
	returned_at {i64},
	withdrawn_at {i64},
	hash TEXT NOT NULL,             -- of the text asked about; empty: not asked yet
	signed_at {i64},
	signed_by {i64} REFERENCES person (id),
	is_yes {i64} NOT NULL,
	terms TEXT NOT NULL,
	motive TEXT NOT NULL,
	frozen_unit {i64} NOT NULL,     -- as it was when signed: of the scope; -1 none
	frozen_class {i64} NOT NULL,
	frozen_scale TEXT NOT NULL,     -- what the level meant
	stale_at {i64},                 -- since when it was seen to differ
	revoked_at {i64},
	revoked_by {i64} REFERENCES person (id),
	supersedes {i64} REFERENCES decision (id)
) {strict};

-- What can be chosen, with what it leads to. Number 0 is yes, 1 to do nothing.
CREATE TABLE decision_option (
	id {id},
	decision {i64} NOT NULL REFERENCES decision (id),
	number {i64} NOT NULL,
	name TEXT NOT NULL,
	happens TEXT NOT NULL,
	likely TEXT NOT NULL,
	means TEXT NOT NULL,
	cost TEXT NOT NULL
) {strict};
CREATE UNIQUE INDEX decision_option_of ON decision_option (decision, number);

-- Every move of a decision and of its deviation, in order.
CREATE TABLE decision_step (
	id {id},
	decision {i64} NOT NULL REFERENCES decision (id),
	at {i64} NOT NULL,
	person {i64} REFERENCES person (id),
	move {i64} NOT NULL,
	words TEXT NOT NULL,
	hash TEXT NOT NULL
) {strict};
CREATE INDEX decision_step_of ON decision_step (decision, id);

-- What a decision lets be otherwise: exactly one reason of one point, for one scope, between two moments.
CREATE TABLE deviation (
	id {id},
	decision {i64} NOT NULL REFERENCES decision (id),
	reason TEXT NOT NULL,
	person {i64} REFERENCES person (id),
	unit {i64} REFERENCES unit (id),
	gateway {i64} REFERENCES gateway (id),
	from_at {i64} NOT NULL,
	until {i64} NOT NULL,
	ended_at {i64},                 -- not needed any more, said by the asker
	followed_at {i64}               -- did it work? written down after its end
) {strict};
CREATE UNIQUE INDEX deviation_decision ON deviation (decision);
CREATE INDEX deviation_until ON deviation (until);

-- Remote sessions, from the accept on.
CREATE TABLE session (
	id {id},                        -- the leaf of the accept; adopted ones count down from -1
	person {i64},
	gateway {i64} NOT NULL,
	offered_at {i64} NOT NULL,
	until {i64} NOT NULL,
	opened_at {i64},
	closed_at {i64},
	nas_session TEXT NOT NULL,
	calling TEXT NOT NULL,          -- personal
	cause {i64},
	against TEXT                    -- the gateway only watched: the code of the reason that would have refused
) {strict};
CREATE INDEX session_nas ON session (gateway, nas_session);
CREATE INDEX session_person ON session (person, offered_at);
CREATE INDEX session_offered ON session (offered_at);
CREATE INDEX session_unclosed ON session (gateway, until) WHERE closed_at IS NULL;

-- What accounting said last of a session: rebuilt by the next interim.
-- volatile
CREATE TABLE session_counter (
	session {i64} NOT NULL PRIMARY KEY,
	at {i64} NOT NULL,
	in_octets {i64} NOT NULL,
	out_octets {i64} NOT NULL
) {strict};

-- Gateways whose own list of who is in is read: when it was, how many stood in it, since when it cannot be read.
-- volatile
CREATE TABLE gateway_contact (
	gateway {i64} NOT NULL PRIMARY KEY,
	listed_at {i64},
	listed {i64},
	lost_at {i64}
) {strict};

-- What must happen outside: carried out at least once by the process that owns the peer, shown until confirmed.
CREATE TABLE outbox (
	id {id},
	kind TEXT NOT NULL,
	person {i64},
	subject {i64} NOT NULL,
	made_at {i64} NOT NULL,
	done_at {i64},
	say TEXT                        -- what whom it concerns is told
) {strict};

CREATE INDEX outbox_waiting ON outbox (kind, subject) WHERE done_at IS NULL;

-- Mail that goes out, written in the commit of what it tells of. `message` is the whole of it as it is sent; once it is sent nothing of it is kept.
CREATE TABLE mail (
	id {id},
	kind TEXT NOT NULL,             -- what it tells of: decision.asked
	person {i64} REFERENCES person (id),    -- NULL: to an address alone
	address TEXT NOT NULL,          -- personal
	title TEXT NOT NULL,            -- personal
	message {blob},                 -- secret
	made_at {i64} NOT NULL,
	sent_at {i64},
	failed_at {i64},
	cause TEXT NOT NULL
) {strict};
CREATE INDEX mail_unsent ON mail (id) WHERE sent_at IS NULL;
CREATE INDEX mail_person ON mail (person, kind, made_at);

-- How a person wants her mail; no row: Swedish, and the digest comes.
CREATE TABLE mail_wish (
	person {i64} NOT NULL PRIMARY KEY REFERENCES person (id),
	language TEXT NOT NULL,         -- sv or en
	no_digest {i64} NOT NULL
) {strict};

-- How often a message or a delivery has been tried, and when next.
-- volatile
CREATE TABLE post_try (
	kind {i64} NOT NULL,            -- 0 mail, 1 webhook
	id {i64} NOT NULL,
	tries {i64} NOT NULL,
	next_at {i64} NOT NULL,
	cause TEXT NOT NULL,
	PRIMARY KEY (kind, id)
) {keyed};

-- A peer that cannot be spoken to at all, since when and why: the mail server is number 0, webhooks count from 1.
-- volatile
CREATE TABLE post_peer (
	id {id},
	since {i64} NOT NULL,
	tries {i64} NOT NULL,
	next_at {i64} NOT NULL,
	cause TEXT NOT NULL
) {strict};

-- Log-ins to Samordna itself.
CREATE TABLE account (
	person {i64} NOT NULL PRIMARY KEY REFERENCES person (id),
	password {blob},                -- secret
	totp {blob},                    -- secret
	made_at {i64} NOT NULL,
	changed_at {i64} NOT NULL
) {strict};

-- One-time codes: set-up, invitation, recovery, saved codes. Only their hash is kept.
CREATE TABLE account_code (
	id {id},
	person {i64},                   -- NULL: the set-up code of a new home
	kind {i64} NOT NULL,            -- 1 set-up, 2 invitation, 3 recovery, 4 saved
	hash {blob} NOT NULL,           -- secret
	made_at {i64} NOT NULL,
	until {i64} NOT NULL,
	used_at {i64}
) {strict};

-- Programs that may ask the gate: a bearer token each, of which only the hash is kept.
CREATE TABLE account_token (
	id {id},
	name TEXT NOT NULL,
	hash {blob} NOT NULL,           -- secret
	made_at {i64} NOT NULL,
	ended_at {i64}
) {strict};
CREATE UNIQUE INDEX account_token_hash ON account_token (hash);

-- volatile
CREATE TABLE web_session (
	hash {blob} NOT NULL PRIMARY KEY,
	person {i64},                   -- NULL: password given, second factor not yet
	waiting_for {i64},              -- the person whose second factor is awaited
	made_at {i64} NOT NULL,
	seen_at {i64} NOT NULL,
	stepped_up_at {i64} NOT NULL,
	acts_as {i64},                  -- in Övning alone: the fictional person that the coordinator has become
	address TEXT NOT NULL           -- where it began
) {strict};
CREATE INDEX web_session_person ON web_session (person);

-- A login being made: what the holder of a start code has filled in, until the second factor has been shown to work. Or, for somebody
-- who has a login, a new second factor alone (then without code and password).
-- volatile
CREATE TABLE enrolment (
	hash {blob} NOT NULL PRIMARY KEY, -- of the session's token
	code {i64},                     -- the start code it began with
	person {i64},                   -- NULL: the first coordinator of a new home
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	password {blob},
	totp {blob} NOT NULL,
	seed {blob} NOT NULL,           -- the same seed in a box that opens again, for the drawing
	made_at {i64} NOT NULL
) {strict};

-- A TOTP counter is used once.
-- volatile
CREATE TABLE totp_used (
	person {i64} NOT NULL PRIMARY KEY,
	counter {i64} NOT NULL
) {strict};

-- Tries per account and per network, to slow guessing.
-- volatile
CREATE TABLE budget (
	name TEXT NOT NULL PRIMARY KEY,
	tries {i64} NOT NULL,
	since {i64} NOT NULL
) {strict};

-- Folded words for search: kind, word, id; asked by prefix range. Rebuilt from the tables.
-- volatile
CREATE TABLE search_word (
	kind {i64} NOT NULL,
	word TEXT NOT NULL,
	id {i64} NOT NULL,
	PRIMARY KEY (kind, word, id)
) {keyed};

-- How the last verification of the whole log went.
-- volatile
CREATE TABLE audit_verified (
	id {id},                        -- 0
	at {i64} NOT NULL,
	size {i64} NOT NULL,
	faults {i64} NOT NULL
) {strict};

-- volatile
CREATE TABLE job (
	id {id},
	person {i64},
	title TEXT NOT NULL,
	done {i64} NOT NULL,
	total {i64} NOT NULL,
	began_at {i64} NOT NULL,
	ended_at {i64},
	result TEXT NOT NULL
) {strict};
