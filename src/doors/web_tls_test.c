/* TLS for the tests of the web door: a certificate made on the spot, and a client that hands out a plain socket of which each byte goes
 * through TLS, so that what is asked over HTTP is asked the same way over TLS.
 *
 * What it does not do: it does not look at the certificate. */
#define LONG_LIVED
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include "base/base.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <cmocka.h>
#include "doors/web_test.h"

void tls_certificate(char *certificate, uint32_t *ret_certificate, char *key, uint32_t *ret_key, size_t size)
{
	gnutls_x509_privkey_t private;
	gnutls_x509_crt_t crt;
	size_t n = size, m = size;

	assert_int_equal(gnutls_x509_privkey_init(&private), 0);
	assert_int_equal(gnutls_x509_privkey_generate(private, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), 0);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\1", 1);
	gnutls_x509_crt_set_dn(crt, "CN=localhost", NULL);
	gnutls_x509_crt_set_activation_time(crt, 0);
	gnutls_x509_crt_set_expiration_time(crt, 4000000000);
	gnutls_x509_crt_set_key(crt, private);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, private, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_PEM, certificate, &n), 0);
	assert_int_equal(gnutls_x509_privkey_export(private, GNUTLS_X509_FMT_PEM, key, &m), 0);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(private);
	*ret_certificate = (uint32_t)n;
	*ret_key = (uint32_t)m;
}

struct pump { int plain, sealed; };

/* Until either side ends. */
static void move(gnutls_session_t session, struct pump *pump)
{
	char room[16384];

	for (;;) {
		struct pollfd wait[] = { { pump->plain, POLLIN, 0 }, { pump->sealed, POLLIN, 0 } };
		if (gnutls_record_check_pending(session) == 0 && poll(wait, 2, -1) < 0)
			return;
		if (gnutls_record_check_pending(session) || wait[1].revents) {
			ssize_t got = gnutls_record_recv(session, room, sizeof room);
			if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
				continue;
			if (got <= 0)
				return;
			send_all(pump->plain, room, (size_t)got);
		}
		if (wait[0].revents) {
			ssize_t got = read(pump->plain, room, sizeof room);
			if (got <= 0 || gnutls_record_send(session, room, (size_t)got) < 0)
				return;
		}
	}
}

static void *pumping(void *of)
{
	struct pump *pump = of;
	gnutls_certificate_credentials_t nothing;
	gnutls_session_t session;

	gnutls_certificate_allocate_credentials(&nothing);
	gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, nothing);
	gnutls_transport_set_int(session, pump->sealed);
	if (gnutls_handshake(session) == 0)
		move(session, pump);
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(nothing);
	close(pump->plain);
	close(pump->sealed);
	free(pump);
	return NULL;
}

int tls_wrap(int sealed)
{
	struct pump *pump = malloc(sizeof *pump);
	pthread_t thread;
	int pair[2];

	assert_non_null(pump);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	*pump = (struct pump){ pair[1], sealed };
	assert_int_equal(pthread_create(&thread, NULL, pumping, pump), 0);
	pthread_detach(thread);
	return pair[0];
}
