-- Incidents: reports, events, incidents, timeline, work, evidence, legal duties.

-- Everything about one incident.
--: incidents_get(id int) -> one (id int, number text, kind int, title text, state int, severity int, rsit text, cert int, effect int, personal_data int, is_confidential bool, owner int?, packs text, opened_at instant, occurred_at instant?, detected_at instant, aware_at instant, significant_at instant?, contained_at instant?, recovered_at instant?, closed_at instant?, active_at instant, merged_into int?, cause text, cause_class int, unknown_because text, changed int, changed_why text, review int, review_note text, touched text, lesson text)
SELECT id, number, kind, title, state, severity, rsit, cert, effect, personal_data, is_confidential,
  owner, packs, opened_at, occurred_at, detected_at, aware_at, significant_at, contained_at,
  recovered_at, closed_at, active_at, merged_into, cause, cause_class, unknown_because, changed,
  changed_why, review, review_note, touched, lesson
FROM incidents_incident WHERE id = $1;

--: incidents_numbered(number text) -> one (id int)
SELECT id FROM incidents_incident WHERE number = $1;

--: incidents_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_incident;

-- The first incident of a year, to count from.
--: incidents_first_since(year_at instant) -> one (id int)
SELECT id FROM incidents_incident WHERE opened_at >= $1 ORDER BY opened_at, id LIMIT 1;

-- A new one: nothing is known but what was reported.
--: incidents_add(id int, number text, kind int, title text, state int, severity int, packs text, opened_at instant, occurred_at instant?, detected_at instant, aware_at instant, active_at instant)
INSERT INTO incidents_incident (id, number, kind, title, state, severity, packs, opened_at, occurred_at, detected_at, aware_at, active_at,
  rsit, cert, effect, personal_data, is_confidential, cause, cause_class, unknown_because, changed, changed_why, review, review_note,
  touched, lesson)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', 0, 0, 0, 0, '', 0, '', 0, '', 0, '', '', '');

--: incidents_move(state int, contained_at instant?, recovered_at instant?, closed_at instant?, merged_into int?, active_at instant, id int)
UPDATE incidents_incident SET state = $1, contained_at = $2, recovered_at = $3, closed_at = $4, merged_into = $5, active_at = $6
WHERE id = $7;

--: incidents_active(active_at instant, id int)
UPDATE incidents_incident SET active_at = $1 WHERE id = $2;

--: incidents_assign(owner int?, active_at instant, id int)
UPDATE incidents_incident SET owner = $1, active_at = $2 WHERE id = $3;

--: incidents_classify(title text, severity int, rsit text, cert int, effect int, personal_data int, is_confidential bool, active_at instant, id int)
UPDATE incidents_incident SET title = $1, severity = $2, rsit = $3, cert = $4, effect = $5, personal_data = $6, is_confidential = $7,
  active_at = $8
WHERE id = $9;

--: incidents_times(occurred_at instant?, detected_at instant, aware_at instant, active_at instant, id int)
UPDATE incidents_incident SET occurred_at = $1, detected_at = $2, aware_at = $3, active_at = $4 WHERE id = $5;

--: incidents_significant(significant_at instant?, active_at instant, id int)
UPDATE incidents_incident SET significant_at = $1, active_at = $2 WHERE id = $3;

--: incidents_follow(cause text, cause_class int, unknown_because text, changed int, changed_why text, review int, review_note text, touched text, lesson text, active_at instant, id int)
UPDATE incidents_incident SET cause = $1, cause_class = $2, unknown_because = $3, changed = $4, changed_why = $5, review = $6,
  review_note = $7, touched = $8, lesson = $9, active_at = $10
WHERE id = $11;

--: incidents_report_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_report;

