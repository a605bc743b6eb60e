/* A RADIUS load generator: W requests outstanding, random users, its own sockets, honest counts.
 *
 *   radius_load TO:PORT SECRET [--from ADDRESS] [--window W] [--requests N] [--user FORMAT] [--users N] [--password P]
 *               [--accounting] [--seed N]
 *
 * FORMAT holds one %d ("u%d"). Every request carries a Message-Authenticator and a random authenticator. A request without an answer
 * for two seconds counts as lost and is not sent again. Prints one line of JSON: rate, p50_us, p99_us, accept, reject, other, lost.
 * It speaks to loopback addresses only. */
#include <nettle/md5.h>
#include "radius_bench.h"

struct waiting { bool is_out; int64_t sent_at; uint8_t authenticator[16]; };
static struct { int fd; uint8_t next; struct waiting id[256]; } sockets[SOCKETS];
static struct { const char *user, *password; int users; bool is_accounting; struct radius_secret secret; int64_t requests; int window; }
	wish = { .user = "u%d", .users = 1000, .requests = 20000, .window = 64 };
static int n_sockets;
static int64_t outstanding, n_sent, n_code[256], n_lost, n_took;
static uint32_t *took;

static void put_password(struct radius_out *out)
{
	uint8_t block[16] = { 0 }, mask[16];
	struct md5_ctx md5;

	memcpy(block, wish.password, MIN(strlen(wish.password), sizeof block));
	md5_init(&md5);
	md5_update(&md5, wish.secret.length, wish.secret.at);
	md5_update(&md5, 16, out->bytes + 4);
	md5_digest(&md5, 16, mask);
	for (int i = 0; i < 16; i++)
		block[i] ^= mask[i];
	radius_put(out, RADIUS_PASSWORD, block, 16);
}

static bool build(struct radius_out *out, uint8_t id, uint8_t authenticator[16])
{
	char user[64], session[32];
	uint64_t two[2] = { draw(), draw() };

	memcpy(authenticator, two, 16);
	int n = snprintf(user, sizeof user, wish.user, (int)(draw() % (uint64_t)wish.users));
	if (wish.is_accounting) {
		static const uint8_t zero[16];
		radius_begin_bare(out, RADIUS_ACCOUNTING, id);
		radius_put(out, RADIUS_USER, user, (size_t)n);
		radius_put_number(out, RADIUS_ACCT_STATUS, 1);
		n = snprintf(session, sizeof session, "%016llx", (unsigned long long)two[0]);
		radius_put(out, RADIUS_ACCT_SESSION, session, (size_t)n);
		bool is_whole = radius_end_bare(out, wish.secret, zero);
		memcpy(authenticator, out->bytes + 4, 16);
		return is_whole;
	}
	radius_begin(out, RADIUS_REQUEST, id, authenticator);
	radius_put(out, RADIUS_USER, user, (size_t)n);
	if (wish.password)
		put_password(out);
	return radius_end_request(out, wish.secret);
}

static void send_some(void)
{
	static struct radius_out out;

	for (int s = 0; s < n_sockets; s++)
		for (int i = 0; i < 256 && outstanding < wish.window && n_sent < wish.requests; i++) {
			uint8_t id = sockets[s].next++;
			struct waiting *waiting = &sockets[s].id[id];
			if (waiting->is_out)
				continue;
			if (!build(&out, id, waiting->authenticator))
				continue;
			waiting->sent_at = micros();
			if (send(sockets[s].fd, out.bytes, out.length, MSG_DONTWAIT) != (ssize_t)out.length)
				return;
			waiting->is_out = true;
			outstanding++;
			n_sent++;
		}
}

