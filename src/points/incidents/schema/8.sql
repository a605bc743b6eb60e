-- Whose incidents: with what else is filtered by, so that an owner with a rare state is found in the index, and no row is read that is not shown.
DROP INDEX incidents_incident_owner;
CREATE INDEX incidents_incident_owner ON incidents_incident (owner, id DESC, state, severity, closed_at);
