/* The seal process. Three kinds of threads: one signs, one reads what is asked about secrets, two check passwords.
 *
 * Signing. core sends the hashes of all leaves since the last checkpoint, in order, each message saying where it goes on
 * (SEAL_SIGN with hashes), then asks for the checkpoint (SEAL_SIGN without hashes, place a: the seal leaf itself). We keep size and
 * frontier, compute the root ourselves, and look at the leaf: it must name our epoch and our next key. Then: sign with the key of
 * the epoch, put the next key in its place, write the state, and only then let the note go. A kill in between leaves either the
 * old state (core asks again) or the new one with its note (core is given it again).
 *
 * Passwords: HMAC-SHA256 with the pepper, then argon2id. At most 2 at a time, 32 in the queue, then ERR_BUSY: 64 MiB each is what
 * the machine can bear on a Monday morning.
 *
 * SECURITY: what does not continue what was signed is refused and said aloud; there is no message that returns a key, a
 * pepper or a TOTP seed. A box tells its kind to the cipher, so that a seed or a password cannot be asked for as "a secret".
 * A password check against no box costs what a real one costs. What this process cannot do: know that what core has it sign is
 * true. Whoever owns core from now on writes the log from now on; the past stays signed with keys that are gone. */
#define LONG_LIVED
#include <liboath/oath.h>
#include <sodium.h>
#include <sys/socket.h>
#include "doors/message.h"
#include "floor/note.h"
#include "floor/rq.h"
#include "seal_state.h"
#include "base/world.h"
#include <pthread.h>

enum { CHECKERS = 2, QUEUE = 32, SEED = 20, STEP = 30, MOST_PASSWORD = 1024, MOST_BOXED = 4096, BOX_ROOM = 64 };
enum box_kind { BOX_PASSWORD = 'p', BOX_TOTP = 't', BOX_SECRET = 's' };

struct work { uint32_t serial; enum seal_what what; unsigned char digest[32]; char stored[crypto_pwhash_STRBYTES]; bool is_known; };

static struct seal {
	struct seal_state state;
	struct tree       pending;            /* what core has sent since the last checkpoint */
	struct hash       last;               /* and the last of it */
	int               state_fd, sign_fd, secrets_fd;
	pthread_mutex_t   lock;               /* of the queue */
	pthread_cond_t    has_work;
	struct work       queue[QUEUE];
	size_t            first, n;
} seal;

struct reply { uint32_t serial; enum err err; int64_t number; struct str a, b; };

static enum err send_reply(int fd, const struct reply *reply)
{
	struct { struct seal_answer answer; char room[3 * MOST_BOXED]; } packet = { .answer = { .err = reply->err, .number = reply->number } };
	size_t n = reply->a.len + reply->b.len;

	if (n > sizeof packet.room)
		return ERR_FULL;
	packet.answer.a = (struct place){ 0, (uint32_t)reply->a.len };
	packet.answer.b = (struct place){ (uint32_t)reply->a.len, (uint32_t)reply->b.len };
	if (reply->a.len)
		memcpy(packet.room, reply->a.at, reply->a.len);
	if (reply->b.len)
		memcpy(packet.room + reply->a.len, reply->b.at, reply->b.len);
	enum err err = channel_send(fd, (struct message){ .kind = MESSAGE_SEAL_ANSWER, .serial = reply->serial }, &packet.answer.err,
	                            sizeof packet.answer - sizeof packet.answer.head + n, NULL, 0);
	sodium_memzero(&packet, sizeof packet);
	return err;
}

/* --- signing --- */

static enum err write_state(void)
{
	struct trouble trouble = { 0 };
	enum err err = seal_state_write(seal.state_fd, &seal.state, &trouble);

	trouble_speak(&trouble, language_here());
	if (err != OK)
		world_log("seal: %s", trouble.text);
	return err;
}

static enum err next_key(struct str *ret)
{
	unsigned char public[32];

	if (!seal.state.has_next) {
		crypto_sign_keypair(public, seal.state.next);
		seal.state.has_next = 1;
		TRY(write_state());
	}
	*ret = (struct str){ (char *)seal.state.next + 32, 32 };
	return OK;
}

