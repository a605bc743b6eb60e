-- Capacity, fourth schema: fetch lists.

-- What somebody wants to fetch to her computer while she is connected. Between began_at and until she is not asked for her place.
CREATE TABLE capacity_fetch (
	id {id},                        -- from 1
	person {i64} NOT NULL REFERENCES person (id),
	gateway {i64} NOT NULL REFERENCES gateway (id),
	what TEXT NOT NULL,             -- personal
	device TEXT NOT NULL,           -- personal
	megabytes {i64} NOT NULL,
	level {i64} NOT NULL,           -- of the information, on the consequence scale
	erase_at {i64} NOT NULL,        -- the day by which it is gone from the computer
	made_at {i64} NOT NULL,
	began_at {i64},
	until {i64},                    -- with began_at: as long as it may take
	over_at {i64},
	is_fetched {i64},               -- with over_at: 1 fetched, 0 given up
	erased_at {i64}
) {strict};
CREATE INDEX capacity_fetch_person ON capacity_fetch (person, id);
CREATE INDEX capacity_fetch_open ON capacity_fetch (gateway, until) WHERE over_at IS NULL;
