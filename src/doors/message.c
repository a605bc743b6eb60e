/* The one check of every message: the right kind, whole, its counts within bounds, its places inside.
 *
 * SECURITY: neighbours are believed in nothing. A message that fails here is thrown away and its sender counted. */
#include "doors/message.h"

/* Least length by kind, and for those with a counted tail the size of one of its elements and where the count stands. */
static const struct { uint32_t least, count_at, element, most; } shape[MESSAGE_KINDS] = {
	[MESSAGE_WEB_ASK] = { sizeof (struct web_ask), offsetof(struct web_ask, n_fields), 2 * sizeof (struct place), WEB_FIELDS },
	[MESSAGE_WEB_ANSWER] = { sizeof (struct web_answer), 0, 0, 0 },
	[MESSAGE_GATE_ASK] = { offsetof(struct gate_asks, ask), offsetof(struct gate_asks, n), sizeof (struct gate_ask), GATE_BATCH },
	[MESSAGE_GATE_ANSWER] = { offsetof(struct gate_answers, answer), offsetof(struct gate_answers, n), sizeof (struct gate_answer), GATE_BATCH },
	[MESSAGE_ACCOUNT] = { offsetof(struct account_records, record), offsetof(struct account_records, n), sizeof (struct account_record), GATE_BATCH },
	[MESSAGE_ACCOUNT_DONE] = { offsetof(struct account_done, serial), offsetof(struct account_done, n), sizeof (uint32_t), GATE_BATCH },
	[MESSAGE_COUNTERS] = { sizeof (struct gateway_counters), 0, 0, 0 },
	[MESSAGE_GATE_END] = { offsetof(struct gate_ends, end), offsetof(struct gate_ends, n), sizeof (struct gate_end), GATE_ENDS },
	[MESSAGE_GATE_ENDED] = { sizeof (struct gate_ended), 0, 0, 0 },
	[MESSAGE_MANAGEMENT] = { sizeof (struct management), 0, 0, 0 },
	[MESSAGE_READ_FILE] = { sizeof (struct read_file), 0, 0, 0 },
	[MESSAGE_READ_DONE] = { sizeof (struct read_done), 0, 0, 0 },
	[MESSAGE_SEAL_ASK] = { sizeof (struct seal_ask), offsetof(struct seal_ask, n_hashes), 32, 4000 },
	[MESSAGE_SEAL_ANSWER] = { sizeof (struct seal_answer), 0, 0, 0 },
	[MESSAGE_CONTROL_ASK] = { sizeof (struct control_ask), 0, 0, 0 },
	[MESSAGE_CONTROL_OUT] = { sizeof (struct control_out), 0, 0, 0 },
	[MESSAGE_POST_MAIL] = { sizeof (struct post_mail), 0, 0, 0 },
	[MESSAGE_POST_HOOK] = { sizeof (struct post_hook), 0, 0, 0 },
	[MESSAGE_POST_SMS] = { sizeof (struct post_sms), 0, 0, 0 },
	[MESSAGE_POST_PROOF] = { sizeof (struct post_proof), 0, 0, 0 },
	[MESSAGE_POST_DONE] = { sizeof (struct post_done), 0, 0, 0 },
	[MESSAGE_BOOT] = { sizeof (struct boot_files), 0, 0, 0 },
	[MESSAGE_PEER] = { sizeof (struct peer), 0, 0, 0 },
	[MESSAGE_READY] = { sizeof (struct ready), 0, 0, 0 },
	[MESSAGE_LOADED] = { sizeof (struct ready), 0, 0, 0 },
	[MESSAGE_WALLED] = { sizeof (struct walled), 0, 0, 0 },
	[MESSAGE_STUCK] = { sizeof (struct stuck), 0, 0, 0 },
	[MESSAGE_LOG_OPEN] = { sizeof (struct log_open), 0, 0, 0 },
	[MESSAGE_LOG_FROM] = { offsetof(struct log_from, at), offsetof(struct log_from, n), sizeof (struct log_position), LOG_POSITIONS },
	[MESSAGE_LOG_LINES] = { offsetof(struct log_lines, record), offsetof(struct log_lines, n), sizeof (struct log_record), LOG_RECORDS },
	[MESSAGE_LOG_TAKEN] = { sizeof (struct log_taken), 0, 0, 0 },
	[MESSAGE_WALLS] = { sizeof (struct walls), 0, 0, 0 },
};

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool gate_texts_end(const struct gate_asks *asks)
{
	for (uint32_t i = 0; i < asks->n; i++) {
		const struct gate_ask *a = &asks->ask[i];
		if (!ends(a->user, sizeof a->user) || !ends(a->calling, sizeof a->calling) || !ends(a->called, sizeof a->called)
		    || !ends(a->nas, sizeof a->nas) || !ends(a->session, sizeof a->session) || !ends(a->port, sizeof a->port))
			return false;
	}
	return true;
}

