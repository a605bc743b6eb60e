-- Capacity: how many are connected. Reads floor's sessions; has no tables of its own yet.

-- Sessions that were open at some time since a moment, with what is known of their end.
--: capacity_since(since instant, now instant) -> each (opened_at instant?, closed_at instant?, until instant)
SELECT opened_at, closed_at, until FROM session
WHERE offered_at > $1 AND opened_at IS NOT NULL AND opened_at <= $2
ORDER BY offered_at, id;

-- Has anybody ever connected, and when did a gateway last tell of it?
--: capacity_latest() -> one (offered_at instant?)
SELECT max(offered_at) AS offered_at FROM session;
