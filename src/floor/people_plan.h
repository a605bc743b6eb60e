#ifndef FLOOR_PEOPLE_PLAN_H
#define FLOOR_PEOPLE_PLAN_H
/* The plan's bytes: between people_check.c, which makes them, and people_import.c, which applies them. Records one after the other,
 * each beginning on a multiple of eight; texts behind the struct. Native byte order: a plan never leaves its host. */
#include "floor/people_import.h"

enum plan_kind { PLAN_ADD = 1, PLAN_CHANGE, PLAN_LEAVE };
enum { PLAN_NAMES = 24, PLAN_NO = -1 };
struct plan_name { int64_t id; uint32_t length; uint8_t kind, is_drop, spare[2]; };    /* texts follow in this order, after the others */
struct plan_op {
	uint32_t length; uint16_t kind; uint16_t n_names;
	int64_t  id, unit, manager, roles, employment_end, email_changed_at, phone_changed_at;   /* PLAN_NO: NULL */
	uint32_t is_protected, code, name, email, phone, sort;             /* lengths of the texts, in this order */
	struct plan_name names[];
};
#endif
