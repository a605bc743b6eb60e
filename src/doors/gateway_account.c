/* Accounting: each record goes to core, and is acknowledged only when core has it on disk (RFC 2866 section 2). */
#include "doors/gateway_loop.h"
#include <arpa/inet.h>

static void put_text(char *room, size_t size, const struct radius *packet, enum radius_type type)
{
	struct radius_attr attr;
	size_t n = 0;

	if (radius_find(packet, type, &attr))
		n = MIN((size_t)attr.length, size - 1);
	for (size_t i = 0; i < n; i++)
		room[i] = attr.value[i] ? (char)attr.value[i] : '?';
	room[n] = '\0';
}

/* 192.0.2.1; empty when it is not there. */
static void put_address(char *room, size_t size, const struct radius *packet, enum radius_type type)
{
	struct radius_attr attr;

	room[0] = '\0';
	if (radius_find(packet, type, &attr) && attr.length == 4)
		(void)inet_ntop(AF_INET, attr.value, room, (socklen_t)size);
}

/* Class samordna:LEAF among whatever other Class attributes there are. */
static int64_t class_leaf(const struct radius *packet)
{
	struct radius_attr attr;
	int64_t leaf;

	for (size_t at = 0; radius_next(packet, &at, &attr); ) {
		struct str value = { (const char *)attr.value, attr.length };
		if (attr.type == RADIUS_CLASS && str_starts(value, STR("samordna:")) && str_number(str_from(value, 9), INT64_MAX, &leaf) == OK)
			return leaf;
	}
	return -1;
}

static uint64_t octets(const struct radius *packet, enum radius_type low_type, enum radius_type high_type)
{
	uint32_t low = 0, high = 0;

	(void)radius_number(packet, low_type, &low);
	(void)radius_number(packet, high_type, &high);
	return (uint64_t)high << 32 | low;
}

void account_take(struct flight *flight, const struct radius *packet)
{
	struct account_record record = { .serial = flight_serial(flight), .client = flight->client, .class_leaf = class_leaf(packet) };
	uint32_t kind = 0;

	if (!radius_number(packet, RADIUS_ACCT_STATUS, &kind) || kind == 0
	    || (kind > ACCOUNT_INTERIM && kind != ACCOUNT_ON && kind != ACCOUNT_OFF)) {
		gateway.counters.malformed++;
		flight_end(flight);
		return;
	}
	record.kind = (uint8_t)kind;
	(void)radius_number(packet, RADIUS_ACCT_TIME, &record.seconds);
	(void)radius_number(packet, RADIUS_ACCT_CAUSE, &record.cause);
	(void)radius_number(packet, RADIUS_ACCT_DELAY, &record.delay);
	record.in_octets = octets(packet, RADIUS_ACCT_IN, RADIUS_ACCT_IN_GIGA);
	record.out_octets = octets(packet, RADIUS_ACCT_OUT, RADIUS_ACCT_OUT_GIGA);
	put_text(record.user, sizeof record.user, packet, RADIUS_USER);
	put_text(record.session, sizeof record.session, packet, RADIUS_ACCT_SESSION);
	put_text(record.nas, sizeof record.nas, packet, RADIUS_NAS_ID);
	put_text(record.calling, sizeof record.calling, packet, RADIUS_CALLING);
	put_address(record.nas_ip, sizeof record.nas_ip, packet, RADIUS_NAS_IP);
	put_address(record.framed, sizeof record.framed, packet, RADIUS_FRAMED_IP);
	gateway.counters.accounting++;
	flight->state = FLIGHT_STORE;
	core_account(&record);
}

void account_done(uint32_t serial)
{
	static struct radius_out out;
	struct flight *flight = flight_of(serial);
	struct radius request;
	struct radius_attr attr;

	if (serial == ACCOUNT_NOBODY_WAITS || !flight || flight->state != FLIGHT_STORE || !radius_read(flight->request, flight->request_length, &request))
		return;
	radius_begin_bare(&out, RADIUS_ACCOUNTING_RESPONSE, request.id);
	for (size_t at = 0; radius_next(&request, &at, &attr); )
		if (attr.type == RADIUS_PROXY_STATE)
			radius_put(&out, attr.type, attr.value, attr.length);
	if (radius_end_bare(&out, secret_of(&gateway.boot->client[flight->client]), radius_authenticator(&request)))
		gateway_answer(flight, &out);
	else
		flight_end(flight);
}
