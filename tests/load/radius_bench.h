#ifndef RADIUS_BENCH_H
#define RADIUS_BENCH_H
/* What the generators of RADIUS packets stand on: chance, the clock, numbers on the command line, and sockets to a loopback address. */
#include "base/world.h"
#include "doors/radius.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

enum { SOCKETS = 16, BATCH = 32, PATIENCE = 2000000 };       /* so many microseconds for an answer */
static uint64_t chance = 88172645463325252u;

static uint64_t draw(void)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	return chance ^= chance << 17;
}

static int64_t micros(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static int64_t number(const char *text)
{
	int64_t n;
	if (str_number(str_of(text), 1000000000, &n) != OK) {
		fprintf(stderr, "not a number: %s\n", text);
		exit(2);
	}
	return n;
}

static void seed_by(const char *text) { chance ^= (uint64_t)number(text) * 0x9e3779b97f4a7c15u; }

/* A socket of its own from one address to another; -1: no loopback address with a port, or it cannot be reached. */
static int socket_to(const char *to, const char *from)
{
	struct sockaddr_in peer = { .sin_family = AF_INET }, here = { .sin_family = AF_INET };
	char address[64];
	const char *colon = strrchr(to, ':');
	int64_t port;
	int buffer = 4 << 20;

	if (!colon || str_number(str_of(colon + 1), 65535, &port) != OK || (size_t)(colon - to) >= sizeof address)
		return -1;
	snprintf(address, sizeof address, "%.*s", (int)(colon - to), to);
	peer.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, address, &peer.sin_addr) != 1 || (ntohl(peer.sin_addr.s_addr) >> 24) != 127)
		return -1;
	inet_pton(AF_INET, from, &here.sin_addr);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	return bind(fd, (struct sockaddr *)&here, sizeof here) || connect(fd, (struct sockaddr *)&peer, sizeof peer) ? -1 : fd;
}
#endif
