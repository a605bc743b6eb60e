-- Verifying a caller: each step of it, who vouches, who is told, what is held.

--: verify_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_verification;

--: verify_add(id int, person int, errand text, agent int, ticket text, caller blob?, caller_end text, is_stated bool, number_counts bool, started_at instant)
INSERT INTO access_verification (id, person, errand, agent, ticket, caller, caller_end, is_stated, number_counts, started_at, codes, wrong, present_how, outcome, why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, '', 0, '');

--: verify_get(id int) -> one (id int, person int, errand text, agent int, ticket text, caller blob?, caller_end text, is_stated bool, number_counts bool, started_at instant, called_at instant?, code_at instant?, code_until instant?, codes int, wrong int, right_at instant?, bound_at instant?, present_at instant?, present_how text, approved_at instant?, token blob?, token_until instant?, used_at instant?, ended_at instant?, outcome int, why text)
SELECT id, person, errand, agent, ticket, caller, caller_end, is_stated, number_counts, started_at, called_at, code_at, code_until, codes, wrong, right_at,
  bound_at, present_at, present_how, approved_at, token, token_until, used_at, ended_at, outcome, why
FROM access_verification WHERE id = $1;

-- One that is going on with this person: two agents at a time would only be played against each other.
--: verify_open_of(person int, started_at instant) -> one (id int, agent int)
SELECT id, agent FROM access_verification
WHERE person = $1 AND started_at > $2 AND approved_at IS NULL AND ended_at IS NULL ORDER BY id DESC LIMIT 1;

--: verify_called(called_at instant, is_stated bool, id int)
UPDATE access_verification SET called_at = $1, is_stated = $2 WHERE id = $3;

--: verify_coded(code_at instant, code_until instant, codes int, is_stated bool, id int)
UPDATE access_verification SET code_at = $1, code_until = $2, codes = $3, is_stated = $4 WHERE id = $5;

--: verify_was_wrong(wrong int, is_stated bool, id int)
UPDATE access_verification SET wrong = $1, is_stated = $2 WHERE id = $3;

--: verify_was_right(right_at instant, is_stated bool, id int)
UPDATE access_verification SET right_at = $1, is_stated = $2 WHERE id = $3;

--: verify_bound(bound_at instant, id int)
UPDATE access_verification SET bound_at = $1 WHERE id = $2;

--: verify_present(present_at instant, present_how text, is_stated bool, id int)
UPDATE access_verification SET present_at = $1, present_how = $2, is_stated = $3 WHERE id = $4;

--: verify_approve(approved_at instant, token blob, token_until instant, is_stated bool, id int)
UPDATE access_verification SET approved_at = $1, token = $2, token_until = $3, is_stated = $4 WHERE id = $5;

--: verify_used(used_at instant, is_stated bool, id int)
UPDATE access_verification SET used_at = $1, is_stated = $2 WHERE id = $3;

--: verify_over(ended_at instant, outcome int, why text, is_stated bool, id int)
UPDATE access_verification SET ended_at = $1, outcome = $2, why = $3, is_stated = $4 WHERE id = $5;

-- The newest first, a page of 51.
--: verify_page(before int) -> many (id int, person int, code text, name text, is_protected bool, errand text, agent int, agent_name text, ticket text, number_counts bool, started_at instant, called_at instant?, wrong int, right_at instant?, approved_at instant?, token_until instant?, used_at instant?, ended_at instant?, outcome int)
SELECT v.id, v.person, p.code, p.name, p.is_protected, v.errand, v.agent, a.name AS agent_name, v.ticket, v.number_counts, v.started_at, v.called_at, v.wrong,
  v.right_at, v.approved_at, v.token_until, v.used_at, v.ended_at, v.outcome
FROM access_verification v JOIN person p ON p.id = v.person JOIN person a ON a.id = v.agent
WHERE v.id < $1 ORDER BY v.id DESC LIMIT 51;

-- Those of one person since a moment, the newest first: what the agent sees before she begins.
--: verify_of(person int, since instant) -> many (id int, agent int, errand text, started_at instant, wrong int, approved_at instant?, used_at instant?, ended_at instant?, outcome int)
SELECT id, agent, errand, started_at, wrong, approved_at, used_at, ended_at, outcome FROM access_verification
WHERE person = $1 AND started_at > $2 ORDER BY started_at DESC, id DESC LIMIT 20;

-- How many of a person's came to nothing since a moment: denied, given up, or left to lapse.
--: verify_failed(person int, since instant, lapsed instant) -> one (n int)
SELECT count(*) AS n FROM access_verification
WHERE person = $1 AND started_at > $2 AND (outcome <> 0 OR (approved_at IS NULL AND started_at <= $3))
  AND NOT EXISTS (SELECT 1 FROM access_practice p WHERE p.verification = access_verification.id);

