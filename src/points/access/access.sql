-- Access: grants, what they are for, their review, and the self-assessment of the five steps.

-- What the standing keeps of a range of persons: every grant that was executed and not ended, and not over for long.
--: access_stand_grants(first int, last int, after instant) -> each (person int, until instant, from_at instant, service int, suspended_at instant?)
SELECT person, until, from_at, service, suspended_at
FROM access_grant
WHERE executed_at IS NOT NULL AND ended_at IS NULL AND person >= $1 AND person < $2 AND until > $3
ORDER BY person, until;

-- When each person's employment ends or ended.
--: access_stand_ends(first int, last int) -> each (id int, employment_end instant?, left_at instant?)
SELECT id, employment_end, left_at FROM person
WHERE id >= $1 AND id < $2 AND (employment_end IS NOT NULL OR left_at IS NOT NULL)
ORDER BY id;

-- Those who hold more than what a slice has room for.
--: access_stand_many(after instant) -> each (person int, until instant, from_at instant, service int, suspended_at instant?)
SELECT g.person, g.until, g.from_at, g.service, g.suspended_at
FROM access_crowd c JOIN access_grant g ON g.person = c.person
WHERE g.executed_at IS NOT NULL AND g.ended_at IS NULL AND g.until > $1
ORDER BY g.person, g.until;

-- How many rows that is, and whether this person is among them.
--: access_stand_crowd(person int, after instant) -> one (n int, has_person int)
SELECT count(*) AS n, count(CASE WHEN g.person = $1 THEN 1 END) AS has_person
FROM access_crowd c JOIN access_grant g ON g.person = c.person
WHERE g.executed_at IS NOT NULL AND g.ended_at IS NULL AND g.until > $2;

--: access_crowd_add(person int)
INSERT INTO access_crowd (person) VALUES ($1);

-- How many rows of the standing a person has.
--: access_stand_count(person int, after instant) -> one (n int)
SELECT count(*) AS n FROM access_grant
WHERE executed_at IS NOT NULL AND ended_at IS NULL AND person = $1 AND until > $2;

--: access_services() -> many (id int, name text, folded text)
SELECT id, name, folded FROM access_service ORDER BY id;

-- A service by its name in canonical form.
--: access_service_named(folded text) -> one (id int, name text)
SELECT id, name FROM access_service WHERE folded = $1;

--: access_service_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_service;

--: access_service_add(id int, name text, folded text)
INSERT INTO access_service (id, name, folded) VALUES ($1, $2, $3);

--: access_grant_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_grant;

-- Everything about one grant that a move needs.
--: access_grant_get(id int) -> one (id int, person int, service int, service_name text, purpose text, from_at instant, until instant, requested_by int?, requested_at instant, returned_by int?, returned_at instant?, return_reason text?, approved_by int?, approved_at instant?, rejected_by int?, rejected_at instant?, reject_reason text?, withdrawn_at instant?, executed_by int?, executed_at instant?, rule_version int?, is_stated bool, suspended_by int?, suspended_at instant?, suspend_reason text?, ended_by int?, ended_at instant?, end_reason text?, review_due_at instant)
SELECT g.id, g.person, g.service, s.name AS service_name, g.purpose, g.from_at, g.until, g.requested_by, g.requested_at,
  g.returned_by, g.returned_at, g.return_reason, g.approved_by, g.approved_at, g.rejected_by, g.rejected_at, g.reject_reason,
  g.withdrawn_at, g.executed_by, g.executed_at, g.rule_version, g.is_stated, g.suspended_by, g.suspended_at, g.suspend_reason,
  g.ended_by, g.ended_at, g.end_reason, g.review_due_at
FROM access_grant g JOIN access_service s ON s.id = g.service
WHERE g.id = $1;

