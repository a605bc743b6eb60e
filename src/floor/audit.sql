-- The log itself: written here alone.

-- A leaf.
--: audit_leaf_add(id int, hash blob, leaf text)
INSERT INTO audit_leaf (id, hash, leaf) VALUES ($1, $2, $3);

-- The personal columns of one write of a leaf.
--: audit_part_add(leaf int, write int, salt blob, columns text)
INSERT INTO audit_part (leaf, write, salt, columns) VALUES ($1, $2, $3, $4);

-- Where the tree stands now.
--: audit_frontier_set(id int, size int, epoch int, hashes blob)
INSERT INTO audit_frontier (id, size, epoch, hashes) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET size = excluded.size, epoch = excluded.epoch, hashes = excluded.hashes;

--: audit_frontier_get() -> one (size int, epoch int, hashes blob)
SELECT size, epoch, hashes FROM audit_frontier WHERE id = 0;

--: audit_leaf_count() -> one (n int)
SELECT count(*) AS n FROM audit_leaf;

-- Leaves in order, from an index on.
--: audit_leaves(first int, last int) -> each (id int, hash blob, leaf text)
SELECT id, hash, leaf FROM audit_leaf WHERE id >= $1 AND id < $2 ORDER BY id;

--: audit_leaf_get(id int) -> one (id int, leaf text)
SELECT id, leaf FROM audit_leaf WHERE id = $1;

-- The newest leaves, for the auditor's page.
--: audit_newest(before int) -> many (id int, leaf text)
SELECT id, leaf FROM audit_leaf WHERE id < $1 ORDER BY id DESC LIMIT 50;

-- Parts of a range of leaves, in order.
--: audit_parts(first int, last int) -> each (leaf int, write int, salt blob?, columns text?)
SELECT leaf, write, salt, columns FROM audit_part WHERE leaf >= $1 AND leaf < $2 ORDER BY leaf, write;

-- A document that a leaf names; there already when the same one was decided on before.
--: audit_document_add(hash text, body blob)
INSERT INTO audit_document (hash, body) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING;

--: audit_document_get(hash text) -> one (body blob)
SELECT body FROM audit_document WHERE hash = $1;

--: audit_documents() -> each (hash text, body blob)
SELECT hash, body FROM audit_document ORDER BY hash;

--: audit_checkpoint_add(id int, note text)
INSERT INTO audit_checkpoint (id, note) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING;

-- All signed checkpoints by size.
--: audit_checkpoints() -> each (id int, note text)
SELECT id, note FROM audit_checkpoint WHERE note <> '' ORDER BY id;

--: audit_checkpoint_last() -> one (id int, note text)
SELECT id, note FROM audit_checkpoint WHERE note <> '' ORDER BY id DESC LIMIT 1;

--: audit_checkpoint_get(id int) -> one (note text)
SELECT note FROM audit_checkpoint WHERE id = $1;

--: audit_checkpoint_count() -> one (n int)
SELECT count(*) AS n FROM audit_checkpoint;

-- A seal leaf is committed with an empty note: until it is filled in, a checkpoint waits to be signed.
--: audit_checkpoint_waiting() -> one (id int)
SELECT id FROM audit_checkpoint WHERE note = '' ORDER BY id LIMIT 1;

--: audit_checkpoint_signed(note text, id int)
UPDATE audit_checkpoint SET note = $1 WHERE id = $2;

-- Leaf hashes alone, for the seal.
--: audit_hashes(first int, last int) -> each (id int, hash blob)
SELECT id, hash FROM audit_leaf WHERE id >= $1 AND id < $2 ORDER BY id;

-- Erase the personal columns of one write: the row stays as the listed gap.
--: audit_part_erase(leaf int, write int)
UPDATE audit_part SET salt = NULL, columns = NULL WHERE leaf = $1 AND write = $2;

--: audit_schema_known() -> many (component text, number int, at instant)
SELECT component, number, at FROM schema_applied ORDER BY component, number;

--: audit_schema_add(component text, number int, at instant)
INSERT INTO schema_applied (component, number, at) VALUES ($1, $2, $3);

--: audit_verified_set(id int, at instant, size int, faults int)
INSERT INTO audit_verified (id, at, size, faults) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, size = excluded.size, faults = excluded.faults;

--: audit_verified_get() -> one (at instant, size int, faults int)
SELECT at, size, faults FROM audit_verified WHERE id = 0;

-- Backwards from an index, for the pages of the log.
--: audit_back(before int, least int) -> each (id int, leaf text)
SELECT id, leaf FROM audit_leaf WHERE id < $1 AND id >= $2 ORDER BY id DESC;

-- A leaf with its hash.
--: audit_leaf_whole(id int) -> one (hash blob, leaf text)
SELECT hash, leaf FROM audit_leaf WHERE id = $1;
