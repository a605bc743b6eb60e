/* Syslog over TLS (RFC 5425): GnuTLS between a connection and its frames.
 *
 * Certificate and key are watch.certificate and watch.key; keeper hands them over as open files, which are read behind the walls. Handshakes go on as bytes
 * come, so that who is slow at it holds up nobody; who never ends one is the oldest idle connection some day, and makes room.
 *
 * SECURITY: TLS 1.2 and 1.3 alone. Senders show no certificate: whoever reaches the port may send, as over TCP, but nobody on the way reads it, and a
 * sender that checks ours knows where its lines go. */
#include <errno.h>
#include <gnutls/gnutls.h>
#include "doors/logs_parts.h"
#include "base/world.h"

enum { PEM_MOST = 64 << 10 };
struct log_tls { gnutls_session_t session; bool is_ready; };

static gnutls_certificate_credentials_t credentials;
static gnutls_priority_t priorities;

static bool read_pem(int fd, char *room, gnutls_datum_t *ret)
{
	ssize_t got = pread(fd, room, PEM_MOST, 0);

	*ret = (gnutls_datum_t){ (unsigned char *)room, got > 0 ? (unsigned)got : 0 };
	return got > 0 && got < PEM_MOST;
}

bool logs_tls_start(int certificate, int key)
{
	static char room[2][PEM_MOST];
	gnutls_datum_t its[2];

	bool is_right = read_pem(certificate, room[0], &its[0]) && read_pem(key, room[1], &its[1])
	             && gnutls_certificate_allocate_credentials(&credentials) == 0
	             && gnutls_priority_init(&priorities, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", NULL) == 0
	             && gnutls_certificate_set_x509_key_mem(credentials, &its[0], &its[1], GNUTLS_X509_FMT_PEM) == 0;
	explicit_bzero(room[1], sizeof room[1]);
	if (!is_right)
		world_log("reader: syslog over TLS cannot begin: look at watch.certificate and watch.key");
	return is_right;
}

struct log_tls *logs_tls_new(int fd)
{
	struct log_tls *tls = credentials && priorities ? calloc(1, sizeof *tls) : NULL;

	if (!tls)
		return NULL;
	if (gnutls_init(&tls->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0) {
		free(tls);
		return NULL;
	}
	if (gnutls_priority_set(tls->session, priorities) != 0 || gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, credentials) != 0) {
		logs_tls_end(tls);
		return NULL;
	}
	gnutls_transport_set_int(tls->session, fd);
	return tls;
}

void logs_tls_end(struct log_tls *tls)
{
	if (!tls)
		return;
	gnutls_deinit(tls->session);
	free(tls);
}

ssize_t logs_tls_take(struct log_tls *tls, char *room, size_t n)
{
	ssize_t got = tls->is_ready ? 0 : gnutls_handshake(tls->session);

	if (got == 0) {
		tls->is_ready = true;
		got = gnutls_record_recv(tls->session, room, n);
	}
	if (got == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	if (got < 0) {
		errno = gnutls_error_is_fatal((int)got) ? EPROTO : EAGAIN;
		return -1;
	}
	return got;
}

bool logs_tls_has_more(const struct log_tls *tls)
{
	return gnutls_record_check_pending(tls->session) > 0;
}

bool logs_tls_writes(const struct log_tls *tls)
{
	return gnutls_record_get_direction(tls->session) == 1;
}
