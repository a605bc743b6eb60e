/* Any bytes from two OpenVPN servers, one whose clients show passwords and one of certificates alone: nothing breaks, each command that goes out is
 * whole, and nobody is let in without core's yes and, where a password was shown or no certificate is enough, the upstream's.
 *
 * Octets: flags (1 the certificates' server, 2 the upstream accepts, 4 core permits), then what the server says. */
#include "gateway_ends.h"
#include "base/world.h"
#include <fcntl.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static struct radius_boot boot;
static int core_end, keeper_end, upstream_end;
static bool has_upstream_accepted, has_core_permitted;

static void begin(void)
{
	world.random = chance;
	boot.n_clients = boot.n_openvpn = 2;
	boot.n_upstreams = 1;
	for (uint16_t i = 0; i < 2; i++) {
		boot.client[i] = (struct radius_peer){ .prefix = 128, .secret_length = 6, .secret = "client", .is_openvpn = 1, .is_authorise_only = i };
		boot.openvpn[i] = (struct openvpn_peer){ .client = i, .every = 60 };
	}
	boot.upstream[0] = (struct radius_peer){ .prefix = 128, .secret_length = 8, .secret = "upstream" };
	gateway.boot = &boot;
	gateway.now = 100000;
	gateway.epoll = -1;
	gateway.auth_fd = gateway.accounting_fd = -1;
	gateway.core_fd = end_of(SOCK_SEQPACKET, &core_end);
	gateway.keeper_fd = end_of(SOCK_SEQPACKET, &keeper_end);
	int fd = end_of(SOCK_DGRAM, &upstream_end);
	upstream_begin(&fd, 1);
	openvpn_start();
}

static void be_upstream(bool accepts)
{
	uint8_t asked[RADIUS_MOST];
	struct radius_secret secret = secret_of(&boot.upstream[0]);
	static struct radius_out out;
	struct radius packet;
	ssize_t got;

	while ((got = recv(upstream_end, asked, sizeof asked, 0)) > 0) {
		assert(radius_read(asked, (size_t)got, &packet) && packet.code == RADIUS_REQUEST && radius_signature(&packet, secret, NULL) == 1);
		radius_begin(&out, accepts ? RADIUS_ACCEPT : RADIUS_REJECT, packet.id, asked + 4);
		assert(radius_end_reply(&out, secret, asked + 4));
		has_upstream_accepted |= accepts;
		assert(send(upstream_end, out.bytes, out.length, 0) == (ssize_t)out.length);
		upstream_take(0);
	}
}

static void be_core(bool permits)
{
	static _Alignas(16) char room[CHANNEL_MOST];
	struct parcel parcel;

	core_flush();
	while (channel_receive(core_end, room, &parcel) == OK) {
		if (!message_check(&parcel, MESSAGE_GATE_ASK)) {
			assert(message_check(&parcel, MESSAGE_ACCOUNT) || message_check(&parcel, MESSAGE_GATE_ENDED));
			continue;
		}
		const struct gate_asks *asks = parcel.at;
		for (uint32_t i = 0; i < asks->n; i++) {
			has_core_permitted |= permits;
			request_decided(&(struct gate_answer){ .serial = asks->ask[i].serial, .is_permit = permits, .leaf = 7, .timeout = 60, .text = "Nej \"då\"." });
		}
	}
}

static void check_said(int server, const char *said, size_t n)
{
	static const char *const words[] = { "status 3", "hold release", "client-auth ", "client-auth-nt ", "session-timeout ", "END", "client-deny ", "client-kill " };

	while (n) {
		const char *end = memchr(said, '\n', n);
		bool is_known = false;
		assert(end);
		for (size_t i = 0; i < LENGTH(words); i++)
			is_known |= strncmp(said, words[i], strlen(words[i])) == 0;
		assert(is_known);
		if (strncmp(said, "client-auth", 11) == 0)
			assert(has_core_permitted && (has_upstream_accepted || server == 1));
		n -= (size_t)(end + 1 - said);
		said = end + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static uint64_t runs;
	static char said[65536];
	uint64_t silent;
	int other;

	if (n < 1)
		return 0;
	if (!runs++)
		begin();
	int server = at[0] & 1;
	int fd = end_of(SOCK_STREAM, &other);
	has_upstream_accepted = has_core_permitted = false;
	gateway.now += 100000;
	flight_expire(gateway.now, &silent);
	openvpn_connected((uint32_t)server, fd);
	if (send(other, ">INFO:x\n", 8, 0) != 8 || (n > 1 && send(other, at + 1, n - 1, 0) < 0))
		abort();
	openvpn_take((uint32_t)server);
	be_upstream(at[0] & 2);
	be_core(at[0] & 4);
	openvpn_end(&(struct gate_end){ .session = 1, .client = (uint16_t)server, .nas_session = "7/192.0.2.7:1194", .text = "Nej." });
	openvpn_tick();
	ssize_t length = recv(other, said, sizeof said, 0);
	if (length > 0)
		check_said(server, said, (size_t)length);
	close(other);
	openvpn_take((uint32_t)server);
	be_core(false);
	return 0;
}
