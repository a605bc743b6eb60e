/* Any bytes as samordna.conf: read without harm, every text ended, every count inside, and a refusal always says the line. */
#include "boot_parts.h"
#include "base/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

/* The program's own are not linked in: what is said, it says in English. */
enum language language_here(void) { return LANGUAGE_EN; }
const char *tongue(enum language language, const char *english) { return language == LANGUAGE_EN ? english : english; }

static void check_peer(const struct radius_peer *peer)
{
	assert(memchr(peer->name, '\0', sizeof peer->name));
	assert(peer->prefix <= 128 && peer->secret_length >= 1 && peer->secret_length <= RADIUS_SECRET);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static struct boot boot;
	struct trouble trouble = { 0 };

	/* No file of this machine is opened, whatever stands there. */
	if (memmem(at, n, "file:", 5))
		return 0;
	boot = (struct boot){ 0 };
	enum err err = boot_take(&boot, "samordna.conf", (struct str){ (const char *)at, n }, &trouble);
	assert(boot.gateway.n_clients <= RADIUS_CLIENTS && boot.gateway.n_upstreams <= RADIUS_UPSTREAMS);
	for (uint32_t i = 0; i < boot.gateway.n_clients; i++)
		check_peer(&boot.gateway.client[i]);
	for (uint32_t i = 0; i < boot.gateway.n_upstreams; i++)
		check_peer(&boot.gateway.upstream[i]);
	assert(memchr(boot.store, '\0', sizeof boot.store) && memchr(boot.origin, '\0', sizeof boot.origin));
	assert(memchr(boot.http.address, '\0', sizeof boot.http.address) && memchr(boot.certificate, '\0', sizeof boot.certificate));
	if (err != OK)
		assert(err == ERR_INVALID && strncmp(trouble.text, "samordna.conf:", 14) == 0 && trouble.text[14] >= '1' && trouble.text[14] <= '9');
	return 0;
}
