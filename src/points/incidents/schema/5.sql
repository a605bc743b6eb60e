-- The list of incidents, filtered: each filter has an index in the order of the list. The third holds all that the lead of the
-- list counts, closed_at too: SQLite reads the rows otherwise.

CREATE INDEX incidents_incident_state ON incidents_incident (state, id DESC);
CREATE INDEX incidents_incident_state_severity ON incidents_incident (state, severity, id DESC);
CREATE INDEX incidents_incident_figure ON incidents_incident (opened_at, is_confidential, owner, severity, active_at, closed_at) WHERE closed_at IS NULL;
