/* The seal's state file: two slots, each with a checksum. A writing that is torn spoils one slot at most; the other one is whole.
 *
 * Both slots are written each time, the older one first: when a writing has returned, the key of an epoch that is over stands in
 * neither of them.
 *
 * SECURITY: what a disk or a file system keeps of overwritten blocks is beyond us: an attacker who reads those as root may find the
 * key of a past epoch there. Checkpoints that somebody else holds show it. The file is keeper's to open, 0600. */
#include <sodium.h>
#include "floor/note.h"
#include "floor/rq.h"
#include "seal_state.h"
#include <errno.h>
#include <sys/stat.h>

static const char magic[8] = "SMRDSL1";
_Static_assert(sizeof (struct seal_state) <= SEAL_SLOT, "a state fits its slot");

static void digest(const struct seal_state *state, unsigned char ret[32])
{
	crypto_hash_sha256(ret, (const unsigned char *)state, offsetof(struct seal_state, check));
}

static bool is_whole(const struct seal_state *state)
{
	unsigned char check[32];

	digest(state, check);
	return memcmp(state->magic, magic, sizeof magic) == 0 && memcmp(check, state->check, sizeof check) == 0
	    && state->note_length <= SEAL_NOTE && memchr(state->origin, '\0', sizeof state->origin);
}

static bool read_slot(int fd, int slot, struct seal_state *ret)
{
	size_t done = 0;

	while (done < sizeof *ret) {
		ssize_t got = pread(fd, (char *)ret + done, sizeof *ret - done, (off_t)slot * SEAL_SLOT + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return is_whole(ret);
}

static bool write_slot(int fd, int slot, const struct seal_state *state)
{
	static const char zero[SEAL_SLOT];
	size_t done = 0;

	while (done < SEAL_SLOT) {
		bool is_behind = done >= sizeof *state;
		const char *from = is_behind ? zero : (const char *)state + done;
		ssize_t put = pwrite(fd, from, is_behind ? SEAL_SLOT - done : sizeof *state - done, (off_t)slot * SEAL_SLOT + (off_t)done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		done += (size_t)put;
	}
	return fdatasync(fd) == 0;
}

enum err seal_state_write(int fd, struct seal_state *state, struct trouble *trouble)
{
	state->generation++;
	memcpy(state->magic, magic, sizeof magic);
	digest(state, state->check);
	int older = (int)(state->generation & 1);
	if (!write_slot(fd, older, state) || !write_slot(fd, !older, state))
		return trouble_owe(trouble, ERR_IO, N_("the seal's state cannot be written: %s"), strerror(errno));
	return OK;
}

enum err seal_state_read(int fd, struct seal_state *ret, struct trouble *trouble)
{
	struct seal_state slot[2];
	bool whole[2];

	for (int i = 0; i < 2; i++)
		whole[i] = read_slot(fd, i, &slot[i]);
	if (!whole[0] && !whole[1])
		return trouble_owe(trouble, ERR_CORRUPT, N_("the seal's state file is broken or empty; restore it from a backup"));
	int newer = !whole[0] || (whole[1] && slot[1].generation > slot[0].generation);
	*ret = slot[newer];
	bool is_torn = !whole[0] || !whole[1] || slot[0].generation != slot[1].generation;
	sodium_memzero(slot, sizeof slot);
	return is_torn ? seal_state_write(fd, ret, trouble) : OK;
}

enum err seal_state_new(int fd, const char *origin, struct seal_cost cost, struct trouble *trouble)
{
	struct seal_state state = { .cost = cost };
	struct stat about;
	unsigned char public[32];

	if (sodium_init() < 0)
		return trouble_owe(trouble, ERR_IO, N_("no randomness for keys"));
	if (fstat(fd, &about) != 0 || about.st_size != 0)
		return trouble_owe(trouble, ERR_CONFLICT, N_("the seal has a state already"));
	if (strlen(origin) >= sizeof state.origin || !note_name_is_good(str_of(origin)))
		return trouble_owe(trouble, ERR_INVALID, N_("\"%s\" cannot name a log: no blanks, no plus, at most 127 bytes"), origin);
	memcpy(state.origin, origin, strlen(origin));
	crypto_sign_keypair(public, state.identity);
	crypto_sign_keypair(state.first, state.key);
	randombytes_buf(state.box, sizeof state.box);
	randombytes_buf(state.pepper, sizeof state.pepper);
	enum err err = seal_state_write(fd, &state, trouble);
	sodium_memzero(&state, sizeof state);
	return err;
}
