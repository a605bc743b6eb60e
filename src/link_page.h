#ifndef LINK_PAGE_H
#define LINK_PAGE_H
/* /logins/link, which staff know as /lank: is a link one of our login pages? Public. */
#include "floor/page.h"

extern const struct page link_pages[];
#endif
