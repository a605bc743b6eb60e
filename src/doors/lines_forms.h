#ifndef DOORS_LINES_FORMS_H
#define DOORS_LINES_FORMS_H
/* The services that there are. A new one is a table in one of the lines_forms_*.c, and a word here and in lines_forms.c. */
#include "doors/lines_parts.h"

extern const struct line_service line_sshd, line_pam, line_dropbear, line_cockpit, line_openvpn, line_ocserv, line_strongswan, line_freeradius,
	line_xrdp, line_guacamole, line_vaultwarden, line_pfsense, line_asa, line_keycloak;
#endif
