-- References between records of different points.

-- A record of one point refers to a record of another: a vulnerability of an incident to the gateway whose capacity it is about. By the names that the
-- points themselves give their records, so that a point may come, or lay its tables anew, without this one knowing.
CREATE TABLE refer (
	id {id},
	point TEXT NOT NULL,
	name TEXT NOT NULL,
	to_point TEXT NOT NULL,
	to_name TEXT NOT NULL,
	made_at {i64} NOT NULL
) {strict};
CREATE INDEX refer_from ON refer (point, name, id);
CREATE INDEX refer_to ON refer (to_point, to_name, id);
