/* Any bytes as a stream of syslog over TCP or TLS, in pieces of any size: the messages are the same as when all comes at once, none is larger than the room,
 * and what is no frame is seen at the same place. */
#include "doors/logs_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

enum { ROOM = 512 };
struct sum { uint64_t hash, n; size_t taken; bool is_over; };

static struct sum read_in(const char *text, size_t n, size_t piece)
{
	char room[ROOM];
	struct sum sum = { 0 };
	size_t have = 0;

	for (size_t from = 0; from < n && !sum.is_over; ) {
		size_t some = MIN(MIN(piece, n - from), ROOM - have), done = 0;
		memcpy(room + have, text + from, some);
		have += some;
		from += some;
		int64_t took;
		struct str message;
		while ((took = logs_frame(room + done, have - done, ROOM, &message)) > 0) {
			assert((size_t)took <= have - done && message.at >= room + done && message.at + message.len <= room + done + took);
			sum.hash = sum.hash * 31 + str_hash(message);
			sum.n++;
			done += (size_t)took;
			sum.taken += (size_t)took;
		}
		sum.is_over = took < 0;
		have -= done;
		memmove(room, room + done, have);
		assert(sum.is_over || have < ROOM);          /* a full room either holds a frame or ends it */
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	if (n < 2)
		return 0;
	const char *text = (const char *)at + 1;
	struct sum whole = read_in(text, n - 1, ROOM), pieces = read_in(text, n - 1, 1 + at[0] % 40);

	assert(whole.hash == pieces.hash && whole.n == pieces.n && whole.taken == pieces.taken && whole.is_over == pieces.is_over);
	return 0;
}