static enum err refuse(const char *why, int64_t said)
{
	world_log("seal: ALARM: refused to sign: %s (asked for %lld, signed %lld, epoch %lld)", why, (long long)said,
	          (long long)seal.state.tree.size, (long long)seal.state.epoch);
	seal.pending = seal.state.tree;
	return ERR_CONFLICT;
}

/* The hashes go on where the last ones ended; beginning anew at the last checkpoint is allowed. */
static enum err take_hashes(int64_t from, const unsigned char *hashes, uint32_t n)
{
	struct hash hash = { 0 };

	if (from == seal.state.tree.size)
		seal.pending = seal.state.tree;
	if (from != seal.pending.size)
		return refuse("the leaves do not go on where the last checkpoint ends", from);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(hash.byte, hashes + 32 * (size_t)i, 32);
		tree_add(&seal.pending, hash);
	}
	if (n)
		seal.last = hash;
	return OK;
}

/* The last leaf must be the seal leaf of our epoch and name our next key, or the epochs would part from the keys. */
static bool is_our_seal(struct str leaf, int64_t index)
{
	char begins[96], ends[80], key[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)];
	static const char action[] = ",\"action\":\"audit.seal\",";
	struct hash hash = tree_leaf(leaf);

	sodium_bin2base64(key, sizeof key, seal.state.next + 32, 32, sodium_base64_VARIANT_ORIGINAL);
	snprintf(begins, sizeof begins, "{\"index\":%lld,\"epoch\":%lld,", (long long)index, (long long)seal.state.epoch);
	snprintf(ends, sizeof ends, ",\"next\":\"%s\"}", key);
	return memcmp(hash.byte, seal.last.byte, 32) == 0 && str_starts(leaf, str_of(begins)) && str_ends(leaf, str_of(ends))
	    && memmem(leaf.at, leaf.len, action, sizeof action - 1);
}

static void sign_note(struct out *out, struct hash root)
{
	struct str origin = str_of(seal.state.origin);
	char name[sizeof seal.state.origin + 8];

	snprintf(name, sizeof name, "%s/epoch", seal.state.origin);
	note_text(out, origin, seal.pending.size, root.byte);
	struct arena *arena = out->arena;
	struct str text = str_copy(arena, out_str(out));
	out_byte(out, '\n');
	note_sign(out, text, origin, seal.state.identity);
	note_sign(out, text, str_of(name), seal.state.key);
}

static enum err sign(int64_t size, struct str leaf, struct str *ret)
{
	if (size == seal.state.tree.size && size > 0) {
		*ret = (struct str){ seal.state.note, seal.state.note_length };
		return OK;
	}
	if (size != seal.pending.size || size <= seal.state.tree.size)
		return refuse("the size is not that of the leaves sent", size);
	if (!seal.state.has_next || !is_our_seal(leaf, size - 1))
		return refuse("the last leaf does not seal this epoch", size);
	struct arena *arena = arena_new(1 << 20);
	struct out out = out_new(arena);
	sign_note(&out, tree_root(&seal.pending));
	assert(out.len <= SEAL_NOTE);
	memcpy(seal.state.note, out.at, out.len);
	seal.state.note_length = (uint32_t)out.len;
	seal.state.tree = seal.pending;
	memcpy(seal.state.key, seal.state.next, sizeof seal.state.key);
	sodium_memzero(seal.state.next, sizeof seal.state.next);
	seal.state.has_next = 0;
	seal.state.epoch++;
	arena_end(arena);
	if (write_state() != OK) {
		/* Which state the file holds now is unknown: this process ends, and the next one reads what is there. */
		sodium_memzero(&seal.state, sizeof seal.state);
		world_log("seal: ends, because its state could not be kept");
		_exit(1);
	}
	*ret = (struct str){ seal.state.note, seal.state.note_length };
	return OK;
}

