/* Where a message ends in a stream of syslog (RFC 6587): octet counts or lines, as its first bytes say, message by message.
 *
 * SECURITY: a count larger than the room, or a line that does not end within it, is no frame: the connection ends. */
#include "doors/logs_parts.h"

int64_t logs_frame(const char *at, size_t n, size_t room, struct str *ret)
{
	int64_t count;

	/* "17 <34>..."; a line may begin with digits too: its time. */
	size_t digits = 0, head;
	while (digits < n && digits < 6 && at[digits] >= (digits ? '0' : '1') && at[digits] <= '9')
		digits++;
	head = digits && digits < n && at[digits] == ' ' ? digits + 1 : 0;
	if (head && head == n)
		return 0;
	if (head && at[head] == '<' && str_number((struct str){ at, head - 1 }, (int64_t)room - 16, &count) == OK) {
		*ret = (struct str){ at + head, (size_t)count };
		return n - head >= (size_t)count ? (int64_t)head + count : 0;
	}
	const char *end = n ? memchr(at, '\n', n) : NULL;
	if (!end)
		return n == room ? -1 : 0;
	*ret = (struct str){ at, (size_t)(end - at) };
	return end - at + 1;
}
