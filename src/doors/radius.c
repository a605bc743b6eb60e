/* RADIUS packets, from the RFCs.
 *
 * SECURITY: every length is checked once, in radius_read, before anything is looked at; after that an attribute cannot reach
 * outside its packet. MD5 is what the protocol has (CVE-2024-3596): what protects is the HMAC of the Message-Authenticator, demanded
 * by the caller. Comparisons of authenticators take the same time whatever they find. Passwords in plain live on the stack of
 * one function and are wiped. */
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include "doors/radius.h"

static void wipe(void *at, size_t n)
{
	explicit_bzero(at, n);
}

bool radius_read(const uint8_t *bytes, size_t n, struct radius *ret)
{
	if (n < RADIUS_HEAD)
		return false;
	size_t length = (size_t)bytes[2] << 8 | bytes[3];
	if (length < RADIUS_HEAD || length > n || length > RADIUS_MOST)
		return false;
	for (size_t at = RADIUS_HEAD; at < length; at += bytes[at + 1])
		if (length - at < 2 || bytes[at + 1] < 2 || bytes[at + 1] > length - at)
			return false;
	*ret = (struct radius){ bytes, length, bytes[0], bytes[1] };
	return true;
}

const uint8_t *radius_authenticator(const struct radius *packet)
{
	return packet->at + 4;
}

bool radius_next(const struct radius *packet, size_t *at, struct radius_attr *ret)
{
	size_t here = *at ? *at : RADIUS_HEAD;

	if (here >= packet->length)
		return false;
	const uint8_t *p = packet->at + here;
	*ret = (struct radius_attr){ p[0], p + 2, (uint8_t)(p[1] - 2), here };
	*at = here + p[1];
	return true;
}

bool radius_find(const struct radius *packet, enum radius_type type, struct radius_attr *ret)
{
	for (size_t at = 0; radius_next(packet, &at, ret); )
		if (ret->type == type)
			return true;
	return false;
}

bool radius_number(const struct radius *packet, enum radius_type type, uint32_t *ret)
{
	struct radius_attr attr;

	if (!radius_find(packet, type, &attr) || attr.length != 4)
		return false;
	*ret = (uint32_t)attr.value[0] << 24 | (uint32_t)attr.value[1] << 16 | (uint32_t)attr.value[2] << 8 | attr.value[3];
	return true;
}

/* A vendor attribute's vendor and its one sub-attribute; 0 when it is not of that form (RFC 2865 section 5.26). */
static unsigned vendor_of(const struct radius_attr *attr, uint8_t *ret_type)
{
	if (attr->type != RADIUS_VENDOR || attr->length < 6)
		return 0;
	*ret_type = attr->value[4];
	return (unsigned)attr->value[1] << 16 | (unsigned)attr->value[2] << 8 | attr->value[3];
}

bool radius_has_mschap(const struct radius *packet, uint8_t *ret_ident)
{
	enum { MS_CHAP_RESPONSE = 1, MS_CHAP2_RESPONSE = 25 };
	struct radius_attr attr;
	uint8_t type;

	for (size_t at = 0; radius_next(packet, &at, &attr); )
		if (vendor_of(&attr, &type) == MICROSOFT && (type == MS_CHAP_RESPONSE || type == MS_CHAP2_RESPONSE)) {
			*ret_ident = attr.length > 6 ? attr.value[6] : 0;
			return true;
		}
	return false;
}

bool radius_has_credential(const struct radius *packet)
{
	struct radius_attr attr;
	uint8_t type;

	/* Any Microsoft attribute counts: new forms of MS-CHAP must not slip by as "no credential". */
	for (size_t at = 0; radius_next(packet, &at, &attr); )
		if (attr.type == RADIUS_PASSWORD || attr.type == RADIUS_CHAP || attr.type == RADIUS_EAP || attr.type == RADIUS_ARAP
		    || attr.type == RADIUS_DIGEST || attr.type == RADIUS_CHAP_CHALLENGE || vendor_of(&attr, &type) == MICROSOFT)
			return true;
	return false;
}

bool radius_names_agree(const struct radius *packet)
{
	struct radius_attr attr, name;

	if (!radius_find(packet, RADIUS_USER, &name))
		return true;
	for (size_t at = 0; radius_next(packet, &at, &attr); )
		if (attr.type == RADIUS_USER && (attr.length != name.length || memcmp(attr.value, name.value, name.length) != 0))
			return false;
	return true;
}

