#ifndef DOORS_WEB_TEST_H
#define DOORS_WEB_TEST_H
/* What the tests of the web door share: the door in a process of its own, the test as its core, and a client of raw sockets.
 *
 * Every ask is answered with what it was told: the path, the fields, the session. So what core would see is what the test sees. */
#include "base/base.h"
#include <pthread.h>
#include <sys/types.h>

enum { WEB_REPLY_MOST = 8 << 20 };
struct door { int port, core_fd; bool is_tls; pid_t pid; pthread_t thread; _Atomic int asks; };
extern struct door door;
extern char reply[WEB_REPLY_MOST];            /* what read_reply read */
extern bool is_pipelined, is_head;            /* how it reads: one answer of several; an answer without a body */

int  open_door(void **), open_tls_door(void **), close_door(void **);
int  connect_door(void);
int  read_reply(int fd, bool *ret_is_closed);                 /* the status */
void send_all(int fd, const char *at, size_t n);
int  ask_bytes(const char *request, size_t n);                /* on a connection of its own */
int  ask(const char *request);
bool says(const char *text);                                  /* does the reply? */

/* Heads that the tests put together. */
#define H "Host: localhost:8080\r\n"
#define O "Origin: http://localhost:8080\r\n"
#define T "Content-Type: application/x-www-form-urlencoded\r\n"

/* web_tls_test.c */
void tls_certificate(char *certificate, uint32_t *ret_certificate, char *key, uint32_t *ret_key, size_t size);
int  tls_wrap(int sealed);                                    /* a socket whose bytes go through TLS on that one */

/* web_frames_test.c */
void test_every_malformed_frame_is_refused_and_closed(void **);
void test_nothing_is_smuggled_behind_a_refusal(void **);
void test_long_heads_are_refused(void **);
#endif
