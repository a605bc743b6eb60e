/* The pages of access. */
#include "access.h"

const struct page access_pages[] = { { 0 } };
