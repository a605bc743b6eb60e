-- Capacity, first schema: what each gateway can carry, what is on order, and what a unit does without a connection.

-- The limits of one gateway. NULL: that limit is not known. The smallest of those that are known counts.
CREATE TABLE capacity_limit (
	gateway {i64} NOT NULL PRIMARY KEY REFERENCES gateway (id),
	licence {i64},                  -- sessions that are paid for
	tested {i64},                   -- sessions at which it still worked well
	tested_at {i64},                -- the day of that test
	addresses {i64},                -- addresses to hand out
	throughput {i64},               -- of the line, kbit/s
	share {i64},                    -- planned for one session, kbit/s
	logins {i64},                   -- log-ins a minute that the server of passwords can take
	reduced {i64},                  -- for now no more than this many, whatever the others say
	changed_at {i64} NOT NULL
) {strict};

-- Ordered: more places to come. The delivery day and the cost are what has been promised.
CREATE TABLE capacity_order (
	id {id},                        -- from 1
	gateway {i64} NOT NULL REFERENCES gateway (id),
	places {i64} NOT NULL,
	delivery_at {i64} NOT NULL,
	cost {i64} NOT NULL,            -- in whole kronor
	note TEXT NOT NULL,
	ordered_at {i64} NOT NULL,
	ended_at {i64},
	is_delivered {i64}              -- with ended_at: 1 delivered, 0 cancelled
) {strict};
CREATE INDEX capacity_order_gateway ON capacity_order (gateway, id);

-- Units whose people may use the reserve, and what each unit does when it has no connection.
CREATE TABLE capacity_unit (
	unit {i64} NOT NULL PRIMARY KEY REFERENCES unit (id),
	is_reserve {i64} NOT NULL,
	instead TEXT NOT NULL           -- shown in each refusal and on /me; empty: nothing said
) {strict};

-- Who was warned that her place is needed: she keeps it until ends_at.
CREATE TABLE capacity_notice (
	id {id},                        -- from 1
	session {i64} NOT NULL,
	person {i64} NOT NULL REFERENCES person (id),
	gateway {i64} NOT NULL REFERENCES gateway (id),
	class {i64} NOT NULL,           -- of her unit then
	made_at {i64} NOT NULL,
	ends_at {i64} NOT NULL,
	back_at {i64} NOT NULL,         -- when she was told to come back
	slot {i64},                     -- booked for her then, when one was left
	over_at {i64},
	outcome TEXT                    -- ended, lapsed, left
) {strict};
CREATE INDEX capacity_notice_waiting ON capacity_notice (gateway, ends_at) WHERE over_at IS NULL;
CREATE INDEX capacity_notice_person ON capacity_notice (person, made_at);
CREATE INDEX capacity_notice_session ON capacity_notice (session);

-- Booked times: 20 minutes in which a place is this person's.
CREATE TABLE capacity_slot (
	id {id},                        -- from 1
	person {i64} NOT NULL REFERENCES person (id),
	gateway {i64} NOT NULL REFERENCES gateway (id),
	from_at {i64} NOT NULL,
	made_at {i64} NOT NULL,
	cancelled_at {i64}
) {strict};
CREATE INDEX capacity_slot_person ON capacity_slot (person, from_at);
CREATE INDEX capacity_slot_from ON capacity_slot (from_at, gateway);
