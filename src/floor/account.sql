-- Log-ins to Samordna itself, and the one-time codes that begin them.

--: account_code_most() -> one (n int)
SELECT coalesce(max(id), -1) AS n FROM account_code;

-- Only the code's hash is kept.
--: account_code_add(id int, person int?, kind int, hash blob, made_at instant, until instant)
INSERT INTO account_code (id, person, kind, hash, made_at, until) VALUES ($1, $2, $3, $4, $5, $6);

--: account_code_find(hash blob) -> one (id int, person int?, kind int, until instant, used_at instant?)
SELECT id, person, kind, until, used_at FROM account_code WHERE hash = $1;

--: account_code_use(used_at instant, id int)
UPDATE account_code SET used_at = $1 WHERE id = $2;
