/* Reads and writes the file of a backup, in pieces of 64 KiB: memory does not grow with the store.
 *
 * SECURITY: the file may come from anywhere. The hash at its end is checked first, lengths against what is left; whoever reads writes into
 * files that are thrown away when the end says no. A sealed file's chunks are refused one by one. */
#define LONG_LIVED
#include <sodium.h>
#include "backup_file.h"
#include "floor/rq.h"
#include <errno.h>
#include <sys/stat.h>

enum { CHUNK = 1 << 16, HEAD = 64, FOOT = 32, SALT_AT = 20, STREAM_AT = 36 };
static const char magic[16] = "SAMORDNA-BACKUP1";

struct crypt {
	crypto_secretstream_xchacha20poly1305_state state;
	unsigned char chunk[CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES];
};
struct backup_out { int fd; bool is_sealed; size_t n; crypto_hash_sha256_state hash; unsigned char plain[CHUNK]; struct crypt crypt; };
struct backup_in {
	int fd; bool is_sealed, is_last; size_t from, to; uint64_t left;     /* left: of the file, before its foot */
	unsigned char plain[CHUNK];
	struct crypt crypt;
};

static enum err cannot(struct trouble *trouble, const char *what)
{
	return trouble_owe(trouble, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO, what, strerror(errno));
}

static enum err is_broken(struct trouble *trouble)
{
	return trouble_owe(trouble, ERR_CORRUPT, N_("the backup is cut or changed: nothing of it can be used"));
}

static enum err put(int fd, const void *bytes, size_t n, struct trouble *trouble)
{
	for (size_t done = 0; done < n; ) {
		ssize_t one = write(fd, (const char *)bytes + done, n - done);
		if (one < 0 && errno == EINTR)
			continue;
		if (one <= 0)
			return cannot(trouble, N_("the backup cannot be written: %s"));
		done += (size_t)one;
	}
	return OK;
}

/* Up to n bytes; fewer at the end of the file alone. */
static enum err get(int fd, void *bytes, size_t n, size_t *ret, struct trouble *trouble)
{
	*ret = 0;
	while (*ret < n) {
		ssize_t one = read(fd, (char *)bytes + *ret, n - *ret);
		if (one < 0 && errno == EINTR)
			continue;
		if (one < 0)
			return cannot(trouble, N_("the backup cannot be read: %s"));
		if (one == 0)
			break;
		*ret += (size_t)one;
	}
	return OK;
}

/* Key by argon2id: as costly as a careful log-in, once a file. */
static enum err make_key(struct str passphrase, const unsigned char *salt, unsigned char *ret, struct trouble *trouble)
{
	char most[12];

