#ifndef DOORS_LINK_PARTS_H
#define DOORS_LINK_PARTS_H
/* What the files of the link checker share: link.c decides, link_book.c holds what is ours, link_url.c reads as a browser does,
 * link_fold.c makes look-alikes equal, link_near.c measures how far two names are apart, link_words.c holds words. */
#include "doors/link.h"

enum { LINK_HOST_MOST = 253, LINK_ROOM = 512 };
#define LINK_BIT(name) ((uint64_t)1 << LINK_##name)

struct link_icu;                     /* handles of ICU and libpsl: opened once, only read afterwards */

/* A name folded so that what looks the same is the same: one byte a letter. `plain` still has rn and vv, which stand for m and w in
 * `at`: where letters are counted or change places, "tarn" must not become "tam" first. */
struct link_fold { uint8_t at[LINK_ROOM], plain[LINK_ROOM]; size_t len, n_plain; };
struct link_near { uint8_t at[64]; size_t len; uint64_t letters; };   /* a folded name without hyphens, and which letters it has */

/* --- link_url.c --- */
enum link_host { LINK_HOST_NONE, LINK_HOST_NAME, LINK_HOST_ADDRESS };
struct link_url {
	bool           is_whole;         /* a browser would follow it; else `reasons` says why not */
	bool           is_https;
	enum link_host kind;
	struct str     host;             /* ASCII, lower case, without the trailing dot */
	size_t         domain, suffix;   /* of a name: where its registrable domain begins, and its public suffix */
	struct str     user, path;       /* as written; path with query and fragment, from its first / ? or # */
	uint64_t       reasons;
};
void   link_url_parse(const struct link_icu *, struct arena *, struct str text, struct link_url *ret);
/* A host as it stands in a URL. False when a browser would refuse it. */
bool   link_host_parse(const struct link_icu *, struct arena *, struct str text, struct link_url *ret);
size_t link_scheme(struct str);                                     /* length without the colon, 0 none */
struct str link_decode(struct arena *, struct str, bool plus_is_blank);   /* percent-encoding, once; the same bytes when there is none */

/* --- link_fold.c --- */
enum err link_icu_open(struct arena *, struct link_icu **ret, struct trouble *);
void   link_icu_close(struct link_icu *);
bool   link_to_ascii(const struct link_icu *, struct str utf8, char *ret, size_t room, size_t *ret_len);
void   link_fold_text(struct str, struct link_fold *ret);           /* byte for byte: what stands in a link beside its host */
void   link_fold_host(const struct link_icu *, struct str ascii_host, struct link_fold *ret);
/* Where the registrable domain begins in the host, and where its public suffix does. Equal when the host is itself a suffix. */
void   link_domain(const struct link_icu *, struct str host, size_t *ret_domain, size_t *ret_suffix);
bool   link_has_known_suffix(const struct link_icu *, struct str host);   /* not only by the rule for what is not listed */

/* --- link_near.c --- */
uint64_t link_letters(const uint8_t *, size_t);
struct link_near link_near_of(struct str folded);                   /* hyphens and dots taken out; longer than 64: cut */
bool   link_may_be_near(uint64_t own_letters, size_t own_len, uint64_t letters, size_t len, int most);
bool   link_is_near(const struct link_near *own, const struct link_near *other, int most);   /* in half edits */

/* --- link_words.c --- */
bool   link_is_login_word(struct str folded);
bool   link_is_common_word(struct str folded);
bool   link_is_shortener(struct str host);
bool   link_is_target_key(struct str key);

struct link_name {                   /* what people read of owned hosts: the label that was registered */
	struct str       domain;         /* registrable, "kommunen.se" */
	struct str       imitated;       /* the owned host that stands for it */
	struct str       suffix;
	struct link_near near, domain_near;   /* "kommunen", "kommunense" */
	struct link_near plain, main_part;    /* of the plain fold; the one part of a hyphenated name that is not a common word, or empty */
	struct link_fold label, folded;  /* with hyphens: "kommunen", "kommunen.se" */
	bool             is_login;       /* the name is itself a word for logging in: only the whole domain counts */
	bool             is_word;        /* a common word: counts only beside a word for logging in */
};
/* The same, as far as most names are told apart by it: which letters each has, so that one cache line tells of two names. */
struct link_glance { uint64_t near, domain, plain; uint8_t n_near, n_plain; bool is_login, has_main_part; };
struct link_owned { struct str host; bool is_below; struct link_fold folded; size_t name; };
struct link_book {
	struct arena     *arena;
	struct link_icu  *icu;
	struct link_owned *owned; size_t n_owned, room_owned;
	struct link_name *names;  size_t n_names;
	struct link_glance *glances;
	uint32_t         *hosts, *below, *domains;   /* open addressing: index + 1 */
	size_t            mask;
};
/* --- link_name.c --- */
/* Which owned host this host (or, with kind LINK_HOST_ADDRESS, what stands before and behind it) imitates. STR_NONE: none. */
struct str link_imitates(const struct link_book *, const struct link_url *, uint64_t *reasons);

/* --- link_target.c --- */
bool   link_leads_away(const struct link_book *, struct arena *, struct str path);

/* --- link_book.c --- */
bool   link_is_owned(const struct link_book *, struct str host);
bool   link_is_own_domain(const struct link_book *, struct str domain);
#endif
