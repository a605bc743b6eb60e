/* Log-ins: what is asked of core, and what its decision becomes on the wire.
 *
 * Permit: the upstream's accept with the shorter of both session times, our interim interval and our Class behind; or, for a client that
 * has checked the credentials itself, an accept of ours. Refuse: a fresh reject that holds nothing but the reason, in the form
 * that the method of log-in can show (RFC 3579 section 2.6.5: no Reply-Message beside EAP; RFC 2759 section 6 for MS-CHAP).
 *
 * SECURITY: a reject is built from nothing, so no key, class or time of the upstream's accept is left over in it. */
#include "doors/gateway_loop.h"

static void put_text(char *room, size_t size, const struct radius *packet, enum radius_type type)
{
	struct radius_attr attr;
	size_t n = 0;

	if (radius_find(packet, type, &attr))
		n = MIN((size_t)attr.length, size - 1);
	if (n)
		memcpy(room, attr.value, n);
	/* A NUL inside would end the text for core: what stands behind must not vanish unseen. */
	for (size_t i = 0; i < n; i++)
		if (room[i] == '\0')
			room[i] = '?';
	room[n] = '\0';
}

static void ask_core(struct flight *flight, const struct radius *request, const struct radius *accept)
{
	struct gate_ask ask = { .serial = flight_serial(flight), .client = flight->client };
	struct radius_attr attr;
	uint32_t number;

	/* With EAP the outer name may be anonymous: the upstream's word for who it was comes first. */
	put_text(ask.user, sizeof ask.user, accept && radius_find(accept, RADIUS_USER, &attr) ? accept : request, RADIUS_USER);
	put_text(ask.calling, sizeof ask.calling, request, RADIUS_CALLING);
	put_text(ask.called, sizeof ask.called, request, RADIUS_CALLED);
	put_text(ask.nas, sizeof ask.nas, request, RADIUS_NAS_ID);
	put_text(ask.session, sizeof ask.session, request, RADIUS_ACCT_SESSION);
	if (radius_number(request, RADIUS_NAS_PORT, &number))
		snprintf(ask.port, sizeof ask.port, "%u", number);
	if (accept && radius_number(accept, RADIUS_SESSION_TIMEOUT, &number))
		ask.timeout = (int32_t)MIN(number, (uint32_t)INT32_MAX);
	ask.is_authorise_only = !accept;
	flight->state = FLIGHT_CORE;
	core_ask(&ask);
}

void request_take(struct flight *flight, const struct radius *packet, const struct radius_peer *peer)
{
	struct radius_attr attr;
	bool has_credential = radius_has_credential(packet) || radius_find(packet, RADIUS_STATE, &attr);

	if (peer->is_authorise_only && !has_credential) {
		ask_core(flight, packet, NULL);
		return;
	}
	flight->state = FLIGHT_UPSTREAM;
	if (gateway.boot->n_upstreams == 0)
		request_refuse(flight, "Din inloggning kan inte kontrolleras. Ring supporten. / Your log-in cannot be checked. Call the support.");
	else if (!upstream_send(flight))
		flight_end(flight);
}

void request_accepted(struct flight *flight, const struct radius *accept)
{
	struct radius request;

	memcpy(flight->accept, accept->at, accept->length);
	flight->accept_length = accept->length;
	if (radius_read(flight->request, flight->request_length, &request))
		ask_core(flight, &request, accept);
}

static void put_proxy_states(struct radius_out *out, const struct radius *request)
{
	struct radius_attr attr;

	for (size_t at = 0; radius_next(request, &at, &attr); )
		if (attr.type == RADIUS_PROXY_STATE)
			radius_put(out, RADIUS_PROXY_STATE, attr.value, attr.length);
}

/* EAP-Failure with the identifier of the success it replaces, or of the request's response. */
static void put_eap_failure(struct radius_out *out, const struct flight *flight, const struct radius_attr *response)
{
	struct radius accept;
	struct radius_attr attr;
	uint8_t failure[4] = { 4, response->length > 1 ? response->value[1] : 0, 0, 4 };

	if (flight->accept_length && radius_read(flight->accept, flight->accept_length, &accept)
	    && radius_find(&accept, RADIUS_EAP, &attr) && attr.length > 1)
		failure[1] = attr.value[1];
	radius_put(out, RADIUS_EAP, failure, sizeof failure);
}

