-- Policy settings that differ from their standard.

-- kept
--: setting_get(name text) -> one (value text)
SELECT value FROM setting WHERE name = $1;

--: setting_all() -> many (name text, value text, changed_at instant, changed_by text)
SELECT name, value, changed_at, changed_by FROM setting ORDER BY name;

--: setting_put(name text, value text)
INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- By a person: when, and who, as the leaf names her.
--: setting_put_by(name text, value text, changed_at instant, changed_by text)
INSERT INTO setting (name, value, changed_at, changed_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by;

--: setting_drop(name text)
DELETE FROM setting WHERE name = $1;
