/* A morning at eight: every person logs in once, in a random order, and who is let in has her session begun by accounting. Lost packets are sent
 * again after two seconds, as VPN servers do, at most five times.
 *
 *   radius_storm AUTH:PORT ACCOUNTING:PORT SECRET [--from ADDRESS] [--logins N] [--window W] [--rate N] [--seed N]
 *
 * The people are u0, u1 ...; of ten, one is of class 1, two of class 2, four of class 3 and three of class 4 (by the last digit: 0, 1-2, 3-6, 7-9).
 * --rate: so many log-ins begun a second, whatever is answered; without it W are outstanding. Prints one line of JSON: seconds until the last
 * is answered, accepts and refusals by class, started sessions, again (sent once more), lost, p50 and p99 of class 1's answers in microseconds. */
#include <nettle/md5.h>
#include "radius_bench.h"

enum { TRIES = 5, CLASS_MOST = 64 };
struct login {
	int32_t user;
	uint8_t is_start, tries, class_length, authenticator[16], class[CLASS_MOST];
	int16_t socket, id;
	int64_t began_at, sent_at;
};
/* Two doors with as many sockets each; the first half of the sockets is for log-ins. */
static struct { int fd; uint8_t next; struct login *at[256]; } sockets[2 * SOCKETS];
static int n_sockets;                           /* of one door */
static struct { struct radius_secret secret; int64_t logins, window, rate; } wish = { .logins = 100000, .window = 256 };
static int64_t outstanding, n_begun, n_accept[5], n_refuse[5], n_started, n_again, n_lost, n_took;
static uint32_t *took;
static struct login *logins;

static int class_of(int32_t user)
{
	int digit = user % 10;
	return digit == 0 ? 1 : digit <= 2 ? 2 : digit <= 6 ? 3 : 4;
}

static void put_name(struct radius_out *out, const struct login *login)
{
	char room[32];
	int n = snprintf(room, sizeof room, "u%d", login->user);

	radius_put(out, RADIUS_USER, room, (size_t)n);
	n = snprintf(room, sizeof room, "storm-%d", login->user);
	radius_put(out, RADIUS_ACCT_SESSION, room, (size_t)n);
}

/* The same packet each time that it is sent. */
static void send_it(struct login *login, int64_t now)
{
	static const uint8_t zero[16];
	static struct radius_out out;

	if (login->is_start) {
		radius_begin_bare(&out, RADIUS_ACCOUNTING, (uint8_t)login->id);
		put_name(&out, login);
		radius_put_number(&out, RADIUS_ACCT_STATUS, 1);
		if (login->class_length)
			radius_put(&out, RADIUS_CLASS, login->class, login->class_length);
		(void)radius_end_bare(&out, wish.secret, zero);
		memcpy(login->authenticator, out.bytes + 4, 16);
	} else {
		radius_begin(&out, RADIUS_REQUEST, (uint8_t)login->id, login->authenticator);
		put_name(&out, login);
		(void)radius_end_request(&out, wish.secret);
	}
	login->sent_at = now;
	login->tries++;
	(void)send(sockets[login->socket].fd, out.bytes, out.length, MSG_DONTWAIT);
}

/* A free number at one of the door's sockets; false: all are out. */
static bool place(struct login *login)
{
	for (int s = login->is_start ? n_sockets : 0, end = s + n_sockets; s < end; s++)
		for (int i = 0; i < 256; i++) {
			uint8_t id = sockets[s].next++;
			if (sockets[s].at[id])
				continue;
			sockets[s].at[id] = login;
			login->socket = (int16_t)s;
			login->id = id;
			return true;
		}
	return false;
}

static void begin(int64_t began_at)
{
	while (n_begun < wish.logins) {
		int64_t now = micros();
		if (wish.rate ? n_begun >= (now - began_at) * wish.rate / 1000000 : outstanding >= wish.window)
			return;
		struct login *login = &logins[n_begun];
		uint64_t two[2] = { draw(), draw() };
		memcpy(login->authenticator, two, 16);
		login->began_at = now;
		if (!place(login))
			return;
		n_begun++;
		outstanding++;
		send_it(login, now);
	}
}

static void answered(struct login *login, const struct radius *reply, int64_t now)
{
	struct radius_attr attr;
	int class = class_of(login->user);

	sockets[login->socket].at[login->id] = NULL;
	if (login->is_start) {
		n_started++;
		outstanding--;
		return;
	}
	if (class == 1)
		took[n_took++] = (uint32_t)(now - login->began_at);
	if (reply->code != RADIUS_ACCEPT) {
		n_refuse[class]++;
		outstanding--;
		return;
	}
	n_accept[class]++;
	if (radius_find(reply, RADIUS_CLASS, &attr) && attr.length <= CLASS_MOST) {
		login->class_length = attr.length;
		memcpy(login->class, attr.value, attr.length);
	}
	login->is_start = 1;
	login->tries = 0;
	if (place(login)) {
		send_it(login, now);
	} else {
		n_lost++;
		outstanding--;
	}
}

