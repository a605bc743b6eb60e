-- Reported links, and what was decided about their hosts.

--: block_link_add(report int, host text, domain text, verdict int, reasons int, imitates text, made_at instant)
INSERT INTO incidents_link (report, host, domain, verdict, reasons, imitates, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- The incident that this host was last reported in.
--: block_incident_of(host text) -> one (incident int)
SELECT r.incident FROM incidents_link l JOIN incidents_report r ON r.id = l.report WHERE l.host = $1 ORDER BY l.report DESC LIMIT 1;

-- Siblings together, the latest first: a page of 31, from a report down. Here and below: what was reported in a confidential incident is counted
-- for who may see those.
--: block_groups(sees_confidential bool, before int) -> many (domain text, n int, hosts int, first_at instant, last_at instant, verdict int, imitates text, newest int)
SELECT domain, count(*) AS n, count(DISTINCT host) AS hosts, min(made_at) AS first_at, max(made_at) AS last_at, max(verdict) AS verdict,
  max(imitates) AS imitates, max(report) AS newest
FROM incidents_link l
WHERE $1 = 1 OR NOT EXISTS (SELECT 1 FROM incidents_report r JOIN incidents_incident i ON i.id = r.incident
    WHERE r.id = l.report AND i.is_confidential = 1)
GROUP BY domain HAVING max(report) < $2 ORDER BY newest DESC LIMIT 31;

--: block_group(domain text, sees_confidential bool) -> one (n int, first_at instant?, last_at instant?, verdict int?, imitates text?)
SELECT count(*) AS n, min(made_at) AS first_at, max(made_at) AS last_at, max(verdict) AS verdict, max(imitates) AS imitates
FROM incidents_link l WHERE domain = $1 AND ($2 = 1 OR NOT EXISTS (SELECT 1 FROM incidents_report r JOIN incidents_incident i ON i.id = r.incident
    WHERE r.id = l.report AND i.is_confidential = 1));

--: block_hosts(domain text, sees_confidential bool) -> many (host text, n int, first_at instant, last_at instant, verdict int)
SELECT host, count(*) AS n, min(made_at) AS first_at, max(made_at) AS last_at, max(verdict) AS verdict
FROM incidents_link l WHERE domain = $1 AND ($2 = 1 OR NOT EXISTS (SELECT 1 FROM incidents_report r JOIN incidents_incident i ON i.id = r.incident
    WHERE r.id = l.report AND i.is_confidential = 1))
GROUP BY host ORDER BY n DESC, host LIMIT 50;

--: block_newest(domain text, sees_confidential bool) -> one (reasons int)
SELECT reasons FROM incidents_link l WHERE domain = $1 AND ($2 = 1 OR NOT EXISTS (SELECT 1 FROM incidents_report r JOIN incidents_incident i ON i.id = r.incident
    WHERE r.id = l.report AND i.is_confidential = 1))
ORDER BY report DESC LIMIT 1;

--: block_incidents(domain text) -> many (id int, number text, state int, is_confidential bool)
SELECT DISTINCT i.id, i.number, i.state, i.is_confidential FROM incidents_link l JOIN incidents_report r ON r.id = l.report
JOIN incidents_incident i ON i.id = r.incident WHERE l.domain = $1 ORDER BY i.id DESC LIMIT 100;

-- Domains with other names that imitate the same host of ours.
--: block_alike(imitates text, domain text, sees_confidential bool) -> many (domain text, n int)
SELECT domain, count(*) AS n FROM incidents_link l WHERE imitates = $1 AND domain <> $2 AND ($3 = 1 OR NOT EXISTS (SELECT 1 FROM incidents_report r JOIN incidents_incident i ON i.id = r.incident
    WHERE r.id = l.report AND i.is_confidential = 1))
GROUP BY domain ORDER BY domain LIMIT 20;

-- When it was first reported since a moment; with the names below it, of a whole domain.
--: block_first(host text, is_below bool, since instant) -> one (first_at instant?)
SELECT min(made_at) AS first_at FROM incidents_link WHERE (host = $1 OR ($2 = 1 AND domain = $1)) AND made_at > $3;

--: block_most() -> one (id int)
SELECT coalesce(max(id), 0) AS id FROM incidents_block;

--: block_add(id int, host text, is_left bool, is_below bool, because text, first_at instant?, decided_at instant, decided_by int, until_at instant)
INSERT INTO incidents_block (id, host, is_left, is_below, because, first_at, decided_at, decided_by, until_at, ended_because)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '');