static bool is_account_kind(uint8_t kind)
{
	return (kind >= ACCOUNT_START && kind <= ACCOUNT_INTERIM) || kind == ACCOUNT_ON || kind == ACCOUNT_OFF
	    || (kind >= ACCOUNT_LIST && kind <= ACCOUNT_UNLISTED);
}

static bool account_texts_end(const struct account_records *records)
{
	for (uint32_t i = 0; i < records->n; i++) {
		const struct account_record *r = &records->record[i];
		if (!ends(r->user, sizeof r->user) || !ends(r->session, sizeof r->session) || !ends(r->nas, sizeof r->nas) || !ends(r->nas_ip, sizeof r->nas_ip)
		    || !ends(r->calling, sizeof r->calling) || !ends(r->framed, sizeof r->framed)
		    || !is_account_kind(r->kind))
			return false;
	}
	return true;
}

static bool answer_texts_end(const struct gate_answers *answers)
{
	for (uint32_t i = 0; i < answers->n; i++)
		if (!ends(answers->answer[i].code, sizeof answers->answer[i].code) || !ends(answers->answer[i].text, sizeof answers->answer[i].text))
			return false;
	return true;
}

static bool end_texts_end(const struct gate_ends *sessions)
{
	for (uint32_t i = 0; i < sessions->n; i++) {
		const struct gate_end *e = &sessions->end[i];
		if (!ends(e->nas_session, sizeof e->nas_session) || !ends(e->text, sizeof e->text) || !ends(e->user, sizeof e->user)
		    || !ends(e->nas, sizeof e->nas) || !ends(e->nas_ip, sizeof e->nas_ip) || !ends(e->framed, sizeof e->framed))
			return false;
	}
	return true;
}

static bool log_texts_end(const struct log_lines *lines)
{
	if (lines->position.source >= LOG_SOURCES)
		return false;
	for (uint32_t i = 0; i < lines->n; i++) {
		const struct log_record *r = &lines->record[i];
		if (!ends(r->service, sizeof r->service) || !ends(r->user, sizeof r->user) || !ends(r->address, sizeof r->address))
			return false;
	}
	return true;
}

static bool places_are_inside(const struct place *place, size_t n, size_t room)
{
	for (size_t i = 0; i < n; i++)
		if (place[i].at > room || place[i].length > room - place[i].at)
			return false;
	return true;
}

static bool web_is_whole(const struct parcel *parcel)
{
	const struct web_ask *ask = parcel->at;
	size_t head = sizeof *ask + (size_t)ask->n_fields * 2 * sizeof (struct place);

	return ends(ask->path, sizeof ask->path) && ends(ask->session, sizeof ask->session) && ends(ask->bearer, sizeof ask->bearer)
	    && ends(ask->address, sizeof ask->address) && ends(ask->host, sizeof ask->host)
	    && ask->method <= METHOD_PUT && ask->language <= 1
	    && (ask->bytes_in_file ? parcel->n_files == 1
	        : places_are_inside((const struct place *)(const void *)(ask + 1), (size_t)ask->n_fields * 2, parcel->length - head));
}

static bool web_answer_is_whole(const struct parcel *parcel)
{
	const struct web_answer *answer = parcel->at;

	return ends(answer->type, sizeof answer->type) && ends(answer->location, sizeof answer->location)
	    && ends(answer->session, sizeof answer->session) && ends(answer->filename, sizeof answer->filename)
	    && (answer->has_file ? parcel->n_files == 1 : answer->body_length == parcel->length - sizeof *answer);
}