static void key_lines(struct out *out)
{
	char name[sizeof seal.state.origin + 8];

	snprintf(name, sizeof name, "%s/epoch", seal.state.origin);
	note_key(out, str_of(seal.state.origin), seal.state.identity + 32);
	out_byte(out, '\n');
	note_key(out, str_of(name), seal.state.first);
	out_byte(out, '\n');
}

static void answer_signing(const struct parcel *parcel)
{
	const struct seal_ask *ask = parcel->at;
	size_t head = sizeof *ask + 32 * (size_t)ask->n_hashes;
	struct reply reply = { .serial = ask->head.serial };
	struct arena *arena = arena_new(64 << 10);
	struct out out = out_new(arena);
	struct hash root;

	switch (ask->what) {
	case SEAL_NEXT_KEY: reply.err = next_key(&reply.a); break;
	case SEAL_SIGN:
		reply.err = ask->n_hashes ? take_hashes(ask->number, (const unsigned char *)(ask + 1), ask->n_hashes)
		                          : sign(ask->number, message_text(parcel, head, ask->a), &reply.a);
		break;
	case SEAL_KEYS:
		key_lines(&out);
		reply.a = out_str(&out);
		break;
	case SEAL_SIZE:
		root = tree_root(&seal.state.tree);
		reply.number = seal.state.tree.size;
		reply.a = (struct str){ (char *)root.byte, 32 };
		break;
	default: reply.err = ERR_DENIED;
	}
	(void)send_reply(seal.sign_fd, &reply);
	arena_end(arena);
}

/* --- boxes --- */

