-- Capacity, second schema: plans of who connects when, what units need of a day, and the places that an adopted plan gives.

-- What the people of one unit need of a day. A unit that does not stand here needs capacity.need_minutes between the hours of the settings.
CREATE TABLE capacity_need (
	unit {i64} NOT NULL PRIMARY KEY REFERENCES unit (id),
	minutes {i64} NOT NULL,         -- each person's, of a day; 0: they are in no plan
	from_minute {i64} NOT NULL,     -- of the day, by the clock on the wall
	until_minute {i64} NOT NULL,
	is_whole {i64} NOT NULL         -- 1: all of it or nothing
) {strict};

-- A plan for one day. What it is made of is not kept: the digest is of that, and the same gives the same plan.
CREATE TABLE capacity_plan (
	id {id},                        -- from 1
	day_at {i64} NOT NULL,          -- the midnight that it begins with
	digest TEXT NOT NULL,
	made_at {i64} NOT NULL,
	people {i64} NOT NULL,          -- who needs places that day and may connect at all
	seats {i64} NOT NULL,           -- unbroken times of persons, a row of capacity_seat each
	kept {i64} NOT NULL,            -- of these, who keeps the beginning of the last plan before
	adopted_at {i64},
	laid {i64} NOT NULL,            -- seats that have been laid down
	undone_at {i64}
) {strict};
CREATE INDEX capacity_plan_day ON capacity_plan (day_at, id);

-- What a plan gives each unit, in times of 20 minutes.
CREATE TABLE capacity_plan_unit (
	plan {i64} NOT NULL REFERENCES capacity_plan (id),
	unit {i64} NOT NULL REFERENCES unit (id),
	class {i64} NOT NULL,
	people {i64} NOT NULL,
	needed {i64} NOT NULL,
	served {i64} NOT NULL,
	less {i64} NOT NULL,            -- persons who get less than they need
	PRIMARY KEY (plan, unit)
) {keyed};

-- The proof: for the classes up to this one nobody could serve more, since these places are all taken.
CREATE TABLE capacity_plan_full (
	plan {i64} NOT NULL REFERENCES capacity_plan (id),
	class {i64} NOT NULL,
	gateway {i64} NOT NULL REFERENCES gateway (id),
	from_at {i64} NOT NULL,
	until {i64} NOT NULL,
	PRIMARY KEY (plan, class, gateway, from_at)
) {keyed};

-- An unbroken time that an adopted plan has given a person: so many slots of 20 minutes, at most 16.
CREATE TABLE capacity_seat (
	id {id},                        -- from 1
	plan {i64} NOT NULL REFERENCES capacity_plan (id),
	person {i64} NOT NULL REFERENCES person (id),
	gateway {i64} NOT NULL REFERENCES gateway (id),
	from_at {i64} NOT NULL,
	slots {i64} NOT NULL,
	cancelled_at {i64}
) {strict};
CREATE INDEX capacity_seat_person ON capacity_seat (person, from_at);
CREATE INDEX capacity_seat_plan ON capacity_seat (plan, id);

-- How many seats begin in a slot at a gateway, and how many hold it: their sum, kept so that nobody has to count a day's seats.
CREATE TABLE capacity_held (
	gateway {i64} NOT NULL REFERENCES gateway (id),
	at {i64} NOT NULL,
	begins {i64} NOT NULL,
	held {i64} NOT NULL,
	PRIMARY KEY (gateway, at)
) {keyed};

-- The class that counts for a unit whatever is set by hand afterwards to raise it: the first that was set, and each lower one since.
-- A raise counts when somebody has decided it (deviation capacity.raised).
CREATE TABLE capacity_class (
	unit {i64} NOT NULL PRIMARY KEY REFERENCES unit (id),
	class {i64} NOT NULL
) {strict};
