/* Any bytes as a file of where addresses are: it is taken or refused, and each place that it gives lies on the earth. */
#include <sys/mman.h>
#include "../../src/doors/logs_places.c"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

/* What it leans on. */
struct logs logs;
static int64_t told;
void logs_send(struct log_state *state, const struct log_position *position, int64_t from, uint32_t flags)
{
	(void)state;
	assert(!position && flags == LOG_BUILT && from >= 0);
	told = from;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static const char *const addresses[] = { "192.0.2.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "198.51.100.7", "gw" };
	float place[2];
	int fd = memfd_create("places", MFD_CLOEXEC);

	assert(fd >= 0 && write(fd, at, n) == (ssize_t)n);
	logs_places_open(NULL, fd);
	for (size_t i = 0; i < LENGTH(addresses); i++)
		if (logs_places_find(str_of(addresses[i]), place))
			assert(places.fd >= 0 && place[0] >= -90 && place[0] <= 90 && place[1] >= -180 && place[1] <= 180);
	if (places.fd >= 0)
		close(places.fd);
	places.fd = -1;
	return 0;
}