--: block_end(ended_at instant?, ended_by int?, ended_because text, id int)
UPDATE incidents_block SET ended_at = $1, ended_by = $2, ended_because = $3 WHERE id = $4;

-- The latest decision about a host, whether it counts or not.
--: block_last(host text) -> one (id int, is_left bool, until_at instant, ended_at instant?)
SELECT id, is_left, until_at, ended_at FROM incidents_block WHERE host = $1 ORDER BY id DESC LIMIT 1;

-- What counts now about a domain and the hosts that were reported of it.
--: block_of(now instant, domain text) -> many (id int, host text, is_left bool, is_below bool, because text, first_at instant?, decided_at instant, decided_by int, until_at instant)
SELECT id, host, is_left, is_below, because, first_at, decided_at, decided_by, until_at FROM incidents_block
WHERE ended_at IS NULL AND until_at > $1 AND (host = $2 OR host IN (SELECT l.host FROM incidents_link l WHERE l.domain = $2))
ORDER BY host LIMIT 100;

-- All that is blocked now, and what has ceased to be since a moment: a list that somebody has taken in learns that too.
--: block_list(since instant) -> many (id int, host text, is_below bool, because text, first_at instant?, decided_at instant, until_at instant, ended_at instant?)
SELECT id, host, is_below, because, first_at, decided_at, until_at, ended_at FROM incidents_block
WHERE is_left = 0 AND until_at > $1 AND (ended_at IS NULL OR ended_at > $1) ORDER BY id;

-- The same for the page: what is blocked now, 31 from a number down.
--: block_page(now instant, before int) -> many (id int, host text, is_below bool, because text, first_at instant?, decided_at instant, until_at instant)
SELECT id, host, is_below, because, first_at, decided_at, until_at FROM incidents_block
WHERE is_left = 0 AND ended_at IS NULL AND until_at > $1 AND id < $2 ORDER BY id DESC LIMIT 31;

-- Reported hosts of a blocked domain: for lists that can name one host a line alone.
--: block_below(domain text) -> many (host text)
SELECT DISTINCT host FROM incidents_link WHERE domain = $1 AND host <> $1 ORDER BY host LIMIT 1000;

--: block_count(now instant) -> one (n int)
SELECT count(*) AS n FROM incidents_block WHERE is_left = 0 AND ended_at IS NULL AND until_at > $1;

-- How long each block took from its first report.
--: block_times(since instant) -> many (took int)
SELECT decided_at - first_at AS took FROM incidents_block WHERE is_left = 0 AND decided_at >= $1 AND first_at IS NOT NULL
ORDER BY took LIMIT 10000;

-- Links since a moment that lead away from us and about which nobody has decided anything; shown: those of which not only few may know.
--: block_undecided(since instant, now instant) -> many (domain text, first_at instant, n int, shown int)
SELECT l.domain, min(l.made_at) AS first_at, count(*) AS n, count(CASE WHEN i.is_confidential = 0 THEN 1 END) AS shown FROM incidents_link l
JOIN incidents_report r ON r.id = l.report JOIN incidents_incident i ON i.id = r.incident
WHERE l.made_at >= $1 AND l.verdict > 0 AND NOT EXISTS (SELECT 1 FROM incidents_block b WHERE (b.host = l.host OR (b.is_below = 1 AND b.host = l.domain))
  AND (b.decided_at >= l.made_at OR (b.ended_at IS NULL AND b.until_at > $2)))
GROUP BY l.domain ORDER BY first_at LIMIT 20;
