/* The server's side of export_fuzz.c: it takes leaves apart to the last value, as a replay would. */
#include "floor/leaf.h"
#include "floor/note.h"
#include "export_fuzz.h"

bool server_reads_leaf(const char *at, size_t n, struct server_leaf *ret)
{
	struct leaf leaf;
	struct write write;
	struct str rest, one, name;
	enum err err;

	if (leaf_parse((struct str){ at, n }, &leaf) != OK)
		return false;
	*ret = (struct server_leaf){ leaf.index, leaf.epoch, leaf_is_seal(&leaf), leaf.next.at != NULL, 0 };
	for (rest = leaf.writes; (err = leaf_write(&rest, &write)) == OK; ) {
		struct str columns = write.columns;
		while ((err = leaf_column(&columns, &name, &one)) == OK)
			;
		if (err != ERR_NONE)
			return false;
	}
	if (err != ERR_NONE)
		return false;
	for (rest = leaf.documents; (err = leaf_element(&rest, &one)) == OK; )
		ret->documents++;
	return err == ERR_NONE;
}

bool server_reads_note(const char *at, size_t n, int64_t *ret_size, unsigned char ret_root[32])
{
	struct note note;

	if (note_parse((struct str){ at, n }, &note) != OK)
		return false;
	*ret_size = note.size;
	memcpy(ret_root, note.root, 32);
	return true;
}

bool server_reads_key(const char *at, size_t n)
{
	struct str name;
	unsigned char key[32];

	return note_key_parse((struct str){ at, n }, &name, key) == OK;
}
