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

-- Codes of a person that have not been used, nor closed by newer ones.
--: account_code_open(person int, kind int) -> many (id int, until instant)
SELECT id, until FROM account_code WHERE person = $1 AND kind = $2 AND used_at IS NULL ORDER BY id;

-- A person's unused codes are worth nothing any more.
--: account_code_close(used_at instant, person int)
UPDATE account_code SET used_at = $1 WHERE person = $2 AND used_at IS NULL;

-- When the latest code of a kind was made, 0 never: the banner after a recovery.
-- kept
--: account_code_last(kind int) -> one (made_at instant)
SELECT coalesce(max(made_at), 0) AS made_at FROM account_code WHERE kind = $1;

--: account_get(person int) -> one (password blob?, totp blob?, made_at instant, changed_at instant)
SELECT password, totp, made_at, changed_at FROM account WHERE person = $1;

--: account_any() -> one (person int)
SELECT person FROM account ORDER BY person LIMIT 1;

--: account_add(person int, password blob, totp blob, made_at instant, changed_at instant)
INSERT INTO account (person, password, totp, made_at, changed_at) VALUES ($1, $2, $3, $4, $5);

-- Both factors anew, after an invitation or a recovery.
--: account_renew(password blob, totp blob, changed_at instant, person int)
UPDATE account SET password = $1, totp = $2, changed_at = $3 WHERE person = $4;

-- The same password hashed harder.
--: account_rehash(password blob, person int)
UPDATE account SET password = $1 WHERE person = $2;

-- Nobody logs in until a start code has been used: password and seed are gone.
--: account_close(password blob?, totp blob?, changed_at instant, person int)
UPDATE account SET password = $1, totp = $2, changed_at = $3 WHERE person = $4;

-- Who may log in at all, for the page of accounts.
--: account_list() -> many (person int, code text, name text, roles int, changed_at instant, is_open bool)
SELECT a.person, p.code, p.name, p.roles, a.changed_at, a.password IS NOT NULL AS is_open
FROM account a JOIN person p ON p.id = a.person ORDER BY p.sort, p.id LIMIT 500;

-- Unused saved codes.
--: account_saved_left(person int) -> one (n int)
SELECT count(*) AS n FROM account_code WHERE person = $1 AND kind = 4 AND used_at IS NULL;

-- The start code of a new home is lost: it opens nothing any more.
--: account_code_close_setup(used_at instant, kind int)
UPDATE account_code SET used_at = $1 WHERE kind = $2 AND person IS NULL AND used_at IS NULL;

-- A person's unused codes of one kind are worth nothing any more.
--: account_code_close_kind(used_at instant, person int, kind int)
UPDATE account_code SET used_at = $1 WHERE person = $2 AND kind = $3 AND used_at IS NULL;

--: account_set_password(password blob, changed_at instant, person int)
UPDATE account SET password = $1, changed_at = $2 WHERE person = $3;

--: account_set_totp(totp blob, changed_at instant, person int)
UPDATE account SET totp = $1, changed_at = $2 WHERE person = $3;

-- For the exercise: the first with the role and none of the others, from a number on, who was not made by hand.
--: account_with_role(role int, others int, from_id int) -> one (id int, code text, name text, manager int?)
SELECT id, code, name, manager FROM person
WHERE (roles & $1) = $1 AND (roles & $2) = 0 AND id >= $3 AND left_at IS NULL AND employment_end IS NULL AND is_protected = 0 AND (code < 'local:' OR code >= 'local;')
ORDER BY id LIMIT 1;

-- Is this person somebody's manager?
-- kept
--: account_reports(manager int) -> one (id int)
SELECT id FROM person WHERE manager = $1 AND left_at IS NULL ORDER BY id LIMIT 1;

--: account_set_roles(roles int, id int)
UPDATE person SET roles = $1 WHERE id = $2;

-- The role of the first coordinator, given here: no file takes it away.
--: account_give_role(roles int, kept_roles int, id int)
UPDATE person SET roles = roles | $1, kept_roles = kept_roles | $2 WHERE id = $3;

