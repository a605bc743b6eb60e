/* The table of points, in the leaflet's order. */
#include "point.h"

const struct point *const points[] = { NULL };