-- Persons asked for from one number, and persons whose verification came to nothing with one agent, since a moment.
--: verify_from_number(caller blob, since instant) -> one (n int)
SELECT count(DISTINCT person) AS n FROM access_verification WHERE caller = $1 AND started_at > $2
  AND NOT EXISTS (SELECT 1 FROM access_practice p WHERE p.verification = access_verification.id);

--: verify_through_agent(agent int, since instant) -> one (n int)
SELECT count(DISTINCT person) AS n FROM access_verification WHERE agent = $1 AND started_at > $2 AND (outcome <> 0 OR wrong > 0)
  AND NOT EXISTS (SELECT 1 FROM access_practice p WHERE p.verification = access_verification.id);

-- Resets of a person that were approved since a moment, others than this one.
--: verify_resets(person int, since instant, id int) -> many (id int, errand text)
SELECT id, errand FROM access_verification WHERE person = $1 AND approved_at > $2 AND id <> $3 ORDER BY id DESC LIMIT 20;

-- The rest of a person's that somebody still could go on with: the employee says that it was not she.
--: verify_still_open(person int, since instant) -> many (id int)
SELECT id FROM access_verification WHERE person = $1 AND started_at > $2 AND used_at IS NULL AND ended_at IS NULL ORDER BY id;

-- Calls to somebody right now, for her own page.
--: verify_calls(person int, since instant) -> many (id int, agent int, agent_name text, errand text, started_at instant, code_until instant?, codes int, right_at instant?)
SELECT v.id, v.agent, p.name AS agent_name, v.errand, v.started_at, v.code_until, v.codes, v.right_at
FROM access_verification v JOIN person p ON p.id = v.agent
WHERE v.person = $1 AND v.started_at > $2 AND v.approved_at IS NULL AND v.ended_at IS NULL ORDER BY v.id;

-- Does a device of this person's still log in: a session that is open, or was let in since then?
--: verify_device(person int, now instant, since instant) -> one (n int)
SELECT count(*) AS n FROM session WHERE person = $1 AND ((opened_at IS NOT NULL AND closed_at IS NULL AND until > $2) OR offered_at > $3);

-- The agent has asked a colleague to go on, and none has yet.
--: verify_hand(verification int) -> one (id int, asked_at instant, asked_by int)
SELECT id, asked_at, asked_by FROM access_verification_hand WHERE verification = $1 AND taken_at IS NULL ORDER BY id DESC LIMIT 1;

--: verify_hands(verification int) -> many (asked_at instant, asked_by int, taken_at instant?, taken_by int?)
SELECT asked_at, asked_by, taken_at, taken_by FROM access_verification_hand WHERE verification = $1 ORDER BY id LIMIT 8;

-- All that wait for a colleague, of calls that are going on.
--: verify_hands_open(since instant) -> many (verification int, asked_at instant)
SELECT h.verification, h.asked_at FROM access_verification_hand h JOIN access_verification v ON v.id = h.verification
WHERE h.taken_at IS NULL AND v.started_at > $1 AND v.approved_at IS NULL AND v.ended_at IS NULL ORDER BY h.id LIMIT 50;

--: verify_hand_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_verification_hand;

--: verify_hand_add(id int, verification int, asked_at instant, asked_by int)
INSERT INTO access_verification_hand (id, verification, asked_at, asked_by) VALUES ($1, $2, $3, $4);

--: verify_hand_taken(taken_at instant, taken_by int, id int)
UPDATE access_verification_hand SET taken_at = $1, taken_by = $2 WHERE id = $3;

--: verify_set_agent(agent int, id int)
UPDATE access_verification SET agent = $1 WHERE id = $2;

--: verify_voucher_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_verification_voucher;

--: verify_voucher_add(id int, verification int, person int, asked_at instant, until instant)
INSERT INTO access_verification_voucher (id, verification, person, asked_at, until, is_yes) VALUES ($1, $2, $3, $4, $5, 0);

--: verify_voucher_again(asked_at instant, until instant, id int)
UPDATE access_verification_voucher SET asked_at = $1, until = $2 WHERE id = $3;

--: verify_voucher_answer(answered_at instant, is_yes bool, id int)
UPDATE access_verification_voucher SET answered_at = $1, is_yes = $2 WHERE id = $3;

--: verify_voucher_get(id int) -> one (id int, verification int, person int, asked_at instant, until instant, answered_at instant?, is_yes bool)
SELECT id, verification, person, asked_at, until, answered_at, is_yes FROM access_verification_voucher WHERE id = $1;

