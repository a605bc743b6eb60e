#ifndef POINT_H
#define POINT_H
/* A point of the leaflet: one constant struct, and all that the product does as a whole is a fold over
 * the table of them (points.c). Read this first.
 *
 * Every member but name and question may be absent. A point without `opinion` is silent at the gate; one without
 * `figures` answers "unknown". Points never call each other: what one decides, others `hear`. */
#include "floor/event.h"
#include "floor/page.h"
#include "floor/reason.h"
#include "floor/refer.h"
#include "floor/standing.h"

/* How long somebody has been connected in this working day and the one before: where places are short, who has had less goes first. */
enum had { HAD_NO_TIME, HAD_A_TIME, HAD_AN_HOUR, HAD_HOURS, HAD_LEVELS };     /* under 20 minutes, under an hour, under three hours, more */
static inline uint8_t had_of(struct span had)
{
	return had.ms < MINUTES(20).ms ? HAD_NO_TIME : had.ms < HOURS(1).ms ? HAD_A_TIME : had.ms < HOURS(3).ms ? HAD_AN_HOUR : HAD_HOURS;
}

/* The places of one gateway that are taken, as the gate counts them (places.h); held still while it judges. */
struct taken {
	int32_t n;                     /* all that count: offered, open, silent */
	int32_t by_class[5];           /* 0: strangers that a gateway which only watches has let in */
	int32_t of_reserve;            /* whose opinion said is_of_reserve */
	int32_t booked;                /* whose opinion named the slot that it is now */
	bool    is_strained;           /* what the last opinion said of this gateway: so that a limit can lie lower on the way back */
	int32_t waiting[5][HAD_LEVELS];        /* who was turned away for want of a place and has not come since (turns.h), by class and enum had */
};

/* Time is cut into slots, so that places can be booked: numbered from 1970. */
enum { SLOT_MS = 20 * 60 * 1000 };
static inline uint32_t slot_number(struct instant at) { return (uint32_t)(at.ms / SLOT_MS); }

/* What the gate is asked. Pure data; the person is known and stands in the slices. */
struct ask {
	int64_t             person;
	struct instant      at;
	int16_t             gateway;   /* number in the site's table of gateways, -1 unknown */
	uint8_t             factor;    /* enum factor */
	uint8_t             class;     /* of the person's unit: filled by the fold */
	uint8_t             had;       /* enum had */
	bool                has_address;
	uint8_t             address[16];   /* where she connects from (floor/address.h), when the gateway has said so */
	struct instant      kept_until;        /* she has a place at this gateway until then, and asks again (a renewal); ms 0: she has none */
	bool                is_then;   /* asked for another moment than now: what is not known for it says so */
	const struct taken *taken;     /* by gateway; NULL: not known */
};
enum factor { FACTOR_UNKNOWN, FACTOR_WEAK, FACTOR_STRONG };

enum verdict { VERDICT_SILENT, VERDICT_PASS, VERDICT_WAIT, VERDICT_DENY };   /* the strictest wins */
struct opinion {
	enum verdict         verdict;
	struct instant       until;    /* WAIT: when it may be otherwise. PASS: when the right to be in ends */
	const struct reason *reason;   /* NULL for PASS and SILENT */
	const char          *instead;  /* what this person can do without a connection, as people wrote it; lives as long as the site. Or NULL */
	/* For the gate to remember, of the place: booked, and it is now (0 none); of the reserve. Of the gateway: strained. */
	uint32_t             slot;
	bool                 is_of_reserve, is_strained;
	uint8_t              class;    /* by which she is judged and counted; 0: her unit's */
	bool                 waits;    /* WAIT for want of a place alone: she stands in line for one */
	bool                 has_other_slot;   /* booked here within half a day, and it is not now */
};

struct point {
	const char           *name;          /* "capacity": folder, table prefix, CLI noun, URL */
	const char           *question;      /* N_(): the leaflet's question, in our words */
	const char           *wakes;         /* N_(): which file or decision would bring an unknown question to life */
	const struct page    *pages;         /* ended by .path NULL */
	const struct command *commands;      /* ended by .words NULL */
	const struct setting *settings;      /* ended by .name NULL */

	/* Facts about persons, kept in memory: this point's slice of each person's standing. stand() fills the slices
	 * of a range of persons from the store; site() fills the one record of what is common to all. */
	size_t                slice_size, site_size;
	enum err            (*stand)(struct rq *, struct slices);
	enum err            (*site)(struct rq *, void *site);
	const struct reason *const *reasons;      /* all that opinion may give, ended by NULL: what stands here can be decided about */
	/* Pure: no store, no clock, no allocation. Under 200 ns. */
	void                (*opinion)(const struct ask *, const void *slice, const void *site, struct opinion *ret);

	enum err            (*figures)(struct rq *, struct figures *ret);
	/* A part of another point's answer, which only this one knows; no sentence: nothing to say. */
	const char           *lends_to;      /* that point's name */
	enum err            (*lends)(struct rq *, struct figures *ret);
	enum err            (*due)(struct rq *, struct tasks *ret);
	enum err            (*about)(struct rq *, int64_t person, struct abouts *ret);   /* what it tells of this person */
	enum err            (*mine)(struct rq *, int64_t person, struct mines *ret);     /* what is urgent for her, on top of her own page */
	enum err            (*banner)(struct rq *, struct str *ret);     /* one sentence over every page of the reader's; empty: none */
	enum err            (*tick)(struct rq *);                 /* what time brings to people: notices; never a state */
	enum err            (*relieve)(struct rq *, const struct taken *);       /* with the places taken, by gateway, every second: who is to leave */
	enum err            (*find)(struct rq *, struct str name, struct refer_found *ret);   /* a record that others may refer to; ERR_NONE: none for her */
	bool                (*hides)(struct rq *, struct str subject);   /* may the reader not know of what a leaf of this point is about? */
	unsigned              hears;           /* which events it acts on, 1 << EVENT_...: hear is called for these alone */
	enum err            (*hear)(struct rq *, const struct event *, struct change *);
};

extern const struct point *const points[];      /* points.c; ended by NULL */
#endif
