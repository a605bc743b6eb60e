-- Long work and how far it has come: volatile, but in the same commit as its steps.

--: job_begin(id int, person int?, title text, began_at instant)
INSERT INTO job (id, person, title, done, total, began_at, result) VALUES ($1, $2, $3, 0, 0, $4, '');

-- Checked, and now to be done.
--: job_accept(total int, result text, id int)
UPDATE job SET total = $1, result = $2 WHERE id = $3;

--: job_set(done int, id int)
UPDATE job SET done = $1 WHERE id = $2;

--: job_end(ended_at instant?, result text, id int)
UPDATE job SET ended_at = $1, result = $2 WHERE id = $3;

--: job_drop(id int)
DELETE FROM job WHERE id = $1;

--: job_get(id int) -> one (person int?, title text, done int, total int, began_at instant, ended_at instant?, result text)
SELECT person, title, done, total, began_at, ended_at, result FROM job WHERE id = $1;
