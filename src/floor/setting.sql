-- Policy settings that differ from their standard.

--: setting_get(name text) -> one (value text)
SELECT value FROM setting WHERE name = $1;

--: setting_all() -> many (name text, value text)
SELECT name, value FROM setting ORDER BY name;

--: setting_put(name text, value text)
INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

--: setting_drop(name text)
DELETE FROM setting WHERE name = $1;
