-- Risk decisions and deviations.

-- One, with its deviation.
--: decide_get(id int) -> one (id int, asker int, body int, title text, why text, proposal text, measures text, level int, decider int, answer_by instant, drafted_at instant, asked_at instant?, returned_at instant?, withdrawn_at instant?, hash text, signed_at instant?, signed_by int?, is_yes bool, terms text, motive text, frozen_unit int, frozen_class int, frozen_scale text, stale_at instant?, revoked_at instant?, revoked_by int?, supersedes int?, deviation int, reason text, person int?, unit int?, gateway int?, from_at instant, until instant, ended_at instant?, followed_at instant?)
SELECT d.id, d.asker, d.body, d.title, d.why, d.proposal, d.measures, d.level, d.decider, d.answer_by, d.drafted_at, d.asked_at, d.returned_at,
  d.withdrawn_at, d.hash, d.signed_at, d.signed_by, d.is_yes, d.terms, d.motive, d.frozen_unit, d.frozen_class, d.frozen_scale, d.stale_at,
  d.revoked_at, d.revoked_by, d.supersedes, v.id AS deviation, v.reason, v.person, v.unit, v.gateway, v.from_at, v.until, v.ended_at, v.followed_at
FROM decision d JOIN deviation v ON v.decision = d.id WHERE d.id = $1;

-- The numbers of all, newest first.
--: decide_numbers() -> many (id int)
SELECT id FROM decision ORDER BY id DESC LIMIT 1000;

-- The numbers of those that wait or whose end is not long over.
--: decide_open(since instant) -> many (id int)
SELECT d.id FROM decision d JOIN deviation v ON v.decision = d.id
WHERE d.withdrawn_at IS NULL AND v.until > $1 AND v.followed_at IS NULL AND (d.signed_at IS NULL OR d.is_yes = 1)
ORDER BY d.id LIMIT 5000;

--: decide_options(decision int) -> many (number int, name text, happens text, likely text, means text, cost text)
SELECT number, name, happens, likely, means, cost FROM decision_option WHERE decision = $1 ORDER BY number;

--: decide_steps(decision int) -> many (id int, at instant, person int?, move int, words text, hash text)
SELECT id, at, person, move, words, hash FROM decision_step WHERE decision = $1 ORDER BY id;

-- What the gate must know: signed with yes, neither revoked nor over.
--: decide_in_force(now instant) -> many (id int, body int, reason text, person int?, unit int?, gateway int?, from_at instant, until instant, ended_at instant?, signed_at instant?, stale_at instant?, frozen_unit int, frozen_class int)
SELECT d.id, d.body, v.reason, v.person, v.unit, v.gateway, v.from_at, v.until, v.ended_at, d.signed_at, d.stale_at, d.frozen_unit, d.frozen_class
FROM deviation v JOIN decision d ON d.id = v.decision
WHERE v.until > $1 AND d.signed_at IS NOT NULL AND d.is_yes = 1 AND d.revoked_at IS NULL AND d.withdrawn_at IS NULL AND v.ended_at IS NULL
ORDER BY d.id;

--: decide_in_force_count(now instant) -> one (n int)
SELECT count(*) AS n FROM deviation v JOIN decision d ON d.id = v.decision
WHERE v.until > $1 AND d.signed_at IS NOT NULL AND d.is_yes = 1 AND d.revoked_at IS NULL AND v.ended_at IS NULL
  AND v.reason <> 'risk' AND (v.reason < 'urgent:' OR v.reason >= 'urgent;');

--: decide_unit(id int) -> one (name text, body int, class int)
SELECT name, body, class FROM unit WHERE id = $1;

-- By number; numbers have no gaps, so the next is one more than the last.
--: decide_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM decision;

--: decide_option_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM decision_option;

--: decide_step_most() -> one (n int)
SELECT coalesce(max(id), 0) AS n FROM decision_step;

