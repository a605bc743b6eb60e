/* The table of services that speak in sentences. The order counts only for lines that name no program: the first that knows one wins. */
#include "doors/lines_forms.h"

const struct line_service *const line_services[] = {
	&line_sshd,
	&line_pam,
	&line_dropbear,
	&line_cockpit,
	&line_openvpn,
	&line_ocserv,
	&line_strongswan,
	&line_freeradius,
	&line_asa,
	&line_keycloak,
	&line_vaultwarden,
	&line_guacamole,
	&line_xrdp,
	&line_pfsense,
	NULL
};