bool radius_is_single(const struct radius *packet)
{
	static const uint8_t single[] = { RADIUS_USER, RADIUS_PASSWORD, RADIUS_CHAP, RADIUS_CHAP_CHALLENGE, RADIUS_STATE };
	struct radius_attr attr;
	unsigned seen = 0;

	for (size_t at = 0; radius_next(packet, &at, &attr); ) {
		const uint8_t *found = memchr(single, attr.type, sizeof single);
		if (found && seen & 1u << (found - single))
			return false;
		if (found)
			seen |= 1u << (found - single);
	}
	return true;
}

/* HMAC-MD5 of the packet with the signature's octets zero and, for a reply, the request's authenticator in its place. */
static void sign(const uint8_t *packet, size_t length, size_t signature_at, const uint8_t *authenticator, struct radius_secret secret,
                 uint8_t ret[16])
{
	static const uint8_t zero[16];
	struct hmac_md5_ctx hmac;

	hmac_md5_set_key(&hmac, secret.length, secret.at);
	hmac_md5_update(&hmac, 4, packet);
	hmac_md5_update(&hmac, 16, authenticator);
	hmac_md5_update(&hmac, signature_at + 2 - RADIUS_HEAD, packet + RADIUS_HEAD);
	hmac_md5_update(&hmac, 16, zero);
	hmac_md5_update(&hmac, length - signature_at - 18, packet + signature_at + 18);
	hmac_md5_digest(&hmac, 16, ret);
}

int radius_signature(const struct radius *packet, struct radius_secret secret, const uint8_t *request)
{
	struct radius_attr attr, signature = { 0 };
	uint8_t right[16];
	int n = 0;

	for (size_t at = 0; radius_next(packet, &at, &attr); )
		if (attr.type == RADIUS_SIGNATURE) {
			signature = attr;
			n++;
		}
	if (n == 0)
		return 0;
	if (n > 1 || signature.length != 16)
		return -1;
	sign(packet->at, packet->length, signature.at, request ? request : packet->at + 4, secret, right);
	return memeql_sec(right, signature.value, 16) ? 1 : -1;
}

static void digest(const uint8_t *packet, size_t length, const uint8_t *authenticator, struct radius_secret secret, uint8_t ret[16])
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, 4, packet);
	md5_update(&md5, 16, authenticator);
	md5_update(&md5, length - RADIUS_HEAD, packet + RADIUS_HEAD);
	md5_update(&md5, secret.length, secret.at);
	md5_digest(&md5, 16, ret);
}

bool radius_reply_is_right(const struct radius *packet, struct radius_secret secret, const uint8_t *request)
{
	uint8_t right[16];

	digest(packet->at, packet->length, request, secret, right);
	return memeql_sec(right, packet->at + 4, 16);
}

bool radius_accounting_is_right(const struct radius *packet, struct radius_secret secret)
{
	static const uint8_t zero[16];
	return radius_reply_is_right(packet, secret, zero);
}

/* --- building --- */

void radius_begin(struct radius_out *out, enum radius_code code, uint8_t id, const uint8_t authenticator[16])
{
	static const uint8_t zero[16];

	out->bytes[0] = (uint8_t)code;
	out->bytes[1] = id;
	memcpy(out->bytes + 4, authenticator, 16);
	out->length = RADIUS_HEAD;
	out->is_full = false;
	radius_put(out, RADIUS_SIGNATURE, zero, 16);
}

void radius_begin_bare(struct radius_out *out, enum radius_code code, uint8_t id)
{
	out->bytes[0] = (uint8_t)code;
	out->bytes[1] = id;
	out->length = RADIUS_HEAD;
	out->is_full = false;
}

bool radius_end_bare(struct radius_out *out, struct radius_secret secret, const uint8_t *request)
{
	out->bytes[2] = (uint8_t)(out->length >> 8);
	out->bytes[3] = (uint8_t)out->length;
	digest(out->bytes, out->length, request, secret, out->bytes + 4);
	return !out->is_full;
}

void radius_put(struct radius_out *out, uint8_t type, const void *value, size_t length)
{
	if (length > 253 || RADIUS_MOST - out->length < length + 2) {
		out->is_full = true;
		return;
	}
	out->bytes[out->length] = type;
	out->bytes[out->length + 1] = (uint8_t)(length + 2);
	if (length)
		memcpy(out->bytes + out->length + 2, value, length);
	out->length += length + 2;
}

