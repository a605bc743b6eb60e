/* libcurl, loaded by the process post alone and before its walls: so the other six processes and every command need not carry it, its TLS and all
 * that hangs from them, and nothing is mapped executable afterwards.
 *
 * It is the variety with OpenSSL, which takes the authorities as bytes (CURLOPT_CAINFO_BLOB): behind the walls no file can be opened.
 *
 * SECURITY: the library's name is fixed; keeper's walls stand already when it is loaded, so it may be mapped, but not written. */
#include <curl/curl.h>
#define LONG_LIVED
#include "doors/post_parts.h"
#include "base/world.h"
#include <dlfcn.h>
#include <fcntl.h>

struct post_curl post_curl;
struct str post_system_authorities;

static const char library[] = "libcurl.so.4", authorities[] = "/etc/ssl/certs/ca-certificates.crt";

static void read_authorities(void)
{
	enum { MOST = 1 << 20 };
	static char room[MOST];
	size_t length = 0;
	int fd = open(authorities, O_RDONLY | O_CLOEXEC);

	for (ssize_t got = 1; fd >= 0 && got > 0 && length < MOST; length += (size_t)MAX(got, 0))
		got = read(fd, room + length, MOST - length);
	if (fd >= 0)
		close(fd);
	post_system_authorities = (struct str){ room, length == MOST ? 0 : length };
}

void post_curl_load(void)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	bool is_whole = handle != NULL;

#define X(name) if (is_whole && !(post_curl.name = (__typeof__(&(curl_##name)))(uintptr_t)dlsym(handle, "curl_" #name))) is_whole = false;
	POST_CURL(X)
#undef X
	if (!is_whole || post_curl.global_init(CURL_GLOBAL_ALL) != 0) {
		world_log("post: %s cannot be loaded: %s", library, handle ? "it lacks a function" : dlerror());
		return;
	}
	read_authorities();
	post_curl.is_there = true;
}
