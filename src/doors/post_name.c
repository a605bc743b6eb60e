/* Names of peers to addresses, behind walls where no file can be opened.
 *
 * The C library's own look-up reads nsswitch.conf, resolv.conf and hosts anew each time and may load modules. So resolv.conf is read once, by
 * res_ninit, and hosts once, when post starts; afterwards names are asked of DNS over a socket and nothing else. A change of those two files counts from
 * the next start on. Other ways of looking up (LDAP, mDNS) are not asked.
 *
 * SECURITY: runs in post, as an unprivileged user behind its list of system calls. What DNS says is believed for the address alone: the
 * certificate must be of the name. */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <resolv.h>
#undef MIN        /* <sys/param.h> came along */
#undef MAX
#include <curl/curl.h>
#define LONG_LIVED
#include "doors/post_parts.h"
#include <fcntl.h>

enum { HOSTS_MOST = 256 * 1024, ANSWER = 4096 };

static char hosts[HOSTS_MOST];
static size_t hosts_length;
static struct __res_state resolver;
static bool has_resolver;

void post_name_prepare(void)
{
	int fd = open("/etc/hosts", O_RDONLY | O_CLOEXEC);

	for (ssize_t got = 1; fd >= 0 && got > 0 && hosts_length < HOSTS_MOST; hosts_length += (size_t)MAX(got, 0))
		got = read(fd, hosts + hosts_length, HOSTS_MOST - hosts_length);
	if (fd >= 0)
		close(fd);
	has_resolver = res_ninit(&resolver) == 0;
	resolver.retrans = 2;
	resolver.retry = 2;
	resolver.options |= RES_NOALIASES;
}

static bool is_address(const char *text)
{
	unsigned char room[16];
	return inet_pton(AF_INET, text, room) == 1 || inet_pton(AF_INET6, text, room) == 1;
}

bool post_name_is_loopback(const char *address)
{
	unsigned char four[4];
	return strcmp(address, "::1") == 0 || (inet_pton(AF_INET, address, four) == 1 && four[0] == 127);
}

static bool add(struct str address, char ret[POST_ADDRESSES][POST_ADDRESS], size_t *n)
{
	char text[POST_ADDRESS];

	if (*n == POST_ADDRESSES || address.len >= sizeof text)
		return false;
	memcpy(text, address.at, address.len);
	text[address.len] = '\0';
	if (!is_address(text))
		return false;
	memcpy(ret[(*n)++], text, sizeof text);
	return true;
}

static struct str next_word(struct str *line)
{
	while (line->len && (line->at[0] == ' ' || line->at[0] == '\t'))
		*line = str_from(*line, 1);
	size_t end = MIN(str_find(*line, ' '), str_find(*line, '\t'));
	struct str word = str_first(*line, end);
	*line = str_from(*line, end);
	return word;
}

static void find_in_hosts(const char *host, char ret[POST_ADDRESSES][POST_ADDRESS], size_t *n)
{
	struct str rest = { hosts, hosts_length };

	while (rest.at && rest.len) {
		struct str line = str_trim(str_cut(&rest, '\n')), comment = line;
		line = str_cut(&comment, '#');
		struct str address = next_word(&line), name;
		while ((name = next_word(&line)).len)
			if (name.len == strlen(host) && strncasecmp(name.at, host, name.len) == 0) {
				(void)add(address, ret, n);
				break;
			}
	}
}

static void find_in_dns(const char *host, int type, char ret[POST_ADDRESSES][POST_ADDRESS], size_t *n)
{
	unsigned char answer[ANSWER];
	ns_msg message;
	ns_rr record;
	int length = res_nsearch(&resolver, host, ns_c_in, type, answer, sizeof answer);

	if (length <= 0 || ns_initparse(answer, MIN(length, (int)sizeof answer), &message) != 0)
		return;
	for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
		char text[POST_ADDRESS];
		bool is_six = type == ns_t_aaaa;
		if (ns_parserr(&message, ns_s_an, i, &record) != 0)
			return;
		if ((int)ns_rr_type(record) == type && ns_rr_rdlen(record) == (is_six ? 16 : 4)
		    && inet_ntop(is_six ? AF_INET6 : AF_INET, ns_rr_rdata(record), text, sizeof text))
			(void)add(str_of(text), ret, n);
	}
}

size_t post_name_find(const char *host, char ret[POST_ADDRESSES][POST_ADDRESS])
{
	size_t n = 0;

	if (is_address(host)) {
		(void)add(str_of(host), ret, &n);
		return n;
	}
	if (strcasecmp(host, "localhost") == 0) {       /* RFC 6761: never asked of DNS */
		(void)add(STR("127.0.0.1"), ret, &n);
		(void)add(STR("::1"), ret, &n);
		return n;
	}
	find_in_hosts(host, ret, &n);
	if (n == 0 && has_resolver)
		find_in_dns(host, ns_t_a, ret, &n);
	if (n < POST_ADDRESSES && has_resolver && hosts_length < HOSTS_MOST && (n == 0 || !strchr(ret[0], ':')))
		find_in_dns(host, ns_t_aaaa, ret, &n);
	return n;
}