-- A request, or a grant stated whole: then the last five are there.
--: access_grant_add(id int, person int, service int, purpose text, from_at instant, until instant, requested_by int?, requested_at instant, approved_by int?, approved_at instant?, executed_by int?, executed_at instant?, rule_version int?, is_stated bool, review_due_at instant)
INSERT INTO access_grant (id, person, service, purpose, from_at, until, requested_by, requested_at, approved_by, approved_at,
  executed_by, executed_at, rule_version, is_stated, review_due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- A request that stands already: two presses of one button ask once.
--: access_grant_same(person int, service int, from_at instant, until instant) -> one (id int)
SELECT id FROM access_grant
WHERE person = $1 AND service = $2 AND from_at = $3 AND until = $4 AND approved_at IS NULL AND rejected_at IS NULL
  AND withdrawn_at IS NULL AND ended_at IS NULL
ORDER BY id LIMIT 1;

-- Sent back with a comment.
--: access_grant_return(returned_by int?, returned_at instant?, return_reason text?, id int)
UPDATE access_grant SET returned_by = $1, returned_at = $2, return_reason = $3 WHERE id = $4;

-- Asked again, in other words.
--: access_grant_again(purpose text, from_at instant, until instant, id int)
UPDATE access_grant SET purpose = $1, from_at = $2, until = $3, returned_by = NULL, returned_at = NULL, return_reason = NULL
WHERE id = $4;

--: access_grant_approve(approved_by int, approved_at instant, is_stated bool, id int)
UPDATE access_grant SET approved_by = $1, approved_at = $2, is_stated = $3 WHERE id = $4;

--: access_grant_reject(rejected_by int, rejected_at instant, reject_reason text, id int)
UPDATE access_grant SET rejected_by = $1, rejected_at = $2, reject_reason = $3 WHERE id = $4;

--: access_grant_withdraw(withdrawn_at instant, id int)
UPDATE access_grant SET withdrawn_at = $1 WHERE id = $2;

--: access_grant_execute(executed_by int, executed_at instant, is_stated bool, id int)
UPDATE access_grant SET executed_by = $1, executed_at = $2, is_stated = $3 WHERE id = $4;

--: access_grant_suspend(suspended_by int?, suspended_at instant?, suspend_reason text?, id int)
UPDATE access_grant SET suspended_by = $1, suspended_at = $2, suspend_reason = $3 WHERE id = $4;

--: access_grant_end(ended_by int?, ended_at instant, end_reason text, id int)
UPDATE access_grant SET ended_by = $1, ended_at = $2, end_reason = $3 WHERE id = $4;

--: access_grant_reviewed(review_due_at instant, id int)
UPDATE access_grant SET review_due_at = $1 WHERE id = $2;

-- What ends when a person leaves: all that is asked for, approved or open.
--: access_grant_of_leaver(person int, now instant) -> many (id int)
SELECT id FROM access_grant
WHERE person = $1 AND until > $2 AND ended_at IS NULL AND rejected_at IS NULL AND withdrawn_at IS NULL
ORDER BY id;

-- What still opens for a person: when the unit changes, all of it is reviewed at once.
--: access_grant_of_mover(person int, now instant) -> many (id int)
SELECT id FROM access_grant
WHERE person = $1 AND until > $2 AND executed_at IS NOT NULL AND ended_at IS NULL
ORDER BY id;

-- Grants for a list, a page of 51 from a number down.
--: access_list_page(before int) -> many (id int, person int, code text, name text, is_protected bool, service text, from_at instant, until instant, approved_at instant?, executed_at instant?, rejected_at instant?, withdrawn_at instant?, returned_at instant?, suspended_at instant?, ended_at instant?, is_stated bool)
SELECT g.id, g.person, p.code, p.name, p.is_protected, s.name AS service, g.from_at, g.until, g.approved_at, g.executed_at,
  g.rejected_at, g.withdrawn_at, g.returned_at, g.suspended_at, g.ended_at, g.is_stated
FROM access_grant g JOIN access_service s ON s.id = g.service JOIN person p ON p.id = g.person
WHERE g.id < $1 ORDER BY g.id DESC LIMIT 51;

-- The same, of one person.
--: access_list_of(person int) -> many (id int, person int, code text, name text, is_protected bool, service text, from_at instant, until instant, approved_at instant?, executed_at instant?, rejected_at instant?, withdrawn_at instant?, returned_at instant?, suspended_at instant?, ended_at instant?, is_stated bool)
SELECT g.id, g.person, p.code, p.name, p.is_protected, s.name AS service, g.from_at, g.until, g.approved_at, g.executed_at,
  g.rejected_at, g.withdrawn_at, g.returned_at, g.suspended_at, g.ended_at, g.is_stated
FROM access_grant g JOIN access_service s ON s.id = g.service JOIN person p ON p.id = g.person
WHERE g.person = $1 ORDER BY g.id DESC LIMIT 200;

-- The same, of the people of one manager.
--: access_list_managed(manager int?, before int) -> many (id int, person int, code text, name text, is_protected bool, service text, from_at instant, until instant, approved_at instant?, executed_at instant?, rejected_at instant?, withdrawn_at instant?, returned_at instant?, suspended_at instant?, ended_at instant?, is_stated bool)
SELECT g.id, g.person, p.code, p.name, p.is_protected, s.name AS service, g.from_at, g.until, g.approved_at, g.executed_at,
  g.rejected_at, g.withdrawn_at, g.returned_at, g.suspended_at, g.ended_at, g.is_stated
FROM person p JOIN access_grant g ON g.person = p.id JOIN access_service s ON s.id = g.service
WHERE p.manager = $1 AND g.id < $2 ORDER BY g.id DESC LIMIT 51;

-- The same, of what waits for an approver or an executor: in one legal body, or in all (-1).
--: access_list_waiting(before int, body int) -> many (id int, person int, code text, name text, is_protected bool, service text, from_at instant, until instant, approved_at instant?, executed_at instant?, rejected_at instant?, withdrawn_at instant?, returned_at instant?, suspended_at instant?, ended_at instant?, is_stated bool)
SELECT g.id, g.person, p.code, p.name, p.is_protected, s.name AS service, g.from_at, g.until, g.approved_at, g.executed_at,
  g.rejected_at, g.withdrawn_at, g.returned_at, g.suspended_at, g.ended_at, g.is_stated
FROM access_grant g JOIN access_service s ON s.id = g.service JOIN person p ON p.id = g.person JOIN unit u ON u.id = p.unit
WHERE g.executed_at IS NULL AND g.rejected_at IS NULL AND g.withdrawn_at IS NULL AND g.ended_at IS NULL AND g.id < $1
  AND (u.body = $2 OR $2 < 0)
ORDER BY g.id DESC LIMIT 51;

-- All, for the command line.
--: access_list_all() -> each (id int, code text, service text, from_at instant, until instant, approved_at instant?, executed_at instant?, rejected_at instant?, withdrawn_at instant?, returned_at instant?, suspended_at instant?, ended_at instant?, is_stated bool)
SELECT g.id, p.code, s.name AS service, g.from_at, g.until, g.approved_at, g.executed_at, g.rejected_at, g.withdrawn_at,
  g.returned_at, g.suspended_at, g.ended_at, g.is_stated
FROM access_grant g JOIN access_service s ON s.id = g.service JOIN person p ON p.id = g.person
ORDER BY g.id;

-- Open now; of those, by a trace of all three acts here, and by a statement of acts elsewhere.
--: access_figure_open(now instant) -> one (n int, stated int, overdue int)
SELECT count(*) AS n, count(CASE WHEN is_stated = 1 THEN 1 END) AS stated,
  count(CASE WHEN review_due_at <= $1 THEN 1 END) AS overdue
FROM access_grant
WHERE executed_at IS NOT NULL AND ended_at IS NULL AND from_at <= $1 AND until > $1;

-- Leavers whose grants were not ended: must be none.
--: access_figure_leavers(now instant) -> one (n int)
SELECT count(*) AS n
FROM access_grant g JOIN person p ON p.id = g.person
WHERE g.executed_at IS NOT NULL AND g.ended_at IS NULL AND g.until > $1 AND (p.left_at <= $1 OR p.employment_end <= $1);

-- When anything last happened to any grant, and whether anybody is imported.
--: access_figure_people() -> one (n int)
SELECT count(*) AS n FROM (SELECT id FROM person LIMIT 1) AS one;

--: access_figure_grants() -> one (n int, newest instant?)
SELECT count(*) AS n, max(coalesce(executed_at, requested_at)) AS newest FROM access_grant;

-- Asked for and not decided, decided and not executed, the oldest of each.
--: access_figure_waiting(now instant) -> one (to_approve int, to_execute int, oldest instant?)
SELECT count(CASE WHEN approved_at IS NULL THEN 1 END) AS to_approve, count(approved_at) AS to_execute, min(requested_at) AS oldest
FROM access_grant
WHERE executed_at IS NULL AND rejected_at IS NULL AND withdrawn_at IS NULL AND ended_at IS NULL AND returned_at IS NULL AND until > $1;

-- What waits, with whom it concerns: for the to-do list.
--: access_due_waiting(now instant) -> many (id int, person int, name text, is_protected bool, manager int?, body int, service text, from_at instant, requested_by int?, requested_at instant, approved_by int?, approved_at instant?, returned_at instant?)
SELECT g.id, g.person, p.name, p.is_protected, p.manager, u.body, s.name AS service, g.from_at, g.requested_by, g.requested_at,
  g.approved_by, g.approved_at, g.returned_at
FROM access_grant g JOIN person p ON p.id = g.person JOIN unit u ON u.id = p.unit JOIN access_service s ON s.id = g.service
WHERE g.executed_at IS NULL AND g.rejected_at IS NULL AND g.withdrawn_at IS NULL AND g.ended_at IS NULL AND g.until > $1
ORDER BY g.requested_at, g.id LIMIT 500;

-- Whose grants are past the day when they should have been checked, by manager.
--: access_due_checks(now instant) -> many (manager int?, n int, oldest instant?)
SELECT p.manager, count(*) AS n, min(g.review_due_at) AS oldest
FROM access_grant g JOIN person p ON p.id = g.person
WHERE g.executed_at IS NOT NULL AND g.ended_at IS NULL AND g.until > $1 AND g.review_due_at <= $1
GROUP BY p.manager ORDER BY p.manager;

--: access_review_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_review;

--: access_review_add(id int, name text, began_at instant, due_at instant, started_by int?)
INSERT INTO access_review (id, name, began_at, due_at, started_by) VALUES ($1, $2, $3, $4, $5);

--: access_review_close(closed_at instant, id int)
UPDATE access_review SET closed_at = $1 WHERE id = $2;

--: access_review_get(id int) -> one (id int, name text, began_at instant, due_at instant, started_by int?, closed_at instant?)
SELECT id, name, began_at, due_at, started_by, closed_at FROM access_review WHERE id = $1;

--: access_review_all() -> many (id int, name text, began_at instant, due_at instant, closed_at instant?)
SELECT id, name, began_at, due_at, closed_at FROM access_review ORDER BY id DESC LIMIT 50;

-- How far a review has come. A grant that has ended since needs no answer.
--: access_review_count(review int, began_at instant) -> one (n int, answered int)
SELECT count(*) AS n, count(i.id) AS answered
FROM access_grant g LEFT JOIN access_review_item i ON i.grant_id = g.id AND i.review = $1
WHERE g.executed_at IS NOT NULL AND g.executed_at <= $2 AND g.until > $2
  AND (g.ended_at IS NULL OR i.id IS NOT NULL);

-- What is left to answer for one reviewer: a manager's people, in a system owner's body (-1: none) those without a manager, and, when it has gone so far
-- (superior), those of managers who report to her.
--: access_review_open(began_at instant, now instant, review int, after int, manager int?, body int, superior int?) -> many (id int, person int, code text, name text, is_protected bool, manager int?, superior int?, body int, service text, purpose text, from_at instant, until instant)
SELECT g.id, g.person, p.code, p.name, p.is_protected, p.manager, (SELECT m.manager FROM person m WHERE m.id = p.manager) AS superior,
  u.body, s.name AS service, g.purpose, g.from_at, g.until
FROM access_grant g JOIN person p ON p.id = g.person JOIN unit u ON u.id = p.unit JOIN access_service s ON s.id = g.service
WHERE g.executed_at IS NOT NULL AND g.executed_at <= $1 AND g.until > $2 AND g.ended_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM access_review_item i WHERE i.review = $3 AND i.grant_id = g.id)
  AND g.id > $4 AND (p.manager = $5 OR (p.manager IS NULL AND u.body = $6) OR EXISTS (SELECT 1 FROM person m WHERE m.id = p.manager AND m.manager = $7))