static size_t close_box(enum box_kind kind, struct str plain, unsigned char ret[MOST_BOXED + BOX_ROOM])
{
	unsigned char about[2] = { 1, (unsigned char)kind };
	unsigned long long n;

	ret[0] = 1;
	randombytes_buf(ret + 1, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
	unsigned char *body = ret + 1 + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
	crypto_aead_xchacha20poly1305_ietf_encrypt(body, &n, (const unsigned char *)plain.at, plain.len, about, sizeof about, NULL, ret + 1,
	                                           seal.state.box);
	return (size_t)n + (size_t)(body - ret);
}

static enum err open_box(enum box_kind kind, struct str box, unsigned char ret[MOST_BOXED], size_t *ret_n)
{
	enum { HEAD = 1 + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
	unsigned char about[2] = { 1, (unsigned char)kind };
	const unsigned char *at = (const unsigned char *)box.at;
	unsigned long long n;

	if (box.len < HEAD + crypto_aead_xchacha20poly1305_ietf_ABYTES || box.len > MOST_BOXED + BOX_ROOM || at[0] != 1)
		return ERR_CORRUPT;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(ret, &n, NULL, at + HEAD, box.len - HEAD, about, sizeof about, at + 1, seal.state.box) != 0)
		return ERR_CORRUPT;
	*ret_n = (size_t)n;
	return OK;
}

/* --- passwords --- */

static enum err start_password(const struct seal_ask *ask, struct str password, struct str box)
{
	struct work work = { .serial = ask->head.serial, .what = ask->what };
	unsigned char plain[MOST_BOXED];
	size_t n;

	if (password.len == 0 || password.len > MOST_PASSWORD)
		return ERR_INVALID;
	crypto_auth_hmacsha256(work.digest, (const unsigned char *)password.at, password.len, seal.state.pepper);
	if (ask->what == SEAL_PASSWORD_CHECK && box.len) {
		TRY(open_box(BOX_PASSWORD, box, plain, &n));
		if (n >= sizeof work.stored)
			return ERR_CORRUPT;
		memcpy(work.stored, plain, n);
		work.is_known = true;
	}
	pthread_mutex_lock(&seal.lock);
	bool is_full = seal.n == QUEUE;
	if (!is_full) {
		seal.queue[(seal.first + seal.n++) % QUEUE] = work;
		pthread_cond_signal(&seal.has_work);
	}
	pthread_mutex_unlock(&seal.lock);
	sodium_memzero(&work, sizeof work);
	return is_full ? ERR_BUSY : OK;
}

static enum err hash_password(const struct work *work, char ret[crypto_pwhash_STRBYTES])
{
	return crypto_pwhash_str_alg(ret, (const char *)work->digest, sizeof work->digest, seal.state.cost.passes, seal.state.cost.bytes,
	                             crypto_pwhash_ALG_ARGON2ID13) == 0 ? OK : ERR_FULL;
}

static void do_password(const struct work *work)
{
	struct reply reply = { .serial = work->serial };
	char hash[crypto_pwhash_STRBYTES] = "";
	unsigned char box[MOST_BOXED + BOX_ROOM];

	if (work->what == SEAL_PASSWORD_HASH || !work->is_known) {
		reply.err = hash_password(work, hash);
		if (reply.err == OK && work->what == SEAL_PASSWORD_HASH)
			reply.a = (struct str){ (char *)box, close_box(BOX_PASSWORD, str_of(hash), box) };
		else if (reply.err == OK)
			reply.err = ERR_DENIED;      /* nobody's password: the same work, then no */
	} else if (crypto_pwhash_str_verify(work->stored, (const char *)work->digest, sizeof work->digest) != 0) {
		reply.err = ERR_DENIED;
	} else {
		reply.number = crypto_pwhash_str_needs_rehash(work->stored, seal.state.cost.passes, seal.state.cost.bytes) != 0;
	}
	(void)send_reply(seal.secrets_fd, &reply);
	sodium_memzero(hash, sizeof hash);
}

static void *check_passwords(void *of)
{
	(void)of;
	for (;;) {
		pthread_mutex_lock(&seal.lock);
		while (seal.n == 0)
			pthread_cond_wait(&seal.has_work, &seal.lock);
		struct work work = seal.queue[seal.first];
		sodium_memzero(&seal.queue[seal.first], sizeof seal.queue[0]);
		seal.first = (seal.first + 1) % QUEUE;
		seal.n--;
		pthread_mutex_unlock(&seal.lock);
		do_password(&work);
		sodium_memzero(&work, sizeof work);
	}
	return NULL;
}

/* --- TOTP --- */

static enum err new_seed(struct reply *reply, unsigned char box[MOST_BOXED + BOX_ROOM], char text[40])
{
	unsigned char seed[SEED];
	char *base32 = NULL;
	size_t n;

	randombytes_buf(seed, sizeof seed);
	if (oath_base32_encode((char *)seed, sizeof seed, &base32, &n) != OATH_OK || n >= 40)
		return ERR_IO;
	memcpy(text, base32, n);
	sodium_memzero(base32, n);
	free(base32);
	reply->a = (struct str){ (char *)box, close_box(BOX_TOTP, (struct str){ (char *)seed, sizeof seed }, box) };
	reply->b = (struct str){ text, n };
	sodium_memzero(seed, sizeof seed);
	return OK;
}

/* All three counters are compared, whichever fits: the time taken says nothing. */
static enum err check_code(struct str code, struct str box, int64_t seconds, int64_t *ret)
{
	unsigned char seed[MOST_BOXED];
	char right[8];
	size_t n;
	int64_t fits = -1;

	if (code.len != 6 || seconds < 2 * STEP)
		return ERR_DENIED;
	TRY(open_box(BOX_TOTP, box, seed, &n));
	for (int64_t counter = seconds / STEP - 1; counter <= seconds / STEP + 1; counter++) {
		if (oath_hotp_generate((char *)seed, n, (uint64_t)counter, 6, false, OATH_HOTP_DYNAMIC_TRUNCATION, right) != OATH_OK)
			return ERR_IO;
		if (sodium_memcmp(right, code.at, 6) == 0)
			fits = counter;
	}
	sodium_memzero(seed, sizeof seed);
	*ret = fits;
	return fits < 0 ? ERR_DENIED : OK;
}

static void answer_secrets(const struct parcel *parcel)
{
	const struct seal_ask *ask = parcel->at;
	size_t head = sizeof *ask + 32 * (size_t)ask->n_hashes;
	struct str a = message_text(parcel, head, ask->a), b = message_text(parcel, head, ask->b);
	struct reply reply = { .serial = ask->head.serial };
	unsigned char box[MOST_BOXED + BOX_ROOM];
	char text[40];

	switch (ask->what) {
	case SEAL_PASSWORD_HASH: case SEAL_PASSWORD_CHECK:
		reply.err = start_password(ask, a, b);
		if (reply.err == OK)
			return;                  /* a checker answers */
		break;
	case SEAL_SECRET_BOX:
		reply.err = a.len > MOST_BOXED ? ERR_FULL : OK;
		if (reply.err == OK)
			reply.a = (struct str){ (char *)box, close_box(BOX_SECRET, a, box) };
		break;
	case SEAL_SECRET_OPEN:
		reply.err = open_box(BOX_SECRET, a, box, &reply.a.len);
		reply.a = reply.err == OK ? (struct str){ (char *)box, reply.a.len } : STR_NONE;
		break;
	case SEAL_TOTP_NEW: reply.err = new_seed(&reply, box, text); break;
	case SEAL_TOTP_CHECK: reply.err = check_code(a, b, ask->number, &reply.number); break;
	default: reply.err = ERR_DENIED;
	}
	(void)send_reply(seal.secrets_fd, &reply);
	sodium_memzero(box, sizeof box);
	sodium_memzero(text, sizeof text);
}

/* --- the process --- */

static void serve_channel(int fd, void (*answer)(const struct parcel *))
{
	char *room = malloc(CHANNEL_MOST);
	struct parcel parcel;
	uint64_t malformed = 0;
	enum err err;

	while (room && (err = channel_receive(fd, room, &parcel)) != ERR_NONE && err != ERR_IO) {
		for (int i = 0; i < parcel.n_files; i++)
			close(parcel.files[i]);
		if (err == OK && message_check(&parcel, MESSAGE_SEAL_ASK))
			answer(&parcel);
		else if (malformed++, (malformed & (malformed - 1)) == 0)      /* the first, the second, the fourth: a flood fills no log */
			world_log("seal: %llu malformed messages were thrown away", (unsigned long long)malformed);
		sodium_memzero(room, CHANNEL_MOST);
	}
	free(room);
}

static void *sign_for_ever(void *of)
{
	(void)of;
	serve_channel(seal.sign_fd, answer_signing);
	/* One channel lost is both lost: keeper starts a whole seal again. */
	shutdown(seal.secrets_fd, SHUT_RDWR);
	return NULL;
}

static enum err start_threads(pthread_t *ret_signer)
{
	pthread_t checker;

	if (pthread_create(ret_signer, NULL, sign_for_ever, NULL) != 0)
		return ERR_FULL;
	for (int i = 0; i < CHECKERS; i++) {
		if (pthread_create(&checker, NULL, check_passwords, NULL) != 0)
			return ERR_FULL;
		pthread_detach(checker);
	}
	return OK;
}

int seal_run(int state_fd, int sign_fd, int secrets_fd)
{
	struct trouble trouble = { 0 };
	pthread_t signer;

	seal = (struct seal){ .state_fd = state_fd, .sign_fd = sign_fd, .secrets_fd = secrets_fd,
		.lock = PTHREAD_MUTEX_INITIALIZER, .has_work = PTHREAD_COND_INITIALIZER };
	/* Best effort: without the limit's leave the keys may be paged out. */
	(void)sodium_mlock(&seal, sizeof seal);
	if (sodium_init() < 0 || oath_init() != OATH_OK || seal_state_read(state_fd, &seal.state, &trouble) != OK) {
		trouble_speak(&trouble, language_here());
		world_log("seal: %s", trouble.text[0] ? trouble.text : "cannot start");
		return 1;
	}
	seal.pending = seal.state.tree;
	if (start_threads(&signer) != OK)
		return 1;
	serve_channel(secrets_fd, answer_secrets);
	/* core is gone on one channel: it is gone. */
	shutdown(sign_fd, SHUT_RDWR);
	pthread_join(signer, NULL);
	sodium_memzero(&seal.state, sizeof seal.state);
	return 0;
}