-- The session of this token's hash.
--: account_session(hash blob) -> one (person int?, waiting_for int?, made_at instant, seen_at instant, stepped_up_at instant, acts_as int?)
SELECT person, waiting_for, made_at, seen_at, stepped_up_at, acts_as FROM web_session WHERE hash = $1;

--: account_session_add(hash blob, person int?, waiting_for int?, made_at instant, seen_at instant, stepped_up_at instant, address text)
INSERT INTO web_session (hash, person, waiting_for, made_at, seen_at, stepped_up_at, address) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- Where a person is logged in.
--: account_sessions_of(person int) -> many (hash blob, made_at instant, seen_at instant, address text)
SELECT hash, made_at, seen_at, address FROM web_session WHERE person = $1 ORDER BY made_at DESC LIMIT 50;

--: account_session_seen(seen_at instant, hash blob)
UPDATE web_session SET seen_at = $1 WHERE hash = $2 AND seen_at < $1;

--: account_session_step_up(stepped_up_at instant, hash blob)
UPDATE web_session SET stepped_up_at = $1 WHERE hash = $2;

--: account_session_act(acts_as int?, hash blob)
UPDATE web_session SET acts_as = $1 WHERE hash = $2;

--: account_session_drop(hash blob)
DELETE FROM web_session WHERE hash = $1;

--: account_session_drop_all(person int)
DELETE FROM web_session WHERE person = $1 OR waiting_for = $1;

-- All of a person's but the one in hand.
--: account_session_drop_others(person int, hash blob)
DELETE FROM web_session WHERE (person = $1 OR waiting_for = $1) AND hash <> $2;

-- What nobody has used for a day is over by every rule.
--: account_session_tidy(seen_at instant)
DELETE FROM web_session WHERE seen_at < $1;

-- A login being made.
--: account_enrolment(hash blob) -> one (code int?, person int?, name text, email text, password blob?, totp blob, seed blob, made_at instant)
SELECT code, person, name, email, password, totp, seed, made_at FROM enrolment WHERE hash = $1;

--: account_enrolment_add(hash blob, code int?, person int?, name text, email text, password blob?, totp blob, seed blob, made_at instant)
INSERT INTO enrolment (hash, code, person, name, email, password, totp, seed, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (hash) DO UPDATE SET code = excluded.code, person = excluded.person, name = excluded.name, email = excluded.email,
  password = excluded.password, totp = excluded.totp, seed = excluded.seed, made_at = excluded.made_at;

--: account_enrolment_drop(hash blob)
DELETE FROM enrolment WHERE hash = $1;

--: account_enrolment_tidy(made_at instant)
DELETE FROM enrolment WHERE made_at < $1;

--: account_totp_used(person int) -> one (counter int)
SELECT counter FROM totp_used WHERE person = $1;

--: account_totp_use(person int, counter int)
INSERT INTO totp_used (person, counter) VALUES ($1, $2)
ON CONFLICT (person) DO UPDATE SET counter = excluded.counter;

--: account_budget(name text) -> one (tries int, since instant)
SELECT tries, since FROM budget WHERE name = $1;

--: account_budget_set(name text, tries int, since instant)
INSERT INTO budget (name, tries, since) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET tries = excluded.tries, since = excluded.since;

--: account_budget_drop(name text)
DELETE FROM budget WHERE name = $1;

--: account_budget_tidy(since instant)
DELETE FROM budget WHERE since < $1;

-- Programs.
--: account_token_find(hash blob) -> one (id int, name text, ended_at instant?)
SELECT id, name, ended_at FROM account_token WHERE hash = $1;

--: account_token_list() -> many (id int, name text, made_at instant, ended_at instant?)
SELECT id, name, made_at, ended_at FROM account_token ORDER BY id;

--: account_token_most() -> one (n int)
SELECT coalesce(max(id), -1) AS n FROM account_token;

--: account_token_add(id int, name text, hash blob, made_at instant)
INSERT INTO account_token (id, name, hash, made_at) VALUES ($1, $2, $3, $4);

--: account_token_end(ended_at instant, id int)
UPDATE account_token SET ended_at = $1 WHERE id = $2;
