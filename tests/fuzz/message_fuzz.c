/* Any bytes as a message between processes: of what message_check lets through, all that receivers look at lies inside.
 * First octet: the kind it is taken for; second: how many descriptors came along. */
#include "doors/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static volatile uint64_t sum;

static void touch(const void *at, size_t n)
{
	const uint8_t *bytes = at;
	for (size_t i = 0; i < n; i++)
		sum += bytes[i];
}

static void read_text(const char *text, size_t size)
{
	assert(strlen(text) < size);
	touch(text, strlen(text));
}
#define TEXT(x) read_text(x, sizeof x)

static void read_place(const struct parcel *parcel, size_t head, struct place place)
{
	struct str s = message_text(parcel, head, place);
	assert(s.at >= (const char *)parcel->at && s.len <= parcel->length && (size_t)(s.at - (const char *)parcel->at) <= parcel->length - s.len);
	touch(s.at, s.len);
}

static void read_gate(const struct gate_asks *asks, size_t length)
{
	assert(asks->n <= GATE_BATCH && length >= offsetof(struct gate_asks, ask) + asks->n * sizeof asks->ask[0]);
	for (uint32_t i = 0; i < asks->n; i++) {
		TEXT(asks->ask[i].user);
		TEXT(asks->ask[i].calling);
		TEXT(asks->ask[i].session);
		TEXT(asks->ask[i].nas);
		TEXT(asks->ask[i].port);
	}
}

static void read_accounts(const struct account_records *records)
{
	for (uint32_t i = 0; i < records->n; i++) {
		TEXT(records->record[i].user);
		TEXT(records->record[i].session);
		TEXT(records->record[i].framed);
		touch(&records->record[i], sizeof records->record[i]);
	}
}

static void read_answers(const struct gate_answers *answers)
{
	for (uint32_t i = 0; i < answers->n; i++) {
		TEXT(answers->answer[i].text);
		TEXT(answers->answer[i].code);
	}
}

static void read_web(const struct parcel *parcel)
{
	const struct web_ask *ask = parcel->at;
	const struct place *place = (const struct place *)(const void *)(ask + 1);
	size_t n = (size_t)ask->n_fields * 2, head = sizeof *ask + n * sizeof *place;

	TEXT(ask->path);
	TEXT(ask->session);
	TEXT(ask->bearer);
	TEXT(ask->address);
	TEXT(ask->host);
	assert(ask->method <= METHOD_PUT && ask->language <= 1 && ask->n_fields <= WEB_FIELDS);
	touch(place, n * sizeof *place);
	for (size_t i = 0; i < n && !ask->bytes_in_file; i++)
		read_place(parcel, head, place[i]);
}

static void read_web_answer(const struct parcel *parcel)
{
	const struct web_answer *answer = parcel->at;

	TEXT(answer->type);
	TEXT(answer->location);
	TEXT(answer->session);
	TEXT(answer->filename);
	if (answer->has_file)
		assert(parcel->n_files == 1);
	else
		touch(answer + 1, answer->body_length);
}

static void read_control(const struct parcel *parcel)
{
	const struct control_ask *ask = parcel->at;
	const struct place *place = (const struct place *)(const void *)(ask + 1);
	size_t n = (size_t)ask->n_words + (size_t)ask->n_options * 2;

	TEXT(ask->actor);
	TEXT(ask->file_name);
	for (size_t i = 0; i < n; i++)
		read_place(parcel, sizeof *ask + n * sizeof *place, place[i]);
}

static void read_seal(const struct parcel *parcel)
{
	const struct seal_ask *ask = parcel->at;
	size_t head = sizeof *ask + (size_t)ask->n_hashes * 32;

	touch(ask + 1, (size_t)ask->n_hashes * 32);
	read_place(parcel, head, ask->a);
	read_place(parcel, head, ask->b);
}

static void read_sealed(const struct parcel *parcel)
{
	const struct seal_answer *answer = parcel->at;

	read_place(parcel, sizeof *answer, answer->a);
	read_place(parcel, sizeof *answer, answer->b);
}

static void receive(const struct parcel *parcel, enum message_kind kind)
{
	switch (kind) {
	case MESSAGE_GATE_ASK: read_gate(parcel->at, parcel->length); break;
	case MESSAGE_ACCOUNT: read_accounts(parcel->at); break;
	case MESSAGE_GATE_ANSWER: read_answers(parcel->at); break;
	case MESSAGE_WEB_ASK: read_web(parcel); break;
	case MESSAGE_WEB_ANSWER: read_web_answer(parcel); break;
	case MESSAGE_CONTROL_ASK: read_control(parcel); break;
	case MESSAGE_SEAL_ASK: read_seal(parcel); break;
	case MESSAGE_SEAL_ANSWER: read_sealed(parcel); break;
	case MESSAGE_ACCOUNT_DONE: {
		const struct account_done *done = parcel->at;
		touch(done->serial, done->n * sizeof done->serial[0]);
		break;
	}
	case MESSAGE_COUNTERS: touch(parcel->at, sizeof (struct gateway_counters)); break;
	case MESSAGE_READ_FILE: touch(parcel->at, sizeof (struct read_file)); break;
	case MESSAGE_READ_DONE: touch(parcel->at, sizeof (struct read_done)); break;
	case MESSAGE_CONTROL_OUT: touch(parcel->at, sizeof (struct control_out)); break;
	case MESSAGE_BOOT: touch(parcel->at, sizeof (struct boot_files)); break;
	case MESSAGE_PEER: touch(parcel->at, sizeof (struct peer)); break;
	case MESSAGE_READY: touch(parcel->at, sizeof (struct ready)); break;
	default: touch(parcel->at, parcel->length); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	if (n < 2)
		return 0;
	/* Exactly as large as the message, so that one octet too far is seen. */
	size_t length = n - 2;
	void *bytes = malloc(length ? length : 1);
	assert(bytes);
	memcpy(bytes, at + 2, length);
	struct parcel parcel = { .at = bytes, .length = length, .n_files = at[1] % 3 };
	enum message_kind kind = (enum message_kind)(1 + at[0] % (MESSAGE_KINDS - 1));
	/* The kind is right more often than chance would have it. */
	if (length >= sizeof (struct message) && at[1] & 128)
		((struct message *)bytes)->kind = kind;
	if (message_check(&parcel, kind))
		receive(&parcel, kind);
	free(bytes);
	return 0;
}