void radius_put_number(struct radius_out *out, uint8_t type, uint32_t n)
{
	uint8_t value[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
	radius_put(out, type, value, sizeof value);
}

static void set_length(struct radius_out *out)
{
	out->bytes[2] = (uint8_t)(out->length >> 8);
	out->bytes[3] = (uint8_t)out->length;
}

bool radius_end_request(struct radius_out *out, struct radius_secret secret)
{
	set_length(out);
	sign(out->bytes, out->length, RADIUS_HEAD, out->bytes + 4, secret, out->bytes + RADIUS_HEAD + 2);
	return !out->is_full;
}

bool radius_end_reply(struct radius_out *out, struct radius_secret secret, const uint8_t *request)
{
	set_length(out);
	sign(out->bytes, out->length, RADIUS_HEAD, request, secret, out->bytes + RADIUS_HEAD + 2);
	digest(out->bytes, out->length, request, secret, out->bytes + 4);
	return !out->is_full;
}

bool radius_end_disconnect(struct radius_out *out, struct radius_secret secret)
{
	static const uint8_t zero[16];
	return radius_end_reply(out, secret, zero);
}

/* --- hidden attributes --- */

/* The stream that hides: b1 = MD5(secret, authenticator[, salt]), b(i) = MD5(secret, c(i-1)). In place; n is a multiple of 16. */
static void cover(uint8_t *text, size_t n, struct radius_hop hop, const uint8_t *salt, bool is_hiding)
{
	uint8_t before[16], now[16], mask[16];
	struct md5_ctx md5;

	for (size_t i = 0; i < n; i += 16) {
		md5_init(&md5);
		md5_update(&md5, hop.secret.length, hop.secret.at);
		md5_update(&md5, 16, i ? before : hop.authenticator);
		if (i == 0 && salt)
			md5_update(&md5, 2, salt);
		md5_digest(&md5, 16, mask);
		memcpy(now, text + i, 16);
		for (int k = 0; k < 16; k++)
			text[i + (size_t)k] ^= mask[k];
		memcpy(before, is_hiding ? text + i : now, 16);
	}
	wipe(mask, sizeof mask);
	wipe(now, sizeof now);
}

bool radius_put_password(struct radius_out *out, const char *password, struct radius_hop to)
{
	uint8_t room[128] = { 0 };
	size_t n = strlen(password), length = MAX((n + 15) / 16, (size_t)1) * 16;

	if (n > sizeof room)
		return false;
	memcpy(room, password, n);
	cover(room, length, to, NULL, true);
	radius_put(out, RADIUS_PASSWORD, room, length);
	wipe(room, sizeof room);
	return true;
}

/* Hidden attributes, as a table: where the hidden octets begin, and whether a salt of two octets stands before them. */
static const struct { uint8_t type, vendor_type; bool is_reply, has_salt; uint8_t skip; } hidden[] = {
	{ RADIUS_PASSWORD, 0, false, false, 0 },
	{ RADIUS_TUNNEL_PASSWORD, 0, true, true, 1 },      /* a tag, the salt, then the rest */
	{ RADIUS_VENDOR, 16, true, true, 6 },              /* MS-MPPE-Send-Key */
	{ RADIUS_VENDOR, 17, true, true, 6 },              /* MS-MPPE-Recv-Key */
	{ RADIUS_VENDOR, 12, true, false, 6 },             /* MS-CHAP-MPPE-Keys */
};

static int row_of(const struct radius_attr *attr)
{
	uint8_t type = 0;
	bool is_microsoft = vendor_of(attr, &type) == MICROSOFT;

	for (size_t i = 0; i < LENGTH(hidden); i++)
		if (hidden[i].type == attr->type && (attr->type != RADIUS_VENDOR || (is_microsoft && hidden[i].vendor_type == type)))
			return (int)i;
	return -1;
}

bool radius_is_hidden(const struct radius_attr *attr, bool is_reply)
{
	int row = row_of(attr);
	return row >= 0 && hidden[row].is_reply == is_reply;
}

bool radius_put_rehidden(struct radius_out *out, const struct radius_attr *attr, struct radius_hop from, struct radius_hop to, uint16_t salt)
{
	int row = row_of(attr);
	uint8_t room[256];
	size_t skip, n;

	if (row < 0)
		return false;
	skip = hidden[row].skip + (hidden[row].has_salt ? 2u : 0u);
	if (attr->length < skip + 16 || (n = attr->length - skip) % 16)
		return false;
	memcpy(room, attr->value, attr->length);
	uint8_t *salt_at = hidden[row].has_salt ? room + hidden[row].skip : NULL;
	cover(room + skip, n, from, salt_at, false);
	/* Salted ones begin with the length of what is hidden: one larger than the room is a lie (RFC 2868 section 3.5). */
	bool is_right = !hidden[row].has_salt || room[skip] < n;
	if (salt_at) {
		salt_at[0] = (uint8_t)(0x80 | salt >> 8);
		salt_at[1] = (uint8_t)salt;
	}
	cover(room + skip, n, to, salt_at, true);
	if (is_right)
		radius_put(out, attr->type, room, attr->length);
	wipe(room, sizeof room);
	return is_right;
}
