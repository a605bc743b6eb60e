/* One packet, one message, by sendmsg and recvmsg.
 *
 * SECURITY: every descriptor that comes with a malformed message is closed at once, so a hostile neighbour cannot fill
 * the table of descriptors; MSG_CMSG_CLOEXEC keeps them from any program we start. A memfd that is not
 * sealed could change under the reader: it is refused. */
#include "base/channel.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum err channel_pair(int ret[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) != 0)
		return ERR_IO;
	int room = 1 << 20;
	for (int i = 0; i < 2; i++)
		(void)setsockopt(ret[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	return OK;
}

enum err channel_send(int fd, struct message head, const void *body, size_t n, const int *files, int n_files)
{
	union { struct cmsghdr head; char room[CMSG_SPACE(sizeof (int) * CHANNEL_FILES)]; } control = { 0 };
	struct iovec parts[] = { { &head, sizeof head }, { (void *)(uintptr_t)body, n } };
	struct msghdr packet = { .msg_iov = parts, .msg_iovlen = n ? 2 : 1 };

	if (n > CHANNEL_MOST - sizeof head || n_files > CHANNEL_FILES)
		return ERR_FULL;
	head.length = (uint32_t)(sizeof head + n);
	if (n_files) {
		packet.msg_control = control.room;
		packet.msg_controllen = CMSG_SPACE(sizeof (int) * (size_t)n_files);
		struct cmsghdr *c = CMSG_FIRSTHDR(&packet);
		*c = (struct cmsghdr){ CMSG_LEN(sizeof (int) * (size_t)n_files), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(c), files, sizeof (int) * (size_t)n_files);
	}
	for (;;) {
		ssize_t sent = sendmsg(fd, &packet, MSG_NOSIGNAL);
		if (sent >= 0)
			return OK;
		if (errno == EINTR)
			continue;
		return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
	}
}

static void take_files(struct msghdr *packet, struct parcel *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(packet); c; c = CMSG_NXTHDR(packet, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof (int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (ret->n_files < CHANNEL_FILES)
				ret->files[ret->n_files++] = fd;
			else
				close(fd);
		}
	}
}

enum err channel_receive(int fd, void *room, struct parcel *ret)
{
	union { struct cmsghdr head; char room[CMSG_SPACE(sizeof (int) * CHANNEL_FILES)]; } control;
	struct iovec part = { room, CHANNEL_MOST };
	struct msghdr packet = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room,
	                         .msg_controllen = sizeof control.room };
	ssize_t got;

	*ret = (struct parcel){ .at = room };
	do
		got = recvmsg(fd, &packet, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_BUSY : errno == ECONNRESET ? ERR_NONE : ERR_IO;
	if (got == 0)
		return ERR_NONE;
	take_files(&packet, ret);
	const struct message *head = room;
	ret->length = (size_t)got;
	if ((size_t)got >= sizeof *head && head->length == (size_t)got
	    && !(packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return OK;
	for (int i = 0; i < ret->n_files; i++)
		close(ret->files[i]);
	ret->n_files = 0;
	return ERR_INVALID;
}

enum { SEALS = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK };

int channel_file_begin(void)
{
	return memfd_create("samordna", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

enum err channel_file_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) == 0 ? OK : ERR_IO;
}

int channel_file(const void *bytes, size_t n)
{
	int fd = channel_file_begin();
	size_t done = 0;

	while (fd >= 0 && done < n) {
		ssize_t got = write(fd, (const char *)bytes + done, n - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	if (fd >= 0 && (done < n || channel_file_seal(fd) != OK)) {
		close(fd);
		return -1;
	}
	return fd;
}

bool channel_file_is_sealed(int fd, size_t *length)
{
	int seals = fcntl(fd, F_GET_SEALS);
	/* Not fstat: the C library makes it a call that takes a path, which most processes do not have. */
	off_t end = seals < 0 || (seals & SEALS) != SEALS ? -1 : lseek(fd, 0, SEEK_END);

	if (end < 0)
		return false;
	*length = (size_t)end;
	return true;
}

enum err channel_file_read(struct arena *arena, int fd, size_t most, struct str *ret)
{
	size_t length, done = 0;

	if (!channel_file_is_sealed(fd, &length))
		return ERR_INVALID;
	if (length > most)
		return ERR_FULL;
	char *at = arena_take(arena, length + 1);
	while (done < length) {
		ssize_t got = pread(fd, at + done, length - done, (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ERR_IO;
		done += (size_t)got;
	}
	*ret = (struct str){ at, length };
	return OK;
}
