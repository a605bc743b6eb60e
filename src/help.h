#ifndef HELP_H
#define HELP_H
/* /help and /accessibility: for everybody, with or without a login. */
#include "point.h"

extern const struct page help_pages[];
#endif
