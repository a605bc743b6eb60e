#ifndef INIT_H
#define INIT_H
/* Makes a home: its directory, samordna.conf, the store with its first leaves, the one-time code for the first coordinator. */
#include "boot.h"

/* ret_code: room for 32 bytes. ERR_CONFLICT when a store is there already: nothing is touched then. */
enum err init_home(const char *home, struct str organisation, char *ret_code, struct trouble *);
/* samordna.conf as init writes it; one that is there stays. */
enum err init_settings(const char *home, struct trouble *);
#endif
