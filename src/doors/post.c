/* post: the process that connects outwards: mail to the mail server, events to webhooks, SMS to a gateway, questions to an OpenID provider.
 *
 * One loop: core's messages begin transfers, at most TRANSFERS at a time, and what became of each is said back. Nothing is kept: when post dies core
 * sends again what it has heard nothing of. libcurl does the protocols (post_curl.c); names are looked up here (post_name.c), since
 * behind the walls no file can be opened; meanwhile the others wait, some seconds at most.
 *
 * SECURITY: peers are those that samordna.conf names and no others; a message from core names an address and a text, never a host. A redirect is not
 * followed, a proxy not asked. What peers answer is cut and cleaned before it goes to core as a cause. */
#include <curl/curl.h>
#define LONG_LIVED
#include "doors/post_parts.h"
#include "base/world.h"
#include <fcntl.h>
#include <poll.h>

enum { QUIET_MS = 60000, TRANSFERS = 8, CONNECT_S = 20, REPLY_S = 60, WHOLE_S = 120 };

static struct transfer transfers[TRANSFERS];

void post_prepare(const struct post_boot *boot)
{
	if (!boot->has_mail && !boot->n_hooks && !boot->sms.url[0] && !boot->ciba.ask[0])
		return;
	post_curl_load();
	post_name_prepare();
}

static size_t write_resolve(char *room, size_t size, const char *host, uint16_t port, char found[POST_ADDRESSES][POST_ADDRESS], size_t n)
{
	size_t length = (size_t)snprintf(room, size, "%s%s%s:%u:", strchr(host, ':') ? "[" : "", host, strchr(host, ':') ? "]" : "", port);

	for (size_t i = 0; i < n && length < size; i++) {
		bool is_six = strchr(found[i], ':') != NULL;
		length += (size_t)snprintf(room + length, size - length, "%s%s%s%s", i ? "," : "", is_six ? "[" : "", found[i], is_six ? "]" : "");
	}
	return length;
}

bool post_set_common(struct transfer *transfer, const char *host, uint16_t port, struct str authorities, bool is_loopback_only)
{
	char found[POST_ADDRESSES][POST_ADDRESS], line[256 + POST_ADDRESSES * (POST_ADDRESS + 4)];
	size_t n = post_name_find(host, found);
	struct curl_blob blob = { (void *)(uintptr_t)authorities.at, authorities.len, CURL_BLOB_NOCOPY };
	CURL *easy = transfer->easy;

	if (n == 0) {
		snprintf(transfer->error, sizeof transfer->error, "the name %.180s has no address", host);
		return false;
	}
	for (size_t i = 0; is_loopback_only && i < n; i++)
		if (!post_name_is_loopback(found[i])) {
			snprintf(transfer->error, sizeof transfer->error, "%.180s is not this machine, and nothing goes there in the clear", host);
			return false;
		}
	write_resolve(line, sizeof line, host, port, found, n);
	transfer->resolve = post_curl.slist_append(NULL, line);
#define SET(option, value) post_curl.easy_setopt(easy, option, value)
	SET(CURLOPT_ERRORBUFFER, transfer->error);
	SET(CURLOPT_PRIVATE, transfer);
	SET(CURLOPT_RESOLVE, transfer->resolve);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_NOPROGRESS, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps,http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)REPLY_S);
	SET(CURLOPT_TIMEOUT, (long)WHOLE_S);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CAINFO, NULL);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_CAINFO_BLOB, &blob);
#undef SET
	return true;
}

/* --- one transfer --- */

static void say(int core_fd, const struct transfer *transfer, enum post_outcome outcome, const char *cause)
{
	struct post_done done = { .id = transfer->id, .outcome = outcome, .hook = transfer->hook };

	for (size_t i = 0; cause && cause[i] && i < sizeof done.cause - 1; i++)
		done.cause[i] = (unsigned char)cause[i] < ' ' || (unsigned char)cause[i] >= 0x7f ? ' ' : cause[i];
	(void)channel_send(core_fd, (struct message){ .kind = MESSAGE_POST_DONE }, &done.id, sizeof done - sizeof done.head, NULL, 0);
}

static void end(struct transfer *transfer)
{
	post_curl.easy_cleanup(transfer->easy);
	post_curl.slist_free_all(transfer->list);
	post_curl.slist_free_all(transfer->resolve);
	free(transfer->bytes);
	*transfer = (struct transfer){ 0 };
}

static void finish(CURLM *multi, int core_fd, const struct post_boot *boot, struct transfer *transfer, CURLcode result)
{
	long code = 0;
	char room[POST_CAUSE];
	const char *cause = transfer->error[0] ? transfer->error : post_curl.easy_strerror(result);
	bool is_mail = transfer->hook == POST_MAIL, is_proof = transfer->hook == POST_PROOF, is_over = true;

	post_curl.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &code);
	enum post_outcome outcome = is_mail ? post_mail_outcome(transfer, result) : post_hook_outcome(result, code);
	if (is_proof)
		is_over = post_proof_took(transfer, boot, result, code, world.ticks(), &outcome, &cause);
	else if (is_mail && post_mail_code(transfer) >= 400 && result != CURLE_OPERATION_TIMEDOUT)
		cause = transfer->reply;
	else if (!is_mail && result == CURLE_OK) {
		snprintf(room, sizeof room, "HTTP %ld", code);
		cause = room;
	}
	if (is_over)
		say(core_fd, transfer, outcome, outcome == POST_SENT ? "" : cause);
	post_curl.multi_remove_handle(multi, transfer->easy);
	end(transfer);
}

