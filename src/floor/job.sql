-- Long work and how far it has come: volatile, but in the same commit as its steps.

--: job_begin(id int, title text, total int, began_at instant, result text)
INSERT INTO job (id, title, done, total, began_at, result) VALUES ($1, $2, 0, $3, $4, $5);

--: job_set(done int, id int)
UPDATE job SET done = $1 WHERE id = $2;

--: job_end(ended_at instant?, id int)
UPDATE job SET ended_at = $1 WHERE id = $2;

--: job_drop(id int)
DELETE FROM job WHERE id = $1;

--: job_get(id int) -> one (title text, done int, total int, began_at instant, ended_at instant?, result text)
SELECT title, done, total, began_at, ended_at, result FROM job WHERE id = $1;