	snprintf(most, sizeof most, "%d", BACKUP_PASSPHRASE);
	if (passphrase.len < 12 || passphrase.len > BACKUP_PASSPHRASE)
		return trouble_owe(trouble, ERR_INVALID, N_("a passphrase for a backup has 12 to %s bytes"), most);
	if (crypto_pwhash(ret, crypto_secretstream_xchacha20poly1305_KEYBYTES, passphrase.at, passphrase.len, salt, crypto_pwhash_OPSLIMIT_MODERATE,
	                  crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return trouble_owe(trouble, ERR_FULL, N_("no memory to make the backup's key"));
	return OK;
}

/* --- writing --- */

enum err backup_out_begin(int fd, struct str passphrase, struct trouble *trouble, struct backup_out **ret)
{
	unsigned char head[HEAD] = { 0 }, key[crypto_secretstream_xchacha20poly1305_KEYBYTES];

	if (sodium_init() < 0)
		return trouble_owe(trouble, ERR_IO, N_("libsodium does not start"));
	struct backup_out *out = calloc(1, sizeof *out);
	if (!out)
		return trouble_owe(trouble, ERR_FULL, N_("no memory for a backup"));
	out->fd = fd;
	out->is_sealed = passphrase.at != NULL;
	memcpy(head, magic, sizeof magic);
	head[sizeof magic] = out->is_sealed;
	enum err err = OK;
	if (out->is_sealed) {
		randombytes_buf(head + SALT_AT, crypto_pwhash_SALTBYTES);
		err = make_key(passphrase, head + SALT_AT, key, trouble);
		if (err == OK)
			crypto_secretstream_xchacha20poly1305_init_push(&out->crypt.state, head + STREAM_AT, key);
		sodium_memzero(key, sizeof key);
	}
	crypto_hash_sha256_init(&out->hash);
	crypto_hash_sha256_update(&out->hash, head, HEAD);
	if (err == OK)
		err = put(fd, head, HEAD, trouble);
	if (err != OK) {
		free(out);
		return err;
	}
	*ret = out;
	return OK;
}

static enum err flush(struct backup_out *out, bool is_last, struct trouble *trouble)
{
	const unsigned char *bytes = out->plain;
	unsigned long long n = out->n;

	if (out->is_sealed) {
		crypto_secretstream_xchacha20poly1305_push(&out->crypt.state, out->crypt.chunk, &n, out->plain, out->n, NULL, 0,
			is_last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
		bytes = out->crypt.chunk;
	}
	crypto_hash_sha256_update(&out->hash, bytes, n);
	out->n = 0;
	return put(out->fd, bytes, n, trouble);
}

static enum err add(struct backup_out *out, const void *bytes, size_t n, struct trouble *trouble)
{
	for (size_t done = 0, one; done < n; done += one) {
		one = MIN(n - done, CHUNK - out->n);
		memcpy(out->plain + out->n, (const char *)bytes + done, one);
		out->n += one;
		if (out->n == CHUNK)
			TRY(flush(out, false, trouble));
	}
	return OK;
}

enum err backup_out_part(struct backup_out *out, int from, struct trouble *trouble)
{
	static unsigned char room[CHUNK];
	struct stat about;
	uint64_t left;
	size_t n;

	if (fstat(from, &about) != 0 || lseek(from, 0, SEEK_SET) != 0)
		return cannot(trouble, N_("the backup cannot be read: %s"));
	left = (uint64_t)about.st_size;
	TRY(add(out, &left, sizeof left, trouble));
	for (; left; left -= n) {
		TRY(get(from, room, (size_t)MIN(left, (uint64_t)CHUNK), &n, trouble));
		if (n == 0)
			return trouble_owe(trouble, ERR_IO, N_("the store became shorter while it was being copied"));
		TRY(add(out, room, n, trouble));
	}
	sodium_memzero(room, sizeof room);
	return OK;
}

enum err backup_out_end(struct backup_out *out, struct trouble *trouble)
{
	unsigned char foot[FOOT];

	enum err err = flush(out, true, trouble);
	crypto_hash_sha256_final(&out->hash, foot);
	if (err == OK)
		err = put(out->fd, foot, FOOT, trouble);
	if (err == OK && fsync(out->fd) != 0)
		err = cannot(trouble, N_("the backup is not safe on the disk: %s"));
	sodium_memzero(out, sizeof *out);
	free(out);
	return err;
}

/* --- reading --- */

/* The whole file once: whoever cut or changed it is known before the first byte is used, and before a passphrase costs its second. */
static enum err check_foot(int fd, uint64_t size, struct trouble *trouble)
{
	static unsigned char room[CHUNK];
	unsigned char ours[FOOT], foot[FOOT];
	crypto_hash_sha256_state hash;
	size_t n = 0;

	crypto_hash_sha256_init(&hash);
	if (lseek(fd, 0, SEEK_SET) != 0)
		return cannot(trouble, N_("the backup cannot be read: %s"));
	for (uint64_t left = size - FOOT; left; left -= n) {
		TRY(get(fd, room, (size_t)MIN(left, (uint64_t)CHUNK), &n, trouble));
		if (n == 0)
			return is_broken(trouble);
		crypto_hash_sha256_update(&hash, room, n);
	}
	TRY(get(fd, foot, FOOT, &n, trouble));
	crypto_hash_sha256_final(&hash, ours);
	if (n != FOOT || memcmp(foot, ours, FOOT) != 0)
		return is_broken(trouble);
	return lseek(fd, HEAD, SEEK_SET) == HEAD ? OK : cannot(trouble, N_("the backup cannot be read: %s"));
}

enum err backup_in_begin(int fd, struct str passphrase, struct trouble *trouble, struct backup_in **ret)
{
	unsigned char head[HEAD], key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
	struct stat about;
	size_t n = 0;

	if (sodium_init() < 0)
		return trouble_owe(trouble, ERR_IO, N_("libsodium does not start"));
	if (fstat(fd, &about) != 0)
		return cannot(trouble, N_("the backup cannot be read: %s"));
	TRY(get(fd, head, HEAD, &n, trouble));
	if (n < HEAD || memcmp(head, magic, sizeof magic) != 0 || head[sizeof magic] > 1)
		return trouble_owe(trouble, ERR_CORRUPT, N_("this is no backup of Samordna's"));
	if (about.st_size < HEAD + FOOT)
		return is_broken(trouble);
	TRY(check_foot(fd, (uint64_t)about.st_size, trouble));
	bool is_sealed = head[sizeof magic] == 1;
	if (is_sealed && !passphrase.at)
		return trouble_owe(trouble, ERR_DENIED, N_("this backup is sealed with a passphrase: give its file with --passphrase"));
	struct backup_in *in = calloc(1, sizeof *in);
	if (!in)
		return trouble_owe(trouble, ERR_FULL, N_("no memory for a backup"));
	in->fd = fd;
	in->is_sealed = is_sealed;
	in->left = (uint64_t)about.st_size - HEAD - FOOT;
	enum err err = is_sealed ? make_key(passphrase, head + SALT_AT, key, trouble) : OK;
	if (is_sealed && err == OK && crypto_secretstream_xchacha20poly1305_init_pull(&in->crypt.state, head + STREAM_AT, key) != 0)
		err = is_broken(trouble);
	sodium_memzero(key, sizeof key);
	if (err != OK) {
		free(in);
		return err;
	}
	*ret = in;
	return OK;
}

static enum err fill(struct backup_in *in, struct trouble *trouble)
{
	size_t most = in->is_sealed ? sizeof in->crypt.chunk : CHUNK, n;
	unsigned char *at = in->is_sealed ? in->crypt.chunk : in->plain, tag = 0;
	unsigned long long plain = 0;
	bool is_first = in->from == 0 && in->to == 0;

	if (in->left == 0 || in->is_last)
		return is_broken(trouble);
	TRY(get(in->fd, at, (size_t)MIN(in->left, (uint64_t)most), &n, trouble));
	if (n == 0)
		return is_broken(trouble);
	in->left -= n;
	in->from = 0;
	in->to = n;
	if (!in->is_sealed)
		return OK;
	if (crypto_secretstream_xchacha20poly1305_pull(&in->crypt.state, in->plain, &plain, &tag, in->crypt.chunk, n, NULL, 0) != 0)
		return is_first ? trouble_owe(trouble, ERR_DENIED, N_("the passphrase does not open this backup")) : is_broken(trouble);
	in->to = (size_t)plain;
	in->is_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return OK;
}

static enum err take(struct backup_in *in, size_t most, const unsigned char **ret, size_t *ret_n, struct trouble *trouble)
{
	if (in->from == in->to)
		TRY(fill(in, trouble));
	*ret = in->plain + in->from;
	*ret_n = MIN(most, in->to - in->from);
	in->from += *ret_n;
	return *ret_n ? OK : is_broken(trouble);
}

enum err backup_in_part(struct backup_in *in, int to, struct trouble *trouble)
{
	unsigned char length[8];
	const unsigned char *at;
	uint64_t left;
	size_t n;

	for (size_t done = 0; done < sizeof length; done += n) {
		TRY(take(in, sizeof length - done, &at, &n, trouble));
		memcpy(length + done, at, n);
	}
	memcpy(&left, length, sizeof left);
	if (left > in->left + CHUNK)
		return is_broken(trouble);
	for (; left; left -= n) {
		TRY(take(in, (size_t)MIN(left, (uint64_t)CHUNK), &at, &n, trouble));
		TRY(put(to, at, n, trouble));
	}
	return fsync(to) == 0 ? OK : cannot(trouble, N_("the backup is not safe on the disk: %s"));
}

enum err backup_in_end(struct backup_in *in, struct trouble *trouble)
{
	enum err err = OK;

	/* A sealed stream may end in a chunk without bytes. */
	if (in->from == in->to && in->left && in->is_sealed && !in->is_last)
		err = fill(in, trouble);
	if (err == OK && (in->from != in->to || in->left || (in->is_sealed && !in->is_last)))
		err = is_broken(trouble);
	sodium_memzero(in, sizeof *in);
	free(in);
	return err;
}