/* What core may ask for, and who begins it. */
static bool start_mail(struct transfer *t, const struct post_boot *b, const struct parcel *p) { return post_mail_start(t, b, p->at, p); }
static bool start_hook(struct transfer *t, const struct post_boot *b, const struct parcel *p) { return post_hook_start(t, b, p->at, p); }
static bool start_sms(struct transfer *t, const struct post_boot *b, const struct parcel *p) { return post_sms_start(t, b, p->at, p); }
static const struct kind { enum message_kind kind; bool (*start)(struct transfer *, const struct post_boot *, const struct parcel *); } kinds[] = {
	{ MESSAGE_POST_MAIL, start_mail }, { MESSAGE_POST_HOOK, start_hook }, { MESSAGE_POST_SMS, start_sms }, { MESSAGE_POST_PROOF, NULL } };

static const struct kind *kind_of(const struct parcel *parcel)
{
	for (size_t i = 0; i < LENGTH(kinds); i++)
		if (message_check(parcel, kinds[i].kind))
			return &kinds[i];
	return NULL;
}

static uint32_t route_of(enum message_kind kind, const struct parcel *parcel)
{
	const struct post_hook *hook = parcel->at;
	return kind == MESSAGE_POST_MAIL ? POST_MAIL : kind == MESSAGE_POST_SMS ? POST_SMS : kind == MESSAGE_POST_PROOF ? POST_PROOF : hook->hook + 1;
}

static struct transfer *free_transfer(void)
{
	for (size_t i = 0; i < TRANSFERS; i++)
		if (!transfers[i].easy)
			return &transfers[i];
	return NULL;
}

static bool begin(CURLM *multi, int core_fd, const struct post_boot *boot, const struct parcel *parcel)
{
	const struct kind *kind = kind_of(parcel);
	const struct post_mail *head = parcel->at;           /* the number stands at the same place in each */

	if (!kind)
		return false;
	struct transfer *transfer = free_transfer(), none = { .id = head->id, .hook = route_of(kind->kind, parcel) };
	if (!kind->start && post_curl.is_there && boot->ciba.ask[0]) {
		if (!post_proof_take(parcel->at, parcel, world.ticks()))
			say(core_fd, &none, POST_PEER, "it cannot be asked now");
		return true;
	}
	if (!post_curl.is_there || !kind->start || !transfer || !(none.easy = post_curl.easy_init())) {
		say(core_fd, &none, POST_PEER, !post_curl.is_there ? "libcurl4 is not installed" : kind->start ? "busy" : "nobody is named to be asked");
		return true;
	}
	*transfer = none;
	if (kind->start(transfer, boot, parcel) && post_curl.multi_add_handle(multi, transfer->easy) == CURLM_OK)
		return true;
	say(core_fd, transfer, transfer->error[0] ? POST_PEER : POST_NEVER, transfer->error[0] ? transfer->error : "it cannot be sent as it is");
	end(transfer);
	return true;
}

/* Questions go on by themselves: their next request, when it is time and there is room. */
static void ask_proofs(CURLM *multi, int core_fd, const struct post_boot *boot)
{
	enum post_outcome outcome;
	const char *cause;

	for (struct transfer *transfer; post_proof_wait(world.ticks()) == 0 && (transfer = free_transfer()); ) {
		transfer->easy = post_curl.easy_init();
		if (!transfer->easy || !post_proof_start(transfer, boot, world.ticks()))
			return end(transfer);
		if (!transfer->error[0] && post_curl.multi_add_handle(multi, transfer->easy) == CURLM_OK)
			continue;
		if (post_proof_took(transfer, boot, CURLE_COULDNT_CONNECT, 0, world.ticks(), &outcome, &cause))
			say(core_fd, transfer, outcome, cause);
		end(transfer);
	}
}

static void carry(CURLM *multi, int core_fd, const struct post_boot *boot)
{
	CURLMsg *message;
	int running, left;

	(void)post_curl.multi_perform(multi, &running);
	while ((message = post_curl.multi_info_read(multi, &left))) {
		struct transfer *transfer = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		post_curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		if (transfer)
			finish(multi, core_fd, boot, transfer, message->data.result);
	}
}

/* --- the loop --- */

static void wait_for_news(CURLM *multi, int core_fd)
{
	struct curl_waitfd wait = { .fd = core_fd, .events = CURL_WAIT_POLLIN };
	struct pollfd alone = { .fd = core_fd, .events = POLLIN };
	int64_t proofs = post_proof_wait(world.ticks());
	int happened;

	if (multi)
		(void)post_curl.multi_poll(multi, &wait, 1, proofs < 0 ? QUIET_MS : (int)MIN(proofs, (int64_t)QUIET_MS), &happened);
	else
		(void)poll(&alone, 1, -1);
}

int post_run(const struct post_boot *boot, int core_fd)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	CURLM *multi = post_curl.is_there ? post_curl.multi_init() : NULL;
	struct parcel parcel;
	int64_t said = -QUIET_MS;
	uint64_t foreign = 0;
	enum err err;

	(void)fcntl(core_fd, F_SETFL, O_NONBLOCK);
	for (;;) {
		while ((err = channel_receive(core_fd, room, &parcel)) != ERR_NONE && err != ERR_IO && err != ERR_BUSY) {
			for (int i = 0; err == OK && i < parcel.n_files; i++)
				close(parcel.files[i]);
			if (err == OK && begin(multi, core_fd, boot, &parcel))
				continue;
			foreign++;
			if (world.ticks() - said < QUIET_MS)
				continue;
			said = world.ticks();
			world_log("post: %llu messages of no kind that it knows were thrown away", (unsigned long long)foreign);
		}
		if (err != ERR_BUSY)
			return 0;
		if (multi)
			ask_proofs(multi, core_fd, boot), carry(multi, core_fd, boot);
		wait_for_news(multi, core_fd);
	}
}