--: incidents_report_add(id int, incident int, kind int, text text, what text, contact text, reporter int?, made_at instant)
INSERT INTO incidents_report (id, incident, kind, text, what, contact, reporter, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- The same, a moment ago: two presses of one button report once.
--: incidents_report_same(made_at instant, kind int, text text, what text, contact text) -> one (number text)
SELECT i.number FROM incidents_report r JOIN incidents_incident i ON i.id = r.incident
WHERE r.made_at >= $1 AND r.kind = $2 AND r.text = $3 AND r.what = $4 AND r.contact = $5 ORDER BY r.id LIMIT 1;

--: incidents_report_of(incident int) -> many (id int, kind int, text text, what text, contact text, reporter int?, made_at instant, told_at instant?, told text?)
SELECT id, kind, text, what, contact, reporter, made_at, told_at, told FROM incidents_report WHERE incident = $1 ORDER BY id LIMIT 100;

--: incidents_report_told(told_at instant, told text, id int)
UPDATE incidents_report SET told_at = $1, told = $2 WHERE id = $3;

-- How many could be told and are not.
--: incidents_report_untold(incident int) -> one (n int)
SELECT count(*) AS n FROM incidents_report
WHERE incident = $1 AND told_at IS NULL AND (contact <> '' OR reporter IS NOT NULL);

--: incidents_report_move(incident int, id int)
UPDATE incidents_report SET incident = $1 WHERE id = $2;

--: incidents_event_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_event;

--: incidents_event_add(id int, incident int, source text, rule text, key text, at instant, report int?)
INSERT INTO incidents_event (id, incident, source, rule, key, at, report) VALUES ($1, $2, $3, $4, $5, $6, $7);

--: incidents_event_of(incident int) -> many (id int)
SELECT id FROM incidents_event WHERE incident = $1 ORDER BY id;

--: incidents_event_move(incident int, id int)
UPDATE incidents_event SET incident = $1 WHERE id = $2;

-- Which incident the newest event of the same source, rule and key belongs to.
--: incidents_event_last(source text, rule text, key text) -> one (incident int)
SELECT incident FROM incidents_event WHERE source = $1 AND rule = $2 AND key = $3 ORDER BY id DESC LIMIT 1;

--: incidents_event_count(incident int) -> one (n int, first_at instant?, last_at instant?)
SELECT count(*) AS n, min(at) AS first_at, max(at) AS last_at FROM incidents_event WHERE incident = $1;

--: incidents_entry_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_entry;

--: incidents_entry_add(id int, incident int, kind int, at instant, made_at instant, made_by int?, text text, act text, corrects int?)
INSERT INTO incidents_entry (id, incident, kind, at, made_at, made_by, text, act, corrects) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

--: incidents_entry_of(incident int) -> many (id int, kind int, at instant, made_at instant, made_by int?, text text, act text, corrects int?)
SELECT id, kind, at, made_at, made_by, text, act, corrects FROM incidents_entry WHERE incident = $1 ORDER BY at DESC, id DESC LIMIT 500;

--: incidents_entry_get(id int) -> one (incident int)
SELECT incident FROM incidents_entry WHERE id = $1;

-- Who has handled an incident: whoever an entry was made by, but for a report.
--: incidents_handlers(incident int) -> many (made_by int?)
SELECT DISTINCT made_by FROM incidents_entry WHERE incident = $1 AND made_by IS NOT NULL AND act <> 'report' ORDER BY made_by;

--: incidents_work_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_work;

--: incidents_work_add(id int, incident int, is_weakness bool, text text, cause text, link text, owner int?, due_at instant, state int, note text, asked_by int?, asked_at instant)
INSERT INTO incidents_work (id, incident, is_weakness, text, cause, link, owner, due_at, state, note, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

--: incidents_work_get(id int) -> one (id int, incident int, is_weakness bool, text text, owner int?, due_at instant, state int, asked_by int?, done_by int?, done_at instant?)
SELECT id, incident, is_weakness, text, owner, due_at, state, asked_by, done_by, done_at FROM incidents_work WHERE id = $1;

--: incidents_work_of(incident int) -> many (id int, is_weakness bool, text text, cause text, link text, owner int?, due_at instant, state int, note text, asked_by int?, done_by int?, done_at instant?, ended_by int?, ended_at instant?)
SELECT id, is_weakness, text, cause, link, owner, due_at, state, note, asked_by, done_by, done_at, ended_by, ended_at
FROM incidents_work WHERE incident = $1 ORDER BY id;

--: incidents_work_move(state int, note text, done_by int?, done_at instant?, ended_by int?, ended_at instant?, id int)
UPDATE incidents_work SET state = $1, note = $2, done_by = $3, done_at = $4, ended_by = $5, ended_at = $6 WHERE id = $7;

--: incidents_work_owner(owner int?, due_at instant, id int)
UPDATE incidents_work SET owner = $1, due_at = $2 WHERE id = $3;

-- What a leaver has left undone.
--: incidents_work_of_leaver(owner int?) -> many (id int, due_at instant)
SELECT id, due_at FROM incidents_work WHERE owner = $1 AND ended_at IS NULL ORDER BY id;

--: incidents_of_leaver(owner int?) -> many (id int)
SELECT id FROM incidents_incident WHERE owner = $1 AND closed_at IS NULL ORDER BY id;

-- Does somebody work with this incident?
--: incidents_works(incident int, owner int?) -> one (n int)
SELECT count(*) AS n FROM incidents_work WHERE incident = $1 AND owner = $2;

--: incidents_evidence_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_evidence;

--: incidents_evidence_add(id int, incident int, name text, place text, hash text, size int, collected_by int, collected_at instant)
INSERT INTO incidents_evidence (id, incident, name, place, hash, size, collected_by, collected_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

--: incidents_evidence_of(incident int) -> many (id int, name text, place text, hash text, size int, collected_by int, collected_at instant)
SELECT id, name, place, hash, size, collected_by, collected_at FROM incidents_evidence WHERE incident = $1 ORDER BY id;

--: incidents_evidence_get(id int) -> one (incident int, name text, hash text)
SELECT incident, name, hash FROM incidents_evidence WHERE id = $1;

--: incidents_track_set(incident int, pack text, applies bool, reason text, assessed_by int, assessed_at instant)
INSERT INTO incidents_track (incident, pack, applies, reason, assessed_by, assessed_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (incident, pack) DO UPDATE SET applies = excluded.applies, reason = excluded.reason, assessed_by = excluded.assessed_by,
  assessed_at = excluded.assessed_at;

--: incidents_track_of(incident int) -> many (pack text, applies bool, reason text, assessed_by int, assessed_at instant)
SELECT pack, applies, reason, assessed_by, assessed_at FROM incidents_track WHERE incident = $1 ORDER BY pack;

--: incidents_handed_add(incident int, pack text, step text, at instant, receipt text, handed_by int, made_at instant)
INSERT INTO incidents_handed (incident, pack, step, at, receipt, handed_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

--: incidents_handed_of(incident int) -> many (pack text, step text, at instant, receipt text, handed_by int)
SELECT pack, step, at, receipt, handed_by FROM incidents_handed WHERE incident = $1 ORDER BY pack, step;

-- Others of the same kind and cause since a moment: does it come back?
--: incidents_again(cause_class int, rsit text, opened_at instant, until instant, id int) -> many (id int, number text, title text, opened_at instant, is_confidential bool)
SELECT id, number, title, opened_at, is_confidential FROM incidents_incident
WHERE cause_class = $1 AND rsit = $2 AND opened_at BETWEEN $3 AND $4 AND id <> $5 ORDER BY opened_at DESC, id DESC LIMIT 20;

-- The list: a page of 51 from an id down, of what may be seen. A statement for each filter, so that each walks an index of its own and stops after a
-- page, however rare what it looks for is: the filter stands as an equation, and is_open is a word of the statement.

--: incidents_list_open(sees_all bool, sees_confidential bool, me int?, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE closed_at IS NULL AND (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND id < $4
ORDER BY id DESC LIMIT 51;

-- The same by severity: what is not assessed first, then SEV1.
--: incidents_list_open_severe(sees_all bool, sees_confidential bool, me int?, after_severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE closed_at IS NULL AND (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND severity >= $4 AND (severity > $4 OR id < $5)
ORDER BY severity, id DESC LIMIT 51;

-- Those of one severity.
--: incidents_list_open_of_severity(sees_all bool, sees_confidential bool, me int?, severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE closed_at IS NULL AND (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND severity = $4 AND id < $5
ORDER BY id DESC LIMIT 51;

--: incidents_list_all(sees_all bool, sees_confidential bool, me int?, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND id < $4
ORDER BY id DESC LIMIT 51;

-- The same by severity: what is not assessed first, then SEV1.
--: incidents_list_all_severe(sees_all bool, sees_confidential bool, me int?, after_severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND severity >= $4 AND (severity > $4 OR id < $5)
ORDER BY severity, id DESC LIMIT 51;

-- Those of one severity.
--: incidents_list_all_of_severity(sees_all bool, sees_confidential bool, me int?, severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND severity = $4 AND id < $5
ORDER BY id DESC LIMIT 51;

-- Those in one state; when is_open, of those that are not over.
--: incidents_list_in_state(sees_all bool, sees_confidential bool, me int?, state int, is_open bool, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND state = $4 AND ($5 = 0 OR closed_at IS NULL) AND id < $6
ORDER BY id DESC LIMIT 51;

--: incidents_list_in_state_severe(sees_all bool, sees_confidential bool, me int?, state int, is_open bool, after_severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND state = $4 AND ($5 = 0 OR closed_at IS NULL) AND severity >= $6 AND (severity > $6 OR id < $7)
ORDER BY severity, id DESC LIMIT 51;

--: incidents_list_in_state_of_severity(sees_all bool, sees_confidential bool, me int?, state int, is_open bool, severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND state = $4 AND ($5 = 0 OR closed_at IS NULL) AND severity = $6 AND id < $7
ORDER BY id DESC LIMIT 51;

-- Those that one person answers for; state and severity below 0: any.
--: incidents_list_owned(sees_all bool, sees_confidential bool, me int?, owner int, is_open bool, state int, severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND owner = $4 AND ($5 = 0 OR closed_at IS NULL) AND ($6 < 0 OR state = $6) AND ($7 < 0 OR severity = $7) AND id < $8
ORDER BY id DESC LIMIT 51;

-- Those that nobody answers for.
--: incidents_list_unowned(sees_all bool, sees_confidential bool, me int?, is_open bool, state int, severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (($1 = 1 AND (is_confidential = 0 OR $2 = 1)) OR owner = $3
  OR EXISTS (SELECT 1 FROM incidents_work w WHERE w.incident = incidents_incident.id AND w.owner = $3))
  AND owner IS NULL AND ($4 = 0 OR closed_at IS NULL) AND ($5 < 0 OR state = $5) AND ($6 < 0 OR severity = $6) AND id < $7
ORDER BY id DESC LIMIT 51;

-- All, for the command line.
--: incidents_list_every() -> each (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident ORDER BY id;

-- What one person answers for or has a task in.
--: incidents_list_mine(owner int?, state int, severity int, before int) -> many (id int, number text, kind int, title text, state int, severity int, owner int?, opened_at instant, aware_at instant, active_at instant, closed_at instant?, is_confidential bool)
SELECT id, number, kind, title, state, severity, owner, opened_at, aware_at, active_at, closed_at, is_confidential
FROM incidents_incident
WHERE (owner = $1 OR id IN (SELECT w.incident FROM incidents_work w WHERE w.owner = $1))
  AND ($2 < 0 OR state = $2) AND ($3 < 0 OR severity = $3) AND id < $4
ORDER BY id DESC LIMIT 51;

-- How it stands: open ones, those without an owner since a moment, serious ones among them, the oldest and the one that was longest left alone.
--: incidents_figure_open(unowned_before instant, sees_confidential bool) -> one (n int, unowned int, serious int, unassessed int, oldest instant?, quiet instant?)
SELECT count(*) AS n, count(CASE WHEN owner IS NULL AND opened_at <= $1 THEN 1 END) AS unowned,
  count(CASE WHEN owner IS NULL AND opened_at <= $1 AND severity BETWEEN 1 AND 2 THEN 1 END) AS serious,
  count(CASE WHEN severity = 0 THEN 1 END) AS unassessed, min(opened_at) AS oldest, min(active_at) AS quiet
FROM incidents_incident WHERE closed_at IS NULL AND (is_confidential = 0 OR $2 = 1);

--: incidents_figure_any(sees_confidential bool) -> one (n int)
SELECT count(*) AS n FROM (SELECT id FROM incidents_incident WHERE is_confidential = 0 OR $1 = 1 LIMIT 1) AS one;

--: incidents_figure_closed(sees_confidential bool) -> one (last_at instant?)
SELECT closed_at AS last_at FROM incidents_incident WHERE closed_at IS NOT NULL AND (is_confidential = 0 OR $1 = 1)
ORDER BY closed_at DESC LIMIT 1;

-- Work past its day: tasks, and vulnerabilities.
--: incidents_figure_work(now instant, sees_confidential bool) -> one (tasks int, weak int, open_weak int, oldest instant?)
SELECT count(CASE WHEN is_weakness = 0 AND due_at <= $1 THEN 1 END) AS tasks,
  count(CASE WHEN is_weakness = 1 AND due_at <= $1 THEN 1 END) AS weak,
  count(CASE WHEN is_weakness = 1 THEN 1 END) AS open_weak, min(due_at) AS oldest
FROM incidents_work w WHERE ended_at IS NULL
  AND ($2 = 1 OR NOT EXISTS (SELECT 1 FROM incidents_incident i WHERE i.id = w.incident AND i.is_confidential = 1));

-- Open ones that nobody has taken: for the list of what is to be done.
--: incidents_due_unowned() -> many (id int, number text, severity int, opened_at instant, is_confidential bool)
SELECT id, number, severity, opened_at, is_confidential FROM incidents_incident
WHERE closed_at IS NULL AND owner IS NULL ORDER BY opened_at, id LIMIT 200;

-- Those whose legal clocks may run: open, or a duty applies; the newest first.
--: incidents_due_legal() -> many (id int)
SELECT id FROM incidents_incident WHERE closed_at IS NULL
UNION SELECT incident AS id FROM incidents_track WHERE applies = 1
ORDER BY id DESC LIMIT 2000;

--: incidents_due_work() -> many (id int, incident int, number text, is_weakness bool, text text, owner int?, due_at instant, state int, is_confidential bool)
SELECT w.id, w.incident, i.number, w.is_weakness, w.text, w.owner, w.due_at, w.state, i.is_confidential
FROM incidents_work w JOIN incidents_incident i ON i.id = w.incident
WHERE w.ended_at IS NULL ORDER BY w.due_at, w.id LIMIT 300;

-- Open ones somebody could be told about and was not.
--: incidents_due_untold() -> many (number text, owner int?, made_at instant, is_confidential bool)
SELECT i.number, i.owner, min(r.made_at) AS made_at, i.is_confidential FROM incidents_report r JOIN incidents_incident i ON i.id = r.incident
WHERE i.closed_at IS NULL AND r.told_at IS NULL AND (r.contact <> '' OR r.reporter IS NOT NULL)
GROUP BY i.number, i.owner, i.is_confidential ORDER BY made_at LIMIT 200;

--: incidents_fact_set(incident int, fact text, number int?, text text, said_by int, said_at instant)
INSERT INTO incidents_fact (incident, fact, number, text, said_by, said_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (incident, fact) DO UPDATE SET number = excluded.number, text = excluded.text, said_by = excluded.said_by, said_at = excluded.said_at;

--: incidents_fact_of(incident int) -> many (fact text, number int?, text text, said_by int, said_at instant)
SELECT fact, number, text, said_by, said_at FROM incidents_fact WHERE incident = $1 ORDER BY fact;

-- One fact of several incidents is asked one by one: they are few (those of the same kind and cause).
--: incidents_fact_get(incident int, fact text) -> one (number int?)
SELECT number FROM incidents_fact WHERE incident = $1 AND fact = $2;

--: incidents_proposal_set(incident int, pack text, says int, because text, needs text, made_at instant)
INSERT INTO incidents_proposal (incident, pack, says, because, needs, made_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (incident, pack) DO UPDATE SET says = excluded.says, because = excluded.because, needs = excluded.needs, made_at = excluded.made_at;

--: incidents_proposal_of(incident int) -> many (pack text, says int, because text, needs text, made_at instant)
SELECT pack, says, because, needs, made_at FROM incidents_proposal WHERE incident = $1 ORDER BY pack;

--: incidents_receipt_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_receipt;

--: incidents_receipt_add(id int, incident int, pack text, step text, paper text, file text?, name text, size int)
INSERT INTO incidents_receipt (id, incident, pack, step, paper, file, name, size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

--: incidents_receipt_of(incident int) -> many (id int, pack text, step text, paper text, file text?, name text, size int)
SELECT id, pack, step, paper, file, name, size FROM incidents_receipt WHERE incident = $1 ORDER BY id;

--: incidents_receipt_get(id int) -> one (incident int, paper text, file text?, name text)
SELECT incident, paper, file, name FROM incidents_receipt WHERE id = $1;

--: incidents_calendar_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_calendar;

--: incidents_calendar_add(id int, person int, hash blob, made_at instant)
INSERT INTO incidents_calendar (id, person, hash, made_at) VALUES ($1, $2, $3, $4);

--: incidents_calendar_end(ended_at instant, id int)
UPDATE incidents_calendar SET ended_at = $1 WHERE id = $2;

-- The address in force of one person.
--: incidents_calendar_of(person int) -> one (id int, made_at instant)
SELECT id, made_at FROM incidents_calendar WHERE person = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1;

--: incidents_calendar_find(hash blob) -> one (person int)
SELECT person FROM incidents_calendar WHERE hash = $1 AND ended_at IS NULL;

--: incidents_alarm_add(incident int, pack text, step text, which int, said_at instant)
INSERT INTO incidents_alarm (incident, pack, step, which, said_at) VALUES ($1, $2, $3, $4, $5);

--: incidents_alarm_of(incident int) -> many (pack text, step text, which int)
SELECT pack, step, which FROM incidents_alarm WHERE incident = $1 ORDER BY pack, step, which;