--: decide_add(id int, asker int, body int, title text, why text, proposal text, measures text, level int, decider int, answer_by instant, drafted_at instant, hash text, is_yes bool, terms text, motive text, frozen_unit int, frozen_class int, frozen_scale text, supersedes int?)
INSERT INTO decision (id, asker, body, title, why, proposal, measures, level, decider, answer_by, drafted_at, hash, is_yes, terms, motive,
  frozen_unit, frozen_class, frozen_scale, supersedes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

--: decide_deviation_add(id int, decision int, reason text, person int?, unit int?, gateway int?, from_at instant, until instant)
INSERT INTO deviation (id, decision, reason, person, unit, gateway, from_at, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

--: decide_option_add(id int, decision int, number int, name text, happens text, likely text, means text, cost text)
INSERT INTO decision_option (id, decision, number, name, happens, likely, means, cost) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

--: decide_step_add(id int, decision int, at instant, person int?, move int, words text, hash text)
INSERT INTO decision_step (id, decision, at, person, move, words, hash) VALUES ($1, $2, $3, $4, $5, $6, $7);

--: decide_set_asked(asked_at instant?, hash text, id int)
UPDATE decision SET asked_at = $1, hash = $2 WHERE id = $3;

-- Sent back: what was asked about is asked no more, until it is asked again.
--: decide_set_returned(returned_at instant?, asked_at instant?, id int)
UPDATE decision SET returned_at = $1, asked_at = $2 WHERE id = $3;

--: decide_set_withdrawn(withdrawn_at instant?, id int)
UPDATE decision SET withdrawn_at = $1 WHERE id = $2;

--: decide_set_signed(signed_at instant?, signed_by int?, is_yes bool, terms text, motive text, frozen_unit int, frozen_class int, frozen_scale text, id int)
UPDATE decision SET signed_at = $1, signed_by = $2, is_yes = $3, terms = $4, motive = $5, frozen_unit = $6, frozen_class = $7, frozen_scale = $8
WHERE id = $9;

-- Kept by a decider although something has changed: frozen anew.
--: decide_set_frozen(frozen_unit int, frozen_class int, frozen_scale text, stale_at instant?, id int)
UPDATE decision SET frozen_unit = $1, frozen_class = $2, frozen_scale = $3, stale_at = $4 WHERE id = $5;

--: decide_set_stale(stale_at instant?, id int)
UPDATE decision SET stale_at = $1 WHERE id = $2;

--: decide_set_revoked(revoked_at instant?, revoked_by int?, id int)
UPDATE decision SET revoked_at = $1, revoked_by = $2 WHERE id = $3;

--: decide_set_ended(ended_at instant?, decision int)
UPDATE deviation SET ended_at = $1 WHERE decision = $2;

-- Who stands in for somebody at that moment.
--: decide_deputies(person int, at instant) -> many (deputy int)
SELECT deputy FROM deputy WHERE person = $1 AND from_at <= $2 AND until > $2 ORDER BY id;

-- Is somebody a manager?
--: decide_reports(manager int?) -> one (n int)
SELECT count(*) AS n FROM person WHERE manager = $1 AND left_at IS NULL;

--: decide_set_followed(followed_at instant?, decision int)
UPDATE deviation SET followed_at = $1 WHERE decision = $2;

--: decide_gateway(id int) -> one (name text)
SELECT name FROM gateway WHERE id = $1;

--: decide_gateway_named(name text) -> one (id int)
SELECT id FROM gateway WHERE name = $1;

-- What waits for an answer, and can still get one.
--: decide_waits(now instant) -> one (n int, since instant?)
SELECT count(*) AS n, min(d.asked_at) AS since FROM decision d JOIN deviation v ON v.decision = d.id
WHERE d.asked_at IS NOT NULL AND d.signed_at IS NULL AND d.withdrawn_at IS NULL AND d.answer_by > $1 AND v.until > $1;

-- Who may be in by a decision for a unit, at a gateway (-1: any).
--: decide_inside(now instant, unit int, gateway int) -> many (person int)
SELECT DISTINCT p.id AS person FROM session s JOIN person p ON p.id = s.person
WHERE s.closed_at IS NULL AND s.until > $1 AND ($2 < 0 OR p.unit = $2) AND ($3 < 0 OR s.gateway = $3) ORDER BY p.id;
