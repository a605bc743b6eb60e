#ifndef INCIDENTS_WATCH_PARTS_H
#define INCIDENTS_WATCH_PARTS_H
/* What the files of the watch share: what is remembered of a source, a network, a person; how an incident opens and grows. */
#include "watch_rules.h"
#include "watch_places.h"

enum { WATCH_SESSION_FORMS = 5, WATCH_SESSION_WAYS = 2, WATCH_SEEN_WAYS = 4, WATCH_SOURCE_RULES = 4, WATCH_ALL_SETS = 64, WATCH_ALL_WAYS = 4, WATCH_WAITING = 16 };
#define WATCH_OPEN DAYS(1).ms                    /* how long without an attempt an incident stays open */
#define WATCH_NOBODY UINT64_MAX                  /* the ring's own who is no person */

/* A set is one line of the cache. Moments are the low half of milliseconds: only differences count. */
struct watch_session { uint32_t tag, last; uint16_t counted, form[WATCH_SESSION_FORMS], n[WATCH_SESSION_FORMS]; };
struct watch_sessions { struct watch_session of[WATCH_SESSION_WAYS]; };
/* Networks of which one address has been seen, the newest first; of several it is WATCH_NOBODY, and the network has an entry of its own. */
struct watch_seen { uint64_t network[WATCH_SEEN_WAYS], address[WATCH_SEEN_WAYS]; };

/* A source or a network; behind it lie its ring's marks, then the two sets of who failed and who came in. */
struct watch_source {
	struct watch_head head;
	struct watch_ring ring;
	uint32_t incident[WATCH_SOURCE_RULES];   /* + 1; 0 none */
	int64_t  success_at;
	int64_t  long_at[2];                     /* where the last two long gaps of the ring ended: R3 looks no further without */
};
struct watch_pair { struct watch_head head; struct watch_ring ring; };
struct watch_person {
	struct watch_head head;
	struct watch_ring ring;
	struct watch_place place;
	int64_t  place_at, place_line;
	uint64_t place_address;
	bool     has_place;
	uint32_t fatigue;                        /* incident + 1 */
};

struct attempt {
	struct watch_attempt of;
	uint64_t user, address, network, pair, session;    /* hashes; 0 not known */
	int64_t  n;
	uint8_t  bytes[16];
	int      family;                         /* 0: no address */
	char     user_text[WATCH_NAME], address_text[WATCH_NAME];
};

/* What incidents list, by its hash; as long as they. */
struct watch_text { uint64_t hash; struct str text; };
struct watch_texts { struct watch_text **slots; size_t n, mask; };

struct watch {
	struct arena              *arena;
	struct watch_rules         rules;
	const struct watch_places *places;
	struct watch_names        *names;
	struct watch_texts         texts;
	struct watch_table         sources, networks, pairs, people;
	struct watch_sessions     *sessions;
	uint64_t                  *exits; size_t exit_room;       /* EXITS addresses, each with who came in from there; NULL until a place is known */
	struct watch_seen         *seen;
	size_t                     room, who, pair_room, people_room, all_room;
	struct watch_ring          all_ring;
	int64_t                    all[WATCH_MARK_WORDS * WATCH_MOST_FAILED];
	struct watch_set           all_users[WATCH_ALL_SETS], all_addresses[WATCH_ALL_SETS];
	uint32_t                   all_incident;
	struct watch_incident    **incidents, **touched;     /* of one room */
	char                      *pages; size_t pages_left; void *all_pages;    /* of incidents and their lists */
	bool                       has_nameless;             /* a failure that told no name */
	size_t                     n_incidents, n_touched, incidents_room;
	uint32_t                  *by_key; size_t by_key_mask;    /* incident + 1, by rule and key; the newest of each */
	struct attempt             waiting[WATCH_WAITING];
	unsigned                   n_put, n_done;                 /* of waiting, modulo its length */
};

/* --- watch_incident.c --- */
void                   watch_incidents_end(struct watch *);
uint32_t               watch_incident_find(struct watch *, enum watch_rule_id, struct str key, int64_t at);    /* the open one + 1, or 0 */
uint32_t               watch_incident_new(struct watch *, enum watch_rule_id, struct str key, int64_t at, int64_t line);
/* The one that *i says when it is still open; else *i becomes 0. */
struct watch_incident *watch_incident_open(struct watch *, uint32_t *i, int64_t at);
void                   watch_incident_add(struct watch *, struct watch_incident *, int64_t at, int64_t line, uint64_t user, uint64_t address, int64_t n);
void                   watch_incident_user(struct watch *, struct watch_incident *, uint64_t user);
void                   watch_incident_address(struct watch *, struct watch_incident *, uint64_t address);
/* Asks for what watch_incident_add will look at. */
void                   watch_incident_hint(const struct watch_incident *, uint64_t user);
/* Marks from `first` on become the new incident's; a mark's who is its person, or its address when `user` is WATCH_NOBODY. */
uint32_t               watch_incident_of_ring(struct watch *, enum watch_rule_id, struct str key, const struct watch_ring *, const int64_t *marks,
                                              int first, uint64_t user, uint64_t address);
/* --- watch_source.c --- */
size_t watch_source_size(const struct watch *);
void   watch_source_failed(struct watch *, const struct attempt *);
void   watch_network_failed(struct watch *, const struct attempt *);
void   watch_source_came_in(struct watch *, const struct attempt *);
/* Hints of what an attempt will ask for: where its source and network are, then these, then what they lead to. */
void   watch_source_far(const struct watch *, const struct attempt *);
void   watch_source_near(const struct watch *, const struct attempt *);
void   watch_source_nearer(const struct watch *, const struct attempt *);
void   watch_source_nearest(const struct watch *, const struct attempt *);
bool   watch_source_start(struct watch *);
void   watch_source_end(struct watch *);
/* --- watch_all.c --- */
void   watch_all_failed(struct watch *, const struct attempt *);
/* --- watch_person.c --- */
uint64_t watch_pair_key(uint64_t user, uint64_t address);
size_t watch_pair_size(const struct watch *);
size_t watch_person_size(const struct watch *);
void   watch_pair_failed(struct watch *, const struct attempt *);
void   watch_pair_came_in(struct watch *, const struct attempt *);
void   watch_person_denied(struct watch *, const struct attempt *);
void   watch_person_came_in(struct watch *, const struct attempt *);
#endif