static void take_some(int s)
{
	static uint8_t room[BATCH][RADIUS_MOST];
	static struct iovec part[BATCH];
	static struct mmsghdr packet[BATCH];

	for (int i = 0; i < BATCH; i++) {
		part[i] = (struct iovec){ room[i], RADIUS_MOST };
		packet[i].msg_hdr = (struct msghdr){ .msg_iov = &part[i], .msg_iovlen = 1 };
	}
	int n = recvmmsg(sockets[s].fd, packet, BATCH, MSG_DONTWAIT, NULL);
	int64_t now = micros();
	for (int i = 0; i < n; i++) {
		struct radius reply;
		if (!radius_read(room[i], packet[i].msg_len, &reply))
			continue;
		struct waiting *waiting = &sockets[s].id[reply.id];
		if (!waiting->is_out || !radius_reply_is_right(&reply, wish.secret, waiting->authenticator))
			continue;
		waiting->is_out = false;
		outstanding--;
		n_code[reply.code]++;
		took[n_took++] = (uint32_t)(now - waiting->sent_at);
	}
}

static void drop_lost(void)
{
	int64_t now = micros();

	for (int s = 0; s < n_sockets; s++)
		for (int i = 0; i < 256; i++)
			if (sockets[s].id[i].is_out && now - sockets[s].id[i].sent_at > PATIENCE) {
				sockets[s].id[i].is_out = false;
				outstanding--;
				n_lost++;
			}
}

static bool open_sockets(const char *to, const char *from)
{
	n_sockets = MIN((wish.window + 127) / 128 + 1, (int)SOCKETS);
	for (int s = 0; s < n_sockets; s++)
		if ((sockets[s].fd = socket_to(to, from)) < 0)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	const char *from = "127.0.0.1";

	if (argc < 3) {
		fprintf(stderr, "radius_load TO:PORT SECRET [options]\n");
		return 2;
	}
	wish.secret = (struct radius_secret){ (const uint8_t *)argv[2], strlen(argv[2]) };
	for (int i = 3; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		if (!strcmp(argv[i], "--accounting")) { wish.is_accounting = true; continue; }
		else if (!strcmp(argv[i], "--from")) from = value;
		else if (!strcmp(argv[i], "--window")) wish.window = (int)number(value);
		else if (!strcmp(argv[i], "--requests")) wish.requests = number(value);
		else if (!strcmp(argv[i], "--user")) wish.user = value;
		else if (!strcmp(argv[i], "--users")) wish.users = (int)number(value);
		else if (!strcmp(argv[i], "--password")) wish.password = value;
		else if (!strcmp(argv[i], "--seed")) seed_by(value);
		else { fprintf(stderr, "radius_load: unknown option %s\n", argv[i]); return 2; }
		i++;
	}
	took = calloc((size_t)wish.requests + 1, sizeof *took);
	if (!took || !open_sockets(argv[1], from)) {
		fprintf(stderr, "radius_load: %s is no loopback address with a port, or cannot be reached\n", argv[1]);
		return 2;
	}
	int64_t began = micros(), swept = began;
	while (n_sent < wish.requests || outstanding) {
		struct pollfd poll_fd[SOCKETS];
		send_some();
		for (int s = 0; s < n_sockets; s++)
			poll_fd[s] = (struct pollfd){ sockets[s].fd, POLLIN, 0 };
		poll(poll_fd, (nfds_t)n_sockets, 100);
		for (int s = 0; s < n_sockets; s++)
			if (poll_fd[s].revents & POLLIN)
				take_some(s);
		if (micros() - swept > 200000) {
			swept = micros();
			drop_lost();
		}
	}
	int64_t all = micros() - began;
	qsort(took, (size_t)n_took, sizeof *took, by_time);
	printf("{\"rate\":%lld,\"p50_us\":%u,\"p99_us\":%u,\"accept\":%lld,\"reject\":%lld,\"accounting\":%lld,\"lost\":%lld}\n",
	       (long long)(n_took * 1000000 / MAX(all, (int64_t)1)), n_took ? took[n_took / 2] : 0, n_took ? took[n_took * 99 / 100] : 0,
	       (long long)n_code[RADIUS_ACCEPT], (long long)n_code[RADIUS_REJECT], (long long)n_code[RADIUS_ACCOUNTING_RESPONSE], (long long)n_lost);
	free(took);
	return 0;
}
