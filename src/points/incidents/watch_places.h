#ifndef INCIDENTS_WATCH_PLACES_H
#define INCIDENTS_WATCH_PLACES_H
/* Where networks are: a table that the administrator gives, as CSV with the header network,country,latitude,longitude (CIDR). A row without
 * latitude and longitude is a network whose place says nothing (VPN and mobile exits): it is ignored. */
#include "floor/rq.h"

struct watch_places;
struct watch_place { double latitude, longitude; char country[4]; };
enum err watch_places_read(struct rq *, struct str csv, struct watch_places **ret);
/* The narrowest network that holds the address: false when there is none, or its place says nothing. */
bool     watch_places_find(const struct watch_places *, struct str address, struct watch_place *ret);
double   watch_distance_km(const struct watch_place *, const struct watch_place *);
#endif