static void put_mschap_error(struct radius_out *out, uint8_t ident, struct str text)
{
	char value[254] = { 0, 0, 1, 55 /* 311 */, 2 /* MS-CHAP-Error */, 0, (char)ident };
	/* A challenge is demanded by the form; R=0 says that it will not be used. */
	static const char form[] = "E=691 R=0 C=00000000000000000000000000000000 V=3 M=";
	size_t head = 7, most = sizeof value - 1 - head - sizeof form;

	text = str_utf8_first(text, most);
	memcpy(value + head, form, sizeof form - 1);
	memcpy(value + head + sizeof form - 1, text.at, text.len);
	size_t length = head + sizeof form - 1 + text.len;
	value[5] = (char)(length - 4);
	radius_put(out, RADIUS_VENDOR, value, length);
}

void request_refuse(struct flight *flight, const char *c_text)
{
	static struct radius_out out;
	struct radius request;
	struct radius_attr eap;
	struct str text = str_utf8_first(str_of(c_text), 253);
	const struct radius_peer *peer = &gateway.boot->client[flight->client];
	uint8_t ident;

	if (flight->visitor) {
		openvpn_refuse(flight, text);
		return;
	}
	if (!radius_read(flight->request, flight->request_length, &request)) {
		flight_end(flight);
		return;
	}
	radius_begin(&out, RADIUS_REJECT, request.id, radius_authenticator(&request));
	if (radius_find(&request, RADIUS_EAP, &eap))
		put_eap_failure(&out, flight, &eap);
	else if (radius_has_mschap(&request, &ident))
		put_mschap_error(&out, ident, text);
	else if (text.len)
		radius_put(&out, RADIUS_REPLY_MESSAGE, text.at, text.len);
	put_proxy_states(&out, &request);
	gateway.counters.refusals++;
	if (radius_end_reply(&out, secret_of(peer), radius_authenticator(&request)))
		gateway_answer(flight, &out);
	else
		flight_end(flight);
}

static void permit(struct flight *flight, const struct gate_answer *answer)
{
	static struct radius_out out;
	static const uint8_t ours[] = { RADIUS_SESSION_TIMEOUT, RADIUS_INTERIM };
	struct radius request, accept = { 0 };
	const struct radius_peer *peer = &gateway.boot->client[flight->client];
	uint32_t interim = answer->interim, theirs;
	char class[40];

	if (!radius_read(flight->request, flight->request_length, &request)) {
		flight_end(flight);
		return;
	}
	radius_begin(&out, RADIUS_ACCEPT, request.id, radius_authenticator(&request));
	if (flight->accept_length) {
		if (!radius_read(flight->accept, flight->accept_length, &accept) || !upstream_copy(&out, flight, &accept, ours, sizeof ours)) {
			flight_end(flight);
			return;
		}
		if (radius_number(&accept, RADIUS_INTERIM, &theirs))
			interim = MAX(MIN(interim, theirs), 60u);
	}
	radius_put_number(&out, RADIUS_SESSION_TIMEOUT, answer->timeout);
	radius_put_number(&out, RADIUS_INTERIM, interim);
	int n = snprintf(class, sizeof class, "samordna:%lld", (long long)answer->leaf);
	if (!peer->class_off && answer->leaf >= 0)
		radius_put(&out, RADIUS_CLASS, class, (size_t)n);
	if (!flight->accept_length)
		put_proxy_states(&out, &request);
	gateway.counters.accepts++;
	if (radius_end_reply(&out, secret_of(peer), radius_authenticator(&request)))
		gateway_answer(flight, &out);
	else
		flight_end(flight);
}

void request_decided(const struct gate_answer *answer)
{
	struct flight *flight = flight_of(answer->serial);

	if (!flight || flight->state != FLIGHT_CORE)
		return;
	if (answer->is_permit && flight->visitor)
		openvpn_permit(flight, answer);
	else if (answer->is_permit)
		permit(flight, answer);
	else
		request_refuse(flight, answer->text);
}