static void take(int s)
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
		struct login *login = sockets[s].at[reply.id];
		if (login && radius_reply_is_right(&reply, wish.secret, login->authenticator))
			answered(login, &reply, now);
	}
}

static void send_again(void)
{
	int64_t now = micros();

	for (int s = 0; s < 2 * n_sockets; s++)
		for (int i = 0; i < 256; i++) {
			struct login *login = sockets[s].at[i];
			if (!login || now - login->sent_at < PATIENCE)
				continue;
			if (login->tries < TRIES) {
				n_again++;
				send_it(login, now);
				continue;
			}
			sockets[s].at[i] = NULL;
			n_lost++;
			outstanding--;
		}
}

static bool open_door(const char *to, const char *from, int first)
{
	for (int s = first; s < first + n_sockets; s++)
		if ((sockets[s].fd = socket_to(to, from)) < 0)
			return false;
	return true;
}

static void shuffle(void)
{
	for (int64_t i = 0; i < wish.logins; i++)
		logins[i].user = (int32_t)i;
	for (int64_t i = wish.logins - 1; i > 0; i--) {
		int64_t j = (int64_t)(draw() % (uint64_t)(i + 1));
		int32_t user = logins[i].user;
		logins[i].user = logins[j].user;
		logins[j].user = user;
	}
}

static void run(int64_t began_at)
{
	int64_t swept = began_at;
	struct pollfd poll_fd[2 * SOCKETS];

	while (n_begun < wish.logins || outstanding) {
		begin(began_at);
		for (int s = 0; s < 2 * n_sockets; s++)
			poll_fd[s] = (struct pollfd){ sockets[s].fd, POLLIN, 0 };
		poll(poll_fd, (nfds_t)(2 * n_sockets), wish.rate ? 1 : 100);
		for (int s = 0; s < 2 * n_sockets; s++)
			if (poll_fd[s].revents & POLLIN)
				take(s);
		if (micros() - swept > 100000) {
			swept = micros();
			send_again();
		}
	}
}

int main(int argc, char **argv)
{
	const char *from = "127.0.0.1";

	if (argc < 4) {
		fprintf(stderr, "radius_storm AUTH:PORT ACCOUNTING:PORT SECRET [options]\n");
		return 2;
	}
	wish.secret = (struct radius_secret){ (const uint8_t *)argv[3], strlen(argv[3]) };
	for (int i = 4; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--from")) from = argv[i + 1];
		else if (!strcmp(argv[i], "--logins")) wish.logins = number(argv[i + 1]);
		else if (!strcmp(argv[i], "--window")) wish.window = number(argv[i + 1]);
		else if (!strcmp(argv[i], "--rate")) wish.rate = number(argv[i + 1]);
		else if (!strcmp(argv[i], "--seed")) seed_by(argv[i + 1]);
		else { fprintf(stderr, "radius_storm: unknown option %s\n", argv[i]); return 2; }
	}
	n_sockets = wish.rate ? SOCKETS : (int)MIN(wish.window / 200 + 1, (int64_t)SOCKETS);
	took = calloc((size_t)wish.logins + 1, sizeof *took);
	logins = calloc((size_t)wish.logins + 1, sizeof *logins);
	if (!took || !logins || !open_door(argv[1], from, 0) || !open_door(argv[2], from, n_sockets)) {
		fprintf(stderr, "radius_storm: %s or %s is no loopback address with a port, or cannot be reached\n", argv[1], argv[2]);
		return 2;
	}
	shuffle();
	int64_t began_at = micros();
	run(began_at);
	int64_t all = micros() - began_at;
	qsort(took, (size_t)n_took, sizeof *took, by_time);
	printf("{\"seconds\":%.2f,\"accepts\":%lld,\"accepts_1\":%lld,\"refused_1\":%lld,\"refused_2\":%lld,\"refused_3\":%lld,\"refused_4\":%lld,\"started\":%lld,"
	       "\"again\":%lld,\"lost\":%lld,\"p50_us\":%u,\"p99_us\":%u}\n", (double)all / 1e6,
	       (long long)(n_accept[1] + n_accept[2] + n_accept[3] + n_accept[4]), (long long)n_accept[1], (long long)n_refuse[1], (long long)n_refuse[2],
	       (long long)n_refuse[3], (long long)n_refuse[4], (long long)n_started, (long long)n_again, (long long)n_lost,
	       n_took ? took[n_took / 2] : 0, n_took ? took[n_took * 99 / 100] : 0);
	free(took);
	free(logins);
	return 0;
}
