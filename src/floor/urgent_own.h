#ifndef FLOOR_URGENT_OWN_H
#define FLOOR_URGENT_OWN_H
/* For urgent*.c alone. */
#include "floor/event.h"
#include "floor/urgent.h"

enum urgent_mail { URGENT_MAIL_USED, URGENT_MAIL_REVERSED };
/* To those who answer for the decision: who was asked, who signed, and whoever stands in for them (urgent_told.c). */
enum err urgent_mail(struct change *, const struct urgent *, enum urgent_mail);
#endif
