/* Pages that belong to no point: of the floor and of the folds. A new table is one line here. */
#include "router.h"

#include "admin.h"
#include "desk.h"
#include "help.h"
#include "link_page.h"
#include "floor/decide.h"
#include "floor/hook.h"
#include "floor/mail.h"
#include "floor/mandate.h"
#include "floor/urgent.h"
#include "floor/account.h"
#include "person.h"

extern const struct page core_import_pages[], router_pages[], api_pages[];

const struct page *const page_tables[] = {
	core_import_pages,
	desk_pages,
	decide_pages,
	urgent_pages,
	me_pages,
	person_pages,
	people_pages,
	hook_pages,
	mail_pages,
	mandate_pages,
	admin_pages,
	admin_gateway_pages,
	admin_audit_pages,
	help_pages,
	link_pages,
	router_menu_pages,
	router_pages,
	account_login_pages,
	account_setup_pages,
	account_invite_pages,
	account_own_pages,
	account_exercise_pages,
	api_pages,
	NULL
};