--: verify_vouchers(verification int) -> many (id int, person int, name text, asked_at instant, until instant, answered_at instant?, is_yes bool)
SELECT v.id, v.person, p.name, v.asked_at, v.until, v.answered_at, v.is_yes
FROM access_verification_voucher v JOIN person p ON p.id = v.person WHERE v.verification = $1 ORDER BY v.id;

-- What somebody is asked to vouch for now.
--: verify_asked(person int, now instant) -> many (id int, verification int, errand text, name text, until instant)
SELECT w.id, w.verification, v.errand, p.name, w.until
FROM access_verification_voucher w JOIN access_verification v ON v.id = w.verification JOIN person p ON p.id = v.person
WHERE w.person = $1 AND w.until > $2 AND w.answered_at IS NULL AND v.approved_at IS NULL AND v.ended_at IS NULL ORDER BY w.id;

-- All of that, for the list of what waits.
--: verify_asked_all(now instant) -> many (id int, person int, name text, is_protected bool, until instant)
SELECT w.id, w.person, p.name, p.is_protected, w.until
FROM access_verification_voucher w JOIN access_verification v ON v.id = w.verification JOIN person p ON p.id = v.person
WHERE w.until > $1 AND w.answered_at IS NULL AND v.approved_at IS NULL AND v.ended_at IS NULL ORDER BY w.id LIMIT 500;

--: verify_notice_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_verification_notice;

--: verify_notice_add(id int, verification int, person int, kind int, made_at instant)
INSERT INTO access_verification_notice (id, verification, person, kind, made_at) VALUES ($1, $2, $3, $4, $5);

-- What somebody has been told, the newest first.
--: verify_notices(person int, since instant) -> many (id int, verification int, kind int, made_at instant, errand text, subject int, subject_name text, outcome int)
SELECT n.id, n.verification, n.kind, n.made_at, v.errand, v.person AS subject, p.name AS subject_name, v.outcome
FROM access_verification_notice n JOIN access_verification v ON v.id = n.verification JOIN person p ON p.id = v.person
WHERE n.person = $1 AND n.made_at > $2 ORDER BY n.id DESC LIMIT 5;

--: verify_notices_of(verification int) -> many (person int, name text, kind int, made_at instant)
SELECT n.person, p.name, n.kind, n.made_at FROM access_verification_notice n JOIN person p ON p.id = n.person WHERE n.verification = $1 ORDER BY n.id;

-- Somebody who coordinates, to be told when there is no manager.
--: verify_coordinator(role int, person int, agent int) -> one (id int)
SELECT id FROM person WHERE (roles & $1) <> 0 AND left_at IS NULL AND id <> $2 AND id <> $3 ORDER BY id LIMIT 1;

--: verify_call_set(id int, number blob, link blob, code blob, until instant)
INSERT INTO access_verification_call (id, number, link, code, until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET number = excluded.number, link = excluded.link, code = excluded.code, until = excluded.until;

--: verify_call_get(id int) -> one (number blob, link blob, code blob, until instant)
SELECT number, link, code, until FROM access_verification_call WHERE id = $1;

--: verify_call_numbered(number blob, now instant) -> one (id int, until instant)
SELECT id, until FROM access_verification_call WHERE number = $1 AND until > $2;

--: verify_call_linked(link blob) -> one (id int, until instant)
SELECT id, until FROM access_verification_call WHERE link = $1;

--: verify_call_tidy(until instant)
DELETE FROM access_verification_call WHERE until < $1;

--: verify_hold_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_quarantine;

--: verify_hold_add(id int, person int, kind int, from_at instant, until instant, verification int?)
INSERT INTO access_quarantine (id, person, kind, from_at, until, verification) VALUES ($1, $2, $3, $4, $5, $6);

-- What holds somebody now, the longest first.
--: verify_holds(person int, now instant) -> many (kind int, from_at instant, until instant)
SELECT kind, from_at, until FROM access_quarantine WHERE person = $1 AND until > $2 ORDER BY until DESC LIMIT 20;

-- For the standing: what is held of a range of persons.
--: verify_stand(first int, last int, now instant) -> each (person int, until instant)
SELECT person, until FROM access_quarantine WHERE person >= $1 AND person < $2 AND until > $3 ORDER BY person;

--: verify_strict_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_strict;

--: verify_strict_add(id int, from_at instant, until instant, verification int)
INSERT INTO access_strict (id, from_at, until, verification) VALUES ($1, $2, $3, $4);

--: verify_strict(now instant) -> one (until instant?)
SELECT max(until) AS until FROM access_strict WHERE until > $1;

-- For the question's figures: of those that began since a moment, how many were approved, and how many came to nothing.
--: verify_figures(since instant) -> one (n int, approved int, failed int)
SELECT count(*) AS n, count(approved_at) AS approved, count(CASE WHEN outcome <> 0 THEN 1 END) AS failed
FROM access_verification WHERE started_at > $1;