ORDER BY g.id LIMIT 51;

-- How much of it waits for each manager.
--: access_review_by_manager(began_at instant, now instant, review int) -> many (manager int?, n int)
SELECT p.manager, count(*) AS n
FROM access_grant g JOIN person p ON p.id = g.person
WHERE g.executed_at IS NOT NULL AND g.executed_at <= $1 AND g.until > $2 AND g.ended_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM access_review_item i WHERE i.review = $3 AND i.grant_id = g.id)
GROUP BY p.manager ORDER BY p.manager;

-- How much of it waits below whom: the manager of those who have not answered.
--: access_review_by_superior(began_at instant, now instant, review int) -> many (superior int?, n int)
SELECT superior, count(*) AS n
FROM (SELECT (SELECT m.manager FROM person m WHERE m.id = p.manager) AS superior FROM access_grant g JOIN person p ON p.id = g.person
  WHERE g.executed_at IS NOT NULL AND g.executed_at <= $1 AND g.until > $2 AND g.ended_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM access_review_item i WHERE i.review = $3 AND i.grant_id = g.id)) AS items
GROUP BY superior ORDER BY superior;

--: access_review_answered(review int, grant_id int) -> one (id int, answer int)
SELECT id, answer FROM access_review_item WHERE review = $1 AND grant_id = $2;