static bool control_is_whole(const struct parcel *parcel)
{
	const struct control_ask *ask = parcel->at;
	size_t n = (size_t)ask->n_words + (size_t)ask->n_options * 2, head = sizeof *ask + n * sizeof (struct place);

	return head <= parcel->length && ends(ask->actor, sizeof ask->actor) && ends(ask->file_name, sizeof ask->file_name)
	    && places_are_inside((const struct place *)(const void *)(ask + 1), n, parcel->length - head);
}

static bool seal_is_whole(const struct parcel *parcel)
{
	const struct seal_ask *ask = parcel->at;
	size_t room = parcel->length - sizeof *ask - (size_t)ask->n_hashes * 32;
	const struct place both[] = { ask->a, ask->b };
	return places_are_inside(both, 2, room);
}

static bool sealed_is_whole(const struct parcel *parcel)
{
	const struct seal_answer *answer = parcel->at;
	const struct place both[] = { answer->a, answer->b };
	return places_are_inside(both, 2, parcel->length - sizeof *answer);
}

static bool post_is_whole(const struct parcel *parcel, enum message_kind kind)
{
	const struct post_mail *mail = parcel->at;
	const struct post_hook *hook = parcel->at;
	const struct post_sms *sms = parcel->at;
	const struct post_proof *proof = parcel->at;
	const struct post_done *done = parcel->at;

	if (kind == MESSAGE_POST_MAIL)
		return places_are_inside((const struct place[]){ mail->to, mail->message }, 2, parcel->length - sizeof *mail);
	if (kind == MESSAGE_POST_HOOK)
		return places_are_inside((const struct place[]){ hook->event, hook->body }, 2, parcel->length - sizeof *hook);
	if (kind == MESSAGE_POST_SMS)
		return places_are_inside((const struct place[]){ sms->to, sms->text }, 2, parcel->length - sizeof *sms);
	if (kind == MESSAGE_POST_PROOF)
		return places_are_inside((const struct place[]){ proof->hint, proof->words }, 2, parcel->length - sizeof *proof);
	return ends(done->cause, sizeof done->cause) && done->outcome >= POST_SENT && done->outcome <= POST_PEER;
}

bool message_check(const struct parcel *parcel, enum message_kind kind)
{
	const struct message *head = parcel->at;
	uint32_t n = 0;

	if (parcel->length < sizeof *head || head->kind != kind || parcel->length < shape[kind].least)
		return false;
	if (shape[kind].element) {
		memcpy(&n, (const char *)parcel->at + shape[kind].count_at, sizeof n);
		if (n > shape[kind].most || parcel->length < shape[kind].least + (size_t)n * shape[kind].element)
			return false;
	}
	switch (kind) {
	case MESSAGE_GATE_ASK: return gate_texts_end(parcel->at);
	case MESSAGE_GATE_ANSWER: return answer_texts_end(parcel->at);
	case MESSAGE_GATE_END: return end_texts_end(parcel->at);
	case MESSAGE_ACCOUNT: return account_texts_end(parcel->at);
	case MESSAGE_LOG_LINES: return log_texts_end(parcel->at);
	case MESSAGE_WEB_ASK: return web_is_whole(parcel);
	case MESSAGE_WEB_ANSWER: return web_answer_is_whole(parcel);
	case MESSAGE_CONTROL_ASK: return control_is_whole(parcel);
	case MESSAGE_POST_MAIL: case MESSAGE_POST_HOOK: case MESSAGE_POST_SMS: case MESSAGE_POST_PROOF: case MESSAGE_POST_DONE: return post_is_whole(parcel, kind);
	case MESSAGE_SEAL_ASK: return seal_is_whole(parcel);
	case MESSAGE_SEAL_ANSWER: return sealed_is_whole(parcel);
	default: return true;
	}
}

struct str message_text(const struct parcel *parcel, size_t head_size, struct place place)
{
	return (struct str){ (const char *)parcel->at + head_size + place.at, place.length };
}
