-- References between records of different points.

--: refer_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM refer;

--: refer_put(id int, point text, name text, to_point text, to_name text, made_at instant)
INSERT INTO refer (id, point, name, to_point, to_name, made_at) VALUES ($1, $2, $3, $4, $5, $6);

--: refer_rows_from(point text, name text) -> many (point text, name text)
SELECT to_point AS point, to_name AS name FROM refer WHERE point = $1 AND name = $2 ORDER BY id LIMIT 50;

-- The latest first.
--: refer_rows_to(to_point text, to_name text) -> many (point text, name text)
SELECT point, name FROM refer WHERE to_point = $1 AND to_name = $2 ORDER BY id DESC LIMIT 50;