--: access_review_item_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM access_review_item;

--: access_review_answer(id int, review int, grant_id int, answer int, note text, reviewer int, answered_at instant)
INSERT INTO access_review_item (id, review, grant_id, answer, note, reviewer, answered_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

--: access_step_all() -> many (id int, is_met bool, rule text, owner int?, evidence text, assessed_by int?, assessed_at instant)
SELECT id, is_met, rule, owner, evidence, assessed_by, assessed_at FROM access_step ORDER BY id;

-- A first or a new assessment of a step; the log keeps the former ones.
--: access_step_set(id int, is_met bool, rule text, owner int?, evidence text, assessed_by int?, assessed_at instant)
INSERT INTO access_step (id, is_met, rule, owner, evidence, assessed_by, assessed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET is_met = excluded.is_met, rule = excluded.rule, owner = excluded.owner,
  evidence = excluded.evidence, assessed_by = excluded.assessed_by, assessed_at = excluded.assessed_at;

-- Somebody by number, for lists and for the question who may do what.
--: access_person(id int) -> one (code text, name text, is_protected bool, body int, roles int, manager int?, employment_end instant?, left_at instant?)
SELECT p.code, p.name, p.is_protected, u.body, p.roles, p.manager, p.employment_end, p.left_at FROM person p JOIN unit u ON u.id = p.unit WHERE p.id = $1;

-- Some who can decide for a legal body: to be named where somebody else must act.
--: access_deciders(body int, role int) -> many (id int, name text)
SELECT p.id, p.name FROM unit u JOIN person p ON p.unit = u.id
WHERE u.body = $1 AND (p.roles & $2) <> 0 AND p.left_at IS NULL AND p.is_protected = 0 ORDER BY p.id LIMIT 4;

-- Is somebody's manager: then the role of manager is there without being written.
--: access_manages(manager int?) -> one (n int)
SELECT count(*) AS n FROM (SELECT id FROM person WHERE manager = $1 AND left_at IS NULL LIMIT 1) AS one;

-- For whom somebody stands in now.
--: access_stands_in(deputy int, now instant) -> many (person int, roles int, body int)
SELECT d.person, p.roles, u.body FROM deputy d JOIN person p ON p.id = d.person JOIN unit u ON u.id = p.unit
WHERE d.deputy = $1 AND d.from_at <= $2 AND d.until > $2;
