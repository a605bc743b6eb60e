-- Capacity, third schema: calendars at an address that only its owner has.

-- Who has a calendar feed. Who knows the key in its address reads it without logging in; only the key's hash is kept.
CREATE TABLE capacity_feed (
	person {i64} NOT NULL REFERENCES person (id),
	scope {i64} NOT NULL,           -- 0: her own times; 1: of all who report to her
	hash {blob} NOT NULL,
	made_at {i64} NOT NULL,
	PRIMARY KEY (person, scope)
) {keyed};
CREATE UNIQUE INDEX capacity_feed_hash ON capacity_feed (hash);
